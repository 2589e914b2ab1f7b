//! Values that hold no others: texts, numbers, spans of time, words, names.

use core::net::IpAddr;
use core::ops::{Range, RangeInclusive};

use tiebreak_diagnostic::{Diagnostic, code, nearest};
use tiebreak_kernel::Span;

use super::{Checker, Spot, Used};
use crate::Place;
use crate::dest::CHANGED;
use crate::document::FORMAT;
use crate::events::{self, event_kinds};
use crate::names::{self, ActorUse, NAME_HELP, Who, name_problem};
use crate::plan::{Event, Family, Pattern, Prefix, Protocol, Status};
use crate::rows::{Is, Use};
use crate::tree::{Args, Kind, Node};

/// The longest time to live the manager knows: one millisecond less than "infinite".
const LIVE_MILLIS_MAX: u64 = 0xFFFF_FFFE;

/// A value, or what is wrong with it; `None` if that was reported by the reader.
type Read<T> = Result<T, Option<Diagnostic>>;

impl Checker<'_> {
    /// Checks a value.
    pub(super) fn value(&mut self, is: &'static Is, node: &Node) {
        let read = match is {
            Is::One(table) => return self.one(table, node),
            Is::List(inner) => return self.list(inner, node, |_, _, _| {}),
            Is::Unbound(inner) => {
                let (patterns, uses) = (self.registry.patterns.len(), self.registry.actor_uses.len());
                self.value(inner, node);
                self.registry.patterns.truncate(patterns);
                self.registry.actor_uses.truncate(uses);
                return;
            }
            Is::Set(inner) => return self.list(inner, node, Self::repeated),
            Is::Some(inner, empty) => {
                if matches!(&node.kind, Kind::List(nodes) if nodes.is_empty()) {
                    self.error(code::INTERVAL, node, *empty, "name at least one");
                }
                return self.value(inner, node);
            }
            Is::Actions => return self.actions(node),
            Is::Later => {
                let spot = core::mem::replace(&mut self.spot, Spot::After);
                self.actions(node);
                self.spot = spot;
                return;
            }
            Is::Each => {
                let family =
                    self.acting.map_or(Family::default(), |acting| self.registrations[acting].family);
                let changed = self.changed.replace(family);
                self.actions(node);
                self.changed = changed;
                return;
            }
            Is::Reactions => return self.reactions(node),
            Is::Event => return self.event(node),
            Is::EventName => return self.event_name(node),
            Is::Draw => return self.draw(node),
            Is::DrawName => return self.draw_name(node),
            Is::Strategy => return self.strategy(node),
            Is::Span(limit) => return self.span(*limit, node),
            Is::Boolean => boolean(node).map(drop),
            Is::Integer(least, most) => integer(node, *least..=*most).map(drop),
            Is::Format => format(node),
            Is::Word(what, words) => word(node, what, &words()).map(drop),
            Is::Protocol => protocol(node),
            Is::Selector if matches!(node.kind, Kind::Text(_) | Kind::Integer(_)) => protocol(node),
            Is::Selector => word(node, "a selector", &["Best", "This"]).map(drop),
            Is::Status => status(node),
            Is::Text => text(node).map(drop),
            Is::Name(what) => text(node).map(|text| self.used(*what, text, node)),
            Is::NewSwitch => text(node).map(|text| self.new_switch(text, node)),
            Is::Switch => text(node).map(|text| self.registry.switch_uses.push(place_of(text, node))),
            Is::Actor => text(node).map(|text| self.actor(text, node, Who::Anybody)),
            Is::Client => text(node).map(|text| self.actor(text, node, Who::Client)),
            Is::AnyPrefix => text(node).and_then(|text| any_prefix(text, node)),
            Is::AnyAddress => text(node).and_then(|text| any_address(text, node)),
            Is::Pattern => text(node).and_then(|text| self.pattern(text, node)),
            Is::Monitor => full_text(node, "the name of the monitor is empty", "write its name")
                .map(|text| self.monitor(text, node)),
            Is::Failing => full_text(node, "nobody says that it fails", "write who does").map(drop),
            Is::Kind => full_text(node, "the kind of event is empty", "write a kind")
                .and_then(|text| kind(text, node)),
            Is::Subject => full_text(node, "the subject is empty", "write a subject")
                .map(|text| self.registry.subjects.push(place_of(text, node))),
            Is::File => {
                let help = "write the path of a recording, relative to this file";
                full_text(node, "the name of the file is empty", help).map(drop)
            }
        };
        if let Err(mistake) = read {
            self.diagnostics.extend(mistake);
        }
    }

    fn monitor(&mut self, text: &str, node: &Node) {
        self.findings.monitors.push(Place { text: text.to_owned(), span: node.span.clone() });
    }

    fn actor(&mut self, text: &str, node: &Node, who: Who) {
        let (name, span) = place_of(text, node);
        self.registry.actor_uses.push(ActorUse { name, span, user: None, who });
    }

    fn new_switch(&mut self, text: &str, node: &Node) {
        if let Some(problem) = name_problem(text) {
            self.error(code::NAME, node, format!("{text:?} cannot be a name: {problem}"), NAME_HELP);
        } else if let Some(first) = self.registry.switch_places.get(text) {
            let what = format!("the switch `{text}`");
            self.diagnostics.push(self.registry.twice(code::DUPLICATE_NAME, &what, first, node.span.clone()));
        }
        self.registry.switch_places.entry(text.to_owned()).or_insert_with(|| node.span.clone());
        self.registry.switches.push(place_of(text, node));
    }

    fn pattern(&mut self, text: &str, node: &Node) -> Read<()> {
        match text.parse::<Pattern>() {
            Ok(pattern) => {
                self.registry.patterns.push((pattern, node.span.clone()));
                Ok(())
            }
            Err(error) => {
                let message = format!("\"{text}\" is not a pattern: {error}");
                let help = "write actor/kind(subject)#repeat, such as \"rip1/expiry(10.0.0.0/8)#1\"; `*` stands for anything";
                Err(Some(mistake(code::PATTERN, node, message, help)))
            }
        }
    }

    /// Notes what a text in a client is; `expired` and `notified` name what the event is about.
    fn used(&mut self, what: Use, text: &str, node: &Node) {
        if matches!(what, Use::Prefix | Use::NewDest) && text == CHANGED {
            self.changed(node);
        }
        let of = if what.is_of_client() { Some(0) } else { self.acting };
        let (event, message, thing) = match (what, text) {
            (Use::Route, "expired") => (Event::RouteExpired, "no route expires here", "route"),
            (Use::Changes, "notified") => {
                (Event::ChangeNotification, "nothing is notified here", "registration")
            }
            _ => {
                let span = node.span.clone();
                self.used.extend(of.map(|of| Used { what, text: text.to_owned(), span, of }));
                return;
            }
        };
        if self.spot == Spot::Reaction(event) && !self.is_told(&[event]) {
            let message = format!("`{text}` is of the registration that is told, and this is another one");
            self.error(code::MISPLACED, node, message, "move it out of `As`");
        } else if self.spot != Spot::Reaction(event) {
            let help = format!(
                "it names the event's {thing} in a reaction to `{event:?}`; write a {thing} of the client"
            );
            self.error(code::MISPLACED, node, message, help);
        }
    }
}

