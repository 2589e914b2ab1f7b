//! Which orderings decide a finding: the run again, with two of its events the other way round.
//!
//! The races on the way to a finding are turned round one by one, and so are the orderings that the scenario asks for. One
//! ordering follows from another if whoever turns it turns the other as well: of such a pair the one whose events are nearer
//! to each other is told.
//!
//! To turn an ordering may change nothing because what its second event leads to at the same instant still runs behind the
//! first. So an ordering that changes nothing is stretched: the first event against the first one of its own actor that the second
//! has led to at that instant.
//!
//! A finding may go by chance when a race is turned round, because other races end otherwise then. So such a race is turned under
//! other seeds as well: if it is found under one of them, the race is told only where none decides for sure, and as what it is.
//!
//! Races that are not on the way are turned round too where nothing else decides, or only one ordering does; not with the last half of
//! the callbacks, so that some are left for other findings.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;

use tiebreak::explore::{Among, Cause, Constraint, Director, Directory, EventRef};
use tiebreak::trace::{Causes, Parts};
use tiebreak::{End, Order, Silent, Trace};

use crate::run::{Finding, Prepared, RunOptions};

/// How many deciding orderings are looked for among those that the scenario asks for.
const DECIDING_MAX: usize = 3;
/// Races are looked for until there are so many: those far from the finding may decide by chance.
const DECIDING_RACES_MAX: usize = 2;
/// How many orderings are turned round at most on the way to a finding, and as many elsewhere.
pub const RACES_TURNED: usize = 24;
/// How many races that changed nothing are stretched and turned round once more, at most.
const STRETCHED_MAX: usize = 8;
/// Under how many other seeds a race that decides is turned round as well, as long as more than half of the callbacks are left.
const SEEDS_MORE: u64 = 8;
/// How many callbacks all runs with something turned round may make together: each event that runs is one.
pub const CALLBACKS_TURNED_MAX: u64 = 200_000;
/// How many callbacks one of these runs may make: one that goes on is not worth the others.
const CALLBACKS_OF_ONE_MAX: u64 = 50_000;

/// What came of a finding when two events ran the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turned {
    /// The second cannot run before the first, or does not happen then. The first need not happen: where the second runs before
    /// it, it may have lost its reason.
    Impossible,
    /// It is not found before that run is cut off, because it does not come to its end: nobody knows.
    Endless,
    /// It is found all the same.
    Stays,
    /// It is not found.
    Goes,
}

/// Two events of a trace that run in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ordering {
    /// The records of the event that runs first, and of the other.
    pub records: [u64; 2],
    /// Why they run in this order.
    pub source: OrderingSource,
}

/// Why two events run in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderingSource {
    /// They raced, and this one won.
    Race,
    /// The scenario asks for it, as a kept regression does.
    Scenario,
    /// It follows from one that the scenario asks for.
    Implied,
}

/// How many callbacks runs with something turned round may still make, for all findings of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbacksLeft(u64);

impl Default for CallbacksLeft {
    fn default() -> Self {
        Self(CALLBACKS_TURNED_MAX)
    }
}

impl CallbacksLeft {
    /// Whether no run may be made any more.
    #[must_use]
    pub const fn is_spent(&self) -> bool {
        self.0 == 0
    }

    const fn is_half_spent(&self) -> bool {
        self.0 <= CALLBACKS_TURNED_MAX / 2
    }
}

/// Which orderings decide a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deciding {
    /// Those without which it is not found, in the order in which they were tried: at most two, or three if the scenario asks for one
    /// of them.
    pub orderings: Vec<Ordering>,
    /// Where there is none of these: those without which it is not found under this seed, at most two. It is found without them under
    /// another, or that was not tried to the end.
    pub by_chance: Vec<Ordering>,
    /// How many could be turned round, and were not endless then.
    pub turned: u32,
    /// Those of which it is not known whether they decide, because the run does not come to its end the other way round, in the
    /// order in which they were tried.
    pub endless: Vec<Ordering>,
    /// Why not all were tried; `None` if they were, or if there are as many as are looked for.
    pub cut: Option<DecidingCut>,
}

