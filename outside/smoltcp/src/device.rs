//! A network device whose cable ends in the simulation, and what a packet says to who looks at it.

use std::collections::VecDeque;
use std::mem;

use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;
use smoltcp::wire::{IpAddress, IpEndpoint, Ipv4Address, Ipv4Packet, TcpPacket};

/// A device: packets that have arrived, packets that leave, and how many more the queue for those takes now.
#[derive(Debug)]
pub struct Wire {
    pub arrived: VecDeque<Vec<u8>>,
    leaving: Vec<Vec<u8>>,
    pub room: usize,
    mtu: usize,
}

impl Wire {
    pub fn new(mtu: usize) -> Self {
        Self { arrived: VecDeque::new(), leaving: Vec::new(), room: usize::MAX, mtu }
    }

    /// Takes out what leaves.
    pub fn take_leaving(&mut self) -> Vec<Vec<u8>> {
        mem::take(&mut self.leaving)
    }
}

impl Device for Wire {
    type RxToken<'a> = Arrived;
    type TxToken<'a> = Leaving<'a>;

    // As drivers do: without room for an answer nothing is taken in.
    fn receive(&mut self, _now: Instant) -> Option<(Arrived, Leaving<'_>)> {
        let packet = if self.room == 0 { None } else { self.arrived.pop_front() };
        packet.map(|packet| (Arrived(packet), Leaving(self)))
    }

    fn transmit(&mut self, _now: Instant) -> Option<Leaving<'_>> {
        (self.room > 0).then_some(Leaving(self))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = self.mtu;
        capabilities
    }
}

/// A packet that is taken in.
#[derive(Debug)]
pub struct Arrived(Vec<u8>);

impl RxToken for Arrived {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, take: F) -> R {
        take(&self.0)
    }
}

/// The permission to send a packet.
#[derive(Debug)]
pub struct Leaving<'a>(&'a mut Wire);

impl TxToken for Leaving<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, fill: F) -> R {
        let mut packet = vec![0; length];
        let result = fill(&mut packet);
        self.0.leaving.push(packet);
        self.0.room = self.0.room.saturating_sub(1);
        result
    }
}

/// A packet on its way: its bytes, and what they say, which is read once.
#[derive(Debug, Clone)]
pub struct Packet {
    pub bytes: Vec<u8>,
    pub segment: Segment,
}

impl Packet {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { segment: Segment::of(&bytes), bytes }
    }
}

/// What a packet says. Sequence numbers count modulo 2^32.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    pub from: IpEndpoint,
    pub to: IpEndpoint,
    pub flags: Flags,
    pub sequence: u32,
    pub length: u32,
    /// Up to where the sender allows the receiver to send, if it acknowledges anything.
    pub edge: Option<u32>,
}

/// What a packet is, by the strongest of its flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flags {
    Syn,
    SynAck,
    Rst,
    Fin,
    Data,
    Ack,
}

impl Segment {
    /// Reads a packet that smoltcp has made.
    pub fn of(packet: &[u8]) -> Self {
        let ip = Ipv4Packet::new_checked(packet).expect("smoltcp makes whole packets");
        let tcp = TcpPacket::new_checked(ip.payload()).expect("smoltcp makes whole segments");
        let endpoint = |address: Ipv4Address, port| IpEndpoint::new(IpAddress::Ipv4(address), port);
        let flags = match () {
            () if tcp.rst() => Flags::Rst,
            () if tcp.syn() && tcp.ack() => Flags::SynAck,
            () if tcp.syn() => Flags::Syn,
            () if tcp.fin() => Flags::Fin,
            () if tcp.payload().is_empty() => Flags::Ack,
            () => Flags::Data,
        };
        Self {
            from: endpoint(ip.src_addr(), tcp.src_port()),
            to: endpoint(ip.dst_addr(), tcp.dst_port()),
            flags,
            sequence: tcp.seq_number().0.cast_unsigned(),
            length: u32::try_from(tcp.payload().len()).expect("a packet is short"),
            // Windows here are too small to be scaled.
            edge: tcp.ack().then(|| tcp.ack_number().0.cast_unsigned().wrapping_add(tcp.window_len().into())),
        }
    }
}

/// Whether a sequence number comes after another one.
pub const fn is_after(sequence: u32, other: u32) -> bool {
    sequence.wrapping_sub(other).cast_signed() > 0
}
