//! Whatever stands in a file, reading it ends, and its mistakes stand within it.

use proptest::prelude::*;
use tiebreak_scenario::{load, write};

const EVERYTHING: &str = include_str!("valid/everything.ron");

/// Loads a text and checks what must hold of any text.
fn check(text: &str) {
    match load(text) {
        Ok(loaded) => {
            let again = load(&write(&loaded.plan)).expect("what is written can be read");
            assert_eq!(again.plan, loaded.plan);
        }
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            for mistake in &mistakes {
                assert!(text.get(mistake.span.clone()).is_some(), "{mistake:?}");
                assert!(!mistake.line("f", text).contains(char::is_control), "{mistake:?}");
            }
        }
    }
}

/// Returns the byte offset of a character near a share of the text.
fn boundary(text: &str, share: u16) -> usize {
    let mut at = text.len() * usize::from(share) / usize::from(u16::MAX);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_to_its_end(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_soup_of_tokens_is_read_to_its_end(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "Scenario", "(", ")", "[", "]", "{", "}", ",", ":", "clients", "Client", "name", "\"rip1\"", "\"10.0.0.0/8\"",
                "script", "At", "\"0s\"", "Register", "on", "RouteExpired", "1", "format", "When", "Not", "'", "\"", "\\", "//", "\n",
                "r#\"", "/*", "*/", "#!", "1.5", "-", "None", "Some", "ü", "{n}",
            ]),
            0..200,
        ),
    ) {
        check(&tokens.concat());
        check(&tokens.join(" "));
    }

    #[test]
    fn a_damaged_file_is_read_to_its_end(
        edits in prop::collection::vec((any::<u16>(), 0usize..40, prop::sample::select(vec!["", ",", ")", "(", "]", "\"", "x", "}", "0", ":"])), 1..6),
    ) {
        let mut text = EVERYTHING.to_owned();
        for (share, len, with) in edits {
            let from = boundary(&text, share);
            let mut to = (from + len).min(text.len());
            while !text.is_char_boundary(to) {
                to += 1;
            }
            text.replace_range(from..to, with);
        }
        check(&text);
    }
}

#[test]
fn depth_and_length_are_no_danger() {
    for unit in ["(", "[", "{", "a(", "a:", "(a:", "[{", "Not(", "/*", "\"\n", "'", "#!", ",", "a ", "{a:{"] {
        check(&unit.repeat(100_000));
    }
    check(&format!("Scenario(format: 1, until: \"1s\", clients: [{}])", "Client(),".repeat(2_000)));
}

#[test]
fn a_long_script_is_read_and_written() {
    let steps = "At(\"1s\", Lookup(dest: \"10.0.0.0/8\")), ".repeat(20_000);
    check(&format!(
        "Scenario(format: 1, until: \"1s\", clients: [Client(name: \"a\", protocol: \"RIP\", script: [{steps}])])"
    ));
}

#[test]
fn patterns_that_match_nothing_are_found_out_without_trying_every_name() {
    let steps = "Every(from: \"0s\", period: \"1ns\", times: 10000000, do: ListEntities), ".repeat(50);
    let patterns = "Never(\"g*/step(list*x*y*)\"), Never(\"g*/step(list-entities#*000*0*)\"), ".repeat(20);
    let mistakes = load(&format!(
        "Scenario(format: 1, until: \"1s\", clients: [Client(name: \"g\", protocol: \"RIP\", count: 65535, script: [{steps}])], expect: [{patterns}])"
    ))
    .expect_err("half of the patterns match nothing");
    assert_eq!(mistakes.len(), 20, "{:?}", mistakes[0]);
}

/// The help of the hundredth unknown name says what was meant, that of the next one is not sought.
#[test]
fn what_was_meant_is_sought_for_a_hundred_unknown_names() {
    let part = |count: u32, part: fn(u32) -> String| (1..=count).map(part).collect::<String>();
    let hops = part(150, |number| {
        format!(r#"At("1s", AddNextHop(name: "hop{number}", address: "192.0.2.1", interface: 1)),"#)
    });
    let routes = part(150, |number| {
        format!(
            r#"At("2s", AddRoute(name: "r{number}", dest: "10.0.0.0/8", via: ["hpo{number}"], metric: 1)),"#
        )
    });
    let text = format!(
        r#"Scenario(format: 1, until: "1h", clients: [
            Client(name: "c", protocol: "RIP", script: [At("0s", Register), {hops}{routes}]),
        ])"#
    );
    let mistakes = load(&text).unwrap_err();
    let unknown: Vec<&str> = mistakes
        .iter()
        .filter(|found| found.message.contains("has no next hop"))
        .map(|found| found.help.as_str())
        .collect();
    assert_eq!(unknown.len(), 150);
    assert!(unknown[..100].iter().all(|help| help.starts_with("did you mean `hop")), "{:?}", &unknown[..3]);
    assert!(unknown[100..].iter().all(|help| help.is_empty()), "{:?}", unknown[100]);
}

#[test]
fn patterns_are_compared_with_what_can_happen_up_to_a_bound() {
    let list = |count: u32, part: fn(u32) -> String| (0..count).map(part).collect::<String>();
    let steps =
        |count| list(count, |number| format!("Step(at: \"1s\", do: Set(\"f\"), label: \"a{number}\"),"));
    let patterns = |count| list(count, |number| format!("Never(\"c/step(b{number}*)\"),"));
    let text = |steps: &str, patterns: &str| {
        format!(
            r#"Scenario(format: 1, until: "1h", clients: [
                Client(name: "c", protocol: "RIP", script: [{steps}]),
            ], expect: [{patterns}])"#
        )
    };
    let bound = "this and what follows is not compared with what can happen: there is too much of both";
    // Each step makes two things: a label and a flag. 20,000 of them cost 1,000,001, so 199 patterns are within the bound.
    let mistakes = load(&text(&steps(20_000), &patterns(1_000))).unwrap_err();
    let cut_at = mistakes.iter().position(|found| found.message == bound);
    assert_eq!((cut_at, mistakes.len()), (Some(199), 200), "{:?}", mistakes.last());
    let mistakes = load(&text(&steps(20_000), &patterns(199))).unwrap_err();
    assert!(mistakes.len() == 199 && mistakes.iter().all(|found| found.message != bound));
}
