//! Judges the expectations of a plan: on events by pattern while it runs, on the table at its end.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::net::IpAddr;

use tiebreak::{Instant, Names, Origin, Record, Recorder, Span, Subject as _, Term};
use tiebreak_rtm::{NetAddress, Status, TableId, ViewId};
use tiebreak_rtm_sim::vocabulary::{key, kind, word};
use tiebreak_rtm_sim::{Subject, table_actor_name};
use tiebreak_scenario::is_glob_match;
use tiebreak_scenario::plan::{Best, Expectation, Pattern};

use crate::build::ScenarioWorld;

/// An expectation that was not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// The number of the record that shows it: of a table, the last one that changed the best route; of an event, the one that
    /// should not have happened, or not so. `None` if nothing happened.
    pub record: Option<u64>,
    /// The name of what should have happened and did not; `None` if that has no one name.
    pub missing: Option<String>,
}

impl fmt::Display for Unmet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "expected {}; found {}", self.expected, self.found)
    }
}

/// Counts the events that match the patterns of a plan, and finds those that are not as expected.
#[derive(Debug, Clone, Default)]
pub(crate) struct Witness {
    watched: Vec<Watched>,
    bests: Vec<BestSeen>,
    subject: String,
}

/// A destination whose best route is asked for at the end.
#[derive(Debug, Clone)]
struct BestSeen {
    dest: NetAddress,
    place: (u16, ViewId),
    /// The actor of the manager's notes about its table.
    actor: String,
    /// The number of the last record that changed its best route.
    last: Option<u64>,
    /// Whether its best route changed in any view: all these records have one name.
    is_named: bool,
}

impl BestSeen {
    fn see(&mut self, names: &Names, record: &Record<'_, Subject>) {
        let is_own =
            record.name.subject == Subject::Dest(self.dest) && names.text(record.name.actor) == self.actor;
        if !is_own {
            return;
        }
        self.is_named = true;
        if record.word(key::VIEW) == Some(word::view(self.place.1)) {
            self.last = Some(record.number);
        }
    }

    /// The name of a record of a change, if there is none.
    fn missing(&self) -> Option<String> {
        (!self.is_named).then(|| format!("{}/{}({})", self.actor, kind::BEST.text(), self.dest))
    }
}

#[derive(Debug, Clone)]
struct Watched {
    pattern: Pattern,
    demand: Option<Demand>,
    count: u64,
    /// The number of the first record.
    first: Option<u64>,
    /// The number of the last record.
    last: Option<u64>,
    /// The first event that is not as expected, as a message says it, and the number of its record.
    odd: Option<(String, u64)>,
}

/// What is expected of every event that matches a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Demand {
    /// It happens at this instant.
    At(Instant),
    /// It happens from the one instant to the other, both included.
    Within(Instant, Instant),
    /// It happens at this instant or later.
    After(Instant),
    /// It is a call that is answered with this status.
    Answers(Status),
}

impl Demand {
    /// Returns the pattern and the demand of an expectation on every event of a pattern; `None` for other expectations.
    fn of(expectation: &Expectation) -> Option<(&Pattern, Self)> {
        let instant = |span: &Span| Instant::START.saturating_add(*span);
        match expectation {
            Expectation::At { of, at } => Some((of, Self::At(instant(at)))),
            Expectation::Within { of, from, to } => Some((of, Self::Within(instant(from), instant(to)))),
            Expectation::After { of, from } => Some((of, Self::After(instant(from)))),
            Expectation::Answers { of, status } => {
                Some((of, Self::Answers(Status::from_code(status.number()))))
            }
            Expectation::Best(_)
            | Expectation::Unreachable(_)
            | Expectation::Count { .. }
            | Expectation::Before(..)
            | Expectation::Never(_)
            | Expectation::Orders { .. }
            | Expectation::Fails(_) => None,
        }
    }

    fn is_met_by(self, record: &Record<'_, Subject>) -> bool {
        match self {
            Self::At(at) => record.instant == at,
            Self::Within(from, to) => (from..=to).contains(&record.instant),
            Self::After(from) => record.instant >= from,
            Self::Answers(status) => answer(record) == Some(status),
        }
    }

