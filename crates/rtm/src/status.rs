//! Status codes and violations: the two ways a call can go wrong.

use crate::address::NetAddress;
use crate::flags::MethodTypes;
use crate::function::{EventType, Function};
use crate::handle::{AnyHandle, EntitySlot};
use crate::lock::{Access, Lockable};
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

macro_rules! statuses {
    ($($(#[$documentation:meta])* $variant:ident = $code:literal, $name:literal;)*) => {
        /// A documented Win32 status code, or any other number a callback may answer with.
        ///
        /// Statuses compare by their codes: [`Status::Other`] with the code of a named one equals it (D-104).
        #[derive(Clone, Copy, Debug)]
        #[repr(u32)]
        pub enum Status {
            $($(#[$documentation])* $variant = $code,)*
            /// Any other code; [`Status::from_code`] makes it only of a code that has no name here.
            Other(u32),
        }

        impl Status {
            /// Every status with a name of its own, by the short form of that name: `NotSupported`.
            pub const NAMED: &'static [(&'static str, Self)] = &[$((stringify!($variant), Self::$variant),)*];

            /// Returns the number.
            #[must_use]
            pub const fn code(self) -> u32 {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Other(code) => code,
                }
            }

            /// Returns the status of a number.
            #[must_use]
            pub const fn from_code(code: u32) -> Self {
                match code {
                    $($code => Self::$variant,)*
                    other => Self::Other(other),
                }
            }

            /// Returns the documented name, such as `ERROR_NOT_SUPPORTED`; `None` for other numbers.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match Self::from_code(self.code()) {
                    $(Self::$variant => Some($name),)*
                    Self::Other(_) => None,
                }
            }

            /// Returns the status of a documented name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    "ERROR_SUCCESS" => Some(Self::NoError),
                    _ => None,
                }
            }
        }
    };
}

statuses! {
    /// Success.
    NoError = 0, "NO_ERROR";
    /// The configuration is missing.
    FileNotFound = 2, "ERROR_FILE_NOT_FOUND";
    /// The caller does not own the object.
    AccessDenied = 5, "ERROR_ACCESS_DENIED";
    /// The handle names nothing the caller may use.
    InvalidHandle = 6, "ERROR_INVALID_HANDLE";
    /// Memory is exhausted.
    NotEnoughMemory = 8, "ERROR_NOT_ENOUGH_MEMORY";
    /// The registration's data are wrong.
    InvalidData = 13, "ERROR_INVALID_DATA";
    /// A view is not supported; as a callback's answer: please delete the expired route.
    NotSupported = 50, "ERROR_NOT_SUPPORTED";
    /// An argument is wrong.
    InvalidParameter = 87, "ERROR_INVALID_PARAMETER";
    /// The caller's array is too small.
    InsufficientBuffer = 122, "ERROR_INSUFFICIENT_BUFFER";
    /// The client is registered already.
    AlreadyExists = 183, "ERROR_ALREADY_EXISTS";
    /// Nothing is left to return.
    NoMoreItems = 259, "ERROR_NO_MORE_ITEMS";
    /// There is no such object.
    NotFound = 1168, "ERROR_NOT_FOUND";
    /// A limited resource is used up.
    NoSystemResources = 1450, "ERROR_NO_SYSTEM_RESOURCES";
    /// The configuration is corrupt.
    BadConfiguration = 1610, "ERROR_BAD_CONFIGURATION";
}

impl PartialEq for Status {
    fn eq(&self, other: &Self) -> bool {
        self.code() == other.code()
    }
}

impl Eq for Status {}

impl PartialOrd for Status {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Status {
    fn cmp(&self, other: &Self) -> Ordering {
        self.code().cmp(&other.code())
    }
}

impl Hash for Status {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.code().hash(state);
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => formatter.write_str(name),
            None => write!(formatter, "{}", self.code()),
        }
    }
}

