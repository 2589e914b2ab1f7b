//! A sweep of seeds: runs of a scenario from the prepared plan to the verdict, with monitors and behaviours, as `fuzz
//! --strategy clocks` makes them on each thread.

use core::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tiebreak::explore::{Campaign, Directory, Plan, Tactic};
use tiebreak_benches::announce_campaign;
use tiebreak_runner::{Explored, Recordings, RunOptions};

/// The scenario of the first page, without its bug.
const SCENARIO: &str = include_str!("../../scenarios/quickstart/planted-late-dial.ron");
/// As many neighbours as it has, and as many as give a run of about 50 events.
const NEIGHBOURS: [u32; 2] = [10, 22];
/// Runs of one iteration: a round of a campaign.
const RUNS: u64 = 128;

/// The scenario with so many neighbours.
fn program(neighbours: u32, recordings: &Recordings) -> Explored<'_> {
    let text = SCENARIO.replace("count: 10,", &format!("count: {neighbours},"));
    let Ok(loaded) = tiebreak_scenario::load(&text) else { unreachable!("the scenario is valid") };
    let Ok(plan) = loaded.plan.with_switches(&["fix"]) else { unreachable!("the scenario has this switch") };
    let Ok(program) = Explored::new(plan, recordings, RunOptions::default()) else {
        unreachable!("the scenario can be prepared")
    };
    program
}

/// Makes a round of runs from the first seed on.
fn campaign(program: &Explored<'_>) -> Campaign {
    let plan = Plan { tactics: vec![Tactic::Clocks], ..Plan::new(1, RUNS) };
    let mut directory = Directory::default();
    let mut campaign = Campaign::new(program, plan, &mut directory);
    campaign.run(program, &mut directory);
    campaign
}

fn sweep(criterion: &mut Criterion) {
    let recordings = Recordings::new();
    let mut group = criterion.benchmark_group("sweep");
    group.sample_size(20).throughput(Throughput::Elements(RUNS));
    for neighbours in NEIGHBOURS {
        let program = program(neighbours, &recordings);
        let events = program.prepared().sweep(RunOptions::default()).0.events;
        announce_campaign(&format!("sweep/{neighbours}"), events, &campaign(&program));
        group.bench_function(BenchmarkId::from_parameter(neighbours), |bencher| {
            bencher.iter(|| black_box(campaign(&program).digest()));
        });
    }
    group.finish();
}

criterion_group!(benches, sweep);
criterion_main!(benches);
