//! Actions and conditions.

use super::fields::{Call, Fields};
use super::{Lower, Place, Use};
use crate::action::{
    Action, AddMode, AddNextHop, AddRoute, ChangedDest, Condition, EditRoute, Lookup, Match,
    RegisterForChanges, UpdateRoute,
};
use crate::code;
use crate::document::TextAction;
use crate::plan::{Event, Selector, View};
use crate::tree::Node;

/// Every action there is.
pub(crate) const ACTIONS: [&str; 33] = [
    "Register",
    "Deregister",
    "AddNextHop",
    "DeleteNextHop",
    "AddRoute",
    "UpdateRoute",
    "EditRoute",
    "DeleteRoute",
    "HoldRoute",
    "ReleaseRoute",
    "RegisterForChanges",
    "DeregisterFromChanges",
    "Drain",
    "GetChanged",
    "Ignore",
    "ChangeStatus",
    "Mark",
    "Unmark",
    "IsMarked",
    "Lookup",
    "ListEntities",
    "EntityInfo",
    "IsBest",
    "RouteInfo",
    "Return",
    "ReleaseEventRoute",
    "When",
    "With",
    "Without",
    "All",
    "After",
    "Set",
    "Clear",
];

/// Every condition there is.
pub(crate) const CONDITIONS: [&str; 8] =
    ["About", "Expired", "Notified", "Unreachable", "Reachable", "Owner", "Flag", "Not"];

impl Lower {
    pub(super) fn actions(&mut self, node: &Node) -> Option<Vec<TextAction>> {
        self.list(node, Self::action)
    }

    pub(super) fn action(&mut self, node: &Node) -> Option<TextAction> {
        let call = self.variant(node, "an action", &ACTIONS)?;
        Some(match call.name {
            "Register" | "Deregister" | "ListEntities" | "EntityInfo" | "ReleaseEventRoute" => {
                self.bare(&call)
            }
            "AddNextHop" | "DeleteNextHop" => self.next_hop_action(&call),
            "AddRoute" => self.add_route(&call),
            "UpdateRoute" => self.update_route(&call),
            "EditRoute" => self.edit_route(&call),
            "DeleteRoute" | "HoldRoute" | "ReleaseRoute" | "IsBest" | "RouteInfo" => self.route_action(&call),
            "Lookup" => self.lookup(&call),
            "RegisterForChanges" => self.register_for_changes(&call),
            "DeregisterFromChanges" | "Drain" | "GetChanged" => self.changes_action(&call),
            "Ignore" | "ChangeStatus" | "Mark" | "Unmark" | "IsMarked" => self.changed_dest_action(&call),
            _ => return self.control(&call),
        })
    }

    /// Reports an action or a condition that means nothing where it stands.
    fn only_in(&mut self, call: &Call<'_>, events: &[Event]) {
        if let Place::Reaction(event) = self.place {
            if events.contains(&event) {
                return;
            }
        }
        let names: Vec<String> = events.iter().map(|event| format!("`{event:?}`")).collect();
        let message = match self.place {
            Place::Script => format!("`{}` means nothing in a script", call.name),
            Place::After => format!("`{}` means nothing in `After`: the callback is over then", call.name),
            Place::Reaction(event) => format!("`{}` means nothing in a reaction to `{event:?}`", call.name),
        };
        let help = format!("it belongs in a reaction to {}", names.join(" or "));
        self.report(code::MISPLACED, call.span.clone(), message, help);
    }

    fn bare(&mut self, call: &Call<'_>) -> TextAction {
        self.alone(call);
        match call.name {
            "Register" => Action::Register,
            "Deregister" => Action::Deregister,
            "ListEntities" => Action::ListEntities,
            "EntityInfo" => {
                self.only_in(call, &[Event::EntityRegistered, Event::EntityDeregistered]);
                Action::EntityInfo
            }
            _ => {
                self.only_in(call, &[Event::RouteExpired]);
                Action::ReleaseEventRoute
            }
        }
    }

    fn next_hop_action(&mut self, call: &Call<'_>) -> TextAction {
        if call.name == "DeleteNextHop" {
            let fields = self.fields(call, &["name"]);
            return Action::DeleteNextHop { name: self.req(&fields, "name", Self::next_hop) };
        }
        let fields = self.fields(call, &["name", "address", "interface"]);
        Action::AddNextHop(AddNextHop {
            name: self.req(&fields, "name", |lower, node| lower.noted(node, Use::NewNextHop)),
            address: self.req(&fields, "address", |lower, node| lower.noted(node, Use::Address)),
            interface: self.req(&fields, "interface", Self::integer::<u32>),
        })
    }

