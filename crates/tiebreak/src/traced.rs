//! Simulations that keep a trace, made in one line.

use tiebreak_kernel::{Settings, Simulation, World};
use tiebreak_trace::{Digest, Header, Tracer};

/// Lets a simulation keep a [`Trace`](crate::Trace) without saying more than that.
///
/// The header of such a trace names model 1 and the plan of nothing: `Digest::of(b"")`. Who compares traces of several
/// models or plans makes the [`Header`] and the [`Tracer`] by hand.
pub trait Traced: Sized {
    /// The world that is simulated.
    type World: World;

    /// A traced simulation of a world under a seed, with the usual settings.
    ///
    /// ```
    /// # use tiebreak::{Context, Name, Simulation, Traced, World};
    /// # struct Nothing;
    /// # impl World for Nothing {
    /// #     type Event = core::convert::Infallible;
    /// #     type Subject = ();
    /// #     fn name(&self, event: &Self::Event) -> Name<()> { match *event {} }
    /// #     fn handle(&mut self, event: Self::Event, _context: &mut Context<'_, Self::Event, ()>) { match event {} }
    /// # }
    /// let mut simulation = Simulation::traced(Nothing, 7);
    /// simulation.run();
    /// println!("{}", simulation.recorder().trace());
    /// ```
    #[must_use]
    fn traced(world: Self::World, seed: u64) -> Simulation<Self::World, Tracer>;

    /// The same simulation, with a tracer; for settings other than the usual ones.
    ///
    /// # Panics
    /// If the run has begun.
    #[must_use]
    fn with_tracer(self) -> Simulation<Self::World, Tracer>;
}

impl<W: World> Traced for Simulation<W> {
    type World = W;

    fn traced(world: W, seed: u64) -> Simulation<W, Tracer> {
        Self::new(world, Settings::new(seed)).with_tracer()
    }

    fn with_tracer(self) -> Simulation<W, Tracer> {
        let tracer = tracer(self.settings());
        self.with_recorder(tracer)
    }
}

/// A tracer of a run under these settings that nobody has planned.
pub(crate) fn tracer(settings: &Settings) -> Tracer {
    Tracer::new(Header::new(1, Digest::of(b""), settings))
}
