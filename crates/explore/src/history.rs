//! What happened in one run, as far as the search needs it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use tiebreak_kernel::{Candidate, Instant, Lane, Ratio};

use crate::directory::{Directory, NameId};
use crate::event::{Among, Answer, EventRef};

/// How deep causes are written out. What is caused by a longer chain is counted in the whole run.
const CAUSES_MAX: u32 = 2;

/// How many draws of one site are quiet during one event.
const QUIET_DRAWS_MAX: u32 = 16;

/// An event that has run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dispatch {
    /// Its name.
    pub name: NameId,
    /// The code of its actor.
    pub actor: u64,
    /// Which of its name it was in the run, counted from 1.
    pub repeat: u32,
    /// Which of its name it was among those of its cause, counted from 1.
    pub repeat_of_cause: u32,
    /// The number of the event that scheduled or moved it, from 1; 0 if it came from outside.
    pub cause: u64,
    /// When it ran.
    pub at: Instant,
    /// Its lane.
    pub lane: Option<Lane>,
    /// The number of its phase.
    pub phase: u8,
}

/// A draw that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drawn {
    /// Where.
    pub site: NameId,
    /// Which of its site it was in the run, counted from 1.
    pub repeat: u32,
    /// Which of its site it was while its event ran, counted from 1.
    pub repeat_of_event: u32,
    /// The number of the event that ran, from 1; 0 if none had.
    pub event: u64,
    /// The smallest value that was possible.
    pub low: u64,
    /// The greatest.
    pub high: u64,
    /// What was drawn.
    pub value: u64,
    /// The probability of yes, if that was the question: then a value below the numerator is yes.
    pub chance: Option<Ratio>,
}

impl Drawn {
    /// Returns what was drawn.
    #[must_use]
    pub fn answer(&self) -> Answer {
        match self.chance {
            Some(chance) if self.value < u64::from(chance.numerator()) => Answer::Yes,
            Some(_) => Answer::No,
            None => Answer::Number(self.value),
        }
    }

    /// The value of an answer; `None` if it cannot be given to this question.
    #[must_use]
    pub fn value_of(&self, answer: Answer) -> Option<u64> {
        let value = match (answer, self.chance) {
            (Answer::Number(number), _) => number,
            (Answer::Yes, Some(_)) => self.low,
            (Answer::No, Some(_)) => self.high,
            (Answer::Yes | Answer::No, None) => return None,
        };
        let is_it = |drawn: Self| matches!(answer, Answer::Number(_)) || drawn.answer() == answer;
        ((self.low..=self.high).contains(&value) && is_it(Self { value, ..*self })).then_some(value)
    }

    /// The value that lets as little happen as can be: the likelier answer to a chance, and no if both are as likely; the least
    /// number.
    ///
    /// `None` if such a draw is no quantity, and is left to the seed: one of 32 bits or more is a seed or an identity, and who
    /// draws often during one event may do so until something else comes.
    #[must_use]
    pub fn quiet(&self) -> Option<u64> {
        let is_number = self.chance.is_none();
        if self.repeat_of_event > QUIET_DRAWS_MAX || is_number && self.high - self.low >= u64::from(u32::MAX)
        {
            return None;
        }
        let is_no_likelier =
            |chance: Ratio| 2 * u64::from(chance.numerator()) <= u64::from(chance.denominator());
        Some(if self.chance.is_some_and(is_no_likelier) { self.high } else { self.low })
    }
}

/// A part of a run.
enum Part {
    Whole,
    /// What the event with this number has caused; with 0, what comes from outside.
    Of(u64),
}

impl Part {
    /// Whether what has this number in the run, and that one among those of its cause, is the one that is meant.
    fn has(&self, meant: &EventRef, (in_run, of_cause): (u32, u32), cause: u64) -> bool {
        match self {
            Self::Whole => meant.repeat == in_run,
            Self::Of(number) => cause == *number && meant.repeat == of_cause,
        }
    }
}

/// The number of the next one where there are so many.
fn next(count: Option<&u32>) -> u32 {
    count.map_or(1, |count| count + 1)
}

/// The events and draws of one run, in order.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The events.
    pub dispatches: Vec<Dispatch>,
    /// The draws.
    pub draws: Vec<Drawn>,
    counts: BTreeMap<NameId, u32>,
    counts_of_causes: BTreeMap<(NameId, u64), u32>,
    draws_of_sites: BTreeMap<NameId, u32>,
    draws_of_events: BTreeMap<(NameId, u64), u32>,
    /// The number of the event from outside that each event goes back to, in order.
    roots: Vec<u64>,
}

impl History {
    /// Which event of its name the next one with this name is: in the run, and among those of its cause.
    pub(crate) fn next_repeats(&self, name: NameId, cause: u64) -> (u32, u32) {
        (next(self.counts.get(&name)), next(self.counts_of_causes.get(&(name, cause))))
    }

    pub(crate) fn dispatched(&mut self, name: NameId, event: &Candidate, at: Instant) {
        let count = |count: &mut u32| {
            *count += 1;
            *count
        };
        let repeat = count(self.counts.entry(name).or_default());
        let repeat_of_cause = count(self.counts_of_causes.entry((name, event.cause)).or_default());
        self.roots.push(self.root(event.cause).unwrap_or(self.roots.len() as u64 + 1));
        self.dispatches.push(Dispatch {
            name,
            actor: event.codes.actor,
            repeat,
            repeat_of_cause,
            cause: event.cause,
            at,
            lane: event.lane,
            phase: event.phase,
        });
    }

