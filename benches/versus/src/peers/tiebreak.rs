//! Tiebreak: seeded order, recording off. The second entry is the same kernel, first in, first out; the others record, and
//! are there to be counted.

use core::hint::black_box;

use tiebreak_kernel::{
    Context, End, Handle, Limits, Name, Names, Order, Recorder, Settings, Silent, Simulation, Span, Symbol,
    World, terms,
};
use tiebreak_trace::{Digest, Fingerprinter, Header, Projection, RunFingerprinter, Tracer, write_text};
use tiebreak_versus::{Case, Cursor, Meter, Outcome, SECOND, Workload, delays, picks};

use super::{Clock, Fit, Peer, Program, Ties};

pub(super) const PEER: Peer = Peer {
    name: "tiebreak",
    package: Some("tiebreak-kernel"),
    ties: Ties::Seeded,
    clock: Clock::Nanoseconds,
    fit: |_| Fit::Runs,
    program: Program::Here(|case| run(case, Order::Seeded, Silent).0),
};

pub(super) const FIFO: Peer = Peer {
    name: "tiebreak-fifo",
    ties: Ties::Fifo,
    program: Program::Here(|case| run(case, Order::Fifo, Silent).0),
    ..PEER
};

pub(super) const RUN_FINGERPRINT: Peer = Peer {
    name: "tiebreak-run",
    program: Program::Here(|case| recorded(case, RunFingerprinter::default(), |recorder, _| recorder.run())),
    ..PEER
};

pub(super) const LAYERED: Peer = Peer {
    name: "tiebreak-layered",
    program: Program::Here(|case| {
        recorded(case, Fingerprinter::default(), |recorder, names| recorder.fingerprint(names).run)
    }),
    ..PEER
};

pub(super) const TEXT: Peer = Peer {
    name: "tiebreak-text",
    program: Program::Here(|case| {
        let header = Header::new(0, Digest::of(b"text"), &settings(Order::Seeded));
        recorded(case, Tracer::new(header), |recorder, _| {
            let mut text = String::new();
            write_text(recorder.trace(), &Projection::Whole, &mut text).expect("a String takes everything");
            Digest::of(text.as_bytes())
        })
    }),
    ..PEER
};

terms! {
    TIMERS = "timers", SOURCE = "source",
    FIRE = "fire", HOP = "hop", CHANGE = "change", TOLD = "told",
}

fn settings(order: Order) -> Settings {
    let limits = Limits::DEFAULT.with_events_at_instant(1 << 40);
    Settings::new(1).with_order(order).with_limits(limits)
}

/// What a run ends with: how it went, the names, what recorded.
type Ended<R> = (Outcome, Names, R);

fn run<R: Recorder<u64>>(case: &Case, order: Order, recorder: R) -> Ended<R> {
    match case.workload {
        Workload::Hold => hold(case, settings(order), recorder),
        Workload::Churn => churn(case, settings(order), recorder),
        Workload::Actors => actors(case, settings(order), recorder),
        Workload::FanOut => fan_out(case, settings(order), recorder),
        Workload::Burst => burst(case, settings(order), recorder),
    }
}

/// Runs a case while something records it, and says on the error stream what was recorded.
fn recorded<R: Recorder<u64>>(case: &Case, recorder: R, digest: fn(&R, &Names) -> Digest) -> Outcome {
    let (outcome, names, recorder) = run(case, Order::Seeded, recorder);
    eprintln!("fingerprint {}", digest(&recorder, &names));
    outcome
}

/// Runs a world until its meter says stop.
fn finish<W: World, R: Recorder<W::Subject>>(
    mut simulation: Simulation<W, R>,
    meter: fn(&W) -> &Meter,
) -> Ended<R> {
    let end = simulation.run();
    assert!(matches!(end, End::Stopped(_)), "the run ended early: {end:?}");
    let outcome = meter(simulation.world()).outcome(simulation.now().as_nanos());
    let (_, names, recorder) = simulation.into_parts();
    (outcome, names, recorder)
}

