//! Text and snapshots.

use proptest::collection;
use proptest::prelude::*;
use tiebreak_kernel::{
    Context, Fact, Instant, Name, Names, Origin, Settings, Simulation, Span, Subject, World, terms,
};
use tiebreak_trace::{Digest, Header, Projection, Trace, Tracer, snapshot, write_text};

use crate::office::setup;

fn text(trace: &Trace, projection: &Projection) -> String {
    let mut out = String::new();
    write_text(trace, projection, &mut out).expect("a String takes everything");
    out
}

fn actor(name: &str) -> Projection {
    Projection::Actor(name.to_owned())
}

#[test]
fn the_text_of_a_run_is_pinned() {
    assert_eq!(text(&setup(2, 1, 1, 1).trace(), &Projection::Whole), include_str!("run.txt"));
}

#[test]
fn the_snapshot_of_a_run_is_pinned() {
    assert_eq!(snapshot(&setup(2, 1, 1, 1).trace(), &Projection::Whole), include_str!("whole.snap"));
}

#[test]
fn the_snapshot_of_an_actor_is_pinned() {
    assert_eq!(snapshot(&setup(2, 1, 1, 1).trace(), &actor("clerk1")), include_str!("clerk1.snap"));
}

#[test]
fn a_long_snapshot_keeps_windows_and_shows_both_ends() {
    let trace = setup(2, 100, 1, 1).trace();
    assert!(trace.len() > 400);
    assert_eq!(snapshot(&trace, &Projection::Whole), include_str!("long.snap"));
}

#[test]
fn unrelated_events_change_no_projected_snapshot() {
    for seed in 0..10 {
        let [alone, crowded] = [0, 5].map(|clocks| setup(3, 9, clocks, seed).trace());
        for projection in [
            actor("clerk2"),
            Projection::Kind("deliver".to_owned()),
            Projection::Kind("Posted".to_owned()),
            Projection::Subject("parcel 3".to_owned()),
            Projection::All(vec![actor("clerk2"), window(2, 5)]),
        ] {
            let kept = snapshot(&alone, &projection);
            assert!(kept.lines().count() > 6, "{kept}");
            assert_eq!(kept, snapshot(&crowded, &projection), "seed {seed}");
        }
        let (before, after) = (snapshot(&alone, &Projection::Whole), snapshot(&crowded, &Projection::Whole));
        let untied = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| !line.starts_with('#') && !line.contains("clock"));
            lines.map(|line| line.replace("[tie]", "     ")).collect()
        };
        assert_eq!(untied(&before), untied(&after), "clocks add lines and ties, and change nothing else");
    }
}

#[test]
fn a_projection_keeps_the_records_of_its_subject_in_order() {
    let trace = setup(3, 9, 1, 1).trace();
    let whole = text(&trace, &Projection::Whole);
    for (projection, mark) in [
        (actor("clerk1"), " clerk1 "),
        (Projection::Kind("tick".to_owned()), "tick"),
        (Projection::Subject("parcel 7".to_owned()), "(parcel 7)"),
    ] {
        let kept = text(&trace, &projection);
        let records = |text: &str| -> Vec<u64> {
            let lines = text.lines().filter(|line| !line.starts_with('#'));
            let concerned =
                lines.filter(|line| line.split(" < ").next().is_some_and(|own| own.contains(mark)));
            concerned.map(|line| line.trim_start().split(' ').next().unwrap().parse().unwrap()).collect()
        };
        assert_eq!(records(&kept).len(), kept.lines().count() - 3, "{kept}");
        assert!(!records(&kept).is_empty());
        assert_eq!(records(&kept), records(&whole), "{projection}");
    }
}

/// The records from one second to another.
fn window(from: u64, to: u64) -> Projection {
    Projection::Window { from: Instant::from_secs(from), to: Instant::from_secs(to) }
}

/// The numbers of the records that a projection keeps.
fn numbers(trace: &Trace, projection: &Projection) -> Vec<u64> {
    let text = text(trace, projection);
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let number = |line: &str| line.trim_start().split(' ').next()?.parse().ok();
    lines.map(|line| number(line).expect("a record's line begins with its number")).collect()
}

#[test]
fn a_window_keeps_what_happens_from_its_first_to_its_last_instant() {
    let trace = setup(3, 9, 1, 1).trace();
    let instants: Vec<u64> = trace.records().map(|(_, parts)| parts.instant.as_nanos()).collect();
    let within = |from: u64, to: u64| -> Vec<u64> {
        let seconds = from * 1_000_000_000..=to * 1_000_000_000;
        (1..).zip(&instants).filter(|(_, at)| seconds.contains(at)).map(|(number, _)| number).collect()
    };
    for (from, to) in [(0, 1_000), (2, 3), (3, 3)] {
        assert!(!within(from, to).is_empty(), "{from} to {to}");
        assert_eq!(numbers(&trace, &window(from, to)), within(from, to), "{from} to {to}");
    }
    assert!(numbers(&trace, &window(3, 2)).is_empty());
    assert!(within(3, 3).len() < within(2, 3).len());
}

