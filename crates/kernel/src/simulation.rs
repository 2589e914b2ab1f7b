//! The run loop.

use crate::agenda::{Agenda, Cause, Taken};
use crate::choices::{Choices, Streams};
use crate::context::Context;
use crate::limits::{End, Exceeded, Limit, Limits};
use crate::name::{Names, event_code};
use crate::order::{Order, instant_key};
use crate::ranks::Ranks;
use crate::record::{Choice, Origin, Record, Recorder, Silent};
use crate::repeats::Repeats;
use crate::time::Instant;
use crate::trail::{self, Step, Trail};
use crate::world::World;

/// What a run depends on beside its world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The seed of tie keys and streams.
    pub seed: u64,
    /// How ties are ordered.
    pub order: Order,
    /// The last instant that opens.
    pub horizon: Instant,
    /// How much the run may do.
    pub limits: Limits,
}

impl Default for Settings {
    /// Seed 1, seeded order, no horizon, default limits.
    fn default() -> Self {
        Self { seed: 1, order: Order::Seeded, horizon: Instant::END, limits: Limits::default() }
    }
}

/// A world, its pending events and everything else a run consists of. Cloning forks it: both go on from here alike.
#[derive(Debug, Clone)]
pub struct Simulation<W: World, R = Silent, C = Streams> {
    world: W,
    names: Names,
    recorder: R,
    choices: C,
    settings: Settings,
    agenda: Agenda<W::Event>,
    instant_key: u64,
    dispatched: u64,
    dispatched_at_instant: u64,
    records: u64,
    repeats: Repeats,
    trail: Trail<W::Subject>,
}

impl<W: World> Simulation<W> {
    /// A simulation that records nothing and draws from the streams of the seed.
    #[must_use]
    pub fn new(world: W, names: Names, settings: Settings) -> Self {
        Self::with_recorder(world, names, settings, Silent)
    }
}

impl<W: World, R: Recorder<W::Subject>> Simulation<W, R> {
    /// A simulation that tells a recorder what happens and draws from the streams of the seed.
    #[must_use]
    pub fn with_recorder(world: W, names: Names, settings: Settings, recorder: R) -> Self {
        Self::with_choices(world, names, settings, recorder, Streams::new(settings.seed))
    }
}

impl<W: World, R: Recorder<W::Subject>, C: Choices> Simulation<W, R, C> {
    /// A simulation whose draws are answered by `choices`.
    #[must_use]
    pub fn with_choices(world: W, names: Names, settings: Settings, recorder: R, choices: C) -> Self {
        Self {
            world,
            names,
            recorder,
            choices,
            settings,
            agenda: Agenda::new(R::ENABLED.then(Ranks::default)),
            instant_key: instant_key(settings.seed, Instant::START),
            dispatched: 0,
            dispatched_at_instant: 0,
            records: 0,
            repeats: Repeats::default(),
            trail: Trail::default(),
        }
    }

    /// Lets code outside the run act on the world at the present instant: before the run, to schedule its first
    /// events, or between two steps.
    pub fn act<T>(&mut self, act: impl FnOnce(&mut W, &mut Context<'_, W, R>) -> T) -> T {
        let result = self.in_context(Cause::default(), act);
        self.merge_fresh();
        result
    }

    /// Runs until the horizon, until no primary work is left, or until a limit is hit.
    pub fn run(&mut self) -> End {
        loop {
            if let Err(end) = self.step() {
                return end;
            }
        }
    }

    /// Runs the events of the next instant, those scheduled into it included; returns it.
    ///
    /// # Errors
    /// With the reason if the run has ended.
    pub fn run_instant(&mut self) -> Result<Instant, End> {
        self.step()?;
        while self.agenda.is_instant_unfinished() {
            self.step()?;
        }
        Ok(self.now())
    }

    /// Runs one event.
    ///
    /// # Errors
    /// With the reason if the run has ended; asking again gives the same reason.
    pub fn step(&mut self) -> Result<(), End> {
        if self.agenda.is_instant_unfinished() {
            self.check_limits(self.dispatched_at_instant)?;
        } else {
            // An instant opens only if an event of it will run: nothing else advances time.
            let instant = self.next_instant()?;
            self.check_limits(0)?;
            self.open(instant);
        }
        self.dispatch();
        Ok(())
    }

    /// Returns the present instant.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.agenda.now()
    }

    /// Whether events are left to run at the present instant.
    #[must_use]
    pub fn is_instant_unfinished(&self) -> bool {
        self.agenda.is_instant_unfinished()
    }

    /// Returns how many events have run.
    #[must_use]
    pub const fn dispatched(&self) -> u64 {
        self.dispatched
    }

