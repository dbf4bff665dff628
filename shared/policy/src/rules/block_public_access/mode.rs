//! The mode, which is the account's in a Region.

use super::{QUESTION, is_private};
use crate::case::Case;
use crate::facts::{BlockMode, BlockPublicAccess, BlockState, Everywhere, Facts, Stop};
use crate::finding::{Advice, Cause, Evidence, Finding, Resource, Severity};
use crate::plan::Treatment;
use crate::rules::{Judgement, PassedBecause, managed_by, standing};
use crate::settings::RuleName;

/// A call set the mode; what holds now decides.
pub(super) fn judge(case: &Case<'_>, facts: &Facts, asked: Option<BlockMode>) -> Result<Judgement, Stop> {
    let resource = Resource { kind: "account".to_owned(), id: case.account.to_string(), name: None, vpc: None };
    if !is_private(case) {
        return Ok(Judgement::passed(resource, PassedBecause::NotSelected));
    }
    let found = facts.block_public_access(&Everywhere)?;
    let is_other = asked.is_some_and(|asked| asked != found.mode);
    if is_other {
        facts.settled(QUESTION)?;
    }
    let cause = if asked == Some(found.mode) { Cause::ThisEvent } else { Cause::Standing };
    Ok(match finding(case, found, cause, resource.clone()) {
        Some(finding) => Judgement { findings: vec![finding], passed: Vec::new() },
        None if is_other => Judgement::passed(resource, PassedBecause::AlreadyGone),
        None => Judgement::passed(resource, PassedBecause::Clean),
    })
}

/// What is wrong with the mode, if it is not the one that blocks everything.
fn finding(
    case: &Case<'_>,
    found: &BlockPublicAccess,
    cause: Cause,
    resource: Resource,
) -> Option<Finding> {
    let (class, severity, summary) = match found.mode {
        BlockMode::BlockBidirectional => return None,
        BlockMode::Off => (
            "off",
            Severity::High,
            "VPC Block Public Access is off: whatever an internet gateway is routed to can talk to the internet",
        ),
        BlockMode::BlockIngress => (
            "ingress-only",
            Severity::Medium,
            "VPC Block Public Access blocks only what comes in: NAT gateways and egress-only internet gateways let traffic out",
        ),
    };
    Some(Finding {
        rule: RuleName::BlockPublicAccess,
        class: class.to_owned(),
        severity,
        cause,
        resource,
        summary: summary.to_owned(),
        evidence: vec![evidence(found)],
        context: context(found),
        treatment: treatment(case, found, cause),
        advice: advice(found),
    })
}

fn evidence(found: &BlockPublicAccess) -> Evidence {
    let says = match found.state {
        BlockState::Default => format!("{}, as it is in an account that never set it", found.mode),
        BlockState::InProgress => format!("{}, which AWS is carrying out", found.mode),
        BlockState::Complete => found.mode.to_string(),
    };
    Evidence { part: "InternetGatewayBlockMode".to_owned(), says, permits: None }
}

fn context(found: &BlockPublicAccess) -> Vec<String> {
    let mut context = vec![
        "it holds for every VPC that the account owns in this Region; what it was before is in no record".to_owned(),
        "it opens nothing by itself: a VPC needs a gateway and a route to it, which `internet-path` looks at".to_owned(),
    ];
    if found.by_organization {
        context.push("a declarative policy of the organisation sets the mode: the account cannot change it".to_owned());
    }
    context
}

fn treatment(case: &Case<'_>, found: &BlockPublicAccess, cause: Cause) -> Treatment {
    if cause == Cause::Standing {
        return standing(case, "this event did not set it so, and its caller is not named for it");
    }
    if let Some(service) = managed_by(case, &crate::facts::Tags::new()) {
        return Treatment::Told(format!("{service} set it, and what a service manages is never touched"));
    }
    Treatment::Told(match found.by_organization {
        true => "it is set by the organisation's declarative policy, and can be changed only there".to_owned(),
        false => "blocking again cuts off, at once and in every VPC of the account and Region, whatever needs the internet by now: look at what does, then set it back".to_owned(),
    })
}

fn advice(found: &BlockPublicAccess) -> Vec<Advice> {
    let advice = |tool: &str, text: &str| Advice { tool: tool.to_owned(), text: text.to_owned() };
    let organisation = advice(
        "AWS Organizations, to keep it so",
        "Attach a declarative policy for EC2 that sets vpc_block_public_access to block_bidirectional: accounts cannot change it then",
    );
    if found.by_organization {
        return vec![organisation];
    }
    vec![
        advice(
            "AWS CLI",
            "aws ec2 modify-vpc-block-public-access-options --internet-gateway-block-mode block-bidirectional",
        ),
        advice(
            "Terraform",
            "In the `aws_vpc_block_public_access_options` resource:\n  internet_gateway_block_mode = \"block-bidirectional\"",
        ),
        advice(
            "CloudFormation",
            "In the AWS::EC2::VPCBlockPublicAccessOptions resource, under Properties:\n  InternetGatewayBlockMode: block-bidirectional",
        ),
        organisation,
    ]
}
