//! Endpoints whose services are not found by their own names: the compiled `vpc-endpoints` tells, or switches private DNS on.

use harness::stage::{NOTIFY_POLICY, Setting, Stage};
use serde_json::{Value, json};

use crate::endpoints::{
    QUIET, deletes, endpoint_now, has_private_dns, makes, modifies, performs, record_of, service, stage_to_act,
    stage_to_tell, switches,
};
use crate::reading::{
    assert_silence, comes_again, only_finding_of, only_notice, only_record, passed_by, reason, text_at,
};
use crate::scene::{SETTLED, deliver};

const OFF: bool = false;

fn private_dns_off() -> Value {
    json!({"PrivateDnsEnabled": OFF})
}

/// What `private-dns` found, and it must have found one thing.
fn only_finding(record: &Value) -> &Value {
    only_finding_of("private-dns", record)
}

fn text(stage: &Stage) -> String {
    text_at(&only_notice(stage).json(), "/text").to_owned()
}

#[test]
fn ecr_with_private_dns_off_from_the_start_gets_it_switched_on() {
    for short in ["ecr.dkr", "ecr.api"] {
        let mut stage = stage_to_act();
        stage
            .network
            .ecr_endpoints
            .iter()
            .for_each(|endpoint| deletes(&stage, endpoint));
        let (endpoint, event) = makes(&stage, short, &private_dns_off());
        let before = stage.picture().unwrap();
        let record = record_of(&mut stage, &event);
        assert_eq!(reason(&record), "reverted", "{short}: {record:#}");
        assert!(has_private_dns(&stage, &endpoint), "{short}");
        let difference = before.until(&stage.picture().unwrap());
        assert_eq!((difference.added, difference.removed), (vec![], vec![]), "{short}");
        assert_eq!(
            difference.changed.len(),
            1,
            "the endpoint alone: {:#?}",
            difference.changed
        );
        let text = text(&stage);
        assert!(text.contains(&format!("switch private DNS of {endpoint} on")), "{text}");
    }
}

#[test]
fn ecr_with_private_dns_switched_off_later_gets_it_switched_on_again() {
    let mut stage = stage_to_act();
    for endpoint in stage.network.ecr_endpoints.clone() {
        let event = modifies(&stage, &endpoint, &private_dns_off());
        let record = record_of(&mut stage, &event);
        assert_eq!(reason(&record), "reverted", "{record:#}");
        assert!(has_private_dns(&stage, &endpoint));
        only_notice(&stage);
        // The same event once more finds its entry in the ledger, and nobody hears of it twice.
        assert_eq!(reason(&record_of(&mut stage, &event)), "handled_before");
        assert_silence(&stage);
    }
}

#[test]
fn in_mode_notify_the_registry_is_told_of_with_its_remedy_and_left_alone() {
    let mut stage = stage_to_tell();
    let [_, registry] = stage.network.ecr_endpoints.clone();
    let event = modifies(&stage, &registry, &private_dns_off());
    let record = record_of(&mut stage, &event);
    assert_eq!(reason(&record), "found", "{record:#}");
    assert_eq!(only_finding(&record)["severity"], "high");
    assert!(!has_private_dns(&stage, &registry));
    let text = text(&stage);
    for said in [
        "image pulls do not reach the registry",
        &format!("aws ec2 modify-vpc-endpoint --vpc-endpoint-id {registry} --private-dns-enabled"),
        "private_dns_enabled = true",
        "PrivateDnsEnabled: true",
    ] {
        assert!(text.contains(said), "`{said}` in {text}");
    }
}

