//! A subnet that gives a public address to what is launched in it.

use super::reach::{self, Reach, Seen};
use super::{is_excluded, resource};
use crate::case::Case;
use crate::event::SubnetChange;
use crate::facts::{Facts, Question, Stop, Subnet, Unknown};
use crate::finding::{Advice, Cause, Evidence, Finding};
use crate::id::SubnetId;
use crate::plan::{Plan, Step, Treatment};
use crate::rules::{Judgement, PassedBecause, managed_by, standing};
use crate::settings::{Remedy, RuleName};

/// A call switched an attribute of a subnet; what holds now decides.
pub(super) fn changed(case: &Case<'_>, facts: &Facts, change: &SubnetChange) -> Result<Judgement, Stop> {
    let id = &change.subnet;
    let passed = |why| Ok(Judgement::passed(resource("subnet", id.as_str(), None), why));
    let Some(on) = change.public_addresses else { return passed(PassedBecause::NotTouched) };
    if is_excluded(case, id) {
        return passed(PassedBecause::NotSelected);
    }
    let details = match facts.subnet(id) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => return passed(PassedBecause::AlreadyGone),
        details => details?,
    };
    let reach = match reach::seen(case, facts, &details.vpc)? {
        Seen::Is(reach) => reach,
        Seen::Passed(why) => return passed(why),
    };
    let subnet = &details.subnet;
    if subnet.public_addresses != on {
        facts.settled(Question::Subnet(id.clone()))?;
    }
    if !subnet.public_addresses {
        return passed(if on { PassedBecause::AlreadyGone } else { PassedBecause::Clean });
    }
    let cause = if on { Cause::ThisEvent } else { Cause::Standing };
    Ok(Judgement { findings: vec![finding(case, &reach, subnet, cause)], passed: Vec::new() })
}

pub(super) fn finding(case: &Case<'_>, reach: &Reach<'_>, subnet: &Subnet, cause: Cause) -> Finding {
    let (severity, why) = reach.of(&subnet.id);
    Finding {
        rule: RuleName::PublicAddress,
        class: "given-at-launch".to_owned(),
        severity,
        cause,
        resource: resource("subnet", subnet.id.as_str(), Some(&reach.vpc.id)),
        summary: "a subnet of a private VPC gives a public address to whatever is launched in it".to_owned(),
        evidence: vec![Evidence { part: "mapPublicIpOnLaunch".to_owned(), says: "on".to_owned(), permits: None }],
        context: vec![why],
        treatment: treatment(case, subnet, cause),
        advice: advice(&subnet.id),
    }
}

fn treatment(case: &Case<'_>, subnet: &Subnet, cause: Cause) -> Treatment {
    if cause == Cause::Standing {
        return standing(case, "this event did not switch it on, and only what an event switched is switched back");
    }
    match managed_by(case, &subnet.tags) {
        Some(service) => {
            Treatment::Told(format!("{service} manages the subnet, and what a service manages is never touched"))
        }
        None => Treatment::Automatic(plan(&subnet.id)),
    }
}

fn plan(subnet: &SubnetId) -> Plan {
    Plan {
        remedy: Remedy::SwitchOff,
        steps: vec![Step::switch_public_addresses(subnet, false)],
        keeps: vec![format!("what has been launched in {subnet} keeps the public address that it has")],
        stops: vec![format!("public addresses for what is launched in {subnet} from then on, unless its launch asks for one")],
    }
}

fn advice(subnet: &SubnetId) -> Vec<Advice> {
    let advice = |tool: &str, text: String| Advice { tool: tool.to_owned(), text };
    vec![
        advice("AWS CLI", format!("aws ec2 modify-subnet-attribute --subnet-id {subnet} --no-map-public-ip-on-launch")),
        advice("Terraform", format!("In the `aws_subnet` resource of {subnet}:\n  map_public_ip_on_launch = false")),
        advice(
            "CloudFormation",
            format!("In the AWS::EC2::Subnet resource of {subnet}, under Properties:\n  MapPublicIpOnLaunch: false"),
        ),
        advice("the policy file, if the subnet is meant to be public", format!("scope:\n  exclude_subnets: [{subnet}]")),
    ]
}
