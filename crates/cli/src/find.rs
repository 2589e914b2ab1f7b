//! One find of a campaign: made small, shrunk, and told.

use tiebreak::explore::{
    self, Calibration, Constraint, Directory, Found, History, Minimal, Shrunk, Symptom, default_orders,
    try_cause,
};
use tiebreak_diagnostic::counted;
use tiebreak_runner::Explored;
use tiebreak_scenario::Plan;
use tiebreak_scenario::plan::{Actor, Entry};

use crate::output::visible;

/// How many runs are spent on making a scenario smaller.
const RUNS: u64 = 20_000;
/// How many events of an instant are shown.
const EVENTS_SHOWN: usize = 24;

/// A find made small.
#[derive(Debug)]
pub(crate) struct Find<'a> {
    /// What was left of the scenario, and what makes it fail.
    pub(crate) minimal: Minimal<Explored<'a>>,
    /// How large the scenario was, and is: clients, then steps and reactions.
    sizes: [(usize, usize); 2],
    /// The events of the instants at which the order matters, in the order that fails.
    events: Vec<String>,
}

/// Makes a find as small as it gets.
pub(crate) fn minimize<'a>(
    program: &Explored<'a>,
    symptom: &Symptom,
    found: &Found,
    calibration: &Calibration,
    directory: &mut Directory,
) -> Find<'a> {
    let job = &found.first.job;
    let history = job.watch(program, calibration, directory).history;
    let minimal = explore::minimize(program.clone(), history, symptom, directory, (job.seed, RUNS));
    let sizes = [program.plan(), minimal.program.plan()].map(size);
    let events = minimal.shrunk.as_ref().map(|shrunk| events(&minimal.program, shrunk, directory));
    Find { minimal, sizes, events: events.unwrap_or_default() }
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

/// The events of the instants at which constraints hold, as a run under the cause has them; those of constraints are marked.
fn events(program: &Explored<'_>, shrunk: &Shrunk, directory: &mut Directory) -> Vec<String> {
    let order = default_orders(1, 1)[0];
    let history = try_cause(program, &shrunk.cause, order, directory).history;
    let constrained = |constraint: &Constraint| [constraint.before.to_string(), constraint.after.to_string()];
    let constrained: Vec<String> = shrunk.cause.constraints.iter().flat_map(constrained).collect();
    let count = history.dispatches.len() as u64;
    let is_marked = |number: &u64| constrained.contains(&history.reference(*number, directory).to_string());
    let marked: Vec<u64> = (1..=count).filter(is_marked).collect();
    let mut lines = Vec::new();
    let mut last = None;
    for (event, number) in history.dispatches.iter().zip(1..) {
        if !marked.iter().any(|other| history.event(*other).is_some_and(|other| other.at == event.at)) {
            continue;
        }
        if last != Some(event.at) {
            lines.push(format!("  at {}", event.at));
        }
        last = Some(event.at);
        let mark = if marked.contains(&number) { '*' } else { ' ' };
        lines.push(format!(
            "  {mark} {}{}",
            named(&history, number, directory),
            cause(&history, number, directory)
        ));
    }
    let more = lines.len().saturating_sub(EVENTS_SHOWN);
    lines.truncate(EVENTS_SHOWN);
    if more > 0 {
        lines.push(format!("    … {more} more"));
    }
    lines
}

/// The name of an event, with its repeat.
fn named(history: &History, number: u64, directory: &Directory) -> String {
    let event = history.event(number);
    event.map_or(String::new(), |event| format!("{}#{}", directory.text(event.name), event.repeat))
}

/// What led to an event.
fn cause(history: &History, number: u64, directory: &Directory) -> String {
    match history.event(number).map(|event| event.cause) {
        None | Some(0) => String::new(),
        Some(cause) => format!("  < {}", named(history, cause, directory)),
    }
}

impl Find<'_> {
    /// What is said of it.
    pub(crate) fn lines(&self) -> Vec<String> {
        let [(clients, steps), (clients_left, steps_left)] = self.sizes;
        let mut lines = vec![format!(
            "  made small in {} runs: {clients_left} of {clients} clients, {steps_left} of {steps} steps and reactions",
            self.minimal.runs
        )];
        match &self.minimal.shrunk {
            None => {
                lines.push("  it does not follow from the order of events and the draws alone".to_owned());
            }
            Some(shrunk) => {
                lines.extend(needs(shrunk));
                lines.extend(self.events.iter().map(visible));
            }
        }
        lines
    }
}

/// What a failure needs.
fn needs(Shrunk { cause, confirmed, .. }: &Shrunk) -> Vec<String> {
    let (orderings, draws) = (cause.constraints.len(), cause.draws.len());
    let noun = |count: usize, one: &str| counted(count as u64, one);
    let head = match (orderings, draws) {
        (0, 0) => "  fails in every order".to_owned(),
        (_, 0) => format!("  needs {}", noun(orderings, "ordering")),
        (0, _) => format!("  needs {}", noun(draws, "draw")),
        _ => format!("  needs {} and {}", noun(orderings, "ordering"), noun(draws, "draw")),
    };
    let mut lines =
        vec![format!("{head}; {confirmed} of {} other orders fail with it", explore::ORDERS_CONFIRMED)];
    lines.extend(cause.constraints.iter().map(|constraint| format!("    {}", visible(constraint))));
    lines.extend(cause.draws.iter().map(|draw| format!("    {}", visible(draw))));
    lines
}
