//! The canonical bytes of a record, record format 1: `docs/TRACE.md` specifies every one of them.
//!
//! Little-endian, fixed width, no `usize`; codes stand for names, so that neither the order of interning nor a stranger
//! can change a byte. The layered part comes first and is what actor and kind layers digest; the tail, which strangers
//! may change, is digested by the run layer only.

use alloc::vec::Vec;

use tiebreak_kernel::{Choice, Fact, Instant, Names, Origin, Record, Span, Subject, Value, event_code, fold};

const DISPATCH: u8 = 1;
const NOTE: u8 = 2;
const ABSENT: u8 = 0;
const PRESENT: u8 = 1;
const WORD: u8 = 1;
const NUMBER: u8 = 2;
const SPAN: u8 = 3;
const NAME: u8 = 4;
const SUBJECT: u8 = 5;

/// Four codes, origin with repeat, cause, number of facts.
const HEAD_LENGTH: usize = 32 + 5 + 9 + 1;

/// Key code, value tag, value code.
const FACT_LENGTH: usize = 17;

/// Appends the layered part of a record.
///
/// # Panics
/// If the record has more than 255 facts.
pub(crate) fn encode_layered<S: Subject>(names: &Names, record: &Record<'_, S>, out: &mut Vec<u8>) {
    let name = &record.name;
    let mut head = Head::default();
    head.put(record.instant.as_nanos().to_le_bytes());
    head.put(names.code(name.actor).to_le_bytes());
    head.put(name.kind.code().to_le_bytes());
    head.put(name.subject.code(names).to_le_bytes());
    match record.origin {
        Origin::Dispatch { repeat, choice: _ } => {
            head.put([DISPATCH]);
            head.put(repeat.to_le_bytes());
        }
        Origin::Note => head.put([NOTE]),
    }
    match record.cause {
        Some(code) => {
            head.put([PRESENT]);
            head.put(code.to_le_bytes());
        }
        None => head.put([ABSENT]),
    }
    let count = u8::try_from(record.facts.len());
    assert!(count.is_ok(), "a record holds at most 255 facts");
    head.put([count.unwrap_or(u8::MAX)]);
    out.extend_from_slice(&head.bytes[..head.len]);
    for fact in record.facts {
        encode_fact(names, fact, out);
    }
}

/// What stands before the facts, put together on the stack so that it is appended in one go.
#[derive(Debug)]
struct Head {
    bytes: [u8; HEAD_LENGTH],
    len: usize,
}

impl Default for Head {
    fn default() -> Self {
        Self { bytes: [0; HEAD_LENGTH], len: 0 }
    }
}

impl Head {
    fn put<const N: usize>(&mut self, part: [u8; N]) {
        self.bytes[self.len..self.len + N].copy_from_slice(&part);
        self.len += N;
    }
}

fn encode_fact<S: Subject>(names: &Names, fact: &Fact<S>, out: &mut Vec<u8>) {
    let (tag, code) = match fact.value {
        Value::Word(word) => (WORD, word.code()),
        Value::Number(number) => (NUMBER, number),
        Value::Span(span) => (SPAN, span.as_nanos()),
        Value::Name(name) => (NAME, names.code(name)),
        Value::Subject(subject) => (SUBJECT, subject.code(names)),
    };
    out.extend_from_slice(&fact.key.code().to_le_bytes());
    out.push(tag);
    out.extend_from_slice(&code.to_le_bytes());
}

/// Appends the tail of a record.
pub(crate) fn encode_tail(origin: Origin, out: &mut Vec<u8>) {
    match choice_of(origin) {
        Some(Choice { index, of }) => {
            out.push(PRESENT);
            out.extend_from_slice(&index.to_le_bytes());
            out.extend_from_slice(&of.to_le_bytes());
        }
        None => out.push(ABSENT),
    }
}

/// The choice a record was, if it was one.
pub(crate) const fn choice_of(origin: Origin) -> Option<Choice> {
    match origin {
        Origin::Dispatch { repeat: _, choice } => choice,
        Origin::Note => None,
    }
}

