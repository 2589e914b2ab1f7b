//! What a manager hashes to: alike managers answer alike, and managers that cannot be told apart hash alike.

#![expect(clippy::std_instead_of_alloc, reason = "tests have std")]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test names what it wants; the rest it leaves alone")]

mod amended;
mod memory;
mod side;

use side::{CLIENTS, Dice, Side};

/// So many pairs of managers are compared.
const PAIRS: u64 = 1_700;
/// At least so many of them have come to the same although their handles differ.
const TWINS: usize = 150;

/// The same calls of each client in two orders.
fn interleaved(dice: &mut Dice) -> [Vec<usize>; 2] {
    let one: Vec<usize> = (0..24).map(|_| dice.below(CLIENTS)).collect();
    let mut other = one.clone();
    for _ in 0..dice.below(60) {
        let at = dice.below(one.len() - 1);
        other.swap(at, at + 1);
    }
    [one, other]
}

/// Two managers that were brought about by the same calls of each client in two orders.
fn pair(dice: &mut Dice) -> [Side; 2] {
    let calls: Vec<Dice> = (0..CLIENTS).map(|_| dice.fork()).collect();
    let policy = dice.below(4);
    interleaved(dice).map(|order| {
        let (mut side, mut calls) = (Side::new(policy), calls.clone());
        for client in order {
            side.play(client, &mut calls[client], &[]);
        }
        side
    })
}

#[test]
fn managers_that_hash_alike_answer_alike_for_ever() {
    let mut twins = 0;
    for seed in 0..PAIRS {
        let mut dice = Dice::new(seed);
        let [mut one, mut other] = pair(&mut dice);
        if one.canonical() != other.canonical() {
            continue;
        }
        twins += usize::from(one.handles() != other.handles());
        for step in 0..40 {
            let (client, draws) = (dice.below(CLIENTS), dice.fork());
            let [said, known] = [&mut one, &mut other].map(|side| {
                let routes = side.manager.naming().routes().collect::<Vec<_>>();
                side.told(|side| side.play(client, &mut draws.clone(), &routes))
            });
            assert_eq!(said, known, "seed {seed}, step {step}");
            assert!(one.canonical() == other.canonical(), "seed {seed}, step {step}: {said:?}");
        }
    }
    assert!(twins >= TWINS, "{twins} pairs have other handles and hash alike");
}
