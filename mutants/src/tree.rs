//! The clone with all mutants in it: made, fitted, built.

use crate::list::{self, Mutant};
use crate::{Places, Result, switch};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crate whose mutants these are, and its folder.
pub(crate) const PACKAGE: &str = "tiebreak-rtm";
pub(crate) const FOLDER: &str = "crates/rtm";

/// How often something may be taken out before it is clear that this leads nowhere.
const ROUNDS_MAX: usize = 12;

/// What the manager asks for a switch; the variable is read once.
const SWITCH: &str = r#"
/// Whether this mutant is the one that is tried.
#[allow(missing_docs, unsafe_code)]
pub fn mutant_is_on(id: i32) -> bool {
    use core::sync::atomic::{AtomicI32, Ordering::Relaxed};
    unsafe extern "C" {
        fn getenv(name: *const u8) -> *const u8;
        fn atoi(text: *const u8) -> i32;
    }
    static ON: AtomicI32 = AtomicI32::new(-1);
    if ON.load(Relaxed) < 0 {
        let text = unsafe { getenv(c"MUTANT".as_ptr().cast()) };
        ON.store(if text.is_null() { 0 } else { unsafe { atoi(text) } }, Relaxed);
    }
    ON.load(Relaxed) == id
}
"#;

/// All mutants of the last commit, and what came of putting them into one copy.
pub(crate) struct Built {
    pub(crate) tree: PathBuf,
    pub(crate) mutants: Vec<Mutant>,
    /// Those that can be switched on.
    pub(crate) switched: BTreeSet<usize>,
    /// Those that do not compile.
    pub(crate) unviable: BTreeSet<usize>,
    /// The tests of the crate, as programs, by name: `rules`, `canonical`, and `tiebreak_rtm` for those beside the code.
    pub(crate) programs: BTreeMap<String, PathBuf>,
}

/// Runs a program and returns what it says.
pub(crate) fn said(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder);
    command
}

/// Names the state of each file of the code in the last commit, by its path.
pub(crate) fn states(places: &Places) -> Result<BTreeMap<String, String>> {
    let folder = format!("{FOLDER}/src");
    let listed = said(git(&places.house).args(["ls-tree", "-r", "--full-tree", "HEAD", &folder]))?;
    // Mode, kind and state, and behind a tab the path.
    let rows = listed.lines().filter_map(|line| line.split_once('\t'));
    let named = rows.filter_map(|(row, path)| Some((path.to_owned(), row.split(' ').nth(2)?.to_owned())));
    Ok(named.collect())
}

/// A clone of the last commit below the build folder, as it was committed.
pub(crate) fn clone(places: &Places, name: &str) -> Result<PathBuf> {
    let tree = places.work.join(name);
    if !tree.exists() {
        said(Command::new("git").args(["clone", "--quiet", "--shared"]).arg(&places.house).arg(&tree))?;
    }
    said(git(&tree).args(["fetch", "--quiet"]).arg(&places.house).arg("HEAD"))?;
    said(git(&tree).args(["checkout", "--quiet", "--force", "--detach", "FETCH_HEAD"]))?;
    Ok(tree)
}

/// Cargo in a tree: incremental, and without what only a debugger needs.
pub(crate) fn cargo(places: &Places, tree: &Path, optimised: &str) -> Command {
    let mut command = Command::new("cargo");
    command
        .current_dir(tree)
        .env("CARGO_TARGET_DIR", places.work.join("build"))
        .env("CARGO_INCREMENTAL", "1");
    command.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_PROFILE_DEV_OPT_LEVEL", optimised);
    command.env("CARGO_TERM_COLOR", "never").env("RUST_BACKTRACE", "0");
    command
}

