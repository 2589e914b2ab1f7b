//! Clusters: how many nodes, how foca is configured, what the links do, and what happens.

use std::num::NonZero;
use std::time::Duration;

use foca::{Config, PeriodicParams};
use tiebreak::kernel::hash_text;
use tiebreak::net::{Link, Network, NodeId};
use tiebreak::{Instant, Ratio, Site, Span, Stream, terms};

use crate::invariants::Promise;
use crate::node::{Care, Command, Habits, Member, Restart};
use crate::wire::Renewal;

terms! { SHAPE = "shape" }

/// How fast foca is set to probe, and which of its extensions are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// `Config::simple()`: a probe every 1.5 s, SWIM without extensions.
    Simple,
    /// `Config::new_lan(..)`: a probe every second, all extensions.
    Lan,
    /// The same as `Lan`, ten times as fast or more, and the dead are forgotten after ten seconds.
    ShortLan,
    /// The same as `Simple`, fifteen times as fast, and the dead are forgotten after ten seconds.
    ShortSimple,
}

/// How long a message takes, in parts of what foca is configured for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latency {
    /// A twentieth of the time that foca waits for an answer.
    Near,
    /// Drawn, so that a round trip takes between a tenth and nine tenths of that time.
    Varied,
    /// A round trip takes just the time after which foca asks others to probe.
    Limit,
    /// A round trip takes just as long as the period of probes.
    Period,
}

/// What happens to a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incident {
    /// A node crashes, and starts again after so many periods, or never.
    Crash(u16, Option<u64>),
    /// The nodes below this address are cut off from the others for so many periods.
    Split(u16, u64),
    /// A node is told something by its user.
    Order(u16, Command),
}

/// A cluster and what happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    pub nodes: u16,
    pub pace: Pace,
    pub renewal: Renewal,
    pub restart: Restart,
    pub care: Care,
    pub latency: Latency,
    /// In percent.
    pub loss: u32,
    pub duplication: u32,
    /// With the period of probes in which it happens.
    pub incidents: Vec<(u64, Incident)>,
    /// How many periods of probes pass after the last incident.
    pub calm: u64,
}

impl Shape {
    /// Draws a cluster: anything that a user may configure, and anything that may happen.
    #[must_use]
    pub fn drawn(seed: u64) -> Self {
        let mut stream = Stream::open(seed, Site::new(hash_text("foca"), SHAPE));
        let mut draw = |most: u64| stream.number(0, most - 1);
        let nodes = 2 + u16::try_from(draw(7)).unwrap_or(0);
        let pace = [Pace::ShortLan, Pace::Lan, Pace::ShortSimple, Pace::Simple][pick(draw(4))];
        let renewal = [Renewal::Automatic, Renewal::Automatic, Renewal::Never][pick(draw(3))];
        let restart = [Restart::Anew, Restart::Same][pick(draw(2))];
        let care = [Care::UntilMember, Care::WheneverAlone][pick(draw(2))];
        let latency = [Latency::Near, Latency::Varied, Latency::Limit, Latency::Period][pick(draw(4))];
        let (loss, duplication) = ([0, 0, 2, 10][pick(draw(4))], [0, 0, 5][pick(draw(3))]);
        let mut incidents = Vec::new();
        let mut at = 20;
        for _ in 0..draw(5) {
            at += draw(20);
            let node = u16::try_from(draw(nodes.into())).unwrap_or(0);
            let span = 1 + draw(40);
            let order = |command| Incident::Order(node, command);
            match draw(9) {
                0 => incidents.push((at, Incident::Crash(node, None))),
                1 | 2 => incidents.push((at, Incident::Crash(node, Some(span)))),
                3 => incidents.push((at, Incident::Split(1 + node.min(nodes - 2), span))),
                4 => incidents.push((at, order(Command::ChangeIdentity))),
                5 => incidents.push((at, order(Command::Tell))),
                6 => incidents.push((at, order(Command::Configure { packet: 1000, transmissions: 5 }))),
                7 => incidents.push((at, order(Command::Leave))),
                _ => {
                    incidents.push((at, order(Command::Leave)));
                    let (after, how) = match pace {
                        Pace::ShortLan | Pace::ShortSimple => (150, [Restart::Anew, Restart::Same][pick(draw(2))]),
                        Pace::Simple | Pace::Lan => (30, Restart::Anew),
                    };
                    incidents.push((at + after, order(Command::Return(how))));
                }
            }
        }
        let calm = if pace == Pace::Lan { 600 } else { 400 };
        Self { nodes, pace, renewal, restart, care, latency, loss, duplication, incidents, calm }
    }

