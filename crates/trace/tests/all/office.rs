//! The world under test: clerks post parcels to each other, and strangers who touch nobody tick at the same instants.

use core::fmt;

use tiebreak_kernel::{
    Context, End, Fact, Instant, Lane, Limits, Name, Names, Order, Place, Recorder, Settings, Simulation,
    Span, Subject, Symbol, Term, World,
};
use tiebreak_trace::{Digest, Header, RESULT, Trace, Tracer};

const POST: Term = Term::new("post");
const POSTED: Term = Term::new("Posted");
const DELIVER: Term = Term::new("deliver");
pub(crate) const RECEIVED: Term = Term::new("Received");
const TICK: Term = Term::new("tick");
const TO: Term = Term::new("to");
const WEIGHT: Term = Term::new("weight");
const HOLD: Term = Term::new("hold");
const ABOUT: Term = Term::new("about");
const OK: Term = Term::new("OK");

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Topic {
    Nothing,
    Parcel(u64),
    Label(Symbol),
}

impl Subject for Topic {
    fn code(&self, names: &Names) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Parcel(number) => number.code(names),
            Self::Label(name) => names.code(*name),
        }
    }

    fn write(&self, names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Parcel(number) => write!(out, "parcel {number}"),
            Self::Label(name) => out.write_str(names.text(*name)),
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    Post { from: u32, parcel: u64 },
    Deliver { to: u32, parcel: u64 },
    Tick { stranger: u32, rounds: u64 },
}

#[derive(Debug, Clone)]
pub(crate) struct Office {
    clerks: Vec<Symbol>,
    strangers: Vec<Symbol>,
}

impl Office {
    fn clerk(&self, number: u32) -> Symbol {
        self.clerks[number as usize]
    }
}

impl World for Office {
    type Event = Event;
    type Subject = Topic;

    fn name(&self, event: &Event) -> Name<Topic> {
        match *event {
            Event::Post { from, parcel } => {
                Name { actor: self.clerk(from), kind: POST, subject: Topic::Parcel(parcel) }
            }
            Event::Deliver { to, parcel } => {
                Name { actor: self.clerk(to), kind: DELIVER, subject: Topic::Parcel(parcel) }
            }
            Event::Tick { stranger, .. } => {
                let actor = self.strangers[stranger as usize];
                Name { actor, kind: TICK, subject: Topic::Label(actor) }
            }
        }
    }

    fn fire<R: Recorder<Topic>>(&mut self, event: Event, context: &mut Context<'_, Self, R>) {
        match event {
            Event::Post { from, parcel } => self.post(from, parcel, context),
            Event::Deliver { to, parcel } => {
                let name = Name { actor: self.clerk(to), kind: RECEIVED, subject: Topic::Parcel(parcel) };
                context.record(name, &[]);
                if parcel > 0 {
                    let again = Event::Post { from: to, parcel: parcel - 1 };
                    context.schedule_after(Span::from_secs(1), again, Place::FREE);
                }
            }
            Event::Tick { stranger, rounds } => {
                let actor = self.strangers[stranger as usize];
                let drawn = context.number(actor, TICK, 0, 9);
                context.record(
                    Name { actor, kind: TICK, subject: Topic::Nothing },
                    &[Fact::number(WEIGHT, drawn)],
                );
                if rounds > 0 {
                    let again = Event::Tick { stranger, rounds: rounds - 1 };
                    context.schedule_after(Span::from_millis(500), again, Place::FREE);
                }
            }
        }
    }
}

impl Office {
    fn post<R: Recorder<Topic>>(&self, from: u32, parcel: u64, context: &mut Context<'_, Self, R>) {
        let to = (from + 1) % u32::try_from(self.clerks.len()).expect("few clerks");
        let weight = context.number(self.clerk(from), WEIGHT, 1, 1_000);
        let facts = [
            Fact::name(TO, self.clerk(to)),
            Fact::number(WEIGHT, weight),
            Fact::span(HOLD, Span::from_millis(250)),
            Fact::subject(ABOUT, Topic::Parcel(parcel)),
            Fact::word(RESULT, OK),
        ];
        context
            .record(Name { actor: self.clerk(from), kind: POSTED, subject: Topic::Parcel(parcel) }, &facts);
        let deliver = Event::Deliver { to, parcel };
        context.schedule_after(Span::from_secs(1), deliver, Place::lane(Lane::new(to)));
    }
}

/// How an office is set up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) clerks: u32,
    pub(crate) parcels: u64,
    pub(crate) strangers: u32,
    pub(crate) settings: Settings,
}

pub(crate) const fn setup(clerks: u32, parcels: u64, strangers: u32, seed: u64) -> Setup {
    let limits = Limits {
        events: 1 << 20,
        events_at_instant: 1 << 20,
        pending: 1 << 20,
        time: Instant::END,
        trace_bytes: 1 << 30,
    };
    let settings = Settings { seed, order: Order::Seeded, horizon: Instant::END, limits };
    Setup { clerks, parcels, strangers, settings }
}

impl Setup {
    pub(crate) fn header(&self) -> Header {
        Header::new(1, Digest::of(b"office"), &self.settings)
    }

    /// Strangers are interned and scheduled first, so that whatever depends on numbers or order of interning shows.
    pub(crate) fn simulation<R: Recorder<Topic>>(&self, recorder: R) -> Simulation<Office, R> {
        let mut names = Names::default();
        let strangers: Vec<Symbol> =
            (0..self.strangers).map(|n| names.intern(&format!("stranger{n}"))).collect();
        let clerks: Vec<Symbol> = (0..self.clerks).map(|n| names.intern(&format!("clerk{n}"))).collect();
        let Self { clerks: count, parcels, settings, .. } = *self;
        let mut simulation =
            Simulation::with_recorder(Office { clerks, strangers }, names, settings, recorder);
        for stranger in 0..self.strangers {
            let tick = Event::Tick { stranger, rounds: parcels };
            simulation.act(|_, context| context.schedule_after(Span::from_secs(1), tick, Place::FREE));
        }
        for from in 0..count {
            let post = Event::Post { from, parcel: parcels };
            simulation.act(|_, context| context.schedule_after(Span::from_secs(1), post, Place::FREE));
        }
        simulation
    }

    pub(crate) fn run<R: Recorder<Topic>>(&self, recorder: R) -> (Names, R) {
        let mut simulation = self.simulation(recorder);
        assert_eq!(simulation.run(), End::Quiescent);
        let (_, names, recorder) = simulation.into_parts();
        (names, recorder)
    }

    pub(crate) fn trace(&self) -> Trace {
        self.run(Tracer::new(self.header())).1.into_trace()
    }
}