impl Checker<'_> {
    /// Checks where `changed` stands: in the actions of a `Drain`, and as a registration of the same family.
    fn changed(&mut self, node: &Node) {
        let Some(found) = self.changed else {
            let help = "it names a destination in the actions `each` of a `Drain`; write a prefix";
            return self.error(code::MISPLACED, node, "nothing has changed here", help);
        };
        let acting = self.acting.map(|acting| self.registrations[acting].family);
        if let Some(family) = acting.filter(|family| *family != found) {
            let message = format!("what has changed is {found}, but the registration is {family}");
            self.error(code::FAMILY, node, message, format!("write an {family} prefix"));
        }
    }
}

/// Returns a text and where it stands.
fn place_of(text: &str, node: &Node) -> (String, Range<usize>) {
    (text.to_owned(), node.span.clone())
}

/// Reads a text.
pub(crate) fn text(node: &Node) -> Read<&str> {
    if let Kind::Text(text) = &node.kind {
        return Ok(text);
    }
    let help = match bare_word(node) {
        Some(word) => format!("write \"{word}\" in quotes"),
        None => "write it in quotes".to_owned(),
    };
    Err(wrong(node, "a text", &help))
}

/// Reads a text that must not be empty.
fn full_text<'t>(node: &'t Node, message: &str, help: &str) -> Read<&'t str> {
    let text = text(node)?;
    if text.is_empty() { Err(Some(mistake(code::NAME, node, message, help))) } else { Ok(text) }
}

