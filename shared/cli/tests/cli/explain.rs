//! `guardrail explain`.

use std::process::Stdio;

use guardrail_policy::rules::BUILT;

use crate::folder::Folder;

#[test]
fn without_a_rule_it_lists_all_of_them() {
    let run = Folder::new().run("explain");
    insta::assert_snapshot!(run.transcript(), @"");
}

#[test]
fn every_rule_of_this_version_shows_its_page_and_what_it_needs() {
    let folder = Folder::new();
    for rule in BUILT {
        let run = folder.run(&format!("explain {}", rule.name));
        assert!(run.stdout.starts_with(rule.page.trim_end()), "{}", run.stdout);
        for action in rule.reads.iter().chain(rule.writes) {
            assert!(run.stdout.contains(action), "{action}");
        }
        assert_eq!((run.stderr.as_str(), run.status), ("", 0));
    }
}

#[test]
fn a_rule_that_is_not_built_yet_is_announced() {
    insta::assert_snapshot!(Folder::new().run("explain public-api").transcript(), @"");
}

#[test]
fn an_unknown_rule_is_answered_with_the_one_that_was_meant() {
    insta::assert_snapshot!(Folder::new().run("explain open-egres").transcript(), @"");
}

#[test]
fn a_reader_that_goes_away_is_not_complained_about() {
    let folder = Folder::new();
    for arguments in ["explain", "check policy.yaml", "replay opened.json --policy policy.yaml --world world.json"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = folder.command(arguments.split(' ')).stdout(Stdio::from(writer)).output().unwrap();
        assert_eq!((String::from_utf8(output.stderr).unwrap().as_str(), output.status.code()), ("", Some(141)), "{arguments}");
    }
}
