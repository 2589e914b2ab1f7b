//! The run loop.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::ControlFlow;

use crate::choices::{Choices, Streams};
use crate::context::{Context, Control};
use crate::guidance::{Guidance, Guide};
use crate::ledger::{Ledger, Records};
use crate::limits::{End, Exceeded, Limit, Limits, Quiet};
use crate::name::Names;
use crate::queue::{DueEvent, EventQueue, Keeping, Scheduled, Taken};
use crate::record::{Origin, Record, Recorder, Silent, Verbosity};
use crate::settings::Settings;
use crate::slots::Cause;
use crate::time::{Instant, Span};
use crate::trail::{Step, Trail};
use crate::world::World;

/// A world, its pending events and everything else a run consists of. Cloning forks it: both go on from here alike.
#[derive(Debug, Clone)]
pub struct Simulation<W: World, R = Silent, C = Streams> {
    world: W,
    names: Names,
    recorder: R,
    choices: C,
    settings: Settings,
    queue: EventQueue<W::Event>,
    quiet: Quiet,
    /// How many events had been dispatched when the present instant opened.
    instant_began: u64,
    records: Records<W::Subject>,
    trail: Trail<W::Subject>,
    control: Control,
    /// Whether code of the world is running, or has panicked.
    is_in_world: bool,
}

/// How far to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goal {
    /// Until no primary work is left.
    Quiescence,
    /// Until nothing is due at an instant or earlier, be it primary or not.
    Instant(Instant),
}

/// How far off the limits are that an event brings nearer: all but the one on time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Margin {
    /// None of them is near, also when the next event has been taken out.
    Wide,
    /// One of them may be near.
    Narrow,
}

/// What a step has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Dispatched,
    GoalReached,
}

impl<W: World> Simulation<W> {
    /// A simulation without names, that records nothing and draws from the streams of its seed.
    #[must_use]
    pub fn new(world: W, settings: Settings) -> Self {
        Self::build(world, Names::default(), settings, Silent, Streams::new(settings.draws))
    }
}

/// Setting up.
impl<W: World, R: Recorder<W::Subject>, C: Choices> Simulation<W, R, C> {
    fn build(world: W, names: Names, settings: Settings, recorder: R, choices: C) -> Self {
        let keeping = match (recorder.is_enabled(), settings.verbosity) {
            (false, _) if cfg!(debug_assertions) => Keeping::Names,
            (false, _) => Keeping::Nothing,
            (true, Verbosity::Usual) => Keeping::Causes,
            (true, Verbosity::Changes) => Keeping::CausesAndMoves,
        };
        Self {
            world,
            names,
            recorder,
            choices,
            settings,
            queue: EventQueue::new(settings.order, settings.seed, keeping),
            quiet: Quiet::new(&settings),
            instant_began: 0,
            records: Records::new(keeping),
            trail: Trail::default(),
            control: Control::default(),
            is_in_world: false,
        }
    }

    /// The same simulation, with the names to which the world's symbols belong.
    ///
    /// # Panics
    /// If the run has begun.
    #[must_use]
    pub fn with_names(self, names: Names) -> Self {
        self.check_not_begun();
        Self { names, ..self }
    }

    /// The same simulation, with a recorder that is told what happens.
    ///
    /// # Panics
    /// If the run has begun.
    #[must_use]
    pub fn with_recorder<T: Recorder<W::Subject>>(self, recorder: T) -> Simulation<W, T, C> {
        self.check_not_begun();
        Simulation::build(self.world, self.names, self.settings, recorder, self.choices)
    }

    /// The same simulation, with other answers to its draws, and perhaps to who runs next.
    ///
    /// # Panics
    /// If the run has begun.
    #[must_use]
    pub fn with_choices<T: Choices>(self, choices: T) -> Simulation<W, R, T> {
        self.check_not_begun();
        Simulation::build(self.world, self.names, self.settings, self.recorder, choices)
    }

    fn check_not_begun(&self) {
        assert!(
            self.queue.pending() == 0 && self.dispatched() == 0 && self.now() == Instant::START,
            "a simulation is put together before its first event is scheduled"
        );
    }

