//! A client deregisters while a change notification to it is on its way. What is called then may not exist any more.

use tiebreak::explore::Footprint;
use tiebreak::{Name, Record, World, terms};

use crate::bug::{Planted, Scene};
use crate::judge::Rule;
use crate::script::{About, Script, Stage, Step, unrelated};
use crate::story::{Invented, touches_its_subject, touching};

terms! {
    RIP = "rip", OSPF = "ospf", ADD = "add-route", READ = "read", DEREGISTER = "deregister",
    NOTIFICATION = "change-notification", CALLED = "Called",
}

const ROUTE: About = "10.0.0.0/8";

#[derive(Clone, Hash)]
pub(crate) struct Manager {
    is_fixed: bool,
    is_registered: bool,
}

impl World for Manager {
    type Event = Step;
    type Subject = About;

    fn name(&self, step: &Step) -> Name<About> {
        step.name()
    }

    fn handle(&mut self, step: Step, stage: &mut Stage<'_>) {
        match step.action {
            ADD if self.is_registered => Step::new(OSPF, NOTIFICATION, ROUTE).follow(stage),
            DEREGISTER => self.is_registered = false,
            // The fix: look again when it arrives.
            NOTIFICATION if self.is_registered || !self.is_fixed => step.note(CALLED, stage),
            _ => unrelated(step, stage),
        }
    }
}

/// Nobody is called after its deregistration.
#[derive(Clone, Default, Hash)]
pub(crate) struct NoCallAfterDeregistration {
    is_deregistered: bool,
}

impl Rule for NoCallAfterDeregistration {
    const NAME: &'static str = "no-call-after-deregistration";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        match record.name.kind {
            DEREGISTER => self.is_deregistered = true,
            CALLED if self.is_deregistered => return Err("ospf was called after it had deregistered".into()),
            _ => {}
        }
        Ok(())
    }
}

impl Scene for Manager {
    type Rule = NoCallAfterDeregistration;

    fn new(planted: Planted) -> Self {
        Self { is_fixed: planted.is_fixed, is_registered: true }
    }

    fn script() -> Script {
        Script::default()
            .client(OSPF, &[READ, READ, DEREGISTER], ROUTE)
            .client(RIP, &[ADD; 3], ROUTE)
            .others(7, 5)
    }
}

impl Invented for Manager {
    /// Without the steps that only read.
    fn story() -> Script {
        Script::default().client(OSPF, &[DEREGISTER], ROUTE).client(RIP, &[ADD; 3], ROUTE)
    }

    fn touches(&self, step: &Step) -> Footprint {
        match step.action {
            // It is told, and that is looked at again then.
            ADD | NOTIFICATION => touching(&["registered"], &[]),
            DEREGISTER => touching(&[], &["registered"]),
            _ => touches_its_subject(step),
        }
    }
}
