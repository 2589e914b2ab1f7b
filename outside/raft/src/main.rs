//! Runs all that is shown of raft, and prints it. `-- RUNS` limits each campaign, `-- trace SETUP SEED` prints one run,
//! `-- survey SETUP RUNS` says what seeds find, and `-- keep RUNS` keeps the first seed that finds each fault.

use std::fs;
use std::path::Path;

use tiebreak::explore::{Campaign, Directory, Plan, Tactic};
use tiebreak::net::Network;
use tiebreak::{Simulation, Traced};
use tiebreak_outside_raft::faults::{FAULTS, Fault};
use tiebreak_outside_raft::replica::Replica;
use tiebreak_outside_raft::search;
use tiebreak_outside_raft::setups::{self, ALL, PLAIN, Setup};
use tiebreak_outside_shown::{
    Drive, arguments, disturbed, part_of, rows, share_of_machine, sweep, unrepeated, write_rows,
};

/// Seeds of the sweep.
const SEEDS: u64 = 2_000;
const CAMPAIGNS: u64 = 2;
const RUNS_MAX: u64 = 1_000;

fn main() {
    let arguments = arguments();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => show(part_of(RUNS_MAX)),
        ["sweep", name] => sweep(&search(setup(name))),
        ["trace", name, seed] => trace(setup(name), seed.parse().expect("a seed is a number")),
        ["keep", runs] => {
            let runs = runs.parse().expect("a number of runs");
            for fault in FAULTS {
                keep(&fault, runs);
            }
        }
        ["survey", name, runs] => survey(setup(name), runs.parse().expect("a number of runs")),
        [runs] => show(runs.parse().expect("a number of runs")),
        _ => println!("usage: [RUNS | trace SETUP SEED | survey SETUP RUNS | keep RUNS | sweep SETUP]"),
    }
}

fn setup(name: &str) -> Setup {
    ALL.into_iter().find(|setup| setup.name == name).expect("no setup has this name")
}

/// Everything.
fn show(runs_max: u64) {
    let seeds = part_of(SEEDS);
    let alone = Drive { network: || setups::network(PLAIN), until: PLAIN.end() };
    let together = Drive { network: two_groups, until: PLAIN.end() };
    println!("seeds of {seeds} whose two runs differ: {}", unrepeated(seeds, &alone).len());
    println!(
        "actors that an unrelated group disturbs: {}",
        disturbed(seeds.div_ceil(10), &alone, &together).len()
    );
    println!(
        "{}",
        share_of_machine(|| (0..seeds.div_ceil(10)).for_each(|seed| drop(alone.fingerprint(seed))))
    );
    for fault in FAULTS {
        tell(&fault, runs_max);
    }
}

fn two_groups() -> Network<Replica> {
    let mut network = setups::network(PLAIN);
    setups::add(&mut network, "b", PLAIN);
    network
}

/// How soon each strategy finds a fault.
fn tell(fault: &Fault, runs_max: u64) {
    let mut table = String::new();
    let rows = rows(&search(fault.setup), fault.monitor, part_of(CAMPAIGNS), runs_max);
    write_rows(fault.monitor, &rows, &mut table).expect("a string takes everything");
    print!("\n{} in {}\n{table}", fault.name, fault.setup.name);
}

/// The search of one setup by seeds.
fn by_seeds(setup: Setup, runs: u64, mut see: impl FnMut(&Campaign)) {
    let program = search(setup);
    let mut directory = Directory::default();
    let plan = Plan { tactics: vec![Tactic::Clocks], ..Plan::new(1, runs) };
    let mut campaign = Campaign::new(&program, plan, &mut directory);
    campaign.run(&program, &mut directory);
    see(&campaign);
}

/// Keeps the first seed that finds a fault. What a run of a thousand events needs is too much to be found out by leaving out.
fn keep(fault: &Fault, runs: u64) {
    by_seeds(fault.setup, runs, |campaign| {
        let found = campaign.found().iter().filter(|(symptom, _)| symptom.monitor == fault.monitor);
        let Some((symptom, found)) = found.min_by_key(|(_, found)| found.first.job.number) else {
            return println!("{}: not found in {runs} runs", fault.name);
        };
        let (symptom, job) = (symptom.lasting(), &found.first.job);
        let text = format!(
            "Regression(\n    format: 1,\n    about: {:?},\n    expect: Fails(monitor: {:?}, event: {:?}),\n    \
             found: Found(strategy: \"clocks\", seed: {}, run: {}, runs: {runs}),\n)\n",
            found.failure.message,
            symptom.monitor,
            symptom.event,
            job.seed,
            job.number + 1,
        );
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions").join(fault.name);
        fs::create_dir_all(&folder).expect("a folder can be made");
        fs::write(folder.join(format!("seed-{}.ron", job.seed)), text).expect("a file can be written");
        println!("{}: {} runs of {runs}, first {}", fault.name, found.runs, job.seed);
    });
}

/// What seeds find in one setup, and how often.
fn survey(setup: Setup, runs: u64) {
    by_seeds(setup, runs, |campaign| {
        println!("{}: {} runs", setup.name, campaign.runs());
        for (symptom, found) in campaign.found() {
            println!("  {} of them: {}: {}", found.runs, symptom.monitor, found.failure.message);
        }
    });
}

fn trace(setup: Setup, seed: u64) {
    let mut simulation = Simulation::traced(setups::network(setup), seed);
    simulation.act(Network::begin);
    let _ = simulation.run_until(setup.end());
    println!("{}", simulation.recorder().trace());
}
