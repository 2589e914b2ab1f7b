//! Finds kept as files beside the tests of a world, and run again.
//!
//! [`Check::regressions`](crate::Check::regressions) runs what is in a folder again before it searches, and keeps there what
//! it finds. With the feature `mimic`, `main` makes each file a test of its own.
//!
//! # What may be written
//! The environment says so, `TIEBREAK_UPDATE`:
//!
//! | value | what is written |
//! |---|---|
//! | `new`, or not set | what a search finds |
//! | `accept` | that, and files whose find no longer fails: from now on it must pass |
//! | `no` | nothing; what would be written is printed |
//!
//! Where `CI` is set it is always `no`.
//!
//! With `TIEBREAK_REPLAY=no` a search leaves kept finds aside: they are neither run nor written. This makes the run of a find
//! again that is kept by now.

extern crate std;

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tiebreak_explore::{Directory, ORDERS_TRIED, Outcome, Program, constrained_events, events_around};
use tiebreak_regression::{
    Expected, Find, Judged, KEPT_FILE, Regression, Rerun, Standing, Way, accept, file_name, free_name,
    is_yes, judge,
};

use crate::failing_trace::Destination;
use crate::run::{Checked, Run};

#[cfg(feature = "mimic")]
pub use mimic::{main, tests};

/// What to do about a find whose bug is fixed.
const ACCEPT: &str =
    "  if that is meant, run the test with TIEBREAK_UPDATE=accept: then the file says that it must pass";

/// What may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Update {
    /// What a search finds.
    New,
    /// That, and files whose find no longer fails.
    Accept,
    /// Nothing, for this reason.
    No(&'static str),
}

impl Update {
    /// What the environment says.
    ///
    /// # Panics
    /// If it says what is not known.
    #[expect(
        clippy::disallowed_methods,
        reason = "a test is steered by its environment; what a run does is not"
    )]
    pub(crate) fn from_environment() -> Self {
        if is_yes(std::env::var_os("CI").as_deref()) {
            return Self::No("CI is set");
        }
        match std::env::var("TIEBREAK_UPDATE").as_deref() {
            Err(_) | Ok("" | "new") => Self::New,
            Ok("accept") => Self::Accept,
            Ok("no") => Self::No("TIEBREAK_UPDATE is `no`"),
            Ok(other) => panic!("TIEBREAK_UPDATE is `{other}`; write `new`, `accept` or `no`"),
        }
    }
}

/// Whether kept finds are run before anything is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replay {
    /// They are.
    Yes,
    /// They are left aside: neither run nor written.
    No,
}

impl Replay {
    /// What the environment says.
    ///
    /// # Panics
    /// If it says what is not known.
    #[expect(
        clippy::disallowed_methods,
        reason = "a test is steered by its environment; what a run does is not"
    )]
    pub(crate) fn from_environment() -> Self {
        match std::env::var("TIEBREAK_REPLAY").as_deref() {
            Err(_) | Ok("" | "yes") => Self::Yes,
            Ok("no") => Self::No,
            Ok(other) => panic!("TIEBREAK_REPLAY is `{other}`; write `yes` or `no`"),
        }
    }
}

/// A folder of kept finds of one program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    /// Runs every file of the folder; returns what there is to say of those that fail, or say what is not true any more. The
    /// trace of the first failing run is written, if it is wanted.
    pub(crate) fn replay<F: Fn(&mut Run<'_, '_>) -> Outcome>(
        &self,
        program: &Checked<F>,
        update: Update,
        trace: &mut Option<Destination>,
    ) -> Vec<String> {
        let files = match self.files() {
            Ok(files) => files,
            Err(error) => return Vec::from([format!("cannot read {}: {error}", self.0.display())]),
        };
        files.iter().flat_map(|file| replay(program, file, update, &mut || trace.take())).collect()
    }

    /// The files of the folder, by name; none if there is no folder.
    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut files = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>()?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "ron"));
        files.sort();
        Ok(files)
    }

    /// Keeps a find, if it may be written and would be found again; returns what became of it. The directory is that of the
    /// find's history.
    pub(crate) fn keep<P: Program + ?Sized>(
        &self,
        program: &P,
        (find, directory): (&Find<'_>, &mut Directory),
        update: Update,
    ) -> Vec<String> {
        let regression = find.regression(program, directory);
        let regression = regression
            .and_then(|regression| judged(program, &regression).must_be_as_expected().map(|()| regression));
        let regression = match regression {
            Ok(regression) => regression,
            Err(why) => return Vec::from([format!("  not kept: {why}")]),
        };
        let text = regression.write();
        let place = |name: &str| self.0.join(format!("{name}.ron"));
        let text_of = |name: &str| {
            let place = place(name);
            place.exists().then(|| read(&place).unwrap_or_default())
        };
        let (name, is_there) = free_name(&file_name("", &regression.expect.symptom()), &text, text_of);
        let place = place(&name);
        let shown = place.display();
        match update {
            Update::New | Update::Accept if is_there => Vec::from([format!("  kept: {shown}")]),
            Update::New | Update::Accept => Vec::from([match write_whole(&place, &text) {
                Ok(()) => format!("  kept: {shown}"),
                Err(error) => format!("  not kept: cannot write {shown}: {error}"),
            }]),
            Update::No(why) => {
                let mut lines =
                    Vec::from([format!("  not kept, because {why}; to keep it, write to {shown}:")]);
                lines.extend(text.lines().map(String::from));
                lines
            }
        }
    }
}

