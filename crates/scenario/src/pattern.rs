//! Patterns over event names: `actor/kind(subject)#repeat`, with `*` for any run of characters.

use core::fmt;
use core::ops::RangeInclusive;
use core::str::FromStr;

pub use tiebreak_diagnostic::is_glob_match;
use tiebreak_kernel::{NameError, Names};

use crate::events::KINDS;

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

impl Pattern {
    /// Returns the pattern in one spelling of all that have the same first match: any subject is `*`, and the first event of a
    /// full name is the one with number 1.
    pub(crate) fn of_first_match(self) -> Self {
        let full = |text: &str| !text.contains('*');
        let subject = self.subject.filter(|subject| !is_any(subject));
        let is_event = KINDS.iter().any(|kind| kind.is_event && kind.name == self.kind);
        let is_full = is_event && full(&self.actor) && subject.as_deref().is_some_and(full);
        Self { repeat: self.repeat.or(is_full.then_some(1)), subject, ..self }
    }
}

/// Does every text fit the glob?
pub(crate) fn is_any(glob: &str) -> bool {
    !glob.is_empty() && glob.bytes().all(|byte| byte == b'*')
}

/// Does one of the texts fit `glob` that are `stem` and a number of the range?
///
/// The numbers are not tried one by one: those that begin with the same digits are one block, and a block that lies wholly in
/// the range fits if any digits do.
pub(crate) fn is_glob_match_of_any(glob: &str, stem: &str, numbers: RangeInclusive<u64>) -> bool {
    let range = u128::from(*numbers.start())..=u128::from(*numbers.end());
    let stem = Reading::new(glob).read_text(stem);
    (0..20)
        .any(|left| (1..10).any(|digit| stem.read_digit(digit).fits_block(u128::from(digit), left, &range)))
}

/// May one of the texts fit `glob` that a template gives, with up to five digits for each of its placeholders?
pub(crate) fn may_be_glob_match(glob: &str, template: &str) -> bool {
    let mut reading = Reading::new(glob);
    for part in template.split_inclusive('}') {
        let (literal, placeholder) =
            part.split_once('{').map_or((part, None), |(literal, rest)| (literal, Some(rest)));
        reading = reading.read_text(literal);
        if placeholder.is_some() {
            let mut digits = reading.read(|wanted| wanted.is_ascii_digit());
            for _ in 1..5 {
                digits = digits.or(&digits.read(|wanted| wanted.is_ascii_digit()));
            }
            reading = digits;
        }
    }
    reading.is_match()
}

/// Can an address stand behind `stem`, so that the whole fits `glob`?
pub(crate) fn is_glob_match_of_address(glob: &str, stem: &str) -> bool {
    const ADDRESS_LEN_MAX: usize = 39;
    let is_part =
        |byte: u8| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase() || matches!(byte, b'.' | b':');
    let mut reading = Reading::new(glob).read_text(stem);
    (0..ADDRESS_LEN_MAX).any(|_| {
        reading = reading.read(is_part);
        reading.is_match()
    })
}

/// How far in a glob one can have come after a text was read: every place at once.
struct Reading<'g> {
    glob: &'g [u8],
    /// For each byte of the glob, and for its end, whether all before it may have been used up.
    places: Vec<bool>,
}

impl<'g> Reading<'g> {
    fn new(glob: &'g str) -> Self {
        let mut places = vec![false; glob.len() + 1];
        places[0] = true;
        Self { glob: glob.as_bytes(), places }.past_stars()
    }

    /// A `*` may stand for nothing.
    fn past_stars(mut self) -> Self {
        for (place, byte) in self.glob.iter().enumerate() {
            self.places[place + 1] |= self.places[place] && *byte == b'*';
        }
        self
    }

    /// Reads one character of the text, which may be any of some.
    fn read(&self, is_read: impl Fn(u8) -> bool) -> Self {
        let mut places = vec![false; self.places.len()];
        for (place, byte) in self.glob.iter().enumerate().filter(|(place, _)| self.places[*place]) {
            match byte {
                b'*' => places[place] = true,
                byte => places[place + 1] |= is_read(*byte),
            }
        }
        Self { glob: self.glob, places }.past_stars()
    }

    fn read_text(self, text: &str) -> Self {
        text.bytes().fold(self, |reading, byte| reading.read(|wanted| wanted == byte))
    }

    /// Returns what either of two texts leads to.
    fn or(&self, other: &Self) -> Self {
        let places = self.places.iter().zip(&other.places).map(|(one, other)| *one || *other);
        Self { glob: self.glob, places: places.collect() }
    }

    fn read_digit(&self, digit: u8) -> Self {
        self.read(|wanted| wanted == b'0' + digit)
    }

    fn is_match(&self) -> bool {
        self.places[self.glob.len()]
    }

    /// Does a number of the range fit that goes on with so many digits, when the digits of `block` were read?
    fn fits_block(&self, block: u128, left: u32, range: &RangeInclusive<u128>) -> bool {
        let size = 10u128.pow(left);
        let (first, last) = (block * size, block * size + (size - 1));
        if last < *range.start() || first > *range.end() || !self.places.contains(&true) {
            return false;
        }
        if range.contains(&first) && range.contains(&last) {
            return self.fits_any(left);
        }
        (0..10)
            .any(|digit| self.read_digit(digit).fits_block(block * 10 + u128::from(digit), left - 1, range))
    }

    /// Does any text of so many digits fit?
    fn fits_any(&self, digits: u32) -> bool {
        match digits.checked_sub(1) {
            None => self.is_match(),
            Some(left) => self.read(|wanted| wanted.is_ascii_digit()).fits_any(left),
        }
    }
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
    fn a_glob_is_matched_against_a_range_of_numbers_as_against_each_of_them() {
        for (first, last) in [(1, 1), (7, 12), (95, 1_204), (1, 10_000), (998, 1_001)] {
            for glob in [
                "*", "t#*", "t#*7", "t#1*", "t#*00*", "*9*9*", "t#1204", "t#1205", "t#", "t*4", "x*", "t#0*",
                "t#1*1*1",
            ] {
                let each = (first..=last).any(|number| is_glob_match(glob, &format!("t#{number}")));
                assert_eq!(is_glob_match_of_any(glob, "t#", first..=last), each, "{glob} {first} {last}");
            }
        }
        assert!(is_glob_match_of_any("t#*999999*", "t#", 1..=10_000_000));
        assert!(!is_glob_match_of_any("t#*x", "t#", 1..=u64::MAX));
        assert!(is_glob_match_of_any("t#18446744073709551615", "t#", 1..=u64::MAX));
    }

    #[test]
    fn a_glob_may_mean_an_address() {
        for glob in ["*", "f@*", "*1", "f*@192.0.2.*", "f@*::*", "*@*"] {
            assert!(is_glob_match_of_address(glob, "f@"), "{glob}");
        }
        for glob in ["f", "f@", "f*x", "g@*", "*@", "f@*(*", "F*"] {
            assert!(!is_glob_match_of_address(glob, "f@"), "{glob}");
        }
    }

    #[test]
    fn a_template_that_may_fit_is_not_ruled_out() {
        for glob in ["*", "a*", "*7*", "a.7.*", "a.65535.0/24", "a.*.0/*4", "*.0/24"] {
            assert!(may_be_glob_match(glob, "a.{n}.0/24"), "{glob}");
        }
        for glob in ["a*x", "*/25", "a.x.0/24", "a..0/24", "a.655350.0/24", "b*"] {
            assert!(!may_be_glob_match(glob, "a.{n}.0/24"), "{glob}");
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
