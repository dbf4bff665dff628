//! Whole files: the example of the design, the one that is shipped, and the smallest.

use insta::assert_snapshot;

use super::{good, notes};
use crate::settings::{Limits, Mode, RuleName, Settings, VpcSelector, parse};

/// Every key of the grammar, as the design shows it.
pub(super) const EVERY_KEY: &str = r#"
version: 1
scope:
  private_vpcs:
    - tags: { connectivity: private }
    - id: vpc-0a1b2c3d4e5f67890
    - account: "111122223333"
      all_except: [vpc-0123456789abcdef0]
  exclude_subnets: [subnet-0a1b2c3d4e5f67890]
  private_accounts: ["111122223333"]
allowed_destinations: [10.0.0.0/8]
allowed_route_targets: [tgw-0a1b2c3d4e5f67890]
required_endpoints: [s3, ecr.api, ecr.dkr]
allowed_endpoint_services: [com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f67890]
central_endpoints:
  - { vpc: vpc-0fedcba987654321f, account: "444455556666", cidrs: [10.200.0.0/24], services: [sts, kms] }
client_pairs:
  - { client: { tags: { tier: app } }, services: [s3, sqs] }
mode: notify
rules:
  open-egress: { mode: revert, remedy: narrow, only_newer_than: 60m, require_private_path: true }
  private-dns: { mode: revert, intended_off: [com.amazonaws.eu-west-1.s3] }
  endpoint-policy: { mode: notify }
exemptions:
  - rule: open-egress
    resource: sg-0123456789abcdef0
    owner: payments@example.com
    reason: vendor cut-over, CHG-1234
    until: 2027-01-31
limits: { reverts_per_principal_per_day: 20, attempts_per_resource_per_hour: 5, max_exemption_days: 90 }
principals:
  report_only: ["arn:aws:iam::111122223333:role/BreakGlass"]
prices: { nat_gateway_hour: 0.045 }
accounts:
  "444455556666": { mode: observe, rules: { open-egress: { mode: notify, remedy: revoke } } }
"#;