/// Puts all mutants into a clone and builds it.
pub(crate) fn build(places: &Places) -> Result<Built> {
    let tree = clone(places, "switched")?;
    let mutants = list::of(&tree)?;
    let mut by_file: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
    for mutant in &mutants {
        by_file.entry(&mutant.file).or_default().push(mutant);
    }
    let (mut constants, mut unviable) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..ROUNDS_MAX {
        clone(places, "switched")?;
        let mut switched = BTreeSet::new();
        for (file, mutants) in &by_file {
            let path = tree.join(file);
            let (text, inside) = switch::put_in(&fs::read_to_string(&path)?, mutants, &constants, &unviable)?;
            fs::write(path, text)?;
            switched.extend(inside.into_iter().filter(|id| !unviable.contains(id)));
        }
        let library = tree.join(FOLDER).join("src/lib.rs");
        let text = fs::read_to_string(&library)?.replace("#![forbid(unsafe_code)]", "#![allow(warnings)]");
        fs::write(&library, text + SWITCH)?;
        let wrong = errors(places, &tree)?;
        if wrong.is_empty() {
            println!("{} mutants: {} switched, {} unviable", mutants.len(), switched.len(), unviable.len());
            let programs = programs(places, &tree)?;
            return Ok(Built { tree, mutants, switched, unviable, programs });
        }
        for (id, message) in wrong {
            match (called_in_constant(&message), id) {
                (Some(function), _) => drop(constants.insert(function)),
                (None, Some(id)) => drop(unviable.insert(id)),
                (None, None) => return Err(message.into()),
            }
        }
    }
    Err(format!("it still does not compile after {ROUNDS_MAX} rounds").into())
}

/// What the compiler says against the code, and of which mutant.
fn errors(places: &Places, tree: &Path) -> Result<Vec<(Option<usize>, String)>> {
    let mut check = cargo(places, tree, "1");
    let output = check.args(["check", "--locked", "--package", PACKAGE, "--message-format=json"]).output()?;
    let mut found = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let message: Value = serde_json::from_str(line)?;
        let message = &message["message"];
        if message["level"] == "error" {
            let spans = message["spans"].as_array().into_iter().flatten();
            let mut marks = spans.filter(|span| span["is_primary"] == true).map(|span| mark_at(tree, span));
            let mark = marks.next().transpose()?.flatten();
            let is_about_code = message["code"].is_object() || mark.is_some();
            let rendered = message["rendered"].as_str().unwrap_or_default().to_owned();
            found.extend(is_about_code.then_some((mark, rendered)));
        }
    }
    if found.is_empty() && !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(found)
}

/// The mutant that a place belongs to.
fn mark_at(tree: &Path, span: &Value) -> Result<Option<usize>> {
    let file = span["file_name"].as_str().ok_or("a message without a file")?;
    let line = span["line_start"]
        .as_u64()
        .and_then(|line| usize::try_from(line).ok())
        .ok_or("and without a line")?;
    let mut open: Vec<usize> = Vec::new();
    for text in fs::read_to_string(tree.join(file))?.lines().take(line) {
        if let Some(id) = text.strip_prefix("//<") {
            open.push(id.parse()?);
        } else if text.starts_with("//>") {
            open.pop();
        }
    }
    Ok(open.pop())
}

/// The function that a constant calls and that is not `const` any more.
fn called_in_constant(message: &str) -> Option<String> {
    let behind = message.split_once("cannot call non-const ")?.1;
    let path = behind.split('`').nth(1)?;
    path.rsplit("::").next().map(str::to_owned)
}

/// Builds the tests, and returns them by name.
fn programs(places: &Places, tree: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut build = cargo(places, tree, "1");
    let arguments =
        ["test", "--locked", "--package", PACKAGE, "--tests", "--no-run", "--message-format=json"];
    let mut programs = BTreeMap::new();
    for line in said(build.args(arguments))?.lines() {
        let message: Value = serde_json::from_str(line)?;
        if let (Some(name), Some(path)) = (message["target"]["name"].as_str(), message["executable"].as_str())
        {
            programs.insert(name.to_owned(), PathBuf::from(path));
        }
    }
    Ok(programs)
}
