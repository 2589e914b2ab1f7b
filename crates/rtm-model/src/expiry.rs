//! Expiry and callbacks: timers, what becomes due, what runs, what is answered (D-11 … D-20, 3.3, 4.5).

use alloc::vec::Vec;

use tiebreak_rtm::{
    AnyHandle, CallbackFrame, CallbackId, DueEvent, EntityHandle, Event, HostError, RouteHandle, RouteState,
    Status, TimerKey,
};

use super::expected::{Expected, Told};
use super::{Callback, Difference, Kind, Model, On, Phase, PutOff, Wait};

const INFINITE_MS: u32 = u32::MAX;
const NANOSECONDS_IN_MS: u64 = 1_000_000;

impl Model {
    /// Replaces a route's timer (D-17).
    pub(super) fn set_time_to_live(&mut self, route: RouteHandle, ms: u32, expected: &mut Expected) {
        self.disarm(route, expected);
        self.take_expiry_back(route, expected);
        self.put_off.retain(|put_off| put_off.route != route || put_off.what == Wait::Deletion);
        for known in self.routes.iter_mut().filter(|known| known.handle == route) {
            if ms != INFINITE_MS {
                let at = self.now + u64::from(ms) * NANOSECONDS_IN_MS;
                known.timer = Some((at, 0));
                expected.timers.push((route, Some(at)));
            }
        }
    }

    /// An expiry that is delivered and not told yet is withdrawn (D-18), be it delivered by the same input. Tells whether
    /// there was one before.
    pub(super) fn take_expiry_back(&mut self, route: RouteHandle, expected: &mut Expected) -> bool {
        let event = DueEvent::RouteExpired { route };
        expected.take_back(event);
        let is_meant = |callback: &Callback| callback.phase == Phase::Due && callback.event == event;
        let meant = self.callbacks.iter().filter(|callback| is_meant(callback));
        let dropped: Vec<_> = meant.map(|callback| (callback.to, callback.id)).collect();
        self.callbacks.retain(|callback| !is_meant(callback));
        let is_any = !dropped.is_empty();
        expected.dropped.extend(dropped);
        is_any
    }

    /// A lock puts off the expiries of its destination that are not told yet (D-20).
    pub(super) fn put_expiries_off(&mut self, dest: u64, expected: &mut Expected) {
        let routes = self.routes.iter().filter(|known| known.dest == dest).map(|known| known.handle);
        for route in routes.collect::<Vec<_>>() {
            if self.take_expiry_back(route, expected) {
                self.put_off.push(PutOff { dest, route, what: Wait::Expiry });
            }
        }
    }

    pub(super) fn disarm(&mut self, route: RouteHandle, expected: &mut Expected) {
        for known in self.routes.iter_mut().filter(|known| known.handle == route) {
            if known.timer.take().is_some() {
                expected.timers.push((route, None));
            }
        }
    }

    pub(super) fn timer_fired(
        &mut self,
        TimerKey::Route(route): TimerKey,
        generation: u32,
        expected: &mut Expected,
    ) {
        let Some(known) = self.routes.iter_mut().find(|known| known.handle == route) else { return };
        if known.state != RouteState::Created || known.timer.is_none_or(|(_, armed)| armed != generation) {
            return;
        }
        known.timer = None;
        let dest = known.dest;
        if self.is_locked(dest) {
            self.put_off.push(PutOff { dest, route, what: Wait::Expiry });
        } else {
            self.expire(route, expected);
        }
    }

    /// Tells the owner, or deletes the route if nobody listens.
    fn expire(&mut self, route: RouteHandle, expected: &mut Expected) {
        let Some(owner) = self.route(route).map(|known| known.owner) else { return };
        expected.next_wave();
        if self.hears(owner) {
            expected.deliver(owner, DueEvent::RouteExpired { route });
        } else {
            self.delete_route(route, None, expected);
        }
    }

    pub(super) fn is_locked(&self, dest: u64) -> bool {
        self.locks.iter().any(|lock| lock.on == On::Dest(dest))
    }

