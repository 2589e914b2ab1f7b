//! Understanding a failure of a world in a test: where the die was cast, and which orderings go with it.

use tiebreak_explore::{
    Blame, Campaign, Directory, Found, NotBlamed, Outcome, Plan, Suspects, Symptom, Tactic, blame, suspects,
};

use crate::check::{Check, from_environment};
use crate::run::Run;

impl<F: Fn(&mut Run<'_, '_>) -> Outcome> Check<F> {
    /// Searches until a run fails, and returns at which of its choices the failure was decided: the first choices are kept and
    /// the rest are made anew at random, in so many runs at each point. `None` if no run fails. What is kept of earlier finds is
    /// neither run nor written.
    ///
    /// # Errors
    /// If the failing run does not fail again with its choices, or is too long.
    ///
    /// ```
    /// use tiebreak::{Context, Name, Span, World, check, outcome, terms};
    ///
    /// terms! { ACCOUNT = "account", OPEN = "open", PAY = "pay", CLOSE = "close" }
    ///
    /// enum Event { Open, Pay, Close }
    ///
    /// #[derive(Default)]
    /// struct Account { is_closed: bool }
    ///
    /// impl World for Account {
    ///     type Event = Event;
    ///     type Subject = ();
    ///
    ///     fn name(&self, event: &Event) -> Name<()> {
    ///         Name::of(ACCOUNT, match event { Event::Open => OPEN, Event::Pay => PAY, Event::Close => CLOSE }, ())
    ///     }
    ///
    ///     fn handle(&mut self, event: Event, _context: &mut Context<'_, Event, ()>) {
    ///         match event {
    ///             Event::Open => {}
    ///             Event::Close => self.is_closed = true,
    ///             Event::Pay => assert!(!self.is_closed, "a payment is lost"),
    ///         }
    ///     }
    /// }
    ///
    /// let account = check(|run| {
    ///     let mut simulation = run.simulation(Account::default(), ());
    ///     simulation.act(|_, context| {
    ///         context.schedule_after(Span::from_secs(5), Event::Open);
    ///         context.schedule_after(Span::from_secs(10), Event::Pay);
    ///         context.schedule_after(Span::from_secs(10), Event::Close);
    ///     });
    ///     let end = simulation.run();
    ///     outcome(&simulation, Some(&end))
    /// });
    /// let blame = account.blame(200)?.expect("some order loses a payment");
    /// let jump = blame.jump.as_ref().expect("a choice decided it");
    /// assert_eq!((jump.choice, blame.choices), (1, 1));
    /// assert_eq!(jump.ran, "account/close#1");
    /// assert_eq!(jump.others, ["account/pay#1"]);
    /// println!("{blame}");
    ///
    /// let suspects = account.suspects();
    /// let first = &suspects.failures[0].suspects[0];
    /// assert_eq!(first.ordering.to_string(), "account/close#1 before account/pay#1");
    /// # Ok::<(), tiebreak::explore::NotBlamed>(())
    /// ```
    pub fn blame(&self, runs: u64) -> Result<Option<Blame>, NotBlamed> {
        let plan = Plan { stops_at_failure: true, ..from_environment(self.plan.clone()) };
        let mut directory = Directory::default();
        let mut campaign = Campaign::new(&self.program, plan, &mut directory);
        campaign.run(&self.program, &mut directory);
        let first = campaign.found().iter().min_by_key(|(_, found)| found.place());
        let Some((symptom, Found { first, .. })) = first else { return Ok(None) };
        let watched = first.job.watch(&self.program, campaign.calibration(), &mut directory);
        let run = (&watched.history, &*watched.chosen);
        let failure: (&Symptom, u64) = (symptom, first.job.seed);
        blame(&self.program, run, failure, runs, &mut directory, &|| true).map(Some)
    }

    /// Makes as many runs as the search would, and returns which orderings hold where it fails and do not where it passes. Of the
    /// strategies that were asked for, the first whose runs are samples chooses.
    #[must_use]
    pub fn suspects(&self) -> Suspects {
        let Plan { tactics, seed, runs, .. } = from_environment(self.plan.clone());
        let tactic = tactics.into_iter().find(|tactic| tactic.is_sample()).unwrap_or(Tactic::Clocks);
        suspects(&self.program, (tactic, seed, runs), &mut Directory::default(), &|| true)
    }
}
