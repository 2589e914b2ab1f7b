//! `tiebreak test`: scenarios hold, and what happens in them is what their snapshots say.

use alloc::collections::BTreeSet;
use core::time::Duration;
use std::path::{Path, PathBuf};
use std::time::Instant;

use tiebreak::explore::Plan;
use tiebreak::{Projection, Trace, snapshot, snapshot_lines};
use tiebreak_diagnostic::{Severity, counted, location};
use tiebreak_regression::{Judged, is_yes};
use tiebreak_report::{Case, Problem, annotations, difference, junit};
use tiebreak_runner::{Recorded, RunOptions, RunReport, projection};
use tiebreak_scenario::load;

use crate::arguments::{ScenarioOptions, Test};
use crate::because::{Again, AskedOf};
use crate::bounded::{SCENARIO, read_text};
use crate::exit::{Error, Exit};
use crate::hunt::Hunt;
use crate::interrupt::{self, is_interrupted};
use crate::load::{Checked, Ready, check_file, scenario_files};
use crate::memory;
use crate::output::{Sink, Terminal, complain, is_standard, shown_path, visible};
use crate::place::{Wanted, files_of, is_special, place_of, refuse_other_than_folder, refuse_same_files};
use crate::render;
use crate::replay::{self, judge};
use crate::run::nothing_to_show;
use crate::snapshots::{self, Keeping, Owners, family, stem};
use crate::verdict::Told;

/// What every snapshot begins with.
const SNAPSHOT: &str = "# tiebreak snapshot ";

/// Tests scenarios.
pub(crate) fn test(options: &Test, terminal: Terminal) -> Result<Exit, Error> {
    if options.accept && is_set("CI") {
        let message = "`--accept` keeps nothing where CI is set: what is kept is looked at by a person first";
        return Err(Error::Input(message.to_owned()));
    }
    let junit_sink = options.junit.as_deref().map(junit_file).transpose()?;
    let files = files(options)?;
    let keeping = Keeping::new(options.snapshots.clone());
    if options.junit.is_some() {
        refuse_as_junit(options, &read_beside(&files, &keeping))?;
    }
    if let Some(folder) = &options.snapshots {
        refuse_other_than_folder("--snapshots", folder)?;
    }
    interrupt::stop_by_itself();
    let mut tester = Tester::new(options, keeping, terminal);
    let start = Instant::now();
    for file in &files {
        if is_interrupted() {
            break;
        }
        tester.test(file)?;
    }
    tester.find_strangers(&files)?;
    if let Some(mut sink) = junit_sink {
        // The sink keeps its own error.
        let _ = junit(&tester.cases, &mut sink);
        sink.finish()?;
    }
    tester.conclude(files.len(), start.elapsed())
}

/// Returns the scenarios that are asked for, each once.
fn files(options: &Test) -> Result<Vec<PathBuf>, Error> {
    let (mut files, mut seen) = (Vec::new(), BTreeSet::new());
    for path in &options.paths {
        if is_standard(path) {
            return Err(Error::Input(
                "a scenario on standard input has no place for snapshots: give a file".to_owned(),
            ));
        }
        let found = scenario_files(path)?;
        files.extend(found.into_iter().filter(|file| seen.insert(place_of(file))));
    }
    refuse_as_junit(options, &files)?;
    Ok(files)
}

/// Refuses to write the report of `--junit` over one of these files.
fn refuse_as_junit(options: &Test, reads: &[PathBuf]) -> Result<(), Error> {
    let junit = Wanted::given("--junit", options.junit.as_deref());
    junit.map_or(Ok(()), |junit| refuse_same_files(&[junit], reads))
}

/// Returns what is read beside these scenarios: their recordings and their snapshots. A scenario that can be read only once, or
/// not at all, is left out.
fn read_beside(scenarios: &[PathBuf], keeping: &Keeping) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for file in scenarios.iter().filter(|file| !is_special(file)) {
        let Ok(Ok(loaded)) = read_text(file, SCENARIO).map(|text| load(&text)) else { continue };
        files.extend(files_of(&ScenarioOptions::of(file), &loaded.plan));
        let places = loaded.plan.snapshots.iter().map(|kept| keeping.file(file, &projection(kept)));
        files.extend(places.flatten());
    }
    files
}

fn junit_file(path: &Path) -> Result<Sink, Error> {
    if is_standard(path) {
        return Err(Error::Input("standard output has the results as text: write `--junit FILE`".to_owned()));
    }
    Sink::open(path)
}

