//! Running tests with a mutant switched on.

use crate::tree::{self, Built};
use crate::{Places, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What one program is asked to run.
pub(crate) type Tests<'a> = (&'a str, &'a [&'a str]);

/// All tests of the crate but those that take seconds for one mutant.
const QUICK: [Tests<'_>; 3] = [
    ("rules", &["--skip", "random::"]),
    ("tiebreak_rtm", &[]),
    ("canonical", &["--skip", "managers_that_hash_alike_answer_alike_for_ever"]),
];
/// These.
const SLOW: [Tests<'_>; 2] =
    [("rules", &["random::"]), ("canonical", &["managers_that_hash_alike_answer_alike_for_ever"])];

/// A mutant may make a test run for ever, or take all memory. The quick ones take less than a second, the slow ones some.
const TIME_QUICK: Duration = Duration::from_secs(12);
pub(crate) const TIME_SLOW: Duration = Duration::from_secs(100);
const MEMORY_KIB: u64 = 6_000_000;

/// How a mutant ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Caught,
    Missed,
    Timeout,
    Unviable,
}

impl Outcome {
    pub(crate) const ALL: [(Self, &'static str); 4] = [
        (Self::Caught, "caught"),
        (Self::Missed, "missed"),
        (Self::Timeout, "timeout"),
        (Self::Unviable, "unviable"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(outcome, _)| *outcome == self).map_or("", |(_, name)| name)
    }
}

/// What was tried: outcome, by what, the state of the file, name. What was missed is tried again, since tests are added; what was
/// caught is not while its file stays as it is, so that after tests were taken away this is to be begun anew.
pub(crate) struct Book {
    path: PathBuf,
    /// Of each file as it is now.
    states: BTreeMap<String, String>,
    /// By the name with its place: the outcome, and by what.
    pub(crate) entries: BTreeMap<String, (Outcome, String)>,
}

impl Book {
    pub(crate) fn open(places: &Places) -> Result<Self> {
        let (path, states) = (places.work.join("outcomes"), tree::states(places)?);
        let mut entries = BTreeMap::new();
        for line in fs::read_to_string(&path).unwrap_or_default().lines() {
            let parts: Vec<&str> = line.splitn(4, '\t').collect();
            let [word, by, state, name] = parts[..] else { continue };
            if states.get(file_of(name)).is_none_or(|now| now != state) {
                continue;
            }
            let outcome =
                Outcome::ALL.iter().find(|(_, known)| *known == word).ok_or("an unknown outcome")?.0;
            entries.insert(name.to_owned(), (outcome, by.to_owned()));
        }
        Ok(Self { path, states, entries })
    }