    /// Returns how many events are pending.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.agenda.pending()
    }

    /// Returns the world.
    #[must_use]
    pub const fn world(&self) -> &W {
        &self.world
    }

    /// Returns the names.
    #[must_use]
    pub const fn names(&self) -> &Names {
        &self.names
    }

    /// Returns the recorder.
    #[must_use]
    pub const fn recorder(&self) -> &R {
        &self.recorder
    }

    /// Returns the recorder, to be told something from outside.
    pub const fn recorder_mut(&mut self) -> &mut R {
        &mut self.recorder
    }

    /// Returns the settings.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Asserts what always holds between two steps. For tests: it walks over all pending events.
    ///
    /// # Panics
    /// If the kernel is broken.
    pub fn check_invariants(&self) {
        self.agenda.check_invariants();
        assert!(
            self.dispatched_at_instant <= self.dispatched,
            "what ran at one instant is part of all that ran"
        );
    }

    /// Ends the simulation and hands back its parts.
    #[must_use]
    pub fn into_parts(self) -> (W, Names, R) {
        (self.world, self.names, self.recorder)
    }

    /// When the next instant opens, or why none does.
    fn next_instant(&self) -> Result<Instant, End> {
        if self.agenda.primary() == 0 {
            return Err(End::Quiescent);
        }
        let Some(instant) = self.agenda.next_instant() else { unreachable!("primary work is pending") };
        if instant > self.settings.horizon {
            return Err(End::Horizon);
        }
        if instant > self.settings.limits.time {
            return Err(self.exceeded(Limit::Time, self.settings.limits.time.as_nanos()));
        }
        Ok(instant)
    }

    fn check_limits(&self, dispatched_at_instant: u64) -> Result<(), End> {
        let limits = &self.settings.limits;
        for (limit, used, allowed) in [
            (Limit::Events, self.dispatched + 1, limits.events),
            (Limit::EventsAtInstant, dispatched_at_instant + 1, limits.events_at_instant),
            (Limit::Pending, self.agenda.pending(), limits.pending),
            (Limit::TraceBytes, self.recorder.bytes(), limits.trace_bytes),
        ] {
            if used > allowed {
                return Err(self.exceeded(limit, allowed));
            }
        }
        Ok(())
    }

    fn exceeded(&self, limit: Limit, allowed: u64) -> End {
        let next = self.agenda.next_event().map(|(event, cause)| Step {
            ordinal: self.dispatched + 1,
            cause: cause.ordinal,
            name: self.world.name(event),
        });
        End::Limit(Exceeded { limit, allowed, at: self.now(), cycle: self.trail.cycle(next, &self.names) })
    }

    fn open(&mut self, instant: Instant) {
        self.instant_key = instant_key(self.settings.seed, instant);
        self.dispatched_at_instant = 0;
        if !self.is_near_a_limit() {
            self.trail.clear();
        }
        let Self { world, names, settings, instant_key, agenda, .. } = self;
        agenda.open(instant, |event| settings.order.key(*instant_key, &world.name(event), names));
    }

    fn merge_fresh(&mut self) {
        let Self { world, names, settings, instant_key, agenda, .. } = self;
        agenda.merge_fresh(|event| settings.order.key(*instant_key, &world.name(event), names));
    }

    /// Runs the next event of the open instant.
    fn dispatch(&mut self) {
        let Some(Taken { event, cause, choice }) = self.agenda.take() else {
            unreachable!("an open instant has an event to run");
        };
        self.dispatched += 1;
        self.dispatched_at_instant += 1;
        if self.is_near_a_limit() {
            let name = self.world.name(&event);
            self.trail.push(Step { ordinal: self.dispatched, cause: cause.ordinal, name });
        }
        let code = if R::ENABLED { self.announce(&event, cause, choice) } else { 0 };
        let cause = Cause { ordinal: self.dispatched, code };
        self.in_context(cause, |world, context| world.fire(event, context));
        self.merge_fresh();
    }

    /// Records the dispatch of an event; returns its code.
    fn announce(&mut self, event: &W::Event, cause: Cause, choice: Option<Choice>) -> u64 {
        let name = self.world.name(event);
        let name_code = name.code(&self.names);
        let repeat = self.repeats.next(name_code);
        self.records += 1;
        let record = Record {
            number: self.records,
            instant: self.agenda.now(),
            name,
            origin: Origin::Dispatch { repeat, choice },
            cause: cause.code(),
            facts: &[],
        };
        self.recorder.record(&self.names, &record);
        event_code(name_code, repeat)
    }

    /// Whether events should be remembered for the verdict: a limit on counts is a trail's length off, or half of one on
    /// time or trace is used up.
    fn is_near_a_limit(&self) -> bool {
        let limits = &self.settings.limits;
        let near = |used: u64, allowed: u64| used.saturating_add(trail::LENGTH) > allowed;
        near(self.dispatched, limits.events)
            || near(self.dispatched_at_instant, limits.events_at_instant)
            || near(self.agenda.pending(), limits.pending)
            || self.now().as_nanos() > limits.time.as_nanos() / 2
            || self.recorder.bytes() > limits.trace_bytes / 2
    }

    fn in_context<T>(&mut self, cause: Cause, act: impl FnOnce(&mut W, &mut Context<'_, W, R>) -> T) -> T {
        let mut context = Context {
            agenda: &mut self.agenda,
            names: &mut self.names,
            choices: &mut self.choices,
            recorder: &mut self.recorder,
            records: &mut self.records,
            cause,
        };
        act(&mut self.world, &mut context)
    }
}
