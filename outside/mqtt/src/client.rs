//! A client: it dials, publishes, leaves, and dials again.

use mqtt_protocol_core::mqtt::packet::v5_0::{Connect, Disconnect, Pingreq, Subscribe};
use mqtt_protocol_core::mqtt::packet::{
    Packet, Property, Qos, SessionExpiryInterval, SubEntry, SubOpts, TopicAliasMaximum,
};
use mqtt_protocol_core::mqtt::result_code::DisconnectReasonCode;
use mqtt_protocol_core::mqtt::role;
use tiebreak::net::Port;
use tiebreak::{Ratio, Span, terms};

use crate::desk::{Desk, Message};
use crate::endpoint::{Endpoint, Heard, Line};
use crate::setup::{ALIASES, Care, KEEP_ALIVE, Lines, Setup};
use crate::world::{CALM, CUT, FORGOTTEN, Letter, Station, Tick, What};

terms! {
    ACTION = "action", QOS = "qos", SIZE = "size", NOTICE = "notice", TELL = "tell", CLEAN = "clean", IDLE = "idle",
}

const COMPLETE: &str = "the packet is complete";
/// How long a client waits before it does the next thing.
const BREATH: Span = Span::from_millis(500);
/// How long a client waits before it dials again.
const PAUSE: Span = Span::from_millis(500);
/// How long a client waits for CONNACK. The crate leaves that to the application.
const PATIENCE: Span = Span::from_secs(4);

/// A client.
pub struct Client {
    setup: Setup,
    tag: u64,
    hub: &'static str,
    /// From the start of its first life on.
    desk: Option<Desk<role::Client>>,
    is_subscribed: bool,
    /// Whether it wants to start without a session; until it does, because the broker may not have heard of that yet.
    is_clean: bool,
    keep_alive: u16,
    messages: u64,
}

impl Client {
    pub(crate) const fn new(setup: Setup, tag: u64, hub: &'static str) -> Self {
        Self {
            setup,
            tag,
            hub,
            desk: None,
            is_subscribed: false,
            is_clean: false,
            keep_alive: KEEP_ALIVE,
            messages: 0,
        }
    }

    fn desk(&mut self) -> &mut Desk<role::Client> {
        self.desk.as_mut().expect("a node has started before anything happens to it")
    }

    /// What it keeps over a crash are the packets and ids that the crate gives to be stored, and what it wants to publish.
    pub(crate) fn start(&mut self, port: &mut Port<'_, Station>) {
        let hub = port.find(self.hub).expect("there is a broker");
        if let Some(desk) = &mut self.desk {
            desk.end.hang_up();
            desk.end.renew(port);
            desk.is_connected = false;
        } else {
            self.desk = Some(Desk::new(Endpoint::new(self.setup, self.tag, hub)));
        }
        port.arm_after(BREATH, Tick::Act);
        self.dial(port);
    }

    fn dial(&mut self, port: &mut Port<'_, Station>) {
        let is_clean = self.is_clean;
        self.keep_alive = if port.chance(IDLE, Ratio::percent(25)) { 0 } else { KEEP_ALIVE };
        let packet = self.connect(is_clean);
        let setup = self.setup;
        let end = &mut self.desk().end;
        let number = end.number + 1;
        if setup.has(Care::NewMachine) && number > 1 {
            end.renew(port);
        }
        end.open(number, port);
        port.send(end.peer, Letter { number, what: What::Open });
        end.send(packet, port);
        port.arm_after(PATIENCE, Tick::Patience);
        if is_clean {
            self.forget(port);
        }
    }

    fn connect(&self, is_clean: bool) -> Packet {
        let mut properties = vec![session_expiry()];
        let aliases = if self.setup.has(Care::NoAlias) { 0 } else { ALIASES };
        if aliases > 0 || !self.setup.has(Care::NoZero) {
            properties.push(TopicAliasMaximum::new(aliases).expect("any number will do").into());
        }
        let builder = Connect::builder().client_id(format!("client-{}", self.tag)).expect("a valid string");
        let builder = builder.clean_start(is_clean).keep_alive(self.keep_alive).props(properties);
        builder.build().expect(COMPLETE).into()
    }

    /// The session is over.
    fn forget(&mut self, port: &mut Port<'_, Station>) {
        self.is_subscribed = false;
        let end = &mut self.desk().end;
        end.ended(port);
        port.note(FORGOTTEN, port.symbol(end.peer), &[]);
    }

    pub(crate) fn receive(&mut self, letter: Letter, port: &mut Port<'_, Station>) {
        let end = &self.desk().end;
        if letter.number != end.number || end.line != Line::Up {
            return;
        }
        match letter.what {
            What::Open => {}
            What::Close => self.close(port),
            What::Bytes(bytes) => {
                self.desk().end.put(bytes);
                while let Some(heard) = self.desk().end.take(port) {
                    self.hear(heard, port);
                }
            }
        }
    }

    fn hear(&mut self, heard: Vec<Heard>, port: &mut Port<'_, Station>) {
        for heard in heard {
            match heard {
                Heard::Error(error) => self.desk().object(error, port),
                Heard::Packet(Packet::V5_0Connack(packet)) => self.begin(packet.session_present(), port),
                Heard::Packet(packet) => _ = self.desk().hear(&packet, port),
            }
        }
    }

