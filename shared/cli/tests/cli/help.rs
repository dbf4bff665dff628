//! The help texts, which are the first thing that people read.

use crate::folder::Folder;

#[test]
fn the_commands_are_listed() {
    insta::assert_snapshot!(Folder::new().run("--help").transcript(), @"");
}

#[test]
fn each_command_says_what_it_takes_and_how_it_ends() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("replay --help").transcript(), @"");
    insta::assert_snapshot!(folder.run("check --help").transcript(), @"");
    insta::assert_snapshot!(folder.run("explain -h").transcript(), @"");
    insta::assert_snapshot!(folder.run("generate --help").transcript(), @"");
}

#[test]
fn a_call_that_cannot_be_understood_ends_with_2_and_the_usage() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("replay").transcript(), @"");
    insta::assert_snapshot!(folder.run("replay x --policy p --region eu-west-1").transcript(), @"");
    insta::assert_snapshot!(folder.run("replay x --policy p --world w --live").transcript(), @"");
    insta::assert_snapshot!(folder.run("repaly").transcript(), @"");
    assert_eq!(folder.run("").status, 2);
}
