//! The scenario language: RON in, checked [`Plan`] out, every mistake in one pass, and back to RON.

extern crate alloc;

mod action;
mod code;
mod diagnostic;
mod document;
mod groups;
mod labels;
mod lower;
mod names;
mod pattern;
pub mod plan;
mod prefix;
mod reader;
pub mod recording;
mod scanner;
mod switches;
mod tree;
mod walk;
mod words;
mod write;

pub use code::CODES;
pub use diagnostic::{Diagnostic, Location, Severity, location};
pub use groups::{MEMBERS_MAX, PLACEHOLDERS};
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
    /// What is allowed, but hardly meant.
    pub warnings: Vec<Diagnostic>,
}

/// Reads and checks the text of a scenario.
///
/// # Errors
/// Every mistake, in the order of the file, with the warnings between them; never empty, and at least one is an error.
pub fn load(text: &str) -> Result<Loaded, Vec<Diagnostic>> {
    let (root, mut diagnostics) = reader::read(text);
    let (scenario, found) = lower::lower(&root);
    diagnostics.extend(found);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
    let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
    if !diagnostics.iter().any(is_error) {
        return match scenario.into_plan() {
            Ok(plan) => Ok(Loaded { plan, warnings: diagnostics }),
            Err(error) => panic!("a scenario without mistakes must become a plan: {error}"),
        };
    }
    if diagnostics.len() > MISTAKES_MAX {
        let more = diagnostics.len() - MISTAKES_MAX;
        diagnostics.truncate(MISTAKES_MAX);
        let end = text.len();
        let message = format!("there are {more} more mistakes");
        diagnostics.push(Diagnostic::error(code::MORE, end..end, message).help("mend some of these first"));
    }
    Err(diagnostics)
}
