//! `TIEBREAK_TRACE`: the trace of a failing run of a search, as a file.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use tiebreak::{Context, Name, Span, Trace, World, check, monitor, outcome, terms};

terms! { ACCOUNT = "account", PAY = "pay", CLOSE = "close", AUDIT = "audit", LOST = "lost" }

/// Which account [`account_of_the_environment`] has.
const KIND: &str = "TIEBREAK_TEST_ACCOUNT";

#[derive(Clone, Copy)]
enum Event {
    Pay,
    Close,
    Audit,
}

/// An account that loses what is paid when it is closed, or panics then.
struct Account {
    panics: bool,
    is_closed: bool,
}

impl World for Account {
    type Event = Event;
    type Subject = ();

    fn name(&self, event: &Event) -> Name<()> {
        let kind = match event {
            Event::Pay => PAY,
            Event::Close => CLOSE,
            Event::Audit => AUDIT,
        };
        Name::of(ACCOUNT, kind, ())
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, ()>) {
        match event {
            Event::Close => self.is_closed = true,
            Event::Pay if self.is_closed => {
                context.record(Name::of(ACCOUNT, LOST, ()), &[]);
                assert!(!self.panics, "closed");
            }
            Event::Pay | Event::Audit => {}
        }
    }
}

/// Not a test of its own: what the others run in a process of its own, since the environment steers it.
#[test]
#[expect(clippy::disallowed_methods, reason = "the process of the test says which account it is")]
fn account_of_the_environment() {
    let Ok(kind) = env::var(KIND) else { return };
    check(move |run| {
        let nothing_lost = |_: &_, record: &tiebreak::Record<'_, ()>| {
            if record.name.kind == LOST { Err("lost".into()) } else { Ok(()) }
        };
        let world = Account { panics: kind == "panics", is_closed: false };
        let mut simulation = run.simulation(world, [monitor("nothing-lost", nothing_lost)]);
        simulation.act(|_, context| {
            for event in [Event::Pay, Event::Audit, Event::Close] {
                context.schedule_after(Span::from_secs(10), event);
            }
        });
        let end = simulation.run();
        outcome(&simulation, Some(&end))
    })
    .runs(200)
    .assert();
}

/// Searches an account and asks for the trace; returns what the test says, and the trace as text if there is one.
fn search(kind: &str, trace: &Path) -> (String, Option<String>) {
    let said = report(kind, trace);
    (said, fs::read_to_string(trace).ok())
}

/// Searches an account and asks for the trace; returns what the test says.
fn report(kind: &str, trace: &Path) -> String {
    let _ = fs::remove_file(trace);
    let output = Command::new(env::current_exe().expect("this test"))
        .args(["--exact", "account_of_the_environment", "--nocapture"])
        .envs([(KIND, kind), ("RUST_BACKTRACE", "0")])
        .env_remove("TIEBREAK_SEED")
        .env_remove("TIEBREAK_RUNS")
        .env("TIEBREAK_TRACE", trace)
        .output()
        .expect("it runs");
    assert!(!output.status.success(), "it fails");
    String::from_utf8(output.stderr).expect("it is text")
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("failing-trace-{name}"))
}

fn path(name: &str) -> PathBuf {
    file(&format!("{name}.txt"))
}

#[test]
fn the_trace_of_the_failing_run_has_what_it_needs_and_nothing_else_out_of_order() {
    let path = path("lost");
    let (said, trace) = search("open", &path);
    assert!(said.contains(&format!("  trace: {}\n  again: ", path.display())), "{said}");
    let trace = trace.expect("it is written");
    assert!(trace.starts_with("# tiebreak trace · "), "{trace}");
    let places = ["audit#1", "close#1", "pay#1", "· lost"].map(|name| trace.find(name));
    // The payment waits for the closing; the audit is where it was scheduled, before the closing.
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{trace}");
}

#[test]
fn a_run_that_panics_has_a_trace_up_to_there() {
    let (said, trace) = search("panics", &path("panics"));
    assert!(said.contains("found: panic at "), "{said}");
    let trace = trace.expect("it is written");
    assert!(trace.contains("· lost"), "{trace}");
}

/// What `tiebreak show` reads.
#[test]
fn the_end_of_the_path_says_in_which_form_the_trace_is_written() {
    let (_, text) = search("open", &path("forms"));
    let text = text.expect("it is written");
    let fingerprint = text.rsplit_once("fingerprint ").expect("a footer").1.trim_end();
    let (_, objects) = search("open", &file("forms.ndjson"));
    let objects = objects.expect("it is written");
    assert!(objects.starts_with(r#"{"type":"header","#), "{objects}");
    assert!(objects.lines().last().is_some_and(|footer| footer.contains(fingerprint)), "{objects}");
    report("open", &file("forms.tbt"));
    let packed = fs::read(file("forms.tbt")).expect("it is written");
    let unpacked = Trace::unpack(&packed).expect("it is packed");
    assert_eq!(unpacked.trace.to_string(), text);
}

#[test]
fn a_path_that_cannot_be_written_is_told() {
    let path = path("no-such-folder").join("trace.txt");
    let (said, trace) = search("open", &path);
    assert!(said.contains(&format!("  no trace: cannot write {}: ", path.display())), "{said}");
    assert_eq!(trace, None);
}
