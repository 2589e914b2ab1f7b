//! Where two traces part.

use super::matching::Matching;
use super::rows::{Class, Origination, Side, number};

/// Where two traces part: the first place at which they have different records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    /// The numbers of the records at which they part, in A and B; `None` for a trace that has ended.
    pub records: [Option<u64>; 2],
    /// How they part.
    pub parting: Parting,
    /// Where the other trace has each of these records: that of A in B, and that of B in A; `None` if it does not have it.
    pub elsewhere: [Option<u64>; 2],
    /// What led to each of these records, itself first, back to what came from outside: numbers in A, and numbers in B.
    pub chains: [Vec<u64>; 2],
}

/// How two traces part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parting {
    /// A choice: at one instant, each ran another of the events that both could run.
    Choice,
    /// Other events run first, but not by a choice between them alone.
    Order,
    /// It is the same record with other facts or another cause.
    Changed,
    /// It is the same record at another instant.
    Time,
    /// A has a record that B does not have.
    OnlyLeft,
    /// B has a record that A does not have.
    OnlyRight,
    /// Each has a record that the other does not have.
    OnlyEach,
}

/// Returns where two sides part; `None` if they do not.
pub(super) fn first(sides: &[Side<'_>; 2], matching: &Matching, is_touched: &[bool]) -> Option<First> {
    let [a, b] = sides;
    let is_same = |place: &usize| {
        matching.of_left.of(*place) == Some(*place)
            && !is_touched[*place]
            && a.rows[*place].at == b.rows[*place].at
    };
    let place = (0..a.rows.len().max(b.rows.len())).find(|place| !is_same(place))?;
    let places = [a, b].map(|side| (place < side.rows.len()).then_some(place));
    let elsewhere = [&matching.of_left, &matching.of_right].map(|matches| matches.of(place).map(number));
    Some(First {
        records: places.map(|place| place.map(number)),
        parting: parting(sides, matching, place),
        elsewhere,
        chains: [a.chain(place), b.chain(place)],
    })
}

fn parting(sides: &[Side<'_>; 2], matching: &Matching, place: usize) -> Parting {
    let [a, b] = sides;
    let (Some(left), Some(right)) = (a.rows.get(place), b.rows.get(place)) else {
        return if a.rows.len() > place { Parting::OnlyLeft } else { Parting::OnlyRight };
    };
    if matching.of_left.of(place) == Some(place) {
        return if left.at == right.at { Parting::Changed } else { Parting::Time };
    }
    if is_choice(sides, matching, place) {
        return Parting::Choice;
    }
    match (matching.of_left.of(place), matching.of_right.of(place)) {
        (None, None) => Parting::OnlyEach,
        (None, Some(_)) => Parting::OnlyLeft,
        (Some(_), None) => Parting::OnlyRight,
        (Some(_), Some(_)) => Parting::Order,
    }
}

/// Whether both sides ran another one of the events that both could run: at one instant, among equally many, each event
/// scheduled before, and each known to the other side too. A world that is the same in both knows what the other one ran.
fn is_choice([a, b]: &[Side<'_>; 2], matching: &Matching, place: usize) -> bool {
    let (left, right) = (&a.rows[place], &b.rows[place]);
    let is_event = left.class == Class::Event && right.class == Class::Event && left.at == right.at;
    let of = |side: &Side<'_>| side.parts(place).choice().map(|choice| choice.of);
    let is_among_equally_many = of(a).is_some() && of(a) == of(b);
    // An event that is known stands before what it led to.
    let was_scheduled = |cause: Origination| cause != Origination::UNKNOWN;
    let is_one_world = a.trace.header().plan == b.trace.header().plan;
    let is_known =
        is_one_world || (matching.of_left.of(place).is_some() && matching.of_right.of(place).is_some());
    is_event && is_among_equally_many && was_scheduled(left.cause) && was_scheduled(right.cause) && is_known
}
