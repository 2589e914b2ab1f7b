//! The routing table manager as a world: clients, callbacks, monitors, and the naive reference model beside it.
//!
//! ```text
//!   Plan ──▶ Prepared ──▶ RoutingWorld on the kernel ──▶ records ──▶ monitors, expectations ──▶ RunReport
//!                           │                 ▲   │                  trace, fingerprint
//!             Desk: calls   ▼                 │   └─ facts of the manager, noted
//!   clients ──────────▶  Manager ── timers, callbacks ──▶ calendar
//!   (script, observer,      │
//!    feed, your own)        └── the same inputs ──▶ Model (with the model check on)
//! ```
//!
//! # What it keeps
//! * The manager decides no order: every timer and every callback is an event of the calendar, in the policy's order.
//! * One callback of a client at a time, first in first out, also under drawn delays ([`Delivery`]).
//! * A client sees the world through its [`Desk`] alone: calls, its own wakes, its own draws.
//! * Records name things by their scenario names; what the manager notes about a table has that table's own actor, so
//!   that what happens in one table changes no record of another.
//! * A recording is one lane: its order is data under every policy.
//!
//! # What it lacks on purpose
//! Files, threads and terminals (the command has those). Not here yet: faults, links between routers, and clients that
//! speak a protocol in scenario files; those written in Rust implement [`Behaviour`], as `scenarios/churn` shows.
//!
//! # Where to start
//! [`Prepared`] runs a scenario; `world.rs` is what happens at an event; `core.rs` joins the manager to the calendar;
//! `scripted.rs` is what a script's actions do; `monitors/` has one rule a file.
//!
//! ```
//! use tiebreak_rtm_sim::{Prepared, Recordings, RunOptions};
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

mod behaviour;
mod build;
mod core;
mod describe;
mod desk;
mod event;
mod expectations;
mod feed;
mod model;
mod monitors;
mod observer;
mod run;
mod scripted;
mod subject;
mod table;
pub mod vocabulary;
mod world;

pub use self::core::Delivery;
pub use behaviour::{Behaviour, NoBehaviour};
pub use build::{PrepareError, Recordings};
pub use desk::Desk;
pub use event::{ClientId, Event};
pub use expectations::Unmet;
pub use model::{Difference, Model};
pub use monitors::{
    ExpiryExactlyOnce, ForbiddenCallsRefused, MirrorEqualsTable, NoCallbackToTheGone, ReferencesReturnToZero,
    RoutingMonitors,
};
pub use observer::{Mirrored, Observer};
pub use run::{Finding, Fingerprinted, MODEL, ModelCheck, Prepared, Recorded, RunOptions, RunReport};
pub use subject::Subject;
pub use table::TableRow;
pub use world::RoutingWorld;
