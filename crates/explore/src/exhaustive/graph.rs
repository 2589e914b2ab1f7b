//! The states of a program, and how events lead from one to another.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::ControlFlow;

use super::delayed::Delayed;
use super::fork::{Forking, Label, Offer, Path, Pick, Picker, Rule, Stepping, step};
use super::independence::{self, Independence};
use super::interchange::{Group, Turns, are_alike};
use super::{Counterexample, Lie, Mismatch, Scope, Unfinished};
use crate::program::{Failure, Setup};

/// Merges are checked as long as checking has run fewer events than this.
const CHECKED: u64 = 100_000;
/// Of runs that cannot be copied, so many may wait at once: each is run again up to where it waits, and keeps the way there.
const OPEN_MAX: usize = 10_000;
/// Merges with later states are not checked.
const PATHS_MAX: usize = 4_096;

/// Where one event leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) event: Label,
    pub(crate) to: usize,
    /// For how many orders it stands.
    pub(crate) times: u32,
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
    /// What shows that something touches more than was said.
    pub(crate) lie: Option<Lie>,
    /// Whether actors that were to change places turned out to be unlike.
    pub(crate) are_unlike: bool,
    /// Whether some events were left for later because they do not concern others.
    pub(crate) is_reduced: bool,
    /// Whether runs that have come to the same state are taken for one.
    pub(crate) is_merged: bool,
    /// How many merges were checked to the end.
    pub(crate) checked: u64,
    /// By what states hash to, and whether something has failed.
    numbers: BTreeMap<(u128, bool), usize>,
    /// The choices by which the first states were met, to check merges with.
    paths: Vec<Path>,
    /// The choices of the run that went on last. Those of each run that waits are the beginning of them: each of a long run with
    /// choices of its own would take the square of its length.
    trunk: Vec<u32>,
    /// How many events were run to check merges.
    checking: u64,
}

/// What is gone through, and how far.
pub(crate) struct Task<'a, P> {
    pub(crate) program: &'a P,
    pub(crate) setup: Setup,
    pub(crate) scope: Scope,
    rule: Rule,
    goes_on: &'a dyn Fn() -> bool,
}

impl<'a, P: Forking> Task<'a, P> {
    /// All orders, none left out.
    pub(crate) const fn new(
        program: &'a P,
        setup: Setup,
        scope: Scope,
        goes_on: &'a dyn Fn() -> bool,
    ) -> Self {
        Self { program, setup, scope, rule: Rule::All, goes_on }
    }

    /// The groups whose actors can change places as far as one can see.
    pub(crate) fn interchangeable(&self) -> Vec<Group> {
        if !self.scope.leaves_out || self.scope.deviations.is_some() {
            return Vec::new();
        }
        let groups = self.program.groups();
        if are_alike(self, &groups) { groups } else { Vec::new() }
    }

    /// The same with what is to be followed, if these groups can change places.
    pub(crate) fn with_rule(&self, groups: &[Group]) -> Self {
        let Scope { deviations, leaves_out, .. } = self.scope;
        let rule = match deviations {
            Some(deviations) => Rule::Delayed(Delayed::new(deviations)),
            None if !leaves_out => Rule::All,
            None if groups.is_empty() => Rule::Conflicting,
            None => Rule::InTurn(Turns::new(groups)),
        };
        Self { rule, ..*self }
    }

    /// Whether somebody wants to go on.
    pub(crate) fn is_wanted(&self) -> bool {
        (self.goes_on)()
    }

    /// A run at its beginning.
    pub(crate) fn begin(&self) -> P::Run {
        self.program.begin(self.setup, Picker::new(self.setup.seed, self.rule.clone()))
    }

    /// What a state hashes to, if runs that have come to the same one are taken for one: not if the order of scheduling counts,
    /// which is in no hash.
    fn digest(&self, run: &P::Run) -> Option<u128> {
        match self.rule {
            Rule::All | Rule::InTurn(_) | Rule::Conflicting => self.program.digest(run),
            Rule::Delayed(_) => None,
        }
    }
}

/// A run before a choice, and the events that were taken there. It is kept as long as others are left.
struct Fork<R> {
    from: usize,
    run: R,
    /// Which of the ways is next.
    next: usize,
    /// The places of the events that are followed; `None` before one was.
    ways: Option<Vec<usize>>,
    /// How many choices have led to it, the first ones of the trunk. The run has none of its own as long as it waits.
    depth: usize,
}

impl<R> Fork<R> {
    const fn new(from: usize, run: R, depth: usize) -> Self {
        Self { from, run, next: 0, ways: None, depth }
    }
}

impl Graph {
    /// All states of a program, up to so many, as long as somebody wants to go on.
    pub(crate) fn of<P: Forking>(task: &Task<'_, P>) -> Self {
        let mut graph = Self::default();
        let run = task.begin();
        let open_max = if task.program.digest(&run).is_some() { usize::MAX } else { OPEN_MAX };
        let digest = task.digest(&run);
        graph.is_merged = digest.is_some();
        graph.enter(digest.map(|digest| (digest, false)));
        let mut open = Vec::from([Fork::new(0, run, 0)]);
        while let Some(fork) = open.pop() {
            if !task.is_wanted() {
                graph.unfinished = Some(Unfinished::Interrupted);
            } else if open.len() >= open_max {
                graph.unfinished = Some(Unfinished::States);
            }
            if graph.unfinished.is_some() || graph.are_unlike || graph.lie.is_some() {
                break;
            }
            graph.follow(task, fork, &mut open);
        }
        graph
    }

    /// Enters a new state; returns its number.
    fn enter(&mut self, digest: Option<(u128, bool)>) -> usize {
        let number = self.states.len();
        self.numbers.extend(digest.map(|digest| (digest, number)));
        self.states.push(Vec::new());
        number
    }

