//! Plans from which something is left out.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use tiebreak::Span;
use tiebreak::explore::Lost;
use tiebreak_scenario::Plan;
use tiebreak_scenario::plan::{Actor, Client, Delivery, Entry, Timing, Value};

/// In nanoseconds: some spans are whole ones.
const MILLISECOND: u64 = 1_000_000;

/// Spans that are simpler than longer ones.
const SIMPLE: [Span; 2] = [Span::from_secs(1), Span::from_secs(10)];

/// Returns plans that are smaller or simpler than this one: without a client, a part of a group, a step, an action or an
/// expectation; then with simpler ways of delivery and simpler numbers. What is left keeps its names and labels, and what
/// is the same number in two places stays so. They are not checked.
pub(crate) fn smaller_plans(plan: &Plan) -> impl Iterator<Item = (Plan, Lost)> + '_ {
    // Made one by one: a plan may be large, and the first that still fails is taken.
    changes(plan).into_iter().filter_map(|(change, lost)| {
        let mut smaller = plan.clone();
        change(&mut smaller);
        (smaller != *plan).then_some((smaller, lost))
    })
}

/// A change that makes a plan smaller or simpler.
type Reduction = Box<dyn Fn(&mut Plan)>;

/// The changes that make a plan smaller or simpler, those that leave out most first.
fn changes(plan: &Plan) -> Vec<(Reduction, Lost)> {
    let mut changes = Vec::new();
    let mut lose = |lost, change: Reduction| changes.push((change, lost));
    for at in 0..plan.clients.len() {
        lose(Lost::Part, Box::new(move |plan| _ = plan.clients.remove(at)));
    }
    for (at, entry) in plan.clients.iter().enumerate() {
        for only in entry_members(entry).map(|members| parts(&members)).unwrap_or_default() {
            lose(Lost::Part, Box::new(move |plan| set_only(&mut plan.clients[at], &only)));
        }
    }
    for (at, entry) in plan.clients.iter().enumerate() {
        for range in ranges(steps(entry)) {
            lose(
                Lost::Part,
                Box::new(move |plan| on_client(&mut plan.clients[at], &mut Without(range.clone()))),
            );
        }
        lose(Lost::Part, Box::new(move |plan| on_client(&mut plan.clients[at], &mut Once)));
    }
    for (at, entry) in plan.clients.iter().enumerate() {
        let mut lists = Lists::default();
        on_client(&mut entry.clone(), &mut lists);
        for (list, actions) in lists.0.into_iter().enumerate() {
            for range in ranges(actions) {
                lose(
                    Lost::Answer,
                    Box::new(move |plan| {
                        on_client(&mut plan.clients[at], &mut WithoutActions(list, range.clone()));
                    }),
                );
            }
        }
    }
    for (at, entry) in plan.clients.iter().enumerate() {
        for registration in 0..registrations(entry) {
            lose(
                Lost::Part,
                Box::new(move |plan| {
                    on_client(&mut plan.clients[at], &mut WithoutRegistration(registration));
                }),
            );
        }
    }
    for range in ranges(plan.expect.len()) {
        lose(Lost::Part, Box::new(move |plan| _ = plan.expect.drain(range.clone())));
    }
    lose(Lost::Part, Box::new(move |plan| plan.delivery = Delivery::None));
    lose(Lost::Part, Box::new(move |plan| plan.takes = Delivery::None));
    for at in 0..plan.clients.len() {
        lose(Lost::Part, Box::new(move |plan| on_client(&mut plan.clients[at], &mut Plain)));
    }
    for (what, number, simpler) in simpler_numbers(plan) {
        let map = move |value: Value<'_>| {
            let is_it = is_metric(value.what) == what && value.number == number;
            if is_it { simpler } else { value.number }
        };
        lose(Lost::Part, Box::new(move |plan| plan.map_values(&mut |value| map(value))));
    }
    changes
}

/// Whether a number is a metric, the number, and a simpler one: shorter spans, and metrics counted from 1. Their order stays.
fn simpler_numbers(plan: &Plan) -> Vec<(bool, u64, u64)> {
    let mut numbers = BTreeSet::new();
    plan.clone().map_values(&mut |value| {
        numbers.insert((is_metric(value.what), value.number));
        value.number
    });
    let places = numbers.iter().filter(|(is_metric, _)| *is_metric).zip(1..);
    let metrics = places.map(|((_, number), place)| (true, *number, place));
    let spans = numbers.iter().filter(|(is_metric, _)| !is_metric);
    let spans = spans.flat_map(|(_, number)| SIMPLE.map(|simple| (false, *number, simple.as_nanos())));
    // Nothing lies in between, so that none becomes equal to another or comes before it.
    let keeps_order = |(is_metric, number, simpler): &(bool, u64, u64)| {
        simpler < number && numbers.range((*is_metric, *simpler)..(*is_metric, *number)).next().is_none()
    };
    spans.chain(metrics).filter(keeps_order).collect()
}

