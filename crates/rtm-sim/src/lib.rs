//! The routing table manager as a world: clients written in Rust, callbacks, monitors.
//!
//! ```text
//!   your clients ──▶ RoutingWorld on the kernel ──▶ records ──▶ monitors, trace, fingerprint
//!   (Behaviour)          │                 ▲   │
//!             Desk: calls   ▼                 │   └─ facts of the manager, noted
//!   a client ─────────▶  Manager ── timers, callbacks ──▶ calendar
//!                           └── the same inputs ──▶ reference model (if it is asked for)
//! ```
//!
//! # Invariants
//! * The manager decides no order: every timer and every callback is an event of the calendar, in the policy's order.
//! * One callback of a client at a time, first in first out, also under drawn delays ([`Delay`]).
//! * A client sees the world through its [`Desk`] alone: calls, its own wakes, its own draws.
//! * A world is `Hash` if its clients are: forks of it can be compared. Handles of the manager are hashed by what they name.
//! * Records name things by their names in the world; what the manager notes about a table has that table's own actor,
//!   so that what happens in one table changes no record of another.
//!
//! # What it lacks
//! Files, threads and terminals; scenario files (`tiebreak-runner` has those). Not here yet: faults, and links between
//! routers.
//!
//! # Where to start reading
//! [`Behaviour`] is what a client implements; `world.rs` is what happens at an event; `core.rs` joins the manager to the
//! calendar; `observer.rs` is a client; `monitors/` has one rule a file.
//!
//! # Example
//! One client registers after a second, and nothing else happens. `examples/manager.rs` goes on from here: two protocols, an
//! observer, and monitors.
//! ```
//! use tiebreak::{Instant, Names, Settings, Simulation, Span, Term};
//! use tiebreak_rtm::{AddressFamily, EntityId, EventCallback, Profile, TableId, protocol};
//! use tiebreak_rtm_sim::{Behaviour, Delay, Desk, RoutingWorld, Subject};
//!
//! #[derive(Clone)]
//! struct Rip;
//!
//! impl Behaviour for Rip {
//!     fn start(&mut self, desk: &mut Desk<'_>) {
//!         desk.timer_after(Span::from_secs(1), (Term::new("start"), Subject::None), 0);
//!     }
//!
//!     fn wake(&mut self, _token: u64, desk: &mut Desk<'_>) {
//!         let table = TableId { instance: 0, family: AddressFamily::Ipv4 };
//!         desk.register(table, EntityId { protocol: protocol::RIP, protocol_instance: 1 }, EventCallback::Given);
//!     }
//! }
//!
//! let mut names = Names::default();
//! let mut world = RoutingWorld::new(Profile::default());
//! world.add(names.intern("rip"), Delay::None, Rip);
//! let mut simulation = Simulation::new(world, Settings::new(1)).with_names(names);
//! simulation.act(RoutingWorld::begin);
//! simulation.run();
//! assert_eq!(simulation.now(), Instant::from_secs(1));
//! assert!(simulation.world().is_quiet());
//! ```
#![no_std]
#![expect(clippy::similar_names, reason = "a desk and a dest are the words of the house")]

extern crate alloc;

mod behaviour;
mod core;
mod delay;
mod describe;
mod desk;
mod event;
mod methods;
pub mod monitors;
mod observer;
mod state;
mod subject;
mod table;
mod unfinished;
pub mod vocabulary;
mod waits;
mod world;

pub use self::core::table_actor_name;
pub use self::delay::Delay;
pub use behaviour::{Answer, Behaviour, MethodAnswer};
pub use desk::Desk;
pub use event::{ClientId, Event};
pub use monitors::RoutingMonitors;
pub use observer::{Mirrored, Observer};
pub use subject::{Subject, TimeLabel};
pub use table::TableRow;
/// What [`RoutingWorld::compare_with_model`] returns.
pub use tiebreak_rtm_model::Difference;
pub use unfinished::Unfinished;
pub use world::{MODEL, RoutingWorld};
