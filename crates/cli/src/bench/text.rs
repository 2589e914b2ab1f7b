//! Measurements for people.

use core::fmt::{self, Write};

use tiebreak::measure::{Difference, events_per_second};
use tiebreak_diagnostic::counted;

use super::AS_A_SWEEP;
use super::document::{Document, Exact, KindCount, Times};
use crate::output::visible;

/// The fewest objects that memory is shared out among.
const SHARED_MIN: u64 = 10;

/// Writes what was measured of one scenario.
pub(super) fn one(document: &Document, out: &mut impl Write) -> fmt::Result {
    let Exact { seed, order, events, fingerprint, .. } = &document.exact;
    writeln!(out, "{} · seed {seed} · order {order}", document.scenario)?;
    writeln!(out, "{} a run · fingerprint {fingerprint}", counted(*events, "event"))?;
    writeln!(out, "{AS_A_SWEEP}\n")?;
    writeln!(out, "{}", speed(*events, &document.measured.run))?;
    if !document.measured.sittings.is_empty() {
        writeln!(out, "in {} processes, one after the other", document.measured.sittings.len())?;
    }
    writeln!(out)?;
    kinds(document, out)?;
    memory(&document.exact, out)?;
    for finding in &document.exact.findings {
        writeln!(out, "the run is wrong: {}", visible(finding))?;
    }
    Ok(())
}

/// How fast runs are, in one line.
pub(super) fn speed(events: u64, times: &Times) -> String {
    let Times { runs, lower, median, upper } = *times;
    let each = |time: u64| tenths(time.saturating_mul(1_000) / events.max(1));
    format!(
        "{} events/s · {} ns/event ({} … {}) · {} µs a run · {}",
        events_per_second(events, median),
        each(median),
        each(lower),
        each(upper),
        tenths(median),
        counted(runs, "run"),
    )
}

/// The table of kinds, and what is to be said of it.
fn kinds(document: &Document, out: &mut impl Write) -> fmt::Result {
    let run = document.measured.batched_run.saturating_mul(1_000);
    let width = document.exact.kinds.iter().map(|count| count.kind.chars().count()).max().unwrap_or(0);
    let width = width.max("outside events".len());
    writeln!(
        out,
        "{:width$}  {:>8}  {:>32}  {:>5}  {:>17}  {:>11}",
        "kind", "events", "ns/event", "share", "allocations/event", "bytes/event"
    )?;
    for count in &document.exact.kinds {
        let KindCount { kind, events, allocations, bytes } = count;
        let time = document.time_of(kind).map_or_else(
            || "not measured".to_owned(),
            |time| {
                let mark = if time.kinds.len() > 1 { "*" } else { "" };
                let [event, lower, upper] = [time.event_ps, time.lower_ps, time.upper_ps].map(tenths);
                format!("{mark}{event} ({lower} … {upper})")
            },
        );
        let share =
            document.time_of(kind).map_or_else(String::new, |_| percent(document.total_of(count), run));
        let (allocations, bytes) =
            (hundredths(*allocations, *events), tenths(bytes * 1_000 / events.max(&1)));
        writeln!(out, "{kind:width$}  {events:>8}  {time:>32}  {share:>5}  {allocations:>17}  {bytes:>11}")?;
    }
    let inside: u64 = document.exact.kinds.iter().map(|count| document.total_of(count)).sum();
    let outside = percent(run.saturating_sub(inside), run);
    writeln!(out, "{:width$}  {:>8}  {:>32}  {outside:>5}", "outside events", "", "")?;
    writeln!(
        out,
        "ns/event of a kind: least squares over {} batches of {} events, of each the median of its runs, with 95 % intervals",
        document.measured.batches, document.measured.batch_events
    )?;
    for time in document.measured.kinds.iter().filter(|time| time.kinds.len() > 1) {
        let kinds = time.kinds.join(", ");
        writeln!(
            out,
            "* cannot be told apart, because their numbers go together in all batches: {kinds}; this is their mean"
        )?;
    }
    writeln!(out)
}

