//! dev tool
use tiebreak_outside_foca::*;
fn main() {
    let which: Option<String> = std::env::args().nth(1);
    let runs: u64 = std::env::args().nth(2).and_then(|t| t.parse().ok()).unwrap_or(100);
    for case in cases() {
        if which.as_ref().is_some_and(|w| w != case.name && w != "all") { continue; }
        let n = (0..100).filter(|s| judged(&case.shape, *s).0.contains_key(case.rule.name())).count();
        println!("==== {} {n}%", case.name);
        if runs == 0 { continue; }
        let b = std::time::Instant::now();
        match search(&case).runs(runs).search() { Ok(()) => println!("nothing"), Err(r) => println!("{r}") }
        println!("{:?}", b.elapsed());
    }
}