    /// The broker has let it in.
    fn begin(&mut self, has_session: bool, port: &mut Port<'_, Station>) {
        self.is_clean = false;
        if !has_session {
            self.forget(port);
        }
        if self.setup.has(Care::PingFirst) && self.keep_alive > 0 {
            self.desk().end.send(Pingreq::builder().build().expect(COMPLETE).into(), port);
        }
        self.desk().is_connected = true;
        if !self.is_subscribed {
            self.subscribe(port);
        }
        self.desk().pump(port);
    }

    fn subscribe(&mut self, port: &mut Port<'_, Station>) {
        self.is_subscribed = true;
        let topic = format!("t/{}/+", self.tag);
        let end = &mut self.desk().end;
        let entry = SubEntry::new(topic, SubOpts::new().set_qos(Qos::ExactlyOnce)).expect("a valid filter");
        let id = end.acquire(port);
        let packet = Subscribe::builder().packet_id(id).entries(vec![entry]).build().expect(COMPLETE);
        end.send(packet.into(), port);
    }

    pub(crate) fn expire(&mut self, tick: Tick, port: &mut Port<'_, Station>) {
        match tick {
            Tick::Act => self.act(port),
            Tick::Dial => self.dial(port),
            Tick::Patience => self.give_up(port),
            Tick::Flush(_) => self.desk().end.flush(port),
            Tick::Closed(_) => self.close(port),
            Tick::Reply(_, reply, id) => self.desk().reply(reply, id, port),
            Tick::Keep(_, kind) => {
                let heard = self.desk().end.fire(kind, port);
                self.hear(heard, port);
            }
            Tick::Admit(_) => {}
        }
    }

    /// No CONNACK has come.
    fn give_up(&mut self, port: &mut Port<'_, Station>) {
        if self.desk().end.line != Line::Down && !self.desk().is_connected {
            self.note_cut(port);
            self.desk().end.break_off(Span::ZERO, port);
        }
    }

    fn close(&mut self, port: &mut Port<'_, Station>) {
        self.desk().is_connected = false;
        self.desk().end.close(port);
        port.arm_after(PAUSE, Tick::Dial);
    }

    /// Does one thing every half second, until it has had enough.
    fn act(&mut self, port: &mut Port<'_, Station>) {
        if port.now() < CALM {
            port.arm_after(BREATH, Tick::Act);
        }
        let is_up = self.desk().end.line == Line::Up;
        match port.draw(ACTION, 0..=19) {
            0..=1 => {}
            action @ 2..=13 => (0..=action % 3).for_each(|_| self.publish(port)),
            14..=15 if self.desk().is_connected => self.subscribe(port),
            _ if self.setup.lines == Lines::Steady || !is_up => {}
            16..=17 => self.break_off(port),
            18 if self.keep_alive > 0 => self.cut(port),
            19 if self.desk().is_connected => self.leave(port),
            _ => {}
        }
    }

    fn publish(&mut self, port: &mut Port<'_, Station>) {
        let qos = port.draw(QOS, 0..=2);
        let more = if self.setup.has(Care::NoLimit) { 0 } else { port.draw(SIZE, 0..=40) };
        self.messages += 1;
        let number = (self.tag * 1_000 + self.messages) * 3 + qos;
        let more = usize::try_from(more).expect("at most 40");
        let target = 1 - self.tag;
        self.desk().queue.push_back(Message { number, target, more });
        self.desk().pump(port);
    }

    /// The line breaks: writes fail from now on, and what reads from it notices now or soon.
    fn break_off(&mut self, port: &mut Port<'_, Station>) {
        let notice = port.draw(NOTICE, 0..=5);
        self.note_cut(port);
        if port.chance(TELL, Ratio::percent(50)) {
            let end = &self.desk().end;
            port.send(end.peer, Letter { number: end.number, what: What::Close });
        }
        self.desk().end.break_off(Span::from_millis(notice * 500), port);
    }

    /// The line is cut, and nobody is told.
    fn cut(&mut self, port: &mut Port<'_, Station>) {
        self.note_cut(port);
        self.desk().end.line = Line::Silent;
    }

    fn leave(&mut self, port: &mut Port<'_, Station>) {
        self.note_cut(port);
        self.is_clean |= port.chance(CLEAN, Ratio::percent(50));
        let reason = DisconnectReasonCode::NormalDisconnection;
        let packet = Disconnect::builder().reason_code(reason).build().expect(COMPLETE);
        self.desk().end.send(packet.into(), port);
    }

    fn note_cut(&mut self, port: &mut Port<'_, Station>) {
        let end = &self.desk().end;
        port.note(CUT, end.about(end.number, port), &[]);
    }

    pub(crate) fn report(&mut self, port: &mut Port<'_, Station>) {
        self.desk().report(port);
    }
}

/// Sessions are kept for an hour.
fn session_expiry() -> Property {
    SessionExpiryInterval::new(3_600).expect("any number will do").into()
}