/// Counts an event and stops the run after the last.
#[inline]
fn count<E>(meter: &mut Meter, value: u64, context: &mut Context<'_, E, u64>) {
    if !meter.count(value) {
        context.stop("measured");
    }
}

struct Delays {
    table: Vec<u64>,
    cursor: Cursor,
}

impl Delays {
    fn new(case: &Case) -> Self {
        Self { table: delays(case.distribution), cursor: Cursor::default() }
    }

    #[inline]
    fn next(&mut self) -> Span {
        Span::from_nanos(self.table[self.cursor.advance()])
    }
}

struct Hold {
    delays: Delays,
    meter: Meter,
}

impl World for Hold {
    type Event = u64;
    type Subject = u64;

    fn name(&self, timer: &u64) -> Name<u64> {
        Name::of(TIMERS, FIRE, *timer)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as a program with one recorder is compiled; here are four")]
    fn handle(&mut self, timer: u64, context: &mut Context<'_, u64, u64>) {
        black_box(context.schedule_after(self.delays.next(), timer));
        count(&mut self.meter, timer, context);
    }
}

fn hold<R: Recorder<u64>>(case: &Case, settings: Settings, recorder: R) -> Ended<R> {
    let world = Hold { delays: Delays::new(case), meter: Meter::new(case) };
    let mut simulation = Simulation::new(world, settings).with_recorder(recorder);
    simulation.act(|world, context| {
        for timer in 0..case.size_u64() {
            context.schedule_after(world.delays.next(), timer);
        }
    });
    finish(simulation, |world| &world.meter)
}

struct Churn {
    delays: Delays,
    picks: Vec<u32>,
    pick: Cursor,
    handles: Vec<Handle>,
    meter: Meter,
}

impl World for Churn {
    type Event = u32;
    type Subject = u64;

    fn name(&self, timer: &u32) -> Name<u64> {
        Name::of(TIMERS, FIRE, u64::from(*timer))
    }

    fn handle(&mut self, timer: u32, context: &mut Context<'_, u32, u64>) {
        self.handles[timer as usize] = context.schedule_after(self.delays.next(), timer);
        for _ in 0..9 {
            let other = self.picks[self.pick.advance()];
            context.cancel(self.handles[other as usize]).expect("every timer is pending");
            self.handles[other as usize] = context.schedule_after(self.delays.next(), other);
        }
        count(&mut self.meter, u64::from(timer), context);
    }
}

fn churn<R: Recorder<u64>>(case: &Case, settings: Settings, recorder: R) -> Ended<R> {
    let (delays, picks, meter) = (Delays::new(case), picks(case.size), Meter::new(case));
    let world = Churn { delays, picks, pick: Cursor::default(), handles: Vec::new(), meter };
    let mut simulation = Simulation::new(world, settings).with_recorder(recorder);
    simulation.act(|world, context| {
        for timer in 0..u32::try_from(case.size).expect("sizes fit in 32 bits") {
            let handle = context.schedule_after(world.delays.next(), timer);
            world.handles.push(handle);
        }
    });
    finish(simulation, |world| &world.meter)
}

#[derive(Clone, Copy)]
struct Hop {
    to: u32,
    value: u64,
}

struct Actors {
    delays: Vec<u64>,
    picks: Vec<u32>,
    cursor: Cursor,
    sums: Vec<u64>,
    names: Vec<Symbol>,
    meter: Meter,
}

impl World for Actors {
    type Event = Hop;
    type Subject = u64;

