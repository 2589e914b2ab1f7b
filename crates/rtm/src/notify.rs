//! Callbacks: delivered, invoked, returned; or dropped on the way (3).

use crate::expiry::Timer;
use crate::function::EventType;
use crate::handle::{AnyHandle, CallbackId, CallbackSlot, EntitySlot, NotifySlot, RouteHandle};
use crate::info::RouteState;
use crate::manager::{State, Step};
use crate::output::{CallbackDropReason, CallbackFrame, DueEvent, Event, Fact, HostError, Output};
use crate::references::Source;
use crate::status::Status;

/// A callback between its delivery and its return.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Callback {
    /// Who is told; kept alive meanwhile.
    pub(crate) to: EntitySlot,
    pub(crate) due: Due,
    pub(crate) running: bool,
}

/// What a callback is about; entities are kept alive for it (D-07), routes are not, and may be gone when it is time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Due {
    EntityRegistered(EntitySlot),
    EntityDeregistered(EntitySlot),
    /// With the generation of the timer that came due.
    RouteExpired(RouteHandle, u32),
    ChangeNotification(NotifySlot),
}

impl Due {
    pub(crate) const fn event_type(self) -> EventType {
        match self {
            Self::EntityRegistered(_) => EventType::EntityRegistered,
            Self::EntityDeregistered(_) => EventType::EntityDeregistered,
            Self::RouteExpired(..) => EventType::RouteExpired,
            Self::ChangeNotification(_) => EventType::ChangeNotification,
        }
    }
}

