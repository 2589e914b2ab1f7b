//! What was found is found again, and stays as it is kept.

use tiebreak_outside_mqtt::{FAULTS, Fault, Setup, searched, searched_for};

/// The search of a fault fails with it, and what is kept of it fails still.
fn is_found(name: &str) {
    let Fault { setup, monitor, says, runs, .. } =
        FAULTS.into_iter().find(|fault| fault.name == name).expect("FAULTS has it");
    let search = searched_for(setup, monitor).runs(runs);
    let report = search.regressions(format!("regressions/{name}")).search().expect_err("it is still there");
    let report = report.to_string();
    println!("{report}");
    assert!(report.contains(monitor) && report.contains(says), "{report}");
    for word in ["diverged", "no longer"] {
        assert!(!report.contains(word), "{report}");
    }
}

macro_rules! found {
    ($($test:ident $name:literal,)*) => {
        $(#[test] fn $test() { is_found($name); })*
    };
}

found! {
    quota_underflow "quota-underflow",
    half_a_packet_stays "half-a-packet-stays",
    handled_outlives_session "handled-outlives-session",
    ping_restarts_its_timer "ping-restarts-its-timer",
    no_ping_after_late_connack "no-ping-after-late-connack",
    publish_into_nothing "publish-into-nothing",
    id_released_twice "id-released-twice",
    alias_of_refused_publish "alias-of-refused-publish",
    alias_makes_too_large "alias-makes-too-large",
    no_aliases_panics "no-aliases-panics",
    keep_alive_of_former_line "keep-alive-of-former-line",
    restored_before_connect "restored-before-connect",
    nothing_kept_of_pubrec "nothing-kept-of-pubrec",
    pubrel_before_connection "pubrel-before-connection",
}

#[test]
fn with_every_care_nothing_fails() {
    searched(Setup::CAREFUL).runs(1_000).assert();
}
