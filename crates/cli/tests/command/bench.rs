//! `tiebreak bench`: what is printed, without the numbers that vary; and, with the feature `soak`, how often unchanged code is called slower.

use std::fs;

#[cfg(feature = "soak")]
use crate::house::tiebreak;
use crate::house::{CIRCLE, FAILING, HOLDING, RACE, REPLAY, check, folder, write};

/// Three clients of a group.
const GROUP: &str = r#"Scenario(
    format: 1,
    until: "20s",
    clients: [
        Client(name: "rip", protocol: "RIP", count: 3, script: [
            At("0s", Register),
            At("0s", AddNextHop(name: "gw", address: "192.0.2.{n}", interface: 1)),
            At("1s", AddRoute(dest: "10.{n/256}.{n%256}.0/24", via: ["gw"], metric: 3)),
        ]),
        Client(name: "some", protocol: "OSPF", count: 9, only: ["some2"], script: [At("0s", Register)]),
        Observer(name: "fib"),
    ],
    expect: [Count(of: "rip1/step(add-route(10.0.1.0/24)#1)", is: 1)],
)
"#;

/// A text with `#` in place of each number, and without the spaces by which numbers are aligned.
fn blanked(text: &str) -> String {
    let mut blanked = String::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut was_digit = false;
        for c in words.join(" ").chars() {
            let is_digit = c.is_ascii_digit() || (was_digit && c == '.');
            if !(is_digit && was_digit) {
                blanked.push(if is_digit { '#' } else { c });
            }
            was_digit = is_digit;
        }
        blanked.push('\n');
    }
    blanked
}

/// What is exact, and the whole, as JSON.
fn measured(arguments: &[&str], code: i32) -> serde_json::Value {
    let ran = check(&[arguments, &["--format", "json"]].concat(), code);
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn one_scenario_is_told_by_kind_with_what_it_computed() {
    let race = write(&folder("bench-one"), "race.ron", RACE);
    let ran = check(&["bench", &race, "--seed", HOLDING, "--time", "40ms"], 0);
    let fingerprint = check(&["run", &race, "--seed", HOLDING, "--fingerprint"], 0).out;
    assert!(ran.out.contains(&format!(" events a run · fingerprint {fingerprint}")), "{}", ran.out);
    let told = blanked(&ran.out);
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].ends_with("race.ron · seed # · order seeded"), "{told}");
    assert!(
        lines[2].starts_with(
            "measured as a sweep of seeds runs it: monitors and the run's fingerprint, no trace"
        ),
        "{told}"
    );
    assert_eq!(lines[4], "# events/s · # ns/event (# … #) · # µs a run · # runs", "{told}");
    assert_eq!(lines[6], "kind events ns/event share allocations/event bytes/event", "{told}");
    for kind in ["change-notification # ", "step # ", "outside events # %"] {
        assert!(lines.iter().any(|line| line.starts_with(kind)), "{kind} is not in\n{told}");
    }
    for line in [
        "allocations of a run: #, of # bytes in all, with building the world and judging",
        "most at any time: # pending events, # route",
    ] {
        assert!(told.contains(line), "{line} is not in\n{told}");
    }
    assert!(ran.err.is_empty(), "{}", ran.err);
}

