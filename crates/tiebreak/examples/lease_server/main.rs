//! A server whose leases expire unless they are renewed, clients that renew at the very instant of expiry, and watchers
//! that hear who holds a lease.
//!
//! Run with `cargo run -p tiebreak --example lease_server`. It prints the first seed to which the monitor objects, with
//! its trace; then it tries a fixed server, to which the monitor never objects.
//!
//! The naive server has two bugs. In the order of scheduling neither shows: a lease's timer was started before what renews
//! it at the same instant, and news arrive as they were sent.
//! * A renewal starts another timer and forgets the former one, which then ends the renewed lease.
//! * News of one instant travel side by side, so `held` may overtake the `gone` that was sent before it.
//!
//! The tests below search the orders of the fixed server, and go through all of them.
//!
//! Read next: `phases`, for an order within an instant that production guarantees.
#![expect(clippy::print_stdout, reason = "an example is a program of its own")]

mod world;

use tiebreak::{Report, Settings, Simulation, Traced, Verdict, Watch};

use world::{Honest, Server, run};

fn judge(server: Server, settings: Settings) -> Report {
    let watch = Watch::new([Honest::default()]);
    let simulation = run(Simulation::new(server, settings).with_recorder(watch));
    simulation.recorder().reports(simulation.names()).remove(0)
}

fn main() {
    for is_fixed in [false, true] {
        let server = || if is_fixed { Server::fixed() } else { Server::default() };
        let reports = (0..1000).map(|seed| (seed, judge(server(), Settings::new(seed))));
        let objections: Vec<_> = reports.filter(|(_, report)| report.verdict != Verdict::Holds).collect();
        println!("fixed: {is_fixed}; the monitor objects to {} of 1000 seeds", objections.len());
        if let Some((seed, report)) = objections.first() {
            println!("seed {seed}: {report}\n");
            println!("{}", run(Simulation::traced(server(), *seed)).recorder().trace());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiebreak::explore::Outcome;
    use tiebreak::{Check, Order, Run, Span, Term, check, outcome, prove};
    use world::{EXPIRED, RENEWED, begun};

    fn verdicts(server: impl Fn() -> Server, order: Order) -> Vec<Verdict> {
        (0..200).map(|seed| judge(server(), Settings::new(seed).with_order(order)).verdict).collect()
    }

    fn search() -> Check<impl Fn(&mut Run<'_, '_>) -> Outcome> {
        check(|orders| outcome(&run(orders.simulation(Server::fixed(), [Honest::default()])), None))
    }

    // docs/EXPLORE.md shows it.
    #[test]
    fn no_order_makes_the_server_dishonest() {
        check(|orders| outcome(&run(orders.simulation(Server::fixed(), [Honest::default()])), None))
            .regressions("tests/regressions/lease-server")
            .sometimes(EXPIRED)
            .assert();
    }

    // So does this.
    #[test]
    fn no_order_at_all_makes_the_server_dishonest() {
        prove(|begin| begun(begin.simulation(Server::fixed(), [Honest::default()])))
            .until(Span::from_secs(15))
            .assert();
    }

    #[test]
    fn the_naive_server_is_dishonest_in_both_ways_in_some_orders() {
        let naive = prove(|begin| begun(begin.simulation(Server::default(), [Honest::default()])))
            .until(Span::from_secs(15));
        let report = naive.search().expect_err("it has bugs").to_string();
        assert!(report.starts_with("found: honest fails: "), "{report}");
        assert!(report.contains("\n  * "), "events that were chosen are marked:\n{report}");
        let explored = naive.explore();
        assert!(explored.is_complete() && !explored.is_proof());
    }

    #[test]
    fn what_was_to_happen_sometimes_and_never_did_fails() {
        let report = search().sometimes(RENEWED).sometimes(Term::new("Crashed")).search();
        let report = report.expect_err("no server crashes").to_string();
        let said = "never reached: no run has a record of kind `Crashed`\nbest partial progress: 1 of 2 in one run\n";
        assert!(report.starts_with(said), "{report}");
    }

    #[test]
    fn both_bugs_show_in_some_seeds_of_the_naive_server_and_in_none_of_the_fixed_one() {
        let naive = verdicts(Server::default, Order::Seeded);
        assert!(naive.contains(&Verdict::Holds));
        assert!(naive.iter().any(|verdict| matches!(verdict, Verdict::Fails(_))));
        assert!(naive.iter().any(|verdict| matches!(verdict, Verdict::Waits(_))));
        assert!(verdicts(Server::fixed, Order::Seeded).iter().all(|verdict| *verdict == Verdict::Holds));
    }

    #[test]
    fn in_the_order_of_scheduling_no_bug_shows() {
        assert!(verdicts(Server::default, Order::Fifo).iter().all(|verdict| *verdict == Verdict::Holds));
    }
}
