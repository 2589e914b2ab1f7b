//! The core of Tiebreak: virtual time, the calendar of pending events, and an order of simultaneous ones that has a name.
//!
//! ```text
//!                        schedule, cancel, reschedule
//!          ┌─────────────────────────◄─────────────────────────┐
//!          ▼                                                   │
//!  calendar, by instant ──► open instant, by key ──────► World::handle(event, Context)
//!                           ├ free events                      │        │
//!                           └ heads of lanes ◄ who waits       ▼        ▼
//!                                                           Choices  Recorder
//!                                                       (named draws) (records)
//! ```
//!
//! A [`World`] says what its events are called and what they do; a [`Simulation`] lets them happen. Where several happen
//! at one [`Instant`], each waits a while that is drawn from the seed, the instant and its [`Name`], and the one whose wait
//! is over first runs first; [`Order`] has two other policies. What must stay in order among itself shares a [`Lane`];
//! what must come before or after everything else has a [`Phase`].
//!
//! # Invariants
//! * The same world, names, [`Settings`] and answers of [`Choices`] give the same records, on every machine.
//! * The order of two events depends on the seed, the instant, their names, phases and lanes, and on the events that led to
//!   them, preceded them in their lanes or cancelled those: on no unrelated event, and not on the order of interning.
//! * Events of one name that become ready at once run in the order of scheduling; a trace marks where that decided.
//! * A lane is first in, first out. An event that has run or was cancelled does not affect the order of later ones.
//! * Work that schedules more at its own instant cannot forever delay what is already due there.
//! * Time moves to run an event, or to the target of [`Simulation::run_until`], never for what was cancelled. A [`Handle`]
//!   never names another event.
//! * A draw at one [`Site`] moves none elsewhere.
//! * A run ends: at its horizon, when no primary work is left, when an event stops it, or at one of its [`Limits`] with the
//!   cycle that was going on. It can be continued, except after a panic in code of the world.
//! * Recording changes nothing, and a recorder that is off ([`Silent`]) costs nothing.
//!
//! # What it lacks
//! * Threads, clocks, files, floating point, `dyn` events; unsafe code but for a hint to the processor (`prefetch.rs`).
//! * A uniform draw over interleavings; [`Order`] says what `Seeded` favours.
//! * Search: the explorer asks the same questions, but lives in a crate of its own.
//!
//! # Where to start reading
//! `world.rs` is what a user implements, `context.rs` what an event may do, `order.rs` the keys. Then `simulation.rs`, the
//! run loop, `queue.rs`, where events wait, and `instant.rs`, where simultaneous ones compete. `docs/ORDER.md` explains the
//! order.
//!
//! # Example
//! Two clients are told of a change at the same instant. Who is told first depends on the seed.
//! ```
//! use tiebreak_kernel::{Context, End, Name, Settings, Simulation, Span, Term, World, terms};
//!
//! terms! { RIP = "rip", OSPF = "ospf", TOLD = "told" }
//!
//! struct Clients { told: Vec<Term> }
//!
//! struct Told(Term);
//!
//! impl World for Clients {
//!     type Event = Told;
//!     type Subject = ();
//!
//!     fn name(&self, Told(client): &Told) -> Name<()> {
//!         Name::of(*client, TOLD, ())
//!     }
//!
//!     fn handle(&mut self, Told(client): Told, _context: &mut Context<'_, Told, ()>) {
//!         self.told.push(client);
//!     }
//! }
//!
//! let first_told = |seed| {
//!     let mut simulation = Simulation::new(Clients { told: Vec::new() }, Settings::new(seed));
//!     simulation.act(|_, context| {
//!         for client in [RIP, OSPF] {
//!             context.schedule_after(Span::from_secs(30), Told(client));
//!         }
//!     });
//!     assert_eq!(simulation.run(), End::Quiescent);
//!     simulation.world().told[0].text()
//! };
//! assert_eq!([1, 2, 3, 4].map(first_told), ["ospf", "ospf", "ospf", "rip"]);
//! ```
#![no_std]

extern crate alloc;

mod calendar;
mod choices;
mod codes;
mod context;
mod due;
mod entry;
mod guesses;
mod guidance;
mod handle;
mod heap;
mod identity;
mod instant;
mod ledger;
mod limits;
mod mix;
mod name;
mod notes;
mod order;
mod place;
mod prefetch;
mod queue;
mod radix;
mod ranks;
mod ready;
mod record;
mod repeats;
mod settings;
mod simulation;
mod slots;
mod spelling;
mod state;
mod table;
mod time;
mod timer;
mod trail;
mod world;

pub use choices::{Choices, Draws, Ratio, Site, Stream, Streams};
pub use codes::{PartCodes, event_code};
pub use context::{Context, Scheduler};
pub use guesses::Guesses;
pub use guidance::{Candidate, Frontier, Guidance};
pub use handle::{Attempt, Handle, InThePast};
pub use limits::{End, Exceeded, Limit, Limits};
pub use mix::{TextHasher, fold, hash_text, mix};
pub use name::{Actor, Name, Names, Subject, Symbol, Term};
pub use order::{Order, OrderError, instant_key, tie_hash, wait};
pub use place::{Lane, Phase, Place, Work};
pub use queue::{DueEvent, Scheduled};
pub use record::{Choice, Fact, Origin, Record, Recorder, Silent, Text, Value, Verbosity};
pub use settings::Settings;
pub use simulation::Simulation;
pub use spelling::{NameError, is_invisible};
pub use state::StateHasher;
pub use time::{Instant, Span, SpanError};
pub use timer::Timer;
pub use world::World;

/// The format number: keys, streams, sampling, record bytes and fingerprints. It changes when any of them does.
pub const FORMAT: u32 = 2;
