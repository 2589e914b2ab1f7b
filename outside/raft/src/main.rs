//! Prints what is shown of raft.

use tiebreak::explore::{Campaign, Directory, Plan};
use tiebreak_outside_raft::{search, setups};

fn main() {
    let runs = std::env::args().nth(1).and_then(|runs| runs.parse().ok()).unwrap_or(200);
    let only = std::env::args().nth(2);
    for setup in setups::ALL.into_iter().filter(|s| only.as_ref().is_none_or(|o| o == s.name)) {
        let begin = std::time::Instant::now();
        let program = search(setup);
        let mut directory = Directory::default();
        let mut campaign = Campaign::new(&program, Plan::new(1, runs), &mut directory);
        campaign.run(&program, &mut directory);
        println!("{} {:?}", setup.name, begin.elapsed());
        for (symptom, found) in campaign.found().clone() {
            let program = tiebreak_outside_raft::search_and(setup, |network| network.ids().for_each(|id| println!("{}", network.node(id).show())));
            if std::env::var("SHOW").is_ok() { found.first.job.run(&program, campaign.calibration(), &mut directory); }
            println!("   {} runs: {:?} {} first {} {}", found.runs, symptom.monitor, found.failure.message, found.first.job.number, found.first.job.who());
        }
    }
}
