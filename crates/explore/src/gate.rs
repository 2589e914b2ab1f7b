//! Constraints at work: who must wait for whom.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::directory::{Directory, NameId};
use crate::event::{Among, Constraint, EventRef};
use crate::history::History;

/// An event or a draw that is called by its name, by the number of the name.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    name: NameId,
    repeat: u32,
    among: Part,
}

/// The part of a run in which it is counted.
#[derive(Debug, Clone)]
enum Part {
    Run,
    Outside,
    Of(Box<Pattern>),
}

impl Pattern {
    pub(crate) fn new(event: &EventRef, directory: &mut Directory) -> Self {
        let among = match &event.among {
            Among::Run => Part::Run,
            Among::Outside => Part::Outside,
            Among::Of(cause) => Part::Of(Box::new(Self::new(cause, directory))),
        };
        Self { name: directory.intern(&event.name), repeat: event.repeat, among }
    }

    /// Whether the next event of a name and a cause would be this one.
    pub(crate) fn is_next(&self, name: NameId, cause: u64, history: &History) -> bool {
        self.name == name && self.is_counted(history.next_repeats(name, cause), cause, history)
    }

    /// Whether the event with this number was this one.
    pub(crate) fn has_run(&self, number: u64, history: &History) -> bool {
        let event = history.event(number).filter(|event| event.name == self.name);
        event
            .is_some_and(|event| self.is_counted((event.repeat, event.repeat_of_cause), event.cause, history))
    }

    /// Whether what has this number in the run, and that one among those of its cause, is the one that is meant.
    pub(crate) fn is_counted(&self, (in_run, of_cause): (u32, u32), cause: u64, history: &History) -> bool {
        match &self.among {
            Part::Run => self.repeat == in_run,
            Part::Outside => cause == 0 && self.repeat == of_cause,
            Part::Of(pattern) => self.repeat == of_cause && pattern.has_run(cause, history),
        }
    }

    pub(crate) const fn name(&self) -> NameId {
        self.name
    }
}

/// What an event has in common with every pattern of it: so few patterns are compared with it, also where many have its
/// name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// Its name, and its repeat in the run.
    InRun(NameId, u32),
    /// Its name, and its repeat among the events from outside.
    Outside(NameId, u32),
    /// Its name, its repeat among those of its cause, and the name and a repeat of the cause.
    Of(NameId, u32, NameId, u32),
}

impl Key {
    fn of_pattern(pattern: &Pattern) -> Self {
        let Pattern { name, repeat, among } = pattern;
        match among {
            Part::Run => Self::InRun(*name, *repeat),
            Part::Outside => Self::Outside(*name, *repeat),
            Part::Of(cause) => Self::Of(*name, *repeat, cause.name, cause.repeat),
        }
    }

    /// The keys of patterns that may be the next event of a name and a cause.
    fn of_next(name: NameId, cause: u64, history: &History) -> impl Iterator<Item = Self> {
        let (in_run, of_cause) = history.next_repeats(name, cause);
        let by_cause = match history.event(cause) {
            // The cause itself is counted in the run, or among those of its own cause.
            Some(event) => {
                let key = |repeat| Self::Of(name, of_cause, event.name, repeat);
                let other = (event.repeat_of_cause != event.repeat).then(|| key(event.repeat_of_cause));
                [Some(key(event.repeat)), other]
            }
            None => [Some(Self::Outside(name, of_cause)), None],
        };
        core::iter::once(Self::InRun(name, in_run)).chain(by_cause.into_iter().flatten())
    }
}

/// How far a constraint was kept in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Kept {
    /// Whether the event that runs first has run.
    pub has_before_run: bool,
    /// Whether the event that waits has run.
    pub has_after_run: bool,
    /// Whether the event that waits had to run although the other one had not.
    pub is_broken: bool,
}

impl Kept {
    /// Whether both events ran, in the order that the constraint says.
    #[must_use]
    pub const fn is_met(self) -> bool {
        self.has_before_run && self.has_after_run && !self.is_broken
    }
}

/// Constraints, and how far each was kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gate {
    rules: Vec<(Pattern, Pattern)>,
    kept: Vec<Kept>,
    before: BTreeMap<Key, Vec<usize>>,
    after: BTreeMap<Key, Vec<usize>>,
}

impl Gate {
    pub(crate) fn new(constraints: &[Constraint], directory: &mut Directory) -> Self {
        let mut gate = Self::default();
        gate.add(constraints, directory);
        gate
    }

    pub(crate) fn add(&mut self, constraints: &[Constraint], directory: &mut Directory) {
        for (constraint, at) in constraints.iter().zip(self.rules.len()..) {
            let before = Pattern::new(&constraint.before, directory);
            let after = Pattern::new(&constraint.after, directory);
            self.before.entry(Key::of_pattern(&before)).or_default().push(at);
            self.after.entry(Key::of_pattern(&after)).or_default().push(at);
            self.rules.push((before, after));
            self.kept.push(Kept::default());
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether an event has to wait for one that has not run.
    pub(crate) fn must_wait(&self, name: NameId, cause: u64, history: &History) -> bool {
        let mut rules = ruled(&self.after, name, cause, history);
        rules.any(|at| !self.kept[*at].has_before_run && self.rules[*at].1.is_next(name, cause, history))
    }

    /// Takes note of an event that is about to run.
    pub(crate) fn runs(&mut self, name: NameId, cause: u64, history: &History) {
        if self.is_empty() {
            return;
        }
        let Self { rules, kept, before, after } = self;
        for at in ruled(after, name, cause, history) {
            if rules[*at].1.is_next(name, cause, history) {
                kept[*at].has_after_run = true;
                kept[*at].is_broken = !kept[*at].has_before_run;
            }
        }
        for at in ruled(before, name, cause, history) {
            kept[*at].has_before_run |= rules[*at].0.is_next(name, cause, history);
        }
    }

    pub(crate) fn kept(&self) -> &[Kept] {
        &self.kept
    }
}

/// The numbers of the constraints of which the next event of a name and a cause may be a part.
fn ruled<'m>(
    by_key: &'m BTreeMap<Key, Vec<usize>>,
    name: NameId,
    cause: u64,
    history: &History,
) -> impl Iterator<Item = &'m usize> {
    Key::of_next(name, cause, history).filter_map(|key| by_key.get(&key)).flatten()
}
