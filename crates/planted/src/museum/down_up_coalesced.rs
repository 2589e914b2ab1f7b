//! A link goes down and up again, and whoever installs routes behind it finds the link's own route as it was. A manager
//! that tells of differences alone has nothing to tell. But the kernel has thrown away what was behind the link when it
//! went down.

use alloc::collections::BTreeMap;

use tiebreak::{Record, Term, terms};
use tiebreak_rtm::{EntityHandle, Event, Input, NetAddress, Output, Status};

use super::desk::Desk;
use super::faulty::{Fault, Inside, best_owner, fetched};
use super::words::{ADD, FORWARDER, OBSERVE, OSPF, REGISTER};
use super::{Exhibit, OTHER_PREFIX, PREFIX};
use crate::judge::Rule;
use crate::script::{About, Script, Step, WORK};

terms! {
    LINK = "link", ATTACH = "attach", DOWN = "down", CARRIER = "carrier", UP = "up",
    INSTALLED = "Installed", THROWN_AWAY = "ThrownAway",
}

/// Leaves out what is as it was when it was told last.
#[derive(Default)]
pub(crate) struct DifferencesAlone {
    told: BTreeMap<NetAddress, Option<EntityHandle>>,
}

impl Fault for DifferencesAlone {
    fn handle(&mut self, input: Input, inside: &mut Inside<'_>) -> Vec<Output> {
        let mut outputs = inside.hear(input);
        if let Some(infos) = fetched(&mut outputs) {
            infos.retain(|info| {
                let owner = best_owner(info);
                self.told.insert(info.address, owner) != Some(owner)
            });
        }
        outputs
    }
}

/// In the end, what is behind a link that is up is installed.
#[derive(Default)]
pub(crate) struct InstalledBehindTheLink {
    is_up: bool,
    is_installed: bool,
}

impl Rule for InstalledBehindTheLink {
    const NAME: &'static str = "installed-behind-the-link";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        match record.name.kind {
            DOWN => self.is_up = false,
            ATTACH | UP => self.is_up = true,
            INSTALLED => self.is_installed = true,
            THROWN_AWAY => self.is_installed = false,
            _ => {}
        }
        Ok(())
    }

    fn owed(&self) -> Option<String> {
        (self.is_up && !self.is_installed).then(|| "nothing is installed behind the link".into())
    }
}

#[derive(Default)]
pub(crate) struct Flap;

impl Exhibit for Flap {
    type Fault = DifferencesAlone;
    type Rule = InstalledBehindTheLink;

    fn script() -> Script {
        Script::default()
            .early(FORWARDER, OBSERVE, "")
            .early(OSPF, REGISTER, "")
            .early(LINK, REGISTER, "")
            .early(LINK, ATTACH, PREFIX)
            .client(LINK, &[WORK, DOWN, WORK], PREFIX)
            .client(OSPF, &[WORK, ADD, WORK], OTHER_PREFIX)
            .others(4, 5)
    }

    fn step(&mut self, step: Step, desk: &mut Desk<'_, '_>) {
        match step.action {
            DOWN => {
                desk.note(THROWN_AWAY, "");
                desk.delete(PREFIX);
                desk.follow(LINK, CARRIER, "");
            }
            CARRIER => desk.follow(LINK, UP, ""),
            ATTACH | UP => desk.add(PREFIX),
            _ => desk.perform(step),
        }
    }

    fn called(&mut self, event: &Event, desk: &mut Desk<'_, '_>) -> Status {
        if let Event::ChangeNotification { .. } = event {
            let is_there = |(dest, owner): &(About, Option<Term>)| *dest == PREFIX && owner.is_some();
            if desk.changes().iter().any(is_there) {
                desk.note(INSTALLED, "");
            }
        }
        Status::NoError
    }
}
