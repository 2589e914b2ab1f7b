//! Two routers of equal preference: who has updated last has the best route. Five updates that each take it from the other
//! are punished as flapping, although nothing is down.

use tiebreak::{Name, Record, Term, World, terms};

use crate::bug::{Planted, Scene};
use crate::judge::Rule;
use crate::script::{About, Script, Stage, Step, unrelated};
use crate::story::Invented;

terms! {
    RIP = "rip", OSPF = "ospf", UPDATE = "update", SUPPRESSED = "Suppressed",
}

const ROUTE: About = "10.0.0.0/8";
const PENALTY_MAX: u32 = 5;

#[derive(Clone, Hash)]
pub(crate) struct Damping {
    is_fixed: bool,
    owner: Option<Term>,
    /// None once an owner has confirmed its route.
    penalty: Option<u32>,
}

impl World for Damping {
    type Event = Step;
    type Subject = About;

    fn name(&self, step: &Step) -> Name<About> {
        step.name()
    }

    fn handle(&mut self, step: Step, stage: &mut Stage<'_>) {
        if step.action != UPDATE {
            return unrelated(step, stage);
        }
        // The fix: only what goes down is punished.
        let is_punished = self.owner != Some(step.client) && !self.is_fixed;
        self.penalty = self.penalty.filter(|_| is_punished).map(|penalty| penalty + 1);
        self.owner = Some(step.client);
        if self.penalty == Some(PENALTY_MAX) {
            step.note(SUPPRESSED, stage);
        }
    }
}

/// A route that is never down is not suppressed.
#[derive(Clone, Default, Hash)]
pub(crate) struct NotSuppressed;

impl Rule for NotSuppressed {
    const NAME: &'static str = "not-suppressed";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        if record.name.kind == SUPPRESSED { Err("a route that is up was suppressed".into()) } else { Ok(()) }
    }
}

impl Scene for Damping {
    type Rule = NotSuppressed;

    fn new(planted: Planted) -> Self {
        Self { is_fixed: planted.is_fixed, owner: None, penalty: Some(0) }
    }

    fn script() -> Script {
        Script::default().client(RIP, &[UPDATE; 6], ROUTE).client(OSPF, &[UPDATE; 7], ROUTE).others(6, 5)
    }
}

impl Invented for Damping {}
