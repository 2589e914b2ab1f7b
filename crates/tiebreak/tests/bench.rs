//! Comparing the speed of two worlds: equal ones are not told apart, and a slower handler is seen.

use core::hint::black_box;
use core::time::Duration;

use tiebreak::measure::{BLOCKS_MIN, Difference};
use tiebreak::{ComparedReport, Context, Name, Settings, Simulation, Span, World, bench, terms};

terms! { MILL = "mill", TURN = "turn" }

/// A mill whose every turn takes so many steps of work.
struct Mill {
    turns: u32,
    work: u32,
}

impl World for Mill {
    type Event = ();
    type Subject = ();

    fn name(&self, _event: &()) -> Name<()> {
        Name::of(MILL, TURN, ())
    }

    fn handle(&mut self, _event: (), context: &mut Context<'_, (), ()>) {
        let mut flour = 1_u64;
        for _ in 0..self.work {
            flour = black_box(flour.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        }
        self.turns -= 1;
        if self.turns > 0 {
            context.schedule_after(Span::from_secs(1), ());
        }
    }
}

fn mill(work: u32) -> Simulation<Mill> {
    let mut simulation = Simulation::new(Mill { turns: 1_000, work }, Settings::new(1));
    simulation.act(|_, context| {
        context.schedule_after(Span::from_secs(1), ());
    });
    simulation
}

fn compare(first: u32, second: u32, time: Duration) -> ComparedReport {
    bench(|| mill(first)).against(|| mill(second)).time(time).measure()
}

#[test]
fn a_world_that_does_three_times_as_much_is_slower() {
    let report = compare(500, 1_500, Duration::from_millis(300));
    assert_eq!(report.events, [1_000, 1_000]);
    let ratio = report.ratio.unwrap_or_else(|| panic!("{report}"));
    assert_eq!(ratio.difference(), Difference::Slower, "{report}");
    assert!(report.to_string().contains("\nB takes "), "{report}");
}

#[test]
fn too_little_time_for_an_interval_is_said() {
    let report = compare(500, 500, Duration::ZERO);
    assert!(report.blocks < BLOCKS_MIN && report.ratio.is_none(), "{report}");
    let alone = bench(|| mill(10)).time(Duration::ZERO).measure();
    assert_eq!((alone.runs, alone.events), (1, 1_000));
}
