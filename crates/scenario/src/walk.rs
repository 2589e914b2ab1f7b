//! One walk over everything an action holds, for whoever changes how its texts are held: files, groups, plans.

use core::convert::Infallible;
use core::net::IpAddr;

use crate::action::{Action, Condition};
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
            Self::AddNextHop { name, address, interface } => Action::AddNextHop {
                name: m.text(name)?,
                address: m.address(address)?,
                interface: *interface,
            },
            Self::DeleteNextHop { name } => Action::DeleteNextHop { name: m.text(name)? },
            Self::AddRoute { .. } | Self::UpdateRoute { .. } | Self::EditRoute { .. } => self.map_route(m)?,
            Self::DeleteRoute { route } => Action::DeleteRoute { route: m.text(route)? },
            Self::HoldRoute { route } => Action::HoldRoute { route: m.text(route)? },
            Self::ReleaseRoute { route } => Action::ReleaseRoute { route: m.text(route)? },
            Self::RegisterForChanges { name, types, views, only_marked, suppress_own, context } => {
                Action::RegisterForChanges {
                    name: m.text(name)?,
                    types: types.clone(),
                    views: views.clone(),
                    only_marked: *only_marked,
                    suppress_own: *suppress_own,
                    context: *context,
                }
            }
            Self::DeregisterFromChanges { changes } => {
                Action::DeregisterFromChanges { changes: m.text(changes)? }
            }
            Self::Drain { changes } => Action::Drain { changes: m.text(changes)? },
            Self::GetChanged { changes, max } => Action::GetChanged { changes: m.text(changes)?, max: *max },
            Self::Ignore { changes, dest } => {
                Action::Ignore { changes: m.text(changes)?, dest: m.prefix(dest)? }
            }
            Self::ChangeStatus { changes, dest } => {
                Action::ChangeStatus { changes: m.text(changes)?, dest: m.prefix(dest)? }
            }
            Self::Mark { changes, dest } => Action::Mark { changes: m.text(changes)?, dest: m.prefix(dest)? },
            Self::Unmark { changes, dest } => {
                Action::Unmark { changes: m.text(changes)?, dest: m.prefix(dest)? }
            }
            Self::IsMarked { changes, dest } => {
                Action::IsMarked { changes: m.text(changes)?, dest: m.prefix(dest)? }
            }
            Self::Lookup { dest, matching, views, protocol } => Action::Lookup {
                dest: m.prefix(dest)?,
                matching: *matching,
                views: views.clone(),
                protocol: *protocol,
            },
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

    /// Returns the same addition, update or edit of a route with everything in it mapped.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "`map` names every action once and sends these three here"
    )]
    fn map_route<M: Mapper<P, A>>(&self, m: &mut M) -> Result<Action<M::Prefix, M::Address>, M::Error> {
        Ok(match self {
            Self::AddRoute {
                name,
                dest,
                via,
                metric,
                preference,
                expires_after,
                neighbour,
                views,
                flags,
                mode,
            } => Action::AddRoute {
                name: map_option(name.as_ref(), m)?,
                dest: m.prefix(dest)?,
                via: map_texts(via, m)?,
                metric: *metric,
                preference: *preference,
                expires_after: *expires_after,
                neighbour: map_option(neighbour.as_ref(), m)?,
                views: views.clone(),
                flags: *flags,
                mode: *mode,
            },
            Self::UpdateRoute { route, metric, preference, via, neighbour, views, flags, expires_after } => {
                Action::UpdateRoute {
                    route: m.text(route)?,
                    metric: *metric,
                    preference: *preference,
                    via: via.as_ref().map(|via| map_texts(via, m)).transpose()?,
                    neighbour: map_option(neighbour.as_ref(), m)?,
                    views: views.clone(),
                    flags: *flags,
                    expires_after: *expires_after,
                }
            }
            Self::EditRoute { route, metric, preference, via, neighbour, views, expires_after } => {
                Action::EditRoute {
                    route: m.text(route)?,
                    metric: *metric,
                    preference: *preference,
                    via: via.as_ref().map(|via| map_texts(via, m)).transpose()?,
                    neighbour: map_option(neighbour.as_ref(), m)?,
                    views: views.clone(),
                    expires_after: *expires_after,
                }
            }
            _ => unreachable!("only actions that set what a route is come here"),
        })
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
