//! What constraints are made from: the events of a failing run.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use tiebreak_kernel::Instant;

use crate::directory::Directory;
use crate::event::{Constraint, EventRef, FixedDraw};
use crate::history::{Dispatch, Drawn, History};
use crate::shrink::Cause;
use crate::shrink::late::Late;

/// An instant of a run, and a phase of it.
pub(super) type Due = (Instant, u8);

/// When an event is due.
pub(super) const fn due(event: &Dispatch) -> Due {
    (event.at, event.phase)
}

/// The events of a run that constraints are made from.
pub(super) struct Material<'a> {
    history: &'a History,
    /// How its events are called, in order.
    references: Vec<EventRef>,
    /// The numbers of the events that are due together.
    together: BTreeMap<Due, Vec<u64>>,
}

impl<'a> Material<'a> {
    pub(super) fn new(history: &'a History, directory: &Directory) -> Self {
        let numbers = 1..=history.dispatches.len() as u64;
        let references = numbers.map(|number| history.reference(number, directory)).collect();
        let mut together: BTreeMap<Due, Vec<u64>> = BTreeMap::new();
        for (event, number) in history.dispatches.iter().zip(1..) {
            together.entry(due(event)).or_default().push(number);
        }
        Self { history, references, together }
    }

    /// The numbers of the events that are due then.
    pub(super) fn beside(&self, due: Due) -> &[u64] {
        self.together.get(&due).map_or(&[], Vec::as_slice)
    }

    fn reference(&self, number: u64) -> EventRef {
        let place = number.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        place.map_or_else(
            || unreachable!("events are numbered from 1"),
            |place| self.references[place].clone(),
        )
    }

    /// The failing run.
    pub(super) const fn history(&self) -> &History {
        self.history
    }

    /// The events of instants at which there are several, instant by instant.
    pub(super) fn instants(&self) -> Vec<Vec<u64>> {
        let mut instants: Vec<Vec<u64>> = Vec::new();
        let mut last = None;
        for (event, number) in self.history.dispatches.iter().zip(1..) {
            match instants.last_mut() {
                Some(instant) if last == Some(event.at) => instant.push(number),
                Some(_) | None => instants.push(Vec::from([number])),
            }
            last = Some(event.at);
        }
        instants.retain(|instant| instant.len() > 1);
        instants
    }

    fn constraint(&self, (before, after): (u64, u64)) -> Constraint {
        Constraint { before: self.reference(before), after: self.reference(after) }
    }

    fn is_at_one_instant(&self, (first, second): (u64, u64)) -> bool {
        let [first, second] = [first, second].map(|number| self.history.event(number).map(due));
        first == second
    }

    /// Keeps the order of these events, instant by instant.
    fn chain(&self, events: &[u64]) -> Vec<Constraint> {
        let pairs = events.windows(2).map(|pair| (pair[0], pair[1]));
        pairs.filter(|pair| self.is_at_one_instant(*pair)).map(|pair| self.constraint(pair)).collect()
    }

    /// Keeps the order of these events, and lets those that are late come last at their instants.
    pub(super) fn chained(&self, events: &[u64], late: &[Late], draws: &[FixedDraw]) -> Cause {
        let mut constraints = self.chain(events);
        constraints.extend(late.iter().filter_map(|Late { event, due }| {
            let last = self.beside(*due).last()?;
            Some(Constraint { before: self.reference(*last), after: event.clone() })
        }));
        Cause { constraints, draws: draws.to_vec(), ..Cause::default() }
    }

    /// All pairs of these events of which neither had to be first, and of each that is late with those beside it.
    pub(super) fn racing(&self, events: &[u64], late: &[Late]) -> Vec<Constraint> {
        let mut pairs = Vec::new();
        for (at, first) in events.iter().enumerate() {
            let same_instant = |second: &&u64| self.is_at_one_instant((*first, **second));
            let later: Vec<u64> = events[at + 1..].iter().take_while(same_instant).copied().collect();
            let led_to = self.history.led_to(*first, later.last().copied().unwrap_or(*first));
            let racing = later.into_iter().filter(|second| !led_to.contains(second));
            pairs.extend(racing.map(|second| self.constraint((*first, second))));
        }
        for Late { event, due } in late {
            let before = self.beside(*due).iter().map(|number| self.reference(*number));
            pairs.extend(before.map(|before| Constraint { before, after: event.clone() }));
        }
        pairs
    }

