//! One scenario: times of runs, of kinds of events, allocations; saved, and compared with what was saved.

use core::fmt::Write as _;
use std::time::Instant;

use serde::Serialize;
use tiebreak::Digest;
use tiebreak::measure::{Difference, RatioInterval};

use super::document::{Document, Exact, FORMAT, KindCount, KindTime, Measured, Times};
use super::kinds::{Batches, Counted, OfKind};
use super::solve::{Cost, Costs};
use super::{Effort, Side, findings, sittings, text, time_runs};
use crate::arguments::{Bench as Options, CheckFormat};
use crate::exit::{Error, Exit};
use crate::interrupt::is_interrupted;
use crate::output::{Sink, Terminal, json, shown_path, visible};
use crate::place::{Wanted, files_of, refuse_same_files};

/// The most runs that are cut into batches: their times are kept.
const BATCHED_MAX: u64 = 2_000;

/// Measures one scenario.
pub(super) fn one(options: &Options, side: &Side, terminal: Terminal) -> Result<Exit, Error> {
    let mut reads = files_of(&side.given.scenario, &side.ready.plan);
    reads.extend(options.compare.clone());
    let save = Wanted::given("--save", options.save.as_deref());
    save.map_or(Ok(()), |save| refuse_same_files(&[save], &reads))?;
    let before = options.compare.as_deref().map(Document::read).transpose()?;
    let save = options.save.as_deref().map(Sink::open).transpose()?;
    let counted = Counted::of(&side.ready.prepared, side.options);
    let document = measure(options, side, &counted)?;
    let compared = before.as_ref().map(|before| Compared::of(before, &document));
    if let Some(mut sink) = save {
        sink.line(json(&document));
        sink.finish()?;
    }
    let mut out = Sink::stdout();
    match options.format {
        CheckFormat::Json => {
            let compared = compared.as_ref();
            out.line(json(&Printed { document: &document, compared }));
        }
        CheckFormat::Text => {
            // The sink keeps its own error.
            let _ = text::one(&document, &mut out);
            if let (Some(compared), Some(path)) = (&compared, &options.compare) {
                let _ = write!(out, "{}", compared.text(&shown_path(path.display())));
            }
        }
    }
    out.finish()?;
    for finding in &document.exact.findings {
        terminal.note(format_args!("the run is wrong, and was measured all the same: {}", visible(finding)));
    }
    Ok(Exit::of(&counted.report))
}

/// Measures: in one process, or in several if that is to be compared with others.
fn measure(options: &Options, side: &Side, counted: &Counted) -> Result<Document, Error> {
    let effort = Effort::of(options);
    let (prepared, run) = (&side.ready.prepared, side.options);
    let sittings = if options.save.is_some() || options.compare.is_some() {
        sittings::sittings(side, effort.share(3, 5))?
    } else {
        Vec::new()
    };
    let times = match sittings::middle(&sittings) {
        Some(times) => times,
        None => Times::of(&time_runs(prepared, run, effort.share(3, 5))),
    };
    let (mut batches, start, effort) = (Batches::of(counted), Instant::now(), effort.share(2, 5));
    for made in 1..=effort.runs.unwrap_or(BATCHED_MAX).min(BATCHED_MAX) {
        batches.run(prepared, run);
        // Fewer than these do not reach each place of the cuts.
        let is_enough = made >= 8 && start.elapsed() >= effort.time;
        if is_enough || is_interrupted() {
            break;
        }
    }
    Ok(Document {
        format: FORMAT,
        tiebreak: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: side.path(),
        exact: exact(side, counted),
        measured: Measured {
            run: times,
            batched_run: batches.run_time(),
            batches: batches.len(),
            batch_events: batches.size(),
            kinds: kind_times(&batches.costs(), &counted.kinds),
            sittings,
        },
    })
}

