//! From files to a plan and the recordings it needs, or to the mistakes in any of them.

use alloc::collections::BTreeSet;
use core::ops::Range;
use std::fs;
use std::path::{Component, Path, PathBuf};

use tiebreak::snapshot_name;
use tiebreak_diagnostic::{Diagnostic, Severity, code, meant, nearest};
use tiebreak_recording::Recording;
use tiebreak_rtm_sim::RoutingMonitors;
use tiebreak_runner::{Explored, Prepared, Recordings, RunOptions, projection};
use tiebreak_scenario::plan::{Actor, Entry, Snapshot};
use tiebreak_scenario::{Place, Plan};

use crate::arguments::{Input, ScenarioOptions};
use crate::bounded::{self, read_bytes};
use crate::exit::Error;
use crate::output::{Terminal, complain, shown_path};
use crate::place;
use crate::render;
use crate::root::root_start;
use crate::sheet::{Sheet, UNREADABLE};
use crate::snapshots::{ENDING, stem};

/// Code of a diagnostic: the monitor in `Fails("…")` does not exist.
const UNKNOWN_MONITOR: &str = "C001";
/// Code of a diagnostic: two snapshots would be kept in one file.
const ONE_FILE: &str = "C003";
/// Code of a diagnostic: the recording of a feed is outside the scenario's folder.
const OUTSIDE: &str = "C004";

/// Which recordings a scenario may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Those in its folder and below.
    Folder,
    /// Any.
    Everywhere,
}

/// A scenario without mistakes.
#[derive(Debug)]
pub(crate) struct Scenario {
    /// The plan; its switches are not resolved yet.
    pub(crate) plan: Plan,
    /// The recordings that its feeds replay.
    pub(crate) recordings: Recordings,
}

/// A scenario, if its files have no errors, and all diagnostics.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The scenario.
    pub(crate) scenario: Option<Scenario>,
    /// Files with errors or warnings.
    pub(crate) sheets: Vec<Sheet>,
}

/// A scenario ready to be run.
#[derive(Debug)]
pub(crate) struct Ready {
    /// The plan, with its switches resolved.
    pub(crate) plan: Plan,
    /// Its world.
    pub(crate) prepared: Prepared,
    /// What its feeds replay.
    pub(crate) recordings: Recordings,
}

impl Ready {
    /// Reads a scenario and makes it ready to be run; warnings go to standard error.
    pub(crate) fn read(options: &ScenarioOptions, terminal: Terminal) -> Result<Self, Error> {
        Self::of_checked(check_file(&options.file, &options.input, terminal.reach), options, terminal)
    }

    /// Makes the text of a scenario ready to be run, as [`Ready::read`] does with a file.
    pub(crate) fn of_text(
        text: String,
        options: &ScenarioOptions,
        terminal: Terminal,
    ) -> Result<Self, Error> {
        Self::of_checked(check_text(&options.file, text, &options.input, terminal.reach), options, terminal)
    }

    fn of_checked(checked: Checked, options: &ScenarioOptions, terminal: Terminal) -> Result<Self, Error> {
        if let Some(Scenario { plan, .. }) = &checked.scenario {
            if !terminal.is_quiet {
                for sheet in &checked.sheets {
                    complain(render::draw(sheet, terminal.stderr_paint()));
                }
            }
            check_inputs(&options.input, plan)?;
        }
        let switches: Vec<&str> = options.with.iter().map(String::as_str).collect();
        Self::new(checked, &switches)
    }

    /// Makes a scenario ready to be run, with these switches on.
    ///
    /// # Errors
    /// If it has errors, or one of the switches does not exist.
    pub(crate) fn new(checked: Checked, switches: &[&str]) -> Result<Self, Error> {
        let Checked { scenario, sheets } = checked;
        let Some(Scenario { plan, recordings }) = scenario else { return Err(Error::Files(sheets)) };
        let plan = plan.with_switches(switches).map_err(|unknown| {
            let meant = nearest(&unknown.name, unknown.known.iter().map(String::as_str));
            Error::Input(format!("{unknown}{}", did_you_mean(meant)))
        })?;
        let prepared =
            Prepared::new(&plan, &recordings).map_err(|missing| Error::Input(missing.to_string()))?;
        Ok(Self { plan, prepared, recordings })
    }
}

impl Ready {
    /// The scenario as a program whose orders are searched.
    pub(crate) fn explored(&self, options: RunOptions) -> Explored<'_> {
        Explored::of(self.plan.clone(), self.prepared.clone(), &self.recordings, options)
    }
}

/// Reads and checks a scenario file and the recordings of its feeds; an input replaces the recording of the feed it names.
pub(crate) fn check_file(path: &Path, inputs: &[Input], reach: Reach) -> Checked {
    match read_bytes(path, |_| bounded::SCENARIO).and_then(to_text) {
        Ok(text) => check_text(path, text, inputs, reach),
        Err(cause) => Checked { scenario: None, sheets: vec![Sheet::unreadable(path, &cause)] },
    }
}

