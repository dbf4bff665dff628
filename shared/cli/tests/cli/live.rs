//! `guardrail replay --live`, against an HTTP server that answers as EC2 does.

use std::io::{BufRead, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::folder::{AT, Folder, Run};

/// EC2 as far as these tests need it: one account, whose one group is in a VPC without tags.
pub(crate) struct Ec2 {
    pub(crate) endpoint: String,
    /// The actions that were called, and the Regions for which the calls were signed.
    calls: Arc<Mutex<Vec<String>>>,
}

/// What is answered to an action, by the key and in the Region that it was signed for: the status and the body.
pub(crate) type Answering = fn(action: &str, body: &str, signed: &Signed) -> (u16, String);

/// How a request was signed.
#[derive(Debug, Default)]
pub(crate) struct Signed {
    pub(crate) key: String,
    pub(crate) region: String,
}

const OWNER: &str = "111122223333";

impl Ec2 {
    /// Serves on loopback until the test process ends.
    fn start() -> Self {
        Self::answering(|action, body, _| (200, answer(action, body)))
    }

    /// The same with other answers.
    pub(crate) fn answering(answering: Answering) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&calls);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let seen = Arc::clone(&seen);
                std::thread::spawn(move || serve(stream.unwrap(), &seen, answering));
            }
        });
        Self { endpoint, calls }
    }

    fn replay(&self, arguments: &str, region: Option<&str>) -> Run {
        let folder = Folder::new();
        let mut command =
            folder.command(format!("replay --policy policy.yaml {AT} --live {arguments}").split_whitespace());
        command
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
            .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE000000001")
            .env("AWS_SECRET_ACCESS_KEY", "example");
        region.map(|region| command.env("AWS_REGION", region));
        Run::of(&mut command)
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }
}

/// Answers one request after another, until the client closes the connection.
fn serve(mut stream: TcpStream, seen: &Mutex<Vec<String>>, answering: Answering) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some((signed, body)) = request(&mut reader) {
        let action = body
            .split('&')
            .find_map(|pair| pair.strip_prefix("Action="))
            .unwrap_or_default();
        seen.lock().unwrap().push(format!("{action} in {}", signed.region));
        let (status, answer) = answering(action, &body, &signed);
        let head = format!(
            "HTTP/1.1 {status} So\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        if stream.write_all(format!("{head}{answer}").as_bytes()).is_err() {
            return;
        }
    }
}

/// How the next request is signed, and its body; none when the connection is closed.
fn request(reader: &mut impl BufRead) -> Option<(Signed, String)> {
    let (mut length, mut signed) = (0, Signed::default());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or_default() == 0 {
            return None;
        }
        let header = line.trim().to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if header.starts_with("authorization:") {
            let part = |number| header.split('/').nth(number).unwrap_or_default();
            let (_, key) = part(0).split_once("credential=").unwrap_or_default();
            signed = Signed {
                key: key.to_ascii_uppercase(),
                region: part(2).to_owned(),
            };
        }
        if header.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Some((signed, String::from_utf8(body).unwrap()))
}

pub(crate) fn answer(action: &str, body: &str) -> String {
    let group = |id: &str, name: &str| {
        format!(
            "<item><ownerId>{OWNER}</ownerId><groupId>{id}</groupId><groupName>{name}</groupName><groupDescription>x</groupDescription><vpcId>vpc-0a1b2c3d4e5f60001</vpcId></item>"
        )
    };
    let content = match action {
        "DescribeSecurityGroups" if body.contains("group-name") => {
            format!("<securityGroupInfo>{}</securityGroupInfo>", group("sg-0a1b2c3d4e5f60009", "default"))
        }
        "DescribeSecurityGroups" => format!("<securityGroupInfo>{}</securityGroupInfo>", group("sg-0a1b2c3d4e5f60001", "app")),
        "DescribeSecurityGroupRules" => "<securityGroupRuleSet><item><securityGroupRuleId>sgr-0a1b2c3d4e5f60001</securityGroupRuleId><groupId>sg-0a1b2c3d4e5f60001</groupId><groupOwnerId>111122223333</groupOwnerId><isEgress>true</isEgress><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort><cidrIpv4>0.0.0.0/0</cidrIpv4></item></securityGroupRuleSet>".to_owned(),
        "DescribeVpcs" => format!("<vpcSet><item><vpcId>vpc-0a1b2c3d4e5f60001</vpcId><ownerId>{OWNER}</ownerId><state>available</state><cidrBlock>10.0.0.0/16</cidrBlock><cidrBlockAssociationSet><item><cidrBlock>10.0.0.0/16</cidrBlock><associationId>vpc-cidr-assoc-0a1b2c3d4e5f60001</associationId><cidrBlockState><state>associated</state></cidrBlockState></item></cidrBlockAssociationSet></item></vpcSet>"),
        other => format!("<unexpected>{other}</unexpected>"),
    };
    format!(
        "<{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId>{content}</{action}Response>"
    )
}