fn exact(side: &Side, counted: &Counted) -> Exact {
    let Counted { report, fingerprint, kinds, all, at_peak: (peak_event, at_peak), most } = counted;
    let kind = |of: &OfKind| KindCount {
        kind: of.kind.text().to_owned(),
        events: of.events,
        allocations: of.allocations,
        bytes: of.bytes,
    };
    Exact {
        plan: Digest::of(&side.ready.plan.digest_bytes()).to_string(),
        seed: report.seed,
        order: report.order.to_string(),
        fingerprint: fingerprint.to_string(),
        events: report.events,
        findings: findings(report),
        kinds: kinds.iter().map(kind).collect(),
        allocations: all.allocations,
        bytes: all.bytes,
        peak_bytes: all.peak,
        peak_event: *peak_event,
        peak_pending: at_peak.pending,
        peak_routes: at_peak.routes,
        most_pending: most.pending,
        most_routes: most.routes,
    }
}

/// The times of kinds; those that cannot be told apart are one entry.
fn kind_times(costs: &Costs, kinds: &[OfKind]) -> Vec<KindTime> {
    let time = |set: &[usize], cost: Cost| KindTime {
        kinds: set.iter().map(|kind| kinds[*kind].kind.text().to_owned()).collect(),
        event_ps: picoseconds(cost.estimate),
        lower_ps: picoseconds(cost.lower),
        upper_ps: picoseconds(cost.upper),
    };
    let mut times = Vec::new();
    for (at, cost) in costs.of_kinds.iter().enumerate() {
        let alone = [at];
        let set = costs.together.iter().find(|set| set.contains(&at)).map_or(&alone[..], |set| set);
        // A set is told where its first kind stands.
        times.extend(cost.filter(|_| set.first() == Some(&at)).map(|cost| time(set, cost)));
    }
    times
}

#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from measured nanoseconds, which are not negative, to whole numbers; a cast saturates"
)]
fn picoseconds(nanos: f64) -> u64 {
    (nanos * 1_000.0).round() as u64
}

/// What is printed as JSON.
#[derive(Debug, Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    document: &'a Document,
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<&'a Compared>,
}

/// What has changed since something was saved.
#[derive(Debug, Serialize)]
struct Compared {
    /// `none`, `faster`, `slower`, or `too-few` processes to tell.
    difference: &'static str,
    /// How many times as long an event takes now as then, in parts per million; a 99 % interval.
    ratio: Option<[u64; 3]>,
    /// How many processes there were then and now.
    processes: [usize; 2],
    /// What is exact and another, as sentences.
    changes: Vec<String>,
    #[serde(skip)]
    interval: Option<RatioInterval>,
}

impl Compared {
    fn of(before: &Document, now: &Document) -> Self {
        let sides = [before, now].map(|side| {
            let of_event = |times: &Times| times.lower.saturating_mul(1_000) / side.exact.events.max(1);
            side.measured.sittings.iter().map(of_event).collect::<Vec<u64>>()
        });
        let interval = RatioInterval::of_sittings(&sides[0], &sides[1]);
        Self {
            difference: text::word(interval.map(|interval| interval.difference())),
            ratio: interval.map(|ratio| [ratio.lower, ratio.estimate, ratio.upper]),
            processes: [sides[0].len(), sides[1].len()],
            changes: changes(&before.exact, &now.exact),
            interval,
        }
    }

    fn text(&self, path: &str) -> String {
        let Self { processes: [then, now], changes, interval, .. } = self;
        let mut lines = vec![format!("compared with {path}: {then} processes then, {now} now")];
        lines.push(match interval {
            Some(interval) => format!("  {}", interval.sentence("an event now", "then")),
            None => "  too few processes to compare".to_owned(),
        });
        // What was read from the file may hold anything.
        lines.extend(changes.iter().map(|change| format!("  {}", visible(change))));
        let is_seen = interval.is_some_and(|interval| interval.difference() != Difference::NotSeen);
        lines.push(if is_seen {
            "  the speed of a machine varies between days by more than an interval shows: before you believe this, \
             compare two sides in one process, or measure both again, one right after the other"
                .to_owned()
        } else {
            "  a comparison with a file sees less than one of two sides in one process".to_owned()
        });
        lines.push(String::new());
        lines.join("\n")
    }
}

