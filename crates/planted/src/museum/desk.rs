//! What clients of the museum do.

use tiebreak::{Fact, Name, Term};
use tiebreak_rtm::{
    Call, CallbackId, DestHandle, DestInfo, EventCallback, HandleArgument, INFINITE, Input, Marking,
    NextHopHandle, NextHopSpec, NotifyFlags, OpaqueSlot, Outcome, OwnChanges, ProtocolSelector, Reply,
    RouteChangeFlags, RouteSpec, ViewSet,
};

use super::OTHER_PREFIX;
use super::faulty::best_owner;
use super::host::{Client, Host, Stage};
use super::words::{
    ADD, DELETE, DEREGISTER, GONE, MIRROR, NOBODY, OBSERVE, OBSERVING, OWNER, POLL, READ, REGISTER,
    STOP_OBSERVING,
};
use crate::script::{About, Step, unrelated};

/// How many changes a client fetches at once.
const BATCH: u32 = 16;

/// A client's view of the world while it acts.
pub(crate) struct Desk<'d, 's> {
    pub(crate) host: &'d mut Host,
    pub(crate) stage: &'d mut Stage<'s>,
    /// Who acts.
    pub(crate) client: Term,
    /// The callback it is in.
    pub(crate) frame: Option<CallbackId>,
}

impl Desk<'_, '_> {
    /// Does what several exhibits have in their scripts.
    pub(crate) fn perform(&mut self, step: Step) {
        match step.action {
            REGISTER => self.register(),
            OBSERVE => self.observe(NotifyFlags::BEST),
            STOP_OBSERVING => self.stop_observing(),
            DEREGISTER => self.deregister(),
            ADD => self.add(step.about),
            DELETE => self.delete(step.about),
            READ => self.read(step.about),
            POLL => self.take_changes(),
            _ => unrelated(step, self.stage),
        }
    }

    /// What the host knows of the client.
    pub(crate) fn own(&mut self) -> &mut Client {
        self.host.client(self.client)
    }

    /// Makes a call, if the client is registered; returns what it answers if it succeeds.
    fn call(&mut self, call: Call) -> Option<Reply> {
        let caller = Some(self.own().entity?);
        self.feed(Input::Call { caller, frame: self.frame, call })
    }

    fn feed(&mut self, input: Input) -> Option<Reply> {
        self.host.feed(input, self.stage).outcome.and_then(Outcome::done)
    }

    pub(crate) fn register(&mut self) {
        let call = Call::RegisterEntity {
            info: self.own().info,
            methods: 0,
            callback: EventCallback::Given,
            reserve_opaque_pointer: OpaqueSlot::NotReserved,
        };
        let reply = self.feed(Input::Call { caller: None, frame: None, call });
        if let Some(Reply::RegisterEntity { entity, .. }) = reply {
            self.own().entity = Some(entity);
        }
    }

    /// Registers, and registers for changes of unicast routes.
    pub(crate) fn observe(&mut self, flags: NotifyFlags) {
        self.register();
        let reply = self.call(Call::RegisterForChangeNotification {
            views: ViewSet::UCAST,
            flags,
            context: 0,
            own_changes: OwnChanges::Included,
        });
        if let Some(Reply::RegisterForChangeNotification { notify }) = reply {
            self.own().notify = Some(notify);
            self.note(OBSERVING, "");
        }
    }

    pub(crate) fn stop_observing(&mut self) {
        if let Some(notify) = self.own().notify.take() {
            self.call(Call::DeregisterFromChangeNotification { notify });
            self.note(GONE, "");
        }
    }

    pub(crate) fn deregister(&mut self) {
        if self.call(Call::DeregisterEntity).is_some() {
            self.own().entity = None;
            self.own().notify = None;
            self.note(GONE, "");
        }
    }

    pub(crate) fn add(&mut self, about: About) {
        self.add_with(about, RouteSpec::default(), INFINITE);
    }

