//! Names and what they stand for: what is known of a whole file once it has been lowered.

use alloc::collections::{BTreeMap, BTreeSet};
use core::fmt;
use core::net::IpAddr;
use core::ops::Range;

use tiebreak_kernel::{NameError, Names, Span};

use crate::check::Used;
use crate::check::patterns::{Cast, one_of_names};
use crate::code;
use crate::diagnostic::{Diagnostic, nearest};
use crate::events::Role;
use crate::groups::{PLACEHOLDERS, fill, member_name};
use crate::labels::split_number;
use crate::pattern::is_glob_match;
use crate::plan::{Family, MANAGER, Pattern, Prefix};
use crate::prefix::PrefixError;
use crate::rows::Use;

/// What a name is made of.
pub(crate) const NAME_HELP: &str = "a name has no spaces and none of `/ ( ) # * { } @`";

/// A label, and how many occurrences it stands for if it is repeated.
pub(crate) type Label = (String, Option<u32>);

/// The texts of one client.
#[derive(Debug)]
pub(crate) struct ClientTexts {
    pub(crate) family: Family,
    pub(crate) used: Vec<Used>,
    /// The numbers of a group's members; `None` if it is no group.
    pub(crate) members: Option<Vec<u32>>,
    pub(crate) role: Role,
    /// Each label and where it stands.
    pub(crate) labels: Vec<(Label, Range<usize>)>,
}

/// What is known across clients.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    /// The end of the run, if it could be read.
    pub(crate) end: Option<Span>,
    pub(crate) clients: BTreeSet<String>,
    pub(crate) feeds: Vec<String>,
    /// Who takes part.
    pub(crate) cast: Vec<Cast>,
    pub(crate) patterns: Vec<(Pattern, Range<usize>)>,
    pub(crate) subjects: Vec<(String, Range<usize>)>,
    /// Uses of clients' names within clients, after placeholders.
    client_uses: Vec<(String, Range<usize>, Option<String>)>,
    actor_uses: Vec<(String, Range<usize>)>,
    new_switches: Vec<(String, Range<usize>)>,
    switch_uses: Vec<(String, Range<usize>)>,
    times: Vec<(Span, Range<usize>)>,
    last_times: Vec<(Span, Span, Range<usize>)>,
}

impl Registry {
    pub(crate) fn feed(&mut self, name: &str) {
        self.feeds.push(name.to_owned());
    }

    pub(crate) fn actor(&mut self, name: &str, span: Range<usize>) {
        self.actor_uses.push((name.to_owned(), span));
    }

    pub(crate) fn pattern(&mut self, pattern: Pattern, span: Range<usize>) {
        self.patterns.push((pattern, span));
    }

    pub(crate) fn subject(&mut self, subject: &str, span: Range<usize>) {
        self.subjects.push((subject.to_owned(), span));
    }

    pub(crate) fn is_switch(&self, name: &str) -> bool {
        self.new_switches.iter().any(|(known, _)| known == name)
    }

    pub(crate) fn new_switch(&mut self, name: &str, span: Range<usize>) {
        self.new_switches.push((name.to_owned(), span));
    }

    pub(crate) fn switch(&mut self, name: &str, span: Range<usize>) {
        self.switch_uses.push((name.to_owned(), span));
    }

    pub(crate) fn time(&mut self, at: Span, span: Range<usize>) {
        self.times.push((at, span));
    }

    pub(crate) fn last_time(&mut self, first: Span, last: Span, span: Range<usize>) {
        self.last_times.push((first, last, span));
    }

    /// Takes in a client and checks what concerns it alone.
    pub(crate) fn client(&mut self, name: &str, texts: &ClientTexts, diagnostics: &mut Vec<Diagnostic>) {
        for used in &texts.used {
            self.text(name, used, texts, diagnostics);
        }
        let kinds = [
            (Use::NewNextHop, Use::NextHop, code::UNKNOWN_NEXT_HOP, "next hop", "AddNextHop"),
            (Use::NewRoute, Use::Route, code::UNKNOWN_ROUTE, "route", "AddRoute"),
            (
                Use::NewChanges,
                Use::Changes,
                code::UNKNOWN_CHANGES,
                "registration for changes",
                "RegisterForChanges",
            ),
        ];
        for (new, usage, code, what, action) in kinds {
            let of = |what| texts.used.iter().filter(move |used: &&Used| used.what == what);
            let known: BTreeSet<&str> = of(new).map(|used| used.text.as_str()).collect();
            for used in of(usage).filter(|used| !known.contains(used.text.as_str())) {
                let message = format!("`{name}` has no {what} `{}`", used.text);
                let help = match nearest(&used.text, known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("`{action}(name: \"{}\", …)` in the same client makes it", used.text),
                };
                diagnostics.push(Diagnostic::error(code, used.span.clone(), message).help(help));
            }
        }
        check_labels(&texts.labels, diagnostics);
        let named = |uses: &[Use]| -> BTreeSet<String> {
            let used = texts.used.iter().filter(|used| uses.contains(&used.what));
            used.map(|used| used.text.clone()).collect()
        };
        let observed = (texts.role == Role::Observer).then(|| "table".to_owned());
        self.cast.push(Cast {
            name: name.to_owned(),
            role: texts.role,
            members: texts.members.clone(),
            labels: texts.labels.iter().map(|(label, _)| label.clone()).collect(),
            flags: named(&[Use::FlagName]).into_iter().collect(),
            changes: named(&[Use::NewChanges]).into_iter().chain(observed).collect(),
        });
    }

