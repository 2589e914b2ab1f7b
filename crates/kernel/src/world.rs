//! The one trait a user implements.

use crate::context::Context;
use crate::name::{Name, Subject};

/// A model: what its events are called, and what they do. The first page of this crate has an example.
///
/// It takes nothing from outside: no clock, no thread, no hash map with a random order. Then the same settings give the same
/// run.
pub trait World {
    /// What can happen. A closed enum, as a rule; it is moved, never cloned, unless the simulation forks or the event is
    /// periodic.
    type Event;
    /// What events are about; `()` if nothing.
    type Subject: Subject;

    /// Returns the name of an event. It must depend on the event and on what does not change while the event is pending,
    /// because simultaneous events are ordered by it. Debug builds panic if it has changed.
    fn name(&self, event: &Self::Event) -> Name<Self::Subject>;

    /// Returns what has to be done before a run, if that is still to be done: for worlds whose first events are scheduled by
    /// a method of their own. A run in which nothing has happened and nothing is pending would end at once, and pass; it
    /// panics with this text instead. `None` by default.
    fn missing(&self) -> Option<&'static str> {
        None
    }

    /// Lets the event happen: changes the world, and schedules, cancels, draws and notes through the context. A panic goes
    /// through to who runs the simulation, which is then [poisoned](crate::End::Poisoned).
    fn handle(&mut self, event: Self::Event, context: &mut Context<'_, Self::Event, Self::Subject>);
}
