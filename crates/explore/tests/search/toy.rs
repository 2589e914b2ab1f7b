//! A program in a few lines: events of some actors, children, draws, and a rule on the order in which they ran.

use alloc::collections::BTreeMap;

use tiebreak_explore::{Director, Failure, Outcome, Program, Setup, Verdict};
use tiebreak_kernel::{Context, Handle, Instant, Name, Settings, Simulation, Term, World, terms};
use tiebreak_trace::BehaviourRecorder;

terms! { DOES = "does", ROLLS = "rolls", REACHES = "reaches" }

const ACTORS: [Term; 5] = [Term::new("a"), Term::new("b"), Term::new("c"), Term::new("d"), Term::new("e")];

/// Event `id` happens to actor `id / 100`, about `id % 10`: so 103, 113 and 123 share a name.
pub(crate) fn named(id: u64) -> String {
    format!("{}/does({})", ACTORS[usize::try_from(id / 100).expect("small")].text(), id % 10)
}

/// Events, and what makes a run of them fail.
#[derive(Clone)]
pub(crate) struct Toy {
    /// When, and which.
    pub(crate) events: Vec<(u64, u64)>,
    /// What an event schedules at its own instant.
    pub(crate) children: BTreeMap<u64, Vec<u64>>,
    /// Whom an event cancels, if it is pending.
    pub(crate) cancels: BTreeMap<u64, u64>,
    /// Who draws a number up to 999.
    pub(crate) rolls: Vec<u64>,
    /// Judges the order in which events ran, what was drawn, and the seed.
    pub(crate) fails: fn(&Ran) -> bool,
    /// Judges the same, as another monitor, whose failure comes first.
    pub(crate) fails_before: fn(&Ran) -> bool,
    /// Returns how many milestones a beginning of a run has reached.
    pub(crate) reaches: fn(&[u64]) -> u32,
}

/// What happened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ran {
    pub(crate) order: Vec<u64>,
    pub(crate) drawn: Vec<u64>,
    pub(crate) seed: u64,
}

impl Ran {
    /// Whether one event ran before another; not if one of them did not run.
    pub(crate) fn before(&self, first: u64, second: u64) -> bool {
        let place = |id: u64| self.order.iter().position(|other| *other == id);
        matches!((place(first), place(second)), (Some(first), Some(second)) if first < second)
    }
}

/// These events at one instant, without children.
pub(crate) fn toy(ids: &[u64], fails: fn(&Ran) -> bool) -> Toy {
    Toy {
        events: ids.iter().map(|id| (5, *id)).collect(),
        children: BTreeMap::new(),
        cancels: BTreeMap::new(),
        rolls: Vec::new(),
        fails,
        fails_before: |_| false,
        reaches: |_| 0,
    }
}

#[derive(Clone)]
struct Stage {
    toy: Toy,
    pending: BTreeMap<u64, Handle>,
    ran: Ran,
    reached: u64,
    progress_at: Option<u64>,
}

impl World for Stage {
    type Event = u64;
    type Subject = u64;

    fn name(&self, event: &u64) -> Name<u64> {
        Name::of(ACTORS[usize::try_from(event / 100).expect("small")], DOES, event % 10)
    }

    fn handle(&mut self, event: u64, context: &mut Context<'_, u64, u64>) {
        self.ran.order.push(event);
        let cancelled = self.toy.cancels.get(&event).and_then(|other| self.pending.get(other));
        cancelled.and_then(|handle| context.cancel(*handle));
        for child in self.toy.children.get(&event).into_iter().flatten() {
            context.schedule_no_earlier(context.now(), *child);
        }
        if self.toy.rolls.contains(&event) {
            let actor = self.name(&event).actor;
            self.ran.drawn.push(context.draw(actor, ROLLS, 0..=999));
        }
        let reached = (1 << (self.toy.reaches)(&self.ran.order)) - 1;
        if reached != self.reached {
            (self.reached, self.progress_at) = (reached, Some(self.ran.order.len() as u64));
        }
    }
}

impl Program for Toy {
    fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome {
        let (toy, pending) = (self.clone(), BTreeMap::new());
        let stage = Stage { toy, pending, ran: Ran::default(), reached: 0, progress_at: None };
        let settings = Settings::new(setup.seed).with_order(setup.order);
        let mut simulation = Simulation::new(stage, settings)
            .with_choices(choices)
            .with_recorder(BehaviourRecorder::default());
        simulation.act(|stage, context| {
            for (at, event) in stage.toy.events.clone() {
                let handle = context.schedule_at(Instant::from_nanos(at), event);
                stage.pending.insert(event, handle.expect("nothing has happened yet"));
            }
        });
        simulation.run();
        let (stage, _, recorder) = simulation.into_parts();
        let ran = Ran { seed: setup.seed, ..stage.ran };
        let failure =
            |monitor: &str| Failure { monitor: monitor.into(), event: None, message: "it is broken".into() };
        let judged = [("other rule", self.fails_before), ("rule", self.fails)];
        let failed = judged.into_iter().filter(|(_, fails)| fails(&ran)).map(|(monitor, _)| failure(monitor));
        Outcome {
            verdict: Verdict::of(failed.collect()),
            behaviour: recorder.behaviour(),
            contended: recorder.contended(),
            milestones: stage.reached,
            progress_at: stage.progress_at,
            twins: Vec::new(),
        }
    }
}
