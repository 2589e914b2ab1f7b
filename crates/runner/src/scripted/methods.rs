//! Methods of a scripted client: what it does in them, and how it invokes those of others.

use alloc::vec::Vec;

use tiebreak_rtm::{Call, MethodBlocking, MethodFrame, MethodTypes, Outcome, Reply, Status, Ticket};
use tiebreak_rtm_sim::{Desk, MethodAnswer};
use tiebreak_scenario::plan::{Action, EntityMethods, Event, InvokeMethod};

use super::registration::Registration;
use super::{Flow, OUTERMOST, Occasion, Rest, Scope, Scripted, State, Stop, Thread};

/// Room for the outputs of all methods that a client can have.
const ROOM_FOR_ALL: u32 = 32;

/// A method that goes on when its call may: what it does then, and its answer so far.
#[derive(Debug, Clone, Hash)]
pub(super) struct StoppedMethod<'p> {
    invocation: Ticket,
    rest: Rest<'p>,
    answer: Status,
    output: u64,
}

impl Scripted<'_> {
    /// Does what the script says for methods. Without that a method is not supported.
    pub(super) fn run_method(&mut self, frame: &MethodFrame, desk: &mut Desk<'_>) -> MethodAnswer {
        let told = self.state.told(desk);
        let Some(actions) = self.script.roles[told].reactions.get(&Event::Method) else {
            return MethodAnswer::NOT_SUPPORTED;
        };
        let scope = Scope { acting: told, ..OUTERMOST };
        let mut occasion = Occasion::of_method(frame, scope);
        let flow = self.state.perform_all(actions, &mut occasion, desk);
        self.state.end_method(frame.invocation, flow, &occasion)
    }

    /// Does what is left of a method.
    pub(super) fn go_on_with_method(&mut self, frame: &MethodFrame, desk: &mut Desk<'_>) -> MethodAnswer {
        let mut methods = self.state.methods.iter();
        let place = methods.position(|stopped| stopped.invocation == frame.invocation);
        let Some(place) = place else { unreachable!("only a method whose call waits goes on") };
        let StoppedMethod { rest, answer, output, .. } = self.state.methods.remove(place);
        let scope = Scope { acting: self.state.told(desk), ..OUTERMOST };
        let mut occasion = Occasion { answer, output, ..Occasion::of_method(frame, scope) };
        let flow = self.state.perform_rest(rest, &mut occasion, desk);
        self.state.end_method(frame.invocation, flow, &occasion)
    }
}

impl<'a> Occasion<'a> {
    const fn of_method(frame: &'a MethodFrame, scope: Scope) -> Self {
        Self { event: None, method: Some(frame), answer: Status::NoError, output: 0, scope }
    }
}

impl<'p> State<'p> {
    /// Keeps what a method does when its call may go on; if it is over, forgets what its actions have kept.
    fn end_method(&mut self, invocation: Ticket, flow: Flow<'p>, occasion: &Occasion<'_>) -> MethodAnswer {
        let Occasion { answer, output, .. } = *occasion;
        match flow {
            Flow::Done => {
                for registration in &mut self.registrations {
                    registration.forget(Thread::Method(invocation));
                }
            }
            // It stands still whatever it answers: methods do not pause.
            Flow::Stopped(_, rest) => {
                self.methods.push(StoppedMethod { invocation, rest, answer, output });
            }
        }
        MethodAnswer { status: answer, output }
    }
}

impl Registration<'_> {
    /// Does what concerns methods.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the registration names every action, and which of them are done here"
    )]
    pub(super) fn method_action(
        &mut self,
        action: &Action,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let block = |action| Call::BlockMethods { target: None, action };
        match action {
            Action::EntityMethods(asked) => self.entity_methods(asked, desk)?,
            Action::InvokeMethod(invoked) => self.invoke_method(invoked, occasion, desk)?,
            Action::BlockMethods => {
                desk.call(block(MethodBlocking::Block));
            }
            Action::ResumeMethods => {
                desk.call(block(MethodBlocking::Resume));
            }
            _ => unreachable!("the registration itself does what does not concern methods"),
        }
        Ok(())
    }

    /// Asks for methods as documented: how many there are, then all of them; or once, with so much room.
    fn entity_methods(&self, asked: &EntityMethods, desk: &mut Desk<'_>) -> Result<(), Stop> {
        let entity = self.client(&asked.of, desk)?;
        let capacity = asked.room.unwrap_or(0);
        let outcome = desk.call(Call::GetEntityMethods { entity, capacity });
        if let (None, Outcome::Done(Reply::GetEntityMethods { count: capacity @ 1.., .. })) =
            (asked.room, outcome)
        {
            desk.call(Call::GetEntityMethods { entity, capacity });
        }
        Ok(())
    }

    /// Invokes methods, and keeps what the first of them puts out. The client is found before the call, and not again when
    /// that goes on.
    fn invoke_method(
        &mut self,
        invoked: &InvokeMethod,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let call = match self.kept(occasion).call.take() {
            Some(call) => call,
            None => Call::InvokeMethod {
                entity: self.client(&invoked.of, desk)?,
                methods: method_types(&invoked.methods),
                input: invoked.input,
                capacity: invoked.room.unwrap_or(ROOM_FOR_ALL),
            },
        };
        match desk.call(call.clone()) {
            Outcome::Pending(_) => {
                self.kept(occasion).call = Some(call);
                return Err(Stop::Waits);
            }
            Outcome::Done(Reply::InvokeMethod { outputs }) => {
                self.answered = outputs.first().map(|first| first.output);
            }
            Outcome::Done(_) | Outcome::Failed(_) | Outcome::NeedsRoom(_) | Outcome::Violated(_) => {
                self.answered = None;
            }
        }
        Ok(())
    }
}

/// The methods of these numbers, counted from 1; none in particular are all.
fn method_types(numbers: &[u32]) -> MethodTypes {
    if numbers.is_empty() {
        return MethodTypes::ALL;
    }
    let bits: Vec<u32> =
        numbers.iter().filter_map(|number| 1_u32.checked_shl(number.checked_sub(1)?)).collect();
    MethodTypes::from_bits(bits.into_iter().fold(0, |all, bit| all | bit))
}
