//! Arguments of `bench`.

use std::path::PathBuf;

use clap::Args;
use tiebreak::{Order, Span};

use super::{CheckFormat, ScenarioOptions, order_parser, parse_seed, whole};
use crate::exit::Error;
use crate::output::spelled;

/// Arguments of `bench`.
///
/// The scenario runs again and again, as a sweep of seeds runs it: with monitors and the run's fingerprint, and without a trace.
/// To compare two sides A and B, give two scenarios, or one of `--seed`, `--order` twice, or `--against`: both run in turn in one
/// process. That tells more than comparing with a file, because speed varies between processes and days.
#[derive(Debug, Args)]
#[command(mut_arg("check_model", |argument| argument.hide(true)))]
pub(crate) struct Bench {
    /// The scenario and how it is run.
    #[command(flatten)]
    pub(crate) scenario: ScenarioOptions,
    /// A second scenario: side B of a comparison.
    #[arg(value_name = "FILE_B")]
    pub(crate) other: Option<PathBuf>,
    /// The seed, decimal or 0x; the default is the scenario's. Given twice: those of A and B.
    #[arg(long, value_name = "N", value_parser = parse_seed)]
    pub(crate) seed: Vec<u64>,
    /// How simultaneous events are ordered; the default is the scenario's. Given twice: those of A and B.
    #[arg(long, value_name = "ORDER", value_parser = order_parser())]
    pub(crate) order: Vec<Order>,
    /// Compare A, the scenario with the switches of `--with`, with B, the same scenario with this switch in their place; `""` for
    /// none.
    #[arg(long, value_name = "SWITCH")]
    pub(crate) against: Vec<String>,
    /// About how long to measure.
    #[arg(long, value_name = "SPAN", default_value = "3s")]
    pub(crate) time: Span,
    /// Stop after so many runs, if the time is not over before; a comparison makes 16 of each side at least.
    #[arg(long, value_name = "N", value_parser = whole(1..=u64::MAX))]
    pub(crate) runs: Option<u64>,
    /// Make every group so many times as large, for each factor of this list, such as `1,10,100`, and show what grows.
    #[arg(long, value_name = "FACTORS", value_delimiter = ',', value_parser = whole(1..=u32::MAX))]
    pub(crate) scale: Vec<u32>,
    /// Write what was measured to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Compare with what was saved in this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) compare: Option<PathBuf>,
    /// How measurements are reported.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
    /// Measure for so long, and print the times of runs only: one of several processes.
    #[arg(long, value_name = "SPAN", hide = true)]
    pub(crate) sitting: Option<Span>,
}

/// One side of a comparison, or the only one.
#[derive(Debug, Clone)]
pub(crate) struct SideOptions {
    /// The scenario and its switches.
    pub(crate) scenario: ScenarioOptions,
    /// The seed, if not the scenario's.
    pub(crate) seed: Option<u64>,
    /// The order, if not the scenario's.
    pub(crate) order: Option<Order>,
    /// What is special about this side, as arguments; empty if it is the only one.
    pub(crate) words: String,
}

impl Bench {
    /// Returns the sides: one, or two to be compared.
    ///
    /// # Errors
    /// If options are given that cannot go together.
    pub(crate) fn sides(&self) -> Result<Vec<SideOptions>, Error> {
        self.check()?;
        let is_two = self.other.is_some() || !self.against.is_empty();
        let sides = if is_two || self.seed.len() == 2 || self.order.len() == 2 { 2 } else { 1 };
        if sides == 2 && (!self.scale.is_empty() || self.save.is_some() || self.compare.is_some()) {
            let message =
                "two sides are compared with each other: `--scale`, `--save` and `--compare` take one";
            return Err(Error::Input(message.to_owned()));
        }
        Ok((0..sides).map(|side| self.side(side)).collect())
    }

    fn check(&self) -> Result<(), Error> {
        let message = if self.scenario.check_model {
            "the reference model is not measured: leave `--check-model` out"
        } else if self.seed.len() > 2 || self.order.len() > 2 {
            "two sides can be compared: give `--seed` or `--order` twice at most"
        } else if !self.scale.is_empty() && (self.save.is_some() || self.compare.is_some()) {
            "`--scale` measures several scenarios: `--save` and `--compare` take one"
        } else {
            return Ok(());
        };
        Err(Error::Input(message.to_owned()))
    }

    fn side(&self, side: usize) -> SideOptions {
        let mut scenario = self.scenario.clone();
        let mut words = Vec::new();
        let second = side == 1;
        if let Some(other) = &self.other {
            if second {
                scenario.file.clone_from(other);
            }
            words.push(spelled(scenario.file.display()));
        }
        if !self.against.is_empty() {
            if second {
                scenario.with = self.against.iter().filter(|switch| !switch.is_empty()).cloned().collect();
            }
            match &*scenario.with {
                [] => words.push("no switch".to_owned()),
                switches => words.extend(switches.iter().map(|switch| format!("--with {switch}"))),
            }
        }
        let (seed, order) = (at(&self.seed, side), at(&self.order, side));
        if let (2, Some(seed)) = (self.seed.len(), seed) {
            words.push(format!("--seed {seed}"));
        }
        if let (2, Some(order)) = (self.order.len(), order) {
            words.push(format!("--order {order}"));
        }
        SideOptions { scenario, seed, order, words: words.join(" ") }
    }
}

/// What is given for a side: its own, or the only one.
fn at<T: Copy>(given: &[T], side: usize) -> Option<T> {
    given.get(side).or(given.first()).copied()
}
