//! Whether the orderings that a bug needs are among those that go with it.

use tiebreak::explore::{Directory, Tactic, suspects};
use tiebreak_planted::{Bug, Planted};

/// The cause that each bug shrinks to, as `shrunk.rs` has it.
fn causes() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut causes: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in include_str!("causes.txt").lines() {
        match (line.strip_prefix("  "), causes.last_mut()) {
            (Some(ordering), Some((_, orderings))) => orderings.push(ordering),
            _ => causes.push((line, Vec::new())),
        }
    }
    causes
}

/// The best place of an ordering of the cause among the suspects of a bug, from 0.
fn place(bug: Bug, cause: &[&str]) -> Option<usize> {
    let plan = (Tactic::Clocks, 1, 1_000);
    let found = suspects(&Planted::new(bug), plan, &mut Directory::default(), &|| true);
    let suspects = found.failures.iter().flat_map(|failure| failure.suspects.iter().enumerate());
    let of_cause = suspects.filter(|(_, suspect)| cause.contains(&&*suspect.ordering.to_string()));
    of_cause.map(|(place, _)| place).min()
}

#[test]
fn an_ordering_of_the_cause_is_at_the_top_or_near_it() {
    let (mut first, mut near) = (0, 0);
    for (bug, (name, cause)) in Bug::ALL.iter().zip(causes()) {
        assert_eq!(bug.name(), name);
        let place = place(*bug, &cause);
        println!("{bug} {place:?}");
        first += usize::from(place == Some(0));
        near += usize::from(place.is_some_and(|place| place < 8));
        // All of what these need is one ordering.
        let is_queue = *bug == Bug::QueueOverflow16; // the updates before the last come before the drain as well
        assert!(cause.len() > 1 || place == Some(0) || is_queue, "{bug}: {place:?}");
    }
    assert!(first >= 18 && near >= 23, "{first} first, {near} near, of {}", Bug::ALL.len());
}
