//! Whether events that are said to touch nothing in common can change places where they stand.

use core::ops::ControlFlow;

use super::Lie;
use super::footprint::is_covered;
use super::fork::{Forking, Label, Offer, Path, Pick, step};

/// What came of running two events in both orders.
pub(crate) enum Independence {
    /// They come to the same state.
    Shown,
    /// One of them cannot run right after the other.
    Unknown,
    /// They come to two states.
    Lie(Lie),
}

/// Runs each of the events that are followed in both orders with each of the others, from the very state.
pub(crate) fn check<P: Forking>(program: &P, before: &mut P::Run, offer: &Offer) -> Independence {
    let label = |place: usize| offer.labels[place];
    let is_followed = |place: &usize| offer.ways.contains(place);
    for other in (0..offer.labels.len()).filter(|place| !is_followed(place)) {
        for one in &offer.ways {
            match both_orders(program, before, [label(*one), label(other)]) {
                Independence::Shown => {}
                not_shown @ (Independence::Unknown | Independence::Lie(_)) => return not_shown,
            }
        }
    }
    Independence::Shown
}

fn both_orders<P: Forking>(program: &P, before: &mut P::Run, [one, other]: [Label; 2]) -> Independence {
    let orders = [[one, other], [other, one]].map(|order| in_order(program, program.fork(before), order));
    match orders {
        [Some((one, _)), Some((other, _))] if one == other => Independence::Shown,
        [Some((_, path)), Some((_, other))] => Independence::Lie(Lie { path, other: Some(other) }),
        [None, _] | [_, None] => Independence::Unknown,
    }
}

/// The state after two events, and the way there; `None` if the second is not among those that could run then, if something
/// fails, or if states cannot be compared.
fn in_order<P: Forking>(program: &P, mut run: P::Run, order: [Label; 2]) -> Option<(u128, Path)> {
    for label in order {
        match step(program, &mut run, Pick::Coded(label.code())) {
            ControlFlow::Continue(offer)
                if offer.event().is_some_and(|event| event.code() == label.code()) => {}
            ControlFlow::Continue(_) | ControlFlow::Break(_) => return None,
        }
        if !program.failures(&run, None).is_empty() {
            return None;
        }
    }
    let digest = program.digest(&run)?;
    Some((digest, program.picker(&mut run).path().clone()))
}

/// Returns the way to an event that has brought about something that touches more than it was said to.
pub(crate) fn overreach<P: Forking>(program: &P, run: &mut P::Run, offer: &Offer) -> Option<Lie> {
    let after = program.due(run)?;
    let picker = program.picker(run);
    let (ran, before) = (offer.taken()?, picker.due()?);
    (!is_covered(ran, before, &after)).then(|| Lie { path: picker.path().clone(), other: None })
}
