//! One walk over everything an action holds, for whoever changes how its texts are held: files, groups, plans.

use core::convert::Infallible;
use core::net::IpAddr;

use crate::action::{
    Action, AddNextHop, AddRoute, ChangedDest, Condition, EditRoute, Lookup, RegisterForChanges, UpdateRoute,
};
use crate::plan::{Client, Prefix, Step};

/// Says what becomes of each prefix, address and text.
pub(crate) trait Mapper<P, A> {
    /// What a prefix becomes.
    type Prefix;
    /// What an address becomes.
    type Address;
    /// Why it cannot become that.
    type Error;

    /// Maps a prefix.
    fn prefix(&mut self, prefix: &P) -> Result<Self::Prefix, Self::Error>;

    /// Maps an address.
    fn address(&mut self, address: &A) -> Result<Self::Address, Self::Error>;

    /// Maps a name or a label.
    fn text(&mut self, text: &str) -> Result<String, Self::Error>;
}

/// Writes prefixes and addresses out.
pub(crate) struct ToText;

impl Mapper<Prefix, IpAddr> for ToText {
    type Prefix = String;
    type Address = String;
    type Error = Infallible;

    fn prefix(&mut self, prefix: &Prefix) -> Result<String, Infallible> {
        Ok(prefix.to_string())
    }

    fn address(&mut self, address: &IpAddr) -> Result<String, Infallible> {
        Ok(address.to_string())
    }

    fn text(&mut self, text: &str) -> Result<String, Infallible> {
        Ok(text.to_owned())
    }
}

/// Reads prefixes and addresses, after putting a member's number into every text if there is one.
pub(crate) struct FromText {
    /// The number of the group's member.
    pub(crate) member: Option<u32>,
}

impl Mapper<String, String> for FromText {
    type Prefix = Prefix;
    type Address = IpAddr;
    type Error = String;

    fn prefix(&mut self, prefix: &String) -> Result<Prefix, String> {
        let text = self.text(prefix)?;
        text.parse().map_err(|error| format!("{text:?} is not a prefix: {error}"))
    }

    fn address(&mut self, address: &String) -> Result<IpAddr, String> {
        let text = self.text(address)?;
        text.parse().map_err(|_| format!("{text:?} is not an address"))
    }

    fn text(&mut self, text: &str) -> Result<String, String> {
        match self.member {
            Some(member) => crate::groups::fill(text, member).map_err(|error| error.to_string()),
            None => Ok(text.to_owned()),
        }
    }
}

impl<P, A> Action<P, A> {
    /// Returns the same action with everything in it mapped.
    pub(crate) fn map<M: Mapper<P, A>>(&self, m: &mut M) -> Result<Action<M::Prefix, M::Address>, M::Error> {
        Ok(match self {
            Self::Register => Action::Register,
            Self::Deregister => Action::Deregister,
            Self::AddNextHop(AddNextHop { name, address, interface }) => Action::AddNextHop(AddNextHop {
                name: m.text(name)?,
                address: m.address(address)?,
                interface: *interface,
            }),
            Self::DeleteNextHop { name } => Action::DeleteNextHop { name: m.text(name)? },
            Self::AddRoute(route) => Action::AddRoute(route.map(m)?),
            Self::UpdateRoute(update) => Action::UpdateRoute(UpdateRoute {
                route: m.text(&update.route)?,
                via: update.via.as_ref().map(|via| map_texts(via, m)).transpose()?,
                neighbour: map_option(update.neighbour.as_ref(), m)?,
                ..update.clone()
            }),
            Self::EditRoute(edit) => Action::EditRoute(EditRoute {
                route: m.text(&edit.route)?,
                via: edit.via.as_ref().map(|via| map_texts(via, m)).transpose()?,
                neighbour: map_option(edit.neighbour.as_ref(), m)?,
                ..edit.clone()
            }),
            Self::DeleteRoute { route } => Action::DeleteRoute { route: m.text(route)? },
            Self::HoldRoute { route } => Action::HoldRoute { route: m.text(route)? },
            Self::ReleaseRoute { route } => Action::ReleaseRoute { route: m.text(route)? },
            Self::RegisterForChanges(changes) => Action::RegisterForChanges(RegisterForChanges {
                name: m.text(&changes.name)?,
                ..changes.clone()
            }),
            Self::DeregisterFromChanges { changes } => {
                Action::DeregisterFromChanges { changes: m.text(changes)? }
            }
            Self::Drain { changes } => Action::Drain { changes: m.text(changes)? },
            Self::GetChanged { changes, max } => Action::GetChanged { changes: m.text(changes)?, max: *max },
            Self::Ignore(of) => Action::Ignore(of.map(m)?),
            Self::ChangeStatus(of) => Action::ChangeStatus(of.map(m)?),
            Self::Mark(of) => Action::Mark(of.map(m)?),
            Self::Unmark(of) => Action::Unmark(of.map(m)?),
            Self::IsMarked(of) => Action::IsMarked(of.map(m)?),
            Self::Lookup(Lookup { dest, matching, views, protocol }) => Action::Lookup(Lookup {
                dest: m.prefix(dest)?,
                matching: *matching,
                views: views.clone(),
                protocol: *protocol,
            }),
            Self::ListEntities => Action::ListEntities,
            Self::EntityInfo => Action::EntityInfo,
            Self::IsBest { route } => Action::IsBest { route: m.text(route)? },
            Self::RouteInfo { route } => Action::RouteInfo { route: m.text(route)? },
            Self::Return(status) => Action::Return(*status),
            Self::ReleaseEventRoute => Action::ReleaseEventRoute,
            Self::When(condition, actions) => Action::When(condition.map(m)?, map_actions(actions, m)?),
            Self::With(switch, actions) => Action::With(switch.clone(), map_actions(actions, m)?),
            Self::Without(switch, actions) => Action::Without(switch.clone(), map_actions(actions, m)?),
            Self::All(actions) => Action::All(map_actions(actions, m)?),
            Self::After(span, actions, label) => {
                Action::After(*span, map_actions(actions, m)?, m.text(label)?)
            }
            Self::Set(flag) => Action::Set(m.text(flag)?),
            Self::Clear(flag) => Action::Clear(m.text(flag)?),
        })
    }
}

