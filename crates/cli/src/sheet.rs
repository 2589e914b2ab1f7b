//! A file and what is wrong with it.

use std::path::Path;

use tiebreak_diagnostic::{Diagnostic, Severity};

use crate::output::{shown_path, visible};

/// Code of a diagnostic: a file cannot be read.
pub(crate) const UNREADABLE: &str = "C002";

/// A file and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Sheet {
    /// The file.
    pub(crate) path: String,
    /// Its text; absent if it could not be read.
    pub(crate) text: Option<String>,
    /// What is wrong with it, in the order of the file.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Sheet {
    /// Returns how many diagnostics have this severity.
    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }

    /// A file that cannot be read.
    pub(crate) fn unreadable(path: &Path, cause: &str) -> Self {
        let path = shown_path(path.display());
        let message = format!("cannot read {path}: {}", visible(cause));
        Self { path, text: None, diagnostics: vec![Diagnostic::error(UNREADABLE, 0..0, message)] }
    }
}