    fn add_route(&mut self, call: &Call<'_>) -> TextAction {
        const FIELDS: [&str; 10] = [
            "name",
            "dest",
            "via",
            "metric",
            "preference",
            "expires_after",
            "neighbour",
            "views",
            "flags",
            "mode",
        ];
        let fields = self.fields(call, &FIELDS);
        Action::AddRoute(AddRoute {
            name: self.opt(&fields, "name", |lower, node| lower.noted(node, Use::NewRoute)),
            dest: self.req(&fields, "dest", Self::dest),
            via: self.or(&fields, "via", Vec::new(), Self::next_hops),
            metric: self.req(&fields, "metric", Self::integer::<u32>),
            preference: self.opt(&fields, "preference", Self::integer::<u32>),
            expires_after: self.opt(&fields, "expires_after", Self::millis),
            neighbour: self.opt(&fields, "neighbour", Self::next_hop),
            views: self.or(&fields, "views", View::unicast(), Self::views),
            flags: self.opt(&fields, "flags", Self::integer::<u16>),
            mode: self.or(&fields, "mode", AddMode::default(), Self::mode),
        })
    }

    fn update_route(&mut self, call: &Call<'_>) -> TextAction {
        const FIELDS: [&str; 8] =
            ["route", "metric", "preference", "via", "neighbour", "views", "flags", "expires_after"];
        let fields = self.fields(call, &FIELDS);
        Action::UpdateRoute(UpdateRoute {
            route: self.req(&fields, "route", Self::route),
            metric: self.opt(&fields, "metric", Self::integer::<u32>),
            preference: self.opt(&fields, "preference", Self::integer::<u32>),
            via: self.opt(&fields, "via", Self::next_hops),
            neighbour: self.opt(&fields, "neighbour", Self::next_hop),
            views: self.opt(&fields, "views", Self::views),
            flags: self.opt(&fields, "flags", Self::integer::<u16>),
            expires_after: self.opt(&fields, "expires_after", Self::millis),
        })
    }

    fn edit_route(&mut self, call: &Call<'_>) -> TextAction {
        const FIELDS: [&str; 7] =
            ["route", "metric", "preference", "via", "neighbour", "views", "expires_after"];
        let fields = self.fields(call, &FIELDS);
        Action::EditRoute(EditRoute {
            route: self.req(&fields, "route", Self::route),
            metric: self.opt(&fields, "metric", Self::integer::<u32>),
            preference: self.opt(&fields, "preference", Self::integer::<u32>),
            via: self.opt(&fields, "via", Self::next_hops),
            neighbour: self.opt(&fields, "neighbour", Self::next_hop),
            views: self.opt(&fields, "views", Self::views),
            expires_after: self.opt(&fields, "expires_after", Self::millis),
        })
    }

    fn route_action(&mut self, call: &Call<'_>) -> TextAction {
        let fields = self.fields(call, &["route"]);
        let route = self.req(&fields, "route", Self::route);
        match call.name {
            "DeleteRoute" => Action::DeleteRoute { route },
            "HoldRoute" => Action::HoldRoute { route },
            "ReleaseRoute" => Action::ReleaseRoute { route },
            "IsBest" => Action::IsBest { route },
            _ => Action::RouteInfo { route },
        }
    }

    fn lookup(&mut self, call: &Call<'_>) -> TextAction {
        let fields = self.fields(call, &["dest", "match", "views", "protocol"]);
        Action::Lookup(Lookup {
            dest: self.req(&fields, "dest", Self::dest),
            matching: self.or(&fields, "match", Match::default(), Self::matching),
            views: self.or(&fields, "views", View::unicast(), Self::views),
            protocol: self.or(&fields, "protocol", Selector::default(), Self::selector),
        })
    }

    fn register_for_changes(&mut self, call: &Call<'_>) -> TextAction {
        let known = ["name", "types", "views", "only_marked", "suppress_own", "context"];
        let fields = self.fields(call, &known);
        Action::RegisterForChanges(RegisterForChanges {
            name: self.req(&fields, "name", |lower, node| lower.noted(node, Use::NewChanges)),
            types: self.req(&fields, "types", Self::change_types),
            views: self.or(&fields, "views", View::unicast(), Self::views),
            only_marked: self.or(&fields, "only_marked", false, Self::boolean),
            suppress_own: self.or(&fields, "suppress_own", false, Self::boolean),
            context: self.or(&fields, "context", 0, Self::integer::<u64>),
        })
    }

