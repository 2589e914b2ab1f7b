//! The command line.

mod bench;
mod diff;
mod number;
mod paste;
mod search;
mod show;
mod source;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use tiebreak::{Order, Projection, Span};
use tiebreak_runner::{ModelCheck, RunOptions};
use tiebreak_scenario::Plan;
use tiebreak_scenario::plan::{Actor, Entry};

pub(crate) use self::bench::{Bench, SideOptions};
pub(crate) use self::diff::Diff;
use self::number::{whole, with_signs};
pub(crate) use self::paste::quoted;
use self::paste::{as_argument, called_as};
pub(crate) use self::search::{Blame, Explore, Fuzz, Races, Replay, Suspects};
pub(crate) use self::show::{Filters, Show};
pub(crate) use self::source::SourceOptions;
use crate::exit;
use crate::load::climbs;
use crate::output::{is_standard, spelled};

/// Runs scenarios of callbacks and timers, in an order of simultaneous events that is the same every time.
#[derive(Debug, Parser)]
#[command(name = "tiebreak", version, after_help = exit::HELP, after_long_help = exit::HELP)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print only what is wrong, and what an option asks for: no trace, no `ok`, no progress.
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// When to colour diagnostics. `auto`: on a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: Color,
    /// Let scenarios replay recordings from outside their folders; `--input` needs no leave.
    #[arg(long, global = true)]
    pub(crate) allow_outside: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a scenario: print its trace, the verdict, and the command that repeats the run.
    Run(Run),
    /// Ask a trace, or the run of a scenario: parts of it, why something happened, why it did not.
    Show(Show),
    /// Check scenarios and their recordings, and report all mistakes in all files.
    Check(Check),
    /// Test scenarios: check what they expect, and compare their traces with their snapshots.
    Test(Test),
    /// Run a scenario under many seeds until one fails.
    Fuzz(Fuzz),
    /// Turn each race of one run round, and tell which of them matter.
    Races(Races),
    /// Go through all orders of a scenario, and prove that none of them fails.
    Explore(Explore),
    /// Tell at which choice a failing run came to fail.
    Blame(Blame),
    /// Rank the orderings that go with a failure, over many runs.
    Suspects(Suspects),
    /// Measure how fast a scenario runs and what it allocates, or which of two is faster.
    Bench(Bench),
    /// Compare two traces or two runs: where they part, what led to it, and what came of it.
    Diff(Diff),
    /// Replay regressions: what `fuzz` has found and kept still comes to what is expected of it.
    Replay(Replay),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page of `tiebreak`, or of one of its subcommands, as roff.
    Man {
        /// The subcommand, such as `run`.
        command: Option<String>,
    },
}

