//! What a snapshot shows: its type and its rows.

use serde::{Deserialize, Serialize};
use tiebreak_diagnostic::{Diagnostic, code};
use tiebreak_kernel::Span;

use crate::check::{Checker, frame};
use crate::document::as_text;
use crate::labels::items;
use crate::rows::{Found, Is, Limit, Row, TIME, Table, req};
use crate::tree::{Kind, Node};

/// What a snapshot shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Snapshot {
    /// The whole trace.
    Whole,
    /// What happens to one actor.
    Actor(String),
    /// One kind of event.
    Kind(String),
    /// One subject.
    Subject(String),
    /// What happens in this time; `from <= to`.
    Window {
        /// The first instant that is shown, since the start of the run.
        #[serde(with = "as_text")]
        from: Span,
        /// The last instant that is shown.
        #[serde(with = "as_text")]
        to: Span,
    },
    /// What all of these show: one or more, each of another sort, none of them `Whole` or `All`.
    All(Vec<Snapshot>),
}

const ACTOR: Row = Row::values("Actor", &[req("\"rip1\"", Is::Actor)], "what happens to one actor");
const KIND: Row = Row::values("Kind", &[req("\"route-expired\"", Is::Kind)], "one kind of event or note");
const SUBJECT: Row = Row::values("Subject", &[req("\"10.0.0.0/8\"", Is::Subject)], "one subject");
const WINDOW: Row = Row::fields(
    "Window",
    &[req("from", TIME), req("to", Is::Span(Limit::Any))],
    "what happens from `from` to `to`, both included",
)
.also(frame::within);

/// What a snapshot shows.
pub(crate) static SNAPSHOTS: Table = Table {
    what: "a snapshot",
    rows: &[
        Row::alone("Whole", "the whole trace"),
        ACTOR,
        KIND,
        SUBJECT,
        WINDOW,
        Row::values(
            "All",
            &[req(
                PARTS_EXAMPLE,
                Is::Some(&Is::List(&Is::One(&PARTS)), "without a part nothing says what the snapshot shows"),
            )],
            "what all of these show; each of them at most once",
        )
        .also(all),
    ],
};

/// An example of the parts of `All`.
pub(crate) const PARTS_EXAMPLE: &str = "[Actor(\"rip1\"), Window(from: \"30s\", to: \"31s\")]";

/// What an `All` is made of.
static PARTS: Table = Table { what: "a part of a snapshot", rows: &[ACTOR, KIND, SUBJECT, WINDOW] };

/// Every sort of part may be there once: no record has two actors, and two windows are one or none.
fn all(checker: &mut Checker<'_>, found: &Found<'_>) {
    let parts = items(found.values.first().map(|(_, node)| *node));
    for (index, part) in parts.iter().enumerate() {
        let Some(sort) = sort(part) else { continue };
        if let Some(first) = parts[..index].iter().find(|first| self::sort(first) == Some(sort)) {
            let what = format!("`{sort}`");
            let twice = checker.registry.twice(code::DUPLICATE_FIELD, &what, &first.span, part.span.clone());
            checker.diagnostics.push(twice);
        }
    }
    if let [only] = parts {
        let message = "`All` with one part shows what the part shows";
        let help = "write the part without `All`";
        checker.diagnostics.push(Diagnostic::warning(code::DOUBTFUL, only.span.clone(), message).help(help));
    }
}

/// Returns the name of a part; nothing if it has none, which is reported elsewhere.
fn sort(part: &Node) -> Option<&str> {
    match &part.kind {
        Kind::Call(Some(name), _) => Some(&name.text),
        Kind::Call(None, _)
        | Kind::Text(_)
        | Kind::Integer(_)
        | Kind::Float
        | Kind::Bool(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Bad => None,
    }
}