    fn changes_action(&mut self, call: &Call<'_>) -> TextAction {
        let known: &[&'static str] =
            if call.name == "GetChanged" { &["changes", "max"] } else { &["changes"] };
        let fields = self.fields(call, known);
        let changes = self.req(&fields, "changes", Self::changes);
        match call.name {
            "DeregisterFromChanges" => Action::DeregisterFromChanges { changes },
            "Drain" => Action::Drain { changes },
            _ => {
                let max = self.req(&fields, "max", |lower, node| lower.at_least(node, 1, u32::MAX));
                Action::GetChanged { changes, max }
            }
        }
    }

    fn changed_dest_action(&mut self, call: &Call<'_>) -> TextAction {
        let fields: Fields<'_> = self.fields(call, &["changes", "dest"]);
        let changes = self.req(&fields, "changes", Self::changes);
        let of = ChangedDest { changes, dest: self.req(&fields, "dest", Self::dest) };
        match call.name {
            "Ignore" => Action::Ignore(of),
            "ChangeStatus" => Action::ChangeStatus(of),
            "Mark" => Action::Mark(of),
            "Unmark" => Action::Unmark(of),
            _ => Action::IsMarked(of),
        }
    }

    /// Answers, blocks, flags.
    fn control(&mut self, call: &Call<'_>) -> Option<TextAction> {
        Some(match call.name {
            "Return" => {
                use Event::{ChangeNotification, EntityDeregistered, EntityRegistered, RouteExpired};
                self.only_in(call, &[RouteExpired, ChangeNotification, EntityRegistered, EntityDeregistered]);
                let values = self.tuple(call, 1, "Return(NotSupported)")?;
                Action::Return(self.status(&values[0])?)
            }
            "When" => {
                let values = self.tuple(call, 2, "When(condition, [actions])")?;
                let condition = self.condition(&values[0]);
                let actions = self.actions(&values[1])?;
                Action::When(condition?, actions)
            }
            "With" | "Without" => {
                let values = self.tuple(call, 2, &format!("{}(\"switch\", [actions])", call.name))?;
                let switch = self.switch(&values[0]);
                let actions = self.actions(&values[1])?;
                if call.name == "With" {
                    Action::With(switch?, actions)
                } else {
                    Action::Without(switch?, actions)
                }
            }
            "All" => {
                let values = self.tuple(call, 1, "All([actions])")?;
                Action::All(self.actions(&values[0])?)
            }
            "After" => return self.after(call),
            "Set" => Action::Set(self.single(call, Use::FlagName, "Set(\"flag\")")?),
            _ => Action::Clear(self.single(call, Use::FlagName, "Clear(\"flag\")")?),
        })
    }

    fn after(&mut self, call: &Call<'_>) -> Option<TextAction> {
        let values = self.tuple(call, 2, "After(\"5ms\", [actions]?)")?;
        let mark = self.labels.len();
        self.labels.push(values.get(2).map_or(call.span.clone(), |node| node.span.clone()));
        let span = self.span(&values[0]);
        let place = core::mem::replace(&mut self.place, Place::After);
        let actions = self.actions(&values[1]);
        self.place = place;
        let label = values.get(2).map(|node| self.noted(node, Use::Label).unwrap_or_default());
        if let (Some(span), Some(actions)) = (span, actions) {
            return Some(Action::After(span, actions, label.unwrap_or_default()));
        }
        self.labels.truncate(mark);
        None
    }

    fn condition(&mut self, node: &Node) -> Option<Condition<String>> {
        let call = self.variant(node, "a condition", &CONDITIONS)?;
        Some(match call.name {
            "About" => {
                self.only_in(&call, &[Event::EntityRegistered, Event::EntityDeregistered]);
                Condition::About(self.single(&call, Use::Client, "About(\"client\")")?)
            }
            "Expired" => {
                self.only_in(&call, &[Event::RouteExpired]);
                Condition::Expired(self.single(&call, Use::Prefix, "Expired(\"10.0.0.0/8\")")?)
            }
            "Notified" => {
                self.only_in(&call, &[Event::ChangeNotification]);
                Condition::Notified(self.single(&call, Use::Changes, "Notified(\"changes\")")?)
            }
            "Unreachable" => {
                Condition::Unreachable(self.single(&call, Use::Prefix, "Unreachable(\"10.0.0.0/8\")")?)
            }
            "Reachable" => {
                Condition::Reachable(self.single(&call, Use::Prefix, "Reachable(\"10.0.0.0/8\")")?)
            }
            "Owner" => {
                let values = self.tuple(&call, 2, "Owner(\"10.0.0.0/8\", \"client\")")?;
                let dest = self.noted(&values[0], Use::Prefix);
                let client = self.noted(&values[1], Use::Client);
                Condition::Owner(dest?, client?)
            }
            "Flag" => Condition::Flag(self.single(&call, Use::FlagName, "Flag(\"flag\")")?),
            _ => {
                let values = self.tuple(&call, 1, "Not(condition)")?;
                Condition::Not(Box::new(self.condition(&values[0])?))
            }
        })
    }

    fn dest(&mut self, node: &Node) -> Option<String> {
        self.noted(node, Use::Prefix)
    }

    fn next_hop(&mut self, node: &Node) -> Option<String> {
        self.noted(node, Use::NextHop)
    }

    fn next_hops(&mut self, node: &Node) -> Option<Vec<String>> {
        self.list(node, Self::next_hop)
    }

    /// Takes the name of a route; `expired` is the event's.
    fn route(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        if text != "expired" {
            self.note(Use::Route, &text, node.span.clone());
        } else if self.place != Place::Reaction(Event::RouteExpired) {
            let help =
                "it names the event's route in a reaction to `RouteExpired`; name a route of the client";
            self.error(code::MISPLACED, node, "no route expires here", help);
        }
        Some(text)
    }

    /// Takes the name of a registration; `notified` is the event's.
    fn changes(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        if text != "notified" {
            self.note(Use::Changes, &text, node.span.clone());
        } else if self.place != Place::Reaction(Event::ChangeNotification) {
            let help = "it names the event's registration in a reaction to `ChangeNotification`; name one of the client";
            self.error(code::MISPLACED, node, "nothing is notified here", help);
        }
        Some(text)
    }
}
