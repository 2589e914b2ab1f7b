//! A node that runs foca: its user, and the runtime that foca calls.

use std::time::Duration;

use foca::{BroadcastHandler, Config, Error, Foca, Notification, OwnedNotification, Runtime, Timer};
use tiebreak::net::{About, Label, Node, NodeId, Port};
use tiebreak::{Fact, Instant, Span, Stream, Term, terms};
use tiebreak_outside_shown::{timed, untimed};

use crate::board::{Board, Item};
use crate::wire::{Id, Plain, Renewal, TURN_UNDEAD, kind_of};

terms! {
    /// What a node notes: what foca tells its user,
    pub UP = "up", pub DOWN = "down", pub RENAMED = "renamed", pub ACTIVE = "active", pub IDLE = "idle",
    pub DEFUNCT = "defunct", pub REJOINED = "rejoined",
    /// what its user does,
    pub BEGUN = "begun", pub LEFT = "left", pub RETURNED = "returned", pub CHANGED = "changed",
    /// that foca returns an error, and that it tells a node that it is dead that it takes for alive,
    pub FAILED = "failed", pub MISTOLD = "mistold",
    /// that it answers TurnUndead by TurnUndead over and over,
    pub FLOODED = "flooded",
    /// and, at the end, how it stands and whom it takes for a member.
    pub STANDS = "stands", pub LISTS = "lists",
    pub AS = "as", pub WAS = "was", pub WHY = "why", pub QUIET = "quiet", pub FOR = "for",
    JOINING = "joining", MACHINE = "machine", TELL = "tell", CONFIGURE = "configure", AUDIT = "audit", LEAVE = "leave",
    RETURN = "return", CHANGE = "change", ASK_AGAIN = "ask-again", REUSE = "reuse",
    PROBE = "probe", PROBE_INDIRECTLY = "probe-indirectly", DECLARE_DOWN = "declare-down", FORGET = "forget",
    ANNOUNCE_ALWAYS = "announce-always", ANNOUNCE_TO_DOWN = "announce-to-down", GOSSIP_ALWAYS = "gossip-always",
}

/// How somebody uses foca.
#[derive(Debug, Clone)]
pub struct Habits {
    pub config: Config,
    pub renewal: Renewal,
    pub restart: Restart,
    pub care: Care,
    /// The names of the nodes of the cluster, by address. All join by way of the first two.
    pub names: Vec<String>,
    /// After what a node announces itself again that nobody has answered.
    pub patience: Span,
}

/// Who a node is after a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    Same,
    Anew,
}

/// When a node announces itself again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// Until it is a member. Then it leaves everything to foca.
    UntilMember,
    /// Whenever it has no members, and when foca has changed its identity, until it is told that it is active.
    WheneverAlone,
}

/// What a user does to foca from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Leave,
    /// Goes back to the cluster that it has left, or that has declared it down.
    Return(Restart),
    ChangeIdentity,
    Tell,
    /// Sets the largest size of a packet, and how often news are sent.
    Configure {
        packet: u16,
        transmissions: u8,
    },
    Audit,
}

/// A timer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alarm {
    Foca(Timer<Id>),
    AskAgain,
    /// It was declared down so long ago that everybody has forgotten.
    Reuse,
}

/// How a node stands, as its user knows from what foca tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Joining,
    Active,
    Idle,
    Left,
    Defunct,
}

type Machine = Foca<Id, Plain, Stream, Board>;

/// A node of a cluster.
pub struct Member {
    habits: Habits,
    id: Id,
    peers: Vec<NodeId>,
    machine: Option<Machine>,
    standing: Standing,
    /// Since when it stands so.
    since: Instant,
    /// When it has sent something.
    sent: Instant,
    items: Board,
    /// How many nodes it has told that they are dead.
    doomed: usize,
    /// How often it has answered just that by the same since it last got an identity or came back with it.
    retorts: u32,
}

/// How often a node may answer so. The run ends then: a flood would take for ever.
const RETORTS_MAX: u32 = 100;

