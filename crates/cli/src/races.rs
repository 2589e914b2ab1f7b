//! `tiebreak races`: which orderings of one run matter, and to whom.

use alloc::collections::BTreeSet;

use tiebreak::explore::{
    Cause, DefaultOrder, Directory, Effect, Phases, Races, Turned, default_orders, events,
};
use tiebreak::{Trace, Unlike, first_unlike};
use tiebreak_diagnostic::counted;
use tiebreak_runner::{Explored, RunOptions};

use crate::arguments::Races as Options;
use crate::exit::{Error, Exit};
use crate::interrupt::{self, is_interrupted};
use crate::load::Ready;
use crate::output::{Sink, Terminal, visible};

/// How many races are shown that matter to nobody but the manager.
const SHOWN: u64 = 10;

/// Turns the races of a scenario round, and tells which of them matter.
pub(crate) fn races(options: &Options, terminal: Terminal) -> Result<Exit, Error> {
    let scenario = &options.scenario;
    let ready = Ready::read(scenario, terminal)?;
    let run = RunOptions {
        until: scenario.until,
        limit: scenario.limit,
        model: scenario.model(),
        ..RunOptions::default()
    };
    let program = ready.explored(run);
    interrupt::stop_by_itself(1);
    let mut directory = Directory::default();
    let phases = if options.across_phases { Phases::Crossed } else { Phases::Kept };
    let runs = usize::try_from(options.runs).unwrap_or(usize::MAX);
    let found = Races::of(&program, (options.seed, phases, runs), &mut directory, &|| !is_interrupted());
    let order = default_orders(options.seed, 1)[0];
    let base = program.trace(&Cause::default(), order);
    let clients = program.prepared().clients().collect();
    let mut report = Report { program: &program, order, clients, base, directory, out: Sink::stdout() };
    let exit = report.tell(&found, options.all);
    report.out.finish()?;
    Ok(if is_interrupted() { Exit::Interrupted } else { exit })
}

/// Prints what came of races.
struct Report<'a> {
    program: &'a Explored<'a>,
    order: DefaultOrder,
    /// The codes of all names under which clients act.
    clients: BTreeSet<u64>,
    /// The run in the order of scheduling.
    base: Trace,
    directory: Directory,
    out: Sink,
}

impl Report<'_> {
    fn tell(&mut self, found: &Races, shows_all: bool) -> Exit {
        let failures = found.run.outcome.failures();
        for failure in failures {
            self.out.line(format_args!("in the order of scheduling · {}", visible(&failure.message)));
        }
        let mut exit = if failures.is_empty() { Exit::Fine } else { Exit::Found };
        let mut count = Count::default();
        for turned in &found.turned {
            match &turned.effect {
                Effect::Fails(failures) => {
                    exit = Exit::Found;
                    count.fail += 1;
                    self.head("fails", turned);
                    for failure in failures {
                        self.out.line(format_args!("  {}", visible(&failure.message)));
                    }
                    self.difference(turned);
                    for line in events(self.program, &cause(turned), &mut self.directory) {
                        self.out.line(format_args!("  {}", visible(line)));
                    }
                }
                Effect::Noticed => match self.unlike(turned) {
                    Some(_) => {
                        count.matter += 1;
                        self.head("matters", turned);
                        self.difference(turned);
                    }
                    None => {
                        count.hidden += 1;
                        self.short(
                            "matters to nobody but the manager",
                            turned,
                            shows_all || count.hidden <= SHOWN,
                        );
                    }
                },
                Effect::Unnoticed => {
                    count.nothing += 1;
                    self.short("changes nothing", turned, shows_all);
                }
                Effect::Impossible => {
                    count.impossible += 1;
                    self.short("cannot be turned round alone", turned, shows_all);
                }
            }
        }
        self.summary(found, count);
        exit
    }

    /// One line on a race, if it is shown.
    fn short(&mut self, what: &str, turned: &Turned, is_shown: bool) {
        if is_shown {
            self.out.line(format_args!("{what} · {}{}", at(turned), visible(&turned.ordering)));
        }
    }

    /// The ordering that was turned round, and what has caused its events.
    fn head(&mut self, what: &str, turned: &Turned) {
        let Turned { ordering, causes, .. } = turned;
        self.out.line(format_args!("{what} · {}{}", at(turned), visible(ordering)));
        let [before, after] = causes.each_ref().map(|cause| {
            cause.as_ref().map_or_else(|| "from outside".to_owned(), |cause| format!("< {}", visible(cause)))
        });
        self.out.line(format_args!("  {before}, and {after}"));
    }

    /// The first record that a client goes through otherwise, in the run as it was and as it is now.
    fn unlike(&self, turned: &Turned) -> Option<(Trace, Unlike)> {
        let trace = self.program.trace(&cause(turned), self.order);
        let unlike = first_unlike(&self.base, &trace, |actor| self.clients.contains(&actor))?;
        Some((trace, unlike))
    }

    /// Shows the first record that a client goes through otherwise.
    fn difference(&mut self, turned: &Turned) {
        let Some((trace, Unlike { one, other })) = self.unlike(turned) else { return };
        let line = |trace: &Trace, number: Option<u64>| {
            let line = number.and_then(|number| trace.line(number)).unwrap_or_else(|| "nothing".into());
            visible(line.split_whitespace().collect::<Vec<&str>>().join(" "))
        };
        let (before, after) = (line(&self.base, one), line(&trace, other));
        self.out.line(format_args!("  was {before}"));
        self.out.line(format_args!("  now {after}"));
    }

    fn summary(&mut self, found: &Races, count: Count) {
        let Count { fail, matter, hidden, nothing, impossible } = count;
        self.out.line(format_args!(
            "{} · {fail} fail · {matter} matter to clients · {hidden} to nobody but the manager · {nothing} change nothing · \
             {impossible} cannot be turned round alone",
            counted(found.count as u64, "race"),
        ));
        if found.turned.len() < found.count {
            self.out.line(format_args!("only the {} nearest were turned round", found.turned.len()));
        }
    }
}

/// How many races came to what.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    fail: u64,
    matter: u64,
    hidden: u64,
    nothing: u64,
    impossible: u64,
}

/// When a race is.
fn at(turned: &Turned) -> String {
    turned.at.map_or_else(String::new, |at| format!("{at} · "))
}

/// The ordering as a cause.
fn cause(turned: &Turned) -> Cause {
    Cause { constraints: vec![turned.ordering.clone()], draws: Vec::new() }
}