/// Arguments of `run`.
///
/// Standard output holds one thing: the fingerprint, the table (`--table -`), a packed trace (`--format packed`), or the
/// trace with the verdict after it. In all cases but the last the verdict goes to standard error.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The scenario and how it is run.
    #[command(flatten)]
    pub(crate) scenario: ScenarioOptions,
    /// The seed, decimal or hexadecimal (0x…); the default is the scenario's.
    #[arg(long, value_name = "N", value_parser = parse_seed)]
    pub(crate) seed: Option<u64>,
    /// How simultaneous events are ordered; the default is the scenario's. `fifo`: in the order of scheduling. `seeded`: by
    /// waits drawn from the seed. `rounds`: as `seeded`, but what an event schedules at its own instant runs after all events
    /// that were there before it.
    #[arg(long, value_name = "ORDER", value_parser = order_parser())]
    pub(crate) order: Option<Order>,
    /// The format of the trace; the default is `packed` for a file that ends in `.tbt`, `ndjson` for one that ends in `.ndjson`,
    /// else `text`. With `--format ndjson` the last object is the verdict.
    #[arg(long, value_enum)]
    pub(crate) format: Option<TraceFormat>,
    /// Write the trace to this file; `-` is standard output, also with --quiet. A packed trace (`.tbt`) is written to
    /// OUT.part while the run goes on, can be read meanwhile, and is renamed at the end.
    #[arg(long, value_name = "OUT")]
    pub(crate) trace: Option<PathBuf>,
    /// Write the run to this file as Perfetto shows it (ui.perfetto.dev): the whole run, also with a projection.
    #[arg(long, value_name = "FILE")]
    pub(crate) perfetto: Option<PathBuf>,
    /// Print the run's fingerprint and nothing else.
    #[arg(long)]
    pub(crate) fingerprint: bool,
    /// Write the fingerprints of the run to this file, and how to run it again, as JSON: `diff` compares such files.
    #[arg(long, value_name = "OUT")]
    pub(crate) fingerprints: Option<PathBuf>,
    /// Show the records of this actor only.
    #[arg(long, value_name = "NAME", group = "projection", conflicts_with = "fingerprint")]
    pub(crate) actor: Option<String>,
    /// Show the records of this kind only, such as `route-expired`.
    #[arg(long, value_name = "KIND", group = "projection", conflicts_with = "fingerprint")]
    pub(crate) kind: Option<String>,
    /// Show the records about this subject only, such as `10.0.0.0/8`.
    #[arg(long, value_name = "SUBJECT", group = "projection", conflicts_with = "fingerprint")]
    pub(crate) subject: Option<String>,
    /// Write the final best routes as NDJSON to this file; `-` is standard output.
    #[arg(long, value_name = "OUT")]
    pub(crate) table: Option<PathBuf>,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Scenario files, and folders: of a folder, all *.ron files are checked, also those in its subfolders.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// How mistakes are reported.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
}

/// Arguments of `test`.
///
/// Snapshots are kept beside their scenario, as `NAME.snap` or `NAME.PROJECTION.snap`; the scenario lists them
/// (`snapshots: [...]`). They have the format of insta: `cargo insta review` shows and accepts them as well.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Scenario files, and folders: of a folder, all *.ron files are tested, also those in its subfolders.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Keep snapshots as DIR/FAMILY/NAME.snap, where FAMILY is the name of the scenario's folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) snapshots: Option<PathBuf>,
    /// Write the snapshots that differ or are missing; those of a scenario that fails stay as they are.
    #[arg(long)]
    pub(crate) accept: bool,
    /// Fail if there are snapshots that belong to no scenario.
    #[arg(long)]
    pub(crate) unreferenced: bool,
    /// Run each scenario also under the seeds 1 to N; it must not fail under any of them.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole(0..=u64::MAX))]
    pub(crate) seeds: u64,
    /// How many threads to use for --seeds; the results do not depend on it.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = whole(1..=512_u16))]
    pub(crate) jobs: u16,
    /// Write the results to this file as `JUnit` XML.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Print annotations for GitHub; they are always printed if `GITHUB_ACTIONS` is set.
    #[arg(long)]
    pub(crate) annotate: bool,
}

/// The scenario and how it is run: what `run` and `fuzz` have in common.
#[derive(Debug, Clone, Args)]
pub(crate) struct ScenarioOptions {
    /// The scenario; `-` is standard input.
    pub(crate) file: PathBuf,
    /// Turn a switch of the scenario on.
    #[arg(long, value_name = "SWITCH")]
    pub(crate) with: Vec<String>,
    /// Let the feed NAME replay this file, plain or gzip, instead of its own.
    #[arg(long, value_name = "NAME=PATH", value_parser = parse_input)]
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

/// A feed's file given on the command line.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    /// The feed.
    pub(crate) name: String,
    /// The file.
    pub(crate) path: PathBuf,
}

/// The format of the trace of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TraceFormat {
    /// One aligned line per record.
    Text,
    /// One JSON object per line.
    Ndjson,
    /// The whole run in about a tenth of the bytes; `show` and `diff` read it.
    Packed,
}

/// The format of what is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One aligned line per record.
    #[default]
    Text,
    /// One JSON object per line.
    Ndjson,
}

