//! The bytes under a plan's digest change if, and only if, what runs changes.

use tiebreak_scenario::{Plan, load};

const EVERYTHING: &str = include_str!("valid/everything.ron");

/// A plan whose bytes are short enough to be read.
const SMALL: &str = r#"Scenario(
    format: 1,
    until: "1s",
    clients: [
        Client(name: "ab", protocol: "RIP", script: [
            At("2ns", Register),
            Every(from: "1ns", period: "3ns", times: 2, do: Lookup(dest: "10.0.0.0/8"), label: "l"),
        ], on: { ChangeNotification: [], RouteExpired: [Return(NotSupported)] }),
        Observer(name: "o"),
        Feed(name: "f", file: "g"),
    ],
)"#;

/// The bytes of `SMALL`, by hand from the grammar in the module's documentation: a number in brackets is a u64, a text in
/// quotes stands behind its length.
const SMALL_BYTES: &str = r#"
    01
    01 [1000000000]
    03 [3]
        01 01 "ab" 02 [8] 08 [2]
            01 01 [2] 04 01 00 05 "register#1" 00
            02 01 [1] 02 [3] 03 [2] 04 14 01 04 0a 00 00 00 [8] 00 05 "l" 00
            0b [1] 19 01 [50] 00
            0c [0]
            00
        02 01 "o" 00
        03 01 "f" 02 "g" 00
    00
"#;

/// All ways to set the switches of `EVERYTHING` that matter.
const SWITCHES: [&[&str]; 4] = [&[], &["fix"], &["slow"], &["fix", "slow"]];

fn plan(text: &str) -> Plan {
    match load(text) {
        Ok(loaded) => loaded.plan,
        Err(mistakes) => {
            let lines: Vec<String> = mistakes.iter().map(|mistake| mistake.line("f", text)).collect();
            panic!("{}\n{text}", lines.join("\n"))
        }
    }
}

fn bytes_of_each(text: &str) -> [Vec<u8>; 4] {
    let plan = plan(text);
    SWITCHES.map(|on| {
        let on: Vec<&str> =
            on.iter().copied().filter(|name| plan.switches.iter().any(|known| known == name)).collect();
        plan.with_switches(&on).expect("they exist").digest_bytes()
    })
}

/// Returns `text` with the first `from` replaced.
fn edited(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "there is no {from:?} to edit");
    text.replacen(from, to, 1)
}

fn check_same(text: &str, edits: &[(&str, &str)]) {
    for (from, to) in edits {
        assert!(
            bytes_of_each(&edited(text, from, to)) == bytes_of_each(text),
            "{from:?} to {to:?} must leave the bytes alone"
        );
    }
}

fn check_different(text: &str, edits: &[(&str, &str)]) {
    for (from, to) in edits {
        assert!(
            bytes_of_each(&edited(text, from, to)) != bytes_of_each(text),
            "{from:?} to {to:?} must change the bytes"
        );
    }
}

/// Returns a scenario with these clients.
fn with_clients(head: &str, clients: &str) -> String {
    format!("Scenario(format: 1, until: \"60s\", {head} clients: [{clients}])")
}

fn bytes_of_clients(clients: &str) -> Vec<u8> {
    plan(&with_clients("", clients)).digest_bytes()
}

fn check_same_clients(one: &str, other: &str) {
    assert!(bytes_of_clients(one) == bytes_of_clients(other), "must have the same bytes:\n{one}\n{other}");
}

fn check_different_clients(one: &str, other: &str) {
    assert!(bytes_of_clients(one) != bytes_of_clients(other), "must have different bytes:\n{one}\n{other}");
}

/// Turns the notation of `SMALL_BYTES` into bytes.
fn assemble(notation: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in notation.split_whitespace() {
        if let Some(number) = word.strip_prefix('[').and_then(|word| word.strip_suffix(']')) {
            bytes.extend(number.parse::<u64>().expect("a number").to_le_bytes());
        } else if let Some(text) = word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
            bytes.extend((text.len() as u64).to_le_bytes());
            bytes.extend(text.as_bytes());
        } else {
            bytes.push(u8::from_str_radix(word, 16).expect("a byte"));
        }
    }
    bytes
}

#[test]
fn bytes_of_a_small_plan_are_what_the_grammar_says() {
    assert_eq!(plan(SMALL).digest_bytes(), assemble(SMALL_BYTES));
}

