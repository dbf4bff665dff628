//! `guardrail doctor`, against as much of AWS as it needs.

use crate::by_hand::folder;
use crate::cloud::{Cloud, TABLE, TOPIC};

const ALL: [(&str, &str); 5] = [
    ("GUARDRAIL_TOPIC_ARN", TOPIC),
    ("GUARDRAIL_LEDGER_TABLE", TABLE),
    ("GUARDRAIL_POLICY", "file:guard.yaml"),
    ("GUARDRAIL_KILL_SWITCH", "/guardrail/max-mode"),
    (
        "GUARDRAIL_ROLE_ARNS",
        "arn:aws:iam::111122223333:role/guardrail-security-groups",
    ),
];

#[test]
#[expect(clippy::too_many_lines, reason = "the whole page stands in it")]
fn everything_that_works_is_said_to_work() {
    let cloud = Cloud::start();
    cloud.with(|state| state.parameter = Some("revert"));
    let run = cloud.run_with(&folder(), "doctor", &ALL);
    insta::assert_snapshot!(run.transcript(), @r"
    Configuration
      ok       GUARDRAIL_POLICY is file:guard.yaml
      ok       GUARDRAIL_TOPIC_ARN is arn:aws:sns:eu-west-1:111122223333:guardrail
      ok       GUARDRAIL_LEDGER_TABLE is guardrail-ledger
      ok       GUARDRAIL_ROLE_ARNS is arn:aws:iam::111122223333:role/guardrail-security-groups
      note     GUARDRAIL_PARTS is not set: nobody is told when the guardrail's functions, queues or event rules are tampered with
      note     GUARDRAIL_MAX_MODE is not set: no cap on the mode
      ok       GUARDRAIL_KILL_SWITCH is /guardrail/max-mode
      ok       GUARDRAIL_MAX_RECEIVES is 5: the queue's maxReceiveCount must be the same

    Account
      ok       account 111122223333, eu-west-1

    Policy file
      ok       file:guard.yaml can be used (policy b566a0249db5)
      ok       open-egress: mode revert
      ok       private-dns: mode revert
      ok       vpc-dns-attributes: mode revert
      ok       endpoint-service: mode revert
      ok       private-path: mode revert
      ok       endpoint-policy: mode revert
      ok       endpoint-security-group: mode revert
      ok       gateway-route: mode revert
      ok       required-endpoints: mode revert
      ok       internet-path: mode revert
      ok       public-address: mode revert
      ok       block-public-access: mode revert
      ok       new-network-path: mode revert
      ok       public-api: mode revert
      ok       public-graphql-api: mode revert
      ok       guardrail-tampered: mode revert

    Topic
      ok       arn:aws:sns:eu-west-1:111122223333:guardrail is there
      note     sns:Publish was not tested: SNS has no dry run, and a test would tell people

    Ledger
      ok       dynamodb:BatchGetItem
      ok       dynamodb:PutItem
      ok       dynamodb:UpdateItem

    Kill switch
      ok       /guardrail/max-mode holds `revert`: it holds nothing back

    Networks and APIs
      ok       apigateway:GET
      ok       appsync:GetGraphqlApi
      ok       ec2:DescribeDhcpOptions
      ok       ec2:DescribeEgressOnlyInternetGateways
      ok       ec2:DescribeInternetGateways
      ok       ec2:DescribeManagedPrefixLists
      ok       ec2:DescribeNatGateways
      ok       ec2:DescribeNetworkInterfaces
      ok       ec2:DescribeRouteTables
      ok       ec2:DescribeSecurityGroupRules
      ok       ec2:DescribeSecurityGroups
      ok       ec2:DescribeSubnets
      ok       ec2:DescribeTransitGatewayVpcAttachments
      ok       ec2:DescribeVpcAttribute
      ok       ec2:DescribeVpcBlockPublicAccessExclusions
      ok       ec2:DescribeVpcBlockPublicAccessOptions
      ok       ec2:DescribeVpcEndpointServices
      ok       ec2:DescribeVpcEndpoints
      ok       ec2:DescribeVpcPeeringConnections
      ok       ec2:DescribeVpcs
      ok       ec2:DescribeVpnConnections
      ok       ec2:DescribeVpnGateways
      ok       ec2:GetManagedPrefixListEntries
      ok       ec2:AuthorizeSecurityGroupEgress
      ok       ec2:DeleteRoute
      ok       ec2:DetachInternetGateway
      note     ec2:ModifySubnetAttribute was not tested: EC2 has no dry run of it
      note     ec2:ModifyVpcAttribute was not tested: EC2 has no dry run of it
      ok       ec2:ModifyVpcEndpoint
      ok       ec2:RevokeSecurityGroupEgress

    Tested with your credentials (the access key in AWS_ACCESS_KEY_ID), not with the functions' roles (arn:aws:iam::111122223333:role/guardrail-security-groups): to test theirs, call it with their credentials.

    57 ok, 0 missing, 0 could not be checked
    --- exit status 0
    ");
    cloud.with(|state| {
        assert!(state.written.is_empty() && state.published.is_empty() && state.egress.is_empty());
    });
}

#[test]
fn what_is_missing_is_said_with_the_policy_that_grants_it() {
    let cloud = Cloud::start();
    let denied = [
        "RevokeSecurityGroupEgress",
        "DescribeVpcs",
        "UpdateItem",
        "GetParameter",
    ];
    cloud.with(|state| state.denied = denied.into());
    let run = cloud.run_with(&folder(), "doctor", &ALL);
    let missing = run.stdout.lines().filter(|line| line.starts_with("  missing"));
    insta::assert_snapshot!(missing.collect::<Vec<_>>().join("\n"), @r"
    missing  dynamodb:UpdateItem is denied (`AccessDeniedException`)
    missing  ssm:GetParameter is denied (`AccessDeniedException`)
    missing  ec2:DescribeVpcs is denied (`UnauthorizedOperation`)
    missing  ec2:RevokeSecurityGroupEgress is denied (`UnauthorizedOperation`)
    ");
    let (_, end) = run.stdout.split_once("What is denied").unwrap();
    insta::assert_snapshot!(end, @r#"
    , as a policy that grants it:
    {
      "Statement": [
        {
          "Action": [
            "ec2:DescribeVpcs"
          ],
          "Effect": "Allow",
          "Resource": "*"
        },
        {
          "Action": [
            "dynamodb:UpdateItem"
          ],
          "Effect": "Allow",
          "Resource": "arn:aws:dynamodb:eu-west-1:111122223333:table/guardrail-ledger"
        },
        {
          "Action": [
            "ec2:RevokeSecurityGroupEgress"
          ],
          "Effect": "Allow",
          "Resource": "arn:aws:ec2:eu-west-1:111122223333:security-group/*"
        },
        {
          "Action": [
            "ssm:GetParameter"
          ],
          "Effect": "Allow",
          "Resource": "arn:aws:ssm:eu-west-1:111122223333:parameter/guardrail/max-mode"
        }
      ],
      "Version": "2012-10-17"
    }

    53 ok, 4 missing, 0 could not be checked
    "#);
    assert_eq!(run.status, 1);
    let json = cloud.run_with(&folder(), "doctor --format json", &ALL);
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(report["missing_policy"]["Statement"].as_array().unwrap().len(), 4);
    assert_eq!(json.status, 1);
}

#[test]
fn what_is_configured_wrong_is_named_and_the_rest_is_checked() {
    let cloud = Cloud::start();
    let wrong = [
        ("GUARDRAIL_TOPIC_ARN", "guardrail"),
        ("GUARDRAIL_POLICY", "file:nowhere.yaml"),
        ("GUARDRAIL_KILL_SWICH", "/guardrail/max-mode"),
    ];
    let run = cloud.run_with(&folder(), "doctor", &wrong);
    insta::assert_snapshot!(run.transcript(), @r"
    Configuration
      missing  `GUARDRAIL_KILL_SWICH` is no setting of the guardrail: did you mean `GUARDRAIL_KILL_SWITCH`?
      missing  `GUARDRAIL_TOPIC_ARN` is `guardrail`: set it to `arn:aws:sns:eu-west-1:111122223333:guardrail`
      ok       GUARDRAIL_POLICY is file:nowhere.yaml
      note     GUARDRAIL_LEDGER_TABLE is not set: no ledger, so nothing is taken back
      note     GUARDRAIL_ROLE_ARNS is not set: the guardrail's own calls are judged like those of others
      note     GUARDRAIL_PARTS is not set: nobody is told when the guardrail's functions, queues or event rules are tampered with
      note     GUARDRAIL_MAX_MODE is not set: no cap on the mode
      note     GUARDRAIL_KILL_SWITCH is not set: no kill switch
      ok       GUARDRAIL_MAX_RECEIVES is 5: the queue's maxReceiveCount must be the same

    Account
      ok       account 111122223333, eu-west-1

    Policy file
      missing  the policy file `nowhere.yaml` cannot be read (no such file or directory): check the path

    Networks and APIs
      ok       apigateway:GET
      ok       appsync:GetGraphqlApi
      ok       ec2:DescribeDhcpOptions
      ok       ec2:DescribeEgressOnlyInternetGateways
      ok       ec2:DescribeInternetGateways
      ok       ec2:DescribeManagedPrefixLists
      ok       ec2:DescribeNatGateways
      ok       ec2:DescribeNetworkInterfaces
      ok       ec2:DescribeRouteTables
      ok       ec2:DescribeSecurityGroupRules
      ok       ec2:DescribeSecurityGroups
      ok       ec2:DescribeSubnets
      ok       ec2:DescribeTransitGatewayVpcAttachments
      ok       ec2:DescribeVpcAttribute
      ok       ec2:DescribeVpcBlockPublicAccessExclusions
      ok       ec2:DescribeVpcBlockPublicAccessOptions
      ok       ec2:DescribeVpcEndpointServices
      ok       ec2:DescribeVpcEndpoints
      ok       ec2:DescribeVpcPeeringConnections
      ok       ec2:DescribeVpcs
      ok       ec2:DescribeVpnConnections
      ok       ec2:DescribeVpnGateways
      ok       ec2:GetManagedPrefixListEntries
      note     what changes the network was not tested: no rule is in mode revert here

    Tested with your credentials (the access key in AWS_ACCESS_KEY_ID), not with the functions' roles: to test theirs, call it with their credentials.

    26 ok, 3 missing, 0 could not be checked
    --- exit status 1
    ");
}

#[test]
fn without_a_region_only_the_variables_are_checked() {
    let folder = folder();
    let mut command = folder.command(["doctor"]);
    command.env("AWS_EC2_METADATA_DISABLED", "true").envs(ALL);
    let run = crate::folder::Run::of(&mut command);
    assert!(
        run.stdout.contains("unknown  no AWS Region is configured"),
        "{}",
        run.stdout
    );
    assert_eq!(run.status, 2);
}
