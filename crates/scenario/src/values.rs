//! The lists of actions and the numbers of a plan, to be changed one by one.

use alloc::collections::BTreeMap;

use tiebreak_kernel::Span;

use crate::action::{Action, AddRoute, HoldDestination, UpdateRoute};
use crate::plan::{Actor, Client, Entry, Event, Plan, Registration, Step, Timing};

/// A number of a plan that could be another one: a span in nanoseconds, or a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value<'a> {
    /// Whose it is.
    pub client: &'a str,
    /// Where it stands: a step as its event is called, `step(register#1)`, or the event that is reacted to.
    pub place: &'a str,
    /// What it says: `at`, `expires_after`, `metric` and so on.
    pub what: &'static str,
    /// The number.
    pub number: u64,
}

impl Value<'_> {
    /// What a metric says.
    pub const METRIC: &'static str = "metric";
}

type Map<'m> = &'m mut dyn FnMut(Value<'_>) -> u64;

impl Plan {
    /// Gives every span and metric of steps and actions the number that is returned for it, in the order of the file. A
    /// span that is longer than there are, or a metric, is the greatest there is.
    pub fn map_values(&mut self, map: Map<'_>) {
        for entry in &mut self.clients {
            match entry {
                Entry::One(Actor::Client(client)) => map_client(client, map),
                Entry::Group(group) => map_client(group, map),
                Entry::One(Actor::Observer(_) | Actor::Feed(_)) => {}
            }
        }
    }
}

impl<P, A> Client<P, A> {
    /// Visits every list of actions: what is done in callbacks, and what stands within actions.
    pub fn visit_lists(&mut self, visitor: &mut impl FnMut(&mut Vec<Action<P, A>>)) {
        for Step { action, .. } in &mut self.script {
            visit_block(action, visitor);
        }
        for actions in reactions(&mut self.on, &mut self.also).map(|(_, actions)| actions) {
            visit_list(actions, visitor);
        }
    }
}

/// What a client does in callbacks, as whoever it is registered.
fn reactions<'c, P, A>(
    on: &'c mut BTreeMap<Event, Vec<Action<P, A>>>,
    also: &'c mut [Registration<P, A>],
) -> impl Iterator<Item = (&'c Event, &'c mut Vec<Action<P, A>>)> {
    core::iter::once(on).chain(also.iter_mut().map(|other| &mut other.on)).flatten()
}

fn visit_list<P, A>(actions: &mut Vec<Action<P, A>>, visitor: &mut impl FnMut(&mut Vec<Action<P, A>>)) {
    visitor(actions);
    for action in actions {
        visit_block(action, visitor);
    }
}

fn visit_block<P, A>(action: &mut Action<P, A>, visitor: &mut impl FnMut(&mut Vec<Action<P, A>>)) {
    if let Some(inner) = action.inner_mut() {
        visit_list(inner, visitor);
    }
}

fn map_client<P, A>(client: &mut Client<P, A>, map: Map<'_>) {
    let Client { name, script, on, also, .. } = client;
    for Step { timing, action, label, .. } in script {
        let place = format!("step({label})");
        let mut map_span = |what, span: &mut Span| {
            let number = map(Value { client: name, place: &place, what, number: span.as_nanos() });
            *span = Span::from_nanos(number);
        };
        match timing {
            Timing::Once(at) => map_span("at", at),
            Timing::Every { from, period, times: _, jitter } => {
                map_span("from", from);
                map_span("period", period);
                map_span("jitter", jitter);
            }
        }
        map_action(action, (name, &place), map);
    }
    for (event, actions) in reactions(on, also) {
        let place = format!("{event:?}");
        for action in actions {
            map_action(action, (name, &place), map);
        }
    }
}

fn map_action<P, A>(action: &mut Action<P, A>, at: (&str, &str), map: Map<'_>) {
    map_own(action, at, map);
    for action in action.inner_mut().into_iter().flatten() {
        map_action(action, at, map);
    }
}

