//! What was found: how the crate is used when it happens, and which invariant it breaks.

use tiebreak::explore::Outcome;
use tiebreak::net::Network;
use tiebreak::{Check, Monitor as _, Run, check, outcome};

use crate::invariants::rules;
use crate::setup::{Care, Setup};
use crate::world::{END, network};

/// A fault of the crate, by the cares without which it shows. All others are taken, so that nothing else fails.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Its name, which FOUND.md has too.
    pub name: &'static str,
    /// How the crate is used.
    pub setup: Setup,
    /// The monitor that fails.
    pub monitor: &'static str,
    /// A part of what it says.
    pub says: &'static str,
    /// How many runs a search needs that is almost certain to find it.
    pub runs: u64,
}

const CAREFUL: Setup = Setup::CAREFUL;
const REUSE: Setup = CAREFUL.without(Care::NewMachine);

/// Everything that was found.
pub const FAULTS: [Fault; 14] = [
    Fault {
        name: "quota-underflow",
        setup: CAREFUL.without(Care::NoQuota).without(Care::AskQuota),
        monitor: "panic",
        says: "panics",
        runs: 300,
    },
    Fault {
        name: "half-a-packet-stays",
        setup: REUSE.without(Care::WholePackets),
        monitor: "objection",
        says: "",
        runs: 300,
    },
    Fault {
        name: "handled-outlives-session",
        setup: CAREFUL.without(Care::ForgetHandled),
        monitor: "delivery",
        says: "never arrives",
        runs: 1_500,
    },
    Fault {
        name: "ping-restarts-its-timer",
        setup: CAREFUL.without(Care::ShortTimeout),
        monitor: "ping",
        says: "not answered in time",
        runs: 300,
    },
    Fault {
        name: "no-ping-after-late-connack",
        setup: CAREFUL.without(Care::PingFirst),
        monitor: "time-out",
        says: "both sides are alive",
        runs: 2_000,
    },
    Fault {
        name: "publish-into-nothing",
        setup: CAREFUL.without(Care::HoldBack),
        monitor: "delivery",
        says: "never arrives",
        runs: 300,
    },
    Fault {
        name: "id-released-twice",
        setup: REUSE.without(Care::HoldBack).without(Care::KeepId),
        monitor: "panic",
        says: "panics",
        runs: 2_000,
    },
    Fault {
        name: "alias-of-refused-publish",
        setup: CAREFUL.without(Care::NoQuota).without(Care::AskQuota).without(Care::NoAlias).steady(),
        monitor: "objection",
        says: "topic of another",
        runs: 300,
    },
    Fault {
        name: "alias-makes-too-large",
        setup: CAREFUL.without(Care::NoLimit).without(Care::NoAlias),
        monitor: "objection",
        says: "objects",
        runs: 300,
    },
    Fault {
        name: "no-aliases-panics",
        setup: CAREFUL.without(Care::NoZero),
        monitor: "panic",
        says: "panics",
        runs: 300,
    },
    Fault {
        name: "keep-alive-of-former-line",
        setup: CAREFUL.without(Care::NewAtBroker),
        monitor: "time-out",
        says: "both sides are alive",
        runs: 300,
    },
    Fault {
        name: "restored-before-connect",
        setup: CAREFUL.without(Care::RestoreLater),
        monitor: "delivery",
        says: "delivered twice",
        runs: 4_000,
    },
    Fault {
        name: "nothing-kept-of-pubrec",
        setup: CAREFUL.without(Care::AutoReply),
        monitor: "delivery",
        says: "never arrives",
        runs: 500,
    },
    Fault {
        name: "pubrel-before-connection",
        setup: REUSE.without(Care::AutoReply),
        monitor: "objection",
        says: "objects",
        runs: 500,
    },
];

/// A search of the orders and draws of the world, used in a way, for what breaks any invariant.
pub fn searched(setup: Setup) -> Check<impl Fn(&mut Run<'_, '_>) -> Outcome> {
    searched_for(setup, "")
}

/// A search for what breaks those invariants whose names begin so.
pub fn searched_for(setup: Setup, monitor: &'static str) -> Check<impl Fn(&mut Run<'_, '_>) -> Outcome> {
    check(move |run| {
        let mut rules = rules(setup);
        rules.retain(|rule| rule.name().starts_with(monitor));
        let mut simulation = run.simulation(network(setup), rules);
        simulation.act(Network::begin);
        let end = simulation.run_until(END).break_value();
        outcome(&simulation, end.as_ref())
    })
}
