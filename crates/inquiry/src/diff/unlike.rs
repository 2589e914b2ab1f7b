//! Whether more than the order of unrelated events differs.

use tiebreak_kernel::Origin;
use tiebreak_trace::{Parts, Unlike, first_unlike_by};

use super::rows::Side;

/// Returns the first record that an actor goes through on one side only, by texts where the codes of the sides do not mean
/// the same.
pub(super) fn unlike([a, b]: &[Side<'_>; 2]) -> Option<Unlike> {
    let is_alike = |one: &Parts<'_>, other: &Parts<'_>| {
        one.instant == other.instant
            && bare(one.origin) == bare(other.origin)
            && a.name(one) == b.name(other)
            && a.has_facts_of(one, b, other)
    };
    first_unlike_by(
        (a.trace, |parts: &Parts<'_>| Some(a.actor(parts))),
        (b.trace, |parts: &Parts<'_>| Some(b.actor(parts))),
        is_alike,
    )
}

/// How a record came about, without repeat and choice.
const fn bare(origin: Origin) -> Origin {
    match origin {
        Origin::Dispatch { .. } => Origin::Dispatch { repeat: 0, choice: None },
        Origin::Note | Origin::Cancelled | Origin::Moved { .. } => origin,
    }
}
