//! A scripted client's dealings with its opaque slots.

use tiebreak_rtm::Call;
use tiebreak_rtm_sim::Desk;
use tiebreak_scenario::plan::Dest;

use super::registration::Registration;
use super::{Occasion, Stop, made};

impl Registration<'_> {
    /// Reads the slot of a destination. One that is not NULL keeps its destination through times without routes, in which nobody
    /// finds it (D-125): who has written it has kept the handle.
    pub(super) fn opaque_pointer(
        &mut self,
        dest: &Dest,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let read = |dest| Call::GetOpaqueInformationPointer { dest };
        match self.with_dest(dest, occasion, desk, read) {
            Err(Stop::Skipped(skipped)) => {
                let dest = desk.manager().dest(self.role.table, occasion.address(dest));
                made(desk.call(read(dest.ok_or(skipped)?)))?;
                Ok(())
            }
            other => other,
        }
    }

    /// Writes the slot of a destination.
    pub(super) fn set_opaque(
        &mut self,
        (dest, value): (&Dest, u64),
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        self.with_dest(dest, occasion, desk, |dest| Call::SetOpaqueInformation { dest, value })
    }
}
