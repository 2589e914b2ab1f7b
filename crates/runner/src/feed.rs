//! A client that replays recorded routing updates: one entity for each peer, in one lane.

use alloc::collections::BTreeMap;
use alloc::format;
use core::hash::{Hash, Hasher};
use core::net::IpAddr;

use tiebreak::{Instant, Symbol};
use tiebreak_recording::{Recording, Row, Update};
use tiebreak_rtm::{
    AddressFamily, Call, CallbackFrame, EntityHandle, EntityId, EventCallback, HandleArgument, INFINITE,
    NetAddress, NextHopHandle, NextHopSpec, NextHops, Outcome, Reply, RouteChangeFlags, RouteHandle,
    RouteSpec, Status, TableId, Ticket, ViewSet,
};
use tiebreak_rtm_sim::vocabulary::kind;
use tiebreak_rtm_sim::{Answer, Behaviour, Desk, Subject};
use tiebreak_scenario::default_entity;

/// The BGP session state in which routes are exchanged (Established).
const ESTABLISHED: u8 = 6;

/// The interface of all recorded next hops; recordings do not have it.
const INTERFACE: u32 = 1;

/// What the plan says of a client that replays a recording: the same in every run.
#[derive(Debug, Clone)]
pub(crate) struct Replay {
    pub(crate) name: Symbol,
    pub(crate) protocol: u32,
    pub(crate) instance: u16,
    pub(crate) at: Instant,
    pub(crate) recording: Recording,
}

/// A client that replays a recording.
///
/// An announcement adds or updates the peer's route to the prefix, with the number of AS in the path as metric and the
/// recorded next hop; a withdrawal deletes it; a change of session deletes all routes of the peer.
/// A peer registers in the table of a family when its first row of that family comes.
#[derive(Debug, Clone)]
pub(crate) struct Feed<'p> {
    replay: &'p Replay,
    peers: BTreeMap<(IpAddr, AddressFamily), Peer>,
    /// The row whose call waits.
    stopped: Option<u64>,
}

/// What a feed knows of a peer in one table.
#[derive(Debug, Clone, Hash)]
struct Peer {
    actor: Symbol,
    entity: EntityHandle,
    /// The peer itself as the neighbour; absent if it is of another family than the table.
    neighbour: Option<NextHopHandle>,
    next_hops: BTreeMap<IpAddr, NextHopHandle>,
    routes: BTreeMap<NetAddress, RouteHandle>,
}

impl<'p> Feed<'p> {
    /// A client that has replayed nothing yet.
    pub(crate) const fn new(replay: &'p Replay) -> Self {
        Self { replay, peers: BTreeMap::new(), stopped: None }
    }
}

/// By its peers. Which row is next is in its lane.
impl Hash for Feed<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.peers, self.stopped).hash(state);
    }
}

impl Behaviour for Feed<'_> {
    /// Schedules all rows of the recording, in one lane.
    fn start(&mut self, desk: &mut Desk<'_>) {
        for (token, row) in (0..).zip(&self.replay.recording.rows) {
            let at = self.replay.at.saturating_add(row.at);
            let actor = peer_actor(self.replay.name, row.peer, desk);
            let subject = match row.update {
                Update::Announce { prefix, .. } | Update::Withdraw { prefix } => Subject::Dest(prefix),
                Update::Session { .. } => Subject::None,
            };
            desk.step_as(at, actor, (kind::UPDATE, subject), token);
        }
    }

    fn wake(&mut self, token: u64, desk: &mut Desk<'_>) {
        let row =
            usize::try_from(token).ok().and_then(|token| self.replay.recording.rows.get(token)).cloned();
        let Some(row) = row else { unreachable!("a feed wakes for its rows") };
        self.stopped = self.replay_row(&row, desk).err().map(|Waits| token);
    }

    /// Goes on with the row whose call waits: what has been done of it is not done again.
    fn granted(&mut self, _ticket: Ticket, _frame: Option<&CallbackFrame>, desk: &mut Desk<'_>) -> Answer {
        if let Some(token) = self.stopped.take() {
            self.wake(token, desk);
        }
        Answer::Return(Status::NoError)
    }
}

/// A call of a row waits for a lock.
struct Waits;

/// Stops a row whose call waits.
fn made(outcome: Outcome) -> Result<Outcome, Waits> {
    match outcome {
        Outcome::Pending(_) => Err(Waits),
        Outcome::Done(_) | Outcome::Failed(_) | Outcome::NeedsRoom(_) | Outcome::Violated(_) => Ok(outcome),
    }
}

