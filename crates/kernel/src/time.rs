//! Virtual time: instants and spans, both whole nanoseconds.

use core::fmt;
use core::str::FromStr;

/// Units a span is written with, longest first: suffix and nanoseconds.
const UNITS: [(&str, u64); 6] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// A point of virtual time: nanoseconds since the start of the run, 0 to 2⁶⁴ − 1 (584 years).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

/// A length of virtual time in nanoseconds, 0 to 2⁶⁴ − 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl Instant {
    /// The start of the run.
    pub const START: Self = Self(0);
    /// The last instant that can be named.
    pub const END: Self = Self(u64::MAX);

    /// Returns the instant `nanos` nanoseconds after the start.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Returns the nanoseconds since the start.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Returns the instant `span` later, or `None` past [`Instant::END`].
    #[must_use]
    pub const fn checked_add(self, span: Span) -> Option<Self> {
        match self.0.checked_add(span.0) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// Returns the span from `earlier` to this instant, or `None` if `earlier` is later.
    #[must_use]
    pub const fn checked_since(self, earlier: Self) -> Option<Span> {
        match self.0.checked_sub(earlier.0) {
            Some(nanos) => Some(Span(nanos)),
            None => None,
        }
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// Returns a span of `nanos` nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Returns a span of `millis` milliseconds.
    ///
    /// # Panics
    /// If it exceeds 2⁶⁴ − 1 nanoseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        match millis.checked_mul(1_000_000) {
            Some(nanos) => Self(nanos),
            None => panic!("a span must fit 2^64 - 1 nanoseconds"),
        }
    }

    /// Returns a span of `secs` seconds.
    ///
    /// # Panics
    /// If it exceeds 2⁶⁴ − 1 nanoseconds.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        match secs.checked_mul(1_000_000_000) {
            Some(nanos) => Self(nanos),
            None => panic!("a span must fit 2^64 - 1 nanoseconds"),
        }
    }

    /// Returns the length in nanoseconds.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Returns whole milliseconds, the rest cut off.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }
}

/// Writes a length as descending whole units without gaps of meaning: `30s`, `250ms`, `1m30s`, `0s`.
fn write_nanos(nanos: u64, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    use fmt::Write as _;
    let mut text = heapless::Text::<48>::default();
    let mut rest = nanos;
    for (suffix, unit) in UNITS {
        if rest >= unit {
            write!(text, "{}{suffix}", rest / unit)?;
            rest %= unit;
        }
    }
    if nanos == 0 {
        text.write_str("0s")?;
    }
    out.pad(text.as_str())
}

impl fmt::Display for Span {
    /// Writes the span with units, longest first, padded like a string: `1m30s`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_nanos(self.0, out)
    }
}

impl fmt::Display for Instant {
    /// Writes the time since the start like a span: `30s`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_nanos(self.0, out)
    }
}

/// Why a text is not a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanError {
    /// There is nothing in it.
    Empty,
    /// A number is missing where one must stand.
    NoNumber,
    /// A number has no unit, or one that does not exist (h, m, s, ms, us, ns).
    NoUnit,
    /// Units must descend: `1m30s`, not `30s1m`.
    UnitsAscend,
    /// It exceeds 2⁶⁴ − 1 nanoseconds.
    TooLong,
}

impl fmt::Display for SpanError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Empty => "a span of time cannot be empty",
            Self::NoNumber => "a whole number must stand before each unit",
            Self::NoUnit => "each number needs a unit: h, m, s, ms, us or ns",
            Self::UnitsAscend => "units must descend, each at most once, as in 1m30s",
            Self::TooLong => "the span exceeds 2^64 - 1 nanoseconds (584 years)",
        })
    }
}

impl core::error::Error for SpanError {}

impl FromStr for Span {
    type Err = SpanError;

    /// Reads what people write: `30s`, `250ms`, `1m30s`.
    fn from_str(text: &str) -> Result<Self, SpanError> {
        if text.is_empty() {
            return Err(SpanError::Empty);
        }
        let (mut rest, mut total, mut next_unit) = (text, 0u64, 0usize);
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return Err(SpanError::NoNumber);
            }
            let count: u64 = rest[..digits].parse().map_err(|_| SpanError::TooLong)?;
            rest = &rest[digits..];
            let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            let unit =
                UNITS.iter().position(|(suffix, _)| *suffix == &rest[..letters]).ok_or(SpanError::NoUnit)?;
            if unit < next_unit {
                return Err(SpanError::UnitsAscend);
            }
            next_unit = unit + 1;
            rest = &rest[letters..];
            let part = count.checked_mul(UNITS[unit].1).ok_or(SpanError::TooLong)?;
            total = total.checked_add(part).ok_or(SpanError::TooLong)?;
        }
        Ok(Self(total))
    }
}

/// A few characters on the stack, so that `Display` can honour a width without an allocation.
mod heapless {
    use core::fmt;

    #[derive(Debug)]
    pub(super) struct Text<const N: usize> {
        bytes: [u8; N],
        len: usize,
    }

    impl<const N: usize> Default for Text<N> {
        fn default() -> Self {
            Self { bytes: [0; N], len: 0 }
        }
    }

    impl<const N: usize> Text<N> {
        pub(super) fn as_str(&self) -> &str {
            core::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
        }
    }

    impl<const N: usize> fmt::Write for Text<N> {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            let end = self.len + part.len();
            self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(part.as_bytes());
            self.len = end;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn check(text: &str, nanos: u64) {
        assert_eq!(text.parse::<Span>(), Ok(Span(nanos)), "{text}");
        assert_eq!(Span(nanos).to_string(), text);
    }

    #[test]
    fn spans_are_written_as_people_write_them_and_read_back() {
        check("0s", 0);
        check("30s", 30_000_000_000);
        check("250ms", 250_000_000);
        check("1m30s", 90_000_000_000);
        check("584942h", 584_942 * 3_600_000_000_000);
        check("5124095h34m33s709ms551us615ns", u64::MAX);
        check("1ns", 1);
    }

    #[test]
    fn what_is_no_span_says_why() {
        for (text, error) in [
            ("", SpanError::Empty),
            ("s", SpanError::NoNumber),
            ("30", SpanError::NoUnit),
            ("30sec", SpanError::NoUnit),
            ("1.5s", SpanError::NoUnit),
            ("30s1m", SpanError::UnitsAscend),
            ("1s1s", SpanError::UnitsAscend),
            ("-1s", SpanError::NoNumber),
            ("99999999999h", SpanError::TooLong),
            ("99999999999999999999999ns", SpanError::TooLong),
        ] {
            assert_eq!(text.parse::<Span>(), Err(error), "{text}");
        }
    }

    #[test]
    fn a_width_is_honoured() {
        assert_eq!(alloc::format!("{:>6}|{:<6}|", Span(1_000), Instant(0)), "   1us|0s    |");
    }
}
