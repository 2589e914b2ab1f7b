//! Plans that are made in Rust: what a file cannot hold is refused, or runs all the same.

use tiebreak::Span;
use tiebreak_runner::{Prepared, Recordings, RunOptions};
use tiebreak_scenario::plan::{Action, Actor, Condition, Delivery, Dest, Entry};
use tiebreak_scenario::{Plan, load};

#[test]
fn labels_that_stand_for_two_steps_are_counted_as_names_are() {
    let every = |label: &str, times: u32| {
        format!(r#"Every(from: "1s", period: "1s", times: {times}, do: ListEntities, label: "{label}")"#)
    };
    let client = |name: &str, steps: &str| {
        format!(r#"Client(name: "{name}", protocol: "RIP", script: [At("0s", Register), {steps}])"#)
    };
    let run = |clients: &str, change: &dyn Fn(&mut Plan)| {
        let text = format!("Scenario(format: 1, until: \"60s\", clients: [{clients}])");
        let mut plan = load(&text).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).plan;
        change(&mut plan);
        Prepared::new(&plan, &Recordings::new()).unwrap().record(RunOptions::default()).trace.to_string()
    };
    let steps = |text: &str, name: &str| {
        let event = format!("step({name}");
        text.split_whitespace().filter(|word| *word == event).count()
    };
    // Numbers that cannot count on stay the same.
    let last = u64::MAX.to_string();
    let text = run(&client("a", &every(&format!("poll#{last}"), 4)), &|_| {});
    for repeat in 1..=4 {
        assert_eq!(steps(&text, &format!("poll#{last})#{repeat}")), 1, "{text}");
    }
    // A plan that is made in Rust may have a label twice, or a name.
    let two = [every("poll", 3), every("other", 3)].join(", ");
    let text = run(&client("a", &two), &|plan| {
        let Entry::One(Actor::Client(client)) = &mut plan.clients[0] else { panic!("a client") };
        client.script[2].label = client.script[1].label.clone();
    });
    let twice = |text: &str| {
        for name in ["poll#1", "poll#2", "poll#3"] {
            assert_eq!(
                [1, 2, 3].map(|repeat| steps(text, &format!("{name})#{repeat}"))),
                [1, 1, 0],
                "{text}"
            );
        }
    };
    twice(&text);
    let clients = ["a", "b"].map(|name| client(name, &every("poll", 3))).join(", ");
    let text = run(&clients, &|plan| {
        let Entry::One(Actor::Client(client)) = &mut plan.clients[1] else { panic!("a client") };
        client.name = "a".into();
        client.entity = Some(77);
    });
    twice(&text);
}

#[test]
fn a_plan_made_in_rust_is_refused_for_what_a_file_is_refused_for() {
    let text = r#"Scenario(format: 1, until: "1s", switches: ["fix"], clients: [
        Client(name: "a", protocol: "RIP", script: [At("0s", Register)]),
    ])"#;
    let plan = load(text).unwrap().plan;
    let prepared = |plan: &Plan| Prepared::new(plan, &Recordings::new()).map(|_| ()).unwrap_err().to_string();
    assert_eq!(prepared(&plan), "nobody has said whether the switch `fix` is on");
    let mut plan = plan.with_switches(&[]).unwrap();
    let [min, max] = [2, 1].map(Span::from_millis);
    plan.delivery = Delivery::Drawn { min, max };
    assert_eq!(prepared(&plan), "the longest delay, 1ms, is shorter than the shortest, 2ms");
    plan.delivery = Delivery::Drawn { min: max, max: min };
    assert!(Prepared::new(&plan, &Recordings::new()).is_ok());
}

/// The actions within a block.
fn inner(action: &mut Action) -> Option<&mut Vec<Action>> {
    if let Action::All(actions) | Action::Drain { each: actions, .. } = action { Some(actions) } else { None }
}

#[test]
fn actions_of_a_plan_made_in_rust_are_refused_where_they_cannot_be_done() {
    // Each of these once ended the run with a panic.
    let text = r#"Scenario(format: 1, until: "9s", clients: [Client(name: "a", protocol: "RIP", script: [
        At("0s", All([Register, RegisterForChanges(name: "n", types: [All])])),
        At("1s", All([Set("here")])),
    ], on: { EntityRegistered: [All([Set("there")])], ChangeNotification: [Drain(changes: "n", each: [Set("each")])],
        Method: [Set("method")] }), Client(name: "b", protocol: "RIP", script: [At("2s", Register)])])"#;
    let plan = load(text).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).plan;
    let changed = || Action::OpaquePointer { dest: Dest::Changed };
    let is_changed = || Condition::Not(Condition::Reachable(Dest::Changed).into());
    let check = |place: &str, action: Action, expected: Option<&str>| {
        let mut plan = plan.clone();
        let Entry::One(Actor::Client(client)) = &mut plan.clients[0] else { panic!("a client") };
        let mut lists: Vec<&mut Vec<Action>> = client.on.values_mut().collect();
        lists.extend(client.script.iter_mut().filter_map(|step| inner(&mut step.action)));
        let mut placed = false;
        while let Some(list) = lists.pop().filter(|_| !placed) {
            if list.iter().any(|action| matches!(action, Action::Set(flag) if flag == place)) {
                list.insert(0, action.clone());
                placed = true;
            } else {
                lists.extend(list.iter_mut().filter_map(inner));
            }
        }
        assert!(placed, "{place}");
        let prepared = Prepared::new(&plan, &Recordings::new());
        // What is allowed must not panic either.
        let refused = prepared.map(|prepared| drop(prepared.fingerprint(RunOptions::default())));
        let expected = expected.map(|why| format!("`a`: {why}"));
        assert_eq!(refused.err().map(|error| error.to_string()), expected, "{place}: {action:?}");
    };
    let [on, drain, pause, other] = [
        "nobody has said whether the switch `fix` is on",
        "`changed` has a meaning only in what a `Drain` does",
        "`Pause` has a meaning only in callbacks",
        "the client has no registration `other`",
    ];
    let second = Span::from_secs(1);
    for place in ["here", "there", "each", "method"] {
        check(place, Action::With("fix".into(), Vec::new()), Some(on));
        check(place, Action::Without("fix".into(), Vec::new()), Some(on));
        check(place, Action::As("other".into(), Vec::new()), Some(other));
        check(place, Action::As("main".into(), Vec::new()), None);
        let is_in_drain = place == "each";
        check(place, changed(), Some(drain).filter(|_| !is_in_drain));
        check(place, Action::When(is_changed(), Vec::new()), Some(drain).filter(|_| !is_in_drain));
        check(
            place,
            Action::All([Action::All([changed()].into())].into()),
            Some(drain).filter(|_| !is_in_drain),
        );
        let may_pause = ["there", "each"].contains(&place);
        check(place, Action::Pause(second), Some(pause).filter(|_| !may_pause));
        check(place, Action::After(second, [Action::Pause(second)].into(), "later".into()), Some(pause));
    }
    let mut plan = plan.clone();
    let Entry::One(Actor::Client(client)) = &mut plan.clients[0] else { panic!("a client") };
    client.script[1].with = Some("fix".into());
    let refused = Prepared::new(&plan, &Recordings::new()).map(|_| ()).unwrap_err().to_string();
    assert_eq!(refused, format!("`a`: {on}"));
}
