//! What a simulation hashes to.

use alloc::vec::Vec;
use core::hash::{Hash, Hasher as _};

use super::Simulation;
use crate::mix::{fold, mix};
use crate::queue::PendingEvent;
use crate::state::{Known, StateHasher};
use crate::world::World;

/// Comparing forks.
impl<W: World + Hash, R, C> Simulation<W, R, C>
where
    W::Event: Hash,
{
    /// Returns a hash of all that decides how the run goes on: the instant, the world, the pending events with their
    /// lanes and phases, and how often each name has run. `more` adds what the caller knows of recorder and choices, such as
    /// the state of monitors and the positions of streams.
    ///
    /// Handles are hashed as the events that they name, symbols as their texts, and the order of scheduling counts within
    /// lanes alone. So forks that have run the same events in two orders hash alike if nobody can tell them apart any more,
    /// but for what the order policy draws and how near the limits are. Simultaneous events of one name in no lane are told
    /// apart by their values alone.
    ///
    /// Walks over all that is pending. To be called between two steps. Reaches no file: it may differ between machines.
    pub fn state_digest(&self, more: impl FnOnce(&R, &C, &mut StateHasher<'_>)) -> u128 {
        let known = self.known();
        let mut state = StateHasher::new(&self.names, Some(&known));
        self.now().hash(&mut state);
        self.control.stop.hash(&mut state);
        state.write_unordered(known.iter().flatten().map(|known| known.digest).collect());
        state.write_u64(self.records.repeats());
        state.write_u64(self.control.incarnations.sum(|code, lives| mix(fold(code, lives.into()))));
        self.world.hash(&mut state);
        more(&self.recorder, &self.choices, &mut state);
        state.digest()
    }

    /// The pending events by slot. If events hold handles, those are known by what is known without them.
    fn known(&self) -> Vec<Option<Known>> {
        let pending = self.queue.pending_events();
        let (mut known, has_handles) = self.digests(&pending, None);
        if has_handles {
            (known, _) = self.digests(&pending, Some(&known));
        }
        known
    }

    /// The digests of pending events by slot, and whether any of them holds a handle.
    fn digests(
        &self,
        pending: &[PendingEvent<'_, W::Event>],
        named: Option<&[Option<Known>]>,
    ) -> (Vec<Option<Known>>, bool) {
        let (mut known, mut has_handles) = (Vec::new(), false);
        for event in pending {
            let mut state = StateHasher::new(&self.names, named);
            self.world.name(event.event).part_codes(&self.names).name().hash(&mut state);
            event.hash(&mut state);
            has_handles |= state.has_met_handles();
            let at = event.slot as usize;
            if known.len() <= at {
                known.resize(at + 1, None);
            }
            known[at] = Some(Known { life: event.life, digest: state.digest() });
        }
        (known, has_handles)
    }
}
