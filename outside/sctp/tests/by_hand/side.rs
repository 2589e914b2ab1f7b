//! Two sides that are driven by hand.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use sctp_proto::{
    Association, AssociationHandle, ClientConfig, DatagramEvent, Endpoint, EndpointConfig, Event, Payload,
    PayloadProtocolIdentifier, ServerConfig, StreamEvent, TransportConfig, generate_snap_token,
};

/// The type of a chunk that resets streams.
pub(crate) const RECONFIG: u8 = 130;

/// One side: an endpoint with one association at most.
pub(crate) struct Side {
    pub(crate) endpoint: Endpoint,
    pub(crate) handle: AssociationHandle,
    pub(crate) association: Option<Association>,
    pub(crate) events: Vec<Event>,
    /// Whether the endpoint is told at once what the association has for it.
    pub(crate) tells: bool,
}

impl Side {
    pub(crate) fn new(accepts: bool) -> Self {
        let server = accepts.then(|| Arc::new(ServerConfig::new()));
        let endpoint = Endpoint::new(Arc::new(EndpointConfig::new()), server);
        Self { endpoint, handle: AssociationHandle(0), association: None, events: Vec::new(), tells: true }
    }

    pub(crate) fn connect(&mut self, config: ClientConfig) {
        let (handle, association) = self.endpoint.connect(config, address()).unwrap();
        (self.handle, self.association) = (handle, Some(association));
    }

    pub(crate) fn association(&mut self) -> &mut Association {
        self.association.as_mut().unwrap()
    }

    /// Takes in a packet; returns whether it belongs to an association.
    pub(crate) fn take(&mut self, now: Instant, packet: &Bytes) -> bool {
        match self.endpoint.handle(now, address(), None, None, packet.clone()) {
            Some((handle, DatagramEvent::NewAssociation(association))) => {
                (self.handle, self.association) = (handle, Some(association));
            }
            Some((_, DatagramEvent::AssociationEvent(event))) => self.association().handle_event(event),
            None => return false,
        }
        true
    }

    /// Hears all that there is to hear, and returns all packets that are to be sent.
    pub(crate) fn give(&mut self, now: Instant) -> Vec<Bytes> {
        let (mut packets, tells) = (Vec::new(), self.tells);
        let association = self.association.as_mut().unwrap();
        while let Some(event) = tells.then(|| association.poll_endpoint_event()).flatten() {
            assert!(self.endpoint.handle_event(self.handle, event).is_none());
        }
        self.events.extend(std::iter::from_fn(|| association.poll()));
        while let Some(transmit) = association.poll_transmit(now) {
            let Payload::RawEncode(sent) = transmit.payload else { panic!("what is sent is encoded") };
            packets.extend(sent);
        }
        packets
    }

    /// Lets the next timer expire, if there is one; returns when that is.
    pub(crate) fn expire(&mut self) -> Option<Instant> {
        let at = self.association().poll_timeout()?;
        self.association().handle_timeout(at);
        Some(at)
    }

    pub(crate) fn open(&mut self, stream: u16) {
        self.association().open_stream(stream, PayloadProtocolIdentifier::Binary).unwrap();
    }

    pub(crate) fn write(&mut self, stream: u16, message: &[u8]) {
        self.association().stream(stream).unwrap().write(message).unwrap();
    }

    pub(crate) fn close(&mut self, stream: u16) {
        self.association().stream(stream).unwrap().close().unwrap();
    }

    pub(crate) fn read(&mut self, stream: u16) -> Option<Vec<u8>> {
        let chunks = self.association().stream(stream).ok()?.read().ok()??;
        let mut message = vec![0; chunks.len()];
        chunks.read(&mut message).unwrap();
        Some(message)
    }

    pub(crate) fn count(&self, is_counted: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|event| is_counted(event)).count()
    }
}

pub(crate) fn address() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 1], 5000))
}

/// The type of the first chunk of a packet.
pub(crate) fn chunk(packet: &Bytes) -> u8 {
    packet[12]
}

