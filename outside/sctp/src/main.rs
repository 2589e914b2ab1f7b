//! Runs everything and prints it: `cargo run --release`.
//!
//! With a name it searches that world alone and tells what it finds. After the name, `keep 100` keeps what it finds in a hundred
//! runs, `repeat` runs each seed twice, `sweep` makes the runs that `overhead.sh` measures, and a seed prints that run.

use std::error::Error;
use std::path::Path;

use tiebreak::explore::Outcome;
use tiebreak::net::Network;
use tiebreak::{Check, Run, Simulation, Traced, check};
use tiebreak_outside_sctp::cases::{Case, cases, sound};
use tiebreak_outside_sctp::host::Host;
use tiebreak_outside_shown::{
    Drive, arguments, disturbed, part_of, rows, share_of_machine, sweep, unrepeated, write_rows,
};

const SEEDS: u64 = 2_000;
const CAMPAIGNS: u64 = 5;
const RUNS: u64 = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = arguments();
    let known: Vec<Case> = cases().into_iter().chain(sound()).collect();
    match arguments.as_slice() {
        [] => all(),
        [name, rest @ ..] => {
            let case = known.iter().find(|case| case.name == *name).ok_or("there is no such world")?;
            match rest {
                [] => search(&check(|run| case.run(run)).runs(RUNS)),
                [word, runs] if word == "keep" => {
                    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions").join(case.name);
                    search(&check(|run| case.run(run)).runs(runs.parse()?).regressions(folder));
                }
                [word] if word == "repeat" => repeat(case),
                [word] if word == "sweep" => sweep(&check(|run| case.run(run))),
                [seed, ..] => print(case, seed.parse()?),
            }
            Ok(())
        }
    }
}

fn all() -> Result<(), Box<dyn Error>> {
    for case in cases().iter().filter(|case| ["loss", "handshake"].contains(&case.name)).chain(&sound()) {
        repeat(case);
    }
    for case in cases() {
        let monitor = case.rules.first().unwrap_or(&"panic at");
        let program = |run: &mut Run<'_, '_>| case.run(run);
        let mut table = String::new();
        write_rows(
            &format!("{} in {}", monitor, case.name),
            &rows(&check(program), monitor, part_of(CAMPAIGNS), part_of(RUNS)),
            &mut table,
        )?;
        print!("{table}");
    }
    Ok(())
}

fn drive(case: &Case, pairs: usize) -> Drive<impl Fn() -> Network<Host>> {
    let plan = case.plan;
    Drive { network: move || plan.network(pairs), until: case.until() }
}

/// Same seed, same run; another pair changes nothing; what part of the time is the framework's.
fn repeat(case: &Case) {
    let [alone, together] = [1, 2].map(|pairs| drive(case, pairs));
    let seeds = part_of(SEEDS);
    let differ = unrepeated(seeds, &alone);
    println!("{}: {seeds} seeds twice, {} differ {differ:?}", case.name, differ.len());
    let moved = disturbed(seeds, &alone, &together);
    println!("{}: {seeds} seeds with another pair, {} change {moved:?}", case.name, moved.len());
    println!(
        "{}: {}",
        case.name,
        share_of_machine(|| (0..part_of(200)).for_each(|seed| _ = alone.fingerprint(seed)))
    );
}

fn search(check: &Check<impl Fn(&mut Run<'_, '_>) -> Outcome>) {
    match check.search() {
        Ok(()) => println!("nothing is found"),
        Err(report) => println!("{report}"),
    }
}

fn print(case: &Case, seed: u64) {
    let mut simulation = Simulation::traced(case.plan.network(1), seed);
    simulation.act(Network::begin);
    let _ = simulation.run_until(case.until());
    println!("{}", simulation.recorder().trace());
}
