//! Scenarios written for a test, and the command run on them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Two clients announce the same route at the same instant: whoever is first stays best. The switch sets them apart.
pub(crate) const RACE: &str = r#"Scenario(
    format: 1,
    until: "20s",
    switches: ["fix"],
    clients: [
        Client(name: "a", protocol: "RIP", script: [
            At("0s", Register),
            At("0s", AddNextHop(name: "gw", address: "192.0.2.1", interface: 1)),
            At("10s", AddRoute(name: "r", dest: "10.0.0.0/8", via: ["gw"], metric: 3)),
        ]),
        Client(name: "b", protocol: "RIP", script: [
            At("0s", Register),
            At("0s", AddNextHop(name: "gw", address: "192.0.2.2", interface: 2)),
            Step(at: "10s", do: AddRoute(name: "r", dest: "10.0.0.0/8", via: ["gw"], metric: 3), without: "fix"),
            Step(at: "11s", do: AddRoute(name: "r", dest: "10.0.0.0/8", via: ["gw"], metric: 3), with: "fix"),
        ]),
        Observer(name: "fib"),
    ],
    expect: [Best(dest: "10.0.0.0/8", owner: "a", metric: 3)],
)
"#;

/// A seed under which `b` comes first in [`RACE`], so that its expectation is not met.
pub(crate) const FAILING: &str = "4";
/// A seed under which `a` comes first.
pub(crate) const HOLDING: &str = "5";

/// A client whose two routes to one destination expire together: both expiries have one name.
pub(crate) const TWINS: &str = r#"Scenario(
    format: 1,
    until: "60s",
    clients: [
        Client(name: "rip", protocol: "RIP", script: [
            At("0s", Register),
            At("0s", AddNextHop(name: "n1", address: "192.0.2.1", interface: 1)),
            At("0s", AddNextHop(name: "n2", address: "192.0.2.2", interface: 1)),
            At("1s", AddRoute(dest: "10.0.0.0/8", neighbour: "n1", metric: 1, expires_after: "30s")),
            At("1s", AddRoute(dest: "10.0.0.0/8", neighbour: "n2", metric: 1, expires_after: "30s")),
        ]),
    ],
)
"#;

/// A client that changes its route whenever it is told of a change of it.
pub(crate) const CIRCLE: &str = r#"Scenario(
    format: 1,
    until: "60s",
    clients: [
        Client(
            name: "rip",
            protocol: "RIP",
            script: [
                At("0s", Register),
                At("0s", AddNextHop(name: "gw", address: "192.0.2.1", interface: 1)),
                At("0s", RegisterForChanges(name: "n", types: [All])),
                At("0s", AddRoute(name: "r", dest: "10.0.0.0/8", via: ["gw"], metric: 1)),
            ],
            on: {
                ChangeNotification: [
                    Drain(changes: "n"),
                    After("0s", [
                        When(Flag("odd"), [Clear("odd"), UpdateRoute(route: "r", metric: 1)]),
                        When(Not(Flag("odd")), [Set("odd"), UpdateRoute(route: "r", metric: 2)]),
                    ]),
                ],
            },
        ),
    ],
)
"#;

/// A scenario that replays a recording.
pub(crate) const REPLAY: &str = r#"Scenario(
    format: 1,
    until: "1h",
    clients: [Observer(name: "fib"), Feed(name: "updates", file: "own.csv")],
)
"#;

/// A recording of two peers.
pub(crate) const RECORDING: &str = "\
unix_s,us,peer,op,prefix,next_hop,as_path_len,origin_as
100,0,192.0.2.1,A,10.0.0.0/8,192.0.2.9,3,64500
101,0,192.0.2.2,A,10.0.0.0/8,192.0.2.2,2,64501
102,0,2001:db8::1,A,2001:db8::/32,2001:db8::1,4,64500
103,0,192.0.2.2,S,6>1,,,
";

/// What a process left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// What is the same in every run: the code and standard output, but not how long it took.
    pub(crate) fn results(&self) -> (Option<i32>, &str) {
        (self.code, &self.out)
    }

    /// The last line of standard output.
    pub(crate) fn last_line(&self) -> &str {
        self.out.lines().last().unwrap_or_default()
    }
}

/// The command, not started.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tiebreak"));
    command.args(arguments).env_remove("NO_COLOR").env_remove("CARGO_PKG_NAME").stdin(Stdio::null());
    if arguments.first() == Some(&"fuzz") {
        // Finds are kept only where a test asks for it.
        command.env("CI", "true");
    }
    command
}

/// Runs the command.
pub(crate) fn tiebreak(arguments: &[&str]) -> Ran {
    ran(&mut command(arguments))
}

/// Starts a command, and waits for its end.
pub(crate) fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// Runs the command and checks its exit code.
pub(crate) fn check(arguments: &[&str], code: i32) -> Ran {
    let ran = tiebreak(arguments);
    assert_eq!(ran.code, Some(code), "{arguments:?}\n{}\n{}", ran.out, ran.err);
    ran
}

/// Runs a line of a shell's, without the shell.
pub(crate) fn paste(line: &str) -> Ran {
    let words = shlex::split(line).unwrap();
    assert_eq!(words.first().map(String::as_str), Some("tiebreak"), "{line}");
    tiebreak(&words[1..].iter().map(String::as_str).collect::<Vec<_>>())
}

/// A folder of one test's own, empty.
pub(crate) fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("command").join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Writes a file; returns its path.
pub(crate) fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}
