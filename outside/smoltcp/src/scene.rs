//! What a run may contain: how many hosts, what their applications may do, and how their sockets may be configured.

use tiebreak::net::Link;
use tiebreak::{Instant, Ratio, Span};

/// What an application may do at a step, in the order of how bad it is. A scene allows the first few.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Rest,
    Connect,
    Write,
    WriteMore,
    Close,
    Hold,
    Abort,
    Doze,
}

impl Action {
    pub const ALL: [Self; 8] = [
        Self::Rest,
        Self::Connect,
        Self::Write,
        Self::WriteMore,
        Self::Close,
        Self::Hold,
        Self::Abort,
        Self::Doze,
    ];
}

/// What a run may contain. Where there are several values, each host draws one when it starts.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Scene {
    pub link: Link,
    /// Hosts that connect to the server.
    pub clients: u64,
    /// Sockets of each client that connect to the server, each from a port of its own.
    pub ends: u16,
    /// Sockets of the server that listen, all on one port.
    pub backlog: u16,
    /// Whether a socket that connects again does so from the same port.
    pub reuses_ports: bool,
    /// Whether applications also close what is not established yet.
    pub closes_early: bool,
    /// Whether the first two clients also connect to each other, both actively.
    pub meets: bool,
    /// How often an application of a host does something.
    pub steps: u64,
    /// How many ticks are between two steps, at most.
    pub pause: u64,
    /// The last action that is allowed.
    pub worst: Action,
    /// How many bytes are written at once, at most.
    pub amount: u64,
    /// Bytes of the buffers for receiving.
    pub buffers: &'static [usize],
    pub mtus: &'static [usize],
    pub nagle: &'static [bool],
    /// Milliseconds, as in what follows.
    pub ack_delays: &'static [Option<u64>],
    pub keep_alives: &'static [Option<u64>],
    pub timeouts: &'static [Option<u64>],
    /// How many packets the device takes in a millisecond.
    pub rooms: &'static [usize],
    /// How many bytes an application reads in ten milliseconds.
    pub appetites: &'static [usize],
    /// Whether the first client crashes, for a second, after two.
    pub crashes: bool,
    /// Whether the first client is cut off for three seconds, after one.
    pub splits: bool,
}

/// How long applications do what they like; then they only read, and close what is open.
pub const SETTLED: Span = Span::from_secs(12);
/// When everything has to be closed.
pub const END_OF_PATIENCE: Span = Span::from_secs(900);

/// Until when a run goes: a little longer than patience lasts.
pub fn until() -> Instant {
    Instant::from_nanos(END_OF_PATIENCE.as_nanos() + 1)
}

/// The latency of links, and what pauses of applications are multiples of: so that what matters often falls on one instant.
pub const TICK: Span = Span::from_millis(10);

impl Scene {
    /// One client and a server with one connection, and nothing unusual but a bad link.
    pub const fn small() -> Self {
        Self {
            link: Self::bad_link(),
            clients: 1,
            ends: 1,
            backlog: 1,
            reuses_ports: false,
            closes_early: false,
            meets: false,
            steps: 6,
            pause: 100,
            worst: Action::Close,
            amount: 200,
            buffers: &[4096],
            mtus: &[1500],
            nagle: &[true],
            ack_delays: &[Some(10)],
            keep_alives: &[None],
            timeouts: &[None],
            rooms: &[usize::MAX],
            appetites: &[usize::MAX],
            crashes: false,
            splits: false,
        }
    }

    /// Everything at once.
    pub const fn large() -> Self {
        Self {
            clients: 3,
            ends: 2,
            backlog: 4,
            meets: true,
            steps: 12,
            worst: Action::Doze,
            amount: 400,
            buffers: &[4096, 64, 200, 1024],
            mtus: &[1500, 120, 576],
            nagle: &[true, false],
            ack_delays: &[Some(10), None, Some(200)],
            keep_alives: &[None, Some(1_000), Some(5_000)],
            timeouts: &[None, Some(8_000), Some(30_000)],
            rooms: &[usize::MAX, 1, 3],
            appetites: &[usize::MAX, 16, 100],
            crashes: true,
            splits: true,
            ..Self::small()
        }
    }

    /// Much that is written, in large packets.
    pub const fn bulk() -> Self {
        Self { steps: 100, pause: 8, amount: 4096, worst: Action::WriteMore, ..Self::small() }
    }

    /// It loses and repeats; what arrives at one instant may arrive in any order.
    pub const fn bad_link() -> Link {
        Link::new(TICK).loss(Ratio::percent(10)).duplication(Ratio::percent(10))
    }
}
