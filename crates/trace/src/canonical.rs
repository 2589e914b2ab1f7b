//! The canonical bytes of a record, record format 2: `docs/TRACE.md` specifies every one of them.
//!
//! Little-endian, no `usize`; codes stand for names, so that neither the order of interning nor an unrelated event can
//! change a byte. The layered part comes first and is what actor and kind layers digest; the tail, which unrelated events
//! may change, is digested by the run layer only.

use alloc::vec::Vec;

use tiebreak_kernel::{
    Choice, Instant, Names, Origin, PartCodes, Record, Span, Subject, Text, Value, event_code, fold,
};

const DISPATCHED: u8 = 1;
const NOTED: u8 = 2;
const CANCELLED: u8 = 3;
const MOVED: u8 = 4;

const NONE: u8 = 0;
const SOME: u8 = 1;
/// Of a choice: the next event has the same name.
const SOME_TWIN: u8 = 2;

pub(crate) const WORD: u8 = 1;
pub(crate) const NUMBER: u8 = 2;
pub(crate) const SPAN: u8 = 3;
pub(crate) const NAME: u8 = 4;
pub(crate) const SUBJECT: u8 = 5;
pub(crate) const SIGNED: u8 = 6;
pub(crate) const TRUTH: u8 = 7;
pub(crate) const INSTANT: u8 = 8;
pub(crate) const TEXT: u8 = 9;
pub(crate) const ABSENT: u8 = 10;

/// Where the origin stands, behind four codes.
const ORIGIN: usize = 32;

/// Four codes, origin with an instant, cause, number of facts.
const HEAD_LENGTH: usize = ORIGIN + 9 + 9 + 1;

/// A key, a tag, a number; a text stands behind them.
const FACT_LENGTH: usize = 17;

/// Appends the layered part of a record.
///
/// # Panics
/// If the record has more than 255 facts.
pub(crate) fn encode_layered<S: Subject>(names: &Names, record: &Record<'_, S>, out: &mut Vec<u8>) {
    out.extend_from_slice(Head::of(record).as_bytes());
    for fact in record.facts {
        encode_fact(fact.key.code(), Code::of(names, fact.value), out);
    }
}

/// Appends all bytes of a record that is told by codes.
///
/// # Panics
/// If the record has more than 255 facts.
pub(crate) fn encode_codes(codes: &Coded<'_>, out: &mut Vec<u8>) {
    let Coded { instant, name, origin, cause, facts } = *codes;
    out.extend_from_slice(Head::new(instant, name, origin, cause, facts.len()).as_bytes());
    for (key, value) in facts {
        encode_fact(*key, *value, out);
    }
    encode_tail(origin, out);
}

/// A record told by codes: what [`Parts`] are before there are bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coded<'a> {
    /// When it happened.
    pub instant: Instant,
    /// The codes of actor, kind and subject.
    pub name: PartCodes,
    /// How it came about.
    pub origin: Origin,
    /// The code of the event that led to it; `None` if it came from outside the run.
    pub cause: Option<u64>,
    /// The facts in order: codes of keys, and values. At most 255.
    pub facts: &'a [(u64, Code)],
}

/// What stands before the facts of a record, on the stack. It is the whole layered part of a record without facts.
#[derive(Debug)]
pub(crate) struct Head {
    bytes: [u8; HEAD_LENGTH],
    length: usize,
}

impl Head {
    /// The head of a record.
    ///
    /// # Panics
    /// If the record has more than 255 facts.
    #[inline]
    pub(crate) fn of<S: Subject>(record: &Record<'_, S>) -> Self {
        Self::new(record.instant, record.codes, record.origin, record.cause, record.facts.len())
    }

