//! The tag that selects a VPC, taken away or overwritten: from then on no rule would look at the VPC.

use super::super::{Judgement, PassedBecause, selection};
use super::{told, troubles};
use crate::case::Case;
use crate::event::{TagCall, TagOfCall};
use crate::facts::{Facts, Question, Stop, Tags, Unknown, Vpc, all};
use crate::finding::{Advice, Cause, Evidence, Finding, Resource, Severity};
use crate::id::VpcId;
use crate::settings::{RuleName, Selection};

/// What became of tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// They are gone.
    TakenAway,
    /// They have these values now. What they had before, no event says.
    Overwritten,
}

pub(super) fn judge(case: &Case<'_>, facts: &Facts, call: &TagCall, done: Done) -> Result<Judgement, Stop> {
    let scene = Scene { case, call, done };
    let each = call.vpcs.iter().map(|vpc| scene.judge_vpc(facts, vpc));
    let mut judgement = Judgement::default();
    for one in all(each)? {
        judgement.extend(one);
    }
    if call.vpcs.is_empty() {
        let none = Resource { kind: "resources".to_owned(), id: "no VPC".to_owned(), name: None, vpc: None };
        return Ok(Judgement::passed(none, PassedBecause::NotTouched));
    }
    Ok(judgement)
}

/// One call about tags.
#[derive(Clone, Copy)]
struct Scene<'a> {
    case: &'a Case<'a>,
    call: &'a TagCall,
    done: Done,
}

impl<'a> Scene<'a> {
    fn judge_vpc(self, facts: &Facts, id: &VpcId) -> Result<Judgement, Stop> {
        let passed = |why| Ok(Judgement::passed(resource(id, None), why));
        match self.case.settings.scope.selection(self.case.account, id) {
            Selection::NotSelected => return passed(PassedBecause::NotSelected),
            // Another entry selects it, whatever its tags are.
            Selection::Selected => return passed(PassedBecause::NotTouched),
            Selection::ByTags => {}
        }
        if !self.selectors().any(|wanted| self.spoils(wanted)) {
            return passed(PassedBecause::NotTouched);
        }
        let vpc = match facts.vpc(id) {
            Err(Stop::Unknown { why: Unknown::Gone, .. }) => return passed(PassedBecause::AlreadyGone),
            vpc => vpc?,
        };
        if !self.shows(&vpc.tags) {
            facts.settled(Question::Vpc(id.clone()))?;
        }
        if self.case.settings.selects_vpc(self.case.account, id, &vpc.tags) {
            let is_back = !self.shows(&vpc.tags);
            return passed(if is_back { PassedBecause::AlreadyGone } else { PassedBecause::Clean });
        }
        // This is told also while the ledger does not answer, with less certainty.
        let once = match selection::once_by(self.case, facts, id) {
            Err(Stop::Unknown { .. }) => None,
            once => once?,
        };
        let found = match once.filter(|wanted| self.spoils(wanted)) {
            Some(wanted) => Some(self.finding(vpc, wanted, true)),
            None => {
                let wanted = self.selectors().find(|wanted| self.may_have_selected(wanted, &vpc.tags));
                wanted.map(|wanted| self.finding(vpc, wanted, self.is_sure(wanted)))
            }
        };
        match found {
            Some(finding) => Ok(Judgement { findings: vec![finding], passed: Vec::new() }),
            None => passed(PassedBecause::NotSelected),
        }
    }

