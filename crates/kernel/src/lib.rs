//! The core of Tiebreak: virtual time, the calendar of pending events, and an order of simultaneous ones that has a name.
//!
//! ```text
//!                        schedule, cancel, reschedule
//!          ┌─────────────────────────◄─────────────────────────┐
//!          ▼                                                   │
//!  calendar, by instant ──► open instant, by tie key ──► World::fire(event, Context)
//!                           ├ free events                      │        │
//!                           └ heads of lanes ◄ who waits       ▼        ▼
//!                                                           Choices  Recorder
//!                                                       (named draws) (records)
//! ```
//!
//! A [`World`] says what its events are called and what they do; a [`Simulation`] lets them happen. Where several happen
//! at one [`Instant`], each gets a key: a hash of the seed, the instant and its [`Name`]. The smallest runs first. What
//! must stay in order among itself shares a [`Lane`].
//!
//! # Invariants
//! * The same world, names, [`Settings`] and answers of [`Choices`] give the same records, on every machine.
//! * The order of two events depends on the seed, the instant, their names, and on what shares their lanes: on no stranger,
//!   and not on the order of interning. Two of one name run in the order of scheduling.
//! * A lane is first in, first out. An event that has run or was cancelled orders nobody.
//! * Time moves only to run an event. What is cancelled leaves the calendar at once; a [`Handle`] never names another event.
//! * A draw at one [`Site`] moves none elsewhere.
//! * A run ends: at its horizon, when no primary work is left, or at one of its [`Limits`] with what went in circles.
//! * Recording changes nothing, and a recorder that is off ([`Silent`]) costs nothing.
//!
//! # What it lacks
//! * Threads, clocks, files, floating point, unsafe code, `dyn` events.
//! * A uniform draw over interleavings; [`Order`] says what `Seeded` favours.
//! * Search: the explorer asks the same questions, but lives in a crate of its own.
//! * A calendar for millions: it is one heap, and each pending event costs some 90 bytes beside its own.
//!
//! # Where to start reading
//! `world.rs` is what a user implements, `context.rs` what an event may do, `order.rs` the keys. Then `simulation.rs`, the
//! run loop, and `agenda.rs`, where events wait.
//!
//! # Example
//! Two clients are told of a change at the same instant. Who is told first depends on the seed.
//! ```
//! use tiebreak_kernel::{
//!     Context, End, Name, Names, Place, Recorder, Settings, Simulation, Span, Symbol, Term, World,
//! };
//!
//! struct Clients {
//!     told: Vec<Symbol>,
//! }
//!
//! enum Event {
//!     Told(Symbol),
//! }
//!
//! impl World for Clients {
//!     type Event = Event;
//!     type Subject = ();
//!
//!     fn name(&self, event: &Event) -> Name<()> {
//!         match event {
//!             Event::Told(client) => Name { actor: *client, kind: Term::new("told"), subject: () },
//!         }
//!     }
//!
//!     fn fire<R: Recorder<()>>(&mut self, event: Event, _context: &mut Context<'_, Self, R>) {
//!         match event {
//!             Event::Told(client) => self.told.push(client),
//!         }
//!     }
//! }
//!
//! let first_told = |seed| {
//!     let mut names = Names::default();
//!     let clients = ["rip", "ospf"].map(|name| names.intern(name));
//!     let settings = Settings { seed, ..Settings::default() };
//!     let mut simulation = Simulation::new(Clients { told: Vec::new() }, names, settings);
//!     simulation.act(|_, context| {
//!         for client in clients {
//!             context.schedule_after(Span::from_secs(30), Event::Told(client), Place::FREE);
//!         }
//!     });
//!     assert_eq!(simulation.run(), End::Quiescent);
//!     let (world, names, _) = simulation.into_parts();
//!     names.text(world.told[0]).to_owned()
//! };
//! assert_eq!([1, 2, 3, 4].map(first_told), ["ospf", "rip", "rip", "ospf"]);
//! ```
#![no_std]

extern crate alloc;

mod agenda;
mod choices;
mod context;
mod heap;
mod limits;
mod mix;
mod name;
mod order;
mod place;
mod ranks;
mod record;
mod repeats;
mod simulation;
mod time;
mod trail;
mod world;

pub use agenda::{Attempt, Handle, InThePast};
pub use choices::{Choices, Draws, Ratio, Site, Stream, Streams};
pub use context::Context;
pub use limits::{End, Exceeded, Limit, Limits};
pub use mix::{fold, hash_text, mix};
pub use name::{Name, Names, Subject, Symbol, Term, event_code};
pub use order::{Order, instant_key, tie_key};
pub use place::{Lane, Place, Work};
pub use record::{Choice, Fact, Origin, Record, Recorder, Silent, Value};
pub use simulation::{Settings, Simulation};
pub use time::{Instant, Span, SpanError};
pub use world::{Footprint, World};

/// The format number: keys, streams, sampling, record bytes and fingerprints. It changes when any of them does.
pub const FORMAT: u32 = 1;
