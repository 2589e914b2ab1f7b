//! The world: clients and a server on a bad network, each a host of smoltcp with an application that does what it draws.

use smoltcp::socket::tcp::State;
use smoltcp::time::Instant as Micros;
use tiebreak::net::{About, Label, Node, NodeId, Port};
use tiebreak::{Fact, Instant, Span};
use tiebreak_outside_shown::timed;

use crate::application::{named, pick};
use crate::device::{Flags, Packet};
use crate::host::{Host, Role, Settings, address};
use crate::scene::{END_OF_PATIENCE, SETTLED, Scene, TICK};
#[cfg_attr(not(test), expect(clippy::wildcard_imports, reason = "words are many"))]
use crate::words::*;

/// How often a host may want to be polled again at once, at one instant, before it is said to go in circles.
const SPINS_MAX: u32 = 20;

/// A machine of the network: what it is made from, and the host while it is up.
pub struct Machine {
    pub(crate) scene: Scene,
    group: &'static [&'static str],
    pub(crate) place: usize,
    pub(crate) roles: Vec<Role>,
    host: Option<Host>,
    peers: Vec<NodeId>,
    pub(crate) connections: u32,
    steps_left: u64,
    pub(crate) is_settling: bool,
    /// Until when nothing is done: the program that calls smoltcp is busy.
    pub(crate) dozes_until: Instant,
    room_since: Instant,
    spins: u32,
}

/// What a host waits for: that smoltcp is due, the next step of its application, the end of its activity, the end of patience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    Due,
    Step,
    Settle,
    Deadline,
}

impl Node for Machine {
    type Message = Packet;
    type Timer = Timer;
    type Command = ();

    fn start(&mut self, port: &mut Port<'_, Self>) {
        self.peers = self.group.iter().filter_map(|name| port.find(name)).collect();
        let settings = self.draw_settings(port);
        let number = u8::try_from(self.place + 1).expect("groups are small");
        self.host = Some(timed(|| Host::new(number, settings, &self.roles, micros(port.now()))));
        self.steps_left = self.scene.steps;
        (self.dozes_until, self.room_since, self.spins) = (port.now(), port.now(), 0);
        port.arm(Instant::from_nanos(SETTLED.as_nanos()), Timer::Settle);
        port.arm(Instant::from_nanos(END_OF_PATIENCE.as_nanos()), Timer::Deadline);
        self.plan_step(port);
        self.work(port);
    }

    fn receive(&mut self, _from: NodeId, packet: Packet, port: &mut Port<'_, Self>) {
        self.host().take_in(packet, micros(port.now()));
        self.work(port);
    }

    fn expire(&mut self, timer: Timer, port: &mut Port<'_, Self>) {
        match timer {
            Timer::Due => {}
            Timer::Step if self.is_settling => return,
            Timer::Step => {
                self.step(port);
                self.plan_step(port);
            }
            Timer::Settle => self.is_settling = true,
            Timer::Deadline => return self.complain(port),
        }
        self.work(port);
    }

    fn command(&mut self, (): (), _port: &mut Port<'_, Self>) {}

    fn name_of_message(packet: &Packet) -> Label {
        let segment = &packet.segment;
        match segment.flags {
            Flags::Syn => Label::new(SYN),
            Flags::SynAck => Label::new(SYN_ACK),
            Flags::Rst => Label::new(RST),
            Flags::Fin => Label::new(FIN).number(segment.length.into()),
            Flags::Data => Label::new(DATA).number(segment.length.into()),
            Flags::Ack => Label::new(ACK),
        }
    }

    fn name_of_timer(timer: &Timer) -> Label {
        Label::new(match timer {
            Timer::Due => DUE,
            Timer::Step => STEP,
            Timer::Settle => SETTLE,
            Timer::Deadline => DEADLINE,
        })
    }
}

impl Machine {
    pub fn new(scene: Scene, group: &'static [&'static str], place: usize, roles: Vec<Role>) -> Self {
        let (host, peers) = (None, Vec::new());
        let never = Instant::from_nanos(0);
        Self {
            scene,
            group,
            place,
            roles,
            host,
            peers,
            connections: 0,
            steps_left: 0,
            is_settling: false,
            dozes_until: never,
            room_since: never,
            spins: 0,
        }
    }

    pub(crate) fn host(&mut self) -> &mut Host {
        self.host.as_mut().expect("a node that is up has started")
    }

