//! Who a node is, and how foca's packets are written.

use std::fmt;

use bytes::{Buf, BufMut};
use foca::{Codec, Header, Identity, Member, Message, State};
use tiebreak::{Term, terms};

terms! {
    /// The kinds of the events in which packets arrive, one for each of foca's messages.
    pub(crate) PING = "ping", pub(crate) ACK = "ack",
    pub(crate) PING_REQUEST = "ping-request", pub(crate) INDIRECT_PING = "indirect-ping",
    pub(crate) INDIRECT_ACK = "indirect-ack", pub(crate) FORWARDED_ACK = "forwarded-ack",
    pub(crate) ANNOUNCE = "announce", pub(crate) FEED = "feed", pub(crate) GOSSIP = "gossip",
    pub(crate) BROADCAST = "broadcast", pub(crate) TURN_UNDEAD = "turn-undead",
}

/// An identity: an address, and which of those that have had it, the newest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id {
    /// The place of the node in its cluster.
    pub address: u16,
    /// Counts up with every new identity of the address.
    pub generation: u32,
    /// Whether foca may choose the next one by itself.
    pub renewal: Renewal,
}

/// Whether foca gives a node a new identity when it learns that the cluster takes it for dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Renewal {
    /// As with foca's own identities, which are addresses of sockets.
    Never,
    /// As foca's documentation recommends.
    Automatic,
}

impl Id {
    /// The first identity of an address.
    pub const fn first(address: u16, renewal: Renewal) -> Self {
        Self { address, generation: 0, renewal }
    }

    /// The next identity of the same address.
    #[must_use]
    pub const fn next(self) -> Self {
        Self { generation: self.generation + 1, ..self }
    }
}

impl Identity for Id {
    type Addr = u16;

    fn renew(&self) -> Option<Self> {
        (self.renewal == Renewal::Automatic).then(|| self.next())
    }

    fn addr(&self) -> u16 {
        self.address
    }

    fn win_addr_conflict(&self, adversary: &Self) -> bool {
        self.generation > adversary.generation
    }
}

/// How long an identity is in a packet.
const ID_LENGTH: usize = 7;
/// Where a packet says which message it is: after the sender, its incarnation, and the receiver.
const TAG_AT: usize = 2 * ID_LENGTH + 2;
/// By the tags of messages.
const KINDS: [Term; 11] = [
    PING,
    ACK,
    PING_REQUEST,
    INDIRECT_PING,
    INDIRECT_ACK,
    FORWARDED_ACK,
    ANNOUNCE,
    FEED,
    GOSSIP,
    BROADCAST,
    TURN_UNDEAD,
];

/// Returns which message a packet is.
pub(crate) fn kind_of(packet: &[u8]) -> Term {
    packet.get(TAG_AT).and_then(|tag| KINDS.get(usize::from(*tag))).copied().unwrap_or(tiebreak::net::RECEIVE)
}

/// A packet that cannot be read, or what does not fit into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwritten {
    /// It ends too early.
    Truncated,
    /// It has an unknown tag.
    Unknown,
    /// It is too long for its buffer.
    Full,
}

impl fmt::Display for Unwritten {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Truncated => "the packet is truncated",
            Self::Unknown => "the packet has an unknown tag",
            Self::Full => "the packet is full",
        })
    }
}

impl std::error::Error for Unwritten {}

/// The plain codec: whole numbers of fixed length, the highest byte first.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

impl Codec<Id> for Plain {
    type Error = Unwritten;

    fn encode_header(&mut self, header: &Header<Id>, mut out: impl BufMut) -> Result<(), Unwritten> {
        // The longest message names another node and a number.
        fits(&out, TAG_AT + 1 + ID_LENGTH + 1)?;
        put_id(header.src, &mut out);
        out.put_u16(header.src_incarnation);
        put_id(header.dst, &mut out);
        let (tag, number, about) = parts(&header.message);
        out.put_u8(tag);
        if let Some(number) = number {
            out.put_u8(number);
        }
        if let Some(about) = about {
            put_id(about, &mut out);
        }
        Ok(())
    }

