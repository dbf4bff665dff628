//! Identifiers: what AWS hands out, parsed once at the edge and never a bare string again.
//!
//! An identifier that is not in its service's form is refused with [`IdError`]; nothing in the core
//! ever has to ask whether a group's id really is one.

use std::fmt;

use serde::Deserialize;

/// A text that is not an identifier of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {kind}: write it like `{example}`")]
pub struct IdError {
    /// What was given, shortened to 80 characters.
    pub text: String,
    /// The kind that was asked for, with its article: `a security group id`.
    pub kind: &'static str,
    /// A well-formed example of the kind.
    pub example: &'static str,
}

/// Identifier types of the form `prefix-0123456789abcdef0`.
macro_rules! resource_ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal;)+) => {$(
        text_type! { $(#[$doc])* $name, $kind, concat!($prefix, "0123456789abcdef0"), |text: &str| is_resource_id(text, $prefix) }
    )+};
}

/// A text with one form: constructed by parsing, compared and shown as it was written, and copied without being written
/// anew: a decision names the same group many times.
macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $example:expr, $is:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// The identifier as AWS writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let is: fn(&str) -> bool = $is;
                if is(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(IdError { text: text.chars().take(80).collect(), kind: $kind, example: $example })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().to_owned()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "description": $kind, "examples": [$example] })
            }
        }
    };
}

resource_ids! {
    /// A security group (`sg-…`).
    SecurityGroupId, "sg-", "a security group id";
    /// One rule of a security group (`sgr-…`); it keeps its id when the rule is edited in place.
    SecurityGroupRuleId, "sgr-", "a security group rule id";
    /// A VPC (`vpc-…`).
    VpcId, "vpc-", "a VPC id";
    /// A subnet (`subnet-…`).
    SubnetId, "subnet-", "a subnet id";
    /// A route table (`rtb-…`).
    RouteTableId, "rtb-", "a route table id";
    /// A route table's association with a subnet or a gateway, or as the main one (`rtbassoc-…`).
    RouteTableAssociationId, "rtbassoc-", "a route table association id";
    /// A VPC endpoint (`vpce-…`), of any type.
    VpcEndpointId, "vpce-", "a VPC endpoint id";
    /// A managed prefix list (`pl-…`), AWS's own or a customer's.
    PrefixListId, "pl-", "a prefix list id";
    /// An elastic network interface (`eni-…`).
    NetworkInterfaceId, "eni-", "a network interface id";
    /// An internet gateway (`igw-…`).
    InternetGatewayId, "igw-", "an internet gateway id";
    /// An egress-only internet gateway (`eigw-…`), of IPv6.
    EgressOnlyInternetGatewayId, "eigw-", "an egress-only internet gateway id";
    /// A NAT gateway (`nat-…`), public or private.
    NatGatewayId, "nat-", "a NAT gateway id";
    /// An EC2 instance (`i-…`).
    InstanceId, "i-", "an instance id";
    /// The association of an elastic address with a network interface (`eipassoc-…`).
    AddressAssociationId, "eipassoc-", "the id of an association of an address";
}

text_type! {
    /// A set of DHCP options (`dopt-…`), or `default` for none.
    DhcpOptionsId, "the id of a set of DHCP options", "dopt-0123456789abcdef0",
    |text| text == "default" || is_resource_id(text, "dopt-")
}

text_type! {
    /// A peering connection (`pcx-…`), an attachment of a transit gateway (`tgw-attach-…`) or a VPN connection (`vpn-…`).
    NetworkPathId, "the id of a peering, an attachment or a VPN", "pcx-0123456789abcdef0",
    |text| ["pcx-", "tgw-attach-", "vpn-"].iter().any(|prefix| is_resource_id(text, prefix))
}

text_type! {
    /// An exclusion from VPC Block Public Access (`vpcbpa-exclude-…`).
    BlockPublicAccessExclusionId, "the id of an exclusion from VPC Block Public Access",
    "vpcbpa-exclude-0123456789abcdef0", is_exclusion_id
}

