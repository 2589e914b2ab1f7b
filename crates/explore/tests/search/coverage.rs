//! Which kinds of events a campaign has seen in which order.

use tiebreak_explore::{Campaign, Coverage, Directory, Job, Noted, Plan, Ran as JobRan, Tactic};

use crate::toy::{Toy, toy};

fn campaign(toy: &Toy, tactics: Vec<Tactic>, noted: Noted) -> Campaign {
    let mut directory = Directory::default();
    let mut campaign = Campaign::new(toy, Plan { tactics, noted, ..Plan::new(1, 200) }, &mut directory);
    campaign.run(toy, &mut directory);
    campaign
}

fn coverage(toy: &Toy, tactic: Tactic) -> Coverage {
    campaign(toy, vec![tactic], Noted::Coverage).coverage().expect("it is wanted").clone()
}

/// How many pairs were seen in both orders, in one only, and never.
fn counts(found: &Coverage) -> (u64, usize, u64) {
    (found.in_both_orders(), found.in_one_order().len(), found.never())
}

fn pairs(found: &Coverage) -> Vec<(String, String, u64)> {
    found.in_one_order().into_iter().map(|pair| (pair.first, pair.second, pair.runs)).collect()
}

fn pair(first: &str, second: &str, runs: u64) -> (String, String, u64) {
    (format!("{first}/does"), format!("{second}/does"), runs)
}

#[test]
fn whoever_has_one_order_has_seen_each_pair_in_that_one() {
    let three = toy(&[201, 1, 101], |_| false);
    assert_eq!(counts(&coverage(&three, Tactic::Walk)), (3, 0, 0));
    let fifo = coverage(&three, Tactic::Fifo);
    assert_eq!(pairs(&fifo), [pair("a", "b", 200), pair("c", "a", 200), pair("c", "b", 200)]);
}

#[test]
fn the_most_frequent_pair_comes_first() {
    // In half of the runs, what `a` schedules comes too late for `b` to be cancelled by it.
    let mut seldom = toy(&[1, 101, 201], |_| false);
    seldom.cancels = [(1, 101)].into();
    let found = pairs(&coverage(&seldom, Tactic::Walk));
    let [(first, second, runs)] = &found[..] else { panic!("{found:?}") };
    assert_eq!((&**first, &**second), ("b/does", "a/does"), "`a` cancels `b`");
    assert!((60..140).contains(runs), "{runs}");
    seldom.cancels = [(1, 101), (201, 1)].into();
    let runs: Vec<u64> =
        coverage(&seldom, Tactic::Walk).in_one_order().iter().map(|pair| pair.runs).collect();
    assert!(runs.len() == 2 && runs.is_sorted_by(|more, less| more > less), "{runs:?}");
}

#[test]
fn who_led_to_whom_and_who_never_met_is_in_no_order_at_all() {
    // `a` schedules `b`; `c` is at another instant; of the two events of `d` nobody can tell which was first.
    let mut apart = toy(&[1, 301, 302], |_| false);
    apart.children = [(1, vec![101])].into();
    apart.events.push((6, 201));
    assert_eq!(counts(&coverage(&apart, Tactic::Walk)), (2, 0, 4), "d races with a and b");
    assert_eq!(counts(&coverage(&toy(&[1], |_| false), Tactic::Walk)), (0, 0, 0));
}

#[test]
fn what_is_noted_besides_changes_nothing_and_does_not_depend_on_who_runs() {
    let program = toy(&[1, 101, 201, 2, 102, 202], |ran| ran.before(202, 1));
    let auto = || Plan::AUTO.to_vec();
    let noted = campaign(&program, auto(), Noted::Coverage);
    let without = campaign(&program, auto(), Noted::Failures);
    let result = |campaign: &Campaign| (campaign.digest(), campaign.failed(), campaign.behaviours());
    assert_eq!(result(&noted), result(&without));
    assert_eq!(noted.found().keys().collect::<Vec<_>>(), without.found().keys().collect::<Vec<_>>());
    assert_eq!(without.coverage(), None);
    // By three with names of their own, from behind.
    let mut directories = vec![Directory::default(); 3];
    let plan = Plan { noted: Noted::Coverage, ..Plan::new(1, 200) };
    let mut by_many = Campaign::new(&program, plan, &mut directories[0]);
    while by_many.stop().is_none() {
        let jobs = by_many.round();
        let run = |(at, job): (usize, &Job)| {
            job.run_for(Noted::Coverage, &program, by_many.calibration(), &mut directories[at % 3])
        };
        let mut done: Vec<JobRan> = jobs.iter().enumerate().rev().map(run).collect();
        done.reverse();
        for ran in &done {
            by_many.add(ran);
        }
    }
    assert_eq!((by_many.coverage(), by_many.digest()), (noted.coverage(), noted.digest()));
}
