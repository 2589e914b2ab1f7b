//! What becomes of finds: kept, run again, accepted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "../examples/lease_server/world.rs"]
mod world;

use libtest_mimic::Arguments;
use tiebreak::explore::Outcome;
use tiebreak::{Check, Run, check, outcome, regressions};

use world::{EXPIRED, Honest, Server, run};

/// Where finds are kept, below the folder of a test.
const FOLDER: &str = "tests/regressions/lease-server";

const PAGE: &str = include_str!("../../../docs/EXPLORE.md");

fn judge(run_of: &mut Run<'_, '_>, server: Server) -> Outcome {
    outcome(&run(run_of.simulation(server, [Honest::default()])), None)
}

fn search(server: fn() -> Server) -> Check<impl Fn(&mut Run<'_, '_>) -> Outcome> {
    check(move |orders| judge(orders, server())).regressions(FOLDER).sometimes(EXPIRED)
}

/// Which server the test below searches; not set unless another test runs it.
const SERVER: &str = "KEEPING_SERVER";

/// What the other tests run, each in a folder and an environment of its own.
#[test]
fn server_of_the_environment() {
    match std::env::var_os(SERVER) {
        Some(server) if server == "naive" => search(Server::default).assert(),
        Some(server) if server == "fixed" => search(Server::fixed).assert(),
        Some(server) if server == "each" => {
            let tests = regressions::tests(FOLDER, |orders| judge(orders, Server::default()));
            let conclusion = libtest_mimic::run(&Arguments::default(), tests);
            assert!(!conclusion.has_failed(), "some fail");
        }
        Some(_) | None => {}
    }
}

/// A folder of one test, and what is kept there.
struct Scene(PathBuf);

impl Scene {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("keeping").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder can be made");
        Self(folder)
    }

    /// Searches a server in a process of its own; returns what the test says, or that it passes.
    fn run(&self, server: &str, environment: &[(&str, &str)]) -> Result<(), String> {
        let mut command = Command::new(std::env::current_exe().expect("this test"));
        command.args(["--exact", "server_of_the_environment", "--nocapture"]).current_dir(&self.0);
        for name in
            ["CI", "TIEBREAK_UPDATE", "TIEBREAK_SEED", "TIEBREAK_RUNS", "TIEBREAK_TRACE", "TIEBREAK_REPLAY"]
        {
            command.env_remove(name);
        }
        command.env("RUST_BACKTRACE", "0").env(SERVER, server).envs(environment.iter().copied());
        let output = command.output().expect("it runs");
        let said = String::from_utf8(output.stderr).expect("it is text");
        if output.status.success() {
            assert_eq!(said, "", "who passes says nothing");
            return Ok(());
        }
        let said =
            said.split_once("panicked at ").expect("it fails").1.split_once(":\n").expect("a report").1;
        let said = said.split_once("note: run with").expect("a note on backtraces").0;
        Err(said.trim_end().to_owned() + "\n")
    }

    fn fails(&self, server: &str, environment: &[(&str, &str)]) -> String {
        self.run(server, environment).expect_err("it fails")
    }

    /// The files that are kept, by name.
    fn files(&self) -> Vec<(String, String)> {
        let Ok(entries) = fs::read_dir(self.0.join(FOLDER)) else { return Vec::new() };
        let paths = entries.map(|entry| entry.expect("it can be read").path());
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let text = |path: &Path| fs::read_to_string(path).expect("it can be read");
        let mut files: Vec<_> = paths.map(|path| (name(&path).unwrap_or_default(), text(&path))).collect();
        files.sort();
        files
    }

    /// Changes a file.
    fn change(&self, name: &str, from: &str, to: &str) {
        let path = self.0.join(FOLDER).join(name);
        let text = fs::read_to_string(&path).expect("it is kept");
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replacen(from, to, 1)).expect("it can be changed");
    }
}

/// What the page shows after a mark.
fn shown(mark: &str) -> &'static str {
    let shown = PAGE.split_once(&format!("<!-- {mark} -->\n```")).expect("it is shown").1;
    shown.split_once('\n').expect("a language").1.split_once("```").expect("it ends").0
}

