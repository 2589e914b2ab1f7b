//! What a plan expects of a run: events by pattern while it runs, the table at its end.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use tiebreak::{Names, Origin, Record, Recorder, Subject as _};
use tiebreak_rtm::{TableId, ViewId};
use tiebreak_rtm_sim::Subject;
use tiebreak_scenario::is_glob_match;
use tiebreak_scenario::plan::{Expectation, Family, Pattern, Prefix};

use crate::build::ScenarioWorld;
use crate::convert::{family, net_address, view_id};

/// An expectation that was not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Unmet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "expected {}; found {}", self.expected, self.found)
    }
}

/// Counts the events that patterns of a plan mean.
#[derive(Debug, Clone, Default)]
pub(crate) struct Witness {
    watched: Vec<Watched>,
    subject: String,
}

#[derive(Debug, Clone)]
struct Watched {
    pattern: Pattern,
    count: u64,
    /// The number of the first record.
    first: Option<u64>,
}

impl Witness {
    pub(crate) fn new(expectations: &[Expectation]) -> Self {
        let mut witness = Self::default();
        for expectation in expectations {
            match expectation {
                Expectation::Count { of, .. } | Expectation::Never(of) => witness.watch(of),
                Expectation::Before(earlier, later) => {
                    witness.watch(earlier);
                    witness.watch(later);
                }
                Expectation::Best { .. } | Expectation::Unreachable(_) | Expectation::Fails(_) => {}
            }
        }
        witness
    }

    fn watch(&mut self, pattern: &Pattern) {
        if self.find(pattern).is_none() {
            self.watched.push(Watched { pattern: pattern.clone(), count: 0, first: None });
        }
    }

    fn find(&self, pattern: &Pattern) -> Option<&Watched> {
        self.watched.iter().find(|watched| watched.pattern == *pattern)
    }

    fn count(&self, pattern: &Pattern) -> u64 {
        self.find(pattern).map_or(0, |watched| watched.count)
    }

    fn first(&self, pattern: &Pattern) -> Option<u64> {
        self.find(pattern).and_then(|watched| watched.first)
    }

    /// Returns which expectations were not met; those on monitors are not looked at here.
    pub(crate) fn unmet(
        &self,
        expectations: &[Expectation],
        world: &ScenarioWorld,
        names: &Names,
    ) -> Vec<Unmet> {
        let unmet = |expectation: &Expectation| match expectation {
            Expectation::Best { dest, owner, metric, view, instance } => {
                check_best((world, names), dest, (owner, *metric), (*instance, view_id(*view)))
            }
            Expectation::Unreachable(dest) => check_unreachable((world, names), dest),
            Expectation::Count { of, is, at_least, at_most } => {
                self.check_count(of, *is, *at_least, *at_most)
            }
            Expectation::Before(earlier, later) => self.check_before(earlier, later),
            Expectation::Never(of) => (self.count(of) > 0).then(|| Unmet {
                expected: format!("never {of}"),
                found: format!(
                    "it happened {} time(s), first as record {}",
                    self.count(of),
                    first(self.first(of))
                ),
            }),
            Expectation::Fails(_) => None,
        };
        expectations.iter().filter_map(unmet).collect()
    }

    fn check_count(
        &self,
        of: &Pattern,
        is: Option<u64>,
        at_least: Option<u64>,
        at_most: Option<u64>,
    ) -> Option<Unmet> {
        let count = self.count(of);
        let expected = match (is, at_least, at_most) {
            (Some(is), _, _) if is != count => format!("{is}"),
            (_, Some(least), _) if count < least => format!("at least {least}"),
            (_, _, Some(most)) if count > most => format!("at most {most}"),
            _ => return None,
        };
        Some(Unmet { expected: format!("{expected} of {of}"), found: count.to_string() })
    }

    fn check_before(&self, earlier: &Pattern, later: &Pattern) -> Option<Unmet> {
        let expected = format!("{earlier} before {later}");
        match (self.first(earlier), self.first(later)) {
            (Some(before), Some(after)) if before < after => None,
            (Some(before), Some(after)) => Some(Unmet {
                expected,
                found: format!("records {before} and {after}, in the opposite order"),
            }),
            (None, _) => Some(Unmet { expected, found: format!("{earlier} did not happen") }),
            (_, None) => Some(Unmet { expected, found: format!("{later} did not happen") }),
        }
    }
}

fn first(record: Option<u64>) -> u64 {
    record.unwrap_or(0)
}

impl Recorder<Subject> for Witness {
    fn record(&mut self, names: &Names, record: &Record<'_, Subject>) {
        let repeat = match record.origin {
            Origin::Dispatch { repeat, .. } => u64::from(repeat),
            Origin::Note => 0,
            // That an event is cancelled or moved does not let it happen.
            Origin::Cancelled | Origin::Moved { .. } => return,
        };
        let (actor, kind) = (names.text(record.name.actor), record.name.kind.text());
        for watched in &mut self.watched {
            if !is_glob_match(&watched.pattern.kind, kind) || !is_glob_match(&watched.pattern.actor, actor) {
                continue;
            }
            self.subject.clear();
            // Writing to a `String` cannot fail.
            let _ = record.name.subject.write(names, &mut self.subject);
            if watched.pattern.matches(actor, kind, &self.subject, repeat) {
                watched.count += 1;
                watched.first.get_or_insert(record.number);
            }
        }
    }
}

/// What is best at a destination: owner and metric.
fn best(
    (world, names): (&ScenarioWorld, &Names),
    dest: &Prefix,
    (instance, view): (u16, ViewId),
) -> Option<(String, u32)> {
    let table = TableId { instance, family: family(Family::of(dest.address)) };
    let dest = net_address(dest);
    let found =
        world.manager().best_routes(table).into_iter().find(|best| best.dest == dest && best.view == view)?;
    let owner = world.actor_of(found.best.owner, names).unwrap_or_default();
    Some((owner.to_string(), found.best.metric))
}

fn spell_best(best: Option<(String, u32)>) -> String {
    best.map_or_else(|| "no route".into(), |(owner, metric)| format!("{owner} with metric {metric}"))
}

/// Which table and view is meant, also where the scenario leaves it to the default.
fn spell_place((instance, view): (u16, ViewId)) -> String {
    format!("in view {view} of instance {instance}")
}

fn check_best(
    world: (&ScenarioWorld, &Names),
    dest: &Prefix,
    (owner, metric): (&str, Option<u32>),
    place: (u16, ViewId),
) -> Option<Unmet> {
    let found = best(world, dest, place);
    if found.as_ref().is_some_and(|found| found.0 == owner && metric.is_none_or(|metric| metric == found.1)) {
        return None;
    }
    let metric = metric.map_or_else(String::new, |metric| format!(" with metric {metric}"));
    let expected = format!("best of {dest} {} at the end: {owner}{metric}", spell_place(place));
    Some(Unmet { expected, found: spell_best(found) })
}

fn check_unreachable(world: (&ScenarioWorld, &Names), dest: &Prefix) -> Option<Unmet> {
    let place = (0, ViewId::UCAST);
    let found = best(world, dest, place);
    found.as_ref()?;
    let expected = format!("{dest} unreachable {} at the end", spell_place(place));
    Some(Unmet { expected, found: spell_best(found) })
}
