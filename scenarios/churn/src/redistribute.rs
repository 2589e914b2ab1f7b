//! A client that copies what is best in one table into another.

use alloc::collections::BTreeMap;

use tiebreak::{Span, Term};
use tiebreak_rtm::{
    AddressFamily, Call, CallbackFrame, DestInfo, EntityHandle, EntityId, Event, EventCallback,
    HandleArgument, INFINITE, NetAddress, NotifyFlags, NotifyHandle, Outcome, OwnChanges, Reply,
    RouteChangeFlags, RouteHandle, RouteSpec, Status, TableId, ViewSet, protocol,
};
use tiebreak_rtm_sim::{Desk, Subject};

use crate::TABLE;

/// The table it copies into.
const TARGET: TableId = TableId { instance: 1, family: AddressFamily::Ipv4 };
/// The metric copies get, whatever they had.
const DEFAULT_METRIC: u32 = 10;
/// How many changed destinations it fetches at a time (`MaxHandlesInEnum` of the default profile).
const BATCH: u32 = 16;

const START: Term = Term::new("start");

/// A redistributing client: an entity in each of two tables, told of changes in the first.
#[derive(Debug, Clone)]
pub struct Redistributor {
    number: u32,
    target: Option<EntityHandle>,
    copies: BTreeMap<NetAddress, RouteHandle>,
}

impl Redistributor {
    /// The `number`-th redistributing client.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self { number, target: None, copies: BTreeMap::new() }
    }

    pub(crate) fn start(desk: &mut Desk<'_>) {
        desk.timer_after(Span::ZERO, (START, Subject::None), 0);
    }

    /// Registers in both tables, and for changes of the first.
    pub(crate) fn wake(&mut self, desk: &mut Desk<'_>) {
        let id = EntityId { protocol: protocol::OSPF, protocol_instance: self.number };
        let registered = desk.register(TARGET, id, EventCallback::Absent);
        if let Outcome::Done(Reply::RegisterEntity { entity, .. }) = registered {
            self.target = Some(entity);
        }
        desk.register(TABLE, id, EventCallback::Given);
        let name = desk.intern("best");
        let call = Call::RegisterForChangeNotification {
            views: ViewSet::UCAST,
            flags: NotifyFlags::BEST,
            context: 0,
            own_changes: OwnChanges::Included,
        };
        // A refusal is noted with the call; there is nothing to redistribute then.
        let _ = desk.register_for_changes(name, call);
    }

    pub(crate) fn called(&mut self, frame: &CallbackFrame, desk: &mut Desk<'_>) -> Status {
        if let Event::ChangeNotification { notify, .. } = frame.event {
            while self.fetch(notify, desk) {}
        }
        Status::NoError
    }

    fn fetch(&mut self, notify: NotifyHandle, desk: &mut Desk<'_>) -> bool {
        let fetched = desk.call(Call::GetChangedDests { notify, count: BATCH });
        let Outcome::Done(Reply::GetChangedDests { infos }) = fetched else { return false };
        for info in &infos {
            self.follow(info, desk);
        }
        desk.call(Call::ReleaseChangedDests { notify, infos });
        true
    }

    /// Copies a destination that has a route, and withdraws the copy of one that has none.
    fn follow(&mut self, info: &DestInfo, desk: &mut Desk<'_>) {
        let Some(target) = self.target else { return };
        let is_reachable = info.views.iter().any(|view| view.route.is_some());
        match (is_reachable, self.copies.remove(&info.address)) {
            (true, Some(copy)) => {
                self.copies.insert(info.address, copy);
            }
            (true, None) => {
                let added = desk.call_as(target, copy_of(info.address));
                if let Outcome::Done(Reply::AddRouteToDest { route: Some(route), .. }) = added {
                    self.copies.insert(info.address, route);
                }
            }
            (false, Some(route)) => {
                desk.call_as(target, Call::DeleteRouteToDest { route });
            }
            (false, None) => {}
        }
    }
}

fn copy_of(dest: NetAddress) -> Call {
    Call::AddRouteToDest {
        route: HandleArgument::Null,
        dest,
        spec: RouteSpec { metric: DEFAULT_METRIC, views: ViewSet::UCAST, ..RouteSpec::default() },
        time_to_live_ms: INFINITE,
        list: None,
        change_flags: RouteChangeFlags::NONE,
    }
}
