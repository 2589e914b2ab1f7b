//! What a recorder is told.

use tiebreak_kernel::{
    Choice, Context, Fact, Instant, Lane, Limits, Name, Names, Order, Origin, Place, Record, Recorder,
    Settings, Silent, Simulation, Span, Subject, Term, Value, World, event_code,
};

use crate::stage::{Act, event, names, perform, recorded, settings};

/// One line a record: number, instant, name, repeat, choice or what was noted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Log {
    pub(crate) lines: Vec<String>,
    pub(crate) choices: Vec<Option<Choice>>,
    pub(crate) causes: Vec<Option<u64>>,
    pub(crate) codes: Vec<u64>,
}

impl Recorder<u64> for Log {
    fn record(&mut self, names: &Names, record: &Record<'_, u64>) {
        let mut line = format!("{} {} ", record.number, record.instant);
        record.name.write(names, &mut line).expect("a string takes everything");
        match record.origin {
            Origin::Dispatch { repeat, choice } => {
                line += &choice.map_or(format!("#{repeat}"), |choice| format!("#{repeat} {choice}"));
                self.choices.push(choice);
                self.codes.push(event_code(record.name.code(names), repeat));
            }
            Origin::Note => line += " noted",
            Origin::Cancelled => line += " cancelled",
            Origin::Moved { to } => line.extend([" moved to ", &to.to_string()]),
        }
        self.causes.push(record.cause);
        self.lines.push(line);
    }

    fn bytes(&self) -> u64 {
        self.lines.iter().map(|line| line.len() as u64).sum()
    }
}

fn lane(number: u32) -> Place {
    Place::lane(Lane::new(number))
}

#[test]
fn a_dispatch_tells_number_instant_name_repeat_and_choice() {
    let acts = [
        Act::At(
            5,
            lane(0),
            event(0).then(Act::After(0, lane(0), event(1))).then(Act::At(9, Place::FREE, event(1))),
        ),
        Act::At(5, lane(0), event(1)),
        Act::At(5, Place::FREE, event(2)),
        Act::At(5, Place::FREE, event(1)),
    ];
    let mut simulation = recorded(settings(1, Order::Fifo), &acts, Log::default());
    simulation.run();
    assert_eq!(
        simulation.recorder().lines,
        [
            "1 5ns a/does(0)#1 1/3",
            "2 5ns b/does(1)#1 1/3",
            "3 5ns c/does(2)#1 1/3",
            "4 5ns b/does(1)#2 1/2",
            "5 5ns b/does(1)#3",
            "6 9ns b/does(1)#4",
        ]
    );
}

#[test]
fn the_choice_counts_places_in_the_order_of_scheduling() {
    for seed in 0..100 {
        let acts: Vec<Act> = (0..6).map(|id| Act::At(5, Place::FREE, event(id))).collect();
        let mut simulation = recorded(settings(seed, Order::Seeded), &acts, Log::default());
        simulation.run();
        let mut left: Vec<u64> = (0..6).collect();
        for (id, choice) in simulation.world().ids().into_iter().zip(&simulation.recorder().choices) {
            let index = left.iter().position(|other| *other == id).expect("it was left");
            let [index, of] = [index, left.len()].map(|count| u32::try_from(count).expect("few"));
            assert_eq!(*choice, (of > 1).then_some(Choice { index, of, is_twin: false }));
            left.retain(|other| *other != id);
        }
    }
}

#[test]
fn the_cause_is_the_event_that_scheduled_or_rescheduled() {
    let acts = [
        Act::At(
            1,
            Place::FREE,
            event(0).then(Act::After(1, Place::FREE, event(2))).then(Act::After(5, Place::FREE, event(3))),
        ),
        Act::At(3, Place::FREE, event(1).then(Act::Reschedule(3, 4))),
    ];
    let mut simulation = recorded(settings(1, Order::Seeded), &acts, Log::default());
    simulation.run();
    assert_eq!(simulation.world().ids(), [0, 2, 1, 3]);
    let Log { causes, codes, .. } = simulation.recorder();
    assert_eq!(*causes, [None, Some(codes[0]), None, Some(codes[2])]);
}

#[test]
fn acts_from_outside_have_no_cause() {
    let mut simulation =
        recorded(settings(1, Order::Seeded), &[Act::At(1, Place::FREE, event(0))], Log::default());
    assert!(simulation.step().is_continue());
    perform(&mut simulation, &[Act::After(0, Place::FREE, event(1))]);
    simulation.run();
    assert_eq!(simulation.recorder().causes, [None, None]);
}