    /// What was put off until the last unlock of a destination happens; deletions in the order the manager chose.
    pub(super) fn unlocked(&mut self, dest: u64, told: &Told<'_>, expected: &mut Expected) {
        if self.is_locked(dest) {
            return;
        }
        let (mut due, put_off): (Vec<_>, Vec<_>) =
            self.put_off.drain(..).partition(|put_off| put_off.dest == dest);
        self.put_off = put_off;
        due.sort_by_key(|due| told.deleted.iter().position(|deleted| *deleted == due.route));
        for due in due {
            match due.what {
                Wait::Expiry => {
                    // A deletion that was put off too may have come before it.
                    let route = self.route(due.route);
                    if route.is_some_and(|route| route.state == RouteState::Created) {
                        self.expire(due.route, expected);
                    }
                }
                Wait::Deletion => {
                    self.delete_route(due.route, None, expected);
                }
            }
        }
    }

    pub(super) fn invoke(
        &mut self,
        id: CallbackId,
        told: &Told<'_>,
        expected: &mut Expected,
    ) -> Result<(), Difference> {
        let place =
            self.callbacks.iter().position(|callback| callback.id == id && callback.phase == Phase::Due);
        if let Some(error) = place.and_then(|place| self.host_error(place)) {
            expected.refused.push((id, error));
            return Ok(());
        }
        let event = match place {
            Some(place) => self.begin(place, told)?,
            None => None,
        };
        match (place, event) {
            (Some(place), Some(event)) => {
                self.callbacks[place].phase = Phase::Running;
                expected.frame = Some(CallbackFrame { callback: id, to: self.callbacks[place].to, event });
            }
            (Some(place), None) => {
                self.callbacks.remove(place);
                expected.inert.push(id);
            }
            (None, _) => expected.inert.push(id),
        }
        Ok(())
    }

    /// What is wrong with running this callback now (D-05, D-107).
    fn host_error(&self, place: usize) -> Option<HostError> {
        let to = self.callbacks[place].to;
        let of_client = |callback: &&Callback| callback.to == to;
        if self.callbacks.iter().filter(of_client).any(|callback| callback.phase == Phase::Running) {
            return Some(HostError::CallbackRuns);
        }
        // Callbacks are listed in the order of their delivery.
        self.callbacks[..place].iter().any(|callback| of_client(&callback)).then_some(HostError::OutOfTurn)
    }

    /// Makes the contexts of a callback; none if it need not run.
    fn begin(&mut self, place: usize, told: &Told<'_>) -> Result<Option<Event>, Difference> {
        let callback = self.callbacks[place].clone();
        Ok(match callback.event {
            DueEvent::EntityRegistered { entity } => {
                self.client(entity).map(|client| Event::EntityRegistered { entity, info: client.info })
            }
            DueEvent::EntityDeregistered { entity } => {
                self.client(entity).map(|client| Event::EntityDeregistered { entity, info: client.info })
            }
            DueEvent::RouteExpired { route } => {
                let Some(known) = self.route(route).cloned() else { return Ok(None) };
                if let Some(Event::RouteExpired { info, .. }) = told.event() {
                    self.learn_dest(known.dest, info.dest)?;
                }
                self.give(callback.to, AnyHandle::Route(route), Kind::Handle);
                Some(Event::RouteExpired { route, info: self.route_info(&known) })
            }
            DueEvent::ChangeNotification { notify } => {
                let known = self.registrations.iter_mut().find(|known| known.handle == notify);
                known.map(|known| {
                    known.announced = false;
                    Event::ChangeNotification { notify, context: known.context }
                })
            }
        })
    }

    pub(super) fn returned(&mut self, id: CallbackId, status: Status, expected: &mut Expected) {
        let running =
            self.callbacks.iter().position(|callback| callback.id == id && callback.phase == Phase::Running);
        let Some(place) = running else { return };
        let callback = self.callbacks.remove(place);
        let alive = self.client(callback.to).is_some_and(|client| client.registered);
        if let (DueEvent::RouteExpired { route }, 50, true) = (callback.event, status.code(), alive) {
            self.expired(callback.to, route, expected);
        }
    }

    /// The owner wants its expired route deleted: the event's reference goes with it (3.3, D-15). It is the manager that
    /// deletes, so to the owner it is no change of its own (D-52).
    fn expired(&mut self, owner: EntityHandle, route: RouteHandle, expected: &mut Expected) {
        self.take(owner, AnyHandle::Route(route), Kind::Handle);
        let Some(known) = self.route(route).filter(|known| known.state == RouteState::Created) else {
            return;
        };
        let dest = known.dest;
        if self.is_locked(dest) {
            self.put_off.push(PutOff { dest, route, what: Wait::Deletion });
        } else {
            self.delete_route(route, None, expected);
        }
    }
}
