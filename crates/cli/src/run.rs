//! `tiebreak run`: one run, its trace and its verdict.

mod products;

use serde::Serialize;
use tiebreak::{End, Exceeded};
use tiebreak_diagnostic::counted;
use tiebreak_rtm_sim::RoutingMonitors;
use tiebreak_runner::{Finding, Fingerprinted, RunOptions, RunReport};

use self::products::{Product, Sinks};
use crate::arguments::{Run, TraceFormat};
use crate::exit::{Error, Exit};
use crate::load::Ready;
use crate::output::{Sink, Terminal, complain, json, visible};

pub(crate) use self::products::nothing_to_show;

/// Runs a scenario once.
pub(crate) fn run(options: &Run, terminal: Terminal) -> Result<Exit, Error> {
    let product = Product::of(options)?;
    let Ready { plan, prepared, .. } = Ready::read(&options.scenario, terminal)?;
    let sinks = Sinks::open(options, product, terminal)?;
    let scenario = &options.scenario;
    let (seed, order) = (options.seed, options.order);
    let (until, limit) = (scenario.until, scenario.limit);
    let how = RunOptions { seed, order, until, limit, model: scenario.model(), ..RunOptions::default() };
    let Fingerprinted { report, fingerprint, .. } = sinks.run(&prepared, how, options, terminal)?;
    let seed = Some(report.seed).filter(|seed| *seed != plan.seed);
    let again = scenario.paste_line(&plan, seed, report.order);
    let verdict = verdict(&report, plan.expect.len(), &again, options.format);
    let is_wanted = !terminal.is_quiet || Exit::of(&report) != Exit::Fine;
    match product {
        Product::Verdict if is_wanted => print(&verdict)?,
        Product::Fingerprint => print(&fingerprint.run.to_string())?,
        Product::Table | Product::Packed | Product::Verdict => {}
    }
    if product != Product::Verdict && Exit::of(&report) != Exit::Fine {
        complain(verdict);
    }
    Ok(Exit::of(&report))
}

fn print(text: &str) -> Result<(), Error> {
    let mut out = Sink::stdout();
    out.line(text);
    out.finish()
}

/// Returns the verdict of a run; its last line, or its key `again`, is the command that repeats the run.
fn verdict(report: &RunReport, expected: usize, again: &str, format: Option<TraceFormat>) -> String {
    match format {
        None | Some(TraceFormat::Text | TraceFormat::Packed) => verdict_text(report, expected, again),
        Some(TraceFormat::Ndjson) => json(&Verdict::new(report, again)),
    }
}

fn verdict_text(report: &RunReport, expected: usize, again: &str) -> String {
    let mut lines = vec![headline(report, expected)];
    lines.extend(report.findings.iter().map(finding_line));
    lines.extend(warnings(report).map(|warning| format!("  warning: {}", visible(warning))));
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
        return format!("did not end · {}", limit_text(exceeded));
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
const fn limit(end: &End) -> Option<&Exceeded> {
    if let End::Limit(exceeded) = end { Some(exceeded) } else { None }
}

/// Returns which limit was hit, and what repeats, or what to do if nothing does.
fn limit_text(exceeded: &Exceeded) -> String {
    if exceeded.cycle.is_empty() {
        format!("{exceeded}; nothing repeats, so it may only be long: allow more with `--limit`")
    } else {
        exceeded.to_string()
    }
}

/// Returns the findings of a run, or the limit it hit, one line each.
pub(crate) fn finding_lines(report: &RunReport) -> Vec<String> {
    let limit = limit(&report.end).map(|exceeded| format!("  did not end: {}", limit_text(exceeded)));
    limit.into_iter().chain(report.findings.iter().map(finding_line)).collect()
}

fn finding_line(finding: &Finding) -> String {
    format!("  {}", visible(finding))
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
    findings: Vec<FindingObject>,
    /// What is probably a mistake in the scenario; absent if there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    again: &'a str,
}

#[derive(Debug, Serialize)]
struct FindingObject {
    /// `monitor`, `monitor-held`, `expectation`, `model` or `order`.
    kind: &'static str,
    text: String,
}

impl<'a> Verdict<'a> {
    fn new(report: &RunReport, again: &'a str) -> Self {
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
            findings: report.findings.iter().map(FindingObject::new).collect(),
            warnings: warnings(report).collect(),
            again,
        }
    }
}

impl FindingObject {
    fn new(finding: &Finding) -> Self {
        let kind = match finding {
            Finding::Monitor(_) => "monitor",
            Finding::MonitorHeld(_) => "monitor-held",
            Finding::Expectation(_) => "expectation",
            Finding::Model(_) => "model",
            Finding::Order(_) => "order",
        };
        Self { kind, text: finding.to_string() }
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
