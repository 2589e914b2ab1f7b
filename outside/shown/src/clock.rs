//! What part of a run's time the machine takes.

use std::cell::Cell;
use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

thread_local! {
    /// The time in the machine so far, and how many looks at the clock it contains; only while it is measured.
    static MACHINE: Cell<Option<(Duration, u32)>> = const { Cell::new(None) };
}

/// Does what belongs to the machine. Its time is counted while [`share_of_machine`] measures.
pub fn timed<T>(act: impl FnOnce() -> T) -> T {
    let Some(_) = MACHINE.get() else { return act() };
    let begin = Instant::now();
    let result = act();
    add(begin.elapsed(), 1, |sum, part| sum + part);
    result
}

/// Does what belongs to the framework in the midst of what is [`timed`]: a callback of the machine's.
pub fn untimed<T>(act: impl FnOnce() -> T) -> T {
    let Some(_) = MACHINE.get() else { return act() };
    let begin = Instant::now();
    let result = act();
    add(begin.elapsed(), 1, Duration::saturating_sub);
    result
}

fn add(part: Duration, looks: u32, combine: fn(Duration, Duration) -> Duration) {
    MACHINE.set(MACHINE.get().map(|(sum, before)| (combine(sum, part), before + looks)));
}

/// The time of some runs, and the machine's part of it.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// The time of all of it.
    pub whole: Duration,
    /// The time in the machine.
    pub machine: Duration,
}

impl fmt::Display for Share {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent =
            100 * (self.whole.saturating_sub(self.machine)).as_nanos() / self.whole.as_nanos().max(1);
        write!(out, "{percent} % of the time is spent outside the machine ({:?} in all)", self.whole)
    }
}

/// Does some runs; returns how long they take, and how long the machine does in them.
///
/// The runs are made three times: to warm up, without looking at the clock, and with. What looking at it takes is measured, and
/// subtracted from the machine's time.
pub fn share_of_machine(runs: impl Fn()) -> Share {
    runs();
    let begin = Instant::now();
    runs();
    let whole = begin.elapsed();
    MACHINE.set(Some((Duration::ZERO, 0)));
    runs();
    let (machine, looks) = MACHINE.take().unwrap_or_default();
    Share { whole, machine: machine.saturating_sub(look() * looks) }
}

/// What one look at the clock adds to a time that is measured with it.
fn look() -> Duration {
    const LOOKS: u32 = 100_000;
    let sum: Duration = (0..LOOKS)
        .map(|_| {
            let begin = Instant::now();
            black_box(begin.elapsed())
        })
        .sum();
    sum / LOOKS
}
