//! The passing run that is nearest to a failing one.

use tiebreak_explore::{Cause, Constraint, Directory, EventRef, nearest_passing};

use crate::toy::{Ran, named, toy};

fn nearest(ids: &[u64], fails: fn(&Ran) -> bool, orderings: &[(u64, u64)]) -> Vec<String> {
    let event = |id| named(id).parse::<EventRef>().expect("an event");
    let orderings =
        orderings.iter().map(|(one, other)| Constraint { before: event(*one), after: event(*other) });
    let cause = Cause::of_orderings(orderings.collect());
    nearest_passing(&toy(ids, fails), &cause, &mut Directory::default())
}

#[test]
fn of_several_orderings_the_one_is_turned_round_that_leaves_most_as_it_was() {
    // They run as a1, b1, c1 when it fails: it passes if b1 comes before a1, and if c1 comes before b1.
    let fails = |ran: &Ran| ran.before(1, 101) && ran.before(101, 201);
    let expected = [
        "passes with one turned round: c/does(1)#1 before b/does(1)#1",
        "    b          c",
        "  at 5ns",
        "  - does(1)#1",
        "               does(1)#1",
        "  + does(1)#1",
    ];
    assert_eq!(nearest(&[1, 101, 201], fails, &[(1, 101), (101, 201)]), expected);
}

#[test]
fn where_nothing_passes_nothing_is_shown() {
    assert!(nearest(&[1, 101], |_| true, &[(1, 101)]).is_empty());
    assert!(nearest(&[1, 101], |_| true, &[]).is_empty());
}
