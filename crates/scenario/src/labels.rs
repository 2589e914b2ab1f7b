//! Labels of steps: `action(subject)#n`, frozen when a scenario is first loaded.
//!
//! A client's steps are counted in the order of the script, then of the reactions by event; an `After` counts behind the
//! step or reaction it stands in. `n` counts equal `action(subject)`; a repeated step takes as many numbers as it has times.

use alloc::collections::BTreeMap;
use core::fmt;

use crate::action::Action;
use crate::plan::Client;

/// Gives every step without a label the default one.
pub(crate) fn assign<P: fmt::Display, A>(client: &mut Client<P, A>) {
    visit(client, &mut |label, default, _| {
        if label.is_empty() {
            *label = default;
        }
    });
}

/// Takes from every step the label that it would have by default.
pub(crate) fn omit<P: fmt::Display, A>(client: &mut Client<P, A>) {
    visit(client, &mut |label, default, _| {
        if *label == default {
            label.clear();
        }
    });
}

/// Returns every label and how many occurrences it stands for, `None` for those that are not repeated.
pub(crate) fn all<P: fmt::Display + Clone, A: Clone>(client: &Client<P, A>) -> Vec<(String, Option<u32>)> {
    let mut labels = Vec::new();
    visit(&mut client.clone(), &mut |label, _, times| labels.push((label.clone(), times)));
    labels
}

/// What is done with a label: the label, the default one, and how many occurrences it stands for if it is repeated.
type Visitor<'v> = &'v mut dyn FnMut(&mut String, String, Option<u32>);

/// Visits the label of every step of a client, in the order in which they are counted.
fn visit<P: fmt::Display, A>(client: &mut Client<P, A>, visitor: Visitor<'_>) {
    let mut counts = BTreeMap::new();
    for step in &mut client.script {
        let stem = step.action.stem();
        let times = step.times();
        let repeated = matches!(step.timing, crate::plan::Timing::Every { .. }).then_some(times);
        visitor(&mut step.label, next_default(&mut counts, &stem, times), repeated);
        visit_action(&mut step.action, &mut counts, visitor);
    }
    for actions in client.on.values_mut() {
        for action in actions {
            visit_action(action, &mut counts, visitor);
        }
    }
}

/// Visits the labels within an action.
#[expect(clippy::wildcard_enum_match_arm, reason = "only blocks hold other actions")]
fn visit_action<P: fmt::Display, A>(
    action: &mut Action<P, A>,
    counts: &mut BTreeMap<String, u64>,
    visitor: Visitor<'_>,
) {
    let stem = action.stem();
    let inner = match action {
        Action::After(_, inner, label) => {
            visitor(label, next_default(counts, &stem, 1), None);
            inner
        }
        Action::When(_, inner) | Action::With(_, inner) | Action::Without(_, inner) | Action::All(inner) => {
            inner
        }
        _ => return,
    };
    for action in inner {
        visit_action(action, counts, visitor);
    }
}

/// Returns the next default label of a stem, and counts `times` occurrences of it.
fn next_default(counts: &mut BTreeMap<String, u64>, stem: &str, times: u32) -> String {
    let count = counts.entry(stem.to_owned()).or_insert(0);
    let label = format!("{stem}#{}", *count + 1);
    *count += u64::from(times.max(1));
    label
}

/// Returns the label of the `index`-th occurrence, from 0, of a repeated step whose first occurrence has `label`:
/// the number behind the last `#` counts on, or a number is put behind.
pub(crate) fn label_of_occurrence(label: &str, index: u32) -> String {
    let (stem, first) = split_number(label);
    format!("{stem}#{}", first.unwrap_or(1).saturating_add(u64::from(index)))
}

/// Splits `add-route(r)#3` into the stem and the number; there is none if it is not one from 1 as we write it.
pub(crate) fn split_number(label: &str) -> (&str, Option<u64>) {
    match label.rsplit_once('#') {
        Some((stem, number)) if !number.starts_with(['0', '+']) => match number.parse() {
            Ok(number) => (stem, Some(number)),
            Err(_) => (label, None),
        },
        _ => (label, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_behind_labels_count_on() {
        assert_eq!(label_of_occurrence("drain(n)#3", 0), "drain(n)#3");
        assert_eq!(label_of_occurrence("drain(n)#3", 4), "drain(n)#7");
        assert_eq!(label_of_occurrence("tick", 0), "tick#1");
        assert_eq!(label_of_occurrence("tick#x", 1), "tick#x#2");
        assert_eq!(label_of_occurrence("tick#0", 0), "tick#0#1");
    }

    fn check(script: &str, on: &str, expected: &[&str]) {
        let text = format!(
            r#"Scenario(format: 1, until: "1h", clients: [Client(name: "a", protocol: "RIP", script: [{script}], on: {{{on}}})])"#
        );
        let plan = crate::load(&text).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).plan;
        let crate::plan::Entry::One(crate::plan::Actor::Client(client)) = &plan.clients[0] else {
            panic!("a client")
        };
        let labels: Vec<String> = all(client).into_iter().map(|(label, _)| label).collect();
        assert_eq!(labels, expected);
    }

    #[test]
    fn equal_actions_on_equal_subjects_are_counted() {
        let lookups = r#"At("0s", Lookup(dest: "10.0.0.0/8")), At("0s", Lookup(dest: "11.0.0.0/8")), At("1s", Lookup(dest: "10.0.0.0/8"))"#;
        check(lookups, "", &["lookup(10.0.0.0/8)#1", "lookup(11.0.0.0/8)#1", "lookup(10.0.0.0/8)#2"]);
        check(r#"At("0s", Register), At("0s", Register)"#, "", &["register#1", "register#2"]);
    }

    #[test]
    fn a_repeated_step_takes_as_many_numbers_as_it_has_times() {
        let script = r#"Every(from: "0s", period: "1s", times: 5, do: Register), At("9s", Register)"#;
        check(script, "", &["register#1", "register#6"]);
    }

    #[test]
    fn an_explicit_label_does_not_move_the_numbers_of_others() {
        let script = r#"Step(at: "0s", do: Register, label: "x"), At("9s", Register)"#;
        check(script, "", &["x", "register#2"]);
    }

    #[test]
    fn blocks_are_named_after_their_first_action_and_reactions_count_last() {
        let script = r#"At("0s", When(Flag("f"), [Register, Deregister])), At("0s", All([]))"#;
        let on = r#"RouteExpired: [After("1s", [Register])], EntityRegistered: [After("1s", [After("1s", [Register])])]"#;
        check(script, on, &["register#1", "nothing#1", "register#2", "register#3", "register#4"]);
    }
}
