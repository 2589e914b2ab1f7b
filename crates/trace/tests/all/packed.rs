//! Packed traces come back bit by bit, however they were made; damaged ones are refused or read up to the damage.

use proptest::collection::vec as many;
use proptest::prelude::*;
use tiebreak_kernel::{
    Choice, Instant, Origin, PartCodes, Settings, Span, Text, Verbosity, event_code, hash_text,
};
use tiebreak_trace::{
    Code, Coded, Digest, Fingerprinter, Header, Malformed, PackedTracer, Pending, RunFingerprinter, Space,
    Trace, TraceBuilder, Tracer, UNPACKED_BYTES_MAX, Unpacked, UnpackedEnd,
};

use crate::office::setup;
use crate::values::run as run_desk;

/// Checks that a whole packed trace is this one.
fn check_whole(packed: &[u8], trace: &Trace) -> Unpacked {
    let unpacked = Trace::unpack(packed).expect("what was packed is well-formed");
    assert_eq!(unpacked.end, UnpackedEnd::Whole);
    check_same(&unpacked.trace, trace);
    let digests: Vec<Digest> = unpacked.checkpoints.iter().map(|checkpoint| checkpoint.digest).collect();
    assert_eq!(digests, trace.checkpoints());
    unpacked
}

fn check_same(read: &Trace, trace: &Trace) {
    assert_eq!(read.header(), trace.header());
    assert!(read.bytes() == trace.bytes(), "canonical bytes differ");
    assert_eq!(read.len(), trace.len());
    let entries = |trace: &Trace| -> Vec<(Space, u64, String)> {
        let entries = trace.dictionary().entries();
        entries.map(|(space, code, text)| (space, code, text.to_owned())).collect()
    };
    assert_eq!(entries(read), entries(trace), "in the order of first sight");
    assert_eq!(read.pending(), trace.pending());
    assert_eq!(read.fingerprint(), trace.fingerprint());
}

#[test]
fn a_run_that_is_packed_as_it_goes_is_the_trace_that_a_tracer_keeps() {
    for (clerks, parcels, clocks, seed) in [(1, 0, 0, 1), (2, 3, 1, 2), (5, 40, 3, 3), (30, 120, 9, 4)] {
        let setup = setup(clerks, parcels, clocks, seed);
        let header = setup.header();
        let recorder =
            (Tracer::new(header), PackedTracer::new(&header, Vec::new()), RunFingerprinter::default());
        let (_, (tracer, packed, run)) = setup.run(recorder);
        let trace = tracer.into_trace();
        assert_eq!(packed.run(), run.run());
        let bytes = packed.finish(&[]);
        check_whole(&bytes, &trace);
        assert!(bytes == trace.pack(), "there is one way to pack");
    }
}

#[test]
fn every_kind_of_fact_changes_and_twins_come_back() {
    for verbosity in [Verbosity::Usual, Verbosity::Changes] {
        let settings = Settings::new(5).with_verbosity(verbosity);
        let header = Header::new(1, Digest::of(b"desk"), &settings);
        let recorder =
            (Tracer::new(header), PackedTracer::new(&header, Vec::new()), Fingerprinter::default());
        let doors = ["west", "west", "east", "west"];
        let (_, names, (tracer, packed, prints)) = run_desk(settings, &doors, recorder).into_parts();
        let trace = tracer.into_trace();
        let unpacked = check_whole(&packed.finish(&[]), &trace);
        assert_eq!(unpacked.trace.fingerprint(), prints.fingerprint(&names));
        assert_eq!(unpacked.trace.twins(), prints.twins());
        assert!(!unpacked.trace.twins().is_empty());
    }
}

#[test]
fn pending_events_come_back_and_are_in_no_digest() {
    let trace = setup(2, 3, 1, 2).trace();
    let pending = |count: u64| -> Vec<Pending> {
        let event = |number: u64| Pending {
            codes: PartCodes { actor: hash_text("clerk"), kind: hash_text("post"), subject: number },
            actor: "clerk".to_owned(),
            kind: "post".to_owned(),
            subject: if number == 0 { String::new() } else { format!("parcel {number}") },
            due: Instant::from_nanos(u64::MAX - number % 2),
            cause: Some(number).filter(|number| number % 3 > 0),
        };
        (0..count).map(event).collect()
    };
    for count in [0, 1, 5_000] {
        let with = trace.clone().with_pending(pending(count));
        let unpacked = check_whole(&with.pack(), &with);
        assert_eq!(unpacked.trace.pending().len() as u64, count);
        assert_eq!(unpacked.trace.fingerprint(), trace.fingerprint());
    }
}

