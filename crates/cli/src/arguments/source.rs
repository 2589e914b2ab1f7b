//! How a scenario is run where a trace file can stand as well.

use std::path::Path;

use clap::Args;
use tiebreak::{Order, Span, Verbosity};
use tiebreak_runner::RunOptions;

use super::{Input, ScenarioOptions, order_parser, parse_seed, whole};

/// How a scenario is run. A trace file, which is the record of a run, takes none of these.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Options for scenarios")]
pub(crate) struct SourceOptions {
    /// The seed, decimal or hexadecimal (0x…); the default is the scenario's.
    #[arg(long, value_name = "N", value_parser = parse_seed)]
    pub(crate) seed: Option<u64>,
    /// How simultaneous events are ordered: `fifo`, `seeded` or `rounds`; the default is the scenario's.
    #[arg(long, value_name = "ORDER", value_parser = order_parser())]
    pub(crate) order: Option<Order>,
    /// Turn a switch of the scenario on.
    #[arg(long, value_name = "SWITCH")]
    pub(crate) with: Vec<String>,
    /// Let the feed NAME replay this file, plain or gzip, instead of its own.
    #[arg(long, value_name = "NAME=PATH", value_parser = super::parse_input)]
    pub(crate) input: Vec<Input>,
    /// End the run at this instant at the latest, such as `90s`; the default is the scenario's.
    #[arg(long, value_name = "SPAN")]
    pub(crate) until: Option<Span>,
    /// Allow the run this many events, in total and at one instant; the default is the scenario's.
    #[arg(long, value_name = "N", value_parser = whole(1..=u64::MAX))]
    pub(crate) limit: Option<u64>,
    /// Compare the manager with the naive reference model after every instant.
    #[arg(long)]
    pub(crate) check_model: bool,
}

impl SourceOptions {
    /// Returns the scenario at a path with these options; seed and order are those of [`SourceOptions::how`].
    pub(crate) fn of(&self, file: &Path) -> ScenarioOptions {
        let Self { seed: _, order: _, with, input, until, limit, check_model } = self.clone();
        ScenarioOptions { file: file.to_owned(), with, input, until, limit, check_model }
    }

    /// Returns how the scenario is run.
    pub(crate) fn how(&self, verbosity: Verbosity) -> RunOptions {
        let Self { seed, order, until, limit, .. } = *self;
        RunOptions { seed, order, until, limit, model: self.of(Path::new("")).model(), verbosity }
    }

    /// Returns the first of these options that was given; `None` if none was.
    pub(crate) fn first_given(&self) -> Option<&'static str> {
        let Self { seed, order, with, input, until, limit, check_model } = self;
        let given = [
            (seed.is_some(), "--seed"),
            (order.is_some(), "--order"),
            (!with.is_empty(), "--with"),
            (!input.is_empty(), "--input"),
            (until.is_some(), "--until"),
            (limit.is_some(), "--limit"),
            (*check_model, "--check-model"),
        ];
        given.into_iter().find(|(is_given, _)| *is_given).map(|(_, name)| name)
    }
}
