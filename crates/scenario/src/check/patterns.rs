//! Whether anything in a scenario can match a pattern or have a subject.

use core::net::IpAddr;
use core::ops::Range;

use tiebreak_diagnostic::{Diagnostic, code, meant};

use super::cast::Cast;
use crate::SUGGESTIONS_MAX;
use crate::events::{self, About, EventKind, Role};
use crate::names::{Registry, Who, prefix_mistake};
use crate::pattern::{is_any, is_glob_match, is_glob_match_of_address};
use crate::plan::{Pattern, Prefix};

/// How many names are looked at for the one that was meant.
const CANDIDATES_MAX: usize = 1_000;

/// So much is compared with all patterns of a file; see [`Registry::cost_of_a_pattern`].
const COMPARED_MAX: u64 = 200_000_000;
/// What it costs to compare a pattern with what an event can be about, in comparisons with a name.
const COST_OF_A_THING: u64 = 25;

/// Whether it is said of a mistake what was probably meant: of the first ones only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Help {
    Given,
    LeftOut,
}

impl Help {
    fn or_nothing(self, help: impl FnOnce() -> String) -> String {
        match self {
            Self::Given => help(),
            Self::LeftOut => String::new(),
        }
    }
}

impl Registry<'_> {
    /// Reports patterns and subjects that nothing can match, and warns of those whose actor makes no such event. Compares up to
    /// [`COMPARED_MAX`].
    pub(crate) fn check_patterns(&self, diagnostics: &mut Vec<Diagnostic>) {
        let (mut compared, cost) = (0, self.cost_of_a_pattern());
        let patterns = self.patterns.iter().map(|(pattern, span)| (Ok(pattern), span));
        let subjects = self.subjects.iter().map(|(subject, span)| (Err(subject), span));
        for (looked_at, span) in patterns.chain(subjects) {
            compared += cost;
            if compared > COMPARED_MAX {
                let message =
                    "this and what follows is not compared with what can happen: there is too much of both";
                let help = "expect less in one scenario, or let fewer take part";
                diagnostics.push(Diagnostic::warning(code::DOUBTFUL, span.clone(), message).help(help));
                return;
            }
            let help = if diagnostics.len() < SUGGESTIONS_MAX { Help::Given } else { Help::LeftOut };
            diagnostics.extend(match looked_at {
                Ok(pattern) => self.pattern_problem(pattern, span, help),
                Err(subject) => self.subject_problem(subject, span, help),
            });
        }
    }

    /// How many comparisons with a name a pattern takes at most: with each actor, feed and table, and with what their events can
    /// be about.
    fn cost_of_a_pattern(&self) -> u64 {
        let cost = |cast: &Cast| cast.actors.len() as u64 + COST_OF_A_THING * cast.things.len() as u64;
        let of_cast: u64 = self.cast.iter().map(cost).sum();
        of_cast + self.feeds.len() as u64 + self.tables.len() as u64
    }

    fn pattern_problem(&self, pattern: &Pattern, span: &Range<usize>, help: Help) -> Option<Diagnostic> {
        let Pattern { actor, kind, subject, repeat } = pattern;
        let roles = self.roles(actor);
        if roles.is_empty() && help == Help::LeftOut {
            let message = format!("there is no client `{actor}`");
            return Some(Diagnostic::error(code::UNKNOWN_CLIENT, span.clone(), message));
        }
        if roles.is_empty() {
            return Some(self.unknown_actor(actor, span.clone(), Who::Anybody));
        }
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
        if let Some(subject) = subject.as_ref().filter(|subject| !is_any(subject)) {
            let mut abouts = kinds.iter().flat_map(|kind| kind.about);
            if !abouts.any(|about| self.can_be_about(*about, subject, actor, &roles)) {
                let message = format!("no `{kind}` of `{actor}` can be about `{subject}`");
                let help = help.or_nothing(|| self.subject_help(&kinds, subject, actor));
                return Some(Diagnostic::error(code::IMPOSSIBLE, span.clone(), message).help(help));
            }
        }
        // `*` says something of everybody, whoever there is.
        let is_doubtful = actor != "*" && !kinds.iter().any(|kind| self.is_made(kind, actor, &roles));
        is_doubtful.then(|| {
            let message = format!("`{actor}` never makes `{kind}`: nothing can match the pattern");
            let EventKind { roles: makers, needs, .. } = kinds[0];
            let help = if makers.iter().any(|maker| roles.contains(maker)) {
                format!(
                    "a client that makes `{kind}` has `{}` in its script or reactions",
                    needs.join("` or `")
                )
            } else {
                format!("`{kind}` is made by {}", kinds[0].makers())
            };
            Diagnostic::warning(code::DOUBTFUL, span.clone(), message).help(help)
        })
    }

    /// Returns what the actors are that a name or pattern means; none if there is no such actor.
    fn roles(&self, actor: &str) -> Vec<Role> {
        let cast = self.cast.iter().filter(|cast| cast.meant(actor).next().is_some());
        let mut roles: Vec<Role> = cast.map(|cast| cast.role).collect();
        if self.tables.iter().any(|table| is_glob_match(actor, table)) {
            roles.push(Role::Manager);
        }
        // Which peers a feed has is not known before its recording is read.
        let is_peer = |feed: &String| is_glob_match_of_address(actor, &format!("{feed}@"));
        if self.is_of_feed(actor) || (actor.contains('*') && self.feeds.iter().any(is_peer)) {
            roles.push(Role::Peer);
        }
        roles
    }

    /// Is one of these actors in a role that makes such events, and does it do something that leads to them?
    fn is_made(&self, kind: &EventKind, actor: &str, roles: &[Role]) -> bool {
        if kind.needs.is_empty() {
            return kind.roles.iter().any(|role| roles.contains(role));
        }
        let makers = self.cast.iter().filter(|cast| kind.roles.contains(&cast.role));
        let mut makers = makers.filter(|cast| kind.needs.iter().any(|need| cast.does.contains(need)));
        makers.any(|cast| cast.meant(actor).next().is_some())
    }

    fn can_be_about(&self, about: About, subject: &str, actor: &str, roles: &[Role]) -> bool {
        let has = |actor| self.cast.iter().any(|cast| cast.has(about, subject, actor));
        // What is in a recording is not known here.
        let is_recordable = || subject.contains('*') || is_spelled_as_events_do(subject);
        match about {
            About::Anything => true,
            About::Nothing => is_glob_match(subject, ""),
            About::Client => self.roles(subject).iter().any(|role| *role != Role::Manager),
            About::Label | About::Changes | About::Enumeration | About::RouteList | About::Flag => has(actor),
            About::OwnRoute => {
                subject.is_empty() || has(actor) || (roles.contains(&Role::Peer) && is_recordable())
            }
            About::Route | About::Dest | About::Host => {
                subject.is_empty() || has("*") || (!self.feeds.is_empty() && is_recordable())
            }
        }
    }

    fn subject_help(&self, kinds: &[EventKind], subject: &str, actor: &str) -> String {
        let about = kinds[0].about[0];
        let owners = match about {
            About::Nothing => return "it has no subject: leave the parentheses out".to_owned(),
            About::OwnRoute | About::Route | About::Dest => match subject.parse::<Prefix>() {
                Ok(prefix) if prefix.to_string() != subject => {
                    return format!("write it as events do: `{prefix}`");
                }
                Err(error) if !subject.contains('*') => {
                    return format!("it is about destinations; `{subject}` is not a prefix: {error}");
                }
                Ok(_) | Err(_) if about == About::OwnRoute => actor,
                Ok(_) | Err(_) => "*",
            },
            About::Host | About::Client => "*",
            About::Label
            | About::Changes
            | About::Enumeration
            | About::RouteList
            | About::Flag
            | About::Anything => actor,
        };
        self.meant(subject, &[about], owners)
    }

    /// Returns the help for something that no event of these actors is about.
    fn meant(&self, subject: &str, abouts: &[About], actor: &str) -> String {
        let mut names: Vec<String> = Vec::new();
        for cast in &self.cast {
            for about in abouts {
                names.extend(cast.names(*about, actor).take(CANDIDATES_MAX));
            }
        }
        names.truncate(CANDIDATES_MAX);
        one_of_names(subject, names.iter().map(String::as_str))
    }

    fn subject_problem(&self, subject: &str, span: &Range<usize>, help: Help) -> Option<Diagnostic> {
        const ABOUTS: [About; 8] = [
            About::Label,
            About::Changes,
            About::Enumeration,
            About::RouteList,
            About::Flag,
            About::Client,
            About::Dest,
            About::Host,
        ];
        let mut abouts = ABOUTS.iter();
        // A snapshot takes the subject as it stands, also a `*`.
        if !subject.contains('*') && abouts.any(|about| self.can_be_about(*about, subject, "*", &[])) {
            return None;
        }
        let is_like_prefix =
            subject.split_once('/').is_some_and(|(address, _)| address.parse::<IpAddr>().is_ok());
        if let Some(error) = subject.parse::<Prefix>().err().filter(|_| is_like_prefix) {
            return Some(prefix_mistake(subject, error, span.clone(), "10.0.0.0/8"));
        }
        let message = format!("nothing in this scenario is about `{subject}`");
        Some(
            Diagnostic::error(code::IMPOSSIBLE, span.clone(), message)
                .help(help.or_nothing(|| self.meant(subject, &ABOUTS, "*"))),
        )
    }
}

