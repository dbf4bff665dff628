//! Somebody scans an account: the compiled command line, three VPCs, and an AWS that is only read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use harness::calls::CallWatch;
use harness::emulator::Emulator;
use harness::identity::Identity;
use harness::network::{self, PrivateVpc};
use harness::operator::{Operator, Ran};
use harness::stage::policy_file;
use harness::user::User;
use serde_json::{Value, json};
use tempfile::{NamedTempFile, TempDir};

use crate::apis::{self, makes_public_apis};

/// The rules that these tests are about; others look at the same network.
const RULES: &str = "--rule open-egress --rule private-dns --rule vpc-dns-attributes --rule endpoint-service";

/// An account with a VPC whose application's group is open, one whose DNS host names are off, and a clean one.
struct Account {
    emulator: Arc<Emulator>,
    owner: User,
    operator: Operator,
    open: PrivateVpc,
    nameless: PrivateVpc,
    clean: PrivateVpc,
    folder: TempDir,
    policy: NamedTempFile,
}

impl Account {
    fn build() -> Self {
        let emulator = Emulator::shared().unwrap();
        let owner = emulator
            .user(Identity::role_session("NetworkAdministrator", "set-up"))
            .unwrap();
        let [open, nameless, clean] = [(); 3].map(|()| closed(&owner));
        let opened = network::open_egress(&owner, &open.app_group, "0.0.0.0/0").unwrap();
        opened.succeeded().unwrap();
        let off = json!({"VpcId": nameless.vpc, "EnableDnsHostnames": {"Value": false}});
        owner.call("ec2", "modify_vpc_attribute", &off).unwrap();
        let auditor = emulator.user(Identity::role_session("Auditor", "scan")).unwrap();
        let operator = Operator::new(auditor, emulator.endpoint(), BTreeMap::new()).unwrap();
        // Other tests have VPCs of their own in the same account.
        let ids = [&open, &nameless, &clean]
            .map(|network| format!("    - id: {}\n", network.vpc))
            .concat();
        let policy = policy_file(&format!("version: 1\nscope:\n  private_vpcs:\n{ids}")).unwrap();
        Self {
            emulator,
            owner,
            operator,
            open,
            nameless,
            clean,
            folder: tempfile::tempdir().unwrap(),
            policy,
        }
    }

    fn scan(&self, line: &str) -> Ran {
        self.runs(&format!("scan {RULES} {line}"))
    }

    fn runs(&self, line: &str) -> Ran {
        let policy = self.policy.path().display().to_string();
        let arguments = line.split_whitespace().chain(["--policy", &policy]).collect::<Vec<_>>();
        self.operator.runs(&arguments).unwrap()
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// What is found, as `rule resource`.
    fn findings(&self, line: &str) -> BTreeSet<String> {
        let ran = self.scan(&format!("--format json {line}"));
        let told = |line: &Value| {
            let text = |pointer: &str| line.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
            Some(format!("{} {}", text("/finding/rule")?, text("/finding/resource/id")?))
        };
        lines(&ran).iter().filter_map(told).collect()
    }

    fn watch(&self) -> CallWatch {
        self.emulator.watch_calls(self.operator.user.access_key()).unwrap()
    }
}

/// A private VPC all of whose groups are closed: AWS lets new ones out to everywhere.
fn closed(owner: &User) -> PrivateVpc {
    let network = PrivateVpc::build(owner).unwrap();
    let filter = json!({"Filters": [{"Name": "vpc-id", "Values": [network.vpc]}]});
    let groups = owner.call("ec2", "describe_security_groups", &filter).unwrap();
    for group in groups["SecurityGroups"].as_array().unwrap() {
        let id = group["GroupId"].as_str().unwrap();
        if id != network.app_group {
            network::revoke_egress(owner, id, &network::everything()).unwrap();
        }
    }
    network
}

fn lines(ran: &Ran) -> Vec<Value> {
    ran.stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn what_is_wrong_in_an_account_is_found_by_reading_alone() {
    let account = Account::build();
    let mut watch = account.watch();
    let ran = account.scan("");
    assert_eq!(ran.status, Some(1), "{ran:?}");
    let about = |network: &PrivateVpc| ran.stdout.contains(&network.vpc);
    assert_eq!(
        [&account.open, &account.nameless, &account.clean].map(about),
        [true, true, false],
        "{}",
        ran.stdout
    );
    let group = format!("{} (app)", account.open.app_group);
    let line = ran.stdout.lines().find(|line| line.contains(&group)).unwrap();
    assert!(line.trim_start().starts_with("medium  open-egress"), "{line}");
    assert!(
        ran.stdout.ends_with("2 findings, 0 could not be judged\n"),
        "{}",
        ran.stdout
    );
    let calls = watch.take().unwrap().actions();
    assert!(!calls.is_empty());
    let reads = |call: &&String| call.starts_with("ec2:Describe") || call.starts_with("ec2:Get");
    assert_eq!(calls.iter().find(|call| !reads(call)), None, "{calls:?}");
}

#[test]
fn every_form_tells_the_same_and_a_rule_can_be_chosen() {
    let account = Account::build();
    let open = format!("open-egress {}", account.open.app_group);
    let nameless = format!("vpc-dns-attributes {}", account.nameless.vpc);
    assert_eq!(account.findings(""), BTreeSet::from([open.clone(), nameless.clone()]));
    assert_eq!(account.findings("--severity high"), BTreeSet::from([nameless]));

    let ran = account.runs("scan --rule open-egress --format sarif");
    assert_eq!(ran.status, Some(1), "{ran:?}");
    let log: Value = serde_json::from_str(&ran.stdout).unwrap();
    let [result] = log["runs"][0]["results"].as_array().unwrap().as_slice() else {
        panic!("{log:#}");
    };
    let arn = format!(
        "arn:aws:ec2:eu-west-1:111122223333:security-group/{}",
        account.open.app_group
    );
    assert_eq!(result["ruleId"], "open-egress");
    assert_eq!(
        result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"],
        arn.as_str()
    );
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], true);

