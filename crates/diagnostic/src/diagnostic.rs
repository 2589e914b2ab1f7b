//! What is wrong with a file, where, and what would be right.

use core::fmt;
use core::ops::Range;

use tiebreak_kernel::is_invisible;

use crate::code;
use crate::place::{Location, location};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, but this is probably a mistake.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// One mistake of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Its code, a letter and three digits; docs/SCENARIO.md explains each.
    pub code: &'static str,
    /// Which bytes of the file it is about; both ends on character boundaries, within the file.
    pub span: Range<usize>,
    /// What is wrong, a sentence without a full stop.
    pub message: String,
    /// A few words to put below the place; may be empty.
    pub label: String,
    /// What would be right; may be empty.
    pub help: String,
}

impl Diagnostic {
    /// Returns an error at a place.
    #[must_use]
    pub fn error(code: &'static str, span: Range<usize>, message: impl Into<String>) -> Self {
        let (label, help) = (String::new(), String::new());
        Self { severity: Severity::Error, code, span, message: visible(message), label, help }
    }

    /// Returns a warning at a place.
    #[must_use]
    pub fn warning(code: &'static str, span: Range<usize>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// Returns that more mistakes were found than are reported, at the end of a file.
    #[must_use]
    pub fn more(more: usize, end: usize) -> Self {
        let verb = if more == 1 { "is" } else { "are" };
        let message = format!("there {verb} {}", counted(more, "more mistake"));
        Self::error(code::MORE, end..end, message).help("fix some of these first")
    }

    /// Adds the words below the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = visible(label);
        self
    }

    /// Adds what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = visible(help);
        self
    }

    /// Returns where it starts in `source`, the text it was found in.
    #[must_use]
    pub fn location(&self, source: &str) -> Location {
        location(source, self.span.start)
    }

    /// Returns one line: `file:line:column: error[S010]: message; help`.
    #[must_use]
    pub fn line(&self, file_name: &str, source: &str) -> String {
        let Location { line, column } = self.location(source);
        let Self { severity, code, message, help, .. } = self;
        let separator = if help.is_empty() { "" } else { "; " };
        format!("{file_name}:{line}:{column}: {severity}[{code}]: {message}{separator}{help}")
    }
}

/// Returns how many there are of something: `1 cell`, `2 cells`.
#[must_use]
pub fn counted<N: Copy + fmt::Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let ending = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

/// Returns a text with what cannot be seen in it escaped: a file must not command the terminal it is reported on.
fn visible(text: impl Into<String>) -> String {
    let text: String = text.into();
    if !text.contains(is_invisible) {
        return text;
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        let error = Diagnostic::error("S000", 0..0, "no `\u{1b}[31m`").help("write ü, not\n`\u{202E}`");
        assert_eq!(error.message, "no `\\u{1b}[31m`");
        assert_eq!(error.help, "write ü, not\\u{a}`\\u{202e}`");
    }
}
