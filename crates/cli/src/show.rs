//! `tiebreak show`: questions to a trace.

use tiebreak::trace::{Causes, write_chosen_ndjson, write_chosen_text};
use tiebreak::{Instant, Space, Span, Verbosity};
use tiebreak_diagnostic::nearest;
use tiebreak_inquiry::{Selection, Window, chain_lines, columns, find, missed};

use crate::arguments::{Filters, Format, Show};
use crate::because::Again;
use crate::exit::{Error, Exit};
use crate::output::{Sink, Terminal, visible};
use crate::page;
use crate::pending::Left;
use crate::source::{Ran, Source};
use crate::why_not::in_another_run;

/// How many records a window has on a side.
const WINDOW: u64 = 10;
/// How many lines a causal chain takes.
const CHAIN: u64 = 12;
/// How wide lines with columns are where that is not a terminal's.
const WIDTH: u16 = 100;
/// They are not narrower.
const WIDTH_MIN: u16 = 60;
/// What stands for the findings of a run where a record is asked for.
const FINDING: &str = "finding";

/// Answers a question.
pub(crate) fn show(options: &Show, terminal: Terminal) -> Result<Exit, Error> {
    let page = options.html.as_deref().map(page::open).transpose()?;
    // Only what was cancelled or moved tells why it did not happen; elsewhere a trace is as `run` writes it.
    let verbosity = if options.why_not.is_some() { Verbosity::Changes } else { Verbosity::Usual };
    let source = Source::open(&options.source, &options.run, verbosity, terminal)?;
    if let Some(page) = page {
        return page::write(&source, page);
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
        if numbers.is_empty() {
            self.terminal.note(visible(self.nothing()));
            return Ok(Exit::Found);
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
        out.finish()?;
        Ok(Exit::Fine)
    }

    /// How many characters a line may have.
    fn width(&self) -> usize {
        let terminal = || console::Term::stdout().size_checked().map(|(_, width)| width);
        self.options.width.or_else(terminal).unwrap_or(WIDTH).max(WIDTH_MIN).into()
    }

    /// Shows what is pending at the end.
    fn pending(&self) -> Result<Exit, Error> {
        let (Source { title, trace, ran, knows_pending }, actors) =
            (&self.source, &self.options.filters.actor);
        if !knows_pending {
            return Err(Error::Input(format!(
                "{title} is a trace as NDJSON, which does not say what is pending"
            )));
        }
        let unfinished = ran.as_ref().map_or(&[][..], |ran| &ran.unfinished);
        let left = Left::of(trace, unfinished, actors);
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
        let Filters { caused_by, around, before, last, lines, .. } = &self.options.filters;
        let lines = lines.unwrap_or(WINDOW);
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

    /// What to say if no record passes.
    fn nothing(&self) -> String {
        let Filters { actor, kind, subject, .. } = &self.options.filters;
        let asked = [
            ("actor", actor, Space::Name),
            ("kind", kind, Space::Term),
            ("subject", subject, Space::Subject),
        ];
        for (what, globs, space) in asked {
            let known = || {
                let entries = self.source.trace.dictionary().entries();
                entries.filter(move |(other, ..)| *other == space).map(|(_, _, text)| text)
            };
            let unknown = globs.iter().find(|glob| !glob.contains('*') && !known().any(|text| text == *glob));
            if let Some(unknown) = unknown {
                let meant = nearest(unknown, known());
                let meant = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
                return format!("nothing matches: no record is of the {what} `{unknown}`{meant}");
            }
        }
        "nothing matches: no record passes all filters".to_owned()
    }

    /// Shows how a record, or what is wrong with the run, came about.
    fn why(&self, asked: &str) -> Result<Exit, Error> {
        let lines = usize::try_from(self.options.filters.lines.unwrap_or(CHAIN)).unwrap_or(usize::MAX);
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
        let mut out = Sink::stdout();
        for line in chain_lines(&self.source.trace, &self.causes, *last, lines) {
            out.line(line);
        }
        out.finish()?;
        Ok(Exit::Fine)
    }

    /// Shows why an event did not happen.
    fn why_not(&self, asked: &str) -> Result<Exit, Error> {
        let Source { trace, ran, .. } = &self.source;
        let missed = missed(trace, asked);
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
            lines.extend(in_another_run((trace, &self.causes), ran, asked, self.options.seeds));
        }
        let mut out = Sink::stdout();
        for line in lines {
            out.line(visible(line));
        }
        out.finish()?;
        Ok(Exit::Fine)
    }

    /// Shows how each finding came about, or one of them.
    fn why_found(&self, which: Option<&str>, lines: usize) -> Result<Exit, Error> {
        let Some(ran) = &self.source.ran else {
            let title = &self.source.title;
            return Err(Error::Input(format!(
                "{title} holds a trace, which has no findings: give the scenario, or a record"
            )));
        };
        let Ran { ready, how, report, .. } = &**ran;
        let wanted: Option<usize> = match which.map(str::parse) {
            None => None,
            Some(Ok(number)) if (1..=report.findings.len()).contains(&number) => Some(number),
            Some(_) => {
                let count = report.findings.len();
                return Err(Error::Input(format!("there is no such finding: the run has {count}")));
            }
        };
        if report.findings.is_empty() {
            self.terminal.note("nothing is wrong with this run");
            return Ok(Exit::Found);
        }
        let again = Again { prepared: &ready.prepared, how: *how };
        let mut out = Sink::stdout();
        for (number, finding) in
            (1..).zip(&report.findings).filter(|(at, _)| wanted.is_none_or(|one| one == *at))
        {
            out.line(visible(format_args!("finding#{number} · {finding}")));
            // One line is the finding itself, and up to three say what decided.
            let chain = again.because(
                finding,
                report.events,
                (&self.source.trace, &self.causes),
                lines.saturating_sub(4),
            );
            if chain.is_empty() {
                out.line("  no record shows it: it is about what did not happen, see --why-not");
            }
            for line in chain {
                out.line(format_args!("  {line}"));
            }
        }
        out.finish()?;
        Ok(Exit::Fine)
    }
}
