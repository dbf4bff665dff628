//! As much of AWS as the commands need that people call by hand, over HTTP on loopback: one security group, a ledger whose
//! claims always succeed, a topic, a parameter.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use guardrail_policy::network::{Peer, Permission, Protocol, Traffic};
use guardrail_policy::record::Record;
use guardrail_testkit::{ACCOUNT, APP_GROUP, REGION, S3_LIST, VPC};
use serde_json::{Value, json};

use crate::folder::{Folder, Run};

/// The topic of these tests.
pub(crate) const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:guardrail";
/// The table of these tests.
pub(crate) const TABLE: &str = "guardrail-ledger";

/// The cloud, until the test process ends.
pub(crate) struct Cloud {
    endpoint: String,
    state: Arc<Mutex<State>>,
}

/// What is there.
#[derive(Default)]
pub(crate) struct State {
    /// The egress of the application's group.
    pub(crate) egress: Vec<Permission>,
    /// The ledger's items that can be read, by key.
    pub(crate) items: BTreeMap<String, Value>,
    /// What was called, in order: `dynamodb UpdateItem`, `ec2 DescribeVpcs`.
    pub(crate) calls: Vec<String>,
    /// What was written to the ledger, as DynamoDB got it.
    pub(crate) written: Vec<Value>,
    /// What was published: subjects.
    pub(crate) published: Vec<String>,
    /// The actions that are denied, without their service.
    pub(crate) denied: BTreeSet<&'static str>,
    /// What the parameter holds.
    pub(crate) parameter: Option<&'static str>,
    /// Whether the group is gone.
    pub(crate) is_gone: bool,
}

/// One request: `ec2 DescribeVpcs`, its form fields or its JSON.
struct Request {
    service: &'static str,
    action: String,
    body: String,
}

impl Cloud {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream.unwrap(), &shared));
            }
        });
        Self { endpoint, state }
    }

    /// Looks at what is there, or changes it.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap())
    }

    /// Keeps a record in the ledger.
    pub(crate) fn keep(&self, record: &Record) {
        let id = record.record_id.clone();
        let json = serde_json::to_string(&record.for_ledger(300 * 1024)).unwrap();
        self.with(|state| {
            state.items.insert(
                id.clone(),
                json!({ "key": {"S": id}, "record": {"S": json}, "expires": {"N": "4102444800"} }),
            )
        });
    }

    /// Runs `guardrail` in this cloud, configured as the functions are.
    pub(crate) fn run(&self, folder: &Folder, arguments: &str) -> Run {
        self.run_with(
            folder,
            arguments,
            &[
                ("GUARDRAIL_TOPIC_ARN", TOPIC),
                ("GUARDRAIL_LEDGER_TABLE", TABLE),
                ("GUARDRAIL_POLICY", "file:guard.yaml"),
            ],
        )
    }

    /// The same with other variables. Words of the arguments are separated by spaces; `_` stands for one in a word.
    pub(crate) fn run_with(&self, folder: &Folder, arguments: &str, variables: &[(&str, &str)]) -> Run {
        let mut command = folder.command(arguments.split_whitespace().map(|word| word.replace('_', " ")));
        command
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_REGION", REGION)
            .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE000000001")
            .env("AWS_SECRET_ACCESS_KEY", "example")
            .env("USER", "ada");
        command.envs(variables.iter().copied());
        Run::of(&mut command)
    }
}

/// Answers one request after another, until the client closes the connection.
fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(request) = request(&mut reader) {
        let (status, content) = answer(&request, &mut state.lock().unwrap());
        let kind = if matches!(request.service, "ec2" | "sns") {
            "text/xml"
        } else {
            "application/x-amz-json-1.0"
        };
        let head = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            content.len()
        );
        if stream.write_all(format!("{head}{content}").as_bytes()).is_err() {
            return;
        }
    }
}

