//! Monitors of the manager's contract: each checks one rule on records alone.

mod expiry;
mod forbidden;
mod gone;
mod mirror;
mod references;

use alloc::vec::Vec;

use tiebreak::{Monitor, Names, Record, Term, Verdict};

pub use expiry::ExpiryExactlyOnce;
pub use forbidden::ForbiddenCallsRefused;
pub use gone::NoCallbackToTheGone;
pub use mirror::MirrorEqualsTable;
pub use references::ReferencesReturnToZero;

use crate::subject::Subject;
use crate::vocabulary::kind;

/// The monitors that are always on.
#[derive(Debug, Clone)]
pub enum RoutingMonitor {
    /// An observer's mirror equals the table at quiescence.
    MirrorEqualsTable(MirrorEqualsTable),
    /// A route expires exactly once, never early, never late.
    ExpiryExactlyOnce(ExpiryExactlyOnce),
    /// Nobody who has deregistered is called back.
    NoCallbackToTheGone(NoCallbackToTheGone),
    /// A call that is forbidden in a callback is refused without effect.
    ForbiddenCallsRefused(ForbiddenCallsRefused),
    /// Who deregisters holds no references.
    ReferencesReturnToZero(ReferencesReturnToZero),
}

impl RoutingMonitor {
    /// Returns one of each.
    #[must_use]
    pub fn all() -> Vec<Self> {
        Vec::from([
            Self::MirrorEqualsTable(MirrorEqualsTable::default()),
            Self::ExpiryExactlyOnce(ExpiryExactlyOnce::default()),
            Self::NoCallbackToTheGone(NoCallbackToTheGone::default()),
            Self::ForbiddenCallsRefused(ForbiddenCallsRefused::default()),
            Self::ReferencesReturnToZero(ReferencesReturnToZero::default()),
        ])
    }

    /// Returns the names of all, for messages about one that does not exist.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        Self::all().iter().map(Monitor::name).collect()
    }

    fn inner(&self) -> &dyn Monitor<Subject> {
        match self {
            Self::MirrorEqualsTable(monitor) => monitor,
            Self::ExpiryExactlyOnce(monitor) => monitor,
            Self::NoCallbackToTheGone(monitor) => monitor,
            Self::ForbiddenCallsRefused(monitor) => monitor,
            Self::ReferencesReturnToZero(monitor) => monitor,
        }
    }
}

impl Monitor<Subject> for RoutingMonitor {
    fn name(&self) -> &'static str {
        self.inner().name()
    }

    fn rule(&self) -> &'static str {
        self.inner().rule()
    }

    fn observe(&mut self, names: &Names, record: &Record<'_, Subject>) {
        match self {
            Self::MirrorEqualsTable(monitor) => monitor.observe(names, record),
            Self::ExpiryExactlyOnce(monitor) => monitor.observe(names, record),
            Self::NoCallbackToTheGone(monitor) => monitor.observe(names, record),
            Self::ForbiddenCallsRefused(monitor) => monitor.observe(names, record),
            Self::ReferencesReturnToZero(monitor) => monitor.observe(names, record),
        }
    }

    fn verdict(&self, names: &Names) -> Verdict {
        self.inner().verdict(names)
    }
}

/// The functions monitors look at.
mod function {
    use tiebreak::Term;

    pub(super) const REGISTER: Term = Term::new("RtmRegisterEntity");
    pub(super) const DEREGISTER: Term = Term::new("RtmDeregisterEntity");
    pub(super) const LIST: Term = Term::new("RtmGetRegisteredEntities");
    pub(super) const REGISTER_FOR_CHANGES: Term = Term::new("RtmRegisterForChangeNotification");
    pub(super) const ADD_ROUTE: Term = Term::new("RtmAddRouteToDest");
    pub(super) const UPDATE_AND_UNLOCK: Term = Term::new("RtmUpdateAndUnlockRoute");
}

const NO_ERROR: Term = Term::new("NO_ERROR");

/// Whether the call a record notes succeeded.
fn succeeded(record: &Record<'_, Subject>) -> bool {
    record.word(crate::vocabulary::key::STATUS) == Some(NO_ERROR)
}

/// Whether records of this kind are dispatches of callbacks.
fn is_callback(kind: Term) -> bool {
    [kind::ENTITY_REGISTERED, kind::ENTITY_DEREGISTERED, kind::ROUTE_EXPIRED, kind::CHANGE_NOTIFICATION]
        .contains(&kind)
}
