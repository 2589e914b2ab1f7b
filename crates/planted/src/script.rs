//! Who does what at the instant at which everything happens.

use tiebreak::{Context, Instant, Lane, Name, Place, Span, Term, terms};

/// What a step is about: a destination, a queue; nothing if it is empty.
pub type About = &'static str;

/// What a world may do while a step happens.
pub type Stage<'a> = Context<'a, Step, About>;

/// Something that happens to a client. It is its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Step {
    /// To whom.
    pub client: Term,
    /// What.
    pub action: Term,
    /// About what.
    pub about: About,
}

impl Step {
    /// A step of a client.
    #[must_use]
    pub const fn new(client: Term, action: Term, about: About) -> Self {
        Self { client, action, about }
    }

    /// Returns the name of the event.
    #[must_use]
    pub fn name(&self) -> Name<About> {
        Name::of(self.client, self.action, self.about)
    }

    /// Lets it happen at the present instant, in competition with all else that is due.
    pub fn follow<E: From<Self>>(self, stage: &mut Context<'_, E, About>) {
        stage.schedule_after(Span::ZERO, self.into());
    }

    /// Makes a note about the client.
    pub fn note<E>(&self, what: Term, stage: &mut Context<'_, E, About>) {
        stage.record(Name::of(self.client, what, self.about), &[]);
    }
}

terms! {
    /// A step that does nothing, and is about nothing.
    pub WORK = "work",
    DICE = "dice", pub(crate) ROLL = "roll", FACE = "face", AUDITOR = "auditor", AUDIT = "audit", AUDITED = "audited",
}

/// Clients that have nothing to do with any story.
const OTHERS: [Term; 24] = [
    Term::new("other1"),
    Term::new("other2"),
    Term::new("other3"),
    Term::new("other4"),
    Term::new("other5"),
    Term::new("other6"),
    Term::new("other7"),
    Term::new("other8"),
    Term::new("other9"),
    Term::new("other10"),
    Term::new("other11"),
    Term::new("other12"),
    Term::new("other13"),
    Term::new("other14"),
    Term::new("other15"),
    Term::new("other16"),
    Term::new("other17"),
    Term::new("other18"),
    Term::new("other19"),
    Term::new("other20"),
    Term::new("other21"),
    Term::new("other22"),
    Term::new("other23"),
    Term::new("other24"),
];

/// Who does what. All of it is due at one instant, the steps of a client in their order.
#[derive(Debug, Clone, Default)]
pub struct Script {
    early: Vec<Step>,
    clients: Vec<(Wait, Vec<Step>)>,
    others: usize,
}

/// Whether steps wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    InLane,
    Free,
}

impl Script {
    /// When everything happens.
    pub const NOON: Instant = Instant::from_secs(1);

    /// The lane of what happens before. Those of clients are the first ones.
    const EARLY: Lane = Lane::new(999);

    /// The same, with a client that does these things one after the other, all about one thing but for `work`.
    #[must_use]
    pub fn client(mut self, client: Term, actions: &[Term], about: About) -> Self {
        let about = |action| if action == WORK { "" } else { about };
        let steps = actions.iter().map(|action| Step::new(client, *action, about(*action))).collect();
        self.clients.push((Wait::InLane, steps));
        self
    }

    /// The same, with something that waits for nobody: a timer, a message that is on its way.
    #[must_use]
    pub fn free(mut self, client: Term, action: Term, about: About) -> Self {
        self.clients.push((Wait::Free, Vec::from([Step::new(client, action, about)])));
        self
    }

    /// The same, with something that happens before everything else, and after what was said to before it.
    #[must_use]
    pub fn early(mut self, client: Term, action: Term, about: About) -> Self {
        self.early.push(Step::new(client, action, about));
        self
    }

    /// The same, with so many clients that have nothing to do with it, each with so many steps.
    ///
    /// # Panics
    /// If there are more than 24 of them in all.
    #[must_use]
    pub fn others(mut self, count: usize, steps: usize) -> Self {
        for other in &OTHERS[self.others..self.others + count] {
            self = self.client(*other, &vec![WORK; steps], "");
        }
        self.others += count;
        self
    }

    /// The same, without steps that do nothing, and without the clients that do nothing else.
    pub(crate) fn essential(mut self) -> Self {
        self.clients.retain_mut(|(_, steps)| {
            steps.retain(|step| step.action != WORK);
            !steps.is_empty()
        });
        Self { others: 0, ..self }
    }

    /// The same, with a client that draws.
    #[must_use]
    pub fn with_draws(self) -> Self {
        self.early(DICE, ROLL, "").client(DICE, &[ROLL; 3], "")
    }

    /// The same, with a client that does what nobody else does.
    #[must_use]
    pub fn with_audits(self) -> Self {
        self.client(AUDITOR, &[AUDIT; 3], "")
    }

    /// The same, with the clients declared the other way round.
    #[must_use]
    pub fn backwards(mut self) -> Self {
        self.clients.reverse();
        self
    }

    /// Schedules all of it.
    pub fn schedule<E: From<Step>>(&self, stage: &mut Context<'_, E, About>) {
        for step in &self.early {
            stage.on(Self::EARLY).schedule_no_earlier(Instant::START, E::from(*step));
        }
        for ((wait, steps), number) in self.clients.iter().zip(0..) {
            let place = match wait {
                Wait::InLane => Place::lane(Lane::new(number)),
                Wait::Free => Place::FREE,
            };
            for step in steps {
                stage.on(place).schedule_no_earlier(Self::NOON, E::from(*step));
            }
        }
    }
}

/// Lets a step happen that has nothing to do with the story.
pub(crate) fn unrelated<E: From<Step>>(step: Step, stage: &mut Context<'_, E, About>) {
    match step.action {
        ROLL => _ = stage.draw(DICE, FACE, 1..=6),
        AUDIT => Step { action: AUDITED, ..step }.follow(stage),
        _ => {}
    }
}
