//! A public address of a network interface.

use super::reach::{self, Reach, Seen};
use super::{is_excluded, resource};
use crate::case::Case;
use crate::event::AddressUse;
use crate::facts::{Facts, InterfaceFilter, NetworkInterface, PublicAddress, Question, Stop, Tags, Unknown};
use crate::finding::{Advice, Cause, Evidence, Finding};
use crate::plan::Treatment;
use crate::rules::{Judgement, PassedBecause, managed_by, standing};
use crate::settings::RuleName;

/// A call gave an interface an elastic address.
pub(super) fn associated(case: &Case<'_>, facts: &Facts, used: &AddressUse) -> Result<Judgement, Stop> {
    let interface = used.interface.clone().map(InterfaceFilter::Id);
    let Some(filter) = interface.or_else(|| used.instance.clone().map(InterfaceFilter::Instance)) else {
        return Ok(Judgement::default());
    };
    let passed = |why| Ok(Judgement::passed(of_call(used), why));
    let interfaces = match facts.interfaces(&filter) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => return passed(PassedBecause::AlreadyGone),
        interfaces => interfaces?,
    };
    let Some((interface, address)) = given(interfaces, used) else {
        return absent(case, facts, Question::Interfaces(filter), used);
    };
    if is_excluded(case, &interface.subnet) {
        return passed(PassedBecause::NotSelected);
    }
    let reach = match reach::seen(case, facts, &interface.vpc)? {
        Seen::Is(reach) => reach,
        Seen::Passed(why) => return passed(why),
    };
    let finding = finding(case, &reach, interface, address, Cause::ThisEvent);
    Ok(Judgement { findings: vec![finding], passed: Vec::new() })
}

/// The interface that has the address: by the association that the response names, else by the address.
fn given<'f>(
    interfaces: &'f [NetworkInterface],
    used: &AddressUse,
) -> Option<(&'f NetworkInterface, &'f PublicAddress)> {
    let is_it = |public: &&PublicAddress| match &used.association {
        Some(association) => public.association.as_ref() == Some(association),
        None => public.association.is_some() && used.address.is_none_or(|address| public.address == address),
    };
    interfaces.iter().find_map(|interface| interface.public.iter().find(is_it).map(|public| (interface, public)))
}

/// The address is not there: not any more, unless AWS may just not show it yet.
fn absent(case: &Case<'_>, facts: &Facts, question: Question, used: &AddressUse) -> Result<Judgement, Stop> {
    if case.is_fresh() && !case.last_delivery {
        return Err(Stop::Unknown { question, why: Unknown::NotYet });
    }
    facts.settled(question)?;
    Ok(Judgement::passed(of_call(used), PassedBecause::AlreadyGone))
}

fn of_call(used: &AddressUse) -> crate::finding::Resource {
    match (&used.interface, &used.instance) {
        (Some(interface), _) => resource("network interface", interface.as_str(), None),
        (None, Some(instance)) => resource("instance", instance.as_str(), None),
        (None, None) => resource("address", "unknown", None),
    }
}

pub(super) fn finding(
    case: &Case<'_>,
    reach: &Reach<'_>,
    interface: &NetworkInterface,
    public: &PublicAddress,
    cause: Cause,
) -> Finding {
    let (severity, why) = reach.of(&interface.subnet);
    let (class, kind) = match public.association {
        Some(_) => ("elastic-address", "an elastic address"),
        None => ("launch-address", "a public address that it was given at its launch"),
    };
    let says = match &public.association {
        Some(association) => format!("leads to {} in {}, by {association}", interface.id, interface.subnet),
        None => format!("leads to {} in {}", interface.id, interface.subnet),
    };
    Finding {
        rule: RuleName::PublicAddress,
        class: class.to_owned(),
        severity,
        cause,
        resource: resource("network interface", interface.id.as_str(), Some(&reach.vpc.id)),
        summary: format!("a network interface in a private VPC has {kind}"),
        evidence: vec![Evidence { part: public.address.to_string(), says, permits: None }],
        context: vec![why],
        treatment: treatment(case, interface, cause),
        advice: advice(interface, public),
    }
}

fn treatment(case: &Case<'_>, interface: &NetworkInterface, cause: Cause) -> Treatment {
    if cause == Cause::Standing {
        return standing(case, "this event did not give it the address");
    }
    let requester = || interface.requester_managed.then(|| "the service that made it".to_owned());
    Treatment::Told(match managed_by(case, &Tags::new()).or_else(requester) {
        Some(service) => format!("{service} manages the interface, and what a service manages is never touched"),
        None => "taking the address away cuts every connection by it, and who knows the interface by it loses it: decide who needs it, then take it away".to_owned(),
    })
}

fn advice(interface: &NetworkInterface, public: &PublicAddress) -> Vec<Advice> {
    let advice = |tool: &str, text: String| Advice { tool: tool.to_owned(), text };
    let (id, subnet, address) = (&interface.id, &interface.subnet, public.address);
    let mut advised = match &public.association {
        Some(association) => vec![
            advice("AWS CLI", format!("aws ec2 disassociate-address --association-id {association}")),
            advice(
                "Terraform",
                format!("Remove the `aws_eip_association` resource of {association}, or `instance` and `network_interface` from the `aws_eip` of {address}"),
            ),
            advice(
                "CloudFormation",
                format!("Remove the AWS::EC2::EIPAssociation resource of {association}, or InstanceId from the AWS::EC2::EIP of {address}"),
            ),
        ],
        None => vec![advice(
            "AWS CLI",
            format!("aws ec2 modify-network-interface-attribute --network-interface-id {id} --no-associate-public-ip-address"),
        )],
    };
    let policy = "the policy file, if the subnet is meant to be public";
    advised.push(advice(policy, format!("scope:\n  exclude_subnets: [{subnet}]")));
    advised
}
