//! Why a plan is not carried out by itself.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::facts::DnsAttribute;
use crate::id::{InternetGatewayId, NatGatewayId, RouteTableId, SubnetId, VpcEndpointId};
use crate::network::Cidr;
use crate::settings::Age;

/// Why an automatic plan is withheld, whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// The precise rules would not fit beside those that are there.
    NoRoom {
        /// How many rules the group would hold in that direction and family.
        rules: usize,
        /// How many it may.
        quota: usize,
        /// `IPv4` or `IPv6`.
        family: String,
    },
    /// The rule carries HTTPS and nothing in the VPC could take its place.
    NoPrivatePath {
        /// Endpoints that are still being made: once they are available there is a path.
        pending: Vec<VpcEndpointId>,
    },
    /// A service that the policy requires would have no path left.
    ServiceCutOff(String),
    /// AWS does it only where these attributes of the VPC are on, and the event did not switch them off.
    DnsAttributesOff(Vec<DnsAttribute>),
    /// The endpoint is not available, and AWS changes only those that are.
    EndpointNotAvailable(VpcEndpointId),
    /// The endpoint's groups do not admit HTTPS from these blocks of the VPC.
    ClientsShutOut(Vec<Cidr>),
    /// The endpoint's policy is not full access.
    PolicyNotOpen,
    /// Another endpoint holds the service's name in the VPC.
    NameTaken(VpcEndpointId),
    /// Something else holds the service's name in the VPC, as AWS says: a private hosted zone that cannot be seen from here.
    ConflictingDomain,
    /// The policy file declares the VPC's endpoints as central ones: clients elsewhere reach them by names of their own.
    CentralEndpoints,
    /// What would be taken away serves, or may serve, these subnets too, which the policy file excludes.
    ServesExcluded(Vec<SubnetId>),
    /// The route table serves what comes in by a gateway, too: whoever set that up knows more.
    ServesGateway(RouteTableId),
    /// AWS detaches no internet gateway while public addresses of the VPC are in use; these NAT gateways have some.
    AddressesInUse {
        /// The gateway.
        gateway: InternetGatewayId,
        /// The public NAT gateways that are known to be in the way.
        nat_gateways: Vec<NatGatewayId>,
    },
    /// The VPC is not selected any more, and judged only since it was not long ago.
    Deselected,
    /// The caller is one whose changes the policy file has told and never reverted.
    ReportOnly(String),
    /// The change is older than the policy file lets a revert be.
    TooOld(Age),
    /// The same was taken back before, and a person undid that.
    Undone {
        /// The record of the revert that was undone.
        record: String,
        /// Who undid it.
        by: String,
        /// Until when it is left alone.
        until: Timestamp,
    },
    /// The same principal makes the same change again and again, for over an hour: two sides are at odds.
    Loop {
        /// The other side.
        principal: String,
        /// The tool that it uses, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tool: Option<String>,
        /// How often the change was taken back in the last 24 hours.
        reverts: usize,
        /// When it was taken back first.
        since: Timestamp,
    },
    /// So many of the principal's changes were taken back in the last 24 hours that no more are.
    Budget {
        /// The principal.
        principal: String,
        /// How many.
        reverts: usize,
    },
    /// Many reverts on this resource within an hour, and this was the last delivery before the pause is over.
    Burst {
        /// How many.
        reverts: usize,
        /// When the next revert might have been made.
        until: Timestamp,
    },
}

impl Withheld {
    /// Whether people must look at once, however bad the finding itself is: the guardrail holds still although it
    /// could act.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        matches!(self, Self::Loop { .. } | Self::Budget { .. } | Self::Burst { .. })
    }
}

impl Withheld {
    /// Why names are not switched: those of a VPC, or of an endpoint.
    fn about_names(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DnsAttributesOff(attributes) => {
                let names = listed(attributes, " and ");
                write!(f, "AWS does it only with {names} on, which this call did not switch off: switch that on first")
            }
            Self::EndpointNotAvailable(endpoint) => write!(
                f,
                "AWS changes an endpoint only while it is available, and {endpoint} is not: look again once it is"
            ),
            Self::ClientsShutOut(blocks) => write!(
                f,
                "the endpoint's groups do not admit tcp/443 from {}, whose clients would lose the service: let them in first",
                listed(blocks, ", ")
            ),
            Self::PolicyNotOpen => f.write_str(
                "the endpoint's policy is not full access, and clients that use the public name now would come under it: check what it lets through",
            ),
            Self::NameTaken(other) => {
                write!(f, "another endpoint, {other}, holds the service's name in this VPC: delete one of the two")
            }
            Self::ConflictingDomain => f.write_str(
                "AWS says that the service's name is taken in this VPC (a conflicting DNS domain): take the private hosted zone of that name from the VPC first, or keep it and list the service under `intended_off`",
            ),
            Self::CentralEndpoints => f.write_str(
                "the policy file declares central endpoints in this VPC, and clients elsewhere may reach them through a hosted zone of that name: change both together",
            ),
            _ => Ok(()),
        }
    }
}

