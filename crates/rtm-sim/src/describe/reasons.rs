//! Why routes were deleted and callbacks dropped, and what clients have left behind.

use tiebreak::Term;
use tiebreak_rtm::{CallbackDropReason, DeleteReason, LeakSubject};

use super::private;
use crate::core::{Core, Private};
use crate::subject::Subject;
use crate::vocabulary::word;

pub(super) fn leak_subject(core: &Core, subject: &LeakSubject) -> (Term, Subject) {
    match subject {
        LeakSubject::Entity(entity, _) => {
            (word::ENTITY, core.actor_of(*entity).map_or(Subject::None, Subject::Name))
        }
        LeakSubject::Dest(_, address) => (word::DEST, Subject::Dest(*address)),
        LeakSubject::Route(route) => (word::ROUTE, Subject::Dest(route.dest)),
        LeakSubject::NextHop(next_hop) => (word::NEXT_HOP, Subject::Host(next_hop.address)),
        LeakSubject::RouteList(list) => (word::ROUTE_LIST, private(core, Private::List(*list))),
        LeakSubject::Enum(known) => (word::ENUMERATION, private(core, Private::Enum(*known))),
    }
}

pub(super) const fn delete_reason(reason: DeleteReason) -> Term {
    match reason {
        DeleteReason::Called => word::CALLED,
        DeleteReason::Expired => word::EXPIRED,
        DeleteReason::ExpiredUnheard => word::EXPIRED_UNHEARD,
        DeleteReason::OwnerDeregistered => word::OWNER_DEREGISTERED,
    }
}

pub(super) const fn drop_reason(reason: CallbackDropReason) -> Term {
    match reason {
        CallbackDropReason::ClientGone => word::CLIENT_GONE,
        CallbackDropReason::RegistrationGone => word::REGISTRATION_GONE,
        CallbackDropReason::RouteRefreshed => word::ROUTE_REFRESHED,
        CallbackDropReason::RouteDeleted => word::ROUTE_DELETED,
        CallbackDropReason::RouteLocked => word::ROUTE_LOCKED,
    }
}