/// Whether a variable of the environment says yes.
pub(crate) fn is_set(name: &str) -> bool {
    is_yes(std::env::var_os(name).as_deref())
}

/// Tests one scenario after the other, and keeps count.
struct Tester<'a> {
    options: &'a Test,
    terminal: Terminal,
    keeping: Keeping,
    owners: Owners,
    out: Sink,
    exit: Exit,
    cases: Vec<Case>,
    count: Count,
    /// The scenarios that cannot be read.
    broken: Vec<PathBuf>,
    /// Whether a sweep of seeds was cut short.
    is_interrupted: bool,
}

/// What was found, in numbers.
#[derive(Debug, Default)]
struct Count {
    failed: usize,
    snapshots: usize,
    /// Snapshots that differ or are missing.
    stale: usize,
    /// Snapshots that were written.
    kept: usize,
    unreferenced: usize,
}

impl<'a> Tester<'a> {
    fn new(options: &'a Test, keeping: Keeping, terminal: Terminal) -> Self {
        Self {
            options,
            terminal,
            keeping,
            owners: Owners::default(),
            out: Sink::stdout(),
            exit: Exit::Fine,
            cases: Vec::new(),
            count: Count::default(),
            broken: Vec::new(),
            is_interrupted: false,
        }
    }

    /// Tests a scenario, and says what is wrong with it.
    fn test(&mut self, file: &Path) -> Result<(), Error> {
        let start = Instant::now();
        let checked = check_file(file, &[], self.terminal.reach);
        let problems = if checked.scenario.is_none() {
            self.exit = self.exit.max(Exit::BadInput);
            self.broken.push(file.to_owned());
            mistakes(&checked)
        } else {
            self.warn(&checked);
            let ran = Ready::new(checked, &[]).and_then(|ready| self.run(file, &ready));
            // What is wrong with one scenario is no reason not to test the others.
            ran.unwrap_or_else(|error| {
                self.exit = self.exit.max(error.exit());
                vec![Problem { title: visible(&error), detail: String::new(), place: None }]
            })
        };
        self.tell(file, &problems);
        self.cases.push(Case {
            family: visible(family(file)?),
            name: visible(stem(file)),
            file: shown_path(file.display()),
            time: start.elapsed(),
            problems,
        });
        Ok(())
    }

    /// Runs a scenario under its own seed, then under others, and compares its snapshots.
    fn run(&mut self, file: &Path, ready: &Ready) -> Result<Vec<Problem>, Error> {
        if ready.plan.regression.is_some() {
            return self.replay(file, ready);
        }
        let Recorded { report, trace, .. } = ready.prepared.record(RunOptions::default());
        let mut problems = Vec::new();
        let exit = Exit::of(&report);
        if exit != Exit::Fine {
            self.exit = self.exit.max(exit);
            let detail = detail((file, ready), RunOptions::default(), &report, Some(&trace));
            problems.push(Problem { title: "does not hold".to_owned(), detail, place: None });
        }
        problems.extend(self.sweep(file, ready));
        let is_sound = problems.is_empty();
        for kept in &ready.plan.snapshots {
            let projection = projection(kept);
            let place = self.keeping.file(file, &projection)?;
            self.owners.enter(place.clone(), file)?;
            self.count.snapshots += 1;
            self.warn_of_nothing(&place, &trace, &projection);
            let now = snapshot(&trace, &projection);
            let all = || snapshot_lines(&trace, &projection);
            match compare(&place, &now, all)? {
                None => snapshots::forget_pending(&place),
                // What happens in a run that does not hold is not kept.
                Some(_) if self.options.accept && is_sound => self.keep(&place, file, &now)?,
                Some(problem) => {
                    if is_sound && !is_set("CI") {
                        snapshots::propose(&place, file, &now);
                    }
                    self.count.stale += 1;
                    self.exit = self.exit.max(Exit::Found);
                    problems.push(problem);
                }
            }
        }
        if let Some(last) = problems.last_mut() {
            let again = ScenarioOptions::of(file).paste_line(&ready.plan, None, report.order);
            last.detail = format!("{}\n  {again}", last.detail);
        }
        Ok(problems)
    }

