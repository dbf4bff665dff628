//! The other keys with values that cannot be used.

use insta::assert_snapshot;

use super::told;

#[test]
fn an_unknown_key_is_told_with_the_nearest_or_with_all_that_are_known() {
    assert_snapshot!(told("modes: notify\nscopes: {}\nwebhook: x\n"), @r"
    error: unknown key `modes`
     --> policy.yaml:2:1
      |
    2 | modes: notify
      | ^^^^^
      |
      = help: did you mean `mode`?

    error: unknown key `scopes`
     --> policy.yaml:3:1
      |
    3 | scopes: {}
      | ^^^^^^
      |
      = help: did you mean `scope`?

    error: unknown key `webhook`
     --> policy.yaml:4:1
      |
    4 | webhook: x
      | ^^^^^^^
      |
      = help: write `version`, `scope`, `allowed_destinations`, `allowed_route_targets`, `required_endpoints`, `allowed_endpoint_services`, `central_endpoints`, `client_pairs`, `mode`, `rules`, `exemptions`, `limits`, `principals`, `prices` or `accounts`

    3 problems in policy.yaml
    ");
}

#[test]
fn exemptions_need_rule_resource_owner_reason_and_a_real_end() {
    let text = "
exemptions:
  - rule: open-ingress
    resource: sg-0123
    owner: \"\"
    until: 2027-02-30
";
    assert_snapshot!(told(text), @r#"
    error: the key `reason` is missing
     --> policy.yaml:4:5
      |
    4 |   - rule: open-ingress
      |     ^^^^^^^^^^^^^^^^^^
      |
      = help: add `reason: vendor cut-over, CHG-1234`

    error: `open-ingress` is not a rule
     --> policy.yaml:4:11
      |
    4 |   - rule: open-ingress
      |           ^^^^^^^^^^^^
      |
      = help: did you mean `open-egress`?

    error: `sg-0123` is not the id or ARN of a resource
     --> policy.yaml:5:15
      |
    5 |     resource: sg-0123
      |               ^^^^^^^
      |
      = help: write it like `sg-0123456789abcdef0`

    error: the text is empty
     --> policy.yaml:6:12
      |
    6 |     owner: ""
      |            ^^
      |
      = help: write one

    error: `2027-02-30` is not a date
     --> policy.yaml:7:12
      |
    7 |     until: 2027-02-30
      |            ^^^^^^^^^^
      |
      = help: write year, month and day, like `2027-01-31`

    5 problems in policy.yaml
    "#);
}

#[test]
fn exemptions_take_no_patterns_names_lists_or_times() {
    let text = "
exemptions:
  - { rule: open-egress, resource: \"sg-*\", owner: a, reason: b, until: 31/01/2027 }
  - { rule: open-egress, resource: payments, owner: ~, reason: [b], until: 2027-01-31T10:00 }
";
    assert_snapshot!(told(text), @r#"
    error: `"sg-*"` is not the id or ARN of a resource
     --> policy.yaml:4:36
      |
    4 |   - { rule: open-egress, resource: "sg-*", owner: a, reason: b, until: 31/01/2027 }
      |                                    ^^^^^^
      |
      = help: patterns are not taken: write one exemption for each resource

    error: `31/01/2027` is not a date
     --> policy.yaml:4:72
      |
    4 |   - { rule: open-egress, resource: "sg-*", owner: a, reason: b, until: 31/01/2027 }
      |                                                                        ^^^^^^^^^^
      |
      = help: write year, month and day, like `2027-01-31`

    error: `payments` is not the id or ARN of a resource
     --> policy.yaml:5:36
      |
    5 |   - { rule: open-egress, resource: payments, owner: ~, reason: [b], until: 2027-01-31T10:00 }
      |                                    ^^^^^^^^
      |
      = help: write it like `sg-0123456789abcdef0`

    error: a value is missing
     --> policy.yaml:5:53
      |
    5 |   - { rule: open-egress, resource: payments, owner: ~, reason: [b], until: 2027-01-31T10:00 }
      |                                                     ^
      |
      = help: write a text, like `payments team`

    error: expected a text, found a list
     --> policy.yaml:5:64
      |
    5 |   - { rule: open-egress, resource: payments, owner: ~, reason: [b], until: 2027-01-31T10:00 }
      |                                                                ^^^
      |
      = help: write a text, like `payments team`

    error: `2027-01-31T10:00` is not a date
     --> policy.yaml:5:76
      |
    5 |   - { rule: open-egress, resource: payments, owner: ~, reason: [b], until: 2027-01-31T10:00 }
      |                                                                            ^^^^^^^^^^^^^^^^
      |
      = help: write year, month and day, like `2027-01-31`

    6 problems in policy.yaml
    "#);
}

#[test]
fn limits_are_whole_numbers_within_bounds() {
    let text = "limits: { reverts_per_principal_per_day: 0, attempts_per_resource_per_hour: 1.5, max_exemption_days: \"90\", max_days: 1 }\n";
    assert_snapshot!(told(text), @r#"
    error: `0` is not a whole number from 1 to 1000
     --> policy.yaml:2:42
      |
    2 | limits: { reverts_per_principal_per_day: 0, attempts_per_resource_per_hour: 1.5, max_exemption_days: "90", max_days: 1 }
      |                                          ^
      |
      = help: write a number in these bounds, in digits only

    error: `1.5` is not a whole number from 1 to 100
     --> policy.yaml:2:77
      |
    2 | limits: { reverts_per_principal_per_day: 0, attempts_per_resource_per_hour: 1.5, max_exemption_days: "90", max_days: 1 }
      |                                                                             ^^^
      |
      = help: write a number in these bounds, in digits only

    error: `"90"` is not a whole number from 1 to 3650
     --> policy.yaml:2:102
      |
    2 | limits: { reverts_per_principal_per_day: 0, attempts_per_resource_per_hour: 1.5, max_exemption_days: "90", max_days: 1 }
      |                                                                                                      ^^^^
      |
      = help: write it without quotes

    error: unknown key `max_days`
     --> policy.yaml:2:108
      |
    2 | limits: { reverts_per_principal_per_day: 0, attempts_per_resource_per_hour: 1.5, max_exemption_days: "90", max_days: 1 }
      |                                                                                                            ^^^^^^^^
      |
      = help: write `reverts_per_principal_per_day`, `attempts_per_resource_per_hour` or `max_exemption_days`

    4 problems in policy.yaml
    "#);
}

#[test]
fn principals_are_exact_arns_of_roles_and_users() {
    let text = "
principals:
  report_only:
    - arn:aws:sts::111122223333:assumed-role/BreakGlass/someone
    - arn:aws:iam::111122223333:role/*
    - arn:aws:s3:::bucket
    - BreakGlass
";
    assert_snapshot!(told(text), @r"
    error: `arn:aws:sts::111122223333:assumed-role/BreakGlass/someone` is not the ARN of a role or user
     --> policy.yaml:5:7
      |
    5 |     - arn:aws:sts::111122223333:assumed-role/BreakGlass/someone
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write the ARN of the role behind the session, with its path: `arn:aws:iam::…:role/BreakGlass`

    error: `arn:aws:iam::111122223333:role/*` is not the ARN of a role or user
     --> policy.yaml:6:7
      |
    6 |     - arn:aws:iam::111122223333:role/*
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: patterns are not taken: write one line for each ARN

    error: `arn:aws:s3:::bucket` is not the ARN of a role or user
     --> policy.yaml:7:7
      |
    7 |     - arn:aws:s3:::bucket
      |       ^^^^^^^^^^^^^^^^^^^
      |
      = help: write it like `arn:aws:iam::111122223333:role/Example`

    error: `BreakGlass` is not the ARN of a role or user
     --> policy.yaml:8:7
      |
    8 |     - BreakGlass
      |       ^^^^^^^^^^
      |
      = help: write it like `arn:aws:iam::111122223333:role/Example`

    4 problems in policy.yaml
    ");
}

#[test]
fn prices_are_decimal_amounts_of_dollars() {
    let text = "prices: { nat_gateway_hour: $0.045, nat_gateway_gb: -1, interface_endpoint_hour: 1e3, interface_endpoint_gb: \"0.01\", nat_hour: 1 }\n";
    assert_snapshot!(told(text), @r#"
    error: `$0.045` is not a price in US dollars
     --> policy.yaml:2:29
      |
    2 | prices: { nat_gateway_hour: $0.045, nat_gateway_gb: -1, interface_endpoint_hour: 1e3, interface_endpoint_gb: "0.01", nat_hour: 1 }
      |                             ^^^^^^
      |
      = help: write digits and a point, like `0.045`, from 0 to 4000, without quotes

    error: `-1` is not a price in US dollars
     --> policy.yaml:2:53
      |
    2 | prices: { nat_gateway_hour: $0.045, nat_gateway_gb: -1, interface_endpoint_hour: 1e3, interface_endpoint_gb: "0.01", nat_hour: 1 }
      |                                                     ^^
      |
      = help: write digits and a point, like `0.045`, from 0 to 4000, without quotes

    error: `1e3` is not a price in US dollars
     --> policy.yaml:2:82
      |
    2 | prices: { nat_gateway_hour: $0.045, nat_gateway_gb: -1, interface_endpoint_hour: 1e3, interface_endpoint_gb: "0.01", nat_hour: 1 }
      |                                                                                  ^^^
      |
      = help: write digits and a point, like `0.045`, from 0 to 4000, without quotes

    error: `"0.01"` is not a price in US dollars
     --> policy.yaml:2:110
      |
    2 | prices: { nat_gateway_hour: $0.045, nat_gateway_gb: -1, interface_endpoint_hour: 1e3, interface_endpoint_gb: "0.01", nat_hour: 1 }
      |                                                                                                              ^^^^^^
      |
      = help: write digits and a point, like `0.045`, from 0 to 4000, without quotes

    error: unknown key `nat_hour`
     --> policy.yaml:2:118
      |
    2 | prices: { nat_gateway_hour: $0.045, nat_gateway_gb: -1, interface_endpoint_hour: 1e3, interface_endpoint_gb: "0.01", nat_hour: 1 }
      |                                                                                                                      ^^^^^^^^
      |
      = help: write `nat_gateway_hour`, `nat_gateway_gb`, `interface_endpoint_hour` or `interface_endpoint_gb`

    5 problems in policy.yaml
    "#);
}

#[test]
fn modes_are_three_words() {
    assert_snapshot!(told("mode: revrt\n"), @r"
    error: `revrt` is not a mode
     --> policy.yaml:2:7
      |
    2 | mode: revrt
      |       ^^^^^
      |
      = help: did you mean `revert`?

    1 problem in policy.yaml
    ");
    assert_snapshot!(told("mode: enforce\n"), @r"
    error: `enforce` is not a mode
     --> policy.yaml:2:7
      |
    2 | mode: enforce
      |       ^^^^^^^
      |
      = help: write `observe`, `notify` or `revert`

    1 problem in policy.yaml
    ");
    assert_snapshot!(told("mode:\n"), @r"
    error: a value is missing
     --> policy.yaml:2:5
      |
    2 | mode:
      |     ^
      |
      = help: write `observe`, `notify` or `revert`

    1 problem in policy.yaml
    ");
    assert_snapshot!(told("mode: [notify]\n"), @r"
    error: expected a mode, found a list
     --> policy.yaml:2:7
      |
    2 | mode: [notify]
      |       ^^^^^^^^
      |
      = help: write `observe`, `notify` or `revert`

    1 problem in policy.yaml
    ");
}

#[test]
fn prices_are_kept_to_the_millionth_of_a_dollar() {
    let price = |text: &str| {
        let price = super::good(&format!("version: 1\nprices: {{ nat_gateway_hour: {text} }}\n"))
            .prices
            .nat_gateway_hour
            .unwrap();
        (price.micro_usd(), price.to_string())
    };
    assert_eq!(price("0.045"), (45_000, "0.045".to_owned()));
    assert_eq!(price("0.000001"), (1, "0.000001".to_owned()));
    assert_eq!(price("4000"), (4_000_000_000, "4000".to_owned()));
    assert_eq!(price("10.50"), (10_500_000, "10.5".to_owned()));
}

#[test]
fn users_roles_with_paths_and_the_root_can_be_reported_only() {
    let text = "
version: 1
principals:
  report_only: [\"arn:aws:iam::111122223333:user/someone\", \"arn:aws-cn:iam::111122223333:role/a/b/Example\", \"arn:aws:iam::111122223333:root\"]
";
    assert_eq!(super::good(text).principals.report_only.len(), 3);
}

#[test]
fn exempt_resources_may_be_ids_arns_accounts_and_apis() {
    for resource in [
        "sg-0123456789abcdef0",
        "vpc-01234567",
        "tgw-attach-0123456789abcdef0",
        "\"111122223333\"",
        "a1b2c3d4e5",
        "abcdefghijklmnopqrstuvwxyz",
        "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5",
    ] {
        let text = format!(
            "version: 1\nexemptions: [{{ rule: open-egress, resource: {resource}, owner: a, reason: b, until: 2027-01-31 }}]\n"
        );
        assert_eq!(
            super::good(&text).exemptions[0].resource.as_str(),
            resource.trim_matches('"')
        );
    }
}
