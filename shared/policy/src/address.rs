//! Sets of IP addresses: what a rule reaches, what is allowed, and what is left when one is taken from the other.
//!
//! Both families live side by side and never mix; the arithmetic is `range-set-blaze`'s, over whole address ranges.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};
use range_set_blaze::{Integer, RangeSetBlaze};

use crate::network::Cidr;

/// A set of IPv4 and IPv6 addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressSet {
    v4: RangeSetBlaze<Ipv4Addr>,
    v6: RangeSetBlaze<Ipv6Addr>,
}

impl AddressSet {
    /// Whether no address is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// The addresses of this set that are not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.without(other).unwrap_or_else(|| self.clone())
    }

    /// The addresses of this set that are not in the other; `None` where the two have nothing in common.
    #[must_use]
    pub fn without(&self, other: &Self) -> Option<Self> {
        self.touches(other).then(|| Self {
            v4: filled(self.v4.ranges() - other.v4.ranges()),
            v6: filled(self.v6.ranges() - other.v6.ranges()),
        })
    }

    /// The addresses that are in both.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        Self {
            v4: shared(&self.v4, &other.v4),
            v6: shared(&self.v6, &other.v6),
        }
    }

    /// Whether any address is in both; cheaper than making a set of them.
    #[must_use]
    pub fn touches(&self, other: &Self) -> bool {
        overlap(&self.v4, &other.v4) || overlap(&self.v6, &other.v6)
    }

    /// The addresses that are in either.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.add(other);
        both
    }

    /// Takes in the addresses of another set.
    pub fn add(&mut self, other: &Self) {
        fill(&mut self.v4, other.v4.ranges());
        for range in other.v6.ranges() {
            take_in(&mut self.v6, range);
        }
    }

    /// Whether every address of the other set is in this one.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.v4.is_subset(&self.v4) && other.v6.is_subset(&self.v6)
    }

    /// Whether every IPv4 address of the other set is in this one, or every IPv6 address of it.
    #[must_use]
    pub fn covers_a_family_of(&self, other: &Self) -> bool {
        other.v4.is_subset(&self.v4) || other.v6.is_subset(&self.v6)
    }

    /// Whether an address is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.v4.contains(address),
            IpAddr::V6(address) => self.v6.contains(address),
        }
    }

    /// Whether every address of a block is in it; cheaper than making a set of the block.
    #[must_use]
    pub fn holds(&self, cidr: Cidr) -> bool {
        match cidr.net() {
            IpNet::V4(net) => {
                let mut ranges = up_to(&self.v4, net.network());
                ranges.any(|range| net.broadcast() <= *range.end())
            }
            IpNet::V6(net) => {
                let mut ranges = up_to(&self.v6, net.network());
                ranges.any(|range| net.broadcast() <= *range.end())
            }
        }
    }

    /// Whether any address of a block is in it; cheaper than making a set of the block.
    #[must_use]
    pub fn meets(&self, cidr: Cidr) -> bool {
        match cidr.net() {
            IpNet::V4(net) => {
                let mut ranges = up_to(&self.v4, net.broadcast());
                ranges.any(|range| net.network() <= *range.end())
            }
            IpNet::V6(net) => {
                let mut ranges = up_to(&self.v6, net.broadcast());
                ranges.any(|range| net.network() <= *range.end())
            }
        }
    }

    /// The fewest CIDR blocks that hold just these addresses, IPv4 first, in ascending order.
    #[must_use]
    pub fn to_cidrs(&self) -> Vec<Cidr> {
        self.cidrs().collect()
    }

    /// The blocks of [`to_cidrs`](Self::to_cidrs), one by one.
    pub fn cidrs(&self) -> impl Iterator<Item = Cidr> {
        let v4 = self
            .v4
            .ranges()
            .flat_map(|range| Ipv4Subnets::new(*range.start(), *range.end(), 0))
            .map(IpNet::V4);
        let v6 = self
            .v6
            .ranges()
            .flat_map(|range| Ipv6Subnets::new(*range.start(), *range.end(), 0))
            .map(IpNet::V6);
        v4.chain(v6).map(Cidr::new)
    }
}

/// What is in both sets. Most sets that are compared here have nothing in common.
fn shared<T: Integer>(one: &RangeSetBlaze<T>, two: &RangeSetBlaze<T>) -> RangeSetBlaze<T> {
    if overlap(one, two) {
        filled(one.ranges() & two.ranges())
    } else {
        RangeSetBlaze::new()
    }
}

/// A set of these ranges.
fn filled<T: Integer>(ranges: impl Iterator<Item = RangeInclusive<T>>) -> RangeSetBlaze<T> {
    let mut set = RangeSetBlaze::new();
    fill(&mut set, ranges);
    set
}

