//! A client gives a request up, waits until the server confirms that, and asks again under the same number. The reply to
//! the first request may still be on its way. How long the server takes for it is drawn.

use tiebreak::{Fact, Name, Record, Span, Term, World, terms};

use crate::bug::{Planted, Scene};
use crate::judge::Rule;
use crate::script::{About, Script, Stage, Step, WORK, unrelated};
use crate::story::Invented;

terms! {
    CLIENT = "client", SERVER = "server", REQUEST = "request", GIVE_UP = "give-up", CANCEL = "cancel",
    CONFIRM = "confirm", ANSWER = "answer", REPLY = "reply", TAKEN = "Taken", QUESTION = "question",
    ANSWERED = "answered", TIME = "time",
}

const NUMBER: About = "number1";

#[derive(Clone, Hash)]
pub(crate) struct Exchange {
    is_fixed: bool,
    /// Which question the server works at.
    working: Option<u64>,
    /// Which question the server has answered.
    answered: u64,
    /// Which question the client waits for, and how many it has asked.
    waiting: Option<u64>,
    asked: u64,
}

impl Exchange {
    fn send(to: Term, what: Term, stage: &mut Stage<'_>) {
        Step::new(to, what, NUMBER).follow(stage);
    }
}

impl World for Exchange {
    type Event = Step;
    type Subject = About;

    fn name(&self, step: &Step) -> Name<About> {
        step.name()
    }

    fn handle(&mut self, step: Step, stage: &mut Stage<'_>) {
        match step.action {
            REQUEST => {
                self.working = Some(self.asked);
                let seconds = stage.draw(SERVER, TIME, 0..=3);
                stage.schedule_after(Span::from_secs(seconds), Step { action: ANSWER, ..step });
            }
            ANSWER => {
                if let Some(question) = self.working.take() {
                    self.answered = question;
                    Self::send(CLIENT, REPLY, stage);
                }
            }
            GIVE_UP if self.waiting.take().is_some() => Self::send(SERVER, CANCEL, stage),
            CANCEL => {
                self.working = None;
                Self::send(CLIENT, CONFIRM, stage);
            }
            CONFIRM => {
                self.asked += 1;
                self.waiting = Some(self.asked);
            }
            REPLY => {
                if let Some(question) = self.waiting {
                    // The fix: a reply names its question.
                    if question == self.answered || !self.is_fixed {
                        self.waiting = None;
                        let facts =
                            &[Fact::number(QUESTION, question), Fact::number(ANSWERED, self.answered)];
                        stage.record(Name::of(CLIENT, TAKEN, NUMBER), facts);
                    }
                }
            }
            _ => unrelated(step, stage),
        }
    }
}

/// A reply is taken for the answer to its own question.
#[derive(Clone, Default, Hash)]
pub(crate) struct RepliesFit;

impl Rule for RepliesFit {
    const NAME: &'static str = "replies-fit";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        let [question, answered] = [QUESTION, ANSWERED].map(|key| record.number(key));
        if question == answered {
            Ok(())
        } else {
            Err(format!("question {question:?}, answer to {answered:?}"))
        }
    }
}

impl Scene for Exchange {
    type Rule = RepliesFit;

    fn new(planted: Planted) -> Self {
        Self { is_fixed: planted.is_fixed, working: None, answered: 0, waiting: Some(0), asked: 0 }
    }

    fn script() -> Script {
        let script = Script::default().early(SERVER, REQUEST, NUMBER);
        script.client(CLIENT, &[WORK, GIVE_UP, WORK], NUMBER).others(6, 5)
    }
}

impl Invented for Exchange {}
