//! Switches: parts of a scenario that are there only if a named switch is on, or off.

use alloc::collections::BTreeMap;
use core::fmt;

use crate::action::Action;
use crate::plan::{Actor, Client, Entry, Event, Plan, Step};

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
                Entry::Group(group) => resolve_client(group, on),
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
    resolve_reactions(&mut client.on, on);
    client.also.iter_mut().for_each(|registration| resolve_reactions(&mut registration.on, on));
}

/// Resolves the switches of what is done in callbacks.
fn resolve_reactions<P, A>(reactions: &mut BTreeMap<Event, Vec<Action<P, A>>>, on: &[&str]) {
    // A reaction that switches have left empty is gone; one that is written empty stays, and answers.
    reactions.retain(|_, actions| {
        let is_written_empty = actions.is_empty();
        *actions = resolve_actions(core::mem::take(actions), on);
        is_written_empty || !actions.is_empty()
    });
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
            push_block(inner, on, left, |inner| Action::When(condition, inner));
        }
        Action::All(inner) => push_block(inner, on, left, Action::All),
        Action::As(registration, inner) => {
            push_block(inner, on, left, |inner| Action::As(registration, inner));
        }
        Action::After(span, inner, label) => {
            push_block(inner, on, left, |inner| Action::After(span, inner, label));
        }
        Action::Drain { changes, each } => {
            left.push(Action::Drain { changes, each: resolve_actions(each, on) });
        }
        other => left.push(other),
    }
}

/// Appends a block unless switches have left nothing in it. A block that is written empty stays: it is a step that does
/// nothing, or a condition that is noted when it does not hold.
fn push_block<P, A>(
    inner: Vec<Action<P, A>>,
    on: &[&str],
    left: &mut Vec<Action<P, A>>,
    block: impl FnOnce(Vec<Action<P, A>>) -> Action<P, A>,
) {
    let is_written_empty = inner.is_empty();
    let inner = resolve_actions(inner, on);
    if is_written_empty || !inner.is_empty() {
        left.push(block(inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{load, write};

    const BUG: &str = r#"Scenario(
        format: 1, until: "60s", switches: ["fix", "slow"],
        clients: [
            Client(
                name: "rip1", protocol: "RIP",
                script: [
                    Step(at: "0s", do: Register, with: "fix"),
                    Step(at: "1s", do: Register, without: "fix"),
                    At("2s", With("fix", [ListEntities, Without("slow", [Deregister])])),
                    At("3s", Without("fix", [ListEntities])),
                    At("4s", After("1s", [With("slow", [Register])])),
                ],
                on: { RouteExpired: [With("slow", [Return(NotSupported)])] },
            ),
        ],
    )"#;

    fn check(on: &[&str], expected: &str) {
        let plan = load(BUG).unwrap().plan.with_switches(on).unwrap();
        assert!(plan.switches.is_empty());
        let [Entry::One(Actor::Client(client))] = &plan.clients[..] else { panic!("one client") };
        let steps =
            client.script.iter().map(|step| format!("{:?} {:?} {}", step.timing, step.action, step.label));
        let on = client.on.iter().map(|(event, actions)| format!("{event:?} {actions:?}"));
        let found: Vec<String> = steps.chain(on).collect();
        assert_eq!(
            found.join("\n").replace("Once(Span(", "(").replace("000000000))", "s)").replace("(0))", "(0)"),
            expected
        );
        assert_eq!(load(&write(&plan)).unwrap().plan, plan, "labels stay frozen");
    }

    #[test]
    fn what_a_switch_turns_off_is_gone_and_labels_stay() {
        check(&[], "(1s) Register register#2\n(3s) ListEntities list-entities#2");
        check(&["fix"], "(0) Register register#1\n(2s) All([ListEntities, Deregister]) list-entities#1");
        check(
            &["fix", "slow"],
            "(0) Register register#1\n(2s) ListEntities list-entities#1\n\
             (4s) After(Span(1000000000), [Register], \"register#4\") register#3\nRouteExpired [Return(Status(50))]",
        );
    }

    #[test]
    fn an_unknown_switch_is_refused_with_what_there_is() {
        let error = load(BUG).unwrap().plan.with_switches(&["fix", "fast"]).unwrap_err();
        assert_eq!(error.to_string(), "the scenario has no switch `fast`: it has `fix`, `slow`");
    }

    #[test]
    fn what_is_written_empty_stays() {
        let text = r#"Scenario(format: 1, until: "60s", switches: ["s"], clients: [Client(name: "a", protocol: "RIP",
            script: [Step(at: "1s", do: All([]), label: "idle"), At("2s", When(Flag("q"), [])), At("3s", With("s", []))],
            on: { RouteExpired: [], ChangeNotification: [With("s", [])] })])"#;
        let plan = load(text).expect("no mistakes").plan.with_switches(&[]).expect("no switch is given");
        let Entry::One(Actor::Client(client)) = &plan.clients[0] else { unreachable!("one client") };
        assert_eq!(client.script.len(), 2, "{:?}", client.script);
        assert_eq!(client.on.keys().collect::<Vec<_>>(), [&Event::RouteExpired]);
    }
}
