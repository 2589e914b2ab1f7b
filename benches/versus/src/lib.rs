//! What every peer computes: workloads, their tables, and the form in which a measurement is handed back.
//!
//! ```text
//!  Case ──► a peer's run ──► Outcome
//!  workload, distribution,    time, units, and what was computed:
//!  size, warm-up, events      the sum of all values and the last instant
//! ```
//!
//! # Workloads
//! * **hold**: `size` timers are pending; each that fires sets itself again. One unit is one event.
//! * **churn**: `size` timers; each that fires sets itself again, then nine others are cancelled and set again. One unit
//!   is one setting, together with the firing or the cancellation before it.
//! * **actors**: `size` actors and as many messages; who gets one sends the next to another after a while. One unit is
//!   one hop.
//! * **fan-out**: once a second a change is told to `size` subscribers, each by an event of its own. One unit is one
//!   delivery.
//! * **burst**: one event schedules `size` others for one instant a second ahead. One unit is one of them.
//!
//! Delays come from a table that is read in order through one cursor, so that drawing them costs nothing. All peers
//! read the same table in the same order; with the same order of events they compute the same.
//!
//! It lacks any knowledge of peers: those are in the program. Start reading at [`Case`].

mod case;
mod measure;
mod tables;

pub use case::{Case, Distribution, Workload};
pub use measure::{Meter, Outcome};
pub use tables::{Cursor, MASK, SECOND, delays, picks};
