//! What the tool writes looks like what a person writes, and labels are what they always were.

use tiebreak_scenario::plan::{Action, Actor, Client};
use tiebreak_scenario::{load, write};

const EVERYTHING: &str = include_str!("valid/everything.ron");

#[test]
fn a_plan_is_written_as_a_person_writes_it() {
    let plan = load(EVERYTHING).expect("the file is right").plan;
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("written", write(&plan));
    });
}

/// Appends the labels of the `After` blocks within an action.
fn inner_labels<'a>(action: &'a Action, labels: &mut Vec<&'a str>) {
    if let Action::After(_, _, label) = action {
        labels.push(label);
    }
    if let Action::After(_, inner, _)
    | Action::All(inner)
    | Action::When(_, inner)
    | Action::With(_, inner)
    | Action::Without(_, inner)
    | Action::As(_, inner) = action
    {
        for action in inner {
            inner_labels(action, labels);
        }
    }
}

fn client_labels(client: &Client) -> String {
    let mut labels = Vec::new();
    for step in &client.script {
        labels.push(step.label.as_str());
        inner_labels(&step.action, &mut labels);
    }
    let reactions = client.on.values().chain(client.also.iter().flat_map(|other| other.on.values()));
    reactions.flatten().for_each(|action| inner_labels(action, &mut labels));
    format!("{}:\n  {}\n", client.name, labels.join("\n  "))
}

#[test]
fn default_labels_are_what_they_always_were() {
    let actors = load(EVERYTHING).expect("the file is right").plan.expand();
    let clients =
        actors.iter().filter_map(|actor| if let Actor::Client(client) = actor { Some(client) } else { None });
    let listing: String = clients.map(client_labels).collect();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("labels", listing);
    });
}
