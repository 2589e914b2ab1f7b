//! Manager and model side by side where a search answers the draws: what it finds is shrunk to the draws that matter.
//!
//! Each input draws at a site of its own, so that one draw less in an input changes nothing in the others.

extern crate std;

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt::Write as _;

use tiebreak::explore::{Failure, Outcome, Verdict};
use tiebreak::{Actor, Choices, Digest, Names, Run, Site, check, terms};
use tiebreak_rtm::{Call, Input, Manager, Output, Profile};

use crate::driver::{Crowd, Driver};
use crate::{Difference, Model};

terms! { DRAWN = "drawn" }

/// How many inputs a sequence has at most.
const INPUTS: usize = 60;
/// What becomes of an input's outputs before the model sees them.
type Tamper = fn(&Input, &mut Vec<Output>);

fn untouched(_: &Input, _: &mut Vec<Output>) {}

/// The sites at which inputs draw, of which the run is told the names: `input7/drawn`.
fn sites(choices: &mut impl Choices) -> Vec<Site> {
    let mut names = Names::default();
    let site = |at: usize| {
        let actor = Actor::from(names.intern(&format!("input{at}")));
        let site = Site::new(names.code(actor), DRAWN);
        choices.introduce(site, &names, actor, DRAWN);
        site
    };
    (1..=INPUTS).map(site).collect()
}

/// Drives both through one sequence until they differ.
fn compare(run: &mut Run<'_, '_>, crowd: Crowd, tamper: Tamper) -> Outcome {
    let choices = run.choices();
    let sites = sites(choices);
    let (profile, site) = (Profile::default(), Cell::new(Site::new(0, DRAWN)));
    let draw = |limit: u64| choices.number(site.get(), 0, limit - 1);
    let mut driver = Driver::new(crowd, Manager::new(profile.clone()), draw);
    let (mut model, mut log) = (Model::new(profile), String::new());
    for drawn in sites {
        site.set(drawn);
        let (input, mut outputs) = driver.step();
        tamper(&input, &mut outputs);
        // Writing to a `String` cannot fail.
        let _ = writeln!(log, "{input:?} -> {outputs:?}");
        let followed = model.follow(driver.now, &input, &outputs);
        if let Err(difference) = followed.and_then(|()| model.compare(&driver.manager)) {
            return found(&difference, &log);
        }
    }
    Outcome::without_events(Verdict::Passes, Digest::of(log.as_bytes()))
}

fn found(difference: &Difference, log: &str) -> Outcome {
    let failure = Failure { monitor: "model".into(), event: None, message: difference.to_string() };
    Outcome::without_events(Verdict::Fails(Vec::from([failure])), Digest::of(log.as_bytes()))
}

#[test]
fn no_sequence_that_a_search_draws_has_a_difference() {
    for crowd in [Crowd::Sparse, Crowd::Crowded] {
        check(|run| compare(run, crowd, untouched)).runs(400).assert();
    }
}

/// A manager that is silent about what it answers to a registration for changes, as the model sees it.
fn without_answer(input: &Input, outputs: &mut Vec<Output>) {
    if matches!(input, Input::Call { call: Call::RegisterForChangeNotification { .. }, .. }) {
        outputs.retain(|output| !matches!(output, Output::Reply(_)));
    }
}

#[test]
fn a_difference_is_shrunk_to_the_draws_it_needs() {
    let report =
        check(|run| compare(run, Crowd::Sparse, without_answer)).runs(100).search().expect_err("a find");
    let text = report.to_string();
    std::println!("{text}");
    let draws = text.lines().filter(|line| line.contains("/drawn#")).count();
    assert!((1..=8).contains(&draws), "few of the hundreds of draws are needed:\n{text}");
}
