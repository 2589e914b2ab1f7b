//! Which bugs are found by whom, and that nothing is found where there is nothing.

use tiebreak::explore::{Calibration, Directory, Job, Plan, Program, Tactic, Turns, Verdict};
use tiebreak::kernel::{fold, mix};
use tiebreak_planted::{Bug, Change, Finds, Planted, Search};

const TACTICS: [Tactic; 9] = [
    Tactic::Clocks,
    Tactic::Walk,
    Tactic::Pos,
    Tactic::Urw,
    Tactic::Pct(2),
    Tactic::Pct(3),
    Tactic::Delay(2),
    Tactic::Rounds,
    Tactic::Races,
];

fn find(bug: Bug, tactic: Tactic, campaigns: u64, runs_max: u64) -> Finds {
    Search { tactics: &[tactic], runs_max }.find(&Planted::new(bug), 0..campaigns)
}

/// How many of so many runs of a tactic fail.
fn failures<P: Program>(program: &P, tactic: Tactic, runs: u64) -> u64 {
    let mut directory = Directory::default();
    let turns = Turns::of(program, 0, runs, &mut directory);
    let calibration = Calibration::new(program, 0, &mut directory)
        .with_choices(program, 0, &mut directory)
        .with_turns(turns);
    let fails = |number: &u64| {
        let seed = mix(fold(0, *number));
        let job = Job { number: *number, tactic, turn: *number, seed, prefix: Vec::new() };
        matches!(job.run(program, &calibration, &mut directory).outcome.verdict, Verdict::Fails(_))
    };
    (0..runs).filter(fails).count() as u64
}

/// How many campaigns of twenty find it with so many runs.
fn of_twenty(bug: Bug, tactic: Tactic, runs_max: u64) -> usize {
    20 - find(bug, tactic, 20, runs_max).missed()
}

#[test]
fn clocks_find_every_bug_soon() {
    for bug in Bug::ALL {
        // Five orderings, and each of three routers has to be between two steps of another.
        let wanted = if *bug == Bug::Chain4 { 140 } else { 190 };
        let found = find(*bug, Tactic::Clocks, 200, 500).within(500);
        assert!(found >= wanted, "{bug}: {found} of 200 campaigns");
    }
}

#[test]
fn clocks_find_every_bug_among_six_hundred_unrelated_events() {
    for bug in Bug::ALL.iter().filter(|bug| **bug != Bug::Chain4) {
        let search = Search { tactics: &[Tactic::Clocks], runs_max: 600 };
        let found = search.find(&Planted::new(*bug).with_noise(12), 0..20).within(600);
        assert!(found >= 19, "{bug}: {found} of 20 campaigns");
    }
}

#[test]
fn campaigns_find_every_bug_soon() {
    let campaigns = if cfg!(debug_assertions) { 40 } else { 200 };
    for bug in Bug::ALL {
        let search = Search { tactics: &Plan::AUTO, runs_max: 500 };
        let found = search.share(&Planted::new(*bug), 0..campaigns).within(500);
        assert!(
            20 * found >= 19 * usize::try_from(campaigns).unwrap(),
            "{bug}: {found} of {campaigns} campaigns"
        );
    }
}

#[test]
fn a_campaign_finds_in_its_first_runs_what_shows_when_the_nearest_race_is_turned_round() {
    for bug in [Bug::HoldCycle, Bug::ExpireBeforeRefresh, Bug::NotifyAfterDeregister, Bug::LostDirtyBit] {
        let alone = Search { tactics: &[Tactic::Races], runs_max: 2 };
        assert_eq!(alone.share(&Planted::new(bug), 0..20).missed(), 0, "{bug}");
        let mixed = Search { tactics: &Plan::AUTO, runs_max: 11 };
        assert_eq!(mixed.share(&Planted::new(bug), 0..20).missed(), 0, "{bug}");
    }
}

