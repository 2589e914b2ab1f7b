//! A route lives for a second unless it is refreshed. The refresh comes at the last moment, which is the instant at which
//! the timer is due. Whoever wrote the timer thought that the refresh would come before.

use tiebreak::explore::Footprint;
use tiebreak::{Instant, Name, Record, Span, World, terms};

use crate::bug::{Planted, Scene};
use crate::judge::Rule;
use crate::script::{About, Script, Stage, Step, unrelated};
use crate::story::{Invented, touches_its_subject};

terms! {
    RIP = "rip", TIMER = "timer", REFRESH = "refresh", EXPIRE = "expire", GRACE = "grace", DELETED = "Deleted",
}

const ROUTE: About = "10.0.0.0/8";

#[derive(Clone, Hash)]
pub(crate) struct Table {
    is_fixed: bool,
    is_refreshed: bool,
}

impl World for Table {
    type Event = Step;
    type Subject = About;

    fn name(&self, step: &Step) -> Name<About> {
        step.name()
    }

    fn handle(&mut self, step: Step, stage: &mut Stage<'_>) {
        match step.action {
            REFRESH => self.is_refreshed = true,
            // The fix: what is due now may still come.
            EXPIRE if self.is_fixed => {
                _ = stage.schedule_after(Span::from_nanos(1), Step { action: GRACE, ..step });
            }
            EXPIRE | GRACE if !self.is_refreshed => step.note(DELETED, stage),
            _ => unrelated(step, stage),
        }
    }
}

/// A route that is refreshed in time is not deleted.
#[derive(Clone, Default, Hash)]
pub(crate) struct RefreshIsInTime {
    deleted: Option<Instant>,
}

impl Rule for RefreshIsInTime {
    const NAME: &'static str = "refresh-is-in-time";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        match record.name.kind {
            DELETED => self.deleted = Some(record.instant),
            REFRESH if self.deleted == Some(record.instant) => {
                return Err("the route was deleted at the instant of its refresh".into());
            }
            _ => {}
        }
        Ok(())
    }
}

impl Scene for Table {
    type Rule = RefreshIsInTime;

    fn new(planted: Planted) -> Self {
        Self { is_fixed: planted.is_fixed, is_refreshed: false }
    }

    fn script() -> Script {
        Script::default().client(RIP, &[REFRESH], ROUTE).free(TIMER, EXPIRE, ROUTE).others(6, 6)
    }
}

impl Invented for Table {
    fn touches(&self, step: &Step) -> Footprint {
        match step.action {
            // The fixed twin puts it off to a later instant.
            EXPIRE if self.is_fixed => Footprint::new(),
            _ => touches_its_subject(step),
        }
    }
}
