//! What clients have been given and have not given back, counted apart from the manager: by the rule that each handle that is
//! returned, alone or in a structure, is one reference (1.10).

use std::collections::BTreeMap;
use tiebreak_rtm::*;

/// Tells what gives a reference back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Given {
    /// Alone, or in a copy of a route or next hop.
    Alone,
    /// In a copy of a destination that was looked up.
    InDest,
    /// In a copy of a destination that has changed.
    InChange(NotifyHandle),
}

/// The references of all clients.
#[derive(Debug, Default)]
pub(crate) struct Book {
    given: BTreeMap<(EntityHandle, AnyHandle, Given), u64>,
}

fn in_dest(info: &DestInfo) -> Vec<AnyHandle> {
    let mut handles = vec![AnyHandle::Dest(info.dest)];
    for view in &info.views {
        handles.extend(view.route.map(AnyHandle::Route));
        handles.extend(view.hold_route.map(AnyHandle::Route));
        handles.extend(view.owner.map(AnyHandle::Entity));
    }
    handles
}

fn in_route(info: &RouteInfo) -> Vec<AnyHandle> {
    let mut handles = vec![AnyHandle::Dest(info.dest), AnyHandle::Entity(info.owner)];
    handles.extend(info.spec.neighbour.map(AnyHandle::NextHop));
    handles.extend(info.spec.next_hops.iter().copied().map(AnyHandle::NextHop));
    handles
}

impl Book {
    pub(crate) fn total(&self, client: EntityHandle) -> u64 {
        self.given.iter().filter(|((of, ..), _)| *of == client).map(|(_, count)| count).sum()
    }

    fn give(&mut self, client: EntityHandle, handles: Vec<AnyHandle>, given: Given) {
        for handle in handles {
            *self.given.entry((client, handle, given)).or_default() += 1;
        }
    }

    /// Takes off a reference that was given in one of these ways, the first of them if it can.
    fn take(&mut self, client: EntityHandle, handle: AnyHandle, ways: &[Given]) -> bool {
        for way in ways {
            let key = (client, handle, *way);
            if let Some(count) = self.given.get_mut(&key) {
                *count -= 1;
                if *count == 0 {
                    self.given.remove(&key);
                }
                return true;
            }
        }
        false
    }

    fn take_all(&mut self, client: EntityHandle, handles: Vec<AnyHandle>, ways: &[Given]) {
        for handle in handles {
            assert!(
                self.take(client, handle, ways),
                "{client:?} has given back {handle:?}, which it did not have"
            );
        }
    }

    /// Enters a call that has succeeded.
    pub(crate) fn enter(&mut self, client: EntityHandle, call: &Call, reply: &Reply) {
        match (call, reply) {
            (
                Call::AddRouteToDest { route: HandleArgument::Null, .. },
                Reply::AddRouteToDest { route: Some(route), .. },
            ) => self.give(client, vec![AnyHandle::Route(*route)], Given::Alone),
            (
                Call::AddNextHop { next_hop: HandleArgument::Null, .. },
                Reply::AddNextHop { next_hop: Some(next_hop), .. },
            ) => self.give(client, vec![AnyHandle::NextHop(*next_hop)], Given::Alone),
            (_, Reply::Dest { info }) => self.give(client, in_dest(info), Given::InDest),
            (_, Reply::GetRouteInfo { info: Some(info), .. }) => {
                self.give(client, in_route(info), Given::Alone);
            }
            (Call::GetChangedDests { notify, .. }, Reply::GetChangedDests { infos }) => {
                let handles = infos.iter().flat_map(in_dest).collect();
                self.give(client, handles, Given::InChange(*notify));
            }
            (Call::ReferenceHandles { handles }, _) => self.give(client, handles.clone(), Given::Alone),
            _ => self.enter_release(client, call),
        }
    }

    fn enter_release(&mut self, client: EntityHandle, call: &Call) {
        let alone = [Given::Alone, Given::InDest];
        match call {
            Call::ReleaseRoutes { routes } => {
                self.take_all(client, routes.iter().copied().map(AnyHandle::Route).collect(), &alone);
            }
            Call::ReleaseNextHops { next_hops } => {
                self.take_all(client, next_hops.iter().copied().map(AnyHandle::NextHop).collect(), &alone);
            }
            Call::ReleaseHandle { handle } => self.take_all(client, vec![*handle], &alone),
            Call::ReleaseRouteInfo { info } => self.take_all(client, in_route(info), &alone),
            Call::ReleaseDests { infos } => {
                let handles = infos.iter().flat_map(in_dest).collect();
                self.take_all(client, handles, &[Given::InDest, Given::Alone]);
            }
            Call::ReleaseChangedDests { notify, infos } => {
                let handles = infos.iter().flat_map(in_dest).collect();
                self.take_all(client, handles, &[Given::InChange(*notify)]);
            }
            Call::DeleteNextHop { target: NextHopTarget::Handle(next_hop) } => {
                self.take_all(client, vec![AnyHandle::NextHop(*next_hop)], &alone);
            }
            // It consumes a handle that stands alone, and leaves one that came in a copy (D-106).
            Call::DeleteRouteToDest { route } => {
                self.take(client, AnyHandle::Route(*route), &[Given::Alone]);
            }
            _ => {}
        }
    }

    /// Enters a callback that is invoked: the route of an expiry is the client's to release (D-08).
    pub(crate) fn enter_frame(&mut self, frame: &CallbackFrame) {
        if let Event::RouteExpired { route, .. } = frame.event {
            self.give(frame.to, vec![AnyHandle::Route(route)], Given::Alone);
        }
    }

    /// Enters what a callback has answered: after 50 the manager has taken the route back, if the client still had it.
    pub(crate) fn enter_answer(&mut self, frame: &CallbackFrame, status: Status) {
        if let (Event::RouteExpired { route, .. }, Status::NotSupported) = (&frame.event, status) {
            self.take(frame.to, AnyHandle::Route(*route), &[Given::Alone, Given::InDest]);
        }
    }

    /// The calls with which a client gives back all it still has, but for what is given back as a whole.
    pub(crate) fn releases(&self, client: EntityHandle) -> Vec<Call> {
        let single = self
            .given
            .iter()
            .filter(|((of, _, given), _)| *of == client && matches!(given, Given::Alone | Given::InDest));
        let calls = single.flat_map(|((_, handle, _), count)| {
            (0..*count).map(move |_| Call::ReleaseHandle { handle: *handle })
        });
        calls.collect()
    }
}
