//! The promise, kept by a small world: same seed, same bytes; other seeds, other orders; unrelated events move nothing.

use core::cell::Cell;

use tiebreak::{
    Context, Digest, End, Fact, Fingerprint, Fingerprinter, Header, Lane, Name, Names, Order, Place,
    Recorder, RunFingerprinter, Settings, Simulation, Span, Symbol, Trace, Traced as _, Tracer, World,
    check_determinism, first_seeds, terms, twins_warning,
};

terms! { TURN = "turn", DRAWN = "Drawn", VALUE = "value", BEFORE = "before" }

const TURNS: u64 = 8;

/// Players who take turns at the same instants, draw, and note what they drew and who was before them.
#[derive(Debug, Clone)]
struct Table {
    players: Vec<Symbol>,
    last: Option<Symbol>,
}

#[derive(Debug, Clone, Copy)]
struct Turn {
    player: u32,
    turn: u64,
}

impl World for Table {
    type Event = Turn;
    type Subject = u64;

    fn name(&self, event: &Turn) -> Name<u64> {
        Name::of(self.players[event.player as usize], TURN, event.turn)
    }

    fn handle(&mut self, event: Turn, context: &mut Context<'_, Turn, u64>) {
        let Turn { player, turn } = event;
        let actor = self.players[player as usize];
        let before = self.last.replace(actor).unwrap_or(actor);
        let value = context.draw(actor, VALUE, 1..=6);
        let is_unrelated = context.names().text(actor).starts_with("bystander");
        let facts = [Fact::number(VALUE, value), Fact::name(BEFORE, before)];
        // Who was before one is the order itself: only the whole run may depend on bystanders.
        let noted = if is_unrelated { &facts[..] } else { &facts[..1] };
        context.record(Name::of(actor, DRAWN, turn), noted);
        if turn < TURNS {
            let place = if player % 2 == 0 { Place::FREE } else { Place::lane(Lane::new(player)) };
            context.on(place).schedule_after(Span::from_secs(1), Turn { player, turn: turn + 1 });
        }
    }
}

fn table<R: Recorder<u64>>(settings: Settings, bystanders: u32, recorder: R) -> Simulation<Table, R> {
    let mut names = Names::default();
    let texts = (0..bystanders).map(|n| format!("bystander{n}")).chain((0..4).map(|n| format!("player{n}")));
    let players: Vec<Symbol> = texts.map(|text| names.intern(&text)).collect();
    let table = Table { players, last: None };
    let mut simulation = Simulation::new(table, settings).with_names(names).with_recorder(recorder);
    simulation.act(|table, context| {
        for player in (0..).take(table.players.len()) {
            context.schedule_after(Span::from_secs(1), Turn { player, turn: 0 });
        }
    });
    simulation
}

fn tracer(settings: Settings) -> Tracer {
    Tracer::new(Header::new(1, Digest::of(b"table"), &settings))
}

fn trace(settings: Settings) -> Trace {
    let mut simulation = table(settings, 0, tracer(settings));
    assert_eq!(simulation.run(), End::Quiescent);
    simulation.into_parts().2.into_trace()
}

fn fingerprint(order: Order, seed: u64, bystanders: u32) -> Fingerprint {
    let settings = Settings::new(seed).with_order(order);
    let mut simulation = table(settings, bystanders, Fingerprinter::default());
    assert_eq!(simulation.run(), End::Quiescent);
    simulation.recorder().fingerprint(simulation.names())
}

/// Who took each turn, in order: nothing but the order of dispatches.
fn order_of(trace: &Trace) -> Vec<u64> {
    trace.records().filter(|(_, parts)| parts.event_code().is_some()).map(|(_, parts)| parts.actor).collect()
}

#[test]
fn the_same_seed_twice_gives_the_same_bytes() {
    for order in Order::ALL {
        for seed in 0..20 {
            let settings = Settings::new(seed).with_order(order);
            let [first, second] = [trace(settings), trace(settings)];
            assert!(first.len() > 60);
            assert_eq!(first.bytes(), second.bytes());
            assert_eq!(first.fingerprint(), second.fingerprint());
        }
    }
}

