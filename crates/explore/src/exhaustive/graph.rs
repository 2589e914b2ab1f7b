//! The states of a program, and how events lead from one to another.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::ControlFlow;

use super::fork::{Forking, Label, Path, Pick, Picker, step};
use super::{Budget, Counterexample, Mismatch, Unfinished};
use crate::program::{Failure, Setup};

/// Merges are checked as long as checking has run fewer events than this.
const CHECKED: u64 = 100_000;
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
    /// Why not all states are in it, if they are not.
    pub(crate) unfinished: Option<Unfinished>,
    pub(crate) found: Vec<Counterexample>,
    /// The monitors for which a failing order is known.
    pub(crate) monitors: BTreeSet<String>,
    pub(crate) mismatch: Option<Mismatch>,
    /// How many merges were checked to the end.
    pub(crate) checked: u64,
    numbers: BTreeMap<u128, usize>,
    /// The choices by which the first states were met, to check merges with.
    paths: Vec<Path>,
    /// How many events were run to check merges.
    checking: u64,
}

/// What is gone through, and how far.
pub(crate) struct Task<'a, P> {
    pub(crate) program: &'a P,
    pub(crate) setup: Setup,
    pub(crate) budget: Budget,
    pub(crate) goes_on: &'a dyn Fn() -> bool,
}

impl<P: Forking> Task<'_, P> {
    fn begin(&self) -> P::Run {
        self.program.begin(self.setup, Picker::new(self.setup.seed))
    }
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
    pub(crate) fn of<P: Forking>(task: &Task<'_, P>) -> Self {
        let mut graph = Self::default();
        let run = task.begin();
        graph.enter(task.program.digest(&run));
        let mut open = Vec::from([Fork::new(0, run)]);
        while let Some(fork) = open.pop() {
            if !(task.goes_on)() {
                graph.unfinished = Some(Unfinished::Interrupted);
            }
            if graph.unfinished.is_some() {
                break;
            }
            graph.follow(task, fork, &mut open);
        }
        graph
    }

    /// Enters a new state; returns its number.
    fn enter(&mut self, digest: u128) -> usize {
        let number = self.states.len();
        self.numbers.insert(digest, number);
        self.states.push(Vec::new());
        number
    }

    /// In how many states a run can end.
    pub(crate) fn ends(&self) -> u64 {
        self.states.iter().filter(|ways| ways.is_empty()).count() as u64
    }

    /// Takes the next event of a fork. What is left of the fork stays open, and so does where the event leads, if it is new.
    fn follow<P: Forking>(&mut self, task: &Task<'_, P>, fork: Fork<P::Run>, open: &mut Vec<Fork<P::Run>>) {
        let Fork { from, run: before, next: pick, count } = fork;
        let is_last = count == Some(pick + 1);
        let (mut run, mut before) = if is_last { (before, None) } else { (before.clone(), Some(before)) };
        let labels = match step(task.program, &mut run, Pick::At(pick)) {
            ControlFlow::Break(end) => {
                let failures = task.program.failures(&run, Some(&end));
                return self.fail(task.program, &mut run, failures);
            }
            ControlFlow::Continue(labels) => labels,
        };
        self.steps += 1;
        let count = u32::try_from(labels.len()).unwrap_or(u32::MAX);
        self.contended += u64::from(pick == 0 && count > 1);
        before = before.filter(|_| pick + 1 < count);
        open.extend(before.map(|run| Fork { from, run, next: pick + 1, count: Some(count) }));
        let Some(event) = usize::try_from(pick).ok().and_then(|pick| labels.get(pick)) else { return };
        let Some(to) = self.arrive(task, run, open) else { return };
        self.states[from].push(Way { event: *event, to });
    }

    /// Notes where a run has come to; returns the number of the state, unless it would be one too many.
    fn arrive<P: Forking>(
        &mut self,
        task: &Task<'_, P>,
        mut run: P::Run,
        open: &mut Vec<Fork<P::Run>>,
    ) -> Option<usize> {
        let digest = task.program.digest(&run);
        if let Some(known) = self.numbers.get(&digest).copied() {
            self.check_merge(task, known, run);
            return Some(known);
        }
        if self.states.len() as u64 >= task.budget.states {
            self.unfinished = Some(Unfinished::States);
            return None;
        }
        let number = self.enter(digest);
        if number < PATHS_MAX {
            self.paths.resize(number, Path::default());
            self.paths.push(task.program.picker(&mut run).path().clone());
        }
        let failures = task.program.failures(&run, None);
        if failures.is_empty() {
            open.push(Fork::new(number, run));
        } else {
            self.fail(task.program, &mut run, failures);
        }
        Some(number)
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
    fn check_merge<P: Forking>(&mut self, task: &Task<'_, P>, number: usize, mut run: P::Run) {
        let is_done = self.mismatch.is_some() || !self.found.is_empty() || self.checking >= CHECKED;
        let Some(path) = self.paths.get(number).filter(|_| !is_done).cloned() else { return };
        let other = task.program.picker(&mut run).path().clone();
        let known = replay(task.program, task.begin(), &path);
        self.checking += path.events;
        let Some(known) = self.finish(task, known) else { return };
        let Some(met) = self.finish(task, run) else { return };
        self.checked += 1;
        if known != met {
            self.mismatch = Some(Mismatch { path, other });
        }
    }

    /// Goes on with the same event at each choice in whatever order events were scheduled; returns where that ends, and who
    /// says that something failed. `None` if it does not end soon, if nobody wants to wait, or if events of one name came
    /// together: which is which depends on the order of scheduling.
    fn finish<P: Forking>(&mut self, task: &Task<'_, P>, mut run: P::Run) -> Option<(u128, Vec<String>)> {
        while self.checking < CHECKED && (task.goes_on)() {
            self.checking += 1;
            match step(task.program, &mut run, Pick::Smallest) {
                ControlFlow::Continue(labels) if labels.iter().any(|label| label.has_twin) => return None,
                ControlFlow::Continue(_) => {}
                ControlFlow::Break(end) => {
                    let failures = task.program.failures(&run, Some(&end));
                    let monitors = failures.into_iter().map(|failure| failure.monitor).collect();
                    return Some((task.program.digest(&run), monitors));
                }
            }
        }
        None
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
