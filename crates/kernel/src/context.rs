//! What an event may do while it happens.

use core::fmt;

use crate::agenda::{Agenda, Attempt, Cause, Handle, InThePast};
use crate::choices::{Choices, Draws, Ratio, Site};
use crate::name::{Name, Names, Symbol, Term};
use crate::place::Place;
use crate::record::{Fact, Origin, Record, Recorder};
use crate::time::{Instant, Span};
use crate::world::World;

/// The running event's view of the simulation: time, the calendar, draws and the record.
pub struct Context<'a, W: World, R> {
    pub(crate) agenda: &'a mut Agenda<W::Event>,
    pub(crate) names: &'a mut Names,
    pub(crate) choices: &'a mut dyn Choices,
    pub(crate) recorder: &'a mut R,
    pub(crate) records: &'a mut u64,
    pub(crate) cause: Cause,
}

impl<W: World, R> fmt::Debug for Context<'_, W, R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Context").field("now", &self.agenda.now()).finish_non_exhaustive()
    }
}

impl<W: World, R: Recorder<W::Subject>> Context<'_, W, R> {
    /// Whether records are taken; facts that cost something to find need not be looked for otherwise.
    pub const IS_RECORDING: bool = R::ENABLED;

    /// Returns the present instant.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.agenda.now()
    }

    /// Returns the names of the simulation.
    #[must_use]
    pub fn names(&self) -> &Names {
        self.names
    }

    /// Returns the symbol of a name, interning it at first sight.
    pub fn intern(&mut self, text: &str) -> Symbol {
        self.names.intern(text)
    }

    /// Schedules an event at an instant; the present one is allowed.
    ///
    /// # Errors
    /// If the instant has passed.
    pub fn schedule_at(&mut self, at: Instant, event: W::Event, place: Place) -> Result<Handle, InThePast> {
        self.agenda.schedule(at, event, place, self.cause)
    }

    /// Schedules an event after a span; a span that reaches past the end of time ends there.
    pub fn schedule_after(&mut self, span: Span, event: W::Event, place: Place) -> Handle {
        let at = self.now().checked_add(span).unwrap_or(Instant::END);
        match self.agenda.schedule(at, event, place, self.cause) {
            Ok(handle) => handle,
            Err(past) => unreachable!("{past}"),
        }
    }

    /// Cancels a pending event and hands it back; `None` if it has run or was cancelled, which is no error.
    pub fn cancel(&mut self, handle: Handle) -> Option<W::Event> {
        self.agenda.cancel(handle)
    }

    /// Moves a pending event to another instant: as if cancelled and scheduled anew, under the same handle and name.
    ///
    /// # Errors
    /// If the instant has passed; the event then stays where it was.
    pub fn reschedule_at(&mut self, handle: Handle, at: Instant) -> Result<Attempt, InThePast> {
        self.agenda.reschedule(handle, at, self.cause)
    }

    /// Draws a whole number between `low` and `high`, both included, from the stream of actor and purpose.
    ///
    /// # Panics
    /// If `low` exceeds `high`.
    pub fn number(&mut self, actor: Symbol, purpose: Term, low: u64, high: u64) -> u64 {
        let site = self.site(actor, purpose);
        self.choices.number(site, low, high)
    }

    /// Draws yes with the given probability from the stream of actor and purpose.
    pub fn chance(&mut self, actor: Symbol, purpose: Term, probability: Ratio) -> bool {
        let site = self.site(actor, purpose);
        self.choices.chance(site, probability)
    }

    /// Permutes `items` evenly from the stream of actor and purpose.
    pub fn permute(&mut self, actor: Symbol, purpose: Term, items: &mut [u32]) {
        let site = self.site(actor, purpose);
        self.choices.permute(site, items);
    }

    /// Returns the stream of actor and purpose as a `rand_core` generator, for code that draws through `rand`.
    pub fn draws(&mut self, actor: Symbol, purpose: Term) -> Draws<'_, dyn Choices + '_> {
        let site = self.site(actor, purpose);
        Draws { choices: &mut *self.choices, site }
    }

    /// Notes what happened; the running event is its cause.
    pub fn record(&mut self, name: Name<W::Subject>, facts: &[Fact<W::Subject>]) {
        if !R::ENABLED {
            return;
        }
        *self.records += 1;
        let record = Record {
            number: *self.records,
            instant: self.agenda.now(),
            name,
            origin: Origin::Note,
            cause: self.cause.code(),
            facts,
        };
        self.recorder.record(self.names, &record);
    }

    fn site(&self, actor: Symbol, purpose: Term) -> Site {
        Site::new(self.names.code(actor), purpose)
    }
}