/// What is exact and another than before.
fn changes(before: &Exact, now: &Exact) -> Vec<String> {
    let mut changes = Vec::new();
    let mut differ = |what: &str, before: &dyn core::fmt::Display, now: &dyn core::fmt::Display| {
        let (before, now) = (before.to_string(), now.to_string());
        if before != now {
            changes.push(format!("{what}: {before} then, {now} now"));
        }
    };
    differ("it is another scenario", &before.plan, &now.plan);
    differ("seed", &before.seed, &now.seed);
    differ("order", &before.order, &now.order);
    differ("the run does something else: fingerprint", &before.fingerprint, &now.fingerprint);
    differ("events", &before.events, &now.events);
    differ("allocations of a run", &before.allocations, &now.allocations);
    differ("bytes allocated in a run", &before.bytes, &now.bytes);
    differ("most memory kept at once, in bytes", &before.peak_bytes, &now.peak_bytes);
    for kind in &now.kinds {
        if let Some(old) = before.kinds.iter().find(|old| old.kind == kind.kind) {
            let each = |count: &KindCount| text::hundredths(count.allocations, count.events);
            differ(&format!("allocations for each {}", kind.kind), &each(old), &each(kind));
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::document::tests::made_up;

    /// A document with sittings of these times.
    fn measured(times: [u64; 7]) -> Document {
        let mut document = made_up();
        document.measured.sittings =
            times.map(|lower| Times { runs: 9, lower, median: lower + 9, upper: lower + 99 }).to_vec();
        document
    }

    #[test]
    fn what_may_be_noise_is_not_called_a_difference() {
        let before = measured([1_000, 1_010, 1_020, 1_030, 1_040, 1_050, 1_060]);
        let same = measured([1_035, 1_005, 1_015, 1_045, 1_055, 1_025, 1_900]);
        let compared = Compared::of(&before, &same);
        assert_eq!((compared.difference, compared.changes.len()), ("none", 0));
        let told = compared.text("a.json");
        assert!(
            told.starts_with(
                "compared with a.json: 7 processes then, 7 now\n  no difference seen (ratio 0.9"
            ),
            "{told}"
        );
        assert!(told.contains("sees less"), "{told}");
        let slower = measured([1_100, 1_111, 1_122, 1_133, 1_144, 1_155, 1_166]);
        let compared = Compared::of(&before, &slower);
        assert_eq!(compared.difference, "slower");
        let told = compared.text("a.json");
        assert!(told.contains("\n  an event now takes 1.100 times as long as then (1.0"), "{told}");
        assert!(told.contains("varies between days"), "{told}");
        assert_eq!(Compared::of(&slower, &before).difference, "faster");
        assert_eq!(Compared::of(&before, &made_up()).difference, "too-few");
    }

    #[test]
    fn what_is_exact_is_compared_exactly() {
        let (before, mut now) = (made_up(), made_up());
        now.exact.kinds[2].allocations = 22;
        now.exact.allocations = 37;
        now.exact.fingerprint = "ef".to_owned();
        let expected = [
            "the run does something else: fingerprint: cd then, ef now",
            "allocations of a run: 30 then, 37 now",
            "allocations for each step: 2.14 then, 3.14 now",
        ];
        assert_eq!(changes(&before.exact, &now.exact), expected);
    }

    #[test]
    fn kinds_that_cannot_be_told_apart_are_one_entry() {
        let cost = |estimate| Some(Cost { estimate, lower: 1.0, upper: 9.0 });
        let costs =
            Costs { of_kinds: vec![cost(5.0), None, cost(7.25), cost(5.0)], together: vec![vec![0, 3]] };
        let kinds = [1, 2, 3, 4].map(|events| OfKind {
            kind: [
                tiebreak::Term::new("a"),
                tiebreak::Term::new("b"),
                tiebreak::Term::new("c"),
                tiebreak::Term::new("d"),
            ][events - 1],
            events: events as u64,
            allocations: 0,
            bytes: 0,
        });
        let times = kind_times(&costs, &kinds);
        let told: Vec<_> = times.iter().map(|time| (time.kinds.join(" "), time.event_ps)).collect();
        assert_eq!(told, [("a d".to_owned(), 5_000), ("c".to_owned(), 7_250)]);
    }
}
