//! Traces to make pages of: a busy one of any length, and one whose names try to become markup.

use core::fmt;

use tiebreak_kernel::{
    Context, Fact, Handle, Instant, Lane, Limits, Name, Names, Settings, Simulation, Span, Subject, Symbol,
    Term, Verbosity, World, terms,
};
use tiebreak_trace::{Digest, Header, RESULT, Trace, Tracer};

terms! {
    ASK = "ask",
    REQUEST = "request",
    ANSWER = "answer",
    TIMEOUT = "timeout",
    ACCEPTED = "Accepted",
    LOOKED_UP = "LookedUp",
    SENT = "Sent",
    SIZE = "size",
    AFTER = "after",
    LEFT = "left",
    UNTIL = "until",
    OK = "OK",
    STALE = "STALE",
    QUEUE = "queue",
}

/// What an event is about: a question, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question(u64);

impl Subject for Question {
    fn code(&self, names: &Names) -> u64 {
        self.0.code(names)
    }

    fn write(&self, _: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "q{}", self.0)
    }
}

/// An event of the busy world.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// A client asks.
    Ask(u64),
    /// A question arrives at its server.
    Request(u64),
    /// An answer arrives at the client.
    Answer(u64),
    /// A client has waited long enough.
    Timeout(u64),
}

/// Clients that ask servers, again and again, all at the same instants.
#[derive(Debug)]
struct Busy {
    clients: Vec<Symbol>,
    servers: Vec<Symbol>,
    timers: Vec<Option<Handle>>,
    questions: u64,
}

impl Busy {
    fn client(&self, question: u64) -> Symbol {
        self.clients[index(question, self.clients.len())]
    }

    fn server(&self, question: u64) -> Symbol {
        self.servers[index(question / 3, self.servers.len())]
    }

    fn ask(&mut self, question: u64, context: &mut Context<'_, Event, Question>) {
        let client = self.client(question);
        let size = context.draw(client, SIZE, 1..=u64::MAX);
        let facts = [
            Fact::number(SIZE, size),
            Fact::span(AFTER, Span::from_millis(question % 7)),
            Fact::word(RESULT, OK),
        ];
        context.record(Name::of(client, SENT, Question(question)), &facts);
        context.schedule_after(Span::from_millis(1 + question % 4), Event::Request(question));
        let timer = context.schedule_after(Span::from_millis(9), Event::Timeout(question));
        let slot = index(question, self.timers.len());
        self.timers[slot] = Some(timer);
    }

    fn answer(&mut self, question: u64, context: &mut Context<'_, Event, Question>) {
        let client = self.client(question);
        let slot = index(question, self.timers.len());
        let timer = self.timers[slot].filter(|timer| context.is_pending(*timer));
        let result = if timer.is_some() { OK } else { STALE };
        let left = self.questions.saturating_sub(question);
        context.record(
            Name::of(client, ACCEPTED, Question(question)),
            &[Fact::number(LEFT, left), Fact::word(RESULT, result)],
        );
        if let Some(timer) = timer {
            if question.is_multiple_of(5) {
                let _ = context.reschedule_after(timer, Span::from_millis(2));
            } else {
                context.cancel(timer);
            }
        }
        let next = question + self.clients.len() as u64;
        if next < self.questions {
            context.schedule_after(Span::from_millis(10), Event::Ask(next));
        }
    }
}

fn index(number: u64, length: usize) -> usize {
    usize::try_from(number % length as u64).expect("an index is small")
}

impl World for Busy {
    type Event = Event;
    type Subject = Question;

    fn name(&self, event: &Event) -> Name<Question> {
        match *event {
            Event::Ask(question) => Name::of(self.client(question), ASK, Question(question)),
            Event::Request(question) => Name::of(self.server(question), REQUEST, Question(question)),
            Event::Answer(question) => Name::of(self.client(question), ANSWER, Question(question)),
            Event::Timeout(question) => Name::of(self.client(question), TIMEOUT, Question(question)),
        }
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, Question>) {
        match event {
            Event::Ask(question) => self.ask(question, context),
            Event::Request(question) => {
                let server = self.server(question);
                let queue = context.draw(server, QUEUE, 0..=9);
                let facts = [Fact::number(QUEUE, queue), Fact::instant(UNTIL, Instant::NEVER)];
                context.record(Name::of(server, LOOKED_UP, Question(question)), &facts);
                context.schedule_after(Span::from_millis(queue), Event::Answer(question));
            }
            Event::Answer(question) => self.answer(question, context),
            Event::Timeout(_) => {}
        }
    }
}

