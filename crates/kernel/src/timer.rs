//! A slot for one timer.

use crate::context::Context;
use crate::handle::Handle;
use crate::name::Subject;
use crate::place::Place;
use crate::time::{Instant, Span};

/// A slot for one timer, for machines that say when they want to be called next. It is empty again when the timer has
/// fired, without anybody's doing.
///
/// ```
/// # use tiebreak_kernel::{Context, Instant, Span, Timer};
/// # struct Machine { retry: Timer }
/// # impl Machine { fn poll_at(&self) -> Option<Instant> { None } }
/// # #[derive(Clone)] enum Event { Poll }
/// fn after_each_event(machine: &mut Machine, context: &mut Context<'_, Event, ()>) {
///     match machine.poll_at() {
///         Some(at) => machine.retry.arm(context, at, Event::Poll),
///         None => { machine.retry.cancel(context); }
///     }
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Timer {
    place: Place,
    handle: Option<Handle>,
}

impl Timer {
    /// An empty slot for a timer in this place; [`Timer::default`] is free.
    #[must_use]
    pub const fn on(place: Place) -> Self {
        Self { place, handle: None }
    }

    /// Returns the instant at which the timer fires; `None` if it is not armed.
    #[must_use]
    pub fn due<E, S: Subject>(&self, context: &Context<'_, E, S>) -> Option<Instant> {
        self.handle.and_then(|handle| context.due(handle))
    }

    /// Arms the timer for an instant, or for now if the instant has passed; a timer that was armed is replaced.
    pub fn arm<E, S: Subject>(&mut self, context: &mut Context<'_, E, S>, at: Instant, event: E) {
        self.cancel(context);
        self.handle = Some(context.on(self.place).schedule_no_earlier(at, event));
    }

    /// Arms the timer for a span from now; past the end of time that is never. A timer that was armed is replaced.
    pub fn arm_after<E, S: Subject>(&mut self, context: &mut Context<'_, E, S>, span: Span, event: E) {
        self.arm(context, context.now().saturating_add(span), event);
    }

    /// Arms the timer unless it fires at that instant or earlier anyway; returns whether it was armed.
    pub fn arm_earlier<E, S: Subject>(
        &mut self,
        context: &mut Context<'_, E, S>,
        at: Instant,
        event: E,
    ) -> bool {
        let is_later = self.due(context).is_none_or(|due| at < due);
        if is_later {
            self.arm(context, at, event);
        }
        is_later
    }

    /// Cancels the timer and hands its event back; `None` if it was not armed.
    pub fn cancel<E, S: Subject>(&mut self, context: &mut Context<'_, E, S>) -> Option<E> {
        self.handle.take().and_then(|handle| context.cancel(handle))
    }
}
