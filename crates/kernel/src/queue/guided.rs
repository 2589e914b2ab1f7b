//! Taking the next event out if somebody outside takes part in the order.

use crate::choices::Choices;
use crate::guidance::Guide;
use crate::instant::candidate;
use crate::notes::Noted;
use crate::queue::{EventQueue, Taken};
use crate::world::World;

impl<E> EventQueue<E> {
    /// Takes the next event out as [`EventQueue::take`] does, after whoever guides the run was asked.
    pub(crate) fn take_guided<W: World<Event = E>, C: Choices>(
        &mut self,
        guide: &mut Guide<'_, W, C>,
    ) -> Option<Taken<E>> {
        let lone = if self.is_instant_unfinished() { None } else { self.calendar.pop_lone() };
        let (slot, noted) = if let Some(due) = lone {
            (self.open_lone(due), Noted::default())
        } else {
            if !self.is_instant_unfinished() {
                self.open_tied(|event| guide.codes(event));
            }
            (self.open.take_guided(&mut self.slots, guide)?, self.open.noted())
        };
        let running = candidate(slot, &self.slots, guide);
        let event = |slot: u32| self.slots[slot].event.as_ref();
        guide.ask(&[running], self.now, &event, C::run);
        self.hand_out(slot, noted)
    }
}