/// Why not all orderings were turned round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecidingCut {
    /// More callbacks than were left.
    Callbacks,
    /// The caller wanted no more.
    Stopped,
    /// Not all races elsewhere were given, and none decides.
    Crowded,
}

/// Events of a trace that raced, in pairs of their records: the one that ran first is first.
#[derive(Debug, Clone, Copy, Default)]
pub struct Raced<'a> {
    /// On the way to the finding.
    pub on_the_way: &'a [[u64; 2]],
    /// Elsewhere: they are turned round if nothing else decides, and those of one actor also if only one ordering does.
    pub elsewhere: &'a [[u64; 2]],
    /// Whether there may be more elsewhere.
    pub is_cut: bool,
}

/// A finding of a run, and the trace of that run.
#[derive(Debug, Clone, Copy)]
pub struct FoundIn<'a> {
    /// What was found.
    pub finding: &'a Finding,
    /// The trace of the run in which it was.
    pub trace: &'a Trace,
    /// Which record of it led to which.
    pub causes: &'a Causes,
}

impl Prepared {
    /// Returns the orderings that the scenario asks for and of which both events ran, in the order in which it names them.
    ///
    /// # Cost
    /// A few passes over the trace for each.
    #[must_use]
    pub fn orderings_asked(&self, trace: &Trace, causes: &Causes) -> Vec<[u64; 2]> {
        let orderings = self.asked(trace, causes);
        orderings.into_iter().map(|(records, _)| records).collect()
    }

    /// Returns the events of the orderings that the scenario asks for by their numbers, each with what it is called there.
    ///
    /// # Cost
    /// That of [`orderings_asked`](Self::orderings_asked).
    #[must_use]
    pub fn events_asked(&self, trace: &Trace, causes: &Causes) -> Vec<(u64, String)> {
        let of = |([before, after], asked): ([u64; 2], Constraint)| {
            [(before, asked.before.to_string()), (after, asked.after.to_string())]
        };
        self.asked(trace, causes).into_iter().flat_map(of).collect()
    }

    fn asked(&self, trace: &Trace, causes: &Causes) -> Vec<([u64; 2], Constraint)> {
        let orderings = self.cause().constraints.iter().filter_map(|asked| {
            let [before, after] = [&asked.before, &asked.after].map(|event| record_of(trace, causes, event));
            Some(([before?, after?], asked.clone()))
        });
        orderings.collect()
    }

    /// Turns the orderings that the scenario asks for and some races round, one by one, and tells without which of them
    /// something is not found. It stops if `goes_on` says no.
    ///
    /// # Cost
    /// One run for each ordering, and one more for each that the scenario asks for and that changes nothing; at most
    /// [`RACES_TURNED`] orderings, 8 races that were stretched, and [`RACES_TURNED`] races elsewhere. Eight more runs for each
    /// race that decides, and races elsewhere, as long as more than half of the callbacks are left. All with at most as many callbacks
    /// as are left; what they made is taken from these.
    #[must_use]
    pub fn deciding(
        &self,
        options: RunOptions,
        found: FoundIn<'_>,
        raced: Raced<'_>,
        (left, goes_on): (&mut CallbacksLeft, &dyn Fn() -> bool),
    ) -> Deciding {
        let mut search = Search { prepared: self, options, found, deciding: Deciding::default() };
        // Nothing is left to try if it ends early.
        let is_all = search.try_all(raced, (left, goes_on)).is_ok();
        let mut deciding = search.into_deciding();
        if is_all && raced.is_cut && deciding.orderings.is_empty() {
            deciding.cut = Some(DecidingCut::Crowded);
        }
        deciding
    }

