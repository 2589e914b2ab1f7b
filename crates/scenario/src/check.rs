//! The one check of a file: it walks rows and tree together, reports every mistake, and collects the names.

pub(crate) mod cast;
pub(crate) mod client;
pub(crate) mod frame;
pub(crate) mod leaves;
pub(crate) mod order;
pub(crate) mod patterns;

use alloc::collections::{BTreeMap, BTreeSet};
use core::iter;
use core::ops::Range;

use tiebreak_diagnostic::{Diagnostic, code, meant, nearest};
use tiebreak_kernel::Span;

use crate::action::ACTIONS;
use crate::entries::ENTRIES;
use crate::labels::items;
use crate::names::Registry;
use crate::plan::{Event, Family};
use crate::rows::{Field, Form, Found, Is, Limit, Need, Row, SCENARIO, Table, Use};
use crate::tree::{Args, Kind, Name, Node};
use crate::unroll::FOR;
use crate::words::variants;
use crate::{Place, SUGGESTIONS_MAX};
use leaves::{quoted_list, wrong};

/// A text in a client and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Used {
    pub(crate) what: Use,
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
    /// The registration of the client as which it is used, by its place.
    pub(crate) of: usize,
}

/// Where an action stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spot {
    /// In a script.
    Script,
    /// In a reaction to this event.
    Reaction(Event),
    /// In an `After`: the callback is over then.
    After,
}

/// What the check carries along.
#[derive(Debug)]
pub(crate) struct Checker<'t> {
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What is known across clients.
    pub(crate) registry: Registry<'t>,
    /// The texts of the client at hand.
    used: Vec<Used>,
    /// The names of the actions of the client at hand and of the fields that are given with them, by registration.
    does: BTreeSet<(usize, &'static str)>,
    /// What the client at hand can register as: first what its own fields say.
    registrations: Vec<Registered>,
    /// The places of the first of each name in that.
    registration_places: BTreeMap<String, usize>,
    /// As which of them it acts; `None` where that cannot be told.
    acting: Option<usize>,
    /// As which of them it is told of an event.
    told: Option<usize>,
    spot: Spot,
    /// The family of the destination that is called `changed`, where there is one.
    changed: Option<Family>,
    pub(crate) findings: Findings,
}

/// A registration of a client, as it is written.
#[derive(Debug, Clone)]
pub(crate) struct Registered {
    pub(crate) name: String,
    pub(crate) family: Family,
}

/// What the check finds out besides mistakes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// The labels of each client or group, in the order of the file, each list in the order in which labels are counted.
    pub(crate) labels: Vec<Vec<String>>,
    /// The monitors that are expected to fail.
    pub(crate) monitors: Vec<Place>,
    /// The feeds that name a recording.
    pub(crate) recordings: Vec<(String, Place)>,
    /// Where each of the snapshots stands.
    pub(crate) snapshots: Vec<Range<usize>>,
}

