//! Rows against serde and against themselves: the types have what the rows have, and whatever the rows let pass is read, written,
//! and read again as the same plan.

use core::fmt;

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use tiebreak_rtm::{AddressFamily, ViewId};

use tiebreak_regression::spelling::{Choice, Rule};
use tiebreak_regression::{Expected, FoundBy};

use crate::action::{ACTIONS, Action, CRITERIA};
use crate::condition::{CONDITIONS, Condition};
use crate::document::{DocumentStep, to_ron};
use crate::entries::{ENTRIES, REGISTRATIONS};
use crate::expectation::{EXPECTATIONS, Expectation};
use crate::order::{CONSTRAINTS, ORDERS};
use crate::plan::{
    Actor, Client, Criteria, Delivery, Entry, Event, Family, Feed, Observer, Plan, Registration, Regression,
    Snapshot, TieOrder, Timing, View,
};
use crate::regression::{CHOICES, FOUND, OUTCOMES, REGRESSIONS};
use crate::rows::{DELIVERIES, Field, Form, Is, Limit, Need, Row, SCENARIO, STEPS, Table, Use};
use crate::snapshots::{PARTS_EXAMPLE, SNAPSHOTS};
use crate::tree::{Args, Kind, Name, Node};
use crate::typed::from_tree;
use crate::words::variants;
use crate::{load, write};

/// Returns `Name`, `Name(…)` or `(…)`.
fn call(name: Option<&str>, args: Args) -> Node {
    let name = name.map(|name| Name { span: 0..0, text: name.to_owned() });
    Node { span: 0..0, kind: Kind::Call(name, args), is_broken: false }
}

/// Returns the fields that a type has there: it says them when it is given one that it does not have.
fn fields_of<T: DeserializeOwned>(name: Option<&str>) -> Option<Vec<String>> {
    let unknown = (Name { span: 0..0, text: "?".to_owned() }, call(Some("?"), Args::None));
    let error = from_tree::<T>(&call(name, Args::Fields(vec![unknown], Vec::new())), None).err()?;
    let (_, fields) = error.strip_prefix("unknown field `?`, ")?.split_once("expected")?;
    Some(fields.split('`').skip(1).step_by(2).map(str::to_owned).collect())
}

/// Compares the rows of a table with the variants of a type.
fn check<T: DeserializeOwned + fmt::Debug>(table: &Table) {
    assert_eq!(table.names(), variants::<T>(), "{}", table.what);
    for Row { name, form, .. } in table.rows {
        let is_alone = from_tree::<T>(&call(Some(name), Args::None), None).is_ok();
        assert_eq!(is_alone, matches!(form, Form::Alone), "{name}");
        match form {
            Form::Alone => {}
            Form::Values(_, values) => {
                let error = from_tree::<T>(&call(Some(name), Args::Tuple(Vec::new())), None).unwrap_err();
                // "invalid length 0, expected tuple variant Action::When with 2 elements"; a single value has no such length.
                let len = error.split_once(" with ").and_then(|(_, rest)| rest.split(' ').next());
                assert_eq!(len.map_or(Ok(1), str::parse), Ok(values.len()), "{name}: {error}");
                // What a `Not` holds is a condition again.
                assert!(*name == "Not" || fields_of::<T>(Some(name)).is_none(), "{name}");
            }
            Form::Fields(fields) => {
                let mut found = fields_of::<T>(Some(name)).expect(name);
                // It shares its type with `UpdateRoute`, but the manager takes no flags then (RTM-039).
                let is_edit = ["EditRoute", "UpdateAndUnlockRoute"].contains(name);
                found.retain(|field| !(is_edit && field == "flags"));
                assert_eq!(found, names_of(fields), "{name}");
            }
        }
    }
}

/// Compares a row with the fields of a type.
fn check_fields<T: DeserializeOwned>(row: &Row) {
    assert_eq!(fields_of::<T>(None).expect(row.name), names_of(row.parts()), "{}", row.name);
}

fn names_of(fields: &[Field]) -> Vec<&'static str> {
    fields.iter().map(|field| field.name).collect()
}

#[test]
fn types_have_what_rows_have() {
    check::<Action<String, String>>(&ACTIONS);
    check::<Condition<String>>(&CONDITIONS);
    check::<Expectation>(&EXPECTATIONS);
    check::<DocumentStep<String, String>>(&STEPS);
    check::<Delivery>(&DELIVERIES);
    check::<Snapshot>(&SNAPSHOTS);
    check::<TieOrder>(&ORDERS);
    check::<Rule>(&CONSTRAINTS);
    check::<Choice>(&CHOICES);
    check::<Expected>(&OUTCOMES);
    check_fields::<Regression>(&REGRESSIONS.rows[0]);
    check_fields::<FoundBy>(&FOUND.rows[0]);
    check_fields::<Criteria>(&CRITERIA.rows[0]);
    check_fields::<Plan>(&SCENARIO.rows[0]);
    assert_eq!(ENTRIES.names(), ["Client", "Observer", "Feed"]);
    check_fields::<Client<String, String>>(&ENTRIES.rows[0]);
    check_fields::<Registration<String, String>>(&REGISTRATIONS.rows[0]);
    check_fields::<Observer>(&ENTRIES.rows[1]);
    check_fields::<Feed>(&ENTRIES.rows[2]);
}

