//! Clients and a small broker, each made of the crate's `Connection`, on lines that can be cut.

use mqtt_protocol_core::mqtt::connection::TimerKind;
use tiebreak::net::{Label, Link, Network, Node, NodeId, Port};
use tiebreak::{Instant, Span, Term, terms};

pub use crate::broker::Broker;
pub use crate::client::Client;
pub use crate::desk::Reply;
use crate::setup::{LATENCY, Lines, Setup};

terms! {
    OPEN = "open", BYTES = "bytes", CLOSE = "close",
    ACT = "act", DIAL = "dial", PATIENCE = "patience", FLUSH = "flush", TOLD = "closed", ADMIT = "admit", REPORT = "report",
    PINGREQ_SEND = "pingreq-send", PINGREQ_RECV = "pingreq-recv", PINGRESP_RECV = "pingresp-recv",
    PUBACK = "puback", PUBREC = "pubrec", PUBREL = "pubrel", PUBCOMP = "pubcomp",
    /// A side knows that a session is over. What was in flight may be lost.
    pub FORGOTTEN = "forgotten",
    /// A line is no longer what it was: time-outs are no surprise.
    pub CUT = "cut",
    /// At the end something is not as it should be.
    pub UNSETTLED = "unsettled",
}

/// When the clients stop doing things.
pub(crate) const CALM: Instant = Instant::from_secs(5);
/// When everything has to have come to rest.
const REST: Instant = Instant::from_secs(20);
/// Until when a run goes.
pub const END: Instant = Instant::from_secs(21);

/// What travels: a line that is opened, bytes on it, and its end.
#[derive(Debug, Clone)]
pub struct Letter {
    pub(crate) number: u64,
    pub(crate) what: What,
}

/// What happens on a line.
#[derive(Debug, Clone)]
pub(crate) enum What {
    Open,
    Bytes(Vec<u8>),
    Close,
}

/// The timers of a station; the number is that of the client that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tick {
    /// The client does something.
    Act,
    /// The client opens a line.
    Dial,
    /// The client has waited long enough for CONNACK.
    Patience,
    /// The second segment of a packet goes out.
    Flush(u64),
    /// The machine is told that its line is closed.
    Closed(u64),
    /// The broker has made up its mind about a CONNECT.
    Admit(u64),
    /// A timer of the machine.
    Keep(u64, TimerKind),
    /// The application answers a packet with this id.
    Reply(u64, Reply, u16),
}

/// A node of the network.
#[expect(clippy::large_enum_variant, reason = "there are three of them")]
pub enum Station {
    /// A client.
    Client(Client),
    /// A broker.
    Broker(Broker),
}

impl Node for Station {
    type Message = Letter;
    type Timer = Tick;
    /// There is one: to say whether everything has come to rest.
    type Command = ();

    fn start(&mut self, port: &mut Port<'_, Self>) {
        match self {
            Self::Client(client) => client.start(port),
            Self::Broker(broker) => broker.start(port),
        }
    }

    fn receive(&mut self, from: NodeId, letter: Letter, port: &mut Port<'_, Self>) {
        match self {
            Self::Client(client) => client.receive(letter, port),
            Self::Broker(broker) => broker.receive(from, letter, port),
        }
    }

    fn expire(&mut self, tick: Tick, port: &mut Port<'_, Self>) {
        match self {
            Self::Client(client) => client.expire(tick, port),
            Self::Broker(broker) => broker.expire(tick, port),
        }
    }

    fn command(&mut self, (): (), port: &mut Port<'_, Self>) {
        match self {
            Self::Client(client) => client.report(port),
            Self::Broker(broker) => broker.report(port),
        }
    }

    fn name_of_message(letter: &Letter) -> Label {
        Label::new(match letter.what {
            What::Open => OPEN,
            What::Bytes(_) => BYTES,
            What::Close => CLOSE,
        })
    }

    fn name_of_timer(tick: &Tick) -> Label {
        let keep = |kind: TimerKind| match kind {
            TimerKind::PingreqSend => PINGREQ_SEND,
            TimerKind::PingreqRecv => PINGREQ_RECV,
            TimerKind::PingrespRecv => PINGRESP_RECV,
        };
        match *tick {
            Tick::Act => Label::new(ACT),
            Tick::Dial => Label::new(DIAL),
            Tick::Patience => Label::new(PATIENCE),
            Tick::Flush(tag) => Label::new(FLUSH).number(tag),
            Tick::Closed(tag) => Label::new(TOLD).number(tag),
            Tick::Admit(tag) => Label::new(ADMIT).number(tag),
            Tick::Keep(tag, kind) => Label::new(keep(kind)).number(tag),
            // The number says both, for an application works on several packets at once.
            Tick::Reply(tag, reply, id) => {
                Label::new(name_of_reply(reply)).number(tag * 100_000 + u64::from(id))
            }
        }
    }

    fn name_of_command((): &()) -> Label {
        Label::new(REPORT)
    }
}

const fn name_of_reply(reply: Reply) -> Term {
    match reply {
        Reply::Acknowledge => PUBACK,
        Reply::Receive => PUBREC,
        Reply::Release => PUBREL,
        Reply::Complete => PUBCOMP,
    }
}

/// A group: a broker, and two clients that publish to each other.
fn add_group(network: &mut Network<Station>, setup: Setup, names: [&'static str; 3]) {
    let [hub, clients @ ..] = names;
    network.add(hub, Station::Broker(Broker::new(setup, clients)));
    let mut ids = Vec::new();
    for (tag, name) in (0..).zip(clients) {
        ids.push(network.add(name, Station::Client(Client::new(setup, tag, hub))));
    }
    if setup.lines == Lines::Cut {
        network.crash(Instant::from_secs(3), ids[1], Span::from_millis(1_500));
    }
}

/// One group of three.
pub fn network(setup: Setup) -> Network<Station> {
    groups(setup, &[["hub", "ann", "bob"]])
}

/// The same, and another group beside it that has nothing to do with it.
pub fn network_with_others(setup: Setup) -> Network<Station> {
    groups(setup, &[["hub", "ann", "bob"], ["tub", "cat", "dan"]])
}

fn groups(setup: Setup, groups: &[[&'static str; 3]]) -> Network<Station> {
    let mut network = Network::new(Link::new(LATENCY).in_order());
    for names in groups {
        add_group(&mut network, setup, *names);
    }
    for node in network.ids() {
        network.command(REST, node, ());
    }
    network
}
