//! What a world hashes to, so that two forks of it can be compared.

use core::hash::{Hash, Hasher};

use tiebreak_rtm::{Gone, Naming, Remember, TimerKey};

use crate::behaviour::Behaviour;
use crate::core::{Core, Running};
use crate::world::RoutingWorld;

/// By the manager and what is hashed beside it, with handles of the manager by what they name. Two worlds of one simulation and
/// its forks that hash alike go on alike, if the kernel's own state is hashed with them.
///
/// The reference model is left out: it watches, and what it has found counts.
impl<B: Behaviour + Hash> Hash for RoutingWorld<B> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let naming = self.core.manager.naming();
        naming.hash(state);
        let mut state = naming.hasher(state, &self.core);
        self.core.hash_in(&naming, &mut state);
        self.clients.hash(&mut state);
    }
}

impl Core {
    /// Hashes what the world knows beside the manager. What it knows of entities and registrations that are gone is hashed where
    /// somebody still has their handles; what it knows within one step, not at all.
    fn hash_in<H: Hasher>(&self, naming: &Naming<'_>, state: &mut H) {
        self.clients.hash(state);
        for entity in naming.entities() {
            self.registered(entity).hash(state);
        }
        for notify in naming.registrations() {
            self.name_of(notify).hash(state);
        }
        // In the order of the names of their routes, which is the same whatever the routes' handles are.
        for route in naming.routes() {
            self.timers.get(&TimerKey::Route(route)).hash(state);
        }
        self.difference.is_some().hash(state);
    }
}

impl Remember for Core {
    fn hash_gone<H: Hasher>(&self, gone: Gone, state: &mut H) {
        match gone {
            Gone::Entity(entity) => self.registered(entity).hash(state),
            Gone::Notify(notify) => self.name_of(notify).hash(state),
        }
    }
}

/// Without the name of the event by which it was delivered but for its subject: the rest is the frame's.
impl Hash for Running {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.frame, self.name.actor, self.name.subject, self.then).hash(state);
    }
}