#[test]
fn families_and_views_have_the_words_of_the_manager() {
    assert_eq!(variants::<Family>(), [AddressFamily::Ipv4, AddressFamily::Ipv6].map(|word| word.to_string()));
    assert_eq!(variants::<View>(), [ViewId::UCAST, ViewId::MCAST].map(|word| word.to_string()));
    for (family, word) in [Family::Ipv4, Family::Ipv6].iter().zip(variants::<Family>()) {
        assert_eq!((family.to_string().as_str(), to_ron(family).as_str()), (word, word));
    }
    for (view, word) in [View::Unicast, View::Multicast].iter().zip(variants::<View>()) {
        assert_eq!((view.to_string().as_str(), to_ron(view).as_str()), (word, word));
    }
}

/// Where a generated value stands: in which reaction, and how many blocks may still be within.
#[derive(Debug, Clone, Copy)]
struct Spot {
    event: Option<Event>,
    /// The registration that is told of events.
    told: &'static str,
    depth: u32,
}

type Texts = BoxedStrategy<String>;

fn one_of(texts: &[&str]) -> Texts {
    prop::sample::select(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).boxed()
}

fn list(item: Texts, len: core::ops::Range<usize>) -> Texts {
    prop::collection::vec(item, len).prop_map(|items| format!("[{}]", items.join(", "))).boxed()
}

/// Returns texts that the rows let pass for a value.
fn value(is: &'static Is, spot: Spot) -> Texts {
    match is {
        Is::Text | Is::File => any::<String>().prop_map(|text| format!("{:?}", text + "x")).boxed(),
        Is::Boolean => one_of(&["true", "false"]),
        Is::Integer(least, most) => (*least..=*most).prop_map(|number| number.to_string()).boxed(),
        Is::Format => Just("1".to_owned()).boxed(),
        Is::Span(Limit::Any | Limit::Period | Limit::End) => {
            (1u64..1_000).prop_map(|ns| format!("\"{ns}ns\"")).boxed()
        }
        Is::Span(Limit::Millis | Limit::Time) => (0u64..1_000).prop_map(|ms| format!("\"{ms}ms\"")).boxed(),
        Is::Word("an address family", _) => one_of(&["ipv4"]),
        Is::Word(_, words) => one_of(&words()),
        Is::Protocol => one_of(&["\"RIP\"", "4242", "0x0d"]),
        Is::Selector => one_of(&["Best", "This", "\"OSPF\"", "9"]),
        Is::Status => one_of(&["NotSupported", "NoError", "7", "50"]),
        Is::Name(what) => name(*what, spot),
        Is::NewSwitch => unreachable!("switches are given"),
        Is::Switch => one_of(&["\"fix\"", "\"slow\""]),
        Is::Actor => one_of(&["\"a\"", "\"manager\""]),
        Is::Client => one_of(&["\"a\""]),
        Is::AnyAddress => one_of(&["\"192.0.2.1\"", "\"198.51.100.7\""]),
        Is::AnyPrefix => one_of(&["\"10.0.0.0/8\"", "\"2001:DB8::/32\""]),
        Is::Pattern => one_of(&["\"a/step(*)#2\"", "\"*/expiry\""]),
        Is::Monitor | Is::Failing => one_of(&["\"m\""]),
        Is::Event => one_of(&[
            "\"a/step(register#1)\"",
            "Of(\"a/step(register#1)#2\", Of(\"a/expiry\", \"a/step(register#1)#3\"))",
            "FromOutside(\"a/step(register#1)#2\")",
        ]),
        Is::EventName => one_of(&["\"a/step(register#1)\""]),
        Is::Draw => one_of(&["\"a/delay\"", "\"a/delay#7\"", "Of(\"a/delay\", \"a/expiry#2\")"]),
        Is::DrawName => one_of(&["\"a/delay\""]),
        Is::Strategy => one_of(&["\"clocks\"", "\"pct:3\""]),
        Is::Subject => one_of(&["\"10.0.0.0/8\"", "\"a\"", "\"register#1\""]),
        Is::Kind => one_of(&["\"step\"", "\"route-expired\""]),
        Is::List(item) => list(value(item, spot), 0..3),
        Is::Unbound(inner) => value(inner, spot),
        Is::Set(item) => list(value(item, spot), 0..2),
        Is::Some(Is::Set(item) | Is::List(item), _) => list(value(item, spot), 1..2),
        Is::Some(..) => unreachable!("only lists are of at least one"),
        Is::One(table) => row_of(table, spot),
        Is::Actions | Is::Each => actions(spot),
        Is::Later => actions(Spot { event: None, ..spot }),
        Is::Reactions => Event::ALL
            .map(|event| {
                actions(Spot { event: Some(event), ..spot })
                    .prop_map(move |list| format!("{event:?}: {list}"))
            })
            .to_vec()
            .prop_map(|reactions| format!("{{ {} }}", reactions.join(", ")))
            .boxed(),
    }
}

