//! The simplest clusters to which the sweep has come down, one for each thing that is wrong.

use crate::invariants::Rule;
use crate::node::{Care, Command, Restart};
use crate::pace::Pace;
use crate::wire::Renewal;
use crate::world::{Incident, Latency, Shape};

/// A cluster, and the rule that it breaks.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is called here and in `FOUND.md`.
    pub name: &'static str,
    pub rule: Rule,
    pub shape: Shape,
}

/// Two nodes in their documented configuration for local networks, and nothing happens.
const PAIR: Shape = Shape {
    nodes: 2,
    pace: Pace::Lan,
    renewal: Renewal::Automatic,
    restart: Restart::Anew,
    care: Care::UntilMember,
    latency: Latency::Near,
    loss: 0,
    duplication: 0,
    incidents: Vec::new(),
    calm: 150,
};

/// All cases.
#[must_use]
pub fn cases() -> Vec<Case> {
    let case = |name, rule, shape| Case { name, rule, shape };
    let leave = |at, node| (at, Incident::Order(node, Command::Leave));
    vec![
        case(
            "refuted-and-told-dead",
            Rule::ToldOnlyIfDead,
            Shape { latency: Latency::Period, calm: 0, ..PAIR },
        ),
        case("silent-after-rejoining", Rule::NobodyFallsSilent, Shape { latency: Latency::Period, ..PAIR }),
        case(
            "flood",
            Rule::NoFlood,
            Shape {
                nodes: 3,
                renewal: Renewal::Never,
                incidents: vec![(30, Incident::Split(1, 40))],
                ..PAIR
            },
        ),
        case(
            "ghost-of-the-defunct",
            Rule::NoGhosts,
            Shape { latency: Latency::Period, renewal: Renewal::Never, ..PAIR },
        ),
        case(
            "back-after-leaving",
            Rule::LeftStaysLeft,
            Shape { nodes: 3, latency: Latency::Limit, incidents: vec![leave(4, 0)], calm: 6, ..PAIR },
        ),
        case(
            "ghost",
            Rule::NoGhosts,
            Shape { incidents: vec![(30, Incident::Split(1, 1)), leave(30, 1)], ..PAIR },
        ),
        case(
            "own-farewell",
            Rule::NoFalseDeath,
            Shape {
                pace: Pace::ShortSimple,
                renewal: Renewal::Never,
                incidents: vec![leave(5, 1), (155, Incident::Order(1, Command::Return(Restart::Same)))],
                calm: 10,
                ..PAIR
            },
        ),
        case(
            "apart-for-ever",
            Rule::NobodyIsAlone,
            Shape { incidents: vec![(30, Incident::Split(1, 30))], ..PAIR },
        ),
        case(
            "own-former-identity",
            Rule::NoErrors,
            Shape {
                nodes: 3,
                pace: Pace::ShortLan,
                latency: Latency::Limit,
                incidents: vec![(1, Incident::Crash(0, Some(1)))],
                calm: 45,
                ..PAIR
            },
        ),
        case(
            "defunct-twice",
            Rule::TellsInTurns,
            Shape {
                nodes: 3,
                pace: Pace::ShortSimple,
                latency: Latency::Limit,
                renewal: Renewal::Never,
                incidents: vec![leave(5, 2)],
                calm: 10,
                ..PAIR
            },
        ),
    ]
}
