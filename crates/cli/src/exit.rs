//! How the command ends: its exit codes, and the errors that lead to them.

use core::error::Error as StdError;
use core::fmt;
use std::io;
use std::process::ExitCode;

use tiebreak::End;
use tiebreak_diagnostic::counted;
use tiebreak_runner::RunReport;

use crate::sheet::Sheet;

/// How the command ended, by exit code. The numbers are an interface: documented, tested, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Nothing is wrong.
    Fine = 0,
    /// A monitor failed, an expectation was not met, or manager and reference model differ.
    Found = 1,
    /// Usage or input was wrong; nothing ran.
    BadInput = 2,
    /// A run hit a limit. It outranks what else was found: a run that was cut short may not have reached what was expected.
    Unended = 3,
    /// A regression is not as expected: its events do not happen, or it no longer fails.
    Diverged = 4,
    /// Not all orders were gone through: nothing is proved.
    Unproved = 5,
    /// A search that found nothing would not have found anything: it has missed the failure that is built in.
    Blind = 6,
    /// A kept find belongs to a Rust test and was not run; everything else was as expected.
    NotRun = 7,
    /// A run came to something else in a second process: nothing that was found or not found can be relied on.
    Nondeterministic = 70,
    /// There is a bug in the tool, or its results could not be written.
    Internal = 71,
    /// The user interrupted it; partial results were printed.
    Interrupted = 130,
}

/// The exit codes as `--help` shows them.
pub(crate) const HELP: &str = "\
Exit codes:
  0    nothing is wrong
  1    found: a monitor failed, an expectation was not met, or the model differs
  2    wrong usage or input
  3    a run hit a limit, so it did not end
  4    a regression diverged: its events do not happen any more, or it no longer fails
  5    not all orders were gone through, so that nothing is proved
  6    a search has missed the failure that is built in, so that what it did not find means nothing
  7    a kept find belongs to a Rust test, which runs it; nothing is wrong with what was run
  70   not deterministic: a run came to something else in a second process
  71   internal error, or results could not be written
  130  interrupted, by Ctrl-C, SIGTERM or SIGHUP; partial results are printed";

impl Exit {
    /// Returns the exit that a report of a run leads to.
    pub(crate) fn of(report: &RunReport) -> Self {
        if matches!(report.end, End::Limit(_)) {
            Self::Unended
        } else if report.findings.is_empty() && matches!(report.end, End::Quiescent | End::Horizon) {
            Self::Fine
        } else {
            Self::Found
        }
    }

    /// Returns the number the shell sees.
    pub(crate) const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why the command could not do what it was asked to.
#[derive(Debug)]
pub(crate) enum Error {
    /// An argument or a path is wrong, as one sentence says.
    Input(String),
    /// Files have mistakes: these.
    Files(Vec<Sheet>),
    /// Results could not be written.
    Output {
        /// Where they should have gone.
        path: String,
        /// Why they could not be written.
        source: io::Error,
    },
}

impl Error {
    /// Returns the exit code it leads to.
    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Input(_) | Self::Files(_) => Exit::BadInput,
            Self::Output { .. } => Exit::Internal,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(message) => out.write_str(message),
            Self::Files(sheets) => write!(out, "mistakes in {}", counted(sheets.len(), "file")),
            Self::Output { path, source } => write!(out, "cannot write {path}: {source}"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Input(_) | Self::Files(_) => None,
            Self::Output { source, .. } => Some(source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_help() {
        for (exit, code) in [
            (Exit::Fine, 0),
            (Exit::Found, 1),
            (Exit::BadInput, 2),
            (Exit::Unended, 3),
            (Exit::Diverged, 4),
            (Exit::Unproved, 5),
            (Exit::Blind, 6),
            (Exit::NotRun, 7),
            (Exit::Nondeterministic, 70),
            (Exit::Internal, 71),
            (Exit::Interrupted, 130),
        ] {
            assert_eq!(exit.code(), code);
            assert!(HELP.contains(&format!("\n  {code} ")), "{code} is not in the help");
        }
    }
}
