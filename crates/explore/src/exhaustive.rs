//! All orders of a program.
//!
//! A run is forked before each choice, and each side goes on with another event. Sides that have come to the same state are
//! merged: what follows is followed once. That is a proof as far as the hash of a state has in it all that decides how a run
//! goes on.

mod count;
mod delayed;
mod estimate;
mod footprint;
mod fork;
mod graph;
mod independence;
mod interchange;
mod replaying;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use estimate::{Estimate, estimate};
pub use footprint::{Due, Footprint};
pub use fork::{Forking, Path, Picker, Stepping};
pub use interchange::Group;
pub use replaying::{ReplayedRun, Replaying};

use crate::account::{counted, events_around};
use crate::program::{Failure, Setup};
use fork::{Rule, Told};
use graph::{Graph, Task, replay};

/// So many states are looked at unless somebody says otherwise.
const STATES_MAX: u64 = 1_000_000;

/// Which orders to go through, and how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// How many states may be looked at.
    pub states: u64,
    /// How many events may be passed over in an order, if not all orders are wanted: from that of scheduling, as
    /// [`Delay`](crate::Delay) does. States are not merged then.
    pub deviations: Option<u32>,
    /// Whether orders are left out that differ from others only in who of a group is who, or in the order of events that touch
    /// nothing in common.
    pub leaves_out: bool,
}

impl Default for Scope {
    /// All orders, up to a million states, but for those that follow from others.
    fn default() -> Self {
        Self { states: STATES_MAX, deviations: None, leaves_out: true }
    }
}

/// An order in which a program fails.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counterexample {
    /// How to come to it.
    pub path: Path,
    /// What failed.
    pub failures: Vec<Failure>,
}

/// What came of going through all orders.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exploration {
    /// How many different states there are, so far as was looked.
    pub states: u64,
    /// How many events were run.
    pub steps: u64,
    /// In how many states a run can end.
    pub ends: u64,
    /// How many states have two or more events to choose among.
    pub contended: u64,
    /// How many orders there are; `None` if not all were gone through.
    pub orders: Option<Orders>,
    /// Why not all were gone through.
    pub unfinished: Option<Unfinished>,
    /// An order for each thing that can fail: the first that was met, for each monitor. A run ends where something fails, so that
    /// what would fail behind it is not in here.
    pub found: Vec<Counterexample>,
    /// How many monitors say that something failed.
    pub failing: u64,
    /// How many times two runs that hashed alike went on to the end, and came to the same.
    pub checked: u64,
    /// Two runs that hashed alike and went on differently, if there were any: the hash leaves something out, and nothing is
    /// proved.
    pub mismatch: Option<Mismatch>,
    /// What shows that something touches more than was said, if it does: nothing is proved.
    pub lie: Option<Lie>,
    /// The groups whose actors were taken to be able to change places: of orders that differ in nothing but who of them is
    /// who, one was gone through.
    pub groups: Vec<Group>,
    /// Whether some orders were left out because events are said to touch nothing in common. Both orders of such events were
    /// run from each state in which one was left for later; that no more conflicts come before it runs rests on what is said.
    pub rests_on_footprints: bool,
    /// How many events were passed over at most in an order, if not all orders were gone through.
    pub deviations: Option<u32>,
}

/// Why not all orders were gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    /// There are more states than the budget allows.
    States,
    /// Somebody wanted an end.
    Interrupted,
}

/// How many orders a program has, each up to its end or to where something fails. Counts beyond 2¹²⁸ − 1 are that number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Orders {
    /// All of them; `None` if some were left out because events touch nothing in common.
    pub all: Option<u128>,
    /// How many suffice to come to all others by letting neighbours change places where both orders of them were run from
    /// the very state and came to the same one, and actors of groups that can. If the same events can change places in all
    /// states, and there are no such groups, there are no fewer that suffice; otherwise there may be.
    /// `None` if no states were merged, or if it takes too long to count them.
    pub inequivalent: Option<u128>,
}

/// What shows that an event touches more than was said.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lie {
    /// How to come to a state behind two events that are said to touch nothing in common, or to one behind an event that has
    /// brought about another one at its instant, which touches more than the first was said to.
    pub path: Path,
    /// How to come there with the two events the other way round, which is not the same state.
    pub other: Option<Path>,
}

impl Lie {
    /// The same with these choices before those of its paths.
    fn behind(self, choices: &[u32]) -> Self {
        let longer = |Path { choices: own, events }: Path| Path { choices: [choices, &own].concat(), events };
        Self { path: longer(self.path), other: self.other.map(longer) }
    }
}

/// Two runs whose states hashed alike, and that differ in what follows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatch {
    /// How to come to the state of the one.
    pub path: Path,
    /// And of the other.
    pub other: Path,
}

impl Exploration {
    /// Whether it is proved that nothing fails in any order, of those that were to be gone through.
    #[must_use]
    pub fn is_proof(&self) -> bool {
        self.is_complete() && self.found.is_empty()
    }

