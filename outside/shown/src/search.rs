//! How many runs each strategy needs.

use std::fmt::{self, Write};

use tiebreak::explore::{Campaign, Directory, Plan, Program, Tactic};
use tiebreak::kernel::mix;

/// The strategies that are compared, by the names that the command has for them; `auto` is the mixture.
pub const STRATEGIES: [(&str, &[Tactic]); 7] = [
    ("auto", &Plan::AUTO),
    ("clocks", &[Tactic::Clocks]),
    ("walk", &[Tactic::Walk]),
    ("urw", &[Tactic::Urw]),
    ("pct:3", &[Tactic::Pct(3)]),
    ("delay:2", &[Tactic::Delay(2)]),
    ("fifo", &[Tactic::Fifo]),
];

/// What the campaigns of one strategy needed to find one failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The strategy.
    pub strategy: &'static str,
    /// How many runs each campaign made before the failure was met, that one included; `None` if it never was.
    pub runs: Vec<Option<u64>>,
}

/// Makes so many campaigns of every strategy; returns how many runs each needed to find a failure of this monitor.
///
/// A monitor is named as in a report; of a panic it is `panic at …`, and the beginning is enough.
pub fn rows(program: &impl Program, monitor: &str, campaigns: u64, runs_max: u64) -> Vec<Row> {
    let row = |(strategy, tactics): (&'static str, &[Tactic])| {
        let first = |campaign| first_run(program, monitor, tactics, campaign, runs_max);
        Row { strategy, runs: (0..campaigns).map(first).collect() }
    };
    STRATEGIES.into_iter().map(row).collect()
}

fn first_run(
    program: &impl Program,
    monitor: &str,
    tactics: &[Tactic],
    seed: u64,
    runs_max: u64,
) -> Option<u64> {
    let mut directory = Directory::default();
    // Seeds of campaigns are far from each other: `clocks` takes one after the other from there on.
    let plan = Plan { tactics: tactics.to_vec(), ..Plan::new(mix(seed), runs_max) };
    let mut campaign = Campaign::new(program, plan, &mut directory);
    loop {
        let jobs = campaign.round();
        if jobs.is_empty() {
            return None;
        }
        let calibration = campaign.calibration().clone();
        for job in jobs {
            let ran = job.run(program, &calibration, &mut directory);
            let fails = ran.symptoms.iter().any(|symptom| symptom.monitor.starts_with(monitor));
            campaign.add(&ran);
            if fails {
                return Some(campaign.runs());
            }
        }
    }
}

/// Writes rows as a table: the mean number of runs of those campaigns that found it, and how many did.
pub fn write_rows(monitor: &str, rows: &[Row], out: &mut impl Write) -> fmt::Result {
    writeln!(out, "{monitor}: runs until it is found, on average, and in how many campaigns it was")?;
    for Row { strategy, runs } in rows {
        let found: Vec<u64> = runs.iter().flatten().copied().collect();
        let mean = found.iter().sum::<u64>().checked_div(found.len() as u64);
        let mean = mean.map_or("-".into(), |mean| mean.to_string());
        writeln!(out, "  {strategy:8} {mean:>6}   {} of {}", found.len(), runs.len())?;
    }
    Ok(())
}