    /// Runs again with one ordering turned round, and tells whether something is still found that was found without, and how many
    /// callbacks that took. All else is decided as these options say. `None` if fewer callbacks are left than it takes.
    fn turn(
        &self,
        options: RunOptions,
        candidate: &Candidate,
        found: &Finding,
        left: u64,
    ) -> Option<(Turned, u64)> {
        let Constraint { before, after } = &candidate.turned;
        let turned = Constraint { before: after.clone(), after: before.clone() };
        let settings = self.settings(options);
        let most = left.min(CALLBACKS_OF_ONE_MAX);
        let is_short = most < settings.limits.events;
        let limit = if is_short { Some(most) } else { options.limit };
        let options = RunOptions { limit, ..options };
        let mut directory = Directory::default();
        let mut director = Director::new(&mut directory, settings.seed);
        director.keep(&Cause::of_orderings(vec![turned]));
        let freer =
            candidate.asked.as_ref().map_or(Cow::Borrowed(self), |asked| self.without_ordering(asked));
        let (report, (), Silent) = freer.run_directed(options, Silent, &mut director, |_| ());
        if is_short && most == left && matches!(report.end, End::Limit(_)) {
            return None;
        }
        let is_turned = director.kept().first().is_some_and(|kept| kept.has_before_run && !kept.is_broken);
        let has_ended = matches!(report.end, End::Quiescent | End::Horizon);
        let turned = if !is_turned {
            Turned::Impossible
        } else if report.findings.iter().any(|finding| finding.is_same_as(found)) {
            Turned::Stays
        } else if has_ended {
            Turned::Goes
        } else {
            Turned::Endless
        };
        Some((turned, report.events))
    }
}

/// An ordering that may decide.
#[derive(Debug, Clone)]
struct Candidate {
    ordering: Ordering,
    /// The ordering as it is asked for: its events change places in it.
    turned: Constraint,
    /// What the scenario asks for, and is not asked for in a run in which this is turned round.
    asked: Option<Constraint>,
}

impl Candidate {
    /// The same first event, and the first one of its actor that the second has led to at this instant; `None` if there is none.
    fn stretched(&self, trace: &Trace, causes: &Causes) -> Option<Self> {
        let [first, second] = self.ordering.records;
        let (actor, at) = (trace.record(first)?.actor, trace.record(second)?.instant);
        let later = (second + 1..).map_while(|number| trace.record(number).map(|parts| (number, parts)));
        let mut later = later.take_while(|(_, parts)| parts.instant == at);
        let mut led_to = BTreeSet::from([second]);
        let (last, _) = later.find(|(number, parts)| {
            let is_led_to = causes.cause(trace, *number).is_some_and(|cause| led_to.contains(&cause));
            parts.event_code().is_some() && is_led_to && {
                led_to.insert(*number);
                parts.actor == actor
            }
        })?;
        let source = match self.ordering.source {
            OrderingSource::Race => OrderingSource::Race,
            OrderingSource::Scenario | OrderingSource::Implied => OrderingSource::Implied,
        };
        let records = [first, last];
        let turned = constraint_of(trace, causes, records)?;
        Some(Self { ordering: Ordering { records, source }, turned, asked: self.asked.clone() })
    }
}

/// What has been found out of which orderings decide.
struct Search<'a> {
    prepared: &'a Prepared,
    options: RunOptions,
    found: FoundIn<'a>,
    deciding: Deciding,
}

/// No more orderings are to be tried: enough decide, not enough callbacks are left, or the caller wants no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Enough;

