//! Labels of steps: `action(subject)#n`, frozen when a scenario is first loaded.
//!
//! A client's steps are counted in the order of the script, then of the reactions by event, then of those of its other
//! registrations; an `After` counts behind the step or reaction it stands in. `n` counts equal `action(subject)`; a repeated step takes as many numbers as it has times.

use alloc::collections::BTreeMap;
use core::fmt;
use core::ops::Range;

use serde::Serialize;

use crate::action::{ACTIONS, Action};
use crate::check::{leaves, take_apart};
use crate::document::to_ron;
use crate::entries::{ENTRIES, REGISTRATIONS};
use crate::plan::{Client, Event, Prefix, Timing};
use crate::reader;
use crate::rows::{Found, STEPS, TIMES_MAX};
use crate::tree::{Kind, Node};
use crate::words::variants;

/// What a block of no actions is called.
const NOTHING: &str = "nothing";

/// How subjects of labels are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subjects {
    /// As they stand in the file: they may hold placeholders.
    AsWritten,
    /// Prefixes in their one canonical spelling.
    Canonical,
}

/// The label of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    /// The one that was given, or the default one.
    pub(crate) text: String,
    /// Where it stands, or the step it is the label of.
    pub(crate) span: Range<usize>,
    /// How many occurrences it stands for, `None` if the step is not repeated.
    pub(crate) times: Option<u32>,
    is_default: bool,
}

/// Returns the label of every step of a client in a file, in the order in which they are counted. Steps whose action cannot
/// be read have none.
pub(crate) fn of(client: &Found<'_>, subjects: Subjects) -> Vec<Label> {
    let mut counter = Counter { subjects, counts: BTreeMap::new(), labels: Vec::new() };
    for step in items(client.get("script")) {
        counter.step(step);
    }
    counter.reactions(client);
    for registration in items(client.get("also")) {
        if let Some(found) = take_apart(&REGISTRATIONS, registration, &mut Vec::new()) {
            counter.reactions(&found);
        }
    }
    counter.labels
}

/// Gives steps their labels, in the order in which they are counted.
pub(crate) fn assign<P, A>(client: &mut Client<P, A>, labels: Vec<String>) {
    let mut labels = labels.into_iter();
    visit(client, &mut |label| *label = labels.next().unwrap_or_default());
}

/// The labels of a client: for each stem, ranges of numbers that do not overlap, with the first and the last number of each and
/// what has it. A repeated step has a whole range.
#[derive(Debug)]
pub(crate) struct Taken<T>(BTreeMap<String, BTreeMap<u64, (u64, T)>>);

impl<T> Taken<T> {
    pub(crate) const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Takes the numbers of a label.
    ///
    /// # Errors
    /// With what has one of them already; then nothing is taken.
    pub(crate) fn take(&mut self, label: &str, times: Option<u32>, what: T) -> Result<(), &T> {
        let (stem, first, last) = numbers(label, times);
        let ranges = self.0.entry(stem.to_owned()).or_default();
        let before = ranges.range(..=last).next_back().filter(|(_, (end, _))| *end >= first);
        if let Some(start) = before.map(|(start, _)| *start) {
            return Err(&ranges[&start].1);
        }
        ranges.insert(first, (last, what));
        Ok(())
    }
}

/// Returns the stem of a label, and the first and the last number it stands for. A label without a number is 0 to 0.
pub(crate) fn numbers(label: &str, times: Option<u32>) -> (&str, u64, u64) {
    let (stem, number) = split_number(label);
    let first = number.unwrap_or(u64::from(times.is_some()));
    (stem, first, first.saturating_add(u64::from(times.unwrap_or(1).max(1) - 1)))
}

impl<P, A> Client<P, A> {
    /// Returns for each step of the script the number of its first label, if it is repeated and each of its times has a label that
    /// nothing else of the client has: that number counts on by one each time. `None` for all steps if one label stands for two of
    /// them, which no checked plan has.
    ///
    /// # Cost
    /// Time `O(n log n)` of so many labels; a repeated step counts as one.
    #[must_use]
    pub fn first_numbers(&self) -> Vec<Option<u64>> {
        let mut taken = Taken::new();
        let mut are_apart = true;
        let mut firsts = Vec::with_capacity(self.script.len());
        for step in &self.script {
            let times = matches!(step.timing, Timing::Every { .. }).then(|| step.times());
            are_apart &= taken.take(&step.label, times, ()).is_ok();
            let (_, first, last) = numbers(&step.label, times);
            // Numbers that cannot count on stay the same.
            let counts_on = times.is_some_and(|times| last - first == u64::from(times.saturating_sub(1)));
            firsts.push(counts_on.then_some(first));
        }
        let reactions = core::iter::once(&self.on).chain(self.also.iter().map(|other| &other.on));
        let mut actions: Vec<_> = reactions.flat_map(BTreeMap::values).flatten().collect();
        actions.extend(self.script.iter().map(|step| &step.action));
        while let Some(action) = actions.pop() {
            if let Action::After(_, _, label) = action {
                are_apart &= taken.take(label, None, ()).is_ok();
            }
            actions.extend(action.inner().into_iter().flatten());
        }
        if are_apart { firsts } else { alloc::vec![None; firsts.len()] }
    }
}

