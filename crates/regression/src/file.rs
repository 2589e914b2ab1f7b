//! A regression as a file of its own, beside the test that has found it.

use ron::error::{Position, SpannedError};
use serde::{Deserialize, Deserializer, Serialize};
use tiebreak_diagnostic::{Bound, Diagnostic, code, meant};
use tiebreak_explore::{Cause, FullChoices};

use crate::expected::{Expected, FoundBy};
use crate::judge::Claim;
use crate::notation::{options, to_text};
use crate::spelling::{choices, rules};

/// The number of the format of the files.
pub const FORMAT: u32 = 1;

/// The most that is read of a file.
pub const KEPT_FILE: Bound = Bound::new("a kept find", 8, "remove it, and let a search keep the find anew");

/// How deep brackets may nest in a file.
const DEPTH_MAX: usize = 64;

/// A find of a program that is no scenario: orderings and draws, and what the program comes to under them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regression {
    #[serde(deserialize_with = "known_format")]
    format: u32,
    /// What the first failing run said, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// What its runs come to.
    pub expect: Expected,
    /// The orderings and draws that are kept.
    #[serde(default, skip_serializing_if = "Cause::is_empty", with = "rules")]
    pub order: Cause,
    /// The choices of a failing run, for when the orderings no longer fit.
    #[serde(default, skip_serializing_if = "FullChoices::is_empty", with = "choices")]
    pub choices: FullChoices,
    /// The run that has found it.
    pub found: FoundBy,
}

fn known_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let format = u32::deserialize(deserializer)?;
    if format == FORMAT {
        return Ok(format);
    }
    Err(serde::de::Error::custom(format!(
        "unknown format {format}; this release reads format {FORMAT}: let a search keep the find anew"
    )))
}

impl Regression {
    /// Returns a regression in the format of this release.
    #[must_use]
    pub fn new(about: String, expect: Expected, order: Cause, found: FoundBy) -> Self {
        Self { format: FORMAT, about, expect, order, choices: FullChoices::default(), found }
    }

    /// Returns what there is to judge.
    #[must_use]
    pub const fn claim(&self) -> Claim<'_> {
        let Self { expect, order, choices, found, .. } = self;
        Claim { expect, order, choices, found }
    }

    /// Returns that what failed so must pass from now on.
    #[must_use]
    pub fn into_guard(self) -> Self {
        Self { expect: self.expect.passes(), ..self }
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// If it is not a regression of this format: what is wrong first.
    pub fn read(text: &str) -> Result<Self, Diagnostic> {
        options().with_recursion_limit(DEPTH_MAX).from_str(text).map_err(|error| mistake(text, &error))
    }

    /// Returns the text of its file.
    ///
    /// # Panics
    /// Never: everything it holds has a notation.
    #[must_use]
    pub fn write(&self) -> String {
        match to_text(self) {
            Ok(text) => text,
            Err(error) => panic!("everything a regression holds has a notation: {error}"),
        }
    }
}

/// What is wrong, where, and what would be right.
#[expect(clippy::wildcard_enum_match_arm, reason = "`ron` has fifty errors of notation and adds more")]
fn mistake(text: &str, SpannedError { code: error, span }: &SpannedError) -> Diagnostic {
    use ron::Error as E;
    let [start, end] = [span.start, span.end].map(|place| offset(text, place));
    // Where a number is expected and a `.` is found, the span of `ron` ends before it begins.
    let span = start.min(end)..start.max(end);
    match error {
        E::NoSuchStructField { expected, found, outer: _ } => {
            let help = meant(found, expected.iter().copied(), || "remove it".to_owned());
            Diagnostic::error(code::UNKNOWN_FIELD, span, format!("unknown field `{found}`")).help(help)
        }
        E::NoSuchEnumVariant { expected, found, outer: _ } => {
            let known: Vec<String> = expected.iter().map(|word| format!("`{word}`")).collect();
            let help = meant(found, expected.iter().copied(), || format!("write {}", known.join(" or ")));
            Diagnostic::error(code::UNKNOWN_WORD, span, format!("unknown word `{found}`")).help(help)
        }
        E::MissingStructField { field, outer: _ } => {
            Diagnostic::error(code::MISSING_FIELD, span, format!("missing field `{field}`")).help("write it")
        }
        E::DuplicateStructField { field, outer: _ } => {
            Diagnostic::error(code::DUPLICATE_FIELD, span, format!("`{field}` is given twice"))
                .help("remove one of them")
        }
        E::Message(message) => {
            let (message, help) = message.split_once("; ").unwrap_or((message, ""));
            Diagnostic::error(code::SHAPE, span, message).help(help)
        }
        other => Diagnostic::error(code::SYNTAX, span, lower(&other.to_string()))
            .help("correct it, or remove the file and let a search keep the find anew"),
    }
}

/// The first letter of a sentence of `ron`, small as in all our diagnostics.
fn lower(sentence: &str) -> String {
    let mut rest = sentence.chars();
    rest.next().map_or_else(String::new, |first| first.to_lowercase().chain(rest).collect())
}

/// Where in the text a place is. Lines and columns count from 1, columns in characters.
fn offset(text: &str, Position { line, col }: Position) -> usize {
    let lines = text.split_inclusive('\n');
    let start: usize = lines.clone().take(line.saturating_sub(1)).map(str::len).sum();
    let line = lines.clone().nth(line.saturating_sub(1)).unwrap_or_default();
    start + line.chars().take(col.saturating_sub(1)).map(char::len_utf8).sum::<usize>()
}
