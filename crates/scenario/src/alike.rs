//! Groups whose members can change places.

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
    /// Returns the groups whose members do the same and differ in nothing but their names and the addresses of their next hops,
    /// and of which nothing else names a single one: whatever happens with one of them in some order of events happens with
    /// another one if the two change places in that order, as long as nothing is drawn.
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
        if !template.also.is_empty() || texts.all.iter().any(|text| text.contains('{')) {
            return None;
        }
        let members: Vec<String> = group.members().map(|member| group.member_name(member)).collect();
        let fill_in = |text: &String| group.members().filter_map(|member| fill(text, member).ok()).collect();
        let mut kinds: Vec<Vec<String>> = texts.differing.iter().map(fill_in).collect();
        kinds.push(members.clone());
        texts.read(&self.without(place));
        let is_named = |text: &String| kinds.iter().any(|names| names_one(text, names));
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
    /// Those in which members may differ.
    differing: Vec<String>,
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
                self.differing.push(text.clone());
            } else {
                self.read(node);
            }
        }
        for node in nodes {
            self.read(node);
        }
    }
}

/// Whether a text names one of these, and not all of them by a pattern.
fn names_one(text: &str, names: &[String]) -> bool {
    let globs = text.split(['/', '(', ')', '#', ',']).filter(|part| part.contains('*'));
    let mut matching = globs.map(|glob| names.iter().filter(|name| is_glob_match(glob, name)).count());
    names.iter().any(|name| text.contains(&name[..]))
        || matching.any(|count| 0 < count && count < names.len())
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
    fn one_alone_has_nobody_to_change_places_with() {
        let text = r#"Scenario(format: 1, until: "9s", clients: [
            Client(name: "rip", count: 1, protocol: "RIP", script: [At("0s", Register)]),
        ])"#;
        assert_eq!(load(text).unwrap().plan.alike_groups(), []);
    }
}
