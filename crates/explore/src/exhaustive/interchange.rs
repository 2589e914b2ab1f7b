//! Actors that can change places.
//!
//! If what happens in an order with one actor of a group happens with another in the order in which their names are
//! exchanged, then it is enough to go through the orders in which the actors of the group begin one after the other as they
//! are numbered: of all orders that differ in nothing but who is who, exactly one is among them.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};
use core::ops::ControlFlow;

use tiebreak_kernel::{End, PartCodes, fold, mix};

use super::fork::{Forking, Likeness, Pick, place_like, step};
use super::graph::Task;

/// So many random orders are compared with those in which the actors of a group have changed places.
const COMPARED: u64 = 32;
/// So many events are run for that in each of two runs at most, in all.
const EVENTS_MAX: u64 = 200_000;

/// Actors that can change places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they are called together.
    pub name: String,
    /// The codes of their names.
    pub members: Vec<u64>,
}

/// Who begins when: those of a group in the order of their numbers.
#[derive(Debug, Clone)]
pub(crate) struct Turns {
    /// By the code of an actor, its group and its number in it.
    members: Vec<(u64, usize, u32)>,
    sizes: Vec<u32>,
    /// How many of each group have begun.
    begun: Vec<u32>,
    /// Whether somebody began out of turn, or drew: those who draw do not draw alike.
    are_unlike: bool,
}

/// By who has begun: the rest does not change.
impl Hash for Turns {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.begun.hash(state);
    }
}

impl Turns {
    pub(crate) fn new(groups: &[Group]) -> Self {
        let members = groups.iter().enumerate().flat_map(|(number, group)| {
            group.members.iter().zip(0..).map(move |(member, place)| (*member, number, place))
        });
        let mut members: Vec<_> = members.collect();
        members.sort_unstable();
        let sizes = groups.iter().map(|group| u32::try_from(group.members.len()).unwrap_or(u32::MAX));
        Self { members, sizes: sizes.collect(), begun: alloc::vec![0; groups.len()], are_unlike: false }
    }

    /// The group of an actor, and its number in it.
    fn place(&self, actor: u64) -> Option<(usize, u32)> {
        let at = self.members.binary_search_by_key(&actor, |(member, ..)| *member).ok()?;
        let (_, group, place) = self.members[at];
        Some((group, place))
    }

    pub(crate) const fn are_unlike(&self) -> bool {
        self.are_unlike
    }

    /// Whether it is this actor's turn, or was before.
    pub(crate) fn may_run(&self, actor: u64) -> bool {
        self.place(actor).is_none_or(|(group, place)| place <= self.begun[group])
    }

    /// Notes that an event of an actor has run; returns as how many orders that counts.
    pub(crate) fn ran(&mut self, actor: u64) -> u32 {
        let Some((group, place)) = self.place(actor) else { return 1 };
        let begun = self.begun[group];
        self.are_unlike |= place > begun;
        if place != begun {
            return 1;
        }
        self.begun[group] += 1;
        self.sizes[group] - begun
    }

    /// Notes that something was drawn.
    pub(crate) const fn drew(&mut self) {
        self.are_unlike = true;
    }
}

/// Whether random orders go as they do with the actors of groups exchanged: as far as one can see, those can change places.
pub(crate) fn are_alike<P: Forking>(task: &Task<'_, P>, groups: &[Group]) -> bool {
    let (mut alike, mut events) = (0, 0);
    for number in 0..COMPARED {
        match Exchange::random(groups, number).compare(task, number, &mut events) {
            Comparison::Alike => alike += 1,
            Comparison::Unclear => {}
            Comparison::Unlike => return false,
        }
    }
    2 * alike >= COMPARED
}

/// What came of running a random order, and the same with actors exchanged.
enum Comparison {
    Alike,
    /// It could not be told which event stands for which, or nobody wanted to wait.
    Unclear,
    Unlike,
}

/// Which actor stands for which.
struct Exchange(BTreeMap<u64, u64>);

impl Exchange {
    /// Somebody stands for somebody else.
    fn random(groups: &[Group], number: u64) -> Self {
        let mut exchanged = BTreeMap::new();
        for group in groups {
            let mut others = group.members.clone();
            others.sort_by_key(|member| mix(fold(*member, number)));
            if others == group.members {
                others.rotate_left(1);
            }
            exchanged.extend(group.members.iter().copied().zip(others));
        }
        Self(exchanged)
    }

    fn of(&self, code: u64) -> u64 {
        self.0.get(&code).copied().unwrap_or(code)
    }

    /// What stands for an event.
    fn image(&self, of: PartCodes) -> PartCodes {
        PartCodes { actor: self.of(of.actor), kind: of.kind, subject: self.of(of.subject) }
    }

    fn compare<P: Forking>(&self, task: &Task<'_, P>, number: u64, events: &mut u64) -> Comparison {
        let (mut one, mut other) = (task.begin(), task.begin());
        while *events < EVENTS_MAX && task.is_wanted() {
            *events += 1;
            let here = match step(task.program, &mut one, Pick::Random(fold(number, *events))) {
                ControlFlow::Continue(offer) => offer,
                ControlFlow::Break(end) => {
                    let ControlFlow::Break(there) = step(task.program, &mut other, Pick::At(0)) else {
                        return Comparison::Unlike;
                    };
                    let is_alike = failing(task.program, &one, &end) == failing(task.program, &other, &there);
                    return if is_alike { Comparison::Alike } else { Comparison::Unlike };
                }
            };
            let image = self.image(here.candidates[here.ran].codes);
            let ControlFlow::Continue(there) = step(task.program, &mut other, Pick::Like(image)) else {
                return Comparison::Unlike;
            };
            match place_like(image, &there.candidates) {
                Likeness::One(_) if here.labels.len() == there.labels.len() => {}
                Likeness::Several => return Comparison::Unclear,
                Likeness::One(_) | Likeness::None => return Comparison::Unlike,
            }
        }
        Comparison::Unclear
    }
}

/// The names of all that fails at the end of a run.
fn failing<P: Forking>(program: &P, run: &P::Run, end: &End) -> Vec<String> {
    program.failures(run, Some(end)).into_iter().map(|failure| failure.monitor).collect()
}
