//! `guardrail scan` of AWS: Regions one after the other, profiles, and what is denied; against an HTTP server that answers
//! as EC2 does.

use crate::folder::{AT, Folder, Run};
use crate::live::{Ec2, Signed, answer};

const POLICY: &str = "version: 1\nscope: { private_vpcs: [{ account: \"111122223333\" }] }\n";

const TABLES: &str = "<routeTableSet><item><routeTableId>rtb-0a1b2c3d4e5f60001</routeTableId><vpcId>vpc-0a1b2c3d4e5f60001</vpcId><routeSet/><associationSet><item><main>true</main><routeTableId>rtb-0a1b2c3d4e5f60001</routeTableId></item></associationSet></item></routeTableSet>";

/// One Region with an open group, one where everything is denied, one where nothing is.
fn three_regions(action: &str, body: &str, signed: &Signed) -> (u16, String) {
    let region = |name: &str| format!("<item><regionName>{name}</regionName></item>");
    let reply = |content: &str| {
        let reply = format!(
            "<{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId>{content}</{action}Response>"
        );
        (200, reply)
    };
    if action == "DescribeRegions" {
        return reply(&format!(
            "<regionInfo>{}</regionInfo>",
            ["us-east-1", "eu-west-1", "eu-north-1"].map(region).concat()
        ));
    }
    match signed.region.as_str() {
        "us-east-1" => (
            403,
            "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>r</RequestID></Response>".to_owned(),
        ),
        "eu-west-1" if action == "DescribeRouteTables" => reply(TABLES),
        "eu-west-1" => (200, answer(action, body)),
        _ => reply(""),
    }
}

fn scan(ec2: &Ec2, arguments: &str, variables: &[(&str, &str)]) -> Run {
    let folder = Folder::new();
    folder.write("policy.yaml", POLICY);
    folder.write("config", "[profile network]\nregion = eu-west-1\n");
    folder.write(
        "credentials",
        "[network]\naws_access_key_id = AKIAEXAMPLE000000002\naws_secret_access_key = example\n",
    );
    let path = |name: &str| folder.path().join(name);
    let line = format!("scan --policy policy.yaml {AT} --rule open-egress {arguments}");
    let mut command = folder.command(line.split_whitespace());
    command
        .env("AWS_ENDPOINT_URL", &ec2.endpoint)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", path("config"))
        .env("AWS_SHARED_CREDENTIALS_FILE", path("credentials"))
        .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE000000001")
        .env("AWS_SECRET_ACCESS_KEY", "example")
        .envs(variables.iter().copied());
    Run::of(&mut command)
}

#[test]
fn every_region_is_scanned_and_one_that_denies_is_told() {
    let ec2 = Ec2::answering(three_regions);
    let run = scan(&ec2, "--all-regions", &[("AWS_REGION", "eu-north-1")]);
    insta::assert_snapshot!(run.transcript(), @r"
    vpc-0a1b2c3d4e5f60001, account 111122223333, eu-west-1
      medium  open-egress  sg-0a1b2c3d4e5f60001 (app)  an egress rule reaches the internet

    us-east-1, account 111122223333
      not judged: all that is there: AWS cannot be read: `ec2:DescribeSecurityGroups` came to `UnauthorizedOperation`: use credentials that may describe security groups

    rule         critical  high  medium  low  info  exempt  not judged
    open-egress  -         -     1       -    -     -       -

    1 VPC, 1 resource looked at: 1 finding, 1 could not be judged
    --- standard error
    eu-north-1: there is no VPC
    reading account 111122223333 in eu-west-1
    --- exit status 2
    ");
    let calls = ec2.calls();
    assert_eq!(calls[0], "DescribeRegions in eu-north-1");
    let reads = |call: &&String| call.starts_with("Describe") || call.starts_with("Get");
    assert_eq!(calls.iter().find(|call| !reads(call)), None, "{calls:?}");
}

#[test]
fn a_region_that_denies_everything_is_not_judged() {
    let run = scan(&Ec2::answering(three_regions), "--region us-east-1", &[]);
    insta::assert_snapshot!(run.transcript(), @r"
    us-east-1
      not judged: all that is there: AWS cannot be read: `ec2:DescribeSecurityGroups` came to `UnauthorizedOperation`: use credentials that may describe security groups

    0 VPCs, 0 resources looked at: 0 findings, 1 could not be judged
    --- exit status 2
    ");
}

#[test]
fn a_region_without_vpcs_is_clean() {
    let run = scan(&Ec2::answering(three_regions), "--region eu-north-1", &[]);
    insta::assert_snapshot!(run.transcript(), @r"
    0 VPCs, 0 resources looked at: 0 findings, 0 could not be judged
    --- standard error
    eu-north-1: there is no VPC
    --- exit status 0
    ");
}

/// Nothing is answered but to the key of the profile.
fn to_the_profile(action: &str, body: &str, signed: &Signed) -> (u16, String) {
    match signed.key.as_str() {
        "AKIAEXAMPLE000000002" => three_regions(action, body, signed),
        _ => (403, String::new()),
    }
}

#[test]
fn a_profile_goes_before_keys_in_the_environment_and_brings_its_region() {
    let ec2 = Ec2::answering(to_the_profile);
    let run = scan(&ec2, "--profile network", &[]);
    assert!(
        run.stderr.contains("reading account 111122223333 in eu-west-1"),
        "{}",
        run.stderr
    );
    assert_eq!(run.status, 1, "{}\n{}", run.stdout, run.stderr);
}

#[test]
fn a_profile_that_is_not_there_is_said() {
    let run = scan(
        &Ec2::answering(to_the_profile),
        "--profile none --region eu-west-1",
        &[],
    );
    assert_eq!(run.status, 2);
    insta::assert_snapshot!(run.stdout, @r"
    eu-west-1
      not judged: all that is there: AWS cannot be read: `ec2:DescribeSecurityGroups` came to `NoCredentials`: sign in, or choose a profile that has credentials (`AWS_PROFILE`)

    0 VPCs, 0 resources looked at: 0 findings, 1 could not be judged
    ");
}

#[test]
fn a_snapshot_that_cannot_be_written_is_said() {
    let run = scan(
        &Ec2::answering(three_regions),
        "--region eu-west-1 --snapshot none/network.json",
        &[],
    );
    assert_eq!(run.status, 2);
    insta::assert_snapshot!(run.stderr, @r"
    reading account 111122223333 in eu-west-1
    error: the snapshot `none/network.json` cannot be written (No such file or directory (os error 2)): give another place
    ");
}
