//! A mirror collects what has changed and then clears the dirty bit: two steps. A change between the two is forgotten.

use tiebreak::{Fact, Name, Record, World, terms};

use crate::bug::{Planted, Scene};
use crate::judge::Rule;
use crate::script::{About, Script, Stage, Step, unrelated};
use crate::story::Invented;

terms! {
    RIP = "rip", MIRROR = "mirror", CHANGE = "change", COLLECT = "collect", CLEAR = "clear", CLEARED = "Cleared",
    VERSION = "version",
}

const ROUTE: About = "10.0.0.0/8";

#[derive(Clone, Hash)]
pub(crate) struct Mirror {
    is_fixed: bool,
    version: u64,
    is_dirty: bool,
    collected: Option<u64>,
}

impl World for Mirror {
    type Event = Step;
    type Subject = About;

    fn name(&self, step: &Step) -> Name<About> {
        step.name()
    }

    fn handle(&mut self, step: Step, stage: &mut Stage<'_>) {
        match step.action {
            CHANGE => {
                self.version += 1;
                self.is_dirty = true;
            }
            COLLECT if self.is_dirty => self.collected = Some(self.version),
            CLEAR => {
                if let Some(version) = self.collected.take() {
                    // The fix: what was changed in between stays dirty.
                    self.is_dirty = self.is_fixed && self.version != version;
                    if !self.is_dirty {
                        let facts = &[Fact::number(VERSION, version)];
                        stage.record(Name::of(step.client, CLEARED, step.about), facts);
                    }
                }
            }
            _ => unrelated(step, stage),
        }
    }
}

/// What is not dirty is mirrored.
#[derive(Clone, Default, Hash)]
pub(crate) struct NothingIsForgotten {
    changes: u64,
    mirrored: Option<u64>,
}

impl Rule for NothingIsForgotten {
    const NAME: &'static str = "nothing-is-forgotten";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        match record.name.kind {
            CHANGE => {
                self.changes += 1;
                self.mirrored = None;
            }
            CLEARED => self.mirrored = record.number(VERSION),
            _ => {}
        }
        Ok(())
    }

    fn owed(&self) -> Option<String> {
        let version = self.mirrored.filter(|version| *version != self.changes)?;
        Some(format!("the mirror has version {version} of {}, and nothing is dirty", self.changes))
    }
}

impl Scene for Mirror {
    type Rule = NothingIsForgotten;

    /// A first version is not mirrored yet.
    fn new(planted: Planted) -> Self {
        Self { is_fixed: planted.is_fixed, version: 0, is_dirty: true, collected: None }
    }

    fn script() -> Script {
        Script::default()
            .client(RIP, &[CHANGE; 10], ROUTE)
            .client(MIRROR, &[COLLECT, CLEAR, COLLECT, CLEAR], ROUTE)
            .others(7, 4)
    }
}

impl Invented for Mirror {}
