//! Everything that is shown of foca.
use std::collections::BTreeMap;
use tiebreak_outside_foca::*;
fn main() {
    let n: u64 = std::env::args().nth(1).and_then(|t| t.parse().ok()).unwrap_or(200);
    let mut found: BTreeMap<&str, (u64, u64, Shape, String)> = BTreeMap::new();
    for seed in 0..n {
        let shape = Shape::drawn(seed);
        let (broken, _) = judged(&shape, seed);
        for (rule, message) in broken {
            found.entry(rule).and_modify(|e| e.0 += 1).or_insert((1, seed, shape.clone(), message));
        }
    }
    for (rule, (count, seed, shape, message)) in &found {
        println!("== {rule}: {count} of {n}; seed {seed}: {message}\n   {shape:?}");
        let seeds: Vec<u64> = (*seed..*seed + 5).collect();
        let small = simplest(shape, rule, &seeds);
        println!("   simplest: {small:?}");
        for seed in seeds { if let Some(m) = judged(&small, seed).0.get(rule) { println!("   seed {seed}: {m}"); break } }
    }
}
