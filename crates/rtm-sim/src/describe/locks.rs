//! How locks are spelled, and who waits for whom.

use tiebreak::{Context, Fact, Name, Term};
use tiebreak_rtm::{DeadlockLink, LockAction, LockMode, LockedObject};

use crate::core::Core;
use crate::event::Event;
use crate::subject::Subject;
use crate::vocabulary::{self, key, kind, word};

pub(super) const fn mode(mode: LockMode) -> Term {
    match mode {
        LockMode::Exclusive => word::EXCLUSIVE,
        LockMode::Shared => word::SHARED,
    }
}

pub(super) const fn action(action: LockAction) -> Term {
    match action {
        LockAction::Lock => word::LOCK,
        LockAction::Unlock => word::UNLOCK,
    }
}

/// Who waits for whom, each for the next and the last for the first; under the one whose call has completed the cycle.
pub(super) fn note_deadlock(
    core: &mut Core,
    cycle: &[DeadlockLink],
    context: &mut Context<'_, Event, Subject>,
) {
    let Some(actor) = cycle.first().and_then(|link| core.actor_of(link.waiter)) else { return };
    let mut facts = core.take_room();
    for link in cycle {
        facts.extend(core.actor_of(link.waiter).map(|waiter| Fact::name(key::WAITER, waiter)));
        facts.push(Fact::word(key::FUNCTION, vocabulary::function(link.function)));
        facts.push(Fact::subject(key::ON, subject(core, &link.on)));
        facts.extend(core.actor_of(link.holder).map(|holder| Fact::name(key::HOLDER, holder)));
    }
    context.record(Name::of(actor, kind::DEADLOCK, Subject::None), &facts);
    core.return_room(facts);
}

/// What a call waits for, as a subject; methods are those of a client.
pub(crate) fn subject(core: &Core, on: &LockedObject) -> Subject {
    match on {
        LockedObject::Methods(entity) => core.actor_of(*entity).map_or(Subject::None, Subject::Name),
        LockedObject::Dest(address) => Subject::Dest(*address),
        LockedObject::NextHop(next_hop) => Subject::Host(next_hop.address),
    }
}
