//! The trace of a case under a seed: `cargo run --release --example trace -- CASE SEED`.

use tiebreak::net::Network;
use tiebreak::{Simulation, Traced as _};
use tiebreak_outside_foca::cases;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, seed] = &arguments[..] else { panic!("a case and a seed") };
    let case = cases().into_iter().find(|case| case.name == name).expect("the name of a case");
    let seed = seed.parse().expect("a whole number");
    let mut simulation = Simulation::traced(case.shape.network(0), seed);
    simulation.act(Network::begin);
    let _ = simulation.run_until(case.shape.end());
    println!("{}", simulation.recorder().trace());
}
