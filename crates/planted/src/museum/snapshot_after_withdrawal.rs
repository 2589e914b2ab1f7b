//! A client registers for changes and reads what is in the table already. The manager answers from a copy that it made
//! at the registration. A withdrawal that was told in between is undone by the copy.

use alloc::collections::BTreeMap;

use tiebreak_rtm::{
    Call, DestInfo, EntityHandle, Input, NetAddress, Outcome, Output, ProtocolSelector, Reply, ViewSet,
};

use super::faulty::{Fault, Inside, TABLE};
use super::mirrors::MirrorEqualsTable;
use super::words::{ADD, BGP, DELETE, FORWARDER, OBSERVE, READ, REGISTER, RIP};
use super::{Exhibit, PREFIX};
use crate::script::{Script, WORK};

/// Answers the first look-up of a destination from a copy.
#[derive(Default)]
pub(crate) struct ReadsACopy {
    copies: BTreeMap<(EntityHandle, NetAddress), DestInfo>,
}

impl ReadsACopy {
    /// Copies all destinations, for a client.
    fn copy(&mut self, caller: EntityHandle, inside: &mut Inside<'_>) {
        for route in inside.manager().routes(TABLE) {
            let Some(name) = inside.manager().route_name(route) else { continue };
            let (address, protocol) = (name.dest, ProtocolSelector::Best);
            let look_up = Call::GetExactMatchDestination { address, protocol, views: ViewSet::UCAST };
            if let Some(Reply::Dest { info }) = inside.ask(caller, look_up) {
                self.copies.insert((caller, address), info);
            }
        }
    }
}

impl Fault for ReadsACopy {
    fn handle(&mut self, input: Input, inside: &mut Inside<'_>) -> Vec<Output> {
        let Input::Call { caller: Some(caller), call, .. } = &input else { return inside.hear(input) };
        if let Call::RegisterForChangeNotification { .. } = call {
            self.copy(*caller, inside);
        } else if let Call::GetExactMatchDestination { address, .. } = call {
            if let Some(info) = self.copies.remove(&(*caller, *address)) {
                return Vec::from([Output::Reply(Outcome::Done(Reply::Dest { info }))]);
            }
        }
        inside.hear(input)
    }
}

#[derive(Default)]
pub(crate) struct Joining;

impl Exhibit for Joining {
    type Fault = ReadsACopy;
    type Rule = MirrorEqualsTable;

    fn script() -> Script {
        Script::default()
            .early(FORWARDER, OBSERVE, "")
            .early(RIP, REGISTER, "")
            .early(RIP, ADD, PREFIX)
            .client(BGP, &[OBSERVE, WORK, READ], PREFIX)
            .client(RIP, &[WORK, DELETE, WORK], PREFIX)
            .others(4, 5)
    }
}
