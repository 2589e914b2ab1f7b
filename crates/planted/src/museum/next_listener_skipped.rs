//! A manager walks the list of those it has to tell of a change. One of them leaves the list while it is walked, and the
//! walk goes on behind the one after it. That one is never told.

use tiebreak::{Term, terms};
use tiebreak_rtm::{CallbackId, EntityHandle, Input, Output};

use super::Exhibit;
use super::PREFIX;
use super::faulty::{Fault, Inside};
use super::mirrors::MirrorEqualsTable;
use super::words::{ADD, OBSERVE, REGISTER, RIP, STOP_OBSERVING};
use crate::script::{Script, WORK};

terms! {
    NORTH = "north", MIDDLE = "middle", SOUTH = "south",
}

const LISTENERS: [Term; 3] = [NORTH, MIDDLE, SOUTH];

/// Skips the next one of the list when one is taken out.
#[derive(Default)]
pub(crate) struct SkipsTheNext {
    list: Vec<(EntityHandle, CallbackId)>,
}

impl SkipsTheNext {
    /// Follows one output; returns it, and whom the walk skips.
    fn follow(&mut self, output: Output) -> [Option<Output>; 2] {
        let mut skipped = None;
        if let Output::Deliver { to, callback, .. } = &output {
            self.list.push((*to, *callback));
        } else if let Output::Frame(frame) = &output {
            self.list.retain(|(_, callback)| *callback != frame.callback);
        } else if let Output::Drop { callback, .. } = &output {
            let place = self.list.iter().position(|(_, listed)| listed == callback);
            if let Some(place) = place {
                self.list.remove(place);
                skipped = (place < self.list.len()).then(|| self.list.remove(place));
            }
        }
        [Some(output), skipped.map(|(to, callback)| Output::Drop { to, callback })]
    }
}

impl Fault for SkipsTheNext {
    fn handle(&mut self, input: Input, inside: &mut Inside<'_>) -> Vec<Output> {
        inside.hear(input).into_iter().flat_map(|output| self.follow(output)).flatten().collect()
    }
}

#[derive(Default)]
pub(crate) struct Listeners;

impl Exhibit for Listeners {
    type Fault = SkipsTheNext;
    type Rule = MirrorEqualsTable;

    fn script() -> Script {
        let listen = |script: Script, listener| script.early(listener, OBSERVE, "");
        LISTENERS
            .into_iter()
            .fold(Script::default(), listen)
            .early(RIP, REGISTER, "")
            .client(MIDDLE, &[WORK, STOP_OBSERVING, WORK], "")
            .client(RIP, &[WORK, ADD, WORK], PREFIX)
            .others(4, 5)
    }
}
