//! `tiebreak diff`: what differs between two traces or runs.

mod kept;
mod objects;
mod way;
mod wrong;

use std::path::{Path, PathBuf};

use tiebreak::Verbosity;
use tiebreak_inquiry::{Amount, Comparison, compare, text_lines, up_to_order_lines};

use self::wrong::Wrong;
use crate::arguments::{Diff, Format};
use crate::exit::{Error, Exit};
use crate::fingerprints::Prints;
use crate::output::{Sink, Terminal, is_standard, visible};
use crate::page;
use crate::place::{Wanted, refuse_same_files};
use crate::source::Source;

/// How many lines of a comparison are titles.
const TITLES: usize = 2;

/// Compares two traces, or the traces of two runs.
pub(crate) fn diff(options: &Diff, terminal: Terminal) -> Result<Exit, Error> {
    let sources = options.sources()?;
    let paths = paths(options)?;
    // Before they are read; what they lead to is looked at when they are.
    let inputs = options.input.iter().map(|input| input.path.clone());
    let reads: Vec<PathBuf> = paths.map(Path::to_owned).into_iter().chain(inputs).collect();
    refuse_as_page(options, &reads)?;
    let kept = [Prints::read(paths[0])?, Prints::read(paths[1])?];
    if kept.iter().any(Option::is_some) {
        return kept::diff(paths, kept, &sources, options, terminal);
    }
    let [left, right] = &sources;
    let left = Source::open(paths[0], left, Verbosity::Usual, terminal)?;
    let right = Source::open(paths[1], right, Verbosity::Usual, terminal)?;
    let titles = [&left, &right].map(title);
    tell([&left, &right], [&titles[0], &titles[1]], options)
}

/// The paths of A and B.
fn paths(options: &Diff) -> Result<[&Path; 2], Error> {
    if options.is_one_run() {
        let message = "A and B would be the same run: give two files, or options that differ, such as \
                       `--seed 1 --seed 2`, `--order fifo --order seeded` or `--with-b SWITCH`";
        return Err(Error::Input(message.to_owned()));
    }
    let left = &*options.left;
    let right = options.right.as_deref().unwrap_or(left);
    if is_standard(left) && is_standard(right) {
        return Err(Error::Input("standard input can be read only once: give a file for A or B".to_owned()));
    }
    Ok([left, right])
}

/// What a trace is called: its file, and of a run what decides its order.
fn title(source: &Source) -> String {
    let header = source.trace.header();
    let mut title = format!("{}, seed {}, order {}", source.title, header.seed, header.order);
    if let Some(ran) = &source.ran {
        for switch in &ran.scenario.with {
            title.push_str(&visible(format_args!(", with {switch}")));
        }
    }
    title
}

/// Refuses to write the page over one of these files.
fn refuse_as_page(options: &Diff, reads: &[PathBuf]) -> Result<(), Error> {
    let page = Wanted::given("--html", options.html.as_deref());
    page.map_or(Ok(()), |page| refuse_same_files(&[page], reads))
}

/// Prints what differs, writes the page that was asked for, and returns the exit code of that.
fn tell(sources: [&Source; 2], titles: [&str; 2], options: &Diff) -> Result<Exit, Error> {
    let traces = sources.map(|source| &source.trace);
    let reads = sources.map(Source::scenario_files).concat();
    let page = options.html.as_deref().map(|path| page::open(path, &reads)).transpose()?;
    let comparison = compare(traces[0], traces[1]);
    if let Some(page) = page {
        page::write_both(traces, titles, &comparison, page)?;
    }
    let amount = if options.all { Amount::All } else { Amount::Some };
    let mut wrong = Wrong::of(sources);
    let mut out = Sink::stdout();
    match options.format {
        Format::Text => {
            // Below the titles: what comes of it is said before what differs first, which may not matter.
            let way = way::lines(sources, &comparison, &mut wrong);
            let mut lines = if options.up_to_order {
                up_to_order_lines(&comparison, traces, titles)
            } else {
                text_lines(&comparison, traces, titles, amount)
            };
            lines.splice(TITLES.min(lines.len())..TITLES.min(lines.len()), way);
            for line in lines.into_iter().chain(wrong.lines(amount)) {
                out.line(visible(line));
            }
        }
        Format::Ndjson => {
            objects::write(&comparison, traces, titles, &mut out);
            objects::write_wrong(&wrong, &mut out);
        }
    }
    out.finish()?;
    Ok(exit(&comparison, options))
}

const fn exit(comparison: &Comparison, options: &Diff) -> Exit {
    let is_equal =
        if options.up_to_order { comparison.is_equal_up_to_order() } else { comparison.is_equal() };
    if is_equal { Exit::Fine } else { Exit::Found }
}
