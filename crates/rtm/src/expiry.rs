//! Expiry: a route's time to live, from arming its timer to what its owner answers (D-12 … D-20).

use crate::call::EventCallback;
use crate::function::Function;
use crate::handle::{AnyHandle, CallbackSlot, DestSlot, EntitySlot, RouteHandle, RouteSlot};
use crate::info::RouteState;
use crate::lock::Waiting;
use crate::manager::{State, Step};
use crate::notify::Due;
use crate::output::{CallbackDropReason, DeleteReason, Fact, Output, TimerKey};
use crate::references::Source;
use crate::status::{Status, Violation};
use alloc::vec::Vec;

/// The time to live, in milliseconds, that never ends: 2³² − 1 (RTM-018).
pub const INFINITE: u32 = u32::MAX;

const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

/// How far a route's expiry has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Timer {
    /// No timer: the time to live is infinite, or the owner kept the route (D-14).
    Idle,
    /// The host holds the deadline.
    Armed,
    /// It has come due; the callback is delivered, or waits for an unlock.
    Due,
}

impl Step<'_> {
    /// Restarts a route's time to live from now; an expiry under way is taken back (D-17, D-18).
    pub(crate) fn set_time_to_live(&mut self, slot: RouteSlot, time_to_live_ms: u32) {
        self.stop_timer(slot, CallbackDropReason::RouteRefreshed);
        if time_to_live_ms == INFINITE {
            return;
        }
        let at = self.now.saturating_add(u64::from(time_to_live_ms) * NANOSECONDS_PER_MILLISECOND);
        let route = &mut self.state.routes[slot];
        route.timer = Timer::Armed;
        let generation = route.generation;
        let timer = TimerKey::Route(self.state.routes.handle(slot));
        self.put(Output::ArmTimer { timer, at, generation });
    }

    /// Disarms a route's timer, and takes back an expiry that is delivered and not told yet.
    pub(crate) fn stop_timer(&mut self, slot: RouteSlot, reason: CallbackDropReason) {
        match self.state.routes[slot].timer {
            Timer::Idle => {}
            Timer::Armed => {
                let timer = TimerKey::Route(self.state.routes.handle(slot));
                self.put(Output::DisarmTimer { timer });
            }
            // Delivered, or waiting for an unlock.
            Timer::Due => {
                if let Some(callback) = self.state.delivered_expiry(slot) {
                    self.take_back_callback(callback, reason);
                }
            }
        }
        let route = &mut self.state.routes[slot];
        route.generation = route.generation.wrapping_add(1);
        route.timer = Timer::Idle;
    }

    /// Takes back the expiries at a destination that are delivered and not told yet; they wait for the unlock (D-20).
    pub(crate) fn put_expiries_off(&mut self, dest: DestSlot) {
        let ranking = self.state.ranking(dest);
        let due = ranking.filter_map(|slot| Some((slot, self.state.delivered_expiry(slot)?)));
        for (slot, callback) in due.collect::<Vec<_>>() {
            self.take_back_callback(callback, CallbackDropReason::RouteLocked);
            let (handle, generation) = (self.state.routes.handle(slot), self.state.routes[slot].generation);
            self.state.waiting.push((dest, Waiting::Expiry(handle, generation)));
        }
    }

    pub(crate) fn route_timer_fired(&mut self, handle: RouteHandle, generation: u32) {
        let Some(slot) = self.state.routes.slot(handle) else { return };
        let route = &mut self.state.routes[slot];
        if route.generation != generation || route.timer != Timer::Armed {
            return;
        }
        assert_eq!(route.state, RouteState::Created, "only a route in the table has an armed timer");
        route.timer = Timer::Due;
        self.expire(slot);
    }

    /// Tells the owner of an expired route, or deletes it if nobody listens; a locked one waits (D-11, D-12, D-20).
    pub(crate) fn expire(&mut self, slot: RouteSlot) {
        let route = &self.state.routes[slot];
        let (owner, dest, generation) = (route.owner, route.dest, route.generation);
        let handle = self.state.routes.handle(slot);
        if self.state.is_locked(dest) {
            self.state.waiting.push((dest, Waiting::Expiry(handle, generation)));
            return;
        }
        let entity = &self.state.entities[owner];
        if entity.registered && entity.callback == EventCallback::Given {
            self.deliver(owner, Due::RouteExpired(handle, generation));
        } else {
            self.remove_route(slot, DeleteReason::ExpiredUnheard, None);
        }
    }

    /// Does what the owner of an expired route answered (3.3, RTM-020 … RTM-022).
    pub(crate) fn expiry_answered(&mut self, owner: EntitySlot, handle: RouteHandle, status: Status) {
        // The answer of a client that has deregistered meanwhile counts for nothing (D-10).
        if status != Status::NotSupported || !self.state.entities[owner].registered {
            return;
        }
        // Deleted already, by the callback itself: nothing is left to do but release (D-15).
        let route = self.state.routes.slot(handle);
        let alive = route.filter(|slot| self.state.routes[*slot].state == RouteState::Created);
        if let Some(slot) = alive {
            let dest = self.state.routes[slot].dest;
            if self.state.is_locked(dest) {
                self.state.waiting.push((dest, Waiting::Deletion(handle)));
            } else {
                self.remove_route(slot, DeleteReason::Expired, None);
            }
        }
        let event_reference = [AnyHandle::Route(handle)];
        match self.take_back(owner, &event_reference, Source::Handle, Function::ReleaseRoutes) {
            Ok(()) => self.drop_handle(AnyHandle::Route(handle)),
            Err(violation) if alive.is_some() => self.fact(|state| Fact::Violation {
                caller: Some(state.entities.handle(owner)),
                violation: Violation::DoubleRelease {
                    function: violation.function(),
                    handle: AnyHandle::Route(handle),
                },
            }),
            // It was the reference that RtmDeleteRouteToDest consumed.
            Err(_) => {}
        }
    }
}

impl State {
    /// Finds the callback of a route's expiry that is delivered and not invoked.
    fn delivered_expiry(&self, slot: RouteSlot) -> Option<CallbackSlot> {
        let route = &self.routes[slot];
        if route.timer != Timer::Due {
            return None;
        }
        let due = Due::RouteExpired(self.routes.handle(slot), route.generation);
        let mut queued = self.entities[route.owner].queued.iter().copied();
        queued.find(|callback| self.callbacks[*callback].due == due)
    }
}