#[test]
fn every_key_is_read_into_its_place() {
    let mut settings = serde_json::to_value(good(EVERY_KEY)).unwrap();
    settings.sort_all_objects();
    let lines: Vec<String> = settings
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    assert_snapshot!(lines.join("\n"), @r#"
    accounts: {"444455556666":{"mode":"observe","rules":{"open-egress":{"mode":"notify","remedy":"revoke"}}}}
    allowed_destinations: ["10.0.0.0/8"]
    allowed_endpoint_services: ["com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f67890"]
    allowed_route_targets: ["tgw-0a1b2c3d4e5f67890"]
    central_endpoints: [{"account":"444455556666","cidrs":["10.200.0.0/24"],"services":["kms","sts"],"vpc":"vpc-0fedcba987654321f"}]
    client_pairs: [{"client":{"tags":{"tier":"app"}},"services":["s3","sqs"]}]
    digest: "7f1fc074bcdbcc02f325eafe4e0719a46483663e92a6b7b427a7f879b6c95f83"
    exemptions: [{"owner":"payments@example.com","reason":"vendor cut-over, CHG-1234","resource":"sg-0123456789abcdef0","rule":"open-egress","until":"2027-01-31"}]
    limits: {"attempts_per_resource_per_hour":5,"max_exemption_days":90,"reverts_per_principal_per_day":20}
    mode: "notify"
    prices: {"nat_gateway_hour":"0.045"}
    principals: {"report_only":["arn:aws:iam::111122223333:role/BreakGlass"]}
    required_endpoints: ["ecr.api","ecr.dkr","s3"]
    rules: {"endpoint-policy":{"mode":"notify"},"open-egress":{"mode":"revert","only_newer_than":"1h","remedy":"narrow","require_private_path":true},"private-dns":{"intended_off":["com.amazonaws.eu-west-1.s3"],"mode":"revert"}}
    scope: {"exclude_subnets":["subnet-0a1b2c3d4e5f67890"],"private_accounts":["111122223333"],"private_vpcs":[{"tags":{"connectivity":"private"}},{"id":"vpc-0a1b2c3d4e5f67890"},{"account":"111122223333","all_except":["vpc-0123456789abcdef0"]}]}
    "#);
}

#[test]
fn rules_that_this_version_does_not_have_are_noted() {
    assert_snapshot!(notes(EVERY_KEY), @r"
    22:3 rule `private-dns` is known but not built into this version: what is set for it has no effect yet
    23:3 rule `endpoint-policy` is known but not built into this version: what is set for it has no effect yet
    ");
}

#[test]
fn the_smallest_file_has_the_defaults_and_is_noted_to_select_nothing() {
    let settings = good("version: 1\n");
    assert_eq!((settings.mode, settings.limits), (Mode::Notify, Limits::default()));
    assert_eq!(settings.limits.reverts_per_principal_per_day, 20);
    assert_snapshot!(notes("version: 1\n"), @"1:1 nothing is selected, so nothing will be judged: name VPCs under `scope.private_vpcs`");
}

#[test]
fn keys_without_values_are_taken_as_empty_lists_and_mappings() {
    let empty = good(
        "version: 1\nscope:\nallowed_destinations:\nrules:\nexemptions:\nlimits:\naccounts:\nprincipals:\nprices:\n",
    );
    assert_eq!(
        crate::settings::Settings {
            digest: good("version: 1\n").digest,
            ..empty
        },
        good("version: 1\n")
    );
}

#[test]
fn destinations_on_the_internet_and_exemptions_from_rules_to_come_are_noted() {
    let text = "
version: 1
scope: { private_vpcs: [{ tags: { a: b } }] }
allowed_destinations: [10.0.0.0/8, 8.8.8.0/24]
exemptions:
  - { rule: public-api, resource: a1b2c3d4e5, owner: web, reason: public site, until: 2027-01-31 }
";
    assert_snapshot!(notes(text), @r"
    4:36 `8.8.8.0/24` holds addresses of the internet: egress to them is allowed
    6:5 rule `public-api` is known but not built into this version: this exemption has no effect yet
    ");
}

#[test]
fn account_ids_without_quotes_are_taken_where_nothing_can_be_lost() {
    let settings = good(
        "version: 1\nscope: { private_vpcs: [{ account: 111122223333 }] }\naccounts: { 111122223333: { mode: observe } }\n",
    );
    let account = "111122223333".parse().unwrap();
    assert!(
        matches!(&settings.scope.private_vpcs[..], [VpcSelector::Account { account: selected, .. }] if *selected == account)
    );
    assert_eq!(settings.mode_for(RuleName::OpenEgress, &account), Mode::Observe);
}

#[test]
fn texts_for_people_are_one_line_however_they_are_written() {
    let text = "
version: 1
exemptions:
  - rule: open-egress
    resource: arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0123456789abcdef0
    owner: 1234
    reason: |
      vendor cut-over,
      CHG-1234
    until: \"2027-01-31\"
";
    let exemption = good(text).exemptions.remove(0);
    assert_eq!(
        (exemption.owner.as_str(), exemption.reason.as_str()),
        ("1234", "vendor cut-over, CHG-1234")
    );
    assert_eq!(
        (exemption.at.to_string().as_str(), exemption.until.to_string().as_str()),
        ("4:5", "2027-01-31")
    );
}

#[test]
fn the_shipped_example_can_be_used_and_reverts_nothing() {
    let settings = good(include_str!("../../../../../infra/policy.example.yaml"));
    let account = "111122223333".parse().unwrap();
    assert!(
        RuleName::ALL
            .iter()
            .all(|rule| settings.mode_for(*rule, &account) < Mode::Revert)
    );
    assert!(!settings.scope.private_vpcs.is_empty() && settings.exemptions.is_empty());
}

#[test]
fn what_holds_without_a_file_is_what_one_with_nothing_in_it_says() {
    let empty = parse(b"version: 1\n", crate::rules::BUILT_NAMES).unwrap();
    assert_eq!(
        Settings {
            notes: Vec::new(),
            ..empty
        },
        Settings::of_no_file()
    );
}
