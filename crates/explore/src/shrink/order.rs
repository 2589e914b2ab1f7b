//! Leaving out orderings and draws.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::fmt;

use crate::director::Director;
use crate::directory::Directory;
use crate::effort::Effort;
use crate::event::{Answer, Constraint, FixedDraw};
use crate::history::History;
use crate::program::{Program, Symptom};
use crate::shrink::ddmin::{all_smallest, smallest};
use crate::shrink::late::{Late, Retrace, Search};
use crate::shrink::material::Material;
use crate::shrink::{
    Cause, DefaultOrder, ORDERS_CONFIRMED, ORDERS_TRIED, Rest, Trial, default_orders, try_cause,
};

/// Runs with more events are not shrunk: it would take too long.
pub(crate) const EVENTS_MAX: usize = 20_000;

/// How often orderings and draws are gone through again when the other has become smaller.
const ROUNDS_MAX: u32 = 4;

/// How often events are added that did not run in the failing run.
const LATE_ROUNDS_MAX: u32 = 4;

/// How often a cause is shrunk anew because it was not confirmed.
const CONFIRMATIONS_MAX: u32 = 12;
/// How many orders that pass are added each time; the rest need not be tried.
const PASSING_ADDED: usize = 3;

/// What a failing run was shrunk to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Shrunk {
    /// What makes it fail.
    pub cause: Cause,
    /// How many runs that took.
    pub replays: u64,
    /// In how many orders it was to be confirmed by it failed.
    pub confirmed: u64,
    /// How many those are: [`ORDERS_CONFIRMED`], or fewer if the effort was over before.
    pub tried: u64,
    /// Other failures that were met on the way.
    pub slips: BTreeSet<Symptom>,
}

/// Why it is not known what makes a run fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotShrunk {
    /// It does not follow from the order of events and the draws alone.
    NotByOrder,
    /// The effort was over before.
    Unfinished,
    /// The run has more than 20,000 events.
    TooLong,
}

impl fmt::Display for NotShrunk {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::NotByOrder => "it does not follow from the order of events and the draws alone",
            Self::Unfinished => "ended before it was known what it needs",
            Self::TooLong => "the run has more than 20,000 events, too many to find out what it needs",
        })
    }
}

impl core::error::Error for NotShrunk {}

impl Shrunk {
    /// Whether it failed in all [`ORDERS_CONFIRMED`] orders.
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        self.confirmed == ORDERS_CONFIRMED
    }
}

/// Asks whether a program fails under a cause, whatever else happens.
struct Judge<'a, 'e, P: ?Sized> {
    program: &'a P,
    symptom: &'a Symptom,
    directory: &'a mut Directory,
    /// The one that passed last comes first.
    orders: Vec<DefaultOrder>,
    /// How the draws are answered that a cause does not fix.
    rest: Rest,
    effort: &'a mut Effort<'e>,
    slips: BTreeSet<Symptom>,
}

impl<'a, 'e, P: Program + ?Sized> Judge<'a, 'e, P> {
    fn new(
        program: &'a P,
        symptom: &'a Symptom,
        directory: &'a mut Directory,
        effort: &'a mut Effort<'e>,
    ) -> Self {
        let orders = default_orders(effort.seed(), ORDERS_TRIED);
        Self { program, symptom, directory, orders, rest: Rest::Drawn, effort, slips: BTreeSet::new() }
    }

    /// The same judge; this is how it answers all draws that a cause does not fix.
    fn with_rest(self, rest: Rest) -> Self {
        Self { rest, ..self }
    }

    /// Whether it fails so under one order; `None` if nothing may be spent any more.
    fn fails_under(&mut self, cause: &Cause, order: DefaultOrder) -> Option<bool> {
        if !self.effort.spend() {
            return None;
        }
        let trial = self.try_cause(cause, order);
        if trial.symptoms.contains(self.symptom) {
            return Some(trial.broken.is_empty());
        }
        self.slips.extend(trial.symptoms);
        Some(false)
    }

    fn try_cause(&mut self, cause: &Cause, order: DefaultOrder) -> Trial {
        let cause = Cause { rest: self.rest, ..cause.clone() };
        try_cause(self.program, &cause, order, self.directory)
    }

