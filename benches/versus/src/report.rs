//! The tables, and where they are written.

use core::fmt::Write as _;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use tiebreak_versus::Workload;

use crate::arguments::Arguments;
use crate::launch::Launcher;
use crate::peers::{Clock, PEERS, Peer, Program, Ties};
use crate::plan::{Cell, Results, State};
use crate::statistics::{Spread, ratios, spread};

const LOCK: &str = include_str!("../Cargo.lock");
const BEGIN: &str = "<!-- versus: begin -->";
const END: &str = "<!-- versus: end -->";

/// Other work of the machine from which on numbers are not to be trusted: its load average before the run.
const BUSY: f64 = 0.5;
/// Rounds from which on a median says something.
const ROUNDS_MIN: usize = 5;
const PROVISIONAL: &str =
    "* **Provisional: few rounds, or a machine with other work to do. Rough sizes only.**\n";

/// What the numbers depend on besides the peers.
pub(crate) struct Machine {
    processor: String,
    date: String,
    compiler: String,
    load: String,
    command: String,
    rounds: usize,
    events: Option<u64>,
}

impl Machine {
    pub(crate) fn read(arguments: &Arguments) -> Self {
        let file = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let cpuinfo = file("/proc/cpuinfo");
        let model = cpuinfo.lines().find(|line| line.starts_with("model name"));
        let processor = model.and_then(|line| line.split(": ").nth(1)).unwrap_or("unknown").trim();
        let cores = std::thread::available_parallelism().map_or(1, core::num::NonZero::get);
        let compiler = std::process::Command::new("rustc").arg("--version").output();
        let compiler = compiler.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        let command = "cargo run --release --manifest-path benches/versus/Cargo.toml";
        let separator = if arguments.text.is_empty() { "" } else { " -- " };
        Self {
            processor: format!("{processor}, {cores} cores"),
            date: today(),
            compiler: compiler.unwrap_or("rustc unknown".to_owned()),
            load: file("/proc/loadavg").split(' ').next().unwrap_or("unknown").to_owned(),
            command: format!("{command}{separator}{}", arguments.text),
            rounds: arguments.rounds,
            events: arguments.events,
        }
    }
}

/// Today's date, of Greenwich.
fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    date(seconds / 86_400)
}