    fn enter(&mut self, outcome: Outcome, by: &str, name: &str) -> Result<()> {
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        let state =
            self.states.get(file_of(name)).ok_or("a mutant of a file that is not in the last commit")?;
        writeln!(file, "{}\t{by}\t{state}\t{name}", outcome.name())?;
        self.entries.insert(name.to_owned(), (outcome, by.to_owned()));
        Ok(())
    }
}

/// The file that a mutant is in, by its name.
fn file_of(name: &str) -> &str {
    name.split(':').next().unwrap_or("")
}

/// Runs one program with a mutant switched on, for so long at most; 0 is none.
pub(crate) fn tried(
    built: &Built,
    work: &Path,
    id: usize,
    (program, arguments): Tests<'_>,
    time: Duration,
) -> Result<Outcome> {
    let path = built.programs.get(program).ok_or_else(|| format!("there are no tests {program}"))?;
    let said = File::create(work.join("said"))?;
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -v {MEMORY_KIB}; exec \"$0\" \"$@\"")]).arg(path).args(arguments);
    shell.current_dir(built.tree.join(tree::FOLDER)).env("MUTANT", id.to_string());
    shell.env("RUST_BACKTRACE", "0").env("PROPTEST_MAX_SHRINK_ITERS", "0");
    let mut child = shell.stdin(Stdio::null()).stderr(said.try_clone()?).stdout(said).spawn()?;
    let begun = Instant::now();
    while begun.elapsed() < time {
        if let Some(status) = child.try_wait()? {
            return Ok(if status.success() { Outcome::Missed } else { Outcome::Caught });
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill()?;
    child.wait()?;
    Ok(Outcome::Timeout)
}

fn first_that_catches(
    built: &Built,
    work: &Path,
    id: usize,
    tests: &[Tests<'_>],
    time: Duration,
) -> Result<(Outcome, String)> {
    for (program, arguments) in tests {
        let outcome = tried(built, work, id, (program, arguments), time)?;
        if outcome != Outcome::Missed {
            return Ok((outcome, (*program).to_owned()));
        }
    }
    Ok((Outcome::Missed, "-".to_owned()))
}

/// Tries all mutants against the quick tests.
pub(crate) fn run(places: &Places) -> Result<()> {
    let mut book = Book::open(places)?;
    let built = tree::build(places)?;
    let (outcome, by) = first_that_catches(&built, &places.work, 0, &QUICK, TIME_QUICK)?;
    if outcome != Outcome::Missed {
        return Err(format!("the tests of {by} are red without any mutant").into());
    }
    let left = |book: &Book| -> Vec<(usize, String)> {
        let is_left =
            |name: &String| book.entries.get(name).is_none_or(|(outcome, _)| *outcome == Outcome::Missed);
        let left = built.mutants.iter().filter(|mutant| is_left(&mutant.name));
        left.map(|mutant| (mutant.id, mutant.name.clone())).collect()
    };
    for (id, name) in left(&book) {
        if built.switched.contains(&id) {
            let (outcome, by) = first_that_catches(&built, &places.work, id, &QUICK, TIME_QUICK)?;
            book.enter(outcome, &by, &name)?;
        } else if built.unviable.contains(&id) {
            book.enter(Outcome::Unviable, "-", &name)?;
        }
    }
    let is_built = |id: &usize| !built.switched.contains(id) && !built.unviable.contains(id);
    let rest = left(&book).into_iter().filter(|(id, _)| is_built(id)).map(|(_, name)| name).collect();
    build_each(places, &mut book, &rest)?;
    println!("{} mutants were tried; report says how they ended", book.entries.len());
    Ok(())
}

/// Tries what was missed against the tests that take longer.
pub(crate) fn survivors(places: &Places) -> Result<()> {
    let mut book = Book::open(places)?;
    let built = tree::build(places)?;
    for mutant in built.mutants.iter().filter(|mutant| built.switched.contains(&mutant.id)) {
        if book.entries.get(&mutant.name).is_some_and(|(outcome, _)| *outcome == Outcome::Missed) {
            let (outcome, by) = first_that_catches(&built, &places.work, mutant.id, &SLOW, TIME_SLOW)?;
            let by = if outcome == Outcome::Missed { by } else { format!("{by} (slow)") };
            println!("{}: {}", outcome.name(), mutant.name);
            book.enter(outcome, &by, &mutant.name)?;
        }
    }
    Ok(())
}

/// Has cargo-mutants build and try these, one after the other.
fn build_each(places: &Places, book: &mut Book, names: &BTreeSet<String>) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    println!("{} mutants cannot be switched; cargo-mutants builds them one by one", names.len());
    let (tree, out) = (tree::clone(places, "built")?, places.work.join("built.out"));
    let _ = fs::remove_dir_all(&out);
    fs::create_dir_all(&out)?;
    let mut command = tree::cargo(places, &tree, "0");
    command.args([
        "mutants",
        "--in-place",
        "--baseline",
        "skip",
        "--timeout",
        "60",
        "--package",
        tree::PACKAGE,
    ]);
    command.args(["--no-times", "--colors", "never", "--cargo-arg=--tests", "--output"]).arg(&out);
    for name in names {
        command.args(["--re", &format!("^{}$", quoted(name))]);
    }
    let slow = SLOW.iter().flat_map(|(_, tests)| tests.iter().flat_map(|test| ["--skip", *test]));
    let code = command.args(["--", "--"]).args(slow).status()?.code();
    // 2: some were missed; 3: some ran out of time.
    if !matches!(code, Some(0 | 2 | 3)) {
        return Err(format!("cargo-mutants ended with {code:?}").into());
    }
    for (outcome, word) in Outcome::ALL {
        let text = fs::read_to_string(out.join("mutants.out").join(format!("{word}.txt")))?;
        for name in text.lines().filter(|name| names.contains(*name)) {
            book.enter(outcome, "cargo-mutants", name)?;
        }
    }
    Ok(())
}

/// A text as a regular expression.
fn quoted(text: &str) -> String {
    let is_special = |c: char| "\\.+*?()|[]{}^$#&-~".contains(c);
    text.chars().flat_map(|c| is_special(c).then_some('\\').into_iter().chain([c])).collect()
}