    /// Lets code outside the run act on the world at the present instant: before the run, to schedule its first
    /// events, or between two steps.
    ///
    /// What it schedules at an instant that is open is ordered as if the event that ran last had scheduled it. So no
    /// unrelated event matters to it as long as the caller acts right after a related one.
    pub fn act<T>(&mut self, act: impl FnOnce(&mut W, &mut Context<'_, W::Event, W::Subject>) -> T) -> T {
        let was_in_world = core::mem::replace(&mut self.is_in_world, true);
        let result = self.in_context(Cause::default(), act);
        self.tidy_up();
        self.is_in_world = was_in_world;
        result
    }

    /// Changes the limits, so that a run which has hit one can go on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.settings.limits = limits;
        self.quiet = Quiet::new(&self.settings);
        self.quiet.begin_instant(self.instant_began);
    }

    /// Changes the last instant that opens, so that a run which has reached it can go on.
    pub fn set_horizon(&mut self, horizon: Instant) {
        self.settings.horizon = horizon;
        self.quiet = Quiet::new(&self.settings);
        self.quiet.begin_instant(self.instant_began);
    }
}

/// Running. Every method can be called again after it has returned: the run goes on where it was.
///
/// They panic if the world was not begun ([`World::missing`]). A panic of the world goes through; then the run is poisoned.
impl<W: World, R: Recorder<W::Subject>, C: Choices> Simulation<W, R, C> {
    /// Runs until the horizon, until no primary work is left, until an event stops the run, or until a limit is hit.
    pub fn run(&mut self) -> End {
        loop {
            if let ControlFlow::Break(end) = self.step() {
                return end;
            }
        }
    }

    /// Runs like [`run`](Self::run) and shows the world at the end of each instant: for checks that judge the state and
    /// not the records. A reason to stop ends the run.
    pub fn run_inspecting(
        &mut self,
        mut inspect: impl FnMut(&W, &Names, Instant) -> ControlFlow<String>,
    ) -> End {
        loop {
            match self.run_instant() {
                ControlFlow::Break(end) => return end,
                ControlFlow::Continue(now) => {
                    if let ControlFlow::Break(reason) = inspect(&self.world, &self.names, now) {
                        return End::Stopped(reason);
                    }
                }
            }
        }
    }

    /// Runs everything that is due up to `target`, background work included, and leaves the clock there. Breaks with the
    /// reason if the run ends before. A target that has passed runs nothing.
    pub fn run_until(&mut self, target: Instant) -> ControlFlow<End> {
        let target = target.min(Instant::MAX);
        loop {
            if self.advance(Goal::Instant(target))? == Progress::GoalReached {
                self.queue.advance_to(target);
                return ControlFlow::Continue(());
            }
        }
    }

    /// Runs everything that is due within a span from now; see [`run_until`](Self::run_until).
    pub fn run_for(&mut self, span: Span) -> ControlFlow<End> {
        self.run_until(self.now().saturating_add(span))
    }

    /// Runs the events of the next instant, those scheduled into it included; returns it. Breaks with the reason if the
    /// run has ended.
    pub fn run_instant(&mut self) -> ControlFlow<End, Instant> {
        self.step()?;
        while self.is_instant_unfinished() && self.queue.primary() > 0 {
            self.step()?;
        }
        ControlFlow::Continue(self.now())
    }

    /// Runs one event. Breaks with the reason if the run has ended; asking again gives the same reason, but for a stop,
    /// after which the run goes on.
    pub fn step(&mut self) -> ControlFlow<End> {
        self.advance(Goal::Quiescence).map_continue(|_| ())
    }

    fn advance(&mut self, goal: Goal) -> ControlFlow<End, Progress> {
        if self.is_in_world {
            return ControlFlow::Break(End::Poisoned);
        }
        if self.control.stop.is_some() {
            return ControlFlow::Break(self.stopped());
        }
        if goal == Goal::Quiescence && self.queue.primary() == 0 {
            self.check_begun();
            return ControlFlow::Break(End::Quiescent);
        }
        let margin = if self.queue.is_instant_unfinished() {
            if let Goal::Instant(target) = goal {
                if target < self.now() {
                    return ControlFlow::Continue(Progress::GoalReached);
                }
            }
            self.check_limits()?
        } else {
            // An instant opens only if an event of it will run: nothing else advances time.
            if self.check_next_instant(goal)? == Progress::GoalReached {
                return ControlFlow::Continue(Progress::GoalReached);
            }
            self.begin_instant()?
        };
        self.dispatch(margin);
        ControlFlow::Continue(Progress::Dispatched)
    }

    /// The end of a run that an event has stopped.
    #[cold]
    fn stopped(&mut self) -> End {
        End::Stopped(self.control.stop.take().unwrap_or_default())
    }

