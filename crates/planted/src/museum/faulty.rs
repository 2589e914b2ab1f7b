//! Faults around a manager that has none: what a buggy one would make of calls and callbacks.

use tiebreak_rtm::{
    AddressFamily, Call, DestInfo, EntityHandle, Input, Manager, Outcome, Output, Profile, Reply, TableId,
    ViewId,
};

/// The one table of the museum.
pub(crate) const TABLE: TableId = TableId { instance: 0, family: AddressFamily::Ipv4 };

/// What is wrong with a manager: it stands between its clients and the real one.
pub(crate) trait Fault {
    /// Takes an input and says what comes of it. A manager without a fault [hears](Inside::hear) the input as it is.
    fn handle(&mut self, input: Input, inside: &mut Inside<'_>) -> Vec<Output>;

    /// Does what was put off.
    fn run_queue(&mut self, _inside: &mut Inside<'_>) -> Vec<Output> {
        Vec::new()
    }

    /// Whether something was put off.
    fn has_queued(&self) -> bool {
        false
    }
}

/// The real manager, as a fault sees it.
#[derive(Debug)]
pub(crate) struct Inside<'a> {
    manager: &'a mut Manager,
    now: u64,
}

impl Inside<'_> {
    /// Hands an input to the manager.
    pub(crate) fn hear(&mut self, input: Input) -> Vec<Output> {
        self.manager.handle(self.now, input).collect()
    }

    /// Calls as a client, and returns what the call answers.
    pub(crate) fn ask(&mut self, caller: EntityHandle, call: Call) -> Option<Reply> {
        reply(self.hear(Input::Call { caller: Some(caller), frame: None, call }))
    }

    /// The manager, to read.
    pub(crate) const fn manager(&self) -> &Manager {
        self.manager
    }
}

/// A manager, with a fault around it or without.
pub(crate) struct Faulty {
    manager: Manager,
    fault: Option<Box<dyn Fault>>,
}

impl Faulty {
    pub(crate) fn new(fault: Option<Box<dyn Fault>>) -> Self {
        Self { manager: Manager::new(Profile::default()), fault }
    }

    pub(crate) fn handle(&mut self, now: u64, input: Input) -> Vec<Output> {
        let mut inside = Inside { manager: &mut self.manager, now };
        match &mut self.fault {
            Some(fault) => fault.handle(input, &mut inside),
            None => inside.hear(input),
        }
    }

    pub(crate) fn run_queue(&mut self, now: u64) -> Vec<Output> {
        let mut inside = Inside { manager: &mut self.manager, now };
        self.fault.as_mut().map_or_else(Vec::new, |fault| fault.run_queue(&mut inside))
    }

    pub(crate) fn has_queued(&self) -> bool {
        self.fault.as_ref().is_some_and(|fault| fault.has_queued())
    }

    /// The manager, to read.
    pub(crate) const fn manager(&self) -> &Manager {
        &self.manager
    }
}

/// What a call answered, if it succeeded.
pub(crate) fn reply(outputs: Vec<Output>) -> Option<Reply> {
    let answer = |output| if let Output::Reply(outcome) = output { outcome.done() } else { None };
    outputs.into_iter().find_map(answer)
}

/// The changes that a client is about to get.
pub(crate) fn fetched(outputs: &mut [Output]) -> Option<&mut Vec<DestInfo>> {
    outputs.iter_mut().find_map(|output| {
        let Output::Reply(Outcome::Done(Reply::GetChangedDests { infos })) = output else { return None };
        Some(infos)
    })
}

/// Who owns the best route to a destination.
pub(crate) fn best_owner(info: &DestInfo) -> Option<EntityHandle> {
    info.views.iter().find(|view| view.view == ViewId::UCAST)?.owner
}