    /// Returns what an event that does not meet the demand is instead, unless its instant says so.
    fn instead(self, record: &Record<'_, Subject>) -> String {
        match (self, answer(record)) {
            (Self::At(_) | Self::Within(..) | Self::After(_), _) => String::new(),
            (Self::Answers(_), Some(status)) => format!(" answered with {status}"),
            (Self::Answers(_), None) => {
                let why = record.word(key::VIOLATION).or_else(|| record.word(key::STATUS));
                format!(" without a status: {}", why.map_or("refused", Term::text))
            }
        }
    }
}

impl fmt::Display for Demand {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => write!(out, "at {at}"),
            Self::Within(from, to) => write!(out, "from {from} to {to}"),
            Self::After(from) => write!(out, "at {from} or later"),
            Self::Answers(status) => write!(out, "answered with {status}"),
        }
    }
}

/// Returns the status that answered a noted call, if there was one. All statuses that the manager answers with have names.
fn answer(record: &Record<'_, Subject>) -> Option<Status> {
    let word = record.word(key::STATUS)?;
    Status::NAMED.iter().map(|(_, status)| *status).find(|status| status.name() == Some(word.text()))
}

impl Witness {
    pub(crate) fn new(expectations: &[Expectation]) -> Self {
        let mut witness = Self::default();
        for expectation in expectations {
            match expectation {
                Expectation::Count { of, .. } | Expectation::Never(of) => witness.watch(of, None),
                Expectation::Before(earlier, later) => {
                    witness.watch(earlier, None);
                    witness.watch(later, None);
                }
                Expectation::At { .. }
                | Expectation::Within { .. }
                | Expectation::After { .. }
                | Expectation::Answers { .. }
                | Expectation::Orders { .. }
                | Expectation::Fails(_) => {}
                Expectation::Best(best) => witness.watch_best(best.dest, place_of(best)),
                Expectation::Unreachable(dest) => witness.watch_best(*dest, UNREACHABLE_IN),
            }
            if let Some((of, demand)) = Demand::of(expectation) {
                witness.watch(of, Some(demand));
            }
        }
        witness
    }

    fn watch(&mut self, pattern: &Pattern, demand: Option<Demand>) {
        if self.find(pattern, demand).is_none() {
            let pattern = pattern.clone();
            self.watched.push(Watched { pattern, demand, count: 0, first: None, last: None, odd: None });
        }
    }

    fn watch_best(&mut self, dest: NetAddress, place: (u16, ViewId)) {
        if !self.bests.iter().any(|best| (best.dest, best.place) == (dest, place)) {
            let actor = table_actor_name(TableId { instance: place.0, family: dest.family() });
            self.bests.push(BestSeen { dest, place, actor, last: None, is_named: false });
        }
    }

    /// What was seen of a best route.
    fn best(&self, dest: NetAddress, place: (u16, ViewId)) -> Option<&BestSeen> {
        self.bests.iter().find(|best| (best.dest, best.place) == (dest, place))
    }

    fn find(&self, pattern: &Pattern, demand: Option<Demand>) -> Option<&Watched> {
        self.watched.iter().find(|watched| watched.pattern == *pattern && watched.demand == demand)
    }

    fn count(&self, pattern: &Pattern) -> u64 {
        self.find(pattern, None).map_or(0, |watched| watched.count)
    }

    fn first(&self, pattern: &Pattern) -> Option<u64> {
        self.find(pattern, None).and_then(|watched| watched.first)
    }

    fn last(&self, pattern: &Pattern) -> Option<u64> {
        self.find(pattern, None).and_then(|watched| watched.last)
    }

    /// Returns the expectations that were not met, except those on monitors.
    pub(crate) fn unmet(
        &self,
        expectations: &[Expectation],
        world: &ScenarioWorld<'_>,
        names: &Names,
    ) -> Vec<Unmet> {
        let unmet = |expectation: &Expectation| match expectation {
            Expectation::Best(best) => check_best((world, names), best, self.best(best.dest, place_of(best))),
            Expectation::Unreachable(dest) => {
                check_unreachable((world, names), *dest, self.best(*dest, UNREACHABLE_IN))
            }
            Expectation::Count { of, is, at_least, at_most } => {
                self.check_count(of, *is, *at_least, *at_most)
            }
            Expectation::Before(earlier, later) => self.check_before(earlier, later),
            Expectation::Never(of) => self.check_never(of),
            Expectation::At { .. }
            | Expectation::Within { .. }
            | Expectation::After { .. }
            | Expectation::Answers { .. } => {
                Demand::of(expectation).and_then(|(of, demand)| self.check_every(of, demand))
            }
            Expectation::Orders { .. } | Expectation::Fails(_) => None,
        };
        expectations.iter().filter_map(unmet).collect()
    }

