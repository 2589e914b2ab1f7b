//! Checkers that read records as they are made.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use tiebreak_kernel::{Instant, Names, Record, Recorder, Subject};

/// Checks one rule on the records of a run, and sees nothing else.
///
/// An instant is over when a record of a later one comes, or the run ends. Several monitors go to a [`Watch`] together,
/// as a list or a tuple. A rule of a few lines is a closure: see [`monitor`].
///
/// ```
/// use tiebreak_kernel::{Names, Record, Subject, terms};
/// use tiebreak_trace::{Failure, Monitor, Verdict};
///
/// terms! { ASK = "ask", ANSWER = "answer" }
///
/// /// Every question is answered, and nothing else is.
/// #[derive(Default)]
/// struct Answered { open: u64, broken: Option<Failure> }
///
/// impl<S: Subject> Monitor<S> for Answered {
///     fn name(&self) -> &'static str {
///         "answered"
///     }
///
///     fn observe(&mut self, _names: &Names, record: &Record<'_, S>) {
///         match record.name.kind {
///             ASK => self.open += 1,
///             ANSWER if self.open > 0 => self.open -= 1,
///             ANSWER => _ = self.broken.get_or_insert(Failure::at(record, "nobody has asked".into())),
///             _ => {}
///         }
///     }
///
///     fn verdict(&self, _names: &Names) -> Verdict {
///         match (&self.broken, self.open) {
///             (Some(failure), _) => Verdict::Fails(failure.clone()),
///             (None, 0) => Verdict::Holds,
///             (None, open) => Verdict::Waits(format!("{open} questions are open")),
///         }
///     }
/// }
/// ```
pub trait Monitor<S: Subject> {
    /// Returns what it is called in reports.
    fn name(&self) -> &'static str;

    /// Returns the rule it checks, as the world's documentation numbers it: `RTM-017`. Empty if rules have no numbers.
    fn rule(&self) -> &'static str {
        ""
    }

    /// Looks at the next record.
    fn observe(&mut self, names: &Names, record: &Record<'_, S>);

    /// Returns how the rule stands after what was seen so far. A monitor that fails keeps its first failure.
    fn verdict(&self, names: &Names) -> Verdict;
}

/// How a rule stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was kept.
    Holds,
    /// It was kept so far, but something is still owed: what. At the end of a run that ran dry, a liveness failure.
    Waits(String),
    /// It was broken.
    Fails(Failure),
}

/// Where and how a rule was broken.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Failure {
    /// The number of the record that broke it.
    pub record: u64,
    /// When.
    pub at: Instant,
    /// What happened and what should have.
    pub message: String,
}

impl Failure {
    /// A failure at this record.
    #[must_use]
    pub const fn at<S>(record: &Record<'_, S>, message: String) -> Self {
        Self { record: record.number, at: record.instant, message }
    }
}

impl fmt::Display for Failure {
    /// Writes `record 18 at 30s: message`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "record {} at {}: {}", self.record, self.at, self.message)
    }
}

/// What one monitor says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The monitor.
    pub monitor: &'static str,
    /// The rule; empty if it has no number.
    pub rule: &'static str,
    /// How it stands.
    pub verdict: Verdict,
}

impl Report {
    /// What this monitor says now.
    fn of<S: Subject>(monitor: &impl Monitor<S>, names: &Names) -> Self {
        Self { monitor: monitor.name(), rule: monitor.rule(), verdict: monitor.verdict(names) }
    }
}

impl fmt::Display for Report {
    /// Writes `RTM-017 (fifo-callbacks) fails: record 18 at 30s: message`; without a rule, `fifo-callbacks fails: …`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule {
            "" => write!(out, "{} ", self.monitor)?,
            rule => write!(out, "{rule} ({}) ", self.monitor)?,
        }
        match &self.verdict {
            Verdict::Holds => out.write_str("holds"),
            Verdict::Waits(owed) => write!(out, "waits: {owed}"),
            Verdict::Fails(failure) => write!(out, "fails: {failure}"),
        }
    }
}

/// Makes a monitor of a closure. It is shown record after record and returns an error when its rule is broken: what happened
/// and what should have. Then it is asked no more.
///
/// Rules that are numbered, or that wait for something that has yet to happen, implement [`Monitor`].
/// Nobody can see what a closure remembers: such a monitor cannot be hashed, so a proof that merges equal states needs a type of its own
/// that implements [`Monitor`] and `Hash`.
///
/// ```
/// use tiebreak_kernel::{Names, Record};
/// use tiebreak_trace::{Watch, monitor};
///
/// let mut is_open = false;
/// let closes_once = monitor("closes-once", move |names: &Names, record: &Record<'_, u32>| {
///     let was_open = core::mem::replace(&mut is_open, record.name.kind.text() == "open");
///     if record.name.kind.text() == "close" && !was_open {
///         return Err(format!("{} closes what is not open", names.text(record.name.actor)));
///     }
///     Ok(())
/// });
/// let watch = Watch::new([closes_once]);
/// # let _ = watch;
/// ```
pub const fn monitor<S, F>(name: &'static str, rule: F) -> MonitorOf<F>
where
    S: Subject,
    F: FnMut(&Names, &Record<'_, S>) -> Result<(), String>,
{
    MonitorOf { name, rule, failure: None }
}

/// A monitor that is a closure: see [`monitor`].
#[derive(Clone)]
pub struct MonitorOf<F> {
    name: &'static str,
    rule: F,
    failure: Option<Failure>,
}

impl<F> fmt::Debug for MonitorOf<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, rule: _, failure } = self;
        out.debug_struct("MonitorOf").field("name", name).field("failure", failure).finish_non_exhaustive()
    }
}

