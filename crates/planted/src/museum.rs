//! Bugs of real routing table managers, planted around the real manager.
//!
//! ```text
//!  clients: Exhibit ── calls ──► Faulty ── the same, or not ──► tiebreak_rtm::Manager
//!        ▲                         │ ▲                             │
//!        └── callbacks, timers ◄───┘ └──────────── outputs ────────┘
//! ```
//!
//! Each bug was found in a program that routes packets: after the order of events that is told at the top of its file,
//! its manager told somebody something wrong, or nothing. The manager here has none of these bugs. A [`Fault`] stands
//! between it and its clients, and does with calls and callbacks what the buggy manager did: drop, delay, reorder,
//! compare, refresh. In the fixed twin nothing stands there.
//!
//! An exhibit is a file: the fault, what must hold, who does what. What clients have in common is in `desk.rs`; `host.rs`
//! keeps timers and callbacks.

mod desk;
mod faulty;
mod host;
mod mirrors;
mod words;

pub(crate) mod down_up_coalesced;
pub(crate) mod lost_on_new_owner;
pub(crate) mod next_listener_skipped;
pub(crate) mod queued_mark_left_set;
pub(crate) mod refreshed_by_another;
pub(crate) mod route_before_its_owner;
pub(crate) mod route_outlives_its_owner;
pub(crate) mod snapshot_after_withdrawal;
pub(crate) mod told_of_a_gone_route;
pub(crate) mod withdrawal_meets_new_filter;

use tiebreak::{Name, World};
use tiebreak_rtm::{CallbackId, Input, Status, TimerKey};

use self::desk::Desk;
use self::faulty::Fault;
use self::host::{Host, Stage};
use crate::bug::{Planted, Scene};
use crate::judge::Rule;
use crate::script::{About, Script, Step};

/// The destinations there are.
const DESTS: [About; 2] = [PREFIX, OTHER_PREFIX];
/// What an exhibit is about.
const PREFIX: About = "10.0.0.0/8";
/// What else there is.
const OTHER_PREFIX: About = "192.0.2.0/24";

/// A bug of a manager, and clients that notice.
pub(crate) trait Exhibit: Default {
    /// What is wrong with the manager.
    type Fault: Fault + Default + 'static;

    /// What must hold.
    type Rule: Rule;

    /// What happens.
    fn script() -> Script;

    /// Lets a client do a step.
    fn step(&mut self, step: Step, desk: &mut Desk<'_, '_>) {
        desk.perform(step);
    }

    /// Calls a client back; returns its answer.
    fn called(&mut self, event: &tiebreak_rtm::Event, desk: &mut Desk<'_, '_>) -> Status {
        if let tiebreak_rtm::Event::ChangeNotification { .. } = event {
            desk.take_changes();
        }
        Status::NoError
    }
}

/// An exhibit as a world.
pub(crate) struct Museum<E> {
    exhibit: E,
    host: Host,
}

/// A pending event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Event {
    /// To whom it happens, what, and about what: its name.
    step: Step,
    what: What,
}

#[derive(Debug, Clone, Copy)]
enum What {
    /// A client does something.
    Step,
    /// A client is called back.
    Callback(CallbackId),
    /// A timer of the manager comes due.
    Timer { timer: TimerKey, generation: u32 },
    /// A faulty manager does what it has put off.
    RunQueue,
}

impl From<Step> for Event {
    fn from(step: Step) -> Self {
        Self { step, what: What::Step }
    }
}

impl<E: Exhibit> World for Museum<E> {
    type Event = Event;
    type Subject = About;

    fn name(&self, event: &Event) -> Name<About> {
        event.step.name()
    }

    fn handle(&mut self, Event { step, what }: Event, stage: &mut Stage<'_>) {
        let Self { exhibit, host } = self;
        match what {
            What::Step => exhibit.step(step, &mut Desk { host, stage, client: step.client, frame: None }),
            What::Timer { timer, generation } => {
                host.feed(Input::TimerFired { timer, generation }, stage);
            }
            What::RunQueue => host.run_queue(stage),
            What::Callback(callback) => {
                let Some(frame) = host.invoke(callback, stage) else { return };
                let frame_id = Some(frame.callback);
                let mut desk = Desk { host, stage, client: step.client, frame: frame_id };
                let status = exhibit.called(&frame.event, &mut desk);
                host.feed(Input::CallbackReturned { callback, status }, stage);
            }
        }
    }
}

impl<E: Exhibit> Scene for Museum<E> {
    type Rule = E::Rule;

    fn new(planted: Planted) -> Self {
        let fault = || -> Box<dyn Fault> { Box::new(E::Fault::default()) };
        Self { exhibit: E::default(), host: Host::new((!planted.is_fixed).then(fault)) }
    }

    fn script() -> Script {
        E::script()
    }
}
