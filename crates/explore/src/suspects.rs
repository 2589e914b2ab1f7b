//! Which orderings go with a failure: from many runs, the pairs of simultaneous events that ran one way round more often where it
//! failed than where it passed.
//!
//! Only pairs that race in a failing run are looked at. Of an ordering four numbers are counted: in how many failing and passing
//! runs it was decided, because its events raced, and in how many of those it held. It did not hold either where the event that
//! should be first did not come although its cause had: most often the other one has cancelled it. From these numbers follow two
//! published measures. *Increase* (Liblit and others, 2005) tells what predicts a failure from what merely comes with it: the
//! ordering must hold in a greater share of the failing runs than of the passing ones in which it was decided, with 95 %
//! certainty. What is left is ranked by
//! *Ochiai* (Abreu and others, 2007), the geometric mean of how many of the failing runs it holds in and how many of the runs it
//! holds in fail. Increase alone would rank what holds in one failing run and in nothing else before all others.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use tiebreak_kernel::{fold, mix};

use crate::account::counted;
use crate::calibration::Calibration;
use crate::directory::{Directory, NameId};
use crate::event::{Constraint, EventRef};
use crate::gate::Pattern;
use crate::history::History;
use crate::job::{Job, Watched};
use crate::program::{Failure, Program, Symptom, Verdict};
use crate::races::{Phases, RacesOf, races};
use crate::strategy::Tactic;

/// How many runs are made at most: the measures are exact up to there.
const RUNS_MAX: u64 = 1_000_000;
/// How many failures are looked at, those that are met first.
const SYMPTOMS_MAX: usize = 10;
/// How many races of one failing run are looked at, the nearest first.
const RACES_MAX: usize = 2_000;
/// How many orderings are counted for one failure: those of the failing runs that are met first.
const ORDERINGS_MAX: usize = 10_000;

/// The orderings that go with the failures of many runs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Suspects {
    /// How many runs were made.
    pub runs: u64,
    /// How many of them passed.
    pub passed: u64,
    /// The failures, in the order in which they were met: ten at most.
    pub failures: Vec<Suspected>,
    /// How many failures there are besides.
    pub more: usize,
}

/// A failure, and the orderings that go with it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Suspected {
    /// What tells it from others.
    pub symptom: Symptom,
    /// How it failed first.
    pub failure: Failure,
    /// How many runs failed so.
    pub failed: u64,
    /// The orderings, the most suspect first.
    pub suspects: Vec<Suspect>,
    /// How many orderings were counted.
    pub counted: usize,
    /// Whether there were more, which were not counted.
    pub is_cut: bool,
}

/// An ordering, and in how many runs it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Suspect {
    /// The ordering.
    pub ordering: Constraint,
    /// In how many failing runs it was decided, and in how many of those it held.
    pub failing: Count,
    /// The same of passing runs.
    pub passing: Count,
}

/// In how many runs an ordering held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Count {
    /// In how many it was decided: its events raced, or the first did not come although its cause had.
    pub decided: u64,
    /// In how many of those they ran in this order.
    pub held: u64,
}

impl Suspect {
    /// Whether it holds in a greater share of failing runs than of passing ones, of those in which it was decided, with 95 %
    /// certainty. What happens only where it fails, for instance because it has failed, says nothing about the order.
    fn is_increase(&self) -> bool {
        let [failing, passing] = [self.failing, self.passing]
            .map(|Count { decided, held }| (u128::from(decided), u128::from(held)));
        let ((m, a), (n, b)) = (failing, passing);
        if a * n <= b * m {
            return false;
        }
        // (a/m − b/n)² > 1.96² · (a(m − a)/m³ + b(n − b)/n³), times what divides.
        let difference = a * n - b * m;
        let variance = a * (m - a) * n * n * n + b * (n - b) * m * m * m;
        10_000 * difference * difference * m * n > 38_416 * variance
    }

    /// The square of Ochiai's measure, without the number of failing runs, which is the same for all: a ratio.
    fn score(&self) -> (u128, u128) {
        let [failing, passing] = [self.failing.held, self.passing.held].map(u128::from);
        (failing * failing, (failing + passing).max(1))
    }

    /// The more suspect one first; of two that go with the failure alike, by their names.
    fn cmp(&self, other: &Self) -> Ordering {
        let ((one, of), (another, of_it)) = (self.score(), other.score());
        (another * of).cmp(&(one * of_it)).then_with(|| self.ordering.cmp(&other.ordering))
    }

