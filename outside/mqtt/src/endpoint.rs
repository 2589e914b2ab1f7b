//! The I/O layer of one `Connection`: it does what the crate's events ask for, as the crate's documentation says.
//!
//! A line is one network connection: a stream of bytes in both directions, which can be cut. Writes to a line that is known to be
//! broken fail; what is written to one that is silently cut vanishes. The machine is told of the end of a line by an event of its
//! own, which may come later, because what reads a line is not what writes to it.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mqtt_protocol_core::mqtt::common::{Cursor, HashSet};
use mqtt_protocol_core::mqtt::connection::role::RoleType;
use mqtt_protocol_core::mqtt::connection::{ConnectionOptions, Event, TimerKind};
use mqtt_protocol_core::mqtt::packet::{GenericPacketTrait as _, Packet, StorePacket};
use mqtt_protocol_core::mqtt::result_code::{DisconnectReasonCode, MqttError};
use mqtt_protocol_core::mqtt::{Connection, Version};
use tiebreak::net::{About, NodeId, Port};
use tiebreak::{Span, terms};
use tiebreak_outside_shown::timed;

use crate::setup::{Care, LARGEST, LATENCY, QUOTA, Setup};
use crate::world::{Letter, Station, Tick, What};

terms! {
    /// A packet id was acquired.
    pub ACQUIRED = "acquired",
    /// A packet id was released.
    pub RELEASED = "released",
    /// All packet ids are free.
    pub CLEARED = "cleared",
    /// A PINGREQ was sent.
    pub PINGED = "pinged",
    /// A PINGRESP has arrived.
    pub ANSWERED = "answered",
    /// The machine closes a line because the peer is silent.
    pub TIMED_OUT = "timed-out",
    /// A line was opened.
    pub OPENED = "opened",
    /// The machine was told that a line is closed.
    pub CLOSED = "closed",
    /// The machine sends of its own accord after it has asked for the line to be closed.
    pub LATE = "sent-late",
    /// A timer is still armed after the machine was told that the line is closed.
    pub LEFT = "timer-left",
    /// The machine has panicked.
    pub PANICKED = "panicked",
    SPLIT = "split",
}

/// How a line is, as this side knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    Up,
    /// Cut, and this side has not noticed.
    Silent,
    /// Broken or being closed: writes fail, and the machine will be told.
    Broken,
    Down,
}

/// What the application hears of the machine.
#[expect(clippy::large_enum_variant, reason = "few of them are alive at once, and most are packets")]
pub(crate) enum Heard {
    Packet(Packet),
    Error(MqttError),
}

/// What is kept of a session: what is stored to be sent again, and the ids of what has arrived and is not released.
pub(crate) type Kept = (Vec<StorePacket>, HashSet<u16>);

/// A machine, its line and its timers.
pub(crate) struct Endpoint<R: RoleType> {
    pub(crate) machine: Connection<R>,
    pub(crate) setup: Setup,
    pub(crate) peer: NodeId,
    pub(crate) line: Line,
    /// Which line it is; a client counts them.
    pub(crate) number: u64,
    /// Which client it is about, for the names of timers.
    pub(crate) tag: u64,
    inbox: Vec<u8>,
    outbox: Vec<u8>,
    is_held: bool,
    /// How many writes there are until one is cut into two segments.
    split: u64,
    armed: BTreeSet<u8>,
    has_asked_to_close: bool,
}

/// Lines.
impl<R: RoleType> Endpoint<R> {
    pub(crate) fn new(setup: Setup, tag: u64, peer: NodeId) -> Self {
        Self {
            machine: new_machine(setup),
            setup,
            peer,
            line: Line::Down,
            number: 0,
            tag,
            inbox: Vec::new(),
            outbox: Vec::new(),
            is_held: false,
            split: 0,
            armed: BTreeSet::new(),
            has_asked_to_close: false,
        }
    }

    /// A line is there.
    pub(crate) fn open(&mut self, number: u64, port: &mut Port<'_, Station>) {
        assert!(self.line == Line::Down, "a line is opened after the one before was closed");
        (self.line, self.number, self.has_asked_to_close) = (Line::Up, number, false);
        self.split = port.draw(SPLIT, 1..=8);
        port.note(OPENED, self.about(number, port), &[]);
    }

    /// The line is broken, and the machine will be told after a span.
    pub(crate) fn break_off(&mut self, after: Span, port: &mut Port<'_, Station>) {
        self.line = Line::Broken;
        port.arm_after(after, Tick::Closed(self.tag));
    }

    /// Tells the machine that its line is closed.
    pub(crate) fn close(&mut self, port: &mut Port<'_, Station>) {
        for tick in [Tick::Closed(self.tag), Tick::Flush(self.tag), Tick::Admit(self.tag)] {
            port.disarm(&tick);
        }
        self.hang_up();
        let mut events = self.tell(port, Connection::notify_closed);
        // Those come in the order of a hash map, which differs from process to process.
        events.sort_by_key(|event| match event {
            Event::NotifyPacketIdReleased(id) => *id,
            _ => u16::MAX,
        });
        self.perform(events, port);
        for kind in [TimerKind::PingreqSend, TimerKind::PingreqRecv, TimerKind::PingrespRecv] {
            if self.armed.remove(&(kind as u8)) {
                port.note(LEFT, port.symbol(self.peer), &[]);
                port.disarm(&Tick::Keep(self.tag, kind));
            }
        }
        port.note(CLOSED, self.about(self.number, port), &[]);
    }

