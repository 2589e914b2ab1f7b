//! A scripted client's dealings with its routes.

use alloc::string::String;
use alloc::vec::Vec;

use tiebreak::Span;
use tiebreak_rtm::{
    AnyHandle, Call, Event, HandleArgument, INFINITE, LockAction, LockMode, NextHopHandle, NextHops, Outcome,
    Reply, RouteChangeFlags, RouteFlags, RouteHandle, RouteInfo, RouteListHandle, RouteSpec,
};
use tiebreak_rtm_sim::Desk;
use tiebreak_rtm_sim::vocabulary::word;
use tiebreak_scenario::plan::{AddMode, AddRoute, UpdateRoute, View};

use super::registration::{Held, Registration};
use super::{Occasion, Skipped, Stop, made};
use crate::convert::view_set;

/// What an update or an edit changes; what is `None` stays.
struct Edit<'a> {
    metric: Option<u32>,
    preference: Option<u32>,
    via: Option<&'a Vec<String>>,
    neighbour: Option<&'a String>,
    views: Option<&'a Vec<View>>,
    flags: Option<u16>,
}

impl<'p> Registration<'p> {
    pub(super) fn delete_route(
        &mut self,
        name: &str,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let route = self.route(name, occasion)?;
        let outcome = made(desk.call(Call::DeleteRouteToDest { route }))?;
        if matches!(outcome, Outcome::Done(_)) && self.count(name, |held| held.saturating_sub(1)) == Some(0) {
            self.routes.remove(name);
        }
        Ok(())
    }

