//! Same seed, same run; and another group changes nothing for the first.

use tiebreak::net::Network;
use tiebreak_outside_raft::replica::Replica;
use tiebreak_outside_raft::setups::{self, ALL, PLAIN};
use tiebreak_outside_shown::{Drive, disturbed, unrepeated};

const SEEDS: u64 = 20;

#[test]
fn runs_repeat_in_every_setup() {
    for setup in ALL {
        let drive = Drive { network: || setups::network(setup), until: setup.end() };
        assert_eq!(unrepeated(SEEDS, &drive), [], "{}", setup.name);
    }
}

#[test]
fn another_group_changes_nothing() {
    let together = || {
        let mut network: Network<Replica> = setups::network(PLAIN);
        setups::add(&mut network, "b", PLAIN);
        network
    };
    let alone = Drive { network: || setups::network(PLAIN), until: PLAIN.end() };
    let together = Drive { network: together, until: PLAIN.end() };
    assert_eq!(disturbed(SEEDS, &alone, &together), []);
}
