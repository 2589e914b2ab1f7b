//! The worlds that are searched, and what is asked of each.

use std::ops::ControlFlow;

use sctp_proto::TransportConfig;
use tiebreak::explore::Outcome;
use tiebreak::net::{Link, Network};
use tiebreak::{Instant, Run, Span, outcome};

use crate::host::Setup;
use crate::invariants::{Rule, rules};
use crate::words::{CLOSED, ESTABLISHED};
use crate::world::{
    BRIEFLY, CALM, Ending, MTU, ONCE, ORDERED, Opening, PLAIN, Plan, STEADY, TWICE, UNORDERED, faulty, uneven,
};

/// A world, and the rules that are asked of it.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What it is called.
    pub name: &'static str,
    /// What happens in it.
    pub plan: Plan,
    /// The rules.
    pub rules: &'static [&'static str],
}

impl Case {
    /// The rules of the case.
    pub fn monitors(&self) -> Vec<Rule> {
        let Plan { ending, partition, setup, .. } = self.plan;
        let state = if ending == Ending::Open { ESTABLISHED } else { CLOSED };
        let from = partition.map_or(Instant::START, |(at, lasts)| at + lasts);
        rules(self.rules, setup.kinds, state, from)
    }

    /// How long a run takes: a moment longer than until the last look at the associations.
    pub fn until(&self) -> Instant {
        self.plan.end + Span::from_secs(1)
    }

    /// One run of a search. What still has to happen in the end does not happen any more.
    pub fn run(&self, run: &mut Run<'_, '_>) -> Outcome {
        let mut simulation = run.simulation(self.plan.network(1), self.monitors());
        simulation.act(Network::begin);
        match simulation.run_until(self.until()) {
            ControlFlow::Continue(()) => outcome(&simulation, None),
            ControlFlow::Break(end) => outcome(&simulation, Some(&end)),
        }
    }
}

/// Applications that never close a stream.
const OPEN: Setup = Setup { closes: false, ..PLAIN };

/// Applications that use one stream each, over and over.
const FEW: Plan = Plan { acts: 10, setup: Setup { kinds: &[ORDERED], ..PLAIN }, ..CALM };

/// Retransmits data three times before it gives up.
fn limited() -> TransportConfig {
    TransportConfig::default().with_max_data_retransmits(Some(3))
}

/// Gives up opening an association after one retransmission, and soon.
fn hasty() -> TransportConfig {
    TransportConfig::default()
        .with_rto_initial_ms(100)
        .with_rto_min_ms(100)
        .with_max_init_retransmits(Some(1))
}

/// All worlds.
pub fn cases() -> Vec<Case> {
    let lossy = Plan { link: faulty(uneven()), ..CALM };
    let few_and_lossy = Plan { link: faulty(uneven()), acts: 16, ..FEW };
    let split = Some((Instant::from_millis(10_300), Span::from_secs(400)));
    let case = |name, rules, plan| Case { name, plan, rules };
    vec![
        // Streams are closed and used again, and only the order of packets of one instant varies.
        case("reuse", &["ended"], FEW),
        // Messages are read some time after they have arrived.
        case(
            "slow-reader",
            &["ended-once"],
            Plan { setup: Setup { pause: Span::from_millis(300), ..FEW.setup }, ..FEW },
        ),
        // The same on a link that loses, duplicates and reorders.
        case("loss", &["reset"], few_and_lossy),
        case("loss-and-an-end", &["reset-ends"], few_and_lossy),
        // A partition begins, and ends long after requests to close streams have been given up.
        case("split", &["reset"], Plan { partition: split, end: Instant::from_secs(900), ..FEW }),
        // An association is opened while packets are duplicated, lost and reordered; streams stay open.
        case("handshake", &["lost"], Plan { opening: Opening::Handshake, setup: OPEN, ..lossy }),
        case("handshake-told", &["told"], Plan { opening: Opening::Handshake, setup: OPEN, ..lossy }),
        // The answer to the last request to open an association comes when the patience with it ends.
        case(
            "hasty",
            &["told"],
            Plan {
                opening: Opening::Handshake,
                link: Link::new(Span::from_millis(100)),
                setup: Setup { transport: hasty, ..OPEN },
                ..CALM
            },
        ),
        // Both sides open an association; their endpoints accept none.
        case("both", &[], Plan { opening: Opening::Both, setup: Setup { accepts: false, ..OPEN }, ..CALM }),
        // One side shuts the association down when both have written.
        case("shut-down", &["stands"], Plan { ending: Ending::One, setup: OPEN, ..CALM }),
        case("shut-down-by-both", &["stands"], Plan { ending: Ending::Both, setup: OPEN, ..CALM }),
        case("shut-down-and-loss", &["complete"], Plan { ending: Ending::One, setup: OPEN, ..lossy }),
        // The path carries packets as long as the machine is configured for, and no longer ones.
        case("narrow", &["complete"], Plan { setup: Setup { path: MTU, burst: 80, ..OPEN }, ..CALM }),
        // The number of retransmissions of data is limited, and a partition lasts longer.
        case(
            "limited",
            &["complete"],
            Plan {
                partition: split,
                end: Instant::from_secs(900),
                setup: Setup { transport: limited, ..OPEN },
                ..CALM
            },
        ),
    ]
}

/// Worlds in which all rules hold.
pub fn sound() -> Vec<Case> {
    let partial = Setup { kinds: &[ONCE, TWICE, BRIEFLY, ORDERED, UNORDERED], ..OPEN };
    let all = &["order", "complete", "lost", "told", "ended", "ended-once", "stands"];
    let case = |name, link, setup| Case { name, plan: Plan { link, setup, ..CALM }, rules: all };
    vec![
        case("partial-and-ties", faulty(STEADY), partial),
        case("partial-and-overtaking", faulty(uneven()), partial),
        case("open-streams", faulty(uneven()), OPEN),
    ]
}
