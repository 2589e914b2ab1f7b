//! Which rows there are, and what came out of each.

use tiebreak_versus::{Case, Distribution, Outcome, Workload};

use crate::arguments::Arguments;
use crate::peers::Peer;

const KILO: usize = 1024;

/// Sizes are powers of two, and so are warm-ups and events: a run ends with a whole instant where all events tie.
const ROWS: [(Workload, Distribution, usize); 21] = [
    (Workload::Hold, Distribution::Exponential, 64),
    (Workload::Hold, Distribution::Exponential, KILO),
    (Workload::Hold, Distribution::Exponential, 16 * KILO),
    (Workload::Hold, Distribution::Exponential, 256 * KILO),
    (Workload::Hold, Distribution::Exponential, KILO * KILO),
    (Workload::Hold, Distribution::Bimodal, 16 * KILO),
    (Workload::Hold, Distribution::Bimodal, KILO * KILO),
    (Workload::Hold, Distribution::Constant, 16 * KILO),
    (Workload::Hold, Distribution::Constant, KILO * KILO),
    (Workload::Hold, Distribution::Tick, 16 * KILO),
    (Workload::Hold, Distribution::Tick, KILO * KILO),
    (Workload::Churn, Distribution::Timeout, KILO),
    (Workload::Churn, Distribution::Timeout, 16 * KILO),
    (Workload::Churn, Distribution::Timeout, 256 * KILO),
    (Workload::Actors, Distribution::Exponential, KILO),
    (Workload::Actors, Distribution::Exponential, 64 * KILO),
    (Workload::FanOut, Distribution::Constant, 16),
    (Workload::FanOut, Distribution::Constant, 256),
    (Workload::FanOut, Distribution::Constant, 4 * KILO),
    (Workload::Burst, Distribution::Constant, 64),
    (Workload::Burst, Distribution::Constant, 16 * KILO),
];

/// The sizes of a quick run are at most this.
const QUICK_SIZE: usize = 64;
const QUICK_EVENTS: u64 = 2_048;

/// The cases of a run.
pub(crate) fn rows(arguments: &Arguments) -> Vec<Case> {
    let mut cases: Vec<Case> = ROWS
        .iter()
        .filter(|(workload, ..)| arguments.only.as_ref().is_none_or(|only| only.contains(workload)))
        .map(|(workload, distribution, size)| case(*workload, *distribution, *size, arguments))
        .collect();
    cases.dedup();
    cases
}

fn case(workload: Workload, distribution: Distribution, size: usize, arguments: &Arguments) -> Case {
    let size = if arguments.is_quick { size.min(QUICK_SIZE) } else { size };
    let (warm_up, events) = match workload {
        Workload::Hold | Workload::Actors => (1 << 17, 1 << 19),
        Workload::Churn => (1 << 14, 1 << 16),
        Workload::FanOut | Workload::Burst => (1 << 16, 1 << 19),
    };
    let at_most = if arguments.is_quick { QUICK_EVENTS } else { arguments.events.unwrap_or(u64::MAX) };
    let whole = |events: u64| {
        let per_size = if workload == Workload::Churn { 1 } else { size as u64 };
        events.min(at_most).next_multiple_of(per_size)
    };
    Case { workload, distribution, size, warm_up: whole(warm_up), events: whole(events) }
}

/// All that was measured of one row.
#[derive(Debug)]
pub(crate) struct Results {
    pub(crate) case: Case,
    pub(crate) cells: Vec<Cell>,
}

/// What was measured of one peer in one row.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) peer: &'static Peer,
    /// What it was asked to run; shorter than the row for some.
    pub(crate) case: Case,
    pub(crate) state: State,
    /// One a round.
    pub(crate) outcomes: Vec<Outcome>,
}

/// Whether there is something to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    Measured,
    LeftOut(&'static str),
    Absent(&'static str),
    Failed(String),
}

impl Cell {
    /// Nanoseconds a unit, one a round.
    #[expect(clippy::cast_precision_loss, reason = "a run is far shorter than 2^53 ns")]
    pub(crate) fn nanoseconds(&self) -> Vec<f64> {
        let units = self.case.units() as f64;
        self.outcomes.iter().map(|outcome| outcome.nanoseconds as f64 / units).collect()
    }
}
