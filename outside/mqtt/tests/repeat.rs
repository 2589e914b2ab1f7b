//! Same seed, same run; and another group of nodes changes nothing for the first.

use tiebreak_outside_mqtt::{END, Setup, network, network_with_others};
use tiebreak_outside_shown::{Drive, disturbed, unrepeated};

#[test]
fn runs_repeat_and_another_group_does_not_disturb_them() {
    let alone = Drive { network: || network(Setup::CAREFUL), until: END };
    let together = Drive { network: || network_with_others(Setup::CAREFUL), until: END };
    assert_eq!(unrepeated(100, &alone), [0; 0]);
    assert!(disturbed(100, &alone, &together).is_empty());
}

/// Also of a machine that panics, and of ids that are released in the order of a hash map.
#[test]
fn runs_that_fail_repeat() {
    let plain = Drive { network: || network(Setup::PLAIN), until: END };
    assert_eq!(unrepeated(100, &plain), [0; 0]);
}
