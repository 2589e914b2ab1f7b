//! How a regression stands: it is run under its orderings, with several orders that decide the rest.

use tiebreak_explore::{
    Calibration, Cause, Constraint, Directory, Failure, FullChoices, History, Job, Program, Watched,
    default_orders, try_cause,
};

use crate::expected::{Expected, FoundBy};
use crate::failing::Way;
use crate::unkept::{Unkept, is_possible, untaken};

/// How a regression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It comes to what is expected.
    AsExpected,
    /// It is not of whoever was asked, and was not run.
    NotRun,
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
    pub const ALL: [Self; 7] = [
        Self::AsExpected,
        Self::NotRun,
        Self::Accepted,
        Self::NoLongerFails,
        Self::Diverged,
        Self::Fails,
        Self::Broken,
    ];

    /// Returns it in words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AsExpected => "as expected",
            Self::NotRun => "not run",
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
    /// How the run is made that fails as is said; `None` if nothing is said of a run that fails.
    pub way: Option<Way>,
}

impl Judged {
    /// What there is no more to say about.
    #[must_use]
    pub fn new(standing: Standing, says: impl Into<String>) -> Self {
        Self { standing, says: says.into(), details: Vec::new(), message: None, way: None }
    }
}

/// What a regression says, to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'r> {
    /// What its runs come to.
    pub expect: &'r Expected,
    /// The orderings and draws that are kept.
    pub order: &'r Cause,
    /// The choices of a failing run; empty if none are kept.
    pub choices: &'r FullChoices,
    /// The run that has found it.
    pub found: &'r FoundBy,
}

impl Claim<'_> {
    /// What is said of one by which nothing would fail.
    const EMPTY: &'static str =
        "it has no orderings and no choices, and its seed says nothing: nothing would make it fail";

    /// Whether nothing is kept by which it would fail.
    fn is_empty(&self) -> bool {
        self.order.is_empty() && self.choices.is_empty() && !self.found.strategy.is_by_seed()
    }
}

/// Runs a program under the orderings and draws of a regression, with as many orders that decide the rest as are asked for.
/// The seeds of those follow from `seed`. If they do not all come to what is expected, the seed of its find is tried, and
/// then the choices.
pub fn judge<P: Program + ?Sized>(program: &P, claim: Claim<'_>, (seed, orders): (u64, u64)) -> Judged {
    let cause = claim.order;
    let symptom = claim.expect.symptom().lasting();
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
            tally.so.get_or_insert_with(|| Fails::of(Way::Ordered(order), failure));
        } else if let Some(failure) = trial.outcome.failures().first() {
            tally.fail_otherwise += 1;
            tally.otherwise.get_or_insert_with(|| Fails::of(Way::Ordered(order), failure));
        } else {
            tally.pass += 1;
        }
        tally.keep += u64::from(unkept.is_empty());
        if tally.unkept.is_empty() {
            tally.unkept = unkept.iter().map(ToString::to_string).collect();
        }
    }
    let fails_always = tally.so.as_ref().filter(|_| tally.fail_so == orders);
    if let (Expected::Fails { .. }, Some(so)) = (claim.expect, fails_always) {
        let judged = Judged::new(Standing::AsExpected, format!("it fails in all of {orders} orders"));
        return Judged { message: Some(so.message.clone()), way: Some(so.way), ..judged };
    }
    let runs = |cause: &Cause, directory: &mut Directory| -> Vec<History> {
        let run = |order| try_cause(program, cause, order, directory).history;
        default_orders(seed, orders).into_iter().map(run).collect()
    };
    if !tally.unkept.is_empty() {
        let constraints = cause.constraints.iter();
        let events = constraints.flat_map(|Constraint { before, after }| [before, after]);
        // What happens only where the draws are as they are to be can happen.
        let as_drawn = runs(&Cause { constraints: Vec::new(), ..cause.clone() }, &mut directory);
        tally.is_prevented = is_possible(events, &cause.draws, (&as_drawn, &directory));
    }
    let still = if tally.fail_so == orders {
        Still::default()
    } else {
        Still::of(program, claim, &mut directory, |directory| runs(&Cause::default(), directory))
    };
    let so = tally.so.as_ref().or(still.fails.as_ref().map(|(_, fails)| fails));
    let message = so.map(|fails| fails.message.clone());
    let judged = match claim.expect {
        Expected::Fails { .. } => tally.of_failing(claim, &still),
        Expected::Passes { .. } => tally.of_passing(claim, &still),
    };
    Judged { message, ..judged }
}

/// A run that fails, and what it says.
#[derive(Debug, Clone)]
struct Fails {
    way: Way,
    message: String,
}

impl Fails {
    fn of(way: Way, failure: &Failure) -> Self {
        Self { way, message: failure.message.clone() }
    }
}

/// What a regression comes to without its orderings: by the seed of its find, and with its choices.
#[derive(Debug, Default)]
struct Still {
    /// By what it still fails so, in words, and how.
    fails: Option<(String, Fails)>,
    /// What does not fit of its choices.
    misfit: Option<String>,
}