/// The date of a day counted from 1970-01-01: years of 365.2425 days that begin in March.
fn date(day: u64) -> String {
    let day = day + 719_468;
    let (era, day_of_era) = (day / 146_097, day % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

/// What is printed while it runs.
pub(crate) fn line(results: &Results) -> String {
    let mut line = title(results);
    for cell in &results.cells {
        if let Some(spread) = spread(&cell.nanoseconds()) {
            let _ = write!(line, "  {} {}", cell.peer.name, short(spread.median));
        }
    }
    line
}

/// Everything between the markers of docs/COMPARE.md.
pub(crate) fn text(all: &[Results], machine: &Machine, launcher: &Launcher) -> String {
    let mut text = heading(machine, launcher);
    text += "### Times as long as Tiebreak takes\n\n\
        The median of ratios paired within rounds. Below 1 the peer is faster: such numbers are bold. Peers \
        marked (fifo) run simultaneous events first in, first out; (any), in an order that is not promised; the others in an order that a seed decides.\n\n";
    text += &table(all, |results, cell| {
        let ratio = ratio(results, cell)?;
        let mark = if ratio.median < 1.0 { "**" } else { "" };
        Some(format!("{mark}{}{mark}", times(ratio.median)))
    });
    text += "\n### Nanoseconds\n\nA unit is an event, a setting of a timer (churn), or a delivery (fan-out): the median, and in \
        brackets the smallest and the largest of the rounds.\n\n";
    text += &table(all, |_, cell| {
        let Spread { median, min, max } = spread(&cell.nanoseconds())?;
        if cell.outcomes.len() == 1 {
            return Some(short(median));
        }
        Some(format!("{} ({}–{})", short(median), short(min), short(max)))
    });
    text += "\n### Where a peer is faster\n\n";
    text += &losses(all);
    text += "\n### What is not in the tables, and why\n\n";
    text += &gaps(all);
    text += "\n### What was compared\n\n";
    text += &agreement(launcher);
    text
}

fn heading(machine: &Machine, launcher: &Launcher) -> String {
    let Machine { processor, date, compiler, load, command, rounds, events } = machine;
    let pinned = if launcher.is_pinned() { "pinned to one core" } else { "not pinned to a core" };
    let length =
        events.map_or(String::new(), |events| format!(", at most about {events} measured events a case"));
    let is_busy = load.parse().is_ok_and(|load: f64| load > BUSY);
    let warning = if is_busy || *rounds < ROUNDS_MIN { PROVISIONAL } else { "" };
    let rounds_word = if *rounds == 1 { "round" } else { "rounds" };
    let mut versions: Vec<String> = Vec::new();
    for peer in PEERS {
        let version = peer.package.and_then(version_of).or_else(|| launcher.versions.get(peer.name).cloned());
        versions.extend(version.map(|version| format!("{} {version}", peer.name)));
    }
    format!(
        "* {date}, {processor}; {compiler}; every measurement a process of its own, {pinned}\n\
         * {rounds} {rounds_word}{length}; load average when it began: {load}\n\
         * `{command}`\n\
         * {}\n{warning}\n",
        versions.join(", ")
    )
}

/// The version of a package in the lock file.
fn version_of(package: &str) -> Option<String> {
    let rest = LOCK.split(&format!("name = \"{package}\"\nversion = \"")).nth(1)?;
    rest.split('"').next().map(str::to_owned)
}

fn table(all: &[Results], cell: impl Fn(&Results, &Cell) -> Option<String>) -> String {
    let names: Vec<String> = PEERS.iter().map(|peer| heading_of(peer)).collect();
    let mut text = format!("| workload | {} |\n|---|{}\n", names.join(" | "), "---:|".repeat(names.len()));
    for results in all {
        let cells = results.cells.iter().map(|one| match &one.state {
            State::Measured => cell(results, one).unwrap_or("–".to_owned()),
            State::LeftOut(_) => "–".to_owned(),
            State::Absent(_) => "absent".to_owned(),
            State::Failed(_) => "failed".to_owned(),
        });
        let cells: Vec<String> = cells.collect();
        let _ = writeln!(text, "| {} | {} |", title(results), cells.join(" | "));
    }
    text
}

/// A peer's name, with the order of simultaneous events where it is not a seed's.
fn heading_of(peer: &Peer) -> String {
    match peer.ties {
        Ties::Fifo if !peer.name.ends_with("fifo") => format!("{} (fifo)", peer.name),
        Ties::Unpromised => format!("{} (any)", peer.name),
        Ties::Fifo | Ties::Seeded => peer.name.to_owned(),
    }
}

fn title(results: &Results) -> String {
    let case = &results.case;
    let size = match case.size {
        size if size >= 1 << 20 => format!("{}M", size >> 20),
        size if size >= 1 << 10 => format!("{}k", size >> 10),
        size => size.to_string(),
    };
    match case.workload {
        Workload::Hold => format!("hold, {}, {size}", case.distribution.word()),
        workload => format!("{}, {size}", workload.word()),
    }
}

fn ratio(results: &Results, cell: &Cell) -> Option<Spread> {
    let own = results.cells.first()?.nanoseconds();
    spread(&ratios(&cell.nanoseconds(), &own))
}

fn losses(all: &[Results]) -> String {
    let mut text = String::new();
    for results in all {
        for cell in results.cells.iter().filter(|cell| cell.peer.package != PEERS[0].package) {
            if let Some(ratio) = ratio(results, cell).filter(|ratio| ratio.median < 1.0) {
                let times = times(1.0 / ratio.median);
                let _ = writeln!(text, "* {}: {} is {times} times as fast", title(results), cell.peer.name);
            }
        }
    }
    if text.is_empty() { "In no row.\n".to_owned() } else { text }
}

fn gaps(all: &[Results]) -> String {
    let mut gaps: Vec<(String, Vec<String>)> = Vec::new();
    for results in all {
        for cell in &results.cells {
            let reason = match &cell.state {
                State::Measured => continue,
                State::LeftOut(reason) => (*reason).to_owned(),
                State::Absent(how) => format!("absent on this machine; it {how}"),
                State::Failed(error) => format!("failed: {error}"),
            };
            let reason = format!("{}: {reason}", cell.peer.name);
            match gaps.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, rows)) => rows.push(title(results)),
                None => gaps.push((reason, vec![title(results)])),
            }
        }
    }
    let line = |(reason, rows): (String, Vec<String>)| {
        let rows = if rows.len() > 3 { format!("{} rows", rows.len()) } else { rows.join("; ") };
        format!("* {reason} ({rows})\n")
    };
    gaps.into_iter().map(line).collect()
}

