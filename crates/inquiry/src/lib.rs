//! Questions to traces: what differs between two, why something happened, and why something did not.

extern crate alloc;

mod cells;
mod columns;
mod diff;
mod find;
mod instant;
mod longest;
mod ndjson;
mod races;
mod select;
mod why;
mod why_not;
mod words;
#[cfg(test)]
mod written;

pub use cells::{cells, padded};
pub use columns::columns;
pub use diff::{
    Again, Amount, Changed, Comparison, Counts, FactChange, First, LINES_MAX, Moved, Neighbour, Parting,
    Shift, compare, text_lines, up_to_order_lines,
};
pub use find::{NotFound, find};
pub use longest::in_same_order;
pub use ndjson::{NdjsonEnd, NdjsonPart, NdjsonTrace, read_ndjson};
pub use races::{RacesElsewhere, races_elsewhere, races_on_chain};
pub use select::{Selection, Unmatched, Window, unmatched};
pub use why::{called_chain_lines, chain, chain_lines};
pub use why_not::{Met, Missed, met, missed, parting_lines};
