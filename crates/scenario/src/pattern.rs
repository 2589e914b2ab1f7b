//! Patterns over event names: `actor/kind(subject)#repeat`, with `*` for any run of characters.

use core::fmt;
use core::str::FromStr;

use tiebreak_kernel::{NameError, Names};

/// A pattern over event names, e.g. `rip1/expiry(10.0.0.0/8)#1` or `rip*/route-expired(*)`.
///
/// A `*` in a part stands for any run of characters, also none. A pattern without parentheses matches every subject, one
/// without `#` every repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// Who the event happens to.
    pub actor: String,
    /// What happens: a kind of event, in kebab-case, or the name of a function.
    pub kind: String,
    /// What it happens to, or `None` for whatever it is.
    pub subject: Option<String>,
    /// The occurrence number of this name, from 1, or `None` for each.
    pub repeat: Option<u64>,
}

impl Pattern {
    /// Is an event of this name meant? An event without a subject has the empty one.
    #[must_use]
    pub fn matches(&self, actor: &str, kind: &str, subject: &str, repeat: u64) -> bool {
        self.repeat.is_none_or(|wanted| wanted == repeat)
            && is_glob_match(&self.actor, actor)
            && is_glob_match(&self.kind, kind)
            && self.subject.as_deref().is_none_or(|wanted| is_glob_match(wanted, subject))
    }
}

/// Does `text` fit `glob`, in which `*` stands for any run of characters?
#[must_use]
pub fn is_glob_match(glob: &str, text: &str) -> bool {
    let Some((head, mut rest)) = glob.split_once('*') else { return glob == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    while let Some((part, tail)) = rest.split_once('*') {
        let Some(found) = text.find(part) else { return false };
        text = &text[found + part.len()..];
        rest = tail;
    }
    text.ends_with(rest)
}

impl fmt::Display for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.actor, self.kind)?;
        if let Some(subject) = &self.subject {
            write!(out, "({subject})")?;
        }
        match self.repeat {
            Some(repeat) => write!(out, "#{repeat}"),
            None => Ok(()),
        }
    }
}

/// Why a text is not a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternError {
    /// There is no `/` between actor and kind.
    NoSlash,
    /// Nothing stands before the `/`.
    NoActor,
    /// Nothing, or something that is no kind, follows the `/`.
    NoKind,
    /// A `(` has no `)` at the end.
    Unclosed,
    /// What follows `#` is not a number from 1.
    NoRepeat,
    /// Something stands between the `)` and the `#` or the end.
    Trailing,
    /// It holds a character that cannot be seen, which no name has: a pattern with it would match nothing.
    Invisible(char),
}

impl fmt::Display for PatternError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::NoSlash => "there is no `/` between actor and kind",
            Self::NoActor => "there is no actor before the `/`",
            Self::NoKind => "what follows the `/` is not a kind: letters, digits, `-`, `_` and `*`",
            Self::Unclosed => "the `(` has no `)`",
            Self::NoRepeat => "what follows the `#` is not a number from 1",
            Self::Trailing => "only `#` and a number may follow the `)`",
            Self::Invisible(character) => {
                return write!(out, "it contains the invisible character U+{:04X}", u32::from(*character));
            }
        })
    }
}

impl core::error::Error for PatternError {}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if let Err(NameError::Invisible(character)) = Names::check_label(text) {
            return Err(PatternError::Invisible(character));
        }
        let (actor, rest) = text.split_once('/').ok_or(PatternError::NoSlash)?;
        if actor.is_empty() || actor.contains(['(', ')', '#', ' ']) {
            return Err(PatternError::NoActor);
        }
        let (kind, subject, repeat) = match rest.split_once('(') {
            Some((kind, rest)) => {
                let (subject, tail) = rest.rsplit_once(')').ok_or(PatternError::Unclosed)?;
                let repeat = match tail.strip_prefix('#') {
                    Some(repeat) => Some(repeat),
                    None if tail.is_empty() => None,
                    None => return Err(PatternError::Trailing),
                };
                (kind, Some(subject.to_owned()), repeat)
            }
            None => match rest.split_once('#') {
                Some((kind, repeat)) => (kind, None, Some(repeat)),
                None => (rest, None, None),
            },
        };
        let is_kind = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*');
        if kind.is_empty() || !kind.chars().all(is_kind) {
            return Err(PatternError::NoKind);
        }
        let repeat = repeat.map(read_repeat).transpose()?;
        Ok(Self { actor: actor.to_owned(), kind: kind.to_owned(), subject, repeat })
    }
}

/// Reads what follows the `#`: a number from 1 without sign or leading zero.
fn read_repeat(text: &str) -> Result<u64, PatternError> {
    if text.starts_with(['0', '+']) {
        return Err(PatternError::NoRepeat);
    }
    text.parse().map_err(|_| PatternError::NoRepeat)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_and_written() {
        for text in [
            "rip1/expiry(10.0.0.0/8)#1",
            "rip2/step(add-route(10.0.0.0/8)#1)#1",
            "rip1/route-expired(*)",
            "*/register",
            "rip*/step#3",
            "manager/hold-end()",
        ] {
            assert_eq!(text.parse::<Pattern>().map(|p| p.to_string()), Ok(text.to_owned()));
        }
        let nested: Pattern = "rip2/step(add-route(10.0.0.0/8)#1)#2".parse().unwrap();
        assert_eq!((nested.subject.as_deref(), nested.repeat), (Some("add-route(10.0.0.0/8)#1"), Some(2)));
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        for (text, error) in [
            ("rip1", PatternError::NoSlash),
            ("/expiry", PatternError::NoActor),
            ("rip1/", PatternError::NoKind),
            ("rip1/ex piry(x)", PatternError::NoKind),
            ("rip1/expiry(x", PatternError::Unclosed),
            ("rip1/expiry(x)y", PatternError::Trailing),
            ("rip1/expiry(x)#0", PatternError::NoRepeat),
            ("rip1/expiry#+1", PatternError::NoRepeat),
            ("rip1/expiry(x)#", PatternError::NoRepeat),
            ("rip1/expiry(\u{1b}[31m)", PatternError::Invisible('\u{1b}')),
        ] {
            assert_eq!(text.parse::<Pattern>(), Err(error), "{text}");
        }
    }

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        for (glob, text, is_match) in [
            ("*", "", true),
            ("rip*", "rip12", true),
            ("rip*", "ospf1", false),
            ("*1", "rip11", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("a*a", "a", false),
            ("ab", "abc", false),
        ] {
            assert_eq!(is_glob_match(glob, text), is_match, "{glob} {text}");
        }
    }

    #[test]
    fn a_missing_part_matches_everything() {
        let pattern: Pattern = "rip1/expiry".parse().unwrap();
        assert!(pattern.matches("rip1", "expiry", "10.0.0.0/8", 7));
        assert!(!pattern.matches("rip1", "expire", "10.0.0.0/8", 7));
        let pattern: Pattern = "rip1/expiry(10.0.0.0/8)#7".parse().unwrap();
        assert!(pattern.matches("rip1", "expiry", "10.0.0.0/8", 7));
        assert!(!pattern.matches("rip1", "expiry", "10.0.0.0/8", 8));
        assert!(!pattern.matches("rip1", "expiry", "10.0.0.0/9", 7));
    }
}
