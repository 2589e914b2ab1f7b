//! Every find of `regressions/` still fails, and in the way in which it was found. One that does not says so: then a fault is
//! fixed, or the world has changed.

use std::fs;
use std::path::Path;

use tiebreak_outside_raft::faults::FAULTS;
use tiebreak_outside_raft::search;
use tiebreak_outside_raft::setups::{BARE, BEREFT, PLAIN};

#[test]
fn every_find_that_is_kept_still_fails() {
    for fault in FAULTS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions").join(fault.name);
        let files = fs::read_dir(&folder).unwrap().count();
        let report = search(fault.setup).runs(1).regressions(folder).search();
        let report = report.expect_err("what is kept fails").to_string();
        let still = report.lines().filter(|line| line.starts_with("still failing: ")).count();
        assert!(files > 0 && still == files, "{}: {report}", fault.name);
    }
}

#[test]
fn nothing_is_found_without_what_the_faults_need() {
    for setup in [PLAIN, BARE, BEREFT] {
        search(setup).runs(100).assert();
    }
}