fn memory(exact: &Exact, out: &mut impl Write) -> fmt::Result {
    let Exact { allocations, bytes, peak_bytes, peak_event, peak_pending, peak_routes, .. } = exact;
    writeln!(
        out,
        "allocations of a run: {allocations}, of {bytes} bytes in all, with building the world and judging"
    )?;
    writeln!(
        out,
        "most memory at once: {peak_bytes} bytes, up to event {peak_event}, with {} and {}",
        counted(*peak_pending, "pending event"),
        counted(*peak_routes, "route")
    )?;
    let mut shares = Vec::new();
    for (count, what) in [(*peak_pending, "pending event"), (*peak_routes, "route")] {
        // A few are not what most of the memory is for.
        if count >= SHARED_MIN {
            shares.push(format!("{} bytes a {what}", peak_bytes / count));
        }
    }
    if !shares.is_empty() {
        writeln!(
            out,
            "  {}, if all is put down to them; `--scale` shows what one more takes",
            shares.join(", or ")
        )?;
    }
    writeln!(
        out,
        "most at any time: {}, {}",
        counted(exact.most_pending, "pending event"),
        counted(exact.most_routes, "route")
    )
}

/// What a comparison comes to, as a word of the JSON; `None` if there was too little to compare.
pub(super) const fn word(difference: Option<Difference>) -> &'static str {
    match difference {
        None => "too-few",
        Some(Difference::NotSeen) => "none",
        Some(Difference::Faster) => "faster",
        Some(Difference::Slower) => "slower",
    }
}

/// Thousandths of something, as a number with one digit behind the point.
pub(super) fn tenths(thousandths: u64) -> String {
    let tenths = thousandths.saturating_add(50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// How many times as much something is as another, with two digits behind the point.
pub(super) fn hundredths(of: u64, to: u64) -> String {
    let ratio = u128::from(of) * 1_000 / u128::from(to.max(1));
    let hundredths = (ratio + 5) / 10;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn percent(of: u64, to: u64) -> String {
    let percent = (u128::from(of) * 1_000 / u128::from(to.max(1)) + 5) / 10;
    format!("{percent} %")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::document::tests::made_up;

    #[test]
    fn the_report_is_a_page_for_people() {
        let mut told = String::new();
        one(&made_up(), &mut told).unwrap();
        let expected = "\
a.ron · seed 5 · order seeded
10 events a run · fingerprint cd
measured as a sweep of seeds runs it: monitors and the run's fingerprint, no trace; building the world and judging the run are included

1000000 events/s · 1000.0 ns/event (900.0 … 1100.0) · 10.0 µs a run · 9 runs
in 1 processes, one after the other

kind              events                          ns/event  share  allocations/event  bytes/event
expiry                 2            *500.0 (450.0 … 560.0)   10 %               0.00          0.0
resume                 1                      not measured                      4.00          8.0
step                   7            *500.0 (450.0 … 560.0)   35 %               2.14        100.0
outside events                                               55 %
ns/event of a kind: least squares over 12 batches of 8 events, of each the median of its runs, with 95 % intervals
* cannot be told apart, because their numbers go together in all batches: expiry, step; this is their mean

allocations of a run: 30, of 4000 bytes in all, with building the world and judging
most memory at once: 1000 bytes, up to event 4, with 5 pending events and 0 routes
most at any time: 6 pending events, 3 routes
";
        assert_eq!(told, expected);
    }

    #[test]
    fn numbers_are_rounded() {
        assert_eq!([0, 49, 50, 1_249, 1_250].map(tenths), ["0.0", "0.0", "0.1", "1.2", "1.3"]);
        assert_eq!(hundredths(15, 7), "2.14");
        assert_eq!(hundredths(1, 0), "1.00");
        assert_eq!(percent(1, 3), "33 %");
    }
}
