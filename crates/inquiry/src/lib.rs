//! Questions to traces: what differs between two, why something happened, and why something did not.

extern crate alloc;

mod diff;
mod longest;

pub use diff::{
    Again, Amount, Changed, Comparison, Counts, FactChange, First, LINES_MAX, Moved, Neighbour, Parting,
    Shift, compare, text_lines, up_to_order_lines,
};
pub use longest::in_same_order;
