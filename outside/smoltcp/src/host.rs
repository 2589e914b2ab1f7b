//! A host: an interface of smoltcp, its sockets, and what its application knows of each connection.

use std::mem;

use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::socket::tcp::{self, RecvError, State};
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr, IpEndpoint};
use tiebreak_outside_shown::timed;

use crate::device::{Flags, Packet, Segment, Wire, is_after};
use crate::stream::{Incoming, Outgoing};

/// How a host is configured.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub seed: u64,
    pub buffer: usize,
    pub mtu: usize,
    pub nagle: bool,
    pub ack_delay: Option<u64>,
    pub keep_alive: Option<u64>,
    pub timeout: Option<u64>,
    /// Packets that leave in a millisecond, at most.
    pub room: usize,
    /// Bytes that are read at once, at most.
    pub appetite: usize,
}

/// What a socket is for.
#[derive(Debug, Clone, Copy)]
pub enum Role {
    Listens { port: u16 },
    Connects { port: u16, to: IpEndpoint },
}

/// One socket, and what its application knows.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct End {
    handle: SocketHandle,
    pub role: Role,
    pub state: State,
    pub outgoing: Outgoing,
    pub incoming: Incoming,
    pub is_finished: bool,
    pub holds: bool,
    pub has_aborted: bool,
    /// Whom it talks to, and with which of its ports.
    pair: Option<(IpEndpoint, IpEndpoint)>,
    /// When the last packet came from there.
    pub heard: Instant,
    /// Whether a packet from there is to be taken in, or has just been.
    is_fed: bool,
    /// Whether a reset came.
    was_reset: bool,
    /// Up to where it may send.
    edge: Option<u32>,
}

/// What has become of an end that was open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    Reset { from: State },
    TimedOut { from: State, silent: Duration },
}

/// A host while it lives.
pub struct Host {
    interface: Interface,
    sockets: SocketSet<'static>,
    pub wire: Wire,
    pub ends: Vec<End>,
    pub settings: Settings,
}

const SEND_BUFFER: usize = 4096;

pub const fn address(host: u8) -> IpAddress {
    IpAddress::v4(10, 0, 0, host)
}

impl Host {
    pub fn new(host: u8, settings: Settings, roles: &[Role], now: Instant) -> Self {
        let mut wire = Wire::new(settings.mtu);
        let mut config = Config::new(HardwareAddress::Ip);
        config.random_seed = settings.seed;
        let mut interface = Interface::new(config, &mut wire, now);
        interface.update_ip_addrs(|addresses| {
            addresses.push(IpCidr::new(address(host), 24)).expect("a host has room for one address");
        });
        let mut sockets = SocketSet::new(Vec::new());
        let ends = roles.iter().map(|role| End::new(sockets.add(settings.socket()), *role)).collect();
        Self { interface, sockets, wire, ends, settings }
    }