/// The type of the first parameter of a RE-CONFIG chunk: 13 is a request to reset, 16 an answer.
pub(crate) fn parameter(packet: &Bytes) -> u16 {
    assert_eq!(chunk(packet), RECONFIG);
    u16::from_be_bytes([packet[16], packet[17]])
}

pub(crate) fn is_connected(event: &Event) -> bool {
    matches!(event, Event::Connected)
}

pub(crate) fn is_lost(event: &Event) -> bool {
    matches!(event, Event::AssociationLost { .. })
}

pub(crate) fn is_readable(event: &Event) -> bool {
    matches!(event, Event::Stream(StreamEvent::Readable { .. }))
}

pub(crate) fn finished(stream: u16) -> impl Fn(&Event) -> bool {
    move |event| matches!(event, Event::Stream(StreamEvent::Finished { id }) if *id == stream)
}

pub(crate) fn reset_complete(stream: u16) -> impl Fn(&Event) -> bool {
    move |event| matches!(event, Event::Stream(StreamEvent::ResetComplete { id }) if *id == stream)
}

pub(crate) fn reset_failed(stream: u16) -> impl Fn(&Event) -> bool {
    move |event| matches!(event, Event::Stream(StreamEvent::ResetFailed { id, .. }) if *id == stream)
}

/// Two sides whose association is there, by tokens.
pub(crate) fn pair(transport: fn() -> TransportConfig) -> [Side; 2] {
    let tokens = [(); 2].map(|()| generate_snap_token(&transport()).unwrap());
    let mut sides = [Side::new(true), Side::new(true)];
    for (number, side) in sides.iter_mut().enumerate() {
        let mut config = ClientConfig::new();
        config.transport = Arc::new(transport());
        side.connect(config.with_snap(tokens[number].clone(), tokens[1 - number].clone()));
        assert!(side.give(Instant::now()).is_empty());
    }
    sides
}

/// Carries those packets that pass, in both directions and at one instant, until there are none.
pub(crate) fn carry(sides: &mut [Side; 2], now: Instant, passes: impl Fn(&Bytes) -> bool) {
    for _ in 0..1000 {
        let packets = [sides[0].give(now), sides[1].give(now)];
        if packets.iter().all(Vec::is_empty) {
            return;
        }
        for (side, packets) in packets.iter().enumerate() {
            let passing = packets.iter().filter(|packet| passes(packet));
            passing.for_each(|packet| _ = sides[1 - side].take(now, packet));
        }
    }
    panic!("it has no end");
}

pub(crate) fn all(_: &Bytes) -> bool {
    true
}

pub(crate) fn none(_: &Bytes) -> bool {
    false
}

/// Carries those packets that pass and lets timers expire, until no timer runs or an hour is over; returns when that is.
pub(crate) fn wait(sides: &mut [Side; 2], from: Instant, passes: impl Fn(&Bytes) -> bool) -> Instant {
    let mut now = from;
    loop {
        carry(sides, now, &passes);
        let next = sides.iter_mut().filter_map(|side| side.association().poll_timeout()).min();
        now = now.max(next.unwrap_or(now));
        if next.is_none() || now > from + Duration::from_hours(1) {
            return now;
        }
        sides.iter_mut().for_each(|side| side.association().handle_timeout(now));
    }
}

/// Opens an association; returns both sides and the packets of the handshake.
pub(crate) fn handshake(now: Instant) -> ([Side; 2], [Bytes; 4]) {
    let mut sides = [Side::new(false), Side::new(true)];
    sides[0].connect(ClientConfig::new());
    let packets = [0, 1, 0, 1].map(|side: usize| {
        let packet = sides[side].give(now).remove(0);
        assert!(sides[1 - side].take(now, &packet));
        packet
    });
    sides.iter_mut().for_each(|side| assert!(side.give(now).is_empty()));
    assert!(sides.iter().all(|side| side.count(is_connected) == 1));
    (sides, packets)
}