    /// Returns Ochiai's measure in hundredths, rounded down, where so many runs failed.
    #[must_use]
    pub fn hundredths(&self, failed: u64) -> u64 {
        let (square, of) = self.score();
        let hundredths = (10_000 * square / (of * u128::from(failed.max(1)))).isqrt();
        u64::try_from(hundredths).unwrap_or(u64::MAX)
    }
}

/// Makes many runs of one strategy, and counts which orderings hold where it fails and where it passes. For a strategy whose runs
/// are [samples](Tactic::is_sample). `goes_on` is asked before each run; what was counted until then is returned.
pub fn suspects<P: Program + ?Sized>(
    program: &P,
    (tactic, seed, runs): (Tactic, u64, u64),
    directory: &mut Directory,
    goes_on: &dyn Fn() -> bool,
) -> Suspects {
    let calibration = if tactic.is_calibrated() {
        Calibration::new(program, seed, directory)
    } else {
        Calibration::default()
    };
    let jobs = |runs: u64| {
        (0..runs).map(move |number| {
            let own = if tactic.is_by_seed() { seed.wrapping_add(number) } else { mix(fold(seed, number)) };
            Job { number, tactic, turn: number, seed: own, prefix: Vec::new() }
        })
    };
    let mut found = Suspects { runs: 0, passed: 0, failures: Vec::new(), more: 0 };
    let (mut tables, mut others): (Vec<Table>, BTreeSet<Symptom>) = (Vec::new(), BTreeSet::new());
    // First it is found out which orderings there are where it fails, then they are counted, in the same runs: so each is counted
    // in all of them, and not only in those after the one in which it was met.
    for job in jobs(runs.min(RUNS_MAX)).take_while(|_| goes_on()) {
        found.runs += 1;
        let ran = job.run(program, &calibration, directory);
        if ran.symptoms.is_empty() {
            found.passed += u64::from(ran.outcome.verdict != Verdict::Discarded);
            continue;
        }
        let watched = job.watch(program, &calibration, directory);
        let mut met = BTreeSet::new();
        for (symptom, failure) in ran.symptoms.iter().zip(ran.outcome.failures()) {
            if !met.insert(symptom) {
                continue;
            }
            let known = found.failures.iter().position(|known| known.symptom == *symptom);
            let at = known.unwrap_or(found.failures.len());
            if known.is_none() && at == SYMPTOMS_MAX {
                others.insert(symptom.clone());
                continue;
            }
            if known.is_none() {
                found.failures.push(Suspected::new(symptom, failure));
                tables.push(Table::default());
            }
            found.failures[at].failed += 1;
            tables[at].add(&watched.history, directory);
        }
    }
    for job in jobs(if tables.is_empty() { 0 } else { found.runs }) {
        let Watched { outcome, symptoms, history, .. } = job.watch(program, &calibration, directory);
        for (table, failure) in tables.iter_mut().zip(&found.failures) {
            if symptoms.contains(&failure.symptom) {
                table.count(&history, |row| &mut row.failing);
            } else if outcome.verdict == Verdict::Passes {
                table.count(&history, |row| &mut row.passing);
            }
        }
    }
    for (table, failure) in tables.into_iter().zip(&mut found.failures) {
        table.rank(failure);
    }
    found.more = others.len();
    found
}

impl Suspected {
    /// Returns it in words, line by line, with so many of the orderings; so many runs passed.
    #[must_use]
    pub fn lines(&self, passed: u64, most: usize) -> Vec<String> {
        let Self { failed, suspects, .. } = self;
        let mut lines = Vec::new();
        if suspects.is_empty() {
            let why = if passed == 0 { "no run passes" } else { "none holds more often where it fails" };
            lines.push(format!("no ordering of two events goes with it: {why}"));
        }
        let row = |suspect: &Suspect| {
            let score = suspect.hundredths(*failed);
            [
                format!("{}.{:02}", score / 100, score % 100),
                format!("{} of {failed}", suspect.failing.held),
                format!("{} of {passed}", suspect.passing.held),
                format!("{}", suspect.ordering),
            ]
        };
        let head = ["score", "failing", "passing", "ordering that holds"].map(String::from);
        let shown = suspects.iter().take(most).map(row);
        let rows: Vec<[String; 4]> =
            core::iter::once(head).filter(|_| !suspects.is_empty()).chain(shown).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
        let [left, right] = [width(1), width(2)];
        lines.extend(rows.iter().map(|[score, failing, passing, ordering]| {
            format!("{score:5}  {failing:left$}  {passing:right$}  {ordering}")
        }));
        let more = suspects.len().saturating_sub(most);
        if more > 0 {
            lines.push(format!("… and {more} more that go with it less"));
        }
        if self.is_cut {
            let orderings = counted(self.counted as u128, "ordering");
            lines.push(format!("only {orderings} counted, of the nearest events: there are too many"));
        }
        lines
    }

