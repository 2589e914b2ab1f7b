//! calandria-sim with its seeded scheduler: only the burst, since ties are what it is compared for. The burst is injected
//! from outside, and one is measured: for each event it looks at all simultaneous ones.

use core::convert::Infallible;
use core::num::{NonZeroU64, NonZeroUsize};

use calandria::{Moment, Retained, RetainedBytes, Turn};
use calandria_sim::{
    ActionContext, Delivery, DutyId, EntropySeed, EntropyStreamId, Model, Seeded, Simulation,
    SimulationLimits, TimelineId, TimelineLimits, Topology,
};
use tiebreak_versus::{Case, Meter, Outcome, SECOND, Workload};

use super::{Clock, Fit, Peer, Program, Ties};

pub(super) const PEER: Peer = Peer {
    name: "calandria",
    package: Some("calandria-sim"),
    ties: Ties::Seeded,
    clock: Clock::Nanoseconds,
    fit: |case| match case.workload {
        Workload::Burst => Fit::Shortened(1, case.size_u64() - 1),
        Workload::Hold | Workload::Churn | Workload::Actors | Workload::FanOut => {
            Fit::LeftOut("compared for ties only")
        }
    },
    program: Program::Here(run),
};

const OWNER: DutyId = DutyId::new(1);

struct Tied(u64);

impl Retained for Tied {
    fn retained_bytes(&self) -> RetainedBytes {
        RetainedBytes::new(8)
    }
}

struct Nothing;

impl Retained for Nothing {
    fn retained_bytes(&self) -> RetainedBytes {
        RetainedBytes::new(0)
    }
}

struct Burst {
    meter: Meter,
}

impl Model for Burst {
    type Event = Tied;
    type Observation = Nothing;
    type Error = Infallible;

    fn turn(
        &mut self,
        _: DutyId,
        _: Moment,
        _: &mut ActionContext<'_, Tied, Nothing>,
    ) -> Result<Turn, Infallible> {
        Ok(Turn::waiting())
    }

    fn deliver(
        &mut self,
        _: DutyId,
        delivery: Delivery<Tied>,
        _: &mut ActionContext<'_, Tied, Nothing>,
    ) -> Result<Turn, Infallible> {
        self.meter.count(delivery.event().0);
        Ok(Turn::waiting())
    }
}

fn run(case: &Case) -> Outcome {
    let events = NonZeroUsize::new(case.size + 1).expect("one at least");
    let actions = NonZeroU64::new(u64::MAX).expect("one at least");
    let limits = SimulationLimits::new(TimelineLimits::new(events, RetainedBytes::new(1 << 30)))
        .with_total_actions(actions)
        .with_actions_per_moment(actions);
    let topology = Topology::new([OWNER]).expect("one owner");
    let scheduler = Seeded::new(EntropySeed::new(1), EntropyStreamId::new(1));
    let burst = Burst { meter: Meter::new(case) };
    let Ok(mut simulation) =
        Simulation::with_scheduler(TimelineId::new(1), burst, topology, limits, scheduler)
    else {
        unreachable!("the topology is within its limits")
    };
    // As the source of the other peers: at one second, for the second after.
    for number in 0..case.size_u64() {
        let at = Moment::from_nanos(2 * SECOND);
        assert!(simulation.inject_at(OWNER, at, Tied(number)).is_ok(), "the burst is within the limits");
    }
    while !simulation.model().meter.is_done() {
        assert!(simulation.step().is_ok(), "the workload never runs dry");
    }
    let now = simulation.now().as_nanos();
    simulation.model().meter.outcome(now)
}
