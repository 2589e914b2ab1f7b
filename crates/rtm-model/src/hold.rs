//! Hold-down: the last route of an armed view stays for a while (5.5, D-41 … D-46, D-101).

use alloc::vec::Vec;

use tiebreak_rtm::{
    Call, DestHandle, EntityHandle, HoldInfo, LockMode, NotifyFlags, Reply, RouteHandle, RouteState, Status,
    TableId, TimerKey, ViewId, ViewSet,
};

use super::expected::Expected;
use super::refusal::Refusals;
use super::{Hold, Model, On};

const NANOSECONDS_IN_MS: u64 = 1_000_000;

impl Model {
    fn hold(&self, dest: u64) -> Option<&Hold> {
        self.holds.iter().find(|hold| hold.dest == dest)
    }

    /// The route held in a view of a destination.
    pub(super) fn held_in(&self, dest: u64, view: ViewId) -> Option<RouteHandle> {
        let held = self.hold(dest)?.held.iter().find(|(held_in, _)| *held_in == view);
        held.map(|(_, route)| *route)
    }

    /// Tells whether anything of a destination is held.
    pub(super) fn is_held(&self, dest: u64) -> bool {
        self.hold(dest).is_some_and(|hold| !hold.held.is_empty())
    }

    /// What can be seen of it.
    pub(super) fn hold_info(&self, dest: u64) -> Option<HoldInfo> {
        self.hold(dest).map(|hold| HoldInfo {
            armed: hold.armed,
            hold_time_ms: hold.time_ms,
            held: hold.held.clone(),
            until: hold.until.filter(|_| !hold.waits).map(|(until, _)| until),
        })
    }

    pub(super) fn hold_faults(
        &self,
        caller: EntityHandle,
        table: TableId,
        call: &Call,
        refusals: &mut Refusals,
    ) {
        let Call::HoldDestination { dest, views, hold_time_ms } = call else { return };
        refusals.fault((*hold_time_ms == 0).then_some(Status::InvalidParameter));
        // The page documents no other code for a view that is not supported (D-121).
        refusals.fault(self.asked(*views).is_none().then_some(Status::InvalidParameter));
        let known = self.dest_by_handle(table, *dest);
        refusals.fault(known.is_none().then_some(Status::InvalidHandle));
        if let Some(known) = known {
            self.wants(caller, On::Dest(known.id), LockMode::Exclusive, refusals);
        }
    }

    pub(super) fn hold_destination(
        &mut self,
        caller: EntityHandle,
        dest: DestHandle,
        views: ViewSet,
        hold_time_ms: u32,
    ) -> Reply {
        let table = self.table_of(caller).expect("a caller is registered");
        let dest = self.dest_by_handle(table, dest).expect("a refused call is not performed").id;
        // None in particular means all (D-121).
        let views = if views == ViewSet::ANY { ViewSet::ALL } else { views };
        let views = views.intersection(self.profile.views_supported);
        if self.hold(dest).is_none() {
            let (armed, held) = (ViewSet::NONE, Vec::new());
            self.holds.push(Hold { dest, armed, time_ms: 0, held, until: None, waits: false });
        }
        for hold in self.holds.iter_mut().filter(|hold| hold.dest == dest) {
            hold.armed = hold.armed.union(views);
            hold.time_ms = hold.time_ms.max(hold_time_ms);
        }
        Reply::Nothing
    }

    /// A route has left these views, and no other is left in them: it is held where that was armed for.
    pub(super) fn last_route_left(&mut self, route: RouteHandle, left: &[ViewId], expected: &mut Expected) {
        let Some(dest) = self.route(route).map(|route| route.dest) else { return };
        let Some((_, address)) = self.table_and_address(dest) else { return };
        let (now, handle) =
            (self.now, self.dests.iter().find(|known| known.id == dest).and_then(|dest| dest.handle));
        let Some(hold) = self.holds.iter_mut().find(|hold| hold.dest == dest) else { return };
        let begun: Vec<ViewId> =
            left.iter().copied().filter(|view| hold.armed.contains(view.set())).collect();
        if begun.is_empty() {
            return;
        }
        let timer = TimerKey::Hold(handle.expect("who armed it had a handle"));
        let asked = now + u64::from(hold.time_ms) * NANOSECONDS_IN_MS;
        let until = hold.until.filter(|_| !hold.waits).map(|(until, _)| until);
        if until.is_none_or(|until| until < asked) {
            expected.timers.extend(until.map(|_| (timer, None)));
            expected.timers.push((timer, Some(asked)));
            (hold.until, hold.waits) = (Some((asked, 0)), false);
        }
        let mut views = ViewSet::NONE;
        for view in begun {
            hold.armed = hold.armed.without(view.set());
            hold.held.retain(|(held_in, _)| *held_in != view);
            hold.held.push((view, route));
            views = views.union(view.set());
        }
        hold.held.sort_unstable();
        let until = until.map_or(asked, |until| until.max(asked));
        expected.holds.push((address, views, Some((route, until))));
        self.settle_states(dest);
    }

    /// A route that is held somewhere is being deleted, and one that is not any more has been (D-43).
    fn settle_states(&mut self, dest: u64) {
        let held: Vec<RouteHandle> =
            self.hold(dest).map_or(Vec::new(), |hold| hold.held.iter().map(|(_, route)| *route).collect());
        for route in self.routes.iter_mut().filter(|route| route.dest == dest) {
            route.state = match route.state {
                RouteState::Created => RouteState::Created,
                RouteState::Deleting | RouteState::Deleted if held.contains(&route.handle) => {
                    RouteState::Deleting
                }
                RouteState::Deleting | RouteState::Deleted => RouteState::Deleted,
            };
        }
    }

    pub(super) fn hold_timer_fired(&mut self, dest: DestHandle, generation: u32, expected: &mut Expected) {
        let Some(dest) = self.dests.iter().find(|known| known.handle == Some(dest)).map(|dest| dest.id)
        else {
            return;
        };
        let (now, locked) = (self.now, self.is_locked(dest));
        let Some(hold) = self.holds.iter_mut().find(|hold| hold.dest == dest) else { return };
        let due = hold.until.is_some_and(|(until, armed)| armed == generation && until <= now);
        if !due || hold.waits {
            return;
        }
        hold.waits = true;
        if !locked {
            self.end_hold(dest, expected);
        }
    }

    /// The end of a hold that has waited for the unlock comes before whatever else has (D-122).
    pub(super) fn end_hold_that_waits(&mut self, dest: u64, expected: &mut Expected) {
        if self.hold(dest).is_some_and(|hold| hold.waits) {
            self.end_hold(dest, expected);
        }
    }

    fn end_hold(&mut self, dest: u64, expected: &mut Expected) {
        let Some((_, address)) = self.table_and_address(dest) else { return };
        let mut held = Vec::new();
        for hold in self.holds.iter_mut().filter(|hold| hold.dest == dest) {
            held = core::mem::take(&mut hold.held);
            (hold.until, hold.waits) = (None, false);
        }
        self.holds.retain(|hold| hold.dest != dest || !hold.armed.is_empty());
        let views = held.iter().fold(ViewSet::NONE, |views, (view, _)| views.union(view.set()));
        expected.holds.push((address, views, None));
        self.settle_states(dest);
        self.touch(dest);
        let class = NotifyFlags::ALL.union(NotifyFlags::BEST);
        let classes: Vec<_> = held.iter().map(|(view, _)| (*view, class)).collect();
        self.notify(dest, &classes, None, expected);
    }
}
