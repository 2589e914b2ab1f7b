//! A manager tells of a new best route to those who want the routes of its owner, and nobody else. So who wants those of
//! the former owner alone is not told that its route is the best no more, and keeps it.

use tiebreak::Record;
use tiebreak_rtm::{Event, Input, Output, Status, protocol};

use super::desk::Desk;
use super::faulty::{Fault, Inside, best_owner, fetched};
use super::mirrors::Mirrors;
use super::words::{ADD, BGP, OBSERVE, OSPF, REGISTER, RIP};
use super::{Exhibit, PREFIX};
use crate::judge::Rule;
use crate::script::{About, Script, WORK};

/// Leaves out what is not a route of RIP now.
#[derive(Default)]
pub(crate) struct NewOwnerDecides;

impl Fault for NewOwnerDecides {
    fn handle(&mut self, input: Input, inside: &mut Inside<'_>) -> Vec<Output> {
        let mut outputs = inside.hear(input);
        if let Some(infos) = fetched(&mut outputs) {
            let protocol = |owner| inside.manager().entity_info(owner).map(|owner| owner.id.protocol);
            infos.retain(|info| {
                best_owner(info).and_then(protocol).is_none_or(|known| known == protocol::RIP)
            });
        }
        outputs
    }
}

/// In the end BGP has those of the best routes that are RIP's.
#[derive(Default)]
pub(crate) struct RedistributedAsWanted(Mirrors);

impl Rule for RedistributedAsWanted {
    const NAME: &'static str = "redistributed-as-wanted";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        self.0.observe(record);
        Ok(())
    }

    fn owed(&self) -> Option<String> {
        self.0.owed(|owner| owner == RIP)
    }
}

#[derive(Default)]
pub(crate) struct Redistribution;

impl Exhibit for Redistribution {
    type Fault = NewOwnerDecides;
    type Rule = RedistributedAsWanted;

    fn script() -> Script {
        Script::default()
            .early(BGP, OBSERVE, "")
            .early(RIP, REGISTER, "")
            .early(OSPF, REGISTER, "")
            .client(RIP, &[WORK, ADD, WORK], PREFIX)
            .client(OSPF, &[WORK, ADD, WORK], PREFIX)
            .others(4, 5)
    }

    fn called(&mut self, event: &Event, desk: &mut Desk<'_, '_>) -> Status {
        if let Event::ChangeNotification { .. } = event {
            for (dest, owner) in desk.changes() {
                desk.mirror(dest, owner.filter(|owner| *owner == RIP));
            }
        }
        Status::NoError
    }
}