    /// Hashes what was seen, as far as it decides which of the expectations will not be met: how often something happened,
    /// up to where more makes no difference, what came first of two, and whether something was not as expected. Not when and
    /// how: a message says it, and nothing goes by it.
    pub(crate) fn hash_for(&self, expectations: &[Expectation], state: &mut impl Hasher) {
        for expectation in expectations {
            match expectation {
                Expectation::Count { of, is, at_least, at_most } => {
                    let bounds = [is.map(above), *at_least, at_most.map(above)];
                    let enough = bounds.into_iter().flatten().max().unwrap_or_default();
                    self.count(of).min(enough).hash(state);
                }
                Expectation::Before(earlier, later) => {
                    let (earlier, later) = (self.first(earlier), self.first(later));
                    (earlier.is_some(), later.is_some(), earlier < later).hash(state);
                }
                Expectation::Never(of) => self.first(of).is_some().hash(state),
                Expectation::At { .. }
                | Expectation::Within { .. }
                | Expectation::After { .. }
                | Expectation::Answers { .. } => {
                    let found = Demand::of(expectation).and_then(|(of, demand)| self.find(of, Some(demand)));
                    found.map(|watched| (watched.count > 0, watched.odd.is_some())).hash(state);
                }
                // The table and the monitors decide these.
                Expectation::Best(_)
                | Expectation::Unreachable(_)
                | Expectation::Orders { .. }
                | Expectation::Fails(_) => {}
            }
        }
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
        let (record, missing) = (self.last(of), only_name(of).filter(|_| count == 0));
        Some(Unmet { expected: format!("{expected} of {of}"), found: count.to_string(), record, missing })
    }

    fn check_never(&self, of: &Pattern) -> Option<Unmet> {
        let record = self.first(of)?;
        let found = match self.count(of) {
            1 => format!("it happened once, as record {record}"),
            count => format!("it happened {count} times, first as record {record}"),
        };
        Some(Unmet { expected: format!("never {of}"), found, record: Some(record), missing: None })
    }

    fn check_before(&self, earlier: &Pattern, later: &Pattern) -> Option<Unmet> {
        let expected = format!("{earlier} before {later}");
        match (self.first(earlier), self.first(later)) {
            (Some(before), Some(after)) if before < after => None,
            (Some(before), Some(after)) => Some(Unmet {
                expected,
                found: format!("records {before} and {after}, in the opposite order"),
                record: Some(before),
                missing: None,
            }),
            (None, record) => Some(did_not_happen(expected, earlier, record)),
            (record, None) => Some(did_not_happen(expected, later, record)),
        }
    }

    fn check_every(&self, of: &Pattern, demand: Demand) -> Option<Unmet> {
        let watched = self.find(of, Some(demand))?;
        let odd = watched.odd.clone().map(|(found, record)| (found, Some(record)));
        let nothing = || (watched.count == 0).then(|| ("no such event".into(), None));
        let (found, record) = odd.or_else(nothing)?;
        let missing = only_name(of).filter(|_| record.is_none());
        Some(Unmet { expected: format!("every {of} {demand}"), found, record, missing })
    }
}

fn did_not_happen(expected: String, of: &Pattern, record: Option<u64>) -> Unmet {
    Unmet { expected, found: format!("{of} did not happen"), record, missing: only_name(of) }
}

/// Returns the only name that a pattern can match, as traces spell it; `None` if there may be more.
fn only_name(of: &Pattern) -> Option<String> {
    let Pattern { actor, kind, subject, repeat: _ } = of;
    let subject = subject.as_ref()?;
    let is_one = [actor, kind, subject].iter().all(|part| !part.contains('*'));
    // What has no subject has no parentheses.
    let spelled = Pattern { subject: Some(subject.clone()).filter(|text| !text.is_empty()), ..of.clone() };
    is_one.then(|| spelled.to_string())
}