#[test]
fn several_projections_keep_what_each_of_them_keeps() {
    let trace = setup(3, 9, 1, 1).trace();
    let both = Projection::All(vec![actor("clerk1"), window(2, 3)]);
    let kept = numbers(&trace, &both);
    let [one, other] = [actor("clerk1"), window(2, 3)].map(|part| numbers(&trace, &part));
    let in_each: Vec<u64> = one.iter().copied().filter(|number| other.contains(number)).collect();
    assert_eq!(kept, in_each);
    assert!(!kept.is_empty() && kept.len() < one.len() && kept.len() < other.len());
    assert_eq!(numbers(&trace, &Projection::All(vec![both.clone(), window(2, 3)])), kept);
    assert_eq!(numbers(&trace, &Projection::All(vec![])), numbers(&trace, &Projection::Whole));
    assert!(
        snapshot(&trace, &both)
            .starts_with("# tiebreak snapshot · actor clerk1 and window 2s to 3s · format ")
    );
}

#[test]
fn what_happens_outside_a_window_changes_nothing_in_its_snapshot() {
    for seed in 0..10 {
        // One run ends after the other's window.
        let office = setup(3, 9, 1, seed);
        let [short, long] = [5, 9].map(|end| office.trace_until(Instant::from_secs(end)));
        let projections =
            [window(2, 5), Projection::All(vec![actor("clerk1"), window(2, 5)]), Projection::Whole];
        let [window, part, whole] = projections.map(|kept| snapshot(&short, &kept) == snapshot(&long, &kept));
        assert!(window && part && !whole, "seed {seed}");
    }
}

#[test]
fn a_projection_on_nothing_is_empty() {
    let kept = snapshot(&setup(2, 1, 0, 1).trace(), &actor("nobody"));
    assert_eq!(kept.lines().count(), 3);
    assert!(kept.contains("# 0 records · 0 events · 0 kinds · digest "));
}

#[test]
fn the_digest_of_an_actor_snapshot_is_that_of_its_layer() {
    let trace = setup(3, 30, 2, 1).trace();
    let fingerprint = trace.fingerprint();
    for layer in &fingerprint.actors {
        assert!(snapshot(&trace, &actor(&layer.name)).ends_with(&format!("digest {}\n", layer.digest)));
    }
    for layer in &fingerprint.kinds {
        let kind = Projection::Kind(layer.name.clone());
        assert!(snapshot(&trace, &kind).ends_with(&format!("digest {}\n", layer.digest)));
    }
}

/// A world whose one event notes what it is told to.
struct Notary {
    about: &'static str,
}

terms! { CLERK = "clerk", SIGN = "sign", NOTED = "Noted", KEY = "key" }

impl World for Notary {
    type Event = ();
    type Subject = &'static str;

    fn name(&self, (): &()) -> Name<&'static str> {
        Name::of(CLERK, SIGN, self.about)
    }

    fn handle(&mut self, (): (), context: &mut Context<'_, (), &'static str>) {
        note(self, context);
    }
}

fn note(world: &mut Notary, context: &mut Context<'_, (), &'static str>) {
    let facts = ["", "two words", "quo\"te", "back\\slash", "ünï", "a=b"].map(|text| Fact::text(KEY, text));
    context.record(Name::of(CLERK, NOTED, world.about), &facts);
}

fn notarized(about: &'static str) -> Trace {
    let settings = Settings::default();
    let header = Header::new(1, Digest::new(0), &settings);
    let mut simulation = Simulation::new(Notary { about }, settings).with_recorder(Tracer::new(header));
    simulation.act(note);
    simulation.act(|_, context| context.schedule_after(Span::ZERO, ()));
    simulation.run();
    simulation.act(note);
    simulation.into_parts().2.into_trace()
}

#[test]
fn notes_from_outside_the_run_stand_alone_and_others_under_their_event() {
    let text = text(&notarized("clerk"), &Projection::Whole);
    let lines: Vec<&str> =
        text.lines().skip(2).map(|line| line.split("  key").next().unwrap_or(line).trim_end()).collect();
    assert_eq!(lines[0], "    1 0s        clerk             · Noted(clerk)");
    assert_eq!(lines[1], "    2 0s        clerk             sign(clerk)#1");
    assert_eq!(lines[2], "    3 0s        clerk               · Noted(clerk)");
    assert_eq!(lines[3], "    4 0s        clerk             · Noted(clerk)");
}

