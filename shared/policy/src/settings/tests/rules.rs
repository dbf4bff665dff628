//! What can be set for each rule.

use std::time::Duration;

use insta::assert_snapshot;

use super::{good, told};
use crate::settings::{Mode, Remedy, RuleName};

#[test]
fn every_rule_takes_a_mode() {
    for rule in RuleName::ALL {
        let settings = good(&format!("version: 1\nrules: {{ {rule}: {{ mode: observe }} }}\n"));
        assert_eq!(settings.rules[rule].mode, Some(Mode::Observe));
    }
}

#[test]
fn open_egress_takes_a_remedy_an_age_and_whether_a_private_path_is_required() {
    for (text, remedy) in [
        ("narrow", Remedy::Narrow),
        ("private-paths", Remedy::PrivatePaths),
        ("revoke", Remedy::Revoke),
    ] {
        let settings = good(&format!("version: 1\nrules: {{ open-egress: {{ remedy: {text} }} }}\n"));
        assert_eq!(settings.rules[&RuleName::OpenEgress].remedy, Some(remedy));
    }
    for (text, seconds, shown) in [
        ("90s", 90, "90s"),
        ("60m", 3_600, "1h"),
        ("2h", 7_200, "2h"),
        ("1d", 86_400, "1d"),
    ] {
        let text = format!(
            "version: 1\nrules: {{ open-egress: {{ only_newer_than: {text}, require_private_path: false }} }}\n"
        );
        let rule = good(&text).rules[&RuleName::OpenEgress].clone();
        let age = rule.only_newer_than.unwrap();
        assert_eq!(
            (age.duration(), age.to_string().as_str()),
            (Duration::from_secs(seconds), shown)
        );
        assert_eq!(rule.require_private_path, Some(false));
    }
}

#[test]
fn private_dns_takes_the_services_that_are_off_on_purpose() {
    let settings =
        good("version: 1\nrules: { private-dns: { intended_off: [com.amazonaws.eu-west-1.s3, ecr.api] } }\n");
    let off = settings.rules[&RuleName::PrivateDns].intended_off.clone().unwrap();
    let is_off = |service| off.iter().any(|selector| selector.selects(service));
    assert!(is_off("com.amazonaws.eu-west-1.s3") && !is_off("com.amazonaws.eu-west-2.s3"));
    assert!(is_off("com.amazonaws.eu-west-2.ecr.api") && is_off("cn.com.amazonaws.cn-north-1.ecr.api"));
    assert!(!is_off("com.amazonaws.eu-west-2.ecr.dkr"));
}

#[test]
fn endpoint_policy_takes_a_document_that_keeps_account_ids_as_texts() {
    let text = "
version: 1
rules:
  endpoint-policy:
    remedy: set-policy
    document:
      Version: 2012-10-17
      Statement:
        - { Effect: Allow, Principal: { AWS: 011122223333 }, Action: \"*\", Resource: \"*\", Condition: { Bool: { \"aws:SecureTransport\": true } } }
";
    let document = good(text).rules[&RuleName::EndpointPolicy].document.clone().unwrap();
    let expected: serde_json::Value = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": { "AWS": "011122223333" }, "Action": "*", "Resource": "*",
            "Condition": { "Bool": { "aws:SecureTransport": true } },
        }],
    });
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(document.as_json()).unwrap(),
        expected
    );
}

