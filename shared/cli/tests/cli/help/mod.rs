//! The help texts, which are the first thing that people read.

mod acting;
mod judging;

use crate::folder::Folder;

#[test]
fn the_commands_are_listed() {
    insta::assert_snapshot!(Folder::new().run("--help").transcript(), @r"
    Judges network changes of private VPCs against a policy file

    Usage: guardrail <COMMAND>

    Commands:
      replay    Judges saved events: what is wrong, why, and what would be done about it
      scan      Judges what is there now: selected VPCs, what is in them, and APIs of private accounts
      check     Checks a policy file, and says what it means
      explain   Explains a rule; without RULE, lists all rules
      undo      Undoes a revert, from its record in the ledger, and has it left alone for a while
      apply     Judges the event of a record again, and carries out its plan
      exempt    Exempts a resource from a rule for some hours, at most 24
      doctor    Checks what the functions need: configuration, policy file, ledger, permissions, …
      generate  Writes the files that follow from the rules (for developers of vpc-guardrail)
      help      Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Exit status: 0 clean, 1 findings, 2 something could not be judged, read or understood.
    --- exit status 0
    ");
}

#[test]
fn a_call_that_cannot_be_understood_ends_with_2_and_the_usage() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("replay").transcript(), @r"
    --- standard error
    error: the following required arguments were not provided:
      --policy <FILE>
      <FILE>...

    Usage: guardrail replay --policy <FILE> <FILE>...

    For more information, try '--help'.
    --- exit status 2
    ");
    insta::assert_snapshot!(folder.run("replay x --policy p --region eu-west-1").transcript(), @r"
    --- standard error
    error: the following required arguments were not provided:
      --live

    Usage: guardrail replay --policy <FILE> --live --region <REGION> <FILE>...

    For more information, try '--help'.
    --- exit status 2
    ");
    insta::assert_snapshot!(folder.run("replay x --policy p --world w --live").transcript(), @r"
    --- standard error
    error: the argument '--world <FILE>' cannot be used with '--live'

    Usage: guardrail replay --policy <FILE> --world <FILE> <FILE>...

    For more information, try '--help'.
    --- exit status 2
    ");
    insta::assert_snapshot!(folder.run("repaly").transcript(), @r"
    --- standard error
    error: unrecognized subcommand 'repaly'

      tip: some similar subcommands exist: 'apply', 'replay'

    Usage: guardrail <COMMAND>

    For more information, try '--help'.
    --- exit status 2
    ");
    assert_eq!(folder.run("").status, 2);
}
