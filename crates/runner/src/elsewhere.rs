//! The same scenario under other seeds, until something is seen.

use tiebreak::Trace;

use crate::run::{Prepared, RunOptions};

/// Runs under other seeds.
#[derive(Debug, Clone)]
pub struct Elsewhere<T> {
    /// How many were made.
    pub tried: u64,
    /// The run in which it was seen; `None` if it was seen in none.
    pub seen: Option<SeenRun<T>>,
}

/// A run in which something was seen.
#[derive(Debug, Clone)]
pub struct SeenRun<T> {
    /// Its seed.
    pub seed: u64,
    /// Its trace.
    pub trace: Trace,
    /// What was seen.
    pub what: T,
}

impl Prepared {
    /// Runs under the seeds from 1 on, so many without the one that these options say, until something is seen in a trace. It
    /// stops if `goes_on` says no.
    ///
    /// # Cost
    /// One run for each seed; one trace is kept at a time.
    pub fn elsewhere<T>(
        &self,
        options: RunOptions,
        seeds: u64,
        see: impl Fn(&Trace) -> Option<T>,
        goes_on: &dyn Fn() -> bool,
    ) -> Elsewhere<T> {
        let own = self.settings(options).seed;
        let mut tried = 0;
        for seed in (1..).filter(|seed| *seed != own) {
            if tried == seeds || !goes_on() {
                break;
            }
            tried += 1;
            let trace = self.record(RunOptions { seed: Some(seed), ..options }).trace;
            if let Some(what) = see(&trace) {
                return Elsewhere { tried, seen: Some(SeenRun { seed, trace, what }) };
            }
        }
        Elsewhere { tried, seen: None }
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use super::*;
    use crate::Recordings;

    #[test]
    fn other_seeds_are_tried_until_it_is_seen_or_nobody_wants_more() {
        let text = r#"Scenario(format: 1, until: "1s", seed: 2, clients: [Client(name: "a", protocol: "RIP", script: [At("0s", Register)])])"#;
        let plan = tiebreak_scenario::load(text).unwrap().plan;
        let prepared = Prepared::new(&plan, &Recordings::new()).unwrap();
        let seed = |trace: &Trace| Some(trace.header().seed).filter(|seed| *seed >= 4);
        let search = |seeds, goes_on: &dyn Fn() -> bool| {
            let Elsewhere { tried, seen } = prepared.elsewhere(RunOptions::default(), seeds, seed, goes_on);
            (tried, seen.map(|seen| (seen.seed, seen.what)))
        };
        // Its own seed is not tried: these are 1, 3 and 4.
        assert_eq!(search(9, &|| true), (3, Some((4, 4))));
        assert_eq!(search(2, &|| true), (2, None));
        let left = Cell::new(1);
        assert_eq!(search(9, &|| left.replace(0) > 0), (1, None));
    }
}
