//! Clients, observers, feeds, and the steps of scripts.

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use core::ops::Range;

use tiebreak_kernel::Span;

use super::fields::{Call, Fields};
use super::{Lower, Place, Use};
use crate::action::ChangeType;
use crate::code;
use crate::document::{DocumentClient, DocumentEntry, DocumentStep, TextAction};
use crate::groups::MEMBERS_MAX;
use crate::labels;
use crate::names::ClientTexts;
use crate::plan::{Event, Family, Feed, Observer, Protocol, View};
use crate::tree::{Kind, Node};

/// The most times a step may be repeated.
pub(crate) const TIMES_MAX: u32 = 10_000_000;

impl Lower {
    pub(super) fn entry(&mut self, node: &Node) -> Option<DocumentEntry> {
        let call = self.variant(node, "a client", &["Client", "Observer", "Feed"])?;
        Some(match call.name {
            "Client" => DocumentEntry::Client(self.client(&call)),
            "Observer" => DocumentEntry::Observer(self.observer(&call)),
            _ => DocumentEntry::Feed(self.feed(&call)),
        })
    }

    fn client(&mut self, call: &Call<'_>) -> DocumentClient {
        const FIELDS: [&str; 11] = [
            "name", "protocol", "instance", "family", "entity", "callback", "delivery", "count", "only",
            "script", "on",
        ];
        let fields = self.fields(call, &FIELDS);
        self.used.clear();
        self.labels.clear();
        self.place = Place::Script;
        let client = DocumentClient {
            name: self.req(&fields, "name", |lower, node| lower.noted(node, Use::OwnName)),
            protocol: self
                .req(&fields, "protocol", |lower, node| lower.protocol(node).map(Some))
                .unwrap_or(Protocol::RIP),
            instance: self.or(&fields, "instance", 0, Self::integer::<u16>),
            family: self.or(&fields, "family", Family::default(), Self::family),
            entity: self.opt(&fields, "entity", Self::integer::<u32>),
            callback: self.or(&fields, "callback", true, Self::boolean),
            delivery: self.opt(&fields, "delivery", Self::delivery),
            count: self.opt(&fields, "count", |lower, node| lower.at_least(node, 1, MEMBERS_MAX)),
            only: self.or(&fields, "only", Vec::new(), |lower, node| lower.list(node, Self::text)),
            script: self.or(&fields, "script", Vec::new(), |lower, node| lower.list(node, Self::step)),
            on: self.or(&fields, "on", BTreeMap::new(), Self::reactions),
        };
        if let Some(node) = fields.get("on").filter(|_| !client.callback && !client.on.is_empty()) {
            self.doubt(
                node.span.clone(),
                "the client has no callback: it never reacts",
                "remove `callback: false` or `on`",
            );
        }
        self.finish(&fields, &client);
        client
    }

    /// Checks what can be checked now that the client is complete, and keeps the rest for later.
    fn finish(&mut self, fields: &Fields<'_>, client: &DocumentClient) {
        let members = self.members(fields, client);
        let mut template = client.clone().into_template();
        labels::assign(&mut template);
        let label_spans = core::mem::take(&mut self.labels);
        let texts = ClientTexts {
            family: client.family,
            used: core::mem::take(&mut self.used),
            members,
            labels: labels::all(&template).into_iter().zip(label_spans).collect(),
        };
        self.registry.client(&client.name, &texts, &mut self.diagnostics);
    }

    /// Returns the numbers of a group's members, or `None` if it is no group.
    fn members(&mut self, fields: &Fields<'_>, client: &DocumentClient) -> Option<Vec<u32>> {
        let Some(count) = client.count else {
            // A `count` that could not be read was reported; the texts are a template's all the same.
            if let Some(node) = fields.get("only").filter(|_| fields.get("count").is_none()) {
                self.error(code::GROUP, node, "`only` without a group", "add `count: …`, or remove `only`");
            }
            return fields.get("count").map(|_| vec![1]);
        };
        let names: BTreeMap<String, u32> =
            (1..=count).map(|member| (crate::groups::member_name(&client.name, member), member)).collect();
        if client.only.is_empty() {
            return Some((1..=count).collect());
        }
        let mut members = Vec::new();
        if let Some(Node { kind: Kind::List(nodes), .. }) = fields.get("only") {
            for node in nodes {
                let Kind::Text(name) = &node.kind else { continue };
                match names.get(name) {
                    Some(member) if members.contains(member) => {
                        self.error(
                            code::DUPLICATE_NAME,
                            node,
                            format!("`{name}` is given twice"),
                            "keep one of them",
                        );
                    }
                    Some(member) => members.push(*member),
                    None => {
                        let (first, last) =
                            (names.iter().find(|(_, n)| **n == 1), names.iter().find(|(_, n)| **n == count));
                        let shown = |found: Option<(&String, &u32)>| {
                            found.map(|(name, _)| name.clone()).unwrap_or_default()
                        };
                        let help = format!("its members are `{}` to `{}`", shown(first), shown(last));
                        self.error(code::GROUP, node, format!("the group has no member `{name}`"), help);
                    }
                }
            }
        }
        Some(members)
    }