impl Member {
    /// A node that is not in a cluster yet.
    pub fn new(address: u16, habits: Habits) -> Self {
        Self {
            id: Id::first(address, habits.renewal),
            habits,
            peers: Vec::new(),
            machine: None,
            standing: Standing::Joining,
            since: Instant::START,
            sent: Instant::START,
            items: Board::default(),
            doomed: 0,
            retorts: 0,
        }
    }
}

impl Node for Member {
    type Message = Vec<u8>;
    type Timer = Alarm;
    type Command = Command;

    fn start(&mut self, port: &mut Port<'_, Self>) {
        if port.life() > 0 && self.habits.restart == Restart::Anew {
            self.id = self.id.next();
        }
        self.peers = self.habits.names.iter().filter_map(|name| port.find(name)).collect();
        self.items = Board::default();
        let (rng, config) = (port.stream(MACHINE), self.habits.config.clone());
        self.machine = Some(Foca::with_custom_broadcast(self.id, config, rng, Plain, Board::default()));
        self.sent = port.now();
        port.note(BEGUN, About::Nothing, &[generation(self.id)]);
        self.stand(Standing::Joining, port);
        self.ask(port);
    }

    fn receive(&mut self, _from: NodeId, packet: Vec<u8>, port: &mut Port<'_, Self>) {
        let before = self.doomed;
        self.drive(port, |machine, wire| machine.handle_data(&packet, wire));
        // Who is told that it is dead and says the same to the other does so over and over.
        if kind_of(&packet) == TURN_UNDEAD && self.doomed > before {
            self.retorts += 1;
            if self.retorts == RETORTS_MAX {
                port.note(FLOODED, About::Nothing, &[]);
                port.stop("a flood");
            }
        }
    }

    fn expire(&mut self, alarm: Alarm, port: &mut Port<'_, Self>) {
        match alarm {
            Alarm::Foca(timer) => self.drive(port, |machine, wire| machine.handle_timer(timer, wire)),
            Alarm::AskAgain => self.ask(port),
            Alarm::Reuse if self.standing == Standing::Defunct => self.come_back(Restart::Same, port),
            Alarm::Reuse => {}
        }
    }

    fn command(&mut self, command: Command, port: &mut Port<'_, Self>) {
        match command {
            Command::Leave if self.is_member() => {
                port.note(LEFT, About::Nothing, &[]);
                self.stand(Standing::Left, port);
                port.disarm(&Alarm::AskAgain);
                self.drive(port, |machine, wire| machine.leave_cluster(wire));
            }
            Command::Return(restart) if !self.is_member() => self.come_back(restart, port),
            Command::ChangeIdentity if self.is_member() => {
                // It may not be accepted: foca says to wait until it is active.
                self.change_identity(port);
                self.ask_again(port);
            }
            Command::Tell => self.tell(port),
            Command::Configure { packet, transmissions } => {
                let mut config = self.habits.config.clone();
                config.max_packet_size = usize::from(packet).try_into().unwrap_or(config.max_packet_size);
                config.max_transmissions = transmissions.try_into().unwrap_or(config.max_transmissions);
                self.drive(port, |machine, _wire| machine.set_config(config));
            }
            Command::Audit => self.audit(port),
            Command::Leave | Command::Return(_) | Command::ChangeIdentity => {}
        }
    }

    fn name_of_message(packet: &Vec<u8>) -> Label {
        Label::new(kind_of(packet))
    }

    fn name_of_timer(alarm: &Alarm) -> Label {
        match alarm {
            Alarm::Foca(timer) => match timer {
                Timer::ProbeRandomMember(_) => Label::new(PROBE),
                Timer::SendIndirectProbe { probed_id, .. } => about(PROBE_INDIRECTLY, *probed_id),
                Timer::ChangeSuspectToDown { member_id, .. } => about(DECLARE_DOWN, *member_id),
                Timer::PeriodicAnnounce(_) => Label::new(ANNOUNCE_ALWAYS),
                Timer::PeriodicAnnounceDown(_) => Label::new(ANNOUNCE_TO_DOWN),
                Timer::PeriodicGossip(_) => Label::new(GOSSIP_ALWAYS),
                Timer::RemoveDown(id) => about(FORGET, *id),
            },
            Alarm::AskAgain => Label::new(ASK_AGAIN),
            Alarm::Reuse => Label::new(REUSE),
        }
    }