    /// Returns how foca is configured.
    #[must_use]
    pub fn config(&self) -> Config {
        let lan = Config::new_lan(NonZero::<u32>::from(NonZero::<u16>::MIN).saturating_add(u32::from(self.nodes) - 1));
        let often = |millis, params: Option<PeriodicParams>| {
            params.map(|params| PeriodicParams { frequency: Duration::from_millis(millis), ..params })
        };
        match self.pace {
            Pace::Simple => Config::simple(),
            Pace::Lan => lan,
            Pace::ShortLan => Config {
                periodic_gossip: often(50, lan.periodic_gossip.clone()),
                periodic_announce: often(1_000, lan.periodic_announce.clone()),
                periodic_announce_to_down_members: often(2_000, lan.periodic_announce_to_down_members.clone()),
                ..short(lan)
            },
            Pace::ShortSimple => short(Config::simple()),
        }
    }

    /// Returns how long so many periods of probes are.
    #[must_use]
    pub fn periods(&self, count: u64) -> Span {
        Span::from(self.config().probe_period) * count
    }

    fn link(&self) -> Link {
        let config = self.config();
        let (wait, period) = (Span::from(config.probe_rtt), Span::from(config.probe_period));
        let link = match self.latency {
            Latency::Near => Link::new(wait / 20),
            Latency::Varied => Link::new(wait / 20).latency(wait / 20..=wait * 9 / 20),
            Latency::Limit => Link::new(wait / 2),
            Latency::Period => Link::new(period / 2),
        };
        link.loss(Ratio::percent(self.loss)).duplication(Ratio::percent(self.duplication))
    }

    /// Returns what has to hold of it.
    #[must_use]
    pub fn promise(&self) -> Promise {
        let is_timely = matches!(self.latency, Latency::Near | Latency::Varied);
        let is_harm = |(_, incident): &(u64, Incident)| !matches!(incident, Incident::Order(..));
        let is_calm = is_timely && self.loss == 0 && !self.incidents.iter().any(is_harm);
        // foca promises to recover from partitions only with its extensions and with identities that are renewed.
        let recovers = is_timely && matches!(self.pace, Pace::Lan | Pace::ShortLan) && self.renewal == Renewal::Automatic;
        Promise { is_calm, converges: is_calm || recovers, grace: self.periods(60) }
    }

    /// Returns when the run is over.
    #[must_use]
    pub fn end(&self) -> Instant {
        let last = self.incidents.iter().map(|(at, incident)| at + incident.lasts()).max();
        Instant::START + self.periods(last.unwrap_or(20) + self.calm)
    }

    /// Makes the network: the cluster, and so many others of the same shape that have nothing to do with it.
    #[must_use]
    pub fn network(&self, others: usize) -> Network<Member> {
        let mut network = Network::new(self.link());
        for cluster in 0..=others {
            self.add(cluster, &mut network);
        }
        network
    }

    fn add(&self, cluster: usize, network: &mut Network<Member>) {
        let prefix = if cluster == 0 { String::new() } else { format!("other{cluster}-") };
        let names: Vec<String> = ('a'..='z').take(self.nodes.into()).map(|letter| format!("{prefix}{letter}")).collect();
        let habits = Habits {
            config: self.config(),
            renewal: self.renewal,
            restart: self.restart,
            care: self.care,
            names: names.clone(),
            patience: self.periods(20),
        };
        let member = |(address, name): (u16, &String)| network.add(name.clone(), Member::new(address, habits.clone()));
        let ids: Vec<NodeId> = (0..).zip(&names).map(member).collect();
        for (number, (at, incident)) in self.incidents.iter().enumerate() {
            let at = Instant::START + self.periods(*at);
            match *incident {
                Incident::Crash(node, down) => {
                    network.crash(at, ids[usize::from(node)], down.map_or(Span::MAX, |down| self.periods(down)));
                }
                Incident::Split(below, lasts) => {
                    let sides = ids.split_at(below.into());
                    network.partition(format!("{prefix}split{number}"), (at, self.periods(lasts)), [sides.0, sides.1]);
                }
                Incident::Order(node, command) => network.command(at, ids[usize::from(node)], command),
            }
        }
        for before in [40, 20, 0].into_iter().filter(|before| *before < self.calm) {
            let at = Instant::from_nanos((self.end().as_nanos()).saturating_sub(self.periods(before).as_nanos()));
            ids.iter().for_each(|id| network.command(at, *id, Command::Audit));
        }
    }
}

impl Incident {
    /// For how many periods it goes on.
    const fn lasts(self) -> u64 {
        match self {
            Self::Crash(_, Some(span)) | Self::Split(_, span) => span,
            Self::Crash(_, None) | Self::Order(..) => 0,
        }
    }
}

/// The same configuration with short periods.
fn short(config: Config) -> Config {
    Config {
        probe_period: Duration::from_millis(100),
        probe_rtt: Duration::from_millis(40),
        suspect_to_down_after: Duration::from_millis(300),
        remove_down_after: Some(Duration::from_secs(10)),
        ..config
    }
}

/// A drawn number as a place in a list.
fn pick(drawn: u64) -> usize {
    usize::try_from(drawn).unwrap_or(0)
}
