//! Two sides, run in turn in one process.

use core::hint::black_box;
use std::time::Instant;

use serde::Serialize;
use tiebreak::measure::{BLOCKS_MIN, Paired, RatioInterval, ratio};

use super::document::Times;
use super::kinds::{Counted, nanos};
use super::text::{hundredths, speed, word};
use super::{AS_A_SWEEP, Effort, Side, findings};
use crate::arguments::{Bench as Options, CheckFormat};
use crate::exit::{Error, Exit};
use crate::interrupt::is_interrupted;
use crate::output::{Sink, json, visible};

/// What the sides are called.
const NAMES: [&str; 2] = ["A", "B"];

/// Compares two sides.
pub(super) fn versus(options: &Options, sides: &[Side]) -> Result<Exit, Error> {
    let [first, second] = sides else { unreachable!("two sides are compared") };
    let sides = [first, second];
    let counted = sides.map(|side| Counted::of(&side.ready.prepared, side.options));
    let paired = measure(sides, Effort::of(options));
    let Some(quartiles) = paired.quartiles() else { unreachable!("at least one block is measured") };
    let runs = paired.runs();
    let told = |at: usize| Told {
        words: visible(&sides[at].given.words),
        scenario: sides[at].path(),
        seed: counted[at].report.seed,
        order: counted[at].report.order.to_string(),
        fingerprint: counted[at].fingerprint.to_string(),
        events: counted[at].report.events,
        findings: findings(&counted[at].report),
        allocations: counted[at].all.allocations,
        peak_bytes: counted[at].all.peak,
        run: Times {
            runs,
            lower: quartiles[at].lower,
            median: quartiles[at].median,
            upper: quartiles[at].upper,
        },
    };
    let interval = paired.ratio();
    let compared = Compared {
        a: told(0),
        b: told(1),
        blocks: paired.blocks(),
        difference: word(interval.map(|interval| interval.difference())),
        ratio: interval.map(|ratio| [ratio.lower, ratio.estimate, ratio.upper]),
        interval,
    };
    let mut out = Sink::stdout();
    match options.format {
        CheckFormat::Json => out.line(json(&compared)),
        CheckFormat::Text => compared.lines().iter().for_each(|line| out.line(line)),
    }
    out.finish()?;
    Ok(counted.iter().map(|counted| Exit::of(&counted.report)).max().unwrap_or(Exit::Fine))
}

/// Runs both in turn, in blocks. Before each block both are copied anew, each first in half of the blocks, so that where they lie
/// in memory is no advantage of either.
fn measure(sides: [&Side; 2], effort: Effort) -> Paired {
    let start = Instant::now();
    let mut clock = || nanos(start.elapsed());
    let mut once = [0; 2];
    for (once, side) in once.iter_mut().zip(sides) {
        black_box(side.ready.prepared.sweep(side.options));
        let before = clock();
        black_box(side.ready.prepared.sweep(side.options));
        *once = clock().saturating_sub(before);
    }
    let (time, mut paired) = (nanos(effort.time), Paired::default());
    let rounds = effort.runs.map_or_else(
        || Paired::rounds(time, once),
        // Each round has two runs of each side.
        |runs| (runs / 2).div_ceil(BLOCKS_MIN as u64),
    );
    let end = clock().saturating_add(time);
    loop {
        let [first, second] = sides.map(|side| &side.ready.prepared);
        let (first, second) = if paired.blocks() % 2 == 0 {
            let first = first.clone();
            (first, second.clone())
        } else {
            let second = second.clone();
            (first.clone(), second)
        };
        let mut runs: [&mut dyn FnMut(); 2] =
            [&mut || _ = black_box(first.sweep(sides[0].options)), &mut || {
                _ = black_box(second.sweep(sides[1].options));
            }];
        let [run_first, run_second] = &mut runs;
        paired.measure(rounds, [*run_first, *run_second], &mut clock);
        let is_compared = paired.blocks() >= BLOCKS_MIN;
        let is_enough = effort.runs.is_some_and(|runs| is_compared && paired.runs() >= runs);
        if is_enough || clock() >= end || is_interrupted() {
            return paired;
        }
    }
}

/// What is printed as JSON: the ratio is how many times as long a run of B takes as one of A, in parts per million, with the ends
/// of a 99 % interval around the estimate.
#[derive(Debug, Serialize)]
struct Compared {
    a: Told,
    b: Told,
    blocks: usize,
    difference: &'static str,
    ratio: Option<[u64; 3]>,
    #[serde(skip)]
    interval: Option<RatioInterval>,
}