/// Takes from every step the label that it would have by default.
pub(crate) fn omit<P: Serialize + Clone, A: Serialize + Clone>(client: &mut Client<P, A>) {
    let (root, mut mistakes) = reader::read(&format!("Client{}", to_ron(client)));
    let labels = take_apart(&ENTRIES, &root, &mut mistakes).map(|found| of(&found, Subjects::AsWritten));
    assert!(mistakes.is_empty(), "what is written can be read: {mistakes:?}");
    let mut labels = labels.unwrap_or_default().into_iter();
    visit(client, &mut |label| {
        if labels.next().is_some_and(|found| found.is_default) {
            label.clear();
        }
    });
}

/// Visits the label of every step of a client, in the order in which they are counted.
fn visit<P, A>(client: &mut Client<P, A>, visitor: &mut dyn FnMut(&mut String)) {
    for step in &mut client.script {
        visitor(&mut step.label);
        visit_action(&mut step.action, visitor);
    }
    let reactions = core::iter::once(&mut client.on).chain(client.also.iter_mut().map(|other| &mut other.on));
    reactions.flat_map(BTreeMap::values_mut).flatten().for_each(|action| visit_action(action, visitor));
}

/// Visits the labels within an action.
fn visit_action<P, A>(action: &mut Action<P, A>, visitor: &mut dyn FnMut(&mut String)) {
    if let Action::After(_, _, label) = action {
        visitor(label);
    }
    action.inner_mut().into_iter().flatten().for_each(|action| visit_action(action, visitor));
}

impl Action {
    /// Returns what the action is called in default labels and in notes: the name of its row and what the row says it is
    /// about, `add-route(10.0.0.0/8)`, or `register` where it is about nothing. A block is called after its first action.
    #[must_use]
    pub fn label_stem(&self) -> String {
        match (self.subject(), self.inner()) {
            (Some(subject), _) => format!("{}({subject})", kebab(&name_of(self))),
            (None, Some(inner)) => inner.first().map_or_else(|| NOTHING.to_owned(), Self::label_stem),
            (None, None) => kebab(&name_of(self)),
        }
    }
}

/// Returns the name of a variant, which is that of its row: what is printed of it up to the first bracket.
fn name_of(variant: &dyn fmt::Debug) -> String {
    struct Name(String);

    impl fmt::Write for Name {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let name = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            self.0.push_str(name);
            if name == text { Ok(()) } else { Err(fmt::Error) }
        }
    }

    let mut name = Name(String::new());
    // The error says that the name is over.
    let _ = fmt::write(&mut name, format_args!("{variant:?}"));
    name.0
}

/// Counts equal steps of a client.
struct Counter {
    subjects: Subjects,
    counts: BTreeMap<String, u64>,
    labels: Vec<Label>,
}

impl Counter {
    fn step(&mut self, node: &Node) {
        let Some(found) = take_apart(&STEPS, node, &mut Vec::new()) else { return };
        let Some(action) = found.row.subject.and_then(|name| found.get(name)) else { return };
        let times = found.get("times").map(|node| leaves::integer(node, 1..=TIMES_MAX));
        let times = times.map(|times| times.ok().and_then(|times| u32::try_from(times).ok()).unwrap_or(1));
        self.label(action, &found, times);
        self.action(action);
    }

    /// Counts what is put off in the reactions of a client or a registration, in the order of events.
    fn reactions(&mut self, found: &Found<'_>) {
        let reactions: &[(Node, Node)] =
            if let Some(Kind::Map(pairs)) = found.get("on").map(|node| &node.kind) { pairs } else { &[] };
        for event in variants::<Event>() {
            let is_event = |key: &Node| matches!(&key.kind, Kind::Call(Some(name), _) if name.text == event);
            let actions = reactions.iter().find(|(key, _)| is_event(key)).map(|(_, actions)| actions);
            for action in items(actions) {
                self.action(action);
            }
        }
    }

    /// Counts what is put off within an action.
    fn action(&mut self, node: &Node) {
        let Some(found) = take_apart(&ACTIONS, node, &mut Vec::new()) else { return };
        let Some(block) = found.row.block() else { return };
        if found.row.name == "After" {
            self.label(node, &found, None);
        }
        for action in items(found.get(block)) {
            self.action(action);
        }
    }

    /// Notes the label of a step or of what is put off: the given one, or the next default one of its action.
    fn label(&mut self, action: &Node, found: &Found<'_>, times: Option<u32>) {
        let Some(stem) = stem(action, self.subjects) else { return };
        let count = self.counts.entry(stem.clone()).or_insert(0);
        let default = format!("{stem}#{}", *count + 1);
        *count += u64::from(times.unwrap_or(1));
        let given = found.get("label").or_else(|| found.get("\"label\""));
        let span = given.map_or(&found.span, |node| &node.span).clone();
        let given = given.and_then(|node| leaves::text(node).ok()).filter(|text| !text.is_empty());
        let is_default = given.is_none_or(|given| given == default);
        self.labels.push(Label { text: given.map_or(default, str::to_owned), span, times, is_default });
    }
}

