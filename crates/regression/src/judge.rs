//! How a regression stands: it is run under its orderings, with several orders that decide the rest.

use tiebreak_explore::{
    Calibration, Cause, Directory, History, Job, Program, Symptom, Tactic, default_orders, try_cause,
};

use crate::expected::{Expected, FoundBy};
use crate::unkept::{Unkept, is_possible};

/// How a regression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It comes to what is expected.
    AsExpected,
    /// It no longer fails, and was rewritten to say so.
    Accepted,
    /// It should fail and passes in every order.
    NoLongerFails,
    /// The run has changed: its events do not happen, or it fails in some orders only.
    Diverged,
    /// It fails, but should pass or fail otherwise.
    Fails,
    /// Its file has mistakes.
    Broken,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::AsExpected, Self::Accepted, Self::NoLongerFails, Self::Diverged, Self::Fails, Self::Broken];

    /// Returns it in words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AsExpected => "as expected",
            Self::Accepted => "accepted",
            Self::NoLongerFails => "no longer failing",
            Self::Diverged => "diverged",
            Self::Fails => "failing",
            Self::Broken => "broken",
        }
    }
}

/// What came of a regression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// How it stands.
    pub standing: Standing,
    /// That in words.
    pub says: String,
    /// What there is to say besides, one line each.
    pub details: Vec<String>,
    /// What the first run says that fails as the regression does.
    pub message: Option<String>,
}

impl Judged {
    /// What there is no more to say about.
    #[must_use]
    pub fn new(standing: Standing, says: impl Into<String>) -> Self {
        Self { standing, says: says.into(), details: Vec::new(), message: None }
    }
}

/// Runs a program under the orderings and draws of a regression, with as many orders that decide the rest as are asked for.
/// The seeds of those follow from `seed`.
pub fn judge<P: Program + ?Sized>(
    program: &P,
    cause: &Cause,
    (expected, found): (&Expected, &FoundBy),
    (seed, orders): (u64, u64),
) -> Judged {
    let symptom = expected.symptom().lasting();
    let mut directory = Directory::default();
    let mut tally = Tally { orders, ..Tally::default() };
    for order in default_orders(seed, orders) {
        let trial = try_cause(program, cause, order, &mut directory);
        let unkept = Unkept::of(cause, &trial.broken, &trial.history, &directory);
        // As the shrinker has it: whoever had to run too early is not in the order that is asked for.
        let mut so = trial.symptoms.iter().zip(trial.outcome.failures());
        let so = so.find(|(found, _)| found.lasting() == symptom && trial.broken.is_empty());
        if let Some((_, failure)) = so {
            tally.fail_so += 1;
            tally.message.get_or_insert_with(|| failure.message.clone());
        } else if let Some(failure) = trial.outcome.failures().first() {
            tally.fail_otherwise += 1;
            tally.otherwise.get_or_insert_with(|| failure.message.clone());
        } else {
            tally.pass += 1;
        }
        tally.keep += u64::from(unkept.is_empty());
        if tally.unkept.is_empty() {
            tally.unkept = unkept.iter().map(ToString::to_string).collect();
        }
    }
    let message = tally.message.take();
    if !tally.unkept.is_empty() && tally.fail_so < orders {
        let free = |order| try_cause(program, &Cause::default(), order, &mut directory).history;
        let runs: Vec<History> = default_orders(seed, orders).into_iter().map(free).collect();
        tally.is_prevented = is_possible(cause, &runs, &directory);
    }
    let seed_fails =
        || by_seed(program, found, &mut directory).iter().any(|found| found.lasting() == symptom);
    let judged = match expected {
        Expected::Fails { .. } => tally.of_failing(cause, found, seed_fails),
        Expected::Passes { .. } => tally.of_passing(cause, found, seed_fails),
    };
    Judged { message, ..judged }
}