impl Cast {
    /// Returns the names of one sort, as members of a name or pattern have them.
    fn names(&self, about: About, actor: &str) -> impl Iterator<Item = String> {
        let members = self.meant(actor);
        let is_client = about == About::Client;
        let clients = self.actors.iter().filter(move |_| is_client).map(|(name, _)| name.clone());
        let things = self.things.iter().filter(move |thing| thing.is_for(about));
        things.flat_map(move |thing| members.clone().map(|member| thing.of(member))).chain(clients)
    }
}

/// Is it a prefix or an address as events spell it?
fn is_spelled_as_events_do(text: &str) -> bool {
    let address = text.parse::<IpAddr>().map(|address| address.to_string());
    text.parse::<Prefix>().map(|prefix| prefix.to_string()).or(address).is_ok_and(|spelled| spelled == text)
}

/// Returns the help for a name that is not among those there are.
pub(crate) fn one_of_names<'a>(name: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    meant(name, names.clone(), move || {
        let mut names = names;
        let first: Vec<&str> = names.by_ref().take(8).collect();
        match (first.is_empty(), names.next().is_some()) {
            (true, _) => "there is nothing of the kind".to_owned(),
            (false, true) => format!("there are `{}`, …", first.join("`, `")),
            (false, false) => format!("there are `{}`", first.join("`, `")),
        }
    })
}
