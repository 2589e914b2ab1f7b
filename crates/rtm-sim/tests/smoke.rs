//! Smoke.
use tiebreak_rtm_sim::*;
#[test]
fn smoke() {
    let text = std::fs::read_to_string(std::env::var("FILE").unwrap()).unwrap();
    let plan = match tiebreak_scenario::load(&text) { Ok(l) => l.plan, Err(d) => panic!("{d:#?}") };
    let plan = plan.with_switches(&[]).unwrap();
    let p = Prepared::new(&plan, &Recordings::new()).unwrap();
    for seed in 1..=2 {
        let r = p.record(RunOptions { seed: Some(seed), model: ModelCheck::On, ..RunOptions::default() });
        let mut out = String::new();
        tiebreak::write_text(&r.trace, &tiebreak::Projection::Whole, &mut out).unwrap();
        println!("{out}");
        println!("{:#?}", r.report);
    }
}
