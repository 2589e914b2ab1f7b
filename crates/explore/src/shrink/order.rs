//! Leaving out orderings and draws.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::directory::Directory;
use crate::event::{Constraint, FixedDraw};
use crate::history::History;
use crate::program::{Program, Symptom};
use crate::shrink::ddmin::{all_smallest, smallest};
use crate::shrink::{Cause, DefaultOrder, ORDERS_CONFIRMED, ORDERS_TRIED, Trial, default_orders, try_cause};

/// Runs with more events are not shrunk: it would take too long.
pub(crate) const EVENTS_MAX: usize = 20_000;

/// After so many replays nothing more is left out: what was found so far is a cause, though not the smallest.
const REPLAYS_MAX: u64 = 30_000;

/// How often orderings and draws are gone through again when the other has become smaller.
const ROUNDS_MAX: u32 = 4;

/// How often a cause is shrunk anew because it was not confirmed.
const CONFIRMATIONS_MAX: u32 = 12;
/// How many orders that pass are added each time; the rest need not be tried.
const PASSING_ADDED: usize = 3;

/// What a failing run was shrunk to.
#[derive(Debug, Clone)]
pub struct Shrunk {
    /// What makes it fail.
    pub cause: Cause,
    /// How many runs that took.
    pub replays: u64,
    /// In how many of the orders by which it was confirmed it failed.
    pub confirmed: u64,
    /// Other failures that were met on the way.
    pub slips: BTreeSet<Symptom>,
}

/// Asks whether a program fails under a cause, whatever else happens.
struct Judge<'a, P: ?Sized> {
    program: &'a P,
    symptom: &'a Symptom,
    directory: &'a mut Directory,
    /// The one that passed last comes first.
    orders: Vec<DefaultOrder>,
    replays: u64,
    slips: BTreeSet<Symptom>,
}

impl<P: Program + ?Sized> Judge<'_, P> {
    fn fails_under(&mut self, cause: &Cause, order: DefaultOrder) -> bool {
        self.replays += 1;
        let trial = try_cause(self.program, cause, order, self.directory);
        match trial.symptom {
            Some(symptom) if symptom == *self.symptom => trial.broken.is_empty(),
            Some(other) => {
                self.slips.insert(other);
                false
            }
            None => false,
        }
    }

    /// The first orders that pass among those by which a cause is confirmed, at most so many.
    fn passing(&mut self, cause: &Cause, seed: u64, count: usize) -> Vec<DefaultOrder> {
        let orders = default_orders(seed, ORDERS_CONFIRMED);
        orders.into_iter().filter(|order| !self.fails_under(cause, *order)).take(count).collect()
    }

    fn always_fails(&mut self, cause: &Cause) -> bool {
        if self.replays >= REPLAYS_MAX {
            return false;
        }
        for at in 0..self.orders.len() {
            if !self.fails_under(cause, self.orders[at]) {
                self.orders[..=at].rotate_right(1);
                return false;
            }
        }
        true
    }
}

/// The events of a run that constraints are made from.
struct Material<'a> {
    history: &'a History,
    references: BTreeMap<u64, crate::event::EventRef>,
}

impl<'a> Material<'a> {
    fn new(history: &'a History, directory: &Directory) -> Self {
        let numbers = 1..=history.dispatches.len() as u64;
        let references = numbers.map(|number| (number, history.reference(number, directory))).collect();
        Self { history, references }
    }

    /// The events of instants at which there are several, instant by instant.
    fn instants(&self) -> Vec<Vec<u64>> {
        let mut instants: Vec<Vec<u64>> = Vec::new();
        let mut last = None;
        for (event, number) in self.history.dispatches.iter().zip(1..) {
            match instants.last_mut() {
                Some(instant) if last == Some(event.at) => instant.push(number),
                Some(_) | None => instants.push(Vec::from([number])),
            }
            last = Some(event.at);
        }
        instants.retain(|instant| instant.len() > 1);
        instants
    }

    fn constraint(&self, (before, after): (u64, u64)) -> Constraint {
        Constraint { before: self.references[&before].clone(), after: self.references[&after].clone() }
    }

