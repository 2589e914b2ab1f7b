//! Tries out.

use tiebreak::net::Network;
use tiebreak::{Instant, Settings, Simulation, Tracer, Watch};
use tiebreak_outside_sctp::invariants::{liveness, safety};
use tiebreak_outside_sctp::world::*;
use tiebreak_outside_sctp::words::*;

fn main() {
    let which = std::env::args().nth(1).unwrap_or_default();
    let seeds: u64 = std::env::args().nth(2).map_or(100, |n| n.parse().unwrap());
    let show: Option<u64> = std::env::args().nth(3).map(|n| n.parse().unwrap());
    let plan = match which.as_str() {
        "calm" => CALM,
        "lossy" => CALM.on(faulty(uneven())),
        "ties" => CALM.on(faulty(STEADY)),
        "narrow" => Plan { setup: NARROW, ..CALM },
        "shake" => Plan { opening: Opening::Handshake, ..CALM.on(faulty(uneven())) },
        "both" => Plan { opening: Opening::Both, setup: tiebreak_outside_sctp::host::Setup { accepts: false, ..PLAIN }, ..CALM },
        "shut" => Plan { ending: Ending::One, ..CALM },
        "shutboth" => Plan { ending: Ending::Both, ..CALM },
        "split" => Plan { partition: Some((Instant::from_secs(11), tiebreak::Span::from_secs(900))), later: 40, ..CALM },
        other => panic!("{other}"),
    };
    let state = if plan.ending == Ending::Open { ESTABLISHED } else { CLOSED };
    let from = plan.partition.map_or(Instant::START, |(at, lasts)| at + lasts);
    let mut counts = std::collections::BTreeMap::<String, (u64, u64)>::new();
    let began = std::time::Instant::now();
    for seed in 0..seeds {
        if show.is_some_and(|show| show != seed) { continue; }
        let kinds = plan.setup.kinds;
        let rules: Vec<_> = safety(kinds).into_iter().chain(liveness(kinds, state, from)).collect();
        let recorder = (Watch::new(rules), Tracer::new(tiebreak::Header::new(1, tiebreak::Digest::of(b""), &Settings::new(seed))));
        let mut simulation = Simulation::new(plan.network(1), Settings::new(seed)).with_recorder(recorder);
        simulation.act(Network::begin);
        let end = simulation.run_until(END + tiebreak::Span::from_secs(1));
        let (watch, tracer) = simulation.recorder();
        if show.is_some() { println!("{}", tracer.trace().to_string()); }
        for report in watch.reports(simulation.names()) {
            if report.verdict != tiebreak::Verdict::Holds {
                let text = report.to_string().split("record ").next().unwrap().to_owned()
                    + &report.to_string().split(": ").skip(1).collect::<Vec<_>>().join(": ");
                let text: String = text.split("record ").map(|p| p).collect::<Vec<_>>().join(""); let text = text.chars().map(|c| if c.is_ascii_digit() { char::from(35) } else { c }).collect::<String>();
                counts.entry(text).or_insert((0, seed)).0 += 1;
            }
        }
        if let std::ops::ControlFlow::Break(end) = &end { if !matches!(end, tiebreak::End::Quiescent) { counts.entry(format!("{end:?}").chars().take(60).collect()).or_insert((0, seed)).0 += 1; } }
    }
    for (text, (count, seed)) in counts { println!("{count:5} first seed {seed}: {text}"); }
    println!("{:?}", began.elapsed());
}
