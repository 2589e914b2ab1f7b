//! The kinds of clients that a scenario has.

use tiebreak_rtm::{CallbackFrame, MethodFrame, Ticket};
use tiebreak_rtm_sim::{Answer, Behaviour, Desk, MethodAnswer, Observer};

use crate::feed::Feed;
use crate::scripted::Scripted;

/// A client of a scenario.
#[derive(Debug, Clone, Hash)]
pub(crate) enum ScenarioClient<'p> {
    /// Follows a script.
    Scripted(Scripted<'p>),
    /// Mirrors a table.
    Observer(Observer),
    /// Replays a recording.
    Feed(Feed<'p>),
}

impl Behaviour for ScenarioClient<'_> {
    fn start(&mut self, desk: &mut Desk<'_>) {
        match self {
            Self::Scripted(client) => client.start(desk),
            Self::Observer(client) => client.start(desk),
            Self::Feed(client) => client.start(desk),
        }
    }

    fn wake(&mut self, token: u64, desk: &mut Desk<'_>) {
        match self {
            Self::Scripted(client) => client.wake(token, desk),
            Self::Observer(client) => client.wake(token, desk),
            Self::Feed(client) => client.wake(token, desk),
        }
    }

    fn called(&mut self, frame: &CallbackFrame, desk: &mut Desk<'_>) -> Answer {
        match self {
            Self::Scripted(client) => client.called(frame, desk),
            Self::Observer(client) => client.called(frame, desk),
            Self::Feed(client) => client.called(frame, desk),
        }
    }

    fn granted(&mut self, ticket: Ticket, frame: Option<&CallbackFrame>, desk: &mut Desk<'_>) -> Answer {
        match self {
            Self::Scripted(client) => client.granted(ticket, frame, desk),
            Self::Observer(client) => client.granted(ticket, frame, desk),
            Self::Feed(client) => client.granted(ticket, frame, desk),
        }
    }

    fn method(&mut self, frame: &MethodFrame, desk: &mut Desk<'_>) -> MethodAnswer {
        match self {
            Self::Scripted(client) => client.method(frame, desk),
            Self::Observer(client) => client.method(frame, desk),
            Self::Feed(client) => client.method(frame, desk),
        }
    }

    fn method_granted(&mut self, ticket: Ticket, frame: &MethodFrame, desk: &mut Desk<'_>) -> MethodAnswer {
        match self {
            Self::Scripted(client) => client.method_granted(ticket, frame, desk),
            Self::Observer(client) => client.method_granted(ticket, frame, desk),
            Self::Feed(client) => client.method_granted(ticket, frame, desk),
        }
    }

    fn resumed(&mut self, frame: &CallbackFrame, desk: &mut Desk<'_>) -> Answer {
        match self {
            Self::Scripted(client) => client.resumed(frame, desk),
            Self::Observer(client) => client.resumed(frame, desk),
            Self::Feed(client) => client.resumed(frame, desk),
        }
    }
}