#[test]
fn the_page_shows_the_test_and_what_it_says_before_and_after_the_find_is_kept() {
    assert!(include_str!("lease_server.rs").contains(shown("lease server, one file, one test")));
    let source = include_str!("../examples/lease_server/main.rs");
    let indented: String = shown("lease server")
        .lines()
        .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") })
        .collect();
    assert!(source.contains(&indented), "the example has the test of the page\n{indented}");
    assert!(indented.lines().count() <= 20);
    let scene = Scene::new("page");
    let first = scene.fails("naive", &[]);
    assert!(
        first.starts_with(shown("lease server, found")),
        "docs/EXPLORE.md must show the beginning of\n{first}"
    );
    assert_eq!(first.matches("found: ").count(), 2, "{first}");
    let (name, text) = scene.files().swap_remove(0);
    assert!(first.contains(&format!("  kept: {FOLDER}/{name}\n")), "{first}");
    // The page shows the first of the choices.
    let (begin, end) = shown("lease server, kept").split_once("        …\n").expect("there are more");
    assert!(text.starts_with(begin) && text.ends_with(end), "docs/EXPLORE.md must show\n{text}");
    let again = scene.fails("naive", &[]);
    assert!(
        again.starts_with(shown("lease server, still failing")),
        "docs/EXPLORE.md must show the beginning of\n{again}"
    );
    assert_eq!(again.matches("still failing: ").count(), 2, "{again}");
    assert!(again.ends_with("nothing was searched, because of what is kept\n"), "{again}");
    assert_eq!(scene.files().len(), 2, "what is kept is not kept twice");
}

#[test]
fn a_fixed_find_fails_the_test_until_it_is_accepted_and_then_guards() {
    let scene = Scene::new("accept");
    scene.fails("naive", &[("TIEBREAK_UPDATE", "new")]);
    let kept = scene.files();
    let said = scene.fails("fixed", &[]);
    assert_eq!(said.matches("no longer failing: ").count(), 2, "{said}");
    assert_eq!(said.matches("TIEBREAK_UPDATE=accept").count(), 2, "{said}");
    let said = scene.fails("fixed", &[("CI", "true"), ("TIEBREAK_UPDATE", "accept")]);
    assert!(said.starts_with("no longer failing: "), "{said}");
    assert_eq!(scene.files(), kept, "nothing is written where CI is set");
    assert_eq!(scene.run("fixed", &[("TIEBREAK_UPDATE", "accept")]), Ok(()));
    let guards = scene.files();
    for ((name, kept), (_, guard)) in kept.iter().zip(&guards) {
        assert_eq!(kept.replacen("expect: Fails(", "expect: Passes(", 1), *guard, "{name}");
        assert_ne!(kept, guard);
    }
    assert_eq!(scene.run("fixed", &[]), Ok(()));
    let said = scene.fails("naive", &[("TIEBREAK_UPDATE", "accept")]);
    assert!(
        said.starts_with(&format!("failing: {FOLDER}/{}: it fails again in 12 of 12 orders\n", kept[0].0)),
        "{said}"
    );
    assert_eq!(scene.files(), guards);
}

#[test]
fn where_nothing_may_be_written_the_file_is_printed() {
    let scene = Scene::new("write");
    scene.fails("naive", &[]);
    let kept = scene.files();
    for (why, environment) in
        [("CI is set", ("CI", "true")), ("TIEBREAK_UPDATE is `no`", ("TIEBREAK_UPDATE", "no"))]
    {
        let scene = Scene::new("no-write");
        let said = scene.fails("naive", &[environment]);
        assert_eq!(scene.files(), []);
        for (name, text) in &kept {
            let printed = format!("  not kept, because {why}; to keep it, write to {FOLDER}/{name}:\n{text}");
            assert!(said.contains(&printed), "{said}");
        }
    }
    let said = scene.fails("naive", &[("TIEBREAK_UPDATE", "always")]);
    assert_eq!(said, "TIEBREAK_UPDATE is `always`; write `new`, `accept` or `no`\n");
}

#[test]
fn a_file_that_does_not_fit_any_more_says_what_was_probably_meant() {
    let scene = Scene::new("diverged");
    scene.fails("naive", &[]);
    let name = scene.files().swap_remove(0).0;
    scene.change(&name, "server/expire(", "server/expires(");
    let said = scene.fails("naive", &[]);
    let says = "the run has changed, but it fails still with the seed of its find (clocks, seed 1)";
    assert!(said.starts_with(&format!("diverged: {FOLDER}/{name}: {says}\n")), "{said}");
    assert!(said.contains("did you mean `server/expire("), "{said}");
    scene.change(&name, "format: 1", "format: 9");
    let said = scene.fails("naive", &[]);
    let mistake = format!("{FOLDER}/{name}:2:13: error[S013]: unknown format 9; this release reads format 1");
    assert!(said.starts_with(&mistake), "{said}");
}