    /// Tries the orders by which a cause is confirmed, until so many pass.
    fn confirm(&mut self, cause: &Cause, enough: usize) -> Confirmation {
        let mut confirmation = Confirmation { fails: 0, passing: Vec::new() };
        for order in default_orders(!self.effort.seed(), ORDERS_CONFIRMED) {
            match self.fails_under(cause, order) {
                Some(true) => confirmation.fails += 1,
                Some(false) => confirmation.passing.push(order),
                None => break,
            }
            if confirmation.passing.len() >= enough {
                break;
            }
        }
        confirmation
    }

    /// The events that are late when all orderings and draws of a run are kept: with them it always fails. `None` if it does
    /// not.
    fn late(&mut self, material: &Material<'_>, all: &[u64], draws: &[FixedDraw]) -> Option<Vec<Late>> {
        let mut search = Search::new(material);
        search.add_passed_over(self.retrace(material.history(), draws)?, self.directory);
        for _ in 0..LATE_ROUNDS_MAX {
            let cause = material.chained(all, search.found(), draws);
            if self.always_fails(&cause) {
                return Some(search.finish());
            }
            let mut is_more = false;
            for order in self.orders.clone() {
                if self.effort.spend() {
                    let other = self.try_cause(&cause, order).history;
                    is_more |= search.add(&other, self.directory);
                }
            }
            if !is_more {
                break;
            }
        }
        None
    }

    /// Runs as a failing run did, to see what else could have run; `None` if nothing may be spent any more.
    fn retrace<'h>(&mut self, history: &'h History, draws: &[FixedDraw]) -> Option<Retrace<'h>> {
        if !self.effort.spend() {
            return None;
        }
        let names = history.dispatches.iter().map(|event| self.directory.text(event.name).into()).collect();
        let mut retrace = Retrace::new(history, names);
        let setup = self.orders[0].setup;
        let director = Director::new(self.directory, setup.seed).with_fixed_draws(draws);
        self.program.run(setup, &mut director.with_strategy(&mut retrace));
        Some(retrace)
    }

    fn always_fails(&mut self, cause: &Cause) -> bool {
        for at in 0..self.orders.len() {
            if self.fails_under(cause, self.orders[at]) != Some(true) {
                self.orders[..=at].rotate_right(1);
                return false;
            }
        }
        true
    }
}

/// What came of the orders by which a cause is confirmed.
struct Confirmation {
    fails: u64,
    passing: Vec<DefaultOrder>,
}

impl Confirmation {
    /// Whether it failed in all of them, and all were tried.
    const fn is_whole(&self) -> bool {
        self.fails == ORDERS_CONFIRMED
    }
}

/// Shrinks a failing run to a cause: as few orderings and draws as make the program fail with the same symptom in every
/// order that is tried. No single one of them can be left out. The seed is that of the orders that are tried; as many runs are
/// made as [`Effort::on`] says.
///
/// A cause is shrunk under [`ORDERS_TRIED`] orders and confirmed under [`ORDERS_CONFIRMED`] others. Orders that pass are
/// added to the first, and it is shrunk anew.
///
/// # Errors
/// If the failure does not follow from the order of events and the draws of the run, if that was not known when the effort was
/// over, or if the run has more than 20,000 events.
pub fn shrink<P: Program + ?Sized>(
    program: &P,
    history: &History,
    symptom: &Symptom,
    seed: u64,
    directory: &mut Directory,
) -> Result<Shrunk, NotShrunk> {
    shrink_within(program, history, symptom, directory, &mut Effort::on(history, seed))
}

