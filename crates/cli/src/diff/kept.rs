//! Comparing runs of which fingerprints were kept: layers first, and then the runs themselves, as far as they can be
//! repeated here.

use std::path::Path;

use serde::Serialize;
use tiebreak::trace::CHECKPOINT_BITS;
use tiebreak::trace::{Causes, RecordLines};
use tiebreak::{Space, Trace, Verbosity};
use tiebreak_diagnostic::counted;

use super::{tell, title};
use crate::arguments::{Diff, Format, SourceOptions};
use crate::exit::{Error, Exit};
use crate::fingerprints::{Again, Prints, first_other, other_parts};
use crate::output::{Sink, Terminal, json, shown_path, visible};
use crate::source::Source;

/// How many records of the part that may differ are shown as long as not all are asked for.
const SHOWN: usize = 12;
/// How many names are listed.
const NAMES: usize = 6;

/// A or B.
struct Side {
    title: String,
    prints: Prints,
    here: Here,
}

/// What a run comes to here.
enum Here {
    /// The same.
    Same(Box<Source>),
    /// Something else, with this fingerprint.
    Other(String),
    /// It cannot be run, for this reason.
    Nothing(String),
}

/// Compares A and B, of which at least one is a file of fingerprints.
pub(super) fn diff(
    paths: [&Path; 2],
    kept: [Option<Prints>; 2],
    sources: &[SourceOptions; 2],
    options: &Diff,
    terminal: Terminal,
) -> Result<Exit, Error> {
    let given = sources.iter().find_map(SourceOptions::first_given);
    if let (Some(option), [Some(_), Some(_)]) = (given, &kept) {
        return Err(Error::Input(format!("{option} is for scenarios, but both files hold fingerprints")));
    }
    let mut kept = kept.into_iter();
    let mut side = |at: usize| match kept.next().flatten() {
        Some(prints) => Side::kept(paths[at], prints, terminal),
        None => Side::opened(paths[at], &sources[at], terminal),
    };
    let sides = [side(0)?, side(1)?];
    let [a, b] = &sides;
    if let (Here::Same(left), Here::Same(right)) = (&a.here, &b.here) {
        return tell([left, right], [&a.title, &b.title], options);
    }
    if options.html.is_some() {
        terminal.note("no page is written: it takes both traces, and they cannot both be repeated here");
    }
    if a.prints.run == b.prints.run { equal(&sides, options) } else { bounded(&sides, options) }
}

impl Side {
    fn kept(path: &Path, prints: Prints, terminal: Terminal) -> Result<Self, Error> {
        let name = shown_path(path.display());
        let here = match &prints.again {
            Some(again) => Here::again(again, &prints, terminal)?,
            None => Here::Nothing("the file does not say how".to_owned()),
        };
        let title = match &here {
            Here::Same(source) => format!("{name}: {}", title(source)),
            Here::Other(_) | Here::Nothing(_) => name,
        };
        Ok(Self { title, prints, here })
    }

    fn opened(path: &Path, options: &SourceOptions, terminal: Terminal) -> Result<Self, Error> {
        let source = Source::open(path, options, Verbosity::Usual, terminal)?;
        let prints = Prints::of(&source.trace);
        Ok(Self { title: title(&source), prints, here: Here::Same(Box::new(source)) })
    }

    /// Says what came of running it here.
    fn verdict(&self, name: &str) -> String {
        let said = &self.prints.run;
        match &self.here {
            Here::Same(_) => format!("{name} runs here as its file says."),
            Here::Other(run) => format!(
                "{name} does not run here as its file says: its fingerprint is {run} here, and {said} in the file. \
                 The scenario, the machine or the build is another one."
            ),
            Here::Nothing(why) => format!("{name} cannot be run here: {why}."),
        }
    }
}

impl Here {
    /// Runs again what a file names, if it is files.
    fn again(again: &Again, prints: &Prints, terminal: Terminal) -> Result<Self, Error> {
        if let Some(path) = again.unreadable() {
            return Ok(Self::Nothing(format!("{} is not a regular file", shown_path(path.display()))));
        }
        let (scenario, how) = again.source()?;
        Ok(match Source::open(scenario, &how, Verbosity::Usual, terminal) {
            Ok(source) => Self::of(source, prints),
            Err(error) => Self::Nothing(format!("{}: {error}", shown_path(scenario.display()))),
        })
    }

    fn of(source: Source, prints: &Prints) -> Self {
        let run = source.trace.fingerprint().run.to_string();
        if run == prints.run { Self::Same(Box::new(source)) } else { Self::Other(run) }
    }

    const fn trace(&self) -> Option<&Trace> {
        match self {
            Self::Same(source) => Some(&source.trace),
            Self::Other(_) | Self::Nothing(_) => None,
        }
    }
}

fn equal([a, b]: &[Side; 2], options: &Diff) -> Result<Exit, Error> {
    let mut out = Sink::stdout();
    match options.format {
        Format::Text => {
            out.line(format_args!("A: {}", a.title));
            out.line(format_args!("B: {}", b.title));
            let records = counted(a.prints.records, "record");
            out.line(format_args!("They are equal: {records}, fingerprint {}.", a.prints.run));
        }
        Format::Ndjson => out.line(json(&Object::new(&[a, b]))),
    }
    out.finish()?;
    Ok(Exit::Fine)
}

/// What is known of a difference of runs that cannot both be repeated here.
#[derive(Debug, Serialize)]
struct Object<'a> {
    r#type: &'static str,
    titles: [&'a str; 2],
    equal: bool,
    /// Whether A and B run here as their files say.
    repeated: [bool; 2],
    /// The first difference comes while these events run, numbers from 1: the first and the last of them.
    events: Option<[u64; 2]>,
    /// The actors whose records differ.
    actors: Vec<&'a str>,
    /// The kinds of which records differ.
    kinds: Vec<&'a str>,
}

