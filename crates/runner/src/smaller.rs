//! Plans from which something is left out.

use alloc::string::String;
use alloc::vec::Vec;

use tiebreak_scenario::Plan;
use tiebreak_scenario::plan::{Action, Actor, Client, Delivery, Entry, Timing};

/// Returns plans that are smaller or simpler than this one: without a client, a part of a group, a step, a reaction or an
/// expectation; then with simpler ways of delivery. What is left keeps its names and labels. They are not checked.
pub(crate) fn smaller_plans(plan: &Plan) -> Vec<Plan> {
    let mut plans = Vec::new();
    let mut offer = |change: &dyn Fn(&mut Plan)| {
        let mut smaller = plan.clone();
        change(&mut smaller);
        if smaller != *plan {
            plans.push(smaller);
        }
    };
    for at in 0..plan.clients.len() {
        offer(&|plan| _ = plan.clients.remove(at));
    }
    for (at, entry) in plan.clients.iter().enumerate() {
        for only in entry_members(entry).map(|members| parts(&members)).unwrap_or_default() {
            offer(&|plan| set_only(&mut plan.clients[at], &only));
        }
    }
    for (at, entry) in plan.clients.iter().enumerate() {
        for range in ranges(steps(entry)) {
            offer(&|plan| on_client(&mut plan.clients[at], &mut Without(range.clone())));
        }
        offer(&|plan| on_client(&mut plan.clients[at], &mut Once));
    }
    for (at, entry) in plan.clients.iter().enumerate() {
        for reaction in 0..reactions(entry) {
            offer(&|plan| on_client(&mut plan.clients[at], &mut WithoutReaction(reaction)));
        }
    }
    for (at, entry) in plan.clients.iter().enumerate() {
        for registration in 0..registrations(entry) {
            offer(&|plan| on_client(&mut plan.clients[at], &mut WithoutRegistration(registration)));
        }
    }
    for range in ranges(plan.expect.len()) {
        offer(&|plan| _ = plan.expect.drain(range.clone()));
    }
    offer(&|plan| plan.delivery = Delivery::None);
    offer(&|plan| plan.takes = Delivery::None);
    for at in 0..plan.clients.len() {
        offer(&|plan| on_client(&mut plan.clients[at], &mut Plain));
    }
    plans
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

/// Leaves out one action of the reactions, by its number among all of them.
struct WithoutReaction(usize);

impl Change for WithoutReaction {
    fn change<P, A>(&mut self, client: &mut Client<P, A>) {
        let mut before = 0;
        for actions in client.on.values_mut() {
            if (before..before + actions.len()).contains(&self.0) {
                actions.remove(self.0 - before);
                break;
            }
            before += actions.len();
        }
        client.on.retain(|_, actions: &mut Vec<Action<P, A>>| !actions.is_empty());
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

fn reactions(entry: &Entry) -> usize {
    match entry {
        Entry::One(Actor::Client(client)) => client.on.values().map(Vec::len).sum(),
        Entry::Group(group) => group.on.values().map(Vec::len).sum(),
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
