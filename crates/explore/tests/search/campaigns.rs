//! Campaigns: what is shared out, added up, and when they stop.

use tiebreak_explore::{Campaign, Directory, History, Job, Plan, Program, Ran as JobRan, Stop, Tactic};

use crate::toy::{Toy, named, toy};

/// The history of the first run that fails, and the names in it.
pub(crate) fn first_failing(toy: &Toy, tactic: Tactic, seed: u64) -> (History, Directory) {
    let mut directory = Directory::default();
    let plan = Plan { tactics: vec![tactic], stops_at_failure: true, ..Plan::new(seed, 10_000) };
    let mut campaign = Campaign::new(toy, plan, &mut directory);
    campaign.run(toy, &mut directory);
    let found = campaign.found().values().next().expect("some order fails");
    let history = found.first.job.watch(toy, campaign.calibration(), &mut directory).history;
    (history, directory)
}

fn racing() -> Toy {
    toy(&[1, 101, 201, 301, 302, 102], |ran| ran.before(301, 1) && ran.before(1, 201) && ran.before(201, 101))
}

/// Runs a campaign with other hands: each round by several workers, each with names of its own, from behind.
fn run_by_many(toy: &Toy, plan: Plan, workers: usize) -> Campaign {
    let mut directories = vec![Directory::default(); workers];
    let mut campaign = Campaign::new(toy, plan, &mut directories[0]);
    loop {
        let jobs = campaign.round();
        if jobs.is_empty() {
            return campaign;
        }
        let run =
            |(at, job): (usize, &Job)| job.run(toy, campaign.calibration(), &mut directories[at % workers]);
        let mut done: Vec<JobRan> = jobs.iter().enumerate().rev().map(run).collect();
        done.reverse();
        for ran in done {
            campaign.add(&ran);
        }
    }
}

/// What a campaign has come to: its counts, and the first run and the number of runs of each find.
fn result(campaign: &Campaign) -> ([u64; 4], Vec<(u64, u64)>) {
    let found = campaign.found().iter();
    let found = found.map(|(_, found)| (found.first.job.number, found.runs));
    ([campaign.runs(), campaign.failed(), campaign.behaviours(), campaign.digest()], found.collect())
}

#[test]
fn a_campaign_comes_to_the_same_whoever_runs_it() {
    for tactics in [
        Plan::AUTO.to_vec(),
        vec![Tactic::Pos, Tactic::Pct(3), Tactic::Delay(2)],
        vec![Tactic::Walk],
        vec![Tactic::Races, Tactic::Walk],
    ] {
        for stops_at_failure in [false, true] {
            let plan = Plan { tactics: tactics.clone(), stops_at_failure, ..Plan::new(5, 700) };
            let mut directory = Directory::default();
            let mut campaign = Campaign::new(&racing(), plan.clone(), &mut directory);
            campaign.run(&racing(), &mut directory);
            assert!(campaign.failed() > 0);
            for workers in [1, 2, 7] {
                assert_eq!(result(&run_by_many(&racing(), plan.clone(), workers)), result(&campaign));
            }
        }
    }
}

#[test]
fn the_first_runs_are_the_same_however_many_follow() {
    let shares = |runs| {
        let mut directory = Directory::default();
        let mut campaign = Campaign::new(&racing(), Plan::new(3, runs), &mut directory);
        let mut jobs = Vec::new();
        for _ in 0..3 {
            for job in campaign.round() {
                let ran = job.run(&racing(), campaign.calibration(), &mut directory);
                campaign.add(&ran);
                jobs.push(job);
            }
        }
        jobs
    };
    let (few, many) = (shares(300), shares(1_000_000));
    assert_eq!(few.len(), 300);
    assert_eq!(few[..], many[..300]);
}

/// The orders in which a campaign runs events that are all due at once, and who chose each.
fn orders(toy: &Toy, plan: Plan) -> Vec<(Tactic, Vec<String>)> {
    let mut directory = Directory::default();
    let mut campaign = Campaign::new(toy, plan, &mut directory);
    let mut orders = Vec::new();
    while campaign.stop().is_none() {
        for job in campaign.round() {
            let ran = job.run(toy, campaign.calibration(), &mut directory);
            campaign.add(&ran);
            let history = job.watch(toy, campaign.calibration(), &mut directory).history;
            let names = history.dispatches.iter().map(|event| directory.text(event.name).to_owned());
            orders.push((job.tactic, names.collect()));
        }
    }
    orders
}

#[test]
fn races_are_turned_round_one_by_one_and_the_nearest_come_first() {
    let three = toy(&[1, 101, 201], |_| false);
    let plan = Plan { tactics: vec![Tactic::Races], ..Plan::new(1, 5) };
    let found: Vec<Vec<String>> = orders(&three, plan).into_iter().map(|(_, names)| names).collect();
    let expected =
        [[1, 101, 201], [101, 1, 201], [1, 201, 101], [101, 201, 1], [1, 101, 201]].map(|ids| ids.map(named));
    assert_eq!(found, expected, "when all were turned round it begins again");
}

#[test]
fn a_campaign_begins_in_the_order_of_scheduling_and_at_most_a_quarter_of_it_turns_races_round() {
    let many = toy(&[1, 101, 201, 301, 401, 2, 102, 202, 302, 402], |_| false);
    let found = orders(&many, Plan::new(1, 600));
    assert_eq!(found[0], (Tactic::Races, [1, 101, 201, 301, 401, 2, 102, 202, 302, 402].map(named).to_vec()));
    let mut races = 0;
    for ((tactic, _), number) in found.iter().zip(1..) {
        races += usize::from(*tactic == Tactic::Races);
        assert!(races <= usize::div_ceil(number, 4), "{races} of the first {number}");
    }
    assert_eq!(races, 46, "10 events have 45 pairs");
    let last = found.iter().rposition(|(tactic, _)| *tactic == Tactic::Races);
    assert!(last.is_some_and(|last| last <= 8 * 46), "they are not put off: {last:?}");
}

