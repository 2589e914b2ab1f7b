//! Fan-out: one change of a best route, K registrations told, each of which fetches it.

use core::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tiebreak::{Names, Recorder, RunFingerprinter, Settings, Silent, Simulation, Span, terms};
use tiebreak_benches::{announce, steps};
use tiebreak_rtm::{
    AddressFamily, Call, CallbackFrame, EntityId, Event, EventCallback, HandleArgument, INFINITE,
    NotifyFlags, Outcome, OwnChanges, Profile, Reply, RouteChangeFlags, RouteSpec, Status, TableId, ViewSet,
    protocol,
};
use tiebreak_rtm_sim::{Answer, Behaviour, Delay, Desk, RoutingWorld, Subject};

const TABLE: TableId = TableId { instance: 0, family: AddressFamily::Ipv4 };
/// Registrations of one client.
const SHARE: u32 = 16;

terms! {
    CHANGE = "change",
    REGISTER = "register",
}

/// A client of this bench.
#[derive(Debug, Clone)]
enum Client {
    /// Changes one route every second.
    Changer { metric: u32 },
    /// Is told of it by each of its registrations, and fetches it.
    Listener { number: u32, registrations: u32 },
}

impl Behaviour for Client {
    fn start(&mut self, desk: &mut Desk<'_>) {
        match self {
            Self::Changer { .. } => desk.timer_after(Span::from_secs(1), (CHANGE, Subject::None), 0),
            Self::Listener { .. } => desk.timer_after(Span::ZERO, (REGISTER, Subject::None), 0),
        };
    }

    fn wake(&mut self, _token: u64, desk: &mut Desk<'_>) {
        match self {
            Self::Changer { metric } => change(metric, desk),
            Self::Listener { number, registrations } => listen(*number, *registrations, desk),
        }
    }

    fn called(&mut self, frame: &CallbackFrame, desk: &mut Desk<'_>) -> Answer {
        if let Event::ChangeNotification { notify, .. } = frame.event {
            while let Outcome::Done(Reply::GetChangedDests { infos }) =
                desk.ask(Call::GetChangedDests { notify, count: 16 })
            {
                desk.ask(Call::ReleaseChangedDests { notify, infos });
            }
        }
        Answer::Return(Status::NoError)
    }
}

fn change(metric: &mut u32, desk: &mut Desk<'_>) {
    if desk.entity().is_none() {
        let id = EntityId { protocol: protocol::RIP, protocol_instance: 0 };
        desk.register(TABLE, id, EventCallback::Absent);
    }
    *metric = 3 - *metric;
    let Ok(prefix) = "10.0.0.0/8".parse() else { unreachable!("a prefix") };
    desk.call(Call::AddRouteToDest {
        route: HandleArgument::Absent,
        dest: prefix,
        spec: RouteSpec { metric: *metric, views: ViewSet::UCAST, ..RouteSpec::default() },
        time_to_live_ms: INFINITE,
        list: None,
        change_flags: RouteChangeFlags::NONE,
    });
    desk.timer_after(Span::from_secs(1), (CHANGE, Subject::None), 0);
}

fn listen(number: u32, registrations: u32, desk: &mut Desk<'_>) {
    let id = EntityId { protocol: protocol::OSPF, protocol_instance: number };
    desk.register(TABLE, id, EventCallback::Given);
    for registration in 1..=registrations {
        let name = desk.intern(&format!("best{registration}"));
        let call = Call::RegisterForChangeNotification {
            views: ViewSet::UCAST,
            flags: NotifyFlags::BEST,
            context: 0,
            own_changes: OwnChanges::Included,
        };
        let registered = desk.register_for_changes(name, call);
        assert!(registered.is_ok(), "the profile allows that many");
    }
}

/// A world with one changer and that many registrations, run until everybody has registered and heard of that.
fn simulation<R: Recorder<Subject>>(registrations: u32, recorder: R) -> Simulation<RoutingWorld<Client>, R> {
    let (full, rest) = (registrations / SHARE, registrations % SHARE);
    let shares = (0..full).map(|_| SHARE).chain((rest > 0).then_some(rest));
    let mut names = Names::default();
    let mut world = RoutingWorld::new(Profile { max_notify: u32::MAX, ..Profile::default() });
    for (number, registrations) in (1..).zip(shares) {
        let name = names.intern(&format!("listener{number}"));
        world.add(name, Delay::None, Client::Listener { number, registrations });
    }
    world.add(names.intern("changer"), Delay::None, Client::Changer { metric: 1 });
    let mut simulation =
        Simulation::new(world, Settings::default()).with_names(names).with_recorder(recorder);
    simulation.act(RoutingWorld::begin);
    let started = simulation.run_instant();
    assert!(started.is_continue(), "everybody registers at the start");
    simulation
}

fn fan_out(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fan-out");
    group.sample_size(20);
    for registrations in [1, 16, 256, 4096] {
        let mut recorded = simulation(registrations, RunFingerprinter::default());
        steps(&mut recorded, u64::from(registrations) + 1);
        announce(&format!("fan-out/{registrations}"), recorded.recorder().run());
        let mut silent = simulation(registrations, Silent);
        group.throughput(Throughput::Elements(u64::from(registrations)));
        group.bench_function(BenchmarkId::from_parameter(registrations), |bencher| {
            bencher.iter(|| {
                // The change and one delivery for each registration.
                steps(&mut silent, u64::from(registrations) + 1);
                black_box(silent.now())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, fan_out);
criterion_main!(benches);
