//! Arguments of the verbs that search orders, and of those that explain what such a search has found.

use std::path::PathBuf;

use clap::Args;
use tiebreak::explore::{self, Tactic, TacticError};
use tiebreak::{Order, Span};

use super::{ScenarioOptions, order_parser, parse_seed, whole};

/// Arguments of `fuzz`.
///
/// Failures of one symptom, the same monitor during the same event, are one find. Each is made as small as it gets, shrunk
/// to the orderings that it needs, and kept as a regression.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Fuzz {
    /// The scenario and how it is run.
    #[command(flatten)]
    pub(crate) scenario: ScenarioOptions,
    /// How many runs to make at most.
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = whole(1..=u64::MAX))]
    pub(crate) runs: u64,
    /// Stop after this time, such as `10m`, between two rounds of runs.
    #[arg(long = "for", value_name = "SPAN")]
    pub(crate) time: Option<Span>,
    /// Stop after so many runs in a row that show nothing new.
    #[arg(long, value_name = "N", value_parser = whole(1..=u64::MAX))]
    pub(crate) until_quiet: Option<u64>,
    /// Stop at the first failure.
    #[arg(long)]
    pub(crate) stop_at_failure: bool,
    /// Who chooses: `auto` (a mixture that gives more runs to what finds more), `clocks` (seeds, as `run` takes them),
    /// `walk`, `pos`, `urw`, `pct:D`, `delay:D`, `races` (what the command `races` turns round), `fifo` or `rounds`.
    #[arg(long, value_name = "STRATEGY", default_value = "auto", value_parser = parse_strategy)]
    pub(crate) strategy: Strategy,
    /// The seed of the campaign, decimal or 0x: the first seed of `clocks`.
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_seed)]
    pub(crate) seed: u64,
    /// How many threads to use; results do not depend on it. The default is one for each processor; fewer are used if there is no
    /// memory for so many runs at a time.
    #[arg(long, value_name = "N", value_parser = whole(1..=512_u16))]
    pub(crate) jobs: Option<u16>,
    /// List every set of orderings that makes a find fail, if at most 20 pairs of its events race.
    #[arg(long)]
    pub(crate) all_causes: bool,
    /// Say also which kinds of events raced in both orders, and which in one order only; takes longer.
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Repeat one run in a hundred, at least one, in a second process, and compare the traces. If they differ, the search
    /// ends with exit code 70 and the first record that differs.
    #[arg(long)]
    pub(crate) check_determinism: bool,
    /// Repeat runs for another process: the second one of --check-determinism.
    #[arg(long, hide = true)]
    pub(crate) repeat: bool,
    /// Where regressions are written.
    #[arg(long, value_name = "DIR", default_value = "regressions")]
    pub(crate) regressions: PathBuf,
    /// Write no regressions; none are written either where `CI` is set.
    #[arg(long)]
    pub(crate) no_regressions: bool,
}

/// Arguments of `races`.
///
/// The scenario runs in the order of scheduling. Each pair of simultaneous events of which neither led to the other is a race;
/// the scenario runs again with each of them turned round, those first whose events are nearest to each other.
#[derive(Debug, Args)]
pub(crate) struct Races {
    /// The scenario and how it is run.
    #[command(flatten)]
    pub(crate) scenario: ScenarioOptions,
    /// How many races to turn round at most.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = whole(1..=u32::MAX))]
    pub(crate) runs: u32,
    /// The seed of what is drawn, decimal or 0x.
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_seed)]
    pub(crate) seed: u64,
    /// Also turn races round that only a phase keeps apart.
    #[arg(long)]
    pub(crate) across_phases: bool,
    /// Show also the races that nobody notices.
    #[arg(long)]
    pub(crate) all: bool,
}

/// Arguments of `explore`.
///
/// The scenario is forked before each choice among simultaneous events, and forks that have come to the same state are followed
/// once. If that ends, it is proved what holds in every order, with the draws of one seed.
#[derive(Debug, Args)]
#[command(mut_arg("check_model", |argument| argument.hide(true)))]
pub(crate) struct Explore {
    /// The scenario and how it is run.
    #[command(flatten)]
    pub(crate) scenario: ScenarioOptions,
    /// How many states to look at at most.
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = whole(1..=u64::MAX))]
    pub(crate) states: u64,
    /// Go only through the orders in which so many events are passed over at most, from that of scheduling.
    #[arg(long, value_name = "N", conflicts_with = "every_order", value_parser = whole(0..=u32::MAX))]
    pub(crate) delays: Option<u32>,
    /// Leave no order out, also if it follows from another one: clients of a group that can change places do so.
    #[arg(long)]
    pub(crate) every_order: bool,
    /// Prove nothing, but estimate from so many random orders how many there are.
    #[arg(long, value_name = "RUNS", num_args = 0..=1, require_equals = true, default_missing_value = "1000", value_parser = whole(2..=1_000_000_u64))]
    pub(crate) estimate: Option<u64>,
    /// The seed of what is drawn, decimal or 0x.
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_seed)]
    pub(crate) seed: u64,
}

