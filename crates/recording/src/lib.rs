//! Recorded route updates: what routing peers announced and withdrew, and when.
//!
//! ```text
//!   CSV with a header ──┐
//!                       ├──▶ Recording: rows in the order of their times, or every mistake with its place
//!   `bgpdump -m` lines ─┘
//! ```
//!
//! # Invariants
//! * [`Recording::parse`] never panics and always ends; every diagnostic stands within the text.
//! * The times of rows never go backwards, and the first is zero.
//! * Prefix and next hop of an announcement are of one address family.
//!
//! # What it lacks
//! Files and gzip (the command opens them), attributes of routes that the manager has no use for, and replay (the runner
//! does that).
//!
//! # Where to start reading
//! [`Recording::parse`]; docs/SCENARIO.md has the columns for users.
//!
//! ```
//! use tiebreak_recording::{Recording, Update};
//!
//! let text = "unix_s,us,peer,op,prefix,next_hop,as_path_len,origin_as\n\
//!             946844090,0,192.0.2.1,W,10.0.0.0/8,,,\n";
//! let recording = Recording::parse(text).map_err(|mistakes| format!("{mistakes:?}"))?;
//! assert_eq!(recording.rows[0].update, Update::Withdraw { prefix: "10.0.0.0/8".parse()? });
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

extern crate alloc;

mod bgpdump;
mod csv;
mod lines;
mod recording;
mod row;

pub use recording::{LINE_BYTES_MAX, MISTAKES_MAX, Recording, Row, Update};