/// What is told of one side.
#[derive(Debug, Serialize)]
struct Told {
    words: String,
    scenario: String,
    seed: u64,
    order: String,
    fingerprint: String,
    events: u64,
    findings: Vec<String>,
    allocations: u64,
    peak_bytes: u64,
    run: Times,
}

impl Compared {
    fn lines(&self) -> Vec<String> {
        let Self { a, b, blocks, interval, .. } = self;
        let mut lines = vec![AS_A_SWEEP.to_owned(), String::new()];
        for (name, told) in NAMES.iter().zip([a, b]) {
            let Told { words, seed, order, fingerprint, events, run, .. } = told;
            lines.push(format!("{name}  {words}"));
            lines.push(format!(
                "   seed {seed} · order {order} · {events} events a run · fingerprint {fingerprint}"
            ));
            lines.push(format!("   {}", speed(*events, run)));
            lines.push(format!(
                "   {} allocations a run · {} bytes at most",
                told.allocations, told.peak_bytes
            ));
            lines.extend(
                told.findings.iter().map(|finding| format!("   the run is wrong: {}", visible(finding))),
            );
        }
        lines.push(String::new());
        let Some(interval) = interval else {
            lines.push(format!(
                "too few runs to compare: {blocks} blocks, at least {BLOCKS_MIN} are needed; give more `--time`"
            ));
            return lines;
        };
        lines.push(format!(
            "{}, of {blocks} blocks of runs in turn",
            interval.sentence("a run of B", "one of A")
        ));
        if a.events != b.events {
            let of_event = |ratio: u64| hundredths(ratio_of_event(ratio, a.events, b.events), 1_000_000);
            lines.push(format!(
                "they run different numbers of events; an event of B takes {} times as long as one of A ({} … {})",
                of_event(interval.estimate),
                of_event(interval.lower),
                of_event(interval.upper)
            ));
        }
        if a.fingerprint == b.fingerprint {
            lines.push("both do the same: one fingerprint".to_owned());
        }
        lines
    }
}

/// The ratio of events, from that of runs and how many events those have.
fn ratio_of_event(of_run: u64, first: u64, second: u64) -> u64 {
    let scaled = u128::from(of_run) * u128::from(ratio(first, second)) / 1_000_000;
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(words: &str, events: u64, median: u64) -> Told {
        Told {
            words: words.to_owned(),
            scenario: "a.ron".to_owned(),
            seed: 1,
            order: "fifo".to_owned(),
            fingerprint: format!("{events}"),
            events,
            findings: Vec::new(),
            allocations: 7,
            peak_bytes: 99,
            run: Times { runs: 9, lower: median - 100, median, upper: median + 100 },
        }
    }

    #[test]
    fn a_comparison_is_told_in_sentences() {
        let compared = |events, interval| Compared {
            a: told("--seed 1", 10, 1_000),
            b: told("--seed 2", events, 2_000),
            blocks: 31,
            difference: "slower",
            ratio: None,
            interval,
        };
        let twice = RatioInterval { lower: 1_900_000, estimate: 2_000_000, upper: 2_100_000 };
        let lines = compared(10, Some(twice)).lines();
        let expected = [
            "A  --seed 1",
            "   seed 1 · order fifo · 10 events a run · fingerprint 10",
            "   10000000 events/s · 100.0 ns/event (90.0 … 110.0) · 1.0 µs a run · 9 runs",
            "   7 allocations a run · 99 bytes at most",
        ];
        assert_eq!(lines[2..6], expected);
        let [.., verdict, same] = &*lines else { unreachable!("there are lines") };
        assert_eq!(
            verdict,
            "a run of B takes 2.000 times as long as one of A (1.900 … 2.100), of 31 blocks of runs in turn"
        );
        assert_eq!(same, "both do the same: one fingerprint");
        let lines = compared(20, Some(twice)).lines();
        let last = "they run different numbers of events; an event of B takes 1.00 times as long as one of A (0.95 … 1.05)";
        assert_eq!(lines.last().map(String::as_str), Some(last));
        assert!(
            compared(10, None).lines().last().is_some_and(|line| line.starts_with("too few runs to compare"))
        );
    }
}
