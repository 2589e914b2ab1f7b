//! Fingerprints as files: what a run came to, in a few kilobytes, and how to run it again.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tiebreak::{Digest, Fingerprint, Header, Layer, Order, Span, Trace};

use crate::arguments::{Input, ScenarioOptions, SourceOptions};
use crate::bounded::{self, read_bytes};
use crate::exit::Error;
use crate::output::{Settled, Sink, is_standard, json, shown_path, visible};
use crate::place::is_special;
use crate::source::BYTE_ORDER_MARK;

/// How a file of fingerprints begins.
const HEAD: &[u8] = br#"{"type":"fingerprints""#;

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Prints {
    /// That it is this file and no other.
    r#type: String,
    /// The number of the trace's format.
    pub(crate) format: u32,
    /// The number of the model.
    pub(crate) model: u32,
    /// The digest of the plan.
    pub(crate) plan: String,
    /// How to run it again; absent of a trace, and if it cannot be said.
    pub(crate) again: Option<Again>,
    /// The digest of the run.
    pub(crate) run: String,
    /// How many records there are.
    pub(crate) records: u64,
    /// How many of them are events.
    pub(crate) events: u64,
    /// How many of those were chosen among several.
    pub(crate) ties: u64,
    /// The digests of the run after event 1024, 2048 and so on.
    pub(crate) checkpoints: Vec<String>,
    /// The records of each actor, sorted by its name.
    pub(crate) actors: Vec<Part>,
    /// The records of each kind, sorted by its text.
    pub(crate) kinds: Vec<Part>,
}

/// How to run a scenario again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Again {
    /// The path of the scenario, as it was given.
    scenario: PathBuf,
    /// The switches that are on.
    with: Vec<String>,
    /// Feeds and the files that they replay instead of their own.
    input: Vec<(String, PathBuf)>,
    seed: u64,
    order: String,
    /// The last instant, in nanoseconds; `null` for the scenario's.
    until: Option<u64>,
    /// How many events it may take; `null` for the scenario's.
    limit: Option<u64>,
}

/// The records of one actor or one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) records: u64,
    pub(crate) digest: String,
}

impl Prints {
    /// What a run came to.
    pub(crate) fn new(header: &Header, fingerprint: &Fingerprint, checkpoints: &[Digest]) -> Self {
        let parts = |layers: &[Layer]| layers.iter().map(Part::of).collect();
        Self {
            r#type: "fingerprints".to_owned(),
            format: header.format,
            model: header.model,
            plan: header.plan.to_string(),
            again: None,
            run: fingerprint.run.to_string(),
            records: fingerprint.records,
            events: fingerprint.dispatches,
            ties: fingerprint.ties,
            checkpoints: checkpoints.iter().map(ToString::to_string).collect(),
            actors: parts(&fingerprint.actors),
            kinds: parts(&fingerprint.kinds),
        }
    }

    /// What the run that a trace is of came to.
    pub(crate) fn of(trace: &Trace) -> Self {
        Self::new(trace.header(), &trace.fingerprint(), &trace.checkpoints())
    }

    /// The same, with how to run it again, if the file can say so.
    pub(crate) fn run_by(self, scenario: &ScenarioOptions, (seed, order): (u64, Order)) -> Self {
        if not_again(&scenario.file).is_some() {
            return self;
        }
        let input = scenario.input.iter().map(|input| (input.name.clone(), input.path.clone()));
        let again = Again {
            scenario: scenario.file.clone(),
            with: scenario.with.clone(),
            input: input.collect(),
            seed,
            order: order.word().to_owned(),
            until: scenario.until.map(Span::as_nanos),
            limit: scenario.limit,
        };
        Self { again: Some(again), ..self }
    }

    /// Writes the file, which is not in its place yet.
    pub(crate) fn write(&self, mut sink: Sink) -> Result<Settled, Error> {
        sink.line(json(self));
        sink.settle()
    }