#[test]
fn a_recorder_of_two_tells_both_and_asks_both() {
    let acts = [Act::At(1, Place::FREE, event(0)), Act::At(1, Place::FREE, event(1))];
    let mut simulation =
        recorded(settings(1, Order::Fifo), &acts, (Log::default(), (Silent, Log::default())));
    simulation.run();
    let (first, (_, second)) = simulation.recorder();
    assert_eq!((first, first.lines.len()), (second, 2));
    assert_eq!(Recorder::<u64>::bytes(simulation.recorder()), 2 * Recorder::<u64>::bytes(first));
    let enabled = [
        Recorder::<u64>::is_enabled(&(Silent, Silent)),
        Recorder::<u64>::is_enabled(&(Silent, Log::default())),
        Recorder::<u64>::is_enabled(&(Silent, Silent, Log::default(), Silent)),
    ];
    assert_eq!(enabled, [false, true, true]);
}

/// A recorder that is off: nobody may tell it anything.
#[derive(Debug)]
struct Deaf;

impl Recorder<u64> for Deaf {
    fn is_enabled(&self) -> bool {
        false
    }

    fn record(&mut self, _names: &Names, _record: &Record<'_, u64>) {
        unreachable!("it takes nothing");
    }
}

#[test]
fn a_recorder_that_is_off_is_told_nothing() {
    let acts = [Act::At(1, Place::FREE, event(0)), Act::At(1, Place::FREE, event(1))];
    recorded(settings(1, Order::Seeded), &acts, Deaf).run();
    let mut simulation = recorded(settings(1, Order::Seeded), &acts, (Deaf, (Log::default(), Deaf)));
    simulation.run();
    assert_eq!(simulation.recorder().1.0.lines.len(), 2);
}

/// A world whose one event notes facts, and again later.
#[derive(Debug, Clone)]
struct Noter;

impl World for Noter {
    type Event = bool;
    type Subject = u64;

    fn name(&self, _event: &bool) -> Name<u64> {
        name("note")
    }

    fn handle(&mut self, event: bool, context: &mut Context<'_, bool, u64>) {
        assert!(context.is_recording());
        context.record(name("noted"), &facts());
        if event {
            context.schedule_after(Span::from_secs(1), false);
        }
    }
}

fn name(kind: &'static str) -> Name<u64> {
    Name::of(Term::new("b"), Term::new(kind), 7)
}

fn facts() -> [Fact<u64>; 5] {
    [
        Fact::word(Term::new("status"), Term::new("ok")),
        Fact::number(Term::new("metric"), 16),
        Fact::span(Term::new("hold"), Span::from_secs(30)),
        Fact::name(Term::new("by"), Term::new("c")),
        Fact::subject(Term::new("route"), 9),
    ]
}

/// Checks each note against the event that ran.
#[derive(Debug, Default)]
struct Notes {
    running: Option<u64>,
    notes: usize,
}

impl Recorder<u64> for Notes {
    fn record(&mut self, names: &Names, record: &Record<'_, u64>) {
        if let Origin::Dispatch { repeat, .. } = record.origin {
            assert_eq!(
                record.cause, self.running,
                "the first was scheduled from outside, the second by the first"
            );
            self.running = Some(event_code(record.name.code(names), repeat));
            return;
        }
        self.notes += 1;
        assert_eq!(
            (record.cause, record.facts, record.number),
            (self.running, &facts()[..], 2 * self.notes as u64)
        );
        let key = Term::new;
        assert_eq!(record.word(key("status")), Some(key("ok")));
        assert_eq!(record.number(key("metric")), Some(16));
        assert_eq!(record.fact(key("hold")), Some(Value::Span(Span::from_secs(30))));
        assert_eq!(record.fact(key("route")), Some(Value::Subject(9)));
        assert_eq!(
            (record.word(key("metric")), record.number(key("status")), record.fact(key("other"))),
            (None, None, None)
        );
        assert_eq!(record.instant, Instant::from_nanos((self.notes as u64 - 1) * 1_000_000_000));
    }
}

#[test]
fn a_note_has_its_facts_and_the_running_event_as_its_cause() {
    let mut simulation = Simulation::new(Noter, Settings::default()).with_recorder(Notes::default());
    simulation.act(|_, context| context.schedule_after(Span::ZERO, true));
    simulation.run();
    assert_eq!(simulation.into_parts().2.notes, 2);
}

#[test]
fn the_default_limits_are_on() {
    let Limits { events, events_at_instant, pending, time, trace_bytes, .. } = Limits::default();
    assert_eq!(
        (events, events_at_instant, pending, trace_bytes),
        (100_000_000, 1_000_000, 16_000_000, 1 << 30)
    );
    assert_eq!(time.as_nanos(), 10 * 365 * 24 * 3_600 * 1_000_000_000);
    assert_eq!(Settings::default().limits, Limits::default());
    assert_eq!(().code(&names()), 0);
}
