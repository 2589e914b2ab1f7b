//! What the book says of periodic work, and of a world that never rests.

use tiebreak::{Context, End, Instant, Name, Settings, Simulation, Span, World, terms};

terms! { HEART = "heart", PUMP = "pump", START = "start", BEAT = "beat", TURN = "turn" }

const SECOND: Span = Span::from_secs(1);

#[derive(Clone)]
enum Event {
    Start,
    Beat,
    Turn,
}

#[derive(Default)]
struct Heart {
    beats: u64,
    turns: u64,
}

impl World for Heart {
    type Event = Event;
    type Subject = ();

    fn name(&self, event: &Event) -> Name<()> {
        match event {
            Event::Start => Name::of(HEART, START, ()),
            Event::Beat => Name::of(HEART, BEAT, ()),
            Event::Turn => Name::of(PUMP, TURN, ()),
        }
    }

    // ANCHOR: every
    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, ()>) {
        match event {
            Event::Start => {
                context.every(SECOND, Event::Beat);
            }
            Event::Beat => self.beats += 1,
            Event::Turn => {
                self.turns += 1;
                context.schedule_after(SECOND, Event::Turn);
            }
        }
    }
    // ANCHOR_END: every
}

#[test]
fn periodic_work_keeps_no_run_alive_and_a_horizon_ends_a_world_that_never_rests() {
    // ANCHOR: ends
    let mut simulation = Simulation::new(Heart::default(), Settings::new(1));
    simulation.act(|_, context| context.schedule_after(Span::ZERO, Event::Start));
    assert_eq!(simulation.run(), End::Quiescent);
    assert_eq!(simulation.world().beats, 0); // nothing is left but beats, and no run waits for them
    assert!(simulation.run_until(Instant::from_secs(10)).is_continue());
    assert_eq!(simulation.world().beats, 10);

    simulation.act(|_, context| context.schedule_after(SECOND, Event::Turn)); // and then once a second, for ever
    simulation.set_horizon(Instant::from_secs(60));
    assert_eq!(simulation.run(), End::Horizon);
    assert_eq!(simulation.world().turns, 50);
    // ANCHOR_END: ends
}
