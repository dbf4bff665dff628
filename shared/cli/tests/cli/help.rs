//! The help texts, which are the first thing that people read.

use crate::folder::Folder;

#[test]
fn the_commands_are_listed() {
    insta::assert_snapshot!(Folder::new().run("--help").transcript(), @r"
    Judges network changes of private VPCs against a policy file

    Usage: guardrail <COMMAND>

    Commands:
      replay    Judges saved events: what is wrong, why, and what would be done about it
      check     Checks a policy file, and says what it means
      explain   Explains a rule; without RULE, lists all rules
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
fn each_command_says_what_it_takes_and_how_it_ends() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("replay --help").transcript(), @r"
    Judges saved events: what is wrong, why, and what would be done about it

    FILE holds CloudTrail records, EventBridge envelopes, or records of vpc-guardrail: one, a list, a
    line each, or lines of a log that hold them; also messages of SQS and SNS, and what `aws cloudtrail
    lookup-events` prints. Files packed by gzip are unpacked. Nothing is changed and nobody is told.

    What the network looks like comes from the record, where FILE holds records of vpc-guardrail; else
    from --world or from --live. Without either, what cannot be known is said.

    Usage: guardrail replay [OPTIONS] --policy <FILE> <FILE>...

    Arguments:
      <FILE>...
              Files to judge; `-` is standard input

    Options:
          --policy <FILE>
              The policy file

          --world <FILE>
              Takes the network from a snapshot (JSON or YAML)

          --live
              Reads the network from AWS as it is now, with your credentials; it is only read

          --region <REGION>
              With --live, reads this Region [default: as the environment and your AWS profile say]

          --at <TIME>
              Judges as of this time, a date or a date and time in UTC [default: now; a record has its
              own]

          --own-role <ARN>
              A role of the guardrail itself, whose calls are not judged; can be given several times

          --format <FORMAT>
              How results are written: text for people, or a record a line (JSON)

              Possible values:
              - text: For people
              - json: A record a line, as JSON
              
              [default: text]

          --message
              Shows each message whole, as people would get it

          --verbose
              Shows also the events that no rule looks at

      -h, --help
              Print help (see a summary with '-h')

    Exit status: 0 all events are clean, 1 something is wrong, 2 something could not be judged or read.

    Examples:
      guardrail replay event.json --policy policy.yaml --live
      guardrail replay --policy policy.yaml --world snapshot.json trail/*.json.gz
      aws cloudtrail lookup-events --output json | guardrail replay - --policy policy.yaml --live
    --- exit status 0
    ");
    insta::assert_snapshot!(folder.run("check --help").transcript(), @r"
    Checks a policy file, and says what it means

    All that is wrong with it is shown at once, each error at its place.

    Notes are no errors: rules that this version does not have yet, and exemptions that have ended, end
    within 14 days, or last longer than the file allows.

    Usage: guardrail check [OPTIONS] <POLICY>

    Arguments:
      <POLICY>
              The policy file; `-` is standard input

    Options:
          --at <DATE>
              The day, in UTC, on which exemptions are looked at [default: today]

          --format <FORMAT>
              How results are written: text for people, or one JSON object

              Possible values:
              - text: For people
              - json: One JSON object
              
              [default: text]

      -h, --help
              Print help (see a summary with '-h')

    Exit status: 0 the file can be used, 1 it cannot, 2 it could not be read.
    --- exit status 0
    ");
    insta::assert_snapshot!(folder.run("explain -h").transcript(), @r"
    Explains a rule; without RULE, lists all rules

    Usage: guardrail explain [RULE]

    Arguments:
      [RULE]  The rule [possible values: open-egress, private-path, endpoint-security-group,
              private-dns, vpc-dns-attributes, required-endpoints, endpoint-policy, endpoint-service,
              gateway-route, internet-path, public-address, block-public-access, new-network-path,
              public-api, public-graphql-api, guardrail-tampered]

    Options:
      -h, --help  Print help

    Exit status: 0 it was explained, 2 there is no such rule.
    --- exit status 0
    ");
    insta::assert_snapshot!(folder.run("generate --help").transcript(), @r"
    Writes the files that follow from the rules (for developers of vpc-guardrail)

    They are the JSON Schema of the policy file and the catalogue of rules.

    Usage: guardrail generate [OPTIONS] [DIR]

    Arguments:
      [DIR]
              The project's folder
              
              [default: .]

    Options:
          --check
              Writes nothing, and names the files that are not as they should be

      -h, --help
              Print help (see a summary with '-h')

    Exit status: 0 the files are as they should be, 1 with --check when some are not, 2 they could not
    be read or written.
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

      tip: a similar subcommand exists: 'replay'

    Usage: guardrail <COMMAND>

    For more information, try '--help'.
    --- exit status 2
    ");
    assert_eq!(folder.run("").status, 2);
}