fn actions(spot: Spot) -> Texts {
    match spot.depth.checked_sub(1) {
        Some(depth) => list(row_of(&ACTIONS, Spot { depth, ..spot }), 0..3),
        None => Just("[]".to_owned()).boxed(),
    }
}

fn name(what: Use, spot: Spot) -> Texts {
    match what {
        Use::Prefix | Use::NewDest => one_of(&["\"10.0.0.0/8\"", "\"0.0.0.0/0\"", "\"192.0.2.1/32\""]),
        Use::Address => one_of(&["\"192.0.2.1\""]),
        Use::OwnName => any::<u64>().prop_map(|number| format!("\"c{number}\"")).boxed(),
        Use::FlagName => one_of(&["\"f\"", "\"g\""]),
        Use::Label | Use::NewLater => any::<u64>().prop_map(|number| format!("\"l{number}\"")).boxed(),
        Use::Client => one_of(&["\"a\""]),
        Use::Later => one_of(&["\"later\""]),
        Use::NewNextHop | Use::NextHop => one_of(&["\"gw\""]),
        Use::Route if spot.event == Some(Event::RouteExpired) => one_of(&["\"r\"", "\"expired\""]),
        Use::NewRoute | Use::Route => one_of(&["\"r\""]),
        Use::Changes if spot.event == Some(Event::ChangeNotification) => one_of(&["\"n\"", "\"notified\""]),
        Use::NewChanges | Use::Changes => one_of(&["\"n\""]),
        Use::NewList | Use::List => one_of(&["\"l\""]),
        Use::NewEnum | Use::Enum => one_of(&["\"e\""]),
        Use::NewRegistration => one_of(&["\"also\""]),
        // What concerns the event is of the registration that is told.
        Use::Registration if spot.event.is_some() => Just(format!("{:?}", spot.told)).boxed(),
        Use::Registration => one_of(&["\"main\"", "\"also\""]),
    }
}

/// Returns texts of one of the rows that may stand there.
fn row_of(table: &'static Table, spot: Spot) -> Texts {
    let is_here =
        |row: &&Row| row.only_in.is_empty() || spot.event.is_some_and(|event| row.only_in.contains(&event));
    let is_flat = |row: &&Row| spot.depth > 0 || row.name != "Not";
    let rows: Vec<Texts> =
        table.rows.iter().filter(is_here).filter(is_flat).map(|found| row(found, spot)).collect();
    proptest::strategy::Union::new(rows).boxed()
}