    /// Checks one text of a client; in a group, as each member will have it.
    fn text(&mut self, client: &str, used: &Used, texts: &ClientTexts, diagnostics: &mut Vec<Diagnostic>) {
        let Some(members) = &texts.members else {
            if let Some(mistake) = self.filled(used, &used.text, texts.family, None) {
                diagnostics.push(without_group(mistake, &used.text));
            }
            return;
        };
        if fill(&used.text, 1).is_err() {
            let message = format!("\"{}\" has a brace that belongs to no placeholder", used.text);
            let help = format!("the placeholders are `{}`", PLACEHOLDERS.join("`, `"));
            diagnostics.push(Diagnostic::error(code::GROUP, used.span.clone(), message).help(help));
            return;
        }
        let depends = used.text.contains('{') || used.what == Use::OwnName;
        let members = if depends { members.as_slice() } else { &members[..members.len().min(1)] };
        for member in members {
            let is_own = used.what == Use::OwnName;
            let filled = if is_own {
                member_name(&used.text, *member)
            } else {
                fill(&used.text, *member).unwrap_or_default()
            };
            let owner = depends.then(|| member_name(client, *member));
            if let Some(mut mistake) = self.filled(used, &filled, texts.family, owner.clone()) {
                if let Some(owner) = owner.filter(|_| !is_own) {
                    mistake.message = format!("for `{owner}`: {}", mistake.message);
                }
                diagnostics.push(mistake);
                return;
            }
        }
    }

    /// Checks a text without placeholders.
    fn filled(
        &mut self,
        used: &Used,
        text: &str,
        family: Family,
        member: Option<String>,
    ) -> Option<Diagnostic> {
        let span = used.span.clone();
        match used.what {
            Use::Prefix => prefix_problem(text, family, span),
            Use::Address => address_problem(text, family, span),
            Use::OwnName => {
                if let Some(problem) = name_problem(text) {
                    return Some(bad_name(text, problem, span));
                }
                if is_of_manager(text) {
                    let message = format!("the name `{text}` belongs to the routing table manager");
                    return Some(Diagnostic::error(code::NAME, span, message).help("use another name"));
                }
                let is_new = self.clients.insert(text.to_owned());
                (!is_new).then(|| {
                    let message = format!("there is a client `{text}` already");
                    Diagnostic::error(code::DUPLICATE_NAME, span, message).help("use another name")
                })
            }
            Use::NewRoute if text == "expired" => Some(reserved(text, "the event's route", span)),
            Use::NewChanges if text == "notified" => Some(reserved(text, "the event's registration", span)),
            Use::NewNextHop | Use::NewRoute | Use::NewChanges | Use::FlagName => {
                name_problem(text).map(|problem| bad_name(text, problem, span))
            }
            Use::Label => label_problem(text).map(|problem| {
                let message = format!("{text:?} cannot be a label: {problem}");
                Diagnostic::error(code::NAME, span, message)
                    .help("leave it out for the default label; a label has no spaces and none of `* { } \"`")
            }),
            Use::Client => {
                self.client_uses.push((text.to_owned(), span, member));
                None
            }
            Use::NextHop | Use::Route | Use::Changes => None,
        }
    }

