//! What a person does with the page of one trace.

use std::time::Duration;

use tiebreak_browser::pages::{page, scenario};
use tiebreak_browser::tab::{Page, chromium};
use tiebreak_browser::worlds::{HOSTILE, busy, hostile};

const PLANTED: &str = "scenarios/quickstart/planted-late-dial.ron";

/// Opens a page; nothing, said aloud, where there is no Chromium.
fn open(html: &str, fragment: &str) -> Option<Page> {
    if chromium().is_none() {
        eprintln!("SKIPPED: there is no Chromium here");
        return None;
    }
    Some(Page::open(html, fragment))
}

fn planted(fragment: &str) -> Option<Page> {
    open(&page(PLANTED, &scenario(PLANTED, 5)), fragment)
}

/// Ends a test: no script failed, and nothing was reported.
fn close(page: &Page) {
    assert_eq!(page.errors(), Vec::<String>::new());
}

/// The page spells nanoseconds itself: it must do so as `Instant` does.
#[test]
fn instants_are_spelled_as_text_has_them() {
    let trace = busy(700, 3);
    let Some(page) = open(&page("busy", &trace), "") else { return };
    let spelled =
        page.eval("Array.from({ length: traces[0].size }, (_, at) => instantText(traces[0], at + 1))");
    let instants: Vec<String> = trace.records().map(|(_, parts)| format!("\"{}\"", parts.instant)).collect();
    assert_eq!(spelled, format!("[{}]", instants.join(",")));
    for nanos in [
        0,
        1,
        999,
        1_000,
        1_001_000,
        59_999_999_999,
        60_000_000_000,
        3_600_000_000_001,
        u64::MAX - 1,
        u64::MAX,
    ] {
        let instant = tiebreak_kernel::Instant::from_nanos(nanos);
        assert_eq!(page.eval(&format!("spell({nanos}n)")), format!("\"{instant}\""));
    }
    close(&page);
}

#[test]
fn rows_say_what_the_text_of_the_trace_says() {
    let trace = scenario(PLANTED, 5);
    let Some(page) = open(&page(PLANTED, &trace), "") else { return };
    let spelled = page.eval("Array.from({ length: traces[0].size }, (_, at) => nameText(traces[0], at + 1).replace('cancelled ', ''))");
    for (_, parts) in trace.records() {
        let name = trace.spelling(&parts);
        assert!(spelled.contains(&format!("\"{name}\"")), "{name} is not in {spelled}");
    }
    let lines: Vec<String> =
        trace.to_string().lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let facts = page.eval("Array.from({ length: traces[0].size }, (_, at) => `${instantText(traces[0], at + 1)} ${tieText(traces[0], at + 1)} ${factsText(traces[0], at + 1)}`)");
    for (record, facts) in (1..).zip(facts.trim_matches(['[', ']']).split("\",\"")) {
        let line = lines
            .iter()
            .find(|line| line.starts_with(&format!("{record} ")))
            .expect("the text has the record");
        for word in facts.trim_matches('"').split_whitespace() {
            assert!(line.contains(word), "{word} is not in {line}");
        }
    }
    close(&page);
}

#[test]
fn a_click_shows_facts_causes_and_effects() {
    let Some(page) = planted("") else { return };
    page.click("#row-3");
    let details = page.text("#details");
    for part in [
        "rip5/RtmAddRouteToDest(10.0.0.0/8)",
        "metric = 2",
        "ttl = 3m",
        "via = 192.0.2.5",
        "change = new, best",
        "rip5/step(register#1)#1",
        "from outside the run",
    ] {
        assert!(details.contains(part), "{part} is not in {details}");
    }
    assert_eq!(page.fragment(), "#r=4");
    page.click("#details .chain a");
    assert_eq!(page.fragment(), "#r=1");
    let details = page.text("#details");
    assert!(details.contains("Led to 1 event") && details.contains("rip5/expiry(10.0.0.0/8)#1"), "{details}");
    assert!(details.contains("[5/10] number 5 of 10 events that could run"), "{details}");
    assert!(page.text("#status").contains("event 1, at 0s: rip5/step(register#1)#1; choice 5 of 10"));
    // The way back of the browser leads to what was selected before.
    page.run("history.back()");
    page.wait_for("state.record === 4");
    close(&page);
}