/// Arguments of `replay`.
///
/// A regression is a scenario with an order by hand, and what it is expected to come to whatever decides the rest of its
/// order: it fails as it did when it was found, or, once that was fixed, it passes.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Regressions, and folders: of a folder, all *.ron files are replayed, also those in its subfolders.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Let 300 orders decide the rest, one after the other, not 12.
    #[arg(long)]
    pub(crate) all: bool,
    /// Rewrite regressions that no longer fail: from now on they must pass.
    #[arg(long)]
    pub(crate) accept: bool,
}

/// Arguments of `blame`.
///
/// The first choices of a failing run are kept, and the rest are made anew at random, many times. At the choice at which the share
/// of runs that fail rises most, the failure was decided.
#[derive(Debug, Args)]
pub(crate) struct Blame {
    /// The regression, or the scenario, and how it is run.
    #[command(flatten)]
    pub(crate) scenario: ScenarioOptions,
    /// The seed of the failing run, decimal or 0x; the default is the scenario's. A regression has a failing run of its own.
    #[arg(long, value_name = "N", value_parser = parse_seed)]
    pub(crate) seed: Option<u64>,
    /// The order policy of the failing run; the default is the scenario's.
    #[arg(long, value_name = "ORDER", value_parser = order_parser(), requires = "seed")]
    pub(crate) order: Option<Order>,
    /// How many runs to make at each point of the failing run.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = whole(1..=1_000_000_u64))]
    pub(crate) runs: u64,
}

/// Arguments of `suspects`.
///
/// The scenario runs many times. Of each pair of simultaneous events that race it is counted in how many of the runs that fail
/// they ran in this order, and in how many of those that pass.
#[derive(Debug, Args)]
pub(crate) struct Suspects {
    /// The scenario, or a regression, which runs without its orderings, and how it is run.
    #[command(flatten)]
    pub(crate) scenario: ScenarioOptions,
    /// How many runs to make.
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = whole(1..=1_000_000_u64))]
    pub(crate) runs: u64,
    /// Who chooses: `clocks` (seeds, as `run` takes them), `walk`, `pos`, `urw`, `pct:D` or `rounds`.
    #[arg(long, value_name = "STRATEGY", default_value = "clocks", value_parser = parse_sample)]
    pub(crate) strategy: Tactic,
    /// The seed of the campaign, decimal or 0x: the first seed of `clocks`.
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_seed)]
    pub(crate) seed: u64,
    /// How many orderings to show of each failure.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = whole(1..=u16::MAX))]
    pub(crate) show: u16,
}

/// Which strategies choose.
#[derive(Debug, Clone)]
pub(crate) struct Strategy(pub(crate) Vec<Tactic>);

impl Fuzz {
    /// How many threads to use.
    pub(crate) fn threads(&self) -> u16 {
        let processors = || {
            std::thread::available_parallelism().map_or(1, |count| u16::try_from(count.get()).unwrap_or(1))
        };
        self.jobs.unwrap_or_else(processors)
    }

    /// The strategies, as they are written on the command line.
    pub(crate) fn strategy_word(&self) -> String {
        match &*self.strategy.0 {
            [one] => one.to_string(),
            _ => "auto".to_owned(),
        }
    }
}

fn parse_strategy(text: &str) -> Result<Strategy, String> {
    if text == "auto" {
        return Ok(Strategy(explore::Plan::AUTO.to_vec()));
    }
    text.parse().map(|tactic| Strategy(vec![tactic])).map_err(|error: TacticError| error.to_string())
}

fn parse_sample(text: &str) -> Result<Tactic, String> {
    let tactic: Tactic = text.parse().map_err(|error: TacticError| error.to_string())?;
    if tactic.is_sample() {
        return Ok(tactic);
    }
    Err(format!(
        "the runs of `{tactic}` are no samples, so that counting them says nothing; write `clocks` or `walk`"
    ))
}
