//! Going through all orders of a world of one's own.
#![expect(clippy::unwrap_used, reason = "what a test prepares must succeed")]

use tiebreak::explore::{Footprint, Orders, Picker, Replaying};
use tiebreak::{
    Begin, Context, Forked, Name, Prove, Simulation, Span, Watch, World, prove, prove_by_replay, terms,
};

terms! { BANK = "bank", PAY = "pay", CLOSE = "close", CLOCK = "clock", TICK = "tick" }

/// So many accounts there are.
const ACCOUNTS: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Event {
    Pay { account: usize, number: u64 },
    Close { account: usize },
}

impl Event {
    fn account(self) -> usize {
        let (Self::Pay { account, .. } | Self::Close { account }) = self;
        account
    }
}

/// Accounts, each with who has paid into it last.
#[derive(Debug, Clone, Hash, Default)]
struct Bank {
    last: [u64; ACCOUNTS],
    is_closed: [bool; ACCOUNTS],
}

impl World for Bank {
    type Event = Event;
    type Subject = (u64, u64);

    fn name(&self, event: &Event) -> Name<(u64, u64)> {
        let account = u64::try_from(event.account()).unwrap();
        match *event {
            Event::Pay { number, .. } => Name::of(BANK, PAY, (account, number)),
            Event::Close { .. } => Name::of(BANK, CLOSE, (account, 0)),
        }
    }

    fn handle(&mut self, event: Event, _context: &mut Context<'_, Event, (u64, u64)>) {
        match event {
            Event::Pay { account, number } => {
                assert!(!self.is_closed[account], "a payment is lost");
                self.last[account] = number;
            }
            Event::Close { account } => self.is_closed[account] = true,
        }
    }
}

type Run = Simulation<Bank, Watch<()>, Picker>;

fn begun(begin: Begin, events: &[Event]) -> Run {
    let mut simulation = begin.simulation(Bank::default(), ());
    simulation.act(|_, context| {
        for event in events {
            context.schedule_after(Span::from_secs(10), *event);
        }
    });
    simulation
}

/// Four payments into one account, and one into each of 16 others.
fn twenty() -> Vec<Event> {
    let four = (1..5).map(|number| Event::Pay { account: 0, number });
    let others = (1..17).map(|account| Event::Pay { account, number: 1 });
    four.chain(others).collect()
}

fn bank(events: Vec<Event>) -> Prove<Forked<Bank, (), impl Fn(Begin) -> Run>> {
    prove(move |begin| begun(begin, &events))
}

/// How many orders there are, and how many of them suffice.
fn counts(orders: Option<Orders>) -> Option<(Option<u128>, Option<u128>)> {
    orders.map(|orders| (orders.all, orders.inequivalent))
}

/// What an event touches in truth.
fn account(_bank: &Bank, event: &Event) -> Footprint {
    Footprint::new().writes(event.account() as u64)
}

#[test]
fn what_touches_nothing_in_common_does_not_multiply() {
    let found = bank(twenty()).touching(account).explore();
    assert_eq!(counts(found.orders), Some((None, Some(24))));
    // One state behind each of sixteen; then who of four was there, and who was last.
    assert_eq!((found.states, found.ends), (1 + 16 + 4 + 12 + 12 + 4, 4));
    assert_eq!(
        found.to_string(),
        "nothing fails in any order, if events touch no more than they are said to; 24 inequivalent orders, 49 states (4 at the end)"
    );
    let whole = bank(twenty()).touching(account).every_order().states(10_000);
    let report = whole.search().unwrap_err().to_string();
    assert_eq!(report, "nothing is proved: there are more than 10000 states\n");
}

#[test]
fn a_wrong_footprint_is_found_and_shown() {
    let events = [1, 2].map(|number| Event::Pay { account: 3, number }).to_vec();
    let claimed = |_bank: &Bank, event: &Event| match event {
        Event::Pay { number, .. } => Footprint::new().writes(*number),
        Event::Close { .. } => Footprint::everything(),
    };
    let report = bank(events).touching(claimed).search().unwrap_err().to_string();
    let expected = "\
in one order:
  at 10s
  * bank/pay(3,1)#1
    bank/pay(3,2)#1
in the other:
  at 10s
  * bank/pay(3,2)#1
    bank/pay(3,1)#1
nothing is proved: two events come to different states in their two orders, and are said to touch nothing in common
";
    assert_eq!(report, expected);
}

#[test]
fn what_shows_a_wrong_footprint_is_told_from_the_beginning_of_the_run() {
    let claimed = |_bank: &Bank, event: &Event| match *event {
        Event::Pay { account: 3, number } => Footprint::new().writes(100 + number),
        Event::Pay { account, .. } | Event::Close { account } => Footprint::new().writes(account as u64),
    };
    let late = prove(|begin| {
        let mut simulation = begin.simulation(Bank::default(), ());
        simulation.act(|_, context| {
            for number in [1, 2] {
                context.schedule_after(Span::from_secs(5), Event::Pay { account: 0, number });
                context.schedule_after(Span::from_secs(10), Event::Pay { account: 3, number });
            }
        });
        simulation
    });
    let report = late.touching(claimed).search().unwrap_err().to_string();
    let expected = "\
in one order:
  at 5s
  * bank/pay(0,1)#1
    bank/pay(0,2)#1
  at 10s
  * bank/pay(3,1)#1
    bank/pay(3,2)#1
in the other:
  at 5s
  * bank/pay(0,1)#1
    bank/pay(0,2)#1
  at 10s
  * bank/pay(3,2)#1
    bank/pay(3,1)#1
";
    assert!(report.starts_with(expected), "{report}");
}

