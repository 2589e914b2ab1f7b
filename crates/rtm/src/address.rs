//! Network addresses: a family, left-aligned bits and a prefix length.
//!
//! The one place that knows how people write addresses. Everything else compares, masks and prints them through
//! here.

use core::error::Error;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

/// One of the two address families the manager serves; each has its own table in every instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressFamily {
    /// `AF_INET`.
    Ipv4,
    /// `AF_INET6`.
    Ipv6,
}

impl AddressFamily {
    /// Returns the documented number of the family: 2 or 23.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::Ipv4 => 2,
            Self::Ipv6 => 23,
        }
    }

    /// Returns how many bits an address of the family has: 32 or 128.
    #[must_use]
    pub const fn width(self) -> u8 {
        match self {
            Self::Ipv4 => 32,
            Self::Ipv6 => 128,
        }
    }
}

impl fmt::Display for AddressFamily {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
        })
    }
}

/// A network prefix: family, left-aligned bits, prefix length (`RTM_NET_ADDRESS`).
///
/// Orders as a routing table is read: by family, then bits, then length, so that a prefix comes before what it
/// covers. Prints as people write it, `10.0.0.0/8` or `2001:db8::/32`; a host keeps its `/32` or `/128`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NetAddress {
    family: AddressFamily,
    // Four quarters, the highest first, and not a u128, whose alignment would cost twelve bytes in every destination.
    quarters: [u32; 4],
    len: u8,
}

impl NetAddress {
    /// Makes a prefix of left-aligned `bits`.
    ///
    /// # Errors
    /// [`AddressError::LengthTooLong`] if `len` exceeds the width of the family, [`AddressError::HostBits`] if a bit
    /// below the prefix is set.
    pub const fn new(family: AddressFamily, bits: u128, len: u8) -> Result<Self, AddressError> {
        let address = Self::from_raw(family, bits, len);
        match address.check() {
            Ok(()) => Ok(address),
            Err(error) => Err(error),
        }
    }

    /// Makes an address out of what a careless client would hand over, unchecked.
    ///
    /// The manager refuses such an address, or clears its host bits if the profile is lenient (D-32).
    #[must_use]
    pub const fn from_raw(family: AddressFamily, bits: u128, len: u8) -> Self {
        Self { family, quarters: quarters(bits), len }
    }

    /// Makes a prefix of an address as `core::net` knows it.
    ///
    /// # Errors
    /// As [`NetAddress::new`].
    pub const fn from_ip(address: IpAddr, len: u8) -> Result<Self, AddressError> {
        match address {
            IpAddr::V4(v4) => Self::new(AddressFamily::Ipv4, (v4.to_bits() as u128) << 96, len),
            IpAddr::V6(v6) => Self::new(AddressFamily::Ipv6, v6.to_bits(), len),
        }
    }

    /// Makes the prefix that holds one address only (/32 or /128).
    #[must_use]
    pub const fn host(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self::from_raw(AddressFamily::Ipv4, (v4.to_bits() as u128) << 96, 32),
            IpAddr::V6(v6) => Self::from_raw(AddressFamily::Ipv6, v6.to_bits(), 128),
        }
    }

    /// Returns the family.
    #[must_use]
    pub const fn family(self) -> AddressFamily {
        self.family
    }

    /// Returns the bits, left-aligned in 128 for both families.
    #[must_use]
    pub const fn bits(self) -> u128 {
        let [first, second, third, fourth] = self.quarters;
        let high = ((first as u64) << 32) | second as u64;
        let low = ((third as u64) << 32) | fourth as u64;
        ((high as u128) << 64) | low as u128
    }

    /// Returns the prefix length in bits.
    #[must_use]
    pub const fn prefix_len(self) -> u8 {
        self.len
    }

    /// Tells whether a bit below the prefix is set.
    pub(crate) const fn has_host_bits(self) -> bool {
        self.bits() & !mask(self.len) != 0
    }

    /// Checks that length and bits agree with each other and with the family.
    ///
    /// # Errors
    /// As [`NetAddress::new`].
    pub const fn check(self) -> Result<(), AddressError> {
        if self.len > self.family.width() {
            return Err(AddressError::LengthTooLong(self.family));
        }
        if self.has_host_bits() {
            return Err(AddressError::HostBits { would_be_right: self.truncated(self.len) });
        }
        Ok(())
    }

    /// Returns the address cut to its first `len` bits, as a prefix of that length, which is not checked.
    #[must_use]
    pub const fn truncated(self, len: u8) -> Self {
        Self::from_raw(self.family, self.bits() & mask(len), len)
    }

    /// Whether every address of `other` lies in this prefix.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self.family == other.family && self.len <= other.len && other.bits() & mask(self.len) == self.bits()
    }

    /// Returns the address without its length.
    #[must_use]
    pub const fn ip(self) -> IpAddr {
        match self.family {
            AddressFamily::Ipv4 => IpAddr::V4(Ipv4Addr::from_bits(self.quarters[0])),
            AddressFamily::Ipv6 => IpAddr::V6(Ipv6Addr::from_bits(self.bits())),
        }
    }

    /// Returns what prints the address without its length, as one writes a next hop.
    #[must_use]
    pub const fn bare(self) -> BareAddress {
        BareAddress(self)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "splits 128 bits into four, on purpose")]
