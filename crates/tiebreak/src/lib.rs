//! Deterministic simulation in which the order of simultaneous callbacks is named, seeded, and kept.
//!
//! ```text
//!   your World ──► Simulation ──► records ──► Tracer ────────► text, NDJSON, snapshot
//!    name, handle    instants,                Fingerprinter ─► 128 bits, by actor, by kind
//!                    ties, draws              Watch ─────────► verdicts of your monitors
//!                    ▲
//!         seed, order policy, limits
//! ```
//!
//! Code that lives on callbacks and timers has bugs that show only when two things due at the same instant happen in
//! the less usual order. A simulation here runs such code in virtual time: simultaneous events are ordered by a seed,
//! each event has a name that outlives changes around it, and what happened is kept in a form that fails readably when
//! the order changes, and only then.
//!
//! # Invariants
//! * The same world, seed and order policy give the same records, bytes and fingerprint, on every machine.
//! * No unrelated event changes the order of two others.
//! * Draws come from streams named by actor and purpose; one more draw moves nothing elsewhere.
//! * A run ends: each limit is on by default, and hitting one is a verdict that shows what went in circles.
//!
//! # What it lacks
//! * Threads, async, wall clocks and floats, on purpose.
//! * A proof that no order fails, but of worlds so small that [`prove`](prove()) can go through all of them: else a search finds, and
//!   says what it means that it found nothing.
//!
//! # Where to start reading
//! Implement [`World`]; make a [`Simulation::traced`](Traced::traced); [`act`](Simulation::act) to schedule the first
//! events; [`run`](Simulation::run); print the [`Trace`], keep a [`snapshot`]. [`check_determinism`] belongs into every
//! test suite once, [`check()`] searches the orders of a world there, and [`prove()`] goes through all of them.
//!
//! Then the examples, in this order (`cargo run -p PACKAGE --example EXAMPLE`); each says what comes next:
//!
//! | | package | example | what is new in it |
//! |---|---|---|---|
//! | 1 | `tiebreak` | `account` | the smallest world: two events of one instant, and a bug that needs an order |
//! | 2 | `tiebreak` | `timeout` | a [`Timer`] that races an answer, a [`Lane`], one trace for each order |
//! | 3 | `tiebreak` | `lease_server` | a [`Monitor`], a search, a proof, kept finds, and a fixed twin |
//! | 4 | `tiebreak` | `phases` | a hard order within an instant, and when not to use one |
//! | 5 | `tiebreak-net` | `stepped` | nodes on a network: a machine that returns what is to be done |
//! | 6 | `tiebreak-net` | `polled` | a machine that says when it has to be polled next |
//! | 7 | `tiebreak-net` | `runtime` | a machine that calls a runtime |
//! | 8 | `tiebreak-rtm-sim` | `manager` | the routing table manager as a world, with clients written in Rust |
//!
//! The root of this crate has what a world, its tests and its traces are written with. All else is where it is made:
//! [`kernel`], [`trace`], [`explore`] and [`net`] are the crates behind this one, each with a map of its own. [`Verdict`] and
//! [`Failure`] are those of a [`Monitor`]; what comes of a whole run is an [`Outcome`], whose
//! [`Verdict`](explore::Verdict) and [`Failure`](explore::Failure) are in [`explore`].
//!
//! # A race, found by trying seeds
//! A payment and the closing of the account fall on the same instant. Whoever wrote `Close` thought of the usual order.
//! ```
//! use tiebreak::{Context, Name, Simulation, Span, Traced, Tracer, World, check_determinism, terms};
//!
//! terms! { ACCOUNT = "account", PAY = "pay", CLOSE = "close" }
//!
//! enum Event { Pay, Close }
//!
//! #[derive(Default)]
//! struct Account { is_closed: bool, lost: u64 }
//!
//! impl World for Account {
//!     type Event = Event;
//!     type Subject = ();
//!
//!     fn name(&self, event: &Event) -> Name<()> {
//!         Name::of(ACCOUNT, match event { Event::Pay => PAY, Event::Close => CLOSE }, ())
//!     }
//!
//!     fn handle(&mut self, event: Event, _context: &mut Context<'_, Event, ()>) {
//!         match event {
//!             Event::Close => self.is_closed = true,
//!             Event::Pay if self.is_closed => self.lost += 100, // the bug: it is not handed back
//!             Event::Pay => {}
//!         }
//!     }
//! }
//!
//! fn account(seed: u64) -> Simulation<Account, Tracer> {
//!     let mut simulation = Simulation::traced(Account::default(), seed);
//!     simulation.act(|_, context| {
//!         context.schedule_after(Span::from_secs(10), Event::Pay);
//!         context.schedule_after(Span::from_secs(10), Event::Close);
//!     });
//!     simulation
//! }
//!
//! let loses = |seed: &u64| {
//!     let mut simulation = account(*seed);
//!     simulation.run();
//!     simulation.world().lost > 0
//! };
//! let seed = (0..100).find(loses).expect("some seed closes before it pays");
//! let mut found = account(seed);
//! found.run();
//! println!("{}", found.recorder().trace());
//! check_determinism(|| account(seed))?;
//! # Ok::<(), tiebreak::Nondeterminism>(())
//! ```
#![no_std]
// docs.rs says of each item which feature it needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
// Only the root of a crate can say so for macros. It is about `panics.rs`.
#![cfg_attr(
    feature = "std",
    expect(clippy::disallowed_macros, reason = "the panic hook belongs to the process, a run to a thread")
)]

