//! What is shown of every machine that others wrote: that its runs repeat, that an unrelated group does not disturb it, how soon
//! each strategy finds what is wrong with it, and what part of the time is the framework's.

mod clock;
mod effort;
mod repeat;
mod search;
mod sweep;

pub use clock::{Share, share_of_machine, timed, untimed};
pub use effort::{arguments, part_of};
pub use repeat::{Drive, disturbed, unrepeated};
pub use search::{Row, STRATEGIES, rows, write_rows};
pub use sweep::sweep;