/// Checks the tree of a text.
pub(crate) fn check(root: &Node, source: &str) -> (Findings, Vec<Diagnostic>) {
    let lines = iter::once(0).chain(source.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
    let mut checker = Checker {
        diagnostics: Vec::new(),
        registry: Registry { source, lines, ..Registry::default() },
        used: Vec::new(),
        does: BTreeSet::new(),
        registrations: Vec::new(),
        registration_places: BTreeMap::new(),
        acting: None,
        told: None,
        spot: Spot::Script,
        changed: None,
        findings: Findings::default(),
    };
    checker.one(&SCENARIO, root);
    let Checker { mut diagnostics, registry, mut findings, .. } = checker;
    let found = take_apart(&SCENARIO, root, &mut Vec::new());
    let snapshots = items(found.as_ref().and_then(|found| found.get("snapshots")));
    findings.snapshots = snapshots.iter().map(|node| node.span.clone()).collect();
    registry.check(&mut diagnostics);
    (findings, diagnostics)
}

impl Checker<'_> {
    /// Checks what must stand in one of these rows.
    fn one(&mut self, table: &'static Table, node: &Node) {
        let Some(found) = take_apart(table, node, &mut self.diagnostics) else { return };
        self.misplaced(&found);
        if let Some(acting) = self.acting.filter(|_| core::ptr::eq(table, &raw const ACTIONS)) {
            let given = found.row.parts().iter().map(|field| field.name);
            let given = given.filter(|name| found.get(name).is_some());
            self.does.extend(iter::once(found.row.name).chain(given).map(|name| (acting, name)));
        }
        if core::ptr::eq(table, &raw const ENTRIES) {
            self.registrations = client::registrations(&found);
            self.registration_places.clear();
            for (place, Registered { name, .. }) in self.registrations.iter().enumerate() {
                self.registration_places.entry(name.clone()).or_insert(place);
            }
            self.acting = Some(0);
        }
        let acting = self.acting;
        if let Some(name) = found.row.acts_as {
            self.acting = found.get(name).and_then(|node| self.registration(node));
        }
        for name in &found.again {
            let first = found.values.iter().find(|(known, _)| *known == name.text);
            let first = first.map_or(&found.span, |(_, node)| &node.span);
            let what = format!("the field `{}`", name.text);
            self.diagnostics.push(self.registry.twice(
                code::DUPLICATE_FIELD,
                &what,
                first,
                name.span.clone(),
            ));
        }
        for field in found.row.parts() {
            if let Some(node) = found.get(field.name) {
                self.value(&field.is, node);
            }
        }
        self.acting = acting;
        if let Some(also) = found.row.also {
            also(self, &found);
        }
    }

    /// Returns the registration of the client that a name means, or is probably meant to mean; reports one that there is not.
    fn registration(&mut self, node: &Node) -> Option<usize> {
        // What else may stand there is reported where values are checked.
        let name = leaves::text(node).ok()?;
        let place = |name: &str| self.registration_places.get(name).copied();
        if let Some(place) = place(name) {
            return Some(place);
        }
        let message = format!("the client has no registration `{name}`");
        if self.diagnostics.len() >= SUGGESTIONS_MAX {
            self.error(code::UNKNOWN_REGISTRATION, node, message, "");
            return None;
        }
        let known = self.registrations.iter().map(|known| known.name.as_str());
        let probable = nearest(name, known.clone()).and_then(place);
        let help =
            meant(name, known, || format!("add `also: [Registration(name: \"{name}\", …)]` to the client"));
        self.error(code::UNKNOWN_REGISTRATION, node, message, help);
        probable
    }

    /// Reports what means nothing where it stands.
    fn misplaced(&mut self, found: &Found<'_>) {
        let Row { name, only_in, .. } = found.row;
        let is_here = matches!(self.spot, Spot::Reaction(event) if only_in.contains(&event));
        if only_in.is_empty() || (is_here && self.is_told(only_in)) {
            return;
        }
        if is_here {
            let message = format!("`{name}` concerns the event, of which another registration is told");
            return self.report(code::MISPLACED, found.span.clone(), message, "move it out of `As`");
        }
        let message = match self.spot {
            Spot::Script => format!("`{name}` has no meaning in a script"),
            Spot::After => format!("`{name}` has no meaning in `After`: the callback is over then"),
            Spot::Reaction(event) => format!("`{name}` has no meaning in a reaction to `{event:?}`"),
        };
        let events: Vec<String> = only_in.iter().map(|event| format!("`{event:?}`")).collect();
        let help = format!("use it in a reaction to {}", events.join(", "));
        self.report(code::MISPLACED, found.span.clone(), message, help);
    }

    /// Does the client act as the registration that is told of the event? What all events have concerns the callback alone.
    fn is_told(&self, events: &[Event]) -> bool {
        self.acting.is_none() || self.acting == self.told || events.len() >= Event::CALLBACKS.len()
    }

    /// Checks a list; a mistake in one item does not spoil the others.
    fn list(&mut self, item: &'static Is, node: &Node, also: fn(&mut Self, &[Node], &Node)) {
        let Kind::List(nodes) = &node.kind else {
            let help = "write `[…]`, also around a single item";
            if self.registry.source.get(node.span.clone()).is_some_and(|text| text.starts_with(FOR)) {
                // It stands there written out.
                return self.error(code::SHAPE, node, format!("expected a list, found `{FOR}(…)`"), help);
            }
            return self.diagnostics.extend(wrong(node, "a list", help));
        };
        for (index, node) in nodes.iter().enumerate() {
            self.value(item, node);
            also(self, &nodes[..index], node);
        }
    }

    fn actions(&mut self, node: &Node) {
        static ACTION: Is = Is::One(&ACTIONS);
        self.list(&ACTION, node, |_, _, _| {});
    }

    /// Reports a word of a list that was given before.
    fn repeated(&mut self, before: &[Node], node: &Node) {
        if let Some(first) = before.iter().find(|before| before.kind.is_same_word(&node.kind)) {
            self.twice(code::DUPLICATE_NAME, "the same value", first, node);
        }
    }

    /// Checks `{ RouteExpired: […] }`.
    fn reactions(&mut self, node: &Node) {
        let Kind::Map(pairs) = &node.kind else {
            let help = "write it in braces: `{ RouteExpired: […] }`";
            return self.diagnostics.extend(wrong(node, "a map of reactions", help));
        };
        self.told = self.acting;
        let mut seen: Vec<(Event, &Node)> = Vec::new();
        for (key, value) in pairs {
            let event = match leaves::word(key, "an event", &variants::<Event>()) {
                Ok(index) => Some(Event::ALL[index]),
                Err(mistake) => {
                    self.diagnostics.extend(mistake);
                    None
                }
            };
            self.spot = Spot::Reaction(event.unwrap_or(Event::RouteExpired));
            self.actions(value);
            self.spot = Spot::Script;
            if let Some(event) = event {
                if let Some((_, first)) = seen.iter().find(|(known, _)| *known == event) {
                    self.twice(code::DUPLICATE_FIELD, &format!("`{event:?}`"), first, key);
                }
                seen.push((event, key));
            }
        }
    }

    /// Checks what holds for a span of time.
    fn span(&mut self, limit: Limit, node: &Node) {
        let span = match leaves::span(node) {
            Ok(span) => span,
            Err(mistake) => return self.diagnostics.extend(mistake),
        };
        match limit {
            Limit::Period if span == Span::ZERO => {
                let help = "write a span such as \"10s\"; for several actions at one instant use `All([…])`";
                self.error(code::INTERVAL, node, "the period is zero", help);
            }
            Limit::End if span == Span::ZERO => {
                self.error(
                    code::INTERVAL,
                    node,
                    "a run of length zero shows nothing",
                    "write a span such as \"60s\"",
                );
            }
            Limit::End => self.registry.end = Some(span),
            Limit::Time => self.registry.times.push((span, node.span.clone())),
            Limit::Any | Limit::Period => {}
            Limit::Millis => self.diagnostics.extend(leaves::millis_problem(span, node)),
        }
    }

    /// Reports a value that was given before.
    fn twice(&mut self, code: &'static str, what: &str, first: &Node, again: &Node) {
        self.diagnostics.push(self.registry.twice(code, what, &first.span, again.span.clone()));
    }

    /// Reports an error at a value.
    fn error(
        &mut self,
        code: &'static str,
        node: &Node,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report(code, node.span.clone(), message, help);
    }

    fn report(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.diagnostics.push(Diagnostic::error(code, span, message).help(help));
    }
}

