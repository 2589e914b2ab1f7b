//! A server whose leases expire unless they are renewed, clients that renew at the very instant of expiry, and watchers
//! that hear who holds a lease.
//!
//! Run with `cargo run -p tiebreak --example lease_server`. It prints the first seed to which the monitor objects, with
//! its trace; then it tries a fixed server, to which the monitor never objects.
//!
//! The naive server has two bugs. In the order of scheduling neither shows: a lease's timer was started before what renews
//! it at the same instant, and news arrive as they were sent.
//! * A renewal starts another timer and forgets the former one, which then ends the renewed lease.
//! * News of one instant travel side by side, so `held` may overtake the `gone` that was sent before it.
#![expect(clippy::print_stdout, clippy::std_instead_of_alloc, reason = "an example is a program of its own")]

use std::collections::BTreeMap;

use tiebreak::{
    Choices, Context, Failure, Handle, Instant, Lane, Monitor, Name, Names, Place, Record, Recorder, Report,
    Settings, Simulation, Span, Term, Traced, Verdict, Watch, World, terms,
};

terms! {
    CLIENT = "client", SERVER = "server", NORTH = "north", SOUTH = "south",
    RENEW = "renew", RENEWED = "Renewed", EXPIRE = "expire", EXPIRED = "Expired", HELD = "held", GONE = "gone",
}

const LEASE: Span = Span::from_secs(10);

/// What can happen; the number is that of a client.
enum Event {
    Renew(u32),
    Expire(u32),
    /// A watcher hears that a lease is [`HELD`] or [`GONE`].
    Hear(Term, Term, u32),
}

#[derive(Default)]
struct Server {
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
    fn tell(&self, news: Term, client: u32, context: &mut Context<'_, Event, u32>) {
        for (watcher, lane) in [NORTH, SOUTH].into_iter().zip(0..) {
            let place = if self.is_fixed { Place::lane(Lane::new(lane)) } else { Place::FREE };
            context.on(place).schedule_after(Span::from_millis(1), Event::Hear(watcher, news, client));
        }
    }
}

/// No lease ends before its time, and in the end every watcher has heard how each lease stands.
#[derive(Default)]
struct Honest {
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
}

/// Two clients take a lease and renew it after ten seconds.
fn run<R: Recorder<u32>, C: Choices>(mut simulation: Simulation<Server, R, C>) -> Simulation<Server, R, C> {
    simulation.act(|_, context| {
        for client in [1, 2] {
            context.schedule_after(Span::ZERO, Event::Renew(client));
        }
    });
    assert!(simulation.run_until(Instant::from_secs(15)).is_continue());
    simulation
}

fn judge(server: Server, settings: Settings) -> Report {
    let watch = Watch::new([Honest::default()]);
    let simulation = run(Simulation::new(server, settings).with_recorder(watch));
    simulation.recorder().reports(simulation.names()).remove(0)
}

fn main() {
    for is_fixed in [false, true] {
        let server = || Server { is_fixed, ..Server::default() };
        let reports = (0..1000).map(|seed| (seed, judge(server(), Settings::new(seed))));
        let objections: Vec<_> = reports.filter(|(_, report)| report.verdict != Verdict::Holds).collect();
        println!("fixed: {is_fixed}; the monitor objects to {} of 1000 seeds", objections.len());
        if let Some((seed, report)) = objections.first() {
            println!("seed {seed}: {report}\n");
            println!("{}", run(Simulation::traced(server(), *seed)).recorder().trace());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiebreak::explore::Outcome;
    use tiebreak::{Check, Order, Run, check, outcome};

    fn verdicts(server: impl Fn() -> Server, order: Order) -> Vec<Verdict> {
        (0..200).map(|seed| judge(server(), Settings::new(seed).with_order(order)).verdict).collect()
    }

    fn fixed() -> Server {
        Server { is_fixed: true, ..Server::default() }
    }

    fn search(server: fn() -> Server) -> Check<impl Fn(&mut Run<'_, '_>) -> Outcome> {
        check(move |orders| outcome(&run(orders.simulation(server(), [Honest::default()])), None))
    }

    #[test]
    fn no_order_makes_the_fixed_server_dishonest() {
        search(fixed).sometimes(RENEWED).assert();
    }

    #[test]
    fn what_was_to_happen_sometimes_and_never_did_fails() {
        let report = search(fixed).sometimes(RENEWED).sometimes(Term::new("Crashed")).search();
        let report = report.expect_err("no server crashes").to_string();
        let said = "never reached: no run has a record of kind `Crashed`\nbest partial progress: 1 of 2 in one run\n";
        assert!(report.starts_with(said), "{report}");
    }

    #[test]
    fn the_report_on_the_naive_server_is_the_one_in_the_documentation() {
        let report = search(Server::default).search().expect_err("two bugs").to_string();
        let page = include_str!("../../../docs/EXPLORE.md");
        let shown = page.split_once("<!-- lease server -->\n```text\n").expect("it is shown").1;
        let shown = shown.split_once("```").expect("it ends").0;
        assert!(report.starts_with(shown), "docs/EXPLORE.md shows\n{shown}\nbut it is\n{report}");
        assert_eq!(report.matches("found: ").count(), 2, "{report}");
    }

    #[test]
    fn both_bugs_show_in_some_seeds_of_the_naive_server_and_in_none_of_the_fixed_one() {
        let naive = verdicts(Server::default, Order::Seeded);
        assert!(naive.contains(&Verdict::Holds));
        assert!(naive.iter().any(|verdict| matches!(verdict, Verdict::Fails(_))));
        assert!(naive.iter().any(|verdict| matches!(verdict, Verdict::Waits(_))));
        assert!(verdicts(fixed, Order::Seeded).iter().all(|verdict| *verdict == Verdict::Holds));
    }

    #[test]
    fn in_the_order_of_scheduling_no_bug_shows() {
        assert!(verdicts(Server::default, Order::Fifo).iter().all(|verdict| *verdict == Verdict::Holds));
    }
}
