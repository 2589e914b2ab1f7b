//! Runs made of bytes.

use tiebreak::explore::{Outcome, Verdict};
use tiebreak::{Check, Context, Name, Run, Site, Span, Stream, Term, World, check, outcome, terms};

terms! { DIE = "die", ROLLS = "rolls", FUZZER = "fuzzer" }

const ROLLERS: [Term; 4] = [Term::new("ann"), Term::new("bob"), Term::new("cid"), Term::new("dan")];

/// Who rolled what, in order.
type Rolled = Vec<(usize, u64)>;

/// Each of four rolls a die of a thousand sides.
#[derive(Default)]
struct Table(Rolled);

impl World for Table {
    type Event = usize;
    type Subject = ();

    fn name(&self, event: &usize) -> Name<()> {
        Name::of(ROLLERS[*event], ROLLS, ())
    }

    fn handle(&mut self, event: usize, context: &mut Context<'_, usize, ()>) {
        self.0.push((event, context.draw(ROLLERS[event], DIE, 1..=1_000)));
    }
}

/// `judge` panics where it does not like what was rolled.
fn table(judge: fn(&[(usize, u64)])) -> Check<impl Fn(&mut Run<'_, '_>) -> Outcome> {
    check(move |run| {
        let mut simulation = run.simulation(Table::default(), ());
        simulation.act(|_, context| {
            for event in 0..ROLLERS.len() {
                context.schedule_after(Span::ZERO, event);
            }
        });
        let end = simulation.run();
        judge(&simulation.world().0);
        outcome(&simulation, Some(&end))
    })
}

/// What was rolled in the run of these bytes.
fn rolled(bytes: &[u8]) -> String {
    let report = table(|rolled| panic!("{rolled:?}")).from_bytes(bytes).expect_err("it panics always");
    let report = report.to_string();
    let first = report.lines().next().expect("a report has lines");
    first
        .split_once("bytes.rs:")
        .expect("the place of the panic")
        .1
        .split_once(": ")
        .expect("its message")
        .1
        .into()
}

#[test]
fn the_same_bytes_make_the_same_run_and_others_another_one() {
    assert_eq!(rolled(&[1, 2, 3, 4, 5, 6]), rolled(&[1, 2, 3, 4, 5, 6]));
    assert_ne!(rolled(&[1, 2, 3, 4, 5, 6]), rolled(&[1, 2, 3, 4, 5, 7]));
    // Who is first of four (3), a roll below a thousand (two bytes), who is first of three (0), and so on.
    assert_eq!(rolled(&[3, 0, 9, 0, 0, 0, 1, 0, 5]), "[(3, 10), (0, 1), (2, 6), (1, 1)]");
}

#[test]
fn without_bytes_the_first_that_was_scheduled_runs_and_the_lowest_number_is_drawn() {
    assert_eq!(rolled(&[]), "[(0, 1), (1, 1), (2, 1), (3, 1)]");
    assert_eq!(rolled(&[2]), "[(2, 1), (0, 1), (1, 1), (3, 1)]");
}

#[test]
fn a_run_that_passes_comes_with_what_came_of_it() {
    let outcome = table(|_| ()).from_bytes(b"anything").expect("nothing is wrong");
    assert_eq!((outcome.verdict, outcome.contended), (Verdict::Passes, 3));
}

#[test]
fn random_bytes_find_a_failure_of_an_order_and_a_draw_and_it_is_shrunk() {
    let is_wrong = |rolled: &[(usize, u64)]| {
        let place = |roller| rolled.iter().position(|(other, _)| *other == roller);
        assert!(place(3) > place(0) || rolled.iter().all(|(_, number)| *number < 900), "dan is too early");
    };
    let table = table(is_wrong);
    let mut random = Stream::open(1, Site::new(0, FUZZER));
    let mut inputs = (0..1_000).map(|_| [(); 12].map(|()| random.number(0, 255).to_le_bytes()[0]));
    let (bytes, report) = inputs
        .find_map(|bytes| table.from_bytes(&bytes).err().map(|report| (bytes, report.to_string())))
        .expect("a sixth of the inputs fails");
    assert!(report.contains("needs 1 ordering and 1 draw; 300 of 300 other orders fail with it"), "{report}");
    assert!(report.contains("dan/rolls#1 before ann/rolls#1") && report.contains("draws 900"), "{report}");
    let again = table.from_bytes(&bytes).expect_err("the same bytes make the same run");
    assert_eq!(again.to_string(), report);
}
