//! One registration of a scripted client: an entity with its own next hops, routes and registrations for changes.

use alloc::string::String;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use tiebreak::Symbol;
use tiebreak_rtm::{
    Call, DestHandle, DestInfo, EntityHandle, EntityId, EnumHandle, Event, EventCallback, HandleArgument,
    Marking, NetAddress, NextHopHandle, NextHopSpec, NextHopTarget, NotifyHandle, OpaqueSlot, Outcome,
    ProtocolSelector, Reply, RouteHandle, RouteListHandle, TableId, ViewSet,
};
use tiebreak_rtm_sim::Desk;
use tiebreak_rtm_sim::vocabulary::word;
use tiebreak_scenario::plan::{Action, AddNextHop, Dest};

use super::few::Few;
use super::{Occasion, Reactions, Skipped, Stop, Thread, made, queries, routes};

/// The name by which a reaction to an expiry means the event's route.
const EXPIRED: &str = "expired";
/// The name by which a reaction to a change notification means the event's registration.
const NOTIFIED: &str = "notified";

/// As what a client registers, and what it does when it is called back as that.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    /// How the script names it.
    pub(crate) name: String,
    /// The name the client acts under as it.
    pub(crate) actor: Symbol,
    pub(crate) table: TableId,
    pub(crate) id: EntityId,
    pub(crate) callback: EventCallback,
    pub(crate) slot: OpaqueSlot,
    /// How many methods it exports.
    pub(crate) methods: u32,
    pub(crate) reactions: Reactions,
}

/// A registration of a client: its role, and what it holds, under its own names for it.
#[derive(Debug, Clone)]
pub(super) struct Registration<'p> {
    pub(super) role: &'p Role,
    /// The entity it registered as last, gone or not.
    pub(super) entity: Option<EntityHandle>,
    next_hops: Few<&'p str, NextHopHandle>,
    pub(super) routes: Few<&'p str, Held>,
    pub(super) changes: Few<&'p str, NotifyHandle>,
    pub(super) lists: Few<&'p str, RouteListHandle>,
    pub(super) enumerations: Few<&'p str, EnumHandle>,
    /// The largest batch the manager hands out (`MaxHandlesInEnum`).
    pub(super) batch: u32,
    /// The destinations that it keeps locked.
    pub(super) locked: Few<NetAddress, DestInfo>,
    /// What actions keep whose call waits: at most one in steps, and one in callbacks.
    kept: Few<Thread, Kept>,
    /// The first output of what was invoked last.
    pub(super) answered: Option<u64>,
}

/// Without its role, which is the same in every run.
impl Hash for Registration<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self {
            role: _,
            entity,
            next_hops,
            routes,
            changes,
            lists,
            enumerations,
            batch,
            locked,
            kept,
            answered,
        } = self;
        (entity, next_hops, routes, changes, lists, enumerations, batch, locked, kept, answered).hash(state);
    }
}

/// What an action keeps until its call goes on.
#[derive(Debug, Clone, Default, Hash)]
pub(super) struct Kept {
    /// What a `Drain` has fetched.
    pub(super) fetched: Vec<NetAddress>,
    /// The destination that the call is about.
    pub(super) found: Option<DestInfo>,
    /// The call itself, where it rests on what was read before.
    pub(super) call: Option<Call>,
}

/// A route under a name, with how many references on it the client holds by that name.
#[derive(Debug, Clone, Copy, Hash)]
pub(super) struct Held {
    pub(super) route: RouteHandle,
    pub(super) references: u32,
}

impl<'p> Registration<'p> {
    /// A registration that holds nothing yet.
    pub(super) const fn new(role: &'p Role) -> Self {
        Self {
            role,
            entity: None,
            next_hops: Few::new(),
            routes: Few::new(),
            changes: Few::new(),
            lists: Few::new(),
            enumerations: Few::new(),
            batch: 0,
            locked: Few::new(),
            kept: Few::new(),
            answered: None,
        }
    }

