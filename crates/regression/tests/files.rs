//! Files of regressions: the format is pinned, and mistakes have a place, a cause and a fix.

use tiebreak_explore::{
    Answer, Cause, Constraint, EventRef, FixedDraw, FullChoices, Next, Rest, Symptom, Tactic,
};
use tiebreak_regression::{Expected, FoundBy, Regression};

/// One of everything.
const FILE: &str = include_str!("file.ron");

fn event(text: &str) -> EventRef {
    text.parse::<EventRef>().expect("an event")
}

fn regression() -> Regression {
    let ends = event("server/expire(2)").of(event("client/renew(2)#1"));
    let constraints = vec![
        Constraint { before: event("client/renew(2)#2"), after: ends.clone() },
        Constraint { before: event("north/held#2").of(ends), after: event("north/gone#1") },
    ];
    let draws = vec![
        FixedDraw { draw: event("server/delay#3"), value: Answer::Number(17) },
        FixedDraw { draw: event("server/delay").of(event("server/expire(2)#1")), value: Answer::Number(4) },
        FixedDraw { draw: event("server/delay#2").from_outside(), value: Answer::Number(0) },
        FixedDraw { draw: event("a>b/loss#2"), value: Answer::Yes },
        FixedDraw { draw: event("b>a/loss#1"), value: Answer::No },
    ];
    let next = vec![
        Next { event: event("client/renew(2)#2"), twin: 1 },
        Next { event: event("north/gone").of(event("server/expire(1)#1")), twin: 3 },
    ];
    let chosen_draws = vec![
        FixedDraw { draw: event("server/delay#1"), value: Answer::Number(4) },
        FixedDraw { draw: event("a>b/loss#1"), value: Answer::No },
        FixedDraw { draw: event("a>b/loss#2"), value: Answer::Yes },
    ];
    let mut regression = Regression::new(
        "lease 2 ended, but lasts until \"20s\"".to_owned(),
        Expected::from(Symptom { monitor: "honest".to_owned(), event: "server/expire".to_owned() }),
        Cause { constraints, draws, rest: Rest::Quiet },
        FoundBy { strategy: Tactic::Pct(3), seed: u64::MAX, run: 7, runs: 1_000 },
    );
    regression.choices = FullChoices { next, draws: chosen_draws };
    regression
}

#[test]
fn the_format_is_pinned() {
    assert_eq!(regression().write(), FILE);
    assert_eq!(Regression::read(FILE), Ok(regression()));
}

#[test]
fn what_says_nothing_is_left_out() {
    let Regression { expect, found, .. } = regression();
    let expect = Expected::Passes { monitor: expect.symptom().monitor, event: String::new() };
    let regression = Regression::new(String::new(), expect, Cause::default(), found);
    let text = "Regression(\n    format: 1,\n    expect: Passes(monitor: \"honest\"),\n    found: Found(strategy: \
                \"pct:3\", seed: 18446744073709551615, run: 7, runs: 1000),\n)\n";
    assert_eq!(regression.write(), text);
    assert_eq!(Regression::read(text), Ok(regression));
}

/// Replaces something in the file; returns the mistake that is found then.
fn mistake(from: &str, to: &str) -> String {
    let text = FILE.replacen(from, to, 1);
    assert_ne!(text, FILE, "`{from}` is in the file");
    Regression::read(&text).expect_err("it has a mistake").line("a.ron", &text)
}

#[test]
fn mistakes_have_a_place_a_cause_and_a_fix() {
    let mistakes = [
        ("format: 1", "format: 2"),
        ("about:", "abuot:"),
        ("Fails(", "Fail("),
        ("found:", "about:"),
        ("Before(\"client/renew(2)#2\"", "Before(\"renew\""),
        ("Of(", "Off("),
        ("\"pct:3\"", "\"pct\""),
        ("Draw(\"server/delay#3\", 17)", "Draw(\"server/delay#3\", -1)"),
        ("Next(", "Nxt("),
        ("Twin(Of(\"north/gone\", \"server/expire(1)#1\"), 3)", "Twin(\"north/gone\", 0)"),
        ("monitor: \"honest\", ", ""),
        ("run: 7", "run: seven"),
        ("run: 7,", "run: 7"),
        ("\n)\n", "\n"),
    ];
    let said: Vec<String> = mistakes.map(|(from, to)| mistake(from, to)).to_vec();
    assert_eq!(said.join("\n") + "\n", include_str!("mistakes.txt"));
}

#[test]
fn brackets_that_nest_too_deep_are_a_mistake_and_no_overflow() {
    let deep = format!("Regression(format: 1, order: {}", "[".repeat(100_000));
    assert!(Regression::read(&deep).is_err());
}

#[test]
fn a_mistake_never_ends_before_it_begins() {
    let text = FILE.replacen("Yes(", "Yes(.", 1);
    let span = Regression::read(&text).expect_err("a dot is no event").span;
    assert!(text.get(span.clone()).is_some(), "{span:?}");
}
