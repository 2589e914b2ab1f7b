//! foca, a SWIM membership of somebody else's, in worlds of Tiebreak: clusters that join, lose packets, split, crash, leave and
//! come back, and what has to hold in them.

mod board;
mod cases;
mod invariants;
mod node;
mod pace;
mod sweep;
mod wire;
mod world;

pub use cases::{Case, cases};
pub use invariants::{Promise, RULES, Rule, Watcher};
pub use node::{Care, Command, Habits, Member, Restart};
pub use pace::Pace;
pub use sweep::{judged, search, search_drawn, simplest};
pub use wire::{Id, Plain, Renewal};
pub use world::{Incident, Latency, Shape};
