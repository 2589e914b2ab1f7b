//! What a small or endless file may cost, and which files a scenario may read.

use core::time::Duration;
use std::fs::{self, File};
use std::io::Write as _;
use std::time::Instant;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::house::{HOLDING, RACE, RECORDING, REPLAY, check, command, folder, ran, write};

/// The verbs that take a scenario and read the recordings of its feeds.
const VERBS: [&str; 9] = ["run", "check", "test", "fuzz", "races", "explore", "suspects", "show", "bench"];

#[test]
#[cfg(unix)]
fn devices_without_end_are_read_up_to_a_bound() {
    let scenario = "it is larger than 8 MiB, the limit for a scenario; write groups";
    for arguments in
        [&["run"][..], &["check"], &["test"], &["fuzz"], &["show"], &["diff", "/dev/zero"], &["replay"]]
    {
        let ran = check(&[arguments, &["/dev/zero"]].concat(), 2);
        let said = ran.out + &ran.err;
        assert!(said.contains("cannot read /dev/zero: ") && said.contains(scenario), "{arguments:?}: {said}");
    }
    let ran = ran(command(&["run", "-"]).stdin(File::open("/dev/zero").unwrap()));
    assert!(ran.code == Some(2) && ran.err.contains(scenario), "{}", ran.err);
}

#[test]
#[cfg(unix)]
fn a_recording_without_end_is_read_up_to_its_first_long_line() {
    let file = write(&folder("bounds-recording"), "replay.ron", REPLAY);
    let ran = check(&["run", &file, "--input", "updates=/dev/zero"], 2);
    assert!(ran.err.contains("error[S098]: the line is longer than 65536 bytes"), "{}", ran.err);
    assert!(ran.err.contains("/dev/zero:1:1") && ran.err.contains("write one update a line"), "{}", ran.err);
}

#[test]
fn a_packed_line_without_end_is_refused_where_it_stands() {
    let folder = folder("bounds-packed");
    let file = write(&folder, "replay.ron", REPLAY);
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(RECORDING.as_bytes()).unwrap();
    for _ in 0..1 << 12 {
        packed.write_all(&[b','; 1 << 12]).unwrap();
    }
    write(&folder, "own.csv", packed.finish().unwrap());
    let ran = check(&["run", &file], 2);
    assert!(ran.err.contains("own.csv:6:1") && ran.err.contains("error[S098]"), "{}", ran.err);
}

#[test]
fn a_hundred_thousand_parentheses_that_are_never_closed_are_three_mistakes() {
    let file = write(&folder("bounds-nested"), "nested.ron", "Feed(".repeat(100_000));
    for verb in ["check", "run"] {
        let ran = check(&[verb, &file], 2);
        let said = ran.out + &ran.err;
        assert_eq!(said.matches("error[").count(), 3, "{verb}: {said}");
        assert!(said.len() < 2_000, "{verb}: {}", said.len());
    }
}

#[test]
fn a_snapshot_and_a_saved_measurement_are_read_up_to_a_bound() {
    let folder = folder("bounds-beside");
    let text = RACE.replace("format: 1,", "format: 1, seed: 5, snapshots: [Whole],");
    let file = write(&folder, "race.ron", text);
    // They take no room on the disk.
    let large = |name: &str| {
        let path = folder.join(name);
        File::create(&path).and_then(|file| file.set_len((64 << 20) + 1)).unwrap();
        path.display().to_string()
    };
    let snapshot = large("race.snap");
    let ran = check(&["test", &file], 2);
    let said = ran.out + &ran.err;
    assert!(said.contains("it is larger than 64 MiB, the limit for a kept snapshot; remove it"), "{said}");
    fs::remove_file(snapshot).unwrap();
    let ran = check(&["bench", &file, "--runs", "1", "--time", "1ms", "--compare", &large("saved.json")], 2);
    assert!(ran.err.contains("it is larger than 64 MiB, the limit for a saved measurement"), "{}", ran.err);
}

/// Files that begin as what they are taken for and are a byte larger than may be read of it: each is refused by its length, so
/// that it costs neither time nor memory. They take no room on the disk.
#[test]
fn what_is_read_of_each_kind_of_file_has_a_limit() {
    let folder = folder("bounds-kinds");
    let race = write(&folder, "race.ron", RACE);
    let replay = write(&folder, "replay.ron", REPLAY);
    let [packed, prints, ndjson] =
        ["race.tbt", "race.json", "race.ndjson"].map(|name| folder.join(name).display().to_string());
    check(&["run", &race, "--seed", HOLDING, "--trace", &packed, "--fingerprints", &prints], 0);
    check(&["run", &race, "--seed", HOLDING, "--trace", &ndjson, "--format", "ndjson"], 0);
    let recording = write(&folder, "large.csv", RECORDING);
    let grow = |path: &str, mebibytes: u64| {
        File::options().write(true).open(path).and_then(|file| file.set_len((mebibytes << 20) + 1)).unwrap();
    };
    grow(&packed, 2048);
    grow(&ndjson, 2048);
    grow(&prints, 256);
    grow(&recording, 512);
    grow(&race, 8);
    let trace = "it is larger than 2048 MiB, the limit for a trace; end the run earlier with `--until`";
    let of_prints = "it is larger than 256 MiB, the limit for a file of fingerprints; write it again";
    let of_recording = "it is larger than 512 MiB, the limit for an unpacked recording; split it";
    let of_scenario = "it is larger than 8 MiB, the limit for a scenario; write groups";
    let input = format!("updates={recording}");
    for (arguments, said) in [
        (&["show", &packed][..], trace),
        (&["show", &ndjson], trace),
        (&["diff", &packed, &replay], trace),
        (&["diff", &prints, &replay], of_prints),
        (&["run", &replay, "--input", &input], of_recording),
        (&["run", &race], of_scenario),
        (&["replay", &race], of_scenario),
    ] {
        let begun = Instant::now();
        let ran = check(arguments, 2);
        let all = ran.out + &ran.err;
        assert!(all.contains(said), "{arguments:?}: {all}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{arguments:?}: {:?}", begun.elapsed());
    }
}

