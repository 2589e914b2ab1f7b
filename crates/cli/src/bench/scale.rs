//! A scenario with larger and larger groups: what grows with them, and how.

use serde::Serialize;
use tiebreak::measure::events_per_second;
use tiebreak_runner::Prepared;
use tiebreak_scenario::plan::{Entry, Expectation};
use tiebreak_scenario::{MEMBERS_MAX, Plan};

use super::document::Times;
use super::kinds::Counted;
use super::text::{hundredths, tenths};
use super::{AS_A_SWEEP, Effort, Side, findings, time_runs};
use crate::arguments::{Bench as Options, CheckFormat};
use crate::exit::{Error, Exit};
use crate::interrupt::is_interrupted;
use crate::output::{Sink, json, visible};

/// Measures a scenario with its groups made larger by each factor.
pub(super) fn scale(options: &Options, side: &Side) -> Result<Exit, Error> {
    let factors = &options.scale;
    let plans: Vec<Scaled> =
        factors.iter().map(|factor| Scaled::of(&side.ready.plan, *factor)).collect::<Result<_, Error>>()?;
    let effort = Effort::of(options).share(1, u32::try_from(factors.len()).unwrap_or(u32::MAX).max(1));
    let (mut steps, mut exit) = (Vec::new(), Exit::Fine);
    for Scaled { factor, plan, .. } in &plans {
        if is_interrupted() {
            break;
        }
        let prepared = Prepared::new(plan, &side.ready.recordings)
            .map_err(|error| Error::Input(format!("{error}, if groups are {factor} times as large")))?;
        let counted = Counted::of(&prepared, side.options);
        let times = Times::of(&time_runs(&prepared, side.options, effort));
        exit = exit.max(Exit::of(&counted.report));
        steps.push(Step::of(*factor, plan, &counted, times));
    }
    let groups = plans.first().map(|scaled| scaled.groups.clone()).unwrap_or_default();
    let mut out = Sink::stdout();
    match options.format {
        CheckFormat::Json => out.line(json(&Printed { scenario: side.path(), groups, steps })),
        CheckFormat::Text => {
            out.line(format_args!("{} · groups made larger: {}", side.path(), groups.join(", ")));
            out.line(AS_A_SWEEP);
            out.line("expectations are left out, but for monitors that are expected to fail; feeds stay as they are\n");
            for line in table(&steps) {
                out.line(line);
            }
        }
    }
    out.finish()?;
    Ok(exit)
}

/// A plan whose groups were made larger.
#[derive(Debug)]
struct Scaled {
    factor: u32,
    plan: Plan,
    /// The names of the groups.
    groups: Vec<String>,
}

impl Scaled {
    fn of(plan: &Plan, factor: u32) -> Result<Self, Error> {
        let (mut plan, mut groups) = (plan.clone(), Vec::new());
        for entry in &mut plan.clients {
            let Entry::Group(group) = entry else { continue };
            // Who names the members that take part does not mean more of them.
            let Some(count) = group.count.filter(|_| group.only.is_empty()) else { continue };
            let name = visible(&group.name);
            let larger = u64::from(count) * u64::from(factor);
            if larger > u64::from(MEMBERS_MAX) {
                return Err(Error::Input(format!(
                    "scaled by {factor} the group `{name}` would have {larger} members; {MEMBERS_MAX} are the most"
                )));
            }
            group.count = Some(count * factor);
            groups.push(name);
        }
        if groups.is_empty() {
            let message =
                "nothing to scale: the scenario has no group (`count:`) whose members all take part";
            return Err(Error::Input(message.to_owned()));
        }
        plan.expect.retain(|expectation| matches!(expectation, Expectation::Fails(_)));
        plan.limit = plan.limit.map(|limit| limit.saturating_mul(factor.into()));
        let plan = checked(&plan, factor)?;
        Ok(Self { factor, plan, groups })
    }
}

/// Checks a plan as if it had been written so: larger numbers may make names or addresses that are not valid.
fn checked(plan: &Plan, factor: u32) -> Result<Plan, Error> {
    let loaded = tiebreak_scenario::load(&tiebreak_scenario::write(plan));
    loaded.map(|loaded| loaded.plan).map_err(|mistakes| {
        let first = mistakes.into_iter().find(|found| found.severity == tiebreak_diagnostic::Severity::Error);
        let message = first.map(|found| found.message).unwrap_or_default();
        Error::Input(format!("the scenario cannot be scaled by {factor}: {}", visible(message)))
    })
}

/// What is printed as JSON.
#[derive(Debug, Serialize)]
struct Printed {
    scenario: String,
    groups: Vec<String>,
    steps: Vec<Step>,
}

/// What was measured with one factor.
#[derive(Debug, Clone, Serialize)]
struct Step {
    factor: u32,
    /// How many clients, observers and feeds take part.
    clients: usize,
    events: u64,
    findings: Vec<String>,
    run: Times,
    allocations: u64,
    peak_bytes: u64,
    most_pending: u64,
    most_routes: u64,
}

impl Step {
    fn of(factor: u32, plan: &Plan, counted: &Counted, run: Times) -> Self {
        Self {
            factor,
            clients: plan.expand().len(),
            events: counted.report.events,
            findings: findings(&counted.report),
            run,
            allocations: counted.all.allocations,
            peak_bytes: counted.all.peak,
            most_pending: counted.most.pending,
            most_routes: counted.most.routes,
        }
    }

    /// Picoseconds an event.
    fn event_ps(&self) -> u64 {
        self.run.median.saturating_mul(1_000) / self.events.max(1)
    }
}

/// A row for each factor; ratios are to the row above.
fn table(steps: &[Step]) -> Vec<String> {
    let mut lines = vec![format!(
        "{:>6}  {:>7}  {:>9} {:>7}  {:>10}  {:>8} {:>6}  {:>11} {:>7}  {:>8}  {:>8}",
        "factor", "clients", "events", "×", "events/s", "ns/event", "×", "bytes", "×", "pending", "routes"
    )];
    for (at, step) in steps.iter().enumerate() {
        let above = at.checked_sub(1).map(|above| &steps[above]);
        let growth =
            |of: fn(&Step) -> u64| above.map_or_else(String::new, |above| hundredths(of(step), of(above)));
        lines.push(format!(
            "{:>6}  {:>7}  {:>9} {:>7}  {:>10}  {:>8} {:>6}  {:>11} {:>7}  {:>8}  {:>8}",
            step.factor,
            step.clients,
            step.events,
            growth(|step| step.events),
            events_per_second(step.events, step.run.median),
            tenths(step.event_ps()),
            growth(Step::event_ps),
            step.peak_bytes,
            growth(|step| step.peak_bytes),
            step.most_pending,
            step.most_routes,
        ));
    }
    lines.push("×: how many times as much as in the row above; bytes: the most memory at once".to_owned());
    for (before, after) in steps.iter().zip(steps.iter().skip(1)) {
        let bytes = after.peak_bytes.saturating_sub(before.peak_bytes);
        for (what, before_count, after_count) in [
            ("pending event", before.most_pending, after.most_pending),
            ("route", before.most_routes, after.most_routes),
        ] {
            if after_count > before_count {
                let each = bytes / (after_count - before_count);
                let (from, to) = (before.factor, after.factor);
                lines.push(format!(
                    "from {from} to {to}: {each} bytes for each {what} more, if all is put down to them"
                ));
            }
        }
    }
    for step in steps {
        for finding in &step.findings {
            lines.push(format!("scaled by {}, the run is wrong: {}", step.factor, visible(finding)));
        }
    }
    lines
}