/// Takes `Name` or `Name(…)` apart by the rows; what is wrong with its name and its fields is reported.
pub(crate) fn take_apart<'t>(
    table: &'static Table,
    node: &'t Node,
    mistakes: &mut Vec<Diagnostic>,
) -> Option<Found<'t>> {
    let (name, args) = match &node.kind {
        Kind::Call(Some(name), args) => (name.text.as_str(), args),
        // The name may be left out where only one is possible.
        Kind::Call(None, args) if table.rows.len() == 1 => (table.rows[0].name, args),
        Kind::Call(None, _)
        | Kind::Bad
        | Kind::Text(_)
        | Kind::Integer(_)
        | Kind::Float
        | Kind::Bool(_)
        | Kind::List(_)
        | Kind::Map(_) => {
            mistakes.extend(wrong(node, table.what, &leaves::one_of_help(node, &table.names())));
            return None;
        }
    };
    let span = if let Kind::Call(Some(name), _) = &node.kind {
        name.span.clone()
    } else {
        node.span.start..node.span.start + 1
    };
    let Some(row) = table.rows.iter().find(|row| row.name == name) else {
        let message = format!("`{name}` is not {}", table.what);
        let diagnostic = Diagnostic::error(code::UNKNOWN_WORD, span, message);
        mistakes.push(diagnostic.label("unknown").help(leaves::meant(name, &table.names())));
        return None;
    };
    let mut found = Found { row, span, values: Vec::new(), again: Vec::new(), is_broken: node.is_broken };
    let is_whole = match row.form {
        Form::Alone => {
            if !matches!(args, Args::None) {
                let message = format!("`{name}` takes no values");
                let help = format!("write `{name}` alone");
                mistakes.push(Diagnostic::error(code::SHAPE, found.span.clone(), message).help(help));
            }
            true
        }
        Form::Values(least, fields) => take_values(&mut found, args, (least, fields), mistakes),
        Form::Fields(fields) => {
            take_fields(&mut found, args, fields, mistakes);
            true
        }
    };
    is_whole.then_some(found)
}

