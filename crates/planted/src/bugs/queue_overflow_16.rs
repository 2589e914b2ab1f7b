//! A queue of sixteen. It is drained often enough, unless whoever drains it does not get its turn.

use tiebreak::{Name, Record, World, terms};

use crate::bug::{Planted, Scene};
use crate::judge::Rule;
use crate::script::{About, Script, Stage, Step, unrelated};
use crate::story::Invented;

terms! {
    MANAGER = "manager", RIP = "rip", DRAIN = "drain", UPDATE = "update", DROPPED = "Dropped", REFUSED = "Refused",
}

const QUEUE: About = "queue";
const ENTRIES_MAX: u32 = 16;
const ENTRIES_AT_FIRST: u32 = 5;

#[derive(Clone, Hash)]
pub(crate) struct Queue {
    is_fixed: bool,
    entries: u32,
}

impl World for Queue {
    type Event = Step;
    type Subject = About;

    fn name(&self, step: &Step) -> Name<About> {
        step.name()
    }

    fn handle(&mut self, step: Step, stage: &mut Stage<'_>) {
        match step.action {
            DRAIN => self.entries = 0,
            // The fix: who sends is told, and sends again.
            UPDATE if self.entries == ENTRIES_MAX && self.is_fixed => step.note(REFUSED, stage),
            UPDATE if self.entries == ENTRIES_MAX => step.note(DROPPED, stage),
            UPDATE => self.entries += 1,
            _ => unrelated(step, stage),
        }
    }
}

/// No update is dropped.
#[derive(Clone, Default, Hash)]
pub(crate) struct NothingIsDropped;

impl Rule for NothingIsDropped {
    const NAME: &'static str = "nothing-is-dropped";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        if record.name.kind == DROPPED {
            Err("an update was dropped: the queue is full".into())
        } else {
            Ok(())
        }
    }
}

impl Scene for Queue {
    type Rule = NothingIsDropped;

    fn new(planted: Planted) -> Self {
        Self { is_fixed: planted.is_fixed, entries: ENTRIES_AT_FIRST }
    }

    fn script() -> Script {
        Script::default().client(MANAGER, &[DRAIN; 12], QUEUE).client(RIP, &[UPDATE; 16], QUEUE).others(4, 15)
    }
}

impl Invented for Queue {
    /// Drained less often: otherwise there are thirty million orders.
    fn story() -> Script {
        Script::default().client(MANAGER, &[DRAIN; 3], QUEUE).client(RIP, &[UPDATE; 16], QUEUE)
    }
}
