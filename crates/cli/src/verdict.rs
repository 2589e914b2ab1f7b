//! What is said of a run that is over: its verdict, and what was found.

use serde::Serialize;
use tiebreak::{End, Exceeded};
use tiebreak_diagnostic::counted;
use tiebreak_rtm_sim::RoutingMonitors;
use tiebreak_runner::{Crowd, Finding, RunReport};

use crate::arguments::Format;
use crate::exit::Exit;
use crate::output::{json, visible};

/// A run that is over, and how each of its findings came about, in lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'a> {
    pub(crate) report: &'a RunReport,
    /// As many as there are findings.
    pub(crate) because: &'a [Vec<String>],
}

/// Returns the verdict of a run; its last line, or its key `again`, is the command that repeats the run.
pub(crate) fn verdict(told: Told<'_>, expected: usize, again: &str, format: Format) -> String {
    match format {
        Format::Text => verdict_text(told, expected, again),
        Format::Ndjson => json(&Verdict::new(told, again)),
    }
}

fn verdict_text(told: Told<'_>, expected: usize, again: &str) -> String {
    let mut lines = vec![headline(told.report, expected)];
    lines.extend(told.findings());
    lines.extend(warnings(told.report).map(|warning| format!("  warning: {}", visible(warning))));
    lines.push(again.to_owned());
    lines.join("\n")
}

/// Returns what is probably a mistake in the scenario, but no finding.
fn warnings(report: &RunReport) -> impl Iterator<Item = String> {
    report.well_behaved.iter().map(|client| {
        format!("`{client}` is declared `misbehaves: true`, but all its calls were accepted; remove the declaration")
    })
}

fn headline(report: &RunReport, expected: usize) -> String {
    let RunReport { end, at, events, findings, open_callbacks, .. } = report;
    if let Some(exceeded) = limit(end) {
        return format!("did not end · {}", limit_text(exceeded, report.crowd.as_ref()));
    }
    if !matches!(end, End::Quiescent | End::Horizon) {
        return format!("did not end · {end}, after {} at {at}", counted(*events, "event"));
    }
    let what = match findings.len() {
        0 => {
            let monitors = RoutingMonitors::names().len();
            format!("ok · {monitors} monitors hold · {} met", counted(expected, "expectation"))
        }
        count => format!("found {count}"),
    };
    let open = match *open_callbacks {
        0 => String::new(),
        1 => "; 1 callback has not returned".to_owned(),
        count => format!("; {count} callbacks have not returned"),
    };
    format!("{what} · {} until {at}, {end}{open}", counted(*events, "event"))
}

/// Returns the limit that a run hit.
pub(crate) const fn limit(end: &End) -> Option<&Exceeded> {
    if let End::Limit(exceeded) = end { Some(exceeded) } else { None }
}

/// Returns which limit was hit, and what repeats, or what to do if nothing does.
fn limit_text(exceeded: &Exceeded, crowd: Option<&Crowd>) -> String {
    if let Some(Crowd { kind, count }) = crowd {
        return format!(
            "{exceeded}; {count} of them are `{kind}`: let fewer clients act at one instant, or allow more with `--limit`"
        );
    }
    if exceeded.cycle.is_empty() {
        format!("{exceeded}; nothing repeats, so it may only be long: allow more with `--limit`")
    } else {
        exceeded.to_string()
    }
}

impl Told<'_> {
    /// Returns the limit that the run hit, if it hit one, and its findings, each with how it came about.
    pub(crate) fn lines(self) -> Vec<String> {
        let limit = limit(&self.report.end)
            .map(|exceeded| format!("  did not end: {}", limit_text(exceeded, self.report.crowd.as_ref())));
        limit.into_iter().chain(self.findings()).collect()
    }

    fn findings(self) -> impl Iterator<Item = String> {
        self.report.findings.iter().zip(self.because).flat_map(|(finding, because)| {
            let because = because.iter().map(|line| format!("    {}", visible(line)));
            core::iter::once(format!("  {}", visible(finding))).chain(because)
        })
    }
}

