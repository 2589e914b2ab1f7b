//! What is said of two snapshots that differ.
#![expect(clippy::unwrap_used, reason = "what a test prepares must succeed, and helpers are part of tests")]

use proptest::prelude::*;
use tiebreak_report::{Difference, LINES_MAX, SENTENCES_MAX, difference};
use tiebreak_trace::snapshot_windows;

const HEADER: &str = "# tiebreak snapshot · format 2 · model 2 · plan 0a · seed 1 · order seeded";
const COLUMNS: &str = "# at      actor     tie   event                                   facts, < cause";

/// Two events of one instant with notes, and one of another.
const RUN: [&str; 6] = [
    "1s        a         [tie] step(x)#1",
    "1s        a               · Call(x)                           metric=1 -> OK",
    "1s        b               step(y)#1                           < a/step(x)#1",
    "1s        b               · Call(y)                           -> OK",
    "2s        a               step(z)#1",
    "2s        a               · Call(z)                           -> OK",
];

fn lines(run: &[&str]) -> Vec<String> {
    run.iter().map(|line| (*line).to_owned()).collect()
}

/// A snapshot that shows all its records.
fn short(lines: &[String]) -> String {
    format!(
        "{HEADER}\n{COLUMNS}\n{}\n# {} records · digest {}\n",
        lines.join("\n"),
        lines.len(),
        lines.join("").len()
    )
}

/// A snapshot that shows the first and the last, and has hashes of all.
fn long(lines: &[String]) -> String {
    let windows: String =
        snapshot_windows(lines).iter().fold(String::new(), |all, window| format!("{all}#   {window}\n"));
    let (first, last) = (lines.first().unwrap(), lines.last().unwrap());
    format!(
        "{HEADER}\n# windows of all records: when, how many, hashes\n{windows}{COLUMNS}\n{first}\n# … {} records left out …\n{last}\n# end\n",
        lines.len() - 2
    )
}

/// Steps of many clients, one at each instant but for two at every tenth.
fn many(count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{}s        c{number}              step(x)#1", number - number % 10 / 9))
        .collect()
}

fn found(then: &[&str], now: &[&str]) -> Difference {
    let now = lines(now);
    difference(&short(&lines(then)), &short(&now), &now).unwrap()
}

#[test]
fn what_is_the_same_does_not_differ() {
    let run = lines(&RUN);
    assert_eq!(difference(&short(&run), &short(&run), &run), None);
    assert_eq!(difference(&format!("{}\n\n", short(&run)), &short(&run), &run), None);
}

#[test]
fn two_events_that_change_places_are_one_sentence() {
    let [x, call_x, y, call_y, z, call_z] = RUN;
    let found = found(&RUN, &[y, call_y, x, call_x, z, call_z]);
    assert_eq!(found.summary, ["at 1s: b/step(y)#1 now runs before a/step(x)#1"]);
    assert_eq!(
        found.lines,
        [
            format!("+ {y}"),
            format!("+ {call_y}"),
            format!("  {x}"),
            format!("  {call_x}"),
            format!("- {y}"),
            format!("- {call_y}"),
            format!("  {z}"),
            format!("  {call_z}"),
        ]
    );
}

#[test]
fn an_event_that_is_gone_new_or_other_is_named() {
    let [x, call_x, y, call_y, z, call_z] = RUN;
    assert_eq!(found(&RUN, &[x, call_x, z, call_z]).summary, ["at 1s: b/step(y)#1 no longer happens"]);
    assert_eq!(found(&[x, call_x, z, call_z], &RUN).summary, ["at 1s: b/step(y)#1 is new"]);
    let other = call_x.replace("metric=1", "metric=2");
    let changed = [x, other.as_str(), y, call_y, z, call_z];
    assert_eq!(found(&RUN, &changed).summary, ["at 1s: a/step(x)#1 does something else"]);
    assert_eq!(found(&RUN, &[x, y, call_y, z, call_z]).summary, ["at 1s: a/step(x)#1 does something else"]);
    let moved = z.replace("2s", "3s");
    let found = found(&RUN, &[x, call_x, y, call_y, moved.as_str()]);
    assert_eq!(found.summary, ["at 2s: a/step(z)#1 no longer happens", "at 3s: a/step(z)#1 is new"]);
}

#[test]
fn who_has_changed_places_is_said_before_what_came_of_it() {
    let [x, call_x, y, call_y, ..] = RUN;
    let (other_x, other_y) = (call_x.replace("OK", "NO"), call_y.replace("OK", "NO"));
    let found = found(&[x, call_x, y, call_y], &[y, &other_y, x, &other_x]);
    assert!(found.summary[0].contains("now runs "), "{found:?}");
}

#[test]
fn ties_settings_and_edits_are_said_where_all_records_are_the_same() {
    let run = lines(&RUN);
    let untied: Vec<String> = run.iter().map(|line| line.replace("[tie]", "     ")).collect();
    let found = difference(&short(&run), &short(&untied), &untied).unwrap();
    assert_eq!(found.summary, ["the same records in the same order; others of them had alternatives"]);
    for (from, to, said) in [
        (
            "seed 1",
            "seed 2",
            "the same records in the same order, with other settings: seed 2 (kept: seed 1)",
        ),
        ("plan 0a", "plan 0b", "the same records in the same order, the scenario was edited"),
        (
            "format 2",
            "format 3",
            "kept in format 2, and now in format 3, in which orders and digests are others: review it anew",
        ),
    ] {
        let found = difference(&short(&run), &short(&run).replace(from, to), &run).unwrap();
        assert_eq!(found.summary, [said]);
        assert_eq!(found.lines.len(), 2, "{found:?}");
    }
    let [x, call_x, y, call_y, z, call_z] = RUN;
    let now = lines(&[y, call_y, x, call_x, z, call_z]);
    let found = difference(&short(&run), &short(&now).replace("seed 1", "seed 7"), &now).unwrap();
    assert_eq!(found.summary[0], "with other settings: seed 7 (kept: seed 1)");
    assert!(found.summary[1].contains("now runs before"), "{found:?}");
}