#[test]
fn what_fails_is_found_with_footprints_and_without() {
    let mut events = twenty();
    events.push(Event::Close { account: 7 });
    let report = bank(events.clone()).touching(account).search().unwrap_err().to_string();
    assert!(report.contains("a payment is lost") && report.contains("* bank/close(7,0)#1"), "{report}");
    let few = [events[10], Event::Close { account: events[10].account() }].to_vec();
    assert!(bank(few.clone()).search().is_err());
    let last_but_one: Vec<Event> = few.into_iter().rev().collect();
    assert!(bank(last_but_one).search().is_err(), "also if it is scheduled first");
}

#[test]
fn few_deviations_are_gone_through_where_all_orders_are_too_many() {
    let mut events = twenty();
    events.push(Event::Close { account: 16 });
    let within = |deviations| bank(events.clone()).every_order().deviations(deviations).search();
    assert_eq!(counts(within(0).unwrap().orders), Some((Some(1), None)));
    // The last payment would have to be passed over.
    assert!(within(1).unwrap_err().to_string().contains("a payment is lost"));
    let estimated = bank(events).every_order().estimate(10);
    assert!(estimated.orders > 1 << 60, "{estimated:?}");
}

/// A world that can be neither copied nor hashed, around one that could.
struct Sealed(Bank);

impl World for Sealed {
    type Event = Event;
    type Subject = (u64, u64);

    fn name(&self, event: &Event) -> Name<(u64, u64)> {
        self.0.name(event)
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, (u64, u64)>) {
        self.0.handle(event, context);
    }
}

type Sealing<F> = Prove<Replaying<Forked<Sealed, (), F>>>;

/// All orders of some events, replayed.
fn sealed(events: &[Event]) -> Sealing<impl Fn(Begin) -> SealedRun> {
    prove_by_replay(move |begin: Begin| {
        let mut simulation = begin.simulation(Sealed(Bank::default()), ());
        simulation.act(|_, context| {
            for event in events {
                context.schedule_after(Span::from_secs(10), *event);
            }
        });
        simulation
    })
}

type SealedRun = Simulation<Sealed, Watch<()>, Picker>;

#[test]
fn a_world_that_cannot_be_copied_is_gone_through_order_by_order() {
    let found = sealed(&twenty()[..5]).explore();
    assert_eq!(counts(found.orders), Some((Some(120), None)));
    // A state for each beginning of an order.
    assert_eq!((found.states, found.ends), (1 + 5 + 20 + 60 + 120 + 120, 120));
    assert_eq!(
        found.to_string(),
        "proved: nothing fails in any order; 120 orders, 326 states (120 at the end)"
    );
    let failing = [twenty()[4], twenty()[5], Event::Close { account: 1 }];
    let report = sealed(&failing).search().unwrap_err().to_string();
    assert!(report.contains("a payment is lost") && report.contains("bank/close(1,0)#1"), "{report}");
    assert!(sealed(&failing).deviations(0).search().is_ok(), "the payment is scheduled first");
    assert!(sealed(&failing).states(3).search().is_err());
}

/// Clocks that tick once a second, each for ever, and that count nothing.
#[derive(Clone, Hash)]
struct Clocks;

impl World for Clocks {
    type Event = u64;
    type Subject = u64;

    fn name(&self, clock: &u64) -> Name<u64> {
        Name::of(CLOCK, TICK, *clock)
    }

    fn handle(&mut self, clock: u64, context: &mut Context<'_, u64, u64>) {
        context.schedule_after(Span::from_secs(1), clock);
    }
}

fn clocks(begin: Begin, count: u64) -> Simulation<Clocks, Watch<()>, Picker> {
    let mut simulation = begin.simulation(Clocks, ());
    simulation.act(|_, context| {
        for clock in 1..=count {
            context.schedule_after(Span::ZERO, clock);
        }
    });
    simulation
}

/// What a search says of such a world too.
const RESTLESS: &str = "found: limit fails: more than 100000 events, at ";

#[test]
fn a_world_that_never_rests_fails_soon_with_the_cycle_it_is_in() {
    let reports = [
        prove(|begin| clocks(begin, 1)).search().unwrap_err(),
        prove(|begin| clocks(begin, 2)).search().unwrap_err(),
        prove_by_replay(|begin| clocks(begin, 1)).search().unwrap_err(),
    ];
    for report in reports.map(|report| report.to_string()) {
        assert!(report.starts_with(RESTLESS), "{report}");
        assert!(
            report.lines().next().is_some_and(|line| line.contains("it repeats clock/tick(")),
            "{report}"
        );
        assert!(report.lines().count() < 50, "{report}");
    }
    let report = prove_by_replay(|begin| clocks(begin, 2)).search().unwrap_err().to_string();
    assert_eq!(report, "nothing is proved: there are more than 20000 states\n");
    assert!(prove(|begin| clocks(begin, 2)).until(Span::from_secs(60)).search().is_ok());
}