    /// Adds or refreshes a unicast route.
    pub(crate) fn add_with(&mut self, about: About, spec: RouteSpec, time_to_live_ms: u32) {
        let dest = self.host.address(about);
        let reply = self.call(Call::AddRouteToDest {
            route: HandleArgument::Null,
            dest,
            spec: RouteSpec { metric: 2, views: ViewSet::UCAST, ..spec },
            time_to_live_ms,
            list: None,
            change_flags: RouteChangeFlags::NONE,
        });
        if let Some(Reply::AddRouteToDest { route: Some(route), .. }) = reply {
            self.own().routes.insert(about, route);
        }
    }

    /// A next hop of the client's list, which is its only one on this interface.
    pub(crate) fn next_hop(&mut self, interface: u32) -> Option<NextHopHandle> {
        let spec = NextHopSpec::local(self.host.address(OTHER_PREFIX), interface);
        let reply = self.call(Call::AddNextHop { next_hop: HandleArgument::Null, spec });
        let Some(Reply::AddNextHop { next_hop, .. }) = reply else { return None };
        next_hop
    }

    pub(crate) fn delete(&mut self, about: About) {
        if let Some(route) = self.own().routes.remove(about) {
            self.call(Call::DeleteRouteToDest { route });
        }
    }

    /// Looks a destination up, and takes over what is found.
    pub(crate) fn read(&mut self, about: About) {
        if let Some(info) = self.look_up(about) {
            let owner = best_owner(&info).and_then(|owner| self.host.name_of(owner));
            self.call(Call::ReleaseDestInfo { info });
            self.mirror(about, owner);
        }
    }

    /// Marks a destination, or takes the mark away.
    pub(crate) fn mark(&mut self, dest: DestHandle, mark: Marking) {
        if let Some(notify) = self.own().notify {
            self.call(Call::MarkDestForChangeNotification { notify, dest, mark });
        }
    }

    /// Looks a destination up. What is returned is the client's to release.
    pub(crate) fn look_up(&mut self, about: About) -> Option<DestInfo> {
        let (address, protocol) = (self.host.address(about), ProtocolSelector::Best);
        let reply = self.call(Call::GetExactMatchDestination { address, protocol, views: ViewSet::UCAST });
        let Some(Reply::Dest { info }) = reply else { return None };
        Some(info)
    }

    /// Fetches all changes, and takes them over.
    pub(crate) fn take_changes(&mut self) {
        for (about, owner) in self.changes() {
            self.mirror(about, owner);
        }
    }

    /// Fetches all changes: destinations, and who owns the best route to each now.
    pub(crate) fn changes(&mut self) -> Vec<(About, Option<Term>)> {
        let mut changes = Vec::new();
        let Some(notify) = self.own().notify else { return changes };
        let fetch = Call::GetChangedDests { notify, count: BATCH };
        while let Some(Reply::GetChangedDests { infos }) = self.call(fetch.clone()) {
            for info in &infos {
                let owner = best_owner(info).and_then(|owner| self.host.name_of(owner));
                changes.push((self.host.about(info.address), owner));
            }
            self.call(Call::ReleaseChangedDests { notify, infos });
        }
        changes
    }

    /// Notes whose route the client takes for the best one.
    pub(crate) fn mirror(&mut self, about: About, owner: Option<Term>) {
        let owner = Fact::word(OWNER, owner.unwrap_or(NOBODY));
        self.stage.record(Name::of(self.client, MIRROR, about), &[owner]);
    }

    /// Notes something about the client.
    pub(crate) fn note(&mut self, what: Term, about: About) {
        Step::new(self.client, what, about).note(what, self.stage);
    }

    /// Lets a client do something at the present instant, in competition with all else that is due.
    pub(crate) fn follow(&mut self, client: Term, action: Term, about: About) {
        Step::new(client, action, about).follow(self.stage);
    }
}