    fn is_at_one_instant(&self, (first, second): (u64, u64)) -> bool {
        let [first, second] =
            [first, second].map(|number| self.history.event(number).map(|event| (event.at, event.phase)));
        first == second
    }

    /// Keeps the order of these events, instant by instant.
    fn chain(&self, events: &[u64]) -> Vec<Constraint> {
        let pairs = events.windows(2).map(|pair| (pair[0], pair[1]));
        pairs.filter(|pair| self.is_at_one_instant(*pair)).map(|pair| self.constraint(pair)).collect()
    }

    /// All pairs of these events of which neither had to be first.
    fn racing(&self, events: &[u64]) -> Vec<Constraint> {
        let mut pairs = Vec::new();
        for (at, first) in events.iter().enumerate() {
            for second in &events[at + 1..] {
                if self.is_at_one_instant((*first, *second)) && !self.history.led_to(*first, *second) {
                    pairs.push(self.constraint((*first, *second)));
                }
            }
        }
        pairs
    }

    fn draws(&self, directory: &Directory) -> Vec<FixedDraw> {
        let draws = self.history.draws.iter();
        let fixed = |drawn: &crate::history::Drawn| FixedDraw {
            site: directory.text(drawn.site).into(),
            number: drawn.number,
            value: drawn.value,
        };
        draws.map(fixed).collect()
    }
}

/// Shrinks a failing run to a cause: as few orderings and draws as make the program fail with the same symptom in every
/// order that is tried. No single one of them can be left out.
///
/// A cause is shrunk under [`ORDERS_TRIED`] orders and confirmed under [`ORDERS_CONFIRMED`] others. Orders that pass are
/// added to the first, and it is shrunk anew.
///
/// `None` if the failure does not follow from the order of events and the draws of the run, or the run has more than
/// 20,000 events.
pub fn shrink<P: Program + ?Sized>(
    program: &P,
    history: &History,
    symptom: &Symptom,
    directory: &mut Directory,
    seed: u64,
) -> Option<Shrunk> {
    if history.dispatches.len() > EVENTS_MAX {
        return None;
    }
    let material = Material::new(history, directory);
    let draws = material.draws(directory);
    let orders = default_orders(seed, ORDERS_TRIED);
    let mut judge = Judge { program, symptom, directory, orders, replays: 0, slips: BTreeSet::new() };
    let (mut rough, mut smallest) = (None, None);
    let mut is_confirmed = false;
    for _ in 0..CONFIRMATIONS_MAX {
        // What still fails in the orders that were added need not be made anew.
        rough =
            rough.filter(|cause| judge.always_fails(cause)).or_else(|| coarse(&material, &draws, &mut judge));
        let Some(cause) = rough.clone().map(|cause| smallest_cause(cause, &material, &mut judge)) else {
            break;
        };
        let passing = judge.passing(&cause, !seed, PASSING_ADDED);
        is_confirmed = passing.is_empty();
        smallest = Some(cause);
        if is_confirmed {
            break;
        }
        judge.orders.extend(passing);
    }
    // The last one fails in more orders than those before it.
    let cause = smallest?;
    let passing = if is_confirmed { 0 } else { judge.passing(&cause, !seed, usize::MAX).len() };
    let confirmed = ORDERS_CONFIRMED - passing as u64;
    Some(Shrunk { cause, replays: judge.replays, confirmed, slips: judge.slips })
}

/// Runs a program in the order and with the draws of another run, as far as it has the same events; an order decides the
/// rest.
pub(crate) fn replay_chain<P: Program + ?Sized>(
    program: &P,
    history: &History,
    order: DefaultOrder,
    directory: &mut Directory,
) -> Trial {
    let material = Material::new(history, directory);
    let cause = Cause {
        constraints: material.chain(&material.instants().concat()),
        draws: material.draws(directory),
    };
    try_cause(program, &cause, order, directory)
}

