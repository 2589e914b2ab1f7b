//! From a simulation to what a search wants to know of it.

use tiebreak::explore::{Failure, Outcome, Verdict};
use tiebreak::{BehaviourRecorder, Choices, End, Monitors, Simulation, TwinCounter, Watch, World};

/// Runs a simulation to its end, and says what came of it.
///
/// A run that hits a limit fails for that reason: what it did not reach is not known. Otherwise the failure that was first
/// in the run counts. What a monitor still waits for is a failure if nothing is left that could happen.
pub fn outcome<W, M, C>(
    simulation: &mut Simulation<W, (Watch<M>, BehaviourRecorder, TwinCounter), C>,
) -> Outcome
where
    W: World,
    M: Monitors<W::Subject>,
    C: Choices,
{
    let end = simulation.run();
    let (watch, behaviour, twins) = simulation.recorder();
    let reports = watch.reports(simulation.names());
    let mut first: Option<(u64, Failure)> = None;
    let mut owed = None;
    for report in reports {
        let failure = |event, message| Failure { monitor: report.monitor.into(), event, message };
        match report.verdict {
            tiebreak::Verdict::Holds => {}
            tiebreak::Verdict::Waits(what) => {
                owed = owed.or_else(|| Some(failure(None, what)));
            }
            tiebreak::Verdict::Fails(broken) => {
                if first.as_ref().is_none_or(|(record, _)| broken.record < *record) {
                    let event = behaviour.event_of_record(broken.record);
                    first = Some((broken.record, failure(event, broken.message)));
                }
            }
        }
    }
    let failure = match (end, first) {
        (End::Limit(exceeded), _) => {
            Some(Failure { monitor: "limit".into(), event: None, message: exceeded.to_string() })
        }
        (_, Some((_, failure))) => Some(failure),
        (End::Quiescent, None) => owed,
        // At the horizon, or when it is stopped, what is owed may still come.
        (_, None) => None,
    };
    Outcome {
        verdict: failure.map_or(Verdict::Passes, |failure| Verdict::Fails(vec![failure])),
        behaviour: behaviour.behaviour(),
        contended: behaviour.contended(),
        milestones: 0,
        progress_at: None,
        twins: twins.list(),
    }
}
