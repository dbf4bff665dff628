//! One judgement at a time, as the tests of the brakes set it up.

use crate::brakes::{Braked, applied, resource};
use crate::case::Case;
use crate::event::{self, Event};
use crate::facts::Facts;
use crate::finding::{Cause, Finding, Resource, Severity};
use crate::id::AccountId;
use crate::jiff::{SignedDuration, Timestamp};
use crate::ledger::{About, Note, Revert, Says};
use crate::network::{Peer, Permission, Traffic};
use crate::plan::{Plan, Step, Treatment, Withheld};
use crate::rules;
use crate::settings::{self, Mode, Remedy, RuleName, Settings};

pub(super) const GROUP: &str = "sg-0aaaaaaaaaaaaaaaa";
pub(super) const VPC: &str = "vpc-0aaaaaaaaaaaaaaaa";
pub(super) const ROLE: &str = "arn:aws:iam::111122223333:role/Deploy";
const POLICY: &str = "version: 1\nscope:\n  private_vpcs:\n    - id: vpc-0aaaaaaaaaaaaaaaa\n";

/// The event in question; every other event has another id.
pub(super) const THIS: &str = "6e1a1b2c-0d3e-4f50-8a6b-7c8d9e0f1a2b";

fn event() -> Event {
    let text = format!(
        r#"{{"eventVersion":"1.10","eventID":"{THIS}","eventTime":"2026-05-04T10:00:00Z",
        "eventSource":"ec2.amazonaws.com","eventName":"CreateSecurityGroup","awsRegion":"eu-west-1",
        "recipientAccountId":"111122223333","userAgent":"APN/1.0 HashiCorp/1.0 Terraform/1.9.0",
        "userIdentity":{{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/Deploy/session",
        "sessionContext":{{"sessionIssuer":{{"arn":"{ROLE}"}}}}}},
        "requestParameters":{{"vpcId":"{VPC}"}},"responseElements":{{"groupId":"{GROUP}"}}}}"#
    );
    event::parse(text.as_bytes()).unwrap().1
}

pub(super) fn open() -> Permission {
    permission("0.0.0.0/0")
}

pub(super) fn permission(cidr: &str) -> Permission {
    Permission {
        traffic: Traffic::ALL,
        peer: Peer::Cidr(cidr.parse().unwrap()),
    }
}

/// An open rule of the group, with a plan that takes it back.
pub(super) fn finding() -> Finding {
    let step = Step::revoke(
        &GROUP.parse().unwrap(),
        "sgr-0aaaaaaaaaaaaaaaa".parse().unwrap(),
        open(),
    );
    let plan = Plan {
        remedy: Remedy::Revoke,
        steps: vec![step],
        ..Plan::nothing()
    };
    Finding {
        rule: RuleName::OpenEgress,
        class: "internet".to_owned(),
        severity: Severity::Medium,
        cause: Cause::ThisEvent,
        resource: Resource {
            kind: "security group".to_owned(),
            id: GROUP.to_owned(),
            name: None,
            vpc: Some(VPC.parse().unwrap()),
        },
        summary: "an egress rule reaches the internet".to_owned(),
        evidence: Vec::new(),
        context: Vec::new(),
        treatment: Treatment::Automatic(plan),
        advice: Vec::new(),
    }
}

/// One judgement: so long after the call, under this policy file, with these notes in the ledger.
pub(super) struct Judging {
    pub(super) settings: Settings,
    pub(super) event: Event,
    pub(super) account: AccountId,
    pub(super) notes: Vec<Note>,
    pub(super) mode: Mode,
    pub(super) later: SignedDuration,
    pub(super) last_delivery: bool,
}

impl Judging {
    pub(super) fn under(policy: &str) -> Self {
        let text = format!("{POLICY}{policy}");
        Self {
            settings: settings::parse(text.as_bytes(), rules::BUILT_NAMES).unwrap(),
            event: event(),
            account: "111122223333".parse().unwrap(),
            notes: Vec::new(),
            mode: Mode::Revert,
            later: SignedDuration::from_secs(10),
            last_delivery: false,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.event.time + self.later
    }

    /// The time so many seconds before it is judged.
    pub(super) fn ago(&self, seconds: i64) -> Timestamp {
        self.now() - SignedDuration::from_secs(seconds)
    }

    pub(super) fn case(&self) -> Case<'_> {
        Case {
            event: &self.event,
            account: &self.account,
            now: self.now(),
            settings: &self.settings,
            rules: rules::BUILT,
            ceilings: &[],
            own_roles: &[],
            own: crate::own::Own::none(),
            last_delivery: self.last_delivery,
        }
    }

    pub(super) fn braked(&self) -> Braked {
        applied(&self.case(), &Facts::default(), &self.notes, self.mode, finding())
    }

    /// What comes of the finding, where nothing makes it wait.
    pub(super) fn finding(&self) -> Finding {
        match self.braked() {
            Braked::Finding(finding) => *finding,
            Braked::Later(_, until) => panic!("it waits until {until}"),
        }
    }

    /// Why its plan is withheld.
    pub(super) fn reasons(&self) -> Vec<Withheld> {
        match self.finding().treatment {
            Treatment::Withheld { reasons, .. } => reasons,
            Treatment::Automatic(_) => Vec::new(),
            other => panic!("{other:?}"),
        }
    }

    /// Until when it waits, in seconds from now.
    pub(super) fn waits(&self) -> Option<i64> {
        match self.braked() {
            Braked::Later(_, until) => Some(until.duration_since(self.now()).as_secs()),
            Braked::Finding(_) => None,
        }
    }

    /// The ledger says this about the group, until an hour from now.
    pub(super) fn noting(mut self, says: Says) -> Self {
        let until = self.ago(-3600);
        let about = resource(&self.case(), GROUP.to_owned());
        self.note(about, until, says);
        self
    }

    pub(super) fn note(&mut self, about: About, until: Timestamp, says: Says) {
        let name = format!("note {}", self.notes.len());
        self.notes.push(Note {
            about,
            name,
            until,
            says,
        });
    }

    /// The ledger counts reverts on the group, each so many seconds ago.
    pub(super) fn with_reverts(mut self, ago: impl IntoIterator<Item = i64>) -> Self {
        for ago in ago {
            let revert = self.revert(ago);
            self = self.noting(Says::Reverted(revert));
        }
        self
    }

    /// A revert of the same change, for another event of the same principal.
    pub(super) fn revert(&self, ago: i64) -> Revert {
        let number = self.notes.len();
        Revert {
            record: format!("record-{number}"),
            event: format!("10000000-0000-4000-8000-{number:012}").parse().unwrap(),
            at: self.ago(ago),
            principal: Some(ROLE.to_owned()),
            tool: None,
            closed: vec![open()],
            switched: Vec::new(),
        }
    }
}
