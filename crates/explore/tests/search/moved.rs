//! Failures among timers that are moved whenever something happens.

use tiebreak_explore::{
    Director, Directory, Failure, Outcome, Program, Rest, Setup, Strategy, Verdict, shrink,
};
use tiebreak_kernel::{
    Context, Frontier, Instant, Name, Order, Settings, Simulation, Span, Timer, World, terms,
};
use tiebreak_trace::Digest;

terms! { MACHINE = "machine", STEP = "step", TIMER = "timer" }

/// How many steps there are; at each but the first the timer is due as well.
const STEPS: u64 = 30;

/// Each step moves the timer to the instant of the next step. If the timer fires all the same, the machine stops.
#[derive(Debug, Default)]
struct Machine {
    timer: Timer,
    steps: u64,
    stopped_after: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Step(u64),
    Timer,
}

impl World for Machine {
    type Event = Event;
    type Subject = u64;

    fn name(&self, event: &Event) -> Name<u64> {
        match event {
            Event::Step(number) => Name::of(MACHINE, STEP, *number),
            Event::Timer => Name::of(MACHINE, TIMER, u64::MAX),
        }
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, u64>) {
        match event {
            Event::Step(_) if self.stopped_after.is_some() => {}
            Event::Step(number) => {
                self.steps = number;
                self.timer.arm_after(context, Span::from_millis(10), Event::Timer);
            }
            Event::Timer => self.stopped_after = self.stopped_after.or(Some(self.steps)),
        }
    }
}

/// The machine must not stop right before the last step.
struct Stops;

impl Program for Stops {
    fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome {
        let settings = Settings::new(setup.seed).with_order(setup.order);
        let mut simulation = Simulation::new(Machine::default(), settings).with_choices(choices);
        simulation.act(|_, context| {
            for step in 1..=STEPS {
                context.schedule_after(Span::from_millis(10 * step), Event::Step(step));
            }
        });
        simulation.run();
        let stops = simulation.world().stopped_after == Some(STEPS - 1);
        let failure = Failure { monitor: "goes-on".into(), event: None, message: String::new() };
        Outcome {
            verdict: Verdict::of(if stops { vec![failure] } else { Vec::new() }),
            behaviour: Digest::of(b""),
            contended: 0,
            milestones: 0,
            progress_at: None,
            twins: Vec::new(),
        }
    }
}

/// In the order of scheduling, each step comes before the timer that it moves; but not the last one.
struct LastOneTurned;

impl Strategy for LastOneTurned {
    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        let is_last = frontier.now() == Instant::from_millis(10 * STEPS);
        if is_last { frontier.len() - 1 } else { 0 }
    }
}

#[test]
fn what_was_cancelled_at_every_instant_is_kept_from_running_when_a_failure_is_shrunk() {
    let (mut directory, mut late) = (Directory::default(), LastOneTurned);
    let mut director = Director::new(&mut directory, 1).with_strategy(&mut late).watching();
    let outcome = Stops.run(Setup { order: Order::Fifo, seed: 1 }, &mut director);
    let symptoms = director.symptoms(&outcome);
    let (history, _) = director.finish();
    let shrunk =
        shrink(&Stops, &history, &symptoms[0], 1, &mut directory).expect("it follows from the order");
    assert!(shrunk.is_confirmed() && shrunk.cause.rest == Rest::Drawn);
    // At each instant one ordering: the timer is late, and at last it is not.
    let orderings: Vec<String> = shrunk.cause.constraints.iter().map(ToString::to_string).collect();
    assert_eq!(orderings.len() as u64, STEPS - 1, "{orderings:?}");
    let last = "machine/timer#1 before machine/step(30)#1";
    assert_eq!(orderings.iter().filter(|ordering| *ordering == last).count(), 1, "{orderings:?}");
}
