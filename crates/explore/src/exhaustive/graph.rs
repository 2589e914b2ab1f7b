//! The states of a program, and how events lead from one to another.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::ControlFlow;

use super::fork::{Forking, Label, Path, Pick, Picker, step};
use super::{Budget, Counterexample, Mismatch};
use crate::program::{Failure, Setup};

/// Merges are checked as long as there were so few of them.
const CHECKED: u64 = 256;
/// Merges with later states are not checked.
const PATHS_MAX: usize = 4_096;

/// Where one event leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) event: Label,
    pub(crate) to: usize,
}

/// The states that were met, by number; the first one is where all runs begin.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// Where each can go on; nowhere if a run ends in it.
    pub(crate) states: Vec<Vec<Way>>,
    /// How many events were run.
    pub(crate) steps: u64,
    /// How many states have two or more events to choose among.
    pub(crate) contended: u64,
    /// Whether all states are in it.
    pub(crate) is_whole: bool,
    pub(crate) found: Vec<Counterexample>,
    pub(crate) mismatch: Option<Mismatch>,
    numbers: BTreeMap<u128, usize>,
    /// The monitors for which a failing order is known.
    monitors: BTreeSet<String>,
    /// The choices by which the first states were met, to check merges with.
    paths: Vec<Path>,
    merges: u64,
}

/// A run before a choice, and the events that were taken there. It is kept as long as others are left.
struct Fork<R> {
    from: usize,
    run: R,
    next: u32,
    /// How many events there are to choose among; `None` before one was taken.
    count: Option<u32>,
}

impl<R> Fork<R> {
    const fn new(from: usize, run: R) -> Self {
        Self { from, run, next: 0, count: None }
    }
}

impl Graph {
    /// All states of a program, up to so many, as long as somebody wants to go on.
    pub(crate) fn of<P: Forking>(
        program: &P,
        setup: Setup,
        budget: Budget,
        goes_on: &dyn Fn() -> bool,
    ) -> Self {
        let mut graph = Self { is_whole: true, ..Self::default() };
        let run = program.begin(setup, Picker::new(setup.seed));
        let mut open = Vec::from([Fork::new(graph.number(program.digest(&run)).0, run)]);
        while let Some(fork) = open.pop() {
            if graph.states.len() as u64 > budget.states || !goes_on() {
                graph.is_whole = false;
                break;
            }
            graph.follow(program, setup, fork, &mut open);
        }
        graph
    }

    /// The number of a state, and whether it is new.
    fn number(&mut self, digest: u128) -> (usize, bool) {
        let next = self.states.len();
        let number = *self.numbers.entry(digest).or_insert(next);
        if number == next {
            self.states.push(Vec::new());
        }
        (number, number == next)
    }

    /// In how many states a run can end.
    pub(crate) fn ends(&self) -> u64 {
        self.states.iter().filter(|ways| ways.is_empty()).count() as u64
    }

    /// Takes the next event of a fork. What is left of the fork stays open, and so does where the event leads, if it is new.
    fn follow<P: Forking>(
        &mut self,
        program: &P,
        setup: Setup,
        fork: Fork<P::Run>,
        open: &mut Vec<Fork<P::Run>>,
    ) {
        let Fork { from, run: before, next: pick, count } = fork;
        let is_last = count == Some(pick + 1);
        let (mut run, mut before) = if is_last { (before, None) } else { (before.clone(), Some(before)) };
        let labels = match step(program, &mut run, Pick::At(pick)) {
            ControlFlow::Break(end) => {
                let failures = program.failures(&run, Some(&end));
                return self.fail(program, &mut run, failures);
            }
            ControlFlow::Continue(labels) => labels,
        };
        self.steps += 1;
        let count = u32::try_from(labels.len()).unwrap_or(u32::MAX);
        self.contended += u64::from(pick == 0 && count > 1);
        before = before.filter(|_| pick + 1 < count);
        open.extend(before.map(|run| Fork { from, run, next: pick + 1, count: Some(count) }));
        let Some(event) = usize::try_from(pick).ok().and_then(|pick| labels.get(pick)) else { return };
        let to = self.arrive(program, setup, run, open);
        self.states[from].push(Way { event: *event, to });
    }

    /// Notes where a run has come to; returns the number of the state.
    fn arrive<P: Forking>(
        &mut self,
        program: &P,
        setup: Setup,
        mut run: P::Run,
        open: &mut Vec<Fork<P::Run>>,
    ) -> usize {
        let (number, is_new) = self.number(program.digest(&run));
        if !is_new {
            self.check_merge(program, setup, number, run);
            return number;
        }
        if number < PATHS_MAX {
            self.paths.resize(number, Path::default());
            self.paths.push(program.picker(&mut run).path().clone());
        }
        let failures = program.failures(&run, None);
        if failures.is_empty() {
            open.push(Fork::new(number, run));
        } else {
            self.fail(program, &mut run, failures);
        }
        number
    }

    /// Keeps the order of a run that failed, if it shows something new.
    fn fail<P: Forking>(&mut self, program: &P, run: &mut P::Run, failures: Vec<Failure>) {
        let mut is_new = false;
        for failure in &failures {
            is_new |= self.monitors.insert(failure.monitor.clone());
        }
        if is_new {
            self.found.push(Counterexample { path: program.picker(run).path().clone(), failures });
        }
    }

    /// Lets two runs go on alike that have come to one state: they must come to the same.
    fn check_merge<P: Forking>(&mut self, program: &P, setup: Setup, number: usize, mut run: P::Run) {
        self.merges += 1;
        let Some(path) = self.paths.get(number).filter(|_| self.merges <= CHECKED && self.mismatch.is_none())
        else {
            return;
        };
        let known = replay(program, program.begin(setup, Picker::new(setup.seed)), path);
        let (path, other) = (path.clone(), program.picker(&mut run).path().clone());
        let (Some(known), Some(met)) = (finish(program, known), finish(program, run)) else { return };
        if known != met {
            self.mismatch = Some(Mismatch { path, other });
        }
    }
}

/// Lets a run that begins go on as a path says, up to where it ends.
pub(crate) fn replay<P: Forking>(program: &P, mut run: P::Run, path: &Path) -> P::Run {
    for _ in 0..path.events {
        let made = program.picker(&mut run).path().choices.len();
        let pick = path.choices.get(made).copied().unwrap_or_default();
        if step(program, &mut run, Pick::At(pick)).is_break() {
            break;
        }
    }
    run
}

/// Goes on with the same event at each choice in whatever order events were scheduled; returns where that ends, and who says
/// that something failed. `None` if events of one name came together: which is which depends on the order of scheduling.
fn finish<P: Forking>(program: &P, mut run: P::Run) -> Option<(u128, Vec<String>)> {
    loop {
        match step(program, &mut run, Pick::Smallest) {
            ControlFlow::Continue(labels) if labels.iter().any(|label| label.has_twin) => return None,
            ControlFlow::Continue(_) => {}
            ControlFlow::Break(end) => {
                let failures = program.failures(&run, Some(&end));
                let monitors = failures.into_iter().map(|failure| failure.monitor).collect();
                return Some((program.digest(&run), monitors));
            }
        }
    }
}