/// Checks the text of a scenario as [`check_file`] does with a file; its recordings are found beside the path.
fn check_text(path: &Path, text: String, inputs: &[Input], reach: Reach) -> Checked {
    let tiebreak_scenario::Checked { plan, mut diagnostics, monitors, recordings: named, snapshots } =
        tiebreak_scenario::check(&text);
    for diagnostic in diagnostics.iter_mut().filter(|diagnostic| is_find_of_test(&text, diagnostic)) {
        *diagnostic = find_of_test(path, diagnostic.span.clone());
    }
    diagnostics.extend(unknown_monitors(&monitors));
    diagnostics.extend(plan.iter().flat_map(|plan| in_one_file(path, plan, &snapshots)));
    let (mut recordings, mut sheets) = (Recordings::new(), Vec::new());
    for (feed, file) in named {
        let given = inputs.iter().find(|input| input.name == feed).map(|input| input.path.clone());
        let folder = path.parent().unwrap_or(Path::new(""));
        let own = || folder.join(&file.text);
        let is_own = given.is_none();
        if is_own && reach == Reach::Folder && is_outside(folder, Path::new(&file.text)) {
            diagnostics.push(outside(&feed, &file));
            continue;
        }
        let path = given.unwrap_or_else(own);
        // What a scenario names is read without being asked for: a pipe that nobody writes to would never end.
        let read = if is_own && place::is_special(&path) {
            Err(Sheet::unreadable(&path, "it is not a regular file"))
        } else {
            read_recording(&path)
        };
        match read {
            Ok(recording) => {
                recordings.insert(feed, recording);
            }
            Err(sheet) if is_own && sheet.text.is_none() => {
                diagnostics.extend(missing(&sheet, &file.span));
            }
            Err(sheet) => sheets.push(sheet),
        }
    }
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
    if !diagnostics.is_empty() {
        sheets.insert(0, Sheet { path: shown_path(path.display()), text: Some(text), diagnostics });
    }
    let is_broken = sheets.iter().any(|sheet| sheet.count(Severity::Error) > 0);
    let scenario = plan.filter(|_| !is_broken).map(|plan| Scenario { plan, recordings });
    Checked { scenario, sheets }
}

/// What the manifest of a package in Rust is called.
const MANIFEST: &str = "Cargo.toml";

/// What the files that tests in Rust keep begin with.
pub(crate) const FIND: &str = "Regression";

/// Whether a diagnostic says of the word with which a text begins that it is that of a find of a test in Rust.
pub(crate) fn is_find_of_test(text: &str, Diagnostic { code, span, .. }: &Diagnostic) -> bool {
    *code == code::UNKNOWN_WORD && text.get(span.clone()) == Some(FIND) && span.start == root_start(text)
}

/// Returns what to report of a find of a test in Rust.
fn find_of_test(path: &Path, span: Range<usize>) -> Diagnostic {
    let message = "this is a kept find of a Rust test, not a scenario";
    Diagnostic::error(code::UNKNOWN_WORD, span, message).help(how_to_run(path))
}

/// Says what runs a find of a test in Rust: the test that keeps its finds in the folder of the file, of the package in which that
/// is. Nothing but the place of the manifest is looked at.
pub(crate) fn how_to_run(path: &Path) -> String {
    let folder = path.parent().unwrap_or(Path::new(""));
    let package = folder.ancestors().find(|folder| folder.join(MANIFEST).is_file());
    let of_package = package.and_then(|package| Some((package, folder.strip_prefix(package).ok()?)));
    let Some((package, folder)) = of_package else {
        return "`cargo test` in its package runs it, by the test that keeps its finds beside it".to_owned();
    };
    let command = if package.as_os_str().is_empty() {
        "cargo test".to_owned()
    } else {
        format!("cargo test --manifest-path {}", shown_path(package.join(MANIFEST).display()))
    };
    format!("`{command}` runs it, by the test that keeps its finds in `{}`", shown_path(folder.display()))
}

/// Reads a recording.
fn read_recording(path: &Path) -> Result<Recording, Sheet> {
    let unpacked = bounded::read_recording(path).map(whole_characters);
    let text = unpacked.and_then(to_text).map_err(|cause| Sheet::unreadable(path, &cause))?;
    Recording::parse(&text).map_err(|diagnostics| {
        let path = shown_path(path.display());
        Sheet { path, text: Some(text), diagnostics }
    })
}

/// Returns the text of a file.
///
/// # Errors
/// A sentence, if it is not UTF-8.
pub(crate) fn to_text(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count();
        format!("line {line} is not UTF-8")
    })
}

/// Whether a file that a scenario names is outside its folder. Links are followed; what is not there is judged by its words.
fn is_outside(folder: &Path, file: &Path) -> bool {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let real = fs::canonicalize(folder).and_then(|real| Ok((real, fs::canonicalize(folder.join(file))?)));
    match real {
        Ok((folder, file)) => !file.starts_with(folder),
        Err(_) => climbs(file),
    }
}

