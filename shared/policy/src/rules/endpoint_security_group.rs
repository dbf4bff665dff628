//! `endpoint-security-group`: an interface endpoint whose groups let in more than its clients.

mod advice;
mod reach;
mod subject;

use reach::{Class, Clients, Wide};
use subject::Subject;

use super::{Judgement, PassedBecause, Rule};
use crate::case::Case;
use crate::event::{CallName, SubjectKind};
use crate::facts::{Facts, Stop};
use crate::finding::{Cause, Evidence, Finding, Resource, RuleEvidence, Severity};
use crate::id::VpcEndpointId;
use crate::plan::Treatment;
use crate::settings::RuleName;

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::EndpointSecurityGroup,
    severity: Severity::Medium,
    title: "the groups of an interface endpoint let in more than its clients",
    woken_by: &[
        CallName::CreateVpcEndpoint,
        CallName::ModifyVpcEndpoint,
        CallName::AuthorizeSecurityGroupIngress,
    ],
    scans: &[SubjectKind::VpcEndpoint, SubjectKind::SecurityGroup],
    reads: &[
        "ec2:DescribeSecurityGroupRules",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
        "ec2:GetManagedPrefixListEntries",
    ],
    writes: &[],
    judge,
};

/// The kinds of finding that one resource can have, in the order in which they are reported.
const KINDS: [(Cause, Class); 6] = [
    (Cause::ThisEvent, Class::DefaultGroup),
    (Cause::ThisEvent, Class::OpenToTheInternet),
    (Cause::ThisEvent, Class::WiderThanItsClients),
    (Cause::Standing, Class::DefaultGroup),
    (Cause::Standing, Class::OpenToTheInternet),
    (Cause::Standing, Class::WiderThanItsClients),
];

fn judge(case: &Case<'_>, facts: &Facts) -> Result<Judgement, Stop> {
    let mut judgement = Judgement::default();
    let mut stopped: Option<Stop> = None;
    for subject in subject::of(case, facts)? {
        match judge_subject(case, facts, &subject) {
            Ok(more) => judgement.extend(more),
            Err(stop) => stopped = Some(stopped.map_or(stop.clone(), |other| other.join(stop))),
        }
    }
    stopped.map_or(Ok(judgement), Err)
}

fn judge_subject(case: &Case<'_>, facts: &Facts, subject: &Subject<'_>) -> Result<Judgement, Stop> {
    let scene = match subject {
        Subject::Passed(judgement) => return Ok(judgement.clone()),
        Subject::Scene(scene) => scene,
    };
    let clients = Clients::of(case, scene.vpc);
    let wide = reach::wide(facts, &clients, &scene.rules)?;
    let seen = scene.settled(facts)?;
    let findings = KINDS.iter().filter_map(|(cause, class)| {
        let of_kind: Vec<&Wide<'_>> = wide.iter().filter(|wide| (wide.cause, wide.class) == (*cause, *class)).collect();
        let default = scene.default_group.as_ref().filter(|_| *class == Class::DefaultGroup);
        let on_default = default.is_some_and(|(_, by)| by == cause);
        (on_default || !of_kind.is_empty()).then(|| scene.finding(*cause, *class, &of_kind, &clients))
    });
    let findings: Vec<Finding> = findings.collect();
    if findings.is_empty() {
        let why = if seen { PassedBecause::Clean } else { PassedBecause::AlreadyGone };
        return Ok(Judgement::passed(scene.resource.clone(), why));
    }
    Ok(Judgement { findings, passed: Vec::new() })
}

impl subject::Scene<'_> {
    fn finding(&self, cause: Cause, class: Class, wide: &[&Wide<'_>], clients: &Clients) -> Finding {
        let (severity, summary) = match class {
            Class::DefaultGroup => (
                Severity::Medium,
                "an endpoint is on its VPC's default group, which lets in its own members alone, or whatever anybody adds to it",
            ),
            Class::OpenToTheInternet => {
                (Severity::Medium, "an endpoint's group lets in addresses that the internet routes")
            }
            Class::WiderThanItsClients => {
                (Severity::Low, "an endpoint's group lets in private addresses that are not its clients'")
            }
        };
        let context = match class {
            Class::DefaultGroup => "whoever adds a rule to the default group opens the endpoint, too".to_owned(),
            Class::OpenToTheInternet | Class::WiderThanItsClients => format!(
                "the endpoint has private addresses alone: these rules let in whatever has a way into the VPC (peering, a transit gateway, a VPN). {}",
                clients.in_words()
            ),
        };
        let advice = match (&self.default_group, class) {
            (Some((group, _)), Class::DefaultGroup) => advice::own_group(self, group, clients),
            _ => advice::narrower(wide, clients),
        };
        Finding {
            rule: RuleName::EndpointSecurityGroup,
            class: class.to_string(),
            severity,
            cause,
            resource: self.resource.clone(),
            summary: summary.to_owned(),
            evidence: self.evidence(class, wide),
            context: vec![context],
            treatment: Treatment::Told(
                "nobody can tell from here which clients would lose the endpoint, so that people change its groups, as shown".to_owned(),
            ),
            advice,
        }
    }

    fn evidence(&self, class: Class, wide: &[&Wide<'_>]) -> Vec<Evidence> {
        let plain = |part: String, says: String| Evidence { part, says, permits: None };
        let default = self.default_group.iter().filter(|_| class == Class::DefaultGroup);
        let default = default.map(|(group, _)| plain(group.to_string(), "the VPC's default group".to_owned()));
        let rules = wide.iter().map(|wide| Evidence {
            part: wide.rule.id.to_string(),
            says: wide.in_words(),
            permits: Some(RuleEvidence { rule: wide.rule.id.clone(), permission: wide.rule.permission.clone() }),
        });
        let endpoints = self.endpoints.iter().map(|(id, service)| plain(id.to_string(), format!("leads to {service}")));
        default.chain(rules).chain(endpoints).collect()
    }
}

/// An endpoint, with the full name of its service.
type Served<'f> = (&'f VpcEndpointId, &'f str);

/// A group as a resource, by its id or by the name that a call gives it.
fn group_resource(group: &str) -> Resource {
    Resource { kind: "security group".to_owned(), id: group.to_owned(), name: None, vpc: None }
}
