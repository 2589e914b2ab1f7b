//! What the application does beyond the crate's documentation, and why.

use tiebreak::Span;

/// How long bytes are on their way.
pub(crate) const LATENCY: Span = Span::from_millis(250);
/// The keep alive of the clients, in seconds.
pub(crate) const KEEP_ALIVE: u16 = 2;
/// How many messages either side takes that are not yet acknowledged, unless it says nothing.
pub(crate) const QUOTA: u16 = 2;
/// How many topic aliases either side takes.
pub(crate) const ALIASES: u16 = 1;
/// The largest packet that either side takes.
pub(crate) const LARGEST: u32 = 64;

/// Something that a careful user of the crate does or leaves alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Care {
    /// The I/O layer gives the machine whole packets only.
    WholePackets,
    /// The client makes a new machine for each line and restores the session into it.
    NewMachine,
    /// The broker does.
    NewAtBroker,
    /// The broker restores a session when CONNECT has arrived, not when the line is opened.
    RestoreLater,
    /// When a session ends, the application makes the machine forget which messages of it were handled.
    ForgetHandled,
    /// The time-out of answers to PINGREQ is shorter than the keep alive.
    ShortTimeout,
    /// The client sends a PINGREQ when CONNACK arrives.
    PingFirst,
    /// The application publishes only between CONNACK and the moment at which the line is broken or to be closed.
    HoldBack,
    /// The application does not release the packet id of a packet that could not be sent.
    KeepId,
    /// Neither side announces a Receive Maximum.
    NoQuota,
    /// The application asks for the quota before it publishes.
    AskQuota,
    /// Neither side takes topic aliases.
    NoAlias,
    /// Who takes no topic aliases leaves the property out instead of saying 0.
    NoZero,
    /// Neither side announces a Maximum Packet Size.
    NoLimit,
    /// The crate answers PUBLISH, PUBREC and PUBREL by itself.
    AutoReply,
}

/// What may happen to lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// They stay up.
    Steady,
    /// They are cut, with and without notice, and closed by either side; sessions expire, and a client crashes.
    Cut,
}

/// How the world is used.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    cares: u16,
    /// What may happen to lines.
    pub lines: Lines,
}

impl Setup {
    /// Does what the documentation says, and no more.
    pub const PLAIN: Self = Self { cares: 0, lines: Lines::Cut };
    /// Goes round everything that was found.
    pub const CAREFUL: Self = Self { cares: u16::MAX, lines: Lines::Cut };

    /// The same without one care.
    #[must_use]
    pub const fn without(self, care: Care) -> Self {
        Self { cares: self.cares & !(1 << care as u8), ..self }
    }

    /// The same with one care.
    #[must_use]
    pub const fn with(self, care: Care) -> Self {
        Self { cares: self.cares | 1 << care as u8, ..self }
    }

    /// The same with lines that stay up.
    #[must_use]
    pub const fn steady(self) -> Self {
        Self { lines: Lines::Steady, ..self }
    }

    pub(crate) const fn ping_timeout_ms(self) -> u64 {
        if self.has(Care::ShortTimeout) { 1_500 } else { 2_000 }
    }

    pub(crate) const fn has(self, care: Care) -> bool {
        self.cares & (1 << care as u8) != 0
    }
}