/// Hazards: AWS would refuse, or somebody could lose what they reach now.
#[test]
fn ecr_is_left_alone_where_switching_it_on_is_not_safe() {
    let deny = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:*","Resource":"*"}]}"#;
    type Preparation<'p> = (&'p str, &'p dyn Fn(&Stage), Value, &'p str);
    let nothing: &dyn Fn(&Stage) = &|stage| deletes(stage, &stage.network.ecr_endpoints[1]);
    let closed: &dyn Fn(&Stage) = &|stage| {
        nothing(stage);
        let all =
            json!([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.20.0.0/16"}]}]);
        let parameters = json!({"GroupId": stage.network.endpoint_group, "IpPermissions": all});
        let revoked = stage.owner.call("ec2", "revoke_security_group_ingress", &parameters);
        revoked.unwrap();
    };
    let names_off: &dyn Fn(&Stage) = &|stage| {
        nothing(stage);
        switches(stage, "EnableDnsHostnames", OFF);
    };
    let cases: [Preparation<'_>; 4] = [
        (
            "another endpoint has the name",
            &|_| {},
            json!({}),
            "holds the service's name",
        ),
        ("its groups do not admit the VPC", closed, json!({}), "443"),
        (
            "the VPC's DNS host names are off",
            names_off,
            json!({}),
            "enableDnsHostnames",
        ),
        (
            "its policy is not full access",
            nothing,
            json!({"PolicyDocument": deny}),
            "policy",
        ),
    ];
    for (case, prepare, more, why) in cases {
        let mut stage = stage_to_act();
        prepare(&stage);
        let mut parameters = private_dns_off();
        parameters
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let (endpoint, event) = makes(&stage, "ecr.dkr", &parameters);
        let before = stage.picture().unwrap();
        let record = record_of(&mut stage, &event);
        assert_eq!(reason(&record), "withheld", "{case}: {record:#}");
        assert!(!has_private_dns(&stage, &endpoint), "{case}");
        assert_eq!(before.until(&stage.picture().unwrap()), Default::default(), "{case}");
        let reasons = only_finding(&record)["treatment"]["withheld"]["reasons"].to_string();
        let text = text(&stage);
        assert!(text.contains(why), "{case}: `{why}` in {text}\n{reasons}");
    }
}

#[test]
fn s3_through_an_interface_endpoint_with_private_dns_off_gets_its_urls_and_client_snippets() {
    let mut stage = stage_to_act();
    let (endpoint, event) = makes(&stage, "s3", &private_dns_off());
    let names = endpoint_now(&stage, &endpoint)["DnsEntries"].clone();
    let all_zones = text_at(&names, "/0/DnsName").strip_prefix("*.").unwrap();
    let record = record_of(&mut stage, &event);
    assert_eq!(reason(&record), "found", "{record:#}");
    assert!(!has_private_dns(&stage, &endpoint), "S3's is never switched on");
    let text = text(&stage);
    for said in [
        format!("https://bucket.{all_zones}"),
        format!("https://accesspoint.{all_zones}"),
        format!("new S3Client({{ region: \"eu-west-1\", endpoint: \"https://bucket.{all_zones}\" }})"),
        format!("boto3.client(\"s3\", region_name=\"eu-west-1\", endpoint_url=\"https://bucket.{all_zones}\")"),
        format!("endpoint_url(\"https://bucket.{all_zones}\")"),
        format!("aws s3 ls s3://BUCKET --region eu-west-1 --endpoint-url https://bucket.{all_zones}"),
    ] {
        assert!(text.contains(&said), "`{said}` in {text}");
    }
    for zone in ["eu-west-1a", "eu-west-1b"] {
        let of_zone = format!("-{zone}.s3.");
        assert!(names.to_string().contains(&of_zone), "{names}");
        assert!(!text.contains(&of_zone), "a name of one zone: {text}");
    }
}

#[test]
fn other_services_get_their_urls_in_their_own_forms() {
    for (short, url) in [
        ("sts", "https://{vpce}-0123abcd.sts.eu-west-1.vpce.amazonaws.com"),
        (
            "ecr.api",
            "https://{vpce}-0123abcd.api.ecr.eu-west-1.vpce.amazonaws.com",
        ),
        (
            "execute-api",
            "https://API-ID-{vpce}.execute-api.eu-west-1.amazonaws.com/STAGE",
        ),
    ] {
        let mut stage = stage_to_tell();
        let (endpoint, event) = makes(&stage, short, &private_dns_off());
        let record = record_of(&mut stage, &event);
        assert_eq!(
            reason(&record),
            if short == "ecr.api" { "withheld" } else { "found" },
            "{record:#}"
        );
        let text = text(&stage);
        let url = url.replace("{vpce}", &endpoint);
        assert!(text.contains(&url), "`{url}` in {text}");
    }
}

/// Hazard: with it, every public API of the Region would answer 403 from the VPC.
#[test]
fn private_dns_of_execute_api_is_never_switched_on() {
    let mut stage = stage_to_act();
    let (endpoint, _) = makes(&stage, "execute-api", &json!({}));
    let event = modifies(&stage, &endpoint, &private_dns_off());
    let record = record_of(&mut stage, &event);
    assert_eq!(reason(&record), "found", "{record:#}");
    assert!(!has_private_dns(&stage, &endpoint));
    assert!(text(&stage).contains("403"));
}

#[test]
fn private_dns_on_is_clean_and_nobody_hears_of_it() {
    let mut stage = stage_to_act();
    let (_, event) = makes(&stage, "sts", &json!({}));
    let record = record_of(&mut stage, &event);
    assert_eq!(passed_by("private-dns", &record), "clean", "{record:#}");
    assert_silence(&stage);
}

#[test]
fn what_the_policy_declares_intended_is_not_told() {
    let policy = format!(
        "{NOTIFY_POLICY}{QUIET}  private-dns: {{ intended_off: [{}] }}\n",
        service("s3")
    );
    let mut stage = Setting::of(&policy).function("vpc-endpoints").set().unwrap();
    let (_, event) = makes(&stage, "s3", &private_dns_off());
    assert_eq!(passed_by("private-dns", &record_of(&mut stage, &event)), "clean");
    assert_silence(&stage);
}

#[test]
fn an_endpoint_that_is_gone_since_is_already_gone() {
    let mut stage = stage_to_act();
    let (endpoint, event) = makes(&stage, "sts", &private_dns_off());
    deletes(&stage, &endpoint);
    let record = record_of(&mut stage, &event.aged(SETTLED));
    assert_eq!(passed_by("private-dns", &record), "already_gone", "{record:#}");
    assert_silence(&stage);
}

#[test]
fn an_endpoint_that_cannot_be_read_yet_comes_again_and_nobody_is_left_believing_it_clean() {
    let mut stage = stage_to_act();
    let (endpoint, event) = makes(&stage, "sts", &private_dns_off());
    deletes(&stage, &endpoint);
    // So soon after the call, "there is none" may only mean "not shown yet".
    let delivery = deliver(&mut stage, &event);
    let record = only_record(&delivery.invocation);
    assert_eq!(
        (reason(&record), comes_again(&record)),
        ("undecided", true),
        "{record:#}"
    );
    assert_silence(&stage);
}

#[test]
fn a_failed_call_changes_nothing_and_costs_no_call() {
    let mut stage = stage_to_act();
    let parameters = json!({"VpcEndpointId": "vpce-0123456789abcdef0", "PrivateDnsEnabled": OFF});
    let failed = stage
        .person()
        .unwrap()
        .perform("ec2", "modify_vpc_endpoint", &parameters)
        .unwrap();
    assert!(failed.outcome.is_err());
    stage.calls.take().unwrap();
    assert_eq!(reason(&record_of(&mut stage, &failed.record)), "failed_call");
    let calls = stage.calls.take().unwrap().actions();
    assert!(!calls.iter().any(|call| call.starts_with("Describe")), "{calls:?}");
    assert_silence(&stage);
}

#[test]
fn an_endpoint_of_a_vpc_that_nobody_selected_is_none_of_ours() {
    let mut stage = stage_to_act();
    let elsewhere = performs(&stage, "create_vpc", &json!({"CidrBlock": "10.30.0.0/16"}));
    let vpc = text_at(elsewhere.outcome.as_ref().unwrap(), "/Vpc/VpcId").to_owned();
    let more = json!({"VpcId": vpc, "SubnetIds": [], "SecurityGroupIds": [], "PrivateDnsEnabled": OFF});
    let (_, event) = makes(&stage, "ecr.dkr", &more);
    assert_eq!(passed_by("private-dns", &record_of(&mut stage, &event)), "not_selected");
    assert_silence(&stage);
}
