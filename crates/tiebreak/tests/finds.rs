//! Finds of a till: choices that are kept, what is said when orderings no longer fit, and all reasons of a find.

use std::fs;
use std::path::{Path, PathBuf};

use tiebreak::explore::{Outcome, Tactic};
use tiebreak::{Check, Context, Name, Names, Record, Run, Span, World, check, monitor, outcome, terms};

terms! { TILL = "till", SHOP = "shop", PAY = "pay", CLOSE = "close", COUNT = "count", LOST = "lost" }

#[derive(Debug, Clone, Copy)]
enum Event {
    Pay(u64),
    Close,
    Count,
}

/// What a till makes of what comes to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    /// Who pays after the end is lost.
    PaidAfterTheEnd,
    /// So is who pays after the count.
    PaidAfterEither,
    /// The first to pay is lost after the second and the end.
    Overtaken,
}

struct Till {
    bug: Bug,
    is_closed: bool,
    is_counted: bool,
    has_second: bool,
}

impl World for Till {
    type Event = Event;
    type Subject = ();

    fn name(&self, event: &Event) -> Name<()> {
        match event {
            Event::Pay(_) => Name::of(SHOP, PAY, ()),
            Event::Close => Name::of(TILL, CLOSE, ()),
            Event::Count => Name::of(TILL, COUNT, ()),
        }
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, ()>) {
        let is_lost = match event {
            Event::Pay(1) => match self.bug {
                Bug::None => false,
                Bug::PaidAfterTheEnd => self.is_closed,
                Bug::PaidAfterEither => self.is_closed || self.is_counted,
                Bug::Overtaken => self.has_second && self.is_closed,
            },
            Event::Pay(_) => {
                self.has_second = true;
                false
            }
            Event::Close => {
                self.is_closed = true;
                false
            }
            Event::Count => {
                self.is_counted = true;
                false
            }
        };
        if is_lost {
            context.record(Name::of(SHOP, LOST, ()), &[]);
        }
    }
}

fn nothing_is_lost(_names: &Names, record: &Record<'_, ()>) -> Result<(), String> {
    if record.name.kind == LOST { Err("a payment is lost".into()) } else { Ok(()) }
}

/// Searches a till to which so many pay.
fn till(bug: Bug, payers: u64, folder: &Path) -> Check<impl Fn(&mut Run<'_, '_>) -> Outcome> {
    let run = move |run: &mut Run<'_, '_>| {
        let till = Till { bug, is_closed: false, is_counted: false, has_second: false };
        let mut simulation = run.simulation(till, [monitor("nothing-lost", nothing_is_lost)]);
        simulation.act(|_, context| {
            for payer in 1..=payers {
                context.schedule_after(Span::from_secs(10), Event::Pay(payer));
            }
            context.schedule_after(Span::from_secs(10), Event::Close);
            context.schedule_after(Span::from_secs(10), Event::Count);
        });
        let end = simulation.run();
        outcome(&simulation, Some(&end))
    };
    check(run).strategy(Tactic::Walk).runs(100).regressions(folder)
}

/// A folder of one test in which a find of this bug is kept, and the file.
fn kept(name: &str, bug: Bug, payers: u64) -> (PathBuf, PathBuf) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("finds").join(name);
    let _ = fs::remove_dir_all(&folder);
    let said = till(bug, payers, &folder).search().expect_err("some order fails").to_string();
    let file = folder.join("nothing-lost-shop-pay.ron");
    if let Some((_, rest)) = said.split_once("  not kept, because CI is set; to keep it, write to ") {
        // What a person does with it.
        let (path, rest) = rest.split_once(":\n").expect("a file");
        let (text, _) = rest.split_once("  again: ").expect("its text");
        assert_eq!(Path::new(path), file);
        fs::create_dir_all(&folder).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }
    assert!(file.is_file(), "{said}");
    (folder, file)
}

fn said(bug: Bug, payers: u64, folder: &Path) -> String {
    till(bug, payers, folder).search().map_or_else(|report| report.to_string(), |()| String::new())
}

fn change(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).expect("it is kept");
    assert!(text.contains(from), "{text}");
    fs::write(file, text.replace(from, to)).expect("it can be changed");
}

/// Removes the field `choices` from a file.
fn forget(file: &Path) {
    let text = fs::read_to_string(file).expect("it is kept");
    let (before, rest) = text.split_once("    choices: ").expect("it has choices");
    let (_, after) = rest.split_once("    found: ").expect("it was found");
    fs::write(file, format!("{before}    found: {after}")).expect("it can be changed");
}

