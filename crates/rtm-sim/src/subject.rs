//! What events and facts of the routing world are about.

use core::fmt;

use tiebreak::kernel::{TextHasher, fold};
use tiebreak::{Names, Subject as SubjectTrait, Symbol};
use tiebreak_rtm::{AddressFamily, NetAddress};

/// A destination, something with a name (a client, a label, a registration), or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Nothing.
    None,
    /// A network prefix, written `10.0.0.0/8`.
    Dest(NetAddress),
    /// A single address, written without its length: `192.0.2.1`.
    Host(NetAddress),
    /// A name.
    Name(Symbol),
    /// The label of one time of a repeated step.
    Time(TimeLabel),
}

/// The label of one time of a repeated step: that of the first time with another number behind its last `#`, `tick#7`. It is not
/// interned, and no other event of its client has it: so a step takes no more room the more often it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeLabel {
    /// The label of the first time.
    first: Symbol,
    number: u64,
    /// The code of the text, worked out once.
    code: u64,
}

impl TimeLabel {
    /// The label with this number, of a repeated step whose first time has the label `first`.
    pub(crate) fn new(names: &Names, first: Symbol, number: u64) -> Self {
        let (mut label, mut hasher) = (Self { first, number, code: 0 }, TextHasher::new());
        let written = label.write(names, &mut hasher);
        assert!(written.is_ok(), "hashing does not fail");
        label.code = hasher.finish();
        label
    }

    fn write(&self, names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        let first = names.text(self.first);
        let stem = first.rsplit_once('#').map_or(first, |(stem, _)| stem);
        write!(out, "{stem}#{}", self.number)
    }
}

/// Sets apart what could otherwise have equal codes; part of the format.
const DEST_V4: u64 = 0x44 << 56;
const DEST_V6: u64 = 0x46;
const HOST: u64 = 0x48;

/// The code of a prefix: IPv4 fits as it is, IPv6 is hashed.
fn prefix_code(address: NetAddress) -> u64 {
    let bits = address.bits();
    let len = u64::from(address.prefix_len());
    match address.family() {
        AddressFamily::Ipv4 => DEST_V4 | len << 32 | u64::try_from(bits >> 96).unwrap_or(0),
        AddressFamily::Ipv6 => {
            let halves =
                [bits >> 64, bits & u128::from(u64::MAX)].map(|half| u64::try_from(half).unwrap_or(0));
            fold(fold(fold(DEST_V6, len), halves[0]), halves[1])
        }
    }
}

impl SubjectTrait for Subject {
    fn code(&self, names: &Names) -> u64 {
        match self {
            Self::None => 0,
            Self::Dest(address) => prefix_code(*address),
            Self::Host(address) => fold(HOST, prefix_code(*address)),
            Self::Name(name) => names.code(*name),
            Self::Time(label) => label.code,
        }
    }

    fn write(&self, names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Dest(address) => write!(out, "{address}"),
            Self::Host(address) => write!(out, "{}", address.bare()),
            Self::Name(name) => out.write_str(names.text(*name)),
            Self::Time(label) => label.write(names, out),
        }
    }

    fn is_of_one_event(&self) -> bool {
        matches!(self, Self::Time(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn codes_are_pinned_and_apart() {
        let names = Names::default();
        let dest = |text: &str| Subject::Dest(text.parse().unwrap()).code(&names);
        assert_eq!(dest("10.0.0.0/8"), 0x4400_0008_0A00_0000);
        assert_eq!(dest("2001:db8::/32"), 0x210D_0F74_5AF8_F95A);
        assert_ne!(dest("10.0.0.0/8"), dest("10.0.0.0/9"));
        let host = Subject::Host("10.0.0.0/8".parse().unwrap()).code(&names);
        assert_ne!(host, dest("10.0.0.0/8"));
        assert_eq!(Subject::None.code(&names), 0);
    }

    #[test]
    fn the_label_of_a_time_has_the_code_and_the_text_of_an_interned_one() {
        let mut names = Names::default();
        for (first, number, expected) in
            [("tick#1", 7, "tick#7"), ("a#b#2", 10, "a#b#10"), ("#1", u64::MAX, "#18446744073709551615")]
        {
            let first = names.try_intern_label(first).unwrap();
            let time = Subject::Time(TimeLabel::new(&names, first, number));
            let interned = Subject::Name(names.try_intern_label(expected).unwrap());
            assert_eq!(time.code(&names), interned.code(&names));
            let mut text = String::new();
            time.write(&names, &mut text).unwrap();
            assert_eq!(text, expected);
            assert!(time.is_of_one_event() && !interned.is_of_one_event());
        }
    }
}
