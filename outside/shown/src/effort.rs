//! How much is done: all of it, or with `--quick` a little of each.

use std::env;

const QUICK: &str = "--quick";

/// Returns the arguments of the command without `--quick`.
pub fn arguments() -> Vec<String> {
    env::args().skip(1).filter(|argument| argument != QUICK).collect()
}

/// Returns so much, or with `--quick` a fiftieth of it, at least 1.
pub fn part_of(whole: u64) -> u64 {
    let is_quick = env::args().any(|argument| argument == QUICK);
    if is_quick { (whole / 50).max(1) } else { whole }
}
