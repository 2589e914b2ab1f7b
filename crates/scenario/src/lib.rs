//! The scenario language: RON in, checked [`Plan`] out, every mistake in one pass, and back to RON.
//!
//! ```text
//!           scanner    reader, unroll  check by rows
//!   text ──▶ tokens ──▶ tree ──▶ every mistake, names, labels
//!    ▲                     └──▶ serde, if there is none ──▶ document ──▶ Plan ──▶ with_switches ──▶ expand ──▶ actors
//!    └───────────────────────────── write ◀───────────────────┘
//! ```
//!
//! Invariants:
//! * [`load`] never panics and always ends; every diagnostic stands within the file.
//! * A plan has no unknown name, no duplicate label, no prefix with host bits, and no step after its end.
//! * Loading what [`write()`] wrote gives the same plan; labels are explicit in a plan and survive every change of it.
//! * A row says once what may stand somewhere: the check, serde's types and the manual are compared with the rows.
//!
//! It lacks on purpose: files (the command opens them), a simulator, includes, variables, expressions.
//!
//! Start with [`plan`]; docs/SCENARIO.md is the language for users.
//!
//! ```
//! let text = r#"Scenario(
//!     format: 1,
//!     until: "60s",
//!     clients: [Client(name: "rip1", protocol: "RIP", script: [At("0s", Registr)])],
//! )"#;
//! let mistakes = tiebreak_scenario::load(text).unwrap_err();
//! assert_eq!(
//!     mistakes[0].line("a.ron", text),
//!     "a.ron:4:71: error[S014]: `Registr` is not an action; did you mean `Register`?"
//! );
//! let loaded = tiebreak_scenario::load(&text.replace("Registr", "Register")).unwrap();
//! assert_eq!(loaded.plan.expand().len(), 1);
//! assert!(tiebreak_scenario::write(&loaded.plan).contains("At(\"0s\", Register)"));
//! ```

extern crate alloc;

use core::ops::Range;

mod action;
mod alike;
mod check;
mod condition;
mod dest;
mod digest;
mod document;
mod entries;
mod events;
mod expectation;
mod groups;
mod labels;
mod makers;
mod manual;
mod misplaced;
mod modes;
mod names;
mod order;
mod pattern;
pub mod plan;
mod reader;
mod regression;
mod rows;
mod scanner;
#[cfg(test)]
mod schema;
mod snapshots;
mod switches;
mod tree;
mod typed;
mod unroll;
mod values;
mod words;
mod write;

use tiebreak_diagnostic::{Diagnostic, Severity};

use check::Findings;

pub use alike::AlikeGroup;
pub use events::event_kinds;
pub use groups::{MEMBERS_MAX, PLACEHOLDERS, default_entity};
pub use manual::manual;
pub use misplaced::Misplaced;
pub use pattern::{PatternError, is_glob_match};
pub use plan::Plan;
pub use switches::UnknownSwitch;
pub use write::write;

/// The most mistakes of one file that are reported.
pub const MISTAKES_MAX: usize = 1_000;

/// So many unknown names of one file are compared with those there are, to say what was meant; others are only said to be unknown.
const SUGGESTIONS_MAX: usize = 100;

/// A checked scenario and what is doubtful about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The plan.
    pub plan: Plan,
    /// What is allowed, but probably a mistake.
    pub warnings: Vec<Diagnostic>,
}

/// What the check of a file finds, broken or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The plan, if the file has no mistakes.
    pub plan: Option<Plan>,
    /// Mistakes and warnings in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// The monitors that are expected to fail: which there are, only the simulator knows.
    pub monitors: Vec<Place>,
    /// The feeds and their recordings: whether they can be read, only the command knows.
    pub recordings: Vec<(String, Place)>,
    /// Where each of the snapshots stands, in the order of the list; none if there is no list. Whether they are kept in
    /// different files, only the command knows.
    pub snapshots: Vec<Range<usize>>,
}

/// A text of a file and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The text.
    pub text: String,
    /// Its bytes in the file, quotes included.
    pub span: Range<usize>,
}

/// Reads and checks the text of a scenario.
///
/// # Errors
/// Every mistake, in the order of the file, with the warnings between them; never empty, and at least one is an error.
///
/// # Panics
/// Never on any text: what passes the checks becomes a plan.
pub fn load(text: &str) -> Result<Loaded, Vec<Diagnostic>> {
    let Checked { plan, diagnostics, .. } = check(text);
    match plan {
        Some(plan) => Ok(Loaded { plan, warnings: diagnostics }),
        None => Err(diagnostics),
    }
}

/// Reads and checks the text of a scenario, and says also what others must check: monitors, recordings and
/// snapshots.
///
/// # Panics
/// Never on any text: what passes the checks becomes a plan.
#[must_use]
pub fn check(text: &str) -> Checked {
    let (root, mut diagnostics) = reader::read(text);
    let unrolled = unroll::unroll(root);
    let root = &unrolled.root;
    diagnostics.extend_from_slice(&unrolled.mistakes);
    let (Findings { labels, monitors, recordings, snapshots }, found) = check::check(root, text);
    diagnostics.extend(found);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
    unrolled.dedup(&mut diagnostics);
    let is_broken = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    let plan = (!is_broken).then(|| {
        let plan = document::to_plan(root, labels);
        plan.unwrap_or_else(|error| panic!("a scenario without mistakes must become a plan: {error}"))
    });
    if is_broken && diagnostics.len() > MISTAKES_MAX {
        let more = diagnostics.len() - MISTAKES_MAX;
        diagnostics.truncate(MISTAKES_MAX);
        diagnostics.push(Diagnostic::more(more, text.len()));
    }
    Checked { plan, diagnostics, monitors, recordings, snapshots }
}
