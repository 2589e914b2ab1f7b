//! Whether more than the order of unrelated events differs.

use tiebreak_kernel::Origin;
use tiebreak_trace::{CodeTable, Unlike};

use super::changed::Changed;
use super::matching::Matching;
use super::rows::{Side, number};

/// Returns the first record that an actor goes through on one side only, as `first_unlike` of the trace crate does, also
/// if the codes of the sides do not mean the same.
pub(super) fn unlike(sides: &[Side<'_>; 2], matching: &Matching, changed: &[Changed]) -> Option<Unlike> {
    let [a, b] = sides;
    let mut actors = Actors::default();
    for (place, row) in a.rows.iter().enumerate() {
        actors.of(row.actor).expected.push(place);
    }
    let mut changed = changed.iter().peekable();
    for (place, row) in b.rows.iter().enumerate() {
        let is_changed = changed.next_if(|changed| changed.numbers[1] == number(place)).is_some();
        let actor = actors.of(row.actor);
        let meant = actor.expected.get(actor.seen).copied();
        actor.seen += 1;
        // What is matched and not changed need not be read.
        let is_match = |meant: usize| !is_changed && matching.of_right.of(place) == Some(meant);
        let is_same = meant.is_some_and(|meant| {
            a.rows[meant].at == row.at && (is_match(meant) || is_alike(sides, [meant, place]))
        });
        if !is_same {
            return Some(Unlike { one: meant.map(number), other: Some(number(place)) });
        }
    }
    let missing = actors.all.iter().filter_map(|actor| actor.expected.get(actor.seen).copied());
    missing.min().map(|place| Unlike { one: Some(number(place)), other: None })
}

/// Whether an actor goes through the same in two records at one instant, without causes, repeats and numbers.
fn is_alike([a, b]: &[Side<'_>; 2], [left, right]: [usize; 2]) -> bool {
    let (one, other) = (a.parts(left), b.parts(right));
    a.rows[left].name == b.rows[right].name
        && bare(one.origin) == bare(other.origin)
        && a.has_facts_of(&one, b, &other)
}

/// How a record came about, without repeat and choice.
const fn bare(origin: Origin) -> Origin {
    match origin {
        Origin::Dispatch { .. } => Origin::Dispatch { repeat: 0, choice: None },
        Origin::Note | Origin::Cancelled | Origin::Moved { .. } => origin,
    }
}

/// Actors by what stands for them on both sides, in order of first sight.
#[derive(Default)]
struct Actors {
    all: Vec<Actor>,
    /// Where each is.
    places: CodeTable,
}

/// What an actor goes through.
#[derive(Default)]
struct Actor {
    /// The places of its records on the left side.
    expected: Vec<usize>,
    /// How many of them it has gone through on the right side.
    seen: usize,
}

impl Actors {
    fn of(&mut self, code: u64) -> &mut Actor {
        let known = self.places.get(code).and_then(|place| usize::try_from(place).ok());
        let place = known.unwrap_or_else(|| {
            let place = self.all.len();
            self.all.push(Actor::default());
            self.places.enter(code, place as u64);
            place
        });
        &mut self.all[place]
    }
}
