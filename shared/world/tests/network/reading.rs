//! Snapshots: what is written comes back, and what is wrong is named with its place.

use guardrail_world::{SnapshotError, World};

use crate::sample::network;

#[test]
fn a_network_written_as_json_reads_back_the_same() {
    let json = serde_json::to_vec_pretty(&network()).unwrap();
    assert_eq!(World::read(&json).unwrap(), network());
}

#[test]
fn json_and_yaml_with_a_mistake_name_its_line_and_column() {
    let json = b"{\n  \"account\": \"111122223333\",\n  \"region\": \"eu-west-1\",\n  \"endpoint\": {}\n}";
    let SnapshotError::Unreadable { line, reason, .. } = World::read(json).unwrap_err() else {
        panic!("no place")
    };
    assert_eq!(line, 4);
    assert!(
        reason.contains("unknown field `endpoint`") && !reason.contains(" at line "),
        "{reason}"
    );
    let yaml = b"account: \"111122223333\"\nregion: eu-west-1\nvpcs:\n  vpc-1: { cidrs: [10.0.0.0/33] }\n";
    let SnapshotError::Unreadable { line, reason, .. } = World::read(yaml).unwrap_err() else {
        panic!("no place")
    };
    assert_eq!(line, 4);
    assert!(reason.contains("`10.0.0.0/33` is not a CIDR block"), "{reason}");
    assert_eq!(World::read(b"\xff").unwrap_err(), SnapshotError::NotText);
}

#[test]
fn an_id_that_stands_there_twice_is_refused() {
    let twice =
        br#"{"account":"111122223333","region":"eu-west-1","vpcs":{"vpc-1":{"cidrs":[]},"vpc-1":{"cidrs":[]}}}"#;
    let error = World::read(twice).unwrap_err().to_string();
    assert!(
        error.contains("`vpc-1` stands there twice: keep one of the two"),
        "{error}"
    );
}

#[test]
fn a_rule_names_exactly_one_peer() {
    for (peers, named) in [("", 0), (", cidr: 10.0.0.0/8, group: sg-2", 2)] {
        let rule = format!("{{ direction: egress, protocol: tcp, from: 1, to: 2{peers} }}");
        let yaml = format!(
            "account: '111122223333'\nregion: eu-west-1\ngroups:\n  sg-1: {{ name: a, vpc: vpc-1, rules: {{ sgr-1: {rule} }} }}\n"
        );
        let error = World::read(yaml.as_bytes()).unwrap_err().to_string();
        assert!(
            error.contains(&format!("this one names {named}: give one of")),
            "{error}"
        );
    }
}