/// What fails in the run that has found a regression, if that depends on the order policy and the seed alone.
fn by_seed<P: Program + ?Sized>(program: &P, found: &FoundBy, directory: &mut Directory) -> Vec<Symptom> {
    let FoundBy { strategy, seed, run, .. } = *found;
    match strategy {
        Tactic::Clocks | Tactic::Fifo | Tactic::Rounds => {
            let turn = run.saturating_sub(1);
            let job = Job { number: turn, tactic: strategy, turn, seed, prefix: Vec::new() };
            job.watch(program, &Calibration::default(), directory).symptoms
        }
        Tactic::Walk | Tactic::Pos | Tactic::Urw | Tactic::Pct(_) | Tactic::Delay(_) => Vec::new(),
    }
}

/// What runs of a regression came to.
#[derive(Debug, Default)]
struct Tally {
    orders: u64,
    /// How many fail as the regression says, and what the first says.
    fail_so: u64,
    message: Option<String>,
    /// How many fail otherwise, and how the first does.
    fail_otherwise: u64,
    otherwise: Option<String>,
    pass: u64,
    /// In how many the constraints were kept, and what was not kept in the first of the others.
    keep: u64,
    unkept: Vec<String>,
    /// Whether the order that failed cannot happen any more, though its events do in other orders.
    is_prevented: bool,
}

impl Tally {
    /// How a regression stands that should fail.
    fn of_failing(self, cause: &Cause, found: &FoundBy, seed_fails: impl FnOnce() -> bool) -> Judged {
        let Self { orders, fail_so, fail_otherwise, otherwise, pass, unkept, is_prevented, .. } = self;
        if fail_so == orders {
            return Judged::new(Standing::AsExpected, format!("it fails in all of {orders} orders"));
        }
        if !unkept.is_empty() && !is_prevented {
            let says = "the run has changed";
            return Judged { details: unkept, ..Judged::new(Standing::Diverged, says) };
        }
        let the_seed = format!("{}, seed {}", found.strategy, found.seed);
        match (cause.is_empty(), seed_fails()) {
            (true, true) => return Judged::new(Standing::AsExpected, format!("it fails by {the_seed}")),
            (false, true) => {
                let says = format!("the constraints no longer make it fail; the seed does ({the_seed})");
                return Judged::new(Standing::Diverged, says);
            }
            (_, false) => {}
        }
        if let Some(message) = otherwise {
            let says = format!("it fails otherwise in {fail_otherwise} of {orders} orders");
            return Judged { details: vec![message], ..Judged::new(Standing::Fails, says) };
        }
        if pass == orders {
            let why = if is_prevented { ": the order that failed cannot happen any more" } else { "" };
            let says = format!("it no longer fails in any of {orders} orders{why}");
            return Judged::new(Standing::NoLongerFails, says);
        }
        Judged::new(Standing::Diverged, format!("it fails in {fail_so} of {orders} orders only"))
    }

    /// How a regression stands that should pass.
    fn of_passing(self, cause: &Cause, found: &FoundBy, seed_fails: impl FnOnce() -> bool) -> Judged {
        let Self { orders, fail_so, fail_otherwise, otherwise, keep, unkept, is_prevented, .. } = self;
        if fail_so > 0 {
            return Judged::new(Standing::Fails, format!("it fails again in {fail_so} of {orders} orders"));
        }
        if let Some(message) = otherwise {
            let says = format!("it fails in {fail_otherwise} of {orders} orders");
            return Judged { details: vec![message], ..Judged::new(Standing::Fails, says) };
        }
        if cause.is_empty() && seed_fails() {
            let says = format!("it fails again by {}, seed {}", found.strategy, found.seed);
            return Judged::new(Standing::Fails, says);
        }
        if keep == 0 && !is_prevented {
            let says = "it passes, but the run has changed: it guards nothing";
            return Judged { details: unkept, ..Judged::new(Standing::Diverged, says) };
        }
        Judged::new(Standing::AsExpected, format!("it passes in all of {orders} orders"))
    }
}