fn agreement(launcher: &Launcher) -> String {
    let names = |wanted: &dyn Fn(&Peer) -> bool| {
        let is_there = |peer: &Peer| match peer.program {
            Program::Here(_) => true,
            Program::Foreign(_) => launcher.versions.contains_key(peer.name),
        };
        let names: BTreeSet<&str> =
            PEERS.iter().filter(|peer| is_there(peer) && wanted(peer)).map(|peer| peer.name).collect();
        names.into_iter().collect::<Vec<_>>().join(", ")
    };
    let exact = names(&|peer| peer.ties == Ties::Fifo && peer.clock == Clock::Nanoseconds);
    let seeded = names(&|peer| peer.ties == Ties::Seeded);
    let coarse = names(&|peer| peer.clock != Clock::Nanoseconds);
    let verdict = if launcher.disagreements.is_empty() {
        "Everything agreed.".to_owned()
    } else {
        format!("**Disagreements:**\n{}", launcher.disagreements.join("\n"))
    };
    format!(
        "Each run reports the instant of its last event and the sum of all values; both are checked against std-heap.\n\
         * {exact} run simultaneous events first in, first out: both must be equal (of nexosim's actors \
         the instant alone: it orders within a model).\n\
         * {seeded} order them by a seed: the instant must be equal (in churn, within 2 %), the sum in fan-out and burst.\n\
         * {coarse} have a coarser or a floating-point clock: the instant must be close, the sum equal in fan-out and \
         burst.\n\n{verdict}\n"
    )
}

/// A number with as many digits as mean something.
fn short(value: f64) -> String {
    if value < 99.95 { format!("{value:.1}") } else { format!("{value:.0}") }
}

fn times(value: f64) -> String {
    if value < 9.995 { format!("{value:.2}") } else { short(value) }
}

/// Writes the text between the markers of docs/COMPARE.md.
pub(crate) fn write(text: &str) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/COMPARE.md");
    let say = |error: &dyn core::fmt::Display| format!("{}: {error}", path.display());
    let old = std::fs::read_to_string(&path).map_err(|error| say(&error))?;
    let (before, rest) = old.split_once(BEGIN).ok_or_else(|| say(&format!("no line {BEGIN}")))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| say(&format!("no line {END}")))?;
    let new = format!("{before}{BEGIN}\n{text}{END}{after}");
    std::fs::write(&path, new).map_err(|error| say(&error))
}

#[cfg(test)]
mod tests {
    use super::{date, version_of};

    #[test]
    fn days_have_dates() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(11_016), "2000-02-29");
        assert_eq!(date(20_454), "2026-01-01");
    }

    #[test]
    fn versions_are_those_of_the_lock_file() {
        assert_eq!(version_of("tiebreak-kernel").as_deref(), Some("0.1.0"));
        assert_eq!(version_of("no-such-package"), None);
    }
}
