//! What somebody outside is asked who takes part in the order of simultaneous events: an explorer of orders.

use alloc::string::String;
use core::fmt;
use core::ops::Index;

use crate::choices::Choices;
use crate::codes::{NameCodes, PartCodes};
use crate::name::Names;
use crate::place::Lane;
use crate::time::Instant;
use crate::world::World;

/// How far a run's [`Choices`] take part in the order of simultaneous events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guidance {
    /// Not at all: the order policy decides alone.
    None,
    /// The order policy decides, but each event that is about to run may be made to wait.
    Holds,
    /// Who runs next is chosen, and nobody is made to wait.
    Picks,
    /// Events may be made to wait, and who of the others runs next is chosen.
    Chooses,
}

/// An event that could run next, as it is shown to a run's [`Choices`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The codes of its name, without the repeat.
    pub codes: PartCodes,
    /// The number of the event that scheduled or moved it, counted from 1 in the order in which events run; 0 if it came
    /// from outside the run.
    pub cause: u64,
    /// Its lane.
    pub lane: Option<Lane>,
    /// The number of its phase.
    pub phase: u8,
    /// Where it stands in the order of scheduling: of two candidates, the one with the smaller number was scheduled first.
    pub sequence: u32,
    pub(crate) slot: u32,
}

/// Events that could run next, in the order of scheduling.
pub struct Frontier<'a> {
    candidates: &'a [Candidate],
    now: Instant,
    dispatched: u64,
    spell: &'a dyn Fn(u32) -> String,
}

impl Frontier<'_> {
    /// Returns the events.
    #[must_use]
    pub const fn candidates(&self) -> &[Candidate] {
        self.candidates
    }

    /// Returns how many events there are; at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "somebody is asked about events only if there are any")]
    pub const fn len(&self) -> usize {
        self.candidates.len()
    }

    /// Returns the instant at which they are due.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Returns how many events have run before them.
    #[must_use]
    pub const fn dispatched(&self) -> u64 {
        self.dispatched
    }

    /// Returns the name of an event without its repeat: `actor/kind(subject)`. Puts a text together, so names are best
    /// asked for once for each code.
    ///
    /// # Panics
    /// If there is no event with this number.
    #[must_use]
    pub fn name(&self, index: usize) -> String {
        (self.spell)(self.candidates[index].slot)
    }
}

impl Index<usize> for Frontier<'_> {
    type Output = Candidate;

    fn index(&self, index: usize) -> &Candidate {
        &self.candidates[index]
    }
}

impl fmt::Debug for Frontier<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries((0..self.len()).map(|index| self.name(index))).finish()
    }
}

/// A run's choices, with what it takes to tell them about events.
pub(crate) struct Guide<'a, W, C> {
    pub(crate) world: &'a W,
    pub(crate) names: &'a Names,
    pub(crate) choices: &'a mut C,
    /// How many events have run.
    pub(crate) dispatched: u64,
}

impl<W: World, C: Choices> Guide<'_, W, C> {
    pub(crate) fn codes(&self, event: &W::Event) -> NameCodes {
        self.world.name(event).codes(self.names)
    }

    /// The codes of an event that is pending.
    pub(crate) fn part_codes(&self, event: Option<&W::Event>) -> PartCodes {
        let Some(event) = event else { unreachable!("what could run has not run yet") };
        self.world.name(event).part_codes(self.names)
    }

    /// Asks about candidates; `event` returns the event of a slot.
    pub(crate) fn ask<'e, T>(
        &mut self,
        candidates: &[Candidate],
        now: Instant,
        event: &dyn Fn(u32) -> Option<&'e W::Event>,
        ask: impl FnOnce(&mut C, &Frontier<'_>) -> T,
    ) -> T
    where
        W::Event: 'e,
    {
        let Self { world, names, dispatched, .. } = *self;
        let spell = |slot| {
            let mut text = String::new();
            // Writing into a string does not fail.
            let _ = event(slot).map(|event| world.name(event).write(names, &mut text));
            text
        };
        ask(self.choices, &Frontier { candidates, now, dispatched, spell: &spell })
    }
}
