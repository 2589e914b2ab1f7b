//! What a search says of the cases: `cargo run --release --example find -- [CASE [RUNS]]`.

use tiebreak_outside_foca::{cases, judged, search};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next();
    let runs = arguments.next().map_or(100, |text| text.parse().expect("a whole number"));
    for case in cases().into_iter().filter(|case| name.as_ref().is_none_or(|name| name == case.name)) {
        let fails = |seed: &u64| judged(&case.shape, *seed).0.contains_key(case.rule.name());
        println!("{}: fails under {} of the seeds 0 to 99", case.name, (0..100).filter(fails).count());
        if let Err(report) = search(&case).runs(runs).search() {
            println!("{report}");
        }
    }
}
