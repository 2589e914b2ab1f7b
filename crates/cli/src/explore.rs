//! `tiebreak explore`: all orders of a scenario; what fails is made small and shrunk to the orderings that it needs.

use tiebreak::Order;
use tiebreak::explore::{
    Calibration, Counterexample, Directory, Estimate, Exploration, Failure, Found, Job, Mismatch, Scope,
    Setup, Tactic, Unfinished, estimate, explore as go_through, path_events,
};
use tiebreak_diagnostic::counted;
use tiebreak_runner::{Explored, ModelCheck, RunOptions};

use crate::arguments::Explore;
use crate::exit::{Error, Exit};
use crate::find::{Wanted, minimize};
use crate::fuzz::exit_of;
use crate::interrupt::{self, Part, is_interrupted};
use crate::load::Ready;
use crate::output::{Sink, Terminal, visible};

/// Goes through all orders of a scenario.
pub(crate) fn explore(options: &Explore, terminal: Terminal) -> Result<Exit, Error> {
    let scenario = &options.scenario;
    if scenario.model() == ModelCheck::On {
        return Err(Error::Input(
            "`explore` does not compare with the reference model; `fuzz --check-model` does".into(),
        ));
    }
    let ready = Ready::read(scenario, terminal)?;
    let program = ready.explored(scenario.of_a_search());
    if program.has_order() {
        return Err(Error::Input(
            "the scenario has an order by hand, which is one of all orders; leave `order` out to go through all of them"
                .into(),
        ));
    }
    let setup = Setup { order: Order::Seeded, seed: options.seed };
    let scope =
        Scope { states: options.states, deviations: options.delays, leaves_out: !options.every_order };
    let mut out = Sink::stdout();
    if let Some(runs) = options.estimate {
        out.line(estimated(&estimate(&&program, setup, scope, runs)));
        out.finish()?;
        return Ok(Exit::Fine);
    }
    // Going through all orders, and making small what fails.
    interrupt::stop_by_itself();
    let explored = go_through(&&program, setup, scope, &|| !is_interrupted());
    let mut exit = Exit::Fine;
    for counterexample in &explored.found {
        exit = exit.max(tell(&program, setup, counterexample, &mut out));
    }
    if let Some(Mismatch { path, other, .. }) = &explored.mismatch {
        for path in [path, other] {
            out.line(format_args!("hashes like another state · after {}", counted(path.events, "event")));
            for line in path_events(&&program, setup, path) {
                out.line(format_args!("  {}", visible(line)));
            }
        }
    }
    out.line(&explored);
    let how = RunOptions { seed: Some(options.seed), ..scenario.of_a_search() };
    for finding in program.prepared().unmet_orders(how) {
        out.line(finding);
        exit = exit.max(Exit::Found);
    }
    out.finish()?;
    Ok(exit.max(standing(&explored)))
}

/// An estimate in words: in two of three cases the truth is within its error.
fn estimated(Estimate { runs, orders, error, .. }: &Estimate) -> String {
    format!(
        "about {}, standard error {error}, from {}",
        counted(*orders, "order"),
        counted(*runs, "random order")
    )
}

/// What it means how far it came.
fn standing(explored: &Exploration) -> Exit {
    match explored.unfinished {
        _ if explored.mismatch.is_some() => Exit::Internal,
        Some(Unfinished::Interrupted) => Exit::Interrupted,
        Some(Unfinished::States) if explored.found.is_empty() => Exit::Unproved,
        Some(Unfinished::States) | None => Exit::Fine,
    }
}

/// Tells an order that fails, made as small as it gets.
fn tell(program: &Explored<'_>, setup: Setup, found: &Counterexample, out: &mut Sink) -> Exit {
    // The same choices as those of a search that goes on from them.
    let Counterexample { path, failures, .. } = found;
    let prefix = path.choices.clone();
    let job = Job { number: 0, tactic: Tactic::Walk, turn: 0, seed: setup.seed, prefix };
    let (mut directory, calibration) = (Directory::default(), Calibration::default());
    let first = job.run(program, &calibration, &mut directory);
    let mut exit = Exit::Found;
    // The run goes on behind the failure, and what comes there is not what was found.
    let is_found = |failure: &Failure| failures.iter().any(|found| found.monitor == failure.monitor);
    let met = first.symptoms.iter().zip(first.outcome.failures()).filter(|(_, failure)| is_found(failure));
    let part = Part::begin();
    for (symptom, failure) in met {
        out.line(format_args!("found · after {}", counted(path.events, "event")));
        out.line(format_args!("  {}", visible(&failure.message)));
        exit = exit.max(exit_of(&symptom.monitor));
        let found = Found { first: first.clone(), failure: failure.clone(), runs: 1 };
        let (how, goes_on) = ((&calibration, Wanted::One), || part.goes_on());
        for line in minimize(program, symptom, &found, how, &mut directory, &goes_on).lines() {
            out.line(line);
        }
    }
    exit
}