/// A record as its canonical bytes tell it: codes where there were names. A [`Dictionary`](crate::Dictionary) has
/// their texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts<'a> {
    /// When it happened.
    pub instant: Instant,
    /// The code of the actor.
    pub actor: u64,
    /// The code of the kind.
    pub kind: u64,
    /// The code of the subject; 0 if there is none.
    pub subject: u64,
    /// Dispatched or noted.
    pub origin: Origin,
    /// The code of the event that led to it; `None` if it came from outside the run.
    pub cause: Option<u64>,
    facts: &'a [u8],
    layered: &'a [u8],
}

/// The value of a fact as canonical bytes tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The code of a word fixed in code.
    Word(u64),
    /// A whole number.
    Number(u64),
    /// A length of time.
    Span(Span),
    /// The code of a name.
    Name(u64),
    /// The code of a subject; 0 if there is none.
    Subject(u64),
}

impl<'a> Parts<'a> {
    /// Reads one record from the beginning of `bytes`; returns it and what follows it. `None` if that is no whole,
    /// well-formed record; never panics.
    pub(crate) fn decode(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let mut rest = bytes;
        let instant = Instant::from_nanos(take_u64(&mut rest)?);
        let [actor, kind, subject] = [take_u64(&mut rest)?, take_u64(&mut rest)?, take_u64(&mut rest)?];
        let repeat = match take_u8(&mut rest)? {
            DISPATCH => Some(take_u32(&mut rest)?),
            NOTE => None,
            _ => return None,
        };
        let cause = if take_flag(&mut rest)? { Some(take_u64(&mut rest)?) } else { None };
        let length = usize::from(take_u8(&mut rest)?) * FACT_LENGTH;
        let (facts, tail) = rest.split_at_checked(length)?;
        if facts.chunks_exact(FACT_LENGTH).any(|fact| read_fact(fact).is_none()) {
            return None;
        }
        let layered = bytes.get(..bytes.len() - tail.len())?;
        rest = tail;
        let choice = if take_flag(&mut rest)? { Some(take_choice(&mut rest)?) } else { None };
        let origin = match (repeat, choice) {
            (Some(repeat), choice) => Origin::Dispatch { repeat, choice },
            (None, None) => Origin::Note,
            (None, Some(_)) => return None,
        };
        Some((Self { instant, actor, kind, subject, origin, cause, facts, layered }, rest))
    }

    /// Returns the facts in order, as key code and value.
    pub fn facts(&self) -> impl Iterator<Item = (u64, Code)> + use<'a> {
        self.facts.chunks_exact(FACT_LENGTH).filter_map(read_fact)
    }

    /// Returns the code of the event this record dispatched, the one that causes name; `None` for a note.
    #[must_use]
    pub const fn event_code(&self) -> Option<u64> {
        match self.origin {
            Origin::Dispatch { repeat, choice: _ } => {
                Some(event_code(fold(fold(self.actor, self.kind), self.subject), repeat))
            }
            Origin::Note => None,
        }
    }

    /// Returns the choice it was, if it was one.
    #[must_use]
    pub const fn choice(&self) -> Option<Choice> {
        choice_of(self.origin)
    }

    /// The bytes that actor and kind layers digest.
    pub(crate) const fn layered(&self) -> &'a [u8] {
        self.layered
    }
}

fn read_fact(mut fact: &[u8]) -> Option<(u64, Code)> {
    let key = take_u64(&mut fact)?;
    let tag = take_u8(&mut fact)?;
    let code = take_u64(&mut fact)?;
    let value = match tag {
        WORD => Code::Word(code),
        NUMBER => Code::Number(code),
        SPAN => Code::Span(Span::from_nanos(code)),
        NAME => Code::Name(code),
        SUBJECT => Code::Subject(code),
        _ => return None,
    };
    Some((key, value))
}

/// Whether what is optional follows.
fn take_flag(rest: &mut &[u8]) -> Option<bool> {
    match take_u8(rest)? {
        ABSENT => Some(false),
        PRESENT => Some(true),
        _ => None,
    }
}

fn take_choice(rest: &mut &[u8]) -> Option<Choice> {
    Some(Choice { index: take_u32(rest)?, of: take_u32(rest)? })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*taken)
}

