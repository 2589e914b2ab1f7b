//! Kept finds: how they are spelled, and how they stand when they are run again.
//!
//! ```text
//!   a find ──► Regression ──► write ──► tests/regressions/…/honest-server-expire.ron ──► read ──► Regression
//!                                                                                                    │
//!   Program ─────────────────────────────────────────────────────────────────────────────────────► judge ──► Judged
//! ```
//!
//! The scenario language and the facade both keep finds: the one as scenario files, the other as files of their own beside
//! a test. What a find is and how it is judged is the same, so it stands here.
//!
//! # Invariants
//! * Reading what was written gives the same regression; equal regressions give equal text.
//! * A regression never passes in silence: one that does not fail as it says, whose events do not happen, or that guards
//!   nothing, says so.
//!
//! # What it lacks
//! Files and environment: whoever uses it reads and writes, and decides what may be written. Programs: those of the scenario
//! language are scenarios, those of the facade closures.
//!
//! # Where to start reading
//! [`Regression`], then [`judge`], and how a find becomes one: [`Find`].

extern crate alloc;

mod expected;
mod failing;
mod file;
mod judge;
mod keeping;
mod name;
mod notation;
pub mod spelling;
mod unkept;

pub use expected::{Expected, FoundBy};
pub use failing::{FailingRun, Rerun, Way};
pub use file::{FORMAT, KEPT_FILE, Regression};
pub use judge::{Claim, Judged, Standing, judge};
pub use keeping::{Find, NotKept, accept, file_name, is_yes};
pub use name::free_name;
pub use notation::{options, to_text};
pub use unkept::Unkept;
