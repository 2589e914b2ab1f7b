//! What can be checked only once a client is complete: its members, its names, its labels.

use alloc::collections::{BTreeMap, BTreeSet};

use tiebreak_diagnostic::{Diagnostic, code};

use super::cast::Thing;
use super::{Checker, Registered, Used, leaves, take_apart};
use crate::Place;
use crate::entries::REGISTRATIONS;
use crate::events::{About, Role};
use crate::groups::{MEMBERS_MAX, member_name, registration_actor};
use crate::labels::{self, Subjects, items};
use crate::makers::Makers;
use crate::names::ClientTexts;
use crate::plan::{Family, MAIN, Protocol};
use crate::rows::{Found, Use};
use crate::tree::{Kind, Node};

/// Who registers with the manager: the instance, the family, the protocol, and the `EntityInstanceId`.
pub(crate) type Entity = (u64, Family, u64, u64);

/// Checks a client or a group, and keeps what concerns others for later.
pub(crate) fn client(checker: &mut Checker<'_>, found: &Found<'_>) {
    deaf(checker, found, "the client has no callback: it never reacts");
    let members = members(checker, name_of(found), found);
    let subjects = if members.is_some() { Subjects::AsWritten } else { Subjects::Canonical };
    let labels = labels::of(found, subjects);
    checker.findings.labels.push(labels.iter().map(|label| label.text.clone()).collect());
    let things = labels.into_iter().map(|labels::Label { text, span, times, .. }| Thing {
        about: About::Label,
        text,
        times,
        span,
    });
    take_in(checker, found, Role::Client, (members, things.collect()));
}

/// Checks what a client registers as besides.
pub(crate) fn registration(checker: &mut Checker<'_>, found: &Found<'_>) {
    deaf(checker, found, "the registration has no callback: the client never reacts as it");
    if let Some(node) = found.get("name").filter(|_| name_of(found) == MAIN) {
        let message = format!("`{MAIN}` is the registration that the client's own fields describe");
        checker.error(code::NAME, node, message, "use another name");
    }
}

/// Warns of reactions without a callback.
fn deaf(checker: &mut Checker<'_>, found: &Found<'_>, message: &str) {
    let is_false = |node: &Node| node.kind == Kind::Bool(false);
    if let Some(on) = found.get("on").filter(|_| found.get("callback").is_some_and(is_false)) {
        // Methods run without a callback.
        let is_method = |key: &Node| matches!(&key.kind, Kind::Call(Some(name), _) if name.text == "Method");
        if matches!(&on.kind, Kind::Map(pairs) if pairs.iter().any(|(key, _)| !is_method(key))) {
            let warning = Diagnostic::warning(code::DOUBTFUL, on.span.clone(), message);
            checker.diagnostics.push(warning.help("remove `callback: false` or `on`"));
        }
    }
}

/// Returns what somebody can register as: first what its own fields say.
pub(crate) fn registrations(found: &Found<'_>) -> Vec<Registered> {
    let mut registrations = Vec::from([Registered { name: MAIN.to_owned(), family: family_of(found) }]);
    let also =
        also(found).map(|also| Registered { name: name_of(&also).to_owned(), family: family_of(&also) });
    registrations.extend(also);
    registrations
}

/// Returns the other registrations of a client, as far as they can be read.
fn also<'t>(found: &Found<'t>) -> impl Iterator<Item = Found<'t>> {
    items(found.get("also")).iter().filter_map(|node| take_apart(&REGISTRATIONS, node, &mut Vec::new()))
}

/// Checks an observer, which has a name and no texts besides.
pub(crate) fn observer(checker: &mut Checker<'_>, found: &Found<'_>) {
    // What an observer does has these names in its events; `rtm-sim` gives them.
    let thing =
        |about, text: &str| Thing { about, text: text.to_owned(), times: None, span: found.span.clone() };
    let things = Vec::from([thing(About::Label, "observe"), thing(About::Changes, "table")]);
    checker.does.insert((0, "RegisterForChanges"));
    take_in(checker, found, Role::Observer, (None, things));
}

/// Checks a feed: others may name its peers, and its recording must be found.
pub(crate) fn feed(checker: &mut Checker<'_>, found: &Found<'_>) {
    take_in(checker, found, Role::Peer, (None, Vec::new()));
    if let Some((file, node)) = found.get("file").and_then(|node| Some((leaves::text(node).ok()?, node))) {
        if !file.is_empty() {
            let place = Place { text: file.to_owned(), span: node.span.clone() };
            checker.findings.recordings.push((name_of(found).to_owned(), place));
        }
    }
}

