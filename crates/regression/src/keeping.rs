//! What is kept of a find. Whoever keeps it decides whether it may be written, and writes it.

use core::fmt;
use std::ffi::OsStr;

use tiebreak_explore::{CHOICES_MAX, Cause, Chosen, Directory, FullChoices, History, Job, Program, Symptom};

use crate::expected::{Expected, FoundBy};
use crate::file::Regression;
use crate::judge::{Judged, Standing};
use crate::name::{accepted, joined};

/// One find of a search, to be kept.
#[derive(Debug, Clone, Copy)]
pub struct Find<'f> {
    /// How it fails.
    pub symptom: &'f Symptom,
    /// What is said then.
    pub message: &'f str,
    /// The run that has found it.
    pub job: &'f Job,
    /// How many runs the search was to make.
    pub runs: u64,
    /// What makes it fail; `None` if that is not known.
    pub cause: Option<&'f Cause>,
    /// A failing run.
    pub history: &'f History,
    /// What was chosen in it; empty if the order policy decided alone.
    pub chosen: &'f [Chosen],
}

/// Why a find is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotKept {
    /// Nothing is known by which it fails again.
    Unrepeatable,
    /// It is not as expected when it is run again, for this reason.
    Otherwise(String),
    /// It cannot be written.
    Unwritable,
}

impl fmt::Display for NotKept {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unrepeatable => write!(
                out,
                "what makes it fail is neither an order of events and draws, nor a seed alone, nor at most {CHOICES_MAX} \
                 choices"
            ),
            Self::Otherwise(says) => out.write_str(says),
            Self::Unwritable => out.write_str("it cannot be written as a scenario"),
        }
    }
}

impl core::error::Error for NotKept {}

impl Find<'_> {
    /// Returns what is kept of it: what makes it fail, and the choices of the failing run. The directory is that of the
    /// history.
    ///
    /// # Errors
    /// If it is not known what makes it fail, and neither a seed alone nor the choices make it fail again.
    pub fn regression<P: Program + ?Sized>(
        &self,
        program: &P,
        directory: &mut Directory,
    ) -> Result<Regression, NotKept> {
        let Job { tactic, seed, number, .. } = *self.job;
        let choices =
            FullChoices::record(program, (self.history, self.chosen), (self.symptom, seed), directory);
        if self.cause.is_none() && choices.is_none() && !tactic.is_by_seed() {
            return Err(NotKept::Unrepeatable);
        }
        let found = FoundBy { strategy: tactic, seed, run: number + 1, runs: self.runs };
        let expect = Expected::from(self.symptom.lasting());
        let order = self.cause.cloned().unwrap_or_default();
        let mut kept = Regression::new(self.message.to_owned(), expect, order, found);
        kept.choices = choices.unwrap_or_default();
        Ok(kept)
    }
}

impl Judged {
    /// Returns whether a find of which this came is kept: what is kept must be what a replay takes.
    ///
    /// # Errors
    /// If it is not as expected.
    pub fn must_be_as_expected(self) -> Result<(), NotKept> {
        if self.standing == Standing::AsExpected { Ok(()) } else { Err(NotKept::Otherwise(self.says)) }
    }
}

/// Returns the name of the file of a find, without what tells it from others of that name. `of` says whose find it is.
#[must_use]
pub fn file_name(of: &str, Symptom { monitor, event }: &Symptom) -> String {
    joined(&[of, monitor, event])
}

/// Returns the text of a file that is to say something else from now on: that it must pass. Nothing else of it changes,
/// unless somebody wrote it in a way of their own; then it is written anew.
pub fn accept<T: PartialEq>(
    text: &str,
    guard: &T,
    read: impl Fn(&str) -> Option<T>,
    write: impl FnOnce(&T) -> String,
) -> String {
    accepted(text, |text| read(text).as_ref() == Some(guard)).unwrap_or_else(|| write(guard))
}

/// Returns whether a variable of the environment says yes. Where `CI` does, nothing is written ever: what is kept is looked
/// at by a person first.
#[must_use]
pub fn is_yes(value: Option<&OsStr>) -> bool {
    value.is_some_and(|value| !value.is_empty() && value != "false" && value != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_in_another_way_is_written_anew() {
        let read = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let accept = |text: &str, guard: &str| {
            accept(text, &read(guard), |text| Some(read(text)), |guard| guard.join(" "))
        };
        assert_eq!(accept("a  Fails", "a Passes"), "a  Passes");
        assert_eq!(accept("a  Fa\u{131}ls", "a Passes"), "a Passes");
    }

    #[test]
    fn a_variable_says_yes_unless_it_is_empty_or_says_no() {
        for (value, yes) in [("1", true), ("true", true), ("", false), ("false", false), ("0", false)] {
            assert_eq!(is_yes(Some(OsStr::new(value))), yes, "{value}");
        }
        assert!(!is_yes(None));
    }
}
