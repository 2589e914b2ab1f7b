//! `tiebreak races`: which orderings of one run matter, and to whom.

use alloc::collections::{BTreeMap, BTreeSet};

use tiebreak::explore::{
    Cause, DefaultOrder, Directory, Effect, Phases, Races, Turned, default_orders, failing_events,
};
use tiebreak::{Trace, Unlike, first_unlike};
use tiebreak_diagnostic::counted;
use tiebreak_runner::Explored;

use crate::arguments::Races as Options;
use crate::blame::without_order;
use crate::exit::{Error, Exit};
use crate::fuzz::exit_of;
use crate::interrupt::{self, is_interrupted};
use crate::load::Ready;
use crate::output::{Sink, Terminal, visible};

/// How many races are shown that matter to nobody but the manager.
const SHOWN: u64 = 10;

/// Turns the races of a scenario round, and tells which of them matter.
pub(crate) fn races(options: &Options, terminal: Terminal) -> Result<Exit, Error> {
    let scenario = &options.scenario;
    let ready = Ready::read(scenario, terminal)?;
    let program = without_order(&ready, scenario)?;
    interrupt::stop_by_itself();
    let mut directory = Directory::default();
    let phases = if options.across_phases { Phases::Crossed } else { Phases::Kept };
    let runs = usize::try_from(options.runs).unwrap_or(usize::MAX);
    let found = Races::of(&program, (options.seed, phases, runs), &mut directory, &|| !is_interrupted());
    let order = default_orders(options.seed, 1)[0];
    let base = program.trace(&Cause::default(), order);
    let clients = program.prepared().clients().collect();
    let out = Sink::stdout();
    let mut report = Report { options, program: &program, order, clients, base, directory, out };
    let exit = report.tell(&found);
    report.out.finish()?;
    Ok(if is_interrupted() { Exit::Interrupted } else { exit })
}

/// What comes of turning a race round, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Fails,
    Matters,
    Hidden,
    Nothing,
    Impossible,
}

impl Kind {
    const fn words(self) -> &'static str {
        match self {
            Self::Fails => "fails",
            Self::Matters => "matters",
            Self::Hidden => "matters to nobody but the manager",
            Self::Nothing => "changes nothing",
            Self::Impossible => "cannot be turned round alone",
        }
    }

    /// Why a race does not matter to clients; `None` if it does.
    const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Fails | Self::Matters => None,
            Self::Hidden => {
                Some("every client goes through the same, and the manager does it in another order")
            }
            Self::Nothing => Some("everybody goes through the same"),
            Self::Impossible => Some("the second event does not come before the first, or not at all"),
        }
    }
}

/// Prints what came of races.
struct Report<'a> {
    options: &'a Options,
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
    fn tell(&mut self, found: &Races) -> Exit {
        let failures = found.run.outcome.failures();
        for failure in failures {
            self.out.line(format_args!("in the order of scheduling · {}", visible(&failure.message)));
        }
        let mut kinds: BTreeMap<Kind, u64> = BTreeMap::new();
        for turned in &found.turned {
            let unlike = self.unlike(turned);
            let kind = match &turned.effect {
                Effect::Fails(_) => Kind::Fails,
                Effect::Noticed if unlike.is_some() => Kind::Matters,
                Effect::Noticed => Kind::Hidden,
                Effect::Unnoticed => Kind::Nothing,
                Effect::Impossible => Kind::Impossible,
            };
            let before = kinds.entry(kind).or_default();
            *before += 1;
            let is_shown = match kind {
                Kind::Fails | Kind::Matters => true,
                Kind::Hidden => *before <= SHOWN,
                Kind::Nothing | Kind::Impossible => false,
            };
            if is_shown || self.options.all {
                self.race(kind, turned, unlike.as_ref());
            }
        }
        self.summary(found, &kinds);
        let turned = found.turned.iter().filter_map(|turned| match &turned.effect {
            Effect::Fails(failures) => Some(failures),
            Effect::Unnoticed | Effect::Noticed | Effect::Impossible => None,
        });
        let exits = failures.iter().chain(turned.flatten()).map(|failure| exit_of(&failure.monitor));
        exits.max().unwrap_or(Exit::Fine)
    }

    /// The first record that a client goes through otherwise, in the run as it was and as it is now, if somebody noticed at all.
    fn unlike(&self, turned: &Turned) -> Option<(Trace, Unlike)> {
        match turned.effect {
            Effect::Unnoticed | Effect::Impossible => return None,
            Effect::Noticed | Effect::Fails(_) => {}
        }
        let trace = self.program.trace(&cause(turned), self.order);
        let unlike = first_unlike(&self.base, &trace, |actor| self.clients.contains(&actor))?;
        Some((trace, unlike))
    }

    /// Shows a race: of one that matters also what has caused its events, and what differs; of one that fails also how.
    fn race(&mut self, kind: Kind, turned: &Turned, unlike: Option<&(Trace, Unlike)>) {
        let Turned { at, ordering, causes, effect, .. } = turned;
        let at = at.map_or_else(String::new, |at| format!("{at} · "));
        self.out.line(format_args!("{} · {at}{}", kind.words(), visible(ordering)));
        if let Some(reason) = kind.reason() {
            return self.out.line(format_args!("  {reason}"));
        }
        let [before, after] = causes.each_ref().map(|cause| {
            cause.as_ref().map_or_else(|| "from outside".to_owned(), |cause| format!("< {}", visible(cause)))
        });
        self.out.line(format_args!("  {before}, and {after}"));
        if let Effect::Fails(failures) = effect {
            for failure in failures {
                self.out.line(format_args!("  {}", visible(&failure.message)));
            }
        }
        if let Some((trace, Unlike { one, other })) = unlike {
            self.out.line(format_args!("  was {}", line(&self.base, *one)));
            self.out.line(format_args!("  now {}", line(trace, *other)));
        }
        if kind == Kind::Fails {
            for line in failing_events(self.program, &cause(turned), &mut self.directory) {
                self.out.line(format_args!("  {}", visible(line)));
            }
        }
    }

    fn summary(&mut self, found: &Races, kinds: &BTreeMap<Kind, u64>) {
        let count = |kind| kinds.get(&kind).copied().unwrap_or_default();
        self.out.line(format_args!(
            "{} · {} fail · {} matter to clients · {} to nobody but the manager · {} change nothing · \
             {} cannot be turned round alone",
            counted(found.count, "race"),
            count(Kind::Fails),
            count(Kind::Matters),
            count(Kind::Hidden),
            count(Kind::Nothing),
            count(Kind::Impossible),
        ));
        let turned = found.turned.len() as u64;
        if turned < found.count {
            self.out.line(format_args!("only the {turned} nearest were turned round"));
        }
        if found.skipped > 0 {
            let instants = counted(found.skipped, "instant");
            self.out.line(format_args!("{instants} with more than 2000 events not looked at"));
        }
    }
}

/// A record in one line, without the columns of a trace.
fn line(trace: &Trace, number: Option<u64>) -> String {
    let line = number.and_then(|number| trace.line(number)).unwrap_or_else(|| "nothing".into());
    visible(line.split_whitespace().collect::<Vec<&str>>().join(" "))
}

/// The ordering as a cause.
fn cause(turned: &Turned) -> Cause {
    Cause::of_orderings(vec![turned.ordering.clone()])
}
