//! Deterministic simulation in which the order of simultaneous callbacks is named, seeded, and kept.
//!
//! ```text
//!   your World ──► Simulation ──► records ──► Tracer ────────► text, NDJSON, snapshot
//!    name, fire      instants,                Fingerprinter ─► 128 bits, by actor, by kind
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
//! * The order of two simultaneous events depends on the seed, the instant and their names; no stranger can change it.
//! * Draws come from streams named by actor and purpose; one more draw moves nothing elsewhere.
//! * A run ends: each limit is on by default, and hitting one is a verdict that shows what went in circles.
//!
//! # What it lacks
//! * Threads, async, wall clocks and floats, on purpose.
//! * The explorer, which searches orders and shrinks what it finds: until it comes, trying seeds is the search.
//!
//! # Where to start
//! Implement [`World`]; build a [`Simulation`] with a [`Tracer`]; [`act`](Simulation::act) to schedule the first
//! events; [`run`](Simulation::run); look at [`write_text`], keep a [`snapshot`]. [`kernel`] and [`trace`] are the two
//! crates behind this one, each with its own map.
//!
//! # A race, found by trying seeds
//! A payment and the closing of the account fall on the same instant. Whoever wrote `close` thought of the usual order.
//! ```
//! use tiebreak::{
//!     Context, Digest, Fact, Header, Instant, Name, Names, Place, Projection, Recorder, Settings, Simulation, Span,
//!     Symbol, Term, Tracer, World, snapshot,
//! };
//!
//! enum Event { Pay, Close }
//!
//! struct Account { payer: Symbol, bank: Symbol, balance: u64, is_open: bool, lost: u64 }
//!
//! impl World for Account {
//!     type Event = Event;
//!     type Subject = ();
//!
//!     fn name(&self, event: &Event) -> Name<()> {
//!         match event {
//!             Event::Pay => Name { actor: self.payer, kind: Term::new("pay"), subject: () },
//!             Event::Close => Name { actor: self.bank, kind: Term::new("close"), subject: () },
//!         }
//!     }
//!
//!     fn fire<R: Recorder<()>>(&mut self, event: Event, context: &mut Context<'_, Self, R>) {
//!         match event {
//!             Event::Pay if self.is_open => self.balance += 100,
//!             Event::Pay => self.lost += 100, // the bug: nobody hands it back
//!             Event::Close => self.is_open = false,
//!         }
//!         let balance = Name { actor: self.bank, kind: Term::new("Balance"), subject: () };
//!         context.record(balance, &[Fact::number(Term::new("balance"), self.balance)]);
//!     }
//! }
//!
//! fn run(seed: u64) -> Simulation<Account, Tracer> {
//!     let mut names = Names::default();
//!     let (payer, bank) = (names.intern("payer"), names.intern("bank"));
//!     let account = Account { payer, bank, balance: 0, is_open: true, lost: 0 };
//!     let settings = Settings { seed, ..Settings::default() };
//!     let header = Header::new(1, Digest::of(b"account"), &settings);
//!     let mut simulation = Simulation::with_recorder(account, names, settings, Tracer::new(header));
//!     simulation.act(|_, context| {
//!         context.schedule_after(Span::from_secs(10), Event::Pay, Place::FREE);
//!         context.schedule_after(Span::from_secs(10), Event::Close, Place::FREE);
//!     });
//!     simulation.run();
//!     simulation
//! }
//!
//! let seed = (0..100).find(|seed| run(*seed).world().lost > 0).expect("some seed closes before it pays");
//! let bug = run(seed);
//! println!("{}", snapshot(bug.recorder().trace(), &Projection::Whole));
//! assert_eq!(bug.now(), Instant::from_nanos(10_000_000_000));
//! assert_eq!(run(seed).recorder().trace().bytes(), bug.recorder().trace().bytes());
//! ```
#![no_std]

extern crate alloc;

mod seeds;
#[cfg(feature = "insta")]
pub mod testing;

pub use tiebreak_kernel as kernel;
pub use tiebreak_trace as trace;

pub use seeds::first_seeds;
pub use tiebreak_kernel::{
    Attempt, Choice, Choices, Context, Draws, End, Exceeded, FORMAT, Fact, Footprint, Handle, InThePast,
    Instant, Lane, Limit, Limits, Name, Names, Order, Origin, Place, Ratio, Record, Recorder, Settings,
    Silent, Simulation, Span, SpanError, Streams, Subject, Symbol, Term, Value, Work, World,
};
pub use tiebreak_trace::{
    Digest, Failure, Fingerprint, Fingerprinter, Header, Layer, Monitor, Projection, RESULT, Report, Trace,
    Tracer, Verdict, Watch, snapshot, write_ndjson, write_text,
};