/// Shrinks as [`shrink`] does, with another effort. When that is over nothing more is left out: what was found so far is a
/// cause, though not the smallest, and confirmed by as many orders as were tried.
///
/// # Errors
/// As [`shrink`].
pub fn shrink_within<P: Program + ?Sized>(
    program: &P,
    history: &History,
    symptom: &Symptom,
    directory: &mut Directory,
    effort: &mut Effort<'_>,
) -> Result<Shrunk, NotShrunk> {
    if history.dispatches.len() > EVENTS_MAX {
        return Err(NotShrunk::TooLong);
    }
    let material = Material::new(history, directory);
    let draws = material.draws(directory);
    let spent = effort.spent();
    let mut judge = Judge::new(program, symptom, directory, effort);
    let Some((cause, mut confirmation)) = found(&material, &draws, &mut judge) else {
        return Err(if judge.effort.is_over() { NotShrunk::Unfinished } else { NotShrunk::NotByOrder });
    };
    if !confirmation.passing.is_empty() {
        confirmation = judge.confirm(&cause, usize::MAX);
    }
    let cause = Cause { rest: judge.rest, ..cause };
    let Confirmation { fails: confirmed, passing } = confirmation;
    let (tried, replays) = (confirmed + passing.len() as u64, judge.effort.spent() - spent);
    Ok(Shrunk { cause, replays, confirmed, tried, slips: judge.slips })
}

/// The smallest cause, and how it was confirmed under the answers to all other draws that the judge has in the end.
///
/// What a failure does not need of the draws is best left quiet: a loss that must not happen is no news. If it fails as surely
/// when the seed answers, that is said instead.
fn found<P: Program + ?Sized>(
    material: &Material<'_>,
    draws: &[FixedDraw],
    judge: &mut Judge<'_, '_, P>,
) -> Option<(Cause, Confirmation)> {
    let run = |judge: &mut Judge<'_, '_, P>| coarse(material, draws, judge);
    let quiet = if draws.is_empty() { None } else { quiet_cause(material, draws, judge) };
    judge.rest = Rest::Drawn;
    let Some((quiet, confirmation)) = quiet else { return confirmed_cause(material, run, judge) };
    if !confirmation.is_whole() {
        return confirmed_cause(material, run, judge).or_else(|| {
            judge.rest = Rest::Quiet;
            Some((quiet, confirmation))
        });
    }
    let from_quiet = |judge: &mut Judge<'_, '_, P>| judge.always_fails(&quiet).then(|| quiet.clone());
    match confirmed_cause(material, from_quiet, judge) {
        Some((smaller, confirmation)) if confirmation.is_whole() => Some((smaller, confirmation)),
        Some(_) | None => {
            judge.rest = Rest::Quiet;
            Some((quiet, confirmation))
        }
    }
}

/// The smallest cause with quiet draws; `None` if there is none, or it fails for another reason than the run: then its
/// orderings are not enough with the draws of the run.
fn quiet_cause<P: Program + ?Sized>(
    material: &Material<'_>,
    draws: &[FixedDraw],
    judge: &mut Judge<'_, '_, P>,
) -> Option<(Cause, Confirmation)> {
    judge.rest = Rest::Quiet;
    let run = |judge: &mut Judge<'_, '_, P>| coarse(material, draws, judge);
    let (cause, confirmation) = confirmed_cause(material, run, judge)?;
    let as_drawn = Cause { draws: draws.to_vec(), ..cause.clone() };
    judge.always_fails(&as_drawn).then_some((cause, confirmation))
}

/// The smallest cause that fails in the orders by which it is tried, and in how many of those by which it is confirmed: all of
/// them, unless that was tried too often. It is made from a larger one, which is made anew for orders under which that one passes.
fn confirmed_cause<P: Program + ?Sized>(
    material: &Material<'_>,
    larger: impl Fn(&mut Judge<'_, '_, P>) -> Option<Cause>,
    judge: &mut Judge<'_, '_, P>,
) -> Option<(Cause, Confirmation)> {
    let (mut rough, mut smallest) = (None, None);
    for _ in 0..CONFIRMATIONS_MAX {
        // What still fails in the orders that were added need not be made anew.
        rough = rough.filter(|cause| judge.always_fails(cause)).or_else(|| larger(judge));
        let Some(cause) = rough.clone().map(|cause| smallest_cause(cause, material, judge)) else { break };
        let confirmation = judge.confirm(&cause, PASSING_ADDED);
        judge.orders.extend(&confirmation.passing);
        let is_over = confirmation.passing.is_empty();
        smallest = Some((cause, confirmation));
        if is_over {
            break;
        }
    }
    // The last one fails in more orders than those before it.
    smallest
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
    let cause = material.chained(&material.instants().concat(), &[], &material.draws(directory));
    try_cause(program, &cause, order, directory)
}

