//! What can be checked only once a client is complete: its members, its names, its labels.

use alloc::collections::BTreeMap;
use core::ops::Range;

use super::{Checker, leaves};
use crate::Place;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::events::Role;
use crate::groups::{MEMBERS_MAX, member_name};
use crate::labels::{self, Subjects, items};
use crate::names::{ClientTexts, Label};
use crate::plan::Family;
use crate::rows::Found;
use crate::tree::{Kind, Node};

/// Checks a client or a group, and keeps what concerns others for later.
pub(crate) fn client(checker: &mut Checker, found: &Found<'_>) {
    let has_no_callback = found.get("callback").is_some_and(|node| node.kind == Kind::Bool(false));
    if let Some(on) = found.get("on").filter(|_| has_no_callback) {
        if matches!(&on.kind, Kind::Map(pairs) if !pairs.is_empty()) {
            let message = "the client has no callback: it never reacts";
            let warning = Diagnostic::warning(code::DOUBTFUL, on.span.clone(), message);
            checker.diagnostics.push(warning.help("remove `callback: false` or `on`"));
        }
    }
    let name = name_of(found);
    let members = members(checker, name, found);
    let subjects = if members.is_some() { Subjects::AsWritten } else { Subjects::Canonical };
    let labels = labels::of(found, subjects);
    let texts = ClientTexts {
        family: family_of(found),
        used: core::mem::take(&mut checker.used),
        members,
        role: Role::Client,
        labels: labels.iter().map(|label| ((label.text.clone(), label.times), label.span.clone())).collect(),
    };
    checker.registry.client(name, &texts, &mut checker.diagnostics);
    checker.findings.labels.push(labels.into_iter().map(|label| label.text).collect());
}

/// Checks an observer, which has a name and no texts besides.
pub(crate) fn observer(checker: &mut Checker, found: &Found<'_>) {
    // What an observer does has these names in its events; `rtm-sim` gives them.
    without_script(
        checker,
        found,
        Role::Observer,
        Vec::from([(("observe#1".to_owned(), None), found.span.clone())]),
    );
}

/// Checks somebody without texts but the name.
fn without_script(checker: &mut Checker, found: &Found<'_>, role: Role, labels: Vec<(Label, Range<usize>)>) {
    let used = core::mem::take(&mut checker.used);
    let texts = ClientTexts { family: Family::default(), used, members: None, role, labels };
    checker.registry.client(name_of(found), &texts, &mut checker.diagnostics);
}

/// Checks a feed: others may name its peers, and its recording must be found.
pub(crate) fn feed(checker: &mut Checker, found: &Found<'_>) {
    without_script(checker, found, Role::Peer, Vec::new());
    let name = name_of(found);
    checker.registry.feed(name);
    if let Some((file, node)) = found.get("file").and_then(|node| Some((leaves::text(node).ok()?, node))) {
        if !file.is_empty() {
            let place = Place { text: file.to_owned(), span: node.span.clone() };
            checker.findings.recordings.push((name.to_owned(), place));
        }
    }
}

fn name_of<'t>(found: &Found<'t>) -> &'t str {
    found.get("name").and_then(|node| leaves::text(node).ok()).unwrap_or_default()
}

/// Returns the family a client registers for; the default one if that cannot be read.
fn family_of(found: &Found<'_>) -> Family {
    let is_ipv6 = |node: &Node| matches!(&node.kind, Kind::Call(Some(name), _) if name.text == "ipv6");
    if found.get("family").is_some_and(is_ipv6) { Family::Ipv6 } else { Family::Ipv4 }
}

/// Returns the numbers of a group's members, or `None` if it is no group.
fn members(checker: &mut Checker, name: &str, found: &Found<'_>) -> Option<Vec<u32>> {
    let only = found.get("only");
    let Some(count) = found.get("count") else {
        if let Some(node) = only {
            checker.error(code::GROUP, node, "`only` without a group", "add `count: …`, or remove `only`");
        }
        return None;
    };
    // A `count` that could not be read was reported; the texts are a template's all the same.
    let count = leaves::integer(count, 1..=u64::from(MEMBERS_MAX)).ok();
    let Some(count) = count.and_then(|count| u32::try_from(count).ok()) else { return Some(vec![1]) };
    let nodes = items(only);
    if nodes.is_empty() {
        return Some((1..=count).collect());
    }
    let names: BTreeMap<String, u32> =
        (1..=count).map(|member| (member_name(name, member), member)).collect();
    let mut members = Vec::new();
    for (node, text) in nodes.iter().filter_map(|node| Some((node, leaves::text(node).ok()?))) {
        match names.get(text) {
            Some(member) if members.contains(member) => {
                let message = format!("`{text}` is given twice");
                checker.error(code::DUPLICATE_NAME, node, message, "keep one of them");
            }
            Some(member) => members.push(*member),
            None => {
                let (first, last) = (member_name(name, 1), member_name(name, count));
                let help = format!("its members are `{first}` to `{last}`");
                checker.error(code::GROUP, node, format!("the group has no member `{text}`"), help);
            }
        }
    }
    Some(members)
}
