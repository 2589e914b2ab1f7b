//! The names of what calls and events are: functions and event types, as the documentation spells them.

/// A kind of event (`RTM_EVENT_TYPE`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub enum EventType {
    /// `RTM_ENTITY_REGISTERED`.
    EntityRegistered = 0,
    /// `RTM_ENTITY_DEREGISTERED`.
    EntityDeregistered = 1,
    /// `RTM_ROUTE_EXPIRED`.
    RouteExpired = 2,
    /// `RTM_CHANGE_NOTIFICATION`.
    ChangeNotification = 3,
}

impl EventType {
    /// Returns the documented name, such as `RTM_ROUTE_EXPIRED`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EntityRegistered => "RTM_ENTITY_REGISTERED",
            Self::EntityDeregistered => "RTM_ENTITY_DEREGISTERED",
            Self::RouteExpired => "RTM_ROUTE_EXPIRED",
            Self::ChangeNotification => "RTM_CHANGE_NOTIFICATION",
        }
    }
}

/// Hands every function, in the order of the documentation's groups, with its documented name, to another macro.
macro_rules! with_functions {
    ($then:ident) => {
        $then! {
                RegisterEntity => "RtmRegisterEntity",
                DeregisterEntity => "RtmDeregisterEntity",
                GetRegisteredEntities => "RtmGetRegisteredEntities",
                ReleaseEntities => "RtmReleaseEntities",
                GetEntityInfo => "RtmGetEntityInfo",
                ReleaseEntityInfo => "RtmReleaseEntityInfo",
                GetEntityMethods => "RtmGetEntityMethods",
                InvokeMethod => "RtmInvokeMethod",
                BlockMethods => "RtmBlockMethods",
                LockDestination => "RtmLockDestination",
                GetOpaqueInformationPointer => "RtmGetOpaqueInformationPointer",
                SetOpaqueInformation => "set_opaque_information",
                AddRouteToDest => "RtmAddRouteToDest",
                DeleteRouteToDest => "RtmDeleteRouteToDest",
                HoldDestination => "RtmHoldDestination",
                GetRoutePointer => "RtmGetRoutePointer",
                LockRoute => "RtmLockRoute",
                UpdateAndUnlockRoute => "RtmUpdateAndUnlockRoute",
                GetRouteInfo => "RtmGetRouteInfo",
                ReleaseRouteInfo => "RtmReleaseRouteInfo",
                ReleaseRoutes => "RtmReleaseRoutes",
                GetDestInfo => "RtmGetDestInfo",
                GetExactMatchDestination => "RtmGetExactMatchDestination",
                GetMostSpecificDestination => "RtmGetMostSpecificDestination",
                GetLessSpecificDestination => "RtmGetLessSpecificDestination",
                GetExactMatchRoute => "RtmGetExactMatchRoute",
                ReleaseDestInfo => "RtmReleaseDestInfo",
                ReleaseDests => "RtmReleaseDests",
                IsBestRoute => "RtmIsBestRoute",
                AddNextHop => "RtmAddNextHop",
                FindNextHop => "RtmFindNextHop",
                DeleteNextHop => "RtmDeleteNextHop",
                LockNextHop => "RtmLockNextHop",
                GetNextHopInfo => "RtmGetNextHopInfo",
                ReleaseNextHopInfo => "RtmReleaseNextHopInfo",
                GetNextHopPointer => "RtmGetNextHopPointer",
                ReleaseNextHops => "RtmReleaseNextHops",
                CreateDestEnum => "RtmCreateDestEnum",
                GetEnumDests => "RtmGetEnumDests",
                CreateRouteEnum => "RtmCreateRouteEnum",
                GetEnumRoutes => "RtmGetEnumRoutes",
                CreateNextHopEnum => "RtmCreateNextHopEnum",
                GetEnumNextHops => "RtmGetEnumNextHops",
                DeleteEnumHandle => "RtmDeleteEnumHandle",
                CreateRouteList => "RtmCreateRouteList",
                InsertInRouteList => "RtmInsertInRouteList",
                CreateRouteListEnum => "RtmCreateRouteListEnum",
                GetListEnumRoutes => "RtmGetListEnumRoutes",
                DeleteRouteList => "RtmDeleteRouteList",
                RegisterForChangeNotification => "RtmRegisterForChangeNotification",
                DeregisterFromChangeNotification => "RtmDeregisterFromChangeNotification",
                GetChangedDests => "RtmGetChangedDests",
                ReleaseChangedDests => "RtmReleaseChangedDests",
                GetChangeStatus => "RtmGetChangeStatus",
                IgnoreChangedDests => "RtmIgnoreChangedDests",
                MarkDestForChangeNotification => "RtmMarkDestForChangeNotification",
                IsMarkedForChangeNotification => "RtmIsMarkedForChangeNotification",
                ReferenceHandles => "RtmReferenceHandles",
                ReleaseHandle => "release_handle",
        }
    };
}
pub(crate) use with_functions;

macro_rules! functions {
    ($($function:ident => $name:literal,)*) => {
        /// A function of `RTMv2`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Function {
            $(
                #[doc = concat!("`", $name, "`: [`Call::", stringify!($function), "`](crate::Call::", stringify!($function), ").")]
                $function,
            )*
        }

        impl Function {
            /// Every function, in the order of the documentation's groups.
            pub const ALL: &'static [Self] = &[$(Self::$function,)*];

            /// Returns the documented name, such as `RtmAddRouteToDest`; the two that are ours are in lower case.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$function => $name,)* }
            }
        }
    };
}

with_functions!(functions);