/// How mistakes, or measurements, are reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people; mistakes with the line of the file that each is in.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Returns what the words of a command ask for that cannot be parsed as a whole.
    pub(crate) fn asked(words: impl Iterator<Item = OsString>) -> Self {
        let mut words = words.take_while(|word| word != "--");
        let mut asked = Self::default();
        while let Some(word) = words.next() {
            let Some(word) = word.to_str() else { continue };
            let value = match word.strip_prefix("--color") {
                Some("") => words.next().and_then(|value| value.into_string().ok()),
                Some(value) => value.strip_prefix('=').map(str::to_owned),
                None => None,
            };
            asked = value.and_then(|value| Self::from_str(&value, false).ok()).unwrap_or(asked);
        }
        asked
    }
}

impl Arguments {
    /// Reads the arguments that the process was given.
    ///
    /// # Errors
    /// If they cannot be read, or if help or the version was asked for.
    pub(crate) fn given() -> Result<Self, clap::Error> {
        let mut command = with_signs(Self::command());
        let matches = command.try_get_matches_from_mut(std::env::args_os())?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

impl Run {
    /// Returns the format of the trace.
    pub(crate) fn format(&self) -> TraceFormat {
        let ends_in = |end: &str| {
            self.trace.as_ref().is_some_and(|path| path.extension().is_some_and(|extension| extension == end))
        };
        self.format.unwrap_or_else(|| match (ends_in("tbt"), ends_in("ndjson")) {
            (true, _) => TraceFormat::Packed,
            (false, true) => TraceFormat::Ndjson,
            (false, false) => TraceFormat::Text,
        })
    }

    /// Returns the first option that shows a part of the run; `None` if none was given.
    pub(crate) fn first_projection(&self) -> Option<&'static str> {
        let Self { actor, kind, subject, .. } = self;
        let given = [(actor, "--actor"), (kind, "--kind"), (subject, "--subject")];
        given.into_iter().find(|(value, _)| value.is_some()).map(|(_, name)| name)
    }

    /// Returns which records are shown.
    pub(crate) fn projection(&self) -> Projection {
        let (actor, kind, subject) = (self.actor.clone(), self.kind.clone(), self.subject.clone());
        let asked = actor.map(Projection::Actor).or(kind.map(Projection::Kind));
        asked.or(subject.map(Projection::Subject)).unwrap_or_default()
    }
}

impl ScenarioOptions {
    /// Returns the options of the runs of a search, which chooses seeds and orders.
    pub(crate) fn of_a_search(&self) -> RunOptions {
        RunOptions { until: self.until, limit: self.limit, model: self.model(), ..RunOptions::default() }
    }

    /// Returns the options that change nothing about a scenario.
    pub(crate) fn of(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            with: Vec::new(),
            input: Vec::new(),
            until: None,
            limit: None,
            check_model: false,
        }
    }

    /// Returns whether the reference model runs beside the manager.
    pub(crate) const fn model(&self) -> ModelCheck {
        if self.check_model { ModelCheck::On } else { ModelCheck::Off }
    }

    /// Returns the command that repeats a run, quoted for a shell, with all that differs from the scenario's own settings.
    /// `None` stands for the scenario's seed.
    pub(crate) fn paste_line(&self, plan: &Plan, seed: Option<u64>, order: Order) -> String {
        self.paste_line_of("run", plan, &run_options(plan, seed, order))
    }

