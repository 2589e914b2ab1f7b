//! A manager marks whom it is going to notify, so that it does it once. When a client has fetched everything by itself,
//! the notification is taken back, and the mark stays set. No change is told to that client any more.

use tiebreak_rtm::{Call, CallbackId, DueEvent, EntityHandle, EventType, Input, NotifyHandle, Output};

use super::faulty::{Fault, Inside, fetched};
use super::mirrors::MirrorEqualsTable;
use super::words::{ADD, DELETE, FORWARDER, OBSERVE, OSPF, POLL, REGISTER, RIP};
use super::{Exhibit, OTHER_PREFIX, PREFIX};
use crate::script::{Script, WORK};

/// Takes a notification back without the knowledge of the manager, which goes on waiting for its delivery.
#[derive(Default)]
pub(crate) struct MarkStays {
    on_the_way: Option<(EntityHandle, CallbackId)>,
}

impl MarkStays {
    fn note(&mut self, output: &Output) {
        if let Output::Deliver { to, callback, event: DueEvent::ChangeNotification { .. } } = output {
            self.on_the_way = Some((*to, *callback));
        } else if let Output::Frame(frame) = output {
            self.on_the_way.take_if(|_| frame.event.event_type() == EventType::ChangeNotification);
        }
    }
}

/// The registration of which changes are fetched.
fn fetching(input: &Input) -> Option<NotifyHandle> {
    let Input::Call { call: Call::GetChangedDests { notify, .. }, .. } = input else { return None };
    Some(*notify)
}

impl Fault for MarkStays {
    fn handle(&mut self, input: Input, inside: &mut Inside<'_>) -> Vec<Output> {
        let notify = fetching(&input);
        let mut outputs = inside.hear(input);
        for output in &outputs {
            self.note(output);
        }
        let registration = notify.and_then(|notify| inside.manager().registration(notify));
        if fetched(&mut outputs).is_some()
            && registration.is_some_and(|registration| registration.pending == 0)
        {
            let taken_back = self.on_the_way.take();
            outputs.extend(taken_back.map(|(to, callback)| Output::Drop { to, callback }));
        }
        outputs
    }
}

#[derive(Default)]
pub(crate) struct Polling;

impl Exhibit for Polling {
    type Fault = MarkStays;
    type Rule = MirrorEqualsTable;

    fn script() -> Script {
        Script::default()
            .early(FORWARDER, OBSERVE, "")
            .early(OSPF, REGISTER, "")
            .early(RIP, REGISTER, "")
            .client(RIP, &[WORK, ADD, WORK, DELETE], PREFIX)
            .client(OSPF, &[ADD], OTHER_PREFIX)
            .client(FORWARDER, &[WORK, POLL, WORK], "")
            .others(4, 5)
    }
}
