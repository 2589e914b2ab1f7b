//! What actions are about, and the actions within them.

use super::{
    Action, AddNextHop, AddRoute, Batch, ChangedDest, CreateDestEnum, CreateNextHopEnum, CreateRouteEnum,
    CreateRouteListEnum, EntityMethods, FindNextHop, GetListEnumRoutes, HoldDestination, InvokeMethod,
    LockDest, Lookup, MatchRoute, RegisterForChanges, UpdateRoute,
};

impl<P, A> Action<P, A> {
    /// Returns the actions within a block.
    pub(crate) const fn inner(&self) -> Option<&Vec<Self>> {
        if let Self::When(_, inner)
        | Self::With(_, inner)
        | Self::Without(_, inner)
        | Self::All(inner)
        | Self::As(_, inner)
        | Self::After(_, inner, _)
        | Self::Drain { each: inner, .. } = self
        {
            return Some(inner);
        }
        None
    }

    /// Returns the actions within a block.
    pub(crate) const fn inner_mut(&mut self) -> Option<&mut Vec<Self>> {
        if let Self::When(_, inner)
        | Self::With(_, inner)
        | Self::Without(_, inner)
        | Self::All(inner)
        | Self::As(_, inner)
        | Self::After(_, inner, _)
        | Self::Drain { each: inner, .. } = self
        {
            return Some(inner);
        }
        None
    }
}

impl Action {
    /// Returns the value that its row is `about`.
    pub(crate) fn subject(&self) -> Option<String> {
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
            | Self::MatchRoute(MatchRoute { dest, .. }) => Some(dest.to_string()),
            Self::FindNextHop(FindNextHop { address, .. }) => Some(address.to_string()),
            Self::AddNextHop(AddNextHop { name, .. })
            | Self::DeleteNextHop { name }
            | Self::UpdateRoute(UpdateRoute { route: name, .. })
            | Self::EditRoute(UpdateRoute { route: name, .. })
            | Self::UpdateAndUnlockRoute(UpdateRoute { route: name, .. })
            | Self::LockRoute { route: name, .. }
            | Self::UnlockRoute { route: name, .. }
            | Self::LockNextHop { name, .. }
            | Self::UnlockNextHop { name, .. }
            | Self::DeleteRoute { route: name }
            | Self::RoutePointer { route: name }
            | Self::NextHopPointer { name }
            | Self::HoldRoute { route: name }
            | Self::ReleaseRoute { route: name }
            | Self::RegisterForChanges(RegisterForChanges { name, .. })
            | Self::DeregisterFromChanges { changes: name }
            | Self::Drain { changes: name, .. }
            | Self::GetChanged { changes: name, .. }
            | Self::EntityMethods(EntityMethods { of: name, .. })
            | Self::InvokeMethod(InvokeMethod { of: name, .. })
            | Self::IsBest { route: name }
            | Self::RouteInfo { route: name, .. }
            | Self::CreateDestEnum(CreateDestEnum { name, .. })
            | Self::GetEnumDests(Batch { name, .. })
            | Self::CreateRouteEnum(CreateRouteEnum { name, .. })
            | Self::GetEnumRoutes(Batch { name, .. })
            | Self::CreateNextHopEnum(CreateNextHopEnum { name, .. })
            | Self::GetEnumNextHops(Batch { name, .. })
            | Self::DeleteEnum { name }
            | Self::CreateRouteList { name }
            | Self::CreateRouteListEnum(CreateRouteListEnum { name, .. })
            | Self::GetListEnumRoutes(GetListEnumRoutes { name, .. })
            | Self::DeleteRouteList { list: name }
            | Self::Set(name)
            | Self::Clear(name)
            | Self::Cancel(name) => Some(name.clone()),
            Self::Register
            | Self::Deregister
            | Self::InsertInRouteList(_)
            | Self::ListEntities
            | Self::EntityInfo
            | Self::BlockMethods
            | Self::ResumeMethods
            | Self::Output(_)
            | Self::Return(_)
            | Self::Pause(_)
            | Self::ReleaseEventRoute
            | Self::When(..)
            | Self::With(..)
            | Self::Without(..)
            | Self::All(_)
            | Self::As(..)
            | Self::After(..) => None,
        }
    }
}
