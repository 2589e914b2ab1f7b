//! Who answers the questions of a run: constraints, a strategy, fixed draws.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use tiebreak_kernel::{Actor, Candidate, Choices, Frontier, Guidance, Names, Ratio, Site, Streams, Term};

use crate::directory::{Directory, NameId};
use crate::event::{Answer, Constraint, FixedDraw};
use crate::follow::{Follow, FullChoices};
use crate::gate::{Gate, Kept, Pattern};
use crate::history::{Drawn, History};
use crate::program::{Failure, Outcome, Symptom};
use crate::shrink::{Cause, Rest};
use crate::strategy::Strategy;

/// One choice among two or more events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// The number of the event that was chosen, from 1.
    pub event: u64,
    /// Which of the events that could run it was, in the order of scheduling.
    pub index: u32,
    /// Which of those of its name and its cause it was among them, from 1.
    pub twin: u32,
}

/// The choices of one run.
///
/// Without constraints and without a strategy, and if nobody watches, it takes no part in the order, and the run is as
/// fast as one that nobody guides.
pub struct Director<'a> {
    directory: &'a mut Directory,
    streams: Streams,
    strategy: Option<&'a mut dyn Strategy>,
    follow: Option<Follow>,
    gate: Gate,
    fixed: BTreeMap<NameId, Vec<(Pattern, Answer)>>,
    rest: Rest,
    is_watching: bool,
    history: History,
    chosen: Vec<Chosen>,
}

impl core::fmt::Debug for Director<'_> {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.debug_struct("Director").field("guidance", &self.guidance()).finish_non_exhaustive()
    }
}

impl<'a> Director<'a> {
    /// Draws from the streams of a seed, and takes no part in the order.
    pub fn new(directory: &'a mut Directory, seed: u64) -> Self {
        Self {
            directory,
            streams: Streams::new(seed),
            strategy: None,
            follow: None,
            gate: Gate::default(),
            fixed: BTreeMap::new(),
            rest: Rest::Drawn,
            is_watching: false,
            history: History::default(),
            chosen: Vec::new(),
        }
    }

    /// The same choices, with a strategy that says who runs next.
    #[must_use]
    pub fn with_strategy(self, strategy: &'a mut dyn Strategy) -> Self {
        Self { strategy: Some(strategy), ..self }
    }

    /// The same choices, which keep constraints.
    #[must_use]
    pub fn with_constraints(self, constraints: &[Constraint]) -> Self {
        let gate = Gate::new(constraints, self.directory);
        Self { gate, ..self }
    }

    /// The same choices, with some draws fixed. A value that a draw cannot have is not taken.
    #[must_use]
    pub fn with_fixed_draws(self, draws: &[FixedDraw]) -> Self {
        let mut director = self;
        director.fix(draws);
        director
    }

    /// The same choices, which follow those of another run: its draws have their values, and where one of its events was
    /// next, it is next again if it can be. They go before a strategy.
    #[must_use]
    pub fn following(self, choices: &FullChoices) -> Self {
        let follow = Follow::new(&choices.next, self.directory);
        Self { follow: Some(follow), ..self }.with_fixed_draws(&choices.draws)
    }

    fn fix(&mut self, draws: &[FixedDraw]) {
        for FixedDraw { draw, value } in draws {
            let pattern = Pattern::new(draw, self.directory);
            self.fixed.entry(pattern.name()).or_default().push((pattern, *value));
        }
    }

    /// Keeps the orderings and draws of a cause besides those that were given before. The orderings are numbered on.
    pub fn keep(&mut self, cause: &Cause) {
        self.gate.add(&cause.constraints, self.directory);
        self.fix(&cause.draws);
        if cause.rest == Rest::Quiet {
            self.rest = Rest::Quiet;
        }
    }

    /// The same choices, which keep a history.
    #[must_use]
    pub fn watching(self) -> Self {
        Self { is_watching: true, ..self }
    }