fn is_metric(what: &str) -> bool {
    what == Value::METRIC
}

/// Returns the numbers that may be others, each as `client/place what`: with each of them larger, and smaller, the plan
/// still fails. What is said twice in one place is free if both are.
pub(crate) fn free_numbers(plan: &Plan, still_fails: &mut dyn FnMut(Plan) -> bool) -> Vec<String> {
    let mut found: Vec<(String, bool)> = Vec::new();
    let mut numbers = Vec::new();
    plan.clone().map_values(&mut |value| {
        let Value { client, place, what, number } = value;
        let step = if is_metric(what) { 1 } else { MILLISECOND };
        numbers.push((format!("{client}/{place} {what}"), number, step));
        number
    });
    for (at, (name, number, step)) in numbers.into_iter().enumerate() {
        let half = number / 2 / step * step;
        let others = [half, number.saturating_add(step), number.saturating_mul(2)];
        let mut others = others.into_iter().filter(|other| *other != number);
        let is_free = others.all(|other| still_fails(with_number(plan, at, other)));
        match found.iter_mut().find(|(known, _)| *known == name) {
            Some((_, is_known_free)) => *is_known_free &= is_free,
            None => found.push((name, is_free)),
        }
    }
    found.into_iter().filter(|(_, is_free)| *is_free).map(|(name, _)| name).collect()
}

/// The plan with another number at this place among all of them.
fn with_number(plan: &Plan, place: usize, number: u64) -> Plan {
    let (mut changed, mut at) = (plan.clone(), 0);
    changed.map_values(&mut |value| {
        at += 1;
        if at == place + 1 { number } else { value.number }
    });
    changed
}

/// The whole, its halves, its quarters and so on down to single places: what is left out, the most first.
fn ranges(count: usize) -> Vec<core::ops::Range<usize>> {
    let mut ranges = Vec::new();
    let mut size = count;
    while size > 0 {
        ranges.extend((0..count).step_by(size).map(|start| start..(start + size).min(count)));
        size /= 2;
    }
    ranges
}

/// The members of a group without each of its ranges.
fn parts(members: &[String]) -> Vec<Vec<String>> {
    let without = |range: core::ops::Range<usize>| {
        let kept = members.iter().enumerate().filter(|(at, _)| !range.contains(at));
        kept.map(|(_, name)| name.clone()).collect::<Vec<String>>()
    };
    ranges(members.len()).into_iter().map(without).filter(|kept| !kept.is_empty()).collect()
}

/// A change of a client, be it one or a group.
trait Change {
    fn change<P, A>(&mut self, client: &mut Client<P, A>);
}

fn on_client(entry: &mut Entry, change: &mut impl Change) {
    match entry {
        Entry::One(Actor::Client(client)) => change.change(client),
        Entry::Group(group) => change.change(group),
        Entry::One(Actor::Observer(_) | Actor::Feed(_)) => {}
    }
}

/// Leaves out some steps.
struct Without(core::ops::Range<usize>);

impl Change for Without {
    fn change<P, A>(&mut self, client: &mut Client<P, A>) {
        client.script.drain(self.0.clone());
    }
}

/// Leaves out one more registration.
struct WithoutRegistration(usize);

impl Change for WithoutRegistration {
    fn change<P, A>(&mut self, client: &mut Client<P, A>) {
        if self.0 < client.also.len() {
            client.also.remove(self.0);
        }
    }
}

/// Takes repeated steps once.
struct Once;

impl Change for Once {
    fn change<P, A>(&mut self, client: &mut Client<P, A>) {
        for step in &mut client.script {
            if let Timing::Every { times, .. } = &mut step.timing {
                *times = 1;
            }
        }
    }
}

/// Takes down how many actions each list of actions has.
#[derive(Default)]
struct Lists(Vec<usize>);

impl Change for Lists {
    fn change<P, A>(&mut self, client: &mut Client<P, A>) {
        client.visit_lists(&mut |actions| self.0.push(actions.len()));
    }
}

/// Leaves out some actions of the list with this number.
struct WithoutActions(usize, core::ops::Range<usize>);

impl Change for WithoutActions {
    fn change<P, A>(&mut self, client: &mut Client<P, A>) {
        let mut number = 0;
        client.visit_lists(&mut |actions| {
            if number == self.0 {
                actions.drain(self.1.clone());
            }
            number += 1;
        });
        client.on.retain(|_, actions| !actions.is_empty());
    }
}