#[test]
fn a_document_may_stand_above_the_account_that_uses_it() {
    let text = "
version: 1
rules: { endpoint-policy: { document: { Statement: [{}] } } }
accounts: { \"111122223333\": { rules: { endpoint-policy: { remedy: set-policy } } } }
";
    let merged = good(text).rule(RuleName::EndpointPolicy, &"111122223333".parse().unwrap());
    assert_eq!(
        (merged.remedy, merged.document.unwrap().as_json()),
        (Some(Remedy::SetPolicy), "{\"Statement\":[{}]}")
    );
}

#[test]
fn options_with_values_that_cannot_be_used_are_told() {
    let text = "
rules:
  open_egress: {}
  open-egress: { remedy: narow, only_newer_than: 60, require_private_path: \"true\" }
  private-dns: revert
  endpoint-policy: { remedy: revoke }
";
    assert_snapshot!(told(text), @r#"
    error: `open_egress` is not a rule
     --> policy.yaml:4:3
      |
    4 |   open_egress: {}
      |   ^^^^^^^^^^^
      |
      = help: did you mean `open-egress`?

    error: `narow` is not a remedy of `open-egress`
     --> policy.yaml:5:26
      |
    5 |   open-egress: { remedy: narow, only_newer_than: 60, require_private_path: "true" }
      |                          ^^^^^
      |
      = help: did you mean `narrow`?

    error: `60` is not a length of time
     --> policy.yaml:5:50
      |
    5 |   open-egress: { remedy: narow, only_newer_than: 60, require_private_path: "true" }
      |                                                  ^^
      |
      = help: write a number and its unit, like `90s`, `60m`, `2h` or `1d`, up to `365d`

    error: `"true"` is not true or false
     --> policy.yaml:5:76
      |
    5 |   open-egress: { remedy: narow, only_newer_than: 60, require_private_path: "true" }
      |                                                                            ^^^^^^
      |
      = help: write `true` or `false`, without quotes

    error: `revert` alone is not the settings of a rule
     --> policy.yaml:6:16
      |
    6 |   private-dns: revert
      |                ^^^^^^
      |
      = help: write `private-dns: { mode: revert }`

    error: `revoke` is not a remedy of `endpoint-policy`
     --> policy.yaml:7:30
      |
    7 |   endpoint-policy: { remedy: revoke }
      |                              ^^^^^^
      |
      = help: write `set-policy`

    6 problems in policy.yaml
    "#);
}

#[test]
fn an_option_of_another_rule_is_told_with_the_rule_that_has_it() {
    let text = "
rules:
  private-dns: { remedy: narrow, intended_of: [s3] }
  internet-path: { only_newer_than: 1h }
";
    assert_snapshot!(told(text), @r"
    error: rule `private-dns` has no option `remedy`
     --> policy.yaml:4:18
      |
    4 |   private-dns: { remedy: narrow, intended_of: [s3] }
      |                  ^^^^^^
      |
      = help: remove it: it is an option of `open-egress` and `endpoint-policy`

    error: unknown key `intended_of`
     --> policy.yaml:4:34
      |
    4 |   private-dns: { remedy: narrow, intended_of: [s3] }
      |                                  ^^^^^^^^^^^
      |
      = help: did you mean `intended_off`?

    error: rule `internet-path` has no option `only_newer_than`
     --> policy.yaml:5:20
      |
    5 |   internet-path: { only_newer_than: 1h }
      |                    ^^^^^^^^^^^^^^^
      |
      = help: remove it: it is an option of `open-egress`

    3 problems in policy.yaml
    ");
}

#[test]
fn ages_without_unit_of_zero_or_beyond_a_year_are_refused() {
    for wrong in ["60", "0m", "366d", "1w", "-1h", "1.5h", "m", "99999999d", "PT1H", "1 h"] {
        let error = told(&format!("rules: {{ open-egress: {{ only_newer_than: {wrong} }} }}\n"));
        assert!(error.contains("is not a length of time"), "{wrong}: {error}");
    }
}

#[test]
fn set_policy_needs_a_document_with_statements() {
    assert_snapshot!(told("rules: { endpoint-policy: { remedy: set-policy } }\n"), @r"
    error: the remedy `set-policy` has no policy to set
     --> policy.yaml:2:10
      |
    2 | rules: { endpoint-policy: { remedy: set-policy } }
      |          ^^^^^^^^^^^^^^^
      |
      = help: add `document:` with the endpoint policy

    1 problem in policy.yaml
    ");
    assert_snapshot!(told("rules: { endpoint-policy: { document: { Version: 2012-10-17, Statement: [] } } }\n"), @r"
    error: an endpoint policy without statements
     --> policy.yaml:2:39
      |
    2 | rules: { endpoint-policy: { document: { Version: 2012-10-17, Statement: [] } } }
      |                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: give it `Version` and a list `Statement`, as IAM has them

    1 problem in policy.yaml
    ");
    assert_snapshot!(told("rules: { endpoint-policy: { document: { Statement: [{ Effect: }] } } }\n"), @r#"
    error: a value is missing
     --> policy.yaml:2:61
      |
    2 | rules: { endpoint-policy: { document: { Statement: [{ Effect: }] } } }
      |                                                             ^
      |
      = help: write a value, like `""`

    1 problem in policy.yaml
    "#);
    let long = format!(
        "rules: {{ endpoint-policy: {{ document: {{ Statement: [{{ Sid: {} }}] }} }} }}\n",
        "x".repeat(20_480)
    );
    assert!(
        told(&long).contains("an endpoint policy of 20506 characters"),
        "{}",
        told(&long)
    );
}

#[test]
fn that_the_guardrail_is_tampered_with_cannot_be_kept_silent() {
    let says = |mode: &str| {
        let settings = good(&format!(
            "version: 1\nrules:\n  guardrail-tampered: {{ mode: {mode} }}\n"
        ));
        let text = "rule `guardrail-tampered` tells in every mode: `mode: observe` has no effect on it";
        settings.notes.iter().any(|note| note.text == text)
    };
    assert!(says("observe") && !says("notify"));
}