    pub(super) fn hold_route(
        &mut self,
        name: &str,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Skipped> {
        let route = self.route(name, occasion)?;
        let held = desk.call(Call::ReferenceHandles { handles: Vec::from([AnyHandle::Route(route)]) });
        if matches!(held, Outcome::Done(_)) {
            self.count(name, |held| held + 1);
        }
        Ok(())
    }

    pub(super) fn release_route(
        &mut self,
        name: &str,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Skipped> {
        let route = self.route(name, occasion)?;
        let released = desk.call(Call::ReleaseRoutes { routes: Vec::from([route]) });
        if matches!(released, Outcome::Done(_)) {
            self.count(name, |held| held.saturating_sub(1));
        }
        Ok(())
    }

    pub(super) fn add_route(
        &mut self,
        route: &'p AddRoute,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let AddRoute {
            name,
            dest,
            via,
            metric,
            preference,
            expires_after,
            neighbour,
            views,
            flags,
            list,
            mode,
        } = route;
        let next_hops = self.hops(via)?;
        let list = self.list_or_none(list.as_ref())?;
        let spec = RouteSpec {
            neighbour: neighbour.as_ref().map(|name| self.next_hop(name)).transpose()?,
            flags: RouteFlags::from_bits(flags.unwrap_or(0)),
            preference: preference.unwrap_or(0),
            metric: *metric,
            views: view_set(views),
            next_hops,
            ..RouteSpec::default()
        };
        let call = Call::AddRouteToDest {
            route: if name.is_some() { HandleArgument::Null } else { HandleArgument::Absent },
            dest: occasion.address(dest),
            spec,
            time_to_live_ms: millis(*expires_after),
            list,
            change_flags: match mode {
                AddMode::Auto => RouteChangeFlags::NONE,
                AddMode::New => RouteChangeFlags::NEW,
                AddMode::First => RouteChangeFlags::FIRST,
            },
        };
        let outcome = made(desk.call(call))?;
        if let (Some(name), Outcome::Done(Reply::AddRouteToDest { route: Some(route), .. })) = (name, outcome)
        {
            self.keep_route(name, route, desk);
        }
        Ok(())
    }

    /// Keeps a handle and its reference under a name. If the name stood for the same route, the new reference is one too
    /// many and given back; if it stood for another one, all references on that.
    pub(super) fn keep_route(&mut self, name: &'p str, route: RouteHandle, desk: &mut Desk<'_>) {
        let former = self.routes.insert(name, Held { route, references: 1 });
        let Some(former) = former.filter(|former| former.references > 0) else { return };
        let too_many = if former.route == route {
            self.count(name, |_| former.references);
            1
        } else {
            former.references
        };
        desk.ask(Call::ReleaseRoutes { routes: (0..too_many).map(|_| former.route).collect() });
    }

    /// Changes how many references the client holds by a name; returns how many it holds now.
    fn count(&mut self, name: &str, change: impl FnOnce(u32) -> u32) -> Option<u32> {
        let held = self.routes.get_mut(name)?;
        held.references = change(held.references);
        Some(held.references)
    }

    /// Copies the route, edits the copy and hands it back by handle.
    pub(super) fn update_route(
        &mut self,
        update: &UpdateRoute,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        if let Some(call) = self.kept(occasion).call.take() {
            return self.call_or_keep(call, occasion, desk);
        }
        let UpdateRoute { route, metric, preference, via, neighbour, views, flags, expires_after, list } =
            update;
        let (via, neighbour, views) = (via.as_ref(), neighbour.as_ref(), views.as_ref());
        let edit = Edit { metric: *metric, preference: *preference, via, neighbour, views, flags: *flags };
        let route = self.route(route, occasion)?;
        let list = self.list_or_none(list.as_ref())?;
        let copied = made(desk.ask(Call::get_route_info(route)))?;
        let Outcome::Done(Reply::GetRouteInfo { info: Some(info), address: Some(address) }) = copied else {
            return Ok(());
        };
        let spec = self.edited(&info, &edit);
        desk.ask(Call::ReleaseRouteInfo { info });
        let spec = spec?;
        let call = Call::AddRouteToDest {
            route: HandleArgument::Given(route),
            dest: address,
            spec,
            time_to_live_ms: millis(*expires_after),
            list,
            change_flags: RouteChangeFlags::NONE,
        };
        self.call_or_keep(call, occasion, desk)
    }

    /// Makes a call that rests on what was read before, and keeps it if it waits.
    fn call_or_keep(&mut self, call: Call, occasion: &Occasion<'_>, desk: &mut Desk<'_>) -> Result<(), Stop> {
        if let Outcome::Pending(_) = desk.call(call.clone()) {
            self.kept(occasion).call = Some(call);
            return Err(Stop::Waits);
        }
        Ok(())
    }

    /// Locks the route, edits it in place and commits. The client references the next hops it writes in, and releases
    /// those it takes out once the edit is committed; if it is refused, it gives back the former and unlocks.
    pub(super) fn edit_route(
        &self,
        edit: &UpdateRoute,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let route = self.route(&edit.route, occasion)?;
        let list = self.list_or_none(edit.list.as_ref())?;
        let locked = made(desk.call(lock_route(route, LockAction::Lock)))?;
        let Outcome::Done(Reply::LockRoute { info: Some(info) }) = locked else { return Ok(()) };
        let edited = self.edited_in_place(&info, edit);
        let is_committed = match &edited {
            Ok(edited) => commit(route, &info, (edited, millis(edit.expires_after), list), desk),
            Err(_) => false,
        };
        if !is_committed {
            desk.call(lock_route(route, LockAction::Unlock));
        }
        edited?;
        Ok(())
    }

    /// Edits a route in place that the client has locked, and commits; if that is refused, the route stays locked.
    pub(super) fn update_and_unlock_route(
        &self,
        edit: &UpdateRoute,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let route = self.route(&edit.route, occasion)?;
        let list = self.list_or_none(edit.list.as_ref())?;
        // What is behind the pointer that the lock gave is what the manager has.
        let info = desk.manager().route(route).ok_or(Skipped(word::NO_ROUTE))?;
        let edited = self.edited_in_place(&info, edit)?;
        commit(route, &info, (&edited, millis(edit.expires_after), list), desk);
        Ok(())
    }

    fn edited_in_place(&self, info: &RouteInfo, edit: &UpdateRoute) -> Result<RouteSpec, Skipped> {
        let UpdateRoute { metric, preference, via, neighbour, views, .. } = edit;
        let (via, neighbour, views) = (via.as_ref(), neighbour.as_ref(), views.as_ref());
        let edit = Edit { metric: *metric, preference: *preference, via, neighbour, views, flags: None };
        self.edited(info, &edit)
    }

    /// The route as it is, with the edit.
    fn edited(&self, info: &RouteInfo, edit: &Edit<'_>) -> Result<RouteSpec, Skipped> {
        let mut spec = info.spec.clone();
        spec.metric = edit.metric.unwrap_or(spec.metric);
        spec.preference = edit.preference.unwrap_or(spec.preference);
        spec.views = edit.views.map_or(spec.views, |views| view_set(views));
        spec.flags = edit.flags.map_or(spec.flags, RouteFlags::from_bits);
        if let Some(name) = edit.neighbour {
            spec.neighbour = Some(self.next_hop(name)?);
        }
        if let Some(via) = edit.via {
            spec.next_hops = self.hops(via)?;
        }
        Ok(spec)
    }

    pub(super) fn hops(&self, names: &[String]) -> Result<NextHops, Skipped> {
        names.iter().map(|name| self.next_hop(name)).collect()
    }
}

fn lock_route(route: RouteHandle, action: LockAction) -> Call {
    Call::LockRoute { route, mode: LockMode::Exclusive, action }
}

/// Commits an edit in place; tells whether it was accepted.
fn commit(
    route: RouteHandle,
    before: &RouteInfo,
    (edited, time_to_live_ms, list): (&RouteSpec, u32, Option<RouteListHandle>),
    desk: &mut Desk<'_>,
) -> bool {
    let (taken_out, written_in) = (hops_of(&before.spec), hops_of(edited));
    let is_moved = taken_out != written_in;
    if is_moved {
        let handles = written_in.iter().copied().map(AnyHandle::NextHop).collect();
        if !matches!(desk.call(Call::ReferenceHandles { handles }), Outcome::Done(_)) {
            return false;
        }
    }
    let edited = edited.clone();
    let committed = desk.call(Call::UpdateAndUnlockRoute { route, edited, time_to_live_ms, list });
    let is_committed = matches!(committed, Outcome::Done(_));
    if is_moved {
        let next_hops = if is_committed { taken_out } else { written_in };
        desk.call(Call::ReleaseNextHops { next_hops });
    }
    is_committed
}

/// Releases the event's route.
pub(super) fn release_event_route(occasion: &Occasion<'_>, desk: &mut Desk<'_>) -> Result<(), Skipped> {
    let Some(Event::RouteExpired { route, .. }) = occasion.event else {
        return Err(Skipped(word::NO_EVENT));
    };
    desk.call(Call::ReleaseRoutes { routes: Vec::from([*route]) });
    Ok(())
}

/// The references a route holds: its neighbour and its next hops.
fn hops_of(spec: &RouteSpec) -> Vec<NextHopHandle> {
    spec.neighbour.iter().chain(spec.next_hops.iter()).copied().collect()
}

/// A time to live in milliseconds; none is infinite. A checked plan has whole milliseconds below 2³² − 1.
fn millis(span: Option<Span>) -> u32 {
    span.map_or(INFINITE, |span| u32::try_from(span.as_millis()).unwrap_or(INFINITE - 1))
}