    pub(super) fn draws(&self, directory: &Directory) -> Vec<FixedDraw> {
        let fixed = |drawn: &Drawn| FixedDraw {
            draw: self.history.draw_reference(drawn, directory),
            value: drawn.answer(),
        };
        self.history.draws.iter().map(fixed).collect()
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use tiebreak_kernel::{Context, Lane, Name, Phase, Place, Settings, Simulation, Term, World, terms};

    use super::*;
    use crate::director::Director;

    terms! { A = "a", B = "b", C = "c" }

    /// `a` causes `b`, and the others nothing. `c` is in a lane, and what is late in a later phase.
    #[derive(Debug, Clone, Copy)]
    struct Stage;

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Event {
        A(u64),
        B(u64),
        C(u64),
        Late(u64),
    }

    impl Event {
        fn place(self) -> Place {
            match self {
                Self::A(_) | Self::B(_) => Place::FREE,
                Self::C(_) => Lane::new(7).into(),
                Self::Late(_) => Phase::new(9, "late").into(),
            }
        }
    }

    impl World for Stage {
        type Event = Event;
        type Subject = u64;

        fn name(&self, event: &Event) -> Name<u64> {
            let (actor, subject) = match event {
                Event::A(subject) => (A, subject),
                Event::B(subject) => (B, subject),
                Event::C(subject) | Event::Late(subject) => (C, subject),
            };
            Name::of(actor, Term::new("does"), *subject)
        }

        fn handle(&mut self, event: Event, context: &mut Context<'_, Event, u64>) {
            if let Event::A(subject) = event {
                context.schedule_no_earlier(context.now(), Event::B(subject));
            }
        }
    }

    /// What happens, in the order of scheduling, if these are scheduled.
    fn run(events: &[(u64, Event)]) -> (History, Directory) {
        let mut directory = Directory::default();
        let mut director = Director::new(&mut directory, 1).watching();
        let settings = Settings::new(1).with_order(tiebreak_kernel::Order::Fifo);
        let mut simulation = Simulation::new(Stage, settings).with_choices(&mut director);
        simulation.act(|_, context| {
            for (at, event) in events {
                context.on(event.place()).schedule_no_earlier(Instant::from_nanos(*at), *event);
            }
        });
        simulation.run();
        drop(simulation);
        let (history, _) = director.finish();
        (history, directory)
    }

    fn texts(constraints: &[Constraint]) -> Vec<String> {
        constraints.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn pairs_race_unless_one_led_to_the_other_and_only_at_one_instant() {
        // 1 is c1, 2 is a1, 3 is c2, 4 is b1; 5 and 6 are at the next instant.
        let events =
            [(5, Event::C(1)), (5, Event::A(1)), (5, Event::C(2)), (9, Event::B(2)), (9, Event::A(3))];
        let (history, directory) = run(&events);
        let material = Material::new(&history, &directory);
        assert_eq!(material.instants(), [[1, 2, 3, 4].to_vec(), [5, 6, 7].to_vec()]);
        let racing = texts(&material.racing(&[1, 2, 3, 4, 5, 6], &[]));
        let [c1, a1, c2, b1, b2, a3] =
            [1, 2, 3, 4, 5, 6].map(|number| history.reference(number, &directory).to_string());
        let before = |first: &str, second: &str| [first, " before ", second].concat();
        let expected = [(&c1, &a1), (&c1, &b1), (&a1, &c2), (&c2, &b1), (&b2, &a3)];
        assert_eq!(
            racing,
            expected.map(|(first, second)| before(first, second)),
            "a1 causes b1; c1 and c2 are a lane"
        );
    }

    #[test]
    fn what_comes_of_the_next_in_a_lane_follows_too() {
        // a1 causes b1; c2 stands behind c1. Nothing of c1 leads to b1.
        let (history, _) = run(&[(5, Event::C(1)), (5, Event::C(2)), (5, Event::A(1)), (5, Event::B(2))]);
        assert_eq!(history.led_to(1, 5).into_iter().collect::<Vec<u64>>(), [1, 2]);
        assert_eq!(history.led_to(3, 5).into_iter().collect::<Vec<u64>>(), [3, 5]);
        assert_eq!(history.led_to(3, 4).into_iter().collect::<Vec<u64>>(), [3], "no further than that");
    }

    #[test]
    fn a_chain_is_of_events_of_one_instant_and_phase_and_those_that_are_late_come_last() {
        let events = [(5, Event::B(1)), (5, Event::B(2)), (5, Event::Late(3)), (9, Event::B(4))];
        let (history, directory) = run(&events);
        let material = Material::new(&history, &directory);
        let late = |at| {
            let event = "d/does(1)".parse::<EventRef>().expect("an event");
            Late { event, due: (Instant::from_nanos(at), due(&history.dispatches[0]).1) }
        };
        let cause = material.chained(&[1, 2, 3, 4], &[late(5), late(6)], &[]);
        let expected = ["b/does(1)#1 before b/does(2)#1", "b/does(2)#1 before d/does(1)#1"];
        assert_eq!(texts(&cause.constraints), expected);
        let racing = texts(&material.racing(&[], &[late(5)]));
        assert_eq!(racing, ["b/does(1)#1 before d/does(1)#1", "b/does(2)#1 before d/does(1)#1"]);
    }
}