/// Maps the numbers of an action itself.
fn map_own<P, A>(action: &mut Action<P, A>, (client, place): (&str, &str), map: Map<'_>) {
    let mut number = |what, number| map(Value { client, place, what, number });
    let mut span = |what, span: &mut Span| *span = Span::from_nanos(number(what, span.as_nanos()));
    match action {
        Action::AddRoute(AddRoute { metric, expires_after, .. }) => {
            map_life(expires_after, &mut span);
            map_metric(metric, &mut number);
        }
        Action::UpdateRoute(UpdateRoute { metric, expires_after, .. })
        | Action::EditRoute(UpdateRoute { metric, expires_after, .. })
        | Action::UpdateAndUnlockRoute(UpdateRoute { metric, expires_after, .. }) => {
            map_life(expires_after, &mut span);
            let _ = metric.as_mut().map(|metric| map_metric(metric, &mut number));
        }
        Action::HoldDestination(HoldDestination { hold_time, .. }) => span("hold_time", hold_time),
        Action::Pause(pause) => span("pause", pause),
        Action::After(after, ..) => span("after", after),
        Action::Register
        | Action::Deregister
        | Action::AddNextHop(_)
        | Action::DeleteNextHop { .. }
        | Action::LockRoute { .. }
        | Action::UnlockRoute { .. }
        | Action::LockDestination(_)
        | Action::UnlockDestination(_)
        | Action::LockNextHop { .. }
        | Action::UnlockNextHop { .. }
        | Action::DeleteRoute { .. }
        | Action::RoutePointer { .. }
        | Action::NextHopPointer { .. }
        | Action::OpaquePointer { .. }
        | Action::SetOpaque { .. }
        | Action::HoldRoute { .. }
        | Action::ReleaseRoute { .. }
        | Action::RegisterForChanges(_)
        | Action::DeregisterFromChanges { .. }
        | Action::Drain { .. }
        | Action::GetChanged { .. }
        | Action::Ignore(_)
        | Action::ChangeStatus(_)
        | Action::Mark(_)
        | Action::Unmark(_)
        | Action::IsMarked(_)
        | Action::Lookup(_)
        | Action::MatchRoute(_)
        | Action::CreateDestEnum(_)
        | Action::GetEnumDests(_)
        | Action::CreateRouteEnum(_)
        | Action::GetEnumRoutes(_)
        | Action::CreateNextHopEnum(_)
        | Action::GetEnumNextHops(_)
        | Action::DeleteEnum { .. }
        | Action::CreateRouteList { .. }
        | Action::InsertInRouteList(_)
        | Action::CreateRouteListEnum(_)
        | Action::GetListEnumRoutes(_)
        | Action::DeleteRouteList { .. }
        | Action::ListEntities
        | Action::EntityInfo
        | Action::FindNextHop(_)
        | Action::EntityMethods(_)
        | Action::InvokeMethod(_)
        | Action::BlockMethods
        | Action::ResumeMethods
        | Action::Output(_)
        | Action::IsBest { .. }
        | Action::RouteInfo { .. }
        | Action::Return(_)
        | Action::ReleaseEventRoute
        | Action::When(..)
        | Action::With(..)
        | Action::Without(..)
        | Action::All(_)
        | Action::As(..)
        | Action::Set(_)
        | Action::Clear(_)
        | Action::Cancel(_) => {}
    }
}

fn map_life(life: &mut Option<Span>, span: &mut dyn FnMut(&'static str, &mut Span)) {
    if let Some(life) = life {
        span("expires_after", life);
    }
}

fn map_metric(metric: &mut u32, number: &mut dyn FnMut(&'static str, u64) -> u64) {
    *metric = u32::try_from(number(Value::METRIC, u64::from(*metric))).unwrap_or(u32::MAX);
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = r#"Scenario(format: 1, until: "1h", clients: [
        Client(name: "a", protocol: "RIP",
            script: [
                At("3s", All([Register, AddRoute(name: "r", dest: "10.0.0.0/8", metric: 7, expires_after: "30s")])),
                Every(from: "4s", period: "5s", times: 2, do: UpdateRoute(route: "r", metric: 8, expires_after: "6s")),
            ],
            on: {RouteExpired: [When(Flag("f"), [After("9s", [Set("f")])])]},
        ),
    ])"#;

    #[test]
    fn every_number_is_visited_and_takes_the_value_that_is_returned() {
        let mut plan = crate::load(PLAN).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).plan;
        let mut seen = Vec::new();
        plan.map_values(&mut |value| {
            let Value { client, place, what, number } = value;
            seen.push(format!("{client}/{place} {what} {number}"));
            number * 2
        });
        let update = "a/step(update-route(r)#1)";
        let expected = [
            "a/step(register#1) at 3000000000".into(),
            "a/step(register#1) expires_after 30000000000".into(),
            "a/step(register#1) metric 7".into(),
            format!("{update} from 4000000000"),
            format!("{update} period 5000000000"),
            format!("{update} jitter 0"),
            format!("{update} expires_after 6000000000"),
            format!("{update} metric 8"),
            "a/RouteExpired after 9000000000".into(),
        ];
        assert_eq!(seen, expected);
        let written = crate::write(&plan);
        for doubled in
            ["At(\"6s\"", "metric: 14, expires_after: \"1m\"", "\"8s\"", "\"10s\"", "After(\"18s\""]
        {
            assert!(written.contains(doubled), "{doubled}: {written}");
        }
    }

    #[test]
    fn every_list_of_actions_is_visited_also_within_others() {
        let plan = crate::load(PLAN).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).plan;
        let Entry::One(Actor::Client(mut client)) = plan.clients[0].clone() else { panic!("a client") };
        let mut lengths = Vec::new();
        client.visit_lists(&mut |actions| lengths.push(actions.len()));
        assert_eq!(
            lengths,
            [2, 1, 1, 1],
            "the step's block, the reaction, what is done when, what is put off"
        );
    }
}