extern crate alloc;

#[cfg(feature = "std")]
mod bench;
#[cfg(feature = "arbitrary")]
mod bytes;
#[cfg(feature = "std")]
mod check;
mod determinism;
#[cfg(feature = "std")]
mod explain;
#[cfg(feature = "std")]
mod failing_trace;
pub mod measure;
#[cfg(feature = "std")]
mod panics;
#[cfg(feature = "std")]
mod prove;
#[cfg(feature = "regressions")]
pub mod regressions;
#[cfg(feature = "std")]
mod run;
mod seeds;
#[cfg(feature = "insta")]
pub mod testing;
mod traced;

/// The examples of the first page, of the pages on searching and on machines, and of the book compile, and do what is said
/// of them.
#[cfg(all(doctest, feature = "arbitrary", feature = "net"))]
mod pages {
    #[doc = include_str!("../README.md")]
    mod of_the_package {}
    #[doc = include_str!("../../../README.md")]
    mod of_the_house {}
    #[doc = include_str!("../../../docs/EXPLORE.md")]
    mod explore {}
    #[doc = include_str!("../../../docs/MACHINES.md")]
    mod machines {}
    #[doc = include_str!("../../../docs/book/src/state-machine.md")]
    mod book_state_machine {}
    #[doc = include_str!("../../../docs/book/src/strategies.md")]
    mod book_strategies {}
    #[doc = include_str!("../../../docs/book/src/measuring.md")]
    mod book_measuring {}
}

pub use tiebreak_explore as explore;
pub use tiebreak_explore::{Footprint, Outcome, Tactic};
pub use tiebreak_kernel as kernel;
#[cfg(feature = "net")]
pub use tiebreak_net as net;
pub use tiebreak_trace as trace;

#[cfg(feature = "std")]
pub use bench::{Bench, BenchReport, Compared, ComparedReport, bench};
#[cfg(feature = "std")]
pub use check::{Check, SearchReport, check};
pub use determinism::{Nondeterminism, check_determinism};
#[cfg(feature = "std")]
pub use failing_trace::FailingTrace;
#[cfg(feature = "std")]
pub use prove::{Begin, Forked, ForkedRun, ProofReport, Prove, Until, prove, prove_by_replay};
#[cfg(feature = "std")]
pub use run::{Run, Watching, outcome, watching};
pub use seeds::first_seeds;
pub use tiebreak_kernel::{
    Actor, Attempt, Candidate, Choice, Choices, Context, Draws, DueEvent, End, Exceeded, FORMAT, Fact,
    Frontier, Guidance, Handle, InThePast, Instant, Lane, Limit, Limits, Name, NameError, Names, Order,
    OrderError, Origin, PartCodes, Phase, Place, Ratio, Record, Recorder, Scheduled, Scheduler, Settings,
    Silent, Simulation, Site, Span, SpanError, Stream, Streams, Subject, Symbol, Term, Text, Timer, Value,
    Verbosity, Work, World, terms,
};
pub use tiebreak_trace::{
    BehaviourRecorder, BlockOutput, Code, Dictionary, Digest, Failure, Fingerprint, Fingerprinter, Header,
    Layer, Monitor, MonitorOf, Monitors, PackedTracer, Parts, Pending, Projection, RESULT, Report,
    RunFingerprinter, SKIPPED, Space, Trace, Tracer, Twin, TwinCounter, Unlike, Verdict, Watch, first_unlike,
    monitor, snapshot, snapshot_lines, snapshot_name, twins_warning, write_ndjson, write_text,
};
pub use traced::Traced;
