//! Small scenarios with much going on at one instant.

/// What a client does at the instant at which everything happens. Every client has registered, has the next hops `gw` and
/// `other`, the route `r` to 10.0.0.0/8, and the registration `n` before.
pub(crate) const ACTIONS: [&str; 19] = [
    r#"AddRoute(name: "s", dest: "10.1.0.0/16", via: ["gw"], metric: 2)"#,
    r#"AddRoute(name: "r", dest: "10.0.0.0/8", via: ["other"], metric: 3, expires_after: "1s")"#,
    r#"AddRoute(name: "t", dest: "10.0.0.0/8", via: ["gw"], metric: 2, neighbour: "other")"#,
    r#"UpdateRoute(route: "r", metric: 1)"#,
    r#"UpdateRoute(route: "r", metric: 2, expires_after: "1s")"#,
    r#"EditRoute(route: "r", metric: 4, via: ["other"])"#,
    r#"DeleteRoute(route: "r")"#,
    r#"All([HoldRoute(route: "r"), DeleteRoute(route: "r")])"#,
    r#"DeleteNextHop(name: "other")"#,
    "All([Deregister, Register])",
    r#"All([DeregisterFromChanges(changes: "n"), RegisterForChanges(name: "n", types: [All])])"#,
    r#"Drain(changes: "n")"#,
    r#"GetChanged(changes: "n", max: 1)"#,
    r#"Ignore(changes: "n", dest: "10.0.0.0/8")"#,
    "ListEntities",
    r#"When(Reachable("10.1.0.0/16"), [Set("seen")])"#,
    r#"When(Flag("seen"), [UpdateRoute(route: "r", metric: 3)])"#,
    r#"After("0s", [When(Owner("10.0.0.0/8", "a"), [Set("seen")])])"#,
    r#"Cancel("early")"#,
];

/// What a client does when it is called back.
pub(crate) const REACTIONS: [&str; 5] = [
    "",
    r#"ChangeNotification: [Drain(changes: "n")]"#,
    r#"ChangeNotification: [GetChanged(changes: "n", max: 1), When(Unreachable("10.0.0.0/8"), [Set("seen")])]"#,
    r#"ChangeNotification: [Pause("0s"), Drain(changes: "n")], RouteExpired: [Pause("1ms"), Return(NotSupported)]"#,
    r#"RouteExpired: [UpdateRoute(route: "expired", metric: 5, expires_after: "1s")]"#,
];

/// A client.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// How long its callbacks are on their way: no time, or some.
    pub(crate) pace: usize,
    /// What it does, and whether a second later.
    pub(crate) actions: Vec<(usize, u8)>,
    pub(crate) reactions: usize,
}

const NAMES: [&str; 3] = ["a", "b", "c"];

/// A scenario of such clients. Much is expected, most of which is not met in some order: what is unmet tells orders apart.
pub(crate) fn scenario(parts: &[Part]) -> String {
    let clients: Vec<String> = parts.iter().zip(NAMES).map(|(part, name)| client(part, name)).collect();
    format!(
        r#"Scenario(format: 1, until: "6s", clients: [{}], expect: [{}])"#,
        clients.join(", "),
        expectations(&NAMES[..parts.len()]).join(", ")
    )
}

/// A scenario of one such client and a group of others who all do the same, of which nothing tells one from another.
pub(crate) fn grouped(one: &Part, members: &Part, count: u32) -> String {
    let group = client(members, "b")
        .replace(r#"name: "b","#, &format!(r#"name: "m", count: {count},"#))
        .replace("192.0.2.1", "192.0.2.{n}");
    let expected = expectations(&NAMES[..1]).into_iter();
    let mut expected: Vec<String> = expected.map(|text| text.replace("b/route", "m*/route")).collect();
    for kind in ["change-notification", "route-expired", "flag", "skipped", "changed", "violation"] {
        expected.push(format!(r#"Never("m*/{kind}")"#));
        expected.extend((1..6).map(|times| format!(r#"Count(of: "m*/{kind}", is: {times})"#)));
        expected.push(format!(r#"Before("m*/{kind}", "a/step")"#));
    }
    let clients = [client(one, "a").replace("192.0.2.0", "203.0.113.1"), group];
    format!(
        r#"Scenario(format: 1, until: "6s", clients: [{}], expect: [{}])"#,
        clients.join(", "),
        expected.join(", ")
    )
}

fn client(part: &Part, name: &str) -> String {
    let number = NAMES.iter().position(|known| *known == name).unwrap();
    let delivery = ["None", r#"Constant("1s")"#][part.pace];
    let steps: Vec<String> = part
        .actions
        .iter()
        .map(|(action, late)| format!(r#"At("{}s", {})"#, 3 + late, ACTIONS[*action]))
        .collect();
    // What is given up was put off.
    let early = if steps.iter().any(|step| step.contains("Cancel")) {
        format!(r#"After("{}s", [Set("seen")], "early"),"#, 3 - number)
    } else {
        String::new()
    };
    format!(
        r#"Client(name: "{name}", protocol: "RIP", misbehaves: true, delivery: {delivery}, script: [
            At("{number}s", All([
                Register,
                AddNextHop(name: "gw", address: "192.0.2.{number}", interface: 1),
                AddNextHop(name: "other", address: "192.0.2.{number}", interface: 2),
                AddRoute(name: "r", dest: "10.0.0.0/8", via: ["gw"], metric: 2, expires_after: "{expires}s"),
                RegisterForChanges(name: "n", types: [All]),
                {early}
            ])),
            {}
        ], on: {{ {} }})"#,
        steps.join(", "),
        REACTIONS[part.reactions],
        expires = 4 - number,
    )
}

fn expectations(names: &[&str]) -> Vec<String> {
    let mut expected = Vec::new();
    for dest in ["10.0.0.0/8", "10.1.0.0/16"] {
        expected.push(format!(r#"Unreachable("{dest}")"#));
        for owner in names {
            for metric in 1..6 {
                expected.push(format!(r#"Best(dest: "{dest}", owner: "{owner}", metric: {metric})"#));
            }
        }
    }
    for name in names {
        for kind in ["change-notification", "route-expired", "flag", "skipped", "changed", "violation"] {
            expected.push(format!(r#"Never("{name}/{kind}")"#));
            for count in 1..4 {
                expected.push(format!(r#"Count(of: "{name}/{kind}", is: {count})"#));
            }
            expected.push(format!(r#"Before("{name}/{kind}", "a/step")"#));
            expected.push(format!(r#"Before("{name}/{kind}", "b/route-*")"#));
        }
        expected.push(format!(r#"At(of: "{name}/changed", at: "3s")"#));
        expected.push(format!(r#"Within(of: "{name}/dropped", from: "3s", to: "4s")"#));
    }
    expected
}
