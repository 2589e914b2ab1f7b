//! Machines that are polled, and machines of inputs and outputs.

use core::time::Duration;

use tiebreak::{
    End, Failure, Instant, Limit, Monitor, Names, Record, Settings, Simulation, Span, Verdict, prove, terms,
};
use tiebreak_net::{
    About, Epoch, Input, Link, Network, Node, NodeId, Output, Poll, Polled, Port, Step, Stepped,
};

terms! { STALE = "stale", DONE = "done" }

const fn ms(count: u64) -> Span {
    Span::from_millis(count)
}

/// A machine that wants to be polled at the instants that it is told, and notes when it is.
#[derive(Debug, Default)]
struct Sleeper {
    wakes: Vec<Instant>,
    polled: Vec<u64>,
}

impl Poll for Sleeper {
    type Message = ();
    type Command = Vec<u64>;

    fn start(&mut self, _port: &mut Port<'_, Polled<Self>>) {}

    fn receive(&mut self, _from: NodeId, (): (), _port: &mut Port<'_, Polled<Self>>) {}

    fn command(&mut self, wakes: Vec<u64>, _port: &mut Port<'_, Polled<Self>>) {
        self.wakes = wakes.into_iter().map(Instant::from_millis).collect();
    }

    fn poll(&mut self, port: &mut Port<'_, Polled<Self>>) {
        self.wakes.retain(|wake| *wake > port.now());
        self.polled.push(port.now().as_nanos() / 1_000_000);
    }

    fn poll_at(&mut self, _now: Instant) -> Option<Instant> {
        self.wakes.iter().min().copied()
    }
}

fn sleeper(commands: &[(u64, &[u64])]) -> Simulation<Network<Polled<Sleeper>>> {
    let mut network = Network::new(Link::new(ms(1)));
    let node = network.add("sleeper", Polled::default());
    for (at, wakes) in commands {
        network.command(Instant::from_millis(*at), node, wakes.to_vec());
    }
    let mut simulation = Simulation::new(network, Settings::new(1));
    simulation.act(Network::begin);
    simulation
}

/// The node that was added first.
fn first<N: Node>(network: &Network<N>) -> NodeId {
    network.ids().next().expect("there is one")
}

fn polled(commands: &[(u64, &[u64])]) -> Vec<u64> {
    let mut simulation = sleeper(commands);
    assert_eq!(simulation.run(), End::Quiescent);
    let network = simulation.world();
    network.node(first(network)).0.polled.clone()
}

#[test]
fn a_machine_is_polled_after_whatever_happens_to_it_and_when_it_wants_to_be() {
    assert_eq!(polled(&[(10, &[20, 30])]), [0, 10, 20, 30]);
}

#[test]
fn its_one_timer_moves_when_it_wants_to_be_polled_at_another_time() {
    assert_eq!(
        polled(&[(10, &[50]), (20, &[30]), (25, &[])]),
        [0, 10, 20, 25],
        "nothing is left to wait for"
    );
    assert_eq!(polled(&[(10, &[50]), (20, &[40])]), [0, 10, 20, 40]);
    assert_eq!(polled(&[(10, &[50]), (20, &[60])]), [0, 10, 20, 60]);
}

#[test]
fn a_machine_that_always_wants_to_be_polled_now_ends_the_run() {
    /// As it says.
    struct Restless;

    impl Poll for Restless {
        type Message = ();
        type Command = ();
        fn start(&mut self, _port: &mut Port<'_, Polled<Self>>) {}
        fn receive(&mut self, _from: NodeId, (): (), _port: &mut Port<'_, Polled<Self>>) {}
        fn command(&mut self, (): (), _port: &mut Port<'_, Polled<Self>>) {}
        fn poll(&mut self, _port: &mut Port<'_, Polled<Self>>) {}
        fn poll_at(&mut self, now: Instant) -> Option<Instant> {
            Some(now)
        }
    }

    let mut network = Network::new(Link::new(ms(1)));
    network.add("restless", Polled(Restless));
    let mut simulation = Simulation::new(network, Settings::new(1));
    simulation.act(Network::begin);
    let End::Limit(exceeded) = simulation.run() else { panic!("it goes on for ever") };
    assert_eq!(exceeded.limit, Limit::EventsAtInstant);
    assert!(exceeded.to_string().contains("restless/poll"), "{exceeded}");
}

/// A machine that asks until it is answered, and gives up in the end. What it is asked it answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Asker {
    asked: u32,
    state: State,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
enum State {
    #[default]
    Idle,
    Asks,
    Answered,
    GaveUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Message {
    Ask,
    Answer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Timer {
    Again(NodeId),
    GiveUp,
}

impl Step for Asker {
    type Message = Message;
    type Timer = Timer;
    type Command = NodeId;

    fn step(
        &mut self,
        input: Input<Message, Timer, NodeId>,
        _now: Instant,
        outputs: &mut Vec<Output<Message, Timer>>,
    ) {
        match input {
            Input::Start => {}
            Input::Told(whom) => {
                self.state = State::Asks;
                outputs.push(Output::Arm { timer: Timer::GiveUp, after: ms(100) });
                self.ask(whom, outputs);
            }
            Input::Expired(Timer::Again(whom)) => self.ask(whom, outputs),
            Input::Expired(Timer::GiveUp) => self.state = State::GaveUp,
            Input::Received { from, message: Message::Ask } => {
                outputs.push(Output::Send { to: from, message: Message::Answer });
            }
            Input::Received { from, message: Message::Answer } => {
                // The bug: who has given up is answered all the same.
                let stale = self.state == State::GaveUp;
                self.state = State::Answered;
                outputs.push(Output::Note(if stale { STALE } else { DONE }, About::Nothing));
                outputs.push(Output::Disarm(Timer::Again(from)));
                outputs.push(Output::Disarm(Timer::GiveUp));
            }
        }
    }
}

impl Asker {
    fn ask(&mut self, whom: NodeId, outputs: &mut Vec<Output<Message, Timer>>) {
        self.asked += 1;
        outputs.push(Output::Send { to: whom, message: Message::Ask });
        outputs.push(Output::Arm { timer: Timer::Again(whom), after: ms(40) });
    }
}

fn asking(link: Link) -> Network<Stepped<Asker>> {
    let mut network = Network::new(link);
    let [a, b] = ["a", "b"].map(|name| network.add(name, Stepped::default()));
    network.command(Instant::from_millis(10), a, b);
    network
}

#[test]
fn what_a_machine_puts_out_is_done_in_order() {
    let mut simulation = Simulation::new(asking(Link::new(ms(30))), Settings::new(1));
    simulation.act(Network::begin);
    assert_eq!(simulation.run(), End::Quiescent);
    assert_eq!(simulation.now(), Instant::from_millis(110), "the second answer; no timer is left");
    let network = simulation.world();
    let a = first(network);
    assert_eq!(network.node(a).0, Asker { asked: 2, state: State::Answered });
}

/// Nobody is answered who has given up.
#[derive(Debug, Clone, Default, Hash)]
struct NoStaleAnswer(Option<Failure>);

impl Monitor<About> for NoStaleAnswer {
    fn name(&self) -> &'static str {
        "no-stale-answer"
    }

    fn observe(&mut self, _names: &Names, record: &Record<'_, About>) {
        if record.name.kind == STALE {
            self.0.get_or_insert(Failure::at(record, "an answer comes after all was given up".into()));
        }
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        self.0.clone().map_or(Verdict::Holds, Verdict::Fails)
    }
}

#[test]
fn all_orders_of_a_network_can_be_gone_through() {
    let proof = |latency| {
        prove(move |begin| {
            let mut simulation = begin.simulation(asking(Link::new(latency)), [NoStaleAnswer::default()]);
            simulation.act(Network::begin);
            simulation
        })
        .search()
    };
    assert!(proof(ms(49)).is_ok());
    let report = proof(ms(50)).expect_err("the answer comes when all is given up").to_string();
    assert!(report.contains("* timer#3  < a/command#1"), "{report}");
}

#[test]
fn time_of_the_standard_library_goes_there_and_back() {
    let epoch = Epoch::new();
    for nanos in [0, 1, 999, 1_000_000_007, u64::MAX >> 2] {
        let instant = Instant::from_nanos(nanos);
        assert_eq!(epoch.from_std(epoch.to_std(instant)), instant);
    }
    let hour = Duration::from_secs(3600);
    let begin = epoch.to_std(Instant::START);
    assert_eq!(
        epoch.from_std(begin.checked_sub(hour).unwrap()),
        Instant::START,
        "nothing is before the start"
    );
    assert_eq!(epoch.to_std(Instant::from_secs(3600)) - begin, hour);
    assert!(begin.checked_sub(24 * hour).is_some(), "a machine may look back");
}
