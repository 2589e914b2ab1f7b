//! Charging what belongs to nobody to whoever called it.

use std::collections::BTreeMap;

use crate::profile::Profile;
use crate::sources::{Owner, Site};

/// How often shares are handed down from callers to those that they call: as deep as calls of nobody's functions go.
const ROUNDS: usize = 40;
/// A whole, in which shares are parts.
const WHOLE: u128 = 1 << 40;
/// What is less than this is left out, and the others share it.
const LEAST: u128 = 1 << 14;

/// For whom a function works, in parts of [`WHOLE`]; by the numbers of sites.
type Shares = BTreeMap<usize, u128>;

/// Returns how many instructions are charged to each function that belongs to somebody, and to nobody.
pub(crate) fn charge(profile: &Profile, sites: &BTreeMap<u64, Site>) -> BTreeMap<Site, u128> {
    let mut known: Vec<&Site> = sites.values().collect();
    known.sort();
    known.dedup();
    let nobody = Site { owner: Owner::Nobody, function: "nobody".to_owned() };
    known.push(&nobody);
    let of_nobody = known.len() - 1;
    let number = |address: &u64| Some(known.binary_search(&sites.get(address)?).unwrap_or(of_nobody));
    // By the function that is called: from where, and what it took.
    let mut calls = vec![Vec::new(); profile.functions()];
    for (caller, address, called, cost) in &profile.calls {
        if caller != called {
            calls[*called].push((*caller, number(address), *cost));
        }
    }
    let mut shares = vec![Shares::from([(of_nobody, WHOLE)]); calls.len()];
    for _ in 0..ROUNDS {
        shares = calls.iter().map(|calls| shares_of(calls, &shares, of_nobody)).collect();
    }
    let mut charged = BTreeMap::new();
    let mut add = |site: usize, cost: u128| *charged.entry(known[site].clone()).or_default() += cost;
    for (function, address, cost) in &profile.own {
        match number(address) {
            Some(site) => add(site, *cost),
            None => shares[*function].iter().for_each(|(site, share)| add(*site, cost * share / WHOLE)),
        }
    }
    charged
}

/// For whom a function works that is called so.
fn shares_of(calls: &[(usize, Option<usize>, u128)], before: &[Shares], of_nobody: usize) -> Shares {
    let mut sums = Shares::new();
    for (caller, site, cost) in calls {
        match site {
            Some(site) => *sums.entry(*site).or_default() += cost * WHOLE,
            None => before[*caller]
                .iter()
                .for_each(|(site, share)| *sums.entry(*site).or_default() += cost * share),
        }
    }
    let all: u128 = sums.values().sum();
    sums.retain(|_, sum| *sum / (all / WHOLE).max(1) > LEAST);
    let kept: u128 = sums.values().sum();
    if kept == 0 {
        return Shares::from([(of_nobody, WHOLE)]);
    }
    // `kept` is less than 2^104 for costs below 2^64.
    sums.values_mut().for_each(|sum| *sum = (*sum >> 24) * WHOLE / (kept >> 24).max(1));
    sums
}
