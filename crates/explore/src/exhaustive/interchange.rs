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

use tiebreak_kernel::{PartCodes, fold, mix};

use super::fork::{Forking, Pick, random_below, step};
use super::graph::Task;

/// So many random orders are compared with those in which the actors of a group have changed places.
const COMPARED: u64 = 32;
/// Orders are compared up to so many events.
const EVENTS_MAX: u64 = 10_000;

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
    members: BTreeMap<u64, (usize, u32)>,
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
            group.members.iter().zip(0..).map(move |(member, place)| (*member, (number, place)))
        });
        let sizes =
            groups.iter().map(|group| u32::try_from(group.members.len()).unwrap_or(u32::MAX)).collect();
        Self { members: members.collect(), sizes, begun: alloc::vec![0; groups.len()], are_unlike: false }
    }

    pub(crate) const fn are_unlike(&self) -> bool {
        self.are_unlike
    }

    /// Whether it is this actor's turn, or was before.
    pub(crate) fn may_run(&self, actor: u64) -> bool {
        self.members.get(&actor).is_none_or(|(group, place)| *place <= self.begun[*group])
    }

    /// Notes that an event of an actor has run; returns as how many orders that counts.
    pub(crate) fn ran(&mut self, actor: u64) -> u32 {
        let Some((group, place)) = self.members.get(&actor).copied() else { return 1 };
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
    (0..COMPARED).all(|number| Exchange::random(groups, number).is_unnoticed(task, number))
}

/// Which actor stands for which.
struct Exchange(BTreeMap<u64, u64>);

impl Exchange {
    fn random(groups: &[Group], number: u64) -> Self {
        let mut exchanged = BTreeMap::new();
        for group in groups {
            let mut others = group.members.clone();
            others.sort_by_key(|member| mix(fold(*member, number)));
            exchanged.extend(group.members.iter().copied().zip(others));
        }
        Self(exchanged)
    }

    fn of(&self, code: u64) -> u64 {
        self.0.get(&code).copied().unwrap_or(code)
    }

    /// The place of the event that stands for one: of those of the actor and the kind the one with the subject, or the only one.
    fn place(&self, of: PartCodes, offered: &[PartCodes]) -> Image {
        let is_like = |codes: &PartCodes| codes.actor == self.of(of.actor) && codes.kind == of.kind;
        let like: Vec<usize> = (0..offered.len()).filter(|at| is_like(&offered[*at])).collect();
        let exact = like.iter().find(|at| offered[**at].subject == self.of(of.subject));
        match (exact, &like[..]) {
            (Some(place), _) | (None, [place]) => Image::At(*place),
            (None, []) => Image::Missing,
            (None, [_, ..]) => Image::Unclear,
        }
    }

    /// Whether a random order goes as it does with actors exchanged, as far as one can tell which event stands for which.
    fn is_unnoticed<P: Forking>(&self, task: &Task<'_, P>, number: u64) -> bool {
        let (mut one, mut other) = (task.begin(), task.begin());
        for event in 0..EVENTS_MAX {
            let (here, there) = match (peek(task.program, &mut one), peek(task.program, &mut other)) {
                (Ok(here), Ok(there)) => (here, there),
                (Err(here), Err(there)) => return here == there,
                (Ok(_), Err(_)) | (Err(_), Ok(_)) => return false,
            };
            if here.len() != there.len() {
                return false;
            }
            let place = random_below(here.len(), fold(number, event));
            let image = match self.place(here[place], &there) {
                Image::At(image) => image,
                Image::Missing => return false,
                Image::Unclear => return true,
            };
            for (run, place) in [(&mut one, place), (&mut other, image)] {
                if step(task.program, run, Pick::At(place)).is_break() {
                    return false;
                }
            }
        }
        true
    }
}

/// What stands for an event.
enum Image {
    At(usize),
    Missing,
    Unclear,
}

/// The events that could run next; if the run ends, what fails.
fn peek<P: Forking>(program: &P, run: &mut P::Run) -> Result<Vec<PartCodes>, Vec<String>> {
    let mut run = program.fork(run);
    match step(program, &mut run, Pick::At(0)) {
        ControlFlow::Continue(offer) => Ok(offer.codes),
        ControlFlow::Break(end) => {
            let failures = program.failures(&run, Some(&end));
            Err(failures.into_iter().map(|failure| failure.monitor).collect())
        }
    }
}