#[test]
fn the_network_is_read_as_it_is_now_and_only_read() {
    let ec2 = Ec2::start();
    let run = ec2.replay("opened.json", Some("eu-west-1"));
    insta::assert_snapshot!(run.transcript(), @r"
    clean: AuthorizeSecurityGroupEgress by Developer/work with Terraform, 2026-11-02 09:01:00 UTC, account 111122223333, eu-west-1
      from opened.json:1, event 10000000-0000-4000-8000-000000000001
      open-egress: security group sg-0a1b2c3d4e5f60001 (app): the policy file does not select its VPC

    1 event: 1 clean, 0 with findings, 0 not ours, 0 could not be judged
    --- standard error
    reading account 111122223333 in eu-west-1
    --- exit status 0
    ");
    let mut calls = ec2.calls();
    calls.sort();
    insta::assert_snapshot!(calls.join("\n"), @r"
    DescribeSecurityGroupRules in eu-west-1
    DescribeSecurityGroups in eu-west-1
    DescribeSecurityGroups in eu-west-1
    DescribeVpcs in eu-west-1
    ");
}

#[test]
fn another_region_can_be_asked_for_and_events_of_others_are_not_judged_by_it() {
    let ec2 = Ec2::start();
    insta::assert_snapshot!(ec2.replay("opened.json --region us-east-1", Some("eu-west-1")).transcript(), @r"
    not judged: AuthorizeSecurityGroupEgress by Developer/work with Terraform, 2026-11-02 09:01:00 UTC, account 111122223333, eu-west-1
      from opened.json:1, event 10000000-0000-4000-8000-000000000001
      would ask: groups id sg-0a1b2c3d4e5f60001; rules sg-0a1b2c3d4e5f60001
      AWS is read in us-east-1: replay the events of eu-west-1 with `--region eu-west-1`

    1 event: 0 clean, 0 with findings, 0 not ours, 1 could not be judged
    --- standard error
    reading account 111122223333 in us-east-1
    --- exit status 2
    ");
    assert_eq!(ec2.calls(), ["DescribeSecurityGroups in us-east-1"]);
    let run = ec2.replay("opened.json --region eu-west-1", None);
    assert_eq!(
        (run.stderr.as_str(), run.status),
        ("reading account 111122223333 in eu-west-1\n", 0),
        "{}",
        run.stdout
    );
}

#[test]
fn events_of_another_account_are_not_judged_by_this_one() {
    let ec2 = Ec2::start();
    let folder = Folder::new();
    let event = String::from_utf8(folder.read("opened.json"))
        .unwrap()
        .replace(OWNER, "444455556666");
    folder.write("other.json", event);
    let path = folder.path().join("other.json").display().to_string();
    let run = ec2.replay(&path, Some("eu-west-1"));
    insta::assert_snapshot!(run.transcript().replace(&path, "other.json"), @r"
    not judged: AuthorizeSecurityGroupEgress by Developer/work with Terraform, 2026-11-02 09:01:00 UTC, account 444455556666, eu-west-1
      from other.json:1, event 10000000-0000-4000-8000-000000000001
      would ask: groups id sg-0a1b2c3d4e5f60001; rules sg-0a1b2c3d4e5f60001
      the credentials read account 111122223333: replay this event with those of its own account

    1 event: 0 clean, 0 with findings, 0 not ours, 1 could not be judged
    --- standard error
    reading account 111122223333 in eu-west-1
    --- exit status 2
    ");
    assert_eq!(ec2.calls(), ["DescribeSecurityGroups in eu-west-1"]);
}

#[test]
fn what_keeps_it_from_reading_is_said_before_anything_is_judged() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let ec2 = Ec2 {
        endpoint: format!("http://{}", nobody.local_addr().unwrap()),
        calls: Arc::default(),
    };
    drop(nobody);
    insta::assert_snapshot!(ec2.replay("opened.json", Some("eu-west-1")).transcript(), @r"
    --- standard error
    error: AWS cannot be read: `ec2:DescribeSecurityGroups` came to `ConnectionFailed`: check the network and the proxy
    --- exit status 2
    ");
    insta::assert_snapshot!(ec2.replay("opened.json", None).transcript(), @r"
    --- standard error
    error: no AWS Region is configured: set `AWS_REGION`
    --- exit status 2
    ");
}
