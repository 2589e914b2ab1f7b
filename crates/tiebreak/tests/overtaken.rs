//! A kept find of an event that was overtaken by who cancelled it: the event never runs, and the ordering stands all the same.

use std::fs;
use std::path::Path;

use tiebreak::{Context, Name, Names, Record, Span, Timer, World, check, monitor, outcome, terms};

terms! { WRITER = "writer", BUFFER = "buffer", WRITE = "write", QUIET = "quiet", DEADLINE = "deadline", EMPTY = "empty" }

enum Event {
    Write,
    Quiet,
    Deadline,
}

/// What is written is put into a store when it was quiet for two seconds, and four seconds after the first write at the latest.
#[derive(Default)]
struct Buffer {
    unsaved: u64,
    quiet: Timer,
    deadline: Timer,
}

impl Buffer {
    fn put(&mut self, context: &mut Context<'_, Event, ()>) {
        if core::mem::take(&mut self.unsaved) == 0 {
            context.record(Name::of(BUFFER, EMPTY, ()), &[]);
        }
    }
}

impl World for Buffer {
    type Event = Event;
    type Subject = ();

    fn name(&self, event: &Event) -> Name<()> {
        match event {
            Event::Write => Name::of(WRITER, WRITE, ()),
            Event::Quiet => Name::of(BUFFER, QUIET, ()),
            Event::Deadline => Name::of(BUFFER, DEADLINE, ()),
        }
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, ()>) {
        match event {
            Event::Write => {
                self.unsaved += 1;
                self.quiet.arm_after(context, Span::from_secs(2), Event::Quiet);
                if self.unsaved == 1 {
                    self.deadline.arm_after(context, Span::from_secs(4), Event::Deadline);
                }
            }
            Event::Quiet => {
                self.deadline.cancel(context);
                self.put(context);
            }
            // The bug: the quiet timer goes on.
            Event::Deadline => self.put(context),
        }
    }
}

fn nothing_is_put(_: &Names, record: &Record<'_, ()>) -> Result<(), String> {
    if record.name.kind == EMPTY { Err("nothing is put".into()) } else { Ok(()) }
}

/// What a test says that keeps its finds in this folder.
fn said(folder: &Path) -> String {
    let found = check(|run| {
        let mut simulation = run.simulation(Buffer::default(), [monitor("no-empty-put", nothing_is_put)]);
        simulation.act(|_, context| {
            for seconds in [0, 2] {
                context.schedule_after(Span::from_secs(seconds), Event::Write);
            }
        });
        let end = simulation.run();
        outcome(&simulation, Some(&end))
    });
    found.regressions(folder).search().expect_err("some order puts nothing").to_string()
}

/// What a search keeps of it.
const KEPT: &str = r#"Regression(
    format: 1,
    about: "nothing is put",
    expect: Fails(monitor: "no-empty-put", event: "buffer/quiet"),
    order: [
        Before(Of("buffer/deadline", "writer/write#1"), Of("buffer/quiet", "writer/write#2")),
        Before("writer/write#2", Of("buffer/quiet", "writer/write#1")),
    ],
    choices: [Next("writer/write#2"), Next(Of("buffer/deadline", "writer/write#1"))],
    found: Found(strategy: "races", seed: 1, run: 1, runs: 1000),
)
"#;

#[test]
fn orderings_of_events_that_were_overtaken_and_cancelled_are_told_by_a_kept_find() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("overtaken");
    fs::create_dir_all(&folder).expect("a folder can be made");
    let says = |kept: &str| {
        fs::write(folder.join("no-empty-put-buffer-quiet.ron"), kept).expect("it can be written");
        said(&folder)
    };
    let still = says(KEPT);
    assert!(still.starts_with("still failing: "), "{still}");
    let broken = says(&KEPT.replace("Fails(", "Passes("));
    assert!(broken.starts_with("failing: ") && broken.contains("in 12 of 12 orders\n"), "{broken}");
    for told in [still, broken] {
        for ordering in [
            "    writer/write#2 before buffer/quiet of writer/write#1\n",
            "    buffer/deadline of writer/write#1 before buffer/quiet of writer/write#2\n",
            "  at 2s\n  * write#2\n",
        ] {
            assert!(told.contains(ordering), "{ordering}{told}");
        }
    }
}
