//! The worlds: pairs of hosts, what happens to them from outside, and the links between them.

use bytes::Bytes;
use sctp_proto::{ReliabilityType, TransportConfig, generate_snap_token};
use tiebreak::net::{Link, Network, NodeId};
use tiebreak::{Instant, Ratio, Span};

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

/// What happens in a world.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How the association comes about.
    pub opening: Opening,
    /// The link, in both directions.
    pub link: Link,
    /// How many things each side does with streams, one each 50 milliseconds.
    pub acts: u64,
    /// When a partition begins, and how long it lasts. A minute after it both sides do as much again.
    pub partition: Option<(Instant, Span)>,
    /// When one side crashes, to come back and to open another association.
    pub crash: Option<Instant>,
    /// Who ends it.
    pub ending: Ending,
    /// When all that has to happen must have happened.
    pub end: Instant,
    /// The hosts.
    pub setup: Setup,
}

/// Latency that never varies: the packets of one burst arrive together, and only the order of events mixes them.
pub const STEADY: Link = Link::new(Span::from_millis(25));
/// The longest packet that the machine is meant to send, as it comes.
pub const MTU: usize = 1228;

/// A link on which packets overtake each other; in steps, so that they also meet.
pub fn uneven() -> Link {
    STEADY.latency(Span::from_millis(5)..=Span::from_millis(100)).in_steps_of(Span::from_millis(5))
}

/// The same link, losing packets and delivering packets twice.
#[must_use]
pub const fn faulty(link: Link) -> Link {
    link.loss(Ratio::percent(8)).duplication(Ratio::percent(4))
}

/// Hosts as the machine comes, whose applications read at once.
pub const PLAIN: Setup = Setup {
    transport: TransportConfig::default,
    accepts: true,
    path: 1 << 16,
    pause: Span::ZERO,
    burst: 5,
    closes: true,
    kinds: &[ORDERED, UNORDERED, ORDERED],
};

/// An association that is there from the beginning, on a link without faults.
pub const CALM: Plan = Plan {
    opening: Opening::Tokens,
    link: STEADY,
    acts: 16,
    partition: None,
    crash: None,
    ending: Ending::Open,
    end: Instant::from_secs(150),
    setup: PLAIN,
};

impl Plan {
    /// A network with one pair of hosts, or two that have nothing to do with each other.
    pub fn network(&self, pairs: usize) -> Network<Host> {
        let mut network = Network::new(self.link);
        for names in [["a", "b"], ["c", "d"]].into_iter().take(pairs) {
            self.add(names, &mut network);
        }
        network
    }

    fn add(&self, names: [&'static str; 2], network: &mut Network<Host>) {
        let sides = names.map(|name| network.add(name, Host::new(self.setup)));
        let [one, other] = sides;
        self.open(sides, network);
        let mut now = self.act(Instant::from_secs(10), sides, network);
        if let Some((at, lasts)) = self.partition {
            network.partition(at, names.concat(), [&[one], &[other]], lasts);
            now = self.act(at + lasts + Span::from_secs(60), sides, network);
        }
        if let Some(at) = self.crash {
            network.crash(at, one, Span::from_secs(1));
            network.command(at + Span::from_secs(2), one, Command::Connect(other, None));
        }
        let enders = match self.ending {
            Ending::Open => &[],
            Ending::One => &sides[..1],
            Ending::Both => &sides[..],
        };
        for side in enders {
            network.command(now, *side, Command::ShutDown);
        }
        for side in sides {
            network.command(self.end, side, Command::Audit);
        }
    }

    fn open(&self, [one, other]: [NodeId; 2], network: &mut Network<Host>) {
        let at = Instant::from_secs(1);
        let tokens = (self.opening == Opening::Tokens).then(|| [(); 2].map(|()| self.token()));
        let others = tokens.clone().map(|[ours, theirs]| [theirs, ours]);
        network.command(at, one, Command::Connect(other, tokens));
        if self.opening != Opening::Handshake {
            network.command(at, other, Command::Connect(one, others));
        }
    }

    fn token(&self) -> Bytes {
        generate_snap_token(&(self.setup.transport)()).expect("a configuration makes a token")
    }

    /// Lets both sides do things from an instant on; returns when they have done all of them.
    fn act(&self, from: Instant, sides: [NodeId; 2], network: &mut Network<Host>) -> Instant {
        for time in 0..self.acts {
            let at = from + Span::from_millis(50 * time);
            for side in sides {
                network.command(at, side, Command::Act);
            }
        }
        from + Span::from_millis(50 * self.acts)
    }
}