    /// The next draw of a site between two bounds, of this value.
    pub(crate) fn next_draw(
        &self,
        site: NameId,
        (low, high): (u64, u64),
        (chance, value): (Option<Ratio>, u64),
    ) -> Drawn {
        let event = self.dispatches.len() as u64;
        let repeat = next(self.draws_of_sites.get(&site));
        let repeat_of_event = next(self.draws_of_events.get(&(site, event)));
        Drawn { site, repeat, repeat_of_event, event, low, high, value, chance }
    }

    pub(crate) fn drew(&mut self, drawn: Drawn) {
        self.draws_of_sites.insert(drawn.site, drawn.repeat);
        self.draws_of_events.insert((drawn.site, drawn.event), drawn.repeat_of_event);
        self.draws.push(drawn);
    }

    /// The event from outside that led to the event with this number.
    fn root(&self, number: u64) -> Option<u64> {
        usize::try_from(number.checked_sub(1)?).ok().and_then(|at| self.roots.get(at)).copied()
    }

    /// Returns the event with this number, from 1.
    #[must_use]
    pub fn event(&self, number: u64) -> Option<&Dispatch> {
        usize::try_from(number.checked_sub(1)?).ok().and_then(|at| self.dispatches.get(at))
    }

    /// Returns the number of an event of an ordering, from 1; `None` if it did not happen.
    #[must_use]
    pub fn number_of(&self, event: &EventRef, directory: &Directory) -> Option<u64> {
        let part = self.part(event, directory)?;
        let is_it = |dispatch: &Dispatch| {
            part.has(event, (dispatch.repeat, dispatch.repeat_of_cause), dispatch.cause)
                && directory.text(dispatch.name) == event.name
        };
        self.dispatches.iter().zip(1..).find(|(dispatch, _)| is_it(dispatch)).map(|(_, number)| number)
    }

    /// Returns a draw by its name; `None` if it was not made.
    #[must_use]
    pub fn draw_of(&self, draw: &EventRef, directory: &Directory) -> Option<&Drawn> {
        let part = self.part(draw, directory)?;
        self.draws.iter().find(|drawn| {
            part.has(draw, (drawn.repeat, drawn.repeat_of_event), drawn.event)
                && directory.text(drawn.site) == draw.name
        })
    }

    /// The part of this run in which something is counted; `None` if the event of which it is did not happen.
    fn part(&self, counted: &EventRef, directory: &Directory) -> Option<Part> {
        Some(match &counted.among {
            Among::Run => Part::Whole,
            Among::Outside => Part::Of(0),
            Among::Of(cause) => Part::Of(self.number_of(cause, directory)?),
        })
    }

    /// Returns how a draw is called: counted among those that were made while an event ran, if the site draws more than
    /// once in the run.
    #[must_use]
    pub fn draw_reference(&self, drawn: &Drawn, directory: &Directory) -> EventRef {
        let name = directory.text(drawn.site).into();
        let counted = EventRef { name, repeat: drawn.repeat, among: Among::Run };
        if self.draws_of_sites.get(&drawn.site) == Some(&1) {
            return counted;
        }
        let counted = EventRef { repeat: drawn.repeat_of_event, ..counted };
        if drawn.event == 0 {
            counted.from_outside()
        } else {
            counted.of(self.reference(drawn.event, directory))
        }
    }

    /// Returns how an event is called in an ordering.
    ///
    /// What another actor has caused is counted among the events of that cause, since others may cause such events as
    /// well. So is what comes more than once; what comes from outside, among what does. All else is counted in the run.
    ///
    /// # Panics
    /// If there is no event with this number.
    #[must_use]
    pub fn reference(&self, number: u64, directory: &Directory) -> EventRef {
        self.reference_within(number, directory, CAUSES_MAX)
    }

    fn reference_within(&self, number: u64, directory: &Directory, causes: u32) -> EventRef {
        let event = self.event(number).unwrap_or_else(|| unreachable!("the event has run"));
        let name = directory.text(event.name).into();
        let counted = EventRef { name, repeat: event.repeat, among: Among::Run };
        let in_run = self.counts.get(&event.name).copied().unwrap_or_default();
        if event.cause == 0 {
            let apart = EventRef { repeat: event.repeat_of_cause, ..counted.clone() };
            return if self.may_be_overtaken(number, event.name) { apart.from_outside() } else { counted };
        }
        let Some(cause) = self.event(event.cause).filter(|_| causes > 0) else { return counted };
        let comes_again = in_run > 1;
        if cause.actor == event.actor && !comes_again {
            return counted;
        }
        let cause = self.reference_within(event.cause, directory, causes - 1);
        EventRef { repeat: event.repeat_of_cause, ..counted }.of(cause)
    }

    /// Whether an event of this name that some event causes could run before this one, which comes from outside: it does not
    /// follow from this one.
    fn may_be_overtaken(&self, number: u64, name: NameId) -> bool {
        // Every cause goes back to one event from outside, so that few are passed over in all questions together.
        let mut causes = self.counts_of_causes.range((name, 1)..=(name, u64::MAX));
        causes.any(|((_, cause), _)| self.root(*cause) != Some(number))
    }

    /// The events up to `last` to which an event led: it scheduled or moved them, stood before them in their lane, or led
    /// to one that did. Both are numbers of events of one instant.
    pub(crate) fn led_to(&self, earlier: u64, last: u64) -> BTreeSet<u64> {
        let mut reached = BTreeSet::from([earlier]);
        let lane = |number| self.event(number).and_then(|event| event.lane);
        let mut lanes: BTreeSet<Lane> = lane(earlier).into_iter().collect();
        for number in earlier + 1..=last {
            let Some(event) = self.event(number) else { break };
            if reached.contains(&event.cause) || event.lane.is_some_and(|lane| lanes.contains(&lane)) {
                reached.insert(number);
                lanes.extend(event.lane);
            }
        }
        reached
    }
}