#[test]
fn where_orderings_no_longer_fit_the_choices_say_that_the_bug_is_there() {
    let (folder, file) = kept("orderings", Bug::PaidAfterTheEnd, 1);
    assert!(said(Bug::PaidAfterTheEnd, 1, &folder).starts_with("still failing: "));
    // The bug is another one now, which the ordering does not show, but the run that was found does.
    change(&file, "\"till/close#1\", \"shop/pay#1\"", "\"shop/pay#1\", \"till/count#1\"");
    let diverged = said(Bug::PaidAfterTheEnd, 1, &folder);
    let says = ": the orderings no longer make it fail, but it fails still with the choices of its find\n";
    assert!(diverged.starts_with("diverged: ") && diverged.contains(says), "{diverged}");
    // An event that does not happen is told besides.
    change(&file, "\"shop/pay#1\", \"till/count#1\"", "\"shop/pays#1\", \"till/count#1\"");
    let diverged = said(Bug::PaidAfterTheEnd, 1, &folder);
    let says = ": the run has changed, but it fails still with the choices of its find\n";
    assert!(diverged.contains(says) && diverged.contains("did you mean `shop/pay`?"), "{diverged}");
    // Without the bug there is nothing to say of it but that the run has changed.
    let diverged = said(Bug::None, 1, &folder);
    assert!(diverged.starts_with("diverged: ") && diverged.contains(": the run has changed\n"), "{diverged}");
    assert!(!diverged.contains("of its find"), "{diverged}");
    // Whoever does not want them removes them.
    forget(&file);
    let diverged = said(Bug::PaidAfterTheEnd, 1, &folder);
    assert!(diverged.contains(": the run has changed\n") && !diverged.contains("of its find"), "{diverged}");
}

#[test]
fn choices_are_no_part_of_what_orderings_say() {
    let (folder, file) = kept("removed", Bug::PaidAfterTheEnd, 1);
    let before = said(Bug::PaidAfterTheEnd, 1, &folder);
    forget(&file);
    assert_eq!(said(Bug::PaidAfterTheEnd, 1, &folder), before);
    assert!(said(Bug::None, 1, &folder).starts_with("no longer failing: "));
}

#[test]
fn what_keeps_nothing_by_which_it_would_fail_is_not_called_fixed() {
    let (folder, file) = kept("nothing", Bug::PaidAfterTheEnd, 1);
    forget(&file);
    change(&file, "    order: [Before(\"till/close#1\", \"shop/pay#1\")],\n", "");
    let failing = said(Bug::PaidAfterTheEnd, 1, &folder);
    assert!(failing.starts_with("diverged: "), "it fails in some orders: {failing}");
    let passing = said(Bug::None, 1, &folder);
    assert!(
        passing.starts_with("diverged: ") && passing.contains(": it has no orderings and no choices"),
        "{passing}"
    );
    change(&file, "Fails(", "Passes(");
    let guard = said(Bug::None, 1, &folder);
    assert!(guard.contains(": it has no orderings and no choices"), "{guard}");
}

#[test]
fn what_no_ordering_shows_is_kept_with_its_choices_and_judged_by_them() {
    let (folder, file) = kept("twins", Bug::Overtaken, 2);
    let text = fs::read_to_string(&file).expect("it is kept");
    assert!(!text.contains("order:") && text.contains("Twin(\"shop/pay#1\", 2)"), "{text}");
    let still = said(Bug::Overtaken, 2, &folder);
    let picture = "  this run fails, at the event that is marked:\n    till     shop\n  at 10s\n    close#1\n             pay#1\n  *          pay#2\n";
    assert!(still.starts_with("still failing: ") && still.contains(picture), "{still}");
    let fixed = said(Bug::None, 2, &folder);
    assert!(fixed.contains(": it no longer fails in any of 12 orders\n"), "{fixed}");
    // What the choices are about does not happen any more.
    change(&file, "shop/pay#", "shop/pays#");
    let diverged = said(Bug::None, 2, &folder);
    let says = ": the run has changed\n  the choices of its find do not fit: `shop/pays#1` did not happen; did you mean \
                `shop/pay`?\n";
    assert!(diverged.starts_with("diverged: ") && diverged.contains(says), "{diverged}");
    change(&file, "shop/pays#", "shop/pay#");

    change(&file, "Fails(", "Passes(");
    assert_eq!(said(Bug::None, 2, &folder), "", "a guard");
    let again = said(Bug::Overtaken, 2, &folder);
    assert!(again.starts_with("failing: ") && again.contains(": it fails again "), "{again}");
    change(&file, "shop/pay#", "shop/pays#");
    let diverged = said(Bug::None, 2, &folder);
    assert!(diverged.contains(": it passes, but the run has changed: it guards nothing\n"), "{diverged}");
}