fn take_u8(rest: &mut &[u8]) -> Option<u8> {
    take(rest).map(u8::from_le_bytes)
}

fn take_u32(rest: &mut &[u8]) -> Option<u32> {
    take(rest).map(u32::from_le_bytes)
}

fn take_u64(rest: &mut &[u8]) -> Option<u64> {
    take(rest).map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use core::fmt::Write as _;
    use proptest::collection::vec as many;
    use proptest::prelude::*;
    use tiebreak_kernel::{Name, Symbol, Term};

    const POST: Term = Term::new("post");
    const KEY: Term = Term::new("key");
    const WORD_OK: Term = Term::new("OK");

    fn encode(names: &Names, record: &Record<'_, u64>) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode_layered(names, record, &mut bytes);
        encode_tail(record.origin, &mut bytes);
        bytes
    }

    fn hex(bytes: &[u8]) -> alloc::string::String {
        let mut text = alloc::string::String::new();
        for byte in bytes {
            write!(text, "{byte:02x}").expect("a String takes everything");
        }
        text
    }

    #[test]
    fn the_bytes_of_a_dispatch_are_pinned() {
        let mut names = Names::default();
        names.intern("a stranger, interned first");
        let name = Name { actor: names.intern("clerk"), kind: POST, subject: 6 };
        let choice = Some(Choice { index: 1, of: 3 });
        let origin = Origin::Dispatch { repeat: 2, choice };
        let instant = Instant::from_nanos(0x0102_0304_0506_0708);
        let record = Record { number: 99, instant, name, origin, cause: Some(5), facts: &[] };
        let expected = [
            "0807060504030201", // instant
            "0f3b30c3925d935d", // actor
            "96cc018ea8bf1655", // kind
            "0700000000000000", // subject
            "0102000000",       // dispatch, repeat
            "010500000000000000",
            "00",                 // facts
            "010100000003000000", // choice
        ];
        assert_eq!(hex(&encode(&names, &record)), expected.concat());
    }

    #[test]
    fn the_bytes_of_a_note_with_every_kind_of_fact_are_pinned() {
        let mut names = Names::default();
        let clerk = names.intern("clerk");
        let facts = [
            Fact::word(KEY, WORD_OK),
            Fact::number(KEY, 258),
            Fact::span(KEY, Span::from_nanos(259)),
            Fact::name(KEY, clerk),
            Fact::subject(KEY, 9),
        ];
        let name = Name { actor: clerk, kind: POST, subject: u64::MAX };
        let record = Record {
            number: 1,
            instant: Instant::START,
            name,
            origin: Origin::Note,
            cause: None,
            facts: &facts,
        };
        let key = "25ad1d4091fbf406";
        let expected = [
            "0000000000000000",
            "0f3b30c3925d935d",
            "96cc018ea8bf1655",
            "0000000000000000", // subject: none
            "02",               // note
            "00",               // no cause
            "05",               // facts
            key,
            "0124d8640eb302b071",
            key,
            "020201000000000000",
            key,
            "030301000000000000",
            key,
            "040f3b30c3925d935d",
            key,
            "050a00000000000000",
            "00", // no choice
        ];
        assert_eq!(hex(&encode(&names, &record)), expected.concat());
    }

    #[test]
    #[should_panic(expected = "a record holds at most 255 facts")]
    fn more_than_255_facts_are_refused() {
        let mut names = Names::default();
        let name = Name { actor: names.intern("clerk"), kind: POST, subject: 0 };
        let facts = vec![Fact::number(KEY, 0); 256];
        let record = Record {
            number: 1,
            instant: Instant::START,
            name,
            origin: Origin::Note,
            cause: None,
            facts: &facts,
        };
        encode(&names, &record);
    }

    fn facts(names: &Names, clerk: Symbol) -> impl Strategy<Value = Vec<(Fact<u64>, Code)>> + use<> {
        let clerk_code = names.code(clerk);
        let fact = (0..5u8, any::<u64>()).prop_map(move |(tag, number)| match tag {
            0 => (Fact::word(KEY, WORD_OK), Code::Word(WORD_OK.code())),
            1 => (Fact::number(KEY, number), Code::Number(number)),
            2 => (Fact::span(KEY, Span::from_nanos(number)), Code::Span(Span::from_nanos(number))),
            3 => (Fact::name(KEY, clerk), Code::Name(clerk_code)),
            _ => (Fact::subject(KEY, number), Code::Subject(number.wrapping_add(1))),
        });
        many(fact, 0..=255)
    }

    fn origin() -> impl Strategy<Value = Origin> {
        let choice = prop::option::of((any::<u32>(), any::<u32>()))
            .prop_map(|choice| choice.map(|(index, of)| Choice { index, of }));
        (any::<bool>(), any::<u32>(), choice).prop_map(|(is_note, repeat, choice)| {
            if is_note { Origin::Note } else { Origin::Dispatch { repeat, choice } }
        })
    }

    /// Bytes that are tags more often than not.
    fn hostile() -> impl Strategy<Value = u8> {
        (any::<bool>(), any::<u8>()).prop_map(|(is_tag, byte)| if is_tag { byte % 6 } else { byte })
    }

    proptest! {
        #[test]
        fn a_record_comes_back_from_its_bytes(
            nanos: u64,
            subject: u64,
            origin in origin(),
            cause: Option<u64>,
            facts in {
                let mut names = Names::default();
                let clerk = names.intern("clerk");
                facts(&names, clerk)
            },
            rest in many(any::<u8>(), 0..20),
        ) {
            let mut names = Names::default();
            let clerk = names.intern("clerk");
            let (facts, codes): (Vec<_>, Vec<_>) = facts.into_iter().unzip();
            let name = Name { actor: clerk, kind: POST, subject };
            let record =
                Record { number: 7, instant: Instant::from_nanos(nanos), name, origin, cause, facts: &facts };
            let mut bytes = encode(&names, &record);
            let mut layered = Vec::new();
            encode_layered(&names, &record, &mut layered);
            for end in 0..bytes.len() {
                prop_assert_eq!(Parts::decode(&bytes[..end]), None, "no part of a record is one");
            }
            bytes.extend(&rest);
            let (parts, left) = Parts::decode(&bytes).unwrap();
            prop_assert_eq!(left, &rest);
            prop_assert_eq!(parts.layered(), layered);
            prop_assert_eq!(parts.instant, record.instant);
            prop_assert_eq!((parts.actor, parts.kind), (names.code(clerk), POST.code()));
            prop_assert_eq!(parts.subject, subject.wrapping_add(1));
            prop_assert_eq!((parts.origin, parts.cause), (origin, cause));
            prop_assert_eq!(parts.choice(), choice_of(origin));
            let expected = match origin {
                Origin::Dispatch { repeat, .. } => Some(event_code(name.code(&names), repeat)),
                Origin::Note => None,
            };
            prop_assert_eq!(parts.event_code(), expected);
            let read: Vec<_> = parts.facts().collect();
            prop_assert_eq!(read, codes.iter().map(|code| (KEY.code(), *code)).collect::<Vec<_>>());
        }

        #[test]
        fn hostile_bytes_never_panic_and_what_is_read_is_whole(bytes in many(hostile(), 0..200)) {
            if let Some((parts, rest)) = Parts::decode(&bytes) {
                prop_assert!(parts.layered().len() + rest.len() < bytes.len());
                prop_assert_eq!(parts.facts().count() * FACT_LENGTH, parts.facts.len());
            }
        }
    }

    #[test]
    fn a_note_with_a_choice_is_refused() {
        let mut names = Names::default();
        let name = Name { actor: names.intern("clerk"), kind: POST, subject: 0 };
        let record = Record {
            number: 1,
            instant: Instant::START,
            name,
            origin: Origin::Note,
            cause: None,
            facts: &[],
        };
        let mut bytes = encode(&names, &record);
        assert!(Parts::decode(&bytes).is_some());
        bytes.pop();
        bytes.extend([PRESENT, 0, 0, 0, 0, 2, 0, 0, 0]);
        assert_eq!(Parts::decode(&bytes), None);
    }
}