    /// Whether all orders were gone through, and nothing was caught that makes that worthless.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.orders.is_some() && self.mismatch.is_none() && self.lie.is_none()
    }

    /// Why nothing is proved, if so.
    fn shortcoming(&self) -> Option<String> {
        let states = counted(self.states.into(), "state");
        let both_orders = self.lie.as_ref().map(|lie| lie.other.is_some());
        Some(match (&self.mismatch, both_orders, self.unfinished) {
            (Some(_), _, _) => {
                "two states hash alike and go on differently, so a hash leaves something out".into()
            }
            (None, Some(true), _) => {
                "two events come to different states in their two orders, and are said to touch nothing in common".into()
            }
            (None, Some(false), _) => "an event brings about another one that touches more than it is said to".into(),
            (None, None, Some(Unfinished::States)) => format!("there are more than {states}"),
            (None, None, Some(Unfinished::Interrupted)) => format!("it was interrupted after {states}"),
            (None, None, None) => return None,
        })
    }

    /// How many orders and states there are, and on what that rests.
    fn account(&self) -> String {
        let up_to = if self.failing > 0 { " up to where one fails" } else { "" };
        let (all, inequivalent) =
            self.orders.map_or((None, None), |orders| (orders.all, orders.inequivalent));
        let orders = match (all, inequivalent) {
            (Some(all), Some(inequivalent)) => {
                format!("{}{up_to} ({inequivalent} inequivalent)", counted(all, "order"))
            }
            (Some(all), None) => counted(all, "order") + up_to,
            (None, Some(inequivalent)) => counted(inequivalent, "inequivalent order") + up_to,
            (None, None) => String::new(),
        };
        let states = counted(self.states.into(), "state");
        let mut account = format!("{orders}, {states} ({} at the end)", self.ends);
        for Group { name, members } in &self.groups {
            let members = members.len();
            account.extend(["; the ", &format!("{members}"), " of ", name, " can change places"]);
        }
        account
    }
}

impl fmt::Display for Exploration {
    /// What is known now, in one sentence.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(shortcoming) = self.shortcoming() {
            return write!(out, "nothing is proved: {shortcoming}");
        }
        match self.failing {
            0 if self.rests_on_footprints => {
                write!(out, "nothing fails in any order, if events touch no more than they are said to")?;
            }
            0 => write!(out, "proved: nothing fails in any order")?,
            failing => write!(out, "{} can fail", counted(failing.into(), "thing"))?,
        }
        if let Some(deviations) = self.deviations {
            write!(out, " within {} from that of scheduling", counted(deviations.into(), "deviation"))?;
        }
        write!(out, "; {}", self.account())
    }
}

/// Goes through all orders of a program: all that its lanes, phases and bands allow, with the draws of one seed.
///
/// Orders that follow from others are left out, unless the scope says otherwise: those that differ in nothing but who of a
/// [group](Forking::groups) is who, if some random orders go alike with the group's actors exchanged, and nobody draws; and
/// those that differ in the order of events that [touch](Forking::due) nothing in common, if both orders of those come to the
/// same from each state in which some are left for later.
///
/// Costs one fork and one hash of a state for each event that can run in each state; where some are left for later, two forks
/// and four events for each of those and each that is followed. Memory grows with the states, by about 100 bytes each and 40
/// for each event that can run in them, and with the choices of one run, each by a copy of the run.
/// `goes_on` is asked before each event; once it says no, nothing is proved.
pub fn explore<P: Forking>(
    program: &P,
    setup: Setup,
    scope: Scope,
    goes_on: &dyn Fn() -> bool,
) -> Exploration {
    let task = Task::new(program, setup, scope, goes_on);
    let mut groups = task.interchangeable();
    let mut graph = Graph::of(&task.with_rule(&groups));
    if graph.are_unlike {
        groups.clear();
        graph = Graph::of(&task.with_rule(&groups));
    }
    let is_whole = graph.unfinished.is_none() && graph.lie.is_none();
    let orders = is_whole.then(|| count::orders(&graph));
    let ends = graph.ends();
    let Graph { states, steps, contended, unfinished, found, monitors, mismatch, lie, checked, .. } = graph;
    let rests_on_footprints = graph.is_reduced;
    let (states, failing, deviations) = (states.len() as u64, monitors.len() as u64, scope.deviations);
    Exploration {
        states,
        steps,
        ends,
        contended,
        orders,
        unfinished,
        found,
        failing,
        checked,
        mismatch,
        lie,
        groups,
        rests_on_footprints,
        deviations,
    }
}

/// Returns the events of the instants at which something was chosen on the way to where a path ends, line by line. Those that
/// were chosen among two or more are marked.
pub fn path_events<P: Forking>(program: &P, setup: Setup, path: &Path) -> Vec<String> {
    let run = program.begin(setup, Picker::new(setup.seed, Rule::All).telling());
    let mut run = replay(program, run, path);
    let told = program.picker(&mut run).told();
    told.map_or_else(Vec::new, |Told { directory, history, chosen }| {
        events_around(history, chosen, directory)
    })
}
