//! Data of the users' own, which foca passes on beside its news of members.

use std::collections::BTreeMap;
use std::convert::Infallible;

use foca::{BroadcastHandler, Invalidates};

use crate::wire::Id;

/// The newest item of each author.
#[derive(Debug, Clone, Default)]
pub(crate) struct Board {
    newest: BTreeMap<u8, u8>,
}

/// Which item it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Item {
    author: u8,
    version: u8,
}

impl Item {
    /// Returns the first item of an author that nobody has heard of.
    pub(crate) fn after(board: &Board, author: u8) -> Self {
        Self { author, version: board.newest.get(&author).map_or(1, |version| version.saturating_add(1)) }
    }

    /// Returns what is sent of it.
    pub(crate) const fn bytes(self) -> [u8; 2] {
        [self.author, self.version]
    }
}

impl Invalidates for Item {
    fn invalidates(&self, other: &Self) -> bool {
        self.author == other.author && self.version >= other.version
    }
}

impl BroadcastHandler<Id> for Board {
    type Key = Item;
    type Error = Infallible;

    fn receive_item(&mut self, data: &[u8], _sender: Option<&Id>) -> Result<Option<Item>, Infallible> {
        let [author, version] = *data else { return Ok(None) };
        let newest = self.newest.entry(author).or_default();
        if version <= *newest {
            return Ok(None);
        }
        *newest = version;
        Ok(Some(Item { author, version }))
    }
}
