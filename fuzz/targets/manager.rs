//! The manager under any sequence of inputs: calls, timers, callbacks that are invoked and return, calls within them, calls
//! that wait and go on. Bytes decide what happens next; the host is the one that drives manager and model in the tests of
//! `tiebreak-rtm-model`. After every input the invariants must hold, and nothing may panic. Nothing else is compared.
#![no_main]

use arbitrary::Unstructured;
use core::cell::Cell;
use libfuzzer_sys::{Corpus, fuzz_target};
use tiebreak_rtm::{HostBits, Leftovers, Manager, MetricChange, Profile, Ties};
use tiebreak_rtm_model::driver::{Crowd, Driver};

/// More of one run would be more of the same, and memory grows with it.
const INPUTS_MAX: usize = 2_000;

/// One of each pair of choices that a profile leaves, and little room.
fn profile(bits: u8) -> Profile {
    let one_of = |bit: u8| bits >> bit & 1 == 0;
    Profile {
        ties: if one_of(0) { Ties::Incumbent } else { Ties::OwnerId },
        metric_change: if one_of(1) { MetricChange::Best } else { MetricChange::Literal },
        host_bits: if one_of(2) { HostBits::Refused } else { HostBits::Cleared },
        leftovers: if one_of(3) { Leftovers::Cleaned } else { Leftovers::Orphaned },
        opaque_slots: if one_of(4) { 8 } else { 1 },
        max_notify: if one_of(5) { 16 } else { 2 },
        max_handles_in_enum: if one_of(6) { 16 } else { 2 },
        ..Profile::default()
    }
}

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let [first, rest @ ..] = bytes else { return Corpus::Reject };
    let crowd = if first >> 7 == 0 { Crowd::Sparse } else { Crowd::Crowded };
    let mut drawn = Unstructured::new(rest);
    // What is left to draw from; without it all that is drawn would be 0.
    let left = Cell::new(drawn.len());
    let draw = |limit: u64| {
        let number = drawn.int_in_range(0..=limit - 1).unwrap_or(0);
        left.set(drawn.len());
        number
    };
    let mut driver = Driver::new(crowd, Manager::new(profile(*first)), draw);
    for _ in 0..INPUTS_MAX {
        if left.get() == 0 {
            break;
        }
        driver.step();
    }
    Corpus::Keep
});
