//! The change pipeline: what a change is, whom it concerns, and how it is fetched (4).

use crate::call::{Call, EventCallback, Marking, OwnChanges, Reply};
use crate::flags::{NotifyFlags, RouteFlags, ViewId, ViewSet};
use crate::handle::{CallbackSlot, DestHandle, DestSlot, EntitySlot, NotifyHandle, NotifySlot, RouteSlot};
use crate::info::RouteSpec;
use crate::lock::Access;
use crate::manager::{State, Step};
use crate::notify::Due;
use crate::output::{BestInfo, CallbackDropReason, Fact};
use crate::pending::{Members, Pending};
use crate::profile::MetricChange;
use crate::rank::Bests;
use crate::references::Source;
use crate::status::{Refusal, Status};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// A registration for change notification.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Registration {
    pub(crate) owner: EntitySlot,
    pub(crate) views: ViewSet,
    pub(crate) flags: NotifyFlags,
    pub(crate) context: u64,
    pub(crate) pending: Pending,
    pub(crate) marks: BTreeSet<DestSlot>,
    /// The notification that is delivered and not yet invoked: at most one (D-51).
    pub(crate) announced: Option<CallbackSlot>,
}

/// What has to be known of a registration to see whether a change concerns it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Subscription {
    pub(crate) notify: NotifySlot,
    pub(crate) owner: EntitySlot,
    /// All supported ones if the client asked for ANY (D-63).
    pub(crate) views: ViewSet,
    flags: NotifyFlags,
    pub(crate) own_changes: OwnChanges,
    /// Whether the client can be told.
    callback: EventCallback,
}

/// Which fields of a route a call has changed, in the terms of table 4.2; views are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delta {
    /// The classes the change is in where the route is and stays the best one.
    if_best: NotifyFlags,
}

impl Delta {
    pub(crate) const NONE: Self = Self { if_best: NotifyFlags::from_bits(0) };

    pub(crate) fn between(old: &RouteSpec, new: &RouteSpec, metric_change: MetricChange) -> Self {
        let all = NotifyFlags::ALL;
        let best = all.union(NotifyFlags::BEST);
        let forwarding = best.union(NotifyFlags::FORWARDING);
        let flipped = RouteFlags::from_bits(old.flags.bits() ^ new.flags.bits());
        let metric = match metric_change {
            MetricChange::Best => forwarding,
            MetricChange::Literal => all,
        };
        let private = (old.neighbour, old.entity_specific_info, old.flags1)
            != (new.neighbour, new.entity_specific_info, new.flags1);
        let causes = [
            (old.preference != new.preference, forwarding),
            (old.metric != new.metric, metric),
            (old.next_hops != new.next_hops, forwarding),
            (flipped.intersects(RouteFlags::FORWARDING), forwarding),
            (!flipped.is_empty(), best),
            (private, all),
        ];
        let classes = causes.iter().filter(|(differs, _)| *differs);
        Self { if_best: classes.fold(NotifyFlags::default(), |sum, (_, classes)| sum.union(*classes)) }
    }
}

/// One table operation: which route, and what was before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    pub(crate) route: RouteSlot,
    pub(crate) bests: Bests,
    /// The views it was in; `None` if it was not in the table.
    pub(crate) views_before: Option<ViewSet>,
    /// The views it is in; `None` if it is not in the table any more.
    pub(crate) views_after: Option<ViewSet>,
    pub(crate) delta: Delta,
}

/// In which views an operation is in which class (4.2).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Classes {
    all: ViewSet,
    best: ViewSet,
    forwarding: ViewSet,
    /// Where another route is the best one now.
    pub(crate) replaced: ViewSet,
}

impl Classes {
    /// Of the end of a hold in these views: no forwarder is concerned (D-45).
    pub(crate) fn of_end_of_hold(views: ViewSet) -> Self {
        Self { all: views, best: views, ..Self::default() }
    }

    fn add(&mut self, view: ViewId, classes: NotifyFlags) {
        for (class, views) in [
            (NotifyFlags::ALL, &mut self.all),
            (NotifyFlags::BEST, &mut self.best),
            (NotifyFlags::FORWARDING, &mut self.forwarding),
        ] {
            if classes.contains(class) {
                *views = views.union(view.set());
            }
        }
    }

    /// Whether some view asked for is in some class asked for.
    fn concern(&self, views: ViewSet, flags: NotifyFlags) -> bool {
        flags.contains(NotifyFlags::ALL) && self.all.intersects(views)
            || flags.contains(NotifyFlags::BEST) && self.best.intersects(views)
            || flags.contains(NotifyFlags::FORWARDING) && self.forwarding.intersects(views)
    }
}

