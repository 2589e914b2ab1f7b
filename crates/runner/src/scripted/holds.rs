//! A scripted client's dealings with hold-down.

use tiebreak_rtm::Call;
use tiebreak_rtm_sim::Desk;
use tiebreak_scenario::plan::HoldDestination;

use super::registration::Registration;
use super::{Occasion, Stop};
use crate::convert::view_set;

impl Registration<'_> {
    /// Arms a destination. A checked plan has whole milliseconds below 2³² − 1.
    pub(super) fn hold_destination(
        &mut self,
        hold: &HoldDestination,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let HoldDestination { dest, hold_time, views } = hold;
        let (views, hold_time_ms) =
            (view_set(views), u32::try_from(hold_time.as_millis()).unwrap_or(u32::MAX));
        self.with_dest(dest, occasion, desk, |dest| Call::HoldDestination { dest, views, hold_time_ms })
    }
}
