//! Traces whose codes somebody chose so that they fall into one place of a table.

use tiebreak_kernel::{Instant, Origin, PartCodes, Settings, event_code, fold, hash_text, mix};
use tiebreak_trace::{Causes, Code, Coded, Digest, Header, Space, Trace, TraceBuilder};

/// Takes back what [`mix`] does.
fn unmix(value: u64) -> u64 {
    let unshift = |value: u64, by: u32| {
        let mut whole = value;
        for _ in 0..64 / by {
            whole = value ^ whole >> by;
        }
        whole
    };
    let value = unshift(value, 31).wrapping_mul(inverse(0x94D0_49BB_1331_11EB));
    let value = unshift(value, 27).wrapping_mul(inverse(0xBF58_476D_1CE4_E5B9));
    unshift(value, 30).wrapping_sub(0x9E37_79B9_7F4A_7C15)
}

/// What the factor is multiplied with to make 1, by Newton's iteration.
fn inverse(factor: u64) -> u64 {
    (0..6).fold(factor, |inverse, _| inverse.wrapping_mul(2u64.wrapping_sub(factor.wrapping_mul(inverse))))
}

/// A trace whose actors, events and subjects have codes with the same low 40 bits, each where its table looks for it.
fn hostile(count: u64) -> Trace {
    let mut builder = TraceBuilder::new(Header::new(1, Digest::of(b"hostile"), &Settings::new(1)));
    let kind = hash_text("kind");
    builder.enter(Space::Term, kind, "kind").expect("it is new");
    let mut cause = None;
    for number in 1..=count {
        let (actor, event) = (unmix(number << 40), unmix(number << 40));
        // Whoever chooses the code of the subject chooses that of the event.
        let name = (unmix(event) ^ mix(1)).rotate_right(25);
        let subject = unmix(unmix(name) ^ fold(actor, kind).rotate_left(25));
        let marked = unmix(number << 40);
        builder.enter(Space::Name, actor, &format!("a{number}")).expect("it is new");
        for (code, text) in [(subject, format!("s{number}")), (marked, format!("m{number}"))] {
            builder.enter(Space::Subject, code, &text).expect("it is new");
        }
        let name = PartCodes { actor, kind, subject };
        assert_eq!(event_code(name.name(), 1), event);
        let origin = Origin::Dispatch { repeat: 1, choice: None };
        let facts = [(kind, Code::Subject(marked))];
        let record = Coded { instant: Instant::START, name, origin, cause, facts: &facts };
        builder.push(&record).expect("it is well-formed");
        cause = Some(event);
    }
    builder.into_trace(Vec::new())
}

/// That a look-up of such codes takes few steps is counted where the table is. Here a quadratic one would take minutes.
#[test]
fn chosen_codes_are_read_found_and_written_as_others_are() {
    let count = 200_000;
    let trace = hostile(count);
    let causes = Causes::of(&trace);
    assert!(causes.chain(&trace, count).into_iter().eq((1..=count).rev()));
    assert_eq!(trace.fingerprint().actors.len() as u64, count);
    let unpacked = Trace::unpack(&trace.pack()).expect("it was packed").trace;
    assert_eq!(unpacked.fingerprint(), trace.fingerprint());
    assert_eq!(unpacked.text(Space::Subject, unmix(7 << 40)), "m7");
}