#[test]
fn keys_walk_along_rows_causes_and_ties() {
    let Some(page) = planted("#r=93") else { return };
    for (keys, record) in [
        ("c", 88),
        ("c", 85),
        ("c", 12),
        ("e", 85),
        ("ArrowDown", 86),
        ("j", 87),
        ("k", 86),
        ("c", 85),
        ("T", 83),
        ("t", 85),
        ("i", 85),
        ("I", 55),
        ("G", 108),
        ("g", 1),
        ("ArrowRight", 2),
        ("End", 108),
        ("Home", 1),
    ] {
        page.press(keys);
        let selected = page.eval("state.record");
        assert_eq!(selected, record.to_string(), "after {keys}");
    }
    assert_eq!(
        page.eval("document.querySelector('.row.selected').getAttribute('aria-selected')"),
        "\"true\""
    );
    assert_eq!(page.eval("byId('list').getAttribute('aria-activedescendant')"), "\"row-0\"");
    page.press("?");
    assert!(page.text("#help").contains("Next tie, previous tie"));
    page.press("Escape");
    page.wait_for("!byId('help').open");
    page.press("Escape");
    assert_eq!(page.eval("state.record"), "0");
    close(&page);
}

#[test]
fn search_finds_by_text_and_by_field_and_walks_along() {
    let Some(page) = planted("") else { return };
    page.press("/");
    page.type_text("actor:dialer kind:step");
    page.press("Enter");
    page.wait_for("byId('found').textContent === '2 found'");
    assert_eq!(page.eval("state.record"), "55");
    page.press("Escape n");
    assert_eq!(page.eval("state.record"), "93");
    page.press("N");
    assert_eq!(page.eval("state.record"), "55");
    for (query, found) in [
        ("metric=20", 2),
        ("\"-> ERROR\"", 3),
        ("subject:0.0.0.0/0 is:note", 6),
        ("kind:Rtm* -actor:rip*", 14),
        ("is:tie at:3m", 13),
        ("actor:rip1 is:event", 2),
        ("#2", 1),
        ("nothing at all", 0),
        ("no:17", 1),
        ("is:root", 13),
    ] {
        page.run(&format!("search({query:?})"));
        assert_eq!(page.eval("view.foundPlaces.length"), found.to_string(), "{query}");
    }
    close(&page);
}

#[test]
fn filters_hide_rows_and_the_address_keeps_them() {
    let Some(page) = planted("") else { return };
    page.press("o");
    assert_eq!(page.eval("view.visible.length"), "27");
    page.press("p");
    page.click("#actors li:nth-child(1) input");
    assert_eq!(page.eval("view.visible.length"), "25");
    assert!(!page.eval("view.lanes.map((lane) => texts[lane])").contains("rip5"));
    page.press("z a");
    let fragment = page.fragment();
    assert_eq!(fragment, "#only=events&zoom=wide&arrows=selection&actor-=rip5");
    let Some(other) = planted(&fragment) else { return };
    assert_eq!(other.eval("view.visible.length"), "25");
    assert_eq!(
        other.eval("[state.zoom, state.arrows, byId('only-events').checked]"),
        "[\"wide\",\"selection\",true]"
    );
    page.click("#show-all");
    page.click("#actors li:nth-child(1) [data-move=down]");
    assert!(
        page.eval("view.lanes.map((lane) => texts[lane])").starts_with("[\"manager\",\"rip5\""),
        "lanes are moved"
    );
    assert!(page.fragment().contains("lane=manager&lane=rip5&"));
    close(&page);
    close(&other);
}

#[test]
fn the_theme_can_be_changed() {
    let Some(page) = planted("") else { return };
    let ground = "getComputedStyle(document.body).backgroundColor";
    let before = page.eval(ground);
    page.press("m");
    assert_ne!(page.eval(ground), before);
    page.click("#theme-button");
    assert_eq!(page.eval(ground), before);
    close(&page);
}

