//! A scripted client's dealings with change notification.

use alloc::vec::Vec;

use tiebreak::Fact;
use tiebreak_rtm::{
    Call, DestHandle, DestInfo, Marking, NotifyFlags, NotifyHandle, Outcome, OwnChanges, ProtocolSelector,
    Reply, ViewSet,
};
use tiebreak_rtm_sim::vocabulary::{key, kind, word};
use tiebreak_rtm_sim::{Desk, Subject};
use tiebreak_scenario::plan::{Action, Prefix};

use super::{Occasion, State};
use crate::convert::{change_types, net_address, view_set};

impl State {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "`perform` names every action once and sends each family where it belongs"
    )]
    pub(super) fn perform_on_changes(
        &mut self,
        action: &Action,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) {
        match action {
            Action::RegisterForChanges { .. } => self.register_for_changes(action, desk),
            Action::DeregisterFromChanges { changes } => {
                if let Some(notify) = self.notify(changes, occasion) {
                    desk.call(Call::DeregisterFromChangeNotification { notify });
                    self.changes.retain(|_, other| *other != notify);
                }
            }
            Action::Drain { changes } => {
                if let Some(notify) = self.notify(changes, occasion) {
                    while fetch(notify, self.batch, desk) {}
                }
            }
            Action::GetChanged { changes, max } => {
                if let Some(notify) = self.notify(changes, occasion) {
                    fetch(notify, *max, desk);
                }
            }
            Action::Ignore { changes, dest } => {
                self.with_dest(changes, dest, occasion, desk, |notify, dest| Call::IgnoreChangedDests {
                    notify,
                    dests: Vec::from([dest]),
                });
            }
            Action::ChangeStatus { changes, dest } => {
                self.with_dest(changes, dest, occasion, desk, |notify, dest| Call::GetChangeStatus {
                    notify,
                    dest,
                });
            }
            Action::Mark { changes, dest } => {
                self.with_dest(changes, dest, occasion, desk, |notify, dest| {
                    Call::MarkDestForChangeNotification { notify, dest, mark: Marking::Mark }
                });
            }
            Action::Unmark { changes, dest } => {
                self.with_dest(changes, dest, occasion, desk, |notify, dest| {
                    Call::MarkDestForChangeNotification { notify, dest, mark: Marking::Unmark }
                });
            }
            Action::IsMarked { changes, dest } => {
                self.with_dest(changes, dest, occasion, desk, |notify, dest| {
                    Call::IsMarkedForChangeNotification { notify, dest }
                });
            }
            other => unreachable!("{other:?} concerns no changes"),
        }
    }

    fn register_for_changes(&mut self, action: &Action, desk: &mut Desk<'_>) {
        let Action::RegisterForChanges { name, types, views, only_marked, suppress_own, context } = action
        else {
            unreachable!("only registrations are made here")
        };
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
            if let Some(former) = self.changes.insert(name.clone(), notify) {
                desk.call(Call::DeregisterFromChangeNotification { notify: former });
            }
        }
    }

    /// Looks a destination up, makes a call with its handle, and releases it.
    fn with_dest(
        &self,
        changes: &str,
        dest: &Prefix,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
        call: impl FnOnce(NotifyHandle, DestHandle) -> Call,
    ) {
        let Some(notify) = self.notify(changes, occasion) else { return };
        let found = desk.ask(Call::GetExactMatchDestination {
            address: net_address(dest),
            protocol: ProtocolSelector::Best,
            views: ViewSet::ANY,
        });
        let Outcome::Done(Reply::Dest { info }) = found else { return };
        desk.call(call(notify, info.dest));
        desk.ask(Call::ReleaseDestInfo { info });
    }
}

/// Fetches one batch of changed destinations, notes and releases them; returns whether there may be more.
fn fetch(notify: NotifyHandle, count: u32, desk: &mut Desk<'_>) -> bool {
    let outcome = desk.call(Call::GetChangedDests { notify, count });
    let Outcome::Done(Reply::GetChangedDests { infos }) = outcome else { return false };
    for info in &infos {
        note_changed(info, desk);
    }
    desk.ask(Call::ReleaseChangedDests { notify, infos });
    true
}

/// Notes a changed destination with the owner of its best route in each view.
fn note_changed(info: &DestInfo, desk: &mut Desk<'_>) {
    let mut facts = Vec::new();
    for view in &info.views {
        facts.push(Fact::word(key::VIEW, word::view(view.view)));
        facts.push(desk.owner_fact(view.owner));
    }
    desk.note(kind::CHANGED, Subject::Dest(info.address), &facts);
}
