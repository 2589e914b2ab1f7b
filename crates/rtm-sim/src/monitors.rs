//! Monitors of the manager's contract: each checks one rule on records alone.
//!
//! A new one is a file of its own, and its place in [`RoutingMonitors`].

mod accepted;
mod expiry;
mod forbidden;
mod gone;
mod mirror;
mod references;
mod waits;

use alloc::vec::Vec;

use tiebreak::{Monitors, Names, Origin, Record, Report, Symbol, Term};

pub use accepted::CallsAreAccepted;
pub use expiry::ExpiryExactlyOnce;
pub use forbidden::ForbiddenCallsRefused;
pub use gone::NoCallbackToTheGone;
pub use mirror::MirrorEqualsTable;
pub use references::ReferencesReturnToZero;
pub use waits::CallsThatWaitGoOn;

use crate::subject::Subject;
use crate::vocabulary::{key, kind, word};

/// The monitors that are always on.
///
/// Hashed by what they still go by, so that runs can be compared in which they have come to the same: without what they
/// keep for messages, such as the numbers of records, and without what they know of a single event. Of a failure only that
/// there is one: it is told, not compared.
#[derive(Debug, Clone, Default, Hash)]
pub struct RoutingMonitors {
    all: (
        MirrorEqualsTable,
        ExpiryExactlyOnce,
        NoCallbackToTheGone,
        ForbiddenCallsRefused,
        ReferencesReturnToZero,
        CallsAreAccepted,
        CallsThatWaitGoOn,
    ),
}

impl RoutingMonitors {
    /// The monitors of a run in which these clients, by name, are meant to misbehave.
    #[must_use]
    pub fn allowing(misbehaving: impl IntoIterator<Item = Symbol>, names: &Names) -> Self {
        let mut monitors = Self::default();
        monitors.all.5 = CallsAreAccepted::but_of(misbehaving, names);
        monitors
    }

    /// Returns the clients that are declared to misbehave and did not, in the order of their names' codes.
    pub fn well_behaved(&self) -> impl Iterator<Item = Symbol> {
        self.all.5.well_behaved()
    }

    /// Whether one has failed. One that waits has not.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        // The mirror never fails: at worst it waits.
        let (_, expiry, gone, forbidden, references, accepted, waits) = &self.all;
        expiry.failure.is_some()
            || gone.failure.is_some()
            || forbidden.failure.is_some()
            || references.failure.is_some()
            || accepted.failure.is_some()
            || waits.failure.is_some()
    }

    /// Returns the names of all, for messages about one that does not exist.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        let reports = Self::default().reports(&Names::default());
        reports.into_iter().map(|report| report.monitor).collect()
    }
}

impl Monitors<Subject> for RoutingMonitors {
    fn observe(&mut self, names: &Names, record: &Record<'_, Subject>) {
        // That an event is cancelled or moved does not let it happen.
        if !matches!(record.origin, Origin::Cancelled | Origin::Moved { .. }) {
            self.all.observe(names, record);
        }
    }

    fn reports(&self, names: &Names) -> Vec<Report> {
        self.all.reports(names)
    }
}

/// The functions monitors look at.
mod function {
    use tiebreak::terms;

    terms! {
        pub(super) REGISTER = "RtmRegisterEntity",
        pub(super) DEREGISTER = "RtmDeregisterEntity",
        pub(super) LIST = "RtmGetRegisteredEntities",
        pub(super) REGISTER_FOR_CHANGES = "RtmRegisterForChangeNotification",
        pub(super) ADD_ROUTE = "RtmAddRouteToDest",
        pub(super) UPDATE_AND_UNLOCK = "RtmUpdateAndUnlockRoute",
        pub(super) GET_CHANGED = "RtmGetChangedDests",
        pub(super) ENUM_DESTS = "RtmGetEnumDests",
        pub(super) ENUM_ROUTES = "RtmGetEnumRoutes",
        pub(super) ENUM_NEXT_HOPS = "RtmGetEnumNextHops",
        pub(super) EXACT_MATCH = "RtmGetExactMatchDestination",
        pub(super) MOST_SPECIFIC = "RtmGetMostSpecificDestination",
        pub(super) LESS_SPECIFIC = "RtmGetLessSpecificDestination",
        pub(super) MATCH_ROUTE = "RtmGetExactMatchRoute",
        pub(super) FIND_NEXT_HOP = "RtmFindNextHop",
    }
}

/// Whether the call a record notes succeeded.
fn succeeded(record: &Record<'_, Subject>) -> bool {
    record.word(key::STATUS) == Some(word::NO_ERROR)
}

/// Whether records of this kind are dispatches of callbacks.
fn is_callback(kind: Term) -> bool {
    [kind::ENTITY_REGISTERED, kind::ENTITY_DEREGISTERED, kind::ROUTE_EXPIRED, kind::CHANGE_NOTIFICATION]
        .contains(&kind)
}
