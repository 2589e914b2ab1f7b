//! Everything that is shown of foca: `cargo run --release -- [SEEDS [CAMPAIGNS]]`, or `-- sweep`.

use std::collections::BTreeMap;

use tiebreak::Settings;
use tiebreak_outside_foca::{Shape, cases, judged, search, search_drawn, simplest};
use tiebreak_outside_shown::{
    arguments, part_of, rows, share_of_machine, sweep as measured_sweep, write_rows,
};

/// How many runs a campaign makes at most.
const RUNS_MAX: u64 = 200;

fn main() {
    let arguments = arguments();
    if arguments.first().is_some_and(|word| word == "sweep") {
        return measured_sweep(&search_drawn());
    }
    let mut arguments = arguments.into_iter().map(|text| text.parse().expect("a whole number"));
    let (seeds, campaigns) = (arguments.next().unwrap_or(2_000), arguments.next().unwrap_or(10));
    sweep(part_of(seeds));
    strategies(part_of(campaigns));
    let share = share_of_machine(|| (0..part_of(40)).for_each(|seed| _ = judged(&Shape::drawn(seed), seed)));
    println!("with all monitors and fingerprints: {share}");
    let share =
        share_of_machine(|| (0..part_of(40)).for_each(|seed| Shape::drawn(seed).run(Settings::new(seed))));
    println!("without them: {share}");
}

/// What a rule came to.
struct Broken {
    seeds: u64,
    first: (u64, Shape, String),
}

/// Runs clusters that are drawn, each twice.
fn sweep(seeds: u64) {
    let (mut broken, mut unrepeated) = (BTreeMap::<&str, Broken>::new(), Vec::new());
    for seed in 0..seeds {
        let shape = Shape::drawn(seed);
        let (rules, fingerprint) = judged(&shape, seed);
        if judged(&shape, seed).1 != fingerprint {
            unrepeated.push(seed);
        }
        for (rule, message) in rules {
            let first = || Broken { seeds: 0, first: (seed, shape.clone(), message) };
            broken.entry(rule).or_insert_with(first).seeds += 1;
        }
    }
    println!("{seeds} clusters, each run twice; seeds whose two runs differ: {unrepeated:?}");
    for (rule, Broken { seeds: many, first: (seed, shape, message) }) in broken {
        println!("{rule}: broken under {many} seeds, first {seed}: {message}");
        let near: Vec<u64> = (seed..seed + 5).collect();
        println!("  the simplest that breaks it: {:?}", simplest(&shape, rule, &near));
    }
}

/// Counts the runs that each strategy needs for each case.
fn strategies(campaigns: u64) {
    for case in cases() {
        let mut table = format!("{}, ", case.name);
        let rows = rows(&search(&case), case.rule.name(), campaigns, part_of(RUNS_MAX));
        write_rows(case.rule.name(), &rows, &mut table).expect("a text takes all that is written");
        print!("{table}");
    }
}