#[test]
fn each_tactic_finds_what_it_is_for_and_not_what_it_is_not() {
    // One event behind twelve of another client.
    let starved = |tactic| of_twenty(Bug::QueueOverflow16, tactic, 300);
    for tactic in [Tactic::Clocks, Tactic::Pct(2), Tactic::Pct(3), Tactic::Delay(2)] {
        assert_eq!(starved(tactic), 20, "{tactic}");
    }
    assert!(find(Bug::QueueOverflow16, Tactic::Pct(2), 20, 300).mean_tenths() <= 50);
    assert!(find(Bug::QueueOverflow16, Tactic::Delay(1), 1, 2).missed() == 0, "the first deviation is it");
    assert!(find(Bug::Chain4, Tactic::Delay(2), 1, 200).missed() == 0, "two deviations are");
    for tactic in [Tactic::Walk, Tactic::Pos, Tactic::Urw] {
        assert!(starved(tactic) <= 8, "{tactic}");
    }
    // Two clients in turn: more changes than the depth allows.
    for bug in [Bug::PingPong5, Bug::StaleHandleAba, Bug::FlapCoalesced] {
        assert_eq!(of_twenty(bug, Tactic::Pct(2), 200), 0, "{bug}");
        for tactic in [Tactic::Walk, Tactic::Pos, Tactic::Urw] {
            assert!(of_twenty(bug, tactic, 300) >= 19, "{bug}, {tactic}");
        }
    }
    assert_eq!(of_twenty(Bug::PingPong5, Tactic::Pct(3), 200), 0);
    // A reply would have to wait for what is caused later than itself.
    assert_eq!(of_twenty(Bug::ReplyAfterCancellation, Tactic::Rounds, 200), 0);
}

#[test]
fn a_campaign_finds_the_same_again() {
    let search = Search { tactics: &TACTICS, runs_max: 300 };
    let find = || search.find(&Planted::new(Bug::StaleHandleAba), 0..10);
    assert_eq!(find(), find());
}

#[test]
fn in_the_order_of_scheduling_no_bug_shows_but_one() {
    for bug in Bug::ALL.iter().filter(|bug| **bug != Bug::HoldCycle) {
        assert_eq!(failures(&Planted::new(*bug), Tactic::Fifo, 20), 0, "{bug}");
        assert_eq!(failures(&Planted::new(*bug).with_noise(12), Tactic::Fifo, 1), 0, "{bug} with noise");
    }
    // Each step causes the next one, so that two clients take turns: the very order in which both hold something.
    assert_eq!(failures(&Planted::new(Bug::HoldCycle), Tactic::Fifo, 20), 20);
}

#[test]
fn every_bug_is_caught_by_its_own_monitor() {
    for bug in Bug::ALL {
        let program = Planted::new(*bug);
        let mut directory = Directory::default();
        let calibration = Calibration::new(&program, 0, &mut directory);
        let monitor = |number| {
            let job =
                Job { number, tactic: Tactic::Clocks, turn: number, seed: mix(number), prefix: Vec::new() };
            job.run(&program, &calibration, &mut directory).symptoms
        };
        let mut monitors: Vec<_> = (0..2_000).flat_map(monitor).map(|symptom| symptom.monitor).collect();
        monitors.sort();
        monitors.dedup();
        assert_eq!(monitors, [bug.monitor()], "{bug}");
    }
}

#[test]
fn fixed_twins_are_clean() {
    for bug in Bug::ALL {
        for tactic in TACTICS {
            assert_eq!(failures(&Planted::new(*bug).fixed(), tactic, 200), 0, "{bug}, {tactic}");
        }
        for change in Change::ALL {
            let program = Planted::new(*bug).fixed().with_change(*change).with_noise(2);
            assert_eq!(failures(&program, Tactic::Clocks, 50), 0, "{bug}, {change:?}");
        }
    }
}

#[test]
fn fixed_twins_are_clean_in_many_runs() {
    // `.ci/full` runs it in release.
    let runs = if cfg!(debug_assertions) { 2_000 } else { 1_000_000 };
    for bug in Bug::ALL {
        assert_eq!(failures(&Planted::new(*bug).fixed(), Tactic::Clocks, runs), 0, "{bug}");
    }
}
