//! The tables of docs/SCENARIO.md, from the rows.

use core::fmt::Write as _;

use tiebreak_rtm::{RouteFlags, Status};

use crate::action::ACTIONS;
use crate::condition::CONDITIONS;
use crate::events::{EventKind, KINDS};
use crate::expectation::EXPECTATIONS;
use crate::rows::{DELIVERIES, ENTRIES, Form, Row, SCENARIO, SNAPSHOTS, STEPS, Table};

/// Returns the tables of the manual by their names, as Markdown.
#[must_use]
pub fn manual() -> Vec<(&'static str, String)> {
    let fields = |table: &Table| table.rows.iter().map(|row| (row.name, fields(row)));
    let tables = [
        ("steps", rows(&STEPS, ["step", "meaning"])),
        ("deliveries", rows(&DELIVERIES, ["delivery", "a callback runs"])),
        ("snapshots", rows(&SNAPSHOTS, ["snapshot", "shows"])),
        ("actions", rows(&ACTIONS, ["action", "calls, does"])),
        ("conditions", rows(&CONDITIONS, ["condition", "holds if"])),
        ("expectations", rows(&EXPECTATIONS, ["expectation", "holds if"])),
        ("flags", flags()),
        ("events", events()),
        ("statuses", statuses()),
        ("codes", codes()),
    ];
    fields(&SCENARIO).chain(fields(&ENTRIES)).chain(tables).collect()
}

/// Returns the fields of a row, with defaults and meanings.
fn fields(row: &Row) -> String {
    let mut table = "| field | default | meaning |\n|---|---|---|\n".to_owned();
    for field in row.parts() {
        // Writing to a `String` cannot fail.
        let _ = writeln!(table, "| `{}` | {} | {} |", field.name, field.default, field.meaning);
    }
    table
}

/// Returns rows, with what they do, where they may stand, and what else is to be said.
fn rows(rows: &Table, [name, does]: [&str; 2]) -> String {
    let mut table = format!("| {name} | {does} |\n|---|---|\n");
    for row in rows.rows {
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
        let _ = writeln!(table, "| {example} | {}{place} |", row.does);
    }
    table
}

fn events() -> String {
    let mut table = "| kind | about | made by | says |\n|---|---|---|---|\n".to_owned();
    for kind @ EventKind { name, roles, says, .. } in &KINDS {
        let makers: Vec<&str> = roles.iter().map(|role| role.plural()).collect();
        let _ = writeln!(table, "| `{name}` | {} | {} | {says} |", kind.noun(), makers.join(", "));
    }
    table
}

fn flags() -> String {
    let mut table = "| bits | documented as |\n|---|---|\n".to_owned();
    for (name, flags) in RouteFlags::NAMED {
        let _ = writeln!(table, "| `{:#x}` | `RTM_ROUTE_FLAGS_{name}` |", flags.bits());
    }
    table
}

fn statuses() -> String {
    let mut table = "| status | number | documented as |\n|---|---|---|\n".to_owned();
    for (name, status) in Status::NAMED {
        let _ = writeln!(table, "| `{name}` | {} | `{status}` |", status.code());
    }
    table
}

fn codes() -> String {
    let mut table = "| code | meaning |\n|---|---|\n".to_owned();
    for (code, meaning) in crate::CODES {
        let _ = writeln!(table, "| `{code}` | {meaning} |");
    }
    table
}