impl Withheld {
    /// Why a way out is not closed.
    fn about_ways_out(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServesExcluded(subnets) => write!(
                f,
                "it serves, or may serve, {} too, which the policy file excludes: give them a route table of their own, or decide by hand",
                listed(subnets, ", ")
            ),
            Self::ServesGateway(table) => write!(
                f,
                "{table} also serves what comes in by a gateway, for which the route may be needed: decide by hand"
            ),
            Self::AddressesInUse { gateway, nat_gateways } if nat_gateways.is_empty() => write!(
                f,
                "AWS does not detach {gateway} while public addresses are in use in the VPC: take them from their instances and interfaces first"
            ),
            Self::AddressesInUse { gateway, nat_gateways } => write!(
                f,
                "AWS does not detach {gateway} while public addresses are in use in the VPC, and {} has some: delete it first",
                listed(nat_gateways, " and ")
            ),
            _ => Ok(()),
        }
    }
}

fn listed(items: &[impl ToString], between: &str) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    items.join(between)
}

impl fmt::Display for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoom { rules, quota, family } => write!(
                f,
                "the group would hold {rules} {family} egress rules, and it may hold {quota}: aggregate its rules first"
            ),
            Self::NoPrivatePath { pending } if pending.is_empty() => f.write_str(
                "the rule carries HTTPS and the VPC has no working endpoint that could take its place: create the endpoints first, or set `require_private_path: false`",
            ),
            Self::NoPrivatePath { pending } => {
                let pending: Vec<&str> = pending.iter().map(VpcEndpointId::as_str).collect();
                write!(
                    f,
                    "the rule carries HTTPS and the VPC's endpoints are not available yet: wait for {}",
                    pending.join(", ")
                )
            }
            Self::ServiceCutOff(service) => {
                write!(f, "`{service}`, which the policy requires, would have no path left: create its endpoint first")
            }
            Self::DnsAttributesOff(_)
            | Self::EndpointNotAvailable(_)
            | Self::ClientsShutOut(_)
            | Self::PolicyNotOpen
            | Self::NameTaken(_)
            | Self::ConflictingDomain
            | Self::CentralEndpoints => self.about_names(f),
            Self::ServesExcluded(_) | Self::ServesGateway(_) | Self::AddressesInUse { .. } => self.about_ways_out(f),
            Self::Deselected => f.write_str(
                "the VPC has lost the tag by which the policy file selected it: put the tag back, or leave the VPC to itself",
            ),
            Self::ReportOnly(principal) => {
                write!(f, "the policy file reports changes of {principal} and never reverts them (`report_only`)")
            }
            Self::TooOld(limit) => write!(
                f,
                "the change is older than {limit}, and the policy file reverts only newer ones (`only_newer_than`)"
            ),
            Self::Undone { record, by, until } => write!(
                f,
                "{by} undid the revert of the same ({record}), which is left alone until {}",
                time(*until)
            ),
            Self::Loop { principal, tool, reverts, since } => {
                let with = tool.as_ref().map(|tool| format!(" with {tool}")).unwrap_or_default();
                write!(
                    f,
                    "two sides are at odds: {principal} makes this change{with} again and again, and the guardrail has taken it back {reverts} times since {}; it stops here: change it at its source, or have it exempted",
                    time(*since)
                )
            }
            Self::Budget { principal, reverts } => write!(
                f,
                "{reverts} changes of {principal} were taken back within 24 hours, as many as `reverts_per_principal_per_day` allows: find out what it is doing"
            ),
            Self::Burst { reverts, until } => write!(
                f,
                "{reverts} reverts on this resource within an hour: the next was to wait until {}, and the event will not be delivered again by then",
                time(*until)
            ),
        }
    }
}

fn time(time: Timestamp) -> String {
    time.strftime("%F %T UTC").to_string()
}
