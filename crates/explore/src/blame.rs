//! Where the die was cast: how likely a failing run was to fail, choice by choice.
//!
//! The first choices of the run are kept, and the rest are made anew at random, many times. At the choice at which the share
//! of runs that fail rises most, the failure was decided.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::fmt;

use tiebreak_kernel::{Candidate, Frontier, Instant, Order, fold, mix};

use crate::account::counted;
use crate::director::{Chosen, Director};
use crate::directory::Directory;
use crate::event::FixedDraw;
use crate::follow::FullChoices;
use crate::history::History;
use crate::job::Watched;
use crate::program::{Program, Setup, Symptom};
use crate::shrink::EVENTS_MAX;
use crate::strategy::{Prefix, Strategy, Walk};

/// At how many points of a run it is tried at most. Runs of fewer choices are tried at each.
const POINTS_MAX: usize = 64;
/// How many of the other events are shown that could have run.
const OTHERS_SHOWN: usize = 6;

/// How likely a run was to fail as it did, after each of its choices.
///
/// The probability need not rise from choice to choice: some choices lead away from a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Blame {
    /// How many choices among two or more events the run has, up to its failure. Where one event alone could run, nothing
    /// was chosen.
    pub choices: usize,
    /// How many runs were made at each point.
    pub runs: u64,
    /// The points that were tried, in order: all of them if there are at most 64.
    pub points: Vec<Point>,
    /// The choice at which most more runs fail than before it; `None` if no choice was tried both before and after it, or
    /// none makes more of them fail.
    pub jump: Option<Jump>,
}

/// How many runs fail that begin with the choices of the failing run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Point {
    /// How many choices are kept.
    pub kept: usize,
    /// How many runs fail so.
    pub fails: u64,
}

/// A choice that made the failure more likely.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Jump {
    /// Which choice it is, from 1.
    pub choice: usize,
    /// When it was made.
    pub at: Instant,
    /// How many runs fail in which the choices before it are kept.
    pub before: u64,
    /// How many fail if it is kept too.
    pub after: u64,
    /// The event that ran.
    pub ran: String,
    /// The other events that could have run.
    pub others: Vec<String>,
}

/// Why it is not known where a run came to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBlamed {
    /// It does not fail again with its choices and its draws.
    Unrepeatable,
    /// The run has more than 20,000 events.
    TooLong,
}

impl fmt::Display for NotBlamed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Unrepeatable => "the run does not fail again with its choices and draws alone",
            Self::TooLong => {
                "the run has more than 20,000 events, too many to find out where it came to fail"
            }
        })
    }
}

impl core::error::Error for NotBlamed {}

/// How probabilities are drawn in one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spark {
    /// As blocks of eight heights.
    Blocks,
    /// As digits: tenths, rounded down; 9 also stands for certainty.
    Digits,
}

impl Spark {
    fn draw(self, fails: u64, runs: u64) -> char {
        let signs = match self {
            Self::Blocks => "▁▂▃▄▅▆▇█",
            Self::Digits => "0123456789",
        };
        let count = signs.chars().count() as u64;
        let height = (fails.saturating_mul(count) / runs.max(1)).min(count - 1);
        signs.chars().zip(0..).find(|(_, at)| *at == height).map_or('?', |(sign, _)| sign)
    }
}

/// Returns how likely a failing run was to fail with this symptom, after each of its choices: those are kept, and the rest is
/// a random walk over what may run, in so many runs. Draws are those of the failing run throughout, by name, so that only the
/// order differs; a draw that was not made in it follows from its seed.
///
/// `chosen` is what a strategy chose in the run; if it is empty, who was next is taken from the history alone. The seed is
/// that of the run. A run of more than 63 choices is tried at 64 points: the part between two points in which the probability
/// rises most is halved until that is a single choice, and then the longest. A rise and a fall within a part that was not
/// halved are not seen. `goes_on` is asked before each point.
///
/// # Errors
/// If the run does not fail again with its choices, or is too long.
pub fn blame<P: Program + ?Sized>(
    program: &P,
    (history, chosen): (&History, &[Chosen]),
    (symptom, seed): (&Symptom, u64),
    runs: u64,
    directory: &mut Directory,
    goes_on: &dyn Fn() -> bool,
) -> Result<Blame, NotBlamed> {
    if history.dispatches.len() > EVENTS_MAX {
        return Err(NotBlamed::TooLong);
    }
    let followed = FullChoices::whole(history, chosen, directory).follow(program, seed, directory);
    let Watched { outcome, symptoms, history, chosen } = followed;
    let failure = symptoms.iter().zip(outcome.failures()).find(|(found, _)| *found == symptom);
    let Some((_, failure)) = failure else { return Err(NotBlamed::Unrepeatable) };
    // What comes after it does not matter, unless the whole run is judged.
    let last = failure.event.unwrap_or(u64::MAX);
    let mut chosen = chosen;
    chosen.retain(|chosen| chosen.event <= last);
    let draws = FullChoices::whole(&history, &chosen, directory).draws;
    let mut again = Again { program, symptom, seed, chosen: &chosen, draws: &draws, directory };
    // All choices are kept: whatever comes after them, it must fail.
    if !again.fails(chosen.len(), 0) {
        return Err(NotBlamed::Unrepeatable);
    }
    let mut tried: BTreeMap<usize, u64> = BTreeMap::new();
    while let Some(kept) = next_point(&tried, chosen.len()).filter(|_| goes_on()) {
        let fails = (0..runs).filter(|number| again.fails(kept, *number)).count();
        tried.insert(kept, fails as u64);
    }
    let jump = steepest(&tried).map(|(choice, before, after)| {
        let (at, ran, others) = again.choice(choice);
        Jump { choice, at, before, after, ran, others }
    });
    let points = tried.into_iter().map(|(kept, fails)| Point { kept, fails }).collect();
    Ok(Blame { choices: chosen.len(), runs, points, jump })
}

