//! Property: plan to file to plan is the identity, and serde reads each file as the lowering does.

#![expect(clippy::disallowed_types, reason = "prop_oneof! expands to Arc")]

use alloc::collections::BTreeMap;

use proptest::prelude::*;
use tiebreak_kernel::Span;

use crate::action::{
    Action, AddMode, AddNextHop, AddRoute, ChangeType, ChangedDest, Condition, EditRoute, Lookup, Match,
    RegisterForChanges, UpdateRoute,
};
use crate::document::{DocumentClient, DocumentEntry, DocumentStep, Scenario, TextAction, whole};
use crate::plan::{
    Actor, Delivery, Entry, Event, Expectation, Family, Order, Protocol, Selector, Status, Timing, View,
};
use crate::write::{options, write};
use crate::{load, lower, reader};

fn text(texts: &[&'static str]) -> impl Strategy<Value = String> + use<> {
    prop::sample::select(texts.to_vec()).prop_map(str::to_owned)
}

fn dest() -> impl Strategy<Value = String> {
    text(&["10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0", "192.0.2.1/32"])
}

fn millis() -> impl Strategy<Value = Option<Span>> {
    prop::option::of((0u64..100_000).prop_map(Span::from_millis))
}

fn views() -> impl Strategy<Value = Vec<View>> {
    prop::sample::subsequence(vec![View::Unicast, View::Multicast], 0..=2)
}

fn hops() -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(vec!["gw".to_owned(), "gw2".to_owned()], 0..=2)
}

/// Routes: the actions with most fields.
fn route_action() -> impl Strategy<Value = TextAction> {
    let numbers = (any::<u32>(), prop::option::of(any::<u32>()), prop::option::of(any::<u16>()));
    let rest = (millis(), prop::option::of(text(&["gw", "gw2"])), views(), hops());
    (0..4, dest(), numbers, rest, prop::sample::select(vec![AddMode::Auto, AddMode::New, AddMode::First]))
        .prop_map(
            |(which, dest, (metric, preference, flags), (expires_after, neighbour, views, via), mode)| {
                let route = "r".to_owned();
                let (some_views, some_via) = (preference.map(|_| views.clone()), flags.map(|_| via.clone()));
                match which {
                    0 => Action::AddRoute(AddRoute {
                        name: flags.map(|_| route),
                        dest,
                        via,
                        metric,
                        preference,
                        expires_after,
                        neighbour,
                        views,
                        flags,
                        mode,
                    }),
                    1 => Action::UpdateRoute(UpdateRoute {
                        route,
                        metric: preference,
                        preference,
                        via: some_via,
                        neighbour,
                        views: some_views,
                        flags,
                        expires_after,
                    }),
                    2 => Action::EditRoute(EditRoute {
                        route,
                        metric: preference,
                        preference,
                        via: some_via,
                        neighbour,
                        views: some_views,
                        expires_after,
                    }),
                    _ => Action::DeleteRoute { route },
                }
            },
        )
}

fn plain_action() -> impl Strategy<Value = TextAction> {
    let changes = || "n".to_owned();
    let protocol = (1u32..30).prop_map(|number| Selector::Of(Protocol::new(number).unwrap_or(Protocol::RIP)));
    let selector = prop_oneof![Just(Selector::Best), Just(Selector::This), protocol];
    let matching = prop::sample::select(vec![Match::Exact, Match::Longest]);
    let lookup = (dest(), matching, views(), selector).prop_map(|(dest, matching, views, protocol)| {
        Action::Lookup(Lookup { dest, matching, views, protocol })
    });
    prop_oneof![
        4 => route_action(),
        1 => Just(Action::Register),
        1 => Just(Action::ListEntities),
        1 => (any::<bool>(), any::<u64>()).prop_map(move |(only_marked, context)| Action::RegisterForChanges(RegisterForChanges {
            name: "n".to_owned(), types: vec![ChangeType::All], views: View::unicast(), only_marked, suppress_own: !only_marked, context,
        })),
        1 => Just(Action::Drain { changes: changes() }),
        1 => (1u32..9).prop_map(move |max| Action::GetChanged { changes: changes(), max }),
        1 => dest().prop_map(move |dest| Action::Mark(ChangedDest { changes: changes(), dest })),
        1 => lookup,
        1 => text(&["f", "g"]).prop_map(Action::Set),
    ]
}

fn condition() -> impl Strategy<Value = Condition<String>> {
    let leaf = prop_oneof![
        dest().prop_map(Condition::Unreachable),
        dest().prop_map(|dest| Condition::Owner(dest, "a".to_owned())),
        text(&["f", "g"]).prop_map(Condition::Flag),
    ];
    leaf.prop_recursive(3, 4, 1, |inner| inner.prop_map(|inner| Condition::Not(Box::new(inner))))
}

fn action() -> impl Strategy<Value = TextAction> {
    plain_action().prop_recursive(3, 12, 3, |inner| {
        let inner = || prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            (condition(), inner()).prop_map(|(condition, inner)| Action::When(condition, inner)),
            (text(&["fix", "slow"]), inner()).prop_map(|(switch, inner)| Action::With(switch, inner)),
            (text(&["fix", "slow"]), inner()).prop_map(|(switch, inner)| Action::Without(switch, inner)),
            inner().prop_map(Action::All),
            (0u64..9, inner()).prop_map(|(after, inner)| Action::After(
                Span::from_nanos(after),
                inner,
                String::new()
            )),
        ]
    })
}

