//! Searches the orders of simultaneous events, and shrinks what fails to named orderings.
//!
//! ```text
//!  Program ──► run ──► Outcome          Setup: order policy, seed
//!    ▲          ▲
//!    │          └── Director: constraints, a strategy, fixed draws ──► History
//!    │
//!    ├── shrink ──► Cause: A before B, the draw d is 3
//!    ├── blame ──► Blame: the choice at which it was decided
//!    └── suspects ──► Suspects: the orderings that go with a failure
//! ```
#![no_std]

extern crate alloc;

mod account;
mod blame;
mod calibration;
mod campaign;
mod canary;
mod coverage;
mod director;
mod directory;
mod effort;
mod event;
mod exhaustive;
mod follow;
mod gate;
mod history;
mod job;
mod nearest;
mod program;
mod races;
mod reduce;
mod shrink;
mod strategy;
mod suspects;
mod table;
mod unseen;

pub use account::{events, needs};
pub use blame::{Blame, Jump, NotBlamed, Point, Spark, blame};
pub use calibration::Calibration;
pub use campaign::{Campaign, Chance, Found, Noted, Plan, ROUND, Stop};
pub use canary::is_alert;
pub use coverage::{Coverage, Met, OneOrder};
pub use director::{Chosen, Director};
pub use directory::{Directory, NameId};
pub use effort::Effort;
pub use event::{Among, Answer, Constraint, EventRef, EventRefError, FixedDraw};
pub use exhaustive::{
    Counterexample, Due, Estimate, Exploration, Footprint, Forking, Group, Lie, Mismatch, Orders, Path,
    Picker, ReplayedRun, Replaying, Scope, Stepping, Unfinished, estimate, explore, tell,
};
pub use follow::{CHOICES_MAX, FullChoices, Next};
pub use gate::Kept;
pub use history::{Dispatch, Drawn, History};
pub use job::{Job, Ran, Watched};
pub use nearest::nearest_passing;
pub use program::{Failure, Outcome, Program, Setup, Symptom, Verdict};
pub use races::{Effect, Phases, Race, Races, RacesOf, Turned, races};
pub use reduce::{Lost, Minimal, Reduced, Reducible, minimize, reduce};
pub use shrink::{
    Cause, DefaultOrder, NotShrunk, ORDERS_CONFIRMED, ORDERS_TRIED, PAIRS_MAX, Reasons, Rest, Shrunk, Trial,
    all_causes, default_orders, fails_with, shrink, shrink_within, try_cause,
};
pub use strategy::{Delay, Last, Pct, Pos, Prefix, Strategy, Tactic, TacticError, Turns, Urw, Walk};
pub use suspects::{Count, Suspect, Suspected, Suspects, suspects};
pub use unseen::Unseen;
