//! What an event may do while it happens.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use crate::choices::{Choices, Draws, Ratio, Site, Stream};
use crate::handle::{Attempt, Handle, InThePast};
use crate::ledger::Ledger;
use crate::name::{Actor, Name, Names, Subject, Symbol, Term};
use crate::place::{Lane, Place};
use crate::queue::EventQueue;
use crate::record::{Fact, Origin};
use crate::slots::Cause;
use crate::table::Table;
use crate::time::{Instant, Span};
use crate::world::World;

/// The running event's view of the simulation: time, the event queue, draws and the record.
///
/// `E` is the type of the world's events, `S` that of what they are about. No other type of the simulation is in it: what
/// it is given to needs no type parameters and can be stored.
///
/// Methods that take an actor panic where [`Names::text`] does: at a symbol of another simulation. Scheduling, cancelling and
/// moving cost at most time in proportion to the logarithm of what is pending, on average over a run, unless they say otherwise.
pub struct Context<'a, E, S: Subject> {
    pub(crate) queue: &'a mut EventQueue<E>,
    pub(crate) names: &'a mut Names,
    pub(crate) choices: &'a mut dyn Choices,
    pub(crate) ledger: Ledger<'a, S>,
    pub(crate) control: &'a mut Control,
    pub(crate) cause: Cause,
}

/// What events tell the run loop, and what it remembers of actors.
#[derive(Debug, Clone, Default)]
pub(crate) struct Control {
    /// Why the run is to stop.
    pub(crate) stop: Option<String>,
    /// How often each actor was started again, by the code of its name.
    pub(crate) incarnations: Table<u32>,
}

impl<E, S: Subject> fmt::Debug for Context<'_, E, S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Context").field("now", &self.queue.now()).finish_non_exhaustive()
    }
}

impl<E, S: Subject> Context<'_, E, S> {
    /// Returns the same context for a shorter time: to be kept in a part of the world while it acts.
    pub fn reborrow(&mut self) -> Context<'_, E, S> {
        let Self { queue, names, choices, ledger, control, cause } = self;
        let ledger = Ledger { records: ledger.records, recorder: ledger.recorder };
        Context { queue, names, choices: *choices, ledger, control, cause: *cause }
    }
}

