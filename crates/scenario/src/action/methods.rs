//! What actions on exported methods are about, with the numbers of their fields in the digest.

use serde::{Deserialize, Serialize};

use crate::digest::Bytes;
use crate::document::is_default;

/// Which methods of a client there are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntityMethods {
    /// The client.
    pub of: String,
    /// For how many there is room; without it the client asks how many there are, and then for all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<u32>,
}

/// Methods of a client that are invoked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvokeMethod {
    /// The client, perhaps the one that invokes.
    pub of: String,
    /// Which of them, numbered from 1; an empty list means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<u32>,
    /// What they are given.
    #[serde(default, skip_serializing_if = "is_default")]
    pub input: u64,
    /// For how many outputs there is room; without it for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<u32>,
}

/// Appends the fields of a question for methods.
pub(super) fn entity_methods<'b>(asked: &EntityMethods, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let EntityMethods { of, room } = asked;
    bytes.field(1, of).option(2, room.as_ref())
}

/// Appends the fields of an invocation.
pub(super) fn invoke_method<'b>(invoked: &InvokeMethod, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let InvokeMethod { of, methods, input, room } = invoked;
    bytes.field(1, of).list(2, methods, &[]).unless(3, input, &0).option(4, room.as_ref())
}
