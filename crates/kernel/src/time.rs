//! Virtual time: instants and spans, both whole nanoseconds.

use core::fmt;
use core::ops::{Add, AddAssign, Div, Mul, Sub, SubAssign};
use core::str::FromStr;
use core::time::Duration;

/// Units a span is written with, longest first: suffix and nanoseconds.
const UNITS: [(&str, u64); 6] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// A point of virtual time: nanoseconds since the start of the run, 0 to 2⁶⁴ − 2 (584 years).
///
/// The operators `+` and `-` panic past the ends of time, like those of integers; [`Instant::saturating_add`] ends at
/// [`Instant::NEVER`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

/// A length of virtual time in nanoseconds, 0 to 2⁶⁴ − 1. The operators panic on overflow, like those of integers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl Instant {
    /// The start of the run.
    pub const START: Self = Self(0);
    /// The last instant at which something can happen.
    pub const MAX: Self = Self(u64::MAX - 1);
    /// After every instant. An event due then is kept, but does not run and does not keep the run alive.
    pub const NEVER: Self = Self(u64::MAX);

    /// Returns the instant `nanos` nanoseconds after the start; 2⁶⁴ − 1 is [`Instant::NEVER`].
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Returns the instant `millis` milliseconds after the start.
    ///
    /// # Panics
    /// If it exceeds 2⁶⁴ − 1 nanoseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(Span::from_millis(millis).0)
    }

    /// Returns the instant `secs` seconds after the start.
    ///
    /// # Panics
    /// If it exceeds 2⁶⁴ − 1 nanoseconds.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(Span::from_secs(secs).0)
    }

    /// Returns the nanoseconds since the start.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Whether this is [`Instant::NEVER`].
    #[must_use]
    pub const fn is_never(self) -> bool {
        self.0 == Self::NEVER.0
    }

    /// Returns the instant `span` later, or `None` past [`Instant::MAX`].
    #[must_use]
    pub const fn checked_add(self, span: Span) -> Option<Self> {
        match self.saturating_add(span) {
            Self::NEVER => None,
            sum => Some(sum),
        }
    }

    /// Returns the instant `span` later, or [`Instant::NEVER`] past [`Instant::MAX`].
    #[must_use]
    pub const fn saturating_add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// Returns the instant `span` earlier, or `None` before [`Instant::START`] and for [`Instant::NEVER`].
    #[must_use]
    pub const fn checked_sub(self, span: Span) -> Option<Self> {
        match self.0.checked_sub(span.0) {
            Some(nanos) if !self.is_never() => Some(Self(nanos)),
            _ => None,
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

    /// Returns the span from `earlier` to this instant, or [`Span::ZERO`] if `earlier` is later.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest span. As a delay it means never: past the end of time from every instant but the start, and as an
    /// interval it lets a run end.
    pub const MAX: Self = Self(u64::MAX);

    /// Returns a span of `nanos` nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Returns a span of `micros` microseconds.
    ///
    /// # Panics
    /// If it exceeds 2⁶⁴ − 1 nanoseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self::of(micros, 1_000)
    }

    /// Returns a span of `millis` milliseconds.
    ///
    /// # Panics
    /// If it exceeds 2⁶⁴ − 1 nanoseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self::of(millis, 1_000_000)
    }

    /// Returns a span of `secs` seconds.
    ///
    /// # Panics
    /// If it exceeds 2⁶⁴ − 1 nanoseconds.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self::of(secs, 1_000_000_000)
    }

    const fn of(count: u64, unit: u64) -> Self {
        match count.checked_mul(unit) {
            Some(nanos) => Self(nanos),
            None => panic!("a span must fit 2^64 - 1 nanoseconds"),
        }
    }

    /// Returns the length in nanoseconds.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Returns whole microseconds, the rest cut off.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0 / 1_000
    }

    /// Returns whole milliseconds, the rest cut off.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }

    /// Returns whole seconds, the rest cut off.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000_000_000
    }

    /// Returns the sum, or `None` if it exceeds [`Span::MAX`].
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// Returns the difference, or `None` if `other` is longer.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// Returns the product, or `None` if it exceeds [`Span::MAX`].
    #[must_use]
    pub const fn checked_mul(self, factor: u64) -> Option<Self> {
        match self.0.checked_mul(factor) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// Returns the sum, at most [`Span::MAX`].
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Returns the difference, at least [`Span::ZERO`].
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Returns the product, at most [`Span::MAX`].
    #[must_use]
    pub const fn saturating_mul(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }
}

