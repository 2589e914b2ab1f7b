//! The promise, kept by a small world: same seed, same bytes; other seeds, other orders; strangers move nothing.

use tiebreak::{
    Context, Digest, End, Fact, Fingerprint, Fingerprinter, Header, Lane, Name, Names, Order, Place,
    Recorder, Settings, Simulation, Span, Symbol, Term, Trace, Tracer, World, first_seeds,
};

const TURN: Term = Term::new("turn");
const DRAWN: Term = Term::new("Drawn");
const VALUE: Term = Term::new("value");
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
        Name { actor: self.players[event.player as usize], kind: TURN, subject: event.turn }
    }

    fn fire<R: Recorder<u64>>(&mut self, event: Turn, context: &mut Context<'_, Self, R>) {
        let Turn { player, turn } = event;
        let actor = self.players[player as usize];
        let before = self.last.replace(actor).unwrap_or(actor);
        let value = context.number(actor, VALUE, 1, 6);
        let is_stranger = context.names().text(actor).starts_with("stranger");
        let facts = [Fact::number(VALUE, value), Fact::name(Term::new("before"), before)];
        // Who was before one is the order itself: only the whole run may depend on strangers.
        let noted = if is_stranger { &facts[..] } else { &facts[..1] };
        context.record(Name { actor, kind: DRAWN, subject: turn }, noted);
        if turn < TURNS {
            let place = if player % 2 == 0 { Place::FREE } else { Place::lane(Lane::new(player)) };
            context.schedule_after(Span::from_secs(1), Turn { player, turn: turn + 1 }, place);
        }
    }
}

fn play<R: Recorder<u64>>(order: Order, seed: u64, strangers: u32, recorder: R) -> (Names, R) {
    let mut names = Names::default();
    let texts = (0..strangers).map(|n| format!("stranger{n}")).chain((0..4).map(|n| format!("player{n}")));
    let players: Vec<Symbol> = texts.map(|text| names.intern(&text)).collect();
    let settings = Settings { seed, order, ..Settings::default() };
    let table = Table { players, last: None };
    let mut simulation = Simulation::with_recorder(table, names, settings, recorder);
    simulation.act(|table, context| {
        for player in (0..).take(table.players.len()) {
            context.schedule_after(Span::from_secs(1), Turn { player, turn: 0 }, Place::FREE);
        }
    });
    assert_eq!(simulation.run(), End::Quiescent);
    let (_, names, recorder) = simulation.into_parts();
    (names, recorder)
}

fn trace(seed: u64) -> Trace {
    let settings = Settings { seed, ..Settings::default() };
    let tracer = Tracer::new(Header::new(1, Digest::of(b"table"), &settings));
    play(Order::Seeded, seed, 0, tracer).1.into_trace()
}

fn fingerprint(order: Order, seed: u64, strangers: u32) -> Fingerprint {
    let (names, fingerprinter) = play(order, seed, strangers, Fingerprinter::default());
    fingerprinter.fingerprint(&names)
}

/// Who took each turn, in order: nothing but the order of dispatches.
fn order_of(trace: &Trace) -> Vec<u64> {
    trace.records().filter(|(_, parts)| parts.event_code().is_some()).map(|(_, parts)| parts.actor).collect()
}

#[test]
fn the_same_seed_twice_gives_the_same_bytes() {
    for seed in 0..20 {
        let [first, second] = [trace(seed), trace(seed)];
        assert!(first.len() > 60);
        assert_eq!(first.bytes(), second.bytes());
        assert_eq!(first.fingerprint(), second.fingerprint());
    }
}

#[test]
fn ten_seeds_give_at_least_two_orders_of_the_same_events() {
    let orders: Vec<Vec<u64>> = (0..10).map(|seed| order_of(&trace(seed))).collect();
    assert!(orders.iter().any(|order| *order != orders[0]));
    for order in &orders {
        let sorted = |order: &[u64]| {
            let mut order = order.to_vec();
            order.sort_unstable();
            order
        };
        assert_eq!(sorted(order), sorted(&orders[0]), "the same turns, whatever their order");
    }
    assert!(first_seeds(0..10, |seed| trace(seed).fingerprint().run).len() > 1);
}

#[test]
fn strangers_move_nothing_in_the_layers_of_others() {
    for seed in 0..20 {
        let alone = fingerprint(Order::Seeded, seed, 0);
        let crowded = fingerprint(Order::Seeded, seed, 9);
        assert_ne!(alone.run, crowded.run);
        assert_eq!(alone.actors.len(), 4);
        for layer in &alone.actors {
            assert_eq!(crowded.actor(&layer.name), Some(layer), "seed {seed}");
        }
    }
}

#[test]
fn fifo_runs_in_the_order_of_scheduling_whatever_the_seed() {
    let tracer =
        |seed| Tracer::new(Header::new(1, Digest::of(b"table"), &Settings { seed, ..Settings::default() }));
    let [one, two] = [1, 2].map(|seed| order_of(play(Order::Fifo, seed, 0, tracer(seed)).1.trace()));
    assert_eq!(one, two);
    assert_eq!(one[..4], one[4..8]);
}

/// The golden fingerprint is the same in debug and release builds, and on every machine: CI runs both.
#[test]
fn the_fingerprint_is_pinned_in_every_build() {
    assert_eq!(fingerprint(Order::Seeded, 1, 3).run.to_string(), "f3a6e44805cf0cf1c7ab47c5ba22d5a6");
    assert_eq!(fingerprint(Order::Fifo, 1, 3).run.to_string(), "a8b6c8aef09d3a2073a78cbee53a41b4");
}