    /// The head of a record with so many facts.
    ///
    /// # Panics
    /// If there are more than 255 facts.
    #[inline]
    pub(crate) fn new(
        instant: Instant,
        codes: PartCodes,
        origin: Origin,
        cause: Option<u64>,
        facts: usize,
    ) -> Self {
        let mut bytes = [0; HEAD_LENGTH];
        put(&mut bytes, 0, instant.as_nanos());
        put(&mut bytes, 8, codes.actor);
        put(&mut bytes, 16, codes.kind);
        put(&mut bytes, 24, codes.subject);
        let (tag, origin_end) = match origin {
            Origin::Dispatch { repeat, choice: _ } => {
                put(&mut bytes, ORIGIN + 1, repeat.into());
                (DISPATCHED, ORIGIN + 5)
            }
            Origin::Note => (NOTED, ORIGIN + 1),
            Origin::Cancelled => (CANCELLED, ORIGIN + 1),
            Origin::Moved { to } => {
                put(&mut bytes, ORIGIN + 1, to.as_nanos());
                (MOVED, ORIGIN + 9)
            }
        };
        bytes[ORIGIN] = tag;
        let cause_end = if let Some(code) = cause {
            bytes[origin_end] = SOME;
            put(&mut bytes, origin_end + 1, code);
            origin_end + 9
        } else {
            bytes[origin_end] = NONE;
            origin_end + 1
        };
        let count = u8::try_from(facts);
        assert!(count.is_ok(), "a record holds at most 255 facts");
        bytes[cause_end] = count.unwrap_or(u8::MAX);
        Self { bytes, length: cause_end + 1 }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The 47 bytes of the layered part of a dispatch that an event has caused, as words: most records are such. `None` for
/// all others.
#[inline]
pub(crate) fn words_of_dispatch<S: Subject>(record: &Record<'_, S>) -> Option<[u64; 6]> {
    let (Origin::Dispatch { repeat, choice: _ }, Some(cause), []) =
        (record.origin, record.cause, record.facts)
    else {
        return None;
    };
    Some(words_of_event(record.instant, record.codes, repeat, cause))
}

/// The 47 bytes of the layered part of a dispatch that has this cause and no facts, as words.
#[inline]
pub(crate) fn words_of_event(instant: Instant, codes: PartCodes, repeat: u32, cause: u64) -> [u64; 6] {
    let PartCodes { actor, kind, subject } = codes;
    let [dispatched, some] = [DISPATCHED, SOME].map(u64::from);
    // Behind the cause stands the number of facts, which is 0.
    let origin = dispatched | u64::from(repeat) << 8 | some << 40 | cause << 48;
    [instant.as_nanos(), actor, kind, subject, origin, cause >> 16]
}

/// The 39 bytes of the layered part of an event that nothing has caused and that never ran before, as words: all that
/// counts of an event as a part of a behaviour.
#[inline]
pub(crate) fn words_of_bare_dispatch(instant: Instant, codes: PartCodes) -> [u64; 5] {
    let PartCodes { actor, kind, subject } = codes;
    // Behind the tag stand the repeat, no cause, and the number of facts, all of which are 0.
    const { assert!(NONE == 0) };
    [instant.as_nanos(), actor, kind, subject, DISPATCHED.into()]
}

/// Puts 8 bytes at a place. What follows may overwrite those that are not wanted: a repeat has only 4.
fn put(bytes: &mut [u8; HEAD_LENGTH], at: usize, number: u64) {
    bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
}

fn encode_fact(key: u64, value: Code, out: &mut Vec<u8>) {
    let number = match value {
        Code::Word(code) | Code::Number(code) | Code::Name(code) | Code::Subject(code) => code.to_le_bytes(),
        Code::Span(span) => span.as_nanos().to_le_bytes(),
        Code::Signed(number) => number.to_le_bytes(),
        Code::Truth(truth) => u64::from(truth).to_le_bytes(),
        Code::Instant(instant) => instant.as_nanos().to_le_bytes(),
        Code::Text(text) => (text.as_str().len() as u64).to_le_bytes(),
        Code::Absent => [0; 8],
    };
    let mut bytes = [value.tag(); FACT_LENGTH];
    bytes[..8].copy_from_slice(&key.to_le_bytes());
    bytes[9..].copy_from_slice(&number);
    out.extend_from_slice(&bytes);
    if let Code::Text(text) = &value {
        out.extend_from_slice(text.as_str().as_bytes());
    }
}

/// Appends the tail of a record.
pub(crate) fn encode_tail(origin: Origin, out: &mut Vec<u8>) {
    match choice_of(origin) {
        Some(Choice { index, of, is_twin }) => {
            out.push(if is_twin { SOME_TWIN } else { SOME });
            out.extend_from_slice(&index.to_le_bytes());
            out.extend_from_slice(&of.to_le_bytes());
        }
        None => out.push(NONE),
    }
}

/// The choice a record was, if it was one.
pub(crate) const fn choice_of(origin: Origin) -> Option<Choice> {
    match origin {
        Origin::Dispatch { repeat: _, choice } => choice,
        Origin::Note | Origin::Cancelled | Origin::Moved { to: _ } => None,
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
    /// How it came about: dispatched, noted, cancelled or moved.
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
    /// A whole number with a sign.
    Signed(i64),
    /// Yes or no.
    Truth(bool),
    /// A point of time.
    Instant(Instant),
    /// A short text.
    Text(Text),
    /// There is no value.
    Absent,
}

impl Code {
    /// The value of a fact, as codes tell it.
    #[inline]
    pub(crate) fn of<S: Subject>(names: &Names, value: Value<S>) -> Self {
        match value {
            Value::Word(word) => Self::Word(word.code()),
            Value::Number(number) => Self::Number(number),
            Value::Span(span) => Self::Span(span),
            Value::Name(name) => Self::Name(names.code(name)),
            Value::Subject(subject) => Self::Subject(subject.code(names)),
            Value::Signed(number) => Self::Signed(number),
            Value::Truth(truth) => Self::Truth(truth),
            Value::Instant(instant) => Self::Instant(instant),
            Value::Text(text) => Self::Text(text),
            Value::Absent => Self::Absent,
        }
    }

    /// The tag of the value.
    #[inline]
    pub(crate) const fn tag(&self) -> u8 {
        match self {
            Self::Word(_) => WORD,
            Self::Number(_) => NUMBER,
            Self::Span(_) => SPAN,
            Self::Name(_) => NAME,
            Self::Subject(_) => SUBJECT,
            Self::Signed(_) => SIGNED,
            Self::Truth(_) => TRUTH,
            Self::Instant(_) => INSTANT,
            Self::Text(_) => TEXT,
            Self::Absent => ABSENT,
        }
    }
}

impl<'a> Parts<'a> {
    /// Reads one record from the beginning of `bytes`; returns it and what follows it. `None` if that is no whole,
    /// well-formed record; never panics.
    pub(crate) fn decode(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let mut rest = bytes;
        // All codes at once: one comparison of lengths instead of four.
        let codes: [u8; ORIGIN] = take(&mut rest)?;
        let mut codes = &codes[..];
        let instant = Instant::from_nanos(take_u64(&mut codes)?);
        let [actor, kind, subject] = [take_u64(&mut codes)?, take_u64(&mut codes)?, take_u64(&mut codes)?];
        let before_tail = match take_u8(&mut rest)? {
            DISPATCHED => Origin::Dispatch { repeat: take_u32(&mut rest)?, choice: None },
            NOTED => Origin::Note,
            CANCELLED => Origin::Cancelled,
            MOVED => Origin::Moved { to: Instant::from_nanos(take_u64(&mut rest)?) },
            _ => return None,
        };
        let cause = match take_u8(&mut rest)? {
            NONE => None,
            SOME => Some(take_u64(&mut rest)?),
            _ => return None,
        };
        let count = take_u8(&mut rest)?;
        let facts = rest;
        for _ in 0..count {
            take_fact(&mut rest)?;
        }
        let facts = &facts[..facts.len() - rest.len()];
        let layered = &bytes[..bytes.len() - rest.len()];
        let origin = take_tail(&mut rest, before_tail)?;
        Some((Self { instant, actor, kind, subject, origin, cause, facts, layered }, rest))
    }

    /// Returns the facts in order, as key code and value.
    pub fn facts(&self) -> impl Iterator<Item = (u64, Code)> + use<'a> {
        let mut rest = self.facts;
        core::iter::from_fn(move || take_fact(&mut rest))
    }

    /// Whether another record has the same facts in the same order, by their codes.
    #[must_use]
    pub fn has_facts_of(&self, other: &Parts<'_>) -> bool {
        self.facts == other.facts
    }

    /// Returns the code of the event this record dispatched, the one that causes name; `None` if it is no dispatch.
    #[must_use]
    pub const fn event_code(&self) -> Option<u64> {
        match self.origin {
            Origin::Dispatch { repeat, choice: _ } => Some(event_code(self.name_code(), repeat)),
            Origin::Note | Origin::Cancelled | Origin::Moved { to: _ } => None,
        }
    }

    /// Returns the code of the name without its repeat.
    #[must_use]
    pub const fn name_code(&self) -> u64 {
        fold(fold(self.actor, self.kind), self.subject)
    }

    /// Returns the codes of the parts of the name.
    pub(crate) const fn part_codes(&self) -> PartCodes {
        PartCodes { actor: self.actor, kind: self.kind, subject: self.subject }
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

/// Reads one fact. What is not as [`encode_fact`] writes it is none.
fn take_fact(rest: &mut &[u8]) -> Option<(u64, Code)> {
    let key = take_u64(rest)?;
    let tag = take_u8(rest)?;
    let number = take_u64(rest)?;
    let value = match (tag, number) {
        (WORD, code) => Code::Word(code),
        (NUMBER, number) => Code::Number(number),
        (SPAN, nanos) => Code::Span(Span::from_nanos(nanos)),
        (NAME, code) => Code::Name(code),
        (SUBJECT, code) => Code::Subject(code),
        (SIGNED, bits) => Code::Signed(i64::from_le_bytes(bits.to_le_bytes())),
        (TRUTH, 0) => Code::Truth(false),
        (TRUTH, 1) => Code::Truth(true),
        (INSTANT, nanos) => Code::Instant(Instant::from_nanos(nanos)),
        (TEXT, length) => Code::Text(take_text(rest, length)?),
        (ABSENT, 0) => Code::Absent,
        _ => return None,
    };
    Some((key, value))
}

fn take_text(rest: &mut &[u8], length: u64) -> Option<Text> {
    let length = usize::try_from(length).ok().filter(|length| *length <= Text::LENGTH_MAX)?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    core::str::from_utf8(text).ok().map(Text::new)
}

/// Reads the choice that an origin was, if it was one. Only a dispatch can be.
fn take_tail(rest: &mut &[u8], origin: Origin) -> Option<Origin> {
    let is_twin = match take_u8(rest)? {
        NONE => return Some(origin),
        SOME => false,
        SOME_TWIN => true,
        _ => return None,
    };
    let choice = Choice { index: take_u32(rest)?, of: take_u32(rest)?, is_twin };
    match origin {
        Origin::Dispatch { repeat, choice: _ } => Some(Origin::Dispatch { repeat, choice: Some(choice) }),
        Origin::Note | Origin::Cancelled | Origin::Moved { to: _ } => None,
    }
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
    use tiebreak_kernel::{Actor, Fact, Name, terms};

    terms! { CLERK = "clerk", POST = "post", KEY = "key", WORD_OK = "OK" }

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
        names.intern("an unrelated name, interned first");
        let name = Name::of(names.intern("clerk"), POST, 6u64);
        let choice = Some(Choice { index: 1, of: 3, is_twin: false });
        let origin = Origin::Dispatch { repeat: 2, choice };
        let instant = Instant::from_nanos(0x0102_0304_0506_0708);
        let codes = name.part_codes(&names);
        let record =
            Record { number: 99, instant, name, codes, event: None, origin, cause: Some(5), facts: &[] };
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
        let choice = choice.map(|choice| Choice { is_twin: true, ..choice });
        let twin = Record { origin: Origin::Dispatch { repeat: 2, choice }, ..record };
        let expected = [&expected[..7], &["020100000003000000"]].concat();
        assert_eq!(hex(&encode(&names, &twin)), expected.concat());
    }

    #[test]
    fn the_bytes_of_changes_are_pinned() {
        let name = Name::of(CLERK, POST, 6u64);
        let (instant, facts) = (Instant::START, &[][..]);
        for (origin, bytes) in [
            (Origin::Cancelled, "03"),
            (Origin::Moved { to: Instant::from_nanos(0x0A0B) }, "040b0a000000000000"),
        ] {
            let codes = name.part_codes(&Names::default());
            let record =
                Record { number: 1, instant, name, codes, event: None, origin, cause: Some(5), facts };
            let expected = [
                "0000000000000000",
                "0f3b30c3925d935d",
                "96cc018ea8bf1655",
                "0700000000000000",
                bytes,
                "010500000000000000", // cause
                "00",                 // facts
                "00",                 // no choice
            ];
            assert_eq!(hex(&encode(&Names::default(), &record)), expected.concat());
        }
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
            Fact::signed(KEY, -2),
            Fact::truth(KEY, true),
            Fact::instant(KEY, Instant::from_nanos(260)),
            Fact::text(KEY, "é!"),
            Fact::absent(KEY),
        ];
        let name = Name::of(clerk, POST, u64::MAX);
        let record = Record {
            number: 1,
            instant: Instant::START,
            name,
            codes: name.part_codes(&names),
            event: None,
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
            "0a",               // facts
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
            key,
            "06feffffffffffffff",
            key,
            "070100000000000000",
            key,
            "080401000000000000",
            key,
            "090300000000000000",
            "c3a921",
            key,
            "0a0000000000000000",
            "00", // no choice
        ];
        assert_eq!(hex(&encode(&names, &record)), expected.concat());
    }

    #[test]
    #[should_panic(expected = "a record holds at most 255 facts")]
    fn more_than_255_facts_are_refused() {
        let mut names = Names::default();
        let name = Name::of(names.intern("clerk"), POST, 0);
        let facts = vec![Fact::number(KEY, 0); 256];
        let record = Record {
            number: 1,
            instant: Instant::START,
            name,
            codes: name.part_codes(&names),
            event: None,
            origin: Origin::Note,
            cause: None,
            facts: &facts,
        };
        encode(&names, &record);
    }

    fn facts() -> impl Strategy<Value = Vec<(Fact<u64>, Code)>> {
        let fact = (0..10u8, any::<u64>(), ".{0,30}").prop_map(|(tag, number, text)| {
            let signed = i64::from_le_bytes(number.to_le_bytes());
            match tag {
                0 => (Fact::word(KEY, WORD_OK), Code::Word(WORD_OK.code())),
                1 => (Fact::number(KEY, number), Code::Number(number)),
                2 => (Fact::span(KEY, Span::from_nanos(number)), Code::Span(Span::from_nanos(number))),
                3 => (Fact::name(KEY, CLERK), Code::Name(CLERK.code())),
                4 => (Fact::signed(KEY, signed), Code::Signed(signed)),
                5 => (Fact::truth(KEY, number % 2 == 1), Code::Truth(number % 2 == 1)),
                6 => (
                    Fact::instant(KEY, Instant::from_nanos(number)),
                    Code::Instant(Instant::from_nanos(number)),
                ),
                7 => (Fact::text(KEY, &text), Code::Text(Text::new(&text))),
                8 => (Fact::absent(KEY), Code::Absent),
                _ => (Fact::subject(KEY, number), Code::Subject(number.wrapping_add(1))),
            }
        });
        many(fact, 0..=255)
    }

    fn origin() -> impl Strategy<Value = Origin> {
        let choice = prop::option::of((any::<u32>(), any::<u32>(), any::<bool>()))
            .prop_map(|choice| choice.map(|(index, of, is_twin)| Choice { index, of, is_twin }));
        (0..4u8, any::<u32>(), any::<u64>(), choice).prop_map(|(tag, repeat, nanos, choice)| match tag {
            0 => Origin::Note,
            1 => Origin::Cancelled,
            2 => Origin::Moved { to: Instant::from_nanos(nanos) },
            _ => Origin::Dispatch { repeat, choice },
        })
    }

    /// Bytes that are tags more often than not.
    fn hostile() -> impl Strategy<Value = u8> {
        (any::<bool>(), any::<u8>()).prop_map(|(is_tag, byte)| if is_tag { byte % 11 } else { byte })
    }

    proptest! {
        #[test]
        fn a_record_comes_back_from_its_bytes(
            nanos: u64,
            subject: u64,
            origin in origin(),
            cause: Option<u64>,
            facts in facts(),
            rest in many(any::<u8>(), 0..20),
        ) {
            let names = Names::default();
            let (facts, values): (Vec<_>, Vec<_>) = facts.into_iter().unzip();
            let name = Name { actor: Actor::Term(CLERK), kind: POST, subject };
            let (instant, codes) = (Instant::from_nanos(nanos), name.part_codes(&names));
            let record = Record { number: 7, instant, name, codes, event: None, origin, cause, facts: &facts };
            let mut bytes = encode(&names, &record);
            let mut layered = Vec::new();
            encode_layered(&names, &record, &mut layered);
            for end in 0..bytes.len() {
                prop_assert_eq!(Parts::decode(&bytes[..end]), None, "no part of a record is one");
            }
            bytes.extend(&rest);
            let (parts, left) = Parts::decode(&bytes).unwrap();
            prop_assert_eq!(left, &rest);
            prop_assert_eq!(parts.layered(), &layered);
            if let Some(words) = words_of_dispatch(&record) {
                let bytes: Vec<u8> = words.into_iter().flat_map(u64::to_le_bytes).collect();
                prop_assert_eq!(&bytes[..47], layered);
            }
            prop_assert_eq!(parts.instant, record.instant);
            prop_assert_eq!((parts.actor, parts.kind), (CLERK.code(), POST.code()));
            prop_assert_eq!(parts.subject, subject.wrapping_add(1));
            prop_assert_eq!((parts.origin, parts.cause), (origin, cause));
            prop_assert_eq!(parts.choice(), choice_of(origin));
            let expected = match origin {
                Origin::Dispatch { repeat, .. } => Some(event_code(name.code(&names), repeat)),
                Origin::Note | Origin::Cancelled | Origin::Moved { .. } => None,
            };
            prop_assert_eq!(parts.event_code(), expected);
            prop_assert_eq!(parts.name_code(), name.code(&names));
            let read: Vec<_> = parts.facts().collect();
            prop_assert_eq!(read, values.iter().map(|value| (KEY.code(), *value)).collect::<Vec<_>>());
        }

        #[test]
        fn hostile_bytes_never_panic(bytes in many(hostile(), 0..200)) {
            check_hostile(&bytes)?;
        }

        #[test]
        fn spoilt_records_never_panic(
            origin in origin(),
            facts in facts(),
            spoilt in many((any::<prop::sample::Index>(), hostile()), 1..9),
        ) {
            let facts: Vec<_> = facts.into_iter().map(|(fact, _)| fact).take(9).collect();
            let name = Name::of(CLERK, POST, 0u64);
            let (instant, cause) = (Instant::START, Some(7));
            let names = Names::default();
            let codes = name.part_codes(&names);
            let record = Record { number: 1, instant, name, codes, event: None, origin, cause, facts: &facts };
            let mut bytes = encode(&names, &record);
            check_hostile(&bytes)?;
            for (at, byte) in spoilt {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            check_hostile(&bytes)?;
        }
    }

    /// What can be read at all is spelled in the one way in which it is written.
    fn check_hostile(bytes: &[u8]) -> Result<(), TestCaseError> {
        if let Some((parts, rest)) = Parts::decode(bytes) {
            prop_assert!(parts.layered().len() + rest.len() < bytes.len());
            let mut again = Vec::new();
            parts.facts().for_each(|(key, value)| put_fact(key, value, &mut again));
            prop_assert_eq!(parts.facts, again);
        }
        Ok(())
    }

    /// Puts a fact together as the specification has it.
    fn put_fact(key: u64, value: Code, out: &mut Vec<u8>) {
        let (tag, value, text) = match value {
            Code::Word(code) => (1, code.to_le_bytes(), None),
            Code::Number(number) => (2, number.to_le_bytes(), None),
            Code::Span(span) => (3, span.as_nanos().to_le_bytes(), None),
            Code::Name(code) => (4, code.to_le_bytes(), None),
            Code::Subject(code) => (5, code.to_le_bytes(), None),
            Code::Signed(number) => (6, number.to_le_bytes(), None),
            Code::Truth(truth) => (7, u64::from(truth).to_le_bytes(), None),
            Code::Instant(instant) => (8, instant.as_nanos().to_le_bytes(), None),
            Code::Text(text) => (9, (text.as_str().len() as u64).to_le_bytes(), Some(text)),
            Code::Absent => (10, [0; 8], None),
        };
        out.extend(key.to_le_bytes());
        out.push(tag);
        out.extend(value);
        if let Some(text) = text {
            out.extend(text.as_str().bytes());
        }
    }

    #[test]
    fn a_fact_that_is_spelled_otherwise_is_refused() {
        let fact = |tag: u8, number: u64, text: &[u8]| {
            let bytes = [&[0; 8][..], &[tag], &number.to_le_bytes(), text].concat();
            take_fact(&mut bytes.as_slice())
        };
        assert_eq!(fact(TRUTH, 1, b""), Some((0, Code::Truth(true))));
        assert_eq!(fact(TRUTH, 2, b""), None);
        assert_eq!(fact(ABSENT, 0, b""), Some((0, Code::Absent)));
        assert_eq!(fact(ABSENT, 1, b""), None);
        assert_eq!(fact(TEXT, 2, b"abc"), Some((0, Code::Text(Text::new("ab")))));
        for (length, text) in [(4, &b"abc"[..]), (2, b"\xFF\xFE"), (23, &[b'a'; 23]), (u64::MAX, b"abc")] {
            assert_eq!(fact(TEXT, length, text), None, "{length} {text:?}");
        }
        assert_eq!([0, 11, 255].map(|tag| fact(tag, 0, b"")), [None; 3]);
    }

    #[test]
    fn only_a_dispatch_can_be_a_choice() {
        let name = Name::of(CLERK, POST, 0u64);
        let (instant, cause) = (Instant::START, None);
        for origin in [Origin::Note, Origin::Cancelled, Origin::Moved { to: instant }] {
            let codes = name.part_codes(&Names::default());
            let record = Record { number: 1, instant, name, codes, event: None, origin, cause, facts: &[] };
            let mut bytes = encode(&Names::default(), &record);
            assert!(Parts::decode(&bytes).is_some());
            bytes.pop();
            bytes.extend([SOME, 0, 0, 0, 0, 2, 0, 0, 0]);
            assert_eq!(Parts::decode(&bytes), None);
        }
    }
}