/// Reads a kept find.
fn read(file: &Path) -> io::Result<String> {
    if !fs::metadata(file)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    KEPT_FILE.read_text(KEPT_FILE.open(file)?)
}

/// Runs a file; returns what there is to say of it if it fails, or says what is not true any more. If a run of it fails, its
/// trace goes where `trace` says.
fn replay<F: Fn(&mut Run<'_, '_>) -> Outcome>(
    program: &Checked<F>,
    file: &Path,
    update: Update,
    trace: &mut dyn FnMut() -> Option<Destination>,
) -> Vec<String> {
    let shown = file.display();
    let text = match read(file) {
        Ok(text) => text,
        Err(error) => return Vec::from([format!("cannot read {shown}: {error}")]),
    };
    let regression = match Regression::read(&text) {
        Ok(regression) => regression,
        Err(mistake) => return Vec::from([mistake.line(&shown.to_string(), &text)]),
    };
    let Judged { standing, says, details: changes, message, way } = judged(program, &regression);
    let details = changes.iter().map(|line| format!("  {line}"));
    match (standing, &regression.expect) {
        (Standing::AsExpected, Expected::Passes { .. }) => Vec::new(),
        (Standing::AsExpected, Expected::Fails { monitor, .. }) => {
            let message = message.unwrap_or(says);
            let mut lines = Vec::from([format!("still failing: {shown}"), format!("  {monitor}: {message}")]);
            lines.extend(told(program, &regression, (way, &changes), trace));
            lines
        }
        (Standing::NoLongerFails, _) if update == Update::Accept => {
            match accept_file(file, &text, regression) {
                Ok(()) => Vec::new(),
                Err(error) => Vec::from([format!("cannot write {shown}: {error}")]),
            }
        }
        (Standing::NoLongerFails, _) => {
            Vec::from([format!("no longer failing: {shown}: {says}"), ACCEPT.into()])
        }
        (Standing::Fails, _) => {
            let mut lines = Vec::from([format!("failing: {shown}: {says}")]);
            lines.extend(message.map(|message| format!("  {message}")));
            lines.extend(details);
            lines.extend(told(program, &regression, (way, &changes), trace));
            lines
        }
        (Standing::Diverged | Standing::Accepted | Standing::NotRun | Standing::Broken, _) => {
            let mut lines = Vec::from([format!("diverged: {shown}: {says}")]);
            lines.extend(details);
            lines.extend(told(program, &regression, (way, &changes), trace));
            lines
                .push("  write what is meant, or remove the file and let a search keep the find anew".into());
            lines
        }
    }
}

fn judged<P: Program + ?Sized>(program: &P, regression: &Regression) -> Judged {
    judge(program, regression.claim(), (regression.found.seed, ORDERS_TRIED))
}