#[test]
fn all_races_of_a_run_are_turned_round_with_the_draws_of_that_run() {
    let mut drawing = toy(&[1, 101, 201], |_| false);
    drawing.rolls = vec![101];
    let plan = Plan { tactics: vec![Tactic::Races], ..Plan::new(1, 12) };
    let mut directory = Directory::default();
    let mut campaign = Campaign::new(&drawing, plan, &mut directory);
    let drawn: Vec<u64> = campaign
        .round()
        .iter()
        .map(|job| job.watch(&drawing, campaign.calibration(), &mut directory).history.draws[0].value)
        .collect();
    let rounds: Vec<&[u64]> = drawn.chunk_by(|one, other| one == other).collect();
    assert!(rounds.len() == 3 && rounds.iter().all(|round| round.len() == 4), "{drawn:?}");
}

#[test]
fn a_campaign_stops_for_the_reason_that_comes_first() {
    let stop = |plan: Plan| {
        let mut directory = Directory::default();
        let mut campaign = Campaign::new(&racing(), plan, &mut directory);
        campaign.run(&racing(), &mut directory);
        (campaign.stop(), campaign.runs())
    };
    assert_eq!(stop(Plan::new(1, 50)), (Some(Stop::Runs), 50));
    let (why, runs) = stop(Plan { stops_at_failure: true, ..Plan::new(1, 100_000) });
    assert!(why == Some(Stop::Failure) && runs < 1_000, "{runs}");
    // Every actor has one or two events, so there are few behaviours.
    let (why, runs) = stop(Plan { until_quiet: Some(40), ..Plan::new(1, 100_000) });
    assert!(why == Some(Stop::Quiet) && (41..1_000).contains(&runs), "{runs}");
}

#[test]
fn chances_are_those_of_independent_runs_and_share_the_doubt() {
    let chances = |tactics: &[Tactic]| {
        let mut directory = Directory::default();
        let plan = Plan { tactics: tactics.to_vec(), ..Plan::new(1, 256) };
        let mut campaign = Campaign::new(&racing(), plan, &mut directory);
        campaign.run(&racing(), &mut directory);
        campaign.chances().iter().map(|chance| (chance.runs, chance.tenths)).collect::<Vec<_>>()
    };
    assert_eq!(chances(&[Tactic::Walk]), [(256, 30)], "ln 20 is 3.0");
    let three = chances(&[Tactic::Walk, Tactic::Pos, Tactic::Clocks]);
    assert!(three.iter().all(|(_, tenths)| *tenths == 41), "ln 60 is 4.1: {three:?}");
    assert_eq!(three.iter().map(|(runs, _)| runs).sum::<u64>(), 256);
    // Of six events 15 pairs race: with the run in the order of scheduling that is 16 runs, which say nothing of others.
    assert_eq!(chances(&[Tactic::Races, Tactic::Walk]), [(0, 30), (240, 30)]);
}

#[test]
fn runs_go_on_from_where_the_furthest_was_and_find_what_is_far_behind() {
    // Rung after rung, each of which needs one of six orders.
    let ids: Vec<u64> = (0..6).flat_map(|rung| [rung, 100 + rung, 200 + rung]).collect();
    let mut ladder = toy(&ids, |ran| rungs(&ran.order) == 6);
    ladder.events = ids.iter().map(|id| (10 * (id % 10 + 1), *id)).collect();
    let runs = |toy: &Toy| {
        let plan = Plan { tactics: vec![Tactic::Walk], stops_at_failure: true, ..Plan::new(1, 20_000) };
        let mut directory = Directory::default();
        let mut campaign = Campaign::new(toy, plan, &mut directory);
        campaign.run(toy, &mut directory);
        (campaign.runs(), campaign.milestones().1)
    };
    let (alone, none) = runs(&ladder);
    ladder.reaches = rungs;
    let (climbing, most) = runs(&ladder);
    assert_eq!((none, most), (0, 6));
    assert!(climbing < 2_500 && alone > 3 * climbing, "{climbing} with milestones, {alone} without");
}

/// How many rungs are passed: at each, `c` comes before `b` and `b` before `a`.
fn rungs(order: &[u64]) -> u32 {
    let passed = order
        .chunks(3)
        .take_while(|rung| matches!(rung, [c, b, a] if c / 100 == 2 && b / 100 == 1 && a / 100 == 0));
    u32::try_from(passed.count()).expect("few")
}

#[test]
fn a_job_is_all_that_a_run_depends_on() {
    let toy = racing();
    let mut directory = Directory::default();
    let mut campaign = Campaign::new(&toy, Plan::new(9, 200), &mut directory);
    for job in campaign.round() {
        let [first, second] =
            [(); 2].map(|()| job.run(&toy, campaign.calibration(), &mut Directory::default()));
        assert_eq!(first, second);
        let watched = job.watch(&toy, campaign.calibration(), &mut directory);
        assert_eq!(
            (watched.outcome, watched.symptoms),
            (first.outcome, first.symptoms),
            "watching changes nothing"
        );
        assert_eq!(watched.history.dispatches.len(), 6);
    }
}

#[test]
fn a_closure_is_a_program() {
    let inner = racing();
    let program = |setup: tiebreak_explore::Setup, director: &mut tiebreak_explore::Director<'_>| {
        inner.run(setup, director)
    };
    let mut directory = Directory::default();
    let mut campaign = Campaign::new(&program, Plan::new(5, 300), &mut directory);
    campaign.run(&program, &mut directory);
    assert!(campaign.failed() > 0);
}