#[test]
fn bytes_of_the_whole_language_are_what_they_always_were() {
    let bytes = plan(EVERYTHING).with_switches(&["fix", "slow"]).expect("they exist").digest_bytes();
    let lines: Vec<String> = bytes.chunks(32).map(|chunk| chunk.escape_ascii().to_string()).collect();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("digest_bytes", lines.join("\n"));
    });
}

#[test]
fn what_only_people_read_or_the_header_names_changes_nothing() {
    check_same(
        EVERYTHING,
        &[
            ("Every part of the language at least once", "Reworded"),
            ("expect: Fails(monitor: \"no-callback-to-the-gone\"", "expect: Passes(monitor: \"limit\""),
            ("run: 17", "run: 18"),
            ("limit: 5000000,", ""),
            ("misbehaves: true,", ""),
            ("seed: 0x2a", "seed: 43"),
            ("metric: 3),\n        Best", "metric: 4),\n        Best"),
            ("Never(\"rip*/RtmLockRoute(*)\"),", ""),
            ("at: \"31s\"),\n        Within", "at: \"32s\"),\n        Within"),
            ("status: NotFound", "status: AccessDenied"),
            ("Whole, Actor(\"rip1\")", "Actor(\"rip1\")"),
            ("Window(from: \"30s\", to: \"30s\")", "Window(from: \"30s\", to: \"31s\")"),
            ("[\"fix\", \"slow\"]", "[\"slow\", \"unused\", \"fix\"]"),
        ],
    );
    let edits = [
        ("format: 1,", "format: 1, about: \"new\","),
        ("until", "expect: [Never(\"ab/step\")], until"),
        ("until", "snapshots: [Actor(\"ab\"), Kind(\"step\")], until"),
        ("until", "order: fifo, seed: 7, switches: [\"s\"], until"),
    ];
    check_same(SMALL, &edits);
}

#[test]
fn defaults_and_other_notations_of_the_same_plan_change_nothing() {
    check_same(
        EVERYTHING,
        &[
            ("until: \"1m\"", "until: \"60s\""),
            ("\"RIP\"", "8"),
            ("name: \"quiet\"", "name: \"quiet\", instance: 0, family: ipv4, on: {}"),
            ("entity: 7,", "entity: 0x7, instance: 0, family: ipv4, callback: true,"),
            ("At(\"0s\", Register)", "Step(at: \"0s\", do: Register, label: \"register#1\")"),
            ("At(\"33s\", ", "At(\"33s\", /* a comment */ "),
            ("AddRoute(dest: \"0.0.0.0/0\",", "AddRoute(via: [], dest: \"0.0.0.0/0\","),
            ("via: [\"gw\"], metric: 3", "via: [\"gw\"], views: [ucast], mode: Auto, metric: 3"),
            (
                "Lookup(dest: \"10.0.0.0/8\")",
                "Lookup(dest: \"10.0.0.0/8\", match: Exact, views: [ucast], protocol: Best)",
            ),
            ("2001:DB8::1", "2001:db8:0::1"),
            ("Return(NotSupported)", "Return(50)"),
            (
                "Observer(name: \"fib\"",
                "Observer(name: \"fib\", at: \"0s\", protocol: \"NETMGMT\", instance: 0, family: ipv4, types: [Best], views: [ucast]",
            ),
            (
                "file: \"recorded-updates.csv\"",
                "file: \"recorded-updates.csv\", at: \"0s\", protocol: \"BGP\", instance: 0",
            ),
            ("only: [\"net3\", \"net299\"]", "only: [\"net299\", \"net3\"]"),
        ],
    );
    let changes = "Client(name: \"a\", protocol: \"RIP\", script: [At(\"0s\", RegisterForChanges(name: \"n\", types: [All]))])";
    let written = "types: [All], views: [ucast], only_marked: false, suppress_own: false, context: 0";
    check_same_clients(changes, &edited(changes, "types: [All]", written));
}

#[test]
fn kept_members_of_a_group_are_the_same_clients_written_out() {
    let group = r#"Client(name: "r", protocol: "RIP", count: 3, only: ["r3", "r1"], script: [
        At("0s", AddRoute(name: "r{n}", dest: "10.0.{n}.0/24", metric: 1)),
    ])"#;
    let member = |n| {
        format!(
            r#"Client(name: "r{n}", protocol: "RIP", script: [At("0s", AddRoute(name: "r{n}", dest: "10.0.{n}.0/24", metric: 1))])"#
        )
    };
    check_same_clients(group, &[member(1), member(3)].join(","));
    check_different_clients(group, &[member(3), member(1)].join(","));
    check_different_clients(group, &[member(1), member(2), member(3)].join(","));
    let all = edited(group, "only: [\"r3\", \"r1\"], ", "");
    check_same_clients(&all, &[member(1), member(2), member(3)].join(","));
    check_different_clients(&all, group);
}

