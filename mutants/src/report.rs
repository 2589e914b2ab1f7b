//! What came of it, as it is committed.

use crate::list::nameless;
use crate::tree::said;
use crate::trial::{Book, Outcome};
use crate::{Places, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

pub(crate) const FOLDER: &str = "docs/mutants";

/// What is written behind a survivor that nobody has looked at.
const NO_REASON: &str = "not looked at yet";

/// Numbers of one file, or of all.
type Counts = BTreeMap<Outcome, u64>;

/// The day and the version, for the head of a report.
pub(crate) fn head() -> Result<String> {
    let day = said(Command::new("date").args(["-u", "+%F"]))?;
    let version = said(Command::new("cargo").args(["mutants", "--version"]))?;
    Ok(format!("{day}, {version}"))
}

fn line(file: &str, counts: &Counts) -> String {
    let count = |outcome| counts.get(&outcome).copied().unwrap_or(0);
    let [caught, missed, timeouts, unviable] = Outcome::ALL.map(|(outcome, _)| count(outcome));
    format!("{file:<18} {caught:>6} {missed:>6} {timeouts:>8} {unviable:>8}\n")
}

/// Writes the numbers by file, and the survivors with the reasons that stand behind them already.
pub(crate) fn write(places: &Places) -> Result<()> {
    let book = Book::open(places)?;
    let (mut files, mut all): (BTreeMap<&str, Counts>, Counts) = (BTreeMap::new(), Counts::new());
    let mut tests: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, (outcome, by)) in &book.entries {
        let file = name.split(':').next().and_then(|path| path.rsplit('/').next()).unwrap_or("");
        *files.entry(file).or_default().entry(*outcome).or_default() += 1;
        *all.entry(*outcome).or_default() += 1;
        if *outcome == Outcome::Caught {
            *tests.entry(by).or_default() += 1;
        }
    }
    let count = |outcome| all.get(&outcome).copied().unwrap_or(0);
    let caught = count(Outcome::Caught) + count(Outcome::Timeout);
    let viable = caught + count(Outcome::Missed);
    let mut text = format!("Mutants of crates/rtm under its own tests, by mutants/run.sh.\n{}\n\n", head()?);
    text += "file               caught missed timeouts unviable\n";
    for (file, counts) in &files {
        text += &line(file, counts);
    }
    text += &line("all", &all);
    let tenths = 1000 * caught / viable.max(1);
    write!(
        text,
        "\n{caught} of {viable} viable mutants are caught or time out: {}.{} %\n",
        tenths / 10,
        tenths % 10
    )?;
    for (by, count) in tests {
        writeln!(text, "caught first by {by}: {count}")?;
    }
    let folder = places.house.join(FOLDER);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("counts.txt"), &text)?;
    print!("{text}");
    write_missed(places, &book)
}

fn write_missed(places: &Places, book: &Book) -> Result<()> {
    let path = places.house.join(FOLDER).join("missed.txt");
    let before = fs::read_to_string(&path).unwrap_or_default();
    let reasons: BTreeMap<&str, &str> = before.lines().filter_map(|line| line.split_once(" · ")).collect();
    let missed = book.entries.iter().filter(|(_, (outcome, _))| *outcome == Outcome::Missed);
    let missed: BTreeSet<String> = missed.map(|(name, _)| nameless(name)).collect();
    let mut text =
        "Mutants that no test of crates/rtm notices, and why. mutants/run.sh report keeps the reasons.\n\n"
            .to_owned();
    for name in &missed {
        writeln!(text, "{name} · {}", reasons.get(name.as_str()).unwrap_or(&NO_REASON))?;
    }
    fs::write(path, text)?;
    Ok(())
}
