//! `tiebreak show`: questions to a trace.

use std::fs;
use std::process::Stdio;

use crate::house::{CIRCLE, FAILING, HOLDING, RACE, check, command, folder, paste, tiebreak, write};

/// The planted scenario of the first page.
fn planted() -> String {
    format!("{}/../../scenarios/quickstart/planted-late-dial.ron", env!("CARGO_MANIFEST_DIR"))
}

/// The numbers of the records that are shown of the planted scenario under the seed that fails.
fn shown(filters: &[&str]) -> Vec<u64> {
    let out = check(&[&["show", &planted(), "--seed", "90"], filters].concat(), 0).out;
    let records = out.lines().filter(|line| !line.starts_with('#'));
    records.map(|line| line.split_whitespace().next().unwrap().parse().unwrap()).collect()
}

#[test]
fn filters_keep_what_passes_all_of_them() {
    assert_eq!(shown(&[]), (1..=112).collect::<Vec<u64>>());
    assert_eq!(shown(&["--actor", "ospf"]), [52, 53, 54, 99, 100]);
    assert_eq!(shown(&["--actor", "osp*", "--actor", "dialer", "--kind", "step"]), [52, 55, 99, 109]);
    assert_eq!(shown(&["--subject", "0.0.0.0/0"]), [110, 111, 112]);
    assert_eq!(shown(&["--from", "3m", "--kind", "change-notification"]), [68, 83, 94, 103]);
    assert_eq!(shown(&["--to", "2s", "--actor", "dialer"]), [55, 56, 57, 58]);
    assert_eq!(
        shown(&["--caused-by", "dialer/change-notification(ways)#3", "--hide-kind", "RtmGetChangedDests"]),
        [94, 96, 98, 109, 110, 111, 112]
    );
    assert_eq!(shown(&["--caused-by", "94", "--hide-actor", "dialer"]), [111, 112]);
    assert_eq!(shown(&["--around", "dialer/step(dial)#1", "--lines", "2"]), [107, 108, 109, 110, 111]);
    assert_eq!(
        shown(&["--before", "109", "--actor", "ospf", "--actor", "rip9", "--lines", "3"]),
        [91, 99, 100]
    );
    assert_eq!(shown(&["--last", "--lines", "2"]), [111, 112]);
    assert_eq!(shown(&["--last"]).len(), 10);
}

#[test]
fn what_matches_nothing_is_said_and_names_are_offered() {
    let file = planted();
    let told = check(&["show", &file, "--actor", "dailer"], 1);
    assert_eq!(told.out, "");
    assert!(told.err.contains("no record is of the actor `dailer`; did you mean `dialer`?"), "{}", told.err);
    let told = check(&["show", &file, "--actor", "ospf", "--kind", "expiry"], 1).err;
    assert!(told.contains("no record passes all filters"), "{told}");
    let told = check(&["show", &file, "--around", "dialer/step(dail)#1"], 2).err;
    assert!(told.contains("did you mean `dialer/step(dial)#1`?"), "{told}");
    let told = check(&["show", &file, "--why", "step(dial)"], 2).err;
    assert!(told.contains("did you mean `dialer/step(dial)#1`?"), "{told}");
    let told = check(&["show", &file, "--why", "nonsense"], 2).err;
    assert!(told.contains("a name is written `actor/kind(subject)`"), "{told}");
    let told = check(&["show", &file, "--why-not", "manager/route-deleted"], 2);
    let said = "`manager/route-deleted` is only a part of a name, such as `manager/route-deleted(";
    assert!(told.err.contains(said) && told.out.is_empty(), "{}", told.err);
    let told = check(&["show", &file, "--why-not", "route-deleted"], 2).err;
    assert!(told.contains("`route-deleted` is no name: one is written `actor/kind(subject)`"), "{told}");
    // In this run no route expires, but in others.
    let races = format!("{}/../../scenarios/races/two-updates-for-one.ron", env!("CARGO_MANIFEST_DIR"));
    let told = check(&["show", &races, "--seed", "1", "--why-not", "relay/route-expired"], 2);
    let said = "`relay/route-expired` is only a part of a name, such as `relay/route-expired(10.0.0.0/8)`";
    assert!(told.err.contains(said) && told.out.is_empty(), "{}", told.err);
    let told = check(&["show", &file, "--why", "500"], 2).err;
    assert!(told.contains("there is no record 500: the trace has 108 records"), "{told}");
}