    /// The tags that the policy file selects VPCs by, entry by entry.
    fn selectors(self) -> impl Iterator<Item = &'a Tags> {
        self.case.settings.scope.tag_entries()
    }

    /// Whether the call may have taken from a VPC what one entry asks for.
    fn spoils(self, wanted: &Tags) -> bool {
        wanted.iter().any(|(key, value)| self.spoils_tag(key, value))
    }

    fn spoils_tag(self, key: &str, value: &str) -> bool {
        match self.done {
            Done::TakenAway if self.call.tags.is_empty() => true,
            // A tag goes only where the value is the one that the call names, if it names one.
            Done::TakenAway => self.named(key).is_some_and(|tag| tag.value.as_deref().is_none_or(|gone| gone == value)),
            Done::Overwritten => self.named(key).is_some_and(|tag| tag.value.as_deref() != Some(value)),
        }
    }

    fn named(self, key: &str) -> Option<&'a TagOfCall> {
        self.call.tags.iter().find(|tag| tag.key == key)
    }

    /// Whether a VPC's tags are as the call left them.
    fn shows(self, live: &Tags) -> bool {
        let is_so = |tag: &TagOfCall| match self.done {
            Done::TakenAway => tag.value.as_ref().map_or(!live.contains_key(&tag.key), |gone| live.get(&tag.key) != Some(gone)),
            Done::Overwritten => live.get(&tag.key).map(String::as_str) == Some(tag.value.as_deref().unwrap_or_default()),
        };
        let all_gone = self.done == Done::TakenAway && self.call.tags.is_empty();
        let own = live.keys().any(|key| !key.starts_with("aws:"));
        if all_gone { !own } else { self.call.tags.iter().all(is_so) }
    }

    /// Whether an entry matched before the call, as far as that can be told: what it asks for is there, or may have been
    /// taken away by this call.
    fn may_have_selected(self, wanted: &Tags, live: &Tags) -> bool {
        let had = |(key, value): (&String, &String)| live.get(key) == Some(value) || self.spoils_tag(key, value);
        self.spoils(wanted) && wanted.iter().all(had)
    }

    /// Whether the event itself says that an entry matched: it names each value that it took away.
    fn is_sure(self, wanted: &Tags) -> bool {
        let taken = wanted.iter().filter(|(key, value)| self.spoils_tag(key, value));
        self.done == Done::TakenAway
            && taken.into_iter().all(|(key, _)| self.named(key).is_some_and(|tag| tag.value.is_some()))
    }

    fn finding(self, vpc: &Vpc, wanted: &Tags, is_sure: bool) -> Finding {
        let (class, deed) = match self.done {
            Done::TakenAway => ("selecting-tag-removed", "taken away"),
            Done::Overwritten => ("selecting-tag-overwritten", "overwritten"),
        };
        Finding {
            rule: RuleName::GuardrailTampered,
            class: class.to_owned(),
            severity: match self.done {
                Done::Overwritten if !is_sure => Severity::High,
                Done::TakenAway | Done::Overwritten => Severity::Critical,
            },
            cause: Cause::ThisEvent,
            summary: format!("a tag by which the policy file selects VPCs was {deed}, and the VPC is not selected any more"),
            evidence: self.evidence(wanted),
            context: self.context(is_sure),
            treatment: told(),
            advice: advice(&vpc.id, wanted),
            resource: resource(&vpc.id, vpc.tags.get("Name").cloned()),
        }
    }

    fn evidence(self, wanted: &Tags) -> Vec<Evidence> {
        let taken = wanted.iter().filter(|(key, value)| self.spoils_tag(key, value));
        let says = |key: &str, wanted: &str| match (self.done, self.named(key).and_then(|tag| tag.value.as_deref())) {
            (Done::TakenAway, Some(value)) => format!("taken away, with the value `{value}`"),
            (Done::TakenAway, None) => format!("taken away; `{wanted}` would select the VPC"),
            (Done::Overwritten, value) => {
                format!("`{}` now; `{wanted}` would select the VPC", value.unwrap_or_default())
            }
        };
        let evidence = |(key, wanted): (&String, &String)| {
            let says = says(key, wanted);
            Evidence { part: format!("tag {key}"), says, permits: None }
        };
        taken.map(evidence).collect()
    }

    fn context(self, is_sure: bool) -> Vec<String> {
        let unsure = "the event does not say which value the tag had: it may never have been the one that selects";
        let unsure = (!is_sure).then(|| unsure.to_owned());
        let blind = if self.case.has_ledger() { NEARLY_BLIND } else { BLIND };
        std::iter::once(blind.to_owned()).chain(unsure).chain(troubles(self.case)).collect()
    }
}

const BLIND: &str = "no rule judges what happens in this VPC from now on, until the tag is back or an entry names the VPC";
const NEARLY_BLIND: &str = "what happens in this VPC is told, and not taken back, for as long as a sweep's note of its selection holds (15 days at most); then no rule judges it, until the tag is back or an entry names the VPC";

/// A VPC as it stands, which was selected at one of the last sweeps and is not any more.
pub(super) fn judge_standing(case: &Case<'_>, facts: &Facts, id: &VpcId) -> Result<Judgement, Stop> {
    let vpc = facts.vpc(id)?;
    if case.settings.selects_vpc(case.account, id, &vpc.tags) {
        return Ok(Judgement::default());
    }
    let Some(wanted) = selection::once_by(case, facts, id)? else {
        return Ok(Judgement::default());
    };
    let lost = wanted.iter().filter(|(key, value)| vpc.tags.get(*key) != Some(*value));
    let evidence = lost.map(|(key, wanted)| {
        let now = vpc.tags.get(key).map_or("gone".to_owned(), |value| format!("`{value}` now"));
        Evidence { part: format!("tag {key}"), says: format!("{now}; `{wanted}` selected the VPC"), permits: None }
    });
    let finding = Finding {
        rule: RuleName::GuardrailTampered,
        class: "selecting-tag-lost".to_owned(),
        severity: Severity::Critical,
        cause: Cause::Standing,
        summary: "a VPC has lost the tag by which the policy file selected it at an earlier sweep".to_owned(),
        evidence: evidence.collect(),
        context: vec![NEARLY_BLIND.to_owned()],
        treatment: told(),
        advice: advice(id, wanted),
        resource: resource(id, vpc.tags.get("Name").cloned()),
    };
    Ok(Judgement { findings: vec![finding], passed: Vec::new() })
}

fn resource(id: &VpcId, name: Option<String>) -> Resource {
    Resource { kind: "VPC".to_owned(), id: id.to_string(), name, vpc: None }
}

fn advice(vpc: &VpcId, wanted: &Tags) -> Vec<Advice> {
    let tags = |form: fn((&String, &String)) -> String, between: &str| {
        wanted.iter().map(form).collect::<Vec<_>>().join(between)
    };
    let advice = |tool: &str, text: String| Advice { tool: tool.to_owned(), text };
    let cli = tags(|(key, value)| format!("'Key={key},Value={value}'"), " ");
    let terraform = tags(|(key, value)| format!("    {key:?} = {value:?}"), "\n");
    let stack = tags(|(key, value)| format!("    - {{ Key: {key:?}, Value: {value:?} }}"), "\n");
    vec![
        advice("AWS CLI", format!("aws ec2 create-tags --resources {vpc} --tags {cli}")),
        advice("Terraform", format!("In the `aws_vpc` resource of {vpc}:\n  tags = {{\n{terraform}\n  }}")),
        advice("CloudFormation", format!("In the AWS::EC2::VPC resource of {vpc}, under Properties:\n  Tags:\n{stack}")),
        advice(
            "the policy file, so that no tag decides",
            format!("scope:\n  private_vpcs:\n    - id: {vpc}"),
        ),
    ]
}