    let only = account.runs("scan --rule private-dns");
    assert_eq!((only.status, only.stdout.lines().count()), (Some(0), 1), "{only:?}");
}

#[test]
fn apis_of_a_private_account_are_found_and_stand_in_a_snapshot() {
    let account = Account::build();
    let [rest, http, graphql] = makes_public_apis(&account.owner);
    let policy = policy_file(apis::POLICY).unwrap();
    let policy = policy.path().display().to_string();
    let rules = "--rule public-api --rule public-graphql-api --rule block-public-access";
    let scan = |line: &str| {
        let line = format!("scan {rules} {line} --policy {policy}");
        account
            .operator
            .runs(&line.split_whitespace().collect::<Vec<_>>())
            .unwrap()
    };
    let ran = scan("");
    assert_eq!(ran.status, Some(1), "{ran:?}");
    for id in [&rest, &http, &graphql] {
        assert!(ran.stdout.contains(id.as_str()), "{id}: {}", ran.stdout);
    }
    assert!(ran.stdout.contains("VPC Block Public Access is off"), "{}", ran.stdout);
    let file = account.path("apis.json");
    let taken = scan(&format!("--snapshot {file} --format json"));
    let again = scan(&format!("--world {file} --format json"));
    assert_eq!((taken.status, again.status), (Some(1), Some(1)), "{taken:?}\n{again:?}");
    assert_eq!(taken.stdout, again.stdout);
    assert!(again.stdout.contains(&graphql), "{}", again.stdout);
    let sarif = scan("--format sarif");
    let arns = [
        format!("eu-west-1::/restapis/{rest}"),
        format!("eu-west-1:111122223333:apis/{graphql}"),
    ];
    for arn in arns {
        assert!(sarif.stdout.contains(&arn), "{arn}: {}", sarif.stdout);
    }
}

#[test]
fn what_may_not_be_read_is_said_and_the_rest_is_judged() {
    let account = Account::build();
    let key = account.operator.user.access_key();
    let rights = [
        "SecurityGroups",
        "SecurityGroupRules",
        "Vpcs",
        "VpcEndpoints",
        "VpcAttribute",
        "ManagedPrefixLists",
        "NetworkInterfaces",
    ];
    let rights = rights.map(|what| format!("ec2:Describe{what}")).into();
    account.emulator.restrict(key, &rights).unwrap();
    let ran = account.scan("--format json");
    assert_eq!(ran.status, Some(2), "{ran:?}");
    let lines = lines(&ran);
    let [unjudged] = lines
        .iter()
        .filter(|line| line.get("unjudged").is_some())
        .collect::<Vec<_>>()[..]
    else {
        panic!("{lines:?}");
    };
    assert_eq!(unjudged["unjudged"]["rule"], "open-egress");
    assert_eq!(unjudged["unjudged"]["what"], account.open.app_group.as_str());
    assert_eq!(unjudged["unjudged"]["action"], "ec2:DescribeRouteTables");
    let found: Vec<_> = lines.iter().filter_map(|line| line.pointer("/finding/rule")).collect();
    assert_eq!(found, ["vpc-dns-attributes"]);
}

#[test]
fn a_snapshot_is_scanned_and_an_event_replayed_as_if_they_were_the_account_itself() {
    let account = Account::build();
    let person = account
        .emulator
        .user(Identity::role_session("PlatformEngineer", "maintenance"))
        .unwrap();
    let opened = network::open_egress(&person, &account.clean.app_group, "8.8.8.0/24").unwrap();
    opened.succeeded().unwrap();
    let (event, snapshot) = (account.path("event.json"), account.path("network.json"));
    std::fs::write(&event, opened.record.json().to_string()).unwrap();

    let live = account.scan("--format json");
    let mut watch = account.watch();
    let taken = account.scan(&format!("--format json --snapshot {snapshot}"));
    let calls = watch.take().unwrap().actions();
    let reads = ["ec2:Describe", "ec2:Get", "apigateway:Get", "appsync:List"];
    let is_read = |call: &String| reads.iter().any(|read| call.starts_with(read));
    assert!(calls.iter().all(is_read), "{calls:?}");
    let again = account.scan(&format!("--format json --world {snapshot}"));
    assert_eq!(live.status, Some(1), "{live:?}");
    assert_eq!(
        (&taken.stdout, taken.status),
        (&live.stdout, live.status),
        "{}",
        taken.stderr
    );
    assert_eq!(
        (&again.stdout, again.status),
        (&live.stdout, live.status),
        "{}",
        again.stderr
    );

    let by_network = account.runs(&format!("replay {event} --live"));
    let by_snapshot = account.runs(&format!("replay {event} --world {snapshot}"));
    assert_eq!(by_network.status, Some(1), "{by_network:?}");
    assert!(
        by_network.stdout.contains("tcp/443") || by_network.stdout.contains("8.8.8.0/24"),
        "{}",
        by_network.stdout
    );
    assert_eq!(by_snapshot.stdout, by_network.stdout);
    drop(account.owner);
}
