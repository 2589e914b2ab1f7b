//! What an application does with messages, at either end of a line: it publishes them, takes them in and answers.

use std::collections::VecDeque;

use mqtt_protocol_core::mqtt::connection::role::RoleType;
use mqtt_protocol_core::mqtt::packet::v5_0::{Puback, Pubcomp, Publish, Pubrec, Pubrel};
use mqtt_protocol_core::mqtt::packet::{Packet, Qos};
use mqtt_protocol_core::mqtt::result_code::MqttError;
use tiebreak::net::Port;
use tiebreak::{Span, terms};
use tiebreak_outside_shown::timed;

use crate::endpoint::{Endpoint, Line};
use crate::setup::{Care, QUOTA};
use crate::world::{Station, Tick, UNSETTLED};

terms! {
    /// The machine has taken a message to be sent.
    pub ACCEPTED = "accepted",
    /// The application was told of a message.
    pub DELIVERED = "delivered",
    /// A message has come under the topic of another one.
    pub MISROUTED = "misrouted",
    /// The machine objects to what a correct peer has sent, or to a timer.
    pub OBJECTS = "objects",
    CONNECTION = "connection", QUEUE = "queue", QUOTA_LEFT = "quota", IDS = "ids",
}

/// How long an application works on what has arrived.
const WORK: Span = Span::from_millis(250);

/// A message of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// The rest by three is its quality of service, the bit above its topic.
    pub(crate) number: u64,
    /// The client that it is for.
    pub(crate) target: u64,
    /// How many more bytes it has.
    pub(crate) more: usize,
}

impl Message {
    fn qos(&self) -> Qos {
        match self.number % 3 {
            0 => Qos::AtMostOnce,
            1 => Qos::AtLeastOnce,
            _ => Qos::ExactlyOnce,
        }
    }

    fn topic(&self) -> String {
        format!("t/{}/{}", self.target, self.number / 3 % 2)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::from(self.number.to_be_bytes());
        bytes.extend(self.target.to_be_bytes());
        bytes.resize(bytes.len() + self.more, 0);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        let number = |place: usize| {
            let bytes = bytes[place..place + 8].try_into().expect("eight bytes are eight bytes");
            u64::from_be_bytes(bytes)
        };
        Self { number: number(0), target: number(8), more: bytes.len() - 16 }
    }
}

/// What the application answers itself if the crate does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// PUBACK.
    Acknowledge,
    /// PUBREC.
    Receive,
    /// PUBREL.
    Release,
    /// PUBCOMP.
    Complete,
}

/// An endpoint, and what its application has to send.
pub(crate) struct Desk<R: RoleType> {
    pub(crate) end: Endpoint<R>,
    pub(crate) queue: VecDeque<Message>,
    /// Whether CONNACK was sent or has arrived on this line.
    pub(crate) is_connected: bool,
}

impl<R: RoleType> Desk<R> {
    pub(crate) const fn new(end: Endpoint<R>) -> Self {
        Self { end, queue: VecDeque::new(), is_connected: false }
    }

    /// Publishes what waits, until the machine objects.
    pub(crate) fn pump(&mut self, port: &mut Port<'_, Station>) {
        let is_there = self.is_connected && matches!(self.end.line, Line::Up | Line::Silent);
        while !self.end.setup.has(Care::HoldBack) || is_there {
            let Some(message) = self.queue.pop_front() else { return };
            if !self.publish(&message, port) {
                return self.queue.push_front(message);
            }
        }
    }

    /// Publishes a message; whether it need not be tried again.
    fn publish(&mut self, message: &Message, port: &mut Port<'_, Station>) -> bool {
        let end = &mut self.end;
        let has_id = message.qos() != Qos::AtMostOnce;
        let vacancy = end.machine.get_receive_maximum_vacancy_for_send();
        if has_id && end.setup.has(Care::AskQuota) && vacancy == Some(0) {
            return false;
        }
        let id = has_id.then(|| end.acquire(port));
        let (topic, payload) = (message.topic(), message.to_bytes());
        let packet = timed(|| {
            let builder = Publish::builder().topic_name(topic).expect("a topic is a valid string");
            builder.qos(message.qos()).packet_id(id).payload(payload).build().expect("the packet is complete")
        });
        match end.send(packet.into(), port) {
            None => {
                port.note(ACCEPTED, end.about(message.number, port), &[]);
                true
            }
            Some(MqttError::PacketTooLarge) => {
                let events = id.map_or_else(Vec::new, |id| end.machine.release_packet_id(id));
                end.perform(events, port);
                true
            }
            Some(_) => false,
        }
    }

    /// Does what is the same for client and broker; returns a message that has arrived.
    pub(crate) fn hear(&mut self, packet: &Packet, port: &mut Port<'_, Station>) -> Option<Message> {
        match packet {
            Packet::V5_0Publish(packet) => {
                let message = Message::from_bytes(packet.payload().as_slice());
                let is_right = packet.topic_name() == message.topic();
                port.note(
                    if is_right { DELIVERED } else { MISROUTED },
                    self.end.about(message.number, port),
                    &[],
                );
                if let Some(id) = packet.packet_id() {
                    let is_second = packet.qos() == Qos::ExactlyOnce;
                    self.reply_later(if is_second { Reply::Receive } else { Reply::Acknowledge }, id, port);
                }
                return Some(message);
            }
            Packet::V5_0Pubrec(packet) => self.reply_later(Reply::Release, packet.packet_id(), port),
            Packet::V5_0Pubrel(packet) => self.reply_later(Reply::Complete, packet.packet_id(), port),
            Packet::V5_0Puback(_) | Packet::V5_0Pubcomp(_) => self.pump(port),
            _ => {}
        }
        None
    }

    /// Notes what has not come to rest.
    pub(crate) fn report(&mut self, port: &mut Port<'_, Station>) {
        let machine = &mut self.end.machine;
        let unsettled = [
            (CONNECTION, !self.is_connected),
            (QUEUE, !self.queue.is_empty()),
            (QUOTA_LEFT, machine.get_receive_maximum_vacancy_for_send().is_some_and(|left| left != QUOTA)),
            (IDS, machine.acquire_packet_id() != Ok(1)),
        ];
        for (what, _) in unsettled.into_iter().filter(|(_, is_unsettled)| *is_unsettled) {
            port.note(UNSETTLED, what, &[]);
        }
    }

    pub(crate) fn object(&self, error: MqttError, port: &mut Port<'_, Station>) {
        port.note(OBJECTS, self.end.about(error as u64, port), &[]);
    }

    /// An application that answers by itself works on what has arrived before it does.
    fn reply_later(&self, reply: Reply, id: u16, port: &mut Port<'_, Station>) {
        if !self.end.setup.has(Care::AutoReply) {
            port.submit_after(WORK, Tick::Reply(self.end.tag, reply, id));
        }
    }

    /// Answers. What the machine objects to because the line is down is answered when the peer asks again.
    pub(crate) fn reply(&mut self, reply: Reply, id: u16, port: &mut Port<'_, Station>) {
        const COMPLETE: &str = "the packet is complete";
        let packet: Packet = match reply {
            Reply::Acknowledge => Puback::builder().packet_id(id).build().expect(COMPLETE).into(),
            Reply::Receive => Pubrec::builder().packet_id(id).build().expect(COMPLETE).into(),
            Reply::Release => Pubrel::builder().packet_id(id).build().expect(COMPLETE).into(),
            Reply::Complete => Pubcomp::builder().packet_id(id).build().expect(COMPLETE).into(),
        };
        self.end.send(packet, port);
    }
}