impl<'a> Object<'a> {
    fn new([a, b]: &[&'a Side; 2]) -> Self {
        let (one, other) = (&a.prints, &b.prints);
        let equal = one.run == other.run;
        let (actors, kinds) =
            (other_parts(&one.actors, &other.actors), other_parts(&one.kinds, &other.kinds));
        Self {
            r#type: "fingerprints",
            titles: [&a.title, &b.title],
            equal,
            repeated: [a, b].map(|side| side.here.trace().is_some()),
            events: (!equal).then(|| window(one, other)),
            actors,
            kinds,
        }
    }
}

/// The first and the last of the events, from 1, between the checkpoints that bound the first difference.
fn window(one: &Prints, other: &Prints) -> [u64; 2] {
    let before = (first_other(one, other) as u64) << CHECKPOINT_BITS;
    let last = one.events.max(other.events).max(before + 1);
    [before + 1, last.min(before + (1 << CHECKPOINT_BITS))]
}

/// Says what layers and checkpoints say.
fn bounded([a, b]: &[Side; 2], options: &Diff) -> Result<Exit, Error> {
    let object = Object::new(&[a, b]);
    let mut out = Sink::stdout();
    match options.format {
        Format::Ndjson => out.line(json(&object)),
        Format::Text => {
            for (name, side) in [("A", a), ("B", b)] {
                let Prints { records, events, .. } = side.prints;
                let counts = format!("{}, {}", counted(records, "record"), counted(events, "event"));
                out.line(format_args!("{name}: {} ({counts})", side.title));
            }
            let [from, to] = window(&a.prints, &b.prints);
            out.line(format_args!("They differ first while the events {from} to {to} run."));
            out.line(visible(a.verdict("A")));
            out.line(visible(b.verdict("B")));
            settings(&a.prints, &b.prints, &mut out);
            for (what, names) in [("Actors", &object.actors), ("Kinds", &object.kinds)] {
                let shown = if options.all { names.len() } else { NAMES.min(names.len()) };
                let more = match names.len() - shown {
                    0 => String::new(),
                    more => format!(" and {more} more (`--all`)"),
                };
                let shown_names =
                    if names.is_empty() { "none".to_owned() } else { names[..shown].join(", ") };
                out.line(visible(format_args!("{what} whose records differ: {shown_names}{more}")));
            }
            let here =
                [("A", a), ("B", b)].into_iter().find_map(|(name, side)| Some((name, side.here.trace()?)));
            if let Some((name, trace)) = here {
                records((name, trace), &object, options, &mut out);
            }
        }
    }
    out.finish()?;
    Ok(Exit::Found)
}

/// Says if the runs are not of one plan, model or format.
fn settings(one: &Prints, other: &Prints, out: &mut Sink) {
    let all = [
        ("format", one.format.to_string(), other.format.to_string()),
        ("model", one.model.to_string(), other.model.to_string()),
        ("plan", one.plan.clone(), other.plan.clone()),
    ];
    for (what, one, other) in all.iter().filter(|(_, one, other)| one != other) {
        out.line(visible(format_args!("A has {what} {one}, and B has {what} {other}.")));
    }
}

/// Shows the records that may be the first difference, as they are here: those of an actor and of a kind whose records differ.
fn records((name, trace): (&str, &Trace), object: &Object<'_>, options: &Diff, out: &mut Sink) {
    let [first, last] = object.events.unwrap_or([1, u64::MAX]);
    let mut events = 0;
    let mut found = Vec::new();
    for (number, parts) in trace.records() {
        events += u64::from(parts.event_code().is_some());
        let is_of = |names: &[&str], space, code| names.contains(&&*trace.text(space, code));
        if (first..=last).contains(&events.max(1))
            && is_of(&object.actors, Space::Name, parts.actor)
            && is_of(&object.kinds, Space::Term, parts.kind)
        {
            found.push(number);
        }
    }
    out.line(format_args!("Their records while these events run, as {name} has them:"));
    let causes = Causes::of(trace);
    let mut lines = RecordLines::new(trace, &causes);
    let shown = if options.all { found.len() } else { SHOWN.min(found.len()) };
    for number in &found[..shown] {
        out.line(visible(format_args!("  {}", lines.line(*number).unwrap_or_default())));
    }
    if found.len() > shown {
        out.line(format_args!("  … and {} more (`--all`)", found.len() - shown));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prints(events: u64, checkpoints: &[&str]) -> Prints {
        let object = serde_json::json!({
            "type": "fingerprints", "format": 2, "model": 2, "plan": "0", "again": null, "run": "0", "records": events,
            "events": events, "ties": 0, "checkpoints": checkpoints, "actors": [], "kinds": [],
        });
        serde_json::from_value(object).unwrap()
    }

    #[test]
    fn checkpoints_bound_the_first_difference() {
        let (one, other) = (prints(5_000, &["a", "b", "c", "d"]), prints(5_000, &["a", "b", "x", "y"]));
        assert_eq!(window(&one, &other), [2_049, 3_072]);
        assert_eq!(window(&prints(5_000, &["a"]), &prints(1_500, &["x"])), [1, 1_024]);
        // Behind the last checkpoint, and where one run has ended.
        assert_eq!(window(&prints(1_500, &["a"]), &prints(1_400, &["a"])), [1_025, 1_500]);
        assert_eq!(window(&prints(3, &[]), &prints(2, &[])), [1, 3]);
        assert_eq!(window(&prints(1_024, &["a"]), &prints(1_024, &["a"])), [1_025, 1_025]);
    }
}