impl Still {
    /// Tries the seed, and then the choices. `free` makes some runs in which nothing is kept.
    fn of<P: Program + ?Sized>(
        program: &P,
        Claim { expect, choices, found, .. }: Claim<'_>,
        directory: &mut Directory,
        free: impl FnOnce(&mut Directory) -> Vec<History>,
    ) -> Self {
        let symptom = expect.symptom().lasting();
        let fails = |watched: &Watched, way| {
            let mut so = watched.symptoms.iter().zip(watched.outcome.failures());
            so.find(|(found, _)| found.lasting() == symptom).map(|(_, failure)| Fails::of(way, failure))
        };
        let seeded = by_seed(program, found, directory);
        if let Some(fails) = seeded.and_then(|watched| fails(&watched, Way::Seed)) {
            let by = format!("the seed of its find ({}, seed {})", found.strategy, found.seed);
            return Self { fails: Some((by, fails)), misfit: None };
        }
        if choices.is_empty() {
            return Self::default();
        }
        let followed = choices.follow(program, found.seed, directory);
        if let Some(fails) = fails(&followed, Way::Choices) {
            return Self { fails: Some(("the choices of its find".to_owned(), fails)), misfit: None };
        }
        let misfit = untaken(choices, &followed.history, directory).filter(|_| {
            let events = choices.next.iter().map(|next| &next.event);
            !is_possible(events, &choices.draws, (&free(directory), directory))
        });
        let misfit = misfit.map(|misfit| format!("the choices of its find do not fit: {}", misfit.what()));
        Self { fails: None, misfit }
    }
}

/// The run that has found a regression, if that depends on the order policy and the seed alone.
pub(crate) fn by_seed<P: Program + ?Sized>(
    program: &P,
    found: &FoundBy,
    directory: &mut Directory,
) -> Option<Watched> {
    let FoundBy { strategy, seed, run, .. } = *found;
    let turn = run.saturating_sub(1);
    let job = Job { number: turn, tactic: strategy, turn, seed, prefix: Vec::new() };
    strategy.is_by_seed().then(|| job.watch(program, &Calibration::default(), directory))
}

/// What runs of a regression came to.
#[derive(Debug, Default)]
struct Tally {
    orders: u64,
    /// How many fail as the regression says, and how the first does.
    fail_so: u64,
    so: Option<Fails>,
    /// How many fail otherwise, and how the first does.
    fail_otherwise: u64,
    otherwise: Option<Fails>,
    pass: u64,
    /// In how many the constraints were kept, and what was not kept in the first of the others.
    keep: u64,
    unkept: Vec<String>,
    /// Whether the order that failed cannot happen any more, though its events do in other orders.
    is_prevented: bool,
}

impl Tally {
    /// How a regression stands that should fail, and does not in every order.
    fn of_failing(self, claim: Claim<'_>, Still { fails, misfit }: &Still) -> Judged {
        let Self { orders, fail_so, so, fail_otherwise, otherwise, pass, mut unkept, is_prevented, .. } =
            self;
        let has_changed = !unkept.is_empty() && !is_prevented;
        unkept.extend(misfit.clone());
        let way = so.map(|so| so.way);
        let diverged = |says: String| Judged { way, ..Judged::new(Standing::Diverged, says) };
        if let Some((by, Fails { way, .. })) = fails {
            let way = Some(*way);
            if claim.order.is_empty() {
                return Judged { way, ..Judged::new(Standing::AsExpected, format!("it fails with {by}")) };
            }
            let why =
                if has_changed { "the run has changed" } else { "the orderings no longer make it fail" };
            let says = format!("{why}, but it fails still with {by}");
            return Judged { details: unkept, way, ..diverged(says) };
        }
        if has_changed {
            return Judged { details: unkept, ..diverged("the run has changed".to_owned()) };
        }
        if let Some(Fails { way, message }) = otherwise {
            let says = format!("it fails otherwise in {fail_otherwise} of {orders} orders");
            return Judged { details: vec![message], way: Some(way), ..Judged::new(Standing::Fails, says) };
        }
        if claim.order.is_empty() && misfit.is_some() {
            return Judged { details: unkept, ..diverged("the run has changed".to_owned()) };
        }
        if claim.is_empty() && pass == orders {
            return diverged(Claim::EMPTY.to_owned());
        }
        if pass == orders {
            let why = if is_prevented { ": the order that failed cannot happen any more" } else { "" };
            let says = format!("it no longer fails in any of {orders} orders{why}");
            return Judged::new(Standing::NoLongerFails, says);
        }
        diverged(format!("it fails in {fail_so} of {orders} orders only"))
    }

    /// How a regression stands that should pass.
    fn of_passing(self, claim: Claim<'_>, Still { fails, misfit }: &Still) -> Judged {
        let Self { orders, fail_so, so, fail_otherwise, otherwise, keep, mut unkept, is_prevented, .. } =
            self;
        let has_changed = !unkept.is_empty() && !is_prevented;
        let failing = |way: Way, says: String, mut details: Vec<String>| {
            details.extend(unkept.iter().filter(|_| has_changed).cloned());
            Judged { details, way: Some(way), ..Judged::new(Standing::Fails, says) }
        };
        if let Some(so) = so {
            return failing(so.way, format!("it fails again in {fail_so} of {orders} orders"), Vec::new());
        }
        if let Some(Fails { way, message }) = otherwise {
            return failing(way, format!("it fails in {fail_otherwise} of {orders} orders"), vec![message]);
        }
        if let Some((by, Fails { way, .. })) = fails {
            let but = if has_changed { "the run has changed, but " } else { "" };
            return failing(*way, format!("{but}it fails again with {by}"), Vec::new());
        }
        if claim.is_empty() {
            return Judged::new(Standing::Diverged, Claim::EMPTY);
        }
        let has_no_choices = claim.order.is_empty() && misfit.is_some();
        if has_no_choices || keep == 0 && !is_prevented {
            unkept.extend(misfit.clone());
            let says = "it passes, but the run has changed: it guards nothing";
            return Judged { details: unkept, ..Judged::new(Standing::Diverged, says) };
        }
        Judged::new(Standing::AsExpected, format!("it passes in all of {orders} orders"))
    }
}
