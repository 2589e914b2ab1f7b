//! What searches have found in the lease server, run again on the fixed one: each file is a test.

#[path = "../examples/lease_server/world.rs"]
mod world;

use tiebreak::outcome;

use world::{Honest, Server, run};

fn main() {
    tiebreak::regressions::main("tests/regressions/lease-server", |orders| {
        outcome(&run(orders.simulation(Server::fixed(), [Honest::default()])), None)
    });
}
