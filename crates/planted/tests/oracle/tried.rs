//! Going through the orders of a story in several ways.

use alloc::collections::BTreeSet;
use core::ops::ControlFlow;

use tiebreak::End;
use tiebreak::explore::{
    Due, Exploration, Failure, Footprint, Forking, Group, Picker, Scope, Setup, Stepping, explore,
};
use tiebreak_planted::Story;

/// What is known of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// What its events touch, and which of its clients can change places.
    All,
    /// What its events touch.
    Footprints,
    /// That no event touches anything. It is a lie.
    NoneTouchesAnything,
    /// What its events touch, but for the one that was scheduled first of those that are due, which is said to touch nothing. It is a
    /// lie.
    FirstTouchesNothing,
}

/// What counts as a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failing {
    /// What the rule of the story says.
    Rule,
    /// That, and each end at which nothing else fails, as a failure of its own: so `explore` finds them all.
    RuleAndEnds,
}

/// What an end is called as a failure, before the hash of what the run has come to.
const END: &str = "end ";

/// A story with what is known of it.
struct Tried<'s, S> {
    story: &'s S,
    known: Known,
    failing: Failing,
}

impl<S: Story> Stepping for Tried<'_, S> {
    type Run = S::Run;

    fn begin(&self, setup: Setup, picker: Picker) -> S::Run {
        self.story.begin(setup, picker)
    }

    fn step(&self, run: &mut S::Run) -> ControlFlow<End> {
        self.story.step(run)
    }

    fn picker<'r>(&self, run: &'r mut S::Run) -> &'r mut Picker {
        self.story.picker(run)
    }

    fn failures(&self, run: &S::Run, end: Option<&End>) -> Vec<Failure> {
        let mut failures = self.story.failures(run, end);
        if self.failing == Failing::RuleAndEnds && end.is_some() && failures.is_empty() {
            let monitor = format!("{END}{}", self.story.state(run));
            failures.push(Failure { monitor, event: None, message: String::new() });
        }
        failures
    }
}

impl<S: Story> Forking for Tried<'_, S> {
    fn fork(&self, run: &mut S::Run) -> S::Run {
        self.story.fork(run)
    }

    fn digest(&self, run: &S::Run) -> Option<u128> {
        self.story.digest(run)
    }

    fn groups(&self) -> Vec<Group> {
        match self.known {
            Known::All => self.story.groups(),
            Known::Footprints | Known::NoneTouchesAnything | Known::FirstTouchesNothing => Vec::new(),
        }
    }

    fn due(&self, run: &S::Run) -> Option<Vec<Due>> {
        let mut due = self.story.due(run)?;
        let lies = match self.known {
            Known::All | Known::Footprints => 0,
            Known::NoneTouchesAnything => due.len(),
            Known::FirstTouchesNothing => 1,
        };
        due.iter_mut().take(lies).for_each(|due| due.touches = Footprint::new());
        Some(due)
    }
}

/// What came of going through the orders in one way.
pub(crate) struct Gone {
    pub(crate) explored: Exploration,
    /// The names of all that fails in some order.
    pub(crate) failing: BTreeSet<String>,
    /// What orders come to in which nothing fails.
    pub(crate) ends: BTreeSet<u128>,
}

fn failing(explored: &Exploration) -> BTreeSet<String> {
    let failures = explored.found.iter().flat_map(|found| &found.failures);
    failures.map(|failure| failure.monitor.clone()).collect()
}

impl Gone {
    /// Goes through all orders, none left out.
    pub(crate) fn every_order<S: Story>(story: &S, setup: Setup) -> Self {
        Self::of(story, Known::All, setup, Scope { leaves_out: false, ..Scope::default() })
    }

    /// Goes through those that do not follow from others by what is known.
    pub(crate) fn reduced<S: Story>(story: &S, known: Known, setup: Setup) -> Self {
        Self::of(story, known, setup, Scope::default())
    }

    fn of<S: Story>(story: &S, known: Known, setup: Setup, scope: Scope) -> Self {
        let [explored, ends] = [Failing::Rule, Failing::RuleAndEnds]
            .map(|failing| explore(&Tried { story, known, failing }, setup, scope, &|| true));
        let (is_end, fails): (BTreeSet<_>, BTreeSet<_>) =
            failing(&ends).into_iter().partition(|monitor| monitor.starts_with(END));
        let failing = failing(&explored);
        assert_eq!(failing, fails, "what is found does not depend on what else is");
        let state = |end: &String| end[END.len()..].parse().expect("it is a number");
        Self { explored, failing, ends: is_end.iter().map(state).collect() }
    }
}
