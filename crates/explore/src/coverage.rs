//! Which simultaneous events a campaign has seen in which order.
//!
//! Events are told apart by actor and kind, as finds are. With the subject, almost every pair would be a rare one: each
//! prefix and each number of a request would make pairs of its own. By the kind alone, those of two clients would be one.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use crate::directory::{Directory, NameId};
use crate::history::History;
use crate::races::{Phases, for_each_race};

/// What one run has shown: the kinds of its events, and which of them raced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Met {
    /// The kinds that ran, each as `actor/kind`, in the order of their first events.
    kinds: Vec<String>,
    /// Of races, the kind that ran first and the one that ran second, by their places.
    pairs: BTreeSet<(usize, usize)>,
    /// How many instants have too many events to be looked at.
    skipped: u64,
}

impl Met {
    pub(crate) fn of(history: &History, directory: &Directory) -> Self {
        let (mut places, mut by_name) = (BTreeMap::new(), BTreeMap::<NameId, usize>::new());
        let mut met = Self::default();
        let mut kind_of = |name: NameId| {
            *by_name.entry(name).or_insert_with(|| {
                let kind = directory.actor_kind(name);
                *places.entry(kind).or_insert_with(|| {
                    met.kinds.push(kind.into());
                    met.kinds.len() - 1
                })
            })
        };
        let kinds: Vec<usize> = history.dispatches.iter().map(|event| kind_of(event.name)).collect();
        let place = |number: u64| usize::try_from(number - 1).map(|at| kinds[at]).unwrap_or_default();
        met.skipped = for_each_race(history, Phases::Kept, |race| {
            let pair = (place(race.first), place(race.second));
            // Two of one kind look the same in both orders.
            if pair.0 != pair.1 {
                met.pairs.insert(pair);
            }
        });
        met
    }
}

/// Two kinds of events that raced, and were seen in one order only.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OneOrder {
    /// The kind that always ran first, as `actor/kind`.
    pub first: String,
    /// The one that always ran second.
    pub second: String,
    /// In how many runs they raced.
    pub runs: u64,
}

/// Which kinds of events raced in a campaign, and in which order they ran.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    kinds: BTreeSet<String>,
    /// In how many runs a kind ran before another with which it raced.
    pairs: BTreeMap<(String, String), u64>,
    skipped: u64,
}

impl Coverage {
    pub(crate) fn add(&mut self, Met { kinds, pairs, skipped }: &Met) {
        for kind in kinds {
            if !self.kinds.contains(kind) {
                self.kinds.insert(kind.clone());
            }
        }
        for (first, second) in pairs {
            *self.pairs.entry((kinds[*first].clone(), kinds[*second].clone())).or_default() += 1;
        }
        self.skipped += skipped;
    }

    fn is_turned(&self, first: &str, second: &str) -> bool {
        self.pairs.contains_key(&(second.into(), first.into()))
    }

    /// Returns how many pairs of kinds were seen in both orders.
    #[must_use]
    pub fn in_both_orders(&self) -> u64 {
        let turned = self.pairs.keys().filter(|(first, second)| self.is_turned(first, second));
        turned.count() as u64 / 2
    }

    /// Returns the pairs that were seen in one order only, the most frequent first.
    #[must_use]
    pub fn in_one_order(&self) -> Vec<OneOrder> {
        let pairs = self.pairs.iter().filter(|((first, second), _)| !self.is_turned(first, second));
        let one = |((first, second), runs): (&(String, String), &u64)| OneOrder {
            first: first.clone(),
            second: second.clone(),
            runs: *runs,
        };
        let mut pairs: Vec<OneOrder> = pairs.map(one).collect();
        pairs.sort_by_key(|pair| core::cmp::Reverse(pair.runs));
        pairs
    }

    /// Returns how many pairs of kinds that ran were never seen to race.
    #[must_use]
    pub fn never(&self) -> u64 {
        let kinds = self.kinds.len() as u64;
        let pairs = kinds * kinds.saturating_sub(1) / 2;
        pairs - self.in_both_orders() - self.in_one_order().len() as u64
    }

    /// Returns how many instants had too many events to be looked at, in all runs.
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }
}
