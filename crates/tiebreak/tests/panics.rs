//! What becomes of panics in a search. One test, because the panic hook belongs to the process.

use core::sync::atomic::{AtomicU64, Ordering};
use std::panic::{catch_unwind, set_hook, take_hook};
use std::thread;

#[path = "check/desk.rs"]
mod desk;

use desk::Desk;

/// Where [`judge`] panics first; its other place is two lines below.
const BACKWARDS: u32 = line!() + 4;

/// Two ways to be wrong, at two places. What is said at the second differs from order to order.
fn judge(order: &[usize]) {
    assert_ne!(order, [2, 1, 0], "backwards");
    let is_second_first = order.first() == Some(&1);
    assert!(!is_second_first || order.len() < 3, "the second is first in {order:?}");
}

/// A panic during a run, on a thread that is in no run.
#[expect(clippy::disallowed_methods, reason = "what is tested is another thread")]
fn judge_elsewhere(_order: &[usize]) {
    let elsewhere = thread::spawn(|| panic!("elsewhere"));
    assert!(elsewhere.join().is_err());
}

#[test]
fn a_panic_is_kept_quiet_during_a_run_alone_and_its_place_tells_it_from_others() {
    static PRINTED: AtomicU64 = AtomicU64::new(0);
    let former = take_hook();
    set_hook(Box::new(move |panic| {
        PRINTED.fetch_add(1, Ordering::Relaxed);
        former(panic);
    }));
    let printed = || PRINTED.load(Ordering::Relaxed);

    let report = Desk { judge, is_tested: |_| true }.check().search().expect_err("half of the orders panic");
    assert_eq!(printed(), 0, "the panics of the runs are not printed");
    let report = report.to_string();
    let found: Vec<&str> = report.lines().filter(|line| line.starts_with("found: ")).collect();
    assert_eq!(found.len(), 2, "two places are two finds, whatever is said there: {report}");
    let at = |line, said: &str| format!("found: panic at crates/tiebreak/tests/panics.rs:{line}: {said}");
    assert!(found.contains(&&*at(BACKWARDS, "assertion `left != right` failed: backwards")), "{report}");
    assert!(
        found.iter().any(|found| found.starts_with(&at(BACKWARDS + 2, "the second is first in [1, "))),
        "{report}"
    );

    assert!(catch_unwind(|| panic!("outside")).is_err());
    assert_eq!(printed(), 1, "outside of a run panics are printed as before");
    Desk { judge: judge_elsewhere, is_tested: |_| true }
        .check()
        .runs(1)
        .search()
        .expect("nothing fails here");
    assert!(printed() > 1, "what another thread panics about is printed, also during a run");

    let nothing = tiebreak::check(|run| {
        run.assume(false);
        panic!("whatever comes of it")
    });
    let report = nothing.runs(5).search().expect_err("nothing was tested").to_string();
    assert!(!report.contains("found: ") && report.contains("no run satisfies the assumptions"), "{report}");
}
