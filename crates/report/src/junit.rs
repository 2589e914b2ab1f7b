//! Results as `JUnit` XML, which most servers for continuous integration read.

use alloc::collections::{BTreeMap, BTreeSet};
use core::fmt;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::case::{Case, Problem};

/// What the results are called.
const NAME: &str = "tiebreak";

/// Writes results as `JUnit` XML: a suite for each family, in the order of their first cases, and a failure for each case
/// with problems. Families of one name in several folders are called by their folders. Characters that XML does not know are left out.
///
/// # Errors
/// Only those of `out`.
pub fn junit(cases: &[Case], out: &mut dyn fmt::Write) -> fmt::Result {
    let mut folders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for case in cases {
        folders.entry(&case.family).or_default().insert(case.folder());
    }
    let mut suites: Vec<TestSuite> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases {
        let is_shared = folders.get(&*case.family).is_some_and(|folders| folders.len() > 1);
        let suite = if is_shared { case.folder() } else { &case.family };
        let place = places.entry(suite).or_insert_with(|| {
            suites.push(TestSuite::new(suite));
            suites.len() - 1
        });
        suites[*place].add_test_case(test_case(case, suite));
    }
    let mut report = Report::new(NAME);
    report.add_test_suites(suites);
    // It is written into memory, which cannot fail.
    out.write_str(&report.to_string().map_err(|_| fmt::Error)?)
}

fn test_case(case: &Case, suite: &str) -> TestCase {
    let mut written = TestCase::new(case.name.as_str(), status(&case.problems));
    written.set_classname(suite);
    written.set_time(case.time);
    written.extra.insert("file".into(), case.file.as_str().into());
    written
}

fn status(problems: &[Problem]) -> TestCaseStatus {
    let Some(first) = problems.first() else { return TestCaseStatus::success() };
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(first.title.as_str());
    let all: Vec<String> =
        problems.iter().map(|problem| format!("{}\n{}", problem.title, problem.detail)).collect();
    status.set_description(all.join("\n"));
    status
}