#[test]
fn long_texts_are_split_between_blocks() {
    let mut builder = TraceBuilder::new(setup(1, 0, 0, 1).header());
    let texts: Vec<String> = (1..40).map(|number| "é€".repeat(number * 500)).collect();
    builder.enter(Space::Term, hash_text("kind"), "kind").expect("new");
    for (number, text) in (0u64..).zip(&texts) {
        builder.enter(Space::Name, number, text).expect("new");
        let name = PartCodes { actor: number, kind: hash_text("kind"), subject: 0 };
        let (instant, origin) = (Instant::from_nanos(number), Origin::Note);
        builder.push(&Coded { instant, name, origin, cause: None, facts: &[] }).expect("well-formed");
    }
    // The kind was entered first here, and is met second.
    let trace = Trace::unpack(&builder.into_trace(Vec::new()).pack()).expect("packed").trace;
    assert_eq!(trace.dictionary().text(Space::Name, 38), Some(texts[38].as_str()));
    check_whole(&trace.pack(), &trace);
}

#[test]
fn records_of_one_form_fill_blocks() {
    for has_cause in [None, Some(())] {
        let mut builder = TraceBuilder::new(setup(1, 0, 0, 1).header());
        builder.enter(Space::Name, 1, "clerk").expect("new");
        builder.enter(Space::Term, 2, "post").expect("new");
        let name = PartCodes { actor: 1, kind: 2, subject: 0 };
        for repeat in 1..=40_000 {
            let cause = has_cause.map(|()| event_code(name.name(), repeat - 1)).filter(|_| repeat > 1);
            let (instant, origin) =
                (Instant::from_nanos(repeat.into()), Origin::Dispatch { repeat, choice: None });
            builder.push(&Coded { instant, name, origin, cause, facts: &[] }).expect("well-formed");
        }
        let trace = builder.into_trace(Vec::new());
        let unpacked = check_whole(&trace.pack(), &trace);
        let mut offsets: Vec<u64> = unpacked.checkpoints.iter().map(|checkpoint| checkpoint.offset).collect();
        offsets.dedup();
        assert_eq!(offsets.len(), has_cause.map_or(3, |()| 2), "blocks of 48 KiB");
    }
}

/// A trace of several blocks.
fn long() -> Trace {
    setup(30, 150, 0, 4).trace()
}

#[test]
fn a_trace_that_is_cut_is_read_up_to_the_last_whole_block() {
    let trace = long();
    let packed = trace.pack();
    let mut seen = Vec::new();
    let mut check = |length: usize| {
        let unpacked = Trace::unpack(&packed[..length]).expect("a cut trace is well-formed");
        let UnpackedEnd::Cut { record, offset } = unpacked.end else { panic!("{length} bytes are not all") };
        assert!(offset <= length as u64 && seen.last().is_none_or(|last| *last <= record), "{length}");
        assert_eq!(unpacked.trace.len(), record);
        assert!(trace.bytes().starts_with(unpacked.trace.bytes()));
        assert!(unpacked.trace.pending().is_empty());
        seen.push(record);
    };
    let last = packed.len() - 200;
    (59..last).step_by(5_001).chain(last..packed.len()).for_each(&mut check);
    seen.dedup();
    assert!(seen.len() > 2 && seen.last() == Some(&trace.len()), "{seen:?}");
    for length in 0..59 {
        assert!(Trace::unpack(&packed[..length]).is_err(), "{length} bytes have no header");
    }
}

#[test]
fn no_changed_byte_goes_unnoticed() {
    let packed = setup(3, 4, 1, 2).trace().pack();
    for at in 0..packed.len() {
        for bit in 0..8 {
            let mut changed = packed.clone();
            changed[at] ^= 1 << bit;
            let whole = Trace::unpack(&changed).is_ok_and(|read| read.end == UnpackedEnd::Whole);
            assert!(!whole, "bit {bit} of byte {at}");
        }
    }
    let more = [&packed[..], &[0]].concat();
    let what = "the last 16 bytes are not as they are written, or bytes follow them";
    assert_eq!(Trace::unpack(&more).unwrap_err(), Malformed { offset: packed.len() as u64 - 16, what });
}

#[test]
fn a_trace_that_is_larger_than_asked_for_is_refused() {
    let trace = long();
    let packed = trace.pack();
    let size = trace.bytes().len() as u64;
    assert!(size < UNPACKED_BYTES_MAX);
    let error = Trace::unpack_within(&packed, size).unwrap_err();
    assert_eq!(
        error.to_string().split(": ").next(),
        Some(&*format!("too large a packed trace at byte {}", error.offset))
    );
    assert!(Trace::unpack_within(&packed, 3 * size).is_ok());
}

#[test]
fn the_bytes_of_a_packed_trace_are_pinned() {
    let (trace, text) = (setup(2, 1, 1, 7).trace(), include_str!("parcel.tbt.txt"));
    let hexadecimal = |byte: &u8| format!("{byte:02x}");
    let lines = trace
        .pack()
        .chunks(32)
        .map(|line| line.iter().map(hexadecimal).collect::<String>() + "\n")
        .collect::<String>();
    assert_eq!(lines, text, "any change of a byte is a new version, or another compressor");
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    let bytes: Vec<u8> =
        digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]).try_into().expect("two digits")).collect();
    check_whole(&bytes, &trace);
}