#[test]
fn why_a_finding_came_about_is_told_in_twelve_lines() {
    let told = check(&["show", &planted(), "--seed", "90", "--why", "finding"], 0).out;
    assert!(told.lines().count() <= 12, "{told}");
    for part in [
        "finding#1 · expected 0.0.0.0/0 unreachable",
        "rip9/expiry(10.0.0.0/8)#1           [2/2] before ospf/step(add-route(10.0.0.0/8)#1)#1",
        "dialer/step(dial)#1                 after dialer/change-notification(ways)#4 and ospf/step",
        "· manager/best(0.0.0.0/0) view=ucast owner=dialer",
        "decides: dialer/change-notification(ways)#4 before dialer/step(dial)#1; the other way round this is not found",
        "decides: dialer/change-notification(ways)#3 before ospf/step(add-route(10.0.0.0/8)#1)#1; the other way round",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let one = check(&["show", &planted(), "--seed", "90", "--why", "finding#1"], 0).out;
    assert_eq!(one, told);
    let none = check(&["show", &planted(), "--seed", "90", "--why", "finding#2"], 2).err;
    assert!(
        none.contains("no finding `finding#2`; the run has finding#1 (expected 0.0.0.0/0 unreach"),
        "{none}"
    );
    for lines in 1..=12 {
        let short = check(
            &["show", &planted(), "--seed", "90", "--why", "finding", "--lines", &lines.to_string()],
            0,
        );
        assert_eq!(short.out.lines().count(), lines.min(told.lines().count()), "{}", short.out);
        // The chain has three lines before a second ordering is told.
        let decides = short.out.matches("decides: ").count();
        assert_eq!(decides, [0, 0, 0, 0, 1].get(lines - 1).copied().unwrap_or(2), "{lines} {}", short.out);
        let record =
            check(&["show", &planted(), "--seed", "90", "--why", "112", "--lines", &lines.to_string()], 0);
        assert_eq!(record.out.lines().count(), lines.min(5), "{}", record.out);
    }
    let none = check(&["show", &planted(), "--seed", "5", "--why", "finding#1"], 2).err;
    assert!(none.contains("no finding `finding#1`; nothing is wrong with this run"), "{none}");
    let holds = check(&["show", &planted(), "--seed", "5", "--why", "finding"], 1);
    assert!(holds.err.contains("nothing is wrong with this run"), "{}", holds.err);
}

#[test]
fn of_a_kept_regression_its_orderings_are_told_and_which_of_them_decide() {
    let file = format!("{}/../../regressions/late-dial-leaves-the-line-up.ron", env!("CARGO_MANIFEST_DIR"));
    let told = check(&["show", &file, "--why", "finding"], 0).out;
    assert!(told.lines().count() <= 12, "{told}");
    for part in [
        "dialer/change-notification(ways)#1  kept before ospf/step(add-route(10.0.0.0/8)#1)#1\n",
        "dialer/step(dial)#1                 kept after dialer/change-notification(ways)#2\n",
        "decides: dialer/change-notification(ways)#1 before ospf/step(add-route(10.0.0.0/8)#1)#1, which is kept; ",
        "decides: dialer/change-notification(ways)#2 before dialer/step(dial)#1, which is kept; ",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let record = check(&["show", &file, "--why", "dialer/step(dial)"], 0).out;
    assert!(
        record
            .ends_with("dialer/step(dial)#1                 kept after dialer/change-notification(ways)#2\n"),
        "{record}"
    );
}

/// To turn the first ordering alone changes nothing: the update is heard behind the round all the same.
#[test]
fn of_a_kept_ordering_that_changes_nothing_it_is_told_what_of_it_decides() {
    let kept = "two-updates-for-one-let-the-route-expire.ron";
    let file = format!("{}/../../regressions/{kept}", env!("CARGO_MANIFEST_DIR"));
    let told = check(&["show", &file, "--why", "finding"], 0).out;
    assert!(told.lines().count() <= 12, "{told}");
    for part in [
        "ospf/step(update-route(path)#1)#1  kept after relay/step(round#2)#1\n",
        "decides: relay/step(round#2)#1 before relay/change-notification(updates)#2, which follows from what is kept; ",
        "decides: relay/change-notification(updates)#3 before relay/step(round#3)#1, which is kept; ",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

/// Nothing of it is in the trace: what decides is looked for in all of it.
#[test]
fn of_a_route_that_never_came_it_is_told_what_did_not_happen_and_what_decides() {
    let file = format!("{}/../../scenarios/races/changed-before-watched.ron", env!("CARGO_MANIFEST_DIR"));
    let told = check(&["show", &file, "--seed", "2", "--why", "finding"], 0).out;
    let ask = format!("tiebreak show {file} --seed 2 --why-not 'manager/best(10.0.0.0/8)'");
    let lines = [
        &*format!("  manager/best(10.0.0.0/8) did not happen; `{ask}` says more"),
        "  decides: ospf/step(add-route(203.0.113.0/24)#1)#1 before tunnel/step(watch)#1; the other way round this is not found",
        "  decides: tunnel/entity-registered(ospf)#1 before ospf/step(add-route(203.0.113.0/24)#1)#1; the other way round this is not found",
    ];
    assert_eq!(told.lines().skip(1).collect::<Vec<_>>(), lines);
    for most in 1..=4 {
        let most = most.to_string();
        let short = check(&["show", &file, "--seed", "2", "--why", "finding", "--lines", &most], 0).out;
        assert_eq!(short.lines().count().to_string(), most, "{short}");
    }
    let told = check(&["run", &file, "--seed", "2", "--quiet"], 1).out;
    assert!(told.contains(&format!("\n  {}\n", lines[1])), "{told}");
    assert!(paste(&ask).out.starts_with("manager/best(10.0.0.0/8) did not happen\n"), "{ask}");
}

#[test]
fn the_line_that_asks_on_can_be_pasted_whatever_the_names_are() {
    let folder = folder("show-quoted");
    let missing = r#"expect: [At(of: "o'brien/expiry(10.0.0.0/8)", at: "12s")],"#;
    let race = RACE.replace("expect: [Best(dest: \"10.0.0.0/8\", owner: \"a\", metric: 3)],", missing);
    let file = write(&folder, "o'brien.ron", race.replace("name: \"a\"", "name: \"o'brien\""));
    for arguments in [
        &["run", &file, "--seed", HOLDING, "--order", "rounds", "--with", "fix", "--until", "15s"][..],
        &["test", &file],
    ] {
        let told = check(arguments, 1).out;
        let (_, line) = told.split_once("did not happen; `").unwrap_or_else(|| panic!("{told}"));
        let line = line.split_once("` says more").unwrap().0;
        let said = paste(line);
        assert_eq!(said.code, Some(0), "{line}: {}", said.err);
        assert!(said.out.starts_with("o'brien/expiry(10.0.0.0/8) did not happen"), "{line}: {}", said.out);
        let options = ["--seed", "--order rounds", "--with fix", "--until 15s"];
        assert!(arguments[0] == "test" || options.iter().all(|option| line.contains(option)), "{line}");
    }
}

/// Under this seed also another race decides, but only by chance: under others it is found although that race is turned.
#[test]
fn races_that_decide_under_every_seed_are_told_before_those_that_decide_by_chance() {
    let file = format!("{}/../../scenarios/races/gone-while-damped.ron", env!("CARGO_MANIFEST_DIR"));
    let told = check(&["show", &file, "--seed", "5", "--why", "finding"], 0).out;
    let decides: Vec<&str> = told.lines().filter_map(|line| line.strip_prefix("  decides: ")).collect();
    let expected = [
        "edge/change-notification(paths)#4 before edge/step(send)#1; ",
        "edge/step(reuse)#1 before peer/step(delete-route(path)#2)#1; ",
    ];
    let is_as_expected = decides.iter().zip(expected).all(|(line, start)| line.starts_with(start));
    assert!(decides.len() == 2 && is_as_expected, "{told}");
}

/// What `relay` did not do between its two rounds has no place on the way to the expiry.
#[test]
fn of_a_route_that_was_not_refreshed_the_race_of_the_missing_refresh_is_told_too() {
    let file = format!("{}/../../scenarios/races/two-updates-for-one.ron", env!("CARGO_MANIFEST_DIR"));
    for (seed, decides) in [
        ("3", "may decide: relay/change-notification(updates)#2 before relay/step(round#2)#1"),
        ("4", "decides: relay/change-notification(updates)#3 before relay/step(round#3)#1"),
    ] {
        let told = check(&["show", &file, "--seed", seed, "--why", "finding"], 0).out;
        let last = told.lines().last().unwrap();
        assert!(last.starts_with(&format!("  {decides}; ")), "{told}");
        assert!(told.lines().count() <= 12, "{told}");
    }
}

/// What is not used is refused, and only what was given is named.
#[test]
fn a_question_refuses_filters_that_it_does_not_use() {
    let file = planted();
    let filters = [
        ["--actor", "rip1"],
        ["--kind", "step"],
        ["--subject", "x"],
        ["--hide-actor", "rip1"],
        ["--hide-kind", "step"],
        ["--from", "1s"],
        ["--to", "1s"],
        ["--caused-by", "1"],
        ["--around", "1"],
        ["--before", "1"],
        ["--lines", "9"],
    ];
    let questions =
        [&["--why", "1"][..], &["--why-not", "a/b"], &["--pending"], &["--html", "never-written.html"]];
    for question in questions {
        for filter in filters.iter().map(|filter| &filter[..]).chain([&["--last"][..]]) {
            let is_used = matches!(
                (question[0], filter[0]),
                ("--why", "--lines") | ("--pending", "--actor" | "--hide-actor")
            );
            let told = tiebreak(&[&["show", &file], question, filter].concat());
            if is_used {
                assert_ne!(told.code, Some(2), "{question:?} {filter:?}");
                continue;
            }
            assert_eq!(told.code, Some(2), "{question:?} {filter:?} {}", told.out);
            let line = told.err.lines().next().unwrap();
            assert!(
                line.contains(question[0]) && line.contains(&format!("with '{}", filter[0])),
                "{}",
                told.err
            );
        }
    }
    let told = check(&["show", &file, "--lines", "9"], 2).err;
    assert!(told.contains("--lines says how many lines --around, --before, --last and --why show"), "{told}");
}

#[test]
fn a_filter_that_fits_nothing_is_told_also_where_others_fit() {
    let file = planted();
    let told = check(&["show", &file, "--hide-actor", "rpi1"], 0);
    assert!(
        told.err.contains("warning: no record is of the actor `rpi1`; did you mean `rip1`?"),
        "{}",
        told.err
    );
    let told = check(&["show", &file, "--actor", "rip1", "--actor", "dailer", "--hide-kind", "*-deletd"], 0);
    assert!(told.out.contains("rip1/step"), "{}", told.out);
    assert!(
        told.err.contains("warning: no record is of the actor `dailer`; did you mean `dialer`?"),
        "{}",
        told.err
    );
    assert!(told.err.contains("warning: no record is of the kind `*-deletd`"), "{}", told.err);
    let told = check(&["show", &file, "--pending", "--hide-actor", "dailer"], 1).err;
    assert!(told.contains("warning: no record is of the actor `dailer`; did you mean `dialer`?"), "{told}");
    assert!(!check(&["show", &file, "--actor", "r*", "--hide-kind", "step"], 0).err.contains("warning"));
}

#[test]
fn of_a_trace_as_ndjson_the_fingerprint_is_not_taken_for_that_of_the_run() {
    let file = folder("show-read").join("run.ndjson").to_str().unwrap().to_owned();
    check(&["run", &planted(), "--quiet", "--format", "ndjson", "--trace", &file], 0);
    let told = check(&["show", &file], 0).out;
    let last: Vec<&str> = told.lines().rev().take(2).collect();
    assert!(last[0].starts_with("# read from NDJSON") && last[0].ends_with("not the run's"), "{told}");
    assert!(last[1].contains(" · fingerprint "), "{told}");
    let told = check(&["show", &file, "--format", "ndjson"], 0);
    assert!(told.err.contains("# read from NDJSON") && !told.out.contains("# read"), "{}", told.err);
    assert!(!check(&["show", &planted()], 0).out.contains("# read from"));
}

#[test]
fn why_a_record_is_there_is_told_by_number_and_by_name() {
    let why = |asked: &str| check(&["show", &planted(), "--seed", "90", "--why", asked], 0);
    let chain = why("110").out;
    let numbers: Vec<&str> = chain.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(numbers, ["17", "91", "94", "109", "110"]);
    assert_eq!(why("dialer/step(dial)").out.lines().count(), 4);
    let several = why("dialer/change-notification(ways)");
    assert!(several.err.contains("is the name of 4 records; this is the last"), "{}", several.err);
    assert!(several.out.contains("  103 3m        dialer/change-notification(ways)#4"), "{}", several.out);
}

#[test]
fn a_run_that_fails_says_how_it_came_about_and_one_that_holds_does_not() {
    let file = write(&folder("show-because"), "race.ron", RACE);
    let failing = ["run", &file, "--seed", FAILING];
    let told = check(&failing, 1).out;
    let lines: Vec<&str> = told.lines().skip_while(|line| !line.starts_with("found 1")).collect();
    assert!(lines[1].starts_with("  expected best of 10.0.0.0/8"), "{told}");
    assert!(lines.len() <= 14 && lines[2].starts_with("      "), "{told}");
    assert!(
        told.contains(
            "    decides: b/step(add-route(10.0.0.0/8)#1)#1 before a/step(add-route(10.0.0.0/8)#1)#1; "
        ),
        "{told}"
    );
    // Without a trace it is the same.
    let quiet = check(&[&failing[..], &["--fingerprint"]].concat(), 1).err;
    assert!(quiet.contains(&lines[1..].join("\n")), "{quiet}\n{told}");
    let object = check(&[&failing[..], &["--format", "ndjson"]].concat(), 1).out;
    let object: serde_json::Value = serde_json::from_str(object.lines().last().unwrap()).unwrap();
    let because = object["findings"][0]["because"].as_array().unwrap();
    assert_eq!(because.len(), lines.len() - 3, "{because:?}");
    let tested =
        tiebreak(&["test", &file, "--seeds", "20", "--snapshots", folder("show-snaps").to_str().unwrap()]);
    assert!(tested.out.contains("\n    decides: "), "{}", tested.out);
    assert!(!check(&["run", &file, "--seed", HOLDING], 0).out.contains("decides"));
}

#[test]
fn why_an_event_did_not_happen_is_told_by_a_run_in_which_it_does() {
    let missed = ["show", &planted(), "--seed", "90", "--why-not", "manager/route-deleted(0.0.0.0/0)"];
    let told = check(&missed, 0).out;
    for part in [
        "manager/route-deleted(0.0.0.0/0) did not happen\n",
        "it happens under seed 5, in this way:\n",
        "happened here too, as record 103, and went on otherwise:\n",
        "  here  · dialer/skipped(delete-route(call)) reason=no-route\n",
        "  there · manager/route-deleted(0.0.0.0/0) owner=dialer reason=called\n",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let none = check(&["show", &planted(), "--seeds", "3", "--why-not", "dialer/step(dial)#2"], 0).out;
    assert!(none.ends_with("it happens under none of 3 other seeds\n"), "{none}");
    let there = check(&["show", &planted(), "--why-not", "dialer/step(dial)"], 1).err;
    assert!(
        there.contains("dialer/step(dial) did happen, last as record 93: `--why 93` says how"),
        "{there}"
    );
}

#[test]
fn what_is_pending_at_the_end_is_listed_with_who_scheduled_it() {
    let file = write(&folder("show-pending"), "race.ron", RACE);
    let all = check(&["show", &file, "--until", "5s", "--pending"], 0).out;
    let expected = "2 events pending at the end\n  10s          a/step(add-route(10.0.0.0/8)#1)\n  10s          b/step(add-route(10.0.0.0/8)#1)\n";
    assert_eq!(all, expected);
    let one =
        check(&["show", &file, "--until", "5s", "--pending", "--actor", "b", "--format", "ndjson"], 0).out;
    let object: serde_json::Value = serde_json::from_str(&one).unwrap();
    assert_eq!((&object["actor"], &object["due"]), (&"b".into(), &10_000_000_000_u64.into()));
    let none = check(&["show", &file, "--pending"], 1).out;
    assert_eq!(none, "nothing is pending at the end\n");
    let circle = write(&folder("show-circle"), "circle.ron", CIRCLE);
    let scheduled = check(&["show", &circle, "--limit", "60", "--pending"], 0).out;
    assert!(scheduled.contains("< rip/"), "{scheduled}");
}

#[test]
fn columns_are_as_wide_as_asked_and_a_picture_is_one_file() {
    let told =
        check(&["show", &planted(), "--seed", "90", "--columns", "--from", "3m", "--width", "80"], 0).out;
    assert!(told.starts_with(" no manager     dialer      ospf        others\nat 3m\n"), "{told}");
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    assert!(told.contains("\n109 │           step(dial)#1 < 94"), "{told}");
    let file = folder("show-html").join("page.html");
    check(&["show", &planted(), "--html", file.to_str().unwrap()], 0);
    let page = fs::read_to_string(file).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("planted-late-dial.ron"));
    for question in [&["--why", "1"][..], &["--why-not", "x"], &["--html", "x.html"], &["--columns"]] {
        for other in [&["--format", "ndjson"][..], &["--columns"]] {
            if question != other {
                let refused = check(&[&["show", &planted()], question, other].concat(), 2).err;
                assert!(refused.contains("cannot be used with"), "{refused}");
            }
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child =
        command(&["show", &planted()]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Whoever comes first keeps the other from adding its route; if `c` does, its route changes for ever.
const ENDLESS: &str = r#"Scenario(
    format: 1,
    until: "60s",
    clients: [
        Client(name: "a", protocol: "RIP", script: [
            At("0s", Register),
            At("0s", AddNextHop(name: "gw", address: "192.0.2.1", interface: 1)),
            At("10s", When(Not(Reachable("20.0.0.0/8")), [AddRoute(name: "x", dest: "10.0.0.0/8", via: ["gw"], metric: 3)])),
        ]),
        Client(name: "c", protocol: "RIP",
            script: [
                At("0s", Register),
                At("0s", AddNextHop(name: "gw", address: "192.0.2.2", interface: 1)),
                At("0s", RegisterForChanges(name: "n", types: [All])),
                At("10s", When(Not(Reachable("10.0.0.0/8")), [AddRoute(name: "r", dest: "20.0.0.0/8", via: ["gw"], metric: 1)])),
            ],
            on: {
                ChangeNotification: [
                    Drain(changes: "n"),
                    When(Reachable("20.0.0.0/8"), [After("0s", [
                        When(Flag("odd"), [Clear("odd"), UpdateRoute(route: "r", metric: 1)]),
                        When(Not(Flag("odd")), [Set("odd"), UpdateRoute(route: "r", metric: 2)]),
                    ])]),
                ],
            },
        ),
    ],
    expect: [Never("a/RtmAddRouteToDest(10.0.0.0/8)")],
)
"#;

#[test]
fn of_a_long_run_it_is_said_that_nothing_was_turned_round() {
    let busy = r#"Client(name: "busy", protocol: "RIP", script: [At("0s", Register), Every(from: "1s", period: "1ms", times: 20000, do: Set("x"))]),"#;
    let long = RACE.replace("Observer(", &format!("{busy}\n        Observer(")).replace("\"20s\"", "\"30s\"");
    let file = write(&folder("show-long"), "long.ron", long);
    let told = check(&["show", &file, "--seed", FAILING, "--why", "finding"], 0).out;
    let said = "\n  which orderings decide is not tried: the run has more than 20000 events\n";
    assert!(
        told.contains(said) && told.contains(" before a/step(add-route(10.0.0.0/8)#1)#1; after busy/"),
        "{told}"
    );
}

#[test]
fn of_a_run_that_does_not_end_the_other_way_round_it_is_said_that_it_is_not_known() {
    let file = write(&folder("show-endless"), "endless.ron", ENDLESS);
    let limited = ["--limit", "2000"];
    check(&[&["run", &file, "--seed", "1", "--quiet"], &limited[..]].concat(), 3);
    let told = check(&[&["show", &file, "--seed", "2", "--why", "finding"], &limited[..]].concat(), 0).out;
    assert!(told.starts_with("finding#1 · expected never a/RtmAddRouteToDest(10.0.0.0/8)"), "{told}");
    assert!(!told.contains("decides:"), "{told}");
    assert!(told.contains("\n  not known of "), "{told}");
    assert!(told.contains(": the other way round the run does not come to its end\n"), "{told}");
}
