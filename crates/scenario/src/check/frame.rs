//! What no row can say of steps, delays, and expectations: how several values go together.

use core::net::IpAddr;
use core::str::FromStr;

use tiebreak_diagnostic::{Diagnostic, code};
use tiebreak_kernel::Span;

use super::{Checker, leaves};
use crate::events;
use crate::labels::items;
use crate::plan::{Family, Pattern, Prefix};
use crate::rows::{Found, TIMES_MAX};
use crate::tree::Node;

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
    let jitter = found.get("jitter").and_then(|node| leaves::span(node).ok()).unwrap_or(Span::ZERO);
    if let Some(node) = found.get("jitter").filter(|_| jitter > period) {
        let message = format!("a jitter of {jitter} is longer than the period of {period}");
        let help = "repetitions do not overtake each other: those that would wait for the one before; write a shorter jitter";
        checker.diagnostics.push(Diagnostic::warning(code::DOUBTFUL, node.span.clone(), message).help(help));
    }
    let last = (count - 1).checked_mul(period.as_nanos()).and_then(|last| last.checked_add(from.as_nanos()));
    let last = last.and_then(|last| last.checked_add(jitter.as_nanos()));
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
    let (Some(first), Some(second)) = (parsed::<Pattern>(first), parsed::<Pattern>(node)) else { return };
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

/// A time must not end before it begins.
pub(crate) fn within(checker: &mut Checker<'_>, found: &Found<'_>) {
    let (Some(from), Some(node)) = (found.get("from"), found.get("to")) else { return };
    let (Ok(from), Ok(to)) = (leaves::span(from), leaves::span(node)) else { return };
    if to < from {
        let message = format!("`to`, {to}, is earlier than `from`, {from}");
        checker.error(code::INTERVAL, node, message, "exchange them");
    }
}

/// Only calls are answered with a status.
pub(crate) fn answers(checker: &mut Checker<'_>, found: &Found<'_>) {
    let Some(node) = found.get("of") else { return };
    let Some(Pattern { kind, .. }) = parsed(node) else { return };
    if let Some(other) = events::matching(&kind).iter().find(|kind| !kind.is_call) {
        let message = if other.name == kind {
            format!("`{kind}` is not a function of the manager: it is not answered with a status")
        } else {
            format!("`{kind}` matches `{}` too, which is not answered with a status", other.name)
        };
        let help = "write the name of a function such as `RtmAddRouteToDest`, or `Rtm*` for all of them";
        checker.error(code::MISPLACED, node, message, help);
    }
}

/// An enumeration goes from a prefix to the end, or over the range of one.
pub(crate) fn range(checker: &mut Checker<'_>, found: &Found<'_>) {
    if let (Some(_), Some(node)) = (found.get("from"), found.get("range")) {
        let message = "`from` goes on to the end, and `range` does not";
        checker.error(code::INTERVAL, node, message, "keep one of them: a range starts at its own prefix");
    }
}

/// Preference and metric are compared together.
pub(crate) fn criteria(checker: &mut Checker<'_>, found: &Found<'_>) {
    let (missing, node) = match (found.get("preference"), found.get("metric")) {
        (Some(node), None) => ("metric", node),
        (None, Some(node)) => ("preference", node),
        (Some(_), Some(_)) | (None, None) => return,
    };
    let message = format!("preference and metric are compared together, and there is no `{missing}`");
    checker.error(code::MISSING_FIELD, node, message, format!("add `{missing}`, or compare neither"));
}

/// Neighbour and next hops are of the destination's family.
pub(crate) fn best(checker: &mut Checker<'_>, found: &Found<'_>) {
    let Some(family) = found.get("dest").and_then(parsed).map(|dest: Prefix| Family::of(dest.ip())) else {
        return;
    };
    for node in found.get("neighbour").into_iter().chain(items(found.get("via"))) {
        let Some(address) = parsed::<IpAddr>(node) else { continue };
        let other = Family::of(address);
        if other != family {
            let message = format!("\"{address}\" is {other}, but the destination is {family}");
            checker.error(code::FAMILY, node, message, format!("write an {family} one"));
        }
    }
}

/// Returns what a text says; nothing if that cannot be read, which is reported elsewhere.
fn parsed<T: FromStr>(node: &Node) -> Option<T> {
    leaves::text(node).ok()?.parse().ok()
}
