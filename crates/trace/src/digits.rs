//! Numbers and lengths of time as text, without the machinery of `core::fmt`: a trace has several in every line.

use alloc::string::String;

use tiebreak_kernel::{Instant, Span};

const NANOS_A_SECOND: u64 = 1_000_000_000;

/// The numbers below 1000 with three digits each, one after the other: `000001002…999`.
const THREES: &str = match core::str::from_utf8(&threes()) {
    Ok(digits) => digits,
    Err(_) => "",
};

#[expect(clippy::cast_possible_truncation, reason = "a digit is below 10")]
const fn threes() -> [u8; 3000] {
    let (mut digits, mut number) = ([0; 3000], 0);
    while number < 1000 {
        digits[3 * number] = b'0' + (number / 100) as u8;
        digits[3 * number + 1] = b'0' + (number / 10 % 10) as u8;
        digits[3 * number + 2] = b'0' + (number % 10) as u8;
        number += 1;
    }
    digits
}

/// Appends a number as `Display` writes it.
pub(crate) fn push_number(number: u64, out: &mut String) {
    if number >= 1000 {
        push_number(number / 1000, out);
    }
    let at = (number % 1000) as usize * 3;
    // Three lengths known to the compiler are cheaper than one that is not.
    if number >= 100 {
        out.push_str(&THREES[at..at + 3]);
    } else if number >= 10 {
        out.push_str(&THREES[at + 1..at + 3]);
    } else {
        out.push_str(&THREES[at + 2..at + 3]);
    }
}

/// Appends a number, filled up to its width with spaces in front of it.
pub(crate) fn push_right(number: u64, width: usize, out: &mut String) {
    let (mut digits, mut rest) = (1, number);
    while rest >= 10 {
        digits += 1;
        rest /= 10;
    }
    push_spaces(width.saturating_sub(digits), out);
    push_number(number, out);
}

/// Appends a length of time as `Display` writes it: `1m30s`.
pub(crate) fn push_span(span: Span, out: &mut String) {
    let (seconds, nanos) = (span.as_nanos() / NANOS_A_SECOND, span.as_nanos() % NANOS_A_SECOND);
    if seconds > 0 {
        push_unit(seconds / 3600, "h", out);
        push_unit(seconds / 60 % 60, "m", out);
        push_unit(seconds % 60, "s", out);
    }
    if nanos > 0 {
        push_unit(nanos / 1_000_000, "ms", out);
        push_unit(nanos / 1000 % 1000, "us", out);
        push_unit(nanos % 1000, "ns", out);
    }
    if span == Span::ZERO {
        out.push_str("0s");
    }
}

#[inline]
fn push_unit(count: u64, letters: &'static str, out: &mut String) {
    if count > 0 {
        push_number(count, out);
        out.push_str(letters);
    }
}

/// Appends a point of time as `Display` writes it: `30s`, or `never`.
pub(crate) fn push_instant(instant: Instant, out: &mut String) {
    if instant.is_never() {
        out.push_str("never");
    } else {
        push_span(Span::from_nanos(instant.as_nanos()), out);
    }
}

/// Appends spaces.
pub(crate) fn push_spaces(count: usize, out: &mut String) {
    const SPACES: &str = "                                                ";
    let mut rest = count;
    while rest > SPACES.len() {
        out.push_str(SPACES);
        rest -= SPACES.len();
    }
    out.push_str(&SPACES[..rest]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString as _;
    use proptest::prelude::*;

    fn check(number: u64) {
        let (span, instant) = (Span::from_nanos(number), Instant::from_nanos(number));
        let mut text = String::new();
        push_number(number, &mut text);
        assert_eq!(text, number.to_string());
        text.clear();
        push_span(span, &mut text);
        assert_eq!(text, span.to_string());
        text.clear();
        push_instant(instant, &mut text);
        assert_eq!(text, instant.to_string());
        for width in [0, 1, 5, 19, 20, 21, 100] {
            text.clear();
            push_right(number, width, &mut text);
            assert_eq!(text, format!("{number:>width$}"));
        }
    }

    #[test]
    fn edges_are_written_as_display_writes_them() {
        for power in 0..20 {
            let power = 10u64.pow(power);
            for number in [power - 1, power, power + 1, power / 100 * 36, power / 10 * 6] {
                check(number);
            }
        }
        let hour = Span::from_secs(3600).as_nanos();
        for number in [hour - 1, hour, hour + 1, u64::MAX - 1, u64::MAX] {
            check(number);
        }
    }

    proptest! {
        #[test]
        fn anything_is_written_as_display_writes_it(number: u64, shift in 0..64) {
            check(number >> shift);
        }
    }
}
