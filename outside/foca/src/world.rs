//! Clusters: how many nodes, how foca is configured, what the links do, and what happens.

use foca::Config;
use tiebreak::kernel::hash_text;
use tiebreak::net::{Link, Network, NodeId};
use tiebreak::{Instant, Ratio, Site, Span, Stream, terms};

use crate::invariants::Promise;
use crate::node::{Care, Command, Habits, Member, Restart};
use crate::pace::Pace;
use crate::wire::Renewal;

terms! { SHAPE = "shape" }

/// How long a message takes, in parts of what foca is configured for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latency {
    /// A twentieth of the time that foca waits for an answer.
    Near,
    /// Drawn in steps, so that a round trip takes between a tenth and nine tenths of that time.
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
    /// In percent, until 60 periods after the last incident.
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
                        Pace::ShortLan | Pace::ShortSimple => {
                            (150, [Restart::Anew, Restart::Same][pick(draw(2))])
                        }
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
        self.pace.config(self.nodes)
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
            Latency::Varied => Link::new(wait / 20).latency(wait / 20..=wait * 9 / 20).in_steps_of(wait / 20),
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
        let recovers = is_timely
            && matches!(self.pace, Pace::Lan | Pace::ShortLan)
            && self.renewal == Renewal::Automatic;
        Promise { is_calm, converges: is_calm || recovers, grace: self.periods(60) }
    }

    /// The period in which the last incident is over.
    fn last(&self) -> u64 {
        self.incidents.iter().map(|(at, incident)| at + incident.lasts()).max().unwrap_or(20)
    }

    /// Returns when the run is over.
    #[must_use]
    pub fn end(&self) -> Instant {
        Instant::START + self.periods(self.last() + self.calm)
    }

    /// Makes the network: the cluster, and so many others of the same shape that have nothing to do with it.
    #[must_use]
    pub fn network(&self, others: usize) -> Network<Member> {
        let mut network = Network::new(self.link());
        for cluster in 0..=others {
            self.add(cluster, &mut network);
        }
        network.calm(Instant::START + self.periods(self.last() + 60));
        network
    }

    fn add(&self, cluster: usize, network: &mut Network<Member>) {
        let prefix = if cluster == 0 { String::new() } else { format!("other{cluster}-") };
        let names: Vec<String> =
            ('a'..='z').take(self.nodes.into()).map(|letter| format!("{prefix}{letter}")).collect();
        let habits = Habits {
            config: self.config(),
            renewal: self.renewal,
            restart: self.restart,
            care: self.care,
            names: names.clone(),
            patience: self.periods(20),
        };
        let member =
            |(address, name): (u16, &String)| network.add(name.clone(), Member::new(address, habits.clone()));
        let ids: Vec<NodeId> = (0..).zip(&names).map(member).collect();
        for (number, (at, incident)) in self.incidents.iter().enumerate() {
            let at = Instant::START + self.periods(*at);
            match *incident {
                Incident::Crash(node, down) => {
                    network.crash(
                        at,
                        ids[usize::from(node)],
                        down.map_or(Span::MAX, |down| self.periods(down)),
                    );
                }
                Incident::Split(below, lasts) => {
                    let sides = ids.split_at(below.into());
                    network.partition(
                        at,
                        format!("{prefix}split{number}"),
                        [sides.0, sides.1],
                        self.periods(lasts),
                    );
                }
                Incident::Order(node, command) => network.command(at, ids[usize::from(node)], command),
            }
        }
        for before in [40, 20, 0].into_iter().filter(|before| *before < self.calm) {
            let at =
                Instant::from_nanos((self.end().as_nanos()).saturating_sub(self.periods(before).as_nanos()));
            for id in &ids {
                network.command(at, *id, Command::Audit);
            }
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

/// A drawn number as a place in a list.
fn pick(drawn: u64) -> usize {
    usize::try_from(drawn).unwrap_or(0)
}