impl Subscription {
    /// Whether a change concerns it, marks left aside.
    fn is_concerned(&self, classes: &Classes, originator: Option<EntitySlot>) -> bool {
        let own = self.own_changes == OwnChanges::Suppressed && originator == Some(self.owner);
        !own && classes.concern(self.views, self.flags)
    }
}

impl Step<'_> {
    /// Classifies an operation that has just been done and makes it pending for all it concerns (4.2, 4.3).
    pub(crate) fn run_change_pipeline(
        &mut self,
        dest: DestSlot,
        change: &Change,
        originator: Option<EntitySlot>,
    ) -> Classes {
        let classes = self.state.classify(dest, change);
        if change.delta != Delta::NONE || change.views_before != change.views_after {
            self.state.dests[dest].set_last_changed(self.now);
        }
        for view in classes.best.iter() {
            self.fact(|state| state.best_changed(dest, view));
        }
        self.tell_subscribers(dest, &classes, originator);
        classes
    }

    /// Makes a destination pending for all whom a change of it concerns (4.3).
    pub(crate) fn tell_subscribers(
        &mut self,
        dest: DestSlot,
        classes: &Classes,
        originator: Option<EntitySlot>,
    ) {
        let table = self.state.dests[dest].table();
        if classes.all.is_empty() || self.state.tables[table].subscriptions.is_empty() {
            return;
        }
        let subscriptions = core::mem::take(&mut self.state.tables[table].subscriptions);
        let mut members = self.state.pending_at.remove(&dest).unwrap_or_default();
        let mut added = 0;
        for subscription in subscriptions.iter().filter(|other| other.is_concerned(classes, originator)) {
            added += u32::from(self.make_pending(subscription, dest, &mut members));
        }
        self.state.dests[dest].references += added;
        if !members.is_empty() {
            self.state.pending_at.get_or_insert(dest, members);
        }
        self.state.tables[table].subscriptions = subscriptions;
    }

    /// Puts a destination into a registration's pending set, unless it is there, and wakes its client once (4.5). Tells
    /// whether it was put in, which is yet to be counted.
    fn make_pending(&mut self, subscription: &Subscription, dest: DestSlot, members: &mut Members) -> bool {
        let (notify, owner) = (subscription.notify, subscription.owner);
        let registration = &mut self.state.registrations[notify];
        if subscription.flags.contains(NotifyFlags::ONLY_MARKED_DESTS) && !registration.marks.contains(&dest)
        {
            return false;
        }
        let is_new = members.insert(notify);
        if is_new {
            registration.pending.push(dest);
        }
        let wakes = subscription.callback == EventCallback::Given && registration.announced.is_none();
        self.fact(|state| {
            let notify = state.registrations.handle(notify);
            let (owner, dest) = (state.entities.handle(owner), state.dests[dest].address);
            if is_new {
                Fact::ChangePending { notify, owner, dest }
            } else {
                Fact::ChangeCoalesced { notify, owner, dest }
            }
        });
        if wakes {
            let callback = self.deliver(owner, Due::ChangeNotification(notify));
            self.state.registrations[notify].announced = Some(callback);
        }
        is_new
    }

    /// Does what concerns changes.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "`perform` names every call, and which of them come here"
    )]
    pub(crate) fn change_call(&mut self, caller: EntitySlot, call: Call) -> Result<Reply, Refusal> {
        match call {
            Call::RegisterForChangeNotification { views, flags, context, own_changes } => {
                self.register_for_change_notification(caller, views, flags, context, own_changes)
            }
            Call::DeregisterFromChangeNotification { notify } => {
                self.deregister_from_change_notification(caller, notify)
            }
            Call::GetChangedDests { notify, count } => self.get_changed_dests(caller, notify, count),
            Call::GetChangeStatus { notify, dest } => self.get_change_status(caller, notify, dest),
            Call::IgnoreChangedDests { notify, dests } => self.ignore_changed_dests(caller, notify, &dests),
            Call::MarkDestForChangeNotification { notify, dest, mark } => {
                self.mark_dest(caller, notify, dest, mark)
            }
            Call::IsMarkedForChangeNotification { notify, dest } => self.is_marked(caller, notify, dest),
            _ => unreachable!("what concerns no changes is done elsewhere"),
        }
    }

    fn register_for_change_notification(
        &mut self,
        caller: EntitySlot,
        views: ViewSet,
        flags: NotifyFlags,
        context: u64,
        own_changes: OwnChanges,
    ) -> Result<Reply, Refusal> {
        let supported = self.state.profile.views_supported;
        if views != ViewSet::ALL && !supported.contains(views) {
            return Err(Status::NotSupported.into());
        }
        let types = NotifyFlags::ALL.union(NotifyFlags::BEST).union(NotifyFlags::FORWARDING);
        let known = types.union(NotifyFlags::ONLY_MARKED_DESTS);
        if !flags.intersects(types) || !known.contains(flags) {
            return Err(Status::InvalidParameter.into());
        }
        let max = self.state.profile.max_notify as usize;
        if self.state.table_of(caller).subscriptions.len() >= max {
            return Err(Status::NoSystemResources.into());
        }
        let notify = self.state.registrations.insert(Registration {
            owner: caller,
            views: views.intersection(supported),
            flags,
            context,
            pending: Pending::new(),
            marks: BTreeSet::new(),
            announced: None,
        });
        let concerned = if views == ViewSet::ANY { supported } else { views.intersection(supported) };
        let callback = self.state.entities[caller].callback;
        let subscription =
            Subscription { notify, owner: caller, views: concerned, flags, own_changes, callback };
        self.state.table_of_mut(caller).subscriptions.push(subscription);
        Ok(Reply::RegisterForChangeNotification { notify: self.state.registrations.handle(notify) })
    }

    fn deregister_from_change_notification(
        &mut self,
        caller: EntitySlot,
        notify: NotifyHandle,
    ) -> Result<Reply, Refusal> {
        let slot = self.state.own_registration(caller, notify)?;
        self.end_registration(slot);
        Ok(Reply::Nothing)
    }

    /// Drops a registration with all that is pending and delivered for it (D-60).
    pub(crate) fn end_registration(&mut self, slot: NotifySlot) {
        if let Some(callback) = self.state.registrations[slot].announced {
            self.take_back_callback(callback, CallbackDropReason::RegistrationGone);
        }
        let registration = self.state.registrations.remove(slot);
        self.state.table_of_mut(registration.owner).subscriptions.retain(|other| other.notify != slot);
        for dest in registration.pending.iter() {
            self.state.forget_pending(slot, dest);
            self.drop_dest(dest);
        }
        for dest in registration.marks {
            self.drop_dest(dest);
        }
    }

    fn get_changed_dests(
        &mut self,
        caller: EntitySlot,
        notify: NotifyHandle,
        count: u32,
    ) -> Result<Reply, Refusal> {
        let slot = self.state.own_registration(caller, notify)?;
        if count == 0 || count > self.state.profile.max_handles_in_enum {
            return Err(Status::InvalidParameter.into());
        }
        let views = self.state.registrations[slot].views;
        let batch = self.state.registrations[slot].pending.pop(count as usize);
        if batch.is_empty() {
            return Err(Status::NoMoreItems.into());
        }
        let mut accesses = batch.iter().map(|dest| self.state.check_access(caller, *dest, Access::Read));
        if let Err(refusal) = accesses.try_for_each(|access| access) {
            self.state.registrations[slot].pending.unpop(batch);
            return Err(refusal);
        }
        let mut infos = Vec::with_capacity(batch.len());
        for dest in batch {
            self.state.forget_pending(slot, dest);
            let info = self.state.dest_info_in(self.room.views(), dest, None, views);
            self.reference_dest_info(caller, &info, Source::ChangedDests(notify));
            infos.push(info);
            self.drop_dest(dest);
        }
        Ok(Reply::GetChangedDests { infos })
    }

    fn get_change_status(
        &mut self,
        caller: EntitySlot,
        notify: NotifyHandle,
        dest: DestHandle,
    ) -> Result<Reply, Refusal> {
        let slot = self.state.own_registration(caller, notify)?;
        let dest = self.state.visible_dest(caller, dest)?;
        Ok(Reply::GetChangeStatus { is_pending: self.state.is_pending(slot, dest) })
    }

    fn ignore_changed_dests(
        &mut self,
        caller: EntitySlot,
        notify: NotifyHandle,
        dests: &[DestHandle],
    ) -> Result<Reply, Refusal> {
        let slot = self.state.own_registration(caller, notify)?;
        let dests = dests.iter().map(|dest| self.state.visible_dest(caller, *dest));
        let dests = dests.collect::<Result<Vec<_>, _>>()?;
        for dest in dests {
            // What is not pending is left alone (D-61); nor is a destination looked at after it may have gone.
            if self.state.is_pending(slot, dest) {
                self.state.registrations[slot].pending.remove(dest);
                self.state.forget_pending(slot, dest);
                self.drop_dest(dest);
            }
        }
        Ok(Reply::Nothing)
    }

    fn mark_dest(
        &mut self,
        caller: EntitySlot,
        notify: NotifyHandle,
        dest: DestHandle,
        mark: Marking,
    ) -> Result<Reply, Refusal> {
        let slot = self.state.own_registration(caller, notify)?;
        let dest = self.state.visible_dest(caller, dest)?;
        let marks = &mut self.state.registrations[slot].marks;
        match mark {
            Marking::Mark => {
                if marks.insert(dest) {
                    self.state.dests[dest].references += 1;
                }
            }
            Marking::Unmark => {
                if marks.remove(&dest) {
                    self.drop_dest(dest);
                }
            }
        }
        Ok(Reply::Nothing)
    }

    fn is_marked(
        &mut self,
        caller: EntitySlot,
        notify: NotifyHandle,
        dest: DestHandle,
    ) -> Result<Reply, Refusal> {
        let slot = self.state.own_registration(caller, notify)?;
        let dest = self.state.visible_dest(caller, dest)?;
        Ok(Reply::IsMarkedForChangeNotification {
            is_marked: self.state.registrations[slot].marks.contains(&dest),
        })
    }
}