/// A cause from which nothing can be left out, under the orders that are known, made from one that fails in all of them.
fn smallest_cause<P: Program + ?Sized>(
    mut cause: Cause,
    material: &Material<'_>,
    judge: &mut Judge<'_, P>,
) -> Cause {
    for _ in 0..ROUNDS_MAX {
        let before = (cause.constraints.len(), cause.draws.len());
        cause = fine(cause, judge);
        if (cause.constraints.len(), cause.draws.len()) == before {
            break;
        }
    }
    if cause.draws.is_empty() {
        return cause;
    }
    simplify_draws(&mut cause, material.history, judge);
    // With simpler draws some orderings may hold by themselves.
    fine(cause, judge)
}

/// Leaves out whole instants and events; what is left has all its orderings.
fn coarse<P: Program + ?Sized>(
    material: &Material<'_>,
    draws: &[FixedDraw],
    judge: &mut Judge<'_, P>,
) -> Option<Cause> {
    let with =
        |constraints: Vec<Constraint>, draws: &[FixedDraw]| Cause { constraints, draws: draws.to_vec() };
    let instants = material.instants();
    let all: Vec<u64> = instants.concat();
    if !judge.always_fails(&with(material.chain(&all), draws)) {
        return None;
    }
    let draws = smallest(draws, &mut |part| judge.always_fails(&with(material.chain(&all), part)));
    let kept =
        smallest(&instants, &mut |part| judge.always_fails(&with(material.chain(&part.concat()), &draws)));
    let events: Vec<u64> = kept.concat();
    let events = smallest(&events, &mut |part| judge.always_fails(&with(material.chain(part), &draws)));
    let chain = with(material.chain(&events), &draws);
    let pairs = with(material.racing(&events), &draws);
    Some(if judge.always_fails(&pairs) { pairs } else { chain })
}

/// Leaves out single orderings and draws.
fn fine<P: Program + ?Sized>(cause: Cause, judge: &mut Judge<'_, P>) -> Cause {
    let Cause { constraints, draws } = cause;
    let constraints = smallest(&constraints, &mut |part| {
        judge.always_fails(&Cause { constraints: part.to_vec(), draws: draws.clone() })
    });
    let draws = smallest(&draws, &mut |part| {
        judge.always_fails(&Cause { constraints: constraints.clone(), draws: part.to_vec() })
    });
    Cause { constraints, draws }
}

/// Gives the draws that are left the smallest values that still fail: each is halved towards the least it can be.
fn simplify_draws<P: Program + ?Sized>(cause: &mut Cause, history: &History, judge: &mut Judge<'_, P>) {
    for at in 0..cause.draws.len() {
        let fixed = cause.draws[at].clone();
        let is_it = |drawn: &&crate::history::Drawn| {
            drawn.number == fixed.number && judge.directory.text(drawn.site) == fixed.site
        };
        let Some(low) = history.draws.iter().find(is_it).map(|drawn| drawn.low) else { continue };
        let (mut fails, mut passes) = (fixed.value, low);
        let mut try_value = |value, judge: &mut Judge<'_, P>| {
            cause.draws[at].value = value;
            judge.always_fails(cause)
        };
        if try_value(low, judge) {
            continue;
        }
        while fails - passes > 1 {
            let middle = passes + (fails - passes) / 2;
            if try_value(middle, judge) {
                fails = middle;
            } else {
                passes = middle;
            }
        }
        cause.draws[at].value = fails;
    }
}

/// Lists every smallest set of orderings among those given that makes the program fail, with the draws of a cause. For at
/// most 20 orderings: it may try all sets.
pub fn all_causes<P: Program + ?Sized>(
    program: &P,
    cause: &Cause,
    symptom: &Symptom,
    directory: &mut Directory,
    seed: u64,
) -> BTreeSet<Vec<Constraint>> {
    let orders = default_orders(seed, ORDERS_TRIED);
    let mut judge = Judge { program, symptom, directory, orders, replays: 0, slips: BTreeSet::new() };
    all_smallest(&cause.constraints, &mut |part| {
        judge.always_fails(&Cause { constraints: part.to_vec(), draws: cause.draws.clone() })
    })
}