/// Returns texts of a row. What no row says of it, a few values given here take care of.
fn row(row: &'static Row, spot: Spot) -> Texts {
    let spot = match row.name {
        "Not" => Spot { depth: spot.depth - 1, ..spot },
        "Registration" => Spot { told: "also", ..spot },
        _ => spot,
    };
    let part = |field: &'static Field| match (row.name, field.name) {
        ("Scenario", "until") => Just("\"60s\"".to_owned()).boxed(),
        ("Scenario", "switches") => Just("[\"fix\", \"slow\"]".to_owned()).boxed(),
        ("Scenario", "clients") => {
            list(row_of(&ENTRIES, spot), 1..4).prop_map(|list| list.replacen('[', A, 1)).boxed()
        }
        ("Client", "also") => {
            row_of(&REGISTRATIONS, spot).prop_map(|registration| format!("[{registration}]")).boxed()
        }
        ("Client", "script") => value(&field.is, spot).prop_map(|list| list.replacen('[', SCRIPT, 1)).boxed(),
        ("Client", "count") => one_of(&["1", "3"]),
        ("Every", "times") => (1u64..9).prop_map(|times| times.to_string()).boxed(),
        ("Drawn", "max") => one_of(&["\"1ms\""]),
        ("Before", "Of(\"rip2/change-notification(n)\", \"rip1/step(register#1)#1\")") => {
            one_of(&["\"a/step(register#1)#9\"", "Of(\"a/expiry\", \"a/step(register#1)\")"])
        }
        ("Before", "\"rip2/expiry(*)\"") => one_of(&["\"a/expiry(*)#3\""]),
        ("Count", "is") => one_of(&["1"]),
        ("Best", "dest") => one_of(&["\"10.0.0.0/8\""]),
        ("All", PARTS_EXAMPLE) => one_of(&[
            "[Actor(\"a\"), Window(from: \"1ms\", to: \"999ms\")]",
            "[Subject(\"10.0.0.0/8\"), Kind(\"step\")]",
        ]),
        ("Within" | "Window", "to") => one_of(&["\"999ms\"", "\"2m\""]),
        ("Answers", "of") => one_of(&["\"a/RtmRegisterEntity\"", "\"*/Rtm*(10.0.0.0/8)\""]),
        _ => value(&field.is, spot),
    };
    let is_kept = |field: &Field| match (row.name, field.name) {
        // Preference and metric are compared together.
        ("Scenario", "switches")
        | ("Client", "also" | "script")
        | ("Count", "is")
        | ("Criteria", "preference" | "metric") => Some(true),
        // Members of a group would be the same entity.
        ("Count", "at_least" | "at_most") | ("Client", "only" | "entity") | ("Registration", "entity") => {
            Some(false)
        }
        // Not both `from` and `range`.
        (_, "from") if row.parts().iter().any(|other| other.name == "range") => Some(false),
        _ => (field.need == Need::Required).then_some(true),
    };
    let name = row.name;
    match row.form {
        Form::Alone => Just(name.to_owned()).boxed(),
        Form::Values(least, values) => (values.iter().map(part).collect::<Vec<_>>(), least..=values.len())
            .prop_map(move |(values, len)| format!("{name}({})", values[..len].join(", ")))
            .boxed(),
        Form::Fields(fields) => {
            let written = |field: &'static Field| {
                let is_kept = is_kept(field).map_or(any::<bool>().boxed(), |is_kept| Just(is_kept).boxed());
                (is_kept, part(field))
                    .prop_map(|(is_kept, text)| is_kept.then(|| format!("{}: {text}, ", field.name)))
            };
            let fields: Vec<_> = fields.iter().map(written).collect();
            fields
                .prop_map(move |fields| {
                    format!("{name}({})", fields.into_iter().flatten().collect::<String>())
                })
                .boxed()
        }
    }
}

/// A client that others may name.
const A: &str = "[Client(name: \"a\", protocol: \"RIP\", script: [At(\"0s\", Register), At(\"0s\", Lookup(dest: \"10.0.0.0/8\"))]), ";

/// What makes the names that steps use.
const SCRIPT: &str = r#"[
    At("0s", AddNextHop(name: "gw", address: "192.0.2.1", interface: 1)),
    At("0s", AddRoute(name: "r", dest: "10.0.0.0/8", metric: 1)),
    At("0s", After("1s", [], "later")),
    At("0s", RegisterForChanges(name: "n", types: [Best])),
    At("0s", CreateRouteList(name: "l")),
    At("0s", CreateDestEnum(name: "e")),
    At("0s", As("also", [
        AddNextHop(name: "gw", address: "192.0.2.1", interface: 1),
        AddRoute(name: "r", dest: "10.0.0.0/8", metric: 1),
        RegisterForChanges(name: "n", types: [Best]),
        CreateRouteList(name: "l"),
        CreateDestEnum(name: "e"),
    ])), "#;

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn files_and_plans_are_each_others_inverse(
        file in row_of(&SCENARIO, Spot { event: None, told: "main", depth: 3 }), kept in any::<[bool; 8]>(),
    ) {
        let read = |text: &str| match load(text) {
            Ok(loaded) => Ok(loaded.plan),
            Err(mistakes) => Err(TestCaseError::fail(format!("{mistakes:#?}\n{text}"))),
        };
        let mut plan = read(&file)?;
        prop_assert_eq!(&read(&write(&plan))?, &plan);

        // What a shrinker does: steps go, labels stay.
        for entry in &mut plan.clients {
            if let Entry::One(Actor::Client(client)) = entry {
                let mut index = 0;
                client.script.retain(|step| {
                    index += 1;
                    index <= 7 || kept[index % 8] || matches!(step.timing, Timing::Every { .. })
                });
            }
        }
        prop_assert_eq!(&read(&write(&plan))?, &plan);
        for on in [vec![], vec!["fix"], vec!["fix", "slow"]] {
            let resolved = plan.with_switches(&on).unwrap();
            prop_assert_eq!(&read(&write(&resolved))?, &resolved);
            prop_assert!(resolved.expand().len() >= 2);
        }
    }
}