/// Scheduling.
impl<E, S: Subject> Context<'_, E, S> {
    /// Returns the present instant.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.queue.now()
    }

    /// Returns when the next event is due, apart from the one that is running: the present instant if something is left to
    /// run at it. `None` if nothing is due.
    #[must_use]
    pub fn next_instant(&self) -> Option<Instant> {
        self.queue.next_instant()
    }

    /// Schedules an event at an instant; the present one is allowed.
    ///
    /// # Errors
    /// If the instant has passed.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "an event that goes through memory on its way waits there: 10 ns are measured"
    )]
    pub fn schedule_at(&mut self, at: Instant, event: E) -> Result<Handle, InThePast> {
        self.on(Place::FREE).schedule_at(at, event)
    }

    /// Schedules an event after a span; past the end of time that is never.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "an event that goes through memory on its way waits there: 10 ns are measured"
    )]
    pub fn schedule_after(&mut self, span: Span, event: E) -> Handle {
        self.on(Place::FREE).schedule_after(span, event)
    }

    /// Schedules an event at an instant, or now if the instant has passed.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "an event that goes through memory on its way waits there: 10 ns are measured"
    )]
    pub fn schedule_no_earlier(&mut self, at: Instant, event: E) -> Handle {
        self.on(Place::FREE).schedule_no_earlier(at, event)
    }

    /// Schedules an event every `period` from now on, first after one period: at exact multiples, whatever happens in
    /// between. It is background work, so it does not keep the run alive; `context.on(place).every(…)` has the choice. With a
    /// period of [`Span::ZERO`] it comes again at the same instant, until no primary work is left or a limit ends the run.
    ///
    /// One handle names all occurrences: cancel it to end them, [`reschedule_at`](Self::reschedule_at) to move the next
    /// and with it all later ones, [`change_period`](Self::change_period) to set another pace.
    pub fn every(&mut self, period: Span, event: E) -> Handle
    where
        E: Clone,
    {
        self.on(Place::FREE.background()).every(period, event)
    }

    /// Chooses the place of what is scheduled next: `context.on(INBOX).schedule_after(…)`. A [`Lane`](crate::Lane) and a
    /// [`Phase`](crate::Phase) are places.
    pub fn on(&mut self, place: impl Into<Place>) -> Scheduler<'_, E> {
        Scheduler { queue: self.queue, place: place.into(), cause: self.cause }
    }

    /// Whether the event of a handle is pending: neither has it run, nor was it cancelled.
    #[must_use]
    pub fn is_pending(&self, handle: Handle) -> bool {
        self.queue.due(handle).is_some()
    }

    /// Returns when the event of a handle is due; `None` if it has run or was cancelled.
    #[must_use]
    pub fn due(&self, handle: Handle) -> Option<Instant> {
        self.queue.due(handle)
    }

    /// Returns the handles of all pending events of a lane, in the order in which they were scheduled or moved. Costs time in
    /// proportion to all that is pending.
    #[must_use]
    pub fn pending_in(&self, lane: Lane) -> Vec<Handle> {
        self.queue.handles_in(lane)
    }

    /// Cancels a pending event and hands it back; `None` if it has run or was cancelled, which is no error.
    pub fn cancel(&mut self, handle: Handle) -> Option<E> {
        self.note_change(handle, Origin::Cancelled);
        self.queue.cancel(handle)
    }

    /// Cancels every pending event of an actor, as the crash of a machine does, and counts its next incarnation; returns
    /// how many events there were. Walks over all that is pending.
    ///
    /// Called by the world on itself: `context.cancel_all(self, client)`.
    pub fn cancel_all<W>(&mut self, world: &W, actor: impl Into<Actor>) -> u64
    where
        W: World<Event = E, Subject = S>,
    {
        let code = self.names.code(actor);
        *self.control.incarnations.entry(code) += 1;
        let Self { queue, names, .. } = self;
        let handles = queue.handles_where(|event| names.code(world.name(event).actor) == code);
        for handle in &handles {
            let _ = self.cancel(*handle);
        }
        handles.len() as u64
    }

    /// Returns how often [`cancel_all`](Self::cancel_all) was called for an actor: 0 in its first life. What is sent to an
    /// actor can carry the number, so that the next incarnation knows what was meant for the one before.
    #[must_use]
    pub fn incarnation(&self, actor: impl Into<Actor>) -> u32 {
        self.control.incarnations.get(self.names.code(actor)).unwrap_or(0)
    }

    /// Moves a pending event to another instant: as if cancelled and scheduled anew, under the same handle and name.
    ///
    /// # Errors
    /// If the instant has passed; the event then stays where it was.
    pub fn reschedule_at(&mut self, handle: Handle, at: Instant) -> Result<Attempt, InThePast> {
        if at >= self.now() {
            self.note_change(handle, Origin::Moved { to: at });
        }
        self.queue.reschedule(handle, at, self.cause)
    }

    /// Moves a pending event to a span from now; past the end of time that is never.
    pub fn reschedule_after(&mut self, handle: Handle, span: Span) -> Attempt {
        match self.reschedule_at(handle, self.now().saturating_add(span)) {
            Ok(attempt) => attempt,
            Err(past) => unreachable!("{past}"),
        }
    }

    /// Changes the period of a periodic event: what comes next comes one new period after what came last, or now if that
    /// has passed. If what comes next was moved, one old period before it counts as what came last. [`Attempt::Gone`] if it was
    /// cancelled, or is not periodic.
    pub fn change_period(&mut self, handle: Handle, period: Span) -> Attempt {
        match self.queue.change_period(handle, period).map(|next| self.reschedule_at(handle, next)) {
            Some(Ok(attempt)) => attempt,
            Some(Err(past)) => unreachable!("{past}"),
            None => Attempt::Gone,
        }
    }

    /// Ends the run after this event, with [`End::Stopped`](crate::End::Stopped).
    pub fn stop(&mut self, reason: impl Into<String>) {
        self.control.stop = Some(reason.into());
    }

    fn note_change(&mut self, handle: Handle, origin: Origin) {
        if self.ledger.is_verbose() && self.queue.get(handle).is_some() {
            self.ledger.change(self.names, self.queue.now(), self.cause.code(), (handle, origin));
        }
    }
}

