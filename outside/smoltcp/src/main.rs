//! Runs scenes and prints what fails.

use std::collections::BTreeMap;

use tiebreak::net::Network;
use tiebreak::{Digest, Header, Instant, Settings, Simulation, Tracer, Verdict, Watch};
use tiebreak_outside_smoltcp::invariants::rules;
use tiebreak_outside_smoltcp::scene::{END_OF_PATIENCE, Scene};
use tiebreak_outside_smoltcp::world::{NAMES, network};



fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let scene = match arguments[1].split('+').next().unwrap() { "large" => Scene::large(), "reuse" => Scene { reuses_ports: true, ..Scene::small() }, "largereuse" => Scene { reuses_ports: true, ..Scene::large() }, _ => Scene::small() };
    let mut scene = scene;
    if let Some(fault) = tiebreak_outside_smoltcp::faults::FAULTS.iter().find(|fault| fault.name == arguments[1]) {
        scene = fault.scene;
    }
    for word in arguments[1].split('+').skip(1) {
        match word {
            "reuse" => scene.reuses_ports = true,
            "early" => scene.closes_early = true,
            "meets" => scene.meets = true,
            "abort" => scene.worst = tiebreak_outside_smoltcp::scene::Action::Abort,
            "doze" => scene.worst = tiebreak_outside_smoltcp::scene::Action::Doze,
            "hold" => scene.worst = tiebreak_outside_smoltcp::scene::Action::Hold,
            "crash" => scene.crashes = true,
            "split" => scene.splits = true,
            "buf" => scene.buffers = &[64, 200, 1024],
            "mtu" => scene.mtus = &[120, 576, 1500],
            "nonagle" => scene.nagle = &[false],
            "ka" => scene.keep_alives = &[Some(1000)],
            "timeout" => scene.timeouts = &[Some(8000)],
            "room" => scene.rooms = &[1],
            "slow" => scene.appetites = &[16],
            "backlog" => { scene.backlog = 3; scene.clients = 2; scene.ends = 2 },
            "steps" => scene.steps = 16,
            "jitter" => scene.link = scene.link.latency(tiebreak::Span::from_millis(1)..=tiebreak::Span::from_millis(50)),
            "notimeout" => scene.timeouts = &[None],
            other => panic!("{other}"),
        }
    }
    let until = Instant::from_nanos(END_OF_PATIENCE.as_nanos() + 1);
    if let Some(seed) = arguments.get(3) {
        let simulation = Simulation::new(network(&scene, &[NAMES]), Settings::new(seed.parse().unwrap()));
        let header = Header::new(1, Digest::of(b""), simulation.settings());
        let mut simulation = simulation.with_recorder((Tracer::new(header), Watch::new(rules())));
        simulation.act(Network::begin);
        let _ = simulation.run_until(until);
        println!("{}", simulation.recorder().0.trace());
        for report in simulation.recorder().1.reports(simulation.names()) { println!("{report}"); }
        return;
    }
    let runs: u64 = arguments[2].parse().unwrap();
    let mut counts: BTreeMap<String, (u64, u64, String)> = BTreeMap::new();
    for seed in 0..runs {
        let run = || {
        let simulation = Simulation::new(network(&scene, &[NAMES]), Settings::new(seed));
        let mut simulation = simulation.with_recorder(Watch::new(rules()));
        simulation.act(Network::begin);
        let _ = simulation.run_until(until);
        simulation.recorder().reports(simulation.names())
        };
        let Ok(reports) = std::panic::catch_unwind(run) else {
            counts.entry("panic".into()).or_insert((0, seed, String::new())).0 += 1;
            continue;
        };
        for report in reports {
            if report.verdict != Verdict::Holds {
                let text = report.to_string();
                let key: String = text.chars().filter(|c| !c.is_ascii_digit()).collect();
                counts.entry(key).or_insert((0, seed, text)).0 += 1;
            }
        }
    }
    for (count, seed, text) in counts.values() { println!("{count:6} {seed:6} {text}"); }
}