#[test]
fn mistakes_beyond_a_hundred_are_counted_and_those_of_a_long_line_are_short() {
    let folder = folder("bounds-drawing");
    let misspelt = "At(\"0s\", Registr), ".repeat(2_000);
    let text = RACE.replacen("At(\"0s\", Register),", &misspelt, 1);
    let file = write(&folder, "misspelt.ron", text);
    let ran = check(&["check", &file], 2);
    assert_eq!(ran.out.matches("error[S014]").count(), 100, "{}", ran.out.len());
    assert!(ran.out.contains("and 900 more diagnostics of "), "{}", &ran.out[ran.out.len() - 300..]);
    assert!(ran.out.contains("error: there are 1"), "{}", &ran.out[ran.out.len() - 300..]);
    assert!(ran.out.len() < 200_000, "{}", ran.out.len());
}

#[test]
fn a_recording_outside_the_folder_of_its_scenario_needs_leave() {
    let folder = folder("bounds-outside");
    fs::create_dir_all(folder.join("in/below")).unwrap();
    let outside = write(&folder, "own.csv", RECORDING);
    write(&folder, "in/below/own.csv", RECORDING);
    let named = |name: &str, recording: &str| write(&folder, name, REPLAY.replace("own.csv", recording));
    let mut refused = vec![named("in/up.ron", "../own.csv"), named("in/down-up.ron", "below/../../own.csv")];
    refused.extend([named("in/absolute.ron", &outside), named("in/absent.ron", "../../absent.csv")]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../own.csv", folder.join("in/link.csv")).unwrap();
        refused.push(named("in/link.ron", "link.csv"));
    }
    for file in &refused {
        for verb in VERBS {
            let ran = check(&[verb, file], 2);
            let said = ran.out + &ran.err;
            assert!(said.contains("error[C004]"), "{verb} {file}: {said}");
            assert!(
                said.contains("allow it with `--allow-outside`, or replay it with `--input updates=PATH`"),
                "{said}"
            );
        }
    }
    for inside in ["below/own.csv", "./below/../below/own.csv", "../in/below/own.csv"] {
        check(&["run", &named("in/inside.ron", inside)], 0);
    }
    let allowed = check(&["run", &refused[0], "--allow-outside"], 0);
    assert!(allowed.last_line().ends_with(" --allow-outside"), "{}", allowed.out);
    let given = check(&["run", &refused[0], "--input", &format!("updates={outside}")], 0);
    assert!(!given.out.contains("--allow-outside"), "{}", given.out);
    check(&["check", &refused[0], "--allow-outside"], 0);
}

/// A scenario with this beside its clients, and this in its only client.
fn scenario(beside: &str, inside: &str, script: &str) -> String {
    format!(
        r#"Scenario(format: 1, until: "1h", {beside} clients: [
            Client(name: "c", protocol: "RIP", {inside} script: [At("0s", Register), {script}]),
        ])"#
    )
}

/// Each of these took a minute when it was compared with each other one.
#[test]
fn many_of_a_kind_take_time_in_proportion() {
    let list = |count: u32, part: fn(u32) -> String| (0..count).map(part).collect::<String>();
    let switches = |count| format!("switches: [{}],", list(count, |number| format!("\"s{number}\",")));
    let also =
        |count| format!("also: [{}],", list(count, |number| format!("Registration(name: \"x{number}\"),")));
    let with = |count| list(count, |number| format!("At(\"1s\", With(\"s{number}\", [Register])),"));
    let without = |count| list(count, |number| format!("At(\"1s\", With(\"t{number}\", [Register])),"));
    let acting = |count| list(count, |number| format!("At(\"1s\", As(\"x{number}\", [Register])),"));
    let other = |count| list(count, |number| format!("At(\"1s\", As(\"y{number}\", [Register])),"));
    let feeds = list(20_000, |number| format!("Feed(name: \"f{number}\", file: \"f.csv\"),"));
    let peers = list(20_000, |number| format!("Never(\"f{number}@192.0.2.1/update(*)\"),"));
    for text in [
        scenario(&switches(200_000), "", ""),
        scenario(&switches(50_000), "", &with(50_000)),
        scenario(&switches(20_000), "", &without(20_000)),
        scenario("", &also(30_000), ""),
        scenario("", &also(30_000), &acting(30_000)),
        scenario("", &also(20_000), &other(20_000)),
        format!("Scenario(format: 1, until: \"1h\", clients: [{feeds}], expect: [{peers}])"),
    ] {
        let file = write(&folder("bounds-many"), "many.ron", &text);
        let begun = Instant::now();
        let ran = ran(&mut command(&["check", &file]));
        assert!(ran.code.is_some_and(|code| code <= 2), "{}", ran.err);
        assert!(begun.elapsed() < Duration::from_secs(20), "{}: {:?}", &text[..90], begun.elapsed());
    }
}
