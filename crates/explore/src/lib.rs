//! Searches the orders of simultaneous events, and shrinks what fails to named orderings.
//!
//! ```text
//!  Program ──► run ──► Outcome          Setup: order policy, seed
//!    ▲          ▲
//!    │          └── Director: constraints, a strategy, fixed draws ──► History
//!    │
//!    ├── Campaign ──► Found: the failures of many runs, by symptom
//!    ├── explore ──► Exploration: all orders, of a program that can be forked
//!    ├── shrink ──► Cause: A before B, the draw d is 3
//!    ├── blame ──► Blame: the choice at which it was decided
//!    └── suspects ──► Suspects: the orderings that go with a failure
//! ```
//!
//! A test needs none of this by name: `check` and `prove` of the crate `tiebreak` drive it. It is for who writes a searcher, a
//! strategy, or a program that is no closure.
//!
//! # Invariants
//! * A run is a function of its [`Setup`] and of what its [`Director`] answers. What was found can be shown again.
//! * A [`Campaign`] comes to the same whatever number of threads makes its runs, if their outcomes are added in order.
//! * What a failure is shrunk to speaks of events and draws by their names ([`EventRef`]), and of no seed and no number that an
//!   unrelated event would change.
//! * Nothing is claimed that was not tried: a cause says in how many orders it was confirmed, a campaign without a failure how
//!   probable one still is ([`Campaign::chances`]), an exploration whether it is a proof ([`Exploration::is_proof`]).
//!
//! # What it lacks
//! * Threads, files and clocks: whoever drives a campaign has them. What may take long asks `goes_on` whether to go on.
//! * A search for inputs. Draws are chosen along with orders, but a scenario is what its author wrote.
//!
//! # Where to start reading
//! `program.rs` is what is searched, `director.rs` how a run is steered, `strategy.rs` who chooses. Then `campaign.rs`, `shrink.rs`
//! and `exhaustive.rs`. `docs/EXPLORE.md` says what each finds, and what may be concluded. Functions take the program first, then
//! what they are about, then seeds and numbers, then the [`Directory`], and what ends them last.
//!
//! # Example
//! A program that is searched by hand: two events of one instant, of which one must not be the first.
//! ```
//! use tiebreak_explore::{Campaign, Director, Directory, Failure, Outcome, Plan, Program, Setup, Verdict, shrink};
//! use tiebreak_kernel::{Context, Name, Settings, Simulation, Span, Term, World, terms};
//! use tiebreak_trace::BehaviourRecorder;
//!
//! terms! { ACCOUNT = "account", PAY = "pay", CLOSE = "close" }
//!
//! #[derive(Default)]
//! struct Account { ran: Vec<Term> }
//!
//! impl World for Account {
//!     type Event = Term;
//!     type Subject = ();
//!     fn name(&self, kind: &Term) -> Name<()> {
//!         Name::of(ACCOUNT, *kind, ())
//!     }
//!     fn handle(&mut self, kind: Term, _context: &mut Context<'_, Term, ()>) {
//!         self.ran.push(kind);
//!     }
//! }
//!
//! struct Bank;
//!
//! impl Program for Bank {
//!     fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome {
//!         let settings = Settings::new(setup.seed).with_order(setup.order);
//!         let mut simulation = Simulation::new(Account::default(), settings)
//!             .with_choices(choices)
//!             .with_recorder(BehaviourRecorder::default());
//!         simulation.act(|_, context| [PAY, CLOSE].map(|kind| context.schedule_after(Span::from_secs(1), kind)));
//!         simulation.run();
//!         let failure = Failure { monitor: "nothing-lost".into(), event: Some(1), message: "closed before paid".into() };
//!         let is_lost = simulation.world().ran.first() == Some(&CLOSE);
//!         let verdict = Verdict::of(is_lost.then_some(failure).into_iter().collect());
//!         let behaviour = simulation.recorder().behaviour();
//!         Outcome { contended: simulation.recorder().contended(), ..Outcome::without_events(verdict, behaviour) }
//!     }
//! }
//!
//! let mut directory = Directory::default();
//! let mut campaign = Campaign::new(&Bank, Plan::new(1, 100), &mut directory);
//! campaign.run(&Bank, &mut directory);
//! let (symptom, found) = campaign.found().first_key_value().expect("some order closes it first");
//! let watched = found.first.job.watch(&Bank, campaign.calibration(), &mut directory);
//! let shrunk = shrink(&Bank, &watched.history, symptom, 1, &mut directory).expect("the order decides it");
//! assert_eq!(shrunk.cause.constraints[0].to_string(), "account/close#1 before account/pay#1");
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

pub use account::{constrained_events, events_around, failing_events};
pub use blame::{Blame, Jump, NotBlamed, Point, Spark, blame};
pub use calibration::Calibration;
pub use campaign::{Campaign, Chance, Found, Noted, Plan, Stop};
pub use canary::is_alert;
pub use coverage::{Coverage, Met, OneOrder};
pub use director::{Chosen, Director};
pub use directory::{Directory, NameId};
pub use effort::Effort;
pub use event::{Among, Answer, Constraint, EventRef, EventRefError, FixedDraw};
pub use exhaustive::{
    Counterexample, Due, Estimate, Exploration, Footprint, Forking, Group, Lie, Mismatch, Orders, Path,
    Picker, ReplayedRun, Replaying, Scope, Stepping, Unfinished, estimate, explore, path_events,
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