    fn draw_settings(&self, port: &mut Port<'_, Self>) -> Settings {
        let scene = &self.scene;
        Settings {
            seed: port.draw(SEED, 0..=u64::from(u32::MAX)),
            buffer: pick(port, BUFFER, scene.buffers),
            mtu: pick(port, MTU, scene.mtus),
            nagle: pick(port, NAGLE, scene.nagle),
            ack_delay: pick(port, ACK_DELAY, scene.ack_delays),
            keep_alive: pick(port, KEEP_ALIVE, scene.keep_alives),
            timeout: pick(port, TIMEOUT, scene.timeouts),
            room: pick(port, ROOM, scene.rooms),
            appetite: pick(port, APPETITE, scene.appetites),
        }
    }

    fn plan_step(&mut self, port: &mut Port<'_, Self>) {
        let Some(left) = self.steps_left.checked_sub(1) else { return };
        self.steps_left = left;
        let pause = TICK.saturating_mul(port.draw(PAUSE, 0..=self.scene.pause));
        port.arm_after(pause, Timer::Step);
    }

    /// Lets smoltcp work, lets applications read, sends what leaves, and waits for what smoltcp wants.
    fn work(&mut self, port: &mut Port<'_, Self>) {
        if port.now() < self.dozes_until && !self.is_settling {
            return port.arm(self.dozes_until, Timer::Due);
        }
        let now = micros(port.now());
        if self.room_since != port.now() || self.host().settings.room == usize::MAX {
            self.room_since = port.now();
            self.host().wire.room = self.host().settings.room;
        }
        self.host().poll(now);
        let hungry = (0..self.roles.len()).fold(false, |hungry, end| self.attend(end, port) | hungry);
        self.host().poll(now);
        (0..self.roles.len()).for_each(|end| self.host().settle(end));
        for packet in self.host().wire.take_leaving() {
            self.send(Packet::new(packet), port);
        }
        self.wait(hungry, port);
    }

    fn send(&mut self, packet: Packet, port: &mut Port<'_, Self>) {
        let segment = packet.segment;
        if let Some(over) = self.host().beyond(&segment) {
            let facts = [Fact::number(LENGTH, segment.length.into()), Fact::number(OVER, over.into())];
            port.note(BEYOND, u64::from(segment.from.port.min(segment.to.port)), &facts);
        }
        let peer = (1..).zip(&self.peers).find(|(number, _)| segment.to.addr == address(*number));
        if let Some((_, peer)) = peer {
            port.send(*peer, packet);
        }
    }

    /// Waits for what smoltcp wants: to be polled, room in the device, or that somebody reads on.
    fn wait(&mut self, is_hungry: bool, port: &mut Port<'_, Self>) {
        let now = micros(port.now());
        let wanted = self.host().poll_at(now);
        let soon = port.now().saturating_add(Span::from_millis(1));
        let is_full = self.host().wire.room == 0;
        let has_more = !self.host().wire.arrived.is_empty();
        let mut at = match wanted {
            Some(at) if at > now => Some(instant(at)),
            Some(_) if is_full => Some(soon),
            Some(_) => Some(self.spin(port).unwrap_or(soon)),
            None => None,
        };
        if has_more {
            at = at.into_iter().chain([soon]).min();
        }
        if is_hungry {
            at = at.into_iter().chain([port.now().saturating_add(TICK)]).min();
        }
        match at {
            Some(at) => port.arm(at, Timer::Due),
            None => _ = port.disarm(&Timer::Due),
        }
    }

    /// It wants to be polled again, although it has just been and nothing keeps it from its work. Returns when; `None` if that
    /// was so too often.
    fn spin(&mut self, port: &mut Port<'_, Self>) -> Option<Instant> {
        self.spins += 1;
        if self.spins < SPINS_MAX {
            return Some(port.now());
        }
        if self.spins == SPINS_MAX {
            port.note(SPINS, About::Nothing, &[]);
        }
        None
    }

    /// Says which ends are open although everything should have been closed long ago.
    fn complain(&mut self, port: &mut Port<'_, Self>) {
        for end in 0..self.roles.len() {
            let state = self.host().socket(end).state();
            if !matches!(state, State::Closed | State::Listen | State::TimeWait) {
                let queue = self.host().socket(end).send_queue() as u64;
                self.note(port, end, STUCK, &[named(state), Fact::number(QUEUE, queue)]);
            }
        }
    }
}

pub(crate) fn micros(instant: Instant) -> Micros {
    Micros::from_micros(i64::try_from(instant.as_nanos() / 1_000).expect("runs are short"))
}

fn instant(micros: Micros) -> Instant {
    Instant::from_nanos(u64::try_from(micros.total_micros()).unwrap_or_default() * 1_000)
}
