//! raft 0.7.0 as a group of nodes on a network under Tiebreak: see FOUND.md for what is wrong with it.

pub mod clients;
pub mod disk;
pub mod faults;
pub mod invariants;
mod machine;
pub mod replica;
pub mod setups;
pub mod world;

use tiebreak::explore::Outcome;
use tiebreak::net::Network;
use tiebreak::{Check, Run, check, outcome};

use invariants::Invariants;
use replica::Replica;
use setups::{Setup, network};

/// The search in one setup.
pub fn search(setup: Setup) -> Check<impl Fn(&mut Run<'_, '_>) -> Outcome> {
    search_and(setup, |_| {})
}

/// The same, and shows what has become of the network at the end of each run.
pub fn search_and(
    setup: Setup,
    show: impl Fn(&Network<Replica>),
) -> Check<impl Fn(&mut Run<'_, '_>) -> Outcome> {
    check(move |run| {
        let mut simulation = run.simulation(network(setup), Invariants::default());
        simulation.act(Network::begin);
        let end = simulation.run_until(setup.end()).break_value();
        show(simulation.world());
        outcome(&simulation, end.as_ref())
    })
}