/// Takes the values of a row that has no names for them; false if they are too many or too few.
fn take_values<'t>(
    found: &mut Found<'t>,
    args: &'t Args,
    (least, fields): (usize, &'static [Field]),
    mistakes: &mut Vec<Diagnostic>,
) -> bool {
    let name = found.row.name;
    let help = format!("write `{}`", found.row.example());
    let values: &[Node] = match args {
        Args::None => &[],
        Args::Tuple(values) => values,
        Args::Fields(named, _) => {
            let message = format!("`{name}` has no fields");
            mistakes.push(Diagnostic::error(code::SHAPE, named[0].0.span.clone(), message).help(help));
            return false;
        }
    };
    if (least..=fields.len()).contains(&values.len()) {
        found.values = fields.iter().map(|field| field.name).zip(values).collect();
        return true;
    }
    if !found.is_broken {
        let count = if least == 1 { "one value".to_owned() } else { format!("{least} values") };
        let message = format!("`{name}` takes {count}, not {}", values.len());
        mistakes.push(Diagnostic::error(code::SHAPE, found.span.clone(), message).help(help));
    }
    false
}

/// Takes the fields of a row, each once; unknown, repeated and missing ones and values without a field are reported.
fn take_fields<'t>(
    found: &mut Found<'t>,
    args: &'t Args,
    fields: &'static [Field],
    mistakes: &mut Vec<Diagnostic>,
) {
    let row = found.row.name;
    let known: Vec<&'static str> = fields.iter().map(|field| field.name).collect();
    let (named, positional): (&[_], &[Node]) = match args {
        Args::None => (&[], &[]),
        Args::Tuple(values) => (&[], values),
        Args::Fields(named, values) => (named, values),
    };
    if let Some(value) = positional.iter().find(|value| !matches!(value.kind, Kind::Bad)) {
        found.is_broken = true;
        let help = format!("write `field: value`; `{row}` has the fields {}", quoted_list(&known));
        let message = format!("a value without a field name in `{row}`");
        mistakes.push(Diagnostic::error(code::SHAPE, value.span.clone(), message).help(help));
    }
    let position = |name: &Name| known.iter().position(|known| *known == name.text);
    for (name, node) in named {
        let Some(index) = position(name) else { continue };
        if found.values.iter().any(|(given, _)| *given == known[index]) {
            found.again.push(name);
        } else {
            found.values.push((known[index], node));
        }
    }
    for (name, node) in named.iter().filter(|(name, _)| position(name).is_none()) {
        let free = known.iter().copied().filter(|known| found.get(known).is_none());
        let help = if let Some(meant) = nearest(&name.text, free) {
            // It is read as what was meant, so that it is not missing too.
            found.values.push((meant, node));
            format!("did you mean `{meant}`?")
        } else {
            format!("`{row}` has the fields {}", quoted_list(&known))
        };
        let message = format!("`{row}` has no field `{}`", name.text);
        let diagnostic = Diagnostic::error(code::UNKNOWN_FIELD, name.span.clone(), message);
        mistakes.push(diagnostic.label("unknown field").help(help));
    }
    let is_missing = |field: &&Field| field.need == Need::Required && found.get(field.name).is_none();
    for field in fields.iter().filter(is_missing).filter(|_| !found.is_broken) {
        let message = format!("`{row}` lacks the field `{}`", field.name);
        let diagnostic = Diagnostic::error(code::MISSING_FIELD, found.span.clone(), message);
        mistakes.push(diagnostic.label("incomplete").help(format!("add `{}: …`", field.name)));
    }
}