impl Step<'_> {
    /// Hands out a callback for the host to run when it sees fit (D-03).
    pub(crate) fn deliver(&mut self, to: EntitySlot, due: Due) -> CallbackSlot {
        assert!(self.state.entities[to].registered, "nothing is delivered to a client that has gone");
        self.state.entities[to].references += 1;
        if let Due::EntityRegistered(about) | Due::EntityDeregistered(about) = due {
            self.state.entities[about].references += 1;
        }
        let slot = self.state.callbacks.insert(Callback { to, due, running: false });
        self.state.entities[to].queued.push_back(slot);
        let callback = self.state.callbacks.handle(slot);
        let (to, event) = (self.state.entities.handle(to), self.state.due_event(due));
        self.put(Output::Deliver { to, callback, event });
        slot
    }

    /// Takes back a delivered callback that was not invoked (D-06, D-18, D-20, D-60).
    pub(crate) fn take_back_callback(&mut self, slot: CallbackSlot, reason: CallbackDropReason) {
        let Callback { to, due, running } = self.state.callbacks[slot];
        assert!(!running, "a running callback is not taken back");
        let callback = self.state.callbacks.handle(slot);
        let client = self.state.entities.handle(to);
        self.put(Output::Drop { to: client, callback });
        let event = self.state.due_event(due);
        self.fact(|_| Fact::CallbackDropped { callback, to: client, event, reason });
        if let Due::ChangeNotification(notify) = due {
            self.state.registrations[notify].announced = None;
        }
        self.unqueue(slot);
        self.finish(slot);
    }

    pub(crate) fn invoke(&mut self, callback: CallbackId) {
        let waiting = self.state.callbacks.slot(callback);
        let waiting = waiting.filter(|slot| !self.state.callbacks[*slot].running);
        let Some(slot) = waiting else {
            self.put(Output::Inert { callback });
            return;
        };
        if let Err(error) = self.state.check_turn(slot) {
            debug_assert!(false, "{error} (D-107)");
            self.put(Output::Refused { callback, error });
            return;
        }
        self.unqueue(slot);
        let Callback { to, due, .. } = self.state.callbacks[slot];
        self.state.callbacks[slot].running = true;
        self.state.entities[to].in_callback = true;
        let event = self.event(to, due);
        let frame = CallbackFrame { callback, to: self.state.entities.handle(to), event };
        self.put(Output::Frame(frame));
    }

    /// Makes the contexts at the moment the client is told, and changes what telling changes.
    fn event(&mut self, to: EntitySlot, due: Due) -> Event {
        match due {
            Due::EntityRegistered(entity) => Event::EntityRegistered {
                entity: self.state.entities.handle(entity),
                info: self.state.entities[entity].info,
            },
            Due::EntityDeregistered(entity) => Event::EntityDeregistered {
                entity: self.state.entities.handle(entity),
                info: self.state.entities[entity].info,
            },
            Due::RouteExpired(route, generation) => {
                let slot = self.state.routes.slot(route).expect("an expiring route is in the table");
                let known = &self.state.routes[slot];
                assert_eq!(known.state, RouteState::Created, "a deletion takes the expiry back");
                assert_eq!((known.timer, known.generation), (Timer::Due, generation), "so does a refresh");
                assert!(!self.state.is_locked(known.dest), "and a lock puts it off");
                // Kept, it has no timer until it is given one (D-14).
                self.state.routes[slot].timer = Timer::Idle;
                self.state.reference(to, AnyHandle::Route(route), Source::Handle);
                Event::RouteExpired { route, info: self.state.route_info(slot) }
            }
            Due::ChangeNotification(slot) => {
                let registration = &mut self.state.registrations[slot];
                // Cleared before the client runs: what changes from now on is announced anew (D-51).
                registration.announced = None;
                let context = registration.context;
                Event::ChangeNotification { notify: self.state.registrations.handle(slot), context }
            }
        }
    }

    pub(crate) fn callback_returned(&mut self, callback: CallbackId, status: Status) {
        let running = self.state.callbacks.slot(callback);
        let running = running.filter(|slot| self.state.callbacks[*slot].running);
        let Some(slot) = running else { return };
        let Callback { to, due, .. } = self.state.callbacks[slot];
        match due {
            Due::RouteExpired(route, _) => self.expiry_answered(to, route, status),
            // Whatever they answer has no effect (RTM-015).
            Due::EntityRegistered(_) | Due::EntityDeregistered(_) | Due::ChangeNotification(_) => {}
        }
        self.state.entities[to].in_callback = false;
        self.finish(slot);
    }

    fn unqueue(&mut self, slot: CallbackSlot) {
        let to = self.state.callbacks[slot].to;
        let queued = &mut self.state.entities[to].queued;
        let position = queued.iter().position(|other| *other == slot);
        queued.remove(position.expect("a delivered callback is in its client's queue"));
    }

    /// Forgets a callback and lets go of the entities it kept alive.
    fn finish(&mut self, slot: CallbackSlot) {
        let callback = self.state.callbacks.remove(slot);
        match callback.due {
            Due::EntityRegistered(about) | Due::EntityDeregistered(about) => self.drop_entity(about),
            Due::RouteExpired(..) | Due::ChangeNotification(_) => {}
        }
        self.drop_entity(callback.to);
    }
}

impl State {
    /// Checks that a client may be told now: it is in no callback, and this one is its next (D-107).
    fn check_turn(&self, slot: CallbackSlot) -> Result<(), HostError> {
        let client = &self.entities[self.callbacks[slot].to];
        if client.in_callback {
            return Err(HostError::CallbackRuns);
        }
        if client.queued.front() == Some(&slot) { Ok(()) } else { Err(HostError::OutOfTurn) }
    }

    fn due_event(&self, due: Due) -> DueEvent {
        match due {
            Due::EntityRegistered(entity) => {
                DueEvent::EntityRegistered { entity: self.entities.handle(entity) }
            }
            Due::EntityDeregistered(entity) => {
                DueEvent::EntityDeregistered { entity: self.entities.handle(entity) }
            }
            Due::RouteExpired(route, _) => DueEvent::RouteExpired { route },
            Due::ChangeNotification(notify) => {
                DueEvent::ChangeNotification { notify: self.registrations.handle(notify) }
            }
        }
    }
}
