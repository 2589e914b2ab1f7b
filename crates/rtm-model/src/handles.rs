//! Handles: the ledger of references, which handles have been given out, and what is out of everybody's reach.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use tiebreak_rtm::{
    AnyHandle, Call, DestHandle, DestInfo, DueEvent, EntityHandle, Function, NextHopHandle, NextHopState,
    Outcome, Reply, RouteSpec, RouteState, Status, Violation,
};

use super::{Difference, Held, Kind, Model, On, same};

/// Returns what a release function releases, in order; nothing for other functions.
pub(super) fn released_by(call: &Call) -> (Vec<AnyHandle>, Kind) {
    let released = match call {
        Call::ReleaseEntities { entities } => {
            entities.iter().map(|entity| AnyHandle::Entity(*entity)).collect()
        }
        Call::ReleaseEntityInfo { entity } => {
            return (Vec::from([AnyHandle::Entity(*entity)]), Kind::EntityInfo);
        }
        Call::ReleaseRouteInfo { info } => {
            let mut handles = Vec::from([AnyHandle::Dest(info.dest), AnyHandle::Entity(info.owner)]);
            handles.extend(named_by(&info.spec).into_iter().map(AnyHandle::NextHop));
            handles
        }
        Call::ReleaseRoutes { routes } => routes.iter().map(|route| AnyHandle::Route(*route)).collect(),
        Call::ReleaseDestInfo { info } => return (in_dest_info(info), Kind::InDest),
        Call::ReleaseDests { infos } => {
            return (infos.iter().flat_map(in_dest_info).collect(), Kind::InDest);
        }
        Call::ReleaseNextHopInfo { info } => {
            let owner = [AnyHandle::Entity(info.owner)];
            owner.into_iter().chain(info.spec.remote.map(AnyHandle::Dest)).collect()
        }
        Call::ReleaseNextHops { next_hops } => next_hops.iter().map(|hop| AnyHandle::NextHop(*hop)).collect(),
        Call::ReleaseChangedDests { notify, infos } => {
            return (infos.iter().flat_map(in_dest_info).collect(), Kind::Changed(*notify));
        }
        Call::ReleaseHandle { handle } => Vec::from([*handle]),
        Call::RegisterEntity { .. }
        | Call::DeregisterEntity
        | Call::GetRegisteredEntities { .. }
        | Call::GetEntityInfo { .. }
        | Call::AddRouteToDest { .. }
        | Call::DeleteRouteToDest { .. }
        | Call::HoldDestination { .. }
        | Call::GetEntityMethods { .. }
        | Call::InvokeMethod { .. }
        | Call::BlockMethods { .. }
        | Call::GetOpaqueInformationPointer { .. }
        | Call::SetOpaqueInformation { .. }
        | Call::GetRoutePointer { .. }
        | Call::GetNextHopPointer { .. }
        | Call::LockRoute { .. }
        | Call::LockDestination { .. }
        | Call::LockNextHop { .. }
        | Call::UpdateAndUnlockRoute { .. }
        | Call::GetRouteInfo { .. }
        | Call::GetDestInfo { .. }
        | Call::GetExactMatchDestination { .. }
        | Call::GetMostSpecificDestination { .. }
        | Call::GetLessSpecificDestination { .. }
        | Call::GetExactMatchRoute { .. }
        | Call::IsBestRoute { .. }
        | Call::AddNextHop { .. }
        | Call::FindNextHop { .. }
        | Call::DeleteNextHop { .. }
        | Call::GetNextHopInfo { .. }
        | Call::CreateDestEnum { .. }
        | Call::GetEnumDests { .. }
        | Call::CreateRouteEnum { .. }
        | Call::GetEnumRoutes { .. }
        | Call::CreateNextHopEnum { .. }
        | Call::GetEnumNextHops { .. }
        | Call::DeleteEnumHandle { .. }
        | Call::CreateRouteList
        | Call::InsertInRouteList { .. }
        | Call::CreateRouteListEnum { .. }
        | Call::GetListEnumRoutes { .. }
        | Call::DeleteRouteList { .. }
        | Call::RegisterForChangeNotification { .. }
        | Call::DeregisterFromChangeNotification { .. }
        | Call::GetChangedDests { .. }
        | Call::GetChangeStatus { .. }
        | Call::IgnoreChangedDests { .. }
        | Call::MarkDestForChangeNotification { .. }
        | Call::IsMarkedForChangeNotification { .. }
        | Call::ReferenceHandles { .. } => Vec::new(),
    };
    (released, Kind::Handle)
}

