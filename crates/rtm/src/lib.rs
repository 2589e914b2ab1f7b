//! A routing table manager with the semantics of `RTMv2`, as a pure state machine.
//!
//! ```text
//!  a client calls ──────────┐                              ┌─▶ Reply        to the caller
//!  a timer has come due ────┤  Input             Outputs   ├─▶ ArmTimer, DisarmTimer
//!  a callback is to run ────┼────────▶ Manager ───────────▶┼─▶ Deliver, Drop  callbacks, for the host to order
//!  a callback has returned ─┘  at `now`                    ├─▶ Frame, Inert   a callback runs, or need not
//!                                                          └─▶ Fact         for traces and monitors
//! ```
//!
//! # Invariants
//! * Same inputs, same outputs: it has no clock, no randomness, no hash iteration, no global state.
//! * It decides no order: which due timer fires and which delivered callback runs is the host's to say. It hands
//!   callbacks out in registration order.
//! * A call that meets the lock of another client has changed nothing either: it waits, and the host says when it goes on.
//! * A call that fails has changed nothing; misuse by a client is a status code or a [`Violation`], never a panic.
//! * An object is freed exactly when nobody refers to it and it is in no table; its handle never comes back.
//! * Two managers that hash alike answer alike for ever, up to the numbers of handles: see [`Naming`].
//! * [`Manager::check_invariants`] checks the rest; call it after every step in tests.
//!
//! # What it lacks
//! Protocols (they are its clients), a forwarder, links between routers.
//!
//! # Where to start reading
//! [`Manager::handle`], then [`Call`], one variant a function of the public documentation; then the module of the
//! event you care about: `route`, `rank`, `expiry`, `hold`, `change`, `notify`, `lookup`, `matching`, `enumeration`,
//! `route_list`, `opaque`, `lock`, `waits`, `methods`, `references`. What may be called in
//! which callback is the table in `restrictions`. Rules are cited as RTM-nnn, decisions where the documentation is
//! silent as D-nn; docs/RULES.md lists them with their tests.
//!
//! # Example
//! A client registers and adds a route that lives three minutes. The host is asked to arm a timer.
//! ```
//! use tiebreak_rtm::*;
//!
//! let mut manager = Manager::new(Profile::default());
//! let table = TableId { instance: 0, family: AddressFamily::Ipv4 };
//! let id = EntityId { protocol: protocol::RIP, protocol_instance: 1 };
//! let info = EntityInfo { table, id };
//! let (callback, reserve_opaque_pointer) = (EventCallback::Given, OpaqueSlot::NotReserved);
//! let register = Call::RegisterEntity { info, methods: 0, callback, reserve_opaque_pointer };
//! let outputs = manager.handle(0, Input::Call { caller: None, frame: None, call: register });
//! let Some(Output::Reply(Outcome::Done(Reply::RegisterEntity { entity, .. }))) = outputs.last() else {
//!     unreachable!("the key is unused");
//! };
//!
//! let add = Call::AddRouteToDest {
//!     route: HandleArgument::Absent,
//!     dest: "10.0.0.0/8".parse()?,
//!     spec: RouteSpec { metric: 2, views: ViewSet::UCAST, ..RouteSpec::default() },
//!     time_to_live_ms: 180_000,
//!     list: None,
//!     change_flags: RouteChangeFlags::NONE,
//! };
//! let outputs = manager.handle(0, Input::Call { caller: Some(entity), frame: None, call: add });
//! let armed = outputs.into_iter().find_map(|output| match output {
//!     Output::ArmTimer { at, .. } => Some(at),
//!     _ => None,
//! });
//! assert_eq!(armed, Some(180_000_000_000));
//! assert_eq!(manager.best_routes(table).len(), 1);
//! # Ok::<(), AddressError>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod address;
mod batch;
mod call;
mod canonical;
mod change;
mod entity;
mod enumeration;
mod expiry;
mod flags;
mod function;
mod handle;
mod hold;
mod info;
mod inspect;
mod invariants;
mod lock;
mod look_up;
mod lookup;
mod manager;
mod matching;
mod methods;
mod naming;
mod next_hop;
mod notify;
mod opaque;
mod output;
mod pending;
mod pointers;
mod prefix_index;
mod profile;
mod rank;
mod references;
mod restrictions;
mod route;
mod route_list;
mod status;
mod waits;

pub use address::{AddressError, AddressFamily, BareAddress, NetAddress};
pub use batch::BestHandle;
pub use call::{
    Call, EventCallback, HandleArgument, ListedHandles, LockAction, LockMode, Marking, MethodBlocking,
    MethodOutput, NextHopTarget, OpaqueSlot, OptionalOutput, Outcome, OwnChanges, ProtocolSelector, Reply,
};
pub use expiry::INFINITE;
pub use flags::{
    EnumFlags, MatchFlags, MethodTypes, NextHopChangeFlags, NextHopFlags, NotifyFlags, RouteChangeFlags,
    RouteFlags, ViewId, ViewSet,
};
pub use function::{EventType, Function};
pub use handle::{
    AnyHandle, CallbackId, DestHandle, EntityHandle, EnumHandle, NextHopHandle, NotifyHandle, RouteHandle,
    RouteListHandle, Ticket,
};
pub use info::{
    DestInfo, EntityId, EntityInfo, NextHopInfo, NextHopSpec, NextHopState, NextHops, RegistrationProfile,
    RouteCriteria, RouteInfo, RouteSpec, RouteState, TableId, ViewInfo, protocol,
};
pub use inspect::{BestRoute, HoldInfo, ObjectCounts, RegistrationInfo};
pub use manager::{Facts, Manager, State};
pub use methods::MethodFrame;
pub use naming::{Gone, Naming, NamingHasher, Remember};
pub use output::{
    BestInfo, CallbackDropReason, CallbackFrame, DeleteReason, DueEvent, Event, Fact, HostError, Input,
    LeakKind, LeakSubject, NextHopName, Output, Outputs, RouteName, TimerKey,
};
pub use profile::{HostBits, Leftovers, MetricChange, Profile, Ties};
pub use status::{Status, Violation};
pub use waits::{DeadlockLink, LockedObject, WaitingCall};
