//! Arguments of `diff`.

use alloc::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use tiebreak::{Order, Span};

use super::{Format, Input, SourceOptions, order_parser, parse_input, parse_seed, whole};
use crate::exit::Error;

/// Arguments of `diff`.
///
/// A and B are traces (packed or NDJSON), scenarios, which are run, or files that `run --fingerprints` has written. With A
/// alone, one scenario runs twice, with options that differ: `--seed 1 --seed 2`, `--order fifo --order seeded`, `--with-b fix`.
/// Events are matched by name and cause, so that times and numbers that shift change nothing else. The exit code is 0 if
/// nothing differs, and 1 if something does.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The trace, scenario or fingerprints to compare; `-` is standard input.
    #[arg(value_name = "A")]
    pub(crate) left: PathBuf,
    /// What it is compared with; if it is left out, A with other options.
    #[arg(value_name = "B")]
    pub(crate) right: Option<PathBuf>,
    /// Ignore the order of events that do not affect each other: each actor goes through the same, or it does not.
    #[arg(long)]
    pub(crate) up_to_order: bool,
    /// How differences are reported; with `ndjson` one object a finding, all of them.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Also write both side by side to this file, as a page for browsers that needs nothing else.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Show all findings, not the first of each sort.
    #[arg(long)]
    pub(crate) all: bool,
    /// The seed of both, or given twice, first that of A and then that of B.
    #[arg(long, value_name = "N", value_parser = parse_seed, help_heading = FOR_SCENARIOS)]
    pub(crate) seed: Vec<u64>,
    /// The order policy of both, or given twice, first that of A and then that of B.
    #[arg(long, value_name = "ORDER", value_parser = order_parser(), help_heading = FOR_SCENARIOS)]
    pub(crate) order: Vec<Order>,
    /// Turn a switch on in both.
    #[arg(long, value_name = "SWITCH", help_heading = FOR_SCENARIOS)]
    pub(crate) with: Vec<String>,
    /// Turn a switch on in A only.
    #[arg(long, value_name = "SWITCH", help_heading = FOR_SCENARIOS)]
    pub(crate) with_a: Vec<String>,
    /// Turn a switch on in B only.
    #[arg(long, value_name = "SWITCH", help_heading = FOR_SCENARIOS)]
    pub(crate) with_b: Vec<String>,
    /// Let the feed NAME replay this file in both, plain or gzip, instead of its own.
    #[arg(long, value_name = "NAME=PATH", value_parser = parse_input, help_heading = FOR_SCENARIOS)]
    pub(crate) input: Vec<Input>,
    /// End both runs at this instant at the latest, such as `90s`; the default is the scenario's.
    #[arg(long, value_name = "SPAN", help_heading = FOR_SCENARIOS)]
    pub(crate) until: Option<Span>,
    /// Allow each run this many events, in total and at one instant; the default is the scenario's.
    #[arg(long, value_name = "N", value_parser = whole(1..=u64::MAX), help_heading = FOR_SCENARIOS)]
    pub(crate) limit: Option<u64>,
}

const FOR_SCENARIOS: &str = "Options for scenarios";

impl Diff {
    /// Returns how A and B are run if they are scenarios.
    ///
    /// # Errors
    /// If a seed or an order is given more than twice.
    pub(crate) fn sources(&self) -> Result<[SourceOptions; 2], Error> {
        let [seeds, orders] = [self.seed.len(), self.order.len()];
        for (count, name) in [(seeds, "--seed"), (orders, "--order")] {
            if count > 2 {
                let message = format!(
                    "{name} is given {count} times; give it once for both, or twice: for A and then for B"
                );
                return Err(Error::Input(message));
            }
        }
        let options = |side: usize, switches: &[String]| SourceOptions {
            seed: self.seed.get(side).or(self.seed.first()).copied(),
            order: self.order.get(side).or(self.order.first()).copied(),
            with: self.switches(switches),
            input: self.input.clone(),
            until: self.until,
            limit: self.limit,
            check_model: false,
        };
        Ok([options(0, &self.with_a), options(1, &self.with_b)])
    }

    /// Returns the switches of a side, of which these are its own, each once.
    fn switches(&self, own: &[String]) -> Vec<String> {
        let mut switches: Vec<String> = Vec::new();
        for switch in self.with.iter().chain(own) {
            if !switches.contains(switch) {
                switches.push(switch.clone());
            }
        }
        switches
    }

    /// Returns whether A and B would be the same run of one scenario.
    pub(crate) fn is_one_run(&self) -> bool {
        let sides = [&self.with_a, &self.with_b].map(|own| BTreeSet::from_iter(self.switches(own)));
        let differs = self.seed.len() > 1 || self.order.len() > 1 || sides[0] != sides[1];
        self.right.is_none() && !differs
    }
}
