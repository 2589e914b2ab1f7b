//! `tiebreak show`: questions to a trace.

use std::path::PathBuf;

use tiebreak::trace::{Causes, write_chosen_ndjson, write_chosen_text};
use tiebreak::{Instant, Span, Verbosity};
use tiebreak_inquiry::{Selection, Window, chain_lines, columns, find, missed};
use tiebreak_runner::{Finding, FoundIn};

use crate::arguments::{Filters, Format, Show};
use crate::because::{Again, AskedOf, Effort, FINDING_LINES};
use crate::exit::{Error, Exit};
use crate::interrupt::is_interrupted;
use crate::output::{Sink, Terminal, complain, visible};
use crate::page;
use crate::pending::Left;
use crate::source::{Ran, Source};
use crate::why_not::{in_another_run, only_part};

/// How many records a window has on a side.
const WINDOW: u64 = 10;
/// How many findings are listed where one is asked for that is not there.
const FINDINGS_SHOWN: usize = 10;
/// How wide lines with columns are where that is not a terminal's.
const WIDTH: u16 = 100;
/// They are not narrower.
const WIDTH_MIN: u16 = 60;
/// What is said of a trace that was read from NDJSON, which does not have all of it.
const OF_WHAT_WAS_READ: &str = "# read from NDJSON, which does not hold all of a run: the fingerprint is that of what was read, not the run's";
/// What stands for the findings of a run where a record is asked for.
const FINDING: &str = "finding";

/// Answers a question.
pub(crate) fn show(options: &Show, terminal: Terminal) -> Result<Exit, Error> {
    let inputs = options.run.input.iter().map(|input| input.path.clone());
    let reads: Vec<PathBuf> = core::iter::once(options.source.clone()).chain(inputs).collect();
    let html = options.html.as_deref();
    let page = html.map(|path| Ok((path, page::open(path, &reads)?))).transpose()?;
    // Only what was cancelled or moved tells why it did not happen; elsewhere a trace is as `run` writes it.
    let verbosity = if options.why_not.is_some() { Verbosity::Changes } else { Verbosity::Usual };
    let source = Source::open(&options.source, &options.run, verbosity, terminal)?;
    if let Some((path, page)) = page {
        return page::write(&source, path, page);
    }
    let question = Question { options, terminal, causes: Causes::of(&source.trace), source };
    if let Some(asked) = &options.why {
        question.why(asked)
    } else if let Some(asked) = &options.why_not {
        question.why_not(asked)
    } else if options.pending {
        question.pending()
    } else {
        question.records()
    }
}

/// A trace, and what is asked of it.
struct Question<'a> {
    options: &'a Show,
    terminal: Terminal,
    source: Source,
    causes: Causes,
}