    /// Sends what was held back.
    pub(crate) fn flush(&mut self, port: &mut Port<'_, Station>) {
        self.is_held = false;
        let bytes = std::mem::take(&mut self.outbox);
        self.transmit(bytes, port);
    }

    pub(crate) fn about(&self, number: u64, port: &Port<'_, Station>) -> About {
        About::Of(port.symbol(self.peer).into(), number)
    }
}

/// Sessions.
impl<R: RoleType> Endpoint<R> {
    /// What the crate gives to be kept of a session.
    pub(crate) fn kept(&self) -> Kept {
        (self.machine.get_stored_packets(), self.machine.get_qos2_publish_handled())
    }

    /// Goes on with a session.
    pub(crate) fn restore(&mut self, (stored, handled): Kept, port: &mut Port<'_, Station>) {
        for packet in &stored {
            port.note(ACQUIRED, self.about(packet.packet_id().into(), port), &[]);
        }
        timed(|| self.machine.restore_packets(stored));
        self.machine.restore_qos2_publish_handled(handled);
    }

    /// Makes another machine, which goes on with the session of this one.
    pub(crate) fn renew(&mut self, port: &mut Port<'_, Station>) {
        let kept = self.kept();
        self.discard(port);
        self.restore(kept, port);
    }

    /// Makes another machine, which knows nothing.
    pub(crate) fn discard(&mut self, port: &mut Port<'_, Station>) {
        self.machine = timed(|| new_machine(self.setup));
        self.armed.clear();
        port.note(CLEARED, port.symbol(self.peer), &[]);
    }

    /// The machine has ended the session itself.
    pub(crate) fn ended(&mut self, port: &mut Port<'_, Station>) {
        port.note(CLEARED, port.symbol(self.peer), &[]);
        if self.setup.has(Care::ForgetHandled) {
            self.machine.restore_qos2_publish_handled(HashSet::default());
        }
    }

    /// Of the line nothing is left.
    pub(crate) fn hang_up(&mut self) {
        (self.line, self.is_held) = (Line::Down, false);
        self.inbox.clear();
        self.outbox.clear();
    }

    pub(crate) fn acquire(&mut self, port: &mut Port<'_, Station>) -> u16 {
        let id = self.machine.acquire_packet_id().expect("65,535 packet ids are enough");
        port.note(ACQUIRED, self.about(id.into(), port), &[]);
        id
    }
}

/// Inputs of the machine.
impl<R: RoleType> Endpoint<R> {
    /// Tells the machine something. If it panics, that is noted, and the run ends.
    fn tell(
        &mut self,
        port: &mut Port<'_, Station>,
        input: impl FnOnce(&mut Connection<R>) -> Vec<Event>,
    ) -> Vec<Event> {
        let machine = AssertUnwindSafe(&mut self.machine);
        let input = AssertUnwindSafe(input);
        let told = catch_unwind(|| {
            let (AssertUnwindSafe(input), AssertUnwindSafe(machine)) = (input, machine);
            timed(|| input(machine))
        });
        told.unwrap_or_else(|_| {
            port.note(PANICKED, port.symbol(self.peer), &[]);
            port.stop("a machine has panicked");
            Vec::new()
        })
    }

    /// Sends a packet; what the machine objects to is returned.
    pub(crate) fn send(&mut self, packet: Packet, port: &mut Port<'_, Station>) -> Option<MqttError> {
        let events = self.tell(port, |machine| machine.send(packet));
        self.perform(events, port).into_iter().find_map(|heard| match heard {
            Heard::Error(error) => Some(error),
            Heard::Packet(_) => None,
        })
    }

    /// Puts down what has arrived.
    pub(crate) fn put(&mut self, mut bytes: Vec<u8>) {
        self.inbox.append(&mut bytes);
    }

    /// Takes in the next packet of what has arrived, or the beginning of one; `None` if there is nothing to take.
    pub(crate) fn take(&mut self, port: &mut Port<'_, Station>) -> Option<Vec<Heard>> {
        let has_some =
            if self.setup.has(Care::WholePackets) { is_whole(&self.inbox) } else { !self.inbox.is_empty() };
        if !has_some || self.line != Line::Up {
            return None;
        }
        let mut inbox = std::mem::take(&mut self.inbox);
        let mut cursor = Cursor::new(&inbox[..]);
        let events = self.tell(port, |machine| machine.recv(&mut cursor));
        let read = usize::try_from(cursor.position()).expect("a segment is short");
        inbox.drain(..read);
        self.inbox = inbox;
        Some(self.perform(events, port))
    }