impl State {
    fn classify(&self, dest: DestSlot, change: &Change) -> Classes {
        let mut classes = Classes::default();
        let bests = self.bests(dest);
        let everything = NotifyFlags::ALL.union(NotifyFlags::BEST).union(NotifyFlags::FORWARDING);
        for view in self.profile.views_supported.iter() {
            let was_in = change.views_before.is_some_and(|views| views.contains(view.set()));
            let is_in = change.views_after.is_some_and(|views| views.contains(view.set()));
            let in_view = if change.bests.of(view) != bests.of(view) {
                classes.replaced = classes.replaced.union(view.set());
                everything
            } else if was_in != is_in {
                // It came or went, and was not the best (D-50).
                NotifyFlags::ALL
            } else if is_in && bests.of(view) == Some(change.route) {
                change.delta.if_best
            } else if is_in {
                change.delta.if_best.intersection(NotifyFlags::ALL)
            } else {
                NotifyFlags::default()
            };
            classes.add(view, in_view);
        }
        classes
    }

    pub(crate) fn is_pending(&self, notify: NotifySlot, dest: DestSlot) -> bool {
        self.pending_at.get(&dest).is_some_and(|members| members.contains(notify))
    }

    /// Notes that a destination that has left a registration's queue is not pending for it any more.
    fn forget_pending(&mut self, notify: NotifySlot, dest: DestSlot) {
        let members = self.pending_at.get_mut(&dest).expect("what is in a queue is pending");
        assert!(members.remove(notify), "what is in a queue is pending for its registration");
        if members.is_empty() {
            self.pending_at.remove(&dest);
        }
    }

