//! Hold-down: the last route of a view stays visible as unreachable for a while (5.5, D-41 … D-46, D-101).
//!
//! ```text
//!            RtmHoldDestination          its last route there is deleted            the time is over
//!  nothing ────────────────────▶ armed ──────────────────────────────────▶ held ─────────────────────▶ nothing
//! ```
//!
//! Both are said of a view. All views that a destination is held in are released together: they share one timer.

use crate::call::Reply;
use crate::change::Classes;
use crate::flags::{ViewId, ViewSet};
use crate::handle::{DestHandle, DestSlot, EntitySlot, RouteHandle, RouteSlot};
use crate::info::RouteState;
use crate::lock::Access;
use crate::manager::{State, Step};
use crate::output::{Fact, Output, TimerKey};
use crate::status::{Refusal, Status};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

/// What there is to know of a destination that is armed or held in some view; others have none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hold {
    /// Where the deletion of the last route begins a hold.
    pub(crate) armed: ViewSet,
    /// The longest that was asked for, whatever the view (D-41).
    pub(crate) time_ms: u32,
    /// The route that is held in each view. It is in no ranking (I7).
    pub(crate) held: BTreeMap<ViewId, RouteSlot>,
    pub(crate) timer: HoldTimer,
}

/// How far the hold of a destination has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum HoldTimer {
    /// Nothing is held.
    Idle,
    /// The host holds the deadline.
    Armed {
        /// The deadline.
        until: u64,
        /// Counted up whenever it is put off.
        generation: u32,
    },
    /// The time is over, and the destination locked: the end waits for the unlock (D-122).
    Due,
}

impl Hold {
    const fn new() -> Self {
        Self { armed: ViewSet::NONE, time_ms: 0, held: BTreeMap::new(), timer: HoldTimer::Idle }
    }

    /// Returns the views in which a route is held.
    pub(crate) fn views_of(&self, route: RouteSlot) -> ViewSet {
        let held = self.held.iter().filter(|(_, held)| **held == route);
        held.fold(ViewSet::NONE, |views, (view, _)| views.union(view.set()))
    }

    fn views(&self) -> ViewSet {
        self.held.keys().fold(ViewSet::NONE, |views, view| views.union(view.set()))
    }
}

