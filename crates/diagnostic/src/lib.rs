//! What is wrong with a file, where, and what would be right.
//!
//! ```text
//!   a reader of files ──▶ Diagnostic { code, span, message, help } ──▶ one line, a picture, JSON
//! ```
//!
//! # Invariants
//! * A diagnostic prints nothing that cannot be seen: a file must not command the terminal it is reported on.
//! * Every code stands once, in [`code`].
//!
//! # What it lacks
//! Files, languages, and how a diagnostic is drawn: whoever reads a format makes the diagnostics, and the command shows them.
//!
//! # Where to start reading
//! [`Diagnostic`].
//!
//! ```
//! use tiebreak_diagnostic::{Diagnostic, code, meant};
//!
//! let text = "clients\nuntill";
//! let help = meant("untill", ["until", "clients"], || "remove it".to_owned());
//! let found = Diagnostic::error(code::UNKNOWN_FIELD, 8..14, "unknown field `untill`").help(help);
//! assert_eq!(found.line("a.ron", text), "a.ron:2:1: error[S010]: unknown field `untill`; did you mean `until`?");
//! ```

mod bound;
pub mod code;
mod diagnostic;
mod glob;
mod nearest;
mod place;

pub use bound::Bound;
pub use diagnostic::{Diagnostic, Severity, counted};
pub use glob::is_glob_match;
pub use nearest::{CANDIDATES_MAX, meant, nearest};
pub use place::{Location, Places, location};