#[test]
fn resolved_switches_are_the_same_steps_written_out() {
    let client = |script: &str, on: &str| {
        format!("Client(name: \"a\", protocol: \"RIP\", script: [{script}], on: {{ {on} }})")
    };
    let script = r#"At("0s", Register), Step(at: "1s", do: ListEntities, with: "x"),
        Step(at: "2s", do: Deregister, without: "x"), At("3s", All([With("x", [Set("f")]), Without("x", [Clear("f")])]))"#;
    let switched = client(script, "RouteExpired: [With(\"x\", [Return(7)])]");
    let switched = plan(&with_clients("switches: [\"x\", \"y\"],", &switched));
    let bytes = |script: &str, on: &str| plan(&with_clients("", &client(script, on))).digest_bytes();

    let off = r#"At("0s", Register), At("2s", Deregister),
        Step(at: "3s", do: All([Clear("f")]), label: "set(f)#1")"#;
    let off = bytes(off, "");
    assert_eq!(switched.with_switches(&[]).expect("none").digest_bytes(), off);
    assert_eq!(switched.with_switches(&["y"]).expect("it exists").digest_bytes(), off);
    assert_eq!(switched.digest_bytes(), off, "a switch that nobody turned on is off");

    let on = r#"At("0s", Register), At("1s", ListEntities),
        Step(at: "3s", do: All([Set("f")]), label: "set(f)#1")"#;
    let on = bytes(on, "RouteExpired: [Return(7)]");
    assert_eq!(switched.with_switches(&["x"]).expect("it exists").digest_bytes(), on);
    assert_ne!(on, off);
}

