//! Draws: every kind is a question by name, answered from a seed of its own.

use rand::RngExt as _;
use tiebreak_kernel::{Choices, Ratio, Settings, Simulation, Site, Span, Stream, Streams, Term};

use crate::board::{Board, CLIENT, SERVER, after, board, step};

/// Answers from streams, and writes the questions down.
#[derive(Debug, Clone)]
struct Asked {
    streams: Streams,
    questions: Vec<(Site, u64, u64)>,
}

impl Choices for Asked {
    fn number(&mut self, site: Site, low: u64, high: u64) -> u64 {
        self.questions.push((site, low, high));
        self.streams.number(site, low, high)
    }
}

const PURPOSE: Term = Term::new("purpose");

#[test]
fn a_stream_to_keep_is_one_question_and_a_clone_draws_alike() {
    let asked = Asked { streams: Streams::new(7), questions: Vec::new() };
    let mut simulation = Simulation::new(Board::default(), Settings::default()).with_choices(asked.clone());
    let site = Site::new(CLIENT.code(), PURPOSE);
    let mut streams = simulation.act(|_, context| {
        [context.stream(CLIENT, PURPOSE), context.stream(CLIENT, PURPOSE), context.stream(SERVER, PURPOSE)]
    });
    let mut expected = Streams::new(7);
    let mut first = Stream::open(expected.number(site, 0, u64::MAX), site);
    let mut clone = streams[0].clone();
    let drawn: Vec<u64> = (0..100).map(|_| streams[0].random()).collect();
    assert_eq!(drawn, (0..100).map(|_| first.random()).collect::<Vec<u64>>(), "it follows from its seed");
    assert_eq!(drawn, (0..100).map(|_| clone.random()).collect::<Vec<u64>>());
    assert!(drawn.iter().ne(&(0..100).map(|_| streams[1].random()).collect::<Vec<u64>>()));
    assert!(drawn.iter().ne(&(0..100).map(|_| streams[2].random()).collect::<Vec<u64>>()));
    // One more draw from a kept stream asks nobody; what is asked afterwards is what would have been asked.
    let questions = simulation.act(|_, context| context.draw(CLIENT, PURPOSE, 3..=9));
    let mut plain = Simulation::new(Board::default(), Settings::default()).with_choices(asked);
    let same = plain.act(|_, context| {
        let _ = [context.stream(CLIENT, PURPOSE), context.stream(CLIENT, PURPOSE)];
        context.draw(CLIENT, PURPOSE, 3..=9)
    });
    assert_eq!(questions, same);
}

#[test]
fn every_kind_of_draw_is_asked_as_a_range() {
    let mut asked = Asked { streams: Streams::new(7), questions: Vec::new() };
    let site = Site::new(CLIENT.code(), PURPOSE);
    let mut simulation =
        Simulation::new(Board::default(), Settings::default()).with_choices(RefAsked(&mut asked));
    simulation.act(|_, context| {
        let span = context.draw_span(CLIENT, PURPOSE, Span::from_millis(1)..=Span::from_millis(3));
        assert!(span >= Span::from_millis(1) && span <= Span::from_millis(3));
        assert!(!context.chance(CLIENT, PURPOSE, Ratio::ZERO) && context.chance(CLIENT, PURPOSE, Ratio::ONE));
        let _ = context.chance(CLIENT, PURPOSE, Ratio::permille(7));
        let _ = context.stream(CLIENT, PURPOSE);
    });
    drop(simulation);
    let ranges = [(1_000_000, 3_000_000), (0, 99), (0, 99), (0, 999), (0, u64::MAX)];
    assert_eq!(asked.questions, ranges.map(|(low, high)| (site, low, high)));
}

struct RefAsked<'a>(&'a mut Asked);

impl Choices for RefAsked<'_> {
    fn number(&mut self, site: Site, low: u64, high: u64) -> u64 {
        self.0.number(site, low, high)
    }
}

#[test]
fn ratios_of_a_hundred_and_of_a_thousand_come_as_often_as_they_say() {
    let mut streams = Streams::new(3);
    let site = Site::new(1, PURPOSE);
    for (ratio, of_thousand) in
        [(Ratio::percent(25), 250), (Ratio::permille(25), 25), (Ratio::percent(100), 1000)]
    {
        let hits = (0..100_000).filter(|_| streams.chance(site, ratio)).count() as u64;
        assert!(hits.abs_diff(of_thousand * 100) < 500, "{hits} of 100,000 for {of_thousand} permille");
    }
    assert_eq!(
        (Ratio::percent(30), Some(Ratio::permille(7))),
        (Ratio::new(30, 100).unwrap(), Ratio::new(7, 1000))
    );
}

#[test]
#[should_panic(expected = "a probability is at most 100 percent")]
fn more_than_a_hundred_percent_are_refused() {
    let _ = Ratio::percent(101);
}

#[test]
#[should_panic(expected = "a probability is at most 1000 permille")]
fn more_than_a_thousand_permille_are_refused() {
    let _ = Ratio::permille(1001);
}

#[test]
fn ties_and_draws_have_seeds_of_their_own() {
    let run = |settings: Settings| {
        let mut simulation = board(settings, |_, context| {
            for id in 0..8 {
                context.schedule_after(
                    after(5),
                    step(id, |board, context| {
                        let (_, id) = *board.log.last().expect("it runs");
                        // A site for each event: the order does not matter to what is drawn.
                        let purpose = ["a", "b", "c", "d", "e", "f", "g", "h"][usize::try_from(id).unwrap()];
                        let drawn = context.draw(CLIENT, Term::new(purpose), 0..=u64::MAX);
                        board.seen.push(Some(drawn));
                    }),
                );
            }
        });
        simulation.run();
        let board = simulation.world();
        let mut drawn: Vec<_> = board.ids().into_iter().zip(board.seen.clone()).collect();
        drawn.sort_unstable();
        (board.ids(), drawn)
    };
    let (usual, other_draws, other_ties) =
        (run(Settings::new(1)), run(Settings::new(1).with_draws(2)), run(Settings::new(2).with_draws(1)));
    assert!(usual.0 == other_draws.0 && usual.1 != other_draws.1);
    assert!(usual.0 != other_ties.0 && usual.1 == other_ties.1);
    assert_eq!((Settings::new(9).draws, Settings::new(9).with_draws(4).seed), (9, 9));
}