/// The run that fails: the orderings and draws of the regression if it keeps them, the events around, and where its trace is. `changes` is
/// what there is to say against the regression.
fn told<F: Fn(&mut Run<'_, '_>) -> Outcome>(
    program: &Checked<F>,
    regression: &Regression,
    (way, changes): (Option<Way>, &[String]),
    trace: &mut dyn FnMut() -> Option<Destination>,
) -> Vec<String> {
    let (claim, mut directory) = (regression.claim(), Directory::default());
    let Some(way) = way else { return Vec::new() };
    let Some(rerun) = Rerun::of(program, claim, way, &mut directory) else { return Vec::new() };
    let Rerun { run, is_in_order } = &rerun;
    let (history, order) = (&run.watched.history, &regression.order);
    // What was overtaken may have been cancelled: it never runs, and nothing is wrong with that where the find stands.
    let stands = changes.is_empty() && matches!(way, Way::Ordered(_)) && !order.is_empty();
    let mut lines = Vec::new();
    if *is_in_order || stands {
        lines.extend(order.constraints.iter().map(|constraint| format!("    {constraint}")));
        lines.extend(order.draws.iter().map(|draw| format!("    {draw}")));
        lines.extend(constrained_events(history, order, &directory).iter().map(|line| format!("  {line}")));
    } else {
        let around = events_around(history, run.event.as_slice(), &directory);
        let head =
            (!around.is_empty()).then(|| String::from("  this run fails, at the event that is marked:"));
        lines.extend(head.into_iter().chain(around.iter().map(|line| format!("  {line}"))));
    }
    if let Some(trace) = trace() {
        let said = trace.write_run(program, |traced| _ = way.run(traced, claim, &mut directory));
        lines.push(format!("  {said}"));
    }
    lines
}

/// Rewrites a regression that no longer fails: from now on it must pass. Nothing else of the file changes.
fn accept_file(file: &Path, text: &str, regression: Regression) -> io::Result<()> {
    let wanted = regression.into_guard();
    write_whole(file, &accept(text, &wanted, |text| Regression::read(text).ok(), Regression::write))
}

/// Writes a file as a whole or not at all: tests run side by side.
fn write_whole(place: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    let draft = place.with_extension(format!("ron.{}", std::process::id()));
    fs::write(&draft, text)?;
    fs::rename(&draft, place)
}

#[cfg(feature = "mimic")]
mod mimic {
    extern crate std;

    use alloc::boxed::Box;
    use alloc::vec::Vec;
    use core::sync::atomic::{AtomicBool, Ordering};
    use std::path::PathBuf;

    use libtest_mimic::{Arguments, Trial};
    use tiebreak_explore::Outcome;

    use super::{Destination, Folder, Update, replay};
    use crate::run::{Checked, Run};

    /// Runs each file of a folder as a test of its own; never returns.
    ///
    /// It is the `main` of a test target with `harness = false`. The tests are called like the files, so that
    /// `cargo test --test leases -- expire` runs some of them, and other test runners know them by name.
    ///
    /// ```no_run
    /// # use tiebreak::{Context, Name, World, outcome};
    /// # #[derive(Default)]
    /// # struct Server;
    /// # impl World for Server {
    /// #     type Event = core::convert::Infallible;
    /// #     type Subject = ();
    /// #     fn name(&self, event: &Self::Event) -> Name<()> { match *event {} }
    /// #     fn handle(&mut self, event: Self::Event, _context: &mut Context<'_, Self::Event, ()>) { match event {} }
    /// # }
    /// tiebreak::regressions::main("tests/regressions/leases", |run| {
    ///     let mut simulation = run.simulation(Server::default(), ());
    ///     let end = simulation.run();
    ///     outcome(&simulation, Some(&end))
    /// });
    /// ```
    ///
    /// # Panics
    /// If the folder is there and cannot be read.
    pub fn main<F>(folder: impl Into<PathBuf>, run: F) -> !
    where
        F: Fn(&mut Run<'_, '_>) -> Outcome + Send + Sync + 'static,
    {
        libtest_mimic::run(&Arguments::from_args(), tests(folder, run)).exit()
    }

    /// Returns a test for each file of a folder; none if there is no folder. For a `main` that has other tests as well.
    ///
    /// # Panics
    /// If the folder is there and cannot be read.
    pub fn tests<F>(folder: impl Into<PathBuf>, run: F) -> Vec<Trial>
    where
        F: Fn(&mut Run<'_, '_>) -> Outcome + Send + Sync + 'static,
    {
        let folder = Folder(folder.into());
        let files = match folder.files() {
            Ok(files) => files,
            Err(error) => panic!("cannot read {}: {error}", folder.0.display()),
        };
        // The tests run on threads of their own, until the process ends.
        let program: &'static Checked<F> = Box::leak(Box::new(Checked::new(run)));
        // Those that fail would write one file side by side.
        let is_traced: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(false)));
        let test = |file: PathBuf| {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            Trial::test(name, move || {
                let mut trace =
                    || Destination::from_environment().filter(|_| !is_traced.swap(true, Ordering::Relaxed));
                let lines = replay(program, &file, Update::from_environment(), &mut trace);
                if lines.is_empty() { Ok(()) } else { Err(lines.join("\n").into()) }
            })
        };
        files.into_iter().map(test).collect()
    }
}

#[cfg(test)]
mod tests {
    use alloc::borrow::ToOwned as _;

