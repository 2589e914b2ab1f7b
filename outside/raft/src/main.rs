//! Runs all that is shown of raft, and prints it: `-- RUNS` limits each campaign, `-- trace SETUP SEED` prints one run.

use std::env;

use tiebreak::explore::{Campaign, Directory, Plan, Tactic};
use tiebreak::net::Network;
use tiebreak::{Simulation, Traced};
use tiebreak_outside_raft::faults::{FAULTS, Fault};
use tiebreak_outside_raft::search;
use tiebreak_outside_raft::setups::{self, ALL, PLAIN, Setup};
use tiebreak_outside_shown::{Drive, disturbed, rows, share_of_machine, unrepeated, write_rows};

/// Seeds of the sweep.
const SEEDS: u64 = 2_000;
const CAMPAIGNS: u64 = 2;
const RUNS_MAX: u64 = 1_000;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => show(RUNS_MAX),
        ["trace", name, seed] => trace(setup(name), seed.parse().expect("a seed is a number")),
        ["survey", name, runs] => survey(setup(name), runs.parse().expect("a number of runs")),
        [runs] => show(runs.parse().expect("a number of runs")),
        _ => println!("usage: [RUNS | trace SETUP SEED | survey SETUP RUNS]"),
    }
}

fn setup(name: &str) -> Setup {
    ALL.into_iter().find(|setup| setup.name == name).expect("no setup has this name")
}

/// Everything.
fn show(runs_max: u64) {
    let alone = Drive { network: || setups::network(PLAIN), until: PLAIN.end() };
    let together = Drive { network: two_groups, until: PLAIN.end() };
    println!("seeds of {SEEDS} whose two runs differ: {}", unrepeated(SEEDS, &alone).len());
    println!("actors that an unrelated group disturbs: {}", disturbed(SEEDS / 10, &alone, &together).len());
    println!("{}", share_of_machine(|| (0..SEEDS / 10).for_each(|seed| drop(alone.fingerprint(seed)))));
    for fault in FAULTS {
        tell(&fault, runs_max);
    }
}

fn two_groups() -> Network<tiebreak_outside_raft::replica::Replica> {
    let mut network: Network<_> = setups::network(PLAIN);
    setups::add(&mut network, "b", PLAIN);
    network
}

/// How soon each strategy finds a fault.
fn tell(fault: &Fault, runs_max: u64) {
    let mut table = String::new();
    let rows = rows(&search(fault.setup), fault.monitor, CAMPAIGNS, runs_max);
    write_rows(fault.monitor, &rows, &mut table).expect("a string takes everything");
    print!("\n{} in {}\n{table}", fault.name, fault.setup.name);
}

/// What seeds find in one setup, and how often.
fn survey(setup: Setup, runs: u64) {
    let program = search(setup);
    let mut directory = Directory::default();
    let plan = Plan { tactics: vec![Tactic::Clocks], ..Plan::new(1, runs) };
    let mut campaign = Campaign::new(&program, plan, &mut directory);
    campaign.run(&program, &mut directory);
    println!("{}: {} runs", setup.name, campaign.runs());
    for (symptom, found) in campaign.found() {
        let (monitor, who) = (&symptom.monitor, found.first.job.who());
        println!("  {} of them: {monitor}: {} ({who})", found.runs, found.failure.message);
    }
}

fn trace(setup: Setup, seed: u64) {
    let mut simulation = Simulation::traced(setups::network(setup), seed);
    simulation.act(Network::begin);
    let _ = simulation.run_until(setup.end());
    println!("{}", simulation.recorder().trace());
}