/// A failing run that is made again, in part.
struct Again<'a, P: ?Sized> {
    program: &'a P,
    symptom: &'a Symptom,
    seed: u64,
    chosen: &'a [Chosen],
    draws: &'a [FixedDraw],
    directory: &'a mut Directory,
}

impl<P: Program + ?Sized> Again<'_, P> {
    /// Whether it fails so if the first choices are kept. The walk of a number rolls the same dice at the same choice however
    /// many are kept, so that points differ by their choices and less by chance.
    fn fails(&mut self, kept: usize, number: u64) -> bool {
        let mut strategy = self.strategy(kept, number);
        let mut director = Director::new(self.directory, self.seed)
            .with_fixed_draws(self.draws)
            .with_strategy(&mut strategy);
        let outcome = self.program.run(Setup { order: Order::Seeded, seed: self.seed }, &mut director);
        director.symptoms(&outcome).contains(self.symptom)
    }

    fn strategy(&self, kept: usize, number: u64) -> Prefix {
        let prefix = self.chosen[..kept].iter().map(|chosen| chosen.index).collect();
        Prefix::new(prefix, Box::new(Walk::new(mix(fold(self.seed, number)))))
    }

    /// When a choice was made, from 1, which event ran, and which others could have run.
    fn choice(&mut self, choice: usize) -> (Instant, String, Vec<String>) {
        let mut witness =
            Witness { then: self.strategy(self.chosen.len(), 0), left: choice, could: Vec::new() };
        let mut director =
            Director::new(self.directory, self.seed).with_fixed_draws(self.draws).with_strategy(&mut witness);
        self.program.run(Setup { order: Order::Seeded, seed: self.seed }, &mut director);
        let (history, _) = director.finish();
        let number = self.chosen[choice - 1].event;
        let ran = history.reference(number, self.directory);
        let at = history.event(number).map_or(Instant::START, |event| event.at);
        let mut others = Vec::new();
        for (name, cause) in witness.could {
            // Those that could have run have run later, unless they were cancelled.
            let known = self.directory.known(&name);
            let later = (number..).zip(history.dispatches.iter().skip(index(number)));
            let mut later = later.filter(|(_, event)| Some(event.name) == known && event.cause == cause);
            let called =
                later.next().map(|(number, _)| format!("{}", history.reference(number, self.directory)));
            let called = called.unwrap_or(name);
            if called != format!("{ran}") && !others.contains(&called) {
                others.push(called);
            }
        }
        (at, format!("{ran}"), others)
    }
}

/// The place of an event among the dispatches.
fn index(number: u64) -> usize {
    usize::try_from(number - 1).unwrap_or(usize::MAX)
}

/// Notes who could run at one choice.
struct Witness {
    then: Prefix,
    /// How many choices are left until then, with that one.
    left: usize,
    /// Names, each with the number of its cause.
    could: Vec<(String, u64)>,
}

impl Strategy for Witness {
    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        if self.left == 1 {
            let events = frontier.candidates().iter().zip(0..);
            self.could = events.map(|(event, at)| (frontier.name(at), event.cause)).collect();
        }
        self.left = self.left.saturating_sub(1);
        self.then.choose(frontier)
    }

    fn run(&mut self, event: &Candidate, number: u64) {
        self.then.run(event, number);
    }
}

/// The point that is tried next, of a run of so many choices; `None` if enough were tried.
fn next_point(tried: &BTreeMap<usize, u64>, choices: usize) -> Option<usize> {
    if let Some(end) = [0, choices].into_iter().find(|end| !tried.contains_key(end)) {
        return Some(end);
    }
    if tried.len() >= POINTS_MAX {
        return None;
    }
    let known = steepest(tried).map_or(0, |(_, before, after)| after - before);
    let parts = tried.iter().zip(tried.iter().skip(1));
    let open = parts.filter(|((from, _), (to, _))| *to - *from > 1);
    // The greatest rise first, if a choice in it may be steeper than the steepest that is known; then the longest part.
    let (from, to) = open
        .map(|((from, before), (to, after))| {
            let rise = Some(after.saturating_sub(*before)).filter(|rise| *rise > known);
            (rise, *to - *from, Reverse(*from))
        })
        .max()
        .map(|(_, length, Reverse(from))| (from, from + length))?;
    Some(from + (to - from) / 2)
}