/// The handles in a copy of a destination.
pub(super) fn in_dest_info(info: &DestInfo) -> Vec<AnyHandle> {
    let mut handles = Vec::from([AnyHandle::Dest(info.dest)]);
    for view in &info.views {
        handles.extend(view.route.map(AnyHandle::Route));
        handles.extend(view.hold_route.map(AnyHandle::Route));
        handles.extend(view.owner.map(AnyHandle::Entity));
    }
    handles
}

/// The kinds of references that functions for this kind release, the first choice first.
fn alike(kind: Kind) -> Vec<Kind> {
    match kind {
        Kind::Handle => Vec::from([Kind::Handle, Kind::InDest]),
        Kind::InDest => Vec::from([Kind::InDest, Kind::Handle]),
        Kind::EntityInfo | Kind::Changed(_) => Vec::from([kind]),
    }
}

/// The next hops a route names, its neighbour first.
pub(super) fn named_by(spec: &RouteSpec) -> Vec<NextHopHandle> {
    spec.neighbour.into_iter().chain(spec.next_hops.iter().copied()).collect()
}

impl Model {
    /// Notes a handle the manager has just made: it must be new.
    pub(super) fn learn(&mut self, handle: AnyHandle) -> Result<(), Difference> {
        same("whether a handle given out is new (D-73)", &true, &self.seen.insert(handle))
    }

    /// Notes the handle of a destination, if it is seen for the first time.
    pub(super) fn learn_dest(&mut self, id: u64, found: DestHandle) -> Result<(), Difference> {
        let Some(place) = self.dests.iter().position(|dest| dest.id == id) else { return Ok(()) };
        if self.dests[place].handle.is_none() {
            self.learn(AnyHandle::Dest(found))?;
            self.dests[place].handle = Some(found);
        }
        Ok(())
    }

    pub(super) fn give(&mut self, by: EntityHandle, what: AnyHandle, kind: Kind) {
        let line =
            self.ledger.iter_mut().find(|held| held.by == by && held.what == what && held.kind == kind);
        match line {
            Some(held) => held.count += 1,
            None => self.ledger.push(Held { by, what, kind, count: 1 }),
        }
    }

    /// Takes off one reference for a release; handles alone and in copies of destinations stand in for each other (D-75).
    pub(super) fn take(&mut self, by: EntityHandle, what: AnyHandle, kind: Kind) {
        let first = alike(kind).into_iter().find(|kind| self.held(by, what, *kind) > 0);
        self.take_of(by, what, first.unwrap_or(kind));
    }

    /// Takes off what a release function releases.
    pub(super) fn release(&mut self, by: EntityHandle, call: &Call) -> Reply {
        let (released, kind) = released_by(call);
        for handle in released {
            self.take(by, handle, kind);
        }
        Reply::Nothing
    }

    /// Takes off one reference of exactly this kind, if there is one.
    pub(super) fn take_of(&mut self, by: EntityHandle, what: AnyHandle, kind: Kind) {
        for held in &mut self.ledger {
            if held.by == by && held.what == what && held.kind == kind {
                held.count -= 1;
            }
        }
        self.ledger.retain(|held| held.count > 0);
    }

    pub(super) fn held(&self, by: EntityHandle, what: AnyHandle, kind: Kind) -> u32 {
        let line = self.ledger.iter().find(|held| held.by == by && held.what == what && held.kind == kind);
        line.map_or(0, |held| held.count)
    }