    fn observer(&mut self, call: &Call<'_>) -> Observer {
        let known = ["name", "at", "protocol", "instance", "family", "entity", "types", "views", "delivery"];
        let fields = self.fields(call, &known);
        let observer = Observer {
            name: self.own_name(&fields),
            at: self.or(&fields, "at", Span::ZERO, Self::span),
            protocol: self.or(&fields, "protocol", Protocol::of_observers(), Self::protocol),
            instance: self.or(&fields, "instance", 0, Self::integer::<u16>),
            family: self.or(&fields, "family", Family::default(), Self::family),
            entity: self.opt(&fields, "entity", Self::integer::<u32>),
            types: self.or(&fields, "types", ChangeType::best(), Self::change_types),
            views: self.or(&fields, "views", View::unicast(), Self::views),
            delivery: self.opt(&fields, "delivery", Self::delivery),
        };
        for (name, is_empty) in [("types", observer.types.is_empty()), ("views", observer.views.is_empty())] {
            if let Some(Node { kind: Kind::List(nodes), span, .. }) = fields.get(name).filter(|_| is_empty) {
                if nodes.is_empty() {
                    let message = format!("an observer without {name} sees nothing");
                    self.report(code::INTERVAL, span.clone(), message, "name at least one");
                }
            }
        }
        self.at_a_time(&fields, "at", observer.at);
        observer
    }

    fn feed(&mut self, call: &Call<'_>) -> Feed {
        let fields = self.fields(call, &["name", "file", "at", "protocol", "instance"]);
        let feed = Feed {
            name: self.own_name(&fields),
            file: self.req(&fields, "file", Self::text),
            at: self.or(&fields, "at", Span::ZERO, Self::span),
            protocol: self.or(&fields, "protocol", Protocol::of_feeds(), Self::protocol),
            instance: self.or(&fields, "instance", 0, Self::integer::<u16>),
        };
        if let Some(node) = fields.get("file").filter(|node| node.kind == Kind::Text(String::new())) {
            self.error(
                code::NAME,
                node,
                "the name of the file is empty",
                "name a recording, relative to this file",
            );
        }
        self.at_a_time(&fields, "at", feed.at);
        self.registry.feed(&feed.name);
        feed
    }

    /// Takes the name of an observer or a feed.
    fn own_name(&mut self, fields: &Fields<'_>) -> String {
        self.used.clear();
        let name = self.req(fields, "name", |lower, node| lower.noted(node, Use::OwnName));
        let used = core::mem::take(&mut self.used);
        let texts = ClientTexts { family: Family::default(), used, members: None, labels: Vec::new() };
        self.registry.client(&name, &texts, &mut self.diagnostics);
        name
    }

    /// Takes the list of switches.
    pub(super) fn new_switches(&mut self, node: &Node) -> Option<Vec<String>> {
        let mut seen: Vec<String> = Vec::new();
        self.list(node, |lower, node| {
            let name = lower.text(node)?;
            if let Some(problem) = crate::names::name_problem(&name) {
                lower.error(
                    code::NAME,
                    node,
                    format!("{name:?} cannot be a name: {problem}"),
                    crate::names::NAME_HELP,
                );
            } else if seen.contains(&name) {
                lower.error(
                    code::DUPLICATE_NAME,
                    node,
                    format!("the switch `{name}` is named twice"),
                    "keep one of them",
                );
            }
            lower.registry.new_switch(&name, node.span.clone());
            seen.push(name.clone());
            Some(name)
        })
    }

    /// Takes the name of a switch that must exist.
    pub(super) fn switch(&mut self, node: &Node) -> Option<String> {
        let name = self.text(node)?;
        self.registry.switch(&name, node.span.clone());
        Some(name)
    }

    fn step(&mut self, node: &Node) -> Option<DocumentStep> {
        let call = self.variant(node, "a step", &["At", "Step", "Every"])?;
        let mark = self.labels.len();
        self.labels.push(call.span.clone());
        let step = match call.name {
            "At" => self.at_step(&call),
            "Step" => self.full_step(&call, mark),
            _ => self.every_step(&call, mark),
        };
        if step.is_none() {
            self.labels.truncate(mark);
        }
        step
    }

    fn at_step(&mut self, call: &Call<'_>) -> Option<DocumentStep> {
        let values = self.tuple(call, 2, "At(\"30s\", Register)")?;
        let at = self.span(&values[0]);
        if let Some(at) = at {
            self.registry.time(at, values[0].span.clone());
        }
        let action = self.action(&values[1]);
        Some(DocumentStep::At(at?, action?))
    }

