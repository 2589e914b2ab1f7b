//! What the files of regressions are called, and how a file becomes a guard.

/// The longest name of a regression, in bytes.
const NAME_LEN_MAX: usize = 96;

/// The name of a regression, made of the letters and digits of these parts.
pub(crate) fn joined(parts: &[&str]) -> String {
    let letters = |part: &&str| part.to_ascii_lowercase();
    let parts: Vec<String> = parts.iter().map(letters).collect();
    let words = parts.iter().flat_map(|part| part.split(|c: char| !c.is_ascii_alphanumeric()));
    let mut name = String::new();
    for word in words.filter(|word| !word.is_empty()) {
        if name.is_empty() {
            name.push_str(word);
        } else if name.len() + 1 + word.len() > NAME_LEN_MAX {
            break;
        } else {
            name.push('-');
            name.push_str(word);
        }
    }
    name
}

/// Returns the first of `name`, `name-2`, `name-3` and so on that is free or holds the same text, and whether it holds the
/// text already. `text_of` returns what is there under a name.
pub fn free_name(name: &str, text: &str, text_of: impl Fn(&str) -> Option<String>) -> (String, bool) {
    let mut free = name.to_owned();
    for number in 2u32.. {
        match text_of(&free) {
            None => return (free, false),
            Some(there) if there == text => return (free, true),
            Some(_) => free = format!("{name}-{number}"),
        }
    }
    unreachable!("a folder has no four thousand million files")
}

/// The text of a file in which one word `Fails` is replaced by `Passes`, such that it `is_wanted`. Nothing else of
/// the file changes. `None` if no such word does it.
pub(crate) fn accepted(text: &str, is_wanted: impl Fn(&str) -> bool) -> Option<String> {
    let replaced = text.match_indices("Fails").map(|(at, word)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        format!("{before}Passes{after}")
    });
    replaced.into_iter().find(|text| is_wanted(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_letters_digits_and_hyphens_and_an_end() {
        assert_eq!(joined(&["late dial", "A::b", "rip1/step(x)"]), "late-dial-a-b-rip1-step-x");
        assert_eq!(joined(&["-", "limit", ""]), "limit");
        let long = joined(&["a", &"bcdefghij ".repeat(30)]);
        assert!(long.len() <= NAME_LEN_MAX && long.ends_with("-bcdefghij"), "{long}");
    }

    #[test]
    fn another_find_of_the_same_name_stays_and_the_same_find_is_not_kept_twice() {
        let text_of = |name: &str| {
            [("a", "one"), ("a-2", "two")].iter().find(|(n, _)| *n == name).map(|(_, t)| (*t).to_owned())
        };
        assert_eq!(free_name("a", "three", text_of), ("a-3".to_owned(), false));
        assert_eq!(free_name("a", "two", text_of), ("a-2".to_owned(), true));
        assert_eq!(free_name("b", "one", text_of), ("b".to_owned(), false));
    }

    #[test]
    fn the_word_that_means_it_is_replaced_and_no_other() {
        let text = "// Fails(\n about: \"Fails\", expect: Fails(monitor: \"Fails\")";
        let wanted = "// Fails(\n about: \"Fails\", expect: Passes(monitor: \"Fails\")";
        assert_eq!(
            accepted(text, |text| text.contains("expect: Passes(monitor: \"Fails")).as_deref(),
            Some(wanted)
        );
        assert_eq!(accepted("Passes", |_| true), None);
    }
}
