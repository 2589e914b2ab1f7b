//! What a failure needs of what is drawn.

use tiebreak_explore::{
    Answer, Campaign, Cause, Directory, FixedDraw, Outcome, Plan, Program, Rest, Setup, Shrunk, Tactic,
    Verdict, default_orders, needs, shrink, try_cause,
};
use tiebreak_kernel::{
    Choices as _, Context, Name, Names, Ratio, Settings, Simulation, Site, Span, World, terms,
};
use tiebreak_trace::Digest;

use tiebreak_explore::{Director, EventRef, Failure};

terms! { LINK = "link", CARRY = "carry", LOSS = "loss", DELAY = "delay" }

/// A link that carries messages, one after the other. Each may be lost, and is delayed.
#[derive(Debug, Clone, Default)]
struct Link {
    fates: Vec<(bool, u64)>,
}

impl World for Link {
    type Event = u64;
    type Subject = u64;

    fn name(&self, message: &u64) -> Name<u64> {
        Name::of(LINK, CARRY, *message)
    }

    fn handle(&mut self, message: u64, context: &mut Context<'_, u64, u64>) {
        let is_lost = context.chance(LINK, LOSS, Ratio::percent(10));
        let delay = context.draw(LINK, DELAY, 5..=9);
        self.fates.push((is_lost, delay));
        if message < 12 {
            context.schedule_after(Span::from_millis(1), message + 1);
        }
    }
}

/// The link, and what it must not do.
struct Rule(fn(&[(bool, u64)]) -> bool);

impl Program for Rule {
    fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome {
        let settings = Settings::new(setup.seed).with_order(setup.order);
        let mut simulation = Simulation::new(Link::default(), settings).with_choices(choices);
        simulation.act(|_, context| context.schedule_after(Span::ZERO, 1));
        simulation.run();
        let fails = (self.0)(&simulation.world().fates);
        let failure = Failure { monitor: "rule".into(), event: None, message: String::new() };
        Outcome {
            verdict: Verdict::of(if fails { vec![failure] } else { Vec::new() }),
            behaviour: Digest::of(b""),
            contended: 0,
            milestones: 0,
            progress_at: None,
            twins: Vec::new(),
        }
    }
}

/// What the first failing run comes down to.
fn shrunk(rule: fn(&[(bool, u64)]) -> bool) -> Shrunk {
    let (program, mut directory) = (Rule(rule), Directory::default());
    let plan = Plan { tactics: vec![Tactic::Clocks], stops_at_failure: true, ..Plan::new(1, 20_000) };
    let mut campaign = Campaign::new(&program, plan, &mut directory);
    campaign.run(&program, &mut directory);
    let (symptom, found) = campaign.found().iter().next().expect("some run fails");
    let watched = found.first.job.watch(&program, campaign.calibration(), &mut directory);
    shrink(&program, &watched.history, symptom, &mut directory, 1).expect("it follows from the draws")
}

fn lines(shrunk: &Shrunk) -> Vec<String> {
    needs(shrunk).into_iter().map(|line| line.trim().to_owned()).collect()
}

const QUIET: &str = "all other draws are quiet: the likelier answer to a chance, the least number of a range";

#[test]
fn a_loss_is_said_to_be_one_and_what_is_not_lost_is_not_mentioned() {
    // It fails if the third message is lost and no other: eleven draws more would have to be named.
    let found = shrunk(|fates| {
        let lost: Vec<usize> = (1..=fates.len()).filter(|message| fates[message - 1].0).collect();
        lost == [3]
    });
    assert_eq!(
        lines(&found),
        [
            "needs 1 draw; 300 of 300 other orders fail with it",
            "link/loss of link/carry(3)#1 draws yes",
            QUIET
        ]
    );
}

#[test]
fn draws_are_left_to_the_seed_where_they_do_not_matter() {
    let found = shrunk(|fates| fates[2].0);
    assert_eq!(found.cause.rest, Rest::Drawn);
    assert_eq!(
        lines(&found),
        ["needs 1 draw; 300 of 300 other orders fail with it", "link/loss of link/carry(3)#1 draws yes"]
    );
}

#[test]
fn a_failure_of_quiet_draws_needs_no_other() {
    let found = shrunk(|fates| fates.iter().filter(|(is_lost, _)| *is_lost).count() < 2);
    assert_eq!(lines(&found), ["needs quiet draws; 300 of 300 other orders fail with it", QUIET]);
}

#[test]
fn numbers_are_the_least_that_fail() {
    let found = shrunk(|fates| fates[4].1 >= 7 && fates[6].1 == 5);
    assert_eq!(
        lines(&found),
        [
            "needs 1 draw; 300 of 300 other orders fail with it",
            "link/delay of link/carry(5)#1 draws 7",
            QUIET
        ]
    );
}

#[test]
fn a_failure_that_quiet_draws_prevent_is_shrunk_all_the_same() {
    // Six of the twelve are lost: which ones does not matter.
    let found = shrunk(|fates| fates.iter().filter(|(is_lost, _)| *is_lost).count() == 4);
    assert_eq!((found.cause.draws.len(), found.cause.rest), (4, Rest::Quiet));
    assert!(found.cause.draws.iter().all(|draw| draw.value == Answer::Yes));
}

#[test]
fn yes_and_no_are_answers_to_chances_alone_and_numbers_to_both() {
    let program = Rule(|_| false);
    let fate = |draw: &str, value| {
        let draws = vec![FixedDraw { draw: EventRef::parse(draw).expect("a draw"), value }];
        let cause = Cause { draws, rest: Rest::Quiet, ..Cause::default() };
        let trial = try_cause(&program, &cause, default_orders(1, 1)[0], &mut Directory::default());
        trial.history.draws[..2].iter().map(tiebreak_explore::Drawn::answer).collect::<Vec<_>>()
    };
    let quiet = [Answer::No, Answer::Number(5)];
    assert_eq!(fate("link/loss#1", Answer::Yes), [Answer::Yes, Answer::Number(5)]);
    assert_eq!(fate("link/loss#1", Answer::Number(9)), [Answer::Yes, Answer::Number(5)]);
    assert_eq!(fate("link/loss#1", Answer::Number(10)), quiet);
    assert_eq!(fate("link/delay#1", Answer::Number(8)), [Answer::No, Answer::Number(8)]);
    for (draw, value) in [
        ("link/loss#1", Answer::No),
        ("link/loss#1", Answer::Number(100)),
        ("link/delay#1", Answer::Yes),
        ("link/delay#1", Answer::No),
        ("link/delay#1", Answer::Number(10)),
    ] {
        assert_eq!(fate(draw, value), quiet, "{draw} {value} is not taken");
    }
}

#[test]
fn the_likelier_answer_to_a_chance_is_the_quiet_one() {
    let mut directory = Directory::default();
    let mut director = Director::new(&mut directory, 1);
    director.keep(&Cause { rest: Rest::Quiet, ..Cause::default() });
    let site = Site::new(Names::default().intern("a").index().into(), LOSS);
    let answers = [0, 49, 50, 51, 99, 100].map(|percent| director.chance(site, Ratio::percent(percent)));
    assert_eq!(answers, [false, false, false, true, true, true]);
    assert_eq!(director.number(site, 3, 8), 3);
}
