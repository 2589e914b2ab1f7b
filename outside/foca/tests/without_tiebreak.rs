//! Each fault of foca 2.0.0 shown by calling it directly: no simulation, no seed. What is asserted is the faulty behaviour, so
//! that a version that mends it turns the test red.

use std::num::NonZero;

use foca::{
    AccumulatingRuntime, BroadcastHandler, Config, Error, Foca, Identity as _, Member, OwnedNotification,
    State, Timer,
};
use rand::{SeedableRng as _, rngs::SmallRng};
use tiebreak_outside_foca::{Id, Plain, Renewal};

/// A handler that takes nothing, as foca's own does.
struct NoData;

impl BroadcastHandler<Id> for NoData {
    type Key = &'static [u8];
    type Error = std::convert::Infallible;

    fn receive_item(&mut self, _data: &[u8], _sender: Option<&Id>) -> Result<Option<Self::Key>, Self::Error> {
        Ok(None)
    }
}

/// A foca, what it has sent, and the timers that it has been promised.
struct Node {
    foca: Foca<Id, Plain, SmallRng, NoData>,
    runtime: AccumulatingRuntime<Id>,
    timers: Vec<Timer<Id>>,
    told: Vec<OwnedNotification<Id>>,
}

type Packet = (Id, Vec<u8>);

impl Node {
    fn new(address: u16, renewal: Renewal, config: &Config) -> Self {
        let (id, rng) = (Id::first(address, renewal), SmallRng::seed_from_u64(7));
        let foca = Foca::with_custom_broadcast(id, config.clone(), rng, Plain, NoData);
        Self { foca, runtime: AccumulatingRuntime::new(), timers: Vec::new(), told: Vec::new() }
    }

    fn id(&self) -> Id {
        *self.foca.identity()
    }

    /// Calls foca; returns what it sends.
    fn call(
        &mut self,
        act: impl FnOnce(
            &mut Foca<Id, Plain, SmallRng, NoData>,
            &mut AccumulatingRuntime<Id>,
        ) -> Result<(), Error>,
    ) -> Vec<Packet> {
        act(&mut self.foca, &mut self.runtime).expect("foca does what it is asked");
        while let Some((_, timer)) = self.runtime.to_schedule() {
            self.timers.push(timer);
        }
        while let Some(told) = self.runtime.to_notify() {
            self.told.push(told);
        }
        std::iter::from_fn(|| self.runtime.to_send()).map(|(to, data)| (to, data.to_vec())).collect()
    }

    fn hear(&mut self, packet: &Packet) -> Vec<Packet> {
        self.call(|foca, runtime| foca.handle_data(&packet.1, runtime))
    }

    /// Lets the newest timer fire for which this holds.
    fn fire(&mut self, is_it: impl Fn(&Timer<Id>) -> bool) -> Vec<Packet> {
        let place = self.timers.iter().rposition(is_it).expect("the timer was submitted");
        let timer = self.timers.remove(place);
        self.call(|foca, runtime| foca.handle_timer(timer, runtime))
    }

    /// Lets all timers fire that it was promised so far; returns what it sends.
    fn fire_all(&mut self) -> Vec<Packet> {
        let timers = std::mem::take(&mut self.timers);
        timers
            .into_iter()
            .flat_map(|timer| self.call(|foca, runtime| foca.handle_timer(timer, runtime)))
            .collect()
    }

    /// A period of probes in which nobody answers: a probe, the time for asking others, and what is sent then.
    fn probe(&mut self) -> Vec<Packet> {
        let sent = self.fire(|timer| matches!(timer, Timer::ProbeRandomMember(_)));
        self.fire(|timer| matches!(timer, Timer::SendIndirectProbe { .. }));
        sent
    }

    fn lists(&self, id: Id) -> bool {
        self.foca.iter_members().any(|member| *member.id() == id)
    }
}

const DECLARE_DOWN: fn(&Timer<Id>) -> bool = |timer| matches!(timer, Timer::ChangeSuspectToDown { .. });

fn lan(nodes: u32) -> Config {
    Config::new_lan(NonZero::new(nodes).expect("a cluster has nodes"))
}

/// Two nodes that know each other.
fn pair(renewal: Renewal, config: &Config) -> [Node; 2] {
    let [mut a, mut b] = [0, 1].map(|address| Node::new(address, renewal, config));
    let to = a.id();
    let announce = b.call(|foca, runtime| foca.announce(to, runtime));
    let feed = a.hear(&announce[0]);
    b.hear(&feed[0]);
    assert!(a.lists(b.id()) && b.lists(a.id()));
    [a, b]
}

