//! How fast a world is, and which of two is faster.

extern crate std;

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::hint::black_box;
use core::time::Duration;

use tiebreak_kernel::{Choices, Recorder, Simulation, World};

use crate::measure::{BLOCKS_MIN, Paired, Quartiles, RatioInterval, events_per_second};

/// How long is measured unless it is said.
const TIME: Duration = Duration::from_secs(1);

/// Prepares to measure how long a simulation takes from its making to its end.
///
/// `build` makes the simulation and schedules its first events, as for [`check_determinism`](crate::check_determinism); it is
/// called once for each run. It should do the same each time. The kernel records nothing if the simulation has no recorder.
/// A second is measured, unless [`time`](Bench::time) says otherwise.
///
/// ```
/// use core::time::Duration;
/// use tiebreak::{Context, Name, Settings, Simulation, Span, World, bench, terms};
///
/// terms! { CLOCK = "clock", TICK = "tick" }
///
/// struct Clock { ticks: u32 }
///
/// impl World for Clock {
///     type Event = ();
///     type Subject = ();
///
///     fn name(&self, _event: &()) -> Name<()> {
///         Name::of(CLOCK, TICK, ())
///     }
///
///     fn handle(&mut self, _event: (), context: &mut Context<'_, (), ()>) {
///         self.ticks -= 1;
///         if self.ticks > 0 {
///             context.schedule_after(Span::from_secs(1), ());
///         }
///     }
/// }
///
/// let clock = |seed| {
///     let mut simulation = Simulation::new(Clock { ticks: 100 }, Settings::new(seed));
///     simulation.act(|_, context| {
///         context.schedule_after(Span::from_secs(1), ());
///     });
///     simulation
/// };
/// let report = bench(|| clock(1)).against(|| clock(2)).time(Duration::from_millis(20)).measure();
/// assert_eq!(report.events, [100, 100]);
/// println!("{report}");
/// ```
pub fn bench<'a, W: World, R: Recorder<W::Subject>, C: Choices>(
    build: impl FnMut() -> Simulation<W, R, C> + 'a,
) -> Bench<'a> {
    Bench { first: side(build), time: TIME }
}

/// A simulation to be measured.
#[must_use = "nothing is measured until `against` and `measure`"]
pub struct Bench<'a> {
    first: Side<'a>,
    time: Duration,
}

/// Makes one run; returns how many events ran.
type Side<'a> = Box<dyn FnMut() -> u64 + 'a>;

fn side<'a, W: World, R: Recorder<W::Subject>, C: Choices>(
    mut build: impl FnMut() -> Simulation<W, R, C> + 'a,
) -> Side<'a> {
    Box::new(move || {
        let mut simulation = build();
        black_box(simulation.run());
        simulation.dispatched()
    })
}

impl fmt::Debug for Bench<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Bench").field("time", &self.time).finish_non_exhaustive()
    }
}

impl<'a> Bench<'a> {
    /// Measures about as long as this, both sides together; a second if it is not said.
    pub fn time(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    /// Prepares to compare with another simulation: the two are run in turn.
    pub fn against<W: World, R: Recorder<W::Subject>, C: Choices>(
        self,
        build: impl FnMut() -> Simulation<W, R, C> + 'a,
    ) -> Compared<'a> {
        Compared { sides: [self.first, side(build)], time: self.time }
    }

    /// Measures, after one run that does not count. Makes two runs at least, and ends with the run that is on when the time is
    /// over.
    #[must_use]
    pub fn measure(self) -> BenchReport {
        let (mut clock, mut run) = (clock(), self.first);
        let events = run();
        let (end, mut samples) = (clock().saturating_add(nanos(self.time)), alloc::vec::Vec::new());
        loop {
            let before = clock();
            run();
            let after = clock();
            samples.push(after.saturating_sub(before));
            if after >= end {
                break;
            }
        }
        let Some(times) = Quartiles::of(&samples) else { unreachable!("at least one run is measured") };
        BenchReport { runs: samples.len() as u64, events, times }
    }
}

/// How fast a simulation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BenchReport {
    /// How many runs were measured.
    pub runs: u64,
    /// How many events ran in one.
    pub events: u64,
    /// The times of runs, in nanoseconds.
    pub times: Quartiles,
}

