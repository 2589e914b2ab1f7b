//! Arguments of `show`.

use std::path::PathBuf;

use clap::Args;
use tiebreak::Span;

use super::{Format, SourceOptions, whole};

/// What chooses records: a question that takes no notice of it refuses it, each by its name, so that only what was given is named.
const FILTERS: [&str; 11] = [
    "actor",
    "kind",
    "subject",
    "hide_actor",
    "hide_kind",
    "from",
    "to",
    "caused_by",
    "around",
    "before",
    "last",
];
/// What `--pending` refuses.
const NOT_OF_PENDING: [&str; 10] =
    ["kind", "subject", "hide_kind", "from", "to", "caused_by", "around", "before", "last", "lines"];

/// Arguments of `show`.
///
/// Without a question the records are shown that pass all filters. Several values of one filter are alternatives. Texts may
/// contain `*`, which stands for any run of characters. A record is named by its number, or by its name as the trace
/// spells it, such as `rip1/expiry(10.0.0.0/8)#1`.
///
/// Exit code 0: something was shown; 1: nothing matches, or there is nothing to explain; 2: wrong usage or input.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// A trace file or a scenario, which is run; `-` is standard input.
    #[arg(value_name = "TRACE|SCENARIO")]
    pub(crate) source: PathBuf,
    /// Show how a record came about: all events that led to it, and which events raced them. `finding` is what is wrong with the
    /// run of a scenario, `finding#2` the second of what is wrong.
    #[arg(long, value_name = "RECORD", group = "question", conflicts_with_all = FILTERS, conflicts_with = "format")]
    pub(crate) why: Option<String>,
    /// Show why an event did not happen: what was left out, cancelled, moved or is pending, and how it happens in a run of a
    /// scenario under another seed. `actor/kind(subject)`, with `#repeat` for one of several.
    #[arg(long, value_name = "NAME", group = "question", conflicts_with_all = FILTERS, conflicts_with_all = ["format", "lines"])]
    pub(crate) why_not: Option<String>,
    /// How many other seeds --why-not tries until the event happens.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = whole(0..=u64::MAX), requires = "why_not")]
    pub(crate) seeds: u64,
    /// Show what is still pending at the end, and who waits for it: for all, or as --actor and --hide-actor say.
    #[arg(long, group = "question", conflicts_with_all = NOT_OF_PENDING)]
    pub(crate) pending: bool,
    /// Which records are shown.
    #[command(flatten)]
    pub(crate) filters: Filters,
    /// How many records --around, --before and --last show on each side, 10 by default; how many lines --why shows of a record,
    /// or of a finding, 12 by default.
    #[arg(long, value_name = "N", value_parser = whole(1..=1_000_000_u64))]
    pub(crate) lines: Option<u64>,
    /// The format of the records.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Show the records with a column for each actor. What does not fit is cut: the number in front leads to the whole record.
    #[arg(long, conflicts_with_all = ["question", "format"])]
    pub(crate) columns: bool,
    /// How many cells of a terminal a line of --columns takes at most; the default is the width of the terminal, or 100.
    #[arg(long, value_name = "N", requires = "columns", value_parser = whole(60..=500_u16))]
    pub(crate) width: Option<u16>,
    /// Write the whole trace to this file instead, as a page for browsers that needs nothing else.
    #[arg(long, value_name = "FILE", conflicts_with_all = FILTERS, conflicts_with_all = ["format", "lines", "question", "columns"])]
    pub(crate) html: Option<PathBuf>,
    /// How the scenario is run.
    #[command(flatten)]
    pub(crate) run: SourceOptions,
}

/// Which records are shown.
#[derive(Debug, Args)]
pub(crate) struct Filters {
    /// Show the records of this actor.
    #[arg(long, value_name = "NAME")]
    pub(crate) actor: Vec<String>,
    /// Show the records of this kind, such as `route-expired`.
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Vec<String>,
    /// Show the records about this subject, such as `10.0.0.0/8`.
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) subject: Vec<String>,
    /// Leave out the records of this actor.
    #[arg(long, value_name = "NAME")]
    pub(crate) hide_actor: Vec<String>,
    /// Leave out the records of this kind.
    #[arg(long, value_name = "KIND")]
    pub(crate) hide_kind: Vec<String>,
    /// Show what happened at this time or later, such as `30s`.
    #[arg(long, value_name = "SPAN")]
    pub(crate) from: Option<Span>,
    /// Show what happened at this time or earlier.
    #[arg(long, value_name = "SPAN")]
    pub(crate) to: Option<Span>,
    /// Show this record and all that it led to.
    #[arg(long, value_name = "RECORD")]
    pub(crate) caused_by: Vec<String>,
    /// Show this record and the records before and after it.
    #[arg(long, value_name = "RECORD")]
    pub(crate) around: Vec<String>,
    /// Show the last records before this record.
    #[arg(long, value_name = "RECORD")]
    pub(crate) before: Vec<String>,
    /// Show the last records.
    #[arg(long)]
    pub(crate) last: bool,
}