/// Declares the only other node down, as after a partition. What it sends is lost.
fn give_up(node: &mut Node) {
    node.probe();
    node.probe();
    node.fire(DECLARE_DOWN);
    assert_eq!(node.foca.num_members(), 0);
}

/// The whole sequence has ten calls.
#[test]
fn a_node_whose_suspicion_was_refuted_is_told_that_it_is_dead() {
    let [mut a, mut b] = pair(Renewal::Automatic, &lan(2)); // three
    a.probe(); // two; the ping is lost
    let ping = a.fire(|timer| matches!(timer, Timer::ProbeRandomMember(_))); // b is suspected, and told so
    let answers = b.hear(&ping[0]);
    a.hear(&answers[0]); // it is refuted
    let member = a.foca.iter_members().next().unwrap();
    assert_eq!((member.state(), member.incarnation()), (State::Alive, 1));
    let turn_undead = a.fire(DECLARE_DOWN);
    assert_eq!(turn_undead.len(), 1);
    assert!(a.lists(b.id()), "b is alive for a");
    assert!(a.told.iter().all(|told| !matches!(told, OwnedNotification::MemberDown(_))));
    b.hear(&turn_undead[0]);
    assert_eq!(b.told.last(), Some(&OwnedNotification::Rejoin(b.id())), "and is told that it is dead");
}

#[test]
fn a_node_that_rejoins_after_turn_undead_falls_silent_if_one_packet_is_lost() {
    let [mut a, mut b] = pair(Renewal::Automatic, &lan(2));
    give_up(&mut a);
    let ping = b.probe();
    let turn_undead = a.hear(&ping[0]);
    let gossip = b.hear(&turn_undead[0]);
    assert_eq!(gossip.len(), 1); // and it is lost
    assert!(matches!(b.told.last(), Some(OwnedNotification::Rejoin(_))));
    assert_eq!(b.foca.num_members(), 1, "b has a member");
    assert!(b.fire_all().is_empty() && b.timers.is_empty(), "and never probes it");
    assert!(a.fire_all().is_empty() && a.timers.is_empty(), "and a never says anything either");
}

#[test]
fn two_nodes_that_change_their_identity_at_once_lose_each_other() {
    let [mut a, mut b] = pair(Renewal::Automatic, &lan(2));
    let (next_of_a, next_of_b) = (a.id().next(), b.id().next());
    let from_a = a.call(|foca, runtime| foca.change_identity(next_of_a, runtime));
    let from_b = b.call(|foca, runtime| foca.change_identity(next_of_b, runtime));
    // Nothing is lost, but each is meant for who the other was.
    assert!(b.hear(&from_a[0]).is_empty() && a.hear(&from_b[0]).is_empty());
    assert!(a.fire_all().is_empty() && b.fire_all().is_empty());
    assert_eq!([a.foca.num_members(), b.foca.num_members()], [1, 1]);
}

#[test]
fn nodes_that_are_down_for_each_other_flood_each_other() {
    let [mut a, mut b] = pair(Renewal::Never, &lan(2));
    give_up(&mut a);
    let ping = b.probe();
    give_up_after(&mut b);
    // One packet of before the end of the partition is enough.
    let mut on_the_way = a.hear(&ping[0]);
    for _ in 0..10_000 {
        on_the_way = b.hear(&on_the_way[0]);
        on_the_way = a.hear(&on_the_way[0]);
    }
    assert_eq!(on_the_way.len(), 1, "it never ends");
    let defunct = |told: &&OwnedNotification<Id>| **told == OwnedNotification::Defunct;
    assert_eq!(b.told.iter().filter(defunct).count(), 10_000);
}

/// The same as [`give_up`], for who has probed once.
fn give_up_after(node: &mut Node) {
    node.probe();
    node.fire(DECLARE_DOWN);
    assert_eq!(node.foca.num_members(), 0);
}

