//! A scripted client's dealings with change notification.

use alloc::vec::Vec;

use tiebreak_rtm::{
    Call, DestHandle, Marking, NetAddress, NotifyFlags, NotifyHandle, Outcome, OwnChanges, Reply,
};
use tiebreak_rtm_sim::Desk;
use tiebreak_rtm_sim::vocabulary::kind;
use tiebreak_scenario::plan::{ChangedDest, RegisterForChanges};

use super::registration::Registration;
use super::{Occasion, Skipped, Stop, made, queries};
use crate::convert::{change_types, view_set};

impl<'p> Registration<'p> {
    pub(super) fn deregister_changes(
        &mut self,
        changes: &str,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Skipped> {
        let notify = self.notify(changes, occasion)?;
        let ended = desk.call(Call::DeregisterFromChangeNotification { notify });
        if matches!(ended, Outcome::Done(_)) {
            self.changes.retain(|other| *other != notify);
        }
        Ok(())
    }

    /// Fetches all that has changed; returns what it is.
    pub(super) fn drain(
        &mut self,
        changes: &str,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<Vec<NetAddress>, Stop> {
        let notify = self.notify(changes, occasion)?;
        while let Some(batch) = fetch(notify, self.batch, desk)? {
            self.kept(occasion).fetched.extend(batch);
        }
        Ok(core::mem::take(&mut self.kept(occasion).fetched))
    }

    pub(super) fn get_changed(
        &self,
        changes: &str,
        max: u32,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let notify = self.notify(changes, occasion)?;
        fetch(notify, max, desk)?;
        Ok(())
    }

    pub(super) fn ignore(
        &mut self,
        of: &ChangedDest,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        self.with_changed(of, occasion, desk, |notify, dest| Call::IgnoreChangedDests {
            notify,
            dests: Vec::from([dest]),
        })
    }

    pub(super) fn change_status(
        &mut self,
        of: &ChangedDest,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        self.with_changed(of, occasion, desk, |notify, dest| Call::GetChangeStatus { notify, dest })
    }

    pub(super) fn mark(
        &mut self,
        of: &ChangedDest,
        mark: Marking,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        self.with_changed(of, occasion, desk, |notify, dest| Call::MarkDestForChangeNotification {
            notify,
            dest,
            mark,
        })
    }

    pub(super) fn is_marked(
        &mut self,
        of: &ChangedDest,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        self.with_changed(of, occasion, desk, |notify, dest| Call::IsMarkedForChangeNotification {
            notify,
            dest,
        })
    }

    pub(super) fn register_for_changes(&mut self, changes: &'p RegisterForChanges, desk: &mut Desk<'_>) {
        let RegisterForChanges { name, types, views, only_marked, suppress_own, context } = changes;
        let mut flags = change_types(types);
        if *only_marked {
            flags = flags.union(NotifyFlags::ONLY_MARKED_DESTS);
        }
        let own_changes = if *suppress_own { OwnChanges::Suppressed } else { OwnChanges::Included };
        let call = Call::RegisterForChangeNotification {
            views: view_set(views),
            flags,
            context: *context,
            own_changes,
        };
        let symbol = desk.intern(name);
        if let Ok(notify) = desk.register_for_changes(symbol, call) {
            if let Some(former) = self.changes.insert(name, notify) {
                desk.call(Call::DeregisterFromChangeNotification { notify: former });
            }
        }
    }

    /// Looks a destination up, makes a call with its handle and a registration for changes, and releases it.
    fn with_changed(
        &mut self,
        of: &ChangedDest,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
        call: impl FnOnce(NotifyHandle, DestHandle) -> Call,
    ) -> Result<(), Stop> {
        let notify = self.notify(&of.changes, occasion)?;
        self.with_dest(&of.dest, occasion, desk, |dest| call(notify, dest))
    }
}

/// Fetches one batch of changed destinations, notes and releases them; returns them, or nothing if there are none.
fn fetch(notify: NotifyHandle, count: u32, desk: &mut Desk<'_>) -> Result<Option<Vec<NetAddress>>, Stop> {
    let outcome = made(desk.call(Call::GetChangedDests { notify, count }))?;
    let Outcome::Done(Reply::GetChangedDests { infos }) = outcome else { return Ok(None) };
    let changed = infos.iter().map(|info| info.address).collect();
    for info in &infos {
        queries::note_dest(kind::CHANGED, info, desk);
    }
    desk.ask(Call::ReleaseChangedDests { notify, infos });
    Ok(Some(changed))
}