impl<P> AddRoute<P> {
    /// Returns the same addition with everything in it mapped.
    fn map<A, M: Mapper<P, A>>(&self, m: &mut M) -> Result<AddRoute<M::Prefix>, M::Error> {
        Ok(AddRoute {
            name: map_option(self.name.as_ref(), m)?,
            dest: m.prefix(&self.dest)?,
            via: map_texts(&self.via, m)?,
            metric: self.metric,
            preference: self.preference,
            expires_after: self.expires_after,
            neighbour: map_option(self.neighbour.as_ref(), m)?,
            views: self.views.clone(),
            flags: self.flags,
            mode: self.mode,
        })
    }
}

impl<P> ChangedDest<P> {
    /// Returns the same destination with everything in it mapped.
    fn map<A, M: Mapper<P, A>>(&self, m: &mut M) -> Result<ChangedDest<M::Prefix>, M::Error> {
        Ok(ChangedDest { changes: m.text(&self.changes)?, dest: m.prefix(&self.dest)? })
    }
}

impl<P> Condition<P> {
    /// Returns the same condition with everything in it mapped.
    fn map<A, M: Mapper<P, A>>(&self, m: &mut M) -> Result<Condition<M::Prefix>, M::Error> {
        Ok(match self {
            Self::About(client) => Condition::About(m.text(client)?),
            Self::Expired(dest) => Condition::Expired(m.prefix(dest)?),
            Self::Notified(changes) => Condition::Notified(m.text(changes)?),
            Self::Unreachable(dest) => Condition::Unreachable(m.prefix(dest)?),
            Self::Reachable(dest) => Condition::Reachable(m.prefix(dest)?),
            Self::Owner(dest, client) => Condition::Owner(m.prefix(dest)?, m.text(client)?),
            Self::Flag(flag) => Condition::Flag(m.text(flag)?),
            Self::Not(inner) => Condition::Not(Box::new(inner.map(m)?)),
        })
    }
}

impl<P, A> Client<P, A> {
    /// Returns the same client with everything in it mapped.
    pub(crate) fn map<M: Mapper<P, A>>(&self, m: &mut M) -> Result<Client<M::Prefix, M::Address>, M::Error> {
        let script = self.script.iter().map(|step| {
            Ok(Step {
                timing: step.timing,
                action: step.action.map(m)?,
                label: m.text(&step.label)?,
                with: step.with.clone(),
                without: step.without.clone(),
            })
        });
        let script = script.collect::<Result<_, M::Error>>()?;
        let on = self.on.iter().map(|(event, actions)| Ok((*event, map_actions(actions, m)?)));
        Ok(Client {
            on: on.collect::<Result<_, M::Error>>()?,
            name: m.text(&self.name)?,
            protocol: self.protocol,
            instance: self.instance,
            family: self.family,
            entity: self.entity,
            has_callback: self.has_callback,
            delivery: self.delivery,
            script,
        })
    }
}

/// What a mapper makes of a list of actions.
type MappedActions<P, A, M> = Vec<Action<<M as Mapper<P, A>>::Prefix, <M as Mapper<P, A>>::Address>>;

fn map_actions<P, A, M: Mapper<P, A>>(
    actions: &[Action<P, A>],
    m: &mut M,
) -> Result<MappedActions<P, A, M>, M::Error> {
    actions.iter().map(|action| action.map(m)).collect()
}

fn map_texts<P, A, M: Mapper<P, A>>(texts: &[String], m: &mut M) -> Result<Vec<String>, M::Error> {
    texts.iter().map(|text| m.text(text)).collect()
}

fn map_option<P, A, M: Mapper<P, A>>(text: Option<&String>, m: &mut M) -> Result<Option<String>, M::Error> {
    text.map(|text| m.text(text)).transpose()
}
