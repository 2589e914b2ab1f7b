//! Network prefixes: an address and how many of its leading bits count.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

use crate::plan::Family;

/// A network prefix such as `10.0.0.0/8`: all bits below its length are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    /// The first address it covers.
    pub address: IpAddr,
    /// How many leading bits count: 0 to 32 (IPv4) or 0 to 128 (IPv6).
    pub len: u8,
}

impl Prefix {
    /// Returns the prefix of `len` bits that starts at `address`.
    ///
    /// # Errors
    /// If the length exceeds the family's or bits below it are set.
    pub fn new(address: IpAddr, len: u8) -> Result<Self, PrefixError> {
        let prefix = Self { address, len };
        if len > prefix.family().bits() {
            return Err(PrefixError::TooLong(prefix.family()));
        }
        let network = prefix.network();
        if network == address {
            Ok(prefix)
        } else {
            Err(PrefixError::HostBits(Self { address: network, len }))
        }
    }

    /// Returns the address family it belongs to.
    #[must_use]
    pub const fn family(self) -> Family {
        Family::of(self.address)
    }

    /// Returns the address with every bit below the length cleared.
    fn network(self) -> IpAddr {
        let host_bits = u32::from(self.family().bits().saturating_sub(self.len));
        match self.address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(host_bits).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
            }
        }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&format!("{}/{}", self.address, self.len))
    }
}

/// Why a text is not a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrefixError {
    /// There is no `/` in it.
    NoLength,
    /// The part before the `/` is not an address.
    NotAnAddress,
    /// The part after the `/` is not a number of bits.
    NotALength,
    /// The length exceeds the 32 or 128 bits of the family.
    TooLong(Family),
    /// Bits below the length are set; the prefix without them is given.
    HostBits(Prefix),
}

impl fmt::Display for PrefixError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLength => out.write_str("it has no length: write an address, `/`, and a number of bits"),
            Self::NotAnAddress => out.write_str("the part before the `/` is not an address"),
            Self::NotALength => out.write_str("the part after the `/` is not a number of bits"),
            Self::TooLong(family) => write!(out, "an {family} prefix has at most {} bits", family.bits()),
            Self::HostBits(network) => write!(out, "bits below its length are set; the network is {network}"),
        }
    }
}

impl core::error::Error for PrefixError {}

impl FromStr for Prefix {
    type Err = PrefixError;

    /// Reads `10.0.0.0/8` or `2001:db8::/32`.
    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let (address, len) = text.split_once('/').ok_or(PrefixError::NoLength)?;
        let address: IpAddr = address.parse().map_err(|_| PrefixError::NotAnAddress)?;
        if len.is_empty() || len.len() > 3 || !len.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PrefixError::NotALength);
        }
        let len = len.parse().map_err(|_| PrefixError::TooLong(Family::of(address)))?;
        Self::new(address, len)
    }
}

/// How a destination is written that is whichever has changed.
pub(crate) const CHANGED: &str = "changed";

/// A destination that an action or a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dest {
    /// This one.
    Prefix(Prefix),
    /// Whichever has changed: within the actions that a `Drain` does for each.
    Changed,
}

impl From<Prefix> for Dest {
    fn from(prefix: Prefix) -> Self {
        Self::Prefix(prefix)
    }
}

impl fmt::Display for Dest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix(prefix) => prefix.fmt(out),
            Self::Changed => out.pad(CHANGED),
        }
    }
}

impl FromStr for Dest {
    type Err = PrefixError;

    /// Reads a prefix or `changed`.
    fn from_str(text: &str) -> Result<Self, PrefixError> {
        if text == CHANGED { Ok(Self::Changed) } else { text.parse().map(Self::Prefix) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let found = text.parse::<Prefix>();
        assert_eq!(
            found.map(|p| p.to_string()).map_err(|e| e.to_string()),
            expected.map(Into::into).map_err(Into::into)
        );
    }

    #[test]
    fn prefixes_are_read_and_written_as_people_write_them() {
        check("10.0.0.0/8", Ok("10.0.0.0/8"));
        check("0.0.0.0/0", Ok("0.0.0.0/0"));
        check("192.0.2.1/32", Ok("192.0.2.1/32"));
        check("2001:DB8::/32", Ok("2001:db8::/32"));
        check("::/0", Ok("::/0"));
    }

    #[test]
    fn what_is_no_prefix_says_why() {
        check("10.0.0.0", Err("it has no length: write an address, `/`, and a number of bits"));
        check("10.0.0/8", Err("the part before the `/` is not an address"));
        check("10.0.0.0/", Err("the part after the `/` is not a number of bits"));
        check("10.0.0.0/+8", Err("the part after the `/` is not a number of bits"));
        check("10.0.0.0/33", Err("an ipv4 prefix has at most 32 bits"));
        check("10.0.0.0/999", Err("an ipv4 prefix has at most 32 bits"));
        check("::/129", Err("an ipv6 prefix has at most 128 bits"));
        check("10.1.0.0/8", Err("bits below its length are set; the network is 10.0.0.0/8"));
        check("2001:db8::1/32", Err("bits below its length are set; the network is 2001:db8::/32"));
    }
}
