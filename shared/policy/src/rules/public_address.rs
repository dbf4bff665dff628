//! `public-address`: public IPv4 addresses in a private VPC, given at the launch or elastic.

mod address;
mod reach;
mod subnet;

use super::{Judgement, PassedBecause, Rule};
use crate::case::Case;
use crate::event::{Call, CallName, Subject, SubjectKind};
use crate::facts::{Facts, InterfaceFilter, Stop, both};
use crate::finding::{Cause, Resource, Severity};
use crate::id::{SubnetId, VpcId};
use crate::settings::RuleName;
use reach::Seen;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::PublicAddress,
    severity: Severity::Medium,
    title: "a private VPC gives out public addresses, or an interface in it has one",
    woken_by: &[CallName::ModifySubnetAttribute, CallName::AssociateAddress],
    scans: &[SubjectKind::Vpc],
    reads: &[
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcBlockPublicAccessExclusions",
        "ec2:DescribeVpcBlockPublicAccessOptions",
        "ec2:DescribeVpcs",
    ],
    writes: &["ec2:ModifySubnetAttribute"],
    judge,
};

fn judge(case: &Case<'_>, facts: &Facts) -> Result<Judgement, Stop> {
    match &case.event.call {
        Call::ModifySubnetAttribute(change) => subnet::changed(case, facts, change),
        Call::AssociateAddress(used) => address::associated(case, facts, used),
        Call::Scan { subject: Subject::Vpc(vpc) } => scanned(case, facts, vpc),
        _ => Ok(Judgement::default()),
    }
}

/// The whole VPC as it stands.
fn scanned(case: &Case<'_>, facts: &Facts, vpc: &VpcId) -> Result<Judgement, Stop> {
    let resource = resource("VPC", vpc.as_str(), None);
    let there = both(facts.subnets(vpc), facts.interfaces(&InterfaceFilter::Vpc(vpc.clone())));
    let reach = match reach::seen(case, facts, vpc) {
        Err(stop) => return Err(there.err().map_or(stop.clone(), |other| stop.join(other))),
        Ok(Seen::Passed(why)) => return Ok(Judgement::passed(resource, why)),
        Ok(Seen::Is(reach)) => reach,
    };
    let (subnets, interfaces) = there?;
    let giving = subnets.iter().filter(|subnet| subnet.public_addresses && !is_excluded(case, &subnet.id));
    let giving = giving.map(|subnet| subnet::finding(case, &reach, subnet, Cause::Standing));
    let public = interfaces.iter().filter(|interface| !is_excluded(case, &interface.subnet));
    let public = public.flat_map(|interface| {
        interface.public.iter().map(|address| address::finding(case, &reach, interface, address, Cause::Standing))
    });
    let findings: Vec<_> = giving.chain(public).collect();
    Ok(match findings.is_empty() {
        true => Judgement::passed(resource, PassedBecause::Clean),
        false => Judgement { findings, passed: Vec::new() },
    })
}

/// Whether the policy file says that a subnet may be public.
fn is_excluded(case: &Case<'_>, subnet: &SubnetId) -> bool {
    case.settings.scope.exclude_subnets.contains(subnet)
}

fn resource(kind: &str, id: &str, vpc: Option<&VpcId>) -> Resource {
    Resource { kind: kind.to_owned(), id: id.to_owned(), name: None, vpc: vpc.cloned() }
}
