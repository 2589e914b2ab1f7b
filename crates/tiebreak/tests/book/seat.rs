// A seat that is held for ten minutes, and a customer who pays at the last moment.

// ANCHOR: world
use tiebreak::{Context, Name, Names, Outcome, Record, Run, Span, World, monitor, outcome, terms};

terms! {
    SEAT = "seat", CUSTOMER = "customer",
    RESERVE = "reserve", LAPSE = "lapse", PAY = "pay",
    SOLD = "Sold", FREED = "Freed",
}

const HOLD: Span = Span::from_secs(600);

enum Event {
    Reserve,
    Lapse,
    Pay,
}

#[derive(Default, PartialEq, Eq)]
enum Seat {
    #[default]
    Free,
    Held,
    Sold,
}

impl World for Seat {
    type Event = Event;
    type Subject = ();

    fn name(&self, event: &Event) -> Name<()> {
        match event {
            Event::Reserve => Name::of(SEAT, RESERVE, ()),
            Event::Lapse => Name::of(SEAT, LAPSE, ()),
            Event::Pay => Name::of(CUSTOMER, PAY, ()),
        }
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, ()>) {
        match event {
            Event::Reserve => {
                *self = Seat::Held;
                context.schedule_after(HOLD, Event::Lapse);
                context.schedule_after(HOLD, Event::Pay);
            }
            Event::Pay if *self == Seat::Held => {
                *self = Seat::Sold;
                context.record(Name::of(SEAT, SOLD, ()), &[]);
            }
            Event::Pay => {} // too late: the payment is refused
            Event::Lapse => {
                *self = Seat::Free;
                context.record(Name::of(SEAT, FREED, ()), &[]);
            }
        }
    }
}
// ANCHOR_END: world

// ANCHOR: run
/// What must hold: a seat that was sold is not free again.
fn sold_once() -> impl FnMut(&Names, &Record<'_, ()>) -> Result<(), String> {
    let mut is_sold = false;
    move |_names, record| {
        is_sold |= record.name.kind == SOLD;
        if is_sold && record.name.kind == FREED {
            Err("a seat that was sold is free again".into())
        } else {
            Ok(())
        }
    }
}

/// One run: the first event, and all that follows from it.
fn seat(run: &mut Run<'_, '_>) -> Outcome {
    let mut simulation = run.simulation(Seat::default(), [monitor("sold-once", sold_once())]);
    simulation.act(|_, context| context.schedule_after(Span::ZERO, Event::Reserve));
    let end = simulation.run();
    outcome(&simulation, Some(&end))
}
// ANCHOR_END: run
