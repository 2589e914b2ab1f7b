//! Going through all orders of one instant: eight events that all conflict, watched by a monitor that tells all of their orders
//! apart; twenty of which four conflict, with what they touch declared; and the scenario of the first page with its fix.

use core::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tiebreak::explore::{Exploration, Footprint, Picker, Scope, Setup, explore};
use tiebreak::{
    Begin, Context, Monitor, Name, Names, Order, Record, Simulation, Span, Verdict, Watch, World, prove,
    terms,
};
use tiebreak_benches::announce_exploration;
use tiebreak_runner::{Explored, Recordings, RunOptions};

terms! { CLERK = "clerk", WRITE = "write" }

/// The scenario of the first page.
const SCENARIO: &str = include_str!("../../scenarios/quickstart/planted-late-dial.ron");
const SETUP: Setup = Setup { order: Order::Seeded, seed: 1 };

/// Cells; an event writes its number to one.
#[derive(Debug, Clone, Default, Hash)]
struct Ledger {
    cells: [u64; 32],
}

/// Which cell, and what.
#[derive(Debug, Clone, Copy, Hash)]
struct Write {
    cell: u64,
    number: u64,
}

impl World for Ledger {
    type Event = Write;
    type Subject = u64;

    fn name(&self, event: &Write) -> Name<u64> {
        Name::of(CLERK, WRITE, event.number)
    }

    fn handle(&mut self, event: Write, _context: &mut Context<'_, Write, u64>) {
        if let Some(cell) = usize::try_from(event.cell).ok().and_then(|cell| self.cells.get_mut(cell)) {
            *cell = event.number;
        }
    }
}

/// Remembers who has written, in order: every order is another one to it.
#[derive(Debug, Clone, Default, Hash)]
struct Minutes(Vec<u64>);

impl Monitor<u64> for Minutes {
    fn name(&self) -> &'static str {
        "minutes"
    }

    fn observe(&mut self, _names: &Names, record: &Record<'_, u64>) {
        self.0.push(record.name.subject);
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        Verdict::Holds
    }
}

/// The first `conflicting` write to one cell, the others each to its own.
fn writes(count: u64, conflicting: u64) -> impl Iterator<Item = Write> {
    (0..count).map(move |number| Write { cell: if number < conflicting { 0 } else { number }, number })
}

fn begun<M: tiebreak::Monitors<u64>>(
    begin: Begin,
    monitors: M,
    events: impl Iterator<Item = Write>,
) -> Simulation<Ledger, Watch<M>, Picker> {
    let mut simulation = begin.simulation(Ledger::default(), monitors);
    simulation.act(|_, context| {
        for event in events {
            context.schedule_after(Span::from_secs(1), event);
        }
    });
    simulation
}

fn eight() -> Exploration {
    prove(|begin| begun(begin, [Minutes::default()], writes(8, 8))).explore()
}

fn twenty() -> Exploration {
    let twenty = prove(|begin| begun(begin, (), writes(20, 4)));
    twenty.touching(|_, event| Footprint::new().writes(event.cell)).explore()
}

fn late_dial(program: &Explored<'_>) -> Exploration {
    explore(&program, SETUP, Scope::default(), &|| true)
}

fn bench(criterion: &mut Criterion, name: &str, run: impl Fn() -> Exploration) {
    let name = format!("proof/{name}");
    announce_exploration(&name, &run());
    criterion.bench_function(&name, |bencher| bencher.iter(|| black_box(run().states)));
}

fn proof(criterion: &mut Criterion) {
    bench(criterion, "8 of which 8 conflict", eight);
    bench(criterion, "20 of which 4 conflict", twenty);
    let recordings = Recordings::new();
    let Ok(loaded) = tiebreak_scenario::load(SCENARIO) else { unreachable!("the scenario is valid") };
    let Ok(plan) = loaded.plan.with_switches(&["fix"]) else { unreachable!("the scenario has this switch") };
    let Ok(program) = Explored::new(plan, &recordings, RunOptions::default()) else {
        unreachable!("the scenario can be prepared")
    };
    bench(criterion, "planted-late-dial with its fix", || late_dial(&program));
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = proof
}
criterion_main!(benches);
