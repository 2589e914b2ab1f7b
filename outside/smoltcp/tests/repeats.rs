//! Runs repeat, and an unrelated group changes nothing; `cargo run --release` shows it for 2,000 seeds.

use tiebreak_outside_shown::{Drive, disturbed, unrepeated};
use tiebreak_outside_smoltcp::layout::{NAMES, OTHER_NAMES, network};
use tiebreak_outside_smoltcp::scene::{Scene, until};

const SEEDS: u64 = 50;

#[test]
fn the_same_seed_makes_the_same_run() {
    let alone = Drive { network: || network(&Scene::large(), &[NAMES]), until: until() };
    assert_eq!(unrepeated(SEEDS, &alone), Vec::<u64>::new());
}

#[test]
fn another_group_disturbs_nobody() {
    let alone = Drive { network: || network(&Scene::large(), &[NAMES]), until: until() };
    let together = Drive { network: || network(&Scene::large(), &[NAMES, OTHER_NAMES]), until: until() };
    assert_eq!(disturbed(SEEDS, &alone, &together), Vec::new());
}
