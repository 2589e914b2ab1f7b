//! What no row can say of steps, delays, and expectations: how several values go together.

use tiebreak_kernel::Span;

use super::{Checker, leaves};
use crate::code;
use crate::plan::Pattern;
use crate::rows::{Found, TIMES_MAX};

/// The last time of a repeated step must be one that can be counted, and should not come after the end.
pub(crate) fn every(checker: &mut Checker<'_>, found: &Found<'_>) {
    let (Some(from), Some(period), Some(times)) =
        (found.get("from"), found.get("period"), found.get("times"))
    else {
        return;
    };
    let (Ok(from), Ok(period), Ok(count)) =
        (leaves::span(from), leaves::span(period), leaves::integer(times, 1..=TIMES_MAX))
    else {
        return;
    };
    let last = (count - 1).checked_mul(period.as_nanos()).and_then(|last| last.checked_add(from.as_nanos()));
    if let Some(last) = last {
        checker.registry.last_times.push((from, Span::from_nanos(last), times.span.clone()));
    } else {
        let message = "the last repetition is later than any time that can be counted";
        checker.error(code::INTERVAL, times, message, "write fewer times");
    }
}

/// The longest delay must not be shorter than the shortest.
pub(crate) fn drawn(checker: &mut Checker<'_>, found: &Found<'_>) {
    let (Some(min), Some(node)) = (found.get("min"), found.get("max")) else { return };
    let (Ok(min), Ok(max)) = (leaves::span(min), leaves::span(node)) else { return };
    if max < min {
        let message = format!("the longest delay, {max}, is shorter than the shortest, {min}");
        checker.error(code::INTERVAL, node, message, "exchange them");
    }
}

/// A count needs a bound, and bounds must leave a number.
pub(crate) fn count(checker: &mut Checker<'_>, found: &Found<'_>) {
    let bounds = ["is", "at_least", "at_most"].map(|name| found.get(name));
    let span = found.span.clone();
    let bound = |node| leaves::integer(node, 0..=u64::MAX).ok();
    match bounds {
        [None, None, None] => {
            let help = "add `is: 1`, `at_least: 1` or `at_most: 1`";
            checker.report(code::MISSING_FIELD, span, "`Count` has no bound", help);
        }
        [Some(_), Some(_), _] | [Some(_), _, Some(_)] => {
            let help = "keep `is`, or the other bounds";
            checker.report(code::INTERVAL, span, "`is` cannot be combined with another bound", help);
        }
        [None, Some(least), Some(most)] => {
            if let (Some(least), Some(most)) = (bound(least), bound(most)) {
                if least > most {
                    let message = format!("no number is at least {least} and at most {most}");
                    checker.report(code::INTERVAL, span, message, "exchange them");
                }
            }
        }
        [Some(_), None, None] | [None, Some(_), None] | [None, None, Some(_)] => {}
    }
}

/// No event comes before itself, and no occurrence of an event before an earlier one.
pub(crate) fn before(checker: &mut Checker<'_>, found: &Found<'_>) {
    let [(_, first), (_, node)] = found.values[..] else { return };
    let pattern = |node| leaves::text(node).ok().and_then(|text| text.parse::<Pattern>().ok());
    let (Some(first), Some(second)) = (pattern(first), pattern(node)) else { return };
    let (first, second) = (first.of_first_match(), second.of_first_match());
    if first == second {
        let message = "both patterns are the same: no event comes before itself";
        checker.error(code::INTERVAL, node, message, "write the pattern of the later event");
    } else if first.repeat > second.repeat && (Pattern { repeat: second.repeat, ..first }) == second {
        let message =
            "occurrences of an event are numbered as they happen: the second pattern is the earlier one";
        checker.error(code::INTERVAL, node, message, "exchange them");
    }
}
