//! A watcher polls a link. A link that is up in two polls, with no flap announced in between, is taken for stable. It may
//! have gone down and up again, and not be announced yet.

use tiebreak::{Name, Record, World, terms};

use crate::bug::{Planted, Scene};
use crate::judge::Rule;
use crate::script::{About, Script, Stage, Step, WORK, unrelated};
use crate::story::Invented;

terms! {
    PORT = "port", WATCHER = "watcher", DOWN = "down", UP = "up", ANNOUNCE = "announce", POLL = "poll",
    STABLE = "Stable",
}

const LINK: About = "eth0";

#[derive(Clone, Hash)]
pub(crate) struct Link {
    is_fixed: bool,
    is_up: bool,
    flaps: u64,
    /// The flaps that were announced at the last poll, if the link was up.
    polled: Option<u64>,
}

impl World for Link {
    type Event = Step;
    type Subject = About;

    fn name(&self, step: &Step) -> Name<About> {
        step.name()
    }

    fn handle(&mut self, step: Step, stage: &mut Stage<'_>) {
        match step.action {
            DOWN => {
                self.is_up = false;
                // The fix: count where it happens.
                self.flaps += u64::from(self.is_fixed);
            }
            UP => self.is_up = true,
            ANNOUNCE => self.flaps += u64::from(!self.is_fixed),
            POLL => {
                let polled = self.is_up.then_some(self.flaps);
                if polled.is_some() && polled == self.polled {
                    step.note(STABLE, stage);
                }
                self.polled = polled;
            }
            _ => unrelated(step, stage),
        }
    }
}

/// A link is stable if it was up since the last poll.
#[derive(Clone, Default, Hash)]
pub(crate) struct StableMeansUp {
    is_down: bool,
    /// Since the last poll.
    was_down: bool,
    /// Between the last two polls.
    was_down_before: bool,
}

impl Rule for StableMeansUp {
    const NAME: &'static str = "stable-means-up";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        match record.name.kind {
            DOWN => [self.is_down, self.was_down] = [true; 2],
            UP => self.is_down = false,
            POLL => self.was_down_before = core::mem::replace(&mut self.was_down, self.is_down),
            STABLE if self.was_down_before => return Err("the link was down since the poll before".into()),
            _ => {}
        }
        Ok(())
    }
}

impl Scene for Link {
    type Rule = StableMeansUp;

    fn new(planted: Planted) -> Self {
        Self { is_fixed: planted.is_fixed, is_up: true, flaps: 0, polled: None }
    }

    fn script() -> Script {
        Script::default()
            .client(PORT, &[WORK, DOWN, UP, ANNOUNCE, WORK], LINK)
            .client(WATCHER, &[POLL; 5], LINK)
            .others(7, 5)
    }
}

impl Invented for Link {}
