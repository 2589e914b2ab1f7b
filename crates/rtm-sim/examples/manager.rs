//! The routing table manager as a world: a route's time to live runs out at the instant at which a better route arrives.
//!
//! Run with `cargo run -p tiebreak-rtm-sim --example manager`. It prints what happens at that instant, once for each story that
//! the observer hears in a hundred seeds.
//!
//! A client is a [`Behaviour`]: it is woken, it is called back, and it acts through its [`Desk`]. `rip` answers
//! `ERROR_NOT_SUPPORTED` when its route runs out, so that the manager deletes it. `ospf` adds its route right then. If the
//! expiry comes first, `fib` is told that there is no route, and then of the new one; otherwise of the new one alone. In the end
//! the table is the same, and the monitors hold in every order.
//!
//! `scenarios/quickstart/expiry-meets-change.ron` is the same as a scenario. Read next: `scenarios/churn`, whose clients refresh,
//! poison, hold down and redistribute; and docs/RULES.md for what the manager does.
#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use tiebreak::{
    Digest, Header, Instant, Names, Projection, Settings, Simulation, Span, Tracer, Verdict, Watch,
    first_seeds, terms, write_text,
};
use tiebreak_rtm::{
    AddressFamily, Call, CallbackFrame, EntityId, EntityInfo, Event, EventCallback, HandleArgument, INFINITE,
    NotifyFlags, Profile, RouteChangeFlags, RouteSpec, Status, TableId, ViewSet, protocol,
};
use tiebreak_rtm_sim::vocabulary::kind;
use tiebreak_rtm_sim::{
    Answer, Behaviour, Delay, Desk, MODEL, Observer, RoutingMonitors, RoutingWorld, Subject,
};

terms! { REGISTER = "register", ADD = "add-route" }

const TABLE: TableId = TableId { instance: 0, family: AddressFamily::Ipv4 };
const START: Span = Span::from_secs(1);
const LIFE: Span = Span::from_secs(30);
/// When the route of `rip` has lived its time.
const END: Instant = Instant::from_secs(31);

/// A protocol with one route.
#[derive(Clone)]
struct Owner {
    protocol: u32,
    /// How long after it has registered it adds its route.
    adds_after: Span,
    time_to_live_ms: u32,
}

/// What its wakes are about.
const TO_REGISTER: u64 = 0;
const TO_ADD: u64 = 1;

impl Owner {
    fn add(&self, desk: &mut Desk<'_>) {
        let prefix = "10.0.0.0/8".parse().unwrap_or_else(|error| unreachable!("it is a prefix: {error}"));
        desk.call(Call::AddRouteToDest {
            route: HandleArgument::Absent,
            dest: prefix,
            spec: RouteSpec { metric: 3, views: ViewSet::UCAST, ..RouteSpec::default() },
            time_to_live_ms: self.time_to_live_ms,
            list: None,
            change_flags: RouteChangeFlags::NONE,
        });
    }
}

impl Behaviour for Owner {
    fn start(&mut self, desk: &mut Desk<'_>) {
        desk.step_after(START, (REGISTER, Subject::None), TO_REGISTER);
    }

    fn wake(&mut self, token: u64, desk: &mut Desk<'_>) {
        match token {
            TO_REGISTER => {
                let id = EntityId { protocol: self.protocol, protocol_instance: 1 };
                desk.register(TABLE, id, EventCallback::Given);
                desk.step_after(self.adds_after, (ADD, Subject::None), TO_ADD);
            }
            TO_ADD => self.add(desk),
            other => unreachable!("nothing wakes it for {other}"),
        }
    }

    fn called(&mut self, frame: &CallbackFrame, _desk: &mut Desk<'_>) -> Answer {
        match frame.event {
            Event::RouteExpired { .. } => Answer::Return(Status::NotSupported),
            Event::EntityRegistered { .. }
            | Event::EntityDeregistered { .. }
            | Event::ChangeNotification { .. } => Answer::Return(Status::NoError),
        }
    }
}