/// Returns a trace of some `records` records: clients and servers, ties, notes, cancelled and moved events.
///
/// # Panics
/// If a name is refused.
#[must_use]
pub fn busy(records: u64, seed: u64) -> Trace {
    let mut names = Names::default();
    let mut interned = |word: &str, count: usize| {
        (1..=count).map(|n| names.intern(&format!("{word}{n}"))).collect::<Vec<_>>()
    };
    let (clients, servers) = (interned("client", 12), interned("server", 3));
    // A question has seven records: three events, three notes, a change.
    let questions = records / 7;
    let world = Busy { timers: vec![None; clients.len()], clients, servers, questions };
    run(world, names, seed, |world, context| {
        for question in 0..world.clients.len() as u64 {
            context.schedule_after(Span::from_secs(1), Event::Ask(question));
        }
    })
}

fn run<W: World>(
    world: W,
    names: Names,
    seed: u64,
    begin: impl FnOnce(&mut W, &mut Context<'_, W::Event, W::Subject>),
) -> Trace {
    let limits = Limits::DEFAULT.with_time(Instant::MAX);
    let settings = Settings::new(seed).with_verbosity(Verbosity::Changes).with_limits(limits);
    let tracer = Tracer::new(Header::new(1, Digest::of(b"browser"), &settings));
    let mut simulation = Simulation::new(world, settings).with_names(names).with_recorder(tracer);
    simulation.act(begin);
    simulation.run();
    simulation.into_parts().2.into_trace()
}

/// Texts that would do something if a page took them for markup or script, or that cannot be seen.
pub const HOSTILE: [&str; 7] = [
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "\"'`${window.hacked = 1}&lt;!--",
    "line\u{2028}separator\u{2029}and\nnew line",
    "right\u{202e}to left\u{2066}marks",
    "\u{5d0}\u{5d1}\u{5d2} \u{645}\u{631}\u{62d}\u{628}\u{627}",
    "]]> <!-- <script> \\u003c \\",
];

/// A subject that is a text, whatever is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Said(&'static str);

impl Subject for Said {
    fn code(&self, _: &Names) -> u64 {
        tiebreak_kernel::hash_text(self.0)
    }

    fn write(&self, _: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str(self.0)
    }
}

const SAY: Term = Term::new("<b>say &amp;<b>");

#[derive(Debug)]
struct Hostile(Vec<Symbol>);

impl World for Hostile {
    type Event = usize;
    type Subject = Said;

    fn name(&self, event: &usize) -> Name<Said> {
        let long: &'static str = LONG;
        let text = HOSTILE.get(*event).copied().unwrap_or(long);
        Name::of(self.0[*event % self.0.len()], SAY, Said(text))
    }

    fn handle(&mut self, event: usize, context: &mut Context<'_, usize, Said>) {
        let name = self.name(&event);
        context.record(name, &[Fact::text(SAY, "<script>hacked=1"), Fact::number(SIZE, u64::MAX)]);
        context.on(Lane::new(0)).schedule_after(Span::from_nanos(1), event + 1);
        if event > HOSTILE.len() {
            context.stop("that is enough");
        }
    }
}

const LONG: &str = include_str!("lib.rs");

/// Returns a trace whose names, subjects and facts try to become markup, and one name of many lines.
///
/// # Panics
/// If a name is refused.
#[must_use]
pub fn hostile() -> Trace {
    let mut names = Names::default();
    let actors =
        ["<img src=x onerror=hacked=1>", "<script>hacked=1<", "a'b\"c&quot;", "\u{5d0}\u{5d1}\u{5d2}"];
    let actors = actors.map(|name| names.intern(name)).to_vec();
    run(Hostile(actors), names, 1, |_, context| {
        context.schedule_after(Span::from_nanos(u64::MAX / 2 + 1), 0);
    })
}
