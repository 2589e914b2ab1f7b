//! Ten peers open a session and confirm it. Whoever checks the sessions in between finds some that are open and none that
//! is confirmed, and closes them all. (The shape is that of `reorder` in the suite of Thomson, Donaldson and Betts.)

use tiebreak::explore::Footprint;
use tiebreak::{Name, Record, Term, World, terms};

use crate::bug::{Planted, Scene};
use crate::judge::Rule;
use crate::script::{About, Script, Stage, Step, unrelated};
use crate::story::{Invented, touches_its_subject, touching};

terms! {
    HEALTH = "health", OPEN = "open", CONFIRM = "confirm", CHECK = "check", CLOSED = "Closed",
}

const PEERS: [Term; 10] = [
    Term::new("peer1"),
    Term::new("peer2"),
    Term::new("peer3"),
    Term::new("peer4"),
    Term::new("peer5"),
    Term::new("peer6"),
    Term::new("peer7"),
    Term::new("peer8"),
    Term::new("peer9"),
    Term::new("peer10"),
];

const SESSIONS: About = "sessions";

#[derive(Clone, Hash)]
pub(crate) struct Sessions {
    is_fixed: bool,
    open: u32,
    confirmed: u32,
}

impl Sessions {
    fn with_peers(peers: &[Term]) -> Script {
        let script = Script::default();
        let script =
            peers.iter().fold(script, |script, peer| script.client(*peer, &[OPEN, CONFIRM], SESSIONS));
        script.client(HEALTH, &[CHECK], SESSIONS)
    }
}

impl World for Sessions {
    type Event = Step;
    type Subject = About;

    fn name(&self, step: &Step) -> Name<About> {
        step.name()
    }

    fn handle(&mut self, step: Step, stage: &mut Stage<'_>) {
        match step.action {
            OPEN => self.open += 1,
            CONFIRM => self.confirmed += 1,
            // The fix: a session that opens at this very instant has time until the next check.
            CHECK if self.open > 0 && self.confirmed == 0 && !self.is_fixed => step.note(CLOSED, stage),
            _ => unrelated(step, stage),
        }
    }
}

/// Sessions that will be confirmed are not closed.
#[derive(Clone, Default, Hash)]
pub(crate) struct SessionsStay;

impl Rule for SessionsStay {
    const NAME: &'static str = "sessions-stay";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        if record.name.kind == CLOSED { Err("all sessions were closed".into()) } else { Ok(()) }
    }
}

impl Scene for Sessions {
    type Rule = SessionsStay;

    fn new(planted: Planted) -> Self {
        Self { is_fixed: planted.is_fixed, open: 0, confirmed: 0 }
    }

    fn script() -> Script {
        Self::with_peers(&PEERS)
    }
}

impl Invented for Sessions {
    /// With three peers: ten have more than 10¹⁵ orders.
    fn story() -> Script {
        Self::with_peers(&PEERS[..3])
    }

    fn touches(&self, step: &Step) -> Footprint {
        match step.action {
            OPEN => touching(&[], &["open"]),
            CONFIRM => touching(&[], &["confirmed"]),
            CHECK if self.is_fixed => Footprint::new(),
            CHECK => touching(&["open", "confirmed"], &[]),
            _ => touches_its_subject(step),
        }
    }

    fn alike() -> Option<(&'static str, &'static [Term])> {
        Some(("peers", &PEERS[..3]))
    }
}