/// A world has one type of clients: an enum of those that take part.
#[derive(Clone)]
enum Client {
    Owner(Owner),
    Observer(Box<Observer>),
}

impl Behaviour for Client {
    fn start(&mut self, desk: &mut Desk<'_>) {
        match self {
            Self::Owner(owner) => owner.start(desk),
            Self::Observer(observer) => observer.start(desk),
        }
    }

    fn wake(&mut self, token: u64, desk: &mut Desk<'_>) {
        match self {
            Self::Owner(owner) => owner.wake(token, desk),
            Self::Observer(observer) => observer.wake(token, desk),
        }
    }

    fn called(&mut self, frame: &CallbackFrame, desk: &mut Desk<'_>) -> Answer {
        match self {
            Self::Owner(owner) => owner.called(frame, desk),
            Self::Observer(observer) => observer.called(frame, desk),
        }
    }
}

fn world(names: &mut Names) -> RoutingWorld<Client> {
    let mut world = RoutingWorld::new(Profile::default());
    let fib = EntityInfo { table: TABLE, id: EntityId { protocol: protocol::LOCAL, protocol_instance: 1 } };
    let fib = Observer::new(fib, Instant::START, ViewSet::UCAST, NotifyFlags::BEST);
    world.add(names.intern("fib"), Delay::None, Client::Observer(Box::new(fib)));
    let rip = Owner { protocol: protocol::RIP, adds_after: Span::ZERO, time_to_live_ms: 30_000 };
    world.add(names.intern("rip"), Delay::None, Client::Owner(rip));
    let ospf = Owner { protocol: protocol::OSPF, adds_after: LIFE, time_to_live_ms: INFINITE };
    world.add(names.intern("ospf"), Delay::None, Client::Owner(ospf));
    world
}

type Run = Simulation<RoutingWorld<Client>, (Tracer, Watch<RoutingMonitors>)>;

fn run(seed: u64) -> Run {
    let mut names = Names::default();
    let world = world(&mut names);
    let settings = Settings::new(seed).with_horizon(END);
    let tracer = Tracer::new(Header::new(MODEL, Digest::of(b"the example"), &settings));
    let recorder = (tracer, Watch::new(RoutingMonitors::default()));
    let mut simulation = Simulation::new(world, settings).with_names(names).with_recorder(recorder);
    simulation.act(RoutingWorld::begin);
    simulation.run();
    simulation
}

/// What the observer has taken for the best route, one after the other.
fn story(run: &Run) -> Digest {
    let fingerprint = run.recorder().0.trace().fingerprint();
    fingerprint.kind(kind::MIRROR.text()).map(|layer| layer.digest).unwrap_or_default()
}

/// The monitors that object to a run.
fn objections(run: &Run) -> Vec<&'static str> {
    let reports = run.recorder().1.reports(run.names());
    reports.iter().filter(|report| report.verdict != Verdict::Holds).map(|report| report.monitor).collect()
}

fn main() {
    for seed in first_seeds(0..100, |seed| story(&run(seed))) {
        let run = run(seed);
        let mut text = String::new();
        let instant = Projection::Window { from: END, to: END };
        if write_text(run.recorder().0.trace(), &instant, &mut text).is_ok() {
            println!("seed {seed}; monitors that object: {:?}\n{text}", objections(&run));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_observer_hears_two_stories_of_one_table() {
        let seeds = first_seeds(0..100, |seed| story(&run(seed)));
        assert_eq!(seeds.len(), 2);
        let tables = seeds.iter().map(|seed| {
            let run = run(*seed);
            run.world().table(run.names())
        });
        let [one, other] = [tables.clone().next(), tables.clone().nth(1)];
        assert_eq!(one, other, "the table does not depend on the order");
        assert!(one.is_some_and(|table| table.iter().map(|row| row.owner.as_str()).eq(["ospf"])));
    }

    #[test]
    fn no_monitor_objects_in_any_order() {
        assert!((0..100).all(|seed| objections(&run(seed)).is_empty()));
    }
}
