//! Groups: one template, many like clients with numbers.

use alloc::collections::BTreeSet;
use core::fmt::{self, Write as _};

use tiebreak_kernel::hash_text;

use crate::document::to_ron;
use crate::plan::{Actor, Client, Entry, Family, Plan, Protocol};
use crate::reader;
use crate::tree::Node;
use crate::typed::from_tree;

/// The largest group.
pub const MEMBERS_MAX: u32 = 65_535;

/// The placeholders there are.
pub const PLACEHOLDERS: [&str; 3] = ["{n}", "{n/256}", "{n%256}"];

/// A text with a `{` that starts no placeholder, or a `}` that ends none; where, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadPlaceholder {
    /// The byte offset of the brace.
    pub(crate) at: usize,
}

impl fmt::Display for BadPlaceholder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "a brace at byte {} belongs to none of the placeholders {{n}}, {{n/256}}, {{n%256}}",
            self.at
        )
    }
}

/// Returns the text with the member's number, from 1, in place of each placeholder.
pub(crate) fn fill(text: &str, member: u32) -> Result<String, BadPlaceholder> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let bad = BadPlaceholder { at: text.len() - rest.len() };
        let found = PLACEHOLDERS.iter().position(|placeholder| rest.starts_with(placeholder)).ok_or(bad)?;
        // Writing to a `String` cannot fail.
        let _ = write!(filled, "{}", numbers(member)[found]);
        rest = &rest[PLACEHOLDERS[found].len()..];
    }
    filled.push_str(rest);
    Ok(filled)
}

impl Plan {
    /// Returns everybody who takes part, in the order of the file, with groups turned into their members.
    ///
    /// # Panics
    /// If a group was not checked: a member's prefix or address cannot be read.
    #[must_use]
    pub fn expand(&self) -> Vec<Actor> {
        let mut actors = Vec::with_capacity(self.clients.len());
        for entry in &self.clients {
            match entry {
                Entry::One(actor) => actors.push(actor.clone()),
                Entry::Group(group) => {
                    let template = group.tree();
                    let members = group.members().map(|member| group.read_member(&template, member));
                    actors.extend(members.map(|member| match member {
                        Ok(client) => Actor::Client(client),
                        Err(error) => panic!("a group in a plan must have been checked: {error}"),
                    }));
                }
            }
        }
        part_entities(&mut actors);
        actors
    }
}

/// Returns the `EntityInstanceId` that follows from a name: 31 bits of its hash.
#[must_use]
pub fn default_entity(name: &str) -> u32 {
    u32::try_from(hash_text(name) >> 33).unwrap_or(0)
}

/// Gives those another entity whose default one is taken: the default of `NAME/2`, `NAME/3`, …, which nobody is called. Who
/// says which entity it is keeps it, and so does the first of those who do not.
fn part_entities(actors: &mut [Actor]) {
    let mut taken = BTreeSet::new();
    for (place, entity, _) in actors.iter_mut().flat_map(entities_of) {
        taken.extend(entity.map(|entity| (place, entity)));
    }
    for (place, entity, name) in
        actors.iter_mut().flat_map(entities_of).filter(|(_, entity, _)| entity.is_none())
    {
        if taken.insert((place, default_entity(&name))) {
            continue;
        }
        let others = (2u32..).map(|number| default_entity(&format!("{name}/{number}")));
        *entity = others.into_iter().find(|other| taken.insert((place, *other)));
    }
}

/// Where somebody registers: the instance, the family, the protocol.
type Place = (u16, Family, Protocol);

/// Returns where somebody registers, as which entity, and under which name, once for each registration; a feed's peers are
/// not known yet.
fn entities_of(actor: &mut Actor) -> Vec<(Place, &mut Option<u32>, String)> {
    match actor {
        Actor::Client(Client { name, protocol, instance, family, entity, also, .. }) => {
            let mut entities = Vec::from([((*instance, *family, *protocol), entity, name.clone())]);
            entities.extend(also.iter_mut().map(|other| {
                let name = other.actor(name);
                ((other.instance, other.family, *protocol), &mut other.entity, name)
            }));
            entities
        }
        Actor::Observer(observer) => {
            let place = (observer.instance, observer.family, observer.protocol);
            Vec::from([(place, &mut observer.entity, observer.name.clone())])
        }
        Actor::Feed(_) => Vec::new(),
    }
}