#[test]
fn whatever_scenarios_and_clients_say_of_the_run_changes_the_bytes() {
    check_different(
        EVERYTHING,
        &[
            ("until: \"1m\"", "until: \"2m\""),
            ("    delivery: Drawn(min: \"1ms\", max: \"5ms\"),\n", ""),
            ("takes: Constant(\"2ms\"),", ""),
            ("takes: Drawn(min: \"1ms\", max: \"9ms\"),", ""),
            ("max: \"9ms\"", "max: \"8ms\""),
            (", takes: Constant(\"3s\")", ""),
            ("Pause(\"5ms\"), ", ""),
            ("Pause(\"5ms\")", "Pause(\"6ms\")"),
            ("Drawn(min: \"1ms\", max: \"5ms\")", "Constant(\"1ms\")"),
            ("min: \"1ms\"", "min: \"2ms\""),
            ("max: \"5ms\"", "max: \"6ms\""),
            ("name: \"more\"", "name: \"less\""),
            ("file: \"more.csv\"", "file: \"less.csv\""),
            ("file: \"more.csv\", at: \"1s\"", "file: \"more.csv\", at: \"2s\""),
            ("protocol: 99", "protocol: 98"),
            ("instance: 3", "instance: 4"),
            ("Registration(name: \"quiet\", callback: false),", ""),
            ("name: \"quiet\"", "name: \"still\""),
            ("name: \"quiet\", callback: false", "name: \"quiet\""),
            ("name: \"quiet\"", "name: \"quiet\", family: ipv6"),
            ("instance: 4, ", ""),
            ("entity: 8", "entity: 9"),
            ("[As(\"main\", [Lookup(dest: \"10.0.0.0/8\")])]", "[]"),
            ("As(\"main\", [Lookup(dest: \"10.0.0.0/8\")])", "As(\"quiet\", [Lookup(dest: \"10.0.0.0/8\")])"),
            ("As(\"main\", [Lookup(dest: \"10.0.0.0/8\")])", "All([Lookup(dest: \"2001:db8::/32\")])"),
            ("name: \"fib6\"", "name: \"fib7\""),
            ("at: \"1s\", protocol: \"LOCAL\"", "protocol: \"LOCAL\""),
            ("\"LOCAL\"", "\"BGP\""),
            ("instance: 1", "instance: 0"),
            ("family: ipv6, entity: 3", "entity: 3"),
            ("entity: 3", "entity: 0"),
            ("types: [All], views: [ucast, mcast]", "types: [All, Best], views: [ucast, mcast]"),
            ("views: [ucast, mcast], delivery", "views: [ucast], delivery"),
            ("delivery: Constant(\"1s\")", "delivery: Constant(\"2s\")"),
            (", delivery: Constant(\"1s\"),", ","),
            ("Observer(name: \"fib\"),", ""),
            ("\"RIP\"", "\"OSPF\""),
            ("entity: 7,", ""),
            ("delivery: Constant(\"5ms\"),", ""),
            ("delivery: Constant(\"5ms\"),", "delivery: None,"),
            ("name: \"rip7\"", "name: \"rip7\", delivery: Constant(\"5ms\")"),
            ("instance: 2,", ""),
            ("callback: false,", ""),
            ("[\"net3\", \"net299\"]", "[\"net3\", \"net298\"]"),
            ("192.0.{n/256}.{n%256}", "192.1.{n/256}.{n%256}"),
            ("delivery#2\", 4", "delivery#2\", 5"),
            ("Draw(Of(\"rip1/delivery\"", "Draw(Of(\"rip1/jitter\""),
            ("Draw(Of(\"rip1/delivery\", \"rip1/expiry(10.0.0.0/8)#2\")", "Draw(\"rip1/delivery\""),
            ("Draw(FromOutside(\"rip1/jitter#2\")", "Draw(\"rip1/jitter#2\""),
            ("Before(FromOutside(\"rip1/step(register#1)\")", "Before(\"rip1/step(register#1)\""),
            ("Draw(\"rip1/delivery#2\"", "Draw(\"rip1/delivery#1\""),
            ("Draw(\"rip1/delivery#2\"", "Draw(\"rip1/jitter#2\""),
            ("Yes(\"rip1/jitter#3\")", "No(\"rip1/jitter#3\")"),
            ("        Quiet,\n", ""),
            ("Before(\"rip1/expiry(10.0.0.0/8)#1\"", "Before(\"rip1/expiry(10.0.0.0/8)#2\""),
            ("Of(\"rip1/route-expired(10.0.0.0/8)#2\"", "Of(\"rip1/route-expired(10.0.0.0/8)\""),
            ("Of(\"rip1/expiry(10.0.0.0/8)\", \"rip1/step(register#1)\")", "\"rip1/expiry(10.0.0.0/8)\""),
        ],
    );
    check_different_clients(
        "Client(name: \"a\", protocol: \"RIP\")",
        "Client(name: \"b\", protocol: \"RIP\")",
    );
    check_different_clients(
        "Client(name: \"a\", protocol: \"RIP\")",
        "Client(name: \"a\", protocol: \"RIP\", family: ipv6)",
    );
    check_different_clients(
        "Client(name: \"a\", protocol: \"NETMGMT\")",
        "Observer(name: \"a\", protocol: \"NETMGMT\")",
    );
    check_different_clients(
        "Observer(name: \"a\"), Observer(name: \"b\")",
        "Observer(name: \"b\"), Observer(name: \"a\")",
    );
}