    fn full_step(&mut self, call: &Call<'_>, mark: usize) -> Option<DocumentStep> {
        let fields = self.fields(call, &["at", "do", "label", "with", "without"]);
        let at = self.req(&fields, "at", Self::span);
        self.at_a_time(&fields, "at", at);
        let action = self.doing(&fields);
        let label = self.label(&fields, mark);
        let with = self.opt(&fields, "with", Self::switch);
        let without = self.opt(&fields, "without", Self::switch);
        Some(DocumentStep::Step { at, action: action?, label, with, without })
    }

    fn every_step(&mut self, call: &Call<'_>, mark: usize) -> Option<DocumentStep> {
        let fields = self.fields(call, &["from", "period", "times", "do", "label", "with", "without"]);
        let from = self.req(&fields, "from", Self::span);
        self.at_a_time(&fields, "from", from);
        let period = self.req(&fields, "period", Self::period);
        let times = self.req(&fields, "times", |lower, node| lower.at_least(node, 1, TIMES_MAX));
        let last = u64::from(times.max(1) - 1).checked_mul(period.as_nanos());
        let last = last.and_then(|last| last.checked_add(from.as_nanos())).map(Span::from_nanos);
        match (last, fields.get("times")) {
            (Some(last), Some(node)) if times > 0 => self.registry.last_time(from, last, node.span.clone()),
            (None, Some(node)) => {
                self.error(
                    code::INTERVAL,
                    node,
                    "the last time cannot be counted any more",
                    "write fewer times",
                );
            }
            _ => {}
        }
        let action = self.doing(&fields);
        let label = self.label(&fields, mark);
        let with = self.opt(&fields, "with", Self::switch);
        let without = self.opt(&fields, "without", Self::switch);
        Some(DocumentStep::Every { from, period, times, action: action?, label, with, without })
    }

    fn period(&mut self, node: &Node) -> Option<Span> {
        let span = self.span(node)?;
        if span == Span::ZERO {
            let help = "write a span such as \"10s\"; for several actions at one instant use `All([…])`";
            self.error(code::INTERVAL, node, "the period is zero", help);
        }
        Some(span)
    }

    fn doing(&mut self, fields: &Fields<'_>) -> Option<TextAction> {
        self.req(fields, "do", |lower, node| lower.action(node).map(Some))
    }

    fn label(&mut self, fields: &Fields<'_>, mark: usize) -> String {
        if let Some(node) = fields.get("label") {
            self.labels[mark] = node.span.clone();
        }
        self.or(fields, "label", String::new(), |lower, node| lower.noted(node, Use::Label))
    }

    /// Notes a time that must not come after the end.
    fn at_a_time(&mut self, fields: &Fields<'_>, name: &str, at: Span) {
        if let Some(node) = fields.get(name) {
            self.registry.time(at, node.span.clone());
        }
    }

    /// Takes `{ RouteExpired: […] }`.
    fn reactions(&mut self, node: &Node) -> Option<BTreeMap<Event, Vec<TextAction>>> {
        let Kind::Map(pairs) = &node.kind else {
            self.wrong(node, "a map of reactions", "write it in braces: `{ RouteExpired: […] }`");
            return None;
        };
        let words = [
            ("EntityRegistered", Event::EntityRegistered),
            ("EntityDeregistered", Event::EntityDeregistered),
            ("RouteExpired", Event::RouteExpired),
            ("ChangeNotification", Event::ChangeNotification),
        ];
        let script_labels = core::mem::take(&mut self.labels);
        let mut found: BTreeMap<Event, (Vec<TextAction>, Vec<Range<usize>>)> = BTreeMap::new();
        for (key, value) in pairs {
            let event = self.word(key, "an event", &words);
            self.place = Place::Reaction(event.unwrap_or(Event::RouteExpired));
            let actions = self.actions(value).unwrap_or_default();
            let labels = core::mem::take(&mut self.labels);
            let Some(event) = event else { continue };
            match found.entry(event) {
                Entry::Vacant(vacant) => {
                    vacant.insert((actions, labels));
                }
                Entry::Occupied(_) => {
                    let help = "put all actions in one list";
                    self.error(code::DUPLICATE_FIELD, key, format!("`{event:?}` is given twice"), help);
                }
            }
        }
        self.place = Place::Script;
        self.labels = script_labels;
        let mut reactions = BTreeMap::new();
        for (event, (actions, labels)) in found {
            self.labels.extend(labels);
            reactions.insert(event, actions);
        }
        Some(reactions)
    }

    fn doubt(&mut self, span: Range<usize>, message: &str, help: &str) {
        self.diagnostics
            .push(crate::diagnostic::Diagnostic::warning(code::DOUBTFUL, span, message).help(help));
    }
}