impl Search<'_> {
    /// Turns orderings round until enough decide.
    fn try_all(
        &mut self,
        raced: Raced<'_>,
        (left, goes_on): (&mut CallbacksLeft, &dyn Fn() -> bool),
    ) -> Result<(), Enough> {
        let FoundIn { trace, causes, .. } = self.found;
        let asked = self.prepared.asked(trace, causes).into_iter().map(|(records, constraint)| {
            let ordering = Ordering { records, source: OrderingSource::Scenario };
            Candidate { ordering, turned: constraint.clone(), asked: Some(constraint) }
        });
        let race = |records: &[u64; 2]| {
            let ordering = Ordering { records: *records, source: OrderingSource::Race };
            Some(Candidate { ordering, turned: constraint_of(trace, causes, *records)?, asked: None })
        };
        let on_the_way = raced.on_the_way.iter().filter_map(race);
        let mut stretched: Vec<Candidate> = Vec::new();
        for candidate in asked.chain(on_the_way).take(RACES_TURNED) {
            let turned = self.try_one(&candidate, (left, goes_on))?;
            let longer =
                (turned == Some(Turned::Stays)).then(|| candidate.stretched(trace, causes)).flatten();
            match (longer, candidate.ordering.source) {
                (None, _) => {}
                (Some(longer), OrderingSource::Race) => stretched.push(longer),
                (Some(longer), OrderingSource::Scenario | OrderingSource::Implied) => {
                    self.try_one(&longer, (left, goes_on))?;
                }
            }
        }
        for candidate in stretched.iter().take(STRETCHED_MAX) {
            self.try_one(candidate, (left, goes_on))?;
        }
        // If something decides already, others may decide with it: those of one actor, which has two things to do in some order.
        let is_first = self.deciding.orderings.is_empty();
        let is_meant = |pair: &&[u64; 2]| is_first || is_of_one_actor(trace, pair);
        for candidate in raced.elsewhere.iter().filter(is_meant).filter_map(race).take(RACES_TURNED) {
            if left.is_half_spent() {
                self.deciding.cut = Some(DecidingCut::Callbacks);
                return Err(Enough);
            }
            self.try_one(&candidate, (left, goes_on))?;
        }
        Ok(())
    }

    /// Turns one ordering round, unless it follows from what is known. `None` if it does.
    fn try_one(
        &mut self,
        candidate: &Candidate,
        (left, goes_on): (&mut CallbacksLeft, &dyn Fn() -> bool),
    ) -> Result<Option<Turned>, Enough> {
        let ordering = candidate.ordering;
        if self.deciding.orderings.len() >= most_of(ordering.source) {
            return Err(Enough);
        }
        if self.deciding.orderings.iter().any(|other| self.does_follow(ordering, *other)) {
            return Ok(None);
        }
        let turned = self.turn(self.options, candidate, (left, goes_on))?;
        match turned {
            Turned::Impossible => {}
            Turned::Endless => self.deciding.endless.push(ordering),
            Turned::Stays => self.deciding.turned += 1,
            Turned::Goes => {
                self.deciding.turned += 1;
                // It is kept before anything else is tried, which may be cut off.
                self.deciding.by_chance.push(ordering);
                if self.goes_always(candidate, (left, goes_on))? {
                    self.deciding.by_chance.pop();
                    self.tell(ordering);
                }
            }
        }
        Ok(Some(turned))
    }

    /// Whether a finding goes under other seeds too. What the scenario asks for goes by no seed.
    fn goes_always(
        &mut self,
        candidate: &Candidate,
        (left, goes_on): (&mut CallbacksLeft, &dyn Fn() -> bool),
    ) -> Result<bool, Enough> {
        let settings = self.prepared.settings(self.options);
        let is_drawn = candidate.ordering.source == OrderingSource::Race && settings.order != Order::Fifo;
        let seeds = if is_drawn { SEEDS_MORE } else { 0 };
        for seed in (1..=seeds).map(|more| settings.seed.wrapping_add(more)) {
            let options = RunOptions { seed: Some(seed), ..self.options };
            if left.is_half_spent() {
                break;
            }
            if self.turn(options, candidate, (left, goes_on))? == Turned::Stays {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Turns one ordering round.
    fn turn(
        &mut self,
        options: RunOptions,
        candidate: &Candidate,
        (left, goes_on): (&mut CallbacksLeft, &dyn Fn() -> bool),
    ) -> Result<Turned, Enough> {
        if !goes_on() {
            self.deciding.cut = Some(DecidingCut::Stopped);
            return Err(Enough);
        }
        let turned = if left.is_spent() {
            None
        } else {
            self.prepared.turn(options, candidate, self.found.finding, left.0)
        };
        let Some((turned, callbacks)) = turned else {
            left.0 = 0;
            self.deciding.cut = Some(DecidingCut::Callbacks);
            return Err(Enough);
        };
        left.0 -= callbacks.min(left.0);
        Ok(turned)
    }

    /// Takes up an ordering that decides. What was told before, and follows from this one, says less.
    fn tell(&mut self, ordering: Ordering) {
        let mut orderings = core::mem::take(&mut self.deciding.orderings);
        orderings.retain(|other| !self.does_follow(*other, ordering));
        orderings.push(ordering);
        self.deciding.orderings = orderings;
    }

    fn does_follow(&self, ordering: Ordering, other: Ordering) -> bool {
        let FoundIn { trace, causes, .. } = self.found;
        follows(trace, causes, ordering.records, other.records)
    }

    /// Leaves those that decide by chance out where others decide for sure, and of them those that follow from others.
    fn into_deciding(mut self) -> Deciding {
        for ordering in core::mem::take(&mut self.deciding.by_chance) {
            let Deciding { orderings, by_chance, .. } = &self.deciding;
            let follows =
                |other: &Ordering| self.does_follow(ordering, *other) || self.does_follow(*other, ordering);
            let is_told = orderings.is_empty()
                && by_chance.len() < DECIDING_RACES_MAX
                && !by_chance.iter().any(follows);
            if is_told {
                self.deciding.by_chance.push(ordering);
            }
        }
        self.deciding
    }
}

/// How many orderings are known when none of this source is tried any more.
const fn most_of(source: OrderingSource) -> usize {
    match source {
        OrderingSource::Scenario | OrderingSource::Implied => DECIDING_MAX,
        OrderingSource::Race => DECIDING_RACES_MAX,
    }
}

fn is_of_one_actor(trace: &Trace, records: &[u64; 2]) -> bool {
    let [one, other] = records.map(|number| trace.record(number).map(|parts| parts.actor));
    one == other
}

/// How an ordering of the events of two records is asked for; `None` if one of them is no event.
fn constraint_of(trace: &Trace, causes: &Causes, records: [u64; 2]) -> Option<Constraint> {
    let [before, after] = records.map(|number| reference(trace, causes, number));
    Some(Constraint { before: before?, after: after? })
}

/// Whether an ordering follows from another: its first event led to the other's first one, or is it, and its second one came of
/// the other's second one, or is it. Whoever turns it round turns the other as well.
fn follows(trace: &Trace, causes: &Causes, [first, second]: [u64; 2], other: [u64; 2]) -> bool {
    causes.chain(trace, other[0]).contains(&first) && causes.chain(trace, second).contains(&other[1])
}

fn spelling(trace: &Trace, number: u64) -> String {
    trace.record(number).map(|parts| trace.spelling(&parts)).unwrap_or_default()
}

/// How an event is called in an ordering: by its number among the events of its name that its cause has caused.
fn reference(trace: &Trace, causes: &Causes, number: u64) -> Option<EventRef> {
    let parts = trace.record(number)?;
    let name = spelling(trace, number);
    let alike = trace.records().take_while(|(other, _)| *other <= number).filter(|(_, other)| {
        other.event_code().is_some() && other.name_code() == parts.name_code() && other.cause == parts.cause
    });
    let repeat = u32::try_from(alike.count()).ok()?;
    let counted = EventRef { repeat, ..name.parse::<EventRef>().ok()? };
    match causes.cause(trace, number) {
        Some(cause) => Some(counted.of(spelling(trace, cause).parse::<EventRef>().ok()?)),
        None => Some(counted.from_outside()),
    }
}

/// The record of the event that an ordering means; `None` if it did not run.
fn record_of(trace: &Trace, causes: &Causes, meant: &EventRef) -> Option<u64> {
    let EventRef { name, repeat, among } = meant;
    let cause = match among {
        Among::Run | Among::Outside => None,
        Among::Of(cause) => Some(record_of(trace, causes, cause)?),
    };
    let is_alike = |(number, parts): &(u64, Parts<'_>)| {
        let spelling = trace.spelling(parts);
        let is_of_name = spelling.rsplit_once('#').is_some_and(|(bare, _)| bare == name);
        parts.event_code().is_some()
            && is_of_name
            && match among {
                Among::Run => true,
                Among::Outside => parts.cause.is_none(),
                Among::Of(_) => causes.cause(trace, *number) == cause,
            }
    };
    let nth = usize::try_from(*repeat).ok()?.checked_sub(1)?;
    trace.records().filter(is_alike).map(|(number, _)| number).nth(nth)
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;
    use crate::{Recorded, Recordings};

    /// Who adds the route first owns it; what `c` does is of no matter, and its second step comes of its first one.
    const RACE: &str = r#"Scenario(
        format: 1,
        until: "20s",
        clients: [
            Client(name: "a", protocol: "RIP", script: [
                At("0s", Register),
                At("10s", AddRoute(name: "r", dest: "10.0.0.0/8", metric: 3)),
            ]),
            Client(name: "b", protocol: "RIP", script: [
                At("0s", Register),
                At("10s", AddRoute(name: "r", dest: "10.0.0.0/8", metric: 3)),
            ]),
            Client(name: "c", protocol: "RIP", script: [
                At("0s", Register),
                Every(from: "10s", period: "2s", times: 2, do: After("0s", [Set("x")], "late"), label: "first"),
            ]),
        ],
        ORDER
        expect: [Best(dest: "10.0.0.0/8", owner: "a", metric: 3)],
    )"#;
    const A: &str = "a/step(add-route(10.0.0.0/8)#1)#1";
    const B: &str = "b/step(add-route(10.0.0.0/8)#1)#1";
    const KEPT: &str = r#"order: Constrained([Before("b/step(add-route(10.0.0.0/8)#1)#1", "a/step(add-route(10.0.0.0/8)#1)#1")]),"#;

    fn prepared(order: &str) -> Prepared {
        let plan = tiebreak_scenario::load(&RACE.replace("ORDER", order)).unwrap().plan;
        Prepared::new(&plan, &Recordings::new()).unwrap()
    }

    /// A run that fails: in it `b` comes first.
    fn failing(prepared: &Prepared) -> (RunOptions, Recorded) {
        let runs = (1..).map(|seed| {
            let options = RunOptions { seed: Some(seed), ..RunOptions::default() };
            (options, prepared.record(options))
        });
        runs.take(64).find(|(_, run)| !run.report.findings.is_empty()).unwrap()
    }

    fn on_the_way(races: &[[u64; 2]]) -> Raced<'_> {
        Raced { on_the_way: races, ..Raced::default() }
    }

    fn events(trace: &Trace) -> Vec<(u64, String)> {
        let events = trace.records().filter(|(_, parts)| parts.event_code().is_some());
        events.map(|(number, parts)| (number, trace.spelling(&parts))).collect()
    }

    fn number(trace: &Trace, name: &str) -> u64 {
        let events = events(trace);
        events.iter().find(|(_, other)| other.starts_with(name)).expect(name).0
    }

    #[test]
    fn of_the_races_the_one_that_decides_is_told_and_others_are_counted() {
        let prepared = prepared("");
        let (options, Recorded { report, trace, .. }) = failing(&prepared);
        let causes = &Causes::of(&trace);
        let found = FoundIn { finding: &report.findings[0], trace: &trace, causes };
        let [a, b, c] = [A, B, "c/step(first"].map(|name| number(&trace, name));
        let of_no_matter = if c < a { [c, a] } else { [a, c] };
        let deciding_within = |races: &[[u64; 2]], callbacks| {
            let mut left = CallbacksLeft(callbacks);
            (prepared.deciding(options, found, on_the_way(races), (&mut left, &|| true)), left.0)
        };
        let ordering = Ordering { records: [b, a], source: OrderingSource::Race };
        let both = Deciding { orderings: vec![ordering], turned: 2, ..Deciding::default() };
        let events = report.events;
        assert_eq!(deciding_within(&[of_no_matter, [b, a]], 3 * events), (both.clone(), events));
        // Under other seeds it goes as well, which is tried as long as there are callbacks enough.
        let runs_more = CALLBACKS_TURNED_MAX - (2 + SEEDS_MORE) * events;
        assert_eq!(deciding_within(&[of_no_matter, [b, a]], CALLBACKS_TURNED_MAX), (both, runs_more));
        let none = Deciding { orderings: vec![], turned: 1, ..Deciding::default() };
        assert_eq!(deciding_within(&[of_no_matter], events + 1).0, none);
        // The first run takes as many callbacks as this one had; for the second there are too few left.
        let cut = Some(DecidingCut::Callbacks);
        let one = Deciding { orderings: vec![], turned: 1, cut, ..Deciding::default() };
        assert_eq!(deciding_within(&[of_no_matter, [b, a]], events + 1), (one, 0));
        let nothing = Deciding { cut, ..Deciding::default() };
        assert_eq!(deciding_within(&[[b, a]], events - 1).0, nothing);
        assert_eq!(deciding_within(&[[b, a]], 0), (nothing, 0));
        let stopped = Deciding { cut: Some(DecidingCut::Stopped), ..Deciding::default() };
        let mut left = CallbacksLeft::default();
        assert_eq!(prepared.deciding(options, found, on_the_way(&[[b, a]]), (&mut left, &|| false)), stopped);
    }

    #[test]
    fn what_decides_by_chance_is_told_as_that_and_only_where_nothing_decides_for_sure() {
        let prepared = prepared("");
        // What `c` does is of no matter: where turning it round helps, that is chance.
        let by_chance = (1..256).find_map(|seed| {
            let options = RunOptions { seed: Some(seed), ..RunOptions::default() };
            let Recorded { report, trace, .. } = prepared.record(options);
            let causes = &Causes::of(&trace);
            let found = FoundIn { finding: report.findings.first()?, trace: &trace, causes };
            let [a, b, c] = [A, B, "c/step(first"].map(|name| number(&trace, name));
            let told = |races: &[[u64; 2]]| {
                let left = &mut CallbacksLeft::default();
                let Deciding { orderings, by_chance, .. } =
                    prepared.deciding(options, found, on_the_way(races), (left, &|| true));
                [orderings, by_chance].map(|of| of.iter().map(|told| told.records).collect::<Vec<_>>())
            };
            let [sure, chance] = if b < c { told(&[[b, c]]) } else { return None };
            assert_eq!(sure, [[0; 2]; 0], "seed {seed}");
            (!chance.is_empty()).then(|| (chance, [[b, c], [b, a]], told(&[[b, c], [b, a]])))
        });
        let (chance, [of_no_matter, decides], both) =
            by_chance.expect("a seed under which it goes by chance");
        assert_eq!((chance, both), (vec![of_no_matter], [vec![decides], vec![]]));
    }

    #[test]
    fn half_of_the_callbacks_are_left_for_what_is_on_the_way_to_other_findings() {
        let prepared = prepared("");
        let (options, Recorded { report, trace, .. }) = failing(&prepared);
        let causes = &Causes::of(&trace);
        let found = FoundIn { finding: &report.findings[0], trace: &trace, causes };
        let elsewhere = [[B, A].map(|name| number(&trace, name))];
        let told = |callbacks| {
            let (left, raced) =
                (&mut CallbacksLeft(callbacks), Raced { elsewhere: &elsewhere, ..Raced::default() });
            let told = prepared.deciding(options, found, raced, (left, &|| true));
            (told.orderings.len(), told.cut, left.0)
        };
        let half = CALLBACKS_TURNED_MAX / 2;
        assert_eq!(told(half), (0, Some(DecidingCut::Callbacks), half));
        assert_eq!(told(half + 1), (1, None, half + 1 - report.events));
    }

    #[test]
    fn an_ordering_that_the_scenario_asks_for_is_turned_as_well() {
        let prepared = prepared(KEPT);
        let Recorded { report, trace, .. } = prepared.record(RunOptions::default());
        let causes = &Causes::of(&trace);
        let [a, b] = [A, B].map(|name| number(&trace, name));
        assert_eq!(prepared.orderings_asked(&trace, causes), [[b, a]]);
        let found = FoundIn { finding: &report.findings[0], trace: &trace, causes };
        let deciding = prepared.deciding(
            RunOptions::default(),
            found,
            Raced::default(),
            (&mut CallbacksLeft::default(), &|| true),
        );
        let ordering = Ordering { records: [b, a], source: OrderingSource::Scenario };
        assert_eq!(deciding, Deciding { orderings: vec![ordering], turned: 1, ..Deciding::default() });
    }

    /// What `relay` hears of `ospf` counts only behind its own round: that decides, and not whether `ospf` is behind the round.
    const HEARD: &str = r#"Scenario(
        format: 1,
        until: "20s",
        clients: [
            Client(name: "ospf", protocol: "OSPF", callback: false, script: [
                At("0s", Register),
                At("10s", AddRoute(dest: "10.1.0.0/16", metric: 3)),
            ]),
            Client(name: "relay", protocol: "RIP", script: [
                At("0s", All([Register, RegisterForChanges(name: "ways", types: [Best], suppress_own: true)])),
                Step(at: "10s", do: Set("round"), label: "round"),
            ], on: { ChangeNotification: [When(Flag("round"), [AddRoute(dest: "10.0.0.0/8", metric: 1)])] }),
        ],
        order: Constrained([Before("relay/step(round)#1", "ospf/step(add-route(10.1.0.0/16)#1)#1")]),
        expect: [Unreachable("10.0.0.0/8")],
    )"#;

    #[test]
    fn an_ordering_that_changes_nothing_is_stretched_to_what_its_second_event_led_to() {
        let plan = tiebreak_scenario::load(HEARD).unwrap().plan;
        let prepared = Prepared::new(&plan, &Recordings::new()).unwrap();
        let fifo = RunOptions { order: Some(Order::Fifo), ..RunOptions::default() };
        let Recorded { report, trace, .. } = prepared.record(fifo);
        let causes = &Causes::of(&trace);
        let [round, heard] =
            ["relay/step(round)", "relay/change-notification(ways)"].map(|name| number(&trace, name));
        let found = FoundIn { finding: &report.findings[0], trace: &trace, causes };
        let deciding =
            prepared.deciding(fifo, found, Raced::default(), (&mut CallbacksLeft::default(), &|| true));
        let ordering = Ordering { records: [round, heard], source: OrderingSource::Implied };
        assert_eq!(deciding, Deciding { orderings: vec![ordering], turned: 2, ..Deciding::default() });
    }

    #[test]
    fn races_elsewhere_are_turned_if_none_on_the_way_decides() {
        let prepared = prepared("");
        let (options, Recorded { report, trace, .. }) = failing(&prepared);
        let causes = &Causes::of(&trace);
        let found = FoundIn { finding: &report.findings[0], trace: &trace, causes };
        let [a, b] = [A, B].map(|name| number(&trace, name));
        let ordering = Ordering { records: [b, a], source: OrderingSource::Race };
        let decides = Deciding { orderings: vec![ordering], turned: 1, ..Deciding::default() };
        let raced = Raced { elsewhere: &[[b, a]], ..Raced::default() };
        let deciding =
            |raced| prepared.deciding(options, found, raced, (&mut CallbacksLeft::default(), &|| true));
        assert_eq!(deciding(raced), decides);
        // It is not turned twice, and once one is known, only those of one actor are tried.
        let more = [[b, a], [number(&trace, "c/step(first"), a]];
        let on_the_way = [[b, a]];
        assert_eq!(deciding(Raced { on_the_way: &on_the_way, elsewhere: &more, is_cut: true }), decides);
        // That there are more is said where none of these decides.
        let raced = Raced { elsewhere: &more[1..], is_cut: true, ..Raced::default() };
        assert_eq!(deciding(raced).cut, Some(DecidingCut::Crowded));
    }

    #[test]
    fn an_ordering_follows_from_one_of_what_it_led_to() {
        let prepared = prepared("");
        let (_, Recorded { trace, .. }) = failing(&prepared);
        let causes = &Causes::of(&trace);
        let [a, first, late] = [A, "c/step(first", "c/step(late"].map(|name| number(&trace, name));
        let follows = |one, other| follows(&trace, causes, one, other);
        assert!(follows([first, a], [late, a]) && !follows([late, a], [first, a]));
        assert!(follows([a, late], [a, first]) && !follows([a, first], [a, late]));
        assert!(follows([a, late], [a, late]) && !follows([late, a], [a, late]));
    }

    #[test]
    fn what_an_event_is_called_means_that_event() {
        for order in ["", KEPT] {
            let (_, Recorded { trace, .. }) = failing(&prepared(order));
            let causes = &Causes::of(&trace);
            for (number, name) in events(&trace) {
                let called = reference(&trace, causes, number).unwrap();
                assert_eq!(record_of(&trace, causes, &called), Some(number), "{called}");
                let in_run = name.parse::<EventRef>().unwrap();
                assert_eq!(record_of(&trace, causes, &in_run), Some(number), "{in_run}");
                let next = EventRef { repeat: in_run.repeat + 1, ..in_run };
                assert!(record_of(&trace, causes, &next) != Some(number), "{}", format!("{next}"));
            }
        }
    }
}