/// The choice at which most more runs fail than before it, from 1, and how many fail before and after it. Of several the
/// first.
fn steepest(tried: &BTreeMap<usize, u64>) -> Option<(usize, u64, u64)> {
    let pairs = tried.iter().zip(tried.iter().skip(1));
    let single = pairs.filter(|((from, before), (to, after))| *to - *from == 1 && after > before);
    single
        .max_by_key(|((from, before), (_, after))| (*after - *before, Reverse(**from)))
        .map(|((_, before), (to, after))| (*to, *before, *after))
}

impl Blame {
    /// Whether the rise at a choice is more than chance explains: more than three standard errors of the difference, also if
    /// both points fail in half of their runs.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        let rise = self.jump.as_ref().map_or(0, |jump| u128::from(jump.after - jump.before));
        2 * rise * rise > 9 * u128::from(self.runs)
    }

    /// Returns it in words, line by line.
    #[must_use]
    pub fn lines(&self, spark: Spark) -> Vec<String> {
        let Self { choices, runs, points, .. } = self;
        let percent = |fails: u64| format!("{} %", (200 * fails + runs) / (2 * runs.max(&1)));
        let mut lines = Vec::new();
        if let [first, .., last] = &**points {
            let drawn: String = points.iter().map(|point| spark.draw(point.fails, *runs)).collect();
            let (first, last) = (percent(first.fails), percent(last.fails));
            lines.push(format!("probability of failure by choice · {first} {drawn} {last}"));
        }
        if *choices == 0 {
            lines.push("nothing was chosen: before it failed no two events could run at one time".into());
        }
        match &self.jump {
            Some(jump) => {
                let Jump { choice, at, before, after, ran, others } = jump;
                let rise = format!("from {} to {}", percent(*before), percent(*after));
                lines.push(if self.is_clear() {
                    format!("the die was cast at choice {choice} of {choices}, at {at}: {rise}")
                } else {
                    format!("no choice decided alone; most did choice {choice} of {choices}, at {at}: {rise}")
                });
                lines.push(format!("  ran        {ran}"));
                let mut could: Vec<String> = others.iter().take(OTHERS_SHOWN).cloned().collect();
                match others.len().saturating_sub(OTHERS_SHOWN) {
                    0 if could.is_empty() => could.push("another event of that name and cause".into()),
                    0 => {}
                    more => could.push(format!("… and {more} more")),
                }
                let heads = core::iter::once("could run").chain(core::iter::repeat(""));
                lines.extend(heads.zip(could).map(|(head, other)| format!("  {head:9}  {other}")));
            }
            None if *choices > 0 => lines.push("no choice made the failure more likely".into()),
            None => {}
        }
        let (tried, all) = (points.len() as u128, choices + 1);
        let made = counted(tried * u128::from(*runs), "run");
        let of =
            if points.len() < all { format!("{tried} of {all} points") } else { counted(tried, "point") };
        lines.push(format!("{made}: {runs} at each of {of}, the draws as they were"));
        lines
    }
}

impl fmt::Display for Blame {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines(Spark::Blocks).iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn it_is_told_in_words() {
        let others = (1..=8).map(|number| format!("b/does({number})#1")).collect();
        let points =
            [0, 0, 3, 19, 20].into_iter().zip(0..).map(|(fails, kept)| Point { kept, fails }).collect();
        let jump = Jump {
            choice: 3,
            at: Instant::from_nanos(10_000_000_000),
            before: 3,
            after: 19,
            ran: "a/does(1)#1".into(),
            others,
        };
        let mut blame = Blame { choices: 4, runs: 20, points, jump: Some(jump) };
        let expected = "\
probability of failure by choice · 0 % ▁▁▂██ 100 %
the die was cast at choice 3 of 4, at 10s: from 15 % to 95 %
  ran        a/does(1)#1
  could run  b/does(1)#1
             b/does(2)#1
             b/does(3)#1
             b/does(4)#1
             b/does(5)#1
             b/does(6)#1
             … and 2 more
100 runs: 20 at each of 5 points, the draws as they were
";
        assert_eq!(blame.to_string(), expected);
        assert_eq!(blame.lines(Spark::Digits)[0], "probability of failure by choice · 0 % 00199 100 %");
        let jump = blame.jump.as_mut().expect("a choice decided it");
        (jump.after, jump.others) = (10, Vec::new());
        let lines = blame.lines(Spark::Digits);
        assert_eq!(lines[1], "no choice decided alone; most did choice 3 of 4, at 10s: from 15 % to 50 %");
        assert_eq!(lines[3], "  could run  another event of that name and cause");
        blame.jump = None;
        assert_eq!(blame.lines(Spark::Digits)[1], "no choice made the failure more likely");
    }
}