/// A breach of the documented contract by a client. It has no effect, and is always a fact too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A call with the handle of a client that has deregistered (RTM-009).
    UseAfterDeregister {
        /// The function called.
        function: Function,
    },
    /// A call that may not be made inside the callback that runs (RTM-011, RTM-012, D-09).
    Reentrancy {
        /// What the running callback is told of.
        event: EventType,
        /// The function called.
        function: Function,
    },
    /// A call said to be made in a callback, or in a method, that does not run.
    ForeignFrame {
        /// The function called.
        function: Function,
    },
    /// A call its client may not make while it holds a route lock (D-89).
    CallUnderLock {
        /// The function called.
        function: Function,
        /// The locked destination.
        dest: NetAddress,
    },
    /// An unlock without a lock, or of the other mode (D-91); or a write to an opaque slot that needs one (D-124).
    NotLocked {
        /// The function called.
        function: Function,
    },
    /// A call that would wait for its own client for ever (D-68, D-131).
    SelfDeadlock {
        /// The function called.
        function: Function,
    },
    /// An invocation within 16 nested methods: no more may be nested (D-100).
    TooDeep {
        /// The function called.
        function: Function,
    },
    /// A release of a reference the caller does not hold: released twice, or never given to it (D-72).
    DoubleRelease {
        /// The function called, or the function whose reference it was.
        function: Function,
        /// The handle released.
        handle: AnyHandle,
    },
    /// A release through the wrong function, such as of a changed destination through `RtmReleaseDests` (RTM-087).
    WrongRelease {
        /// The function called.
        function: Function,
        /// The handle released.
        handle: AnyHandle,
    },
}

impl Violation {
    /// Returns the status code the caller sees, if the documentation or a decision names one.
    #[must_use]
    pub const fn status(self) -> Option<Status> {
        match self {
            Self::UseAfterDeregister { .. } | Self::DoubleRelease { .. } | Self::WrongRelease { .. } => {
                Some(Status::InvalidHandle)
            }
            Self::NotLocked { .. } => Some(Status::InvalidParameter),
            Self::Reentrancy { .. }
            | Self::ForeignFrame { .. }
            | Self::CallUnderLock { .. }
            | Self::SelfDeadlock { .. }
            | Self::TooDeep { .. } => None,
        }
    }

    /// Returns a short name of the kind, such as `use-after-deregister`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UseAfterDeregister { .. } => "use-after-deregister",
            Self::Reentrancy { .. } => "reentrancy",
            Self::ForeignFrame { .. } => "foreign-frame",
            Self::CallUnderLock { .. } => "call-under-lock",
            Self::NotLocked { .. } => "not-locked",
            Self::SelfDeadlock { .. } => "self-deadlock",
            Self::TooDeep { .. } => "too-deep",
            Self::DoubleRelease { .. } => "double-release",
            Self::WrongRelease { .. } => "wrong-release",
        }
    }

    /// Returns the function called.
    #[must_use]
    pub const fn function(self) -> Function {
        match self {
            Self::UseAfterDeregister { function }
            | Self::Reentrancy { function, .. }
            | Self::ForeignFrame { function }
            | Self::CallUnderLock { function, .. }
            | Self::NotLocked { function }
            | Self::SelfDeadlock { function }
            | Self::TooDeep { function }
            | Self::DoubleRelease { function, .. }
            | Self::WrongRelease { function, .. } => function,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} in {}", self.name(), self.function().name())
    }
}

/// Why a call is not answered with success now; it has changed nothing (I11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Status(Status),
    NeedsRoom(u32),
    /// Something of another client excludes it for now.
    Wait {
        on: Lockable,
        access: Access,
    },
    /// Nothing is wrong with it: these methods of a client are to run now, and it waits for them.
    Run {
        of: EntitySlot,
        methods: MethodTypes,
        input: u64,
    },
    Violation(Violation),
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

impl From<Violation> for Refusal {
    fn from(violation: Violation) -> Self {
        Self::Violation(violation)
    }
}