    /// Replays a regression, which has no snapshots.
    fn replay(&mut self, file: &Path, ready: &Ready) -> Result<Vec<Problem>, Error> {
        let Judged { standing, says, details, message: _, way: _ } =
            judge(&ready.plan, &ready.recordings, replay::ORDERS)?;
        let exit = replay::exit_of(standing);
        if exit == Exit::Fine {
            return Ok(Vec::new());
        }
        self.exit = self.exit.max(exit);
        let again = ScenarioOptions::of(file).paste_line_of("replay", &ready.plan, &[]);
        let lines = details.iter().map(visible).chain([again]).map(|line| format!("  {line}"));
        let detail = lines.collect::<Vec<_>>().join("\n");
        Ok(vec![Problem { title: visible(says), detail, place: None }])
    }

    fn keep(&mut self, place: &Path, scenario: &Path, now: &str) -> Result<(), Error> {
        snapshots::keep(place, scenario, now)?;
        self.count.kept += 1;
        if !self.terminal.is_quiet {
            self.out.line(format_args!("kept {}", shown_path(place.display())));
        }
        Ok(())
    }

    /// Runs a scenario under more seeds, up to the first that fails.
    fn sweep(&mut self, file: &Path, ready: &Ready) -> Option<Problem> {
        let Test { seeds, jobs, .. } = self.options;
        if *seeds == 0 {
            return None;
        }
        let options = RunOptions::default();
        let plan = Plan {
            tactics: vec![ready.plan.order.policy().into()],
            stops_at_failure: true,
            ..Plan::new(1, *seeds)
        };
        let program = ready.explored(options);
        let jobs = memory::affordable(*jobs, self.terminal, || drop(ready.prepared.sweep(options)));
        let hunted = Hunt { program: &program, plan, jobs, deadline: None }.run(|_| {});
        self.is_interrupted |= hunted.is_interrupted;
        if let Some((_, panic)) = hunted.panic {
            std::panic::resume_unwind(panic);
        }
        let Some(found) = hunted.campaign.found().values().next() else {
            let title = format!("interrupted after {} of {seeds} seeds", hunted.campaign.runs());
            return hunted.is_interrupted.then(|| Problem { title, detail: String::new(), place: None });
        };
        let seed = found.first.job.seed;
        let how = RunOptions { seed: Some(seed), ..options };
        let (report, _) = ready.prepared.sweep(how);
        self.exit = self.exit.max(Exit::of(&report));
        let again = ScenarioOptions::of(file).paste_line(&ready.plan, Some(seed), report.order);
        let detail = format!("{}\n  {again}", detail((file, ready), how, &report, None));
        Some(Problem { title: format!("does not hold under seed {seed}"), detail, place: None })
    }

    /// Says what is wrong with a scenario.
    fn tell(&mut self, file: &Path, problems: &[Problem]) {
        if problems.is_empty() {
            return;
        }
        self.count.failed += 1;
        let file = shown_path(file.display());
        for Problem { title, detail, .. } in problems {
            self.out.line(format_args!("FAILED {file}: {title}"));
            if !detail.is_empty() {
                self.out.line(detail);
            }
        }
    }

    /// Finds snapshots that belong to no scenario, in the folders of the scenarios that were asked for by their folder.
    fn find_strangers(&mut self, files: &[PathBuf]) -> Result<(), Error> {
        if !self.options.unreferenced || is_interrupted() {
            return Ok(());
        }
        let is_whole =
            |file: &&PathBuf| self.options.paths.iter().any(|path| path.is_dir() && file.starts_with(path));
        let folders: Result<Vec<PathBuf>, Error> =
            files.iter().filter(is_whole).map(|file| self.keeping.folder(file)).collect();
        let mut folders = folders?;
        folders.sort();
        folders.dedup();
        for folder in folders {
            let mut strangers = self.owners.strangers(&folder)?;
            // Which snapshots a broken scenario has is not known.
            strangers.retain(|stranger| !self.is_of_broken(&folder, stranger));
            for stranger in strangers {
                self.count.unreferenced += 1;
                self.exit = self.exit.max(Exit::Found);
                self.out.line(format_args!("UNREFERENCED {}", shown_path(stranger.display())));
            }
        }
        Ok(())
    }

    /// Whether a snapshot in a folder may be one of a scenario that cannot be read.
    fn is_of_broken(&self, folder: &Path, snapshot: &Path) -> bool {
        let name = snapshot.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.broken.iter().any(|scenario| {
            let is_here = self.keeping.folder(scenario).is_ok_and(|other| other == folder);
            is_here && name.strip_prefix(&stem(scenario)).is_some_and(|rest| rest.starts_with('.'))
        })
    }

