//! A timeout that races the answer: a client asks, the answer takes three seconds, and so does the client's patience.
//!
//! Run with `cargo run -p tiebreak --example timeout`. It prints one trace for each order that a hundred seeds find;
//! in some of them the client is answered twice.
//!
//! Read next: `lease_server`, a rule that a search keeps watch over.
#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use tiebreak::{
    Context, Fact, Lane, Name, RESULT, Simulation, Span, Timer, Traced, Tracer, World, first_seeds, terms,
};

terms! {
    CLIENT = "client", SERVER = "server",
    ASK = "ask", REQUEST = "request", ANSWER = "answer", TIMEOUT = "timeout",
    ACCEPTED = "Accepted", OK = "OK", TWICE = "TWICE",
}

const PATIENCE: Span = Span::from_secs(3);
const TRAVEL: Span = Span::from_millis(1_500);

// ANCHOR: events
/// The server's queue: requests are served in the order they were sent.
const INBOX: Lane = Lane::new(0);

/// What can happen; the number is that of the attempt.
enum Event {
    Ask(u64),
    Request(u64),
    Answer(u64),
    Timeout(u64),
}
// ANCHOR_END: events

#[derive(Default)]
struct Call {
    timeout: Timer,
    answers: u64,
}

impl World for Call {
    type Event = Event;
    type Subject = u64;

    // ANCHOR: name
    fn name(&self, event: &Event) -> Name<u64> {
        match *event {
            Event::Ask(attempt) => Name::of(CLIENT, ASK, attempt),
            Event::Request(attempt) => Name::of(SERVER, REQUEST, attempt),
            Event::Answer(attempt) => Name::of(CLIENT, ANSWER, attempt),
            Event::Timeout(attempt) => Name::of(CLIENT, TIMEOUT, attempt),
        }
    }
    // ANCHOR_END: name

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, u64>) {
        match event {
            // ANCHOR: timer
            Event::Ask(attempt) => {
                context.on(INBOX).schedule_after(TRAVEL, Event::Request(attempt));
                self.timeout.arm(context, context.now() + PATIENCE, Event::Timeout(attempt));
            }
            // ANCHOR_END: timer
            Event::Request(attempt) => {
                context.schedule_after(TRAVEL, Event::Answer(attempt));
            }
            Event::Answer(attempt) => {
                self.timeout.cancel(context);
                self.answers += 1;
                let result = if self.answers == 1 { OK } else { TWICE };
                context.record(Name::of(CLIENT, ACCEPTED, attempt), &[Fact::word(RESULT, result)]);
            }
            // The bug: the answer to the first attempt may have arrived already, or may be due right now.
            Event::Timeout(attempt) if attempt < 2 => {
                context.schedule_after(Span::ZERO, Event::Ask(attempt + 1));
            }
            Event::Timeout(_) => {}
        }
    }
}

// ANCHOR: run
fn run(seed: u64) -> Simulation<Call, Tracer> {
    let mut simulation = Simulation::traced(Call::default(), seed);
    simulation.act(|_, context| context.schedule_after(Span::ZERO, Event::Ask(1)));
    simulation.run();
    simulation
}
// ANCHOR_END: run

fn main() {
    let seeds = first_seeds(0..100, |seed| run(seed).recorder().trace().fingerprint().run);
    println!("{} orders in 100 seeds\n", seeds.len());
    for seed in seeds {
        println!("{}", run(seed).recorder().trace());
    }
}
