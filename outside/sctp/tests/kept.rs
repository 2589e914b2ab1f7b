//! Every find of `regressions/` still fails, and in the way in which it was found. One that does not says so: then a fault is
//! fixed, or the world has changed.

use std::fs;
use std::path::Path;

use tiebreak::check;
use tiebreak_outside_sctp::cases::cases;

#[test]
fn every_find_that_is_kept_still_fails() {
    for case in cases() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions").join(case.name);
        let Ok(files) = fs::read_dir(&folder) else { continue };
        let report = check(|run| case.run(run)).runs(1).regressions(folder).search();
        let report = report.expect_err("what is kept fails").to_string();
        let still = report.lines().filter(|line| line.starts_with("still failing: ")).count();
        assert_eq!(still, files.count(), "{report}");
    }
}

#[test]
fn nothing_is_found_where_streams_stay_open() {
    for case in tiebreak_outside_sctp::cases::sound() {
        check(|run| case.run(run)).runs(100).assert();
    }
}
