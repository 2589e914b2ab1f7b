//! Orders by hand: events, draws and strategies by their names.

use tiebreak_diagnostic::{Diagnostic, code};
use tiebreak_explore::{EventRef, Tactic};
use tiebreak_regression::spelling::Event;

use super::{Checker, leaves};
use crate::events;
use crate::names::{ActorUse, Who};
use crate::order::{COUNTED, COUNTED_DRAWS};
use crate::plan::Pattern;
use crate::rows::{Found, Table};
use crate::tree::{Kind, Node};
use crate::typed::from_tree;

const DRAW_HELP: &str =
    "write actor/purpose#1, such as \"rip1/delivery#1\"; the number says which draw is meant";
const HELP: &str = "write actor/kind(subject)#1, such as \"rip1/expiry(10.0.0.0/8)#1\"; the number says which event of that name is meant";

impl Checker<'_> {
    /// Checks an event: a text, or one that is counted among some of its name.
    pub(super) fn event(&mut self, node: &Node) {
        self.counted(node, &COUNTED, HELP, Self::event_name);
    }

    /// Checks a draw: a text, or one that is counted among some of its site.
    pub(super) fn draw(&mut self, node: &Node) {
        self.counted(node, &COUNTED_DRAWS, DRAW_HELP, Self::draw_name);
    }

    fn counted(&mut self, node: &Node, table: &'static Table, help: &str, name: fn(&mut Self, &Node)) {
        match &node.kind {
            Kind::Text(_) => name(self, node),
            Kind::Call(..) => self.one(table, node),
            Kind::Bad | Kind::Integer(_) | Kind::Float | Kind::Bool(_) | Kind::List(_) | Kind::Map(_) => {
                self.diagnostics.extend(leaves::wrong(node, table.what, help));
            }
        }
    }

    /// Checks the name of an event and its number.
    pub(super) fn event_name(&mut self, node: &Node) {
        let text = match leaves::text(node) {
            Ok(text) => text,
            Err(mistake) => return self.diagnostics.extend(mistake),
        };
        let pattern = match (text.parse::<EventRef>(), text.parse::<Pattern>()) {
            (Ok(_), Ok(pattern)) => pattern,
            (_, Err(error)) => {
                return self.error(code::PATTERN, node, format!("\"{text}\" is not an event: {error}"), HELP);
            }
            (Err(error), Ok(_)) => {
                return self.error(code::PATTERN, node, format!("\"{text}\" is not an event: {error}"), HELP);
            }
        };
        if text.contains('*') {
            let message = format!("\"{text}\" may be several events");
            return self.error(code::PATTERN, node, message, "write one event, without `*`");
        }
        let kinds = events::matching(&pattern.kind);
        if !kinds.is_empty() && kinds.iter().all(|kind| !kind.is_event) {
            let message = format!(
                "`{}` is a note of what happens in an event, and has no order of its own",
                pattern.kind
            );
            return self.error(code::PATTERN, node, message, "write the event in which it happens");
        }
        self.registry.patterns.push((pattern, node.span.clone()));
    }

    /// Checks the name of a draw and its number.
    pub(super) fn draw_name(&mut self, node: &Node) {
        match leaves::text(node).map(|text| (text, text.parse::<EventRef>())) {
            Ok((_, Ok(draw))) => {
                let actor = draw.name.split_once('/').map_or("", |(actor, _)| actor);
                let (name, span) = (actor.to_owned(), node.span.clone());
                self.registry.actor_uses.push(ActorUse { name, span, user: None, who: Who::Anybody });
            }
            Ok((text, Err(_))) => {
                self.error(code::PATTERN, node, format!("\"{text}\" is not a draw"), DRAW_HELP);
            }
            Err(mistake) => self.diagnostics.extend(mistake),
        }
    }

    /// Checks the name of a strategy.
    pub(super) fn strategy(&mut self, node: &Node) {
        match leaves::text(node).map(str::parse::<Tactic>) {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                let text = error.to_string();
                let (message, help) = text.split_once("; ").unwrap_or((&text, ""));
                self.error(code::UNKNOWN_WORD, node, message, help);
            }
            Err(mistake) => self.diagnostics.extend(mistake),
        }
    }
}

/// No event runs before itself.
pub(crate) fn before(checker: &mut Checker<'_>, found: &Found<'_>) {
    let [(_, first), (_, second)] = found.values[..] else { return };
    let read = |node| from_tree::<Event>(node, None).ok();
    if let (Some(before), Some(after)) = (read(first), read(second)) {
        if before == after {
            let message = "both are the same event: none runs before itself";
            let mistake = Diagnostic::error(code::INTERVAL, second.span.clone(), message);
            checker.diagnostics.push(mistake.help("write the event that waits"));
        }
    }
}