/// Returns what default labels start with: `add-route(10.0.0.0/8)`, or `register` where there is no subject. A block is called
/// after its first action.
fn stem(node: &Node, subjects: Subjects) -> Option<String> {
    let found = take_apart(&ACTIONS, node, &mut Vec::new())?;
    if let Some(block) = found.row.block().filter(|_| found.row.subject.is_none()) {
        let first = items(found.get(block)).iter().find_map(|node| stem(node, subjects));
        return Some(first.unwrap_or_else(|| NOTHING.to_owned()));
    }
    let kind = kebab(found.row.name);
    let Some(subject) = found.row.subject else { return Some(kind) };
    let text = found.get(subject).and_then(|node| leaves::text(node).ok()).unwrap_or_default();
    Some(match (subjects, text.parse::<Prefix>()) {
        (Subjects::Canonical, Ok(prefix)) => format!("{kind}({prefix})"),
        _ => format!("{kind}({text})"),
    })
}

/// Returns the items of a list; none if there is no list.
pub(crate) fn items(node: Option<&Node>) -> &[Node] {
    if let Some(Kind::List(nodes)) = node.map(|node| &node.kind) { nodes } else { &[] }
}

/// Returns `add-route` for `AddRoute`.
fn kebab(name: &str) -> String {
    let mut kebab = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    kebab
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
    use alloc::collections::BTreeSet;

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
        let mut labels = Vec::new();
        visit(&mut client.clone(), &mut |label| labels.push(label.clone()));
        assert_eq!(labels, expected);
    }

    #[test]
    fn an_action_says_itself_what_its_row_says_it_is_called() {
        fn check(action: &Action, names: &mut BTreeSet<&'static str>) {
            let (root, _) = reader::read(&to_ron(action));
            assert_eq!(Some(action.label_stem()), stem(&root, Subjects::Canonical), "{action:?}");
            names.extend(take_apart(&ACTIONS, &root, &mut Vec::new()).map(|found| found.row.name));
            action.inner().into_iter().flatten().for_each(|action| check(action, names));
        }
        let plan = crate::load(include_str!("../tests/valid/everything.ron")).unwrap().plan;
        let mut names = BTreeSet::new();
        for actor in plan.expand() {
            if let crate::plan::Actor::Client(client) = actor {
                let reactions = client.also.iter().flat_map(|other| other.on.values());
                let reactions = client.on.values().chain(reactions).flatten();
                let actions = client.script.iter().map(|step| &step.action).chain(reactions);
                actions.for_each(|action| check(action, &mut names));
            }
        }
        assert_eq!(names, ACTIONS.names().into_iter().collect(), "every action is there");
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
    fn numbers_of_times_are_those_of_labels_that_are_apart() {
        let every = |label: &str, times: u32| {
            format!(r#"Every(from: "0s", period: "1s", times: {times}, do: Register, label: "{label}"), "#)
        };
        let check = |script: &str, change: &dyn Fn(&mut Client), expected: &[Option<u64>]| {
            let text = format!(
                r#"Scenario(format: 1, until: "1h", clients: [Client(name: "a", protocol: "RIP", script: [{script}])])"#
            );
            let plan = crate::load(&text).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).plan;
            let crate::plan::Entry::One(crate::plan::Actor::Client(client)) = &plan.clients[0] else {
                panic!("a client")
            };
            let mut client = client.clone();
            change(&mut client);
            assert_eq!(client.first_numbers(), expected, "{script}");
        };
        let script = every("x", 5) + &every("x#6", 5) + r#"At("0s", Register)"#;
        check(&script, &|_| {}, &[Some(1), Some(6), None]);
        check(&script, &|client| client.script[1].label = "x#5".into(), &[None; 3]);
        check(&script, &|client| client.script[2].label = "x#10".into(), &[None; 3]);
        check(&script, &|client| client.script[2].label = "x#11".into(), &[Some(1), Some(6), None]);
        let script = every("x", 5) + r#"At("0s", All([After("1s", [Set("f")], "y#3")]))"#;
        let put_off = |label: &'static str| {
            move |client: &mut Client| {
                let Action::All(actions) = &mut client.script[1].action else { panic!("a block") };
                let Action::After(_, _, own) = &mut actions[0] else { panic!("it is put off") };
                *own = label.to_owned();
            }
        };
        check(&script, &put_off("x#6"), &[Some(1), None]);
        check(&script, &put_off("x#3"), &[None, None]);
        let last = u64::MAX - 4;
        check(&every(&format!("x#{last}"), 5), &|_| {}, &[Some(last)]);
        check(&every(&format!("x#{last}"), 6), &|_| {}, &[None]);
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