    /// Checks what needs the whole file.
    pub(crate) fn check(self, diagnostics: &mut Vec<Diagnostic>) {
        let mut reported: BTreeSet<(usize, usize)> = BTreeSet::new();
        for (name, span, member) in &self.client_uses {
            let is_known = self.clients.contains(name) || self.is_of_feed(name);
            if !is_known && reported.insert((span.start, span.end)) {
                let mut mistake = self.unknown_client(name, span.clone());
                if let Some(member) = member {
                    mistake.message = format!("for `{member}`: {}", mistake.message);
                }
                diagnostics.push(mistake);
            }
        }
        for (name, span) in &self.actor_uses {
            if !self.is_actor(name) {
                diagnostics.push(self.unknown_client(name, span.clone()));
            }
        }
        self.check_patterns(diagnostics);
        self.check_switches(diagnostics);
        if let Some(end) = self.end {
            self.check_times(end, diagnostics);
        }
    }

    fn check_switches(&self, diagnostics: &mut Vec<Diagnostic>) {
        let mut is_all_known = true;
        for (name, span) in self.switch_uses.iter().filter(|(name, _)| !self.is_switch(name)) {
            is_all_known = false;
            let message = format!("there is no switch `{name}`");
            let help = match nearest(name, self.new_switches.iter().map(|(name, _)| name.as_str())) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("add `switches: [\"{name}\"]` to the scenario"),
            };
            diagnostics.push(Diagnostic::error(code::UNKNOWN_SWITCH, span.clone(), message).help(help));
        }
        let is_unused = |name: &String| !self.switch_uses.iter().any(|(used, _)| used == name);
        // While a use is misspelt, nobody can say which switch is not used.
        for (name, span) in self.new_switches.iter().filter(|(name, _)| is_all_known && is_unused(name)) {
            let message = format!("the switch `{name}` is never used");
            let help = "use it in `with:`, `without:`, `With` or `Without`, or remove it";
            diagnostics.push(Diagnostic::warning(code::DOUBTFUL, span.clone(), message).help(help));
        }
    }

    fn check_times(&self, until: Span, diagnostics: &mut Vec<Diagnostic>) {
        for (at, span) in self.times.iter().filter(|(at, _)| *at > until) {
            let message = format!("{at} comes after the end of the run at {until}");
            let help = format!("write at most \"{until}\", or end the run later");
            diagnostics.push(Diagnostic::error(code::TOO_LATE, span.clone(), message).help(help));
        }
        for (_, last, span) in
            self.last_times.iter().filter(|(first, last, _)| *first <= until && *last > until)
        {
            let message = format!("the last time, {last}, comes after the end of the run at {until}");
            let help = "write fewer times, or end the run later";
            diagnostics.push(Diagnostic::warning(code::DOUBTFUL, span.clone(), message).help(help));
        }
    }

    /// Is it one of a feed's actors, `feed@…`?
    fn is_of_feed(&self, name: &str) -> bool {
        let rest = |feed: &String| name.strip_prefix(feed.as_str()).is_some_and(|rest| rest.starts_with('@'));
        self.feeds.iter().any(rest)
    }

    /// Is there an actor of that name, or, with `*` in it, one that fits?
    pub(crate) fn is_actor(&self, name: &str) -> bool {
        if !name.contains('*') {
            return is_of_manager(name) || self.clients.contains(name) || self.is_of_feed(name);
        }
        let is_fit = |actor: &str| is_glob_match(name, actor);
        // Which peers a feed has is not known before its recording is read.
        is_fit(MANAGER) || self.is_of_feed(name) || self.clients.iter().any(|client| is_fit(client))
    }

    fn unknown_client(&self, name: &str, span: Range<usize>) -> Diagnostic {
        let message = format!("there is no client `{name}`");
        let help = one_of_names(name, self.clients.iter().map(String::as_str));
        Diagnostic::error(code::UNKNOWN_CLIENT, span, message).help(help)
    }
}

/// Returns why a text cannot be a name.
pub(crate) fn name_problem(text: &str) -> Option<String> {
    problem(text, Names::check(text), "*{}@\"")
}

/// Returns why a text cannot be a label.
fn label_problem(text: &str) -> Option<String> {
    problem(text, Names::check_label(text), "*{}\"")
}

/// Returns what is wrong with a name or label: what the kernel says of it, or a character that this language needs.
fn problem(text: &str, checked: Result<(), NameError>, needed: &str) -> Option<String> {
    let wrong = |c: char| match c {
        c if c.is_whitespace() => Some("it contains white space".to_owned()),
        c => needed.contains(c).then(|| format!("it contains `{c}`")),
    };
    match checked {
        Ok(()) => text.chars().find_map(wrong),
        Err(NameError::Empty) => Some("it is empty".to_owned()),
        Err(NameError::Reserved(c)) => Some(format!("it contains `{c}`")),
        Err(NameError::Invisible(c)) => {
            Some(format!("it contains the invisible character U+{:04X}", u32::from(c)))
        }
        Err(other) => Some(other.to_string()),
    }
}