#[test]
fn a_guard_whose_order_holds_fails_if_the_choices_do() {
    let (folder, file) = kept("guard", Bug::PaidAfterTheEnd, 1);
    change(&file, "\"till/close#1\", \"shop/pay#1\"", "\"shop/pay#1\", \"till/close#1\"");
    change(&file, "Fails(", "Passes(");
    assert_eq!(said(Bug::None, 1, &folder), "");
    let again = said(Bug::PaidAfterTheEnd, 1, &folder);
    let says = ": it fails again with the choices of its find\n  a payment is lost\n";
    assert!(again.starts_with("failing: ") && again.contains(says), "{again}");
}

#[test]
fn a_guard_that_fails_again_tells_of_events_that_are_gone_and_shows_the_run_that_fails() {
    let (folder, file) = kept("renamed", Bug::PaidAfterTheEnd, 1);
    change(&file, "Fails(", "Passes(");
    // Nobody closes before this, so that no order of those that are tried fails.
    change(
        &file,
        "[Before(\"till/close#1\", \"shop/pay#1\")]",
        "[Before(\"shop/pay#1\", \"till/closes#1\"), Before(\"shop/pay#1\", \"till/close#1\")]",
    );
    let says = ": the run has changed, but it fails again with the choices of its find\n  a payment is lost\n  the order cannot be \
                kept: `till/closes#1` did not happen; did you mean `till/close`?\n  this run fails, at the event that is marked:\n";
    let again = said(Bug::PaidAfterTheEnd, 1, &folder);
    assert!(again.starts_with("failing: ") && again.contains(says), "{again}");
    let (_, picture) = again.split_once(says).expect("a picture");
    assert!(!picture.contains(" before "), "{picture}");
    let places = ["close#1", "* ", "pay#1"].map(|event| picture.find(event));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{picture}");
    // What cannot happen cannot be run too early: the order counts as one that is asked for.
    change(&file, "Before(\"shop/pay#1\", \"till/close#1\")", "Before(\"till/close#1\", \"till/count#1\")");
    let again = said(Bug::PaidAfterTheEnd, 1, &folder);
    let says = ": it fails again in 7 of 12 orders\n  a payment is lost\n  the order cannot be kept: `till/closes#1` did not happen; \
                did you mean `till/close`?\n  this run fails, at the event that is marked:\n";
    assert!(again.starts_with("failing: ") && again.contains(says), "{again}");
}

#[test]
fn a_kept_find_is_read_up_to_a_bound() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("finds").join("bound");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("folder.ron")).expect("a folder can be made");
    // It takes no room on the disk.
    let large = fs::File::create(folder.join("large.ron")).expect("a file can be made");
    large.set_len((8 << 20) + 1).expect("it can be sparse");
    let told = said(Bug::None, 1, &folder);
    let says = "large.ron: it is larger than 8 MiB, the limit for a kept find; remove it";
    assert!(told.contains(says) && told.contains("folder.ron: it is not a regular file"), "{told}");
}

#[test]
fn all_reasons_of_a_find_are_told_if_that_is_asked_for() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("finds").join("reasons");
    let told = |bug, seed| {
        let _ = fs::remove_dir_all(&folder);
        let report = till(bug, 1, &folder).seed(seed).all_causes().search();
        report.expect_err("some order fails").to_string()
    };
    // In the failing run both may have come before, or one.
    let reports: Vec<String> = (1..20).map(|seed| told(Bug::PaidAfterEither, seed)).collect();
    let two = reports.iter().find(|report| report.contains("fails for 2 reasons")).expect("both came before");
    assert!(two.contains("  fails for 2 reasons, each enough by itself\n    "), "{two}");
    for (number, name) in [(1, "close"), (2, "count")] {
        assert!(two.contains(&format!("    {number}. till/{name}#1 before shop/pay#1\n")), "{two}");
    }
    let is_one = |report: &String| report.contains("\n  this run has no other reason to fail\n");
    assert!(reports.iter().any(is_one));
    assert!((1..20).all(|seed| is_one(&told(Bug::PaidAfterTheEnd, seed))));
    let _ = fs::remove_dir_all(&folder);
    let unasked = said(Bug::PaidAfterEither, 1, &folder);
    assert!(!unasked.contains(" reason"), "{unasked}");
}