impl Client<String, String> {
    /// Returns the numbers of the members that take part, ascending, from 1; none if it is no group.
    pub fn members(&self) -> impl Iterator<Item = u32> + '_ {
        (1..=self.count.unwrap_or(0))
            .filter(|member| self.only.is_empty() || self.only.contains(&self.member_name(*member)))
    }

    /// Returns the full name of a member.
    #[must_use]
    pub fn member_name(&self, member: u32) -> String {
        member_name(&self.name, member)
    }

    /// Returns one member as a client of its own.
    ///
    /// # Errors
    /// If a text of the template does not become a prefix or an address, or has a brace that belongs to no placeholder.
    pub fn member(&self, member: u32) -> Result<Client, String> {
        self.read_member(&self.tree(), member)
    }

    /// Returns the template as the tree that all members are read from.
    pub(crate) fn tree(&self) -> Node {
        let (root, mistakes) = reader::read(&to_ron(self));
        assert!(mistakes.is_empty(), "what is written can be read: {mistakes:?}");
        root
    }

    /// Reads a member from the tree of the template.
    fn read_member(&self, template: &Node, member: u32) -> Result<Client, String> {
        let client: Client = from_tree(template, Some(member))?;
        Ok(Client { name: self.member_name(member), count: None, only: Vec::new(), ..client })
    }
}

/// Returns what the placeholders stand for.
const fn numbers(member: u32) -> [u32; 3] {
    [member, member / 256, member % 256]
}

/// Returns the name of a group's member: the number is put in, or behind if there is no placeholder.
pub(crate) fn member_name(name: &str, member: u32) -> String {
    match fill(name, member) {
        Ok(filled) if filled != name => filled,
        _ => format!("{name}{member}"),
    }
}

/// Returns the name that a client acts under as another registration; of a group as a template for all members.
pub(crate) fn registration_actor(client: &str, registration: &str, members: Option<&[u32]>) -> String {
    let number = if members.is_some() && !client.contains('{') { PLACEHOLDERS[0] } else { "" };
    format!("{client}{number}.{registration}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load;
    use crate::plan::{Action, AddRoute};

    #[test]
    fn placeholders_take_the_members_number() {
        assert_eq!(fill("10.{n/256}.{n%256}.0/24", 300).as_deref(), Ok("10.1.44.0/24"));
        assert_eq!(fill("r{n}{n}", 7).as_deref(), Ok("r77"));
        assert_eq!(fill("r", 7).as_deref(), Ok("r"));
        assert_eq!(fill("ä{m}", 7), Err(BadPlaceholder { at: 2 }));
        assert_eq!(fill("r}", 7), Err(BadPlaceholder { at: 1 }));
    }

    #[test]
    fn who_comes_second_to_a_default_entity_gets_another_one_by_its_name_alone() {
        // These two names have the same default entity.
        assert_eq!(default_entity("client20511"), default_entity("client31314"));
        let entities = |clients: &str| -> Vec<Option<u32>> {
            let plan =
                load(&format!("Scenario(format: 1, until: \"1s\", clients: [{clients}])")).unwrap().plan;
            let mut actors = plan.expand();
            actors.iter_mut().flat_map(entities_of).map(|(_, entity, _)| *entity).collect()
        };
        let [one, other] = ["client20511", "client31314"]
            .map(|name| format!("Client(name: \"{name}\", protocol: \"RIP\"), "));
        let second = Some(default_entity("client31314/2"));
        assert_eq!(entities(&(one.clone() + &other)), [None, second]);
        assert_eq!(entities(&(other.clone() + &one)), [None, Some(default_entity("client20511/2"))]);
        assert_eq!(entities(&(one.clone() + &other.replace("RIP", "OSPF"))), [None, None]);
        let explicit =
            format!("Client(name: \"c\", protocol: \"RIP\", entity: {})", default_entity("client20511"));
        let expected = [Some(default_entity("client20511/2")), Some(default_entity("client20511"))];
        assert_eq!(entities(&(one + &explicit)), expected);
    }

    #[test]
    fn kept_members_keep_their_names_and_numbers() {
        let text = r#"Scenario(format: 1, until: "1s", clients: [
            Client(name: "a", protocol: "RIP"),
            Client(name: "rip{n}x", protocol: "RIP", count: 300, only: ["rip299x", "rip3x"], script: [
                At("0s", AddRoute(name: "r{n}", dest: "10.{n/256}.{n%256}.0/24", metric: 1)),
                At("0s", DeleteRoute(route: "r{n}")),
            ]),
            Client(name: "z", protocol: "RIP", count: 2),
        ])"#;
        let actors = load(text).unwrap().plan.expand();
        let clients: Vec<&Client> = actors
            .iter()
            .filter_map(|actor| if let Actor::Client(client) = actor { Some(client) } else { None })
            .collect();
        let names: Vec<&str> = clients.iter().map(|client| client.name.as_str()).collect();
        assert_eq!(names, ["a", "rip3x", "rip299x", "z1", "z2"]);
        let labels: Vec<&str> = clients[2].script.iter().map(|step| step.label.as_str()).collect();
        assert_eq!(labels, ["add-route(10.1.43.0/24)#1", "delete-route(r299)#1"]);
        let Action::AddRoute(AddRoute { name, dest, .. }) = &clients[1].script[0].action else {
            panic!("a route is added")
        };
        assert_eq!((name.as_deref(), dest.to_string().as_str()), (Some("r3"), "10.0.3.0/24"));
    }
}
