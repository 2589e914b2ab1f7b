//! Groups whose members can change places.

use alloc::collections::BTreeSet;
use core::net::IpAddr;

use crate::groups::fill;
use crate::pattern::is_glob_match;
use crate::plan::{Client, Entry, Plan};
use crate::reader;
use crate::tree::{Args, Kind, Node};
use crate::write;

/// A group whose members can change places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlikeGroup {
    /// The name of the group.
    pub name: String,
    /// The full names of its members.
    pub members: Vec<String>,
}

/// The one action in which members may differ, and the field: nobody but its owner tells a next hop by its address.
const DIFFERS: (&str, &str) = ("AddNextHop", "address");

impl Plan {
    /// Returns the groups whose members do the same and differ in nothing but their names and the address of their next hop,
    /// and of which nothing else names a single one: whatever happens with one of them in some order of events happens with
    /// another one if the two change places in that order, as long as nothing is drawn.
    ///
    /// Where addresses differ, a member has one alone: with two, their order could differ from member to member, or one could be
    /// another's.
    #[must_use]
    pub fn alike_groups(&self) -> Vec<AlikeGroup> {
        let groups = self.clients.iter().zip(0..).filter_map(|(entry, place)| match entry {
            Entry::Group(group) => self.alike(group, place),
            Entry::One(_) => None,
        });
        groups.collect()
    }

    /// The group, if its members can change places.
    fn alike(&self, group: &Client<String, String>, place: usize) -> Option<AlikeGroup> {
        let template = Client { name: String::new(), only: Vec::new(), ..group.clone() };
        let mut texts = Texts::default();
        texts.read(&template.tree());
        if !template.also.is_empty() || texts.all.iter().any(|text| varies(text)) {
            return None;
        }
        let members: Vec<String> = group.members().map(|member| group.member_name(member)).collect();
        let addresses = own_addresses(group, &texts.addresses)?;
        texts.read(&self.without(place));
        let is_named = |text: &String| names_member(text, &members) || names_address(text, &addresses);
        (members.len() > 1 && !texts.all.iter().any(is_named))
            .then(|| AlikeGroup { name: group.name.clone(), members })
    }

    /// All else that the scenario says about what happens.
    fn without(&self, place: usize) -> Node {
        let (mut rest, nothing) = (self.clone(), String::new());
        rest.clients.remove(place);
        rest.snapshots.clear();
        (rest.about, rest.regression) = (nothing, None);
        let (root, mistakes) = reader::read(&write(&rest));
        assert!(mistakes.is_empty(), "what is written can be read: {mistakes:?}");
        root
    }
}

/// The texts of a part of a scenario.
#[derive(Debug, Default)]
struct Texts {
    all: Vec<String>,
    /// The addresses of next hops, in which members may differ.
    addresses: BTreeSet<String>,
}

impl Texts {
    fn read(&mut self, node: &Node) {
        match &node.kind {
            Kind::Text(text) => self.all.push(text.clone()),
            Kind::List(nodes) => nodes.iter().for_each(|node| self.read(node)),
            Kind::Map(pairs) => pairs.iter().for_each(|(key, value)| {
                self.read(key);
                self.read(value);
            }),
            Kind::Call(name, arguments) => {
                self.read_call(name.as_ref().map(|name| &name.text[..]), arguments);
            }
            Kind::Bad | Kind::Integer(_) | Kind::Float | Kind::Bool(_) => {}
        }
    }

    fn read_call(&mut self, call: Option<&str>, arguments: &Args) {
        let (fields, nodes) = match arguments {
            Args::None => return,
            Args::Tuple(nodes) => (&[][..], nodes),
            Args::Fields(fields, nodes) => (&fields[..], nodes),
        };
        for (name, node) in fields {
            let may_differ = (call, &name.text[..]) == (Some(DIFFERS.0), DIFFERS.1);
            if let (true, Kind::Text(text)) = (may_differ, &node.kind) {
                self.addresses.insert(text.clone());
            } else {
                self.read(node);
            }
        }
        for node in nodes {
            self.read(node);
        }
    }
}

/// Whether a text is another one for each member.
fn varies(text: &str) -> bool {
    text.contains('{')
}

/// The addresses of next hops that members have for themselves: none, or one each; `None` if there are others.
fn own_addresses(group: &Client<String, String>, addresses: &BTreeSet<String>) -> Option<BTreeSet<IpAddr>> {
    if !addresses.iter().any(|address| varies(address)) {
        return Some(BTreeSet::new());
    }
    let address = addresses.first().filter(|_| addresses.len() == 1)?;
    let filled = group.members().filter_map(|member| fill(address, member).ok()?.parse().ok());
    let filled: BTreeSet<IpAddr> = filled.collect();
    (filled.len() == group.members().count()).then_some(filled)
}