/// A record of a few names, some of whose causes and repeats are as expected.
#[derive(Debug, Clone)]
struct Drawn {
    name: u64,
    wait: u64,
    origin: u8,
    repeat: Option<u32>,
    choice: Option<(u32, u32, bool)>,
    cause: (u8, u64),
    facts: Vec<(u64, u8, u64)>,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let wait = (any::<u64>(), prop::sample::select(vec![64u32, 56, 20]))
        .prop_map(|(nanos, by)| nanos.checked_shr(by).unwrap_or(0));
    let repeat = prop::option::weighted(0.2, any::<u32>());
    let fact =
        (0..3u64, 1..=10u8, any::<u64>(), 0..64u32).prop_map(|(key, tag, bits, by)| (key, tag, bits >> by));
    let facts = prop::option::weighted(0.25, many(fact, 0..6)).prop_map(Option::unwrap_or_default);
    let choice = prop::option::of((any::<u32>(), any::<u32>(), any::<bool>()));
    (0..6u64, wait, 0..4u8, repeat, choice, (0..5u8, any::<u64>()), facts).prop_map(
        |(name, wait, origin, repeat, choice, cause, facts)| Drawn {
            name,
            wait,
            origin,
            repeat,
            choice,
            cause,
            facts,
        },
    )
}

fn value_of(tag: u8, bits: u64) -> Code {
    match tag {
        1 => Code::Word(bits % 4),
        2 => Code::Number(bits),
        3 => Code::Span(Span::from_nanos(bits)),
        4 => Code::Name(bits % 4),
        5 => Code::Subject(bits % 4),
        6 => Code::Signed(i64::from_le_bytes(bits.to_le_bytes())),
        7 => Code::Truth(bits % 2 == 1),
        8 => Code::Instant(Instant::from_nanos(bits)),
        9 => Code::Text(Text::new(&format!("{bits:x}"))),
        _ => Code::Absent,
    }
}

/// The trace of such records.
fn trace_of(records: &[Drawn]) -> Trace {
    let mut builder = TraceBuilder::new(setup(1, 0, 0, 1).header());
    for code in 0..4 {
        for space in [Space::Name, Space::Term, Space::Subject] {
            if (space, code) != (Space::Subject, 0) {
                builder.enter(space, code, &format!("text {code}")).expect("new");
            }
        }
    }
    let (mut nanos, mut repeats, mut events) = (0u64, [0u32; 6], Vec::new());
    for drawn in records {
        nanos = nanos.saturating_add(drawn.wait);
        let name = PartCodes { actor: drawn.name % 3, kind: 1, subject: drawn.name / 3 };
        let back = |by: usize| events.len().checked_sub(1 + by % 40).and_then(|at| events.get(at)).copied();
        let cause = match drawn.cause {
            (0, _) => None,
            (1, code) => Some(code),
            (2, _) => back(0),
            (_, by) => back(usize::try_from(by % 40).expect("small")),
        };
        let choice = drawn.choice.map(|(index, of, is_twin)| Choice { index, of, is_twin });
        let repeat = &mut repeats[usize::try_from(drawn.name).expect("small")];
        let origin = match drawn.origin {
            0 => Origin::Note,
            1 if drawn.cause.0 < 3 => Origin::Cancelled,
            2 if drawn.cause.0 < 3 => Origin::Moved { to: Instant::from_nanos(drawn.cause.1) },
            _ => {
                *repeat = drawn.repeat.unwrap_or(repeat.wrapping_add(1));
                events.push(event_code(name.name(), *repeat));
                Origin::Dispatch { repeat: *repeat, choice }
            }
        };
        let facts: Vec<(u64, Code)> =
            drawn.facts.iter().map(|(key, tag, bits)| (*key, value_of(*tag, *bits))).collect();
        let instant = Instant::from_nanos(nanos);
        builder.push(&Coded { instant, name, origin, cause, facts: &facts }).expect("well-formed");
    }
    builder.into_trace(Vec::new())
}

proptest! {
    #[test]
    fn whatever_is_recorded_comes_back(records in many(drawn(), 0..120)) {
        let trace = trace_of(&records);
        let unpacked = Trace::unpack(&trace.pack()).expect("what was packed is well-formed");
        prop_assert_eq!(unpacked.end, UnpackedEnd::Whole);
        prop_assert_eq!(unpacked.trace.bytes(), trace.bytes());
        prop_assert_eq!(unpacked.trace.len(), trace.len());
        prop_assert_eq!(unpacked.trace.pack(), trace.pack());
    }

    #[test]
    fn hostile_bytes_never_panic(
        records in many(drawn(), 1..60),
        changes in many((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = trace_of(&records).pack();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = Trace::unpack_within(&bytes, 1 << 20);
    }
}
