//! Ways to choose who runs next.

mod delay;
mod last;
mod pct;
mod pos;
mod prefix;
mod races;
mod urw;
mod walk;

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use core::fmt;
use core::str::FromStr;

use tiebreak_kernel::{Candidate, Frontier, Order, fold, mix};

use crate::calibration::Calibration;
use crate::event::Constraint;
pub use delay::Delay;
pub(crate) use delay::Line;
pub use last::Last;
pub use pct::Pct;
pub use pos::Pos;
pub use prefix::Prefix;
pub use races::Turns;
pub use urw::Urw;
pub use walk::Walk;

/// Chooses who of several events runs next. It is made anew for each run, and given to it by
/// [`Director::with_strategy`](crate::Director::with_strategy).
///
/// ```
/// use tiebreak_explore::Strategy;
/// use tiebreak_kernel::{Frontier, Term};
///
/// /// Events of one kind run last.
/// #[derive(Debug)]
/// struct Lazy(Term);
///
/// impl Strategy for Lazy {
///     fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
///         let mut candidates = frontier.candidates().iter();
///         candidates.position(|candidate| candidate.codes.kind != self.0.code()).unwrap_or(0)
///     }
/// }
/// ```
pub trait Strategy {
    /// Chooses one of several events, by its number in the frontier, from 0; a number that is too large means the last.
    fn choose(&mut self, frontier: &Frontier<'_>) -> usize;

    /// Answers a draw between two numbers, both included; `None` leaves it to the streams of the seed. The same strategy
    /// answers all draws of a run or none.
    fn draw(&mut self, _low: u64, _high: u64) -> Option<u64> {
        None
    }

    /// Is told of each event right before it runs, and its number, from 1.
    fn run(&mut self, _event: &Candidate, _number: u64) {}
}

/// Random numbers of one run, which follow from its seed.
#[derive(Debug, Clone)]
pub(crate) struct Dice {
    seed: u64,
    rolled: u64,
}

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed, rolled: 0 }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.rolled += 1;
        mix(fold(self.seed, self.rolled))
    }

    /// A number below `count`, which is not 0. Numbers are so slightly uneven that no search notices.
    pub(crate) fn below(&mut self, count: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(count.max(1));
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// An index below `count`, which is not 0.
    pub(crate) fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).unwrap_or(0)
    }
}

/// A strategy by name: an order policy that decides by itself, or one that chooses event by event. Text has it as the command
/// does: `clocks`, `pct:3`, `delay:2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tactic {
    /// The order policy `seeded`: random clocks. No other is as fast.
    Clocks,
    /// The order policy `fifo`. One run is all there is, if nothing is drawn.
    Fifo,
    /// The order policy `rounds`.
    Rounds,
    /// All events that could run are equally likely to be next.
    Walk,
    /// Partial order sampling: random priorities, drawn anew for those that an event may have raced with.
    Pos,
    /// Uniform random walk: actors are chosen by how many events they have left.
    Urw,
    /// Probabilistic concurrency testing on chains of causes, for bugs of this depth: 1 to 9 where it is read from text.
    Pct(u8),
    /// The order of scheduling with this many deviations, one after the other: 1 to 9 where it is read from text.
    Delay(u8),
    /// The order of scheduling with one of its races turned round, one after the other.
    Races,
}

/// Why a text is not a strategy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TacticError(String);

impl fmt::Display for TacticError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(found) = self;
        write!(
            out,
            "unknown strategy `{found}`; expected `clocks`, `walk`, `pos`, `urw`, `pct:2` (the depth, 1 to 9), \
             `delay:2` (how many deviations, 1 to 9), `races`, `fifo` or `rounds`"
        )
    }
}

impl core::error::Error for TacticError {}

impl FromStr for Tactic {
    type Err = TacticError;

    fn from_str(text: &str) -> Result<Self, TacticError> {
        let unknown = || TacticError(text.to_string());
        let depth =
            |digits: &str| digits.parse().ok().filter(|depth| (1..=9).contains(depth)).ok_or_else(unknown);
        match text.split_once(':') {
            Some(("pct", depth_of)) => Ok(Self::Pct(depth(depth_of)?)),
            Some(("delay", count)) => Ok(Self::Delay(depth(count)?)),
            Some(_) => Err(unknown()),
            None => match text {
                "clocks" => Ok(Self::Clocks),
                "fifo" => Ok(Self::Fifo),
                "rounds" => Ok(Self::Rounds),
                "walk" => Ok(Self::Walk),
                "pos" => Ok(Self::Pos),
                "urw" => Ok(Self::Urw),
                "races" => Ok(Self::Races),
                _ => Err(unknown()),
            },
        }
    }
}