fn any_prefix(text: &str, node: &Node) -> Read<()> {
    match text.parse::<Prefix>() {
        Ok(_) => Ok(()),
        Err(error) => Err(Some(names::prefix_mistake(text, error, node.span.clone(), "10.0.0.0/8"))),
    }
}

fn any_address(text: &str, node: &Node) -> Read<()> {
    match text.parse::<IpAddr>() {
        Ok(_) => Ok(()),
        Err(_) => Err(Some(names::address_mistake(text, node.span.clone(), "192.0.2.1"))),
    }
}

/// Checks a kind of event, which is none with placeholders.
fn kind(text: &str, node: &Node) -> Read<()> {
    if event_kinds().any(|known| known == text) {
        return Ok(());
    }
    let message = format!("there is no kind of event `{text}`");
    Err(Some(mistake(code::UNKNOWN_WORD, node, message, events::meant(text))))
}

/// Returns the word that stands there without quotes and parentheses.
fn bare_word(node: &Node) -> Option<&str> {
    if let Kind::Call(Some(name), Args::None) = &node.kind { Some(&name.text) } else { None }
}

fn boolean(node: &Node) -> Read<bool> {
    if let Kind::Bool(value) = node.kind {
        return Ok(value);
    }
    Err(wrong(node, "`true` or `false`", "write `true` or `false` without quotes"))
}

/// Reads a whole number of a range.
pub(crate) fn integer(node: &Node, range: RangeInclusive<u64>) -> Read<u64> {
    if let Kind::Integer(value) = &node.kind {
        let found = value.and_then(|value| u64::try_from(value).ok());
        return found.filter(|value| range.contains(value)).ok_or_else(|| {
            let help = format!("write a number from {} to {}", range.start(), range.end());
            Some(mistake(code::RANGE, node, "the number is out of range", help))
        });
    }
    if matches!(node.kind, Kind::Float) {
        let help = "write a whole number; a time is a text with a unit, such as \"1500ms\"";
        return Err(Some(mistake(code::FRACTION, node, "a number with a fraction", help)));
    }
    let help = match text(node) {
        Ok(text) if text.parse::<u64>().is_ok() => format!("write {text} without quotes"),
        _ => "write a whole number, such as 7 or 0x1f".to_owned(),
    };
    Err(wrong(node, "a number", &help))
}

fn format(node: &Node) -> Read<()> {
    let format = integer(node, 0..=u64::from(u32::MAX))?;
    if format == u64::from(FORMAT) {
        return Ok(());
    }
    let help = format!("this program reads format {FORMAT}");
    Err(Some(mistake(code::FORMAT, node, format!("unknown format {format}"), help)))
}

/// Reads a span of time.
pub(crate) fn span(node: &Node) -> Read<Span> {
    const HELP: &str = "write whole numbers with units h m s ms us ns, such as \"250ms\" or \"1m30s\"";
    if let Kind::Text(text) = &node.kind {
        return text.parse().map_err(|error| {
            let message = format!("\"{text}\" is not a span of time: {error}");
            Some(mistake(code::SPAN, node, message, HELP))
        });
    }
    if let Kind::Integer(Some(value)) = &node.kind {
        let help = format!("write a text with a unit: \"{value}s\" or \"{value}ms\"");
        return Err(Some(mistake(code::SPAN, node, "a span of time without a unit", help)));
    }
    if matches!(node.kind, Kind::Float) {
        return Err(Some(mistake(code::FRACTION, node, "a span of time with a fraction", HELP)));
    }
    Err(wrong(node, "a span of time", "write a text with a unit, such as \"30s\""))
}