/// Takes in these ranges one by one; see [`ordered`](crate::ordered) for why.
fn fill<T: Integer>(set: &mut RangeSetBlaze<T>, ranges: impl Iterator<Item = RangeInclusive<T>>) {
    for range in ranges {
        set.ranges_insert(range);
    }
}

/// Takes in a range of IPv6 as those parts of it that are not there yet.
///
/// A range that is taken in whole is counted before what it swallows is taken off, and where that sum exceeds all
/// addresses that there are, `range-set-blaze` panics: `::/1` and `fd00::/8`, and then `8000::/1`.
fn take_in(set: &mut RangeSetBlaze<Ipv6Addr>, range: RangeInclusive<Ipv6Addr>) {
    let one = filled([range].into_iter());
    let new = if overlap(&one, set) {
        filled(one.ranges() - set.ranges())
    } else {
        one
    };
    fill(set, new.ranges());
}

/// The ranges that do not begin after an address; they are in ascending order.
fn up_to<T: Integer>(set: &RangeSetBlaze<T>, address: T) -> impl Iterator<Item = RangeInclusive<T>> {
    set.ranges().take_while(move |range| *range.start() <= address)
}

/// Whether two sets have anything in common: one walk along both.
fn overlap<T: Integer>(one: &RangeSetBlaze<T>, two: &RangeSetBlaze<T>) -> bool {
    let (mut ones, mut twos) = (one.ranges(), two.ranges());
    let (mut left, mut right) = (ones.next(), twos.next());
    while let (Some(a), Some(b)) = (&left, &right) {
        if a.end() < b.start() {
            left = ones.next();
        } else if b.end() < a.start() {
            right = twos.next();
        } else {
            return true;
        }
    }
    false
}

impl From<Cidr> for AddressSet {
    fn from(cidr: Cidr) -> Self {
        [cidr].into_iter().collect()
    }
}

impl FromIterator<Cidr> for AddressSet {
    fn from_iter<T: IntoIterator<Item = Cidr>>(cidrs: T) -> Self {
        let mut set = Self::default();
        for cidr in cidrs {
            match cidr.net() {
                IpNet::V4(net) => drop(set.v4.ranges_insert(net.network()..=net.broadcast())),
                IpNet::V6(net) => take_in(&mut set.v6, net.network()..=net.broadcast()),
            }
        }
        set
    }
}

impl<'a> FromIterator<&'a Cidr> for AddressSet {
    fn from_iter<T: IntoIterator<Item = &'a Cidr>>(cidrs: T) -> Self {
        cidrs.into_iter().copied().collect()
    }
}

/// Every address of both families.
pub static EVERYWHERE: LazyLock<AddressSet> = LazyLock::new(|| parsed(&["0.0.0.0/0", "::/0"]));

/// Addresses that no router forwards: link-local, loopback, multicast and limited broadcast.
///
/// An egress rule to them opens no way out; CDK writes `255.255.255.255/32` to mean "nothing at all".
pub static NEVER_FORWARDED: LazyLock<AddressSet> = LazyLock::new(|| {
    parsed(&[
        "127.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/4",
        "255.255.255.255/32",
        "::1/128",
        "fe80::/10",
        "ff00::/8",
    ])
});

/// Addresses that the internet routes: all but those which IANA's special-purpose registries call not globally reachable.
///
/// Source: the IANA IPv4 and IPv6 special-purpose address registries (RFC 6890 and its updates). Of IPv6 only global
/// unicast (`2000::/3`) and the translation prefix `64:ff9b::/96`, behind which lies the IPv4 internet, are routed.
pub static INTERNET: LazyLock<AddressSet> = LazyLock::new(|| {
    let routed = parsed(&["0.0.0.0/0", "2000::/3", "64:ff9b::/96"]);
    routed.minus(&parsed(&[
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001:db8::/32",
        "3fff::/20",
        "2001:2::/48",
        "2001:10::/28",
    ]))
});

