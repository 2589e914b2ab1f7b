//! Actions that cannot be done where they stand: in files they are mistakes, but a plan can be made in Rust.

use alloc::collections::{BTreeMap, BTreeSet};
use core::fmt;
use core::net::{IpAddr, Ipv4Addr};

use tiebreak_rtm::NetAddress;

use crate::action::Action;
use crate::condition::Condition;
use crate::plan::{Client, Dest, Event, MAIN, Step};

/// An action that cannot be done where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misplaced {
    /// It depends on this switch, which is not resolved.
    Switch(String),
    /// It is done as this registration, which the client does not have.
    Registration(String),
    /// It is about whichever destination has changed, and not within what a `Drain` does.
    Changed,
    /// It is a `Pause`, and not within a callback.
    Pause,
}

impl fmt::Display for Misplaced {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch(name) => write!(out, "nobody has said whether the switch `{name}` is on"),
            Self::Registration(name) => write!(out, "the client has no registration `{name}`"),
            Self::Changed => out.write_str("`changed` has a meaning only in what a `Drain` does"),
            Self::Pause => out.write_str("`Pause` has a meaning only in callbacks"),
        }
    }
}

/// Where an action stands.
#[derive(Debug, Clone, Copy)]
struct Surroundings {
    /// Is it in what a callback does before it returns?
    is_in_callback: bool,
    /// Is it in what a `Drain` does?
    is_in_drain: bool,
}

impl Client {
    /// Returns the first action that cannot be done where it stands; a checked client whose switches are resolved has none.
    #[must_use]
    pub fn misplaced(&self) -> Option<Misplaced> {
        let names: BTreeSet<&str> = self.also.iter().map(|other| other.name.as_str()).collect();
        let find = |action: &Action, place| find(action, place, &names);
        let of_steps = Surroundings { is_in_callback: false, is_in_drain: false };
        let of_step = |step: &Step| {
            let switch = step.with.iter().chain(&step.without).next();
            let condition = step.condition.iter().any(has_changed).then_some(Misplaced::Changed);
            let switch = switch.map(|name| Misplaced::Switch(name.clone()));
            switch.or(condition).or_else(|| find(&step.action, of_steps))
        };
        let of_reactions = |reactions: &BTreeMap<Event, Vec<Action>>| {
            reactions.iter().find_map(|(event, actions)| {
                let is_in_callback = *event != Event::Method;
                let place = Surroundings { is_in_callback, is_in_drain: false };
                actions.iter().find_map(|action| find(action, place))
            })
        };
        let mut also = self.also.iter();
        self.script
            .iter()
            .find_map(of_step)
            .or_else(|| of_reactions(&self.on))
            .or_else(|| also.find_map(|other| of_reactions(&other.on)))
    }
}

/// Returns the first of these actions that cannot be done where it stands; `names` are those of the other registrations.
#[expect(clippy::wildcard_enum_match_arm, reason = "what holds no actions is about destinations only")]
fn find(action: &Action, place: Surroundings, names: &BTreeSet<&str>) -> Option<Misplaced> {
    let (is_about_changed, inside) = match action {
        Action::With(name, _) | Action::Without(name, _) => return Some(Misplaced::Switch(name.clone())),
        Action::Pause(_) if !place.is_in_callback => return Some(Misplaced::Pause),
        Action::As(name, _) if name != MAIN && !names.contains(name.as_str()) => {
            return Some(Misplaced::Registration(name.clone()));
        }
        Action::When(condition, _) => (has_changed(condition), place),
        Action::After(..) => (false, Surroundings { is_in_callback: false, ..place }),
        Action::Drain { .. } => (false, Surroundings { is_in_drain: true, ..place }),
        Action::All(_) | Action::As(..) => (false, place),
        leaf => (leaf.bound(ANY) != *leaf, place),
    };
    if is_about_changed && !place.is_in_drain {
        return Some(Misplaced::Changed);
    }
    action.inner().into_iter().flatten().find_map(|action| find(action, inside, names))
}
/// Some destination.
const ANY: NetAddress = NetAddress::host(IpAddr::V4(Ipv4Addr::UNSPECIFIED));

/// Whether a condition is about whichever destination has changed.
fn has_changed(condition: &Condition) -> bool {
    let mut found = false;
    condition.clone().visit_dest(&mut |dest| found |= *dest == Dest::Changed);
    found
}
