//! Who made a call.

use guardrail_policy::event::{Actor, ActorKind, IacTool};
use serde_json::{Value, json};

use crate::fixtures::{changed, event};

#[test]
fn a_role_session_is_shown_as_role_and_session_and_compared_by_its_role_with_the_path() {
    let actor = event("authorize-egress-nested").actor;
    assert_eq!(actor.kind, ActorKind::AssumedRole);
    assert_eq!(actor.display_name(), "NetworkAdmin/deploy-42");
    assert_eq!(
        actor.principal(),
        Some("arn:aws:iam::111122223333:role/platform/NetworkAdmin")
    );
    assert_eq!((actor.service(), actor.tool()), (None, None));
    assert_eq!(actor.source_ip.as_deref(), Some("203.0.113.20"));
}

#[test]
fn a_console_user_has_an_empty_session_issuer_and_is_compared_by_its_own_arn() {
    let actor = event("authorize-egress-before-rule-sets").actor;
    assert_eq!((actor.kind.clone(), actor.issuer.clone()), (ActorKind::IamUser, None));
    assert_eq!(actor.display_name(), "network-operator");
    assert_eq!(
        actor.principal(),
        Some("arn:aws:iam::111122223333:user/ops/network-operator")
    );
}

#[test]
fn every_kind_of_person_and_account_has_a_name_for_people() {
    shown([
        (
            json!({ "type": "Root", "accountId": "111122223333" }),
            ActorKind::Root,
            "root of 111122223333",
        ),
        (
            json!({ "type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ops/kim" }),
            ActorKind::IamUser,
            "kim",
        ),
        (
            json!({ "type": "FederatedUser", "arn": "arn:aws:sts::111122223333:federated-user/guest" }),
            ActorKind::FederatedUser,
            "guest",
        ),
        (
            json!({ "type": "AWSAccount", "accountId": "444455556666" }),
            ActorKind::AwsAccount,
            "account 444455556666",
        ),
        (
            json!({ "type": "AWSAccount", "accountId": "anonymous" }),
            ActorKind::AwsAccount,
            "an unnamed caller",
        ),
        (
            json!({ "type": "SAMLUser", "userName": "sam" }),
            ActorKind::SamlUser,
            "sam",
        ),
        (
            json!({ "type": "WebIdentityUser", "userName": "repo:app" }),
            ActorKind::WebIdentityUser,
            "repo:app",
        ),
        (
            json!({ "type": "Directory", "userName": "corp" }),
            ActorKind::Directory,
            "corp",
        ),
    ]);
}

#[test]
fn services_unknown_kinds_and_missing_identities_have_a_name_for_people_too() {
    shown([
        (
            json!({ "type": "AWSService", "invokedBy": "rds.amazonaws.com" }),
            ActorKind::AwsService,
            "rds.amazonaws.com",
        ),
        (
            json!({ "invokedBy": "ec2.amazonaws.com" }),
            ActorKind::Missing,
            "ec2.amazonaws.com",
        ),
        (
            json!({ "type": "IdentityCenterUser" }),
            ActorKind::IdentityCenterUser,
            "an unnamed caller",
        ),
        (
            json!({ "type": "Robot", "arn": "arn:odd" }),
            ActorKind::Unknown("Robot".to_owned()),
            "arn:odd",
        ),
        (Value::Null, ActorKind::Missing, "an unnamed caller"),
        (json!("odd"), ActorKind::Missing, "an unnamed caller"),
    ]);
}

#[test]
fn a_service_acts_by_itself_but_cloudformation_and_the_console_pass_on_what_a_person_asked_for() {
    assert_eq!(
        event("create-interface-default-group").actor.service(),
        Some("clientvpn.amazonaws.com")
    );
    assert_eq!(
        event("create-vpc-resource-creation").actor.service(),
        Some("ec2.amazonaws.com")
    );
    for people in ["cloudformation.amazonaws.com", "signin.amazonaws.com", "AWS Internal"] {
        let actor = with(|record| record["userIdentity"]["invokedBy"] = json!(people));
        assert_eq!(actor.service(), None, "{people}");
    }
    let own = with(|record| {
        record["userIdentity"] = json!({ "type": "AWSService", "invokedBy": "cloudformation.amazonaws.com" })
    });
    assert_eq!(own.service(), Some("cloudformation.amazonaws.com"));
    let unsaid = with(|record| {
        record["userIdentity"] = json!({ "type": "AWSService" });
        record["sourceIPAddress"] = json!("autoscaling.amazonaws.com");
    });
    assert_eq!(unsaid.service(), Some("autoscaling.amazonaws.com"));
}

