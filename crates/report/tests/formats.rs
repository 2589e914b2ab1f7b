//! Results as servers read them.

use core::time::Duration;

use tiebreak_report::{Case, Problem, annotations, junit};

fn cases() -> Vec<Case> {
    let case = |family: &str, name: &str, problems: Vec<Problem>| Case {
        family: family.to_owned(),
        name: name.to_owned(),
        file: format!("scenarios/{family}/{name}.ron"),
        time: Duration::from_millis(1_250),
        problems,
    };
    let problem = |title: &str, detail: &str, place| Problem {
        title: title.to_owned(),
        detail: detail.to_owned(),
        place,
    };
    vec![
        case("quick", "fine", vec![]),
        case("slow", "a,b", vec![problem("differs: 100%", "  at 1s: <x> & y\n  at 2s\u{1b}", None)]),
        case(
            "quick",
            "broken",
            vec![problem("error[S001]", "one", Some((3, 7))), problem("error[S002]", "", None)],
        ),
    ]
}

#[test]
fn junit_has_a_suite_for_each_family_and_a_failure_for_each_case_with_problems() {
    let mut out = String::new();
    assert!(junit(&cases(), &mut out).is_ok());
    for part in [
        r#"<testsuites name="tiebreak" tests="3" skipped="0" failures="2" errors="0""#,
        r#"<testsuite name="quick" tests="2" skipped="0" errors="0" failures="1""#,
        r#"<testcase name="fine" classname="quick" time="1.250" file="scenarios/quick/fine.ron"/>"#,
        r#"<failure message="differs: 100%">differs: 100%"#,
        "at 1s: &lt;x&gt; &amp; y\n  at 2s</failure>",
        "error[S001]\none\nerror[S002]",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    assert_eq!(out.matches("<failure").count(), 2, "{out}");
    assert!(!out.contains('\u{1b}'), "{out}");
}

#[test]
fn families_of_one_name_are_suites_of_their_own() {
    let case = |file: &str| Case { file: file.to_owned(), problems: Vec::new(), ..cases().remove(0) };
    let mut out = String::new();
    assert!(
        junit(&[case("one/quick/a.ron"), case("two/quick/a.ron"), case("one/quick/b\\nc.ron")], &mut out)
            .is_ok()
    );
    for part in [
        r#"<testsuite name="one/quick" tests="2""#,
        r#"<testsuite name="two/quick" tests="1""#,
        r#"classname="two/quick""#,
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
}

#[test]
fn annotations_are_one_line_each_and_escape_what_ends_them() {
    assert_eq!(
        annotations(&cases()),
        [
            "::error file=scenarios/slow/a%2Cb.ron,title=differs%3A 100%25::differs: 100%25%0A  at 1s: <x> & y%0A  at 2s\u{1b}",
            "::error file=scenarios/quick/broken.ron,line=3,col=7,title=error[S001]::error[S001]%0Aone",
            "::error file=scenarios/quick/broken.ron,title=error[S002]::error[S002]",
        ]
    );
}
