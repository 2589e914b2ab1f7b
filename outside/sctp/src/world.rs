//! The worlds: pairs of hosts, what happens to them from outside, and the links between them.

use bytes::Bytes;
use sctp_proto::{ReliabilityType, TransportConfig, generate_snap_token};
use tiebreak::net::{Link, Network, NodeId};
use tiebreak::{Instant, Ratio, Span};

use crate::ambient;
use crate::host::{Command, Host, Setup};
use crate::talk::Kind;

/// Reliable and in order.
pub const ORDERED: Kind = Kind { is_ordered: true, effort: ReliabilityType::Reliable, value: 0 };
/// Reliable, in any order.
pub const UNORDERED: Kind = Kind { is_ordered: false, ..ORDERED };
/// What is lost is not sent again.
pub const ONCE: Kind = Kind { effort: ReliabilityType::Rexmit, ..ORDERED };
/// What is lost is sent again once, in any order.
pub const TWICE: Kind = Kind { is_ordered: false, effort: ReliabilityType::Rexmit, value: 1 };
/// What is not there after a while is given up.
pub const BRIEFLY: Kind = Kind { effort: ReliabilityType::Timed, value: 300, ..ORDERED };

/// How an association comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Both sides have exchanged their tokens beforehand.
    Tokens,
    /// One side opens it.
    Handshake,
    /// Both sides do at once; neither takes what the other opens.
    Both,
}

/// Who ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// No one.
    Open,
    /// One side shuts it down.
    One,
    /// Both do at the same instant.
    Both,
}

/// A world.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How the association comes about.
    pub opening: Opening,
    /// The link, in both directions.
    pub link: Link,
    /// How many things each side does with streams, one each 50 milliseconds.
    pub acts: u64,
    /// When a partition begins, and how long it lasts.
    pub partition: Option<(Instant, Span)>,
    /// How many things each side does after the partition.
    pub later: u64,
    /// When one side crashes and comes back to open another association.
    pub crash: Option<Instant>,
    /// Who ends it.
    pub ending: Ending,
    /// The hosts.
    pub setup: Setup,
}

/// Latency that never varies: packets of one burst arrive together, so that it is the order of events that reorders them.
pub const STEADY: Link = Link::new(Span::from_millis(25));
/// When what has to happen must have happened.
pub const END: Instant = Instant::from_secs(3600);
/// The longest packet of the machine as it comes.
const MTU: usize = 1228;

/// A link on which packets overtake each other by time.
pub fn uneven() -> Link {
    STEADY.latency(Span::from_millis(5)..=Span::from_millis(100))
}

/// Hosts as the machine comes.
pub const PLAIN: Setup = Setup {
    transport: TransportConfig::default,
    accepts: true,
    path: 1 << 16,
    pause: Span::ZERO,
    kinds: &[ORDERED, UNORDERED, ORDERED],
};

/// Streams on an association that is there from the beginning, on a link without faults.
pub const CALM: Plan = Plan {
    opening: Opening::Tokens,
    link: STEADY,
    acts: 60,
    partition: None,
    later: 0,
    crash: None,
    ending: Ending::Open,
    setup: PLAIN,
};

impl Plan {
    /// The same with this link.
    #[must_use]
    pub const fn on(self, link: Link) -> Self {
        Self { link, ..self }
    }

    /// A network with one pair of hosts, or two that have nothing to do with each other.
    pub fn network(&self, pairs: usize) -> Network<Host> {
        let mut network = Network::new(self.link);
        for names in [["a", "b"], ["c", "d"]].into_iter().take(pairs) {
            self.add(names, &mut network);
        }
        network
    }

    fn add(&self, names: [&'static str; 2], network: &mut Network<Host>) {
        let accepts = [self.opening == Opening::Handshake && self.crash.is_none(), self.setup.accepts];
        let [one, other] = [0, 1].map(|side| {
            let setup = Setup { accepts: accepts[side], ..self.setup };
            network.add(names[side], Host::new(setup))
        });
        self.open([one, other], network);
        let sides = [one, other];
        let mut act = |from: Instant, times: u64| {
            for time in 0..times {
                let at = from + Span::from_millis(50 * time);
                sides.iter().for_each(|side| network.command(at, *side, Command::Act));
            }
            from + Span::from_millis(50 * times)
        };
        let mut now = act(Instant::from_secs(10), self.acts);
        if let Some((at, lasts)) = self.partition {
            now = act(at + lasts + Span::from_secs(120), self.later);
            network.partition(names.concat(), (at, lasts), [&[one], &[other]]);
        }
        if let Some(at) = self.crash {
            network.crash(at, one, Span::from_secs(1));
            network.command(at + Span::from_secs(2), one, Command::Connect(other, None));
        }
        match self.ending {
            Ending::Open => {}
            Ending::One => network.command(now, one, Command::ShutDown),
            Ending::Both => sides.iter().for_each(|side| network.command(now, *side, Command::ShutDown)),
        }
        sides.iter().for_each(|side| network.command(END, *side, Command::Audit));
    }

    fn open(&self, [one, other]: [NodeId; 2], network: &mut Network<Host>) {
        let at = Instant::from_secs(1);
        match self.opening {
            Opening::Handshake => network.command(at, one, Command::Connect(other, None)),
            Opening::Both => {
                network.command(at, one, Command::Connect(other, None));
                network.command(at, other, Command::Connect(one, None));
            }
            Opening::Tokens => {
                ambient::begin(1);
                let token = || -> Bytes {
                    generate_snap_token(&(self.setup.transport)()).expect("a configuration makes a token")
                };
                let [ours, theirs] = [token(), token()];
                network.command(at, one, Command::Connect(other, Some([ours.clone(), theirs.clone()])));
                network.command(at, other, Command::Connect(one, Some([theirs, ours])));
            }
        }
    }
}

/// Links that lose, and deliver twice.
pub const fn faulty(link: Link) -> Link {
    link.loss(Ratio::percent(8)).duplication(Ratio::percent(4))
}

/// Hosts on a network that carries packets as long as the machine is configured for, and no longer ones.
pub const NARROW: Setup = Setup { path: MTU, ..PLAIN };