fn request(reader: &mut impl BufRead) -> Option<Request> {
    let (mut length, mut target, mut is_read) = (0, String::new(), false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or_default() == 0 {
            return None;
        }
        is_read |= line.starts_with("GET /");
        let (name, value) = line.trim().split_once(':').unwrap_or((line.trim(), ""));
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap(),
            "x-amz-target" => target = value.trim().to_owned(),
            "" => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let form = field(&body, "Action");
    let (service, action) = match (target.split_once('.'), form) {
        (Some((service, action)), _) => (
            if service.starts_with("DynamoDB") {
                "dynamodb"
            } else {
                "ssm"
            },
            action,
        ),
        (None, None) if is_read => ("apis", "Get"),
        (None, Some(action)) if field(&body, "TopicArn").is_some() => ("sns", action),
        (None, action) => ("ec2", action.unwrap_or_default()),
    };
    let action = action.to_owned();
    Some(Request { service, action, body })
}

/// A field of a form, as it is written there.
fn field<'b>(body: &'b str, name: &str) -> Option<&'b str> {
    let mut pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// A field of a form, decoded.
fn decoded(body: &str, name: &str) -> Option<String> {
    let text = field(body, name)?.replace('+', " ");
    let mut parts = text.split('%');
    let mut plain = parts.next()?.to_owned();
    for part in parts {
        let (code, rest) = part.split_at(2);
        plain.push(char::from(u8::from_str_radix(code, 16).unwrap()));
        plain.push_str(rest);
    }
    Some(plain)
}

fn answer(request: &Request, state: &mut State) -> (u16, String) {
    let Request { service, action, body } = request;
    state.calls.push(format!("{service} {action}"));
    if state.denied.contains(action.as_str()) {
        return match *service {
            "ec2" => (403, ec2_error("UnauthorizedOperation")),
            "sns" => (403, sns_error("AuthorizationError")),
            _ => (400, json!({ "__type": "x#AccessDeniedException" }).to_string()),
        };
    }
    match *service {
        "dynamodb" => dynamodb(action, &serde_json::from_str(body).unwrap(), state),
        // There is none.
        "apis" => (404, json!({ "__type": "NotFoundException" }).to_string()),
        "ssm" => match state.parameter {
            Some(value) => (200, json!({ "Parameter": { "Value": value } }).to_string()),
            None => (400, json!({ "__type": "ParameterNotFound" }).to_string()),
        },
        "sns" => {
            state.published.extend(decoded(body, "Subject"));
            let result = format!("<{action}Result><MessageId>m</MessageId></{action}Result>");
            (
                200,
                format!(
                    "<{action}Response xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">{result}</{action}Response>"
                ),
            )
        }
        _ if field(body, "DryRun") == Some("true") => (412, ec2_error("DryRunOperation")),
        _ => ec2(action, body, state),
    }
}

fn ec2_error(code: &str) -> String {
    format!("<Response><Errors><Error><Code>{code}</Code><Message>x</Message></Error></Errors></Response>")
}

fn sns_error(code: &str) -> String {
    format!("<ErrorResponse><Error><Code>{code}</Code><Message>x</Message></Error></ErrorResponse>")
}

fn dynamodb(action: &str, body: &Value, state: &mut State) -> (u16, String) {
    let answer = match action {
        "GetItem" => match state.items.get(body["Key"]["key"]["S"].as_str().unwrap()) {
            Some(item) => json!({ "Item": item }),
            None => json!({}),
        },
        "BatchGetItem" => {
            let asked = body["RequestItems"][TABLE]["Keys"].as_array().unwrap();
            let found = asked
                .iter()
                .filter_map(|key| state.items.get(key["key"]["S"].as_str()?));
            json!({ "Responses": { TABLE: found.collect::<Vec<_>>() }, "UnprocessedKeys": {} })
        }
        // A check of rights: its condition never holds.
        "UpdateItem" | "PutItem" if body.to_string().contains("check#nothing") => {
            return (
                400,
                json!({ "__type": "x#ConditionalCheckFailedException" }).to_string(),
            );
        }
        "UpdateItem" => {
            state.written.push(body.clone());
            json!({ "Attributes": { "stage": {"S": "claimed"} } })
        }
        _ => {
            state.written.push(body.clone());
            json!({})
        }
    };
    (200, answer.to_string())
}

