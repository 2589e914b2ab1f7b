//! The server, its clients and watchers, and what must hold.
#![expect(clippy::std_instead_of_alloc, reason = "an example is a program of its own")]

use std::collections::BTreeMap;

use tiebreak::{
    Choices, Context, Failure, Handle, Instant, Lane, Monitor, Name, Names, Place, Record, Recorder,
    Simulation, Span, Term, Verdict, World, terms,
};

terms! {
    CLIENT = "client", SERVER = "server", NORTH = "north", SOUTH = "south",
    RENEW = "renew", EXPIRE = "expire", HELD = "held", GONE = "gone",
    pub(crate) RENEWED = "Renewed", pub(crate) EXPIRED = "Expired",
}

const LEASE: Span = Span::from_secs(10);

/// What can happen; the number is that of a client.
#[derive(Clone, Hash)]
pub(crate) enum Event {
    Renew(u32),
    Expire(u32),
    /// A watcher hears that a lease is [`HELD`] or [`GONE`].
    Hear(Term, Term, u32),
}

#[derive(Clone, Default, Hash)]
pub(crate) struct Server {
    is_fixed: bool,
    leases: BTreeMap<u32, Handle>,
}

impl World for Server {
    type Event = Event;
    type Subject = u32;

    fn name(&self, event: &Event) -> Name<u32> {
        match *event {
            Event::Renew(client) => Name::of(CLIENT, RENEW, client),
            Event::Expire(client) => Name::of(SERVER, EXPIRE, client),
            Event::Hear(watcher, news, client) => Name::of(watcher, news, client),
        }
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, u32>) {
        match event {
            Event::Renew(client) => {
                context.record(Name::of(SERVER, RENEWED, client), &[]);
                let end = context.schedule_after(LEASE, Event::Expire(client));
                context.schedule_after(LEASE, Event::Renew(client));
                match self.leases.insert(client, end) {
                    None => self.tell(HELD, client, context),
                    Some(former) if self.is_fixed => _ = context.cancel(former),
                    Some(_) => {} // the former timer runs on
                }
            }
            Event::Expire(client) => {
                if self.leases.remove(&client).is_some() {
                    context.record(Name::of(SERVER, EXPIRED, client), &[]);
                    self.tell(GONE, client, context);
                }
            }
            Event::Hear(..) => {}
        }
    }
}

impl Server {
    /// A server without the bugs.
    pub(crate) fn fixed() -> Self {
        Self { is_fixed: true, ..Self::default() }
    }

    // ANCHOR: tell
    fn tell(&self, news: Term, client: u32, context: &mut Context<'_, Event, u32>) {
        for (watcher, lane) in [NORTH, SOUTH].into_iter().zip(0..) {
            let place = if self.is_fixed { Place::lane(Lane::new(lane)) } else { Place::FREE };
            context.on(place).schedule_after(Span::from_millis(1), Event::Hear(watcher, news, client));
        }
    }
    // ANCHOR_END: tell
}

/// No lease ends before its time, and in the end every watcher has heard how each lease stands.
#[derive(Clone, Default, Hash)]
pub(crate) struct Honest {
    until: BTreeMap<u32, Instant>,
    heard: BTreeMap<(String, u32), Term>,
    failure: Option<Failure>,
}

impl Monitor<u32> for Honest {
    fn name(&self) -> &'static str {
        "honest"
    }

    fn observe(&mut self, names: &Names, record: &Record<'_, u32>) {
        let Name { actor, kind, subject: client } = record.name;
        if kind == RENEWED {
            self.until.insert(client, record.instant + LEASE);
        } else if kind == EXPIRED {
            if let Some(until) = self.until.remove(&client).filter(|until| *until > record.instant) {
                let message = format!("lease {client} ended, but lasts until {until}");
                self.failure.get_or_insert(Failure::at(record, message));
            }
        } else if kind == HELD || kind == GONE {
            self.heard.insert((names.text(actor).to_owned(), client), kind);
        }
    }

    // ANCHOR: verdict
    fn verdict(&self, _names: &Names) -> Verdict {
        let is_wrong = |client, news| self.until.contains_key(client) != (news == HELD);
        let wrong = self.heard.iter().find(|((_, client), news)| is_wrong(client, **news));
        match (&self.failure, wrong) {
            (Some(failure), _) => Verdict::Fails(failure.clone()),
            (None, Some(((watcher, client), news))) => Verdict::Waits(format!(
                "the last that {watcher} heard of lease {client} is `{}`, which is wrong",
                news.text()
            )),
            (None, None) => Verdict::Holds,
        }
    }
    // ANCHOR_END: verdict
}

/// Two clients are about to take a lease, and to renew it after ten seconds.
pub(crate) fn begun<R: Recorder<u32>, C: Choices>(
    mut simulation: Simulation<Server, R, C>,
) -> Simulation<Server, R, C> {
    simulation.act(|_, context| {
        for client in [1, 2] {
            context.schedule_after(Span::ZERO, Event::Renew(client));
        }
    });
    simulation
}

/// They do, and fifteen seconds pass.
pub(crate) fn run<R: Recorder<u32>, C: Choices>(
    simulation: Simulation<Server, R, C>,
) -> Simulation<Server, R, C> {
    let mut simulation = begun(simulation);
    assert!(simulation.run_until(Instant::from_secs(15)).is_continue());
    simulation
}
