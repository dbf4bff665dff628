//! The network's vocabulary: addresses, protocols, ports, and what one security-group rule permits.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize, Serializer};

use crate::id::{AccountId, PrefixListId, SecurityGroupId};

/// An IPv4 or IPv6 block in canonical form: host bits are cleared, as AWS clears them when it stores a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Cidr(IpNet);

/// A text that is not a CIDR block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a CIDR block: write an address, a slash and a prefix length, like `10.0.0.0/8` or `fd00::/8`")]
pub struct CidrError(String);

/// How long `255.255.255.255/32` is.
const LONGEST_IPV4_BLOCK: usize = 18;

impl Cidr {
    /// The block around a network, host bits cleared.
    #[must_use]
    pub fn new(net: IpNet) -> Self {
        Self(net.trunc())
    }

    /// The canonical network.
    #[must_use]
    pub fn net(self) -> IpNet {
        self.0
    }

    /// Whether this is an IPv6 block.
    #[must_use]
    pub fn is_ipv6(self) -> bool {
        matches!(self.0, IpNet::V6(_))
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, CidrError> {
        text.parse::<IpNet>()
            .map(Self::new)
            .map_err(|_| CidrError(text.chars().take(80).collect()))
    }
}

impl TryFrom<String> for Cidr {
    type Error = CidrError;

    fn try_from(text: String) -> Result<Self, CidrError> {
        text.parse()
    }
}

impl Serialize for Cidr {
    /// As a whole: of what comes in pieces, each is looked through for itself.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(LONGEST_IPV4_BLOCK);
        write!(text, "{self}").map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpNet::V4(net) => {
                let [a, b, c, d] = net.addr().octets();
                for (number, end) in [(a, '.'), (b, '.'), (c, '.'), (d, '/')] {
                    write_decimal(f, number)?;
                    f.write_char(end)?;
                }
                write_decimal(f, net.prefix_len())
            }
            IpNet::V6(net) => net.fmt(f),
        }
    }
}

/// Writes a number digit by digit: no text of a decision is made as often as that of a block, and five numbers in the
/// usual way take several times as long.
fn write_decimal(f: &mut fmt::Formatter<'_>, number: u8) -> fmt::Result {
    let mut digit = |digit| f.write_char(char::from(b'0' + digit));
    if number >= 100 {
        digit(number / 100)?;
    }
    if number >= 10 {
        digit(number / 10 % 10)?;
    }
    digit(number % 10)
}

impl schemars::JsonSchema for Cidr {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cidr".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "an IPv4 or IPv6 CIDR block", "examples": ["10.0.0.0/8", "fd00::/8"] })
    }
}

/// The protocol of a rule, as EC2 names or numbers it (`-1` is every protocol).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub enum Protocol {
    /// `-1`: every protocol and every port.
    All,
    /// `tcp`, or `6`.
    Tcp,
    /// `udp`, or `17`.
    Udp,
    /// `icmp`, or `1`; its ports are the ICMP type and code.
    Icmp,
    /// `icmpv6`, or `58`; its ports are the ICMP type and code.
    Icmpv6,
    /// Any other, by its IANA number.
    Number(u8),
}

/// A text that is neither a protocol's name nor its number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a protocol: write `tcp`, `udp`, `icmp`, `icmpv6`, a number from 0 to 255, or `-1` for all")]
pub struct ProtocolError(String);

impl FromStr for Protocol {
    type Err = ProtocolError;

    fn from_str(text: &str) -> Result<Self, ProtocolError> {
        match text.to_ascii_lowercase().as_str() {
            "-1" | "all" => Ok(Self::All),
            "tcp" | "6" => Ok(Self::Tcp),
            "udp" | "17" => Ok(Self::Udp),
            "icmp" | "1" => Ok(Self::Icmp),
            "icmpv6" | "58" => Ok(Self::Icmpv6),
            other => other
                .parse()
                .map(Self::Number)
                .map_err(|_| ProtocolError(text.chars().take(80).collect())),
        }
    }
}

impl TryFrom<String> for Protocol {
    type Error = ProtocolError;

    fn try_from(text: String) -> Result<Self, ProtocolError> {
        text.parse()
    }
}

impl Serialize for Protocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("-1"),
            Self::Tcp => f.write_str("tcp"),
            Self::Udp => f.write_str("udp"),
            Self::Icmp => f.write_str("icmp"),
            Self::Icmpv6 => f.write_str("icmpv6"),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// The ports of a rule as EC2 keeps them: `fromPort` and `toPort`, for ICMP the type and code; `-1` is any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ports {
    /// The first port, or the ICMP type.
    pub from: i32,
    /// The last port, or the ICMP code.
    pub to: i32,
}

impl Ports {
    /// Every port: what EC2 answers for protocol `-1`.
    pub const ALL: Self = Self { from: -1, to: -1 };
    /// 443 alone, on which every AWS service answers.
    pub const HTTPS: Self = Self { from: 443, to: 443 };

    /// Whether a TCP or UDP port is among them.
    #[must_use]
    pub fn contains(self, port: u16) -> bool {
        self == Self::ALL || (self.from..=self.to).contains(&i32::from(port))
    }
}

/// Protocol and ports together: which packets a rule speaks of, whoever they go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Traffic {
    /// The protocol.
    pub protocol: Protocol,
    /// The ports, or ICMP type and code.
    #[serde(flatten)]
    pub ports: Ports,
}

impl Traffic {
    /// Every packet.
    pub const ALL: Self = Self {
        protocol: Protocol::All,
        ports: Ports::ALL,
    };
    /// TCP to port 443.
    pub const HTTPS: Self = Self {
        protocol: Protocol::Tcp,
        ports: Ports::HTTPS,
    };