/// A cause from which nothing can be left out, under the orders that are known, made from one that fails in all of them.
fn smallest_cause<P: Program + ?Sized>(
    mut cause: Cause,
    material: &Material<'_>,
    judge: &mut Judge<'_, '_, P>,
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
    simplify_draws(&mut cause, material.history(), judge);
    // With simpler draws some orderings may hold by themselves.
    fine(cause, judge)
}

/// Leaves out whole instants and events; what is left has all its orderings.
fn coarse<P: Program + ?Sized>(
    material: &Material<'_>,
    draws: &[FixedDraw],
    judge: &mut Judge<'_, '_, P>,
) -> Option<Cause> {
    let instants = material.instants();
    let all: Vec<u64> = instants.concat();
    let late = judge.late(material, &all, draws)?;
    let late = smallest(&late, &mut |part| judge.always_fails(&material.chained(&all, part, draws)));
    let draws = smallest(draws, &mut |part| judge.always_fails(&material.chained(&all, &late, part)));
    let kept =
        smallest(&instants, &mut |part| judge.always_fails(&material.chained(&part.concat(), &late, &draws)));
    let events =
        smallest(&kept.concat(), &mut |part| judge.always_fails(&material.chained(part, &late, &draws)));
    let pairs =
        Cause { constraints: material.racing(&events, &late), draws: draws.clone(), ..Cause::default() };
    Some(if judge.always_fails(&pairs) { pairs } else { material.chained(&events, &late, &draws) })
}

/// Leaves out single orderings and draws.
fn fine<P: Program + ?Sized>(cause: Cause, judge: &mut Judge<'_, '_, P>) -> Cause {
    let Cause { constraints, draws, rest } = cause;
    let constraints = smallest(&constraints, &mut |part| {
        judge.always_fails(&Cause { constraints: part.to_vec(), draws: draws.clone(), rest })
    });
    let draws = smallest(&draws, &mut |part| {
        judge.always_fails(&Cause { constraints: constraints.clone(), draws: part.to_vec(), rest })
    });
    Cause { constraints, draws, rest }
}

/// Gives the draws that are left the smallest values that still fail: each is halved towards the least it can be.
fn simplify_draws<P: Program + ?Sized>(cause: &mut Cause, history: &History, judge: &mut Judge<'_, '_, P>) {
    for at in 0..cause.draws.len() {
        let fixed = cause.draws[at].clone();
        let Some(low) = history.draw_of(&fixed.draw, judge.directory).map(|drawn| drawn.low) else {
            continue;
        };
        let Answer::Number(value) = fixed.value else { continue };
        let (mut fails, mut passes) = (value, low);
        let mut try_value = |value, judge: &mut Judge<'_, '_, P>| {
            cause.draws[at].value = Answer::Number(value);
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
        cause.draws[at].value = Answer::Number(fails);
    }
}

/// Whether a program fails with a symptom in every order of [`ORDERS_TRIED`] that keep a cause.
///
/// A failure that comes with the cause of another one is no find of its own.
pub fn fails_with<P: Program + ?Sized>(
    program: &P,
    cause: &Cause,
    symptom: &Symptom,
    directory: &mut Directory,
    effort: &mut Effort<'_>,
) -> bool {
    Judge::new(program, symptom, directory, effort).with_rest(cause.rest).always_fails(cause)
}

/// Lists every smallest set of orderings among those given that makes the program fail, with the draws of a cause. For few
/// orderings: it may try all sets. If the effort is over before, what it lists need not be smallest, nor all.
pub fn all_causes<P: Program + ?Sized>(
    program: &P,
    cause: &Cause,
    symptom: &Symptom,
    directory: &mut Directory,
    effort: &mut Effort<'_>,
) -> BTreeSet<Vec<Constraint>> {
    let mut judge = Judge::new(program, symptom, directory, effort).with_rest(cause.rest);
    all_smallest(&cause.constraints, &mut |part| {
        judge.always_fails(&Cause { constraints: part.to_vec(), ..cause.clone() })
    })
}