#[test]
fn hostile_names_are_text() {
    let trace = hostile();
    let Some(page) = open(&page("</title><script>window.hacked=1</script>", &trace), "#r=1") else { return };
    page.press("p z z z");
    for _ in 0..trace.len() {
        page.press("j");
    }
    assert_eq!(page.eval("typeof window.hacked"), "\"undefined\"");
    assert_eq!(page.eval("document.querySelectorAll('img, #list b, #details script').length"), "0");
    let shown = page.eval("[...document.querySelectorAll('.row')].map((row) => row.textContent).join(' ')");
    for text in &HOSTILE[..2] {
        assert!(shown.contains(&text.replace('"', "\\\"")), "{text} is not in {shown}");
    }
    // What cannot be seen is escaped.
    assert!(
        shown.contains("u{202e}") && !shown.contains('\u{202e}') && !shown.contains('\u{2028}'),
        "{shown}"
    );
    assert!(page.eval("document.title").contains("</title><script>"));
    // An instant of 2⁶³ nanoseconds and a number of 2⁶⁴ − 1 keep all their digits.
    assert!(page.eval("instantText(traces[0], 1)").contains("2562047h47m16s854ms775us808ns"));
    assert!(shown.contains("18446744073709551615"));
    assert_eq!(page.eval("document.documentElement.scrollWidth <= innerWidth"), "true");
    close(&page);
}

#[test]
fn ten_thousand_events_open_within_two_seconds() {
    let trace = busy(24_500, 1);
    let html = page("ten thousand events", &trace);
    let events = trace.records().filter(|(_, parts)| parts.event_code().is_some()).count();
    assert!(events >= 10_000, "{events}");
    assert!(html.len() < 1_000_000, "{} bytes", html.len());
    let Some(page) = open(&html, "#r=9000") else { return };
    eprintln!(
        "{events} events, {} records, {} bytes: opened in {:?}",
        trace.len(),
        html.len(),
        page.opened_in
    );
    assert!(page.opened_in < Duration::from_secs(2), "{:?}", page.opened_in);
    assert_eq!(page.eval("state.record"), "9000");
    assert!(page.text(".row.selected").starts_with("9000"));
    close(&page);
}

/// Milliseconds that an expression takes, until the picture after it.
fn timed(page: &Page, expression: &str) -> f64 {
    let script = format!(
        "(async () => {{ const begin = performance.now(); {expression}; await new Promise((done) => requestAnimationFrame(() => setTimeout(done))); return performance.now() - begin; }})()"
    );
    page.eval(&script).parse().expect("a number")
}

#[test]
fn a_hundred_thousand_records_stay_usable() {
    let trace = busy(101_000, 2);
    let html = page("a hundred thousand records", &trace);
    assert!(trace.len() >= 100_000, "{}", trace.len());
    let Some(page) = open(&html, "") else { return };
    eprintln!("{} records, {} bytes: opened in {:?}", trace.len(), html.len(), page.opened_in);
    let scroll = timed(&page, "list.scrollTop = list.scrollHeight / 2");
    let step = timed(&page, "for (let at = 0; at < 20; at++) list.scrollTop += 300");
    let search = timed(&page, "search('actor:server2 size')");
    let all = timed(&page, "search('size')");
    let jump = timed(&page, "select(0, 90000, 'jump')");
    eprintln!(
        "scrolled in {scroll:.0} ms, twenty steps in {step:.0} ms, searched in {search:.0} and {all:.0} ms, jumped in {jump:.0} ms"
    );
    for (what, took) in [("scroll", scroll), ("step", step), ("search", search), ("all", all), ("jump", jump)]
    {
        assert!(took < 1_000.0, "{what} took {took} ms");
    }
    assert!(
        page.eval("document.querySelectorAll('.row').length").parse::<u32>().expect("a number") < 250,
        "few rows are elements"
    );
    page.press("G");
    page.wait_for(&format!("document.querySelector('.row.selected .no')?.textContent === '{}'", trace.len()));
    assert!(page.opened_in < Duration::from_secs(6), "{:?}", page.opened_in);
    close(&page);
}

#[test]
fn it_can_be_printed() {
    let Some(page) = planted("#r=93") else { return };
    let paper = page.print();
    assert!(paper.starts_with(b"%PDF") && paper.len() > 30_000, "{} bytes", paper.len());
    close(&page);
}