/// Whether a path, by its words alone, leads out of the folder that it is relative to.
pub(crate) fn climbs(file: &Path) -> bool {
    let mut depth = 0_usize;
    for component in file.components() {
        match component {
            Component::Prefix(_) | Component::RootDir => return true,
            Component::CurDir => {}
            Component::Normal(_) => depth += 1,
            Component::ParentDir if depth == 0 => return true,
            Component::ParentDir => depth -= 1,
        }
    }
    false
}

/// Returns what to report of a recording outside the scenario's folder.
fn outside(feed: &str, file: &Place) -> Diagnostic {
    let message = format!("the recording `{}` is outside the scenario's folder", file.text);
    let help =
        format!("move it there, allow it with `--allow-outside`, or replay it with `--input {feed}=PATH`");
    Diagnostic::error(OUTSIDE, file.span.clone(), message).help(help)
}

/// Removes a character at the end that was cut.
pub(crate) fn whole_characters(mut bytes: Vec<u8>) -> Vec<u8> {
    let whole = match core::str::from_utf8(&bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) | Ok(_) => bytes.len(),
    };
    bytes.truncate(whole);
    bytes
}

/// Returns what to report in a scenario file about a recording that cannot be read.
fn missing<'a>(sheet: &'a Sheet, span: &'a Range<usize>) -> impl Iterator<Item = Diagnostic> + 'a {
    let help = "write a path relative to this file, or replay another file with `--input NAME=PATH`";
    sheet
        .diagnostics
        .iter()
        .map(move |found| Diagnostic::error(UNREADABLE, span.clone(), found.message.clone()).help(help))
}

fn unknown_monitors(expected: &[Place]) -> Vec<Diagnostic> {
    let known = RoutingMonitors::names();
    let diagnose = |Place { text, span }: &Place| {
        let help = meant(text, known.iter().copied(), || format!("expected one of `{}`", known.join("`, `")));
        Diagnostic::error(UNKNOWN_MONITOR, span.clone(), format!("unknown monitor `{text}`")).help(help)
    };
    expected.iter().filter(|place| !known.contains(&place.text.as_str())).map(diagnose).collect()
}

/// Returns the snapshots of a scenario that would be kept in the file of an earlier one.
fn in_one_file(scenario: &Path, plan: &Plan, spans: &[Range<usize>]) -> Vec<Diagnostic> {
    let mut names = BTreeSet::new();
    let mut diagnose = |(kept, span): (&Snapshot, &Range<usize>)| {
        let name = snapshot_name(&stem(scenario), &projection(kept));
        let message = format!("an earlier snapshot of this scenario is kept in `{name}.{ENDING}` as well");
        let help = "remove one of them, or rename what it shows";
        let is_new = names.insert(name);
        (!is_new).then(|| Diagnostic::error(ONE_FILE, span.clone(), message).help(help))
    };
    plan.snapshots.iter().zip(spans).filter_map(&mut diagnose).collect()
}

/// Checks that every input names a feed, and none names a feed that another names.
fn check_inputs(inputs: &[Input], plan: &Plan) -> Result<(), Error> {
    let known: Vec<&str> = plan.clients.iter().filter_map(feed_name).collect();
    for (index, Input { name, .. }) in inputs.iter().enumerate() {
        if inputs[..index].iter().any(|input| input.name == *name) {
            return Err(Error::Input(format!("--input names the feed `{name}` twice")));
        }
        if !known.contains(&name.as_str()) {
            let there = match known.as_slice() {
                [] => "the scenario has no feeds".to_owned(),
                known => format!("expected one of `{}`", known.join("`, `")),
            };
            let meant = did_you_mean(nearest(name, known.iter().copied()));
            return Err(Error::Input(format!("unknown feed `{name}`; {there}{meant}")));
        }
    }
    Ok(())
}

/// Returns the name of a feed.
fn feed_name(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::One(Actor::Feed(feed)) => Some(&feed.name),
        Entry::One(Actor::Client(_) | Actor::Observer(_)) | Entry::Group(_) => None,
    }
}

fn did_you_mean(meant: Option<&str>) -> String {
    meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"))
}

/// Returns the scenario files at and below a path: itself, or the *.ron files of a folder in sorted order.
pub(crate) fn scenario_files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
        let entry = entry
            .map_err(|error| Error::Input(format!("cannot read {}: {error}", shown_path(path.display()))))?;
        let is_scenario = entry.path().extension().is_some_and(|extension| extension == "ron");
        if is_scenario && place::is_special(entry.path()) {
            let message =
                format!("cannot read {}: it is not a regular file", shown_path(entry.path().display()));
            return Err(Error::Input(message));
        }
        if !entry.file_type().is_dir() && is_scenario {
            files.push(entry.into_path());
        }
    }
    if files.is_empty() {
        return Err(Error::Input(format!("there is no scenario (*.ron) in {}", shown_path(path.display()))));
    }
    Ok(files)
}
