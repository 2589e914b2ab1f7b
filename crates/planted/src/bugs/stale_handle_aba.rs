//! A client looks a route up and uses the handle later. In between the route is deleted, another one takes its slot, and
//! old handles are not purged yet.

use tiebreak::explore::Footprint;
use tiebreak::{Fact, Name, Record, World, terms};

use crate::bug::{Planted, Scene};
use crate::judge::Rule;
use crate::script::{About, Script, Stage, Step, WORK, unrelated};
use crate::story::{Invented, touches_its_subject, touching};

terms! {
    RIP = "rip", BGP = "bgp", LOOK_UP = "look-up", USE = "use", DELETE = "delete", ADD = "add", PURGE = "purge",
    USED = "Used", MEANT = "meant", FOUND = "found",
}

const SLOT: About = "slot1";

#[derive(Clone, Hash)]
pub(crate) struct Slot {
    is_fixed: bool,
    /// Which route is in the slot.
    route: Option<u64>,
    routes: u64,
    /// Which route the client has looked up.
    handle: Option<u64>,
}

impl World for Slot {
    type Event = Step;
    type Subject = About;

    fn name(&self, step: &Step) -> Name<About> {
        step.name()
    }

    fn handle(&mut self, step: Step, stage: &mut Stage<'_>) {
        match step.action {
            LOOK_UP => self.handle = self.route,
            DELETE => self.route = None,
            ADD => {
                self.routes += 1;
                self.route = Some(self.routes);
            }
            PURGE => self.handle = None,
            USE => {
                if let (Some(meant), Some(found)) = (self.handle, self.route) {
                    // The fix: handles have generations.
                    if meant == found || !self.is_fixed {
                        let facts = &[Fact::number(MEANT, meant), Fact::number(FOUND, found)];
                        stage.record(Name::of(step.client, USED, step.about), facts);
                    }
                }
            }
            _ => unrelated(step, stage),
        }
    }
}

/// Who uses a handle reaches what was looked up.
#[derive(Clone, Default, Hash)]
pub(crate) struct HandleReachesItsRoute;

impl Rule for HandleReachesItsRoute {
    const NAME: &'static str = "handle-reaches-its-route";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        let [meant, found] = [MEANT, FOUND].map(|key| record.number(key));
        if meant == found { Ok(()) } else { Err(format!("meant route {meant:?} and reached {found:?}")) }
    }
}

impl Scene for Slot {
    type Rule = HandleReachesItsRoute;

    fn new(planted: Planted) -> Self {
        Self { is_fixed: planted.is_fixed, route: Some(0), routes: 0, handle: None }
    }

    fn script() -> Script {
        Script::default()
            .client(RIP, &[WORK, LOOK_UP, USE, WORK, WORK], SLOT)
            .client(BGP, &[WORK, DELETE, ADD, PURGE, WORK], SLOT)
            .others(6, 6)
    }
}

impl Invented for Slot {
    fn touches(&self, step: &Step) -> Footprint {
        match step.action {
            LOOK_UP => touching(&["route"], &["handle"]),
            DELETE | ADD => touching(&[], &["route"]),
            PURGE => touching(&[], &["handle"]),
            USE => touching(&["handle", "route"], &[]),
            _ => touches_its_subject(step),
        }
    }
}
