//! simulacra, through its raw `Simulation<E>`: the shape closest to Tiebreak's, and its fastest. It cannot cancel.

use simulacra::{Duration, Simulation, Time};
use tiebreak_versus::{Case, Cursor, Meter, Outcome, SECOND, Workload, delays, picks};

use super::{Clock, Fit, Peer, Program, Ties};

pub(super) const PEER: Peer = Peer {
    name: "simulacra",
    package: Some("simulacra"),
    ties: Ties::Fifo,
    clock: Clock::Nanoseconds,
    fit: |case| match case.workload {
        Workload::Churn => Fit::LeftOut("it cannot cancel"),
        Workload::Hold | Workload::Actors | Workload::FanOut | Workload::Burst => Fit::Runs,
    },
    program: Program::Here(run),
};

fn run(case: &Case) -> Outcome {
    match case.workload {
        Workload::Hold => hold(case),
        Workload::Actors => actors(case),
        Workload::FanOut => fan_out(case),
        Workload::Burst => burst(case),
        Workload::Churn => unreachable!("left out"),
    }
}

/// Runs until the handler says stop.
fn finish<E>(
    simulation: Simulation<E>,
    mut meter: Meter,
    mut handle: impl FnMut(&mut Simulation<E>, E, &mut Meter) -> bool,
) -> Outcome {
    let mut now = 0;
    simulation.run_until(|simulation, event| {
        let goes_on = handle(simulation, event, &mut meter);
        if !goes_on {
            now = simulation.now().as_nanos();
        }
        goes_on
    });
    meter.outcome(now)
}

fn hold(case: &Case) -> Outcome {
    let (delays, mut cursor, meter) = (delays(case.distribution), Cursor::default(), Meter::new(case));
    let mut simulation = Simulation::with_capacity(case.size);
    for timer in 0..case.size_u64() {
        simulation.schedule(Time::from_nanos(delays[cursor.advance()]), timer);
    }
    finish(simulation, meter, move |simulation, timer, meter| {
        simulation.schedule_in(Duration::from_nanos(delays[cursor.advance()]), timer);
        meter.count(timer)
    })
}

fn actors(case: &Case) -> Outcome {
    let (delays, mut cursor, meter) = (delays(case.distribution), Cursor::default(), Meter::new(case));
    let (picks, mut sums) = (picks(case.size), vec![0; case.size]);
    let mut simulation = Simulation::with_capacity(case.size);
    for actor in 0..u32::try_from(case.size).expect("sizes fit in 32 bits") {
        simulation.schedule(Time::from_nanos(delays[cursor.advance()]), (actor, 1));
    }
    finish(simulation, meter, move |simulation, (actor, value), meter| {
        sums[actor as usize] += value;
        let index = cursor.advance();
        simulation.schedule_in(Duration::from_nanos(delays[index]), (picks[index], value + 1));
        meter.count(value)
    })
}

enum News {
    Change(u64),
    Told(u32, u64),
}

fn fan_out(case: &Case) -> Outcome {
    let mut sums = vec![0; case.size];
    let mut simulation = Simulation::with_capacity(case.size + 1);
    simulation.schedule(Time::from_nanos(SECOND), News::Change(0));
    finish(simulation, Meter::new(case), move |simulation, news, meter| match news {
        News::Change(value) => {
            for subscriber in 0..u32::try_from(sums.len()).expect("sizes fit in 32 bits") {
                simulation.schedule_in(Duration::from_nanos(0), News::Told(subscriber, value));
            }
            simulation.schedule_in(Duration::from_nanos(SECOND), News::Change(value + 1));
            true
        }
        News::Told(subscriber, value) => {
            sums[subscriber as usize] += value;
            meter.count(value)
        }
    })
}

enum Shot {
    Source,
    Tied(u64),
}

fn burst(case: &Case) -> Outcome {
    let size = case.size_u64();
    let mut simulation = Simulation::with_capacity(case.size + 1);
    simulation.schedule(Time::from_nanos(SECOND), Shot::Source);
    finish(simulation, Meter::new(case), move |simulation, shot, meter| match shot {
        Shot::Source => {
            for number in 0..size {
                simulation.schedule_in(Duration::from_nanos(SECOND), Shot::Tied(number));
            }
            simulation.schedule_in(Duration::from_nanos(2 * SECOND), Shot::Source);
            true
        }
        Shot::Tied(number) => meter.count(number),
    })
}
