//! A client wants news of the destinations that it has marked. A route is withdrawn, and the client takes the mark away
//! before it is told. The manager goes by the marks of the moment, so that the client keeps what it was told of by the
//! marks of before.

use tiebreak::{Record, Term, terms};
use tiebreak_rtm::{
    Call, DestHandle, DestInfo, EntityHandle, Input, Marking, NotifyFlags, NotifyHandle, Output, Reply,
};

use super::desk::Desk;
use super::faulty::{Fault, Inside, fetched};
use super::words::{ADD, BEST, BGP, DELETE, MIRROR, NOBODY, OWNER, REGISTER, RIP};
use super::{Exhibit, PREFIX};
use crate::judge::Rule;
use crate::script::{About, Script, Step, WORK};

terms! {
    ACCEPT = "accept", REJECT = "reject",
}

/// Leaves out what is not marked now.
#[derive(Default)]
pub(crate) struct FiltersAnew;

/// Whose changes are fetched, and of which registration.
fn fetching(input: &Input) -> Option<(EntityHandle, NotifyHandle)> {
    let Input::Call { caller, call: Call::GetChangedDests { notify, .. }, .. } = input else { return None };
    Some(((*caller)?, *notify))
}

impl Fault for FiltersAnew {
    fn handle(&mut self, input: Input, inside: &mut Inside<'_>) -> Vec<Output> {
        let fetching = fetching(&input);
        let mut outputs = inside.hear(input);
        if let (Some((caller, notify)), Some(infos)) = (fetching, fetched(&mut outputs)) {
            let mut is_marked = |info: &DestInfo| {
                let ask = Call::IsMarkedForChangeNotification { notify, dest: info.dest };
                inside.ask(caller, ask) == Some(Reply::IsMarkedForChangeNotification { is_marked: true })
            };
            infos.retain(|info| is_marked(info));
        }
        outputs
    }
}

/// In the end BGP has what was the best route when the last change came that it wanted to be told of.
#[derive(Default)]
pub(crate) struct ToldByTheFormerFilter {
    is_wanted: bool,
    best: Option<Term>,
    wanted: Option<Term>,
    mirrored: Option<Term>,
}

impl Rule for ToldByTheFormerFilter {
    const NAME: &'static str = "told-by-the-former-filter";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        match record.name.kind {
            ACCEPT => self.is_wanted = true,
            REJECT => self.is_wanted = false,
            BEST => self.best = record.word(OWNER),
            MIRROR => self.mirrored = record.word(OWNER),
            _ => return Ok(()),
        }
        if self.is_wanted {
            self.wanted = self.best;
        }
        Ok(())
    }

    fn owed(&self) -> Option<String> {
        let [mirrored, wanted] = [self.mirrored, self.wanted].map(|owner| owner.unwrap_or(NOBODY).text());
        (mirrored != wanted)
            .then(|| format!("BGP has the route of {mirrored}, and was to be told of {wanted}"))
    }
}

#[derive(Default)]
pub(crate) struct Export {
    /// What BGP has marked, with the reference that it holds.
    marked: Option<DestHandle>,
}

impl Exhibit for Export {
    type Fault = FiltersAnew;
    type Rule = ToldByTheFormerFilter;

    fn script() -> Script {
        Script::default()
            .early(RIP, REGISTER, "")
            .early(RIP, ADD, PREFIX)
            .early(BGP, ACCEPT, PREFIX)
            .client(BGP, &[WORK, REJECT, WORK], PREFIX)
            .client(RIP, &[WORK, DELETE, WORK], PREFIX)
            .others(4, 5)
    }

    fn step(&mut self, step: Step, desk: &mut Desk<'_, '_>) {
        match step.action {
            ACCEPT => {
                desk.observe(NotifyFlags::BEST.union(NotifyFlags::ONLY_MARKED_DESTS));
                self.marked = desk.look_up(step.about).map(|info| info.dest);
                self.marked.iter().for_each(|dest| desk.mark(*dest, Marking::Mark));
                desk.read(step.about);
            }
            REJECT => self.marked.iter().for_each(|dest| desk.mark(*dest, Marking::Unmark)),
            _ => desk.perform(step),
        }
    }
}