#[test]
fn values_are_quoted_where_they_would_run_together() {
    let text = text(&notarized("clerk"), &Projection::Whole);
    assert!(
        text.contains(r#"key="" key="two words" key="quo\"te" key=back\\slash key=ünï key=a=b"#),
        "{text}"
    );
}

#[test]
fn no_subject_can_break_a_line_or_leave_spaces_behind() {
    let hostile = "a\nb\r\u{1b}[31m\u{2028}\u{202e}\u{85}\t.";
    let (trace, kept) = (notarized(hostile), Projection::Subject(hostile.to_owned()));
    for text in [text(&trace, &kept), text(&trace, &Projection::Whole), snapshot(&trace, &kept)] {
        assert_eq!(text.lines().count(), 7, "{text}");
        for line in text.lines() {
            assert!(!line.chars().any(|c| c.is_control() || c == '\u{2028}' || c == '\u{202e}'), "{line:?}");
            assert_eq!(line.trim_end_matches(' '), line, "{line:?}");
        }
    }
}

#[test]
fn subjects_that_differ_in_what_cannot_be_seen_do_not_look_alike() {
    for (subject, shown) in [("a\u{200b}b", r"a\u{200b}b"), ("\u{200f}ab", r"\u{200f}ab"), ("a\\b", r"a\\b")]
    {
        let trace = notarized(subject);
        assert!(text(&trace, &Projection::Whole).contains(&format!("({shown})")), "{subject:?}");
    }
}

#[test]
fn a_note_whose_event_is_not_shown_names_its_cause() {
    let trace = setup(2, 1, 0, 1).trace();
    let kept = text(&trace, &Projection::Kind("Received".to_owned()));
    assert!(kept.lines().nth(2).unwrap().contains("· Received(parcel 1)"), "{kept}");
    assert!(kept.lines().nth(2).unwrap().contains(" < clerk"), "{kept}");
}

#[test]
fn records_can_be_read_one_by_one() {
    let trace = setup(2, 1, 0, 1).trace();
    assert_eq!(trace.record(0), None);
    assert_eq!(trace.record(trace.len() + 1), None);
    let first = trace.record(1).unwrap();
    assert_eq!(trace.records().next(), Some((1, first)));
    assert!(matches!(first.origin, Origin::Dispatch { repeat: 1, .. }));
    assert_eq!(first.subject, 2u64.code(&Names::default()) - 1);
    assert_eq!(trace.records().count() as u64, trace.len());
    assert!(!trace.is_empty());
}

/// Projections one within another: parts, and lists of parts.
fn projections() -> impl Strategy<Value = Projection> {
    let part = (0..5_u8, 0..9_u64, 0..9_u64).prop_map(|(what, one, other)| match what {
        0 => Projection::Whole,
        1 => actor(&format!("clerk{}", one % 4)),
        2 => Projection::Kind(if one < 5 { "deliver" } else { "Posted" }.to_owned()),
        3 => Projection::Subject(format!("parcel {one}")),
        _ => window(one, other),
    });
    part.prop_recursive(3, 12, 3, |part| collection::vec(part, 0..4).prop_map(Projection::All))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What a projection keeps of what another keeps is what both keep, whichever comes first, and the lines are the same.
    #[test]
    fn a_projection_of_a_projection_keeps_what_both_keep(one in projections(), other in projections()) {
        let trace = setup(3, 9, 1, 1).trace();
        let kept = |parts: Vec<&Projection>| numbers(&trace, &Projection::All(parts.into_iter().cloned().collect()));
        let [left, right] = [&one, &other].map(|part| numbers(&trace, part));
        let both: Vec<u64> = left.iter().copied().filter(|number| right.contains(number)).collect();
        prop_assert_eq!(kept(vec![&one, &other]), both.clone());
        prop_assert_eq!(kept(vec![&other, &one]), both.clone());
        prop_assert_eq!(kept(vec![&one, &other, &one]), both);
        prop_assert_eq!(kept(vec![&one]), left);
    }

    /// Events and their notes share an instant: so a window of an actor shows lines that the actor alone shows too.
    #[test]
    fn a_window_of_an_actor_shows_the_lines_of_the_actor(from in 0..9_u64, to in 0..9_u64) {
        let trace = setup(3, 9, 1, 1).trace();
        let lines = |projection: &Projection| -> Vec<String> {
            text(&trace, projection).lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
        };
        let whole = lines(&actor("clerk1"));
        let own = numbers(&trace, &actor("clerk1"));
        let within = numbers(&trace, &window(from, to));
        let expected = own.iter().zip(whole).filter(|(number, _)| within.contains(number)).map(|(_, line)| line);
        let both = Projection::All(vec![actor("clerk1"), window(from, to)]);
        prop_assert_eq!(lines(&both), expected.collect::<Vec<_>>());
    }
}
