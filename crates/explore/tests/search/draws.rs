//! What a failure needs of what is drawn.

use tiebreak_explore::{
    Answer, Campaign, Cause, Director, Directory, Effort, EventRef, Failure, FixedDraw, NotShrunk, Outcome,
    Plan, Program, Rest, Setup, Shrunk, Tactic, Verdict, default_orders, shrink_within, try_cause,
};
use tiebreak_kernel::{
    Choices as _, Context, Name, Names, Ratio, Settings, Simulation, Site, Span, World, terms,
};
use tiebreak_trace::Digest;

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
        outcome((self.0)(&simulation.world().fates))
    }
}

/// What came of a run, if that is all that is known.
#[expect(clippy::fn_params_excessive_bools, reason = "whether it fails is all there is")]
fn outcome(fails: bool) -> Outcome {
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

/// What the first failing run comes down to.
fn shrunk(rule: fn(&[(bool, u64)]) -> bool) -> Shrunk {
    shrunk_within(&Rule(rule), None).expect("it follows from the draws")
}

/// The same of any program, with so many runs for it, or as many as it takes.
fn shrunk_within(program: &impl Program, runs: Option<u64>) -> Result<Shrunk, NotShrunk> {
    let mut directory = Directory::default();
    let plan = Plan { tactics: vec![Tactic::Clocks], stops_at_failure: true, ..Plan::new(1, 20_000) };
    let mut campaign = Campaign::new(program, plan, &mut directory);
    campaign.run(program, &mut directory);
    let (symptom, found) = campaign.found().iter().next().expect("some run fails");
    let history = found.first.job.watch(program, campaign.calibration(), &mut directory).history;
    let mut effort = runs.map_or_else(|| Effort::on(&history, 1), |runs| Effort::new(1, runs));
    shrink_within(program, &history, symptom, &mut directory, &mut effort)
}

fn lines(shrunk: &Shrunk) -> Vec<String> {
    shrunk.lines().into_iter().map(|line| line.trim().to_owned()).collect()
}

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
            "needs 1 draw, all other draws quiet; 300 of 300 other orders fail with it",
            "link/loss of link/carry(3)#1 draws yes",
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
    assert_eq!(lines(&found), ["needs quiet draws; 300 of 300 other orders fail with it"]);
}

#[test]
fn numbers_are_the_least_that_fail() {
    let found = shrunk(|fates| fates[4].1 >= 7 && fates[6].1 == 5);
    assert_eq!(
        lines(&found),
        [
            "needs 1 draw, all other draws quiet; 300 of 300 other orders fail with it",
            "link/delay of link/carry(5)#1 draws 7",
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
        let draws = vec![FixedDraw { draw: draw.parse::<EventRef>().expect("a draw"), value }];
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

terms! { NODE = "node", STEP = "step", ID = "id", OTHER_ID = "other-id", LATE = "late" }

/// Three simultaneous steps that draw in one of several ways.
#[derive(Debug, Clone)]
struct Steps {
    way: Way,
    ran: Vec<u64>,
    ids: Vec<u64>,
    is_lost: bool,
    late: u64,
}

#[derive(Debug, Clone, Copy)]
enum Way {
    /// An identity that no other step has.
    Unlike,
    /// Identities up to this one, which are practically never alike, and a chance.
    Identities(u64),
    /// A delay of the first.
    Late,
}

impl World for Steps {
    type Event = u64;
    type Subject = u64;

    fn name(&self, step: &u64) -> Name<u64> {
        Name::of(NODE, STEP, *step)
    }

    fn handle(&mut self, step: u64, context: &mut Context<'_, u64, u64>) {
        self.ran.push(step);
        match self.way {
            Way::Unlike => {
                let mut id = context.draw(NODE, ID, 0..=1_000);
                while self.ids.contains(&id) {
                    id = context.draw(NODE, ID, 0..=1_000);
                }
                self.ids.push(id);
            }
            Way::Identities(most) => {
                self.ids.push(context.draw(NODE, if step == 1 { ID } else { OTHER_ID }, 0..=most));
                self.is_lost |= step == 3 && context.chance(NODE, LOSS, Ratio::percent(30));
            }
            Way::Late if step == 1 => self.late = context.draw(NODE, LATE, 0..=1_000_000_000),
            Way::Late => {}
        }
    }
}

impl Steps {
    /// Whether the second ran before the first.
    fn is_turned(&self) -> bool {
        let place = |step| self.ran.iter().position(|ran| *ran == step);
        place(2) < place(1)
    }
}

/// The steps, and what must not come of them.
struct Outlawed(Way, fn(&Steps) -> bool);

impl Program for Outlawed {
    fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome {
        let settings = Settings::new(setup.seed).with_order(setup.order);
        let steps = Steps { way: self.0, ran: Vec::new(), ids: Vec::new(), is_lost: false, late: 0 };
        let mut simulation = Simulation::new(steps, settings).with_choices(choices);
        simulation.act(|_, context| {
            for step in 1..=3 {
                context.schedule_after(Span::from_millis(5), step);
            }
        });
        simulation.run();
        outcome((self.1)(simulation.world()))
    }
}

fn of_steps(way: Way, rule: fn(&Steps) -> bool, effort: Option<u64>) -> Result<Shrunk, NotShrunk> {
    shrunk_within(&Outlawed(way, rule), effort)
}

#[test]
fn who_draws_until_something_is_free_comes_to_an_end_under_quiet_draws() {
    let found = of_steps(Way::Unlike, |steps| steps.ran[0] == 3, None).expect("it follows from the order");
    assert_eq!((found.cause.rest, found.cause.constraints.len()), (Rest::Drawn, 2));
}

#[test]
fn what_fails_under_quiet_draws_for_another_reason_is_no_cause() {
    // That identities are alike practically never happens, unless all of them are the least number.
    for most in [1_000_000, u64::MAX] {
        let rule: fn(&Steps) -> bool =
            |steps| steps.is_lost && steps.is_turned() || steps.ids[0] == steps.ids[1];
        let found = of_steps(Way::Identities(most), rule, None).expect("it follows from order and draws");
        let expected = [
            "needs 1 ordering and 1 draw; 300 of 300 other orders fail with it",
            "node/step(2)#1 before node/step(1)#1",
            "node/loss#1 draws yes",
        ];
        assert_eq!(lines(&found), expected, "{most}");
    }
}

#[test]
fn nothing_is_needed_that_need_not_be_where_the_seed_draws_the_rest() {
    let found = of_steps(Way::Late, |steps| steps.late > 0 || steps.is_turned(), None);
    assert_eq!(lines(&found.expect("it follows")), ["fails in every order that was tried"]);
}

#[test]
fn an_effort_that_ends_early_makes_no_cause_of_something_unconfirmed() {
    let rule: fn(&Steps) -> bool = |steps| steps.is_turned() && steps.late < 980_000_000;
    let whole = of_steps(Way::Late, rule, None).expect("it follows from order and draws");
    assert_eq!((whole.cause.rest, whole.confirmed), (Rest::Quiet, 300));
    for runs in 300..=whole.replays + 5 {
        if let Ok(found) = of_steps(Way::Late, rule, Some(runs)) {
            let is_honest =
                found.cause.rest == Rest::Quiet || found.tried == 0 || found.confirmed < found.tried;
            assert!(is_honest, "{runs}: {:?}", lines(&found));
        }
    }
}
