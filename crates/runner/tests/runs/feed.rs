//! Feeds: what a recording does to the table.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use tiebreak_recording::Recording;
use tiebreak_rtm_sim::TableRow;
use tiebreak_runner::{Prepared, Recordings, RunOptions};

const HEADER: &str = "unix_s,us,peer,op,prefix,next_hop,as_path_len,origin_as\n";

const SCENARIO: &str = r#"Scenario(
    format: 1,
    until: "1h",
    clients: [Observer(name: "fib"), Feed(name: "updates", file: "none.csv")],
)"#;

/// The table after the rows, as `dest owner metric neighbour next-hops`.
fn check(rows: &str, expected: &[&str]) {
    let plan = tiebreak_scenario::load(SCENARIO).unwrap().plan;
    let recording = Recording::parse(&format!("{HEADER}{rows}")).unwrap();
    let recordings = Recordings::from([("updates".to_string(), recording)]);
    for seed in [1, 2, 3] {
        let run = Prepared::new(&plan, &recordings).unwrap();
        let run = run.fingerprint(RunOptions { seed: Some(seed), ..RunOptions::default() });
        assert_eq!(run.report.findings, []);
        assert_eq!(run.table.iter().map(spell).collect::<Vec<_>>(), expected);
    }
}

fn spell(row: &TableRow) -> String {
    let neighbour = row.neighbour.as_deref().unwrap_or("-");
    format!("{} {} {} {neighbour} {}", row.dest, row.owner, row.metric, row.next_hops.join("+"))
}

#[test]
fn an_announcement_adds_the_peers_route_and_the_shortest_path_is_best() {
    check(
        "100,0,192.0.2.1,A,10.0.0.0/8,192.0.2.1,4,1\n101,0,192.0.2.2,A,10.0.0.0/8,192.0.2.9,3,1\n",
        &["10.0.0.0/8 updates@192.0.2.2 3 192.0.2.2 192.0.2.9"],
    );
}

#[test]
fn an_announcement_by_the_same_peer_updates_its_route() {
    check(
        "100,0,192.0.2.1,A,10.0.0.0/8,192.0.2.1,4,1\n100,0,192.0.2.1,A,10.0.0.0/8,192.0.2.7,2,1\n",
        &["10.0.0.0/8 updates@192.0.2.1 2 192.0.2.1 192.0.2.7"],
    );
}

#[test]
fn a_withdrawal_deletes_the_peers_route_and_no_other() {
    check(
        "100,0,192.0.2.1,A,10.0.0.0/8,192.0.2.1,4,1\n100,0,192.0.2.2,A,10.0.0.0/8,192.0.2.2,4,1\n\
         100,0,192.0.2.1,W,10.0.0.0/8,,,\n100,0,192.0.2.1,W,11.0.0.0/8,,,\n",
        &["10.0.0.0/8 updates@192.0.2.2 4 192.0.2.2 192.0.2.2"],
    );
}

#[test]
fn a_change_of_session_takes_the_routes_with_it_that_are_there_by_the_recording() {
    let announced = "100,0,192.0.2.1,A,10.0.0.0/8,192.0.2.1,4,1\n";
    // After a gap of the collector the row that ended the session is missing: the next one shows that it is over.
    for over in ["6>1", "3>1", "5>6"] {
        check(&format!("{announced}101,0,192.0.2.1,S,{over},,,\n"), &[]);
    }
    check(
        &format!("101,0,192.0.2.1,S,5>6,,,\n{}101,0,192.0.2.1,S,6>6,,,\n", announced.replace("100", "101")),
        &["10.0.0.0/8 updates@192.0.2.1 4 192.0.2.1 192.0.2.1"],
    );
}

#[test]
fn ipv6_rows_use_the_ipv6_table_also_over_a_session_between_ipv4_addresses() {
    check(
        "100,0,192.0.2.1,A,2001:db8::/32,2001:db8::1,4,1\n100,0,2001:db8::7,A,2001:db8:1::/48,2001:db8::7,1,1\n\
         100,0,192.0.2.1,A,10.0.0.0/8,192.0.2.1,2,1\n",
        &[
            "10.0.0.0/8 updates@192.0.2.1 2 192.0.2.1 192.0.2.1",
            "2001:db8::/32 updates@192.0.2.1 4 - 2001:db8::1",
            "2001:db8:1::/48 updates@2001:db8::7 1 2001:db8::7 2001:db8::7",
        ],
    );
}

#[test]
fn a_feed_without_a_recording_and_a_monitor_that_does_not_exist_are_refused() {
    let plan = tiebreak_scenario::load(SCENARIO).unwrap().plan;
    let error = Prepared::new(&plan, &Recordings::new()).unwrap_err();
    assert_eq!(error.to_string(), "the feed `updates` has no recording");
    let unknown = r#"Scenario(format: 1, until: "1s", clients: [], expect: [Fails("no-such")])"#;
    let plan = tiebreak_scenario::load(unknown).unwrap().plan;
    let error = Prepared::new(&plan, &Recordings::new()).unwrap_err().to_string();
    assert!(error.starts_with("unknown monitor `no-such`; expected one of `mirror-equals-table`"), "{error}");
}
