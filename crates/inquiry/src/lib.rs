//! Questions to traces: what differs between two, why something happened, and why something did not.

extern crate alloc;

mod find;
mod instant;
mod select;
mod why;
mod words;

pub use find::{NotFound, find};
pub use select::{Selection, Window};
pub use why::{Contention, chain, chain_lines, contention, races_on_chain};
