//! A RIP-like client: refreshes with jitter, lets routes time out, and answers the time-out in one of two legal styles.

use alloc::vec::Vec;

use rand::RngExt as _;
use tiebreak::{Span, terms};
use tiebreak_rtm::{
    Call, CallbackFrame, Event, EventCallback, HandleArgument, LockAction, LockMode, NetAddress,
    NextHopHandle, NextHopSpec, NextHops, Outcome, Reply, RouteChangeFlags, RouteHandle, RouteInfo,
    RouteSpec, Status, ViewSet,
};
use tiebreak_rtm_sim::{Desk, Subject};

use crate::{TABLE, neighbour, rip_entity};

/// The metric of what cannot be reached (RFC 2453).
const INFINITY: u32 = 16;
/// Between regular updates: 30 s, give or take 5 s (RFC 2453).
const UPDATE_MS: core::ops::RangeInclusive<u64> = 25_000..=35_000;
/// After that long without an update a route times out.
const TIMEOUT_MS: u32 = 180_000;
/// How long an unreachable route is kept to be advertised as such; also how long a destination is held down.
const GARBAGE_MS: u32 = 120_000;
/// At one update in so many the neighbour falls silent.
const SILENCE_ONE_IN: u32 = 8;
/// The preference of a route kept only to be advertised as unreachable: worse than any other.
const LAST_PREFERENCE: u32 = u32::MAX;

terms! {
    START = "start",
    UPDATE = "rip-update",
    RELEASE = "release-hold",
    JITTER = "jitter",
    NEIGHBOUR = "neighbour",
}

/// Tokens of the client's wakes; holds are numbered from [`FIRST_HOLD`] by destination.
const START_TOKEN: u64 = 0;
const UPDATE_TOKEN: u64 = 1;
const FIRST_HOLD: u64 = 2;

/// How a time-out is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeoutStyle {
    /// Keeps the route as unreachable for the garbage time, edited in place in the callback; the second expiry is left
    /// to the manager, which deletes the route.
    Poison,
    /// Leaves the route to the manager, which deletes it at once, and accepts no offer for the destination until a
    /// hold-down of its own has passed.
    HoldDown,
}

/// A RIP-like client with one neighbour, whose updates it draws.
#[derive(Debug, Clone)]
pub struct Rip {
    number: u32,
    style: TimeoutStyle,
    destinations: Vec<Destination>,
    next_hop: Option<NextHopHandle>,
    /// How many updates the neighbour will still miss.
    silent: u32,
}

#[derive(Debug, Clone)]
struct Destination {
    prefix: NetAddress,
    route: Option<RouteHandle>,
    is_held: bool,
}

impl Rip {
    /// The `number`-th RIP-like client.
    #[must_use]
    pub fn new(number: u32, prefixes: Vec<NetAddress>, style: TimeoutStyle) -> Self {
        let destination = |prefix| Destination { prefix, route: None, is_held: false };
        let destinations = prefixes.into_iter().map(destination).collect();
        Self { number, style, destinations, next_hop: None, silent: 0 }
    }

    pub(crate) fn start(desk: &mut Desk<'_>) {
        desk.timer_after(Span::ZERO, (START, Subject::None), START_TOKEN);
    }

    pub(crate) fn wake(&mut self, token: u64, desk: &mut Desk<'_>) {
        match token {
            START_TOKEN => self.come_up(desk),
            UPDATE_TOKEN => self.hear_neighbour(desk),
            hold => {
                let index = usize::try_from(hold - FIRST_HOLD).unwrap_or(usize::MAX);
                if let Some(destination) = self.destinations.get_mut(index) {
                    destination.is_held = false;
                }
            }
        }
    }

    pub(crate) fn called(&mut self, frame: &CallbackFrame, desk: &mut Desk<'_>) -> Status {
        match &frame.event {
            Event::RouteExpired { route, info } => self.time_out(*route, info, desk),
            Event::EntityRegistered { .. }
            | Event::EntityDeregistered { .. }
            | Event::ChangeNotification { .. } => Status::NoError,
        }
    }

