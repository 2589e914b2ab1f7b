//! Whether anything in a scenario can match a pattern or have a subject.

use core::net::IpAddr;
use core::ops::Range;

use crate::code;
use crate::diagnostic::{Diagnostic, nearest};
use crate::events::{self, About, EventKind, Role};
use crate::groups::{fill, member_name};
use crate::labels::{label_of_occurrence, split_number};
use crate::names::{Registry, is_of_manager, prefix_mistake};
use crate::pattern::is_glob_match;
use crate::plan::{MANAGER, Pattern, Prefix};

/// How many names are looked at for the one that was meant.
const CANDIDATES_MAX: usize = 1_000;

/// Somebody who takes part, with what its events can be about.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// The numbers of a group's members; `None` if it is no group.
    pub(crate) members: Option<Vec<u32>>,
    /// The labels of its steps, and how many occurrences each stands for if it is repeated.
    pub(crate) labels: Vec<(String, Option<u32>)>,
    pub(crate) flags: Vec<String>,
    pub(crate) changes: Vec<String>,
}

impl Cast {
    /// Returns the name of each member and its number, or the one name there is.
    fn actors(&self) -> impl Iterator<Item = (String, Option<u32>)> + '_ {
        let alone = self.members.is_none().then(|| (self.name.clone(), None));
        let members = self.members.iter().flatten();
        members.map(|member| (member_name(&self.name, *member), Some(*member))).chain(alone)
    }

    /// Returns the names of one sort, as a member has them; of a repeated step that of its first occurrence.
    fn names(&self, about: About, member: Option<u32>) -> Vec<String> {
        let texts: Vec<&String> = match about {
            About::Label => self.labels.iter().map(|(label, _)| label).collect(),
            About::Flag => self.flags.iter().collect(),
            About::Changes => self.changes.iter().collect(),
            About::Nothing | About::Dest | About::Client | About::Anything => Vec::new(),
        };
        texts.into_iter().map(|text| filled(text, member)).collect()
    }

    /// Can an event of the member be about this?
    fn has(&self, about: About, member: Option<u32>, subject: &str) -> bool {
        if about != About::Label {
            return self.names(about, member).iter().any(|name| is_glob_match(subject, name));
        }
        self.labels.iter().any(|(label, times)| {
            let label = filled(label, member);
            let Some(times) = times else { return is_glob_match(subject, &label) };
            if subject.contains('*') {
                return (0..*times)
                    .take(CANDIDATES_MAX)
                    .any(|index| is_glob_match(subject, &label_of_occurrence(&label, index)));
            }
            let ((stem, first), (wanted, number)) = (split_number(&label), split_number(subject));
            let first = first.unwrap_or(1);
            stem == wanted
                && number.is_some_and(|number| (first..first + u64::from(*times)).contains(&number))
        })
    }
}

fn filled(text: &str, member: Option<u32>) -> String {
    member.and_then(|member| fill(text, member).ok()).unwrap_or_else(|| text.to_owned())
}

impl Registry {
    /// Reports patterns and subjects that nothing can match, and warns of those whose actor makes no such event.
    pub(crate) fn check_patterns(&self, diagnostics: &mut Vec<Diagnostic>) {
        for (pattern, span) in &self.patterns {
            diagnostics.extend(self.pattern_problem(pattern, span));
        }
        for (subject, span) in &self.subjects {
            diagnostics.extend(self.subject_problem(subject, span));
        }
    }

    fn pattern_problem(&self, pattern: &Pattern, span: &Range<usize>) -> Option<Diagnostic> {
        let Pattern { actor, kind, subject, repeat } = pattern;
        let kinds = events::matching(kind);
        if kinds.is_empty() {
            let message = format!("there is no kind of event `{kind}`");
            return Some(
                Diagnostic::error(code::UNKNOWN_WORD, span.clone(), message).help(events::meant(kind)),
            );
        }
        if let Some(repeat) = repeat.filter(|_| !kinds.iter().any(|kind| kind.is_event)) {
            let message = format!("`{kind}` is a note, and notes have no occurrence numbers");
            let help = format!("remove `#{repeat}`");
            return Some(Diagnostic::error(code::IMPOSSIBLE, span.clone(), message).help(help));
        }
        if let Some(subject) = subject {
            if !kinds.iter().any(|kind| self.can_be_about(kind.about, subject, actor)) {
                let message = format!("no `{kind}` of `{actor}` can be about `{subject}`");
                let help = self.subject_help(&kinds, subject, actor);
                return Some(Diagnostic::error(code::IMPOSSIBLE, span.clone(), message).help(help));
            }
        }
        let roles = self.roles(actor);
        let is_made = kinds.iter().any(|kind| kind.roles.iter().any(|role| roles.contains(role)));
        // `*` says something of everybody, whoever there is.
        (!is_made && !roles.is_empty() && actor != "*").then(|| {
            let message = format!("`{actor}` never makes `{kind}`: nothing can match the pattern");
            let makers: Vec<&str> = kinds[0].roles.iter().map(|role| role.plural()).collect();
            let help = format!("`{kind}` is made by {}", makers.join(", "));
            Diagnostic::warning(code::DOUBTFUL, span.clone(), message).help(help)
        })
    }