    /// Whether the next instant may open.
    #[inline]
    fn check_next_instant(&self, goal: Goal) -> ControlFlow<End, Progress> {
        let Some(instant) = self.queue.next_in_calendar() else {
            self.check_begun();
            return ControlFlow::Continue(Progress::GoalReached);
        };
        if matches!(goal, Goal::Instant(target) if instant > target) {
            return ControlFlow::Continue(Progress::GoalReached);
        }
        if instant > self.quiet.last {
            return ControlFlow::Break(self.past_the_last(instant));
        }
        ControlFlow::Continue(Progress::Dispatched)
    }

    /// Panics if nothing is left to happen because the world was not begun.
    #[cold]
    fn check_begun(&self) {
        if self.dispatched() > 0 || self.queue.pending() > 0 {
            return;
        }
        if let Some(what) = self.world.missing() {
            panic!("{what}");
        }
    }

    /// Why an instant may not open.
    #[cold]
    fn past_the_last(&self, instant: Instant) -> End {
        if instant > self.settings.horizon {
            return End::Horizon;
        }
        self.exceeded(Limit::Time, self.settings.limits.time.as_nanos())
    }

    /// Whether the next event may run.
    #[inline]
    fn check_limits(&self) -> ControlFlow<End, Margin> {
        let is_quiet = self.dispatched() + 1 < self.quiet.dispatched
            && self.queue.pending() < self.quiet.pending
            && self.recorder.bytes() <= self.quiet.bytes;
        if is_quiet { ControlFlow::Continue(Margin::Wide) } else { self.check_each_limit() }
    }

    #[cold]
    fn check_each_limit(&self) -> ControlFlow<End, Margin> {
        let limits = &self.settings.limits;
        let at_instant = self.dispatched() - self.instant_began;
        let (limit, allowed) = if self.dispatched() >= limits.events {
            (Limit::Events, limits.events)
        } else if at_instant >= limits.events_at_instant {
            (Limit::EventsAtInstant, limits.events_at_instant)
        } else if self.queue.pending() > limits.pending {
            (Limit::Pending, limits.pending)
        } else if self.recorder.bytes() > limits.trace_bytes {
            (Limit::TraceBytes, limits.trace_bytes)
        } else {
            return ControlFlow::Continue(Margin::Narrow);
        };
        ControlFlow::Break(self.exceeded(limit, allowed))
    }

    fn exceeded(&self, limit: Limit, allowed: u64) -> End {
        let next = self.queue.next_event().map(|(event, cause)| Step {
            ordinal: self.dispatched() + 1,
            cause,
            name: self.world.name(event),
        });
        End::Limit(Exceeded { limit, allowed, at: self.now(), cycle: self.trail.cycle(next, &self.names) })
    }

    /// Runs the next event. While code of the world runs the simulation is poisoned: should it panic, that stays.
    fn dispatch(&mut self, margin: Margin) {
        self.is_in_world = true;
        let Self { world, names, queue, choices, .. } = self;
        let taken = if choices.guidance() == Guidance::None {
            queue.take(|event| world.name(event).codes(names))
        } else {
            let dispatched = queue.dispatched();
            queue.take_guided(&mut Guide { world, names, choices, dispatched })
        };
        let Some(taken) = taken else { unreachable!("an event is due") };
        let is_near_a_limit = match margin {
            Margin::Wide => self.now() > self.quiet.time,
            Margin::Narrow => self.is_near_a_limit(),
        };
        if is_near_a_limit {
            let (ordinal, cause) = (self.dispatched(), taken.origin.ordinal(self.dispatched()));
            self.trail.push(Step { ordinal, cause, name: self.world.name(&taken.event) });
        }
        let code = if self.recorder.is_enabled() { self.announce(&taken) } else { 0 };
        self.check_name(&taken);
        let cause = Cause { ordinal: self.dispatched(), code };
        if let Some(slot) = taken.periodic {
            self.queue.repeat(slot, cause);
        }
        self.in_context(cause, |world, context| world.handle(taken.event, context));
        self.queue.settle();
        self.tidy_up();
        self.is_in_world = false;
    }

    /// Gets ready for an instant that is about to open.
    #[inline]
    fn begin_instant(&mut self) -> ControlFlow<End, Margin> {
        self.instant_began = self.dispatched();
        self.quiet.begin_instant(self.instant_began);
        let margin = self.check_limits()?;
        if !self.trail.is_empty() && !self.is_near_a_limit() {
            self.trail.clear();
        }
        ControlFlow::Continue(margin)
    }

