//! A small broker: it lets clients in, keeps their sessions, and passes on what is published to them.

use mqtt_protocol_core::mqtt::packet::v5_0::{Connack, Suback};
use mqtt_protocol_core::mqtt::packet::{Packet, TopicAliasMaximum};
use mqtt_protocol_core::mqtt::result_code::{ConnectReasonCode, SubackReasonCode};
use mqtt_protocol_core::mqtt::role;
use tiebreak::net::{NodeId, Port};
use tiebreak::{Ratio, Span, terms};

use crate::desk::{Desk, Message};
use crate::endpoint::{Endpoint, Heard, Kept, Line};
use crate::setup::{ALIASES, Care, Lines, Setup};
use crate::world::{FORGOTTEN, Letter, Station, Tick, What};

terms! { THOUGHT = "thought", EXPIRES = "expires" }

const COMPLETE: &str = "the packet is complete";

/// A broker.
pub struct Broker {
    setup: Setup,
    clients: [&'static str; 2],
    sessions: Vec<Session>,
}

struct Session {
    /// What is to be restored into the machine.
    kept: Option<Kept>,
    desk: Desk<role::Server>,
    exists: bool,
    is_subscribed: bool,
}

impl Broker {
    pub(crate) const fn new(setup: Setup, clients: [&'static str; 2]) -> Self {
        Self { setup, clients, sessions: Vec::new() }
    }

    pub(crate) fn start(&mut self, port: &mut Port<'_, Station>) {
        for (tag, client) in (0..).zip(self.clients) {
            let client = port.find(client).expect("there are two clients");
            let desk = Desk::new(Endpoint::new(self.setup, tag, client));
            self.sessions.push(Session { kept: None, desk, exists: false, is_subscribed: false });
        }
    }

    fn session(&mut self, tag: u64) -> &mut Session {
        &mut self.sessions[usize::from(tag > 0)]
    }

    pub(crate) fn receive(&mut self, from: NodeId, letter: Letter, port: &mut Port<'_, Station>) {
        let tag = self.sessions.iter().find(|session| session.desk.end.peer == from);
        let tag = tag.expect("a client writes").desk.end.tag;
        let is_present = {
            let end = &self.session(tag).desk.end;
            letter.number == end.number && end.line != Line::Down
        };
        match letter.what {
            What::Open => self.open(tag, letter.number, port),
            What::Close if is_present => self.close(tag, port),
            What::Bytes(bytes) if is_present => {
                self.session(tag).desk.end.put(bytes);
                while let Some(heard) = self.session(tag).desk.end.take(port) {
                    self.hear(tag, heard, port);
                }
            }
            What::Close | What::Bytes(_) => {}
        }
    }

    /// A client dials. If its former line still seems to be up, that is over now.
    fn open(&mut self, tag: u64, number: u64, port: &mut Port<'_, Station>) {
        let setup = self.setup;
        if self.session(tag).desk.end.line != Line::Down {
            self.close(tag, port);
        }
        let session = self.session(tag);
        let end = &mut session.desk.end;
        if setup.has(Care::NewAtBroker) {
            let kept = session.kept.take().unwrap_or_else(|| end.kept());
            end.discard(port);
            session.kept = Some(kept);
            if !setup.has(Care::RestoreLater) {
                session.restore(port);
            }
        }
        session.desk.end.open(number, port);
    }

    fn close(&mut self, tag: u64, port: &mut Port<'_, Station>) {
        let may_expire = self.setup.lines == Lines::Cut;
        let session = self.session(tag);
        session.desk.is_connected = false;
        session.desk.end.close(port);
        if may_expire && port.chance(EXPIRES, Ratio::percent(12)) {
            session.desk.end.discard(port);
            session.end(port);
        }
    }

    fn hear(&mut self, tag: u64, heard: Vec<Heard>, port: &mut Port<'_, Station>) {
        for heard in heard {
            // What it sends after CONNACK shows that it knows of its new session. Without that a client that has lost CONNACK
            // would take that session for the one before, against which MQTT has no remedy.
            let session = self.session(tag);
            session.exists |= session.desk.is_connected;
            let packet = match heard {
                Heard::Packet(packet) => packet,
                Heard::Error(error) => {
                    self.session(tag).desk.object(error, port);
                    continue;
                }
            };
            match packet {
                Packet::V5_0Connect(packet) => {
                    let session = self.session(tag);
                    if packet.clean_start() {
                        session.desk.end.ended(port);
                        session.end(port);
                    }
                    session.restore(port);
                    let thought = port.draw(THOUGHT, 0..=3);
                    port.arm_after(Span::from_millis(thought * 500), Tick::Admit(tag));
                }
                Packet::V5_0Subscribe(packet) => self.session(tag).subscribe(packet.packet_id(), port),
                packet => {
                    if let Some(message) = self.session(tag).desk.hear(&packet, port) {
                        self.pass_on(message, port);
                    }
                }
            }
        }
    }

    fn pass_on(&mut self, message: Message, port: &mut Port<'_, Station>) {
        let session = self.session(message.target);
        if session.exists && session.is_subscribed {
            session.desk.queue.push_back(message);
            session.desk.pump(port);
        }
    }

    pub(crate) fn expire(&mut self, tick: Tick, port: &mut Port<'_, Station>) {
        match tick {
            Tick::Flush(tag) => self.session(tag).desk.end.flush(port),
            Tick::Closed(tag) => self.close(tag, port),
            Tick::Admit(tag) => self.admit(tag, port),
            Tick::Reply(tag, reply, id) => self.session(tag).desk.reply(reply, id, port),
            Tick::Keep(tag, kind) => {
                let heard = self.session(tag).desk.end.fire(kind, port);
                self.hear(tag, heard, port);
            }
            Tick::Act | Tick::Dial | Tick::Patience => {}
        }
    }

    /// Has looked who the client is, and answers its CONNECT.
    fn admit(&mut self, tag: u64, port: &mut Port<'_, Station>) {
        let setup = self.setup;
        let session = self.session(tag);
        let has_session = session.exists;
        if !has_session {
            session.desk.end.ended(port);
            session.end(port);
        }
        let mut properties = Vec::new();
        if !setup.has(Care::NoAlias) {
            properties.push(TopicAliasMaximum::new(ALIASES).expect("any number will do").into());
        }
        let builder = Connack::builder().session_present(has_session).reason_code(ConnectReasonCode::Success);
        let packet = builder.props(properties).build().expect(COMPLETE);
        session.desk.end.send(packet.into(), port);
        session.desk.is_connected = true;
        session.desk.pump(port);
    }

    pub(crate) fn report(&mut self, port: &mut Port<'_, Station>) {
        for session in &mut self.sessions {
            session.desk.report(port);
        }
    }
}

impl Session {
    fn restore(&mut self, port: &mut Port<'_, Station>) {
        if let Some(kept) = self.kept.take() {
            self.desk.end.restore(kept, port);
        }
    }

    /// The session is over.
    fn end(&mut self, port: &mut Port<'_, Station>) {
        (self.exists, self.is_subscribed) = (false, false);
        self.desk.queue.clear();
        self.kept = None;
        port.note(FORGOTTEN, port.symbol(self.desk.end.peer), &[]);
    }

    fn subscribe(&mut self, id: u16, port: &mut Port<'_, Station>) {
        self.is_subscribed = true;
        let builder = Suback::builder().packet_id(id).reason_codes(vec![SubackReasonCode::GrantedQos2]);
        self.desk.end.send(builder.build().expect(COMPLETE).into(), port);
    }
}