#[test]
fn whatever_a_script_says_changes_the_bytes() {
    check_different(
        EVERYTHING,
        &[
            ("At(\"0s\", Register),", ""),
            ("AddRoute(dest: \"changed\", metric: 9)", "AddRoute(dest: \"10.0.0.0/8\", metric: 9)"),
            ("Unreachable(\"changed\")", "Unreachable(\"10.0.0.0/8\")"),
            ("Unreachable(\"changed\")", "Reachable(\"changed\")"),
            (", jitter: \"100ms\"", ""),
            ("jitter: \"100ms\"", "jitter: \"101ms\""),
            (", while: Not(Flag(\"seen\"))", ""),
            ("while: Not(Flag(\"seen\"))", "while: Flag(\"seen\")"),
            ("Cancel(\"late\"),", ""),
            ("At(\"30s\"", "At(\"29s\""),
            ("interface: 1", "interface: 2"),
            ("address: \"192.0.2.1\"", "address: \"192.0.2.2\""),
            ("AddRoute(dest: \"0.0.0.0/0\"", "AddRoute(name: \"r2\", dest: \"0.0.0.0/0\""),
            ("AddRoute(name: \"r\", dest: \"10.0.0.0/8\"", "AddRoute(name: \"r\", dest: \"10.0.0.0/9\""),
            ("via: [\"gw\"], metric: 3", "metric: 3"),
            ("metric: 3", "metric: 2"),
            ("expires_after: \"30s\"", "expires_after: \"31s\""),
            (", expires_after: \"30s\"", ""),
            ("preference: 9", "preference: 8"),
            ("preference: 9, neighbour: \"gw\"", "preference: 9"),
            ("views: [ucast, mcast], flags: 0x10", "flags: 0x10"),
            ("views: [ucast, mcast], flags: 0x10", "views: [], flags: 0x10"),
            ("flags: 0x10", "flags: 0x11"),
            ("flags: 0x10", "flags: 0"),
            (", flags: 0x10", ""),
            ("mode: New", "mode: First"),
            (", mode: New", ""),
            ("UpdateRoute(route: \"r\", metric: 4, ", "UpdateRoute(route: \"r\", "),
            (
                "UpdateRoute(route: \"r\", metric: 4, preference: 5",
                "UpdateRoute(route: \"r\", metric: 4, preference: 6",
            ),
            ("via: [], neighbour", "neighbour"),
            ("via: [], neighbour", "via: [\"gw\"], neighbour"),
            ("via: [], neighbour: \"gw\"", "via: []"),
            ("views: [mcast], flags: 1", "flags: 1"),
            ("flags: 1,", ""),
            ("expires_after: \"1s\"", "expires_after: \"2s\""),
            ("EditRoute(route: \"r\", metric: 4, ", "EditRoute(route: \"r\", "),
            ("EditRoute(route: \"r\", metric: 4, preference: 5, ", "EditRoute(route: \"r\", metric: 4, "),
            ("via: [\"gw\"], neighbour", "neighbour"),
            ("via: [\"gw\"], neighbour: \"gw\"", "via: [\"gw\"]"),
            ("views: [mcast], expires_after", "views: [], expires_after"),
            ("HoldRoute", "ReleaseRoute"),
            ("match: Longest, ", ""),
            ("views: [], protocol: This", "protocol: This"),
            ("protocol: This", "protocol: Best"),
            ("protocol: \"OSPF\"", "protocol: This"),
            ("protocol: 4242", "protocol: 4243"),
            ("All([Set(\"seen\"), ", "All(["),
            ("[Clear(\"seen\")]", "[Set(\"seen\")]"),
            ("When(Flag(\"seen\"), [Clear(\"seen\")])", "Clear(\"seen\")"),
            ("After(\"1ms\"", "After(\"2ms\""),
            ("label: \"late-delete\"", "label: \"delete\""),
            ("label: \"late-delete\", with: \"fix\"", "label: \"late-delete\""),
            ("With(\"slow\", [Register])", "With(\"slow\", [Register, Register])"),
            (", without: \"fix\"", ""),
            ("from: \"1s\"", "from: \"2s\""),
            ("period: \"10s\"", "period: \"11s\""),
            ("times: 5", "times: 4"),
            ("label: \"tick\"", "label: \"tack\""),
            ("At(\"60s\", Deregister)", "At(\"60s\", Register)"),
        ],
    );
}

