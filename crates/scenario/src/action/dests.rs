//! The destinations in actions, and what stands for the one that has changed.

use super::{
    Action, AddRoute, ChangedDest, CreateDestEnum, CreateNextHopEnum, CreateRouteEnum, HoldDestination,
    LockDest, Lookup, MatchRoute,
};
use crate::plan::{Dest, Prefix};

impl Action {
    /// Returns the action with the destination that has changed in it.
    #[must_use]
    pub fn bound(&self, changed: Prefix) -> Self {
        let mut bound = self.clone();
        bound.visit_dests(&mut |dest| {
            if *dest == Dest::Changed {
                *dest = Dest::Prefix(changed);
            }
        });
        bound
    }

    fn visit_dests(&mut self, visitor: &mut dyn FnMut(&mut Dest)) {
        match self {
            Self::AddRoute(AddRoute { dest, .. })
            | Self::Ignore(ChangedDest { dest, .. })
            | Self::ChangeStatus(ChangedDest { dest, .. })
            | Self::Mark(ChangedDest { dest, .. })
            | Self::Unmark(ChangedDest { dest, .. })
            | Self::IsMarked(ChangedDest { dest, .. })
            | Self::LockDestination(LockDest { dest, .. })
            | Self::UnlockDestination(LockDest { dest, .. })
            | Self::HoldDestination(HoldDestination { dest, .. })
            | Self::OpaquePointer { dest }
            | Self::SetOpaque { dest, .. }
            | Self::Lookup(Lookup { dest, .. })
            | Self::MatchRoute(MatchRoute { dest, .. }) => visitor(dest),
            Self::CreateDestEnum(CreateDestEnum { from, range, .. })
            | Self::CreateNextHopEnum(CreateNextHopEnum { from, range, .. }) => {
                from.iter_mut().chain(range).for_each(&mut *visitor);
            }
            Self::CreateRouteEnum(CreateRouteEnum { dest, from, range, .. }) => {
                dest.iter_mut().chain(from).chain(range).for_each(&mut *visitor);
            }
            Self::When(condition, _) => condition.visit_dest(visitor),
            Self::Register
            | Self::Deregister
            | Self::AddNextHop(_)
            | Self::DeleteNextHop { .. }
            | Self::UpdateRoute(_)
            | Self::EditRoute(_)
            | Self::UpdateAndUnlockRoute(_)
            | Self::LockRoute { .. }
            | Self::UnlockRoute { .. }
            | Self::LockNextHop { .. }
            | Self::UnlockNextHop { .. }
            | Self::RoutePointer { .. }
            | Self::NextHopPointer { .. }
            | Self::DeleteRoute { .. }
            | Self::HoldRoute { .. }
            | Self::ReleaseRoute { .. }
            | Self::RegisterForChanges(_)
            | Self::DeregisterFromChanges { .. }
            | Self::Drain { .. }
            | Self::GetChanged { .. }
            | Self::IsBest { .. }
            | Self::RouteInfo { .. }
            | Self::GetEnumDests(_)
            | Self::GetEnumRoutes(_)
            | Self::GetEnumNextHops(_)
            | Self::DeleteEnum { .. }
            | Self::CreateRouteList { .. }
            | Self::InsertInRouteList(_)
            | Self::CreateRouteListEnum(_)
            | Self::GetListEnumRoutes(_)
            | Self::DeleteRouteList { .. }
            | Self::ListEntities
            | Self::EntityInfo
            | Self::FindNextHop(_)
            | Self::EntityMethods(_)
            | Self::InvokeMethod(_)
            | Self::BlockMethods
            | Self::ResumeMethods
            | Self::Output(_)
            | Self::Return(_)
            | Self::Pause(_)
            | Self::ReleaseEventRoute
            | Self::With(..)
            | Self::Without(..)
            | Self::All(_)
            | Self::As(..)
            | Self::After(..)
            | Self::Set(_)
            | Self::Clear(_)
            | Self::Cancel(_) => {}
        }
        self.inner_mut().into_iter().flatten().for_each(|action| action.visit_dests(visitor));
    }
}