    fn decode_header(&mut self, mut from: impl Buf) -> Result<Header<Id>, Unwritten> {
        holds(&from, TAG_AT + 1)?;
        let (src, src_incarnation, dst) = (get_id(&mut from)?, from.get_u16(), get_id(&mut from)?);
        let message = match from.get_u8() {
            0 => Message::Ping(get_number(&mut from)?),
            1 => Message::Ack(get_number(&mut from)?),
            2 => Message::PingReq { probe_number: get_number(&mut from)?, target: get_id(&mut from)? },
            3 => Message::IndirectPing { probe_number: get_number(&mut from)?, origin: get_id(&mut from)? },
            4 => Message::IndirectAck { probe_number: get_number(&mut from)?, target: get_id(&mut from)? },
            5 => Message::ForwardedAck { probe_number: get_number(&mut from)?, origin: get_id(&mut from)? },
            6 => Message::Announce,
            7 => Message::Feed,
            8 => Message::Gossip,
            9 => Message::Broadcast,
            10 => Message::TurnUndead,
            _ => return Err(Unwritten::Unknown),
        };
        Ok(Header { src, src_incarnation, dst, message })
    }

    fn encode_member(&mut self, member: &Member<Id>, mut out: impl BufMut) -> Result<(), Unwritten> {
        fits(&out, ID_LENGTH + 3)?;
        put_id(*member.id(), &mut out);
        out.put_u16(member.incarnation());
        out.put_u8(match member.state() {
            State::Alive => 0,
            State::Suspect => 1,
            State::Down => 2,
        });
        Ok(())
    }

    fn decode_member(&mut self, mut from: impl Buf) -> Result<Member<Id>, Unwritten> {
        holds(&from, ID_LENGTH + 3)?;
        let (id, incarnation) = (get_id(&mut from)?, from.get_u16());
        let state = match from.get_u8() {
            0 => State::Alive,
            1 => State::Suspect,
            2 => State::Down,
            _ => return Err(Unwritten::Unknown),
        };
        Ok(Member::new(id, incarnation, state))
    }
}

/// What is written of a message: its tag, the number of its probe, and the node that it names.
const fn parts(message: &Message<Id>) -> (u8, Option<u8>, Option<Id>) {
    match message {
        Message::Ping(number) => (0, Some(*number), None),
        Message::Ack(number) => (1, Some(*number), None),
        Message::PingReq { target, probe_number } => (2, Some(*probe_number), Some(*target)),
        Message::IndirectPing { origin, probe_number } => (3, Some(*probe_number), Some(*origin)),
        Message::IndirectAck { target, probe_number } => (4, Some(*probe_number), Some(*target)),
        Message::ForwardedAck { origin, probe_number } => (5, Some(*probe_number), Some(*origin)),
        Message::Announce => (6, None, None),
        Message::Feed => (7, None, None),
        Message::Gossip => (8, None, None),
        Message::Broadcast => (9, None, None),
        Message::TurnUndead => (10, None, None),
    }
}

fn put_id(id: Id, out: &mut impl BufMut) {
    out.put_u16(id.address);
    out.put_u32(id.generation);
    out.put_u8(u8::from(id.renewal == Renewal::Automatic));
}

fn get_id(from: &mut impl Buf) -> Result<Id, Unwritten> {
    holds(from, ID_LENGTH)?;
    let (address, generation) = (from.get_u16(), from.get_u32());
    let renewal = if from.get_u8() == 0 { Renewal::Never } else { Renewal::Automatic };
    Ok(Id { address, generation, renewal })
}

fn get_number(from: &mut impl Buf) -> Result<u8, Unwritten> {
    holds(from, 1)?;
    Ok(from.get_u8())
}

fn holds(from: &impl Buf, length: usize) -> Result<(), Unwritten> {
    if from.remaining() < length { Err(Unwritten::Truncated) } else { Ok(()) }
}

fn fits(out: &impl BufMut, length: usize) -> Result<(), Unwritten> {
    if out.remaining_mut() < length { Err(Unwritten::Full) } else { Ok(()) }
}
