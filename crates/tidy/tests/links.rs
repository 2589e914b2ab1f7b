//! Links within the repository lead somewhere: the file is there, and so is the heading.

extern crate alloc;

use alloc::collections::BTreeMap;

use tiebreak_tidy::{FakeHouse, House, assert_only_breach, assert_tidy};

const ADVICE: &str = "A link is relative to the file it stands in; the anchor of a heading is its text in small letters, spaces \
                      as `-`, without what is neither letter, digit, `-` nor `_`.";

fn breaches(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for path in house.ending(".md") {
        let text = house.text(path);
        for (number, line) in outside_blocks(&text) {
            let targets = targets(&line).into_iter();
            found.extend(
                targets
                    .filter_map(|target| in_link(house, path, &target))
                    .map(|why| format!("{path}:{number}: {why}")),
            );
        }
    }
    found
}

/// The lines that are not within fences, with their numbers, without what is in backticks.
fn outside_blocks(text: &str) -> Vec<(usize, String)> {
    let mut is_inside = false;
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            is_inside = !is_inside;
        } else if !is_inside {
            let prose: Vec<&str> = line.split('`').step_by(2).collect();
            // What is in backticks may be the text of a link.
            lines.push((number, prose.join("code")));
        }
    }
    lines
}

/// Where the links of a line lead to.
fn targets(line: &str) -> Vec<String> {
    let ends = line.match_indices("](").map(|(at, _)| &line[at + 2..]);
    ends.filter_map(|rest| rest.split_once(')')).map(|(target, _)| target.to_owned()).collect()
}

/// A path from the root, of one that is relative to a file.
fn resolved(from: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "." | "" => {}
            ".." => _ = parts.pop()?,
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

fn in_link(house: &House, path: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let file = if file.is_empty() { Some(path.to_owned()) } else { resolved(path, file) };
    let Some(file) = file else { return Some(format!("`{target}` leads out of the repository")) };
    let is_folder = || house.files().iter().any(|path| path.starts_with(&format!("{file}/")));
    if !house.has(&file) && !is_folder() {
        return Some(format!("`{target}`: there is no {file}"));
    }
    let anchor = anchor.filter(|_| house.ending(".md").any(|page| page == file))?;
    let has_heading = headings(&house.text(&file)).iter().any(|slug| slug == anchor);
    (!has_heading).then(|| format!("`{target}`: {file} has no such heading"))
}

/// The anchors of the headings of a page, as GitHub and mdBook make them.
fn headings(text: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut is_inside = false;
    let mut slugs = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_inside = !is_inside;
        }
        let title = line.trim_start_matches('#');
        let level = line.len() - title.len();
        if is_inside || !(1..=6).contains(&level) || !title.starts_with(' ') {
            continue;
        }
        let slug = slug(title.trim());
        let before = seen.entry(slug.clone()).or_default();
        slugs.push(if *before == 0 { slug } else { format!("{slug}-{before}") });
        *before += 1;
    }
    slugs
}

fn slug(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase()
}

#[test]
fn every_link_of_the_house_leads_somewhere() {
    assert_tidy(&breaches(&House::ours()), ADVICE);
}

/// A house with links of each kind that all lead somewhere.
fn fake(name: &str) -> FakeHouse {
    FakeHouse::new(env!("CARGO_TARGET_TMPDIR"), name)
        .with(
            "README.md",
            "# Top\n\n[a](docs/A.md#the-end), [top](#top), [`b`](./docs/), [out](https://example.org/x#y)\n",
        )
        .with(
            "docs/A.md",
            "# A\n\n## The `end`!\n\n## Twice\n\n## Twice\n\n[up](../README.md), [second](#twice-1)\n",
        )
        .with("docs/B.md", "```text\n[not](a.link)\n# no heading\n```\nand `[not](one)` either\n")
}

#[test]
fn house_whose_links_lead_somewhere_is_tidy() {
    assert_tidy(&breaches(&fake("links-none").open()), "");
}

#[test]
fn link_to_a_missing_file_is_a_breach() {
    let house = fake("links-file").with("docs/C.md", "see\n[d](D.md)\n");
    assert_only_breach(&breaches(&house.open()), &["docs/C.md:2", "no docs/D.md"]);
    let house = fake("links-code").with("docs/C.md", "[`d`](D.md#d)\n");
    assert_only_breach(&breaches(&house.open()), &["docs/C.md:1", "no docs/D.md"]);
    let house = fake("links-out").with("docs/C.md", "[d](../../D.md)\n");
    assert_only_breach(&breaches(&house.open()), &["out of the repository"]);
}

#[test]
fn link_to_a_missing_heading_is_a_breach() {
    let house = fake("links-heading").with("docs/C.md", "[a](A.md#the-beginning)\n");
    assert_only_breach(&breaches(&house.open()), &["docs/C.md:1", "no such heading"]);
    let house = fake("links-third").with("docs/C.md", "[a](A.md#twice-2)\n");
    assert_only_breach(&breaches(&house.open()), &["#twice-2"]);
    let house = fake("links-block").with("docs/C.md", "[b](B.md#no-heading)\n");
    assert_only_breach(&breaches(&house.open()), &["#no-heading"]);
}