/// The last object of `--format ndjson`.
#[derive(Debug, Serialize)]
struct Verdict<'a> {
    r#type: &'static str,
    /// `ok`, `found` or `unended`.
    result: &'static str,
    exit: u8,
    /// `quiescent`, `horizon`, `limit` or `stopped`.
    end: &'static str,
    /// The limit that was hit.
    limit: Option<String>,
    /// Nanoseconds since the start of the run.
    at: u64,
    events: u64,
    /// How many callbacks have begun and not returned; absent if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_callbacks: Option<usize>,
    seed: u64,
    order: &'static str,
    findings: Vec<FindingObject<'a>>,
    /// What is probably a mistake in the scenario; absent if there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    again: &'a str,
}

#[derive(Debug, Serialize)]
struct FindingObject<'a> {
    /// `monitor`, `monitor-held`, `expectation`, `model` or `order`.
    kind: &'static str,
    text: String,
    /// How it came about, for people; absent if no record shows it.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    because: &'a [String],
}

impl<'a> Verdict<'a> {
    fn new(Told { report, because }: Told<'a>, again: &'a str) -> Self {
        let end = match &report.end {
            End::Quiescent => "quiescent",
            End::Horizon => "horizon",
            End::Limit(_) => "limit",
            // Any other end of a later kernel is neither for lack of work nor for a limit.
            End::Stopped(_) | End::Poisoned | _ => "stopped",
        };
        let exit = Exit::of(report);
        Self {
            r#type: "verdict",
            result: match exit {
                Exit::Fine => "ok",
                Exit::Unended => "unended",
                Exit::Found
                | Exit::BadInput
                | Exit::Diverged
                | Exit::Unproved
                | Exit::Blind
                | Exit::NotRun
                | Exit::Nondeterministic
                | Exit::Internal
                | Exit::Interrupted => "found",
            },
            exit: exit.code(),
            end,
            limit: limit(&report.end).map(ToString::to_string),
            at: report.at.as_nanos(),
            events: report.events,
            open_callbacks: Some(report.open_callbacks).filter(|count| *count > 0),
            seed: report.seed,
            order: report.order.word(),
            findings: report.findings.iter().zip(because).map(FindingObject::new).collect(),
            warnings: warnings(report).collect(),
            again,
        }
    }
}

impl<'a> FindingObject<'a> {
    fn new((finding, because): (&Finding, &'a Vec<String>)) -> Self {
        let kind = match finding {
            Finding::Monitor(_) => "monitor",
            Finding::MonitorHeld(_) => "monitor-held",
            Finding::Expectation(_) => "expectation",
            Finding::Model(_) => "model",
            Finding::Order(_) => "order",
        };
        Self { kind, text: finding.to_string(), because }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiebreak::Order;

    #[test]
    fn one_of_something_is_not_spelled_as_several() {
        let text = |end, events, expected| {
            let (at, order) = (tiebreak::Instant::START, Order::Seeded);
            let (findings, well_behaved, twins) = (Vec::new(), Vec::new(), Vec::new());
            headline(
                &RunReport {
                    end,
                    at,
                    events,
                    open_callbacks: 0,
                    seed: 1,
                    order,
                    findings,
                    well_behaved,
                    twins,
                    crowd: None,
                },
                expected,
            )
        };
        let stopped = |events| text(End::Stopped("they differ".to_owned()), events, 0);
        assert_eq!(stopped(1), "did not end · stopped: they differ, after 1 event at 0s");
        assert_eq!(stopped(2), "did not end · stopped: they differ, after 2 events at 0s");
        let quiet = |events, expected| text(End::Quiescent, events, expected);
        assert!(quiet(1, 1).contains(" · 1 expectation met · 1 event until 0s, "), "{}", quiet(1, 1));
        assert!(quiet(0, 2).contains(" · 2 expectations met · 0 events until 0s, "), "{}", quiet(0, 2));
    }
}
