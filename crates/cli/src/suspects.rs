//! `tiebreak suspects`: which orderings go with a failure, over many runs.

use tiebreak::explore::{Directory, Suspected, Suspects as Found, suspects as look_for};
use tiebreak_diagnostic::counted;

use crate::arguments::Suspects;
use crate::blame::free;
use crate::exit::{Error, Exit};
use crate::fuzz::exit_of;
use crate::interrupt::{self, is_interrupted};
use crate::load::Ready;
use crate::output::{Sink, Terminal, visible};

/// Ranks the orderings that go with the failures of many runs.
pub(crate) fn suspects(options: &Suspects, terminal: Terminal) -> Result<Exit, Error> {
    let Suspects { scenario, runs, strategy, seed, show } = options;
    let ready = Ready::read(scenario, terminal)?;
    let program = free(&ready, scenario)?;
    interrupt::stop_by_itself();
    let goes_on = || !is_interrupted();
    let found = look_for(&program, (*strategy, *seed, *runs), &mut Directory::default(), &goes_on);
    let Found { runs, passed, failures, more, .. } = &found;
    let mut out = Sink::stdout();
    let mut exit = Exit::Fine;
    for failure in failures {
        let Suspected { symptom, failed, failure: first, .. } = failure;
        exit = exit.max(exit_of(&symptom.monitor));
        out.line(format_args!("fails in {failed} of {}; {passed} pass", counted(*runs, "run")));
        out.line(format_args!("  {}", visible(&first.message)));
        for line in failure.lines(*passed, (*show).into()) {
            out.line(format_args!("  {}", visible(line)));
        }
    }
    if *more > 0 {
        out.line(format_args!("and {more} more failures, which are not shown"));
    }
    if exit == Exit::Fine && !terminal.is_quiet {
        out.line(format_args!("ok · no failure in {}, and so nothing to suspect", counted(*runs, "run")));
    }
    out.finish()?;
    Ok(if is_interrupted() { Exit::Interrupted } else { exit })
}