#[test]
fn what_is_exact_is_the_same_every_time() {
    let race = write(&folder("bench-exact"), "race.ron", RACE);
    let once = || measured(&["bench", &race, "--seed", HOLDING, "--runs", "8"], 0)["exact"].clone();
    let exact = once();
    assert_eq!(exact, once());
    let kinds = exact["kinds"].as_array().unwrap();
    let sum = |key: &str| kinds.iter().map(|kind| kind[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum("events"), exact["events"].as_u64().unwrap());
    assert!(sum("allocations") > 0 && sum("allocations") < exact["allocations"].as_u64().unwrap());
    assert!(sum("bytes") > 0 && sum("bytes") < exact["bytes"].as_u64().unwrap());
    assert!(exact["peak_bytes"].as_u64().unwrap() < exact["bytes"].as_u64().unwrap());
    assert_eq!(exact["most_routes"], 2);
}

#[test]
fn a_run_that_is_wrong_is_measured_all_the_same() {
    let folder = folder("bench-wrong");
    let race = write(&folder, "race.ron", RACE);
    let ran = check(&["bench", &race, "--seed", FAILING, "--runs", "3"], 1);
    assert!(ran.out.contains("\nthe run is wrong: expected best of 10.0.0.0/8"), "{}", ran.out);
    assert!(ran.out.contains(" ns/event"), "{}", ran.out);
    let circle = write(&folder, "circle.ron", CIRCLE);
    let ran = check(&["bench", &circle, "--limit", "60", "--runs", "3"], 3);
    assert!(ran.out.contains("\nthe run is wrong: the run did not end: "), "{}", ran.out);
}

#[test]
fn two_sides_are_compared_in_turn() {
    let folder = folder("bench-two");
    let race = write(&folder, "race.ron", RACE);
    let other = write(&folder, "other.ron", GROUP);
    for (arguments, exit, sides) in [
        (&["--seed", HOLDING, "--seed", FAILING][..], 1, ["--seed 5", "--seed 4"]),
        (&["--seed", HOLDING, "--order", "fifo", "--order", "seeded"], 0, ["--order fifo", "--order seeded"]),
        (&["--seed", HOLDING, "--with", "fix", "--against", ""], 0, ["--with fix", "no switch"]),
        (&["--seed", HOLDING, "--against", "fix"], 0, ["no switch", "--with fix"]),
        (&[&other, "--seed", HOLDING], 0, [&race, &other]),
    ] {
        let ran = check(&[&["bench", &race, "--time", "20ms"], arguments].concat(), exit);
        for (name, words) in ["A", "B"].iter().zip(sides) {
            assert!(ran.out.contains(&format!("\n{name}  {words}\n")), "{words}\n{}", ran.out);
        }
        let told = blanked(&ran.out);
        let is_told = [
            "no difference seen (ratio # … #), of # blocks",
            "a run of B takes # times as long as one of A (# … #), of #",
            "too few runs to compare: #",
        ];
        assert!(is_told.iter().any(|told_so| told.contains(told_so)), "{told}");
    }
    let same = measured(&["bench", &race, &race, "--seed", HOLDING, "--runs", "40"], 0);
    assert_eq!(same["a"]["fingerprint"], same["b"]["fingerprint"]);
    assert_eq!(same["a"]["run"]["runs"], 48);
    let few = measured(&["bench", &race, &race, "--seed", HOLDING, "--time", "1ns"], 0);
    assert_eq!((&few["difference"], &few["ratio"]), (&"too-few".into(), &serde_json::Value::Null));
}

#[test]
fn groups_are_made_larger_by_each_factor() {
    let group = write(&folder("bench-scale"), "group.ron", GROUP);
    let scaled = measured(&["bench", &group, "--scale", "1,10,80", "--runs", "2"], 0);
    assert_eq!(scaled["groups"], serde_json::json!(["rip"]));
    let steps = scaled["steps"].as_array().unwrap();
    let column = |key: &str| steps.iter().map(|step| step[key].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(column("clients"), [5, 32, 242]);
    assert_eq!(column("most_routes"), [3, 30, 240]);
    for growing in ["events", "peak_bytes", "allocations"] {
        let column = column(growing);
        assert!(column[0] * 4 < column[1] && column[1] * 3 < column[2], "{growing}: {column:?}");
    }
    let ran = check(&["bench", &group, "--scale", "1,10", "--runs", "2"], 0);
    let told = blanked(&ran.out);
    for line in [
        "factor clients events × events/s ns/event × bytes × pending routes",
        "# # # # # # # #",
        "# # # # # # # # # # #",
        "from # to #: # bytes for each route more, if all is put down to them",
    ] {
        assert!(told.lines().any(|told| told == line), "{line} is not in\n{told}");
    }
    // A member 300 has no address in 192.0.2.{n}.
    for (arguments, cause) in [
        (["--scale", "100"], "the scenario cannot be scaled by 100: "),
        (["--scale", "30000"], "the group `rip` would have 90000 members; 65535 are the most"),
    ] {
        let refused = check(&[&["bench", &group], &arguments[..]].concat(), 2);
        assert!(refused.err.contains(cause), "{}", refused.err);
    }
    let race = write(&folder("bench-scale-race"), "race.ron", RACE);
    let refused = check(&["bench", &race, "--scale", "2"], 2);
    assert!(refused.err.contains("nothing to scale"), "{}", refused.err);
}

#[test]
fn what_was_saved_is_compared_with() {
    let folder = folder("bench-saved");
    let race = write(&folder, "race.ron", RACE);
    let saved = folder.join("saved.json");
    let saved = saved.to_str().unwrap();
    let short = ["bench", &race, "--seed", HOLDING, "--time", "70ms"];
    let ran = check(&[&short[..], &["--save", saved]].concat(), 0);
    assert!(ran.out.contains("\nin 7 processes, one after the other\n"), "{}", ran.out);
    let document: serde_json::Value = serde_json::from_str(&fs::read_to_string(saved).unwrap()).unwrap();
    assert_eq!(document["measured"]["sittings"].as_array().unwrap().len(), 7);
    let ran = check(&[&short[..], &["--compare", saved]].concat(), 0);
    let (_, compared) = ran.out.split_once("\ncompared with ").unwrap();
    assert!(compared.contains(": 7 processes then, 7 now\n"), "{compared}");
    assert!(!compared.contains(" then, 1"), "what is exact is the same: {compared}");
    let changed = fs::read_to_string(saved).unwrap().replace("\"bytes\":", "\"bytes\":1");
    fs::write(saved, changed).unwrap();
    let compared = measured(&[&short[..], &["--compare", saved]].concat(), 0)["compared"].clone();
    assert!(
        compared["changes"][0].as_str().unwrap().starts_with("bytes allocated in a run: 1"),
        "{compared}"
    );
    fs::write(saved, "{}").unwrap();
    let refused = check(&["bench", &race, "--compare", saved], 2);
    assert!(
        refused.err.contains("was not written by `bench --save`: missing field `format`"),
        "{}",
        refused.err
    );
}

#[test]
fn what_cannot_go_together_is_refused() {
    let folder = folder("bench-refused");
    let race = write(&folder, "race.ron", RACE);
    let saved = folder.join("saved.json");
    let saved = saved.to_str().unwrap();
    for (arguments, cause) in [
        (&["--check-model"][..], "the reference model is not measured"),
        (&["--seed", "1", "--seed", "2", "--seed", "3"], "two sides can be compared"),
        (&["--against", "fix", "--save", saved], "two sides are compared with each other"),
        (&["--scale", "2", "--save", saved], "`--scale` measures several scenarios"),
        (&["--against", "fax"], "did you mean `fix`?"),
        (&["--runs", "0"], "write a whole number from 1 to "),
    ] {
        let refused = check(&[&["bench", &race], arguments].concat(), 2);
        assert!(refused.err.contains(cause), "{}", refused.err);
    }
    let replay = write(&folder, "replay.ron", REPLAY);
    let missing = check(&["bench", &replay], 2);
    assert!(missing.err.contains("own.csv"), "{}", missing.err);
    assert!(!folder.join("saved.json").exists());
}

/// A client that updates a route so many times in each of many steps; returns the path.
#[cfg(feature = "soak")]
fn busy(name: &str, updates: usize) -> String {
    let actions =
        "UpdateRoute(route: \"r\", metric: 2), UpdateRoute(route: \"r\", metric: 1), ".repeat(updates);
    let script = format!(
        "At(\"0s\", Register), At(\"0s\", AddNextHop(name: \"gw\", address: \"192.0.2.1\", interface: 1)), \
         At(\"0s\", AddRoute(name: \"r\", dest: \"10.0.0.0/8\", via: [\"gw\"], metric: 1)), \
         Every(from: \"1s\", period: \"1s\", times: 50, do: All([{actions}]))"
    );
    let client = format!("Client(name: \"rip\", protocol: \"RIP\", script: [{script}])");
    let text = format!("Scenario(format: 1, until: \"100s\", clients: [{client}])");
    write(&folder(name), "busy.ron", text)
}

/// Unchanged code is called neither slower nor faster in 19 of 20 pairs. A handler that does a tenth more is called slower in 18 if
/// both run in turn; with a file, one that does twice as much, because processes may differ by half.
/// Takes minutes, and a machine that has little else to do.
#[cfg(feature = "soak")]
#[test]
fn verdicts_are_right() {
    let [usual, slower, twice] = [("bench-usual", 10), ("bench-slower", 11), ("bench-twice", 20)]
        .map(|(name, updates)| busy(name, updates));
    let saved = folder("bench-verdicts").join("saved.json");
    let saved = saved.to_str().unwrap();
    let (mut in_turn, mut with_file) = ([0, 0], [0, 0]);
    let verdict = |arguments: &[&str], key: &str| {
        let ran = tiebreak(&[arguments, &["--format", "json"]].concat());
        let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let told = if key.is_empty() { &told } else { &told[key] };
        println!("{arguments:?}: {} {}", told["difference"], told["ratio"]);
        told["difference"].as_str().unwrap().to_owned()
    };
    for _ in 0..20 {
        in_turn[0] += u32::from(verdict(&["bench", &usual, &usual, "--time", "1s"], "") == "none");
        in_turn[1] += u32::from(verdict(&["bench", &usual, &slower, "--time", "1s"], "") == "slower");
        check(&["--quiet", "bench", &usual, "--time", "1s", "--save", saved], 0);
        with_file[0] +=
            u32::from(verdict(&["bench", &usual, "--time", "1s", "--compare", saved], "compared") == "none");
        with_file[1] += u32::from(
            verdict(&["bench", &twice, "--time", "1s", "--compare", saved], "compared") == "slower",
        );
    }
    println!("in turn: {in_turn:?}; with a file: {with_file:?}; of 20 each");
    assert!(in_turn[0] >= 19 && in_turn[1] >= 18, "in turn: {in_turn:?} of 20");
    assert!(with_file[0] >= 19 && with_file[1] >= 18, "with a file: {with_file:?} of 20");
}