/// Returns what is wrong with a span that the manager counts in milliseconds.
pub(super) fn millis_problem(span: Span, node: &Node) -> Option<Diagnostic> {
    if span.as_nanos() % 1_000_000 != 0 {
        let (below, above) = (span.as_millis(), span.as_millis() + 1);
        let help =
            if below == 0 { "write \"1ms\"".into() } else { format!("write \"{below}ms\" or \"{above}ms\"") };
        return Some(mistake(code::INTERVAL, node, "the manager counts this in whole milliseconds", help));
    }
    let help = "write at most \"4294967294ms\" (49.7 days), or leave it out for no end";
    (span.as_millis() > LIVE_MILLIS_MAX)
        .then(|| mistake(code::INTERVAL, node, "this is longer than the manager can count", help))
}

/// Reads one of a set of words; returns which one.
pub(super) fn word(node: &Node, what: &str, words: &[&str]) -> Read<usize> {
    let Some(found) = bare_word(node) else {
        return Err(wrong(node, what, &one_of_help(node, words)));
    };
    words.iter().position(|word| *word == found).ok_or_else(|| {
        let message = format!("`{found}` is not {what}");
        Some(mistake(code::UNKNOWN_WORD, node, message, meant(found, words)))
    })
}

fn status(node: &Node) -> Read<()> {
    if matches!(node.kind, Kind::Integer(_) | Kind::Float) {
        return integer(node, 0..=u64::from(u32::MAX)).map(drop);
    }
    word(node, "a status", &Status::words()).map(drop)
}

fn protocol(node: &Node) -> Read<()> {
    const WHAT: &str = "a protocol";
    if matches!(node.kind, Kind::Integer(_) | Kind::Float) {
        return integer(node, 1..=u64::from(u32::MAX - 1)).map(drop);
    }
    let Kind::Text(text) = &node.kind else {
        let help = match bare_word(node) {
            Some(word) => format!("write \"{word}\" in quotes"),
            None => "write a name such as \"RIP\", or a number".to_owned(),
        };
        return Err(wrong(node, WHAT, &help));
    };
    if Protocol::named(text).is_some() {
        return Ok(());
    }
    let help = match nearest(text, Protocol::words()) {
        Some(meant) => format!("did you mean \"{meant}\"? Any other protocol is a number"),
        None => format!("{}; any other protocol is a number", one_of(&Protocol::words())),
    };
    Err(Some(mistake(code::UNKNOWN_WORD, node, format!("\"{text}\" is not {WHAT}"), help)))
}

fn mistake(
    code: &'static str,
    node: &Node,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Diagnostic {
    Diagnostic::error(code, node.span.clone(), message).help(help)
}

/// Returns that a value is of the wrong kind; nothing if it was unreadable, which was reported.
pub(crate) fn wrong(node: &Node, what: &str, help: &str) -> Option<Diagnostic> {
    let message = format!("expected {what}, found {}", node.describe());
    (!matches!(node.kind, Kind::Bad)).then(|| mistake(code::SHAPE, node, message, help))
}

/// Returns the help for something that is not one of these names.
pub(super) fn one_of_help(node: &Node, known: &[&str]) -> String {
    if matches!(node.kind, Kind::Map(_)) {
        return format!("write `{}(…)`: braces are for `on` alone", known[0]);
    }
    match text(node) {
        Ok(text) if known.contains(&text) => format!("write `{text}` without quotes"),
        _ => one_of(known),
    }
}

/// Returns the help for an unknown word.
pub(super) fn meant(word: &str, known: &[&str]) -> String {
    tiebreak_diagnostic::meant(word, known.iter().copied(), || one_of(known))
}

/// Returns "expected one of `a`, `b`".
pub(super) fn one_of(known: &[&str]) -> String {
    match known {
        [only] => format!("write `{only}(…)`"),
        _ => format!("expected one of {}", quoted_list(known)),
    }
}

/// Returns names in backquotes with commas.
pub(super) fn quoted_list(known: &[&str]) -> String {
    format!("`{}`", known.join("`, `"))
}
