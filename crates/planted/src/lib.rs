//! Bugs of order, planted on purpose, each with a fixed twin: what a search of orders has to find, and what it must not.
//!
//! ```text
//!  bugs/*.rs ─────► World + Script + Rule ──► Planted: a Program ──► Search: how many runs until it is found
//!                     ▲                           │
//!  museum/*.rs ──► Museum: the real manager,      ├──► tiebreak::explore::shrink: how few orderings it needs
//!                  with a fault around it         └──► Story: Forking, for those of bugs/: all orders there are
//! ```
//!
//! Each world is small and is written as a user would write it: clients with scripts, one instant at which all of their
//! steps are due, a monitor. In the order of scheduling no bug shows but [one](Bug::HoldCycle). Around the clients of
//! the story there are [others](Script::others), whose steps have nothing to do with it.
//!
//! Those of `bugs/` are invented. Those of `museum/` are [real ones](Bug::OF_REAL_MANAGERS): they were found in managers of
//! routing tables, and are planted around the one of this repository.
//!
//! Nothing here is a part of the product. Start with [`Bug`], then any file of `bugs/`, then `museum.rs`;
//! `examples/table.rs` prints how many runs each way to search needs.

extern crate alloc;

mod bug;
mod bugs;
mod judge;
mod museum;
mod script;
mod search;
mod story;

pub use bug::{Bug, Change, Planted};
pub use judge::{Judge, Rule};
pub use script::{About, Script, Stage, Step};
pub use search::{Finds, Search};
pub use story::{Others, Played, Story, Visitor};
