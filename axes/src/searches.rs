//! Searches of orders: what campaigns find in worlds with planted bugs, what it shrinks to, and what going through all orders
//! comes to.

use std::fmt::Write as _;

use tiebreak::Order;
use tiebreak::explore::{Campaign, Directory, Found, Plan, Scope, Setup, Symptom, explore, shrink};
use tiebreak_planted::{Bug, Others, Planted, Story, Visitor};

use crate::{Job, Lines};

/// The seed of campaigns, and of the draws in proofs.
const SEED: u64 = 7;
const RUNS: u64 = 256;
/// A proof is given up after so many states.
const STATES: u64 = 1_000;

/// Returns a job for each planted bug and its fixed twin.
pub(crate) fn jobs() -> Vec<Job> {
    let job = |bug: &Bug| -> Job {
        let planted = Planted::new(*bug);
        Box::new(move |lines| add(lines, planted))
    };
    Bug::ALL.iter().map(job).collect()
}

fn add(lines: &mut Lines, planted: Planted) {
    let name = planted.bug.name();
    for (kind, planted) in [("search", planted), ("search-fixed", planted.fixed())] {
        lines.add_bytes(kind, name, "auto", SEED, searched(planted));
    }
    for (kind, planted) in [("proof", planted), ("proof-fixed", planted.fixed())] {
        if let Some(proof) = planted.visit(Others { clients: 0, steps: 0 }, Proof) {
            lines.add_bytes(kind, name, "all", SEED, proof);
        }
    }
}

/// What a campaign comes to: how its runs went, and what each failure shrinks to.
fn searched(planted: Planted) -> String {
    let mut directory = Directory::default();
    let mut campaign = Campaign::new(&planted, Plan::new(SEED, RUNS), &mut directory);
    campaign.run(&planted, &mut directory);
    let (runs, failed, behaviours) = (campaign.runs(), campaign.failed(), campaign.behaviours());
    let mut text = format!("{runs} {failed} {behaviours} {:016x}\n", campaign.digest());
    for (symptom, found) in campaign.found() {
        let Symptom { monitor, event } = symptom;
        let message = &found.failure.message;
        writeln!(text, "{monitor} {event} {message} {}", found.runs).expect("a string takes all");
        text += &shrunk(planted, &campaign, symptom, found, &mut directory);
    }
    text
}

fn shrunk(
    planted: Planted,
    campaign: &Campaign,
    symptom: &Symptom,
    found: &Found,
    directory: &mut Directory,
) -> String {
    let history = found.first.job.watch(&planted, campaign.calibration(), directory).history;
    match shrink(&planted, &history, symptom, SEED, directory) {
        Ok(shrunk) => {
            let orderings = shrunk.cause.constraints.iter().map(|ordering| format!("{ordering}\n"));
            let draws = shrunk.cause.draws.iter().map(|draw| format!("{draw}\n"));
            format!("{} {}\n", shrunk.replays, shrunk.confirmed) + &orderings.chain(draws).collect::<String>()
        }
        Err(error) => format!("{error}\n"),
    }
}

/// Goes through all orders of a story.
struct Proof;

impl Visitor for Proof {
    type Output = String;

    fn visit<S: Story>(self, story: &S) -> String {
        let setup = Setup { order: Order::Fifo, seed: SEED };
        let scope = Scope { states: STATES, ..Scope::default() };
        let explored = explore(story, setup, scope, &|| true);
        format!("{explored}; {} events", explored.steps)
    }
}