impl Feed<'_> {
    fn replay_row(&mut self, row: &Row, desk: &mut Desk<'_>) -> Result<(), Waits> {
        match row.update {
            Update::Announce { prefix: dest, next_hop, as_path_len, .. } => {
                if self.is_known(row.peer, dest.family(), desk) {
                    self.announce((row.peer, dest), next_hop, as_path_len, desk)?;
                }
            }
            Update::Withdraw { prefix: dest } => {
                if self.is_known(row.peer, dest.family(), desk) {
                    self.withdraw((row.peer, dest), desk)?;
                }
            }
            // Whatever was announced before belongs to a session that is over, even if the row that ended it is missing.
            Update::Session { old, new } => {
                if (old, new) != (ESTABLISHED, ESTABLISHED) {
                    self.lose_session(row.peer, desk)?;
                }
            }
        }
        Ok(())
    }

    /// Registers the peer in the table of the family unless it has registered; returns whether it is registered now.
    fn is_known(&mut self, peer: IpAddr, family: AddressFamily, desk: &mut Desk<'_>) -> bool {
        if self.peers.contains_key(&(peer, family)) {
            return true;
        }
        let Some(registered) = self.register(peer, family, desk) else { return false };
        self.peers.insert((peer, family), registered);
        true
    }

    fn register(&self, peer: IpAddr, family: AddressFamily, desk: &mut Desk<'_>) -> Option<Peer> {
        let actor = peer_actor(self.replay.name, peer, desk);
        let id =
            EntityId { protocol: self.replay.protocol, protocol_instance: default_entity(desk.text(actor)) };
        desk.act_as(actor, None);
        let table = TableId { instance: self.replay.instance, family };
        let outcome = desk.register(table, id, EventCallback::Absent);
        let Outcome::Done(Reply::RegisterEntity { entity, .. }) = outcome else { return None };
        // IPv6 over a session between IPv4 addresses is common: the table then has no next hop that is the peer.
        let neighbour =
            if NetAddress::host(peer).family() == family { add_next_hop(peer, desk) } else { None };
        let next_hops = neighbour.map(|neighbour| (peer, neighbour)).into_iter().collect();
        Some(Peer { actor, entity, neighbour, next_hops, routes: BTreeMap::new() })
    }

    /// Returns the peer in the table of the family, and lets the desk act as it.
    fn acting_as<'p>(
        &'p mut self,
        peer: IpAddr,
        family: AddressFamily,
        desk: &mut Desk<'_>,
    ) -> Option<&'p mut Peer> {
        let known = self.peers.get_mut(&(peer, family))?;
        desk.act_as(known.actor, Some(known.entity));
        Some(known)
    }

    fn announce(
        &mut self,
        (peer, dest): (IpAddr, NetAddress),
        next_hop: IpAddr,
        as_path_len: u32,
        desk: &mut Desk<'_>,
    ) -> Result<(), Waits> {
        let Some(known) = self.acting_as(peer, dest.family(), desk) else { return Ok(()) };
        let hop = known.next_hops.get(&next_hop).copied();
        let is_fit = NetAddress::host(next_hop).family() == dest.family();
        let hop = hop.or_else(|| if is_fit { add_next_hop(next_hop, desk) } else { None });
        known.next_hops.extend(hop.map(|hop| (next_hop, hop)));
        let spec = RouteSpec {
            neighbour: known.neighbour,
            metric: as_path_len,
            views: ViewSet::UCAST,
            next_hops: hop.map_or(NextHops::NONE, NextHops::from),
            ..RouteSpec::default()
        };
        let outcome =
            made(
                desk.call(Call::AddRouteToDest {
                    route: known
                        .routes
                        .get(&dest)
                        .map_or(HandleArgument::Null, |route| HandleArgument::Given(*route)),
                    dest,
                    spec,
                    time_to_live_ms: INFINITE,
                    list: None,
                    change_flags: RouteChangeFlags::NONE,
                }),
            )?;
        if let Outcome::Done(Reply::AddRouteToDest { route: Some(route), .. }) = outcome {
            known.routes.insert(dest, route);
        }
        Ok(())
    }

    /// Deletes the peer's route, unless it was announced before the recording began, so that the table does not have it.
    fn withdraw(&mut self, (peer, dest): (IpAddr, NetAddress), desk: &mut Desk<'_>) -> Result<(), Waits> {
        let Some(known) = self.acting_as(peer, dest.family(), desk) else { return Ok(()) };
        if let Some(route) = known.routes.get(&dest).copied() {
            made(desk.call(Call::DeleteRouteToDest { route }))?;
            known.routes.remove(&dest);
        }
        Ok(())
    }

    /// Deletes all routes of the peer, in address order.
    fn lose_session(&mut self, peer: IpAddr, desk: &mut Desk<'_>) -> Result<(), Waits> {
        for family in [AddressFamily::Ipv4, AddressFamily::Ipv6] {
            let Some(known) = self.acting_as(peer, family, desk) else { continue };
            while let Some((dest, route)) = known.routes.first_key_value() {
                let (dest, route) = (*dest, *route);
                made(desk.call(Call::DeleteRouteToDest { route }))?;
                known.routes.remove(&dest);
            }
        }
        Ok(())
    }
}

/// Adds a next hop to the list of the peer that the desk acts as.
fn add_next_hop(address: IpAddr, desk: &mut Desk<'_>) -> Option<NextHopHandle> {
    let spec = NextHopSpec::local(NetAddress::host(address), INTERFACE);
    let outcome = desk.call(Call::AddNextHop { next_hop: HandleArgument::Null, spec });
    let Outcome::Done(Reply::AddNextHop { next_hop, .. }) = outcome else { return None };
    next_hop
}

/// Returns the name a peer acts under: `updates@192.0.2.1`.
fn peer_actor(feed: Symbol, peer: IpAddr, desk: &mut Desk<'_>) -> Symbol {
    let name = format!("{}@{peer}", desk.text(feed));
    desk.intern(&name)
}
