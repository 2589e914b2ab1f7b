//! Every value and origin in every form, and ties of equal names.

use serde_json::{Value, json};
use tiebreak_kernel::{
    Context, Fact, Handle, Instant, Name, Recorder, Settings, Simulation, Span, Verbosity, World, terms,
};
use tiebreak_trace::{Digest, Fingerprinter, Header, Projection, Trace, Tracer, Twin};
use tiebreak_trace::{snapshot, write_ndjson, write_text};

terms! {
    DESK = "desk",
    GUEST = "guest",
    BEGIN = "begin",
    KNOCK = "knock",
    ALARM = "alarm",
    FILED = "Filed",
    KEY = "key",
    WORD = "word",
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    Begin,
    Knock(&'static str),
    Alarm(u64),
}

/// A desk that files every kind of value, moves one alarm and cancels another, while guests knock.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    alarms: Vec<Handle>,
}

impl World for Desk {
    type Event = Event;
    type Subject = (&'static str, u64);

    fn name(&self, event: &Event) -> Name<(&'static str, u64)> {
        match *event {
            Event::Begin => Name::of(DESK, BEGIN, ("all", 0)),
            Event::Knock(door) => Name::of(GUEST, KNOCK, (door, 1)),
            Event::Alarm(number) => Name::of(DESK, ALARM, ("bell", number)),
        }
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, (&'static str, u64)>) {
        let Event::Begin = event else { return };
        let facts = [
            Fact::word(KEY, WORD),
            Fact::number(KEY, 7),
            Fact::span(KEY, Span::from_secs(2)),
            Fact::signed(KEY, -3),
            Fact::truth(KEY, true),
            Fact::truth(KEY, false),
            Fact::instant(KEY, Instant::from_secs(9)),
            Fact::text(KEY, "two words"),
            Fact::name(KEY, GUEST),
            Fact::subject(KEY, ("bell", 4)),
            Fact::absent(KEY),
        ];
        context.record(Name::of(DESK, FILED, ("all", 0)), &facts);
        let _ = context.reschedule_at(self.alarms[0], Instant::from_secs(35));
        context.cancel(self.alarms[1]);
    }
}

pub(crate) fn run<R: Recorder<(&'static str, u64)>>(
    settings: Settings,
    doors: &[&'static str],
    recorder: R,
) -> Simulation<Desk, R> {
    let mut simulation = Simulation::new(Desk::default(), settings).with_recorder(recorder);
    simulation.act(|desk, context| {
        context.schedule_after(Span::from_secs(1), Event::Begin);
        desk.alarms = [0, 1].map(|n| context.schedule_after(Span::from_secs(20), Event::Alarm(n))).into();
        for door in doors {
            context.schedule_after(Span::from_secs(2), Event::Knock(door));
        }
    });
    simulation.run();
    simulation
}

fn trace(settings: Settings, doors: &[&'static str]) -> Trace {
    let tracer = Tracer::new(Header::new(1, Digest::of(b"desk"), &settings));
    run(settings, doors, tracer).into_parts().2.into_trace()
}

fn verbose() -> Settings {
    Settings::new(1).with_draws(2).with_verbosity(Verbosity::Changes)
}

fn text(trace: &Trace) -> String {
    let mut out = String::new();
    write_text(trace, &Projection::Whole, &mut out).expect("a String takes everything");
    out
}

fn objects(trace: &Trace) -> Vec<Value> {
    let mut out = String::new();
    write_ndjson(trace, &Projection::Whole, &mut out).expect("a String takes everything");
    out.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

#[test]
fn the_text_of_all_values_and_changes_is_pinned() {
    assert_eq!(text(&trace(verbose(), &["east", "west", "west"])), include_str!("values.txt"));
}

#[test]
fn values_are_native_in_json() {
    let objects = objects(&trace(verbose(), &[]));
    let filed = objects.iter().find(|object| object["kind"] == "Filed").unwrap();
    let values: Vec<&Value> = filed["facts"].as_array().unwrap().iter().map(|fact| &fact[1]).collect();
    let expected = json!([
        "word",
        7,
        2_000_000_000u64,
        -3,
        true,
        false,
        9_000_000_000u64,
        "two words",
        "guest",
        "bell,4",
        null
    ]);
    assert_eq!(json!(values), expected);
    assert_eq!((&objects[0]["seed"], &objects[0]["draws"]), (&json!(1), &json!(2)));
}

#[test]
fn changes_are_in_json_with_their_origin_and_target() {
    let objects = objects(&trace(verbose(), &[]));
    let change = |origin: &str| objects.iter().find(|object| object["origin"] == origin).unwrap().clone();
    let [moved, cancelled] = ["moved", "cancelled"].map(change);
    assert_eq!((&moved["subject"], &moved["to"]), (&json!("bell,0"), &json!(35_000_000_000u64)));
    assert_eq!((&cancelled["subject"], &cancelled["to"]), (&json!("bell,1"), &Value::Null));
    for change in [moved, cancelled] {
        assert_eq!((&change["cause"], &change["repeat"]), (&json!("desk/begin(all,0)#1"), &Value::Null));
    }
}

#[test]
fn changes_are_recorded_only_if_asked_for() {
    let usual = trace(Settings::new(1), &[]);
    assert_eq!(usual.len() + 2, trace(verbose(), &[]).len());
    assert!(!text(&usual).contains("moved") && !text(&usual).contains("cancelled"));
}

#[test]
fn a_header_names_the_seed_of_draws_only_where_it_is_another() {
    let header = |settings: Settings| Header::new(1, Digest::new(0), &settings).to_string();
    let settings = Settings::new(1);
    assert!(header(settings).ends_with(" · seed 1 · order seeded"));
    assert!(header(settings.with_draws(2)).ends_with(" · seed 1 · draws 2 · order seeded"));
}

#[test]
fn names_that_tie_with_themselves_are_counted_by_both_recorders_and_in_footers() {
    let doors = ["d", "c", "c", "b", "b", "a", "a", "a", "e", "e"];
    let settings = Settings::new(1);
    let recorder = (Tracer::new(Header::new(1, Digest::of(b"desk"), &settings)), Fingerprinter::default());
    let (_, _, (tracer, fingerprinter)) = run(settings, &doors, recorder).into_parts();
    let trace = tracer.into_trace();
    let twin = |door: &str, count| Twin { name: format!("guest/knock({door},1)"), count };
    assert_eq!(trace.twins(), [twin("a", 2), twin("b", 1), twin("c", 1), twin("e", 1)]);
    assert_eq!(fingerprinter.twins(), trace.twins());
    let footer = " · 5 ties of equal names (guest/knock(a,1), guest/knock(b,1), guest/knock(c,1), …) · ";
    assert!(text(&trace).contains(footer), "{}", text(&trace));
    for projection in [Projection::Whole, Projection::Actor("guest".to_owned())] {
        assert!(snapshot(&trace, &projection).contains(footer));
    }
    assert_eq!(objects(&trace).last().unwrap()["twins"][0], json!({"name": "guest/knock(a,1)", "count": 2}));
}

#[test]
fn a_footer_says_nothing_of_equal_names_where_none_tied() {
    let trace = trace(Settings::new(1), &["a", "b", "c"]);
    assert_eq!(trace.twins(), []);
    assert!(!text(&trace).contains("equal names") && trace.fingerprint().ties > 0);
}
