//! What may not be called when: inside a callback (rule 3.4, RTM-011, RTM-012), and under a route lock (D-89).

use crate::function::{EventType, Function};

/// Whether `function` may not be called while a callback told of `event` runs.
pub(crate) const fn forbidden_in_callback(event: EventType, function: Function) -> bool {
    match event {
        EventType::EntityRegistered | EventType::EntityDeregistered => matches!(
            function,
            Function::RegisterEntity | Function::DeregisterEntity | Function::GetRegisteredEntities
        ),
        EventType::ChangeNotification => matches!(function, Function::RegisterForChangeNotification),
        EventType::RouteExpired => false,
    }
}

/// Whether `function` may not be called by a client that holds a route lock.
///
/// The documentation forbids everything; its own samples reference and release handles there, and get at the opaque slot,
/// so these are free. That
/// `RtmLockRoute` may only unlock then, it checks itself.
pub(crate) const fn forbidden_under_lock(function: Function) -> bool {
    match function {
        Function::LockRoute
        | Function::UpdateAndUnlockRoute
        | Function::GetOpaqueInformationPointer
        | Function::SetOpaqueInformation
        | Function::ReferenceHandles
        | Function::ReleaseHandle
        | Function::ReleaseEntities
        | Function::ReleaseEntityInfo
        | Function::ReleaseRouteInfo
        | Function::ReleaseRoutes
        | Function::ReleaseDestInfo
        | Function::ReleaseDests
        | Function::ReleaseNextHopInfo
        | Function::ReleaseNextHops
        | Function::ReleaseChangedDests => false,
        Function::RegisterEntity
        | Function::DeregisterEntity
        | Function::GetRegisteredEntities
        | Function::GetEntityInfo
        | Function::GetEntityMethods
        | Function::InvokeMethod
        | Function::BlockMethods
        | Function::LockDestination
        | Function::AddRouteToDest
        | Function::DeleteRouteToDest
        | Function::HoldDestination
        | Function::GetRoutePointer
        | Function::GetRouteInfo
        | Function::GetDestInfo
        | Function::GetExactMatchDestination
        | Function::GetMostSpecificDestination
        | Function::GetLessSpecificDestination
        | Function::GetExactMatchRoute
        | Function::IsBestRoute
        | Function::AddNextHop
        | Function::FindNextHop
        | Function::DeleteNextHop
        | Function::LockNextHop
        | Function::GetNextHopInfo
        | Function::GetNextHopPointer
        | Function::CreateDestEnum
        | Function::GetEnumDests
        | Function::CreateRouteEnum
        | Function::GetEnumRoutes
        | Function::CreateNextHopEnum
        | Function::GetEnumNextHops
        | Function::DeleteEnumHandle
        | Function::CreateRouteList
        | Function::InsertInRouteList
        | Function::CreateRouteListEnum
        | Function::GetListEnumRoutes
        | Function::DeleteRouteList
        | Function::RegisterForChangeNotification
        | Function::DeregisterFromChangeNotification
        | Function::GetChangedDests
        | Function::GetChangeStatus
        | Function::IgnoreChangedDests
        | Function::MarkDestForChangeNotification
        | Function::IsMarkedForChangeNotification => true,
    }
}
