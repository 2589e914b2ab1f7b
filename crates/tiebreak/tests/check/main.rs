//! Searching in a test: what a report says.

#[cfg(feature = "arbitrary")]
mod bytes;
mod desk;
mod restless;

use tiebreak::explore::Tactic;

use desk::Desk;

/// Whether it begins with the last one and has not come to the first one.
fn begins_with_last(order: &[usize]) -> bool {
    order[0] == 2
}

#[test]
fn runs_that_are_discarded_are_counted_apart() {
    let desk = Desk { judge: |order| assert_ne!(order, [2, 1, 0]), is_tested: begins_with_last };
    let report = desk.check().strategy(Tactic::Walk).runs(600).search().expect_err("one order fails");
    let report = report.to_string();
    let last = report.lines().last().expect("a report has lines");
    let counts: Vec<u64> = last.split(' ').filter_map(|word| word.parse().ok()).collect();
    let [runs, failed, discarded, behaviours] = counts[..] else { panic!("{last}") };
    let said =
        format!("{runs} runs · {failed} failed · {discarded} discarded · {behaviours} different behaviours");
    assert_eq!(last, said);
    // A sixth fails, another sixth passes, and the rest begins with something else, which is no behaviour of the test.
    assert_eq!((runs, behaviours), (600, 2));
    assert!((350..450).contains(&discarded) && (60..140).contains(&failed), "{last}");
    let report = Desk { is_tested: |_| true, ..desk }.check().search().expect_err("one order fails");
    assert!(!report.to_string().contains("discarded"), "{report}");
}

#[test]
fn a_search_that_tests_nothing_fails() {
    let report = Desk { judge: |_| (), is_tested: |_| false }.check().runs(10).search();
    assert_eq!(
        report.expect_err("nothing was tested").to_string(),
        "nothing was tested: no run satisfies the assumptions\n\
         10 runs · 0 failed · 10 discarded · 0 different behaviours\n"
    );
}
