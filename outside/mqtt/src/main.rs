//! Runs everything and prints it: `cargo run --release`, or with a number of campaigns for each strategy and fault.

use tiebreak_outside_mqtt::{END, FAULTS, Setup, network, network_with_others, searched, searched_for};
use tiebreak_outside_shown::{
    Drive, arguments, disturbed, part_of, rows, share_of_machine, sweep, unrepeated, write_rows,
};

/// How many seeds the sweeps go through.
const SEEDS: u64 = 2_000;
/// How many runs a campaign makes at most.
const RUNS: u64 = 2_000;

fn main() {
    let arguments = arguments();
    if arguments.first().is_some_and(|word| word == "sweep") {
        return sweep(&searched(Setup::CAREFUL));
    }
    let campaigns = arguments.first().map_or(3, |text| text.parse().expect("a number of campaigns"));
    let (seeds, campaigns) = (part_of(SEEDS), part_of(campaigns));
    std::panic::set_hook(Box::new(|_| {})); // panics of the machine are finds
    let alone = Drive { network: || network(Setup::CAREFUL), until: END };
    let together = Drive { network: || network_with_others(Setup::CAREFUL), until: END };
    println!("{seeds} seeds, each twice; that differ: {:?}", unrepeated(seeds, &alone));
    println!("with another group beside it, layers that differ: {:?}", disturbed(seeds, &alone, &together));
    let careful = searched(Setup::CAREFUL).runs(seeds).search();
    println!(
        "with every care: {}",
        careful.map_or_else(|report| report.to_string(), |()| "nothing fails".into())
    );
    let share = share_of_machine(|| (0..part_of(200)).for_each(|seed| _ = alone.fingerprint(seed)));
    println!("{share}");
    for fault in FAULTS {
        let rows = rows(&searched_for(fault.setup, fault.monitor), fault.monitor, campaigns, part_of(RUNS));
        let mut text = String::new();
        write_rows(fault.monitor, &rows, &mut text).expect("a string can be written to");
        println!("\n{}\n{text}", fault.name);
    }
}
