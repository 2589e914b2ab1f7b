//! How many events a scenario's run may take.

use tiebreak::{Instant, Limits};
use tiebreak_scenario::Plan;
use tiebreak_scenario::plan::Actor;

use crate::build::Recordings;

/// The number of events that every run may take. The kernel allows more, but a scenario that repeats itself for ever should
/// end within seconds.
const EVENTS: u64 = 10_000_000;
/// The number of events at one instant that every run may take.
const EVENTS_AT_INSTANT: u64 = 100_000;
/// The number of pending events that every run may have, at about 550 bytes each. The kernel allows more, but then a small
/// scenario could fill the memory.
const PENDING: u64 = 1_500_000;
/// The number of events that may follow from one notification of one client.
const EVENTS_EACH: u64 = 4;

/// Returns the limits of a plan: those that the file sets, or enough for every client to be told of every registration and
/// of every step. The last instant may be as late as the scenario's end. `actors` are those of the plan.
pub(crate) fn limits(plan: &Plan, actors: &[Actor], recordings: &Recordings) -> Limits {
    let end = Instant::START.saturating_add(plan.until);
    let default = Limits::DEFAULT.with_time(Limits::DEFAULT.time.max(end)).with_pending(PENDING);
    if let Some(limit) = plan.limit {
        return with_limit(default, limit);
    }
    let (mut clients, mut steps, mut times) = (1_u64, 0_u64, 0_u64);
    for actor in actors {
        clients += 1;
        match actor {
            Actor::Client(client) => {
                clients += client.also.len() as u64;
                steps += client.script.len() as u64;
                times += client.script.iter().map(|step| u64::from(step.times())).sum::<u64>();
            }
            Actor::Observer(_) => {}
            Actor::Feed(feed) => {
                let rows = recordings.get(&feed.name).map_or(0, |recording| recording.rows.len() as u64);
                steps += rows;
                times += rows;
            }
        }
    }
    let told = |occasions: u64| clients.saturating_mul(clients + occasions).saturating_mul(EVENTS_EACH);
    default.with_events(EVENTS.max(told(times))).with_events_at_instant(EVENTS_AT_INSTANT.max(told(steps)))
}

/// Returns the same limits with this many events, in total and at one instant. As many may be pending, if that is more than
/// every run may have and not more than the kernel allows by default.
pub(crate) fn with_limit(limits: Limits, events: u64) -> Limits {
    let pending = events.clamp(PENDING, Limits::DEFAULT.pending);
    limits.with_events(events).with_events_at_instant(events).with_pending(pending)
}
