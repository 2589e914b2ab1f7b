//! What people and machines read beside a trace.
//!
//! ```text
//!   kept snapshot, snapshot of now ──▶ Difference ──▶ sentences about events, lines with + and -
//!   cases with their problems      ──▶ JUnit XML, annotations of GitHub
//!   Trace                          ──▶ a trace of Perfetto: tracks, slices, arrows
//!   a trace, or two that pair      ──▶ page: a picture of them, one HTML file
//! ```
//!
//! # Invariants
//! * A difference speaks of events: which ran earlier or later than before, which are new, which no longer happen. It
//!   speaks of hashes only where a snapshot has nothing else.
//! * It writes no files and reads none; it gets texts and returns texts.
//!
//! # Where to start reading
//! [`difference`] compares two snapshots; [`Case`] is what the formats of results are made of; [`write_perfetto`] and [`page`] draw a
//! run.
//!
//! ```
//! use tiebreak_report::difference;
//!
//! let head = "# tiebreak snapshot · format 2\n# at\n";
//! let [east, west] = ["1s east ring#1", "1s west ring#1"];
//! let kept = format!("{head}{east}\n{west}\n# 2 records\n");
//! let now = format!("{head}{west}\n{east}\n# 2 records\n");
//! let found = difference(&kept, &now, &[west.to_owned(), east.to_owned()]).ok_or("they differ")?;
//! assert_eq!(found.summary, ["at 1s: west/ring#1 now runs before east/ring#1"]);
//! # Ok::<(), &str>(())
//! ```

extern crate alloc;

mod align;
mod annotations;
mod case;
mod difference;
mod junit;
mod kept;
pub mod page;
mod perfetto;
mod sentences;

pub use annotations::annotations;
pub use case::{Case, Problem};
pub use difference::{Difference, LINES_MAX, SENTENCES_MAX, difference};
pub use junit::junit;
pub use perfetto::write_perfetto;
