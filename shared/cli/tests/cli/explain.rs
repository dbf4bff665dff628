//! `guardrail explain`.

use std::process::Stdio;

use guardrail_policy::rules::{self, BUILT};
use guardrail_policy::settings::RuleName;

use crate::folder::Folder;

#[test]
fn without_a_rule_it_lists_all_of_them() {
    let run = Folder::new().run("explain");
    for name in RuleName::ALL {
        let severity = rules::find(*name).map_or("not yet".to_owned(), |rule| rule.severity.to_string());
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let expected = format!("{name} {severity} {}", name.finds());
        assert!(
            run.stdout.lines().any(|line| words(line) == expected),
            "{expected}\n{}",
            run.stdout
        );
    }
    assert_eq!((run.stderr.as_str(), run.status), ("", 0));
}

#[test]
fn every_rule_of_this_version_shows_its_page_and_what_it_needs() {
    let folder = Folder::new();
    for rule in BUILT {
        let run = folder.run(&format!("explain {}", rule.name));
        assert!(
            run.stdout.starts_with(rules::page(rule.name).unwrap().trim_end()),
            "{}",
            run.stdout
        );
        for action in rule.reads.iter().chain(rule.writes) {
            assert!(run.stdout.contains(action), "{action}");
        }
        assert_eq!((run.stderr.as_str(), run.status), ("", 0));
    }
}

#[test]
fn a_rule_that_is_not_built_yet_is_announced() {
    let folder = Folder::new();
    for name in RuleName::ALL.iter().filter(|name| rules::find(**name).is_none()) {
        let expected = format!(
            "{name}\n\n{}\nThis version does not have the rule yet: what the policy file sets for it has no effect.\n--- exit status 0",
            name.finds()
        );
        assert_eq!(folder.run(&format!("explain {name}")).transcript(), expected);
    }
}

#[test]
fn an_unknown_rule_is_answered_with_the_one_that_was_meant() {
    insta::assert_snapshot!(Folder::new().run("explain open-egres").transcript(), @r"
    --- standard error
    error: invalid value 'open-egres' for '[RULE]'
      [possible values: open-egress, private-path, endpoint-security-group, private-dns, vpc-dns-attributes, required-endpoints, endpoint-policy, endpoint-service, gateway-route, internet-path, public-address, block-public-access, new-network-path, public-api, public-graphql-api, guardrail-tampered]

      tip: a similar value exists: 'open-egress'

    For more information, try '--help'.
    --- exit status 2
    ");
}

#[test]
fn a_reader_that_goes_away_is_not_complained_about() {
    let folder = Folder::new();
    for arguments in [
        "explain",
        "check policy.yaml",
        "replay opened.json --policy policy.yaml --world world.json",
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = folder
            .command(arguments.split(' '))
            .stdout(Stdio::from(writer))
            .output()
            .unwrap();
        assert_eq!(
            (String::from_utf8(output.stderr).unwrap().as_str(), output.status.code()),
            ("", Some(141)),
            "{arguments}"
        );
    }
}
