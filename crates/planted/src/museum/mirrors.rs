//! What clients take for the table, and what the table is.

use alloc::collections::BTreeMap;

use tiebreak::{Actor, Record, Term};

use super::words::{BEST, GONE, MIRROR, NOBODY, OBSERVING, OWNER};
use crate::judge::Rule;
use crate::script::About;

/// Who owns the best route to each destination: in the table, and in the mirror of each observer.
#[derive(Default)]
pub(crate) struct Mirrors {
    table: BTreeMap<About, Term>,
    mirrors: BTreeMap<&'static str, BTreeMap<About, Term>>,
}

impl Mirrors {
    pub(crate) fn observe(&mut self, record: &Record<'_, About>) {
        let Actor::Term(actor) = record.name.actor else { return };
        let owner = record.word(OWNER).filter(|owner| *owner != NOBODY);
        let place = match record.name.kind {
            OBSERVING => {
                self.mirrors.insert(actor.text(), BTreeMap::new());
                return;
            }
            GONE => {
                self.mirrors.remove(actor.text());
                return;
            }
            BEST => Some(&mut self.table),
            MIRROR => self.mirrors.get_mut(actor.text()),
            _ => return,
        };
        match (place, owner) {
            (Some(owners), Some(owner)) => _ = owners.insert(record.name.subject, owner),
            (Some(owners), None) => _ = owners.remove(record.name.subject),
            (None, _) => {}
        }
    }

    /// What an observer has yet to learn of the routes of those it wants to know of.
    pub(crate) fn owed(&self, is_wanted: impl Fn(Term) -> bool) -> Option<String> {
        self.mirrors.iter().find_map(|(observer, mirror)| {
            let wanted = |dest| self.table.get(dest).copied().filter(|owner| is_wanted(*owner));
            let mut dests = self.table.keys().chain(mirror.keys());
            let dest = dests.find(|dest| mirror.get(*dest).copied() != wanted(**dest))?;
            let [has, should] =
                [mirror.get(dest).copied(), wanted(dest)].map(|owner| owner.unwrap_or(NOBODY));
            Some(format!("{observer} has {dest} of {}, and the table of {}", has.text(), should.text()))
        })
    }
}

/// In the end every observer's mirror is as the table is.
#[derive(Default)]
pub(crate) struct MirrorEqualsTable(Mirrors);

impl Rule for MirrorEqualsTable {
    const NAME: &'static str = "mirror-equals-table";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        self.0.observe(record);
        Ok(())
    }

    fn owed(&self) -> Option<String> {
        self.0.owed(|_| true)
    }
}