text_type! {
    /// An AWS account: twelve digits, leading zeros included.
    AccountId, "an AWS account id", "111122223333",
    |text| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

text_type! {
    /// An AWS Region, `eu-west-1` or `us-gov-east-1`.
    Region, "an AWS Region", "eu-west-1", is_region
}

text_type! {
    /// An Amazon Resource Name, `arn:partition:service:region:account:resource`.
    Arn, "an ARN", "arn:aws:iam::111122223333:role/Example", is_arn
}

text_type! {
    /// CloudTrail's `eventID` (a UUID): the key under which one call is known, however often it is delivered.
    EventId, "a CloudTrail event id", "6e1a1b2c-0d3e-4f50-8a6b-7c8d9e0f1a2b",
    |text| (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

text_type! {
    /// A REST API of API Gateway: 10 letters and digits. The service's model gives no form, so that others are taken, too.
    RestApiId, "the id of a REST API", "a1b2c3d4e5", is_api_id
}

text_type! {
    /// An HTTP or WebSocket API of API Gateway: 10 letters and digits, and of no form in the model either.
    HttpApiId, "the id of an HTTP or WebSocket API", "a1b2c3d4e5", is_api_id
}

text_type! {
    /// An AppSync API. AWS writes 26 letters and digits, and its service model gives no form.
    GraphqlApiId, "the id of an AppSync API", "a1b2c3d4e5f6a7b8c9d0e1f2a3", is_api_id
}

/// The prefix and then 1 to 40 lower-case letters and digits (AWS writes 8 or 17 hexadecimal digits).
fn is_resource_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| {
        (1..=40).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

/// 1 to 64 letters, digits and hyphens.
fn is_api_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// What stands between the prefix and the digits is not documented: any word is taken.
fn is_exclusion_id(text: &str) -> bool {
    let (word, digits) = text.rsplit_once('-').unwrap_or_default();
    word.split('-').all(|part| is_resource_id(part, "")) && word.starts_with("vpcbpa") && is_resource_id(digits, "")
}

fn is_region(text: &str) -> bool {
    let numbered = text
        .rsplit('-')
        .next()
        .is_some_and(|last| last.bytes().any(|b| b.is_ascii_digit()));
    let form = text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    text.len() <= 32 && form && numbered && text.split('-').count() >= 3 && text.split('-').all(|part| !part.is_empty())
}

fn is_arn(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let fixed = parts.next() == Some("arn") && parts.next().is_some_and(|partition| !partition.is_empty());
    fixed
        && parts.next().is_some_and(|service| !service.is_empty())
        && parts.nth(2).is_some_and(|resource| !resource.is_empty())
        && text.len() <= 2048
        && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
}

impl EventId {
    /// The id under which looks at one resource are known; the resource is given by its id.
    pub(crate) fn of_scan(resource: &str) -> Self {
        Self(format!("scan-{resource}").into())
    }
}

impl Arn {
    /// The fourth part, empty for global services such as IAM.
    #[must_use]
    pub fn region(&self) -> &str {
        self.0.split(':').nth(3).unwrap_or_default()
    }

    /// The fifth part, empty where a service's ARNs name no account.
    #[must_use]
    pub fn account(&self) -> &str {
        self.0.split(':').nth(4).unwrap_or_default()
    }

    /// The third part: `sns`, `iam`, …
    #[must_use]
    pub fn service(&self) -> &str {
        self.0.split(':').nth(2).unwrap_or_default()
    }

    /// The last part, slashes and colons included: `role/Example`.
    #[must_use]
    pub fn resource(&self) -> &str {
        self.0.splitn(6, ':').nth(5).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_their_form_are_taken_and_others_are_refused_with_an_example() {
        assert!("sg-0123456789abcdef0".parse::<SecurityGroupId>().is_ok());
        assert!("pl-6da54004".parse::<PrefixListId>().is_ok());
        for wrong in ["", "sg-", "sgr-01", "SG-0123", "sg-01 23", "sg-01\n", "sg-é"] {
            assert!(wrong.parse::<SecurityGroupId>().is_err(), "{wrong:?}");
        }
        let error = "vpc-1".parse::<SecurityGroupId>().unwrap_err().to_string();
        assert_eq!(
            error,
            "`vpc-1` is not a security group id: write it like `sg-0123456789abcdef0`"
        );
    }

    #[test]
    fn accounts_regions_and_arns_have_their_forms() {
        assert!("011122223333".parse::<AccountId>().is_ok());
        assert!("11122223333".parse::<AccountId>().is_err());
        assert!("us-gov-east-1".parse::<Region>().is_ok());
        assert!("global".parse::<Region>().is_err());
        let role: Arn = "arn:aws:iam::111122223333:role/path/Example".parse().unwrap();
        assert_eq!(
            (role.service(), role.region(), role.resource()),
            ("iam", "", "role/path/Example")
        );
        assert!("arn:aws:iam".parse::<Arn>().is_err());
    }
}
