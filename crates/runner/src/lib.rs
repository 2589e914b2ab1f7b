//! Runs scenarios: a checked plan becomes a world, the world runs, and monitors and expectations judge the run.
//!
//! ```text
//!   Plan ──▶ Prepared ──▶ RoutingWorld of scripted clients, observers, feeds ──▶ records ──▶ monitors, expectations
//!                                                                                  │                  │
//!                                                                    trace, fingerprint           RunReport
//! ```
//!
//! # Invariants
//! * Clients of a scenario have the same interface as those written in Rust: they implement `Behaviour`, and act on the world
//!   only through their `Desk`.
//! * The clients of a run borrow what was prepared, so that a sweep of seeds reads its scenario once.
//! * A recording is one lane: its rows run in their order under every policy.
//!
//! # What it lacks
//! Files, threads and terminals (the command has those), and clients that speak a protocol: those are written in Rust, as
//! `scenarios/churn` shows.
//!
//! # Where to start reading
//! [`Prepared`] runs a scenario; `build.rs` makes its world; `scripted.rs` carries out the actions of scripts.
//!
//! ```
//! use tiebreak_runner::{Prepared, Recordings, RunOptions};
//!
//! let text = r#"Scenario(
//!     format: 1,
//!     until: "60s",
//!     clients: [Client(name: "rip", protocol: "RIP", script: [
//!         At("0s", Register),
//!         At("0s", AddRoute(dest: "10.0.0.0/8", metric: 3, expires_after: "30s")),
//!     ])],
//!     expect: [Unreachable("10.0.0.0/8")],
//! )"#;
//! let plan = tiebreak_scenario::load(text).map_err(|mistakes| format!("{mistakes:?}"))?.plan;
//! let run = Prepared::new(&plan, &Recordings::new())?.record(RunOptions::default());
//! assert!(run.report.findings.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]
#![expect(clippy::similar_names, reason = "a desk and a dest are the words of the house")]

extern crate alloc;

mod build;
mod client;
mod convert;
mod elsewhere;
mod expectations;
mod explored;
mod feed;
mod forked;
mod left;
mod limits;
mod orders;
mod run;
mod scripted;
mod smaller;
mod stepped;
mod turned;

pub use build::{PrepareError, Recordings};
pub use convert::projection;
pub use elsewhere::{Elsewhere, SeenRun};
pub use expectations::Unmet;
pub use explored::{Explored, LIMIT, MODEL, ORDER};
pub use forked::ForkedRun;
pub use left::Crowd;
pub use run::{Finding, Fingerprinted, ModelCheck, Prepared, Recorded, RunOptions, RunReport};
pub use stepped::Amounts;
pub use turned::{
    CALLBACKS_TURNED_MAX, CallbacksLeft, Deciding, DecidingCut, FoundIn, Ordering, OrderingSource,
    RACES_TURNED, Raced,
};
