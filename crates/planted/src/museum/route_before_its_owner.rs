//! A protocol starts and adds a route. The manager hands news of clients out by another queue than news of routes. So
//! somebody is told of a route before it is told of the protocol that the route belongs to.

use alloc::collections::{BTreeMap, BTreeSet};

use tiebreak::{Record, terms};
use tiebreak_rtm::{CallbackFrame, CallbackId, DueEvent, EntityHandle, Event, Input, Output, Status};

use super::desk::Desk;
use super::faulty::{Fault, Inside};
use super::words::{ADD, FORWARDER, MIRROR, OBSERVE, OSPF, OWNER, REGISTER, RIP};
use super::{Exhibit, PREFIX};
use crate::judge::Rule;
use crate::script::{About, Script, Step, WORK};

terms! {
    START = "start", LEARN = "learn", MET = "Met",
}

/// Hands out news of clients later than the manager does.
#[derive(Default)]
pub(crate) struct TwoQueues {
    /// What the manager has handed out and is not told yet, in its order.
    due: Vec<(EntityHandle, CallbackId)>,
    /// News of clients, to be handed out.
    queue: Vec<Output>,
    /// What was overtaken: the manager thinks that it is told.
    overtaken: BTreeMap<CallbackId, CallbackFrame>,
}

impl TwoQueues {
    fn hear(&mut self, input: Input, inside: &mut Inside<'_>) -> Vec<Output> {
        let outputs = inside.hear(input);
        for output in &outputs {
            if let Output::Deliver { to, callback, .. } = output {
                self.due.push((*to, *callback));
            } else if let Output::Frame(frame) = output {
                self.due.retain(|(_, callback)| *callback != frame.callback);
            }
        }
        let (of_clients, others): (Vec<_>, Vec<_>) = outputs.into_iter().partition(is_of_clients);
        self.queue.extend(of_clients);
        others
    }

    /// Tells the manager that what is due to a client before this callback is told.
    fn overtake(&mut self, callback: CallbackId, inside: &mut Inside<'_>) {
        let Some((to, _)) = self.due.iter().copied().find(|(_, due)| *due == callback) else { return };
        while let Some((_, first)) = self.due.iter().copied().find(|(client, _)| *client == to) {
            if first == callback {
                return;
            }
            for output in self.hear(Input::Invoke { callback: first }, inside) {
                let Output::Frame(frame) = output else { continue };
                self.overtaken.insert(first, frame);
            }
            self.hear(Input::CallbackReturned { callback: first, status: Status::NoError }, inside);
        }
    }
}

fn is_of_clients(output: &Output) -> bool {
    let Output::Deliver { event, .. } = output else { return false };
    matches!(event, DueEvent::EntityRegistered { .. } | DueEvent::EntityDeregistered { .. })
}

impl Fault for TwoQueues {
    fn handle(&mut self, input: Input, inside: &mut Inside<'_>) -> Vec<Output> {
        if let Input::Invoke { callback } = input {
            if let Some(frame) = self.overtaken.remove(&callback) {
                return Vec::from([Output::Frame(frame)]);
            }
            self.overtake(callback, inside);
        }
        self.hear(input, inside)
    }

    fn run_queue(&mut self, _inside: &mut Inside<'_>) -> Vec<Output> {
        core::mem::take(&mut self.queue)
    }

    fn has_queued(&self) -> bool {
        !self.queue.is_empty()
    }
}

/// Nobody is told of a route before it is told of its owner.
#[derive(Default)]
pub(crate) struct OwnersComeFirst {
    met: BTreeSet<About>,
}

impl Rule for OwnersComeFirst {
    const NAME: &'static str = "owners-come-first";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        match (record.name.kind, record.word(OWNER)) {
            (MET, _) => _ = self.met.insert(record.name.subject),
            (MIRROR, Some(owner)) if !self.met.contains(owner.text()) => {
                return Err(format!("a route of {} is told of before {} is", owner.text(), owner.text()));
            }
            _ => {}
        }
        Ok(())
    }
}

#[derive(Default)]
pub(crate) struct Starting;

impl Exhibit for Starting {
    type Fault = TwoQueues;
    type Rule = OwnersComeFirst;

    fn script() -> Script {
        Script::default()
            .early(FORWARDER, OBSERVE, "")
            .early(OSPF, REGISTER, "")
            .client(RIP, &[WORK, START, WORK], PREFIX)
            .client(OSPF, &[ADD], PREFIX)
            .others(4, 5)
    }

    fn step(&mut self, step: Step, desk: &mut Desk<'_, '_>) {
        match step.action {
            START => {
                desk.register();
                desk.follow(RIP, LEARN, step.about);
            }
            LEARN => desk.add(step.about),
            _ => desk.perform(step),
        }
    }

    fn called(&mut self, event: &Event, desk: &mut Desk<'_, '_>) -> Status {
        match event {
            Event::EntityRegistered { entity, .. } => {
                if let Some(who) = desk.host.name_of(*entity) {
                    desk.note(MET, who.text());
                }
            }
            Event::ChangeNotification { .. } => desk.take_changes(),
            Event::EntityDeregistered { .. } | Event::RouteExpired { .. } => {}
        }
        Status::NoError
    }
}
