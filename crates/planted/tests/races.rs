//! What one run and its races tell of the bugs.

use tiebreak::explore::{Directory, Effect, Phases, Races};
use tiebreak_planted::{Bug, Planted};

fn races(planted: Planted) -> Races {
    Races::of(&planted, (1, Phases::Kept, usize::MAX), &mut Directory::default(), &|| true)
}

/// Which race shows a bug, counted from 1; `None` if none does.
fn first_failing(races: &Races) -> Option<usize> {
    let shows = |effect: &Effect| matches!(effect, Effect::Fails(_));
    if !races.run.symptoms.is_empty() {
        return Some(0);
    }
    races.turned.iter().position(|turned| shows(&turned.effect)).map(|at| at + 1)
}

#[test]
fn most_shallow_bugs_show_when_one_ordering_is_turned_round() {
    let shallow: Vec<Bug> = Bug::ALL.iter().copied().filter(|bug| bug.depth() <= 2).collect();
    let mut found = 0;
    for bug in &shallow {
        let races = races(Planted::new(*bug));
        println!("{bug} {:?} of {}", first_failing(&races), races.count);
        found += usize::from(first_failing(&races).is_some());
    }
    assert!(found * 10 >= shallow.len() * 8, "{found} of {}", shallow.len());
}

#[test]
fn no_race_of_a_fixed_twin_shows_anything() {
    for bug in Bug::ALL {
        assert_eq!(first_failing(&races(Planted::new(*bug).fixed())), None, "{bug}");
    }
}
