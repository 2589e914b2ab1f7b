//! A client that keeps a mirror of the table from what change notifications tell it.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use tiebreak::{Fact, Instant, Symbol};
use tiebreak_rtm::{
    Call, CallbackFrame, DestInfo, EntityInfo, Event, EventCallback, NetAddress, NotifyFlags, NotifyHandle,
    OptionalOutput, Outcome, OwnChanges, Reply, RouteHandle, Status, Ticket, ViewId, ViewInfo, ViewSet,
};

use crate::behaviour::{Answer, Behaviour};
use crate::desk::Desk;
use crate::subject::Subject;
use crate::vocabulary::{key, kind, word};

/// What an observer takes for the best route of a destination in a view.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Mirrored {
    /// Who owns it.
    pub owner: Symbol,
    /// The metric.
    pub metric: u32,
    /// The preference.
    pub preference: u32,
}

/// A client that registers for changes at a given instant and from then on mirrors the table.
///
/// It fetches everything at each notification. What was in the table before it registered it learns only when that
/// changes: the manager replays nothing.
#[derive(Debug, Clone, Hash)]
pub struct Observer {
    info: EntityInfo,
    at: Instant,
    views: ViewSet,
    flags: NotifyFlags,
    batch: u32,
    mirror: BTreeMap<(NetAddress, ViewId), Mirrored>,
    /// The batch that it has fetched and not released, and which destination and view of it is read next.
    fetched: Vec<DestInfo>,
    next: (usize, usize),
}

impl Observer {
    /// An observer that registers at an instant, for changes of these kinds in these views.
    ///
    /// # Panics
    /// Not here, but in [`RoutingWorld::begin`](crate::RoutingWorld::begin), if the instant has passed.
    #[must_use]
    pub const fn new(info: EntityInfo, at: Instant, views: ViewSet, flags: NotifyFlags) -> Self {
        Self { info, at, views, flags, batch: 1, mirror: BTreeMap::new(), fetched: Vec::new(), next: (0, 0) }
    }

    /// Returns the mirror: the best route of each destination in each view, as far as it was told.
    #[must_use]
    pub const fn mirror(&self) -> &BTreeMap<(NetAddress, ViewId), Mirrored> {
        &self.mirror
    }
}

impl Behaviour for Observer {
    fn start(&mut self, desk: &mut Desk<'_>) {
        let label = desk.intern("observe");
        let scheduled = desk.step_at(self.at, (kind::STEP, Subject::Name(label)), 0);
        assert!(scheduled.is_ok(), "an observer starts with the run");
    }

    /// Registers, and registers for changes.
    fn wake(&mut self, _token: u64, desk: &mut Desk<'_>) {
        let EntityInfo { table, id } = self.info;
        let outcome = desk.register(table, id, EventCallback::Given);
        let Outcome::Done(Reply::RegisterEntity { profile, .. }) = outcome else { return };
        self.batch = profile.max_handles_in_enum;
        let name = desk.intern("table");
        let (views, flags) = (self.views, self.flags);
        let call = Call::RegisterForChangeNotification {
            views,
            flags,
            context: 0,
            own_changes: OwnChanges::Included,
        };
        if desk.register_for_changes(name, call).is_ok() {
            let mut facts = Vec::from([Fact::name(key::TABLE, desk.table_actor(table))]);
            facts.extend(self.views.iter().map(|view| Fact::word(key::VIEW, word::view(view))));
            desk.note(kind::OBSERVING, Subject::None, &facts);
        }
    }

    fn called(&mut self, frame: &CallbackFrame, desk: &mut Desk<'_>) -> Answer {
        if let Event::ChangeNotification { notify, .. } = frame.event {
            while self.fetch(notify, desk) {}
        }
        Answer::Return(Status::NoError)
    }

    /// Goes on where it had to wait.
    fn granted(&mut self, _ticket: Ticket, frame: Option<&CallbackFrame>, desk: &mut Desk<'_>) -> Answer {
        frame.map_or(Answer::Return(Status::NoError), |frame| self.called(frame, desk))
    }
}

impl Observer {
    /// Fetches one batch and reads it; returns whether there may be more. It may have to wait for a lock anywhere.
    fn fetch(&mut self, notify: NotifyHandle, desk: &mut Desk<'_>) -> bool {
        if self.fetched.is_empty() {
            let outcome = desk.peek(Call::GetChangedDests { notify, count: self.batch });
            let Outcome::Done(Reply::GetChangedDests { infos }) = outcome else { return false };
            (self.fetched, self.next) = (infos, (0, 0));
        }
        while let Some(dest) = self.fetched.get(self.next.0) {
            let Some(view) = dest.views.get(self.next.1).copied() else {
                self.next = (self.next.0 + 1, 0);
                continue;
            };
            let address = dest.address;
            let Ok(best) = view.route.map_or(Ok(None), |route| look_at(route, desk)) else { return false };
            self.next.1 += 1;
            self.take_in(address, &view, best, desk);
        }
        desk.ask(Call::ReleaseChangedDests { notify, infos: core::mem::take(&mut self.fetched) });
        true
    }

    fn take_in(&mut self, dest: NetAddress, view: &ViewInfo, best: Option<Mirrored>, desk: &mut Desk<'_>) {
        let mut facts =
            Vec::from([Fact::word(key::VIEW, word::view(view.view)), desk.owner_fact(view.owner)]);
        let place = (dest, view.view);
        let is_unchanged = best.as_ref() == self.mirror.get(&place);
        match best {
            Some(best) => {
                facts.push(Fact::number(key::METRIC, u64::from(best.metric)));
                facts.push(Fact::number(key::PREFERENCE, u64::from(best.preference)));
                self.mirror.insert(place, best);
            }
            None => {
                self.mirror.remove(&place);
            }
        }
        if is_unchanged {
            facts.push(Fact::word(key::CHANGE, word::NONE));
        }
        desk.note(kind::MIRROR, Subject::Dest(dest), &facts);
    }
}

/// Its call waits for a lock.
struct Waits;

/// Copies what a mirror keeps of a route.
fn look_at(route: RouteHandle, desk: &mut Desk<'_>) -> Result<Option<Mirrored>, Waits> {
    // Where it leads is known.
    let (info, address) = (OptionalOutput::Wanted, OptionalOutput::Declined);
    let info = match desk.ask(Call::GetRouteInfo { route, info, address }) {
        Outcome::Done(Reply::GetRouteInfo { info: Some(info), .. }) => info,
        Outcome::Pending(_) => return Err(Waits),
        Outcome::Done(_) | Outcome::Failed(_) | Outcome::NeedsRoom(_) | Outcome::Violated(_) => {
            return Ok(None);
        }
    };
    let mirrored = desk.actor_of(info.owner).map(|owner| Mirrored {
        owner,
        metric: info.spec.metric,
        preference: info.spec.preference,
    });
    desk.ask(Call::ReleaseRouteInfo { info });
    Ok(mirrored)
}