impl Recorder<Subject> for Witness {
    fn record(&mut self, names: &Names, record: &Record<'_, Subject>) {
        if record.name.kind == kind::BEST {
            for best in &mut self.bests {
                best.see(names, record);
            }
        }
        if self.watched.is_empty() {
            return;
        }
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
                watched.last = Some(record.number);
                if let Some(demand) = watched.demand.filter(|demand| !demand.is_met_by(record)) {
                    let Record { number, instant, .. } = record;
                    watched.odd.get_or_insert_with(|| {
                        let name = spell_name((actor, kind, &self.subject), repeat);
                        let what = format!("{name}{} at {instant}, record {number}", demand.instead(record));
                        (what, *number)
                    });
                }
            }
        }
    }
}

/// More than so many.
const fn above(bound: u64) -> u64 {
    bound.saturating_add(1)
}

/// Returns the name of an event, which is the pattern that matches this event only.
fn spell_name((actor, kind, subject): (&str, &str, &str), repeat: u64) -> Pattern {
    Pattern {
        actor: actor.into(),
        kind: kind.into(),
        subject: (!subject.is_empty()).then(|| subject.into()),
        repeat: (repeat > 0).then_some(repeat),
    }
}

/// The best route of a destination in a view.
#[derive(Debug)]
struct Found {
    owner: String,
    metric: u32,
    preference: u32,
    neighbour: Option<IpAddr>,
    next_hops: Vec<IpAddr>,
}