    fn name(&self, hop: &Hop) -> Name<u64> {
        Name::of(self.names[hop.to as usize], HOP, 0)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as a program with one recorder is compiled; here are four")]
    fn handle(&mut self, hop: Hop, context: &mut Context<'_, Hop, u64>) {
        self.sums[hop.to as usize] += hop.value;
        let index = self.cursor.advance();
        let next = Hop { to: self.picks[index], value: hop.value + 1 };
        context.schedule_after(Span::from_nanos(self.delays[index]), next);
        count(&mut self.meter, hop.value, context);
    }
}

fn actors<R: Recorder<u64>>(case: &Case, settings: Settings, recorder: R) -> Ended<R> {
    let mut names = Names::default();
    let symbols = (0..case.size).map(|actor| names.intern(&format!("actor{actor}"))).collect();
    let (delays, picks, sums) = (delays(case.distribution), picks(case.size), vec![0; case.size]);
    let (cursor, meter) = (Cursor::default(), Meter::new(case));
    let world = Actors { delays, picks, cursor, sums, names: symbols, meter };
    let mut simulation = Simulation::new(world, settings).with_names(names).with_recorder(recorder);
    simulation.act(|world, context| {
        for to in 0..u32::try_from(case.size).expect("sizes fit in 32 bits") {
            let delay = world.delays[world.cursor.advance()];
            context.schedule_after(Span::from_nanos(delay), Hop { to, value: 1 });
        }
    });
    finish(simulation, |world| &world.meter)
}

#[derive(Clone, Copy)]
enum News {
    Change(u64),
    Told(u32, u64),
}

struct FanOut {
    sums: Vec<u64>,
    names: Vec<Symbol>,
    meter: Meter,
}

impl World for FanOut {
    type Event = News;
    type Subject = u64;

    fn name(&self, news: &News) -> Name<u64> {
        match *news {
            News::Change(_) => Name::of(SOURCE, CHANGE, 0),
            News::Told(subscriber, _) => Name::of(self.names[subscriber as usize], TOLD, 0),
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as a program with one recorder is compiled; here are four")]
    fn handle(&mut self, news: News, context: &mut Context<'_, News, u64>) {
        match news {
            News::Change(value) => {
                for subscriber in 0..u32::try_from(self.sums.len()).expect("sizes fit in 32 bits") {
                    context.schedule_after(Span::ZERO, News::Told(subscriber, value));
                }
                context.schedule_after(Span::from_secs(1), News::Change(value + 1));
            }
            News::Told(subscriber, value) => {
                self.sums[subscriber as usize] += value;
                count(&mut self.meter, value, context);
            }
        }
    }
}

fn fan_out<R: Recorder<u64>>(case: &Case, settings: Settings, recorder: R) -> Ended<R> {
    let mut names = Names::default();
    let symbols = (0..case.size).map(|subscriber| names.intern(&format!("subscriber{subscriber}"))).collect();
    let world = FanOut { sums: vec![0; case.size], names: symbols, meter: Meter::new(case) };
    let mut simulation = Simulation::new(world, settings).with_names(names).with_recorder(recorder);
    simulation.act(|_, context| context.schedule_after(Span::from_secs(1), News::Change(0)));
    finish(simulation, |world| &world.meter)
}

#[derive(Clone, Copy)]
enum Shot {
    Source,
    Tied(u64),
}

struct Burst {
    size: u64,
    meter: Meter,
}

impl World for Burst {
    type Event = Shot;
    type Subject = u64;

    fn name(&self, shot: &Shot) -> Name<u64> {
        match *shot {
            Shot::Source => Name::of(SOURCE, CHANGE, 0),
            Shot::Tied(number) => Name::of(TIMERS, FIRE, number),
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as a program with one recorder is compiled; here are four")]
    fn handle(&mut self, shot: Shot, context: &mut Context<'_, Shot, u64>) {
        match shot {
            Shot::Source => {
                for number in 0..self.size {
                    context.schedule_after(Span::from_nanos(SECOND), Shot::Tied(number));
                }
                context.schedule_after(Span::from_nanos(2 * SECOND), Shot::Source);
            }
            Shot::Tied(number) => count(&mut self.meter, number, context),
        }
    }
}

fn burst<R: Recorder<u64>>(case: &Case, settings: Settings, recorder: R) -> Ended<R> {
    let world = Burst { size: case.size_u64(), meter: Meter::new(case) };
    let mut simulation = Simulation::new(world, settings).with_recorder(recorder);
    simulation.act(|_, context| context.schedule_after(Span::from_nanos(SECOND), Shot::Source));
    finish(simulation, |world| &world.meter)
}
