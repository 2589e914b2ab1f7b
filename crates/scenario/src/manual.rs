//! The tables of docs/SCENARIO.md, from the rows.

use core::fmt::Write as _;

use tiebreak_diagnostic::code;
use tiebreak_rtm::{RouteFlags, Status};

use crate::action::{ACTIONS, CRITERIA};
use crate::condition::CONDITIONS;
use crate::entries::{ENTRIES, REGISTRATIONS};
use crate::events::{EventKind, KINDS};
use crate::expectation::EXPECTATIONS;
use crate::order::{CONSTRAINTS, COUNTED, COUNTED_DRAWS, ORDERS};
use crate::regression::{CHOICES, OUTCOMES, REGRESSIONS};
use crate::rows::{DELIVERIES, Field, Form, Row, SCENARIO, STEPS, Table};
use crate::snapshots::SNAPSHOTS;
use crate::unroll::REPETITIONS;

/// Returns the tables of the manual by their names, as Markdown.
#[must_use]
pub fn manual() -> Vec<(&'static str, String)> {
    let fields = |table: &Table| table.rows.iter().map(|row| (row.name, fields(row)));
    let tables = [
        ("steps", rows(&STEPS, ["step", "meaning"])),
        ("deliveries", rows(&DELIVERIES, ["delivery", "a callback runs"])),
        ("orders", rows(&ORDERS, ["order", "ties are ordered"])),
        ("constraints", rows(&CONSTRAINTS, ["constraint", "holds"])),
        ("counted", rows(&COUNTED, ["event", "meaning"])),
        ("counted-draws", rows(&COUNTED_DRAWS, ["draw", "meaning"])),
        ("choices", rows(&CHOICES, ["choice", "meaning"])),
        ("outcomes", rows(&OUTCOMES, ["outcome", "meaning"])),
        ("snapshots", rows(&SNAPSHOTS, ["snapshot", "shows"])),
        ("actions", rows(&ACTIONS, ["action", "calls, does"])),
        ("repetitions", rows(&REPETITIONS, ["notation", "stands for"])),
        ("conditions", rows(&CONDITIONS, ["condition", "holds if"])),
        ("expectations", rows(&EXPECTATIONS, ["expectation", "holds if"])),
        ("flags", flags()),
        ("events", events()),
        ("statuses", statuses()),
        ("codes", codes()),
    ];
    let fields_of =
        fields(&SCENARIO).chain(fields(&ENTRIES)).chain(fields(&REGISTRATIONS)).chain(fields(&REGRESSIONS));
    fields_of.chain(fields(&CRITERIA)).chain(tables).collect()
}

/// Returns a table of Markdown.
fn table(header: &[&str], rows: impl Iterator<Item = String>) -> String {
    let mut table = format!("| {} |\n|{}\n", header.join(" | "), "---|".repeat(header.len()));
    for row in rows {
        // Writing to a `String` cannot fail.
        let _ = writeln!(table, "| {row} |");
    }
    table
}

/// Returns the fields of a row, with defaults and meanings.
fn fields(row: &Row) -> String {
    let field = |field: &Field| format!("`{}` | {} | {}", field.name, field.default, field.meaning);
    table(&["field", "default", "meaning"], row.parts().iter().map(field))
}

/// Returns rows, with what they do, where they may stand, and what else is to be said.
fn rows(rows: &Table, header: [&str; 2]) -> String {
    let row = |row: &Row| {
        let example = match row.form {
            Form::Values(least, values) if least < values.len() => {
                let all = Row::values(row.name, values, row.does).example();
                format!("`{}`, `{all}`", row.example())
            }
            Form::Alone | Form::Values(..) | Form::Fields(_) => format!("`{}`", row.example()),
        };
        let events: Vec<String> = row.only_in.iter().map(|event| format!("`{event:?}`")).collect();
        let place = if events.is_empty() {
            String::new()
        } else {
            format!("; in reactions to {}", events.join(", "))
        };
        format!("{example} | {}{place}", row.does)
    };
    table(&header, rows.rows.iter().map(row))
}

fn events() -> String {
    let row =
        |kind: &EventKind| format!("`{}` | {} | {} | {}", kind.name, kind.noun(), kind.makers(), kind.says);
    table(&["kind", "about", "made by", "says"], KINDS.iter().map(row))
}

fn flags() -> String {
    let row =
        |(name, flags): &(&str, RouteFlags)| format!("`{:#x}` | `RTM_ROUTE_FLAGS_{name}`", flags.bits());
    table(&["bits", "documented as"], RouteFlags::NAMED.iter().map(row))
}

fn statuses() -> String {
    let row = |(name, status): &(&str, Status)| format!("`{name}` | {} | `{status}`", status.code());
    table(&["status", "number", "documented as"], Status::NAMED.iter().map(row))
}

fn codes() -> String {
    let row = |(code, meaning): &(&str, &str)| format!("`{code}` | {meaning}");
    table(&["code", "meaning"], code::CODES.iter().map(row))
}
