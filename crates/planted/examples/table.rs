//! How many runs each way to search needs until it finds each planted bug.
//!
//! Run with `cargo run --release -p tiebreak-planted --example table -- [CAMPAIGNS] [RUNS] [NOISE]`: how many campaigns (200),
//! how many runs of each at most (10000), how many clients of noise (0; 12 are 600 events). The numbers are the same
//! everywhere.
#![expect(
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::disallowed_types,
    clippy::cast_precision_loss,
    reason = "an example is a program of its own"
)]

use core::ops::Range;

use tiebreak::explore::{Plan, Tactic};
use tiebreak_planted::{Bug, Finds, Planted, Search};

/// So many campaigns that all find nothing are enough to know.
const TRIAL: u64 = 8;

/// A way to search: what it is called, the tactics, and whether they share runs out as campaigns do or take turns.
type Way = (&'static str, &'static [Tactic], bool);

const WAYS: [Way; 14] = [
    ("clocks", &[Tactic::Clocks], false),
    ("walk", &[Tactic::Walk], false),
    ("pos", &[Tactic::Pos], false),
    ("urw", &[Tactic::Urw], false),
    ("pct:2", &[Tactic::Pct(2)], false),
    ("pct:3", &[Tactic::Pct(3)], false),
    ("delay:2", &[Tactic::Delay(2)], false),
    ("races", &[Tactic::Races], true),
    ("rounds", &[Tactic::Rounds], false),
    ("p+u+2", &[Tactic::Pos, Tactic::Urw, Tactic::Pct(2)], false),
    ("c+u", &[Tactic::Clocks, Tactic::Urw], false),
    ("c+u+2", &[Tactic::Clocks, Tactic::Urw, Tactic::Pct(2)], false),
    ("c+u+3", &[Tactic::Clocks, Tactic::Urw, Tactic::Pct(3)], false),
    ("auto", &Plan::AUTO, true),
];

fn main() {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse().expect("a number"));
    let campaigns: u64 = numbers.next().unwrap_or(200);
    let runs_max: u64 = numbers.next().unwrap_or(10_000);
    let noise = u32::try_from(numbers.next().unwrap_or(0)).expect("few clients");
    print!("{:28} d", "");
    for (name, _, _) in WAYS {
        print!("{name:>10}");
    }
    println!();
    let mut all: Vec<Vec<Option<u64>>> = vec![Vec::new(); WAYS.len()];
    for bug in Bug::ALL {
        print!("{:28} {}", bug.name(), bug.depth());
        for ((_, tactics, is_shared), column) in WAYS.iter().zip(&mut all) {
            let search = Search { tactics, runs_max };
            let program = Planted::new(*bug).with_noise(noise);
            let find = |campaigns| {
                if *is_shared { search.share(&program, campaigns) } else { search.find(&program, campaigns) }
            };
            let mean = mean(&find, campaigns);
            print!("{:>10}", mean.map_or("—".into(), |tenths| format!("{}.{}", tenths / 10, tenths % 10)));
            column.push(mean);
        }
        println!();
    }
    print!("{:28}  ", "geometric mean");
    for column in &all {
        let cost = |mean: &Option<u64>| mean.unwrap_or(10 * runs_max) as f64 / 10.0;
        let sum: f64 = column.iter().map(|mean| cost(mean).ln()).sum();
        print!("{:>10.1}", (sum / column.len() as f64).exp());
    }
    println!();
    print!("{:28}  ", "worst");
    for column in &all {
        let worst =
            column.iter().copied().collect::<Option<Vec<u64>>>().and_then(|means| means.into_iter().max());
        print!("{:>10}", worst.map_or("—".into(), |tenths| format!("{}.{}", tenths / 10, tenths % 10)));
    }
    println!(
        "\n— found by none of {TRIAL} campaigns of {runs_max} runs; counted as that many in the geometric mean"
    );
}

/// The mean in tenths; `None` if some campaigns show that it will not be found.
fn mean(find: &dyn Fn(Range<u64>) -> Finds, campaigns: u64) -> Option<u64> {
    let trial = find(0..TRIAL.min(campaigns));
    (trial.missed() < trial.runs.len()).then(|| find(0..campaigns).mean_tenths())
}
