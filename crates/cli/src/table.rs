//! The final best routes as NDJSON.

use serde::Serialize;
use tiebreak_rtm_sim::TableRow;

use crate::output::{Sink, json};

/// A row as it is written: the keys and their order are the format.
#[derive(Debug, Serialize)]
struct Row<'a> {
    dest: &'a str,
    view: &'a str,
    owner: &'a str,
    neighbour: Option<&'a str>,
    preference: u32,
    metric: u32,
    next_hops: &'a [String],
    instance: u16,
}

/// Writes one line with an object for each destination and view.
pub(crate) fn write(rows: &[TableRow], out: &mut Sink) {
    for row in rows {
        let TableRow { instance, dest, view, owner, neighbour, preference, metric, next_hops, .. } = row;
        let (neighbour, preference) = (neighbour.as_deref(), *preference);
        let (metric, instance) = (*metric, *instance);
        out.line(json(&Row { dest, view, owner, neighbour, preference, metric, next_hops, instance }));
    }
}