    /// Shows what is doubtful about a scenario.
    fn warn(&self, checked: &Checked) {
        if !self.terminal.is_quiet {
            for sheet in &checked.sheets {
                complain(render::draw(sheet, self.terminal.stderr_paint()));
            }
        }
    }

    /// Shows that a snapshot is of nothing that happens.
    fn warn_of_nothing(&self, place: &Path, trace: &Trace, projection: &Projection) {
        if let Some(warning) = nothing_to_show(trace, projection).filter(|_| !self.terminal.is_quiet) {
            complain(format_args!("{warning}: {} is empty", shown_path(place.display())));
        }
    }

    /// Prints the verdict.
    fn conclude(mut self, files: usize, time: Duration) -> Result<Exit, Error> {
        if self.options.annotate || is_set("GITHUB_ACTIONS") {
            for line in annotations(&self.cases) {
                self.out.line(line);
            }
        }
        let tested = self.cases.len();
        let is_interrupted = self.is_interrupted || (is_interrupted() && tested < files);
        if is_interrupted {
            self.out.line(format_args!("interrupted after {tested} of {files} scenarios"));
        }
        if self.exit != Exit::Fine || !self.terminal.is_quiet {
            self.out.line(self.count.text(tested));
        }
        self.out.finish()?;
        self.terminal.note(format_args!("tested in {:.1} s", time.as_secs_f64()));
        Ok(if is_interrupted { Exit::Interrupted } else { self.exit })
    }
}

/// What was found in a run, and how it came about.
fn detail(
    (file, ready): (&Path, &Ready),
    how: RunOptions,
    report: &RunReport,
    trace: Option<&Trace>,
) -> String {
    let asked_of = AskedOf { scenario: &ScenarioOptions::of(file), plan: &ready.plan };
    let because = Again { prepared: &ready.prepared, how }.findings(report, trace, asked_of);
    Told { report, because: &because }.lines().join("\n")
}

/// Compares a snapshot with the one that is kept; `all` makes the lines of all records of now.
fn compare(place: &Path, now: &str, all: impl FnOnce() -> Vec<String>) -> Result<Option<Problem>, Error> {
    let shown = shown_path(place.display());
    let Some(kept) = snapshots::read(place)? else {
        let detail = "  `--accept` keeps what happens now, if the scenario holds".to_owned();
        return Ok(Some(Problem { title: format!("there is no {shown}"), detail, place: None }));
    };
    if !kept.starts_with(SNAPSHOT) {
        let detail = "  `--accept` replaces it by what happens now, if the scenario holds".to_owned();
        return Ok(Some(Problem { title: format!("{shown} is no snapshot"), detail, place: None }));
    }
    Ok(difference(&kept, now, &all()).map(|found| {
        let lines = found.summary.iter().chain(&found.lines);
        let lines: Vec<String> = lines.map(|line| format!("  {}", visible(line))).collect();
        Problem { title: format!("differs from {shown}"), detail: lines.join("\n"), place: None }
    }))
}

/// What is wrong with the files of a scenario that cannot run.
fn mistakes(checked: &Checked) -> Vec<Problem> {
    let mut problems = Vec::new();
    for sheet in &checked.sheets {
        for found in sheet.diagnostics.iter().filter(|found| found.severity == Severity::Error) {
            let at = sheet.text.as_ref().map(|text| location(text, found.span.start));
            let place = at.map(|at| (at.line, at.column));
            let at = place.map_or_else(String::new, |(line, column)| format!(":{line}:{column}"));
            problems.push(Problem {
                title: visible(format_args!("{}[{}]: {}", found.severity, found.code, found.message)),
                detail: visible(format_args!("  {}{at} {}", sheet.path, found.help)),
                place,
            });
        }
    }
    problems
}

impl Count {
    fn text(&self, tested: usize) -> String {
        let Self { failed, snapshots, stale, kept, unreferenced } = self;
        let mut parts = vec![counted(tested, "scenario"), counted(*snapshots, "snapshot")];
        let others =
            [(failed, "failed"), (stale, "not as kept"), (kept, "kept"), (unreferenced, "unreferenced")];
        let there = others.iter().filter(|(number, _)| **number > 0);
        parts.extend(there.map(|(number, what)| format!("{number} {what}")));
        let word = if *failed + *unreferenced > 0 { "failed" } else { "ok" };
        format!("{word} · {}", parts.join(" · "))
    }
}