impl fmt::Display for BenchReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} · {} runs", line(self.events, self.times), self.runs)
    }
}

/// Two simulations to be compared.
#[must_use = "nothing is measured until `measure`"]
pub struct Compared<'a> {
    sides: [Side<'a>; 2],
    time: Duration,
}

impl fmt::Debug for Compared<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Compared").field("time", &self.time).finish_non_exhaustive()
    }
}

impl Compared<'_> {
    /// Measures about as long as this; a second if it is not said.
    pub fn time(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    /// Measures. Both sides run once before; if runs take long, fewer blocks are measured than an interval needs.
    #[must_use]
    pub fn measure(self) -> ComparedReport {
        let (mut clock, [mut first, mut second]) = (clock(), self.sides);
        let begin = clock();
        let events_of_first = first();
        let between = clock();
        let events = [events_of_first, second()];
        let once = [between.saturating_sub(begin), clock().saturating_sub(between)];
        let (end, rounds) =
            (clock().saturating_add(nanos(self.time)), Paired::rounds(nanos(self.time), once));
        let mut paired = Paired::default();
        while paired.blocks() == 0 || clock() < end {
            let sides: [&mut dyn FnMut(); 2] = [&mut || _ = first(), &mut || _ = second()];
            paired.measure(rounds, sides, &mut clock);
        }
        let Some(times) = paired.quartiles() else { unreachable!("at least one block is measured") };
        ComparedReport { events, times, blocks: paired.blocks(), ratio: paired.ratio() }
    }
}

/// How fast two simulations are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ComparedReport {
    /// How many events ran in a run of each.
    pub events: [u64; 2],
    /// The times of runs of each, in nanoseconds.
    pub times: [Quartiles; 2],
    /// How many blocks of runs there were, each with both sides in turn.
    pub blocks: usize,
    /// How many times as long a run of the second takes as one of the first; `None` if there were too few blocks to tell.
    pub ratio: Option<RatioInterval>,
}

impl fmt::Display for ComparedReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { events, times, blocks, ratio } = self;
        writeln!(out, "A  {}", line(events[0], times[0]))?;
        writeln!(out, "B  {}", line(events[1], times[1]))?;
        match ratio {
            Some(ratio) => write!(out, "{} · {blocks} blocks", ratio.sentence("B", "A")),
            None => write!(out, "too few blocks to compare: {blocks}, at least {BLOCKS_MIN} are needed"),
        }
    }
}

/// How fast one side is, in one line.
fn line(events: u64, times: Quartiles) -> String {
    let Quartiles { lower, median, upper } = times;
    let [lower, nanos, upper] = [lower, median, upper].map(|time| time / events.max(1));
    let rate = events_per_second(events, median);
    alloc::format!("{events} events a run · {rate} events/s · {nanos} ns/event ({lower} … {upper})")
}

/// A clock that returns nanoseconds since it was made.
#[expect(clippy::disallowed_types, reason = "how long runs take is measured; no run sees it")]
fn clock() -> impl FnMut() -> u64 {
    let start = std::time::Instant::now();
    move || nanos(start.elapsed())
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    #[test]
    fn reports_are_lines_for_people() {
        let times = |median| Quartiles { lower: median - 100, median, upper: median + 100 };
        let report = BenchReport { runs: 9, events: 10, times: times(1_000) };
        assert_eq!(
            report.to_string(),
            "10 events a run · 10000000 events/s · 100 ns/event (90 … 110) · 9 runs"
        );
        let ratio = RatioInterval { lower: 1_900_000, estimate: 2_000_000, upper: 2_100_000 };
        let report = ComparedReport {
            events: [10, 10],
            times: [times(1_000), times(2_000)],
            blocks: 31,
            ratio: Some(ratio),
        };
        let told = report.to_string();
        assert!(told.ends_with("\nB takes 2.000 times as long as A (1.900 … 2.100) · 31 blocks"), "{told}");
        let told = ComparedReport { blocks: 3, ratio: None, ..report }.to_string();
        assert!(told.ends_with("\ntoo few blocks to compare: 3, at least 8 are needed"), "{told}");
    }
}