#[test]
fn a_service_linked_role_is_its_service_also_where_nobody_says_invoked_by() {
    let mut record = crate::fixtures::record("create-interface-default-group");
    record["userIdentity"]["invokedBy"] = Value::Null;
    let (_, event) = guardrail_policy::event::parse(record.to_string().as_bytes()).unwrap();
    assert_eq!(event.actor.service(), Some("clientvpn.amazonaws.com"));
    let posing = with(|record| {
        record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] =
            json!("arn:aws:iam::111122223333:role/team/aws-service-role/ec2.amazonaws.com/Mine");
    });
    assert_eq!(posing.service(), None);
}

#[test]
fn infrastructure_as_code_is_known_by_its_user_agent_or_by_who_invoked_the_call() {
    assert_eq!(event("create-security-group").actor.tool(), Some(IacTool::Terraform));
    assert_eq!(
        event("create-security-group-by-stack").actor.tool(),
        Some(IacTool::CloudFormation)
    );
    let cases = [
        (
            "APN/1.0 Pulumi/1.0 Pulumi-Aws/6.50.0 (+https://www.pulumi.com) aws-sdk-go-v2/1.30.0",
            Some(IacTool::Pulumi),
        ),
        (
            "APN/1.0 HashiCorp/1.0 Terraform/1.1.9 terraform-provider-aws/dev crossplane-provider-aws-upbound/v1.0.0",
            Some(IacTool::Crossplane),
        ),
        (
            "APN/1.0 OpenTofu/1.8.0 terraform-provider-aws/5.70.0",
            Some(IacTool::OpenTofu),
        ),
        (
            "Boto3/1.35.0 APN/1.0 Ansible/2.17.0 amazon.aws/8.0.0",
            Some(IacTool::Ansible),
        ),
        ("aws-sdk-js/3.600.0 aws-cdk/2.160.0", Some(IacTool::Cdk)),
        ("cloudformation.amazonaws.com", Some(IacTool::CloudFormation)),
        ("aws-cli/2.27.0", None),
        ("", None),
    ];
    for (agent, tool) in cases {
        assert_eq!(
            with(|record| record["userAgent"] = json!(agent)).tool(),
            tool,
            "{agent}"
        );
    }
}

#[test]
fn texts_that_a_caller_chose_are_stripped_of_what_deceives_and_cut() {
    let actor = with(|record| {
        record["userAgent"] = json!(format!(
            "curl\r\nSubject: hello\u{202e}\u{200b}\u{1b}[31m{}",
            "x".repeat(500)
        ));
        record["userIdentity"]["arn"] =
            json!("arn:aws:sts::111122223333:assumed-role/NetworkAdmin/\u{0}\u{2066}deploy");
    });
    let agent = actor.user_agent.clone().unwrap();
    assert!(agent.starts_with("curlSubject: hello[31mxxx"), "{agent}");
    assert_eq!(agent.chars().count(), 256);
    assert_eq!(actor.display_name(), "NetworkAdmin/deploy");
}

/// Holds identities against their kinds and names.
fn shown<const N: usize>(cases: [(Value, ActorKind, &str); N]) {
    for (identity, kind, name) in cases {
        let actor = with(|record| record["userIdentity"] = identity.clone());
        assert_eq!(
            (actor.display_name().as_str(), &actor.kind),
            (name, &kind),
            "{identity}"
        );
    }
}

/// The actor of a record that was changed.
fn with(change: impl FnOnce(&mut Value)) -> Actor {
    changed("authorize-egress-nested", change).unwrap().actor
}
