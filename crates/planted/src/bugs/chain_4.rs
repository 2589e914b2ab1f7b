//! A route that must stay inside is handed on from router to router, each time before the one who gave it takes it back.
//! The third does not look whether it may hand it on.

use alloc::collections::BTreeSet;

use tiebreak::explore::Footprint;
use tiebreak::{Name, Record, World, terms};

use crate::bug::{Planted, Scene};
use crate::judge::Rule;
use crate::script::{About, Script, Stage, Step, WORK, unrelated};
use crate::story::{Invented, touches_its_subject, touching};

terms! {
    NORTH = "north", EAST = "east", SOUTH = "south", OUTSIDE = "outside",
    EXPORT = "export", IMPORT = "import", WITHDRAW = "withdraw", IMPORTED = "Imported",
}

const ROUTE: About = "10.0.0.0/8";

#[derive(Clone, Hash)]
pub(crate) struct Confederation {
    is_fixed: bool,
    /// Who would give the route away.
    holders: BTreeSet<&'static str>,
}

impl World for Confederation {
    type Event = Step;
    type Subject = About;

    fn name(&self, step: &Step) -> Name<About> {
        step.name()
    }

    fn handle(&mut self, step: Step, stage: &mut Stage<'_>) {
        match (step.client, step.action) {
            (NORTH, EXPORT) => _ = self.holders.insert("north"),
            (NORTH, WITHDRAW) => _ = self.holders.remove("north"),
            (EAST, IMPORT) if self.holders.contains("north") => _ = self.holders.insert("east"),
            (EAST, WITHDRAW) => _ = self.holders.remove("east"),
            (SOUTH, IMPORT) if self.holders.contains("east") => _ = self.holders.insert("south"),
            // The fix: what must stay inside is not exported.
            (OUTSIDE, IMPORT) if self.holders.contains("south") && !self.is_fixed => {
                step.note(IMPORTED, stage);
            }
            _ => unrelated(step, stage),
        }
    }
}

/// The route stays inside.
#[derive(Clone, Default, Hash)]
pub(crate) struct StaysInside;

impl Rule for StaysInside {
    const NAME: &'static str = "stays-inside";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        if record.name.kind == IMPORTED { Err("the route is known outside".into()) } else { Ok(()) }
    }
}

impl Scene for Confederation {
    type Rule = StaysInside;

    fn new(planted: Planted) -> Self {
        Self { is_fixed: planted.is_fixed, holders: BTreeSet::new() }
    }

    fn script() -> Script {
        Script::default()
            .client(NORTH, &[WORK, WORK, EXPORT, WITHDRAW, WORK], ROUTE)
            .client(EAST, &[WORK, IMPORT, WITHDRAW, WORK], ROUTE)
            .client(SOUTH, &[WORK, WORK, WORK, IMPORT, WORK], ROUTE)
            .client(OUTSIDE, &[IMPORT, WORK, WORK], ROUTE)
            .others(5, 4)
    }
}

impl Invented for Confederation {
    fn touches(&self, step: &Step) -> Footprint {
        match (step.client, step.action) {
            (NORTH, EXPORT | WITHDRAW) => touching(&[], &["north"]),
            (EAST, IMPORT) => touching(&["north"], &["east"]),
            (EAST, WITHDRAW) => touching(&[], &["east"]),
            (SOUTH, IMPORT) => touching(&["east"], &["south"]),
            (OUTSIDE, IMPORT) if self.is_fixed => Footprint::new(),
            (OUTSIDE, IMPORT) => touching(&["south"], &["outside"]),
            _ => touches_its_subject(step),
        }
    }
}
