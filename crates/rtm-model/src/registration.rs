//! Registrations for change notification: what is pending, marked, fetched (4.1, 4.4).

use alloc::vec::Vec;

use tiebreak_rtm::{Call, DestHandle, DueEvent, EntityHandle, Marking, NotifyHandle, Reply, ViewSet};

use super::expected::Expected;
use super::{Difference, Kind, Model, Phase, Registration};

impl Model {
    /// A registration of this client; those of others are private (D-74).
    pub(super) fn registration(&self, owner: EntityHandle, handle: NotifyHandle) -> Option<&Registration> {
        self.registrations.iter().find(|known| known.handle == handle && known.owner == owner)
    }

    fn registration_mut(&mut self, handle: NotifyHandle) -> &mut Registration {
        let known = self.registrations.iter_mut().find(|known| known.handle == handle);
        known.expect("a refused call is not performed")
    }

    pub(super) fn dest_id(&self, caller: EntityHandle, handle: DestHandle) -> u64 {
        let dest = self.table_of(caller).and_then(|table| self.dest_by_handle(table, handle));
        dest.expect("a refused call is not performed").id
    }

    pub(super) fn change_call(
        &mut self,
        caller: EntityHandle,
        call: &Call,
        found: &Reply,
        expected: &mut Expected,
    ) -> Result<Reply, Difference> {
        if let Call::RegisterForChangeNotification { .. } = call {
            return self.register_for_changes(caller, call, found);
        } else if let Call::DeregisterFromChangeNotification { notify } = call {
            self.deregister_from_changes(caller, *notify, expected);
        } else if let Call::GetChangedDests { notify, count } = call {
            return self.get_changed_dests(caller, *notify, *count, found);
        } else if let Call::GetChangeStatus { notify, dest } = call {
            let dest = self.dest_id(caller, *dest);
            return Ok(Reply::GetChangeStatus {
                is_pending: self.registration_mut(*notify).pending.contains(&dest),
            });
        } else if let Call::IgnoreChangedDests { notify, dests } = call {
            let ignored: Vec<u64> = dests.iter().map(|dest| self.dest_id(caller, *dest)).collect();
            self.registration_mut(*notify).pending.retain(|dest| !ignored.contains(dest));
        } else if let Call::MarkDestForChangeNotification { notify, dest, mark } = call {
            let dest = self.dest_id(caller, *dest);
            let registration = self.registration_mut(*notify);
            registration.marked.retain(|marked| *marked != dest);
            if *mark == Marking::Mark {
                registration.marked.push(dest);
            }
        } else if let Call::IsMarkedForChangeNotification { notify, dest } = call {
            let dest = self.dest_id(caller, *dest);
            let is_marked = self.registration_mut(*notify).marked.contains(&dest);
            return Ok(Reply::IsMarkedForChangeNotification { is_marked });
        }
        Ok(Reply::Nothing)
    }

    fn register_for_changes(
        &mut self,
        owner: EntityHandle,
        call: &Call,
        found: &Reply,
    ) -> Result<Reply, Difference> {
        let (
            Call::RegisterForChangeNotification { views, flags, context, own_changes },
            Reply::RegisterForChangeNotification { notify },
        ) = (call, found)
        else {
            return Err(Difference::new("the reply to a registration for changes", &"its handle", found));
        };
        let known = self.registrations.iter().map(|known| known.handle);
        let known = known.chain(self.gone_registrations.iter().map(|(handle, _)| *handle));
        if known.into_iter().any(|known| known == *notify) {
            return Err(Difference::new("the handle of a registration", &"a new one (D-73)", notify));
        }
        let table = self.table_of(owner).expect("a caller is registered");
        let shown = self.asked(*views).expect("a refused call is not performed");
        let views = if shown == ViewSet::ANY { self.profile.views_supported } else { shown };
        self.registrations.push(Registration {
            handle: *notify,
            owner,
            table,
            views,
            shown,
            flags: *flags,
            context: *context,
            own_changes: *own_changes,
            pending: Vec::new(),
            marked: Vec::new(),
            announced: false,
        });
        Ok(found.clone())
    }

    fn deregister_from_changes(
        &mut self,
        owner: EntityHandle,
        notify: NotifyHandle,
        expected: &mut Expected,
    ) {
        let event = DueEvent::ChangeNotification { notify };
        self.callbacks.retain(|callback| {
            let taken_back = callback.event == event && callback.phase == Phase::Due;
            if taken_back {
                expected.dropped.push((callback.to, callback.id));
            }
            !taken_back
        });
        self.registrations.retain(|known| known.handle != notify);
        self.gone_registrations.push((notify, owner));
    }

    fn get_changed_dests(
        &mut self,
        caller: EntityHandle,
        notify: NotifyHandle,
        count: u32,
        found: &Reply,
    ) -> Result<Reply, Difference> {
        let registration = self.registration_mut(notify);
        let shown = registration.shown;
        let taken = registration.pending.len().min(count as usize);
        let taken: Vec<u64> = registration.pending.drain(..taken).collect();
        if let Reply::GetChangedDests { infos } = found {
            for (dest, info) in taken.iter().zip(infos) {
                self.learn_dest(*dest, info.dest)?;
            }
            if infos.len() != taken.len() {
                return Err(Difference::new(
                    "how many changed destinations are fetched",
                    &taken.len(),
                    &infos.len(),
                ));
            }
        }
        let infos: Vec<_> = taken.iter().map(|dest| self.dest_info(*dest, shown, None)).collect();
        for info in &infos {
            self.give_dest_info(caller, info, Kind::Changed(notify));
        }
        Ok(Reply::GetChangedDests { infos })
    }
}