    /// Returns the line that asks `show` a question about a run.
    pub(crate) fn show_line(
        &self,
        plan: &Plan,
        how: &RunOptions,
        question: (&'static str, String),
    ) -> String {
        let seed = how.seed.filter(|seed| *seed != plan.seed);
        let mut options = run_options(plan, seed, how.order.unwrap_or(plan.order.policy()));
        options.push(question);
        self.paste_line_of("show", plan, &options)
    }

    /// Whether a scenario needs leave to read its recordings. A regression names those of the scenario that it was found in,
    /// which is in another folder.
    fn reaches_outside(&self, command: &str, plan: &Plan) -> bool {
        let is_given = |name: &str| self.input.iter().any(|input| input.name == name);
        let reaches = |entry: &Entry| match entry {
            Entry::One(Actor::Feed(feed)) => {
                command == "replay" || (!is_given(&feed.name) && climbs(Path::new(&feed.file)))
            }
            Entry::One(Actor::Client(_) | Actor::Observer(_)) | Entry::Group(_) => false,
        };
        plan.clients.iter().any(reaches)
    }

    /// Returns the line that calls a command on the scenario, with these options before those of the scenario.
    pub(crate) fn paste_line_of(&self, command: &str, plan: &Plan, options: &[(&str, String)]) -> String {
        let mut words: Vec<OsString> = called_as().iter().map(OsString::from).collect();
        words.extend([command.into(), as_argument(&self.file)]);
        let mut push = |name: &str, value: String| words.extend([name.into(), value.into()]);
        for (name, value) in options {
            push(name, value.clone());
        }
        for switch in &self.with {
            push("--with", switch.clone());
        }
        for Input { name, path } in &self.input {
            push("--input", format!("{name}={}", spelled(path.display())));
        }
        if let Some(until) = self.until.filter(|until| *until != plan.until) {
            push("--until", until.to_string());
        }
        if let Some(limit) = self.limit.filter(|limit| Some(*limit) != plan.limit) {
            push("--limit", limit.to_string());
        }
        if self.check_model {
            words.push("--check-model".into());
        }
        if self.reaches_outside(command, plan) {
            words.push("--allow-outside".into());
        }
        let line = words.iter().map(quoted).collect::<Vec<_>>().join(" ");
        // What came through standard input is not there any more.
        if is_standard(&self.file) {
            format!("{line} # with the same scenario on standard input")
        } else {
            line
        }
    }
}

/// Returns the options that repeat a run: a seed, and the order if it is not the scenario's.
fn run_options(plan: &Plan, seed: Option<u64>, order: Order) -> Vec<(&'static str, String)> {
    let order = (order != plan.order.policy()).then(|| ("--order", order.to_string()));
    seed.map(|seed| ("--seed", seed.to_string())).into_iter().chain(order).collect()
}

/// Returns a parser of the kernel's words for order policies.
fn order_parser() -> impl TypedValueParser<Value = Order> {
    PossibleValuesParser::new(Order::ALL.map(Order::word)).try_map(|word| word.parse::<Order>())
}

fn parse_seed(text: &str) -> Result<u64, String> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (digits, radix) = hex.map_or((text, 10), |digits| (digits, 16));
    // `from_str_radix` would take a sign.
    let is_number = digits.chars().all(|digit| digit.is_digit(radix));
    let seed = u64::from_str_radix(digits, radix).ok().filter(|_| is_number);
    seed.ok_or_else(|| {
        "write a whole number up to 18446744073709551615, decimal or hexadecimal (0x…)".to_owned()
    })
}

fn parse_input(text: &str) -> Result<Input, String> {
    match text.split_once('=') {
        Some((_, path)) if is_standard(Path::new(path)) => {
            Err("a feed cannot replay standard input: give a file".to_owned())
        }
        Some((name, path)) if !name.is_empty() && !path.is_empty() => {
            Ok(Input { name: name.to_owned(), path: PathBuf::from(path) })
        }
        _ => Err("write the name of a feed, `=`, and a path".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        with_signs(Arguments::command()).debug_assert();
    }

    #[test]
    fn colour_is_asked_for_also_by_words_that_cannot_be_parsed() {
        for (words, asked) in [
            ("rnu", Color::Auto),
            ("rnu --color never", Color::Never),
            ("--color=always --color=never rnu", Color::Never),
            ("rnu --color=alwys", Color::Auto),
            ("rnu --color", Color::Auto),
            ("rnu --colors=never", Color::Auto),
            ("rnu -- --color=never", Color::Auto),
        ] {
            let given = words.split(' ').map(OsString::from);
            assert_eq!(Color::asked(given), asked, "{words}");
        }
    }

    #[test]
    fn seeds_are_decimal_or_hexadecimal() {
        for (text, seed) in [("0", Some(0)), ("0x1F", Some(31)), ("18446744073709551615", Some(u64::MAX))] {
            assert_eq!(parse_seed(text).ok(), seed, "{text}");
        }
        for text in ["", "0x", "-1", "+1", "0x+1", "1.5", "18446744073709551616", "f"] {
            assert!(parse_seed(text).is_err(), "{text}");
        }
    }
}