    /// Protocol and ports as EC2 would store them: protocol `-1` always means every port, whatever was sent.
    #[must_use]
    pub fn new(protocol: Protocol, from: Option<i32>, to: Option<i32>) -> Self {
        let ports = match protocol {
            Protocol::All => Ports::ALL,
            _ => Ports {
                from: from.unwrap_or(-1),
                to: to.or(from).unwrap_or(-1),
            },
        };
        Self { protocol, ports }
    }

    /// Whether TCP to a port is among it.
    #[must_use]
    pub fn covers_tcp(self, port: u16) -> bool {
        match self.protocol {
            Protocol::All => true,
            Protocol::Tcp => self.ports.contains(port),
            _ => false,
        }
    }
}

impl fmt::Display for Traffic {
    /// As people say it: `all traffic`, `tcp/443`, `udp/1024-2048`, `icmp`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.protocol, self.ports) {
            (Protocol::All, _) => f.write_str("all traffic"),
            (protocol, Ports::ALL) => write!(f, "{protocol}"),
            (protocol @ (Protocol::Icmp | Protocol::Icmpv6), Ports { from, to: -1 }) => {
                write!(f, "{protocol} type {from}")
            }
            (protocol @ (Protocol::Icmp | Protocol::Icmpv6), Ports { from, to }) => {
                write!(f, "{protocol} type {from} code {to}")
            }
            (protocol, Ports { from, to }) if from == to => write!(f, "{protocol}/{from}"),
            (protocol, Ports { from, to }) => write!(f, "{protocol}/{from}-{to}"),
        }
    }
}

/// The other end of a rule: where egress may go, or whence ingress may come.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Peer {
    /// A block of addresses.
    Cidr(Cidr),
    /// Whatever a managed prefix list holds, now and later.
    PrefixList(PrefixListId),
    /// The members of a security group, here or in a peered VPC.
    Group {
        /// The group referred to.
        id: SecurityGroupId,
        /// The account it belongs to, where AWS says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<AccountId>,
    },
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cidr(cidr) => cidr.fmt(f),
            Self::PrefixList(id) => id.fmt(f),
            Self::Group { id, .. } => id.fmt(f),
        }
    }
}

/// What one security-group rule permits: one kind of traffic with one peer.
///
/// EC2 splits what a caller sends into such rules, one for each CIDR, list or group, each with an id of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Permission {
    /// Protocol and ports.
    #[serde(flatten)]
    pub traffic: Traffic,
    /// The other end.
    pub peer: Peer,
}

impl Permission {
    /// Whether EC2 takes both for the same rule: the account of a group that is referred to is not always told.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let peers = match (&self.peer, &other.peer) {
            (Peer::Group { id: one, .. }, Peer::Group { id: two, .. }) => one == two,
            (one, two) => one == two,
        };
        peers && self.traffic == other.traffic
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.traffic.fmt(f)?;
        f.write_str(" to ")?;
        self.peer.fmt(f)
    }
}

/// The direction that a rule filters, seen from the group's members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the members to others.
    Egress,
    /// From others to the members.
    Ingress,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_bits_are_cleared_so_that_any_slash_zero_is_the_world() {
        assert_eq!("203.0.113.7/0".parse::<Cidr>().unwrap().to_string(), "0.0.0.0/0");
        assert_eq!("203.0.113.7/24".parse::<Cidr>().unwrap().to_string(), "203.0.113.0/24");
        assert_eq!("2001:db8::1/32".parse::<Cidr>().unwrap().to_string(), "2001:db8::/32");
    }

    #[test]
    fn a_block_reads_as_its_network_does() {
        for number in 0..=u8::MAX {
            let net = ipnet::Ipv4Net::new([number, 0, number, number].into(), number % 33).unwrap();
            let block = Cidr::new(net.into());
            assert_eq!(block.to_string(), block.net().to_string());
        }
    }

    #[test]
    fn what_is_no_cidr_is_refused_with_the_remedy() {
        for wrong in ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "all", ""] {
            let error = wrong.parse::<Cidr>().unwrap_err().to_string();
            assert!(error.contains("write an address"), "{error}");
        }
    }

    #[test]
    fn only_tcp_with_443_or_everything_covers_https() {
        let tcp = |from, to| Traffic::new(Protocol::Tcp, Some(from), Some(to));
        assert!(Traffic::ALL.covers_tcp(443) && tcp(443, 443).covers_tcp(443) && tcp(0, 65535).covers_tcp(443));
        assert!(!tcp(444, 65535).covers_tcp(443) && !Traffic::new(Protocol::Udp, Some(443), Some(443)).covers_tcp(443));
        assert!(Traffic::new(Protocol::Tcp, None, None).covers_tcp(443));
    }

    #[test]
    fn protocol_minus_one_means_every_port_whatever_was_sent() {
        assert_eq!(Traffic::new(Protocol::All, Some(80), Some(80)), Traffic::ALL);
    }

    #[test]
    fn traffic_reads_as_people_say_it() {
        let shown = |p, f, t| Traffic::new(p, f, t).to_string();
        assert_eq!(shown(Protocol::All, None, None), "all traffic");
        assert_eq!(shown(Protocol::Tcp, Some(443), Some(443)), "tcp/443");
        assert_eq!(shown(Protocol::Udp, Some(1024), Some(2048)), "udp/1024-2048");
        assert_eq!(shown(Protocol::Icmp, Some(8), Some(-1)), "icmp type 8");
        assert_eq!(shown(Protocol::Number(50), None, None), "50");
    }
}
