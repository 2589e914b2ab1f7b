//! A scripted client's dealings with its opaque slots.

use tiebreak_rtm::Call;
use tiebreak_rtm_sim::Desk;
use tiebreak_scenario::plan::Dest;

use super::registration::Registration;
use super::{Occasion, Stop};

impl Registration<'_> {
    /// Reads the slot of a destination.
    pub(super) fn opaque_pointer(
        &mut self,
        dest: &Dest,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        self.with_dest(dest, occasion, desk, |dest| Call::GetOpaqueInformationPointer { dest })
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
