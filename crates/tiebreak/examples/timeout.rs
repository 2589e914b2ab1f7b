//! A timeout that races the answer: a client asks, the answer takes three seconds, and so does the client's patience.
//!
//! Run with `cargo run -p tiebreak --example timeout`. It prints one trace for each order that a hundred seeds find;
//! in one of them the client asks twice and is answered twice.
#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use tiebreak::{
    Context, Digest, Fact, Handle, Header, Lane, Name, Names, Place, Projection, RESULT, Recorder, Settings,
    Simulation, Span, Symbol, Term, Tracer, World, first_seeds, write_text,
};

const PATIENCE: Span = Span::from_secs(3);
const TRAVEL: Span = Span::from_millis(1_500);

/// The server's queue: requests are served in the order they were sent.
const INBOX: Lane = Lane::new(0);

const ASK: Term = Term::new("ask");
const TIMEOUT: Term = Term::new("timeout");
const REQUEST: Term = Term::new("request");
const ANSWER: Term = Term::new("answer");
const ACCEPTED: Term = Term::new("Accepted");

/// What can happen; the number is that of the attempt.
enum Event {
    Ask(u64),
    Request(u64),
    Answer(u64),
    Timeout(u64),
}

struct Call {
    client: Symbol,
    server: Symbol,
    timeout: Option<Handle>,
    answers: u64,
}

impl World for Call {
    type Event = Event;
    type Subject = u64;

    fn name(&self, event: &Event) -> Name<u64> {
        let (actor, kind, subject) = match *event {
            Event::Ask(attempt) => (self.client, ASK, attempt),
            Event::Request(attempt) => (self.server, REQUEST, attempt),
            Event::Answer(attempt) => (self.client, ANSWER, attempt),
            Event::Timeout(attempt) => (self.client, TIMEOUT, attempt),
        };
        Name { actor, kind, subject }
    }

    fn fire<R: Recorder<u64>>(&mut self, event: Event, context: &mut Context<'_, Self, R>) {
        match event {
            Event::Ask(attempt) => {
                context.schedule_after(TRAVEL, Event::Request(attempt), Place::lane(INBOX));
                self.timeout = Some(context.schedule_after(PATIENCE, Event::Timeout(attempt), Place::FREE));
            }
            Event::Request(attempt) => {
                context.schedule_after(TRAVEL, Event::Answer(attempt), Place::FREE);
            }
            Event::Answer(attempt) => {
                if let Some(timeout) = self.timeout.take() {
                    context.cancel(timeout);
                }
                self.answers += 1;
                let result =
                    Fact::word(RESULT, if self.answers == 1 { Term::new("OK") } else { Term::new("TWICE") });
                context.record(Name { actor: self.client, kind: ACCEPTED, subject: attempt }, &[result]);
            }
            // The bug: the answer to the first attempt may have arrived already, or may be due right now.
            Event::Timeout(attempt) if attempt < 2 => {
                context.schedule_after(Span::ZERO, Event::Ask(attempt + 1), Place::FREE);
            }
            Event::Timeout(_) => {}
        }
    }
}

fn run(seed: u64) -> Simulation<Call, Tracer> {
    let mut names = Names::default();
    let (client, server) = (names.intern("client"), names.intern("server"));
    let call = Call { client, server, timeout: None, answers: 0 };
    let settings = Settings { seed, ..Settings::default() };
    let header = Header::new(1, Digest::of(b"timeout"), &settings);
    let mut simulation = Simulation::with_recorder(call, names, settings, Tracer::new(header));
    simulation.act(|_, context| context.schedule_after(Span::ZERO, Event::Ask(1), Place::FREE));
    simulation.run();
    simulation
}

fn main() -> core::fmt::Result {
    let seeds = first_seeds(0..100, |seed| run(seed).recorder().trace().fingerprint().run);
    println!("{} orders in 100 seeds\n", seeds.len());
    for seed in seeds {
        let simulation = run(seed);
        let mut text = String::new();
        write_text(simulation.recorder().trace(), &Projection::Whole, &mut text)?;
        println!("{text}");
    }
    Ok(())
}