impl Found {
    fn at(
        (world, names): (&ScenarioWorld<'_>, &Names),
        dest: NetAddress,
        (instance, view): (u16, ViewId),
    ) -> Option<Self> {
        let table = TableId { instance, family: dest.family() };
        let routes = world.manager().best_routes(table);
        let best = routes.into_iter().find(|route| route.dest == dest && route.view == view)?.best;
        Some(Self {
            owner: world.actor_of(best.owner, names).unwrap_or_default().to_string(),
            metric: best.metric,
            preference: best.preference,
            neighbour: best.neighbour.map(|hop| hop.address.ip()),
            next_hops: best.next_hops.iter().map(|hop| hop.address.ip()).collect(),
        })
    }

    fn is(&self, expected: &Best) -> bool {
        let Best { owner, metric, preference, neighbour, via, dest: _, view: _, instance: _ } = expected;
        self.owner == *owner
            && metric.is_none_or(|metric| metric == self.metric)
            && preference.is_none_or(|preference| preference == self.preference)
            && neighbour.is_none_or(|neighbour| Some(neighbour) == self.neighbour)
            && via.as_ref().is_none_or(|via| sorted(via) == sorted(&self.next_hops))
    }

    /// Returns its owner, its metric, and what else was asked for, as a message says it.
    fn spell(&self, asked: Option<&Best>) -> String {
        let is_asked = |part: fn(&Best) -> bool| asked.is_some_and(part);
        let said = [
            Some(spell_metric(self.metric)),
            is_asked(|best| best.preference.is_some()).then(|| spell_preference(self.preference)),
            is_asked(|best| best.neighbour.is_some()).then(|| spell_neighbour(self.neighbour)),
            is_asked(|best| best.via.is_some()).then(|| spell_next_hops(&self.next_hops)),
        ];
        spell_route(&self.owner, said)
    }
}

/// Returns the addresses in ascending order.
fn sorted(next_hops: &[IpAddr]) -> Vec<IpAddr> {
    let mut next_hops = next_hops.to_vec();
    next_hops.sort_unstable();
    next_hops
}

fn spell_metric(metric: u32) -> String {
    format!("metric {metric}")
}

fn spell_preference(preference: u32) -> String {
    format!("preference {preference}")
}

fn spell_neighbour(neighbour: Option<IpAddr>) -> String {
    neighbour.map_or_else(|| "no neighbour".into(), |neighbour| format!("neighbour {neighbour}"))
}

fn spell_next_hops(next_hops: &[IpAddr]) -> String {
    let next_hops: Vec<String> = next_hops.iter().map(ToString::to_string).collect();
    if next_hops.is_empty() {
        "no next hops".into()
    } else {
        format!("next hops {}", next_hops.join(" and "))
    }
}

/// Returns a message about an owner and its route.
fn spell_route(owner: &str, said: impl IntoIterator<Item = Option<String>>) -> String {
    let said: Vec<String> = said.into_iter().flatten().collect();
    if said.is_empty() { owner.into() } else { format!("{owner} with {}", said.join(", ")) }
}

/// Returns which table and view a message is about, also if the scenario leaves them to the default.
fn spell_place((instance, view): (u16, ViewId)) -> String {
    format!("in view {view} of instance {instance}")
}

/// Where a destination is to be unreachable.
const UNREACHABLE_IN: (u16, ViewId) = (0, ViewId::UCAST);

/// The table and the view of an expectation on a best route.
fn place_of(best: &Best) -> (u16, ViewId) {
    (best.instance, best.view.of_tables())
}

/// Checks a best route of which this was seen.
fn check_best(
    world: (&ScenarioWorld<'_>, &Names),
    expected: &Best,
    seen: Option<&BestSeen>,
) -> Option<Unmet> {
    let Best { dest, owner, metric, preference, neighbour, via, .. } = expected;
    let place = place_of(expected);
    let found = Found::at(world, *dest, place);
    if found.as_ref().is_some_and(|found| found.is(expected)) {
        return None;
    }
    let said = [
        metric.map(spell_metric),
        preference.map(spell_preference),
        neighbour.map(|neighbour| spell_neighbour(Some(neighbour))),
        via.as_deref().map(spell_next_hops),
    ];
    Some(Unmet {
        expected: format!("best of {dest} {} at the end: {}", spell_place(place), spell_route(owner, said)),
        found: found.map_or_else(|| "no route".into(), |found| found.spell(Some(expected))),
        record: seen.and_then(|seen| seen.last),
        missing: seen.and_then(BestSeen::missing),
    })
}

/// Checks that a destination of which this was seen has no best route.
fn check_unreachable(
    world: (&ScenarioWorld<'_>, &Names),
    dest: NetAddress,
    seen: Option<&BestSeen>,
) -> Option<Unmet> {
    let place = UNREACHABLE_IN;
    let found = Found::at(world, dest, place)?;
    let expected = format!("{dest} unreachable {} at the end", spell_place(place));
    let record = seen.and_then(|seen| seen.last);
    Some(Unmet { expected, found: found.spell(None), record, missing: None })
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use crate::{Finding, Prepared, Recordings, RunOptions};

    /// `s` has a route in one view, and calls nothing more.
    const SCENARIO: &str = r#"Scenario(
        format: 1,
        until: "10s",
        clients: [
            Client(name: "s", protocol: "STATIC", callback: false, script: [
                At("1s", Register),
                At("1s", AddRoute(dest: "10.0.0.0/8", metric: 1)),
            ]),
        ],
        expect: [EXPECTED],
    )"#;

    #[test]
    fn what_did_not_happen_has_a_name_if_it_can_have_only_one() {
        for (expected, missing) in [
            (r#"Best(dest: "10.0.0.0/8", owner: "s", metric: 1, view: mcast)"#, None),
            (r#"Best(dest: "10.0.0.0/8", owner: "s", metric: 2)"#, None),
            (r#"Best(dest: "20.0.0.0/8", owner: "s", metric: 1)"#, Some("manager/best(20.0.0.0/8)")),
            (r#"Best(dest: "::/0", owner: "s", metric: 1)"#, Some("manager.ipv6/best(::/0)")),
            (r#"Count(of: "s/RtmDeregisterEntity()", is: 1)"#, Some("s/RtmDeregisterEntity")),
            (r#"Count(of: "s/RtmDeregisterEntity", is: 1)"#, None),
            (r#"Count(of: "s/RtmRegisterEntity()", is: 2)"#, None),
            (r#"Count(of: "*/route-expired(10.0.0.0/8)", is: 1)"#, None),
            (r#"Count(of: "s/expiry(10.0.0.0/8)#2", is: 1)"#, Some("s/expiry(10.0.0.0/8)#2")),
            (r#"Before("s/step(register#1)", "s/expiry(10.0.0.0/8)")"#, Some("s/expiry(10.0.0.0/8)")),
            (r#"Before("s/expiry(10.0.0.0/8)", "s/step(*)")"#, Some("s/expiry(10.0.0.0/8)")),
        ] {
            let loaded = tiebreak_scenario::load(&SCENARIO.replace("EXPECTED", expected));
            let plan = loaded.unwrap_or_else(|found| panic!("{expected}: {found:?}")).plan;
            let report =
                Prepared::new(&plan, &Recordings::new()).unwrap().record(RunOptions::default()).report;
            let [Finding::Expectation(unmet)] = &report.findings[..] else {
                panic!("{expected}: {report:?}")
            };
            assert_eq!(unmet.missing, missing.map(|name: &str| name.to_string()), "{expected}");
        }
    }
}