    /// Returns the events and draws so far. Empty if nobody watches and nothing is constrained or chosen.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// Returns the names that were met.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        self.directory
    }

    /// Returns how far each constraint was kept, in the order in which they were given.
    #[must_use]
    pub fn kept(&self) -> &[Kept] {
        self.gate.kept()
    }

    /// Returns what was chosen, for each choice among two or more.
    #[must_use]
    pub fn chosen(&self) -> &[Chosen] {
        &self.chosen
    }

    /// Returns what tells each failure of this run from others.
    #[must_use]
    pub fn symptoms(&self, outcome: &Outcome) -> Vec<Symptom> {
        outcome.failures().iter().map(|failure| self.symptom(failure)).collect()
    }

    fn symptom(&self, failure: &Failure) -> Symptom {
        let event = failure.event.and_then(|number| self.history.event(number));
        // Whatever it was about: a failure of many subjects is one find.
        let event = event.map_or("", |event| self.directory.actor_kind(event.name)).into();
        Symptom { monitor: failure.monitor.clone(), event }
    }

    /// Ends the run; returns its history and what was chosen.
    #[must_use]
    pub fn finish(self) -> (History, Vec<Chosen>) {
        (self.history, self.chosen)
    }

    /// Whether somebody says who runs next.
    fn is_choosing(&self) -> bool {
        self.strategy.is_some() || self.follow.is_some()
    }

    /// Whether events are followed one by one.
    fn is_following(&self) -> bool {
        self.is_watching
            || self.is_choosing()
            || !self.gate.is_empty()
            || !self.fixed.is_empty()
            || self.rest == Rest::Quiet
    }

    /// The value that this draw is to have; the last one that was given, if there are several.
    fn fixed_answer(&self, drawn: &Drawn) -> Option<Answer> {
        let counted = (drawn.repeat, drawn.repeat_of_event);
        let is_it = |pattern: &Pattern| pattern.is_counted(counted, drawn.event, &self.history);
        let mut fixed = self.fixed.get(&drawn.site)?.iter().rev();
        fixed.find(|(pattern, _)| is_it(pattern)).map(|(_, answer)| *answer)
    }

    /// Answers a question between two bounds; the chance is the probability of yes, if that is what is asked.
    fn draw(&mut self, site: Site, (low, high): (u64, u64), chance: Option<Ratio>) -> u64 {
        // Drawn in any case: what is fixed changes no other draw.
        let answer = self.strategy.as_mut().and_then(|strategy| strategy.draw(low, high));
        let value = answer.unwrap_or_else(|| self.streams.number(site, low, high));
        if !self.is_following() {
            return value;
        }
        let site = self.directory.named(site.code(), || format!("site/{:016x}", site.code()));
        let mut drawn = self.history.next_draw(site, (low, high), (chance, value));
        let fixed = self.fixed_answer(&drawn).and_then(|answer| drawn.value_of(answer));
        drawn.value = match (fixed, self.rest) {
            (Some(fixed), _) => fixed,
            (None, Rest::Quiet) => drawn.quiet().unwrap_or(value),
            (None, Rest::Drawn) => value,
        };
        self.history.drew(drawn);
        drawn.value
    }

    fn name(&mut self, event: &Frontier<'_>) -> NameId {
        self.directory.named(event[0].codes.name(), || event.name(0))
    }
}

impl Choices for Director<'_> {
    fn number(&mut self, site: Site, low: u64, high: u64) -> u64 {
        self.draw(site, (low, high), None)
    }

    fn chance(&mut self, site: Site, probability: Ratio) -> bool {
        let most = u64::from(probability.denominator()) - 1;
        self.draw(site, (0, most), Some(probability)) < u64::from(probability.numerator())
    }

    fn introduce(&mut self, site: Site, names: &Names, actor: Actor, purpose: Term) {
        if self.is_following() {
            self.directory.named(site.code(), || format!("{}/{}", names.text(actor), purpose.text()));
        }
    }

    fn guidance(&self) -> Guidance {
        if self.is_choosing() {
            if self.gate.is_empty() { Guidance::Picks } else { Guidance::Chooses }
        } else if self.is_following() {
            Guidance::Holds
        } else {
            Guidance::None
        }
    }

    fn must_wait(&mut self, event: &Frontier<'_>) -> bool {
        !self.gate.is_empty() && {
            let name = self.name(event);
            self.gate.must_wait(name, event[0].cause, &self.history)
        }
    }

    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        let chosen = if let Some(follow) = &mut self.follow {
            let candidates = frontier.candidates().iter().zip(0..);
            let mut name = |(event, at): (&Candidate, usize)| {
                (self.directory.named(event.codes.name(), || frontier.name(at)), event.cause)
            };
            let candidates: Vec<(NameId, u64)> = candidates.map(&mut name).collect();
            follow.choose(&candidates, &self.history)
        } else if let Some(strategy) = &mut self.strategy {
            strategy.choose(frontier).min(frontier.len() - 1)
        } else {
            return 0;
        };
        let index = u32::try_from(chosen).unwrap_or(u32::MAX);
        self.chosen.push(Chosen { event: frontier.dispatched() + 1, index, twin: twin(frontier, chosen) });
        chosen
    }

    fn run(&mut self, event: &Frontier<'_>) {
        let name = self.name(event);
        if let Some(strategy) = &mut self.strategy {
            strategy.run(&event[0], event.dispatched() + 1);
        }
        self.gate.runs(name, event[0].cause, &self.history);
        if let Some(follow) = &mut self.follow {
            follow.runs(name, event[0].cause, &self.history);
        }
        self.history.dispatched(name, &event[0], event.now());
    }
}

/// Which of the events of its name and its cause an event is among those that could run, from 1.
fn twin(frontier: &Frontier<'_>, chosen: usize) -> u32 {
    let Candidate { codes, cause, .. } = frontier[chosen];
    let earlier = frontier.candidates()[..chosen].iter();
    earlier.filter(|event| event.cause == cause && event.codes == codes).fold(1, |twin, _| twin + 1)
}
