//! A host: an endpoint of the machine with its associations, driven as its documentation says.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use sctp_proto::{
    AssociationHandle, ClientConfig, DatagramEvent, Endpoint, EndpointConfig, Payload, ServerConfig,
    Transmit, TransportConfig,
};
use tiebreak::net::{About, Epoch, Label, Node, NodeId, Port};
use tiebreak::{Fact, Span};
use tiebreak_outside_shown::timed;

use crate::talk::{Kind, Talk};
use crate::words::{
    ACT, AUDIT, BUFFERED, BYTES, CONNECT, DUE, READ, SEED, SHUT_DOWN, STANDS, STATE, TOO_LONG, WAITS,
};
use crate::{ambient, wire};

/// A packet on the network.
#[derive(Debug, Clone)]
pub struct Packet(Bytes);

/// What a host waits for. Associations go by their numbers on the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// An association has something to do.
    Due(usize),
    /// The application gets round to reading a stream of an association.
    Read(usize, u16),
}

/// What a host is told to do.
#[derive(Debug, Clone)]
pub enum Command {
    /// Open an association; with the tokens of both sides if they have been exchanged beforehand, its own first.
    Connect(NodeId, Option<[Bytes; 2]>),
    /// Do something with a stream of the newest association.
    Act,
    /// Shut all associations down in an orderly way.
    ShutDown,
    /// Note how all associations stand.
    Audit,
}

/// How a host is set up.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    /// How the machine is configured.
    pub transport: fn() -> TransportConfig,
    /// Whether its endpoint accepts associations.
    pub accepts: bool,
    /// The longest packet that the network carries.
    pub path: usize,
    /// The longest time between hearing of data and reading it.
    pub pause: Span,
    /// How many small messages the application writes at once, at most.
    pub burst: u64,
    /// Whether the application closes streams.
    pub closes: bool,
    /// What streams the application uses; their numbers go through these kinds.
    pub kinds: &'static [Kind],
}

/// An endpoint of the machine, and its associations.
pub struct Host {
    setup: Setup,
    epoch: Epoch,
    endpoint: Endpoint,
    /// Where the machine's randomness is.
    seed: u64,
    pub(crate) talks: BTreeMap<usize, Talk>,
}

pub(crate) type Place<'a> = Port<'a, Host>;

impl Host {
    /// A host that has not started yet.
    pub fn new(setup: Setup) -> Self {
        ambient::begin(0);
        Self { setup, epoch: Epoch::new(), endpoint: endpoint(&setup), seed: 0, talks: BTreeMap::new() }
    }

    fn clock(&self, port: &Place<'_>) -> std::time::Instant {
        self.epoch.to_std(port.now())
    }

    /// Lets the machine draw what follows from this host alone.
    fn shake(&mut self) {
        self.seed += 1;
        ambient::begin(self.seed);
    }

    fn connect(&mut self, peer: NodeId, tokens: Option<[Bytes; 2]>, port: &mut Place<'_>) {
        self.shake();
        let is_known = tokens.is_some();
        let mut config = ClientConfig::new();
        config.transport = Arc::new((self.setup.transport)());
        let config = match tokens {
            Some([ours, theirs]) => config.with_snap(ours, theirs),
            None => config,
        };
        let (handle, association) =
            timed(|| self.endpoint.connect(config, address(peer))).expect("a host can open an association");
        let mut talk = Talk::new(association, (handle.0, peer), &self.setup, port.life());
        if !is_known {
            // The machine starts this one timer by the computer's clock, for which it has expired long ago. It expires
            // right away, so that from now on there is only virtual time; the INIT that it repeats for that is not sent.
            let now = self.clock(port);
            talk.association.handle_timeout(now);
            let packets = talk.association.poll_transmit(now).map(packets).unwrap_or_default();
            packets.into_iter().take(1).for_each(|packet| port.send(peer, packet));
        }
        self.talks.insert(handle.0, talk);
        self.drive(handle.0, port);
    }

    /// Passes on what an association has to say until it has said all of it, and asks when it has to be called next.
    fn drive(&mut self, number: usize, port: &mut Place<'_>) {
        let now = self.clock(port);
        let Some(talk) = self.talks.get_mut(&number) else { return };
        loop {
            let mut was_quiet = true;
            while let Some(event) = timed(|| talk.association.poll_endpoint_event()) {
                was_quiet = false;
                let back = timed(|| self.endpoint.handle_event(AssociationHandle(number), event));
                if let Some(event) = back {
                    talk.association.handle_event(event);
                }
            }
            was_quiet &= !talk.listen(port);
            while let Some(transmit) = timed(|| talk.association.poll_transmit(now)) {
                was_quiet = false;
                for packet in packets(transmit) {
                    if packet.0.len() > self.setup.path {
                        let length = packet.0.len() as u64;
                        port.note(TOO_LONG, port.symbol(talk.peer), &[Fact::number(BYTES, length)]);
                    } else {
                        port.send(talk.peer, packet);
                    }
                }
            }
            if was_quiet {
                break;
            }
        }
        match timed(|| talk.association.poll_timeout()) {
            Some(at) => port.arm(self.epoch.from_std(at), Timer::Due(number)),
            None => _ = port.disarm(&Timer::Due(number)),
        }
    }