#[test]
fn in_a_long_snapshot_two_events_that_change_places_are_found_by_their_hashes() {
    let then = many(2_000);
    let mut now = then.clone();
    now.swap(1_498, 1_499);
    assert_eq!(then[1_498].split(' ').next(), then[1_499].split(' ').next());
    let found = difference(&long(&then), &long(&now), &now).unwrap();
    assert_eq!(found.summary, ["at 1498s: c1499/step(x)#1 now runs before c1498/step(x)#1"]);
    assert_eq!(found.lines.iter().filter(|line| line.starts_with(['+', '-'])).count(), 2, "{found:?}");
}

#[test]
fn in_a_long_snapshot_what_is_gone_is_counted_and_what_is_new_is_named() {
    let then = many(2_000);
    let mut now = then.clone();
    now.remove(700);
    let found = difference(&long(&then), &long(&now), &now).unwrap();
    assert_eq!(found.summary, ["1 record no longer happens, after c699/step(x)#1 at 698s"]);
    assert!(found.lines.contains(&"- (a record of which only the hash was kept)".to_owned()), "{found:?}");
    let found = difference(&long(&now), &long(&then), &then).unwrap();
    assert_eq!(found.summary, ["at 700s: c700/step(x)#1 is new"]);
    now.remove(0);
    let found = difference(&long(&then), &long(&now), &now).unwrap();
    assert_eq!(found.summary[0], "1 record no longer happens, at the beginning");
}

#[test]
fn in_a_very_long_snapshot_the_first_records_of_which_one_differs_are_shown() {
    let then = many(30_000);
    let mut now = then.clone();
    now.swap(12_348, 12_349);
    let found = difference(&long(&then), &long(&now), &now).unwrap();
    assert!(found.summary[0].starts_with("the first difference is among the "), "{found:?}");
    let first: usize = found.lines[0].split(['c', ' ']).find_map(|word| word.parse().ok()).unwrap();
    assert!((12_348 - 1_024..=12_348).contains(&first), "{found:?}");
    assert!(
        found.lines[0].starts_with("? ") && found.lines.last().unwrap().contains(" more lines"),
        "{found:?}"
    );
}

#[test]
fn what_was_kept_before_there_were_windows_cannot_be_compared() {
    let run = lines(&RUN);
    let kept =
        "# tiebreak snapshot · format 2\n# at\n1s a step(x)#1\n# … 930 records left out …\n9s a step(x)#9\n";
    let found = difference(kept, &short(&run), &run).unwrap();
    assert!(found.summary[0].contains("review it anew") && found.lines.is_empty(), "{found:?}");
}

#[test]
fn what_is_long_is_cut_and_says_so() {
    let then = many(200);
    let now: Vec<String> = then.iter().map(|line| line.replace("step", "leap")).collect();
    let found = difference(&short(&then), &short(&now), &now).unwrap();
    assert_eq!(found.summary.len(), SENTENCES_MAX + 1);
    assert_eq!(found.summary[SENTENCES_MAX], "and 397 more");
    assert_eq!(found.lines.len(), LINES_MAX + 1);
    assert_eq!(found.lines[LINES_MAX], "  … 360 more lines");
}

proptest! {
    #[test]
    fn runs_of_any_order_differ_if_and_only_if_their_lines_do(
        then in prop::collection::vec(0_u8..12, 1..40), now in prop::collection::vec(0_u8..12, 1..40), is_long: bool,
    ) {
        let run = |picks: &[u8]| -> Vec<String> {
            picks.iter().map(|pick| format!("{}s        a{pick}        step(x)#{pick}", pick / 4)).collect()
        };
        let (then, now) = (run(&then), run(&now));
        let write = if is_long && then.len() > 2 && now.len() > 2 { long } else { short };
        let found = difference(&write(&then), &write(&now), &now);
        prop_assert_eq!(found.is_some(), then != now);
        if let Some(found) = found {
            prop_assert!(!found.summary.is_empty());
        }
    }
}

/// Takes minutes where the cost is the square of the length.
#[test]
fn long_traces_in_which_nearly_everything_is_other_are_compared() {
    let then = many(18_000);
    let later: Vec<String> = then.iter().map(|line| line.replacen("s ", "5s ", 1)).collect();
    let at_one_instant = |step: usize| -> Vec<String> {
        (0..18_000)
            .map(|number| format!("1s        c{}              step(x)#1", number * step % 18_000))
            .collect()
    };
    let (in_order, mixed) = (at_one_instant(1), at_one_instant(7_001));
    for (then, now) in [(&then, &later), (&in_order, &mixed)] {
        for kept in [short(then), long(then)] {
            let found = difference(&kept, &short(now), now).unwrap();
            assert_eq!(found.summary.len(), SENTENCES_MAX + 1, "{:?}", found.summary);
            assert_eq!(found.lines.len(), LINES_MAX + 1);
        }
    }
}