impl Question<'_> {
    /// Shows the records that pass the filters.
    fn records(&self) -> Result<Exit, Error> {
        let Source { trace, .. } = &self.source;
        let selection = self.selection()?;
        let numbers = selection.records(trace, &self.causes);
        let unmatched = selection.unmatched(trace);
        if numbers.is_empty() {
            let why =
                unmatched.first().map_or("no record passes all filters".to_owned(), ToString::to_string);
            self.terminal.note(visible(format_args!("nothing matches: {why}")));
            return Ok(Exit::Found);
        }
        for unmatched in unmatched {
            complain(visible(format_args!("warning: {unmatched}")));
        }
        let mut out = Sink::stdout();
        if self.options.columns {
            for line in columns(trace, &self.causes, &numbers, self.width()) {
                out.line(visible(line));
            }
            return out.finish().map(|()| Exit::Fine);
        }
        // The sink keeps its own error.
        let _ = match self.options.format {
            Format::Text => write_chosen_text(trace, &self.causes, &numbers, &mut out),
            Format::Ndjson => write_chosen_ndjson(trace, &self.causes, &numbers, &mut out),
        };
        if !self.source.knows_pending {
            match self.options.format {
                Format::Text => out.line(OF_WHAT_WAS_READ),
                Format::Ndjson => complain(OF_WHAT_WAS_READ),
            }
        }
        out.finish()?;
        Ok(Exit::Fine)
    }

    /// How many cells of a terminal a line may take.
    fn width(&self) -> usize {
        let terminal = || console::Term::stdout().size_checked().map(|(_, width)| width);
        self.options.width.or_else(terminal).unwrap_or(WIDTH).max(WIDTH_MIN).into()
    }

    /// Shows what is pending at the end.
    fn pending(&self) -> Result<Exit, Error> {
        let Source { title, trace, ran, knows_pending } = &self.source;
        let Filters { actor, hide_actor, .. } = &self.options.filters;
        if !knows_pending {
            return Err(Error::Input(format!(
                "{title} is a trace as NDJSON, which does not say what is pending"
            )));
        }
        let unfinished = ran.as_ref().map_or(&[][..], |ran| &ran.unfinished);
        let left = Left::of(trace, unfinished, (actor, hide_actor));
        for unmatched in left.unmatched() {
            complain(visible(format_args!("warning: {unmatched}")));
        }
        let mut out = Sink::stdout();
        match self.options.format {
            Format::Text => left.text(&mut out),
            Format::Ndjson => left.ndjson(&mut out),
        }
        out.finish()?;
        Ok(if left.is_empty() { Exit::Found } else { Exit::Fine })
    }

    fn selection(&self) -> Result<Selection, Error> {
        let Filters { actor, kind, subject, hide_actor, hide_kind, from, to, .. } = &self.options.filters;
        if let Some((from, to)) = from.as_ref().zip(to.as_ref()).filter(|(from, to)| to < from) {
            return Err(Error::Input(format!("--from {from} is later than --to {to}")));
        }
        let Filters { caused_by, around, before, last, .. } = &self.options.filters;
        if self.options.lines.is_some() && around.is_empty() && before.is_empty() && !last {
            let message =
                "--lines says how many lines --around, --before, --last and --why show: give one of them";
            return Err(Error::Input(message.to_owned()));
        }
        let lines = self.options.lines.unwrap_or(WINDOW);
        let instant = |span: &Span| Instant::START.saturating_add(*span);
        let mut windows = Vec::new();
        for name in around {
            windows.extend(self.find(name)?.into_iter().map(|number| Window::Around(number, lines)));
        }
        for name in before {
            windows.extend(self.find(name)?.into_iter().map(|number| Window::Before(number, lines)));
        }
        windows.extend(last.then_some(Window::Last(lines)));
        let roots: Result<Vec<Vec<u64>>, Error> = caused_by.iter().map(|name| self.find(name)).collect();
        Ok(Selection {
            actors: actor.clone(),
            kinds: kind.clone(),
            subjects: subject.clone(),
            hidden_actors: hide_actor.clone(),
            hidden_kinds: hide_kind.clone(),
            from: from.as_ref().map(instant),
            to: to.as_ref().map(instant),
            caused_by: roots?.concat(),
            windows,
        })
    }

    /// The records that a name or a number means.
    fn find(&self, name: &str) -> Result<Vec<u64>, Error> {
        find(&self.source.trace, name).map_err(|missing| Error::Input(missing.to_string()))
    }

    /// Shows how a record, or what is wrong with the run, came about.
    fn why(&self, asked: &str) -> Result<Exit, Error> {
        let lines = self.options.lines.map(|lines| usize::try_from(lines).unwrap_or(usize::MAX));
        let lines = lines.unwrap_or(FINDING_LINES);
        if let Some(which) =
            asked.strip_prefix(FINDING).filter(|rest| rest.is_empty() || rest.starts_with('#'))
        {
            return self.why_found(which.strip_prefix('#'), lines);
        }
        let found = self.find(asked)?;
        let Some(last) = found.last() else { return Ok(Exit::Found) };
        if found.len() > 1 {
            let times = found.len();
            self.terminal
                .note(visible(format_args!("{asked} is the name of {times} records; this is the last")));
        }
        let Source { trace, ran, .. } = &self.source;
        let kept = ran.as_ref().map(|ran| ran.ready.prepared.orderings_asked(trace, &self.causes));
        let mut out = Sink::stdout();
        for line in chain_lines(trace, &self.causes, *last, &kept.unwrap_or_default(), lines) {
            out.line(line);
        }
        out.finish()?;
        Ok(Exit::Fine)
    }

    /// Shows why an event did not happen.
    fn why_not(&self, asked: &str) -> Result<Exit, Error> {
        if !asked.contains('/') {
            return Err(Error::Input(format!("`{asked}` is no name: one is written `actor/kind(subject)`")));
        }
        let Source { trace, ran, .. } = &self.source;
        let missed = missed(trace, asked);
        if let Some(whole) = &missed.whole {
            return Err(only_part(asked, whole));
        }
        if let Some(last) = missed.happened.last() {
            let how = format!("{asked} did happen, last as record {last}: `--why {last}` says how");
            self.terminal.note(visible(how));
            return Ok(Exit::Found);
        }
        let mut lines = missed.lines(trace, &self.causes, asked);
        if ran.is_none() {
            lines.push("  a trace does not tell all: ask the scenario, if it is there".to_owned());
        }
        if let Some(ran) = ran {
            lines.extend(in_another_run((trace, &self.causes), ran, asked, self.options.seeds)?);
        }
        let mut out = Sink::stdout();
        for line in lines {
            out.line(visible(line));
        }
        out.finish()?;
        Ok(if is_interrupted() { Exit::Interrupted } else { Exit::Fine })
    }

    /// Shows how each finding came about, or one of them.
    fn why_found(&self, which: Option<&str>, lines: usize) -> Result<Exit, Error> {
        let Source { title, trace, ran, .. } = &self.source;
        let Some(ran) = ran else {
            return Err(Error::Input(format!(
                "{title} holds a trace, which has no findings: give the scenario, or a record"
            )));
        };
        let Ran { ready, scenario, how, report, .. } = &**ran;
        let wanted = which.map(|which| wanted(which, &report.findings)).transpose()?;
        if report.findings.is_empty() {
            self.terminal.note("nothing is wrong with this run");
            return Ok(Exit::Found);
        }
        let again = Again { prepared: &ready.prepared, how: *how };
        let mut effort = Effort::default();
        let mut out = Sink::stdout();
        for (number, finding) in
            (1..).zip(&report.findings).filter(|(at, _)| wanted.is_none_or(|one| one == *at))
        {
            out.line(visible(format_args!("finding#{number} · {finding}")));
            let found = FoundIn { finding, trace, causes: &self.causes };
            let asked_of = AskedOf { scenario, plan: &ready.plan };
            let because = again.because(found, report.events, (lines, Some(asked_of)), &mut effort);
            if because.is_empty() && lines > 1 {
                out.line(
                    "  no record shows it: it is about what did not happen, and that may have many names",
                );
            }
            for line in because {
                out.line(format_args!("  {line}"));
            }
            if is_interrupted() {
                break;
            }
        }
        out.finish()?;
        Ok(if is_interrupted() { Exit::Interrupted } else { Exit::Fine })
    }
}

/// Which finding is meant by `finding#which`, from 1.
fn wanted(which: &str, findings: &[Finding]) -> Result<usize, Error> {
    let number = which.parse().ok().filter(|number| (1..=findings.len()).contains(number));
    number.ok_or_else(|| {
        let there = (1..).zip(findings).take(FINDINGS_SHOWN);
        let mut there: Vec<String> =
            there.map(|(number, finding)| format!("finding#{number} ({finding})")).collect();
        let more = findings.len().saturating_sub(FINDINGS_SHOWN);
        there.extend((more > 0).then(|| format!("and {more} more")));
        let there = match &*there {
            [] => "nothing is wrong with this run".to_owned(),
            there => format!("the run has {}", there.join(", ")),
        };
        Error::Input(format!("there is no finding `finding#{which}`; {there}"))
    })
}
