//! Runs all that is shown of smoltcp, and prints it; with `--quick` a little of it. `-- trace NAME SEED` prints one run of the scene of a fault.

use std::collections::BTreeMap;

use tiebreak::explore::Outcome;
use tiebreak::net::Network;
use tiebreak::{Check, Run, Settings, Simulation, Traced, Verdict, Watch, check, outcome};
use tiebreak_outside_shown::{
    Drive, arguments, disturbed, part_of, rows, share_of_machine, sweep, unrepeated, write_rows,
};
use tiebreak_outside_smoltcp::faults::{FAULTS, Fault};
use tiebreak_outside_smoltcp::invariants::{Rule, rules};
use tiebreak_outside_smoltcp::layout::{NAMES, OTHER_NAMES, network};
use tiebreak_outside_smoltcp::scene::{Scene, until};
use tiebreak_outside_smoltcp::shortest::shortest;

/// Seeds of the sweep.
const SEEDS: u64 = 2_000;
/// Seeds among which the shortest failing run is looked for.
const SEEDS_OF_SHORTEST: u64 = 20_000;
const CAMPAIGNS: u64 = 3;
const RUNS_MAX: u64 = 5_000;

fn main() {
    let arguments = arguments();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => show(),
        ["shortest", name, seeds] => {
            let fault = FAULTS.iter().find(|fault| fault.name == *name).expect("no fault has this name");
            println!("{:?}", shortest(fault, seeds.parse().expect("a number of seeds")));
        }
        ["sweep", "large"] => sweep(&searched(Scene::large())),
        ["sweep", "bulk"] => sweep(&searched(Scene::bulk())),
        ["trace", name, seed] => trace(name, seed.parse().expect("a seed is a number")),
        _ => println!("usage: [--quick | trace NAME SEED | shortest NAME SEEDS | sweep large | sweep bulk]"),
    }
}

/// The search of a scene with all rules.
fn searched(scene: Scene) -> Check<impl Fn(&mut Run<'_, '_>) -> Outcome> {
    check(move |run| {
        let mut simulation = run.simulation(network(&scene, &[NAMES]), rules());
        simulation.act(Network::begin);
        let end = simulation.run_until(until()).break_value();
        outcome(&simulation, end.as_ref())
    })
}

fn show() {
    let seeds = part_of(SEEDS);
    let scene = Scene::large();
    let alone = Drive { network: || network(&scene, &[NAMES]), until: until() };
    let together = Drive { network: || network(&scene, &[NAMES, OTHER_NAMES]), until: until() };
    println!("seeds of {seeds} whose two runs differ: {}", unrepeated(seeds, &alone).len());
    println!("actors that an unrelated group disturbs: {}", disturbed(seeds, &alone, &together).len());
    for (rule, (count, seed, message)) in broken(&scene, seeds) {
        println!("{rule}: broken in {count} of {seeds} runs, first under seed {seed}: {message}");
    }
    let bulk = Drive { network: || network(&Scene::bulk(), &[NAMES]), until: until() };
    for (name, share) in [
        (
            "everything at once",
            share_of_machine(|| (0..part_of(200)).for_each(|seed| drop(alone.fingerprint(seed)))),
        ),
        (
            "much that is written",
            share_of_machine(|| (0..part_of(200)).for_each(|seed| drop(bulk.fingerprint(seed)))),
        ),
    ] {
        println!("{name}: {share}");
    }
    for fault in &FAULTS {
        println!("\n{}", fault.name);
        tell(fault);
    }
}

/// How often each rule is broken in the runs of a scene, and the first time.
fn broken(scene: &Scene, seeds: u64) -> BTreeMap<&'static str, (u64, u64, String)> {
    let mut broken = BTreeMap::new();
    for seed in 0..seeds {
        let simulation = Simulation::new(network(scene, &[NAMES]), Settings::new(seed));
        let mut simulation = simulation.with_recorder(Watch::new(rules()));
        simulation.act(Network::begin);
        let _ = simulation.run_until(until());
        for report in simulation.recorder().reports(simulation.names()) {
            if let Verdict::Fails(failure) = report.verdict {
                broken.entry(report.monitor).or_insert((0, seed, failure.message)).0 += 1;
            }
        }
    }
    broken
}

/// How soon each strategy finds a fault, and the shortest run in which it shows.
fn tell(fault: &Fault) {
    let program = check(|run| fault.run(run));
    let mut table = String::new();
    let rule = tiebreak::Monitor::name(&Rule::new(fault.rule));
    write_rows(rule, &rows(&program, rule, part_of(CAMPAIGNS), part_of(RUNS_MAX)), &mut table)
        .expect("a string takes everything");
    print!("{table}");
    let seeds = part_of(SEEDS_OF_SHORTEST);
    if let Some((seed, events)) = shortest(fault, seeds) {
        println!("the shortest of {seeds} runs has {events} events beside its set-up: seed {seed}");
    }
}

fn trace(name: &str, seed: u64) {
    let fault = FAULTS.iter().find(|fault| fault.name == name).expect("no fault has this name");
    let mut simulation = Simulation::traced(network(&fault.scene, &[NAMES]), seed);
    simulation.act(Network::begin);
    let _ = simulation.run_until(until());
    println!("{}", simulation.recorder().trace());
}