#[test]
fn a_node_that_has_left_is_called_back_by_a_relayed_ping() {
    let config = Config::simple();
    let [mut a, mut b] = pair(Renewal::Automatic, &config);
    let mut c = Node::new(2, Renewal::Automatic, &config);
    for other in [&mut a, &mut b] {
        let to = other.id();
        let announce = c.call(|foca, runtime| foca.announce(to, runtime));
        let feed = other.hear(&announce[0]);
        c.hear(&feed[0]);
    }
    let farewells = c.call(|foca, runtime| foca.leave_cluster(runtime));
    let to_b = farewells.iter().find(|(to, _)| *to == b.id()).unwrap();
    b.hear(to_b); // the one to a is still on its way
    // a probes c, who does not answer, and so it asks b to.
    let requests = loop {
        let ping = a.fire(|timer| matches!(timer, Timer::ProbeRandomMember(_)));
        let requests = a.fire(|timer| matches!(timer, Timer::SendIndirectProbe { .. }));
        if ping[0].0 == c.id() {
            break requests;
        }
    };
    let pings = b.hear(requests.iter().find(|(to, _)| *to == b.id()).unwrap());
    let left = c.id();
    c.hear(&pings[0]);
    assert_ne!(c.id(), left, "b tells c that c is down, and c takes that for an error");
    let end = [OwnedNotification::Defunct, OwnedNotification::Rejoin(c.id()), OwnedNotification::Active];
    assert!(c.told.ends_with(&end), "{:?}", c.told);
}

#[test]
fn a_node_that_has_left_refutes_for_ever_that_it_is_gone() {
    let [mut a, mut b] = pair(Renewal::Never, &lan(2));
    b.call(|foca, runtime| foca.leave_cluster(runtime)); // the farewell is lost
    for _ in 0..500 {
        let ping = a.probe();
        for answer in b.hear(&ping[0]) {
            a.hear(&answer);
        }
        while a.timers.iter().any(DECLARE_DOWN) {
            a.fire(DECLARE_DOWN);
        }
    }
    assert!(a.lists(b.id()), "b has answered none of 500 probes, and is a member");
}

#[test]
fn a_node_that_returns_as_documented_brings_its_own_farewell() {
    let config = Config::simple();
    let [mut a, mut b] = pair(Renewal::Never, &config);
    let farewell = b.call(|foca, runtime| foca.leave_cluster(runtime));
    a.hear(&farewell[0]);
    a.fire(|timer| matches!(timer, Timer::RemoveDown(_)));
    b.call(|foca, _runtime| foca.reuse_down_identity());
    let to = a.id();
    let announce = b.call(|foca, runtime| foca.announce(to, runtime));
    let feed = a.hear(&announce[0]);
    b.hear(&feed[0]);
    assert!(a.lists(b.id()) && b.lists(a.id()), "it is back");
    let ping = b.fire(|timer| matches!(timer, Timer::ProbeRandomMember(_)));
    a.hear(&ping[0]);
    assert!(!a.lists(b.id()), "its first ping says that it has left");
    assert_eq!(a.told.last(), Some(&OwnedNotification::Idle));
}

#[test]
fn two_nodes_never_recover_from_a_partition() {
    let config = lan(2);
    assert!(config.periodic_announce_to_down_members.is_some());
    let [mut a, mut b] = pair(Renewal::Automatic, &config);
    give_up(&mut a);
    give_up(&mut b);
    // Days pass; all that foca has asked for happens, but for forgetting the dead.
    for node in [&mut a, &mut b] {
        node.timers.retain(|timer| !matches!(timer, Timer::RemoveDown(_)));
        assert!(node.fire_all().is_empty() && node.timers.is_empty());
    }
}

#[test]
fn a_node_announces_itself_to_who_it_was() {
    let config = lan(2);
    let [mut a, mut b] = pair(Renewal::Automatic, &config);
    let former = a.id();
    let next = former.next();
    a.call(|foca, runtime| foca.change_identity(next, runtime));
    let to = a.id();
    let announce = b.call(|foca, runtime| foca.announce(to, runtime));
    a.hear(&announce[0]);
    // The cluster talks of its former identity, which is down.
    a.call(|foca, runtime| foca.apply_many(std::iter::once(Member::down(former)), true, runtime));
    let sent = a.fire(|timer| matches!(timer, Timer::PeriodicAnnounceDown(_)));
    assert_eq!(sent[0].0.addr(), a.id().addr());
    let error = a.foca.handle_data(&sent[0].1, &mut a.runtime);
    assert_eq!(error, Err(Error::DataFromOurselves));
}

/// Only with debug assertions: `send_message` takes for granted that the limit is what it was.
#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "send_buf lost capacity")]
fn another_packet_size_panics_with_the_next_message() {
    let config = lan(2);
    let [mut a, _] = pair(Renewal::Automatic, &config);
    let other = Config { max_packet_size: NonZero::new(1_000).unwrap(), ..config };
    a.call(|foca, _runtime| foca.set_config(other));
    a.fire(|timer| matches!(timer, Timer::ProbeRandomMember(_)));
}