fn bad_name(text: &str, problem: impl fmt::Display, span: Range<usize>) -> Diagnostic {
    Diagnostic::error(code::NAME, span, format!("{text:?} cannot be a name: {problem}")).help(NAME_HELP)
}

fn reserved(text: &str, what: &str, span: Range<usize>) -> Diagnostic {
    Diagnostic::error(code::NAME, span, format!("`{text}` always names {what}")).help("use another name")
}

/// A placeholder outside a group is the likelier mistake.
fn without_group(mistake: Diagnostic, text: &str) -> Diagnostic {
    if PLACEHOLDERS.iter().any(|placeholder| text.contains(placeholder)) {
        let message = format!("\"{text}\" has a placeholder, but the client is not a group");
        return Diagnostic { code: code::GROUP, message, ..mistake }.help("add `count: …` to the client");
    }
    mistake
}

fn prefix_problem(text: &str, family: Family, span: Range<usize>) -> Option<Diagnostic> {
    match text.parse::<Prefix>() {
        Ok(prefix) if prefix.family() == family => None,
        Ok(prefix) => Some(wrong_family(text, prefix.family(), family, span)),
        Err(error) => Some(prefix_mistake(
            text,
            error,
            span,
            if family == Family::Ipv4 { "10.0.0.0/8" } else { "2001:db8::/32" },
        )),
    }
}

/// Returns what is wrong with a text that is no prefix.
pub(crate) fn prefix_mistake(
    text: &str,
    error: PrefixError,
    span: Range<usize>,
    example: &str,
) -> Diagnostic {
    let example = if example.is_empty() { "10.0.0.0/8" } else { example };
    match error {
        PrefixError::HostBits(network) => {
            let message = format!("\"{text}\" has bits set below its length");
            Diagnostic::error(code::HOST_BITS, span, message).help(format!("did you mean \"{network}\"?"))
        }
        PrefixError::NoLength
        | PrefixError::NotAnAddress
        | PrefixError::NotALength
        | PrefixError::TooLong(_) => {
            let message = format!("\"{text}\" is not a prefix: {error}");
            Diagnostic::error(code::PREFIX, span, message)
                .help(format!("write a prefix such as \"{example}\""))
        }
    }
}

fn address_problem(text: &str, family: Family, span: Range<usize>) -> Option<Diagnostic> {
    match text.parse::<IpAddr>() {
        Ok(address) if Family::of(address) == family => None,
        Ok(address) => Some(wrong_family(text, Family::of(address), family, span)),
        Err(_) => {
            let example = if family == Family::Ipv4 { "192.0.2.1" } else { "2001:db8::1" };
            let message = format!("\"{text}\" is not an address");
            Some(
                Diagnostic::error(code::ADDRESS, span, message)
                    .help(format!("write one such as \"{example}\"")),
            )
        }
    }
}

fn wrong_family(text: &str, found: Family, family: Family, span: Range<usize>) -> Diagnostic {
    let message = format!("\"{text}\" is {found}, but the client is {family}");
    let help = format!("write an {family} one, or add `family: {found}` to the client");
    Diagnostic::error(code::FAMILY, span, message).help(help)
}

/// Reports labels that stand for two steps. A repeated step has a whole range of numbers.
fn check_labels(labels: &[(Label, Range<usize>)], diagnostics: &mut Vec<Diagnostic>) {
    // For each stem, ranges of numbers that do not overlap: first to last. A label without a number is 0 to 0.
    let mut taken: BTreeMap<&str, BTreeMap<u64, u64>> = BTreeMap::new();
    for ((label, times), span) in labels {
        let (stem, number) = split_number(label);
        let first = number.unwrap_or(u64::from(times.is_some()));
        let last = first.saturating_add(u64::from(times.unwrap_or(1).max(1) - 1));
        let ranges = taken.entry(stem).or_default();
        let clash = ranges.range(..=last).next_back().is_some_and(|(_, end)| *end >= first);
        if clash {
            let message = format!("the label `{label}` is given twice");
            let help = "a label names one step of the client; use another one";
            diagnostics.push(Diagnostic::error(code::DUPLICATE_LABEL, span.clone(), message).help(help));
        } else {
            ranges.insert(first, last);
        }
    }
}

/// Is it the manager, or what it is called when it notes something about another table than its first: `manager.1`?
pub(crate) fn is_of_manager(name: &str) -> bool {
    name.strip_prefix(MANAGER).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
