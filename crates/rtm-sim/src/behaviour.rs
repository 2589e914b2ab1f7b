//! Clients that behave: the trait for those written in Rust, and the kinds that come with the world.

use tiebreak_rtm::{CallbackFrame, Status};

use crate::desk::Desk;
use crate::feed::Feed;
use crate::observer::Observer;
use crate::scripted::Scripted;

/// A client of the manager written in Rust. A world has one such type: as a rule a closed enum of the user's clients.
///
/// A client never runs while another does, never inside another's call, and sees the world only through its [`Desk`].
pub trait Behaviour: Clone {
    /// Is called once before the run, to schedule the client's first wake.
    fn start(&mut self, desk: &mut Desk<'_, '_>);

    /// Is called when a wake the client scheduled comes due; `token` is what it gave.
    fn wake(&mut self, token: u64, desk: &mut Desk<'_, '_>);

    /// Is called back by the manager; what it returns is the callback's status (RTM-020, RTM-021).
    fn called(&mut self, frame: &CallbackFrame, desk: &mut Desk<'_, '_>) -> Status;
}

/// For worlds whose clients all come from a scenario: there is no such client.
#[derive(Debug, Clone, Copy)]
pub enum NoBehaviour {}

impl Behaviour for NoBehaviour {
    fn start(&mut self, _desk: &mut Desk<'_, '_>) {
        match *self {}
    }

    fn wake(&mut self, _token: u64, _desk: &mut Desk<'_, '_>) {
        match *self {}
    }

    fn called(&mut self, _frame: &CallbackFrame, _desk: &mut Desk<'_, '_>) -> Status {
        match *self {}
    }
}

/// A client of any kind.
#[derive(Debug, Clone)]
pub(crate) enum Member<B> {
    Scripted(Scripted),
    Observer(Observer),
    Feed(Feed),
    Own(B),
}

impl<B: Behaviour> Member<B> {
    pub(crate) fn start(&mut self, desk: &mut Desk<'_, '_>) {
        match self {
            Self::Scripted(client) => client.start(desk),
            Self::Observer(client) => client.start(desk),
            Self::Feed(client) => client.start(desk),
            Self::Own(client) => client.start(desk),
        }
    }

    pub(crate) fn wake(&mut self, token: u64, desk: &mut Desk<'_, '_>) {
        match self {
            Self::Scripted(client) => client.wake(token, desk),
            Self::Observer(client) => client.wake(desk),
            Self::Feed(client) => client.wake(token, desk),
            Self::Own(client) => client.wake(token, desk),
        }
    }

    pub(crate) fn called(&mut self, frame: &CallbackFrame, desk: &mut Desk<'_, '_>) -> Status {
        match self {
            Self::Scripted(client) => client.called(frame, desk),
            Self::Observer(client) => client.called(frame, desk),
            Self::Feed(_) => unreachable!("a feed's entities have no callback"),
            Self::Own(client) => client.called(frame, desk),
        }
    }
}
