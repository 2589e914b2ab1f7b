//! Runs by seeds, and nothing else: what `overhead.sh` measures.

use tiebreak::Order;
use tiebreak::explore::{Director, Directory, Program, Setup, Verdict};

use crate::effort::part_of;

/// How many runs a sweep makes; with `--quick` one.
const RUNS: u64 = 20;

/// Makes runs as a search by seeds makes them, with the rules of their world, and prints how many there were and how many failed.
///
/// A search makes a run that fails once more, to see what it needs. That is not done here.
pub fn sweep(program: &impl Program) {
    let mut failed = 0;
    for seed in 0..part_of(RUNS) {
        let (mut directory, setup) = (Directory::default(), Setup { order: Order::Seeded, seed });
        let outcome = program.run(setup, &mut Director::new(&mut directory, seed));
        failed += u64::from(matches!(outcome.verdict, Verdict::Fails(_)));
    }
    println!("{} runs, of which {failed} failed", part_of(RUNS));
}