    /// Looks after what the last event has scheduled, if that needs looking after.
    #[inline]
    fn tidy_up(&mut self) {
        if self.queue.has_fresh() || self.records.is_verbose() {
            self.merge_fresh();
        }
    }

    #[inline(never)]
    fn merge_fresh(&mut self) {
        let Self { world, names, queue, records, .. } = self;
        for handle in queue.take_moved() {
            queue.get(handle).into_iter().for_each(|event| records.remember(handle, world.name(event)));
        }
        queue.merge_fresh(|event| world.name(event).codes(names));
    }

    /// Records the dispatch of an event; returns its code.
    fn announce(&mut self, taken: &Taken<W::Event>) -> u64 {
        let name = self.world.name(&taken.event);
        let codes = name.event_part_codes(&self.names);
        let (repeat, code) = self.records.count(&name, codes);
        let record = Record {
            number: self.records.next_number(),
            instant: self.queue.now(),
            name,
            codes,
            event: Some(code),
            origin: Origin::Dispatch { repeat, choice: taken.noted.choice },
            cause: taken.origin.is_inside().then_some(taken.cause_code),
            facts: &[],
        };
        self.recorder.record(&self.names, &record);
        code
    }

    /// In debug builds, checks that an event still has the name by which it was ordered.
    fn check_name(&self, taken: &Taken<W::Event>) {
        if cfg!(debug_assertions) && taken.noted.code != 0 {
            let mut text = String::new();
            let name = self.world.name(&taken.event);
            let is_same = name.code(&self.names) == taken.noted.code;
            assert!(
                is_same || name.write(&self.names, &mut text).is_err(),
                "the name of an event changed while it was pending: now it is {text}"
            );
        }
    }

    /// Whether events should be remembered for the verdict: a limit on counts is a trail's length off, or half of one on
    /// time or trace is used up.
    #[inline]
    fn is_near_a_limit(&self) -> bool {
        self.dispatched() >= self.quiet.dispatched
            || self.queue.pending() >= self.quiet.pending
            || self.now() > self.quiet.time
            || self.recorder.bytes() > self.quiet.bytes
    }

    #[inline]
    fn in_context<T>(
        &mut self,
        cause: Cause,
        act: impl FnOnce(&mut W, &mut Context<'_, W::Event, W::Subject>) -> T,
    ) -> T {
        let mut context = Context {
            queue: &mut self.queue,
            names: &mut self.names,
            choices: &mut self.choices,
            ledger: Ledger { records: &mut self.records, recorder: &mut self.recorder },
            control: &mut self.control,
            cause,
        };
        act(&mut self.world, &mut context)
    }
}

/// Looking.
impl<W: World, R, C> Simulation<W, R, C> {
    /// Returns the present instant.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.queue.now()
    }

    /// Returns when the next event is due: now if the instant is unfinished; `None` if nothing is due.
    #[must_use]
    pub fn next_instant(&self) -> Option<Instant> {
        self.queue.next_instant()
    }

    /// Returns the events that are due at the next instant, in the order of scheduling. Looks at all that is pending.
    #[must_use]
    pub fn due_events(&self) -> Vec<DueEvent<'_, W::Event>> {
        self.queue.due_events()
    }

    /// Returns all pending events by due instant, those that are never due last; those of one instant are in the order of
    /// scheduling. Looks at all that is pending.
    #[must_use]
    pub fn scheduled(&self) -> Vec<Scheduled<'_, W::Event>> {
        self.queue.scheduled()
    }

    /// Whether events are left to run at the present instant.
    #[must_use]
    pub fn is_instant_unfinished(&self) -> bool {
        self.queue.is_instant_unfinished()
    }

    /// Returns how many events have run.
    #[must_use]
    pub const fn dispatched(&self) -> u64 {
        self.queue.dispatched()
    }

    /// Returns how many events are pending, those that are never due included.
    #[must_use]
    pub const fn pending(&self) -> u64 {
        self.queue.pending()
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

    /// Returns the choices, to be told something from outside.
    pub const fn choices_mut(&mut self) -> &mut C {
        &mut self.choices
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
        self.queue.check_invariants();
        assert!(self.instant_began <= self.dispatched(), "what ran at one instant is part of all that ran");
    }

    /// Ends the simulation and hands back its parts.
    #[must_use]
    pub fn into_parts(self) -> (W, Names, R) {
        (self.world, self.names, self.recorder)
    }
}

mod state;
