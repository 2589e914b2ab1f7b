//! `tiebreak blame`: at which choice a failing run came to fail.

use tiebreak::explore::{Calibration, Directory, Job, Spark, Tactic, blame as explain};
use tiebreak_regression::{Claim, FailingRun};
use tiebreak_runner::Explored;
use tiebreak_scenario::Plan;
use tiebreak_scenario::plan::Regression;

use crate::arguments::{Blame, ScenarioOptions};
use crate::exit::{Error, Exit};
use crate::fuzz::exit_of;
use crate::interrupt::{self, is_interrupted};
use crate::load::Ready;
use crate::output::{Paint, Sink, Terminal, visible};
use crate::replay::{ORDERS, unconstrained};

/// Tells at which choice a failing run came to fail.
pub(crate) fn blame(options: &Blame, terminal: Terminal) -> Result<Exit, Error> {
    let scenario = &options.scenario;
    let ready = Ready::read(scenario, terminal)?;
    if ready.plan.regression.is_some() && options.seed.is_some() {
        return Err(Error::Input("a regression has a failing run of its own; leave `--seed` out".into()));
    }
    let program = free(&ready, scenario)?;
    let mut directory = Directory::default();
    let run = match &ready.plan.regression {
        Some(_) => of_regression(&program, &ready.plan, &mut directory),
        None => of_seed(&program, options, &mut directory),
    };
    let Some(run) = run else { return Err(Error::Input(no_failure(&ready.plan, options))) };
    interrupt::stop_by_itself();
    let FailingRun { seed, watched, symptom, message, event: _ } = &run;
    let history = (&watched.history, &*watched.chosen);
    let goes_on = || !is_interrupted();
    let blamed = explain(&program, history, (symptom, *seed), options.runs, &mut directory, &goes_on);
    let blamed = blamed.map_err(|why| Error::Input(why.to_string()))?;
    let mut out = Sink::stdout();
    out.line(visible(message));
    let spark = match terminal.stdout_paint() {
        Paint::Coloured => Spark::Blocks,
        Paint::Plain => Spark::Digits,
    };
    for line in blamed.lines(spark) {
        out.line(format_args!("  {}", visible(line)));
    }
    out.finish()?;
    Ok(if is_interrupted() { Exit::Interrupted } else { exit_of(&symptom.monitor) })
}

/// The program whose orders are compared: a regression without its orderings, or a scenario, which must have none.
pub(crate) fn free<'r>(ready: &'r Ready, scenario: &ScenarioOptions) -> Result<Explored<'r>, Error> {
    if let Some(Regression { expect, .. }) = &ready.plan.regression {
        let options = scenario.of_a_search();
        return unconstrained(&ready.plan, &expect.symptom().monitor, (&ready.recordings, options));
    }
    without_order(ready, scenario)
}

/// The program of a scenario whose orders are compared.
///
/// # Errors
/// If it has an order by hand.
pub(crate) fn without_order<'r>(ready: &'r Ready, scenario: &ScenarioOptions) -> Result<Explored<'r>, Error> {
    let program = ready.explored(scenario.of_a_search());
    if program.has_order() {
        return Err(Error::Input(
            "the scenario has an order by hand, which every run would keep; leave `order` out".into(),
        ));
    }
    Ok(program)
}

/// What to do if the run does not fail.
fn no_failure(plan: &Plan, Blame { scenario, seed, .. }: &Blame) -> String {
    let line = |command| scenario.paste_line_of(command, plan, &[]);
    if plan.regression.is_some() {
        return format!("the regression does not fail; `{}` says how it stands", line("replay"));
    }
    let seed = seed.unwrap_or(plan.seed);
    format!("the run with seed {seed} does not fail; `{}` looks for one that does", line("fuzz"))
}

/// The run of a seed, if it fails.
fn of_seed(program: &Explored<'_>, options: &Blame, directory: &mut Directory) -> Option<FailingRun> {
    let plan = program.plan();
    let seed = options.seed.unwrap_or(plan.seed);
    let tactic = Tactic::from(options.order.unwrap_or(plan.order.policy()));
    let job = Job { number: 0, tactic, turn: 0, seed, prefix: Vec::new() };
    FailingRun::of(seed, job.watch(program, &Calibration::default(), directory), |_| true)
}

/// A run of a regression that fails as it says.
fn of_regression(program: &Explored<'_>, plan: &Plan, directory: &mut Directory) -> Option<FailingRun> {
    let Regression { expect, choices, found, .. } = plan.regression.as_ref()?;
    let order = &plan.order.cause().cloned().unwrap_or_default();
    FailingRun::of_claim(program, Claim { expect, order, choices, found }, (plan.seed, ORDERS), directory)
}