#[test]
fn whatever_a_reaction_says_changes_the_bytes() {
    check_different(
        EVERYTHING,
        &[
            ("Drain(changes: \"notified\")", "Drain(changes: \"n\")"),
            ("max: 3", "max: 4"),
            ("Notified(\"n\")", "Flag(\"n\")"),
            (
                "[Ignore(changes: \"n\", dest: \"10.0.0.0/8\")]",
                "[Ignore(changes: \"n\", dest: \"10.0.0.0/9\")]",
            ),
            ("Not(Unreachable(\"10.0.0.0/8\"))", "Unreachable(\"10.0.0.0/8\")"),
            ("Not(Unreachable(\"10.0.0.0/8\"))", "Reachable(\"10.0.0.0/8\")"),
            ("Covered(\"10.0.0.0/16\")", "Reachable(\"10.0.0.0/16\")"),
            ("Covered(\"10.0.0.0/16\")", "Covered(\"10.0.0.0/15\")"),
            ("ChangeStatus(changes: \"n\", dest: \"10", "ChangeStatus(changes: \"n\", dest: \"11"),
            ("Mark(changes: \"n\", dest: \"10", "Mark(changes: \"n\", dest: \"11"),
            ("Unmark(", "Mark("),
            ("IsMarked(", "Unmark("),
            ("\"rip7\"), [Dereg", "\"rip1\"), [Dereg"),
            ("Expired(\"10", "Expired(\"11"),
            ("EditRoute(route: \"expired\")", "EditRoute(route: \"r\")"),
            ("ReleaseEventRoute, ", ""),
            ("Return(NotSupported)", "Return(51)"),
            (", Return(NoError)]", "]"),
            ("About(\"net3\")", "About(\"net299\")"),
            ("types: [All, Best, Forwarding]", "types: [All, Best]"),
            ("views: [mcast], only_marked", "only_marked"),
            ("only_marked: true, ", ""),
            ("suppress_own: true, ", ""),
            ("context: 99", "context: 98"),
            (", EntityInfo]", "]"),
            ("With(\"fix\", [AddRoute", "Without(\"fix\", [AddRoute"),
            ("AccessDenied", "NotFound"),
            (
                "\"late\"),\n                    Cancel(\"late\"),",
                "\"later\"),\n                    Cancel(\"later\"),",
            ),
            ("EntityRegistered: [When(About(\"net3\"), [", "EntityRegistered: [When(Not(About(\"net3\")), ["),
        ],
    );
    let reaction =
        |event: &str| format!("Client(name: \"a\", protocol: \"RIP\", on: {{ {event}: [Set(\"f\")] }})");
    let events = ["EntityRegistered", "EntityDeregistered", "RouteExpired", "ChangeNotification"];
    for (index, event) in events.iter().enumerate() {
        for other in &events[..index] {
            check_different_clients(&reaction(event), &reaction(other));
        }
    }
}

#[test]
fn texts_and_lists_do_not_run_into_each_other() {
    let feed = |name: &str, file: &str| format!("Feed(name: \"{name}\", file: \"{file}\")");
    check_different_clients(&feed("ab", "c"), &feed("a", "bc"));
    let names = |one: &str, other: &str| format!("Observer(name: \"{one}\"), Observer(name: \"{other}\")");
    check_different_clients(&names("ab", "c"), &names("a", "bc"));
    let hop = |name: &str| {
        format!("At(\"0s\", AddNextHop(name: \"{name}\", address: \"192.0.2.1\", interface: 1))")
    };
    let hops = ["a", "ab", "bc", "c"].map(hop).join(",");
    let via = |names: &str| {
        let route = format!("At(\"0s\", AddRoute(dest: \"10.0.0.0/8\", metric: 1, via: [{names}]))");
        format!("Client(name: \"a\", protocol: \"RIP\", script: [{hops}, {route}])")
    };
    check_different_clients(&via("\"ab\", \"c\""), &via("\"a\", \"bc\""));
    let script = |actions: &str| {
        format!(
            "Client(name: \"a\", protocol: \"RIP\", script: [Step(at: \"0s\", label: \"l\", do: {actions})])"
        )
    };
    let nested = |actions: &str| script(&format!("All([{actions}])"));
    check_different_clients(&nested("Set(\"ab\"), Set(\"c\")"), &nested("Set(\"a\"), Set(\"bc\")"));
    check_different_clients(&nested("All([Register]), Register"), &nested("All([Register, Register])"));
    check_different_clients(&nested("Register"), &script("Register"));
    check_different_clients(&nested("All([])"), &nested(""));
    let numbers = |max: &str| {
        format!(
            "Client(name: \"a\", protocol: \"RIP\", script: [At(\"0s\", AddRoute(dest: \"10.0.0.0/8\", {max}))])"
        )
    };
    check_different_clients(&numbers("metric: 1, preference: 256"), &numbers("metric: 256, preference: 1"));
    check_different_clients(&numbers("metric: 1, preference: 5"), &numbers("metric: 1, flags: 5"));
}

