//! The small choices of actions: which route an addition updates, which changes count, how a destination must fit.

use serde::{Deserialize, Serialize};

/// Which existing route `AddRoute` updates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum AddMode {
    /// The one with equal destination, owner and neighbour, if there is one.
    #[default]
    Auto,
    /// None: always another route (`RTM_ROUTE_CHANGE_NEW`).
    New,
    /// The client's first route there, whatever its neighbour (`RTM_ROUTE_CHANGE_FIRST`).
    First,
}

/// Which changes a registration counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ChangeType {
    /// Any change of any route (`RTM_CHANGE_TYPE_ALL`).
    All,
    /// Changes of the best route (`RTM_CHANGE_TYPE_BEST`).
    Best,
    /// Changes that concern forwarding (`RTM_CHANGE_TYPE_FORWARDING`).
    Forwarding,
}

/// Who else may get at what is locked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum LockMode {
    /// Nobody.
    #[default]
    Exclusive,
    /// Who only reads.
    Shared,
}

/// How a looked-up destination must fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Match {
    /// The same prefix.
    #[default]
    Exact,
    /// The longest prefix that covers it.
    Longest,
    /// The next shorter prefix that covers it, which has to be in the table itself.
    LessSpecific,
    /// The longest prefix that covers it, then every shorter one that does.
    Walk,
}
