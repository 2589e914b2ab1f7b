//! The world under test: clerks post parcels to each other, and clocks that touch nobody tick at the same instants.

use core::fmt;

use tiebreak_kernel::{
    Context, End, Fact, Instant, Lane, Name, Names, Recorder, Settings, Simulation, Span, Subject, Symbol,
    World, terms,
};
use tiebreak_trace::{Digest, Header, RESULT, Trace, Tracer};

terms! {
    POST = "post",
    POSTED = "Posted",
    DELIVER = "deliver",
    pub(crate) RECEIVED = "Received",
    TICK = "tick",
    TO = "to",
    WEIGHT = "weight",
    HOLD = "hold",
    ABOUT = "about",
    OK = "OK",
}

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
    Tick { clock: u32, rounds: u64 },
}

#[derive(Debug, Clone)]
pub(crate) struct Office {
    clerks: Vec<Symbol>,
    clocks: Vec<Symbol>,
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
            Event::Post { from, parcel } => Name::of(self.clerk(from), POST, Topic::Parcel(parcel)),
            Event::Deliver { to, parcel } => Name::of(self.clerk(to), DELIVER, Topic::Parcel(parcel)),
            Event::Tick { clock, .. } => {
                let actor = self.clocks[clock as usize];
                Name::of(actor, TICK, Topic::Label(actor))
            }
        }
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, Topic>) {
        match event {
            Event::Post { from, parcel } => self.post(from, parcel, context),
            Event::Deliver { to, parcel } => {
                let name = Name::of(self.clerk(to), RECEIVED, Topic::Parcel(parcel));
                context.record(name, &[]);
                if parcel > 0 {
                    let again = Event::Post { from: to, parcel: parcel - 1 };
                    context.schedule_after(Span::from_secs(1), again);
                }
            }
            Event::Tick { clock, rounds } => {
                let actor = self.clocks[clock as usize];
                let drawn = context.draw(actor, TICK, 0..=9);
                context.record(Name::of(actor, TICK, Topic::Nothing), &[Fact::number(WEIGHT, drawn)]);
                if rounds > 0 {
                    let again = Event::Tick { clock, rounds: rounds - 1 };
                    context.schedule_after(Span::from_millis(500), again);
                }
            }
        }
    }
}

impl Office {
    fn post(&self, from: u32, parcel: u64, context: &mut Context<'_, Event, Topic>) {
        let to = (from + 1) % u32::try_from(self.clerks.len()).expect("few clerks");
        let weight = context.draw(self.clerk(from), WEIGHT, 1..=1_000);
        let facts = [
            Fact::name(TO, self.clerk(to)),
            Fact::number(WEIGHT, weight),
            Fact::span(HOLD, Span::from_millis(250)),
            Fact::subject(ABOUT, Topic::Parcel(parcel)),
            Fact::word(RESULT, OK),
        ];
        context.record(Name::of(self.clerk(from), POSTED, Topic::Parcel(parcel)), &facts);
        let deliver = Event::Deliver { to, parcel };
        context.on(Lane::new(to)).schedule_after(Span::from_secs(1), deliver);
    }
}

/// How an office is set up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) clerks: u32,
    pub(crate) parcels: u64,
    pub(crate) clocks: u32,
    pub(crate) settings: Settings,
}

pub(crate) const fn setup(clerks: u32, parcels: u64, clocks: u32, seed: u64) -> Setup {
    let settings = Settings::new(seed);
    Setup { clerks, parcels, clocks, settings }
}

impl Setup {
    pub(crate) fn header(&self) -> Header {
        Header::new(1, Digest::of(b"office"), &self.settings)
    }

    /// Clocks are interned and scheduled first, so that whatever depends on numbers or order of interning shows.
    pub(crate) fn simulation<R: Recorder<Topic>>(&self, recorder: R) -> Simulation<Office, R> {
        let mut names = Names::default();
        let clocks: Vec<Symbol> = (0..self.clocks).map(|n| names.intern(&format!("clock{n}"))).collect();
        let clerks: Vec<Symbol> = (0..self.clerks).map(|n| names.intern(&format!("clerk{n}"))).collect();
        let Self { clerks: count, parcels, settings, .. } = *self;
        let mut simulation =
            Simulation::new(Office { clerks, clocks }, settings).with_names(names).with_recorder(recorder);
        for clock in 0..self.clocks {
            let tick = Event::Tick { clock, rounds: parcels };
            simulation.act(|_, context| context.schedule_after(Span::from_secs(1), tick));
        }
        for from in 0..count {
            let post = Event::Post { from, parcel: parcels };
            simulation.act(|_, context| context.schedule_after(Span::from_secs(1), post));
        }
        simulation
    }

    pub(crate) fn run<R: Recorder<Topic>>(&self, recorder: R) -> (Names, R) {
        let mut simulation = self.simulation(recorder);
        assert_eq!(simulation.run(), End::Quiescent);
        let (_, names, recorder) = simulation.into_parts();
        (names, recorder)
    }

    pub(crate) fn trace_until(&self, end: Instant) -> Trace {
        let mut simulation = self.simulation(Tracer::new(self.header()));
        assert!(simulation.run_until(end).is_continue(), "it goes on after that");
        simulation.into_parts().2.into_trace()
    }

    pub(crate) fn trace(&self) -> Trace {
        self.run(Tracer::new(self.header())).1.into_trace()
    }
}