fn ec2(action: &str, body: &str, state: &mut State) -> (u16, String) {
    let content = match action {
        "AuthorizeSecurityGroupEgress" => {
            state.egress.extend(permissions(body));
            "<return>true</return>".to_owned()
        }
        "RevokeSecurityGroupEgress" => {
            let revoked = permissions(body);
            state.egress.retain(|permission| !revoked.contains(permission));
            "<return>true</return>".to_owned()
        }
        "DescribeSecurityGroups" if body.contains("group-name") => {
            set("securityGroupInfo", &group("sg-0a1b2c3d4e5f600d1", "default"))
        }
        "DescribeSecurityGroups" if state.is_gone => set("securityGroupInfo", ""),
        "DescribeSecurityGroups" => set("securityGroupInfo", &group(APP_GROUP, "app")),
        "DescribeSecurityGroupRules" if state.is_gone => set("securityGroupRuleSet", ""),
        "DescribeSecurityGroupRules" => {
            let rules = state.egress.iter().map(rule);
            set("securityGroupRuleSet", &rules.collect::<String>())
        }
        "DescribeVpcs" => set(
            "vpcSet",
            &format!(
                "<item><vpcId>{VPC}</vpcId><ownerId>{ACCOUNT}</ownerId><state>available</state><cidrBlockAssociationSet><item><cidrBlock>10.0.0.0/16</cidrBlock><cidrBlockState><state>associated</state></cidrBlockState></item></cidrBlockAssociationSet><tagSet><item><key>connectivity</key><value>private</value></item></tagSet></item>"
            ),
        ),
        "DescribeVpcEndpoints" => set("vpcEndpointSet", ""),
        "DescribeNetworkInterfaces" => set("networkInterfaceSet", ""),
        "DescribeRouteTables" => set(
            "routeTableSet",
            &format!(
                "<item><routeTableId>rtb-0a1b2c3d4e5f60000</routeTableId><vpcId>{VPC}</vpcId><routeSet><item><destinationCidrBlock>10.0.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId><state>active</state></item></routeSet><associationSet><item><main>true</main><associationState><state>associated</state></associationState></item></associationSet></item>"
            ),
        ),
        "DescribeManagedPrefixLists" => set(
            "prefixListSet",
            &format!(
                "<item><prefixListId>{S3_LIST}</prefixListId><addressFamily>IPv4</addressFamily><prefixListName>com.amazonaws.eu-west-1.s3</prefixListName><ownerId>AWS</ownerId></item>"
            ),
        ),
        other => panic!("`{other}` is not expected"),
    };
    let namespace = "http://ec2.amazonaws.com/doc/2016-11-15/";
    let response =
        format!("<{action}Response xmlns=\"{namespace}\"><requestId>r</requestId>{content}</{action}Response>");
    (200, response)
}

fn set(name: &str, items: &str) -> String {
    format!("<{name}>{items}</{name}>")
}

fn group(id: &str, name: &str) -> String {
    format!(
        "<item><ownerId>{ACCOUNT}</ownerId><groupId>{id}</groupId><groupName>{name}</groupName><groupDescription>x</groupDescription><vpcId>{VPC}</vpcId></item>"
    )
}

/// An egress rule.
fn rule(permission: &Permission) -> String {
    let Peer::Cidr(cidr) = &permission.peer else {
        panic!("these tests know blocks only")
    };
    // What was opened has the id that its event gives it.
    let id = if cidr.to_string() == "0.0.0.0/0" {
        "0ff00000000000001"
    } else {
        "0ff00000000000002"
    };
    let Traffic { protocol, .. } = permission.traffic;
    format!(
        "<item><securityGroupRuleId>sgr-{id}</securityGroupRuleId><groupId>{APP_GROUP}</groupId><groupOwnerId>{ACCOUNT}</groupOwnerId><isEgress>true</isEgress><ipProtocol>{protocol}</ipProtocol><fromPort>-1</fromPort><toPort>-1</toPort><cidrIpv4>{cidr}</cidrIpv4></item>"
    )
}

/// The permissions of a call: all traffic to blocks.
fn permissions(body: &str) -> Vec<Permission> {
    let peers = (1..).map_while(|number| decoded(body, &format!("IpPermissions.1.IpRanges.{number}.CidrIp")));
    let protocol = decoded(body, "IpPermissions.1.IpProtocol").unwrap();
    assert_eq!(protocol, Protocol::All.to_string());
    peers
        .map(|cidr| Permission {
            traffic: Traffic::ALL,
            peer: Peer::Cidr(cidr.parse().unwrap()),
        })
        .collect()
}
