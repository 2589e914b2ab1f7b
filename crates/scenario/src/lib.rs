//! The scenario language: RON in, checked [`Plan`] out, every mistake in one pass, and back to RON.
//!
//! ```text
//!           scanner    reader     check by rows
//!   text ──▶ tokens ──▶ tree ──▶ every mistake, names, labels
//!    ▲         └──▶ serde, if there is none ──▶ document ──▶ Plan ──▶ with_switches ──▶ expand ──▶ actors
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

mod action;
mod check;
mod code;
mod condition;
mod diagnostic;
mod digest;
mod document;
mod expectation;
mod groups;
mod labels;
mod manual;
mod modes;
mod names;
mod pattern;
pub mod plan;
mod prefix;
mod reader;
pub mod recording;
mod rows;
mod scanner;
#[cfg(test)]
mod schema;
mod switches;
mod tree;
mod words;
mod write;

pub use code::CODES;
pub use diagnostic::{Diagnostic, Location, Severity, location};
pub use groups::{MEMBERS_MAX, PLACEHOLDERS};
pub use manual::manual;
pub use pattern::{PatternError, is_glob_match};
pub use plan::Plan;
pub use prefix::PrefixError;
pub use recording::Recording;
pub use switches::UnknownSwitch;
pub use words::{PROTOCOLS, STATUSES};
pub use write::write;

/// The most mistakes of one file that are reported.
pub const MISTAKES_MAX: usize = 1_000;

/// A checked scenario and what is doubtful about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The plan.
    pub plan: Plan,
    /// What is allowed, but probably a mistake.
    pub warnings: Vec<Diagnostic>,
}

/// Reads and checks the text of a scenario.
///
/// # Errors
/// Every mistake, in the order of the file, with the warnings between them; never empty, and at least one is an error.
///
/// # Panics
/// Never on any text: what passes the checks becomes a plan.
pub fn load(text: &str) -> Result<Loaded, Vec<Diagnostic>> {
    let (root, tokens, mut diagnostics) = reader::read(text);
    let (findings, found) = check::check(&root);
    diagnostics.extend(found);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
    let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
    if !diagnostics.iter().any(is_error) {
        let scenario: Result<document::Scenario, _> = document::from_ron(&scanner::spell(&tokens));
        return match scenario.and_then(|scenario| scenario.into_plan(findings.labels)) {
            Ok(plan) => Ok(Loaded { plan, warnings: diagnostics }),
            Err(error) => panic!("a scenario without mistakes must become a plan: {error}"),
        };
    }
    if diagnostics.len() > MISTAKES_MAX {
        let more = diagnostics.len() - MISTAKES_MAX;
        diagnostics.truncate(MISTAKES_MAX);
        let end = text.len();
        let message = format!("there are {more} more mistakes");
        diagnostics.push(Diagnostic::error(code::MORE, end..end, message).help("fix some of these first"));
    }
    Err(diagnostics)
}
