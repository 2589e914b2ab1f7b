//! The first chapter of the book, as its reader goes through it; `TIEBREAK_UPDATE=1` writes what it shows. And code of other chapters.

mod heart;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tiebreak::check;

// What the reader writes, as if it stood here: it need not be public.
include!("seat.rs");

/// Where the reader has the trace of the find written.
const TRACE: &str = "seat.ndjson";
/// Where the reader keeps finds.
const FOLDER: &str = "tests/regressions";

/// The seat with the line of the page that mends it.
#[derive(Default)]
struct Mended(Seat);

impl World for Mended {
    type Event = Event;
    type Subject = ();

    fn name(&self, event: &Event) -> Name<()> {
        self.0.name(event)
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, ()>) {
        match event {
            Event::Lapse if self.0 == Seat::Sold => {}
            event @ (Event::Reserve | Event::Lapse | Event::Pay) => self.0.handle(event, context),
        }
    }
}

fn mended(run: &mut Run<'_, '_>) -> Outcome {
    let mut simulation = run.simulation(Mended::default(), [monitor("sold-once", sold_once())]);
    simulation.act(|_, context| context.schedule_after(Span::ZERO, Event::Reserve));
    let end = simulation.run();
    outcome(&simulation, Some(&end))
}

/// Which seat the test below searches; not set unless another test runs it.
const WHICH: &str = "BOOK_SEAT";

/// What the other tests run, each in a folder and an environment of its own.
#[test]
fn seat_of_the_environment() {
    match std::env::var_os(WHICH) {
        Some(name) if name == "mended" => check(mended).regressions(FOLDER).assert(),
        Some(_) => check(seat).regressions(FOLDER).assert(),
        None => {}
    }
}

/// Searches a seat in a process of its own; returns what the test says, and nothing if it passes.
fn said(folder: &Path, seat: &str, update: &str) -> String {
    said_with(folder, seat, &[("TIEBREAK_UPDATE", update)])
}

/// The same with these variables of the environment.
fn said_with(folder: &Path, seat: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command.args(["--exact", "seat_of_the_environment", "--nocapture"]).current_dir(folder);
    for name in
        ["CI", "TIEBREAK_SEED", "TIEBREAK_RUNS", "TIEBREAK_TRACE", "TIEBREAK_REPLAY", "TIEBREAK_UPDATE"]
    {
        command.env_remove(name);
    }
    command.env("RUST_BACKTRACE", "0").env(WHICH, seat).envs(variables.iter().copied());
    let output = command.output().expect("it runs");
    let said = String::from_utf8(output.stderr).expect("it is text");
    assert_eq!(output.status.success(), said.is_empty(), "{said}");
    let Some((_, report)) = said.split_once("panicked at ") else { return said };
    let report = report.split_once(":\n").expect("a report").1;
    report.split_once("note: run with").expect("a note on backtraces").0.trim_end().to_owned() + "\n"
}

/// The page with this in the block after a mark.
fn with_block(page: &str, mark: &str, content: &str) -> String {
    let mark = format!("<!-- seat, {mark} -->\n```text\n");
    let (before, rest) = page.split_once(&mark).unwrap_or_else(|| panic!("the page has no {mark}"));
    let end = if rest.starts_with("```") { 0 } else { rest.find("\n```").expect("the block ends") + 1 };
    format!("{before}{mark}{content}{}", &rest[end..])
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/book/src/quick-start.md")
}

#[test]
fn the_first_chapter_shows_what_its_test_says_from_the_find_to_the_guard() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    let text = fs::read_to_string(page()).expect("the page can be read");
    let mut right = with_block(&text, "found", &said(&folder, "as written", "new"));
    right = with_block(&right, "still failing", &said(&folder, "as written", "new"));
    right = with_block(&right, "no longer failing", &said(&folder, "mended", "new"));
    if std::env::var_os("TIEBREAK_UPDATE").is_some() && text != right {
        fs::write(page(), &right).expect("the page can be written");
    } else {
        let differs = text.lines().zip(right.lines()).find(|(is, should)| is != should);
        assert!(text == right, "quick-start.md shows something else: {differs:?}");
    }
    assert_eq!(said(&folder, "mended", "accept"), "");
    assert_eq!(said(&folder, "mended", "new"), "", "the guard holds");
    let again = said(&folder, "as written", "new");
    assert!(again.starts_with("failing: "), "the guard fails with the bug: {again}");
}

/// The trace that the chapter asks `tiebreak show` about: its tests copy it from here.
#[test]
fn the_trace_that_the_first_chapter_asks_for_is_the_one_that_is_kept_here() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book-trace");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    said(&folder, "as written", "new");
    let said = said_with(&folder, "as written", &[("TIEBREAK_TRACE", TRACE)]);
    assert!(said.starts_with("still failing: ") && said.contains("  trace: seat.ndjson\n"), "{said}");
    let written = fs::read_to_string(folder.join(TRACE)).expect("it is written");
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/book").join(TRACE);
    if std::env::var_os("TIEBREAK_UPDATE").is_some() {
        fs::write(&kept, &written).expect("it can be written");
    }
    let kept = fs::read_to_string(kept).unwrap_or_default();
    assert!(written == kept, "tests/book/{TRACE} is another one: {written}");
    let text = fs::read_to_string(page()).expect("the page can be read");
    assert!(text.contains("\n$ TIEBREAK_TRACE=seat.ndjson cargo test\n"), "the page asks for it");
}

#[test]
fn the_line_that_mends_the_seat_is_the_one_of_the_page() {
    let text = fs::read_to_string(page()).expect("the page can be read");
    let (_, block) = text.split_once("<!-- seat, fix -->\n```rust,ignore\n").expect("the page has the fix");
    let line = block.lines().next().expect("it is one line");
    assert!(include_str!("main.rs").contains(&line.trim_start().replace("*self ", "self.0 ")), "{line}");
}
