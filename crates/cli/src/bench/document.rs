//! What was measured, as it is saved and printed as JSON: the keys and their order are the format.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::bounded::{SAVED, read_text};
use crate::exit::Error;
use crate::output::shown_path;
use crate::place::is_special;

/// The number of this format. A change of a key, or of what it means, raises it.
pub(super) const FORMAT: u32 = 1;

/// All that was measured of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Document {
    /// [`FORMAT`].
    pub(super) format: u32,
    /// The version of the command.
    pub(super) tiebreak: String,
    /// The path of the scenario, as it was given.
    pub(super) scenario: String,
    /// What is the same in every run, however fast the machine is.
    pub(super) exact: Exact,
    /// What is measured.
    pub(super) measured: Measured,
}

/// What does not depend on how fast the machine is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Exact {
    /// The digest of the plan.
    pub(super) plan: String,
    pub(super) seed: u64,
    pub(super) order: String,
    /// The run's fingerprint.
    pub(super) fingerprint: String,
    pub(super) events: u64,
    /// What is wrong with the run; empty if nothing is.
    pub(super) findings: Vec<String>,
    /// By kind, in order of their names.
    pub(super) kinds: Vec<KindCount>,
    /// The allocations of the run, with those of building the world and judging.
    pub(super) allocations: u64,
    pub(super) bytes: u64,
    /// The most memory that was kept at once, beside what was there before the run.
    pub(super) peak_bytes: u64,
    /// After which event that was, and how much there was then.
    pub(super) peak_event: u64,
    pub(super) peak_pending: u64,
    pub(super) peak_routes: u64,
    /// The most that was ever there.
    pub(super) most_pending: u64,
    pub(super) most_routes: u64,
}

/// What events of one kind allocate in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct KindCount {
    pub(super) kind: String,
    pub(super) events: u64,
    pub(super) allocations: u64,
    pub(super) bytes: u64,
}

/// What depends on how fast the machine is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Measured {
    /// The times of runs.
    pub(super) run: Times,
    /// How long a run takes that is cut into batches, in nanoseconds: of this, kinds have their shares.
    pub(super) batched_run: u64,
    /// How many batches there are, and of how many events.
    pub(super) batches: usize,
    pub(super) batch_events: u32,
    /// How long events take; kinds that cannot be told apart share one entry.
    pub(super) kinds: Vec<KindTime>,
    /// The times of runs in each of several processes; empty if there was one.
    pub(super) sittings: Vec<Times>,
}

/// The quartiles of the times of some runs, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Times {
    pub(super) runs: u64,
    pub(super) lower: u64,
    pub(super) median: u64,
    pub(super) upper: u64,
}

impl Times {
    pub(super) fn of(times: &[u64]) -> Self {
        let quartiles = super::quartiles(times);
        Self {
            runs: times.len() as u64,
            lower: quartiles.lower,
            median: quartiles.median,
            upper: quartiles.upper,
        }
    }
}

/// How long an event takes, in picoseconds, with the ends of a 95 % interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct KindTime {
    /// One kind, or several that cannot be told apart.
    pub(super) kinds: Vec<String>,
    pub(super) event_ps: u64,
    pub(super) lower_ps: u64,
    pub(super) upper_ps: u64,
}

impl Document {
    /// Reads a saved document.
    ///
    /// # Errors
    /// If the file cannot be read, or is none of this format.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let name = shown_path(path.display());
        if is_special(path) {
            return Err(Error::Input(format!("cannot read {name}: it is not a regular file")));
        }
        let text =
            read_text(path, SAVED).map_err(|error| Error::Input(format!("cannot read {name}: {error}")))?;
        Self::parse(&text)
            .map_err(|cause| Error::Input(format!("{name} was not written by `bench --save`: {cause}")))
    }

    fn parse(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let Head { format } = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if format != FORMAT {
            return Err(format!("it has format {format}, and this command reads format {FORMAT}"));
        }
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// Returns how long an event of a kind takes, and whether others cannot be told apart from it; `None` if that was not measured.
    pub(super) fn time_of(&self, kind: &str) -> Option<&KindTime> {
        self.measured.kinds.iter().find(|time| time.kinds.iter().any(|known| known == kind))
    }

    /// Returns how long events of a kind take in one run, in picoseconds.
    pub(super) fn total_of(&self, count: &KindCount) -> u64 {
        self.time_of(&count.kind).map_or(0, |time| time.event_ps.saturating_mul(count.events))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::output::json;

    pub(in super::super) fn made_up() -> Document {
        let times = Times { runs: 9, lower: 9_000, median: 10_000, upper: 11_000 };
        Document {
            format: FORMAT,
            tiebreak: "0.1.0".to_owned(),
            scenario: "a.ron".to_owned(),
            exact: Exact {
                plan: "ab".to_owned(),
                seed: 5,
                order: "seeded".to_owned(),
                fingerprint: "cd".to_owned(),
                events: 10,
                findings: Vec::new(),
                kinds: vec![
                    KindCount { kind: "expiry".to_owned(), events: 2, allocations: 0, bytes: 0 },
                    KindCount { kind: "resume".to_owned(), events: 1, allocations: 4, bytes: 8 },
                    KindCount { kind: "step".to_owned(), events: 7, allocations: 15, bytes: 700 },
                ],
                allocations: 30,
                bytes: 4_000,
                peak_bytes: 1_000,
                peak_event: 4,
                peak_pending: 5,
                peak_routes: 0,
                most_pending: 6,
                most_routes: 3,
            },
            measured: Measured {
                run: times,
                batched_run: 10_000,
                batches: 12,
                batch_events: 8,
                kinds: vec![KindTime {
                    kinds: vec!["expiry".to_owned(), "step".to_owned()],
                    event_ps: 500_000,
                    lower_ps: 450_000,
                    upper_ps: 560_000,
                }],
                sittings: vec![times],
            },
        }
    }

    #[test]
    fn the_format_is_this_and_is_read_back() {
        let text = json(&made_up());
        let expected = r#"{"format":1,"tiebreak":"0.1.0","scenario":"a.ron","exact":{"plan":"ab","seed":5,"order":"seeded","fingerprint":"cd","events":10,"findings":[],"kinds":[{"kind":"expiry","events":2,"allocations":0,"bytes":0},{"kind":"resume","events":1,"allocations":4,"bytes":8},{"kind":"step","events":7,"allocations":15,"bytes":700}],"allocations":30,"bytes":4000,"peak_bytes":1000,"peak_event":4,"peak_pending":5,"peak_routes":0,"most_pending":6,"most_routes":3},"measured":{"run":{"runs":9,"lower":9000,"median":10000,"upper":11000},"batched_run":10000,"batches":12,"batch_events":8,"kinds":[{"kinds":["expiry","step"],"event_ps":500000,"lower_ps":450000,"upper_ps":560000}],"sittings":[{"runs":9,"lower":9000,"median":10000,"upper":11000}]}}"#;
        assert_eq!(text, expected);
        assert_eq!(Document::parse(&text), Ok(made_up()));
        let later = text.replacen("\"format\":1", "\"format\":2", 1);
        assert_eq!(Document::parse(&later).unwrap_err(), "it has format 2, and this command reads format 1");
        assert!(Document::parse("{}").is_err() && Document::parse("").is_err());
    }
}
