//! Whether a peer computed what the reference computed, so that nobody is faster by computing less.
//!
//! Two numbers are compared: the instant of the last event, and the sum of all values. How closely depends on what the
//! peer's clock can tell apart, and on whether it orders simultaneous events as the reference does. In churn another
//! order of two simultaneous events changes all that follows, so that only the length of the run can be compared.

use tiebreak_versus::{Case, Outcome, Workload};

use crate::peers::{Clock, Peer, Ties};

/// Nanoseconds that sums of floating-point seconds may be off.
const FLOAT_ERROR: u64 = 1_000;

/// What disagrees; `None` if nothing does.
pub(crate) fn disagreement(peer: &Peer, case: &Case, found: &Outcome, expected: &Outcome) -> Option<String> {
    let off = found.now.abs_diff(expected.now);
    let allowed = allowed_error(peer, case, expected.now);
    if off > allowed {
        return Some(format!(
            "{}, {case}: the last event is at {} ns, expected {} ± {allowed}",
            peer.name, found.now, expected.now
        ));
    }
    match (found.sum, expected.sum) {
        (Some(found), Some(expected)) if is_sum_comparable(peer, case) && found != expected => {
            Some(format!("{}, {case}: the sum of values is {found}, expected {expected}", peer.name))
        }
        _ => None,
    }
}

fn allowed_error(peer: &Peer, case: &Case, now: u64) -> u64 {
    let has_same_order = peer.ties == Ties::Fifo && peer.clock == Clock::Nanoseconds;
    if case.workload == Workload::Churn && !has_same_order {
        return now / 50;
    }
    match peer.clock {
        Clock::Nanoseconds => 0,
        Clock::Float => FLOAT_ERROR,
        Clock::Milliseconds => now / 100,
    }
}

fn is_sum_comparable(peer: &Peer, case: &Case) -> bool {
    match case.workload {
        // Whole instants are summed: their order does not matter.
        Workload::FanOut | Workload::Burst => true,
        Workload::Hold | Workload::Churn | Workload::Actors => {
            peer.ties == Ties::Fifo && peer.clock == Clock::Nanoseconds
        }
    }
}

#[cfg(test)]
mod tests {
    use super::disagreement;
    use crate::peers::find;
    use tiebreak_versus::{Case, Distribution, Outcome, Workload};

    const EXPECTED: Outcome = Outcome { nanoseconds: 1, sum: Some(7), now: 1_000_000_000_000 };

    fn disagrees(peer: &str, workload: Workload, sum: u64, now: u64) -> bool {
        let case = Case { workload, distribution: Distribution::Exponential, size: 1, warm_up: 1, events: 1 };
        let found = Outcome { sum: Some(sum), now: EXPECTED.now + now, ..EXPECTED };
        disagreement(find(peer).expect("it is a peer"), &case, &found, &EXPECTED).is_some()
    }

    #[test]
    fn peer_of_the_same_order_and_clock_must_agree_exactly() {
        assert!(!disagrees("tiebreak-fifo", Workload::Churn, 7, 0));
        assert!(disagrees("tiebreak-fifo", Workload::Churn, 8, 0));
        assert!(disagrees("tiebreak-fifo", Workload::Churn, 7, 1));
    }

    #[test]
    fn peer_of_another_order_must_end_at_the_same_instant_and_sum_whole_instants() {
        assert!(!disagrees("tiebreak", Workload::Hold, 8, 0));
        assert!(disagrees("tiebreak", Workload::Hold, 7, 1));
        assert!(disagrees("tiebreak", Workload::FanOut, 8, 0));
        assert!(!disagrees("tiebreak", Workload::Churn, 8, 1_000_000_000));
        assert!(disagrees("tiebreak", Workload::Churn, 8, 100_000_000_000));
    }

    #[test]
    fn floating_point_may_be_off_by_its_rounding() {
        assert!(!disagrees("simpy", Workload::Hold, 8, 1_000));
        assert!(disagrees("simpy", Workload::Hold, 8, 1_001));
    }
}
