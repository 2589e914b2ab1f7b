//! What the command is asked to do.

use tiebreak_versus::{Case, Workload};

pub(crate) const USAGE: &str = "usage: tiebreak-versus [--rounds N] [--quick] [--only GROUP,…] [--events N]
  --rounds N   how often each case runs; 5 unless said otherwise
  --quick      tiny sizes, one round: shows in seconds that everything runs and agrees
  --only …     some of hold (w1), churn, actors (w2), fan-out (w3), burst (ties)
  --events N   measure at most about N events a case: a faster run with noisier numbers";

/// What this process is for.
#[derive(Debug)]
pub(crate) enum Errand {
    /// Run one case of one peer and print what comes out.
    Case(String, Case),
    /// Run the comparison.
    Compare(Arguments),
}

#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) rounds: usize,
    pub(crate) is_quick: bool,
    pub(crate) only: Option<Vec<Workload>>,
    pub(crate) events: Option<u64>,
    /// As it was given, to be printed with the tables.
    pub(crate) text: String,
}

impl Arguments {
    /// Whether all rows run at their full sizes.
    pub(crate) const fn is_full(&self) -> bool {
        !self.is_quick && self.only.is_none()
    }
}

impl Errand {
    pub(crate) fn read(words: &[String]) -> Result<Self, String> {
        if let [flag, peer, case @ ..] = words
            && flag == "--case"
        {
            return Ok(Self::Case(peer.clone(), case.join(" ").parse()?));
        }
        let text = words.join(" ");
        let mut arguments = Arguments { rounds: 0, is_quick: false, only: None, events: None, text };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--quick" => arguments.is_quick = true,
                "--rounds" => arguments.rounds = positive(value()?)?,
                "--events" => arguments.events = Some(positive(value()?)? as u64),
                "--only" => arguments.only = Some(value()?.split(',').map(group).collect::<Result<_, _>>()?),
                _ => return Err(format!("unknown argument {word}")),
            }
        }
        if arguments.rounds == 0 {
            arguments.rounds = if arguments.is_quick { 1 } else { 5 };
        }
        Ok(Self::Compare(arguments))
    }
}

fn positive(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or(format!("{text} is not a positive number"))
}

fn group(word: &str) -> Result<Workload, String> {
    match word {
        "hold" | "w1" => Ok(Workload::Hold),
        "churn" => Ok(Workload::Churn),
        "actors" | "w2" => Ok(Workload::Actors),
        "fan-out" | "w3" => Ok(Workload::FanOut),
        "burst" | "ties" => Ok(Workload::Burst),
        _ => Err(format!("unknown group {word}")),
    }
}