    /// In how many states a run can end.
    pub(crate) fn ends(&self) -> u64 {
        self.states.iter().filter(|ways| ways.is_empty()).count() as u64
    }

    /// Takes the next event of a fork. What is left of the fork stays open, and so does where the event leads, if it is new.
    fn follow<P: Forking>(&mut self, task: &Task<'_, P>, fork: Fork<P::Run>, open: &mut Vec<Fork<P::Run>>) {
        let Fork { from, run: mut before, next, ways, depth } = fork;
        let place = ways.as_ref().and_then(|ways| ways.get(next).copied());
        let is_last = ways.as_ref().is_some_and(|ways| next + 1 == ways.len());
        let (mut run, before) =
            if is_last { (before, None) } else { (task.program.fork(&mut before), Some(before)) };
        self.trunk.truncate(depth);
        task.program.picker(&mut run).set_choices(core::mem::take(&mut self.trunk));
        let offer = match step(task.program, &mut run, place.map_or(Pick::Way(0), Pick::At)) {
            ControlFlow::Break(end) => {
                let failures = task.program.failures(&run, Some(&end));
                self.fail(task.program, &mut run, failures);
                self.trunk = task.program.picker(&mut run).take_choices();
                return;
            }
            ControlFlow::Continue(offer) => offer,
        };
        self.steps += 1;
        self.are_unlike |= task.program.picker(&mut run).is_out_of_turn();
        let Some(event) = offer.event() else {
            self.trunk = task.program.picker(&mut run).take_choices();
            return;
        };
        if let Some(mut before) = before {
            let way_there = &task.program.picker(&mut run).path().choices[..depth];
            let ways = ways.unwrap_or_else(|| self.choose_ways(task, (&mut before, way_there), &offer));
            if next + 1 < ways.len() {
                open.push(Fork { from, run: before, next: next + 1, ways: Some(ways), depth });
            }
        }
        if matches!(task.rule, Rule::Conflicting) {
            let lie = independence::overreach(task.program, &mut run, &offer);
            self.lie = self.lie.take().or(lie);
        }
        let Some(to) = self.arrive(task, run, open) else { return };
        self.states[from].push(Way { event, to, times: offer.times });
    }

    /// The places of the events that are to be followed in a state, first the one that was taken. If some of those that could
    /// run are left for later, both orders of each pair are run from the very state.
    fn choose_ways<P: Forking>(
        &mut self,
        task: &Task<'_, P>,
        (before, way_there): (&mut P::Run, &[u32]),
        offer: &Offer,
    ) -> Vec<usize> {
        self.contended += u64::from(offer.labels.len() > 1);
        if !matches!(task.rule, Rule::Conflicting) || !offer.is_reduced() {
            return offer.ways.clone();
        }
        match independence::check(task.program, before, offer) {
            Independence::Shown => {
                self.is_reduced = true;
                return offer.ways.clone();
            }
            Independence::Unknown => {}
            Independence::Lie(lie) => self.lie = Some(lie.behind(way_there)),
        }
        let others = (0..offer.labels.len()).filter(|place| *place != offer.ran);
        core::iter::once(offer.ran).chain(others).collect()
    }

    /// Notes where a run has come to; returns the number of the state, unless it would be one too many.
    fn arrive<P: Forking>(
        &mut self,
        task: &Task<'_, P>,
        mut run: P::Run,
        open: &mut Vec<Fork<P::Run>>,
    ) -> Option<usize> {
        let failures = task.program.failures(&run, None);
        let has_failed = !failures.is_empty();
        if has_failed {
            self.fail(task.program, &mut run, failures);
        }
        let digest = task.digest(&run).map(|digest| (digest, has_failed));
        if let Some(known) = digest.and_then(|digest| self.numbers.get(&digest).copied()) {
            if self.is_to_be_checked(known) {
                self.trunk.clone_from(&task.program.picker(&mut run).path().choices);
                self.check_merge(task, known, run);
            } else {
                self.trunk = task.program.picker(&mut run).take_choices();
            }
            return Some(known);
        }
        if self.states.len() as u64 >= task.scope.states {
            self.unfinished = Some(Unfinished::States);
            return None;
        }
        let number = self.enter(digest);
        if number < PATHS_MAX {
            self.paths.resize(number, Path::default());
            self.paths.push(task.program.picker(&mut run).path().clone());
        }
        self.trunk = task.program.picker(&mut run).take_choices();
        if !has_failed {
            open.push(Fork::new(number, run, self.trunk.len()));
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

    /// Whether a run that has come to this state is to be compared with the one that came there first.
    fn is_to_be_checked(&self, number: usize) -> bool {
        let is_done = self.mismatch.is_some() || !self.found.is_empty() || self.checking >= CHECKED;
        !is_done && number < self.paths.len()
    }

    /// Lets two runs go on alike that have come to one state: they must come to the same.
    fn check_merge<P: Forking>(&mut self, task: &Task<'_, P>, number: usize, mut run: P::Run) {
        let path = self.paths[number].clone();
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
    fn finish<P: Forking>(
        &mut self,
        task: &Task<'_, P>,
        mut run: P::Run,
    ) -> Option<(Option<u128>, Vec<String>)> {
        while self.checking < CHECKED && task.is_wanted() {
            self.checking += 1;
            match step(task.program, &mut run, Pick::Smallest) {
                ControlFlow::Continue(offer) if offer.labels.iter().any(|label| label.has_twin) => {
                    return None;
                }
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
pub(crate) fn replay<P: Stepping>(program: &P, mut run: P::Run, path: &Path) -> P::Run {
    for _ in 0..path.events {
        program.picker(&mut run).follow(path);
        if program.step(&mut run).is_break() {
            break;
        }
    }
    run
}