    pub(crate) fn fire(&mut self, kind: TimerKind, port: &mut Port<'_, Station>) -> Vec<Heard> {
        self.armed.remove(&(kind as u8));
        let events = self.tell(port, |machine| machine.notify_timer_fired(kind));
        let is_sending = events.iter().any(|event| matches!(event, Event::RequestSendPacket { .. }));
        if is_sending && self.has_asked_to_close {
            port.note(LATE, port.symbol(self.peer), &[]);
        }
        self.perform(events, port)
    }
}

/// Outputs of the machine.
impl<R: RoleType> Endpoint<R> {
    pub(crate) fn perform(&mut self, events: Vec<Event>, port: &mut Port<'_, Station>) -> Vec<Heard> {
        let mut heard = Vec::new();
        for event in events {
            match event {
                Event::RequestSendPacket { packet, release_packet_id_if_send_error } => {
                    self.note_sent(&packet, port);
                    let has_failed = self.write(&packet, port).is_err() && !self.setup.has(Care::KeepId);
                    if let Some(id) = release_packet_id_if_send_error.filter(|_| has_failed) {
                        let events = self.machine.release_packet_id(id);
                        heard.extend(self.perform(events, port));
                    }
                }
                Event::NotifyPacketReceived(packet) => {
                    if matches!(packet, Packet::V5_0Pingresp(_)) {
                        port.note(ANSWERED, self.about(self.number, port), &[]);
                    }
                    heard.push(Heard::Packet(packet));
                }
                Event::NotifyPacketIdReleased(id) => port.note(RELEASED, self.about(id.into(), port), &[]),
                Event::RequestTimerReset { kind, duration_ms } => {
                    self.armed.insert(kind as u8);
                    port.arm_after(Span::from_millis(duration_ms), Tick::Keep(self.tag, kind));
                }
                Event::RequestTimerCancel(kind) => {
                    self.armed.remove(&(kind as u8));
                    port.disarm(&Tick::Keep(self.tag, kind));
                }
                Event::NotifyError(error) => heard.push(Heard::Error(error)),
                Event::RequestClose => self.request_close(port),
            }
        }
        heard
    }

    fn note_sent(&self, packet: &Packet, port: &mut Port<'_, Station>) {
        match packet {
            Packet::V5_0Pingreq(_) => port.note(PINGED, self.about(self.number, port), &[]),
            Packet::V5_0Disconnect(packet)
                if packet.reason_code() == Some(DisconnectReasonCode::KeepAliveTimeout) =>
            {
                port.note(TIMED_OUT, self.about(self.number, port), &[]);
            }
            _ => {}
        }
    }

    fn request_close(&mut self, port: &mut Port<'_, Station>) {
        self.has_asked_to_close = true;
        if self.line == Line::Up {
            self.flush(port);
            port.send(self.peer, Letter { number: self.number, what: What::Close });
        }
        self.break_off(Span::ZERO, port);
    }

    fn write(&mut self, packet: &Packet, port: &mut Port<'_, Station>) -> Result<(), ()> {
        match self.line {
            Line::Broken | Line::Down => return Err(()),
            Line::Silent => return Ok(()),
            Line::Up => {}
        }
        let mut bytes = timed(|| packet.to_continuous_buffer());
        if self.is_held {
            self.outbox.append(&mut bytes);
            return Ok(());
        }
        self.split = self.split.saturating_sub(1);
        if self.split == 1 && bytes.len() > 1 {
            self.outbox = bytes.split_off(bytes.len() / 2);
            self.is_held = true;
            port.arm_after(LATENCY, Tick::Flush(self.tag));
        }
        self.transmit(bytes, port);
        Ok(())
    }

    fn transmit(&self, bytes: Vec<u8>, port: &mut Port<'_, Station>) {
        if !bytes.is_empty() && self.line == Line::Up {
            port.send(self.peer, Letter { number: self.number, what: What::Bytes(bytes) });
        }
    }
}

/// Whether the first packet of these bytes is complete.
fn is_whole(bytes: &[u8]) -> bool {
    let mut length = 0;
    for (place, byte) in bytes.iter().enumerate().skip(1).take(4) {
        length |= usize::from(byte & 0x7F) << (7 * (place - 1));
        if byte & 0x80 == 0 {
            return bytes.len() > place + length;
        }
    }
    false
}

fn new_machine<R: RoleType>(setup: Setup) -> Connection<R> {
    let mut options = ConnectionOptions::new();
    if !setup.has(Care::NoQuota) {
        options = options.receive_maximum(QUOTA);
    }
    if !setup.has(Care::NoLimit) {
        options = options.maximum_packet_size_recv(LARGEST);
    }
    let mut machine = Connection::with_options(Version::V5_0, options);
    machine.set_auto_pub_response(setup.has(Care::AutoReply));
    machine.set_auto_ping_response(true);
    machine.set_auto_map_topic_alias_send(!setup.has(Care::NoAlias));
    machine.set_pingresp_recv_timeout(setup.ping_timeout_ms());
    machine
}