/// Draws: each is a question with a name of its own, so that one more draw somewhere changes no other.
impl<E, S: Subject> Context<'_, E, S> {
    /// Draws a whole number of a range, each equally likely, from the stream of actor and purpose.
    ///
    /// # Panics
    /// If the range is empty.
    pub fn draw(&mut self, actor: impl Into<Actor>, purpose: Term, range: RangeInclusive<u64>) -> u64 {
        let site = self.site(actor, purpose);
        self.choices.number(site, *range.start(), *range.end())
    }

    /// Draws a span of a range, to the nanosecond, from the stream of actor and purpose.
    ///
    /// # Panics
    /// If the range is empty.
    pub fn draw_span(&mut self, actor: impl Into<Actor>, purpose: Term, range: RangeInclusive<Span>) -> Span {
        Span::from_nanos(self.draw(actor, purpose, range.start().as_nanos()..=range.end().as_nanos()))
    }

    /// Draws yes with the given probability from the stream of actor and purpose.
    pub fn chance(&mut self, actor: impl Into<Actor>, purpose: Term, probability: Ratio) -> bool {
        let site = self.site(actor, purpose);
        self.choices.chance(site, probability)
    }

    /// Permutes `items` evenly from the stream of actor and purpose.
    pub fn permute(&mut self, actor: impl Into<Actor>, purpose: Term, items: &mut [u32]) {
        let site = self.site(actor, purpose);
        self.choices.permute(site, items);
    }

    /// Returns the stream of actor and purpose as a `rand_core` generator, for code that draws through `rand`.
    pub fn draws(&mut self, actor: impl Into<Actor>, purpose: Term) -> Draws<'_, dyn Choices + '_> {
        let site = self.site(actor, purpose);
        Draws { choices: &mut *self.choices, site }
    }

    /// Returns a generator to keep, for machines that own theirs. Its seed is one draw from the stream of actor and
    /// purpose, and so is recorded, replayed and fixed like every other draw; what the machine draws from it follows.
    pub fn stream(&mut self, actor: impl Into<Actor>, purpose: Term) -> Stream {
        let site = self.site(actor, purpose);
        Stream::open(self.choices.number(site, 0, u64::MAX), site)
    }

    fn site(&mut self, actor: impl Into<Actor>, purpose: Term) -> Site {
        let actor = actor.into();
        let site = Site::new(self.names.code(actor), purpose);
        self.choices.introduce(site, self.names, actor, purpose);
        site
    }
}

/// Names and records.
impl<E, S: Subject> Context<'_, E, S> {
    /// Returns the names of the simulation.
    #[must_use]
    pub const fn names(&self) -> &Names {
        self.names
    }

    /// Returns the names of the simulation, to intern more.
    pub const fn names_mut(&mut self) -> &mut Names {
        self.names
    }

    /// Returns the symbol of a name that is known to be one, interning it at first sight.
    ///
    /// # Panics
    /// If the text cannot be a name; [`Names::try_intern`] says so instead.
    pub fn intern(&mut self, text: &str) -> Symbol {
        self.names.intern(text)
    }

    /// Whether records are taken; facts that cost something to find need not be looked for otherwise.
    #[must_use]
    pub const fn is_recording(&self) -> bool {
        self.ledger.is_recording()
    }

    /// Notes what happened; the running event is its cause. At most 255 facts, where a trace is kept.
    #[inline]
    pub fn record(&mut self, name: Name<S>, facts: &[Fact<S>]) {
        if self.is_recording() {
            self.ledger.note(self.names, self.queue.now(), self.cause.code(), (name, facts));
        }
    }
}

/// What schedules events in one place; see [`Context::on`].
pub struct Scheduler<'a, E> {
    queue: &'a mut EventQueue<E>,
    place: Place,
    cause: Cause,
}

impl<E> fmt::Debug for Scheduler<'_, E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Scheduler").field("place", &self.place).finish_non_exhaustive()
    }
}

impl<E> Scheduler<'_, E> {
    /// Schedules an event at an instant; the present one is allowed.
    ///
    /// # Errors
    /// If the instant has passed.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "an event that goes through memory on its way waits there: 10 ns are measured"
    )]
    pub fn schedule_at(&mut self, at: Instant, event: E) -> Result<Handle, InThePast> {
        self.queue.schedule(at, event, self.place, self.cause)
    }

    /// Schedules an event after a span; past the end of time that is never.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "an event that goes through memory on its way waits there: 10 ns are measured"
    )]
    pub fn schedule_after(&mut self, span: Span, event: E) -> Handle {
        self.schedule_no_earlier(self.queue.now().saturating_add(span), event)
    }

    /// Schedules an event at an instant, or now if the instant has passed.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "an event that goes through memory on its way waits there: 10 ns are measured"
    )]
    pub fn schedule_no_earlier(&mut self, at: Instant, event: E) -> Handle {
        match self.schedule_at(at.max(self.queue.now()), event) {
            Ok(handle) => handle,
            Err(past) => unreachable!("{past}"),
        }
    }

    /// Schedules an event every `period` from now on; see [`Context::every`].
    pub fn every(&mut self, period: Span, event: E) -> Handle
    where
        E: Clone,
    {
        let handle = self.schedule_after(period, event);
        self.queue.set_period(handle, period, E::clone);
        handle
    }
}