/// What an operator says when its result does not exist.
const OVERFLOW: &str = "the result lies outside of virtual time";

impl Add<Span> for Instant {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        self.checked_add(span).expect(OVERFLOW)
    }
}

impl AddAssign<Span> for Instant {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub<Span> for Instant {
    type Output = Self;

    fn sub(self, span: Span) -> Self {
        self.checked_sub(span).expect(OVERFLOW)
    }
}

impl Sub for Instant {
    type Output = Span;

    fn sub(self, earlier: Self) -> Span {
        self.checked_since(earlier).expect(OVERFLOW)
    }
}

impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.checked_add(other).expect(OVERFLOW)
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Span {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.checked_sub(other).expect(OVERFLOW)
    }
}

impl SubAssign for Span {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl SubAssign<Span> for Instant {
    fn sub_assign(&mut self, span: Span) {
        *self = *self - span;
    }
}

impl Mul<Span> for u64 {
    type Output = Span;

    fn mul(self, span: Span) -> Span {
        span * self
    }
}

impl Mul<u64> for Span {
    type Output = Self;

    fn mul(self, factor: u64) -> Self {
        self.checked_mul(factor).expect(OVERFLOW)
    }
}

impl Div<u64> for Span {
    type Output = Self;

    fn div(self, divisor: u64) -> Self {
        Self(self.0 / divisor)
    }
}

impl From<Duration> for Span {
    /// Converts a duration; one longer than [`Span::MAX`] becomes [`Span::MAX`].
    fn from(duration: Duration) -> Self {
        Self(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        Self::from_nanos(span.0)
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
    /// Writes the time since the start like a span: `30s`; or `never`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_never() { out.pad("never") } else { write_nanos(self.0, out) }
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

    #[test]
    fn instants_end_in_never_and_operators_panic_where_integers_do() {
        let [one, two] = [1, 2].map(Span::from_secs);
        let at = Instant::from_secs(5);
        assert_eq!(
            (at + one, at - two, at - Instant::from_secs(3)),
            (Instant::from_secs(6), Instant::from_secs(3), two)
        );
        assert_eq!((one + one, two - one, one * 2, two / 2), (two, one, two, one));
        assert_eq!(
            (Instant::MAX.checked_add(Span(1)), Instant::MAX.saturating_add(Span(1))),
            (None, Instant::NEVER)
        );
        assert_eq!(
            (Instant::MAX.checked_add(Span::ZERO), Instant::START.checked_sub(one)),
            (Some(Instant::MAX), None)
        );
        assert_eq!(
            (at.saturating_since(Instant::MAX), Instant::NEVER.to_string()),
            (Span::ZERO, "never".into())
        );
        assert_eq!(
            (Span::MAX.checked_mul(2), Span::MAX.saturating_add(one), one.saturating_sub(two)),
            (None, Span::MAX, Span::ZERO)
        );
        let (mut moved, mut length) = (at, two);
        moved += one;
        length -= one;
        assert_eq!((moved, length, one.saturating_mul(3).as_secs()), (at + one, one, 3));
        moved -= two;
        assert_eq!((moved, 2 * one, one.as_micros()), (at - one, two, 1_000_000));
        assert_eq!(Instant::NEVER.checked_sub(one), None);
    }

    #[test]
    #[should_panic(expected = "outside of virtual time")]
    fn a_sum_past_the_end_of_time_panics() {
        let _ = Instant::MAX + Span(1);
    }

    #[test]
    fn durations_become_spans_and_back() {
        assert_eq!(Span::from(Duration::from_millis(1500)), Span::from_millis(1500));
        assert_eq!(Span::from(Duration::MAX), Span::MAX);
        assert_eq!(Duration::from(Span::from_micros(7)), Duration::from_micros(7));
    }
}
