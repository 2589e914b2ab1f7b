//! `tiebreak explore`: all orders of a scenario; what fails is made small and shrunk to the orderings that it needs.

use tiebreak::Order;
use tiebreak::explore::{
    Budget, Calibration, Counterexample, Directory, Exploration, Found, Job, Setup, Tactic,
    explore as go_through,
};
use tiebreak_diagnostic::counted;
use tiebreak_runner::{Explored, ModelCheck, RunOptions};

use crate::arguments::Explore;
use crate::exit::{Error, Exit};
use crate::find::{Wanted, minimize};
use crate::fuzz::exit_of;
use crate::interrupt::{self, is_interrupted};
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
    let run = RunOptions { until: scenario.until, limit: scenario.limit, ..RunOptions::default() };
    let program = ready.explored(run);
    if program.has_order() {
        return Err(Error::Input(
            "the scenario has an order by hand, which is one of all orders; leave `order` out to go through all of them"
                .into(),
        ));
    }
    interrupt::stop_by_itself(1);
    let setup = Setup { order: Order::Seeded, seed: options.seed };
    let explored = go_through(&&program, setup, Budget { states: options.states }, &|| !is_interrupted());
    let was_interrupted = is_interrupted();
    let mut out = Sink::stdout();
    if was_interrupted {
        out.line(format_args!("interrupted after {} states", explored.states));
    }
    let mut exit = Exit::Fine;
    for counterexample in &explored.found {
        exit = exit.max(tell(&program, setup, counterexample, &mut out));
    }
    out.line(&explored);
    out.finish()?;
    Ok(if was_interrupted { Exit::Interrupted } else { exit.max(standing(&explored)) })
}

/// What it means how far it came.
fn standing(explored: &Exploration) -> Exit {
    if explored.mismatch.is_some() {
        Exit::Internal
    } else if explored.is_complete() || !explored.found.is_empty() {
        Exit::Fine
    } else {
        Exit::Unproved
    }
}

/// Tells an order that fails, made as small as it gets.
fn tell(program: &Explored<'_>, setup: Setup, found: &Counterexample, out: &mut Sink) -> Exit {
    // The same choices as those of a search that goes on from them.
    let Counterexample { path, .. } = found;
    let prefix = path.choices.clone();
    let job = Job { number: 0, tactic: Tactic::Walk, turn: 0, seed: setup.seed, prefix };
    let (mut directory, calibration) = (Directory::default(), Calibration::default());
    let first = job.run(program, &calibration, &mut directory);
    let mut exit = Exit::Found;
    let failures = first.outcome.failures().to_vec();
    for (symptom, failure) in first.symptoms.clone().iter().zip(failures) {
        out.line(format_args!("found · after {}", counted(path.events, "event")));
        out.line(format_args!("  {}", visible(&failure.message)));
        exit = exit.max(exit_of(symptom));
        let found = Found { first: first.clone(), failure, runs: 1 };
        let how = (&calibration, Wanted::One);
        for line in minimize(program, symptom, &found, how, &mut directory, &|| true).lines() {
            out.line(line);
        }
    }
    exit
}
