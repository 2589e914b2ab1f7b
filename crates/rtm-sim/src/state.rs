//! What a world hashes to, so that two forks of it can be compared.

use core::hash::{Hash, Hasher};

use tiebreak_rtm::{Gone, Naming, Remember, TimerKey};

use crate::behaviour::Behaviour;
use crate::core::{Core, Private, Running};
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
        for list in naming.route_lists() {
            self.private_name(Private::List(list)).hash(state);
        }
        for known in naming.enumerations() {
            self.private_name(Private::Enum(known)).hash(state);
        }
        // In the order of the names of what they are for, which is the same whatever its handles are.
        for timer in naming.routes().map(TimerKey::Route).chain(naming.dests().map(TimerKey::Hold)) {
            self.timers.get(&timer).hash(state);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Delay, Desk, Subject};
    use alloc::vec::Vec;
    use tiebreak::{Names, Settings, Simulation, Span, Term};
    use tiebreak_rtm::{
        AddressFamily, Call, EntityId, EventCallback, NotifyFlags, NotifyHandle, OwnChanges, Profile,
        TableId, ViewSet,
    };

    #[derive(Default)]
    struct Everything(Vec<u8>);

    impl Hasher for Everything {
        fn write(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }

        fn finish(&self) -> u64 {
            0
        }
    }

    /// Makes two registrations for changes, in either order, ends both, and keeps the handle of one.
    #[derive(Clone)]
    struct Keeper {
        names: [&'static str; 2],
        keeps: &'static str,
        kept: Option<NotifyHandle>,
    }

    impl Hash for Keeper {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.kept.hash(state);
        }
    }

    impl Behaviour for Keeper {
        fn start(&mut self, desk: &mut Desk<'_>) {
            desk.timer_after(Span::from_secs(1), (Term::new("start"), Subject::None), 0);
        }

        fn wake(&mut self, _token: u64, desk: &mut Desk<'_>) {
            let table = TableId { instance: 0, family: AddressFamily::Ipv4 };
            desk.register(table, EntityId { protocol: 8, protocol_instance: 1 }, EventCallback::Absent);
            for name in self.names {
                let symbol = desk.intern(name);
                let (views, flags, context) = (ViewSet::UCAST, NotifyFlags::ALL, 0);
                let own_changes = OwnChanges::Included;
                let call = Call::RegisterForChangeNotification { views, flags, context, own_changes };
                let notify = desk.register_for_changes(symbol, call).unwrap();
                desk.call(Call::DeregisterFromChangeNotification { notify });
                if name == self.keeps {
                    self.kept = Some(notify);
                }
            }
        }
    }

    fn everything(registered: [&'static str; 2], keeps: &'static str) -> Vec<u8> {
        let mut names = Names::default();
        for name in ["a", "b"] {
            names.intern(name);
        }
        let mut world = RoutingWorld::new(Profile::default());
        world.add(names.intern("keeper"), Delay::None, Keeper { names: registered, keeps, kept: None });
        let mut simulation = Simulation::new(world, Settings::new(1)).with_names(names);
        simulation.act(RoutingWorld::begin);
        simulation.run();
        let mut everything = Everything::default();
        simulation.world().hash(&mut everything);
        everything.0
    }

    #[test]
    fn what_is_gone_is_hashed_by_the_name_that_it_had() {
        assert_eq!(everything(["a", "b"], "a"), everything(["b", "a"], "a"), "one name, two handles");
        assert_ne!(everything(["a", "b"], "a"), everything(["a", "b"], "b"), "two names");
    }
}