    use tiebreak_explore::{Answer, Cause, Constraint, EventRef, FixedDraw, Outcome, Rest, Symptom, Tactic};
    use tiebreak_kernel::{Context, Name, Names, Ratio, Record, Span, World, terms};
    use tiebreak_regression::{Expected, FoundBy, Standing};
    use tiebreak_trace::monitor;

    use super::*;
    use crate::run::{Checked, Run, outcome};

    terms! { LINK = "link", CARRY = "carry", LOSS = "loss", AUDIT = "audit", REPORT = "report", ALONE = "alone" }

    #[derive(Clone, Copy)]
    enum Event {
        Carry,
        Audit,
        Report,
    }

    #[derive(Clone, Copy, Default, PartialEq)]
    enum Twin {
        #[default]
        Naive,
        Fixed,
    }

    /// A link that loses half of eight messages. It audits and then reports if it has lost the first and no other.
    #[derive(Default)]
    struct Lossy {
        lost: Vec<bool>,
        twin: Twin,
    }

    impl World for Lossy {
        type Event = Event;
        type Subject = ();

        fn name(&self, event: &Event) -> Name<()> {
            let kind = match event {
                Event::Carry => CARRY,
                Event::Audit => AUDIT,
                Event::Report => REPORT,
            };
            Name::of(LINK, kind, ())
        }

        fn handle(&mut self, event: Event, context: &mut Context<'_, Event, ()>) {
            match event {
                Event::Carry => {
                    self.lost.push(context.chance(LINK, LOSS, Ratio::percent(50)));
                    if self.lost == [true, false, false, false, false, false, false, false] {
                        context.schedule_after(Span::from_secs(1), Event::Audit);
                    }
                }
                Event::Audit => _ = context.schedule_after(Span::ZERO, Event::Report),
                Event::Report if self.twin == Twin::Fixed => {}
                Event::Report => context.record(Name::of(LINK, ALONE, ()), &[]),
            }
        }
    }

    fn run(run: &mut Run<'_, '_>, twin: Twin) -> Outcome {
        let not_alone = |_: &Names, record: &Record<'_, ()>| {
            if record.name.kind == ALONE { Err("the first alone is lost".to_owned()) } else { Ok(()) }
        };
        let mut simulation =
            run.simulation(Lossy { twin, ..Lossy::default() }, [monitor("not-alone", not_alone)]);
        simulation.act(|_, context| {
            for at in 1..=8 {
                context.schedule_after(Span::from_secs(at), Event::Carry);
            }
        });
        let end = simulation.run();
        outcome(&simulation, Some(&end))
    }

    /// How a find stands that needs the first message to be lost, and perhaps an ordering.
    fn standing(constraints: Vec<Constraint>, rest: Rest, twin: Twin) -> Judged {
        let event = |text: &str| text.parse::<EventRef>().expect("an event");
        let draws = Vec::from([FixedDraw { draw: event("link/loss#1"), value: Answer::Yes }]);
        let symptom = Symptom { monitor: "not-alone".to_owned(), event: "link/report".to_owned() };
        let found = FoundBy { strategy: Tactic::Walk, seed: 1, run: 1, runs: 1 };
        let order = Cause { constraints, draws, rest };
        let regression = Regression::new(String::new(), Expected::from(symptom), order, found);
        judged(&Checked::new(move |of: &mut Run<'_, '_>| run(of, twin)), &regression)
    }

    #[test]
    fn a_find_that_needs_quiet_draws_is_judged_by_runs_with_quiet_draws() {
        assert_eq!(standing(Vec::new(), Rest::Quiet, Twin::Naive).standing, Standing::AsExpected);
        assert_eq!(standing(Vec::new(), Rest::Quiet, Twin::Fixed).standing, Standing::NoLongerFails);
        let drawn = standing(Vec::new(), Rest::Drawn, Twin::Naive);
        assert_ne!(drawn.standing, Standing::AsExpected, "other messages are lost as well: {}", drawn.says);
    }

    #[test]
    fn whether_an_order_can_still_happen_is_looked_for_in_runs_with_quiet_draws() {
        let [before, after] =
            ["link/report#1", "link/audit#1"].map(|text| text.parse::<EventRef>().expect("an event"));
        let judged = standing(Vec::from([Constraint { before, after }]), Rest::Quiet, Twin::Fixed);
        assert_eq!(judged.standing, Standing::NoLongerFails, "{judged:?}");
        assert!(judged.says.ends_with("the order that failed cannot happen any more"), "{}", judged.says);
    }
}
