//! The smallest world: a payment and the closing of its account are due at one instant.
//!
//! Run with `cargo run -p tiebreak --example account`. It prints the trace of one order in which nothing is lost, and what a
//! search says of the order in which the payment is.
//!
//! A world says what its events are called (`name`) and what they do (`handle`). Whoever wrote `Close` thought of the usual
//! order. `check` tries others, and shrinks what it finds to the one ordering that matters.
//!
//! Read next: `timeout`, a timer that races an answer.
#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use tiebreak::{
    Check, Context, Name, Names, Outcome, Record, Run, Simulation, Span, Traced as _, World, check, monitor,
    outcome, terms,
};

terms! { ACCOUNT = "account", PAY = "pay", CLOSE = "close", LOST = "Lost" }

enum Event {
    Pay,
    Close,
}

#[derive(Default)]
struct Account {
    is_closed: bool,
}

impl World for Account {
    type Event = Event;
    type Subject = ();

    fn name(&self, event: &Event) -> Name<()> {
        match event {
            Event::Pay => Name::of(ACCOUNT, PAY, ()),
            Event::Close => Name::of(ACCOUNT, CLOSE, ()),
        }
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, ()>) {
        match event {
            Event::Close => self.is_closed = true,
            // The bug: it is not handed back.
            Event::Pay if self.is_closed => context.record(Name::of(ACCOUNT, LOST, ()), &[]),
            Event::Pay => {}
        }
    }
}

/// Schedules what happens: both at one instant.
fn schedule(_: &mut Account, context: &mut Context<'_, Event, ()>) {
    context.schedule_after(Span::from_secs(10), Event::Pay);
    context.schedule_after(Span::from_secs(10), Event::Close);
}

fn nothing_is_lost(_: &Names, record: &Record<'_, ()>) -> Result<(), String> {
    if record.name.kind == LOST { Err("a payment is lost".into()) } else { Ok(()) }
}

fn search() -> Check<impl Fn(&mut Run<'_, '_>) -> Outcome> {
    check(|run| {
        let mut simulation = run.simulation(Account::default(), [monitor("nothing-lost", nothing_is_lost)]);
        simulation.act(schedule);
        let end = simulation.run();
        outcome(&simulation, Some(&end))
    })
}

fn main() {
    let mut simulation = Simulation::traced(Account::default(), 1);
    simulation.act(schedule);
    simulation.run();
    println!("{}", simulation.recorder().trace());
    match search().search() {
        Ok(()) => println!("nothing is lost in any order that was tried"),
        Err(report) => println!("{report}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_names_the_ordering_that_loses_the_payment() {
        let report = search().search().expect_err("some order loses it").to_string();
        assert!(report.contains("account/close#1 before account/pay#1"), "{report}");
    }

    #[test]
    fn the_order_that_is_printed_loses_nothing() {
        let mut simulation = Simulation::traced(Account::default(), 1);
        simulation.act(schedule);
        simulation.run();
        assert_eq!(simulation.recorder().trace().fingerprint().kind(LOST.text()), None);
    }
}
