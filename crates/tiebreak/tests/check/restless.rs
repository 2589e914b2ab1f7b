//! A world that never rests.

use tiebreak::{Context, End, Instant, Name, Outcome, Run, Span, World, check, outcome, terms};

terms! { CLOCK = "clock", TICK = "tick" }

struct Clock;

impl World for Clock {
    type Event = ();
    type Subject = ();

    fn name(&self, _tick: &()) -> Name<()> {
        Name::of(CLOCK, TICK, ())
    }

    fn handle(&mut self, _tick: (), context: &mut Context<'_, (), ()>) {
        context.schedule_after(Span::from_secs(1), ());
    }
}

/// Runs the clock to the end that it comes to.
fn run(run: &mut Run<'_, '_>, horizon: Option<Instant>) -> Outcome {
    let settings = horizon.into_iter().fold(run.settings(), tiebreak::Settings::with_horizon);
    let mut simulation = run.simulation_with(Clock, (), settings);
    simulation.act(|_, context| context.schedule_after(Span::ZERO, ()));
    let end = simulation.run();
    assert_eq!(end == End::Horizon, horizon.is_some());
    outcome(&simulation, Some(&end))
}

#[test]
fn it_fails_soon_with_the_cycle_it_is_in() {
    let report = check(|it| run(it, None)).runs(3).search().expect_err("it does not end");
    let report = report.to_string();
    assert!(report.contains("limit fails: more than 100000 events"), "{report}");
    assert!(report.contains("it repeats clock/tick"), "{report}");
}

#[test]
fn with_a_horizon_it_passes() {
    let day = Instant::from_secs(90_000);
    check(|it| run(it, Some(day))).runs(3).assert();
}