    fn come_up(&mut self, desk: &mut Desk<'_>) {
        desk.register(TABLE, rip_entity(self.number), EventCallback::Given);
        let spec = NextHopSpec::local(neighbour(self.number), 1);
        let added = desk.call(Call::AddNextHop { next_hop: HandleArgument::Null, spec });
        if let Outcome::Done(Reply::AddNextHop { next_hop, .. }) = added {
            self.next_hop = next_hop;
        }
        self.hear_neighbour(desk);
    }

    /// An update of the neighbour is due: it comes, or the neighbour is silent; then the next one is due.
    fn hear_neighbour(&mut self, desk: &mut Desk<'_>) {
        if self.silent > 0 {
            self.silent -= 1;
        } else if desk.draws(NEIGHBOUR).random_range(0..SILENCE_ONE_IN) == 0 {
            // From too short for a time-out to long enough for garbage collection as well.
            self.silent = desk.draws(NEIGHBOUR).random_range(4..=12u32);
        } else {
            for index in 0..self.destinations.len() {
                let metric = desk.draws(NEIGHBOUR).random_range(2..=4u32);
                self.take_offer(index, metric, desk);
            }
        }
        let gap = desk.draws(JITTER).random_range(UPDATE_MS);
        desk.background_after(Span::from_millis(gap), (UPDATE, Subject::None), UPDATE_TOKEN);
    }

    fn take_offer(&mut self, index: usize, metric: u32, desk: &mut Desk<'_>) {
        let destination = &mut self.destinations[index];
        if destination.is_held {
            return;
        }
        let spec = RouteSpec {
            neighbour: self.next_hop,
            metric,
            views: ViewSet::UCAST,
            next_hops: self.next_hop.map_or(NextHops::NONE, NextHops::from),
            ..RouteSpec::default()
        };
        let outcome = desk.call(Call::AddRouteToDest {
            route: destination.route.map_or(HandleArgument::Null, HandleArgument::Given),
            dest: destination.prefix,
            spec,
            time_to_live_ms: TIMEOUT_MS,
            list: None,
            change_flags: RouteChangeFlags::NONE,
        });
        if let Outcome::Done(Reply::AddRouteToDest { route, .. }) = outcome {
            destination.route = route;
        }
    }

    /// Answers a time-out; the route is still in the table.
    fn time_out(&mut self, route: RouteHandle, info: &RouteInfo, desk: &mut Desk<'_>) -> Status {
        let Some(index) = self.destinations.iter().position(|destination| destination.route == Some(route))
        else {
            unreachable!("only a client's own routes expire");
        };
        if self.style == TimeoutStyle::Poison && info.spec.metric < INFINITY {
            poison(route, info, desk);
            desk.call(Call::ReleaseRoutes { routes: Vec::from([route]) });
            return Status::NoError;
        }
        self.destinations[index].route = None;
        desk.call(Call::ReleaseRoutes { routes: Vec::from([route]) });
        if self.style == TimeoutStyle::HoldDown {
            self.destinations[index].is_held = true;
            let subject = Subject::Dest(self.destinations[index].prefix);
            let hold = Span::from_millis(u64::from(GARBAGE_MS));
            desk.timer_after(hold, (RELEASE, subject), FIRST_HOLD + index as u64);
        }
        Status::NotSupported
    }
}

/// Makes the route unreachable in place, for the garbage time.
fn poison(route: RouteHandle, info: &RouteInfo, desk: &mut Desk<'_>) {
    let lock = |action| Call::LockRoute { route, mode: LockMode::Exclusive, action };
    if let Outcome::Done(_) = desk.call(lock(LockAction::Lock)) {
        let edited = RouteSpec { metric: INFINITY, preference: LAST_PREFERENCE, ..info.spec.clone() };
        let committed =
            desk.call(Call::UpdateAndUnlockRoute { route, edited, time_to_live_ms: GARBAGE_MS, list: None });
        if !matches!(committed, Outcome::Done(_)) {
            desk.call(lock(LockAction::Unlock));
        }
    }
}
