//! Runs that can be forked, and who chooses in them.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};
use core::ops::ControlFlow;

use tiebreak_kernel::{Choices, End, Frontier, Guidance, Site, Streams, fold};

use crate::directory::Directory;
use crate::history::History;
use crate::program::{Failure, Setup};

/// A program whose runs can be forked and compared.
pub trait Forking {
    /// A run under way.
    type Run: Clone;

    /// Begins a run with its first events scheduled, but none of them run.
    fn begin(&self, setup: Setup, picker: Picker) -> Self::Run;

    /// Runs one event; breaks if the run has ended.
    fn step(&self, run: &mut Self::Run) -> ControlFlow<End>;

    /// Returns who chooses in a run.
    fn picker<'r>(&self, run: &'r mut Self::Run) -> &'r mut Picker;

    /// Returns a hash of all that decides how a run goes on, and of what its judges know. Two runs with the same one are taken
    /// for one.
    fn digest(&self, run: &Self::Run) -> u128;

    /// Returns what has failed in a run; at its end, all that is wrong with it.
    fn failures(&self, run: &Self::Run, end: Option<&End>) -> Vec<Failure>;
}

/// An event that could run, by what tells it from the others that could.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Label {
    name: u64,
    /// Which of its name it is, in the order of scheduling.
    nth: u32,
    /// Whether others of its name could run too: which of them it is may then look different after another event.
    pub(crate) has_twin: bool,
}

/// Which event to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick {
    /// The one at this place in the order of scheduling.
    At(u32),
    /// The one with the smallest label, whatever was scheduled first.
    Smallest,
}

/// The choices of a forked run: it takes the events that it is told to, and notes among which it could choose.
///
/// Draws are answered from the streams of a seed, and are the same in every order as far as their sites are asked alike.
#[derive(Debug, Clone)]
pub struct Picker {
    streams: Streams,
    pick: Pick,
    path: Path,
    labels: Vec<Label>,
    /// What happens and what is chosen, if somebody wants to be told.
    told: Option<Box<Told>>,
}

/// What is told of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    pub(crate) directory: Directory,
    pub(crate) history: History,
    /// The numbers of the events that were chosen among two or more, from 1.
    pub(crate) chosen: Vec<u64>,
}

/// How a run has come to where it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path {
    /// Which event was chosen at each choice among two or more, by its place in the order of scheduling.
    pub choices: Vec<u32>,
    /// How many events have run.
    pub events: u64,
}

/// By what decides how its run goes on: the positions of its streams.
impl Hash for Picker {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.streams.hash(state);
    }
}

impl Picker {
    pub(crate) const fn new(seed: u64) -> Self {
        Self {
            streams: Streams::new(seed),
            pick: Pick::At(0),
            path: Path { choices: Vec::new(), events: 0 },
            labels: Vec::new(),
            told: None,
        }
    }

    /// The same choices, which tell what happens.
    pub(crate) fn telling(self) -> Self {
        Self { told: Some(Box::default()), ..self }
    }

    /// What was told so far.
    pub(crate) fn told(&self) -> Option<&Told> {
        self.told.as_deref()
    }

    pub(crate) const fn path(&self) -> &Path {
        &self.path
    }
}

/// The events that could run, each told from the others.
fn labels(frontier: &Frontier<'_>) -> Vec<Label> {
    let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
    let numbered = frontier.candidates().iter().map(|candidate| {
        let name = candidate.codes.name();
        let count = counts.entry(name).or_default();
        *count += 1;
        Label { name, nth: *count - 1, has_twin: false }
    });
    let mut labels: Vec<Label> = numbered.collect();
    for label in &mut labels {
        label.has_twin = counts.get(&label.name).is_some_and(|count| *count > 1);
    }
    labels
}

impl Choices for Picker {
    fn number(&mut self, site: Site, low: u64, high: u64) -> u64 {
        self.streams.number(site, low, high)
    }

    fn guidance(&self) -> Guidance {
        Guidance::Picks
    }

    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        self.labels = labels(frontier);
        let at = match self.pick {
            Pick::At(at) => usize::try_from(at).unwrap_or(usize::MAX),
            Pick::Smallest => {
                let smallest = self.labels.iter().zip(0..).min();
                smallest.map_or(0, |(_, at)| at)
            }
        };
        self.path.choices.push(u32::try_from(at).unwrap_or(u32::MAX));
        if let Some(told) = &mut self.told {
            told.chosen.push(frontier.dispatched() + 1);
        }
        at
    }

    fn run(&mut self, event: &Frontier<'_>) {
        if self.labels.is_empty() {
            self.labels = labels(event);
        }
        self.path.events += 1;
        if let Some(told) = &mut self.told {
            let name = told.directory.named(event[0].codes.name(), || event.name(0));
            told.history.dispatched(name, &event[0], event.now());
        }
    }
}

/// Lets a run go on by one event; returns those among which one was chosen: one if there was no choice.
pub(crate) fn step<P: Forking>(program: &P, run: &mut P::Run, pick: Pick) -> ControlFlow<End, Vec<Label>> {
    let picker = program.picker(run);
    picker.pick = pick;
    picker.labels.clear();
    program.step(run)?;
    ControlFlow::Continue(program.picker(run).labels.clone())
}

impl Label {
    /// A number for the event, for sets of events.
    pub(crate) const fn code(self) -> u64 {
        fold(self.name, self.nth as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiebreak_kernel::Term;

    /// Keeps what is hashed.
    #[derive(Default)]
    struct Bytes(Vec<u8>);

    impl Hasher for Bytes {
        fn write(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }

        fn finish(&self) -> u64 {
            0
        }
    }

    fn hashed(picker: &Picker) -> Vec<u8> {
        let mut bytes = Bytes::default();
        picker.hash(&mut bytes);
        bytes.0
    }

    #[test]
    fn what_will_be_drawn_is_hashed_and_how_the_run_came_there_is_not() {
        let mut picker = Picker::new(7);
        let before = hashed(&picker);
        picker.path.events += 1;
        assert_eq!(hashed(&picker), before);
        picker.number(Site::new(1, Term::new("draws")), 0, 9);
        assert_ne!(hashed(&picker), before);
    }
}