/// Delivers callbacks as everybody else's.
struct Plain;

impl Change for Plain {
    fn change<P, A>(&mut self, client: &mut Client<P, A>) {
        (client.delivery, client.takes) = (None, None);
    }
}

fn steps(entry: &Entry) -> usize {
    match entry {
        Entry::One(Actor::Client(client)) => client.script.len(),
        Entry::Group(group) => group.script.len(),
        Entry::One(Actor::Observer(_) | Actor::Feed(_)) => 0,
    }
}

fn registrations(entry: &Entry) -> usize {
    match entry {
        Entry::One(Actor::Client(client)) => client.also.len(),
        Entry::Group(group) => group.also.len(),
        Entry::One(Actor::Observer(_) | Actor::Feed(_)) => 0,
    }
}

/// The names of a group's members that take part; `None` if it is no group.
fn entry_members(entry: &Entry) -> Option<Vec<String>> {
    match entry {
        Entry::Group(group) => Some(group.members().map(|member| group.member_name(member)).collect()),
        Entry::One(_) => None,
    }
}

fn set_only(entry: &mut Entry, only: &[String]) {
    if let Entry::Group(group) = entry {
        group.only = only.to_vec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(metrics: [u32; 3], spans: [&str; 3]) -> Plan {
        let route =
            |metric, at| format!("At(\"{at}\", AddRoute(dest: \"10.{metric}.0.0/16\", metric: {metric}))");
        let [first, second, third] = [0, 1, 2].map(|at| route(metrics[at], spans[at]));
        let script = format!(
            "[At(\"0s\", All([Register, When(Flag(\"f\"), [Deregister])])), {first}, {second}, {third}]"
        );
        let client = format!("Client(name: \"a\", protocol: \"RIP\", script: {script})");
        let text = format!("Scenario(format: 1, until: \"1h\", clients: [{client}])");
        tiebreak_scenario::load(&text).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).plan
    }

    #[test]
    fn simpler_numbers_come_in_the_same_order() {
        let seconds = |seconds: u64| seconds * 1_000_000_000;
        let numbers = simpler_numbers(&plan([3, 7, 9], ["2s", "20s", "30s"]));
        let expected = [(false, seconds(2), seconds(1)), (false, seconds(20), seconds(10)), (true, 3, 1)];
        assert_eq!(numbers, expected, "7 would become equal to nothing, but 3 is in between");
        assert_eq!(simpler_numbers(&plan([1, 2, 3], ["1s", "10s", "10s"])), []);
    }

    #[test]
    fn actions_within_actions_are_left_out_too() {
        let whole = plan([1, 2, 3], ["1s", "10s", "10s"]);
        let written: Vec<String> =
            smaller_plans(&whole).map(|(plan, _)| tiebreak_scenario::write(&plan)).collect();
        assert!(
            written.iter().any(|text| text.contains("Register,") && text.contains("When(Flag(\"f\"), [])"))
        );
        assert!(written.iter().any(|text| !text.contains("When(") && text.contains("AddRoute")));
        assert!(written.iter().all(|text| *text != tiebreak_scenario::write(&whole)));
    }

    #[test]
    fn a_reaction_without_actions_is_left_out() {
        let client = "Client(name: \"a\", protocol: \"RIP\", on: {RouteExpired: [Return(NotSupported)]}, \
                      script: [At(\"0s\", Register)])";
        let text = format!("Scenario(format: 1, until: \"1h\", clients: [{client}])");
        let whole = tiebreak_scenario::load(&text).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).plan;
        let written = |(plan, lost)| (tiebreak_scenario::write(&plan), lost);
        let without: Vec<(String, Lost)> =
            smaller_plans(&whole).map(written).filter(|(text, _)| !text.contains("NotSupported")).collect();
        let answers: Vec<&String> =
            without.iter().filter(|(_, lost)| *lost == Lost::Answer).map(|(text, _)| text).collect();
        assert!(!answers.is_empty() && answers.iter().all(|text| !text.contains("RouteExpired")));
    }

    #[test]
    fn a_number_is_free_if_the_plan_fails_with_other_ones() {
        let whole = plan([1, 2, 3], ["1s", "10s", "20s"]);
        let times = |plan: &Plan| {
            let mut times = Vec::new();
            plan.clone().map_values(&mut |value| {
                times.extend((value.what == "at").then_some(value.number));
                value.number
            });
            times
        };
        let free = free_numbers(&whole, &mut |plan| times(&plan) == times(&whole));
        let metric = |prefix| format!("a/step(add-route({prefix})#1) metric");
        assert_eq!(free, ["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"].map(metric));
    }
}
