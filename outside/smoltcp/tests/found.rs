//! What a search has found, kept in `regressions`: each find still fails.
#![expect(clippy::unwrap_used, reason = "tests")]

use tiebreak::check;
use tiebreak_outside_smoltcp::faults::{FAULTS, Fault};

fn is_kept(name: &str) {
    let fault = FAULTS.iter().find(|fault| fault.name == name).unwrap();
    let report = kept(fault);
    assert!(report.starts_with("still failing"), "{report}");
    assert!(!report.contains("diverged") && !report.contains("no longer failing"), "{report}");
}

fn kept(fault: &Fault) -> String {
    let search = check(|run| fault.run(run)).runs(5_000).regressions(format!("regressions/{}", fault.name));
    search.search().expect_err("smoltcp has the fault").to_string()
}

macro_rules! finds {
    ($($test:ident: $name:literal,)*) => {
        $(#[test] fn $test() { is_kept($name); })*
    };
}

finds! {
    a_fin_is_not_sent_again: "fin-after-copies",
    a_fin_is_not_sent_again_in_a_short_run: "fin-alone",
    what_is_closed_early_sends_no_fin: "closed-early",
    the_same_port_is_refused_in_silence: "same-port-again",
    more_is_sent_than_the_window_allows: "beyond-the-window",
    bytes_are_lost_behind_the_window: "lost-behind-the-window",
    a_syn_goes_to_another_socket: "syn-to-another",
    a_window_of_zero_is_not_probed: "no-probe",
    a_timeout_strikes_one_who_is_heard: "not-silent",
}
