//! What must hold for a scripted client to do something.

use tiebreak_rtm::Event;
use tiebreak_rtm_sim::Desk;
use tiebreak_scenario::plan::Condition;

use super::{Occasion, State, Stop, queries};

impl State<'_> {
    /// Whether a condition holds. Who asks the manager may have to wait.
    pub(super) fn holds(
        &self,
        condition: &Condition,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<bool, Stop> {
        Ok(match condition {
            Condition::About(client) => match occasion.event {
                Some(Event::EntityRegistered { entity, .. } | Event::EntityDeregistered { entity, .. }) => {
                    desk.actor_of(*entity).is_some_and(|actor| desk.text(actor) == client)
                }
                Some(Event::RouteExpired { .. } | Event::ChangeNotification { .. }) | None => false,
            },
            Condition::Expired(dest) => match occasion.event {
                Some(Event::RouteExpired { info, .. }) => {
                    desk.manager().dest_address(info.dest) == Some(occasion.address(dest))
                }
                _ => false,
            },
            Condition::Notified(changes) => match occasion.event {
                Some(Event::ChangeNotification { notify, .. }) => {
                    self.registrations[occasion.scope.acting].is(changes, *notify)
                }
                _ => false,
            },
            Condition::Invoked(number) => occasion.method.is_some_and(|frame| {
                u64::from(frame.method.bits().trailing_zeros()) + 1 == u64::from(*number)
            }),
            Condition::Given(value) => occasion.method.is_some_and(|frame| frame.input == *value),
            Condition::Answered(value) => self.registrations[occasion.scope.acting].answered == Some(*value),
            Condition::Unreachable(dest) => queries::best_owner(occasion.address(dest), desk)?.is_none(),
            Condition::Reachable(dest) => queries::best_owner(occasion.address(dest), desk)?.is_some(),
            Condition::Covered(dest) => queries::is_covered(occasion.address(dest), desk)?,
            Condition::Owner(dest, client) => queries::best_owner(occasion.address(dest), desk)?
                .and_then(|owner| desk.actor_of(owner))
                .is_some_and(|actor| desk.text(actor) == client),
            Condition::Flag(flag) => self.flags.contains(flag.as_str()),
            Condition::Not(condition) => !self.holds(condition, occasion, desk)?,
        })
    }
}