#[test]
fn a_trace_that_is_asked_for_is_that_of_the_first_kept_find_that_fails_or_it_is_said_that_there_is_none() {
    let scene = Scene::new("trace");
    scene.fails("naive", &[]);
    let trace = [("TIEBREAK_TRACE", "trace.txt")];
    let said = scene.fails("naive", &trace);
    let first = said.split("still failing: ").nth(1).expect("two fail");
    assert!(first.ends_with("  trace: trace.txt\n") && said.matches("trace: ").count() == 1, "{said}");
    let text = fs::read_to_string(scene.0.join("trace.txt")).expect("it is written");
    let places = ["renew(2)#2", "expire(2)#1"].map(|event| text.find(event));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "the order that fails: {text}");
    fs::remove_file(scene.0.join("trace.txt")).expect("it is there");
    assert_eq!(scene.fails("each", &trace), "some fail\n", "each file as a test");
    let text = fs::read_to_string(scene.0.join("trace.txt")).expect("it is written");
    assert!(text.starts_with("# tiebreak trace ") && text.matches(" · fingerprint ").count() == 1, "{text}");
    fs::remove_file(scene.0.join("trace.txt")).expect("it is there");
    let said = scene.fails("fixed", &trace);
    assert!(said.ends_with("no trace: no kept find fails\nnothing was searched, because of what is kept\n"));
    assert!(!scene.0.join("trace.txt").exists());
}

#[test]
fn what_is_said_to_make_a_find_again_does_so_when_it_is_kept() {
    let scene = Scene::new("again");
    let first = scene.fails("naive", &[]);
    let kept = scene.files();
    let again =
        first.split_once("  again: ").expect("it is said").1.split_once(" and the test").expect("a test").0;
    let variables: Vec<(&str, &str)> = again.split(' ').filter_map(|word| word.split_once('=')).collect();
    let said = scene.fails("naive", &variables);
    let headline = first.lines().next().expect("a report");
    assert!(
        said.starts_with(headline) && said.contains(&format!("  again: {again} and the test\n")),
        "{said}"
    );
    assert!(!said.contains("  kept: ") && scene.files() == kept, "what is kept is left aside: {said}");
    let said = scene.fails("naive", &[("TIEBREAK_REPLAY", "never")]);
    assert_eq!(said, "TIEBREAK_REPLAY is `never`; write `yes` or `no`\n");
}

#[test]
fn every_file_is_a_test_of_its_own_and_can_be_asked_for_by_its_name() {
    let scene = Scene::new("mimic");
    scene.fails("naive", &[]);
    let name = scene.files().swap_remove(0).0;
    let folder = scene.0.join(FOLDER);
    let conclusion = |filter: Option<&str>, server: fn() -> Server| {
        // What these tests say is not what this test says.
        let logfile = Some(scene.0.join("log").display().to_string());
        let filter = filter.map(str::to_owned);
        let arguments = Arguments { filter, logfile, ..Arguments::default() };
        let tests = regressions::tests(&folder, move |orders| judge(orders, server()));
        let conclusion = libtest_mimic::run(&arguments, tests);
        (conclusion.num_passed, conclusion.num_failed, conclusion.num_filtered_out)
    };
    assert_eq!(conclusion(None, Server::default), (0, 2, 0), "the bugs are there");
    assert_eq!(conclusion(name.strip_suffix(".ron"), Server::default), (0, 1, 1));
    assert_eq!(conclusion(None, Server::fixed), (0, 2, 0), "the files do not say yet that they must pass");
    for (name, _) in scene.files() {
        scene.change(&name, "expect: Fails(", "expect: Passes(");
    }
    assert_eq!(conclusion(None, Server::fixed), (2, 0, 0));
    assert_eq!(conclusion(None, Server::default), (0, 2, 0), "guards that fail again");
    assert!(
        regressions::tests(scene.0.join("nowhere"), move |orders| judge(orders, Server::fixed())).is_empty()
    );
}

#[test]
fn a_kept_panic_is_the_same_one_when_its_line_has_moved_and_another_one_in_another_file() {
    let scene = Scene::new("panic");
    let folder = scene.0.join(FOLDER);
    fs::create_dir_all(&folder).expect("a folder can be made");
    let said = |place: &str| {
        let text = format!(
            "Regression(format: 1, expect: Fails(monitor: \"panic at {place}\"), \
             found: Found(strategy: \"walk\", seed: 1, run: 1, runs: 1))"
        );
        fs::write(folder.join("panic.ron"), text).expect("it can be written");
        let check = check(|_: &mut Run<'_, '_>| -> Outcome { panic!("always") }).regressions(&folder);
        check.search().expect_err("it panics").to_string()
    };
    for line in ["", ":1"] {
        let said = said(&format!("crates/tiebreak/tests/keeping.rs{line}"));
        assert!(said.starts_with("still failing: ") && said.contains(": always\n"), "{said}");
    }
    let said = said("src/other.rs:1");
    assert!(said.contains("it fails otherwise in 12 of 12 orders\n  always\n"), "{said}");
}