    fn new(symptom: &Symptom, failure: &Failure) -> Self {
        let (symptom, failure) = (symptom.clone(), failure.clone());
        Self { symptom, failure, failed: 0, suspects: Vec::new(), counted: 0, is_cut: false }
    }
}

/// The orderings that are counted for one failure.
#[derive(Default)]
struct Table {
    events: BTreeMap<EventRef, usize>,
    patterns: Vec<Pattern>,
    by_name: BTreeMap<NameId, Vec<usize>>,
    /// By the numbers of the event before and the one after.
    rows: BTreeMap<(usize, usize), Row>,
    is_cut: bool,
}

/// What was counted of one ordering.
struct Row {
    /// The number of what causes the event before; `None` if it comes from outside.
    cause: Option<usize>,
    failing: Count,
    passing: Count,
}

impl Table {
    /// Adds the orderings that hold in a failing run.
    fn add(&mut self, history: &History, directory: &mut Directory) {
        let RacesOf { count, nearest, skipped } = races(history, Phases::Kept, RACES_MAX);
        self.is_cut |= skipped > 0 || count > nearest.len() as u64;
        let mut known: BTreeMap<u64, usize> = BTreeMap::new();
        for race in nearest {
            let [before, after] = [race.first, race.second]
                .map(|number| *known.entry(number).or_insert_with(|| self.event(number, history, directory)));
            if self.rows.contains_key(&(before, after)) {
                continue;
            }
            if self.rows.len() == ORDERINGS_MAX {
                self.is_cut = true;
                continue;
            }
            let cause = history.event(race.first).map(|event| event.cause).filter(|cause| *cause > 0);
            let cause = cause.map(|cause| self.event(cause, history, directory));
            let row = Row { cause, failing: Count::default(), passing: Count::default() };
            self.rows.insert((before, after), row);
        }
    }

    /// The number of an event of a run in this table.
    fn event(&mut self, number: u64, history: &History, directory: &mut Directory) -> usize {
        let event = history.reference(number, directory);
        if let Some(known) = self.events.get(&event) {
            return *known;
        }
        let (pattern, at) = (Pattern::new(&event, directory), self.patterns.len());
        self.by_name.entry(pattern.name()).or_default().push(at);
        self.patterns.push(pattern);
        self.events.insert(event, at);
        at
    }

    /// Counts the orderings of a run: those whose events race in it, and those of them that hold.
    fn count(&mut self, history: &History, of: impl Fn(&mut Row) -> &mut Count) {
        let mut numbers: Vec<Option<u64>> = alloc::vec![None; self.patterns.len()];
        for (event, number) in history.dispatches.iter().zip(1..) {
            for at in self.by_name.get(&event.name).into_iter().flatten() {
                if self.patterns[*at].has_run(number, history) {
                    numbers[*at] = Some(number);
                }
            }
        }
        let mut led_to: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
        for ((before, after), row) in &mut self.rows {
            let Some(after) = numbers[*after] else { continue };
            let Some(before) = numbers[*before] else {
                let was_pending = |cause: usize| numbers[cause].is_some_and(|cause| cause < after);
                of(row).decided += u64::from(row.cause.is_none_or(was_pending));
                continue;
            };
            let (first, second) = (before.min(after), before.max(after));
            let (Some(one), Some(other)) = (history.event(first), history.event(second)) else { continue };
            if (one.at, one.phase) != (other.at, other.phase) {
                continue;
            }
            let led_to = led_to.entry(first).or_insert_with(|| {
                let last = history.dispatches.partition_point(|event| event.at <= one.at);
                history.led_to(first, last as u64)
            });
            if !led_to.contains(&second) {
                let count = of(row);
                count.decided += 1;
                count.held += u64::from(before < after);
            }
        }
    }

    /// Ranks the orderings that predict a failure.
    fn rank(self, failure: &mut Suspected) {
        let Self { events, rows, is_cut, .. } = self;
        (failure.counted, failure.is_cut) = (rows.len(), is_cut);
        let names: BTreeMap<usize, EventRef> = events.into_iter().map(|(event, at)| (at, event)).collect();
        let suspects = rows.into_iter().map(|((before, after), Row { failing, passing, .. })| {
            let [before, after] = [before, after].map(|at| names[&at].clone());
            Suspect { ordering: Constraint { before, after }, failing, passing }
        });
        failure.suspects = suspects.filter(Suspect::is_increase).collect();
        failure.suspects.sort_by(Suspect::cmp);
    }
}