impl<S: Subject, F: FnMut(&Names, &Record<'_, S>) -> Result<(), String>> Monitor<S> for MonitorOf<F> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn observe(&mut self, names: &Names, record: &Record<'_, S>) {
        if self.failure.is_none() {
            self.failure = (self.rule)(names, record).err().map(|message| Failure::at(record, message));
        }
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        self.failure.clone().map_or(Verdict::Holds, Verdict::Fails)
    }
}

/// Several monitors: an array or a `Vec` of one type, such as a world's closed enum, or a tuple of up
/// to twelve. `()` is none.
pub trait Monitors<S: Subject> {
    /// Lets each look at the next record.
    fn observe(&mut self, names: &Names, record: &Record<'_, S>);

    /// Returns what each says, in order.
    fn reports(&self, names: &Names) -> Vec<Report>;
}

impl<S: Subject, M: Monitor<S>> Monitors<S> for Vec<M> {
    fn observe(&mut self, names: &Names, record: &Record<'_, S>) {
        for monitor in self {
            monitor.observe(names, record);
        }
    }

    fn reports(&self, names: &Names) -> Vec<Report> {
        self.iter().map(|monitor| Report::of(monitor, names)).collect()
    }
}

impl<S: Subject, M: Monitor<S>, const N: usize> Monitors<S> for [M; N] {
    fn observe(&mut self, names: &Names, record: &Record<'_, S>) {
        for monitor in self {
            monitor.observe(names, record);
        }
    }

    fn reports(&self, names: &Names) -> Vec<Report> {
        self.iter().map(|monitor| Report::of(monitor, names)).collect()
    }
}

/// No monitors: for worlds that panic where a rule is broken.
impl<S: Subject> Monitors<S> for () {
    fn observe(&mut self, _names: &Names, _record: &Record<'_, S>) {}

    fn reports(&self, _names: &Names) -> Vec<Report> {
        Vec::new()
    }
}

macro_rules! tuple_of_monitors {
    ($($member:ident: $place:tt),+) => {
        impl<S: Subject, $($member: Monitor<S>),+> Monitors<S> for ($($member,)+) {
            fn observe(&mut self, names: &Names, record: &Record<'_, S>) {
                $(self.$place.observe(names, record);)+
            }

            fn reports(&self, names: &Names) -> Vec<Report> {
                Vec::from([$(Report::of(&self.$place, names)),+])
            }
        }
    };
}

tuple_of_monitors!(A: 0);
tuple_of_monitors!(A: 0, B: 1);
tuple_of_monitors!(A: 0, B: 1, C: 2);
tuple_of_monitors!(A: 0, B: 1, C: 2, D: 3);
tuple_of_monitors!(A: 0, B: 1, C: 2, D: 3, E: 4);
tuple_of_monitors!(A: 0, B: 1, C: 2, D: 3, E: 4, F: 5);
tuple_of_monitors!(A: 0, B: 1, C: 2, D: 3, E: 4, F: 5, G: 6);
tuple_of_monitors!(A: 0, B: 1, C: 2, D: 3, E: 4, F: 5, G: 6, H: 7);
tuple_of_monitors!(A: 0, B: 1, C: 2, D: 3, E: 4, F: 5, G: 6, H: 7, I: 8);
tuple_of_monitors!(A: 0, B: 1, C: 2, D: 3, E: 4, F: 5, G: 6, H: 7, I: 8, J: 9);
tuple_of_monitors!(A: 0, B: 1, C: 2, D: 3, E: 4, F: 5, G: 6, H: 7, I: 8, J: 9, K: 10);
tuple_of_monitors!(A: 0, B: 1, C: 2, D: 3, E: 4, F: 5, G: 6, H: 7, I: 8, J: 9, K: 10, L: 11);

/// [`Monitors`] as a recorder: `Watch::new([first, second])`, or `Watch::new((mirror, expiry))` if their types
/// differ. It forks with the simulation if they are `Clone`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Watch<M> {
    monitors: M,
}

impl<M> Watch<M> {
    /// Watches with these monitors.
    #[must_use]
    pub const fn new(monitors: M) -> Self {
        Self { monitors }
    }

    /// Returns the monitors.
    #[must_use]
    pub const fn monitors(&self) -> &M {
        &self.monitors
    }

    /// Returns what each monitor says, in the order given.
    #[must_use]
    pub fn reports<S: Subject>(&self, names: &Names) -> Vec<Report>
    where
        M: Monitors<S>,
    {
        self.monitors.reports(names)
    }
}

impl<S: Subject, M: Monitors<S>> Recorder<S> for Watch<M> {
    fn record(&mut self, names: &Names, record: &Record<'_, S>) {
        self.monitors.observe(names, record);
    }
}
