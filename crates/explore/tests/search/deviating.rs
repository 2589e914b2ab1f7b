//! Where the order of scheduling can be deviated from.

use tiebreak_explore::{
    Calibration, Campaign, Director, Directory, Failure, Outcome, Plan, Setup, Tactic, Verdict,
};
use tiebreak_kernel::{Context, Handle, Name, Settings, Simulation, Span, World, terms};
use tiebreak_trace::BehaviourRecorder;

terms! { CLIENT = "client", STEP = "step", LIMIT = "limit", ROLLS = "rolls" }

/// How many steps there are.
const STEPS: u64 = 30;

#[derive(Clone, Copy, PartialEq)]
enum Event {
    Step(u64),
    Limit,
}

/// Takes steps, each of which moves a time limit to the instant of the next. Once the limit is reached, nothing goes on: sampled
/// runs end after a few steps. That it is reached before the last step is the fault.
#[derive(Default)]
struct Client {
    limit: Option<Handle>,
    done: u64,
    is_over: bool,
    /// How many steps it draws to be taken, less than all by up to this.
    fewer: u64,
}

impl World for Client {
    type Event = Event;
    type Subject = ();

    fn name(&self, event: &Event) -> Name<()> {
        Name::of(CLIENT, if *event == Event::Limit { LIMIT } else { STEP }, ())
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, ()>) {
        let Event::Step(number) = event else {
            self.is_over = true;
            return;
        };
        if self.is_over {
            return;
        }
        self.done = number;
        if self.fewer > 0 && number == 1 {
            self.done = 1 + context.draw(CLIENT, ROLLS, 0..=self.fewer);
        }
        if self.done < STEPS {
            let next = Span::from_secs(1);
            context.schedule_after(next, Event::Step(self.done + 1));
            self.limit = Some(match self.limit {
                Some(limit) if context.is_pending(limit) => {
                    let _ = context.reschedule_after(limit, next);
                    limit
                }
                Some(_) | None => context.schedule_after(next, Event::Limit),
            });
        }
    }
}

fn client(fewer: u64) -> impl Fn(Setup, &mut Director<'_>) -> Outcome {
    move |setup: Setup, choices: &mut Director<'_>| {
        let settings = Settings::new(setup.seed).with_order(setup.order);
        let simulation = Simulation::new(Client { fewer, ..Client::default() }, settings);
        let mut simulation = simulation.with_choices(choices).with_recorder(BehaviourRecorder::default());
        simulation.act(|_, context| _ = context.schedule_after(Span::from_secs(1), Event::Step(1)));
        simulation.run();
        let (client, _, recorder) = simulation.into_parts();
        let is_late = client.is_over && client.done == STEPS - 1;
        let late =
            Failure { monitor: "late".into(), event: None, message: "the last step is too late".into() };
        Outcome {
            verdict: Verdict::of(is_late.then_some(late).into_iter().collect()),
            behaviour: recorder.behaviour(),
            contended: recorder.contended(),
            milestones: 0,
            progress_at: None,
            twins: Vec::new(),
        }
    }
}

#[test]
fn deviations_reach_to_the_end_of_the_run_in_the_order_of_scheduling() {
    let (program, mut directory) = (client(0), Directory::default());
    let plan = Plan { tactics: vec![Tactic::Delay(1)], ..Plan::new(1, 2 * STEPS) };
    let mut campaign = Campaign::new(&program, plan, &mut directory);
    campaign.run(&program, &mut directory);
    assert_eq!(campaign.calibration().choices(), STEPS - 1, "there is none at the first step");
    let (_, found) = campaign.found().first_key_value().expect("one deviation is enough");
    assert_eq!(found.first.job.turn, STEPS - 1, "the one at the last step");
    assert_eq!(found.runs, 2, "then it begins again");
}

#[test]
fn where_runs_differ_deviations_reach_to_the_end_of_the_longest() {
    let calibration = Calibration::default().with_choices(&client(20), 1, &mut Directory::default());
    assert!((STEPS - 5..STEPS).contains(&calibration.choices()), "of eight: {}", calibration.choices());
}
