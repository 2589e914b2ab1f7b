//! Real recordings through the command, against a fold of the same rows written in another style than the manager.

use alloc::collections::BTreeMap;
use core::net::IpAddr;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::house::check;

const SCENARIO: &str = "scenarios/feed/recorded-updates.ron";
const RECORDINGS: [&str; 3] =
    ["jinx.updates.1427846400.csv.gz", "updates.20000102.2014.csv.gz", "updates.20100227.1610.csv.gz"];

/// A route of a prefix: who from, how far, over whom.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    peer: IpAddr,
    metric: u64,
    next_hop: IpAddr,
}

/// The candidates of each prefix, best first.
type Folded = BTreeMap<(IpAddr, u8), Vec<Candidate>>;

/// Folds the rows of a recording. All preferences are equal: less metric ranks first, newcomers behind their equals; an
/// announcement that does not change the metric keeps its rank.
fn fold(text: &str) -> Folded {
    let mut folded = Folded::new();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    for row in reader.records() {
        let row = row.unwrap();
        let (peer, prefix): (IpAddr, &str) = (row[2].parse().unwrap(), &row[4]);
        if &row[3] == "S" {
            let (old, new) = prefix.split_once('>').unwrap();
            if old == "6" && new != "6" {
                for routes in folded.values_mut() {
                    routes.retain(|route| route.peer != peer);
                }
            }
            continue;
        }
        let (address, length) = prefix.split_once('/').unwrap();
        let routes = folded.entry((address.parse().unwrap(), length.parse().unwrap())).or_default();
        if &row[3] == "W" {
            routes.retain(|route| route.peer != peer);
            continue;
        }
        let new = Candidate { peer, metric: row[6].parse().unwrap(), next_hop: row[5].parse().unwrap() };
        match routes.iter().position(|route| route.peer == peer) {
            Some(at) if routes[at].metric == new.metric => routes[at] = new,
            at => {
                at.map(|at| routes.remove(at));
                let rank = routes.iter().take_while(|route| route.metric <= new.metric).count();
                routes.insert(rank, new);
            }
        }
    }
    folded.retain(|_, routes| !routes.is_empty());
    folded
}

/// Reads a table back: the best route of each prefix.
fn read_table(text: &str) -> Folded {
    let mut table = Folded::new();
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let (address, length) = row["dest"].as_str().unwrap().split_once('/').unwrap();
        let peer = row["neighbour"].as_str().unwrap();
        assert_eq!(row["owner"], format!("updates@{peer}"));
        assert_eq!((&row["view"], &row["instance"]), (&Value::from("ucast"), &Value::from(0)));
        let next_hops = row["next_hops"].as_array().unwrap();
        assert_eq!(next_hops.len(), 1, "{line}");
        let best = Candidate {
            peer: peer.parse().unwrap(),
            metric: row["metric"].as_u64().unwrap(),
            next_hop: next_hops[0].as_str().unwrap().parse().unwrap(),
        };
        let dest = (address.parse().unwrap(), length.parse().unwrap());
        assert!(table.insert(dest, vec![best]).is_none(), "twice: {line}");
    }
    table
}

/// Where the recordings lie, if they are there.
fn data(root: &Path) -> Option<PathBuf> {
    let told = std::env::var_os("TIEBREAK_DATA").map(PathBuf::from);
    told.or_else(|| Some(root.join("../shared/data"))).filter(|folder| folder.is_dir())
}

#[test]
fn replayed_tables_equal_an_independent_fold() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some(data) = data(&root) else {
        println!("SKIPPED: no recordings; set TIEBREAK_DATA to the folder that has {RECORDINGS:?}");
        return;
    };
    let scenario = root.join(SCENARIO);
    for name in RECORDINGS {
        let path = data.join(name);
        let mut text = String::new();
        GzDecoder::new(fs::File::open(&path).unwrap()).read_to_string(&mut text).unwrap();
        let mut folded = fold(&text);
        for routes in folded.values_mut() {
            routes.truncate(1);
        }
        assert!(folded.len() > 100, "{name}");
        let input = format!("updates={}", path.display());
        for how in [&["--order", "fifo"][..], &["--seed", "1"], &["--seed", "2"]] {
            let run = ["run", scenario.to_str().unwrap(), "--input", &input, "--table", "-"];
            let table = read_table(&check(&[&run[..], how].concat(), 0).out);
            let differs = |dest: &&(IpAddr, u8)| table.get(dest) != folded.get(dest);
            let first = table.keys().chain(folded.keys()).find(differs);
            let both = first.map(|dest| (dest, table.get(dest), folded.get(dest)));
            assert_eq!(both, None, "{name} {how:?}: (destination, table, fold)");
        }
    }
}

#[test]
fn the_fold_ranks_as_documented() {
    let text = "unix_s,us,peer,op,prefix,next_hop,as_path_len,origin_as\n\
        1,0,192.0.2.1,A,10.0.0.0/8,192.0.2.1,3,1\n\
        1,0,192.0.2.2,A,10.0.0.0/8,192.0.2.2,3,1\n\
        1,0,192.0.2.1,A,10.0.0.0/8,192.0.2.9,3,1\n";
    let best = |text: &str| fold(text).values().map(|routes| routes[0].clone()).collect::<Vec<_>>();
    assert_eq!(best(text)[0].next_hop.to_string(), "192.0.2.9");
    let moved =
        format!("{text}2,0,192.0.2.1,A,10.0.0.0/8,192.0.2.1,4,1\n3,0,192.0.2.1,A,10.0.0.0/8,192.0.2.1,3,1\n");
    assert_eq!(best(&moved)[0].peer.to_string(), "192.0.2.2");
    assert_eq!(best(&format!("{moved}4,0,192.0.2.2,S,6>1,,,\n"))[0].peer.to_string(), "192.0.2.1");
    assert_eq!(best(&format!("{text}4,0,192.0.2.1,W,10.0.0.0/8,,,\n"))[0].peer.to_string(), "192.0.2.2");
}
