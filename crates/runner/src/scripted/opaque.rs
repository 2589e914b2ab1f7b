//! A scripted client's dealings with its opaque slots.

use tiebreak_rtm::Call;
use tiebreak_rtm_sim::Desk;
use tiebreak_scenario::plan::Dest;

use super::changes::with_dest;
use super::{Occasion, Skipped};

/// Reads the slot of a destination.
pub(super) fn opaque_pointer(
    dest: &Dest,
    occasion: &Occasion<'_>,
    desk: &mut Desk<'_>,
) -> Result<(), Skipped> {
    with_dest(dest, occasion, desk, |dest| Call::GetOpaqueInformationPointer { dest })
}

/// Writes the slot of a destination.
pub(super) fn set_opaque(
    (dest, value): (&Dest, u64),
    occasion: &Occasion<'_>,
    desk: &mut Desk<'_>,
) -> Result<(), Skipped> {
    with_dest(dest, occasion, desk, |dest| Call::SetOpaqueInformation { dest, value })
}
