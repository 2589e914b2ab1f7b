//! A listener is removed by another one, while the event that both are to hear is on its way.

use tiebreak::explore::Footprint;
use tiebreak::{Name, Record, World, terms};

use crate::bug::{Planted, Scene};
use crate::judge::Rule;
use crate::script::{About, Script, Stage, Step, WORK, unrelated};
use crate::story::{Invented, touches_its_subject, touching};

terms! {
    SOURCE = "source", NORTH = "north", SOUTH = "south", CHANGE = "change", HEAR = "hear", REMOVED = "Removed",
    CALLED = "Called",
}

const NEWS: About = "news";

#[derive(Clone, Hash)]
pub(crate) struct Source {
    is_fixed: bool,
    is_south_removed: bool,
}

impl World for Source {
    type Event = Step;
    type Subject = About;

    fn name(&self, step: &Step) -> Name<About> {
        step.name()
    }

    fn handle(&mut self, step: Step, stage: &mut Stage<'_>) {
        match (step.client, step.action) {
            (SOURCE, CHANGE) => {
                Step::new(SOUTH, HEAR, NEWS).follow(stage);
                Step::new(NORTH, HEAR, NEWS).follow(stage);
            }
            (NORTH, HEAR) => {
                self.is_south_removed = true;
                Step::new(SOUTH, HEAR, NEWS).note(REMOVED, stage);
            }
            // The fix: look again when it arrives.
            (SOUTH, HEAR) if !self.is_south_removed || !self.is_fixed => step.note(CALLED, stage),
            _ => unrelated(step, stage),
        }
    }
}

/// Who is removed is not called.
#[derive(Clone, Default, Hash)]
pub(crate) struct RemovedIsNotCalled {
    is_removed: bool,
}

impl Rule for RemovedIsNotCalled {
    const NAME: &'static str = "removed-is-not-called";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        match record.name.kind {
            REMOVED => self.is_removed = true,
            CALLED if self.is_removed => return Err("south was called after north had removed it".into()),
            _ => {}
        }
        Ok(())
    }
}

impl Scene for Source {
    type Rule = RemovedIsNotCalled;

    fn new(planted: Planted) -> Self {
        Self { is_fixed: planted.is_fixed, is_south_removed: false }
    }

    fn script() -> Script {
        Script::default().client(SOURCE, &[WORK, WORK, CHANGE], NEWS).others(6, 5)
    }
}

impl Invented for Source {
    fn touches(&self, step: &Step) -> Footprint {
        match (step.client, step.action) {
            (SOURCE, CHANGE) | (NORTH, HEAR) => touching(&[], &["removed"]),
            (SOUTH, HEAR) => touching(&["removed"], &[]),
            _ => touches_its_subject(step),
        }
    }
}
