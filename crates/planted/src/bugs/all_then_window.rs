//! A restart. Four clients say that they have sent all their routes, then the manager commits. Sealing the table throws
//! away what was committed before. (The shape: one event after all of a group, and in a window of another client.)

use tiebreak::explore::Footprint;
use tiebreak::{Name, Record, Term, World, terms};

use crate::bug::{Planted, Scene};
use crate::judge::Rule;
use crate::script::{About, Script, Stage, Step, unrelated};
use crate::story::{Invented, touches_its_subject, touching};

terms! {
    RIP = "rip", OSPF = "ospf", BGP = "bgp", STATIC = "static", MANAGER = "manager", KEEPER = "keeper",
    READY = "ready", COMMIT = "commit", OPEN = "open", SEAL = "seal", CLOSE = "close",
    COMMITTED = "Committed", LOST = "Lost",
}

const CLIENTS: [Term; 4] = [RIP, OSPF, BGP, STATIC];
const TABLE: About = "table";

#[derive(Clone, Hash)]
pub(crate) struct Restart {
    is_fixed: bool,
    ready: usize,
    is_committed: bool,
}

impl Restart {
    /// A keeper does these things.
    fn kept(actions: &[Term]) -> Script {
        let keeper = Script::default().client(KEEPER, actions, TABLE);
        let clients =
            CLIENTS.into_iter().fold(keeper, |script, client| script.client(client, &[READY], TABLE));
        clients.client(MANAGER, &[COMMIT], TABLE)
    }
}

impl World for Restart {
    type Event = Step;
    type Subject = About;

    fn name(&self, step: &Step) -> Name<About> {
        step.name()
    }

    fn handle(&mut self, step: Step, stage: &mut Stage<'_>) {
        match step.action {
            READY => self.ready += 1,
            // Otherwise it is put off, and nothing can go wrong.
            COMMIT if self.ready == CLIENTS.len() => {
                self.is_committed = true;
                step.note(COMMITTED, stage);
            }
            // The fix: what is committed stays.
            SEAL => self.is_committed &= self.is_fixed,
            CLOSE if !self.is_committed => step.note(LOST, stage),
            _ => unrelated(step, stage),
        }
    }
}

/// What was committed is there when the restart is over.
#[derive(Clone, Default, Hash)]
pub(crate) struct CommittedStays {
    is_committed: bool,
}

impl Rule for CommittedStays {
    const NAME: &'static str = "committed-stays";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        match record.name.kind {
            COMMITTED => self.is_committed = true,
            LOST if self.is_committed => return Err("what was committed is lost".into()),
            _ => {}
        }
        Ok(())
    }
}

impl Scene for Restart {
    type Rule = CommittedStays;

    fn new(planted: Planted) -> Self {
        Self { is_fixed: planted.is_fixed, ready: 0, is_committed: false }
    }

    fn script() -> Script {
        Self::kept(&[OPEN, SEAL, CLOSE]).others(4, 1)
    }
}

impl Invented for Restart {
    /// Without the opening, which does nothing.
    fn story() -> Script {
        Self::kept(&[SEAL, CLOSE])
    }

    fn touches(&self, step: &Step) -> Footprint {
        match step.action {
            READY => touching(&[], &["ready"]),
            COMMIT => touching(&["ready"], &["committed"]),
            // In the fixed twin nothing is thrown away.
            SEAL if self.is_fixed => Footprint::new(),
            SEAL => touching(&[], &["committed"]),
            CLOSE => touching(&["committed"], &[]),
            _ => touches_its_subject(step),
        }
    }

    fn alike() -> Option<(&'static str, &'static [Term])> {
        Some(("clients", &CLIENTS))
    }
}
