//! A desk with three things to do at one instant.

use tiebreak::explore::Outcome;
use tiebreak::{Check, Context, Name, Run, Span, Term, World, check, outcome, terms};

terms! { DESK = "desk" }

const KINDS: [Term; 3] = [Term::new("first"), Term::new("second"), Term::new("third")];

/// What is said of an order of three events, 0 to 2.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    /// Panics where the order is wrong. It is asked after each event.
    pub(crate) judge: fn(&[usize]),
    /// Whether a run in this order says anything.
    pub(crate) is_tested: fn(&[usize]) -> bool,
}

struct Office {
    order: Vec<usize>,
    desk: Desk,
}

impl World for Office {
    type Event = usize;
    type Subject = ();

    fn name(&self, event: &usize) -> Name<()> {
        Name::of(DESK, KINDS[*event], ())
    }

    fn handle(&mut self, event: usize, _context: &mut Context<'_, usize, ()>) {
        self.order.push(event);
        (self.desk.judge)(&self.order);
    }
}

impl Desk {
    pub(crate) fn check(self) -> Check<impl Fn(&mut Run<'_, '_>) -> Outcome> {
        check(move |run| {
            let world = Office { order: Vec::new(), desk: self };
            let mut simulation = run.simulation(world, ());
            simulation.act(|_, context| {
                for event in 0..KINDS.len() {
                    context.schedule_after(Span::ZERO, event);
                }
            });
            let end = simulation.run();
            let outcome = outcome(&simulation, Some(&end));
            let is_tested = (self.is_tested)(&simulation.world().order);
            run.assume(is_tested);
            outcome
        })
    }
}