impl fmt::Display for Tactic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clocks => out.write_str("clocks"),
            Self::Fifo => out.write_str("fifo"),
            Self::Rounds => out.write_str("rounds"),
            Self::Walk => out.write_str("walk"),
            Self::Pos => out.write_str("pos"),
            Self::Urw => out.write_str("urw"),
            Self::Pct(depth) => write!(out, "pct:{depth}"),
            Self::Delay(count) => write!(out, "delay:{count}"),
            Self::Races => out.write_str("races"),
        }
    }
}

impl From<Order> for Tactic {
    /// The strategy in which an order policy decides alone.
    fn from(order: Order) -> Self {
        match order {
            Order::Fifo => Self::Fifo,
            Order::Rounds => Self::Rounds,
            Order::Seeded | _ => Self::Clocks,
        }
    }
}

impl Tactic {
    /// Whether a run of it depends on the order policy and the seed alone, because nobody chooses: then the seed is
    /// enough to see it again.
    #[must_use]
    pub const fn is_by_seed(self) -> bool {
        match self {
            Self::Clocks | Self::Fifo | Self::Rounds => true,
            Self::Walk | Self::Pos | Self::Urw | Self::Pct(_) | Self::Delay(_) | Self::Races => false,
        }
    }

    /// Returns the order policy of its runs. Whoever chooses event by event chooses within the bands of `seeded`, so that
    /// nothing starves.
    #[must_use]
    pub const fn order(self) -> Order {
        match self {
            Self::Fifo | Self::Races => Order::Fifo,
            Self::Rounds => Order::Rounds,
            Self::Clocks | Self::Walk | Self::Pos | Self::Urw | Self::Pct(_) | Self::Delay(_) => {
                Order::Seeded
            }
        }
    }

    /// Returns the strategy of one run; `None` if nobody chooses event by event. `number` is that of the run, from 0, for
    /// those that enumerate.
    #[must_use]
    pub fn strategy(self, seed: u64, number: u64, calibration: &Calibration) -> Option<Box<dyn Strategy>> {
        match self {
            Self::Clocks | Self::Fifo | Self::Rounds | Self::Races => None,
            Self::Walk => Some(Box::new(Walk::new(seed))),
            Self::Pos => Some(Box::new(Pos::new(seed))),
            Self::Urw => Some(Box::new(Urw::new(seed, calibration))),
            Self::Pct(depth) => Some(Box::new(Pct::new(seed, depth, calibration.contended()))),
            Self::Delay(count) => Some(Box::new(Delay::new(number, count, calibration.choices()))),
        }
    }

    /// Returns the ordering that one run keeps, whoever chooses. `number` is that of the run, from 0.
    #[must_use]
    pub fn ordering(self, number: u64, calibration: &Calibration) -> Option<&Constraint> {
        match self {
            Self::Races => calibration.turns().ordering(number),
            Self::Clocks
            | Self::Fifo
            | Self::Rounds
            | Self::Walk
            | Self::Pos
            | Self::Urw
            | Self::Pct(_)
            | Self::Delay(_) => None,
        }
    }

    /// Whether its runs are samples, each drawn anew: only of those something follows for runs that were not made.
    #[must_use]
    pub const fn is_sample(self) -> bool {
        !matches!(self, Self::Fifo | Self::Delay(_) | Self::Races)
    }

    /// Returns in how many runs it has tried all that it tries; `None` if each of its runs may be another one.
    #[must_use]
    pub fn runs_max(self, calibration: &Calibration) -> Option<u64> {
        match self {
            Self::Delay(count) => Some(Delay::orders(count, calibration.choices())),
            Self::Races => Some(calibration.turns().orders()),
            Self::Clocks | Self::Fifo | Self::Rounds | Self::Walk | Self::Pos | Self::Urw | Self::Pct(_) => {
                None
            }
        }
    }

    /// Whether it needs to know how many events there are.
    #[must_use]
    pub(crate) const fn is_calibrated(self) -> bool {
        matches!(self, Self::Urw | Self::Pct(_) | Self::Delay(_))
    }

    /// Whether it needs to know at how many choices a run can deviate from the order of scheduling.
    pub(crate) const fn is_enumerated(self) -> bool {
        matches!(self, Self::Delay(_))
    }
}
