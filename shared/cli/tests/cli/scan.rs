//! `guardrail scan` over a snapshot: its forms, its exit status, and how it is called.

use serde_json::Value;

use crate::folder::{AT, Folder, Run};

/// One rule, so that what is shown here stays the same when there are more.
const ONE: &str = "--rule open-egress";

fn scan(folder: &Folder, arguments: &str) -> Run {
    folder.run(&format!(
        "scan --policy policy.yaml --world world.json {AT} {ONE} {arguments}"
    ))
}

/// The test data, changed.
fn changed(change: impl FnOnce(&mut Value)) -> Folder {
    let folder = Folder::new();
    let mut world = serde_json::from_slice(&folder.read("world.json")).unwrap();
    change(&mut world);
    folder.write("world.json", world.to_string());
    folder
}

#[test]
fn what_is_wrong_is_shown_by_vpc_and_counted() {
    insta::assert_snapshot!(scan(&Folder::new(), "").transcript(), @r"
    vpc-0a1b2c3d4e5f60001, account 111122223333, eu-west-1
      medium  open-egress  sg-0a1b2c3d4e5f60001 (app)       an egress rule reaches the internet
      exempt  open-egress  sg-0a1b2c3d4e5f60003 (payments)  an egress rule reaches the internet (to the end of 2027-01-31; payments@example.com answers for it)

    rule         critical  high  medium  low  info  exempt  not judged
    open-egress  -         -     1       -    -     1       -

    1 VPC, 4 resources looked at: 1 finding, 0 could not be judged, 1 exempt
    --- exit status 1
    ");
}

#[test]
fn what_it_was_seen_by_and_how_to_mend_it_is_shown_on_demand() {
    insta::assert_snapshot!(scan(&Folder::new(), "--verbose").transcript(), @r#"
    vpc-0a1b2c3d4e5f60001, account 111122223333, eu-west-1
      medium  open-egress  sg-0a1b2c3d4e5f60001 (app)       an egress rule reaches the internet
          sgr-0a1b2c3d4e5f60001: tcp/443 to 0.0.0.0/0, that is everywhere
          the group's subnets have no route to the internet at this time: nothing leaves until somebody adds one
          to mend it, in Terraform:
            Remove the open egress rule from the code that made it, or the next deployment opens it again.
            resource "aws_vpc_security_group_egress_rule" "private_1" {
              security_group_id = "sg-0a1b2c3d4e5f60001"
              cidr_ipv4 = "10.0.0.0/8"
              ip_protocol = "tcp"
              from_port = 443
              to_port = 443
            }
            resource "aws_vpc_security_group_egress_rule" "private_2" {
              security_group_id = "sg-0a1b2c3d4e5f60001"
              prefix_list_id = "pl-0a1b2c3d4e5f60001"
              ip_protocol = "tcp"
              from_port = 443
              to_port = 443
            }
          to mend it, in CloudFormation:
            Remove the open egress rule from the code that made it, or the next deployment opens it again.
            PrivateEgress1:
              Type: AWS::EC2::SecurityGroupEgress
              Properties:
                GroupId: sg-0a1b2c3d4e5f60001
                CidrIp: 10.0.0.0/8
                IpProtocol: "tcp"
                FromPort: 443
                ToPort: 443
            PrivateEgress2:
              Type: AWS::EC2::SecurityGroupEgress
              Properties:
                GroupId: sg-0a1b2c3d4e5f60001
                DestinationPrefixListId: pl-0a1b2c3d4e5f60001
                IpProtocol: "tcp"
                FromPort: 443
                ToPort: 443
      exempt  open-egress  sg-0a1b2c3d4e5f60003 (payments)  an egress rule reaches the internet (to the end of 2027-01-31; payments@example.com answers for it)

    rule         critical  high  medium  low  info  exempt  not judged
    open-egress  -         -     1       -    -     1       -

    1 VPC, 4 resources looked at: 1 finding, 0 could not be judged, 1 exempt
    --- exit status 1
    "#);
}

#[test]
fn a_network_without_findings_is_clean() {
    let folder = changed(|world| {
        for group in ["sg-0a1b2c3d4e5f60001", "sg-0a1b2c3d4e5f60003"] {
            world["groups"][group]["rules"] = serde_json::json!({});
        }
    });
    insta::assert_snapshot!(scan(&folder, "").transcript(), @r"
    1 VPC, 4 resources looked at: 0 findings, 0 could not be judged
    --- exit status 0
    ");
}

#[test]
fn what_is_less_severe_than_asked_for_is_left_out_and_counts_for_nothing() {
    insta::assert_snapshot!(scan(&Folder::new(), "--severity high").transcript(), @r"
    1 VPC, 4 resources looked at: 0 findings, 0 could not be judged; 2 of lower severity left out
    --- exit status 0
    ");
}

#[test]
fn what_cannot_be_judged_is_told_once_with_the_reason() {
    let folder = changed(|world| {
        world["groups"]["sg-0a1b2c3d4e5f60005"]["rules"] = world["groups"]["sg-0a1b2c3d4e5f60001"]["rules"].clone();
        world.as_object_mut().unwrap().remove("route_tables");
    });
    insta::assert_snapshot!(scan(&folder, "").transcript(), @r"
    vpc-0a1b2c3d4e5f60001, account 111122223333, eu-west-1
      not judged by open-egress: sg-0a1b2c3d4e5f60001 and 2 more: the snapshot does not say what `ec2:DescribeRouteTables` would: add that part

    rule         critical  high  medium  low  info  exempt  not judged
    open-egress  -         -     -       -    -     -       3

    1 VPC, 4 resources looked at: 0 findings, 3 could not be judged
    --- exit status 2
    ");
}

#[test]
fn a_network_whose_vpcs_are_unknown_is_not_judged() {
    let folder = changed(|world| _ = world.as_object_mut().unwrap().remove("vpcs"));
    insta::assert_snapshot!(scan(&folder, "").transcript(), @r"
    eu-west-1, account 111122223333
      not judged: all that is there: the snapshot does not say what `ec2:DescribeVpcs` would: add that part

    0 VPCs, 0 resources looked at: 0 findings, 1 could not be judged
    --- exit status 2
    ");
}

#[test]
fn a_policy_file_that_selects_nothing_there_is_said_so() {
    let folder = Folder::new();
    folder.write(
        "policy.yaml",
        "version: 1\nscope: { private_vpcs: [{ id: vpc-0fffffffffffffff0 }] }\n",
    );
    insta::assert_snapshot!(scan(&folder, "").transcript(), @r"
    0 VPCs, 0 resources looked at: 0 findings, 0 could not be judged
    --- standard error
    eu-west-1: the policy file selects none of 2 VPCs
    --- exit status 0
    ");
}

#[test]
fn json_has_a_finding_a_line_as_records_have_it() {
    let run = scan(&Folder::new(), "--format json");
    assert_eq!(
        run.stderr,
        "1 VPC, 4 resources looked at: 1 finding, 0 could not be judged, 1 exempt\n"
    );
    let lines: Vec<Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let place =
        |line: &Value| ["account", "region", "vpc"].map(|member| line[member].as_str().unwrap_or_default().to_owned());
    for line in &lines {
        assert_eq!(place(line), ["111122223333", "eu-west-1", "vpc-0a1b2c3d4e5f60001"]);
    }
    let [found, exempt] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    let finding: guardrail_policy::finding::Finding = serde_json::from_value(found["finding"].clone()).unwrap();
    assert_eq!(
        (finding.resource.id.as_str(), finding.class.as_str()),
        ("sg-0a1b2c3d4e5f60001", "internet")
    );
    assert_eq!(exempt["exempt"]["owner"], "payments@example.com");
    assert_eq!(exempt["exempt"]["finding"]["resource"]["id"], "sg-0a1b2c3d4e5f60003");
}

/// The members that the SARIF schema requires of each object that is written, and the values that it allows.
fn assert_is_sarif(log: &Value) {
    let text = |value: &Value, member: &str| {
        assert!(
            value[member]["text"].as_str().is_some_and(|text| !text.is_empty()),
            "{value}"
        )
    };
    assert_eq!(log["version"], "2.1.0");
    let [run] = log["runs"].as_array().unwrap().as_slice() else {
        panic!("{log}")
    };
    assert!(run["tool"]["driver"]["name"].is_string());
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        assert!(rule["id"].is_string());
        text(rule, "shortDescription");
        text(rule, "help");
        assert!(
            ["error", "warning", "note", "none"].contains(&rule["defaultConfiguration"]["level"].as_str().unwrap())
        );
        assert!(
            rule["properties"]["security-severity"]
                .as_str()
                .unwrap()
                .parse::<f64>()
                .is_ok()
        );
    }
    for result in run["results"].as_array().unwrap() {
        text(result, "message");
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note", "none"].contains(&result["level"].as_str().unwrap()));
        let place = &result["locations"][0]["logicalLocations"][0];
        assert!(
            place["fullyQualifiedName"]
                .as_str()
                .unwrap()
                .starts_with("arn:aws:ec2:")
        );
        let suppressions = result["suppressions"].as_array().into_iter().flatten();
        suppressions.for_each(|suppression| assert_eq!(suppression["kind"], "external"));
    }
    for invocation in run["invocations"].as_array().unwrap() {
        assert!(invocation["executionSuccessful"].is_boolean());
        for notification in invocation["toolExecutionNotifications"].as_array().unwrap() {
            text(notification, "message");
        }
    }
}

#[test]
fn sarif_has_what_its_schema_requires_and_takes_exemptions_for_suppressions() {
    let run = scan(&Folder::new(), "--format sarif");
    let log: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_is_sarif(&log);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let suppressed: Vec<bool> = results
        .iter()
        .map(|result| result.get("suppressions").is_some())
        .collect();
    assert_eq!((suppressed, run.status), (vec![false, true], 1));
    insta::assert_snapshot!(results[0]["message"]["text"].as_str().unwrap(), @"security group sg-0a1b2c3d4e5f60001 (app): an egress rule reaches the internet; sgr-0a1b2c3d4e5f60001: tcp/443 to 0.0.0.0/0, that is everywhere");
    insta::assert_json_snapshot!(results[0]["partialFingerprints"], @r#"
    {
      "finding/v1": "open-egress/internet/arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0a1b2c3d4e5f60001"
    }
    "#);
}

#[test]
fn sarif_without_results_is_whole_and_says_what_could_not_be_judged() {
    let folder = changed(|world| _ = world.as_object_mut().unwrap().remove("vpcs"));
    let run = scan(&folder, "--format sarif");
    let log: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_is_sarif(&log);
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(
        (&invocation["executionSuccessful"], run.status),
        (&Value::Bool(false), 2)
    );
    insta::assert_snapshot!(invocation["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap(), @"all that is there in eu-west-1 could not be judged: the snapshot does not say what `ec2:DescribeVpcs` would: add that part");
}

#[test]
fn every_rule_that_looks_at_what_stands_is_asked_without_a_change_to_the_command() {
    let run = Folder::new().run(&format!(
        "scan --policy policy.yaml --world world.json {AT} --format sarif"
    ));
    let log: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_is_sarif(&log);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let names: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    let built = guardrail_policy::rules::BUILT
        .iter()
        .filter(|rule| !rule.scans.is_empty());
    assert_eq!(names, built.map(|rule| rule.name.as_str()).collect::<Vec<_>>());
    assert!(names.len() >= 4);
}

#[test]
fn what_is_asked_for_wrongly_is_refused_with_the_remedy() {
    let folder = Folder::new();
    let lines = [
        "scan",
        "scan --policy policy.yaml --world none.json",
        "scan --policy none.yaml --world world.json",
        "scan --policy policy.yaml --world world.json --region eu-west-1",
        "scan --policy policy.yaml --world world.json --severity grave",
        "scan --policy policy.yaml --world world.json --rule open-ingress",
        "scan --policy policy.yaml --all-regions --snapshot network.json",
        "scan --policy policy.yaml",
    ];
    let told = lines.map(|line| {
        let mut command = folder.command(line.split_whitespace());
        let run = Run::of(command.env("AWS_EC2_METADATA_DISABLED", "true"));
        let first = run
            .stderr
            .lines()
            .take_while(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        format!("$ guardrail {line}\n{first}\n{}", run.status)
    });
    insta::assert_snapshot!(told.join("\n"), @r"
    $ guardrail scan
    error: the following required arguments were not provided:
      --policy <FILE>
    2
    $ guardrail scan --policy policy.yaml --world none.json
    error: the snapshot `none.json` cannot be read (no such file or directory): check the path
    2
    $ guardrail scan --policy none.yaml --world world.json
    error: the policy file `none.yaml` cannot be read (no such file or directory): check the path
    2
    $ guardrail scan --policy policy.yaml --world world.json --region eu-west-1
    error: the argument '--world <FILE>' cannot be used with '--region <REGION>'
    2
    $ guardrail scan --policy policy.yaml --world world.json --severity grave
    error: invalid value 'grave' for '--severity <SEVERITY>': it is no severity: give `info`, `low`, `medium`, `high` or `critical`
    2
    $ guardrail scan --policy policy.yaml --world world.json --rule open-ingress
    error: invalid value 'open-ingress' for '--rule <RULE>'
      [possible values: open-egress, private-path, endpoint-security-group, private-dns, vpc-dns-attributes, required-endpoints, endpoint-policy, endpoint-service, gateway-route, internet-path, public-address, block-public-access, new-network-path, public-api, public-graphql-api, guardrail-tampered]
    2
    $ guardrail scan --policy policy.yaml --all-regions --snapshot network.json
    error: the argument '--all-regions' cannot be used with '--snapshot <FILE>'
    2
    $ guardrail scan --policy policy.yaml
    error: no AWS Region is configured: set `AWS_REGION`
    2
    ");
}
