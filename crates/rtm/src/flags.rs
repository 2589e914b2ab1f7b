//! The documented bit sets: views, route flags, change flags, notify flags, next-hop flags.

use core::fmt;

macro_rules! bit_sets {
    ($($(#[$documentation:meta])* $set:ident($bits:ty) {
        $($(#[$flag_documentation:meta])* $flag:ident = $value:literal;)*
    })*) => {$(
        $(#[$documentation])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $set($bits);

        impl $set {
            $($(#[$flag_documentation])* pub const $flag: Self = Self($value);)*

            /// The sets that have a name, each with what stands for `*` in the documented name.
            pub const NAMED: &'static [(&'static str, Self)] = &[$((stringify!($flag), Self::$flag),)*];

            /// Makes the set of these bits, known or not.
            #[must_use]
            pub const fn from_bits(bits: $bits) -> Self {
                Self(bits)
            }

            /// Returns the bits.
            #[must_use]
            pub const fn bits(self) -> $bits {
                self.0
            }

            /// Whether no bit is set.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Whether every bit of `other` is set here.
            #[must_use]
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether some bit of `other` is set here.
            #[must_use]
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// Returns the bits of either.
            #[must_use]
            pub const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// Returns the bits of both.
            #[must_use]
            pub const fn intersection(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }

            /// Returns the bits of this set that are not in `other`.
            #[must_use]
            pub const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }
        }

        impl fmt::Debug for $set {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({:#x})", stringify!($set), self.0)
            }
        }
    )*};
}

bit_sets! {
    /// A set of views (`RTM_VIEW_SET`): bit *n* is view *n*.
    ViewSet(u32) {
        /// As a query: every view is searched, no view's details come back.
        ANY = 0x0;
        /// As a membership: in no view (D-27).
        NONE = 0x0;
        /// The unicast view.
        UCAST = 0x1;
        /// The multicast view.
        MCAST = 0x2;
        /// As a query: every supported view.
        ALL = 0xFFFF_FFFF;
    }

    /// A set of exported methods (`METHOD_TYPE_*`): bit *n* is the method that was given as number *n*, from 0 (D-64).
    MethodTypes(u32) {
        /// No method.
        NONE = 0x0;
        /// All methods there are.
        ALL = 0xFFFF_FFFF;
    }

    /// The set of a route's flags (`RTM_ROUTE_FLAGS_*`).
    RouteFlags(u16) {
        /// No flag.
        NONE = 0x0;
        /// The route is to an address that should not be routed.
        MARTIAN = 0x1;
        /// Packets are discarded and their senders told.
        BLACKHOLE = 0x2;
        /// Packets are discarded silently.
        DISCARD = 0x4;
        /// The route is not in use.
        INACTIVE = 0x8;
        /// The destination is on a directly connected network.
        LOCAL = 0x10;
        /// The destination is not directly connected.
        REMOTE = 0x20;
        /// The destination is this router.
        MYSELF = 0x40;
        /// The loopback route.
        LOOPBACK = 0x80;
        /// A multicast route.
        MCAST = 0x100;
        /// A local multicast route.
        LOCAL_MCAST = 0x200;
        /// Limited broadcast.
        LIMITED_BC = 0x400;
        /// Net broadcast of zeros.
        ZEROS_NETBC = 0x1000;
        /// Subnet broadcast of zeros.
        ZEROS_SUBNETBC = 0x2000;
        /// Net broadcast of ones.
        ONES_NETBC = 0x4000;
        /// Subnet broadcast of ones.
        ONES_SUBNETBC = 0x8000;
        /// The flags a forwarder looks at: a change outside of them is no forwarding change (RTM-075).
        FORWARDING = 0xF;
        /// Every unicast flag.
        ANY_UNICAST = 0x70;
        /// Every multicast flag.
        ANY_MCAST = 0x300;
        /// Every broadcast flag.
        ANY_BCAST = 0xF400;
    }

    /// What `RtmAddRouteToDest` is asked for and answers (`RTM_ROUTE_CHANGE_*`).
    RouteChangeFlags(u32) {
        /// Nothing.
        NONE = 0x0;
        /// In: update the caller's first route, whatever its neighbour.
        FIRST = 0x1;
        /// In: always create a route. Out: a route was created.
        NEW = 0x2;
        /// Out: the route is or was the best one, or another became it.
        BEST = 0x1_0000;
    }

    /// What a registration for change notification asks for (`RTM_CHANGE_TYPE_*`, `RTM_NOTIFY_*`).
    NotifyFlags(u32) {
        /// Any change of any route of a destination.
        ALL = 0x1;
        /// The best route was replaced, or changed where it counts.
        BEST = 0x2;
        /// As BEST, less changes of flags that no forwarder looks at.
        FORWARDING = 0x4;
        /// Only destinations the client has marked.
        ONLY_MARKED_DESTS = 0x1_0000;
    }

    /// The set of a next hop's flags (`RTM_NEXTHOP_FLAGS_*`).
    NextHopFlags(u16) {
        /// No flag.
        NONE = 0x0;
        /// The next hop is not directly connected.
        REMOTE = 0x1;
        /// Reserved; without meaning.
        DOWN = 0x2;
    }

    /// What `RtmAddNextHop` answers (`RTM_NEXTHOP_CHANGE_*`).
    NextHopChangeFlags(u32) {
        /// The next hop was updated.
        NONE = 0x0;
        /// The next hop was created.
        NEW = 0x1;
    }

    /// Where an enumeration starts and ends, and whose objects it is of (`RTM_ENUM_*`): one bit of each group.
    EnumFlags(u32) {
        /// From 0/0 to the end.
        START = 0x0;
        /// From the given prefix, itself included, to the end.
        NEXT = 0x1;
        /// The given prefix and what it covers.
        RANGE = 0x2;
        /// Only routes of the caller.
        OWN_ROUTES = 0x1_0000;
        /// Only destinations of which the caller owns the best route in one of the views asked for.
        OWN_DESTS = 0x100_0000;
    }

    /// What of the criteria a route has to agree with (`RTM_MATCH_*`). Bits without a meaning select nothing.
    MatchFlags(u32) {
        /// Every route will do.
        NONE = 0x0;
        /// The owner.
        OWNER = 0x1;
        /// The neighbour.
        NEIGHBOUR = 0x2;
        /// Preference and metric, both.
        PREF = 0x4;
        /// The whole list of next hops, in its order.
        NEXTHOP = 0x8;
        /// One of its next hops is on the interface.
        INTERFACE = 0x10;
        /// All of these.
        FULL = 0xFFFF;
    }
}

impl ViewSet {
    /// Returns the views of the set, ascending.
    pub fn iter(self) -> impl Iterator<Item = ViewId> {
        let mut rest = self.0;
        core::iter::from_fn(move || {
            let number = u8::try_from(rest.trailing_zeros()).ok().filter(|number| *number < 32)?;
            rest &= rest - 1;
            Some(ViewId(number))
        })
    }

    /// Returns how many views are in the set.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }
}

/// The number of a view: 0 to 31.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewId(u8);

impl ViewId {
    /// The unicast view.
    pub const UCAST: Self = Self(0);
    /// The multicast view.
    pub const MCAST: Self = Self(1);

    /// Makes the id of view `number`, if there can be one: 0 to 31.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number < 32 { Some(Self(number)) } else { None }
    }

    /// Returns the number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Returns the set of this view alone.
    #[must_use]
    pub const fn set(self) -> ViewSet {
        ViewSet(1 << self.0)
    }
}

impl fmt::Display for ViewId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => formatter.write_str("ucast"),
            1 => formatter.write_str("mcast"),
            number => write!(formatter, "view{number}"),
        }
    }
}