    fn best_changed(&self, dest: DestSlot, view: ViewId) -> Fact {
        let table = self.tables[self.dests[dest].table()].id;
        let best = self.best(dest, view).map(|slot| self.best_info(slot));
        Fact::BestChanged { table, dest: self.dests[dest].address, view, best }
    }

    pub(crate) fn best_info(&self, slot: RouteSlot) -> BestInfo {
        let route = &self.routes[slot];
        BestInfo {
            route: self.routes.handle(slot),
            owner: self.entities.handle(route.owner),
            owner_id: self.entities[route.owner].info.id,
            neighbour: route.spec.neighbour.map(|neighbour| self.name_of_next_hop(neighbour)),
            preference: route.spec.preference,
            metric: route.spec.metric,
            next_hops: route.spec.next_hops.iter().map(|hop| self.name_of_next_hop(*hop)).collect(),
        }
    }

    /// Finds a registration of the caller; those of others are private (D-74).
    fn own_registration(&self, caller: EntitySlot, notify: NotifyHandle) -> Result<NotifySlot, Refusal> {
        let slot = self.registrations.slot(notify).filter(|slot| self.registrations[*slot].owner == caller);
        slot.ok_or(Refusal::Status(Status::InvalidHandle))
    }

    pub(crate) fn registrations_of(&self, owner: EntitySlot) -> Vec<NotifySlot> {
        let subscriptions = self.table_of(owner).subscriptions.iter();
        subscriptions.filter(|other| other.owner == owner).map(|other| other.notify).collect()
    }
}
