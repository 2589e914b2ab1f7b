//! Switches: parts of a scenario that are there only if a named switch is on, or off.

use core::fmt;

use crate::action::Action;
use crate::plan::{Actor, Client, Entry, Group, Plan, Step};

/// A switch was asked for that the scenario does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownSwitch {
    /// What was asked for.
    pub name: String,
    /// The switches there are.
    pub known: Vec<String>,
}

impl fmt::Display for UnknownSwitch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.known.is_empty() {
            write!(out, "the scenario has no switch `{}`: it has none", self.name)
        } else {
            write!(out, "the scenario has no switch `{}`: it has `{}`", self.name, self.known.join("`, `"))
        }
    }
}

impl core::error::Error for UnknownSwitch {}

impl Plan {
    /// Returns the plan with these switches on, all others off, and nothing in it that depends on a switch any more.
    ///
    /// Labels stay as they are; a step with nothing left to do is gone.
    ///
    /// # Errors
    /// If the scenario does not name one of the switches.
    pub fn with_switches(&self, on: &[&str]) -> Result<Self, UnknownSwitch> {
        if let Some(name) = on.iter().find(|name| !self.switches.iter().any(|known| known == *name)) {
            return Err(UnknownSwitch { name: (*name).to_owned(), known: self.switches.clone() });
        }
        let mut plan = self.clone();
        plan.switches = Vec::new();
        for entry in &mut plan.clients {
            match entry {
                Entry::One(Actor::Client(client)) => resolve_client(client, on),
                Entry::Group(Group { template, .. }) => resolve_client(template, on),
                Entry::One(Actor::Observer(_) | Actor::Feed(_)) => {}
            }
        }
        Ok(plan)
    }
}

/// Resolves the switches of one client.
fn resolve_client<P, A>(client: &mut Client<P, A>, on: &[&str]) {
    let script = core::mem::take(&mut client.script);
    client.script = script.into_iter().filter_map(|step| resolve_step(step, on)).collect();
    for actions in client.on.values_mut() {
        *actions = resolve_actions(core::mem::take(actions), on);
    }
    client.on.retain(|_, actions| !actions.is_empty());
}

/// Returns what is left of a step.
fn resolve_step<P, A>(step: Step<P, A>, on: &[&str]) -> Option<Step<P, A>> {
    let is_on = |name: &String| on.contains(&name.as_str());
    if step.with.as_ref().is_some_and(|name| !is_on(name)) || step.without.as_ref().is_some_and(is_on) {
        return None;
    }
    let mut actions = resolve_actions(vec![step.action], on);
    let action = if actions.len() > 1 { Action::All(actions) } else { actions.pop()? };
    Some(Step { action, with: None, without: None, ..step })
}

/// Returns what is left of a list of actions; what a switch turns on takes the switch's place.
fn resolve_actions<P, A>(actions: Vec<Action<P, A>>, on: &[&str]) -> Vec<Action<P, A>> {
    let mut left = Vec::with_capacity(actions.len());
    for action in actions {
        push_resolved(action, on, &mut left);
    }
    left
}

/// Appends what is left of one action.
#[expect(clippy::wildcard_enum_match_arm, reason = "only blocks hold other actions; the rest stays as it is")]
fn push_resolved<P, A>(action: Action<P, A>, on: &[&str], left: &mut Vec<Action<P, A>>) {
    match action {
        Action::With(name, inner) => {
            if on.contains(&name.as_str()) {
                left.extend(resolve_actions(inner, on));
            }
        }
        Action::Without(name, inner) => {
            if !on.contains(&name.as_str()) {
                left.extend(resolve_actions(inner, on));
            }
        }
        Action::When(condition, inner) => {
            push_block(resolve_actions(inner, on), left, |inner| Action::When(condition, inner));
        }
        Action::All(inner) => push_block(resolve_actions(inner, on), left, Action::All),
        Action::After(span, inner, label) => {
            push_block(resolve_actions(inner, on), left, |inner| Action::After(span, inner, label));
        }
        other => left.push(other),
    }
}

/// Appends a block unless nothing is left in it.
fn push_block<P, A>(
    inner: Vec<Action<P, A>>,
    left: &mut Vec<Action<P, A>>,
    block: impl FnOnce(Vec<Action<P, A>>) -> Action<P, A>,
) {
    if !inner.is_empty() {
        left.push(block(inner));
    }
}
