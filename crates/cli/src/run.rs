//! `tiebreak run`: one run, its trace and its verdict.

mod products;

use tiebreak_runner::{Fingerprinted, RunOptions};

use self::products::{Done, Product, Sinks};
use crate::arguments::{Format, Run, TraceFormat};
use crate::because::{Again, AskedOf};
use crate::exit::{Error, Exit};
use crate::load::Ready;
use crate::output::{Sink, Terminal, complain};
use crate::verdict::{Told, verdict};

pub(crate) use self::products::nothing_to_show;

/// Runs a scenario once.
pub(crate) fn run(options: &Run, terminal: Terminal) -> Result<Exit, Error> {
    let product = Product::of(options)?;
    let Ready { plan, prepared, .. } = Ready::read(&options.scenario, terminal)?;
    let sinks = Sinks::open(options, &plan, product, terminal)?;
    let scenario = &options.scenario;
    let (seed, order) = (options.seed, options.order);
    let (until, limit) = (scenario.until, scenario.limit);
    let how = RunOptions { seed, order, until, limit, model: scenario.model(), ..RunOptions::default() };
    let again = (Again { prepared: &prepared, how }, AskedOf { scenario, plan: &plan });
    let Done { fingerprinted, because } = sinks.run(again, options, terminal)?;
    let Fingerprinted { report, fingerprint, .. } = fingerprinted;
    let seed = Some(report.seed).filter(|seed| *seed != plan.seed);
    let again = scenario.paste_line(&plan, seed, report.order);
    let told = Told { report: &report, because: &because };
    let verdict = verdict(told, plan.expect.len(), &again, format_of_verdict(options));
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

/// The verdict is an object behind objects, and else text.
fn format_of_verdict(options: &Run) -> Format {
    match options.format {
        None | Some(TraceFormat::Text | TraceFormat::Packed) => Format::Text,
        Some(TraceFormat::Ndjson) => Format::Ndjson,
    }
}

fn print(text: &str) -> Result<(), Error> {
    let mut out = Sink::stdout();
    out.line(text);
    out.finish()
}