    fn name_of_command(command: &Command) -> Label {
        Label::new(match command {
            Command::Leave => LEAVE,
            Command::Return(_) => RETURN,
            Command::ChangeIdentity => CHANGE,
            Command::Tell => TELL,
            Command::Configure { .. } => CONFIGURE,
            Command::Audit => AUDIT,
        })
    }
}

/// What its user does.
impl Member {
    const fn is_member(&self) -> bool {
        !matches!(self.standing, Standing::Left | Standing::Defunct)
    }

    fn stand(&mut self, standing: Standing, port: &Port<'_, Self>) {
        self.standing = standing;
        self.since = port.now();
    }

    /// Announces itself to the first two nodes, and again if nobody answers.
    fn ask(&mut self, port: &mut Port<'_, Self>) {
        let own = self.id.address;
        for address in (0..2).filter(|address| *address != own) {
            let to = Id::first(address, self.habits.renewal);
            self.drive(port, |machine, wire| machine.announce(to, wire));
        }
        if self.standing != Standing::Active {
            port.arm_after(self.habits.patience, Alarm::AskAgain);
        }
    }

    fn ask_if_careful(&mut self, port: &mut Port<'_, Self>) {
        if self.habits.care == Care::WheneverAlone && self.is_member() {
            self.ask_again(port);
        }
    }

    fn ask_again(&mut self, port: &mut Port<'_, Self>) {
        self.stand(Standing::Joining, port);
        port.arm_after(self.habits.patience, Alarm::AskAgain);
    }

    fn change_identity(&mut self, port: &mut Port<'_, Self>) {
        let next = self.id.next();
        port.note(CHANGED, About::Nothing, &[generation(next)]);
        self.drive(port, |machine, wire| machine.change_identity(next, wire));
    }

    fn come_back(&mut self, restart: Restart, port: &mut Port<'_, Self>) {
        port.note(RETURNED, About::Nothing, &[]);
        self.stand(Standing::Joining, port);
        self.retorts = 0;
        match restart {
            Restart::Same => self.drive(port, |machine, _wire| machine.reuse_down_identity()),
            Restart::Anew => self.change_identity(port),
        }
        self.ask(port);
    }

    fn tell(&mut self, port: &mut Port<'_, Self>) {
        let author = self.id.address.to_be_bytes()[1];
        let item = Item::after(&self.items, author).bytes();
        let Ok(_) = self.items.receive_item(&item, None);
        self.drive(port, |machine, wire| machine.add_broadcast(&item).and_then(|_| machine.broadcast(wire)));
    }

    /// Does what the documentation says of what foca has told.
    fn heed(&mut self, told: &OwnedNotification<Id>, port: &mut Port<'_, Self>) {
        match told {
            OwnedNotification::Active => {
                port.disarm(&Alarm::AskAgain);
                self.stand(Standing::Active, port);
            }
            OwnedNotification::Idle => {
                self.stand(Standing::Idle, port);
                self.ask_if_careful(port);
            }
            OwnedNotification::Rejoin(_) => self.ask_if_careful(port),
            OwnedNotification::Defunct if self.standing != Standing::Left => {
                self.stand(Standing::Defunct, port);
                port.disarm(&Alarm::AskAgain);
                if let Some(after) = self.habits.config.remove_down_after {
                    // It takes a moment until the last one has heard of it.
                    let after = Span::from(after).saturating_add(self.habits.patience);
                    port.arm_after(after, Alarm::Reuse);
                }
            }
            OwnedNotification::Defunct
            | OwnedNotification::MemberUp(_)
            | OwnedNotification::MemberDown(_)
            | OwnedNotification::Rename(..) => {}
        }
    }