    /// Lists what is wrong with releasing these (D-72, RTM-087).
    pub(super) fn release_faults(
        &self,
        by: EntityHandle,
        function: Function,
        released: &[AnyHandle],
        kind: Kind,
    ) -> Vec<Outcome> {
        let mut faults = Vec::new();
        for (place, handle) in released.iter().enumerate() {
            let times = released[..=place].iter().filter(|other| *other == handle).count();
            let there: u32 = alike(kind).iter().map(|kind| self.held(by, *handle, *kind)).sum();
            if times <= there as usize {
                continue;
            }
            let other = |held: &Held| !alike(kind).contains(&held.kind);
            let otherwise =
                self.ledger.iter().any(|held| held.by == by && held.what == *handle && other(held));
            if otherwise {
                faults.push(Outcome::Violated(Violation::WrongRelease { function, handle: *handle }));
            }
            if !otherwise || there > 0 {
                faults.push(Outcome::Violated(Violation::DoubleRelease { function, handle: *handle }));
            }
            if !self.seen.contains(handle) {
                faults.push(Outcome::Failed(Status::InvalidHandle));
            }
        }
        faults
    }

    pub(super) fn reference_handles(&mut self, caller: EntityHandle, handles: &[AnyHandle]) -> Reply {
        for handle in handles {
            self.give(caller, *handle, Kind::Handle);
        }
        Reply::Nothing
    }

    /// Forgets what nothing refers to any more: marks everything in reach, and sweeps (1.10, D-34, RTM-085).
    pub(super) fn forget_the_unreachable(&mut self) {
        let held: BTreeSet<AnyHandle> = self.ledger.iter().map(|held| held.what).collect();
        // A route names its destination, owner and next hops; a next hop its owner and a destination. So in this order:
        self.routes.retain(|route| {
            route.state != RouteState::Deleted || held.contains(&AnyHandle::Route(route.handle))
        });
        let named: BTreeSet<NextHopHandle> =
            self.routes.iter().flat_map(|route| named_by(&route.spec)).collect();
        // Locks and calls that wait keep what they are about.
        let locked: Vec<On> =
            self.locks.iter().map(|lock| lock.on).chain(self.line.iter().map(|call| call.on)).collect();
        self.next_hops.retain(|hop| {
            hop.state == NextHopState::Created
                || hop.handle.is_some_and(|handle| {
                    named.contains(&handle)
                        || held.contains(&AnyHandle::NextHop(handle))
                        || locked.contains(&On::NextHop(handle))
                })
        });
        let mut dests: BTreeSet<u64> = self.routes.iter().map(|route| route.dest).collect();
        dests.extend(self.dests.iter().map(|dest| dest.id).filter(|id| locked.contains(&On::Dest(*id))));
        dests.extend(self.opaque.iter().map(|(_, dest, _)| *dest));
        dests.extend(self.enumerated_dests());
        for registration in &self.registrations {
            dests.extend(registration.pending.iter().chain(&registration.marked));
        }
        let remote: BTreeSet<DestHandle> = self.next_hops.iter().filter_map(|hop| hop.spec.remote).collect();
        self.dests.retain(|dest| {
            let in_reach = |handle| remote.contains(&handle) || held.contains(&AnyHandle::Dest(handle));
            dests.contains(&dest.id) || dest.handle.is_some_and(in_reach)
        });
        // What is armed goes with its destination.
        let dests: BTreeSet<u64> = self.dests.iter().map(|dest| dest.id).collect();
        self.holds.retain(|hold| dests.contains(&hold.dest));
        let mut entities: BTreeSet<EntityHandle> = self.routes.iter().map(|route| route.owner).collect();
        entities.extend(self.next_hops.iter().map(|hop| hop.owner));
        entities.extend(self.ledger.iter().map(|held| held.by));
        entities.extend(self.line.iter().map(|call| call.caller));
        entities.extend(self.callbacks.iter().map(|callback| callback.to));
        entities.extend(self.callbacks.iter().filter_map(|callback| match callback.event {
            DueEvent::EntityRegistered { entity } | DueEvent::EntityDeregistered { entity } => Some(entity),
            DueEvent::RouteExpired { .. } | DueEvent::ChangeNotification { .. } => None,
        }));
        self.clients.retain(|client| {
            let handle = client.handle;
            let is_kept = locked.contains(&On::Methods(handle)) || held.contains(&AnyHandle::Entity(handle));
            client.registered || entities.contains(&handle) || is_kept
        });
    }
}