    /// Reads a file, if it is one of fingerprints. Standard input and pipes are none: they can be read once only.
    ///
    /// # Errors
    /// If it begins like one and is none.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, Error> {
        // What cannot be read is reported where it is opened as a trace or a scenario.
        if is_standard(path) || !path.is_file() || !begins_as_prints(path) {
            return Ok(None);
        }
        let bytes = read_bytes(path, |_| bounded::FINGERPRINTS)
            .map_err(|cause| Error::Input(format!("cannot read {}: {cause}", shown_path(path.display()))))?;
        let text = bytes.strip_prefix(BYTE_ORDER_MARK.as_bytes()).unwrap_or(&bytes);
        serde_json::from_slice(text).map(Some).map_err(|error| {
            Error::Input(format!("{} holds no whole fingerprints: {error}", shown_path(path.display())))
        })
    }
}

/// Whether a file begins as those of fingerprints do.
fn begins_as_prints(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path)
        .and_then(|file| file.take((BYTE_ORDER_MARK.len() + HEAD.len()) as u64).read_to_end(&mut head));
    read.is_ok() && head.strip_prefix(BYTE_ORDER_MARK.as_bytes()).unwrap_or(&head).starts_with(HEAD)
}

/// Why a file of fingerprints cannot say how to run a scenario again; `None` if it can.
pub(crate) fn not_again(scenario: &Path) -> Option<&'static str> {
    if is_standard(scenario) {
        Some("the scenario came through standard input")
    } else if scenario.to_str().is_none() {
        Some("the path of the scenario is not UTF-8")
    } else {
        None
    }
}

impl Part {
    fn of(layer: &Layer) -> Self {
        let Layer { name, digest, records, .. } = layer;
        Self { name: name.clone(), records: *records, digest: digest.to_string() }
    }
}

impl Again {
    /// What cannot be read again, or must not be because it may never end: standard input, folders, pipes and devices; `None` if
    /// all can be read that is there.
    pub(crate) fn unreadable(&self) -> Option<&Path> {
        let inputs = self.input.iter().map(|(_, path)| &**path);
        let mut paths = core::iter::once(&*self.scenario).chain(inputs);
        paths.find(|path| is_standard(path) || path.is_dir() || is_special(path))
    }

    /// The scenario and how it was run.
    ///
    /// # Errors
    /// If the order is not known.
    pub(crate) fn source(&self) -> Result<(&Path, SourceOptions), Error> {
        let Self { scenario, with, input, seed, order, until, limit } = self;
        let order = order.parse().map_err(|_| Error::Input(format!("unknown order `{}`", visible(order))))?;
        let input = input.iter().map(|(name, path)| Input { name: name.clone(), path: path.clone() });
        let options = SourceOptions {
            seed: Some(*seed),
            order: Some(order),
            with: with.clone(),
            input: input.collect(),
            until: until.map(Span::from_nanos),
            limit: *limit,
            check_model: false,
        };
        Ok((scenario, options))
    }
}

/// Returns the number of the first checkpoint, from 0, at which two runs differ; the number of those that both have if none
/// of them does.
pub(crate) fn first_other(left: &Prints, right: &Prints) -> usize {
    left.checkpoints.iter().zip(&right.checkpoints).take_while(|(one, other)| one == other).count()
}

/// Returns the names of the parts that differ, or that only one side has, sorted.
pub(crate) fn other_parts<'a>(left: &'a [Part], right: &'a [Part]) -> Vec<&'a str> {
    let differs = |part: &&Part, others: &[Part]| !others.contains(part);
    let gone = left.iter().filter(|part| differs(part, right));
    let new = right.iter().filter(|part| differs(part, left));
    let mut names: Vec<&str> = gone.chain(new).map(|part| &*part.name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, digest: &str) -> Part {
        Part { name: name.to_owned(), records: 1, digest: digest.to_owned() }
    }

    #[test]
    fn parts_that_differ_are_named_once() {
        let left = [part("a", "1"), part("b", "1"), part("c", "1")];
        let right = [part("a", "1"), part("b", "2"), part("d", "1")];
        assert_eq!(other_parts(&left, &right), ["b", "c", "d"]);
        assert!(other_parts(&left, &left).is_empty());
    }
}