    /// Returns what the actors are that a name or pattern means.
    fn roles(&self, actor: &str) -> Vec<Role> {
        let is_meant = |name: &str| is_glob_match(actor, name);
        let cast = self.cast.iter().filter(|cast| cast.actors().any(|(name, _)| is_meant(&name)));
        let mut roles: Vec<Role> = cast.map(|cast| cast.role).collect();
        if is_of_manager(actor) || (actor.contains('*') && is_meant(MANAGER)) {
            roles.push(Role::Manager);
        }
        // Which peers a feed has is not known before its recording is read.
        if !self.feeds.is_empty() && (actor.contains('@') || actor.contains('*')) {
            roles.push(Role::Peer);
        }
        roles
    }

    fn can_be_about(&self, about: About, subject: &str, actor: &str) -> bool {
        match about {
            About::Anything => true,
            About::Nothing => is_glob_match(subject, ""),
            About::Dest if subject.contains('*') => true,
            About::Dest => subject.is_empty() || is_canonical_prefix(subject),
            About::Client => self.is_actor(subject) && !is_of_manager(subject),
            About::Label | About::Changes | About::Flag => self.cast.iter().any(|cast| {
                cast.actors()
                    .any(|(name, member)| is_glob_match(actor, &name) && cast.has(about, member, subject))
            }),
        }
    }

    fn subject_help(&self, kinds: &[&EventKind], subject: &str, actor: &str) -> String {
        let about = kinds[0].about;
        let mut names: Vec<String> = match about {
            About::Nothing => return "it has no subject: leave the parentheses out".to_owned(),
            About::Dest => {
                return match subject.parse::<Prefix>() {
                    Ok(prefix) => format!("write it as events do: `{prefix}`"),
                    Err(error) => format!("it is about destinations; `{subject}` is not a prefix: {error}"),
                };
            }
            About::Client => self.clients.iter().take(CANDIDATES_MAX).cloned().collect(),
            About::Label | About::Changes | About::Flag | About::Anything => Vec::new(),
        };
        for cast in &self.cast {
            let members = cast.actors().filter(|(name, _)| is_glob_match(actor, name)).take(CANDIDATES_MAX);
            names.extend(members.flat_map(|(_, member)| cast.names(about, member)));
        }
        names.truncate(CANDIDATES_MAX);
        one_of_names(subject, names.iter().map(String::as_str))
    }

    fn subject_problem(&self, subject: &str, span: &Range<usize>) -> Option<Diagnostic> {
        let is_address = subject.parse::<IpAddr>().is_ok_and(|address| address.to_string() == subject);
        let sorts = [About::Label, About::Changes, About::Flag, About::Client];
        let is_known = || sorts.iter().any(|about| self.can_be_about(*about, subject, "*"));
        if is_address || is_canonical_prefix(subject) || is_known() {
            return None;
        }
        let is_like_prefix =
            subject.split_once('/').is_some_and(|(address, _)| address.parse::<IpAddr>().is_ok());
        if let Some(error) = subject.parse::<Prefix>().err().filter(|_| is_like_prefix) {
            return Some(prefix_mistake(subject, error, span.clone(), "10.0.0.0/8"));
        }
        let message = format!("nothing in this scenario is about `{subject}`");
        let names =
            |cast: &Cast| sorts.map(|about| cast.names(about, cast.members.as_ref().map(|_| 1))).concat();
        let mut names: Vec<String> = self.cast.iter().take(CANDIDATES_MAX).flat_map(names).collect();
        names.extend(self.clients.iter().take(CANDIDATES_MAX).cloned());
        Some(
            Diagnostic::error(code::IMPOSSIBLE, span.clone(), message)
                .help(one_of_names(subject, names.iter().map(String::as_str))),
        )
    }
}

/// Is it a prefix as events spell it?
fn is_canonical_prefix(text: &str) -> bool {
    text.parse::<Prefix>().is_ok_and(|prefix| prefix.to_string() == text)
}

/// Returns the help for a name that is not among those there are.
pub(crate) fn one_of_names<'a>(name: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    if let Some(meant) = nearest(name, names.clone()) {
        return format!("did you mean `{meant}`?");
    }
    let first: Vec<&str> = names.clone().take(8).collect();
    match (first.is_empty(), names.count() > first.len()) {
        (true, _) => "there is nothing of the kind".to_owned(),
        (false, true) => format!("there are `{}`, …", first.join("`, `")),
        (false, false) => format!("there are `{}`", first.join("`, `")),
    }
}