/// Whether a text names one of these, and not all of them by a pattern.
fn names_member(text: &str, members: &[String]) -> bool {
    members.iter().any(|name| text.contains(&name[..])) || has_partial_glob(text, members)
}

/// Whether a text names one of the addresses, however it is spelled, and not all of them by a pattern.
fn names_address(text: &str, addresses: &BTreeSet<IpAddr>) -> bool {
    let is_apart = |character: char| !(character.is_ascii_hexdigit() || matches!(character, '.' | ':'));
    let mut parts = text.split(is_apart).filter_map(|part| part.parse::<IpAddr>().ok());
    let spelled: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    parts.any(|part| addresses.contains(&part)) || names_member(text, &spelled)
}

/// Whether a part of a text is a pattern that fits some of these, but not all.
fn has_partial_glob(text: &str, names: &[String]) -> bool {
    let globs = text.split(['/', '(', ')', '#', ',']).filter(|part| part.contains('*'));
    let mut matching = globs.map(|glob| names.iter().filter(|name| is_glob_match(glob, name)).count());
    matching.any(|count| 0 < count && count < names.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load;

    fn groups(neighbours: &str, rest: &str) -> Vec<AlikeGroup> {
        let text = format!(
            r#"Scenario(format: 1, about: "rip1 and 192.0.2.1", until: "9s", clients: [
                Client(name: "rip", count: 3, protocol: "RIP", script: [
                    At("0s", All([Register, AddNextHop(name: "gw", address: "192.0.2.{{n}}", interface: 1), {neighbours}])),
                ]),
                Client(name: "other", protocol: "OSPF", callback: false, script: [At("1s", Register)]),
            ], snapshots: [Actor("rip1")], {rest})"#
        );
        let loaded = load(&text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}\n{text}"));
        loaded.plan.alike_groups()
    }

    #[test]
    fn members_that_do_the_same_can_change_places() {
        let found = groups(r#"AddRoute(dest: "10.0.0.0/8", via: ["gw"], metric: 2)"#, "");
        let members = ["rip1", "rip2", "rip3"].map(str::to_owned).to_vec();
        assert_eq!(found, [AlikeGroup { name: "rip".into(), members }]);
    }

    #[test]
    fn members_of_which_one_differs_or_is_named_cannot() {
        let different = r#"AddRoute(dest: "10.{n}.0.0/16", via: ["gw"], metric: 2)"#;
        assert_eq!(groups(different, ""), [], "a place of its own");
        for named in [
            r#"expect: [Never("rip2/leak")]"#,
            r#"expect: [Never("r*2/leak")]"#,
            r#"expect: [Best(dest: "10.0.0.0/8", owner: "rip3", metric: 2)]"#,
        ] {
            assert_eq!(groups("", named), [], "{named}");
        }
        for all_alike in [r#"expect: [Never("rip*/leak")]"#, r#"expect: [Never("other/leak")]"#] {
            assert_eq!(groups("", all_alike).len(), 1, "{all_alike}");
        }
        let named = r#"When(Owner("10.0.0.0/8", "rip1"), [Set("seen")])"#;
        assert_eq!(groups(named, ""), [], "one that all look at");
    }

    #[test]
    fn next_hops_that_could_be_one_or_stand_in_another_order_set_members_apart() {
        for other in [
            r#"AddNextHop(name: "two", address: "192.0.2.1", interface: 1)"#,
            r#"AddNextHop(name: "two", address: "192.0.3.{n}", interface: 1)"#,
        ] {
            assert_eq!(groups(other, ""), [], "{other}");
        }
        let same = r#"AddNextHop(name: "two", address: "192.0.2.{n}", interface: 2)"#;
        assert_eq!(groups(same, "").len(), 1, "on two interfaces, in the same order for all");
        let scenario = |address: &str, rest: &str| {
            let text = format!(
                r#"Scenario(format: 1, until: "9s", clients: [
                    Client(name: "rip", count: 3, protocol: "RIP", family: ipv6, script: [
                        At("0s", All([Register, AddNextHop(name: "gw", address: "{address}", interface: 1)])),
                    ]),
                ], {rest})"#
            );
            load(&text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}\n{text}")).plan.alike_groups()
        };
        assert_eq!(scenario("2001:DB8::{n}", "").len(), 1);
        assert_eq!(scenario("2001:DB8::{n/256}", ""), [], "one address for all is nobody's own");
        for named in ["2001:db8::2", "*::2"] {
            let never = format!(r#"expect: [Never("*/RtmAddNextHop({named})")]"#);
            assert_eq!(scenario("2001:DB8::{n}", &never), [], "{named}");
        }
    }

    #[test]
    fn one_alone_has_nobody_to_change_places_with() {
        let text = r#"Scenario(format: 1, until: "9s", clients: [
            Client(name: "rip", count: 1, protocol: "RIP", script: [At("0s", Register)]),
        ])"#;
        assert_eq!(load(text).unwrap().plan.alike_groups(), []);
    }
}