/// A fixed table of blocks; one that does not parse would be left out, which `every_fixed_block_parses` rules out.
fn parsed(blocks: &[&str]) -> AddressSet {
    blocks.iter().filter_map(|block| block.parse::<Cidr>().ok()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(blocks: &[&str]) -> AddressSet {
        blocks.iter().map(|block| block.parse::<Cidr>().unwrap()).collect()
    }

    /// Blocks crowded into a small space, so that they overlap, touch and contain one another.
    fn crowded() -> impl Strategy<Value = Vec<Cidr>> {
        let v4 = (0u8..4, 0u8..=255, 22u8..=32).prop_map(|(c, d, len)| format!("10.0.{c}.{d}/{len}"));
        let v6 = (0u16..=1023, 118u8..=128).prop_map(|(d, len)| format!("fd00::{d:x}/{len}"));
        let huge = prop::sample::select(vec!["::/0", "::/1", "8000::/1", "fc00::/7", "0.0.0.0/0", "0.0.0.0/1"]);
        let huge = huge.prop_map(ToOwned::to_owned);
        let blocks = prop_oneof![2 => v4, 2 => v6, 1 => huge];
        prop::collection::vec(blocks.prop_map(|text| text.parse().unwrap()), 0..6)
    }

    fn addresses() -> impl Strategy<Value = IpAddr> {
        prop_oneof![
            (0u8..4, any::<u8>()).prop_map(|(c, d)| IpAddr::V4(Ipv4Addr::new(10, 0, c, d))),
            (0u16..=1023).prop_map(|d| IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, d))),
        ]
    }

    /// The naive check: is the address in any of the blocks?
    fn in_any(blocks: &[Cidr], address: IpAddr) -> bool {
        blocks.iter().any(|block| block.net().contains(&address))
    }

    proptest! {
        #[test]
        fn arithmetic_agrees_with_a_naive_check_of_single_addresses(a in crowded(), b in crowded(), address in addresses()) {
            let (set_a, set_b): (AddressSet, AddressSet) = (a.iter().collect(), b.iter().collect());
            let (in_a, in_b) = (in_any(&a, address), in_any(&b, address));
            prop_assert_eq!(set_a.contains(address), in_a);
            prop_assert_eq!(set_a.minus(&set_b).contains(address), in_a && !in_b);
            prop_assert_eq!(set_a.within(&set_b).contains(address), in_a && in_b);
            prop_assert_eq!(set_a.and(&set_b).contains(address), in_a || in_b);
            prop_assert_eq!(set_a.touches(&set_b), !set_a.within(&set_b).is_empty());
            let mut added = set_a.clone();
            added.add(&set_b);
            prop_assert_eq!(added, set_a.and(&set_b));
            prop_assert_eq!(in_any(&set_a.minus(&set_b).to_cidrs(), address), in_a && !in_b);
            prop_assert_eq!(set_a.covers(&set_b), set_b.minus(&set_a).is_empty());
            for block in b {
                prop_assert_eq!(set_a.holds(block), set_a.covers(&block.into()));
                prop_assert_eq!(set_a.meets(block), !set_a.within(&block.into()).is_empty());
            }
        }
    }

    #[test]
    fn the_ends_of_both_families_do_not_overflow() {
        let rest = EVERYWHERE.minus(&set(&["0.0.0.0/32", "255.255.255.255/32", "::/128"]));
        assert!(!rest.contains("0.0.0.0".parse().unwrap()) && rest.contains("255.255.255.254".parse().unwrap()));
        assert!(rest.contains("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff".parse().unwrap()));
        assert_eq!(
            EVERYWHERE.to_cidrs(),
            ["0.0.0.0/0", "::/0"].map(|block| block.parse().unwrap())
        );
    }

    #[test]
    fn blocks_that_hold_one_another_do_not_overflow_in_any_order() {
        for blocks in [
            ["fd00::/8", "::/0", "::/1"],
            ["::/1", "fd00::/8", "8000::/1"],
            ["8000::/1", "::/1", "::/0"],
        ] {
            assert_eq!(set(&blocks), set(&["::/0"]), "{blocks:?}");
            let [one, two, three] = blocks.map(|block| set(&[block]));
            assert_eq!(one.and(&two).and(&three), set(&["::/0"]), "{blocks:?}");
        }
    }

    #[test]
    fn the_internet_is_what_routers_forward_and_nothing_private() {
        for routed in [
            "8.8.8.8",
            "1.1.1.1",
            "52.218.0.1",
            "172.32.0.1",
            "100.128.0.1",
            "2600:1f00::1",
            "64:ff9b::808:808",
        ] {
            assert!(INTERNET.contains(routed.parse().unwrap()), "{routed}");
        }
        for private in [
            "10.1.2.3",
            "172.31.255.255",
            "192.168.0.1",
            "100.64.0.1",
            "169.254.169.254",
            "203.0.113.9",
            "fd00::1",
            "fe80::1",
            "::1",
            "255.255.255.255",
        ] {
            assert!(!INTERNET.contains(private.parse().unwrap()), "{private}");
        }
    }

    #[test]
    fn every_fixed_block_parses() {
        assert_eq!(NEVER_FORWARDED.to_cidrs().len(), 7);
        assert!(INTERNET.within(&NEVER_FORWARDED).is_empty());
        assert!(!INTERNET.contains("2001:db8::1".parse().unwrap()) && !INTERNET.contains("3fff::1".parse().unwrap()));
        assert!(
            !INTERNET.contains("198.19.255.255".parse().unwrap()) && !INTERNET.contains("240.0.0.1".parse().unwrap())
        );
    }
}
