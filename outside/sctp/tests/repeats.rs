//! Same seed, same run; and another pair of hosts changes nothing for the first.

use tiebreak_outside_sctp::cases::{Case, cases, sound};
use tiebreak_outside_shown::{Drive, disturbed, unrepeated};

const SEEDS: u64 = 20;

fn all() -> impl Iterator<Item = Case> {
    // Where both sides connect to an endpoint that accepts nothing, the machine panics.
    cases().into_iter().chain(sound()).filter(|case| case.name != "both")
}

#[test]
fn runs_repeat() {
    for case in all() {
        let drive = Drive { network: || case.plan.network(1), until: case.until() };
        assert_eq!(unrepeated(SEEDS, &drive), [], "{}", case.name);
    }
}

#[test]
fn another_pair_changes_nothing() {
    for case in all() {
        let [alone, together] =
            [1, 2].map(|pairs| Drive { network: move || case.plan.network(pairs), until: case.until() });
        assert_eq!(disturbed(SEEDS, &alone, &together), [], "{}", case.name);
    }
}