    fn audit(&mut self, port: &mut Port<'_, Self>) {
        let Some(machine) = &self.machine else { return };
        let word = match self.standing {
            Standing::Joining => JOINING,
            Standing::Active => ACTIVE,
            Standing::Idle => IDLE,
            Standing::Left => LEFT,
            Standing::Defunct => DEFUNCT,
        };
        let now = port.now();
        let facts = [
            generation(self.id),
            Fact::word(FOR, word),
            Fact::span(WAS, now.saturating_since(self.since)),
            Fact::span(QUIET, now.saturating_since(self.sent)),
        ];
        port.note(STANDS, About::Nothing, &facts);
        for member in machine.iter_members() {
            let name = port.symbol(self.peers[usize::from(member.id().address)]);
            port.note(LISTS, name, &[generation(*member.id())]);
        }
    }
}

/// What foca does.
impl Member {
    /// Lets foca do something, and then heeds what it has told.
    fn drive(
        &mut self,
        port: &mut Port<'_, Self>,
        act: impl FnOnce(&mut Machine, &mut Wire<'_, '_>) -> Result<(), Error>,
    ) {
        let Some(machine) = &mut self.machine else { return };
        let mut wire =
            Wire { port, peers: &self.peers, told: Vec::new(), doomed: Vec::new(), has_sent: false };
        let result = timed(|| act(machine, &mut wire));
        let Wire { told, doomed, has_sent, .. } = wire;
        if has_sent {
            self.sent = port.now();
        }
        if self.id != *machine.identity() {
            (self.id, self.retorts) = (*machine.identity(), 0);
        }
        if let Err(error) = result {
            port.note(FAILED, About::Nothing, &[Fact::text(WHY, &format!("{error:?}"))]);
        }
        self.doomed += doomed.len();
        for id in doomed {
            if machine.iter_members().any(|member| *member.id() == id) {
                port.note(MISTOLD, port.symbol(self.peers[usize::from(id.address)]), &[generation(id)]);
            }
        }
        for told in &told {
            self.heed(told, port);
        }
    }
}

/// The runtime that foca calls.
struct Wire<'w, 'p> {
    port: &'w mut Port<'p, Member>,
    peers: &'w [NodeId],
    told: Vec<OwnedNotification<Id>>,
    /// Who was told that it is dead.
    doomed: Vec<Id>,
    has_sent: bool,
}

impl Wire<'_, '_> {
    fn note(&mut self, notification: &Notification<'_, Id>) {
        let of = |id: &Id| self.port.symbol(self.peers[usize::from(id.address)]);
        let (kind, name, id, former) = match *notification {
            Notification::MemberUp(id) => (UP, About::from(of(id)), Some(id), None),
            Notification::MemberDown(id) => (DOWN, of(id).into(), Some(id), None),
            Notification::Rename(from, to) => (RENAMED, of(to).into(), Some(to), Some(from)),
            Notification::Active => (ACTIVE, About::Nothing, None, None),
            Notification::Idle => (IDLE, About::Nothing, None, None),
            Notification::Defunct => (DEFUNCT, About::Nothing, None, None),
            Notification::Rejoin(id) => (REJOINED, About::Nothing, Some(id), None),
        };
        let former = former.map(|id| Fact::number(WAS, id.generation.into()));
        let facts: Vec<_> = id.map(|id| generation(*id)).into_iter().chain(former).collect();
        self.port.note(kind, name, &facts);
    }
}

impl Runtime<Id> for Wire<'_, '_> {
    fn notify(&mut self, notification: Notification<'_, Id>) {
        untimed(|| self.note(&notification));
        self.told.push(notification.to_owned());
    }

    fn send_to(&mut self, to: Id, packet: &[u8]) {
        self.has_sent = true;
        untimed(|| {
            if kind_of(packet) == TURN_UNDEAD {
                self.doomed.push(to);
            }
            self.port.send(self.peers[usize::from(to.address)], packet.to_vec());
        });
    }

    fn submit_after(&mut self, timer: Timer<Id>, after: Duration) {
        untimed(|| self.port.submit_after(after.into(), Alarm::Foca(timer)));
    }
}

fn about(kind: Term, id: Id) -> Label {
    Label::new(kind).number(id.address.into())
}

fn generation(id: Id) -> Fact<About> {
    Fact::number(AS, id.generation.into())
}