#[test]
fn ten_seeds_give_at_least_two_orders_of_the_same_events() {
    for order in [Order::Seeded, Order::Rounds] {
        let traces: Vec<Trace> = (0..10).map(|seed| trace(Settings::new(seed).with_order(order))).collect();
        let orders: Vec<Vec<u64>> = traces.iter().map(order_of).collect();
        assert!(orders.iter().any(|order| *order != orders[0]));
        for order in &orders {
            let sorted = |order: &[u64]| {
                let mut order = order.to_vec();
                order.sort_unstable();
                order
            };
            assert_eq!(sorted(order), sorted(&orders[0]), "the same turns, whatever their order");
        }
    }
}

#[test]
fn ties_and_draws_have_seeds_of_their_own() {
    let drawn = |trace: &Trace| trace.fingerprint().kind("Drawn").cloned();
    let [usual, other_ties, other_draws] =
        [Settings::new(1), Settings::new(2).with_draws(1), Settings::new(1).with_draws(2)].map(trace);
    assert_ne!(order_of(&usual), order_of(&other_ties));
    assert_eq!(order_of(&usual), order_of(&other_draws));
    assert_ne!(drawn(&usual), drawn(&other_draws));
    for player in ["player0", "player3"] {
        let [usual, other] = [&usual, &other_ties].map(Trace::fingerprint);
        assert_eq!(usual.actor(player), other.actor(player), "each drew what it drew before");
    }
}

#[test]
fn seeds_are_tried_by_the_digest_of_the_run_alone() {
    let run = |seed| {
        let mut simulation = table(Settings::new(seed).with_draws(1), 0, RunFingerprinter::default());
        simulation.run();
        simulation.recorder().run()
    };
    let seeds = first_seeds(0..50, run);
    assert_eq!(seeds, first_seeds(0..50, |seed| trace(Settings::new(seed).with_draws(1)).fingerprint().run));
    assert!(seeds.len() > 10);
}

#[test]
fn unrelated_events_move_nothing_in_the_layers_of_others() {
    for order in Order::ALL {
        for seed in 0..20 {
            let alone = fingerprint(order, seed, 0);
            let crowded = fingerprint(order, seed, 9);
            assert_ne!(alone.run, crowded.run);
            assert_eq!(alone.actors.len(), 4);
            for layer in &alone.actors {
                assert_eq!(crowded.actor(&layer.name), Some(layer), "seed {seed}");
            }
        }
    }
}

#[test]
fn fifo_runs_in_the_order_of_scheduling_whatever_the_seed() {
    let [one, two] = [1, 2].map(|seed| order_of(&trace(Settings::new(seed).with_order(Order::Fifo))));
    assert_eq!(one, two);
    assert_eq!(one[..4], one[4..8]);
}

/// The golden fingerprint is the same in debug and release builds, and on every machine: CI runs both.
#[test]
fn the_fingerprint_is_pinned_in_every_build() {
    assert_eq!(fingerprint(Order::Seeded, 1, 3).run.to_string(), "8dc3b5eee36656b20068aca596a773b0");
    assert_eq!(fingerprint(Order::Rounds, 1, 3).run.to_string(), "8dc3b5eee36656b20068aca596a773b0");
    assert_eq!(fingerprint(Order::Fifo, 1, 3).run.to_string(), "31beaa3f2eca776395223f0d18cb4ac7");
}

#[test]
fn a_deterministic_simulation_passes_the_check_with_its_fingerprint() {
    let settings = Settings::new(7);
    let checked = check_determinism(|| table(settings, 2, tracer(settings)));
    assert_eq!(checked, Ok(fingerprint(Order::Seeded, 7, 2)));
}

terms! { CLOCK = "clock", TICK = "tick", SHOWN = "Shown" }

/// A clock that ticks and shows a number that it has from somewhere.
struct Clock<F> {
    number: F,
    ticks: u64,
}

impl<F: FnMut() -> u64> World for Clock<F> {
    type Event = ();
    type Subject = ();

    fn name(&self, (): &()) -> Name<()> {
        Name::of(CLOCK, TICK, ())
    }