    /// Does an action that concerns this registration alone.
    pub(super) fn attempt(
        &mut self,
        action: &'p Action,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        match action {
            Action::Register => self.register(desk),
            Action::Deregister => self.deregister(occasion, desk)?,
            Action::AddNextHop(next_hop) => self.add_next_hop(next_hop, desk)?,
            Action::DeleteNextHop { name } => self.delete_next_hop(name, desk)?,
            Action::AddRoute(route) => self.add_route(route, occasion, desk)?,
            Action::UpdateRoute(update) => self.update_route(update, occasion, desk)?,
            Action::EditRoute(edit) => self.edit_route(edit, occasion, desk)?,
            Action::LockRoute { .. }
            | Action::UnlockRoute { .. }
            | Action::UpdateAndUnlockRoute(_)
            | Action::LockDestination(_)
            | Action::UnlockDestination(_)
            | Action::LockNextHop { .. }
            | Action::UnlockNextHop { .. } => self.lock_or_unlock(action, occasion, desk)?,
            Action::DeleteRoute { route } => self.delete_route(route, occasion, desk)?,
            Action::HoldDestination(hold) => self.hold_destination(hold, occasion, desk)?,
            Action::RoutePointer { route } => self.route_pointer(route, occasion, desk)?,
            Action::NextHopPointer { name } => self.next_hop_pointer(name, desk)?,
            Action::OpaquePointer { dest } => self.opaque_pointer(dest, occasion, desk)?,
            Action::SetOpaque { dest, value } => self.set_opaque((dest, *value), occasion, desk)?,
            Action::HoldRoute { route } => self.hold_route(route, occasion, desk)?,
            Action::ReleaseRoute { route } => self.release_route(route, occasion, desk)?,
            Action::ReleaseEventRoute => routes::release_event_route(occasion, desk)?,
            Action::RegisterForChanges(changes) => self.register_for_changes(changes, desk),
            Action::DeregisterFromChanges { changes } => self.deregister_changes(changes, occasion, desk)?,
            Action::GetChanged { changes, max } => self.get_changed(changes, *max, occasion, desk)?,
            Action::Ignore(of) => self.ignore(of, occasion, desk)?,
            Action::ChangeStatus(of) => self.change_status(of, occasion, desk)?,
            Action::Mark(of) => self.mark(of, Marking::Mark, occasion, desk)?,
            Action::Unmark(of) => self.mark(of, Marking::Unmark, occasion, desk)?,
            Action::IsMarked(of) => self.is_marked(of, occasion, desk)?,
            Action::Lookup(lookup) => self.look_up(lookup, occasion, desk)?,
            Action::MatchRoute(of) => self.match_route(of, occasion, desk)?,
            Action::CreateDestEnum(_)
            | Action::GetEnumDests(_)
            | Action::CreateRouteEnum(_)
            | Action::GetEnumRoutes(_)
            | Action::CreateNextHopEnum(_)
            | Action::GetEnumNextHops(_)
            | Action::DeleteEnum { .. }
            | Action::CreateRouteList { .. }
            | Action::InsertInRouteList(_)
            | Action::CreateRouteListEnum(_)
            | Action::GetListEnumRoutes(_)
            | Action::DeleteRouteList { .. } => self.enumerate(action, occasion, desk)?,
            Action::ListEntities => queries::list_entities(desk),
            Action::EntityInfo => queries::entity_info(occasion, desk)?,
            Action::EntityMethods(_)
            | Action::InvokeMethod(_)
            | Action::BlockMethods
            | Action::ResumeMethods => self.method_action(action, occasion, desk)?,
            Action::IsBest { route } => self.is_best(route, occasion, desk)?,
            Action::RouteInfo { route, info } => self.route_info((route, *info), occasion, desk)?,
            Action::FindNextHop(of) => self.find_next_hop(of, desk)?,
            Action::Drain { .. }
            | Action::Return(_)
            | Action::Output(_)
            | Action::Pause(_)
            | Action::When(..)
            | Action::With(..)
            | Action::Without(..)
            | Action::All(_)
            | Action::As(..)
            | Action::After(..)
            | Action::Set(_)
            | Action::Clear(_)
            | Action::Cancel(_) => {
                unreachable!("the client itself does what holds actions and what it keeps")
            }
        }
        Ok(())
    }

    fn register(&mut self, desk: &mut Desk<'_>) {
        let Role { table, id, callback, slot, methods, .. } = *self.role;
        let outcome = desk.register_with(table, id, (callback, slot), methods);
        if let Outcome::Done(Reply::RegisterEntity { entity, profile }) = outcome {
            self.entity = Some(entity);
            self.batch = profile.max_handles_in_enum;
        }
    }

    /// Gives back what the client holds as this registration, one reference each, and deregisters. Its routes and next hops
    /// stay behind for the manager to clean up (D-71).
    ///
    /// In a callback about another client the manager refuses to let any of its registrations go (RTM-011, D-103): then it keeps what it has.
    fn deregister(&mut self, occasion: &Occasion<'_>, desk: &mut Desk<'_>) -> Result<(), Stop> {
        match occasion.event {
            Some(Event::EntityRegistered { .. } | Event::EntityDeregistered { .. }) => {}
            Some(Event::RouteExpired { .. } | Event::ChangeNotification { .. }) | None => {
                self.give_back(desk);
            }
        }
        made(desk.call(Call::DeregisterEntity))?;
        Ok(())
    }

    fn give_back(&mut self, desk: &mut Desk<'_>) {
        for enumeration in self.enumerations.take_values() {
            desk.delete_enum(enumeration);
        }
        for list in self.lists.take_values() {
            desk.delete_route_list(list);
        }
        for notify in self.changes.take_values() {
            desk.call(Call::DeregisterFromChangeNotification { notify });
        }
        let held = self.routes.take_values().filter(|held| held.references > 0);
        let routes: Vec<_> = held.map(|held| held.route).collect();
        if !routes.is_empty() {
            desk.call(Call::ReleaseRoutes { routes });
        }
        for info in self.locked.take_values() {
            desk.ask(Call::ReleaseDestInfo { info });
        }
        let next_hops: Vec<_> = self.next_hops.take_values().collect();
        if !next_hops.is_empty() {
            desk.call(Call::ReleaseNextHops { next_hops });
        }
    }

    fn add_next_hop(&mut self, next_hop: &'p AddNextHop, desk: &mut Desk<'_>) -> Result<(), Stop> {
        let AddNextHop { name, address, interface } = next_hop;
        let spec = NextHopSpec::local(NetAddress::host(*address), *interface);
        let call = Call::AddNextHop { next_hop: HandleArgument::Null, spec };
        if let Outcome::Done(Reply::AddNextHop { next_hop: Some(next_hop), .. }) = made(desk.call(call))? {
            self.keep_next_hop(name, next_hop, desk);
        }
        Ok(())
    }

    /// Keeps a handle of a next hop, and releases what had its name.
    pub(super) fn keep_next_hop(&mut self, name: &'p str, next_hop: NextHopHandle, desk: &mut Desk<'_>) {
        if let Some(former) = self.next_hops.insert(name, next_hop) {
            desk.call(Call::ReleaseNextHops { next_hops: Vec::from([former]) });
        }
    }

    fn delete_next_hop(&mut self, name: &str, desk: &mut Desk<'_>) -> Result<(), Stop> {
        let target = NextHopTarget::Handle(self.next_hop(name)?);
        if matches!(made(desk.call(Call::DeleteNextHop { target }))?, Outcome::Done(_)) {
            self.next_hops.remove(name);
        }
        Ok(())
    }

    /// What the action keeps that is done on such an occasion.
    pub(super) fn kept(&mut self, occasion: &Occasion<'_>) -> &mut Kept {
        self.kept.get_or_default(occasion.thread())
    }

    /// Forgets what the actions of a thread have kept that is over.
    pub(super) fn forget(&mut self, thread: Thread) {
        self.kept.remove(&thread);
    }

    /// Finds a destination, whatever view it is in; its handle is the client's to release.
    pub(super) fn find(
        &mut self,
        address: NetAddress,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<DestInfo, Stop> {
        if let Some(info) = self.kept(occasion).found.take() {
            return Ok(info);
        }
        let (protocol, views) = (ProtocolSelector::Best, ViewSet::ANY);
        let found = made(desk.ask(Call::GetExactMatchDestination { address, protocol, views }))?;
        let Outcome::Done(Reply::Dest { info }) = found else { return Err(Skipped(word::NO_DEST).into()) };
        Ok(info)
    }

    /// Looks a destination up, makes a call with its handle, and releases it.
    pub(super) fn with_dest(
        &mut self,
        dest: &Dest,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
        call: impl FnOnce(DestHandle) -> Call,
    ) -> Result<(), Stop> {
        let info = self.find(occasion.address(dest), occasion, desk)?;
        if let Outcome::Pending(_) = desk.call(call(info.dest)) {
            self.kept(occasion).found = Some(info);
            return Err(Stop::Waits);
        }
        desk.ask(Call::ReleaseDestInfo { info });
        Ok(())
    }

    /// Is it the registration for changes of this name?
    pub(super) fn is(&self, changes: &str, notify: NotifyHandle) -> bool {
        self.changes.get(changes) == Some(&notify)
    }

    /// The route of this client's name for it, or the event's own.
    pub(super) fn route(&self, name: &str, occasion: &Occasion<'_>) -> Result<RouteHandle, Skipped> {
        let route = match occasion.event {
            Some(Event::RouteExpired { route, .. }) if name == EXPIRED => Some(*route),
            _ => self.routes.get(name).map(|held| held.route),
        };
        route.ok_or(Skipped(word::NO_ROUTE))
    }

    /// The next hop of this client's name for it.
    pub(super) fn next_hop(&self, name: &str) -> Result<NextHopHandle, Skipped> {
        self.next_hops.get(name).copied().ok_or(Skipped(word::NO_NEXT_HOP))
    }

    /// The registration of this client's name for it, or the event's own.
    pub(super) fn notify(&self, name: &str, occasion: &Occasion<'_>) -> Result<NotifyHandle, Skipped> {
        let notify = match occasion.event {
            Some(Event::ChangeNotification { notify, .. }) if name == NOTIFIED => Some(*notify),
            _ => self.changes.get(name).copied(),
        };
        notify.ok_or(Skipped(word::NO_REGISTRATION))
    }
}
