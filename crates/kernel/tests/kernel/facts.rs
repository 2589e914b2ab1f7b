//! Facts of all kinds, and recorders as tuples.

use tiebreak_kernel::{
    Fact, Instant, Name, Names, Record, Recorder, Settings, Silent, Simulation, Span, Symbol, Term, Text,
    Value, World,
};

use crate::board::{Board, CLIENT, Step, at, idle};

const KEY: Term = Term::new("key");

/// Keeps what it is told.
#[derive(Debug, Default, Clone, PartialEq)]
struct Kept {
    facts: Vec<Value<u64>>,
    bytes: u64,
}

impl Recorder<u64> for Kept {
    fn record(&mut self, _names: &Names, record: &Record<'_, u64>) {
        assert_eq!(record.fact(Term::new("other")), None);
        self.facts.extend(record.facts.iter().map(|fact| fact.value));
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }
}

fn note(simulation: &mut Simulation<Board, impl Recorder<u64>>, facts: &[Fact<u64>]) {
    simulation.act(|board, context| {
        let name: Name<u64> = board.name(&Step { actor: CLIENT, ..idle(1) });
        context.record(name, facts);
    });
}

#[test]
fn facts_of_every_kind_reach_the_recorder_as_they_are() {
    let mut simulation =
        Simulation::new(Board::default(), Settings::default()).with_recorder(Kept::default());
    let symbol: Symbol = simulation.act(|_, context| context.intern("symbol"));
    let facts = [
        Fact::word(KEY, Term::new("word")),
        Fact::number(KEY, u64::MAX),
        Fact::signed(KEY, i64::MIN),
        Fact::truth(KEY, true),
        Fact::span(KEY, Span::MAX),
        Fact::instant(KEY, at(7)),
        Fact::instant(KEY, Instant::NEVER),
        Fact::text(KEY, "a short text"),
        Fact::name(KEY, symbol),
        Fact::name(KEY, CLIENT),
        Fact::subject(KEY, 9),
        Fact::absent(KEY),
    ];
    note(&mut simulation, &facts);
    let expected = [
        Value::Word(Term::new("word")),
        Value::Number(u64::MAX),
        Value::Signed(i64::MIN),
        Value::Truth(true),
        Value::Span(Span::MAX),
        Value::Instant(at(7)),
        Value::Instant(Instant::NEVER),
        Value::Text(Text::new("a short text")),
        Value::Name(symbol.into()),
        Value::Name(CLIENT.into()),
        Value::Subject(9),
        Value::Absent,
    ];
    assert_eq!(simulation.recorder().facts, expected);
    for (at, one) in expected.iter().enumerate() {
        assert!(expected[at + 1..].iter().all(|other| other != one), "{one:?}");
    }
}

#[test]
fn a_text_that_is_too_long_ends_in_an_ellipsis() {
    let Value::Text(text) = Fact::<u64>::text(KEY, "twenty-three bytes long").value else { unreachable!() };
    assert_eq!((text.as_str(), text.as_str().len()), ("twenty-three bytes …", Text::LENGTH_MAX));
    assert_eq!(format!("{text:?}"), "\"twenty-three bytes …\"");
    assert_ne!(Text::new("a"), Text::new("ab"));
}

#[test]
fn recorders_of_one_to_six_are_all_told() {
    let kept = |bytes| Kept { bytes, ..Kept::default() };
    macro_rules! check {
        ($recorder:expr, $bytes:expr, $($place:tt),+) => {
            let mut simulation = Simulation::new(Board::default(), Settings::default()).with_recorder($recorder);
            note(&mut simulation, &[Fact::number(KEY, 7)]);
            let recorder = simulation.recorder();
            assert!(Recorder::<u64>::is_enabled(recorder));
            assert_eq!(Recorder::<u64>::bytes(recorder), $bytes);
            $(assert_eq!(recorder.$place.facts, [Value::Number(7)], "member {}", $place);)+
        };
    }
    check!((kept(1),), 1, 0);
    check!((kept(1), kept(2)), 3, 0, 1);
    check!((kept(1), kept(2), kept(4)), 7, 0, 1, 2);
    check!((kept(1), kept(2), kept(4), kept(8)), 15, 0, 1, 2, 3);
    check!((kept(1), kept(2), kept(4), kept(8), kept(16)), 31, 0, 1, 2, 3, 4);
    check!((kept(1), kept(2), kept(4), kept(8), kept(16), kept(32)), 63, 0, 1, 2, 3, 4, 5);
    check!((Silent, kept(u64::MAX), (kept(7), Silent)), u64::MAX, 1);
}

#[test]
fn a_silent_recorder_is_told_nothing_and_the_world_knows() {
    let mut simulation = Simulation::new(Board::default(), Settings::default());
    assert!(!simulation.act(|_, context| context.is_recording()));
    let mut loud =
        Simulation::new(Board::default(), Settings::default()).with_recorder((Silent, Kept::default()));
    assert!(loud.act(|_, context| context.is_recording()));
}