#[test]
fn what_is_said_of_holds_slots_and_pointers_changes_the_bytes() {
    let clients = r#"Client(name: "a", protocol: "RIP", opaque_slot: true, also: [Registration(name: "b", opaque_slot: true)], script: [
        At("0s", AddNextHop(name: "gw", address: "192.0.2.1", interface: 1)),
        At("0s", AddNextHop(name: "other", address: "192.0.2.2", interface: 1)),
        At("1s", AddRoute(name: "r", dest: "10.0.0.0/8", metric: 1)),
        At("1s", AddRoute(name: "s", dest: "11.0.0.0/8", metric: 1)),
        Step(at: "2s", do: HoldDestination(dest: "10.0.0.0/8", hold_time: "30s", views: [mcast]), label: "h"),
        Step(at: "3s", do: SetOpaque(dest: "10.0.0.0/8", value: 7), label: "w"),
        Step(at: "4s", do: OpaquePointer(dest: "10.0.0.0/8"), label: "o"),
        Step(at: "5s", do: RoutePointer(route: "r"), label: "p"),
        Step(at: "6s", do: NextHopPointer(name: "gw"), label: "n"),
    ])"#;
    for (from, to) in [
        ("opaque_slot: true, also", "also"),
        ("name: \"b\", opaque_slot: true", "name: \"b\""),
        ("HoldDestination(dest: \"10.0.0.0/8\"", "HoldDestination(dest: \"11.0.0.0/8\""),
        ("hold_time: \"30s\"", "hold_time: \"31s\""),
        ("views: [mcast]", "views: []"),
        (", views: [mcast]", ""),
        ("SetOpaque(dest: \"10.0.0.0/8\"", "SetOpaque(dest: \"11.0.0.0/8\""),
        ("value: 7", "value: 8"),
        ("SetOpaque(dest: \"10.0.0.0/8\", value: 7)", "OpaquePointer(dest: \"10.0.0.0/8\")"),
        ("OpaquePointer(dest: \"10.0.0.0/8\")", "OpaquePointer(dest: \"11.0.0.0/8\")"),
        ("OpaquePointer(dest: \"10.0.0.0/8\")", "Lookup(dest: \"10.0.0.0/8\")"),
        ("RoutePointer(route: \"r\")", "RoutePointer(route: \"s\")"),
        ("RoutePointer(route: \"r\")", "RouteInfo(route: \"r\")"),
        ("NextHopPointer(name: \"gw\")", "NextHopPointer(name: \"other\")"),
    ] {
        check_different_clients(clients, &edited(clients, from, to));
    }
    let defaults = edited(clients, ", views: [mcast]", "");
    check_same_clients(&defaults, &edited(clients, "views: [mcast]", "views: [ucast]"));
    let plan = plan(&with_clients("", clients));
    let written = load(&tiebreak_scenario::write(&plan)).expect("it reads what it writes").plan;
    assert_eq!(written, plan);
}

#[test]
fn what_is_said_of_methods_and_declined_outputs_changes_the_bytes() {
    let clients = r#"Client(name: "a", protocol: "RIP", methods: 2, also: [Registration(name: "b", methods: 3)], script: [
        At("0s", AddNextHop(name: "gw", address: "192.0.2.1", interface: 1)),
        At("1s", AddRoute(name: "r", dest: "10.0.0.0/8", metric: 1)),
        Step(at: "2s", do: EntityMethods(of: "a", room: 4), label: "e"),
        Step(at: "3s", do: InvokeMethod(of: "a", methods: [1, 2], input: 7, room: 2), label: "i"),
        Step(at: "4s", do: BlockMethods, label: "k"),
        Step(at: "5s", do: RouteInfo(route: "r", info: false), label: "o"),
        Step(at: "6s", do: FindNextHop(name: "hop", address: "192.0.2.1", interface: 1), label: "f"),
        Step(at: "7s", do: When(Answered(9), [Register]), label: "w"),
    ], on: { Method: [When(Invoked(1), [Output(9)]), When(Given(7), [Return(NotFound)])] }), Observer(name: "c")"#;
    for (from, to) in [
        ("methods: 2, also", "also"),
        ("methods: 3", "methods: 4"),
        (", room: 4", ""),
        ("InvokeMethod(of: \"a\"", "InvokeMethod(of: \"c\""),
        ("methods: [1, 2], ", ""),
        ("input: 7, room: 2", "input: 2"),
        ("BlockMethods", "ResumeMethods"),
        (", info: false", ""),
        ("name: \"hop\", address", "address"),
        ("address: \"192.0.2.1\", interface: 1), label", "address: \"192.0.2.2\", interface: 1), label"),
        ("Answered(9)", "Answered(8)"),
        ("Invoked(1)", "Given(1)"),
        ("Output(9)", "Output(8)"),
    ] {
        check_different_clients(clients, &edited(clients, from, to));
    }
    let plan = plan(&with_clients("", clients));
    let written = load(&tiebreak_scenario::write(&plan)).expect("it reads what it writes").plan;
    assert_eq!(written, plan);
}
