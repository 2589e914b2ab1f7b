//! What actions on enumerations and route lists are about, with the numbers of their fields in the digest.

use serde::{Deserialize, Serialize};

use super::payload::Criteria;
use crate::digest::Bytes;
use crate::document::{is_default, is_unicast, unicast};
use crate::plan::{Dest, View};
use crate::words::Selector;

/// An enumeration of destinations.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "P: Deserialize<'de>"))]
pub struct CreateDestEnum<P = Dest> {
    /// Under which name the client keeps it.
    pub name: String,
    /// In which views; an empty list asks for any view.
    #[serde(default = "unicast", skip_serializing_if = "is_unicast")]
    pub views: Vec<View>,
    /// Where it starts, to go on to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<P>,
    /// The prefix whose subtree it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<P>,
    /// Only destinations of which the client owns the best route?
    #[serde(default, skip_serializing_if = "is_default")]
    pub own: bool,
    /// Whose best route is reported.
    #[serde(default, skip_serializing_if = "is_default")]
    pub protocol: Selector,
}

/// An enumeration of routes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "P: Deserialize<'de>"))]
pub struct CreateRouteEnum<P = Dest> {
    /// Under which name the client keeps it.
    pub name: String,
    /// The one destination whose routes it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dest: Option<P>,
    /// In which views; an empty list asks for any view.
    #[serde(default = "unicast", skip_serializing_if = "is_unicast")]
    pub views: Vec<View>,
    /// Where it starts, to go on to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<P>,
    /// The prefix whose subtree it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<P>,
    /// Only routes of the client?
    #[serde(default, skip_serializing_if = "is_default")]
    pub own: bool,
    /// What a route has to agree with.
    #[serde(default, skip_serializing_if = "is_default")]
    pub like: Criteria,
}

/// An enumeration of the client's next hops.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "P: Deserialize<'de>"))]
pub struct CreateNextHopEnum<P = Dest> {
    /// Under which name the client keeps it.
    pub name: String,
    /// Where it starts, to go on to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<P>,
    /// The prefix whose addresses it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<P>,
}

/// The next batch of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// An enumeration of this client.
    #[serde(rename = "enum")]
    pub name: String,
    /// How many at most, from 1.
    pub max: u32,
}

/// Routes that are moved into a list, or out of lists.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InsertInRouteList {
    /// A list of this client; without one the routes leave the lists they are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// Routes of this client.
    pub routes: Vec<String>,
}

/// An enumeration of a route list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateRouteListEnum {
    /// Under which name the client keeps it.
    pub name: String,
    /// A list of this client.
    pub list: String,
}

/// The next batch of an enumeration of a route list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetListEnumRoutes {
    /// An enumeration of this client.
    #[serde(rename = "enum")]
    pub name: String,
    /// How many at most, from 1.
    pub max: u32,
    /// The list that the routes are moved into, before they are released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<String>,
}

/// Appends the fields of an enumeration of destinations.
pub(super) fn create_dest_enum<'b>(of: &CreateDestEnum, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let CreateDestEnum { name, views, from, range, own, protocol } = of;
    bytes.field(1, name).list(2, views, &[View::Unicast]).option(3, from.as_ref());
    bytes.option(4, range.as_ref()).unless(5, own, &false).unless(6, protocol, &Selector::Best)
}

/// Appends the fields of an enumeration of routes.
pub(super) fn create_route_enum<'b>(of: &CreateRouteEnum, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let CreateRouteEnum { name, dest, views, from, range, own, like } = of;
    bytes.field(1, name).option(2, dest.as_ref()).list(3, views, &[View::Unicast]);
    bytes.option(4, from.as_ref()).option(5, range.as_ref()).unless(6, own, &false);
    bytes.unless(7, like, &Criteria::default())
}

/// Appends the fields of a batch.
pub(super) fn batch<'b>(batch: &Batch, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let Batch { name, max } = batch;
    bytes.field(1, name).field(2, max)
}

/// Appends the fields of an enumeration of next hops.
pub(super) fn create_next_hop_enum<'b>(of: &CreateNextHopEnum, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let CreateNextHopEnum { name, from, range } = of;
    bytes.field(1, name).option(2, from.as_ref()).option(3, range.as_ref())
}

/// Appends the fields of routes that are moved.
pub(super) fn insert_in_route_list<'b>(of: &InsertInRouteList, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let InsertInRouteList { list, routes } = of;
    bytes.option(1, list.as_ref()).field(2, routes)
}

/// Appends the fields of an enumeration of a route list.
pub(super) fn create_route_list_enum<'b>(of: &CreateRouteListEnum, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let CreateRouteListEnum { name, list } = of;
    bytes.field(1, name).field(2, list)
}
