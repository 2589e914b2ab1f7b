//! A scripted client's locks, taken and given back in steps of their own.

use tiebreak_rtm::{Call, LockAction, LockMode, Outcome};
use tiebreak_rtm_sim::Desk;
use tiebreak_rtm_sim::vocabulary::word;
use tiebreak_scenario::plan::{self, Action, LockDest};

use super::registration::Registration;
use super::{Occasion, Skipped, Stop, made};

impl Registration<'_> {
    /// Does an action that locks or unlocks.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the registration names every action, and which of them are done here"
    )]
    pub(super) fn lock_or_unlock(
        &mut self,
        action: &Action,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        match action {
            Action::LockRoute { route, mode } => {
                self.lock_route(route, (*mode, LockAction::Lock), occasion, desk)?;
            }
            Action::UnlockRoute { route, mode } => {
                self.lock_route(route, (*mode, LockAction::Unlock), occasion, desk)?;
            }
            Action::UpdateAndUnlockRoute(edit) => self.update_and_unlock_route(edit, occasion, desk)?,
            Action::LockDestination(lock) => self.lock_destination(lock, occasion, desk)?,
            Action::UnlockDestination(lock) => self.unlock_destination(lock, occasion, desk)?,
            Action::LockNextHop { name, mode } => {
                self.lock_next_hop(name, (*mode, LockAction::Lock), desk)?;
            }
            Action::UnlockNextHop { name, mode } => {
                self.lock_next_hop(name, (*mode, LockAction::Unlock), desk)?;
            }
            _ => unreachable!("the registration itself does what neither locks nor unlocks"),
        }
        Ok(())
    }

    fn lock_route(
        &self,
        route: &str,
        (mode, action): (plan::LockMode, LockAction),
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let (route, mode) = (self.route(route, occasion)?, lock_mode(mode));
        made(desk.call(Call::LockRoute { route, mode, action }))?;
        Ok(())
    }

    fn lock_next_hop(
        &self,
        name: &str,
        (mode, action): (plan::LockMode, LockAction),
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let (next_hop, mode) = (self.next_hop(name)?, lock_mode(mode));
        made(desk.call(Call::LockNextHop { next_hop, mode, action, edited: None }))?;
        Ok(())
    }

    /// Looks a destination up and locks it. The handle is kept with the lock, and released if there is none.
    fn lock_destination(
        &mut self,
        lock: &LockDest,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let address = occasion.address(&lock.dest);
        let info = self.find(address, occasion, desk)?;
        let call =
            Call::LockDestination { dest: info.dest, mode: lock_mode(lock.mode), action: LockAction::Lock };
        match desk.call(call) {
            Outcome::Done(_) => {
                self.locked.insert(address, info);
            }
            Outcome::Pending(_) => {
                self.kept(occasion).found = Some(info);
                return Err(Stop::Waits);
            }
            Outcome::Failed(_) | Outcome::NeedsRoom(_) | Outcome::Violated(_) => {
                desk.ask(Call::ReleaseDestInfo { info });
            }
        }
        Ok(())
    }

    fn unlock_destination(
        &mut self,
        lock: &LockDest,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Skipped> {
        let address = occasion.address(&lock.dest);
        let info = self.locked.get(&address).ok_or(Skipped(word::NOT_LOCKED))?;
        let (dest, mode) = (info.dest, lock_mode(lock.mode));
        let unlocked = desk.call(Call::LockDestination { dest, mode, action: LockAction::Unlock });
        if matches!(unlocked, Outcome::Done(_)) {
            if let Some(info) = self.locked.remove(&address) {
                desk.ask(Call::ReleaseDestInfo { info });
            }
        }
        Ok(())
    }
}

/// A lock mode, as the manager has it.
const fn lock_mode(mode: plan::LockMode) -> LockMode {
    match mode {
        plan::LockMode::Exclusive => LockMode::Exclusive,
        plan::LockMode::Shared => LockMode::Shared,
    }
}
