//! Worlds that are measured, and the one way to say what was computed.
//!
//! ```text
//!  hold.rs ─────▶ Hold   N events pending, each schedules its successor (the hold model)
//!  dispatch.rs ─▶ Hold   the same with few pending, silent and recorded by everything that records; and with more
//!                        pending, by what does not grow with the run
//!  fan_out.rs ──▶ the routing world: one change, K registrations told
//!  sweep.rs ────▶ a scenario, run under one seed after the other
//!  proof.rs ────▶ all orders of one instant, and of a scenario
//!  diff.rs ─────▶ two traces of 100,000 events, compared
//! ```
//!
//! Every bench prints the fingerprint of a recorded run of the same world, so that nobody speeds it up by computing
//! less. It lacks comparisons with other frameworks, which belong to a workspace of their own.
//!
//! Start reading at [`Hold`].
//!
//! ```
//! use tiebreak_benches::Hold;
//!
//! assert_eq!(Hold::fingerprint(16, 100), Hold::fingerprint(16, 100));
//! ```

use tiebreak::{
    Context, Digest, Instant, Limits, Name, Names, Recorder, RunFingerprinter, Settings, Silent, Simulation,
    Span, Symbol, Term, World,
    explore::{Campaign, Exploration},
    kernel::mix,
};

/// Prints the fingerprint of what a bench computes.
#[expect(clippy::print_stdout, reason = "a bench says what it computed")]
pub fn announce(bench: &str, fingerprint: Digest) {
    println!("{bench}: fingerprint {fingerprint}");
}

/// Prints how many bytes an event takes in a packed trace.
#[expect(clippy::print_stdout, reason = "a bench says what it computed")]
pub fn announce_bytes(bench: &str, bytes: u64, events: u64) {
    let hundredths = bytes * 100 / events;
    println!("{bench}: {}.{:02} bytes an event, of {events}", hundredths / 100, hundredths % 100);
}

/// Prints how many events a run has, and the digest of what came of the runs of a campaign.
#[expect(clippy::print_stdout, reason = "a bench says what it computed")]
pub fn announce_campaign(bench: &str, events: u64, campaign: &Campaign) {
    let (runs, failed, digest) = (campaign.runs(), campaign.failed(), campaign.digest());
    println!("{bench}: {events} events a run, {runs} runs, {failed} failed, digest {digest:016x}");
}

/// Prints what came of going through all orders.
#[expect(clippy::print_stdout, reason = "a bench says what it computed")]
pub fn announce_exploration(bench: &str, explored: &Exploration) {
    println!("{bench}: {explored}");
}

const HOLD: Term = Term::new("hold");
/// Increments are read in order from a table of this size, so that drawing them costs next to nothing.
const INCREMENTS: usize = 1 << 16;

/// The hold model: a constant number of pending events, each of which schedules its successor.
#[derive(Debug, Clone)]
pub struct Hold {
    actors: Vec<Symbol>,
    increments: Vec<u64>,
    cursor: usize,
}

impl World for Hold {
    type Event = u32;
    type Subject = ();

    fn name(&self, actor: &u32) -> Name<()> {
        Name::of(self.actors[*actor as usize], HOLD, ())
    }

    fn handle(&mut self, actor: u32, context: &mut Context<'_, u32, ()>) {
        let span = Span::from_nanos(self.increments[self.cursor]);
        self.cursor = (self.cursor + 1) % INCREMENTS;
        context.schedule_after(span, actor);
    }
}

impl Hold {
    /// A simulation with `pending` events of as many actors, increments even between 1 ns and 2 s.
    #[must_use]
    pub fn simulation<R: Recorder<()>>(pending: u32, recorder: R) -> Simulation<Self, R> {
        let mut names = Names::default();
        let actors = (0..pending).map(|actor| names.intern(&actor.to_string())).collect();
        let increments = (0..INCREMENTS as u64).map(|index| mix(index) % 2_000_000_000 + 1).collect();
        let world = Self { actors, increments, cursor: 0 };
        // A benchmark of some seconds runs more events than a run may by default.
        let settings = Settings::default().with_limits(Limits::DEFAULT.with_events(u64::MAX));
        let mut simulation = Simulation::new(world, settings).with_names(names).with_recorder(recorder);
        simulation.act(|world, context| {
            for actor in 0..pending {
                let at = Instant::from_nanos(world.increments[actor as usize % INCREMENTS]);
                context.schedule_no_earlier(at, actor);
            }
        });
        simulation
    }

    /// A simulation that records nothing, run in.
    #[must_use]
    pub fn warm(pending: u32) -> Simulation<Self, Silent> {
        let mut simulation = Self::simulation(pending, Silent);
        steps(&mut simulation, u64::from(pending).max(100_000));
        simulation
    }

    /// The fingerprint of the first `events` events.
    #[must_use]
    pub fn fingerprint(pending: u32, events: u64) -> Digest {
        let mut simulation = Self::simulation(pending, RunFingerprinter::default());
        steps(&mut simulation, events);
        simulation.recorder().run()
    }
}

/// Runs that many events.
///
/// # Panics
/// If the world runs dry before.
pub fn steps<W: World, R: Recorder<W::Subject>>(simulation: &mut Simulation<W, R>, events: u64) {
    for _ in 0..events {
        let step = simulation.step();
        assert!(step.is_continue(), "the world never runs dry");
    }
}