    /// Does something to an association, and what follows from it.
    fn with(&mut self, number: usize, port: &mut Place<'_>, act: impl FnOnce(&mut Talk, &mut Place<'_>)) {
        if let Some(talk) = self.talks.get_mut(&number) {
            act(talk, port);
            self.drive(number, port);
        }
    }

    fn audit(&mut self, port: &mut Place<'_>) {
        for (number, talk) in &mut self.talks {
            let facts = [
                Fact::word(STATE, talk.state()),
                Fact::number(BUFFERED, talk.buffered()),
                Fact::truth(WAITS, talk.association.poll_timeout().is_some()),
            ];
            port.note(STANDS, About::Number(*number as u64), &facts);
        }
    }
}

impl Node for Host {
    type Message = Packet;
    type Timer = Timer;
    type Command = Command;

    fn start(&mut self, port: &mut Place<'_>) {
        self.seed = port.draw(SEED, 0..=u64::from(u32::MAX)) << 32;
        self.shake();
        timed(|| {
            self.endpoint = endpoint(&self.setup);
            self.talks.clear();
        });
    }

    fn receive(&mut self, from: NodeId, Packet(bytes): Packet, port: &mut Place<'_>) {
        if wire::kind(&bytes) == wire::INIT {
            self.shake();
        }
        let now = self.clock(port);
        let heard = timed(|| self.endpoint.handle(now, address(from), None, None, bytes));
        let Some((handle, event)) = heard else { return };
        match event {
            DatagramEvent::NewAssociation(association) => {
                let talk = Talk::new(association, (handle.0, from), &self.setup, port.life());
                self.talks.insert(handle.0, talk);
                self.drive(handle.0, port);
            }
            DatagramEvent::AssociationEvent(event) => {
                self.with(handle.0, port, |talk, _| timed(|| talk.association.handle_event(event)));
            }
        }
    }

    fn expire(&mut self, timer: Timer, port: &mut Place<'_>) {
        let now = self.clock(port);
        match timer {
            Timer::Due(number) => {
                self.with(number, port, |talk, _| timed(|| talk.association.handle_timeout(now)));
            }
            Timer::Read(number, stream) => self.with(number, port, |talk, port| talk.read(stream, port)),
        }
    }

    fn command(&mut self, command: Command, port: &mut Place<'_>) {
        let newest = self.talks.keys().next_back().copied();
        match command {
            Command::Connect(peer, tokens) => self.connect(peer, tokens, port),
            Command::Act => newest.into_iter().for_each(|number| self.with(number, port, Talk::act)),
            Command::ShutDown => {
                for number in self.talks.keys().copied().collect::<Vec<_>>() {
                    self.with(number, port, Talk::shut_down);
                }
            }
            Command::Audit => self.audit(port),
        }
    }

    fn name_of_message(Packet(bytes): &Packet) -> Label {
        Label::new(wire::kind(bytes))
    }

    fn name_of_timer(timer: &Timer) -> Label {
        match timer {
            Timer::Due(number) => Label::new(DUE).number(*number as u64),
            Timer::Read(_, stream) => Label::new(READ).number(u64::from(*stream)),
        }
    }

    fn name_of_command(command: &Command) -> Label {
        Label::new(match command {
            Command::Connect(..) => CONNECT,
            Command::Act => ACT,
            Command::ShutDown => SHUT_DOWN,
            Command::Audit => AUDIT,
        })
    }
}

fn endpoint(setup: &Setup) -> Endpoint {
    let mut server = ServerConfig::new();
    server.transport = Arc::new((setup.transport)());
    Endpoint::new(Arc::new(EndpointConfig::new()), setup.accepts.then(|| Arc::new(server)))
}

fn address(node: NodeId) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::from_bits(0x0a00_0001 + node.index()), 5000))
}

fn packets(transmit: Transmit) -> Vec<Packet> {
    match transmit.payload {
        Payload::RawEncode(packets) => packets.into_iter().map(Packet).collect(),
        Payload::PartialDecode(_) => Vec::new(),
    }
}