impl Step<'_> {
    /// Arms a destination; nobody sees it before its last route goes (RTM-060).
    pub(crate) fn hold_destination(
        &mut self,
        caller: EntitySlot,
        dest: DestHandle,
        views: ViewSet,
        hold_time_ms: u32,
    ) -> Result<Reply, Refusal> {
        let slot = self.state.visible_dest(caller, dest)?;
        let views = self.state.views_to_arm(views)?;
        if hold_time_ms == 0 {
            return Err(Status::InvalidParameter.into());
        }
        self.state.check_access(caller, slot, Access::Write)?;
        let hold = self.state.holds.entry(slot).or_insert_with(Hold::new);
        hold.armed = hold.armed.union(views);
        hold.time_ms = hold.time_ms.max(hold_time_ms);
        Ok(Reply::Nothing)
    }

    /// Holds a route that has just left the ranking, in the armed views of which it was the last one (RTM-061, D-101).
    pub(crate) fn hold_last_route(&mut self, slot: RouteSlot) {
        let (dest, views) = (self.state.routes[slot].dest, self.state.routes[slot].spec.views);
        let Some(hold) = self.state.holds.get(&dest) else { return };
        let begun = views.intersection(hold.armed).without(self.state.dests[dest].views);
        if begun.is_empty() {
            return;
        }
        let until = self.put_end_off(dest);
        self.state.routes[slot].state = RouteState::Deleting;
        let mut replaced = Vec::new();
        for view in begun.iter() {
            self.state.routes[slot].references += 1;
            let hold = self.state.hold_mut(dest);
            hold.armed = hold.armed.without(view.set());
            replaced.extend(hold.held.insert(view, slot));
        }
        self.fact(|state| Fact::RouteHeld { route: state.route_name(slot), views: begun, until });
        self.let_go(dest, &replaced);
    }

    /// Lets the hold of a destination last the armed time from now, at least (D-44); returns its deadline.
    fn put_end_off(&mut self, dest: DestSlot) -> u64 {
        let hold = &self.state.holds[&dest];
        let asked = self.now.saturating_add(u64::from(hold.time_ms) * NANOSECONDS_PER_MILLISECOND);
        let timer = TimerKey::Hold(self.state.dests.handle(dest));
        let generation = match hold.timer {
            HoldTimer::Idle | HoldTimer::Due => 0,
            HoldTimer::Armed { until, .. } if until >= asked => return until,
            HoldTimer::Armed { generation, .. } => {
                self.put(Output::DisarmTimer { timer });
                generation.wrapping_add(1)
            }
        };
        self.state.hold_mut(dest).timer = HoldTimer::Armed { until: asked, generation };
        self.put(Output::ArmTimer { timer, at: asked, generation });
        asked
    }

    pub(crate) fn hold_timer_fired(&mut self, dest: DestHandle, generation: u32) {
        let Some(slot) = self.state.dests.slot(dest) else { return };
        let Some(hold) = self.state.holds.get_mut(&slot) else { return };
        let HoldTimer::Armed { until, generation: current } = hold.timer else { return };
        // A hold that has ended may be followed by one of the same generation: it is told by its deadline.
        if generation != current || until > self.now {
            return;
        }
        hold.timer = HoldTimer::Due;
        if !self.state.is_locked(slot) {
            self.end_hold(slot);
        }
    }

    /// Ends a hold whose end has waited for the unlock.
    pub(crate) fn end_hold_that_waits(&mut self, dest: DestSlot) {
        if self.state.holds.get(&dest).is_some_and(|hold| hold.timer == HoldTimer::Due) {
            self.end_hold(dest);
        }
    }

    /// Releases all views of a destination, and tells whom it concerns (RTM-062, D-45).
    fn end_hold(&mut self, dest: DestSlot) {
        let hold = self.state.hold_mut(dest);
        let views = hold.views();
        let released: Vec<_> = core::mem::take(&mut hold.held).into_values().collect();
        hold.timer = HoldTimer::Idle;
        if hold.armed.is_empty() {
            self.state.holds.remove(&dest);
        }
        self.state.dests[dest].set_last_changed(self.now);
        self.fact(|state| Fact::HoldEnded {
            table: state.tables[state.dests[dest].table()].id,
            dest: state.dests[dest].address,
            views,
        });
        self.tell_subscribers(dest, &Classes::of_end_of_hold(views), None);
        self.let_go(dest, &released);
    }

    /// Takes off one reference for each view in which a route is not held any more.
    fn let_go(&mut self, dest: DestSlot, routes: &[RouteSlot]) {
        for slot in routes {
            if self.state.views_held_in(dest, *slot).is_empty() {
                self.state.routes[*slot].state = RouteState::Deleted;
            }
        }
        for slot in routes {
            self.drop_route(*slot);
        }
    }
}

impl State {
    /// Reads the views of `RtmHoldDestination`: none in particular means all (D-121).
    fn views_to_arm(&self, views: ViewSet) -> Result<ViewSet, Refusal> {
        let supported = self.profile.views_supported;
        if views == ViewSet::ANY || views == ViewSet::ALL {
            return Ok(supported);
        }
        if supported.contains(views) { Ok(views) } else { Err(Status::InvalidParameter.into()) }
    }

    fn hold_mut(&mut self, dest: DestSlot) -> &mut Hold {
        self.holds.get_mut(&dest).expect("what is armed or held has an entry")
    }

    /// Returns the route that is held in a view.
    pub(crate) fn hold_route(&self, dest: DestSlot, view: ViewId) -> Option<RouteHandle> {
        let held = self.holds.get(&dest)?.held.get(&view)?;
        Some(self.routes.handle(*held))
    }

    /// Whether a destination is held in some view.
    pub(crate) fn is_held(&self, dest: DestSlot) -> bool {
        self.holds.get(&dest).is_some_and(|hold| !hold.held.is_empty())
    }

    /// Returns the routes of a destination that are held, each once, in the order in which they would be ranked.
    pub(crate) fn held_routes(&self, dest: DestSlot) -> Vec<RouteSlot> {
        let held = self.holds.get(&dest).into_iter().flat_map(|hold| hold.held.values().copied());
        let mut held: Vec<RouteSlot> = held.collect();
        held.sort_by_key(|slot| self.rank_key(*slot));
        held.dedup();
        held
    }

    /// Returns the views in which a route is held.
    pub(crate) fn views_held_in(&self, dest: DestSlot, route: RouteSlot) -> ViewSet {
        self.holds.get(&dest).map_or(ViewSet::NONE, |hold| hold.views_of(route))
    }
}