    pub fn socket(&mut self, end: usize) -> &mut tcp::Socket<'static> {
        self.sockets.get_mut(self.ends[end].handle)
    }

    /// Looks at a packet that has arrived, and hands it to the device.
    pub fn take_in(&mut self, Packet { bytes, segment }: Packet, now: Instant) {
        for end in &mut self.ends {
            let socket = self.sockets.get::<tcp::Socket<'_>>(end.handle);
            end.pair = socket.remote_endpoint().zip(socket.local_endpoint()).or(end.pair);
            if end.pair == Some((segment.from, segment.to)) {
                end.hear(&segment, now);
            }
        }
        self.wire.arrived.push_back(bytes);
    }

    pub fn poll(&mut self, now: Instant) {
        timed(|| self.interface.poll(now, &mut self.wire, &mut self.sockets));
    }

    pub fn poll_at(&mut self, now: Instant) -> Option<Instant> {
        timed(|| self.interface.poll_at(now, &self.sockets))
    }

    /// Opens an end anew: listens, or connects, from the port of its role or one so much higher.
    pub fn open(&mut self, end: usize, (key, offset): (u32, u16), now: Instant) {
        let Self { interface, sockets, ends, .. } = self;
        let end = &mut ends[end];
        let socket = sockets.get_mut::<tcp::Socket<'_>>(end.handle);
        timed(|| match end.role {
            Role::Listens { port } => socket.listen(port).expect("a closed socket can listen"),
            Role::Connects { port, to } => {
                socket.connect(interface.context(), to, port + offset).expect("a closed socket can connect");
            }
        });
        *end = End { heard: now, state: socket.state(), ..End::new(end.handle, end.role) };
        end.outgoing.key = key;
    }

    /// Writes the next bytes of the stream; returns how many there was room for.
    pub fn write(&mut self, end: usize, length: u64) -> Option<usize> {
        let bytes = self.ends[end].outgoing.next(length);
        let written = timed(|| self.socket(end).send_slice(&bytes)).ok()?;
        self.ends[end].outgoing.sent(written);
        Some(written)
    }

    /// Reads what there is, up to the appetite; returns whether something is left.
    pub fn read(&mut self, end: usize) -> bool {
        let mut bytes = [0; 512];
        let mut appetite = self.settings.appetite;
        while appetite > 0 {
            let room = appetite.min(bytes.len());
            match timed(|| self.socket(end).recv_slice(&mut bytes[..room])) {
                Ok(0) => return false,
                Ok(length) => {
                    self.ends[end].incoming.take(&bytes[..length]);
                    appetite -= length;
                }
                Err(error) => {
                    self.ends[end].is_finished |= error == RecvError::Finished;
                    return false;
                }
            }
        }
        self.socket(end).can_recv()
    }

    /// Notices what has become of an end since it was last looked at.
    pub fn look(&mut self, end: usize, now: Instant) -> Option<Loss> {
        let state = self.socket(end).state();
        let is_waiting = !self.wire.arrived.is_empty();
        let end = &mut self.ends[end];
        let from = mem::replace(&mut end.state, state);
        let was_fed = mem::replace(&mut end.is_fed, is_waiting);
        let was_open = !matches!(from, State::Closed | State::Listen | State::TimeWait);
        if state != State::Closed || !was_open || end.has_aborted {
            return None;
        }
        match from {
            State::LastAck if was_fed => None,
            _ if end.was_reset => Some(Loss::Reset { from }),
            _ if was_fed => None,
            _ => Some(Loss::TimedOut { from, silent: now - end.heard }),
        }
    }

    /// Notices how an end stands, after all is done; that it has been closed is left for [`look`](Self::look).
    pub fn settle(&mut self, end: usize) {
        let state = self.socket(end).state();
        if state != State::Closed {
            self.ends[end].state = state;
        }
    }

    /// How far a packet that leaves goes beyond what the receiver has allowed; one byte is allowed always, as a probe.
    pub fn beyond(&self, segment: &Segment) -> Option<u32> {
        if segment.length < 2 {
            return None;
        }
        let end = self.ends.iter().find(|end| end.pair == Some((segment.to, segment.from)))?;
        let last = segment.sequence.wrapping_add(segment.length);
        let edge = end.edge.filter(|edge| is_after(last, *edge))?;
        // Farther away is what another connection of the same ports has allowed.
        Some(last.wrapping_sub(edge)).filter(|over| *over < 1 << 16)
    }
}

impl End {
    fn new(handle: SocketHandle, role: Role) -> Self {
        Self {
            handle,
            role,
            state: State::Closed,
            outgoing: Outgoing { key: 0, total: 0 },
            incoming: Incoming::default(),
            is_finished: false,
            holds: false,
            has_aborted: false,
            pair: None,
            heard: Instant::ZERO,
            is_fed: false,
            was_reset: false,
            edge: None,
        }
    }

    fn hear(&mut self, segment: &Segment, now: Instant) {
        (self.heard, self.is_fed) = (now, true);
        self.was_reset |= segment.flags == Flags::Rst;
        if matches!(segment.flags, Flags::Syn | Flags::SynAck) {
            self.edge = None;
        }
        if let Some(edge) = segment.edge {
            self.edge = self.edge.filter(|before| is_after(*before, edge)).or(Some(edge));
        }
    }
}

impl Settings {
    fn socket(&self) -> tcp::Socket<'static> {
        let buffer = |length| tcp::SocketBuffer::new(vec![0; length]);
        let mut socket = tcp::Socket::new(buffer(self.buffer), buffer(SEND_BUFFER));
        socket.set_nagle_enabled(self.nagle);
        socket.set_ack_delay(self.ack_delay.map(Duration::from_millis));
        socket.set_keep_alive(self.keep_alive.map(Duration::from_millis));
        socket.set_timeout(self.timeout.map(Duration::from_millis));
        socket
    }
}
