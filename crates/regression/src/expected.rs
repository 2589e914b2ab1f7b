//! What is expected of a regression, and where it was found.

use serde::{Deserialize, Serialize};
use tiebreak_explore::{Symptom, Tactic};

use crate::spelling::as_text;

/// What the runs of a regression come to, whatever decides the rest of their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Expected {
    /// They all fail so.
    Fails {
        /// Who says so: a monitor, or what was expected.
        monitor: String,
        /// The name of the event during which it fails; empty for a judgement about the whole run.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        event: String,
    },
    /// They all pass. Once they failed so.
    Passes {
        /// Who said so.
        monitor: String,
        /// The name of the event during which it failed.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        event: String,
    },
}

impl Expected {
    /// Returns how it fails, or once failed.
    #[must_use]
    pub fn symptom(&self) -> Symptom {
        let (Self::Fails { monitor, event } | Self::Passes { monitor, event }) = self;
        Symptom { monitor: monitor.clone(), event: event.clone() }
    }

    /// Returns that what failed so must pass from now on.
    #[must_use]
    pub fn passes(&self) -> Self {
        let Symptom { monitor, event } = self.symptom();
        Self::Passes { monitor, event }
    }
}

impl From<Symptom> for Expected {
    /// What failed so is expected to fail so.
    fn from(Symptom { monitor, event }: Symptom) -> Self {
        Self::Fails { monitor, event }
    }
}

/// The run that has found a regression. It may have been a run of a larger program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "Found")]
pub struct FoundBy {
    /// Who chose.
    #[serde(with = "as_text")]
    pub strategy: Tactic,
    /// Its seed.
    pub seed: u64,
    /// Which run of the search it was, from 1.
    pub run: u64,
    /// How many runs the search was to make.
    pub runs: u64,
}