/// Takes in who takes part, with all that was found in it: once for each of its registrations.
fn take_in(
    checker: &mut Checker<'_>,
    found: &Found<'_>,
    role: Role,
    (members, things): (Option<Vec<u32>>, Vec<Thing>),
) {
    let used = core::mem::take(&mut checker.used);
    let does = core::mem::take(&mut checker.does);
    let name = name_of(found);
    let mut parts = Vec::from([(found.clone(), name.to_owned(), role, things)]);
    for also in also(found) {
        let actor = registration_actor(name, name_of(&also), members.as_deref());
        parts.push((also, actor, Role::Registration, Vec::new()));
    }
    let makers = Makers::new(parts.iter().map(|(_, actor, ..)| actor.clone()).collect(), &used);
    let mut used_by: Vec<Vec<Used>> = parts.iter().map(|_| Vec::new()).collect();
    for used in used {
        used_by[used.of].push(used);
    }
    for ((index, (part, actor, role, things)), mut used) in parts.into_iter().enumerate().zip(used_by) {
        if let Some(node) = part.get("name").filter(|_| role == Role::Registration) {
            used.push(Used { what: Use::OwnName, text: actor.clone(), span: node.span.clone(), of: index });
        }
        let does = does.range((index, "")..(index + 1, "")).map(|(_, name)| *name).collect();
        check_entity(checker, (found, &part), &actor, members.as_deref(), &does);
        let instance =
            number_of(&part, "instance").and_then(|number| u16::try_from(number).ok()).unwrap_or(0);
        let family = family_of(&part);
        let texts = ClientTexts { role, instance, family, members: members.clone(), used, things, does };
        checker.registry.client(&actor, texts, (index, &makers), &mut checker.diagnostics);
    }
}

/// Reports somebody who says that it is the same entity as somebody else: the manager refuses who comes second. Who leaves
/// makes room, and who misbehaves may be refused.
fn check_entity(
    checker: &mut Checker<'_>,
    (client, found): (&Found<'_>, &Found<'_>),
    name: &str,
    members: Option<&[u32]>,
    does: &BTreeSet<&'static str>,
) {
    let Some(node) = found.get("entity") else { return };
    let protocol = match client.get("protocol").map(|node| &node.kind) {
        Some(Kind::Text(text)) => Protocol::named(text).map(|protocol| u64::from(protocol.number())),
        Some(Kind::Integer(_)) => number_of(client, "protocol"),
        _ => Some(u64::from(Protocol::NETMGMT.number())),
    };
    let may_clash = does.contains("Deregister")
        || client.get("misbehaves").is_some_and(|node| node.kind == Kind::Bool(true));
    let (Some(entity), Some(protocol), false) = (number_of(found, "entity"), protocol, may_clash) else {
        return;
    };
    let help = "leave `entity` out, or say `misbehaves: true` if the second is to be refused";
    if let Some([first, second, ..]) = members {
        let [first, second] = [first, second].map(|member| member_name(name, *member));
        let message = format!("`{first}` and `{second}` are the same entity {entity}");
        return checker.error(code::DUPLICATE_NAME, node, message, help);
    }
    let place = (number_of(found, "instance").unwrap_or(0), family_of(found), protocol, entity);
    let first =
        checker.registry.entities.entry(place).or_insert_with(|| (name.to_owned(), node.span.clone()));
    if first.1 != node.span {
        let (other, span) = first.clone();
        let what = format!("the entity {entity} of `{other}`");
        let twice = checker.registry.twice(code::DUPLICATE_NAME, &what, &span, node.span.clone());
        checker.diagnostics.push(twice.help(help));
    }
}

/// Returns the number in a field, if it can be read.
fn number_of(found: &Found<'_>, field: &str) -> Option<u64> {
    found.get(field).and_then(|node| leaves::integer(node, 0..=u64::MAX).ok())
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
fn members(checker: &mut Checker<'_>, name: &str, found: &Found<'_>) -> Option<Vec<u32>> {
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
    let mut members: BTreeMap<u32, &Node> = BTreeMap::new();
    for (node, text) in nodes.iter().filter_map(|node| Some((node, leaves::text(node).ok()?))) {
        let Some(member) = names.get(text) else {
            let (first, last) = (member_name(name, 1), member_name(name, count));
            let help = format!("its members are `{first}` to `{last}`");
            checker.error(code::GROUP, node, format!("the group has no member `{text}`"), help);
            continue;
        };
        if let Some(first) = members.get(member) {
            checker.twice(code::DUPLICATE_NAME, &format!("`{text}`"), first, node);
        } else {
            members.insert(*member, node);
        }
    }
    Some(members.into_keys().collect())
}