    fn handle(&mut self, (): (), context: &mut Context<'_, (), ()>) {
        let number = (self.number)();
        context.record(Name::of(CLOCK, SHOWN, ()), &[Fact::number(VALUE, number)]);
        self.ticks -= 1;
        if self.ticks > 0 {
            context.schedule_after(Span::from_secs(1), ());
        }
    }
}

fn clock<F: FnMut() -> u64>(ticks: u64, number: F) -> Simulation<Clock<F>, Tracer> {
    let mut simulation = Simulation::traced(Clock { number, ticks }, 1);
    simulation.act(|_, context| context.schedule_after(Span::from_secs(1), ()));
    simulation
}

#[test]
fn a_world_that_counts_outside_of_itself_fails_the_check_at_its_first_differing_record() {
    let outside = Cell::new(0);
    let count = || {
        outside.set(outside.get() + 1);
        outside.get().min(5)
    };
    // The first run shows 1, 2, 3, 4, the second 5, 5, 5, 5.
    let error = check_determinism(|| clock(4, count)).expect_err("it draws from outside");
    assert_eq!(error.record, 2);
    assert_eq!(
        error.first,
        "2 1s        clock             · Shown                                 value=1 < clock/tick#1"
    );
    assert_eq!(
        error.second,
        "2 1s        clock             · Shown                                 value=5 < clock/tick#1"
    );
    let text = error.to_string();
    assert!(
        text.starts_with("two runs of one simulation differ from record 2 on\n  first run:  2 1s "),
        "{text}"
    );
}

#[test]
fn a_run_that_is_shorter_the_second_time_fails_the_check() {
    let ticks = Cell::new(3);
    let error = check_determinism(|| {
        ticks.set(ticks.get() - 1);
        clock(ticks.get(), || 0)
    });
    let error = error.expect_err("the second run is shorter");
    assert_eq!((error.record, error.second.as_str()), (3, "ended: no primary work is left"));
    assert!(error.first.starts_with("3 2s        clock             tick#2"), "{}", error.first);
}

#[test]
fn runs_that_differ_only_in_how_they_end_fail_the_check() {
    let limits = Cell::new(1);
    let error = check_determinism(|| {
        limits.set(limits.get() + 1);
        let mut simulation = clock(9, || 0);
        simulation.act(|_, context| context.stop(limits.get().to_string()));
        simulation
    });
    let error = error.expect_err("one stops for another reason");
    assert_eq!((error.first.as_str(), error.second.as_str()), ("ended: stopped: 2", "ended: stopped: 3"));
}

#[test]
fn a_traced_simulation_keeps_a_trace_of_its_seed_and_settings() {
    let mut simulation = clock(2, || 0);
    simulation.run();
    let trace = simulation.recorder().trace();
    let digest = Digest::of(b"");
    assert_eq!(
        trace.header().to_string(),
        format!("format 2 · model 1 · plan {digest} · seed 1 · order seeded")
    );
    assert_eq!(trace.len(), 4);
    assert_eq!(trace.to_string().lines().count(), 7);
    assert_eq!(trace.line(3).as_deref(), trace.to_string().lines().nth(4));
    assert_eq!((trace.line(0), trace.line(5)), (None, None));

    let settings = Settings::new(3).with_draws(4).with_order(Order::Rounds);
    let fixed = Simulation::new(Clock { number: || 0, ticks: 1 }, settings).with_tracer();
    let header = fixed.recorder().trace().header();
    assert!(header.to_string().ends_with("seed 3 · draws 4 · order rounds"), "{header}");
}

#[test]
fn who_tries_seeds_is_warned_of_names_that_tie_with_themselves() {
    let twins = |ticks: usize| {
        let mut simulation = Simulation::traced(Clock { number: || 0, ticks: 9 }, 1);
        for _ in 0..ticks {
            simulation.act(|_, context| context.schedule_after(Span::from_secs(1), ()));
        }
        assert!(simulation.run_instant().is_continue());
        simulation.recorder().trace().twins()
    };
    assert_eq!(twins_warning(&twins(1)), None);
    let warning = twins_warning(&twins(3)).expect("three events share a name");
    assert!(warning.starts_with("warning: 2 ties of equal names (clock/tick): "), "{warning}");
    assert_eq!(warning.lines().count(), 1);
}
