//! Traces that tests write by hand.

use alloc::collections::BTreeMap;

use tiebreak_kernel::{
    Choice, Fact, Instant, Name, Names, Origin, PartCodes, Record, Recorder as _, Settings, Term, event_code,
    fold, terms,
};
use tiebreak_trace::{Digest, Header, Trace, Tracer};

terms! {
    pub(crate) EAST = "east", pub(crate) WEST = "west", pub(crate) BELL = "bell", pub(crate) RING = "ring", pub(crate) ECHO = "echo", pub(crate) HEARD = "heard", pub(crate) LOUD = "loud",
    pub(crate) PITCH = "pitch", pub(crate) WAITS = "waits"
}

/// A trace that is written by hand.
pub(crate) struct Written {
    names: Names,
    tracer: Tracer,
    count: u64,
    repeats: BTreeMap<u64, u32>,
    /// The codes and instants of the events so far.
    events: Vec<(u64, Instant)>,
}

impl Written {
    pub(crate) fn new() -> Self {
        let header = Header::new(1, Digest::of(b"bells"), &Settings::new(1));
        let (names, tracer) = (Names::default(), Tracer::new(header));
        Self { names, tracer, count: 0, repeats: BTreeMap::new(), events: Vec::new() }
    }

    pub(crate) fn put(
        &mut self,
        at: Instant,
        name: Name<u64>,
        origin: Origin,
        cause: Option<usize>,
        facts: &[Fact<u64>],
    ) {
        self.count += 1;
        let codes: PartCodes = name.part_codes(&self.names);
        let cause = cause.map(|event| self.events[event].0);
        let record =
            Record { number: self.count, instant: at, name, codes, event: None, origin, cause, facts };
        self.tracer.record(&self.names, &record);
    }

    /// An event at so many milliseconds, which the event of that number has scheduled; returns its number among the events.
    pub(crate) fn event(&mut self, millis: u64, actor: Term, kind: Term, cause: Option<usize>) -> usize {
        self.choice(millis, (actor, kind, 1), cause, None)
    }

    pub(crate) fn choice(
        &mut self,
        millis: u64,
        (actor, kind, subject): (Term, Term, u64),
        cause: Option<usize>,
        choice: Option<(u32, u32)>,
    ) -> usize {
        let (at, name) = (Instant::from_millis(millis), Name::of(actor, kind, subject));
        let PartCodes { actor, kind, subject } = name.part_codes(&self.names);
        let code = fold(fold(actor, kind), subject);
        let repeat = self.repeats.entry(code).or_default();
        *repeat += 1;
        let repeat = *repeat;
        let choice = choice.map(|(index, of)| Choice { index, of, is_twin: false });
        self.put(at, name, Origin::Dispatch { repeat, choice }, cause, &[]);
        self.events.push((event_code(code, repeat), at));
        self.events.len() - 1
    }

    /// A note during an event.
    pub(crate) fn note(&mut self, event: usize, kind: Term, facts: &[Fact<u64>]) {
        let at = self.events[event].1;
        self.put(at, Name::of(BELL, kind, 1), Origin::Note, Some(event), facts);
    }

    pub(crate) fn trace(self) -> Trace {
        self.tracer.into_trace()
    }
}

pub(crate) fn written(write: impl FnOnce(&mut Written)) -> Trace {
    let mut written = Written::new();
    write(&mut written);
    written.trace()
}

/// Three bells that could ring in any order, an echo of the last, and what is heard of it.
pub(crate) fn bells() -> Trace {
    written(|trace| {
        let start = trace.event(0, BELL, RING, None);
        trace.choice(1_000, (EAST, RING, 1), Some(start), Some((2, 3)));
        trace.choice(1_000, (WEST, RING, 2), Some(start), Some((0, 2)));
        let third = trace.choice(1_000, (BELL, RING, 3), Some(start), None);
        let echo = trace.event(2_000, BELL, ECHO, Some(third));
        trace.note(echo, HEARD, &[Fact::number(LOUD, 1)]);
    })
}
