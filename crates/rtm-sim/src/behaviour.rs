//! What a client is: the trait that every client of a world implements.

use tiebreak::Span;
use tiebreak_rtm::{CallbackFrame, MethodFrame, Status, Ticket};

use crate::desk::Desk;

/// A client of the manager. A world has one such type: as a rule a closed enum of its kinds of clients.
///
/// A client never runs while another does, never inside another's call, and sees the world only through its [`Desk`].
pub trait Behaviour: Clone {
    /// Is called once before the run, to schedule the client's first wake.
    fn start(&mut self, desk: &mut Desk<'_>);

    /// Is called when a wake the client scheduled comes due; `token` is what it gave.
    fn wake(&mut self, token: u64, desk: &mut Desk<'_>);

    /// Is called back by the manager; what it answers is the callback's status (RTM-020, RTM-021). A client that does
    /// not say otherwise does nothing and answers [`Status::NoError`].
    fn called(&mut self, _frame: &CallbackFrame, _desk: &mut Desk<'_>) -> Answer {
        Answer::Return(Status::NoError)
    }

    /// Is called when a callback that has paused goes on. One that does not say otherwise answers [`Status::NoError`].
    fn resumed(&mut self, _frame: &CallbackFrame, _desk: &mut Desk<'_>) -> Answer {
        Answer::Return(Status::NoError)
    }

    /// Is called when a call that was answered by [`Outcome::Pending`](tiebreak_rtm::Outcome::Pending) may go on, in the
    /// callback in which it was made, if any.
    ///
    /// The client makes the same call once more, as the first of its function: it is answered as the one that has waited,
    /// which may be by waiting again. If it does not, the call is made for it, and the answer is lost. Until then the thread
    /// that has called stood still: a callback did not return, whatever was answered, and no step of the client was taken;
    /// the other one of these two went on, and so did its timers.
    fn granted(&mut self, _ticket: Ticket, _frame: Option<&CallbackFrame>, _desk: &mut Desk<'_>) -> Answer {
        Answer::Return(Status::NoError)
    }

    /// Is called when a client, perhaps this one, has invoked a method of this client. It runs on the thread of the invoker,
    /// which has stopped at its call. One that does not say otherwise does nothing and answers [`Status::NotSupported`].
    fn method(&mut self, _frame: &MethodFrame, _desk: &mut Desk<'_>) -> MethodAnswer {
        MethodAnswer::NOT_SUPPORTED
    }

    /// Is called when a call that was made in a method and answered by [`Outcome::Pending`](tiebreak_rtm::Outcome::Pending)
    /// may go on; the method goes on with it as a callback does in [`granted`](Self::granted).
    fn method_granted(
        &mut self,
        _ticket: Ticket,
        _frame: &MethodFrame,
        _desk: &mut Desk<'_>,
    ) -> MethodAnswer {
        MethodAnswer::NOT_SUPPORTED
    }
}

/// How a method ends, and what it puts out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodAnswer {
    /// How it ends (`MethodStatus`).
    pub status: Status,
    /// What it puts out (`OutputData`).
    pub output: u64,
}

impl MethodAnswer {
    /// That of a method that does nothing.
    pub const NOT_SUPPORTED: Self = Self { status: Status::NotSupported, output: 0 };
}

/// What a client does at the end of a part of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It returns from the callback with this status.
    Return(Status),
    /// It goes on that much later, in the same callback: meanwhile other events happen, also of this client, but it is not
    /// called back again (D-05).
    Pause(Span),
}

impl From<Status> for Answer {
    fn from(status: Status) -> Self {
        Self::Return(status)
    }
}
