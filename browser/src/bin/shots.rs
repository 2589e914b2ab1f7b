//! Writes pages and how they look into a folder: `cargo run --bin shots -- FOLDER`.

use std::fs;
use std::path::PathBuf;

use tiebreak_browser::pages::{comparison_page, page, scenario};
use tiebreak_browser::tab::Page;
use tiebreak_browser::worlds::{busy, hostile};

const PLANTED: &str = "scenarios/quickstart/planted-late-dial.ron";

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("usage: shots FOLDER"));
    fs::create_dir_all(&folder).expect("the folder can be made");
    let planted = page(PLANTED, &scenario(PLANTED, 5));
    let compared =
        comparison_page(PLANTED, ["seed 5", "seed 90"], &scenario(PLANTED, 5), &scenario(PLANTED, 90));
    let long = page("ten thousand events", &busy(25_000, 1));
    let shots: [(&str, &str, &str, &[&str]); 9] = [
        ("light", &planted, "", &[]),
        ("selected", &planted, "#r=93", &[]),
        ("dark", &planted, "#r=94&q=actor:dialer", &["m"]),
        ("wide", &planted, "#r=88&zoom=wide", &[]),
        ("panel", &planted, "#r=88&zoom=dense&only=events", &["p"]),
        ("help", &planted, "", &["?"]),
        ("long", &long, "#r=12000&q=is:tie", &[]),
        ("comparison", &compared, "", &[]),
        ("hostile", &page("<b>hostile</b> & \"names\"", &hostile()), "#r=1", &[]),
    ];
    for (name, html, fragment, keys) in shots {
        fs::write(folder.join(format!("{name}.html")), html).expect("the page can be written");
        let page = Page::open(html, fragment);
        for key in keys {
            page.press(key);
        }
        page.run("new Promise((done) => setTimeout(done, 200))");
        page.shoot(&folder.join(format!("{name}.png")));
        println!("{name}: {} bytes, opened in {:?}, errors: {:?}", html.len(), page.opened_in, page.errors());
    }
}
