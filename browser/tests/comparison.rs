//! What a person does with the page of two traces.

use tiebreak_browser::pages::{comparison_page, scenario};
use tiebreak_browser::tab::{Page, chromium};
use tiebreak_inquiry::compare;
use tiebreak_report::page::{Comparison, Mark, Row, Side, write_comparison_page};

const PLANTED: &str = "scenarios/quickstart/planted-late-dial.ron";

fn open(html: &str, fragment: &str) -> Option<Page> {
    if chromium().is_none() {
        eprintln!("SKIPPED: there is no Chromium here");
        return None;
    }
    Some(Page::open(html, fragment))
}

#[test]
fn it_opens_where_the_two_part_with_both_chains() {
    let [left, right] = [5, 6].map(|seed| scenario(PLANTED, seed));
    let divergence = Comparison::of([&left, &right], &compare(&left, &right)).divergence;
    let Some(page) = open(&comparison_page(PLANTED, ["seed 5", "seed 6"], &left, &right), "") else { return };
    assert_eq!(page.eval("itemOf[state.side][state.record]"), divergence.expect("they differ").to_string());
    let details = page.text("#details");
    assert!(
        details.contains("The first difference: A ran rip5/step(register#1)#1, B ran "),
        "{details}"
    );
    assert_eq!(page.eval("document.querySelectorAll('#details .columns section .chain .root').length"), "2");
    assert!(page.text("#comparison").contains("seed 5") && page.text("#comparison").contains("moved"));
    assert_eq!(page.errors(), Vec::<String>::new());
}

/// Rows made by hand: two the same, a swap, one only on each side.
#[test]
fn rows_made_by_hand_stand_as_they_were_made() {
    let trace = scenario(PLANTED, 5);
    let row = |left, right, mark| Row { left, right, mark };
    let rows = vec![
        row(Some(1), Some(1), Mark::Same),
        row(Some(2), Some(2), Mark::Changed),
        row(Some(7), Some(12), Mark::Moved(Side::Left)),
        row(Some(12), None, Mark::OnlyLeft),
        row(None, Some(17), Mark::OnlyRight),
        row(Some(7), Some(12), Mark::Moved(Side::Right)),
    ];
    let comparison = Comparison { left: &trace, right: &trace, rows, divergence: Some(2) };
    let mut html = String::new();
    write_comparison_page("by hand", ["one", "other"], &comparison, &mut html)
        .expect("writing to a text does not fail");
    let Some(page) = open(&html, "") else { return };
    let shown = page.eval("[...document.querySelectorAll('.row')].map((row) => [...row.querySelectorAll('.no')].map((cell) => cell.textContent).join('|') + row.querySelector('.mark span').textContent)");
    assert_eq!(shown, r#"["1|1","2|2≠","7|↓","12|−","|17+","|12↑"]"#);
    // The divergence is selected; `s` goes to what the other side ran there, `d` to the next difference.
    assert_eq!(page.eval("[state.side, state.record]"), "[0,7]");
    page.press("s");
    assert_eq!(page.eval("[state.side, state.record]"), "[1,17]");
    page.click("#row-1 .text.side-1");
    assert_eq!(page.fragment(), "#r=B2");
    assert!(page.text("#details").contains("What differs is marked"));
    page.press("g x");
    assert_eq!(page.eval("[state.side, state.record]"), "[0,7]");
    page.run("toggle('onlyDifferences')");
    assert_eq!(page.eval("view.visible.length"), "6");
    assert_eq!(page.errors(), Vec::<String>::new());
}

#[test]
fn differences_can_be_walked_and_what_is_the_same_hidden() {
    let [left, right] = [5, 6].map(|seed| scenario(PLANTED, seed));
    let Some(page) = open(&comparison_page(PLANTED, ["seed 5", "seed 6"], &left, &right), "") else { return };
    let all = page.eval("view.visible.length");
    let first = page.eval("selectedPlace()");
    page.press("d");
    let second = page.eval("selectedPlace()");
    assert_ne!(first, second);
    page.press("D");
    assert_eq!(page.eval("selectedPlace()"), first);
    page.click("#only-differences");
    assert_ne!(page.eval("view.visible.length"), all);
    assert!(page.fragment().contains("only=differences"));
    page.press("z z z m");
    assert_eq!(page.errors(), Vec::<String>::new());
}
