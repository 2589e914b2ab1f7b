//! One find of a campaign: made small, shrunk, and told.

use tiebreak::explore::{self, Calibration, Directory, Effort, Found, Minimal, Reasons, Symptom, Watched};
use tiebreak_runner::{Explored, LIMIT, MODEL, ModelCheck, Prepared, Recordings, RunOptions};
use tiebreak_scenario::Plan;
use tiebreak_scenario::plan::{Actor, Entry, TieOrder};

use crate::because::{Again, TRACED_MAX};
use crate::output::visible;

/// A find made small.
#[derive(Debug)]
pub(crate) struct Find<'a> {
    /// What was left of the scenario, and what makes it fail.
    pub(crate) minimal: Minimal<Explored<'a>>,
    /// The run that has found it.
    pub(crate) watched: Watched,
    /// How large the scenario was, and is: clients, then steps and reactions.
    sizes: [(usize, usize); 2],
    /// The events of the instants at which the order matters, in the order that fails, and in what the nearest run that passes
    /// differs.
    events: Vec<String>,
    /// Every reason for which it fails, if that is wanted and there is an order at all.
    reasons: Option<Reasons>,
    /// The numbers that do not matter.
    pub(crate) free: Vec<String>,
    /// How many runs all that took.
    runs: u64,
}

/// Which reasons are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// One.
    One,
    /// All of them.
    All,
}

/// Makes a find as small as it gets.
pub(crate) fn minimize<'a>(
    program: &Explored<'a>,
    symptom: &Symptom,
    found: &Found,
    (calibration, wanted): (&Calibration, Wanted),
    directory: &mut Directory,
    goes_on: &dyn Fn() -> bool,
) -> Find<'a> {
    let job = &found.first.job;
    let watched = job.watch(program, calibration, directory);
    let mut effort = Effort::on(&watched.history, job.seed).while_it(goes_on);
    let minimal =
        explore::minimize(program.clone(), watched.history.clone(), symptom, directory, &mut effort);
    let sizes = [program.plan(), minimal.program.plan()].map(size);
    let (mut events, mut free, mut reasons) = (Vec::new(), Vec::new(), None);
    if let Ok(shrunk) = &minimal.shrunk {
        events = explore::failing_events(&minimal.program, &shrunk.cause, directory);
        events.extend(explore::nearest_passing(&minimal.program, &shrunk.cause, directory));
        if shrunk.is_confirmed() {
            free = minimal.program.free(&shrunk.cause, symptom, directory, &mut effort);
        }
    }
    let runs = effort.spent();
    if let Some(shrunk) = minimal.shrunk.as_ref().ok().filter(|shrunk| !shrunk.cause.constraints.is_empty()) {
        let (program, run) = (&minimal.program, (&minimal.history, &shrunk.cause));
        let mut effort = Effort::on(&minimal.history, job.seed).while_it(goes_on);
        reasons = (wanted == Wanted::All).then(|| Reasons::of(program, run, symptom, directory, &mut effort));
    }
    Find { minimal, watched, sizes, events, reasons, free, runs }
}

/// How many clients a plan has, members counted one by one, and how many steps and reactions.
fn size(plan: &Plan) -> (usize, usize) {
    plan.clients.iter().fold((0, 0), |(clients, steps), entry| {
        let (more, of_each) = match entry {
            Entry::One(Actor::Client(client)) => (1, client.script.len() + client.on.len()),
            Entry::Group(group) => (group.members().count(), group.script.len() + group.on.len()),
            Entry::One(Actor::Observer(_) | Actor::Feed(_)) => (1, 1),
        };
        (clients + more, steps + more * of_each)
    })
}

impl Find<'_> {
    /// What was left of the scenario, in the order that makes it fail; `None` if that is not known.
    pub(crate) fn plan(&self) -> Option<Plan> {
        let shrunk = self.minimal.shrunk.as_ref().ok()?;
        let mut small = self.minimal.program.plan().clone();
        let by_hand = small.order.cause().cloned().unwrap_or_default();
        small.order = TieOrder::from(by_hand.and(shrunk.cause.clone()));
        Some(small)
    }

    /// How it came about in what was left of the scenario, in lines; nothing if it is not known what makes it fail, or if no
    /// record shows it.
    pub(crate) fn because(
        &self,
        symptom: &Symptom,
        (recordings, options): (&Recordings, RunOptions),
    ) -> Vec<String> {
        // A limit is no finding, and a run up to it is long.
        let is_long = symptom.monitor == LIMIT || self.minimal.history.dispatches.len() as u64 > TRACED_MAX;
        let Some(plan) = self.plan().filter(|_| !is_long) else { return Vec::new() };
        let Ok(prepared) = Prepared::new(&plan, recordings) else { return Vec::new() };
        let model = if symptom.monitor == MODEL { ModelCheck::On } else { options.model };
        Again { prepared: &prepared, how: RunOptions { model, ..options } }.of_symptom(symptom)
    }

    /// What is said of it.
    pub(crate) fn lines(&self) -> Vec<String> {
        let [(clients, steps), (clients_left, steps_left)] = self.sizes;
        let mut lines = vec![format!(
            "  made small in {} runs: {clients_left} of {clients} clients, {steps_left} of {steps} steps and reactions",
            self.runs
        )];
        match &self.minimal.shrunk {
            Err(reason) => lines.push(format!("  {reason}")),
            Ok(shrunk) => {
                let reasons = self.reasons.iter().flat_map(Reasons::lines);
                let told = shrunk.lines().into_iter().chain(self.events.iter().cloned());
                let told = told.chain(reasons);
                let slips = shrunk.slips.iter().map(|Symptom { monitor, event }| {
                    let event = if event.is_empty() { String::new() } else { format!(" during {event}") };
                    format!("met on the way: {monitor} fails{event}")
                });
                let free =
                    (!self.free.is_empty()).then(|| format!("does not matter: {}", self.free.join(", ")));
                lines.extend(told.chain(free).chain(slips).map(|line| format!("  {}", visible(line))));
            }
        }
        lines
    }
}