fn step() -> impl Strategy<Value = DocumentStep> {
    let switch = || prop::option::of(text(&["fix", "slow"]));
    prop_oneof![
        3 => (0u64..1000, action()).prop_map(|(at, action)| DocumentStep::At(Span::from_nanos(at), action)),
        1 => (0u64..1000, action(), switch(), switch()).prop_map(|(at, action, with, without)| DocumentStep::Step {
            at: Span::from_nanos(at), action, label: String::new(), with, without,
        }),
        1 => (1u64..1000, 1u32..9, action(), switch()).prop_map(|(period, times, action, with)| DocumentStep::Every {
            from: Span::ZERO, period: Span::from_nanos(period), times, action, label: String::new(), with, without: None,
        }),
    ]
}

/// What defines every name that the actions above use.
fn prologue() -> Vec<DocumentStep> {
    let hop = |name: &str| {
        Action::AddNextHop(AddNextHop {
            name: name.to_owned(),
            address: "192.0.2.1".to_owned(),
            interface: 1,
        })
    };
    let route = "AddRoute(name: \"r\", dest: \"10.0.0.0/8\", metric: 1)";
    let changes = "RegisterForChanges(name: \"n\", types: [Best])";
    let parsed = [route, changes].map(|text| options().from_str::<TextAction>(text).unwrap());
    [hop("gw"), hop("gw2")]
        .into_iter()
        .chain(parsed)
        .map(|action| DocumentStep::At(Span::ZERO, action))
        .collect()
}

fn client(name: &'static str, count: Option<u32>) -> impl Strategy<Value = DocumentClient> {
    let returns = prop::sample::select(vec![0u32, 50, 7]).prop_map(|code| Action::Return(Status::new(code)));
    let expired = prop_oneof![
        returns,
        Just(Action::ReleaseEventRoute),
        Just(Action::IsBest { route: "expired".to_owned() })
    ];
    let about = prop::collection::vec(action(), 0..3)
        .prop_map(|inner| Action::When(Condition::About("a".to_owned()), inner));
    let reactions = (prop::collection::vec(expired, 0..3), prop::collection::vec(about, 0..2));
    let script = prop::collection::vec(step(), 0..8);
    (script, reactions, any::<Option<u32>>(), 1u32..99).prop_map(
        move |(script, (expired, about), entity, protocol)| DocumentClient {
            name: name.to_owned(),
            protocol: Protocol::new(protocol).unwrap_or(Protocol::RIP),
            instance: 0,
            family: Family::Ipv4,
            entity,
            callback: true,
            delivery: entity.map(|entity| Delivery::Constant(Span::from_nanos(u64::from(entity)))),
            count,
            only: Vec::new(),
            script: prologue().into_iter().chain(script).collect(),
            on: BTreeMap::from([(Event::RouteExpired, expired), (Event::EntityDeregistered, about)]),
        },
    )
}

fn scenario() -> impl Strategy<Value = Scenario> {
    let orders = prop::sample::select(Order::ALL.to_vec());
    (client("a", None), client("b", Some(3)), any::<u64>(), orders, any::<String>()).prop_map(
        |(one, group, seed, order, about)| Scenario {
            format: 1,
            about,
            until: Span::from_secs(60),
            order,
            seed,
            delivery: Delivery::Drawn { min: Span::ZERO, max: Span::from_nanos(seed) },
            switches: vec!["fix".to_owned(), "slow".to_owned()],
            clients: vec![DocumentEntry::Client(one), DocumentEntry::Client(group)],
            expect: vec![
                Expectation::Never("a/step(*)#2".to_owned()),
                Expectation::Count { of: "b*/x".to_owned(), is: None, at_least: Some(seed), at_most: None },
            ],
            snapshots: whole(),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn files_and_plans_are_each_others_inverse(document in scenario(), kept in any::<[bool; 8]>()) {
        let file = options().to_string_pretty(&document, ron::ser::PrettyConfig::new()).unwrap();
        let (root, mistakes) = reader::read(&file);
        prop_assert!(mistakes.is_empty(), "{mistakes:?}\n{file}");
        let (lowered, _) = lower::lower(&root);
        prop_assert_eq!(&lowered, &document, "the lowering reads what serde writes\n{}", file);
        prop_assert_eq!(&options().from_str::<Scenario>(&file).unwrap(), &document);
        let plan = load(&file).map_err(|mistakes| TestCaseError::fail(format!("{mistakes:?}\n{file}")))?.plan;
        prop_assert_eq!(&load(&write(&plan)).unwrap().plan, &plan);

        // What a shrinker does: steps go, labels stay.
        let mut smaller = plan;
        if let Entry::One(Actor::Client(client)) = &mut smaller.clients[0] {
            let mut index = 0;
            client.script.retain(|step| {
                index += 1;
                index <= 4 || kept[index % 8] || matches!(step.timing, Timing::Every { .. })
            });
        }
        let written = write(&smaller);
        let again = load(&written).map_err(|mistakes| TestCaseError::fail(format!("{mistakes:?}\n{written}")))?;
        prop_assert_eq!(&again.plan, &smaller);
        for on in [vec![], vec!["fix"], vec!["fix", "slow"]] {
            let resolved = smaller.with_switches(&on).unwrap();
            let written = write(&resolved);
            let again = load(&written).map_err(|mistakes| TestCaseError::fail(format!("{mistakes:?}\n{written}")))?;
            prop_assert_eq!(&again.plan, &resolved);
            prop_assert_eq!(resolved.expand().len(), 4);
        }
    }
}