const fn quarters(bits: u128) -> [u32; 4] {
    [(bits >> 96) as u32, (bits >> 64) as u32, (bits >> 32) as u32, bits as u32]
}

/// Returns a mask of `len` leading ones; lengths of 128 and more give all ones.
const fn mask(len: u8) -> u128 {
    match len {
        0 => 0,
        1..=127 => u128::MAX << (128 - len),
        128..=u8::MAX => u128::MAX,
    }
}

/// By its bits in two halves, never in one word of 128 bits: that is how a handle is told ([`Naming`](crate::Naming)).
impl Hash for NetAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.family.hash(state);
        let [first, second, third, fourth] = self.quarters.map(u64::from);
        state.write_u64(first << 32 | second);
        state.write_u64(third << 32 | fourth);
        state.write_u8(self.len);
    }
}

impl fmt::Display for NetAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.ip(), self.len)
    }
}

impl fmt::Debug for NetAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// An address that prints without its prefix length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BareAddress(NetAddress);

impl fmt::Display for BareAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.ip(), formatter)
    }
}

impl FromStr for NetAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (address, len) = text.split_once('/').ok_or(AddressError::NoLength)?;
        let address = address.parse::<IpAddr>().map_err(|_| AddressError::NotAnAddress)?;
        if len.is_empty() || !len.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(AddressError::BadLength);
        }
        // A number that does not fit is longer than any address.
        Self::from_ip(address, len.parse().unwrap_or(u8::MAX))
    }
}

/// Why something is not a network address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// The part before the slash is neither an IPv4 nor an IPv6 address.
    NotAnAddress,
    /// There is no slash and prefix length.
    NoLength,
    /// The part behind the slash is not a number.
    BadLength,
    /// The prefix is longer than an address of the family.
    LengthTooLong(AddressFamily),
    /// A bit below the prefix is set.
    HostBits {
        /// The same prefix with these bits cleared.
        would_be_right: NetAddress,
    },
}

impl fmt::Display for AddressError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnAddress => formatter.write_str("the part before the `/` is not an address"),
            Self::NoLength => {
                formatter.write_str("it has no length: write an address, `/`, and a number of bits")
            }
            Self::BadLength => formatter.write_str("the part after the `/` is not a number of bits"),
            Self::LengthTooLong(family) => {
                write!(formatter, "an {family} prefix has at most {} bits", family.width())
            }
            Self::HostBits { would_be_right } => {
                write!(formatter, "bits below its length are set; the network is {would_be_right}")
            }
        }
    }
}

impl Error for AddressError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn check(text: &str, expected: Result<&str, &str>) {
        let printed = text.parse::<NetAddress>().map(|address| address.to_string());
        assert_eq!(
            printed.map_err(|error| error.to_string()),
            expected.map(Into::into).map_err(Into::into),
            "{text}"
        );
    }

    #[test]
    fn addresses_print_as_people_write_them() {
        check("10.0.0.0/8", Ok("10.0.0.0/8"));
        check("0.0.0.0/0", Ok("0.0.0.0/0"));
        check("192.0.2.1/32", Ok("192.0.2.1/32"));
        check("2001:0DB8:0::/32", Ok("2001:db8::/32"));
        check("::/0", Ok("::/0"));
        check("2001:db8:0:0:1:0:0:1/128", Ok("2001:db8::1:0:0:1/128"));
    }

    #[test]
    fn what_is_not_a_prefix_says_why() {
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

    #[test]
    fn a_prefix_covers_itself_and_what_lies_in_it() {
        let of = |text: &str| text.parse::<NetAddress>().unwrap();
        assert!(of("0.0.0.0/0").covers(of("10.0.0.0/8")));
        assert!(of("10.0.0.0/8").covers(of("10.0.0.0/8")));
        assert!(of("10.0.0.0/8").covers(of("10.255.255.255/32")));
        assert!(!of("10.0.0.0/8").covers(of("11.0.0.0/8")));
        assert!(!of("10.0.0.0/9").covers(of("10.0.0.0/8")));
        assert!(!of("0.0.0.0/0").covers(of("::/0")));
        assert!(of("10.0.0.0/8") < of("10.0.0.0/9"));
        assert_eq!(of("192.0.2.1/32").bare().to_string(), "192.0.2.1");
    }
}
