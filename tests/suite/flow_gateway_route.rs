//! Gateway endpoints that private subnets are not routed to, and interfaces in their place: the compiled `vpc-endpoints`
//! and `routes` tell, and change nothing.

use harness::REGION;
use harness::stage::{NOTIFY_POLICY, Setting, Stage};
use serde_json::{Value, json};

use crate::endpoints::{deletes, makes, modifies, performs, record_of, service, stage_to_tell};
use crate::reading::{assert_silence, findings_of, only_finding_of, passed_by, text_about, text_at};

const RULE: &str = "gateway-route";

/// A stage for the function `routes`.
fn stage_of_routes() -> Stage {
    Setting::of(NOTIFY_POLICY).function("routes").set().unwrap()
}

/// What the rule found, and it must have found one thing.
fn only_finding(record: &Value) -> &Value {
    only_finding_of(RULE, record)
}

/// The text that people were told about the rule's finding.
fn text(stage: &Stage) -> String {
    text_about(stage, RULE)
}

/// Another route table of the VPC, without any route but the local one.
fn another_table(stage: &Stage) -> String {
    let made = stage
        .owner
        .call("ec2", "create_route_table", &json!({"VpcId": stage.network.vpc}))
        .unwrap();
    text_at(&made, "/RouteTable/RouteTableId").to_owned()
}

/// What serves a subnet by which association.
fn association(stage: &Stage, subnet: &str) -> String {
    let filter = json!({"Filters": [{"Name": "association.subnet-id", "Values": [subnet]}]});
    let found = stage.owner.call("ec2", "describe_route_tables", &filter).unwrap();
    let all = found["RouteTables"][0]["Associations"].as_array().unwrap();
    let own = all.iter().find(|one| one["SubnetId"] == *subnet).unwrap();
    text_at(own, "/RouteTableAssociationId").to_owned()
}

/// A subnet of the VPC that only the main table serves.
fn subnet(stage: &Stage) -> Value {
    json!({"VpcId": stage.network.vpc, "CidrBlock": "10.20.9.0/24", "AvailabilityZone": format!("{REGION}a")})
}

#[test]
fn the_gateway_endpoint_missing_from_a_private_subnets_table() {
    let mut stage = stage_to_tell();
    let third = stage.owner.call("ec2", "create_subnet", &subnet(&stage)).unwrap();
    let table = another_table(&stage);
    let associated = json!({"RouteTableId": table, "SubnetId": third["Subnet"]["SubnetId"]});
    stage.owner.call("ec2", "associate_route_table", &associated).unwrap();
    deletes(&stage, &stage.network.s3_endpoint);
    let before = stage.picture().unwrap();
    let parameters = json!({
        "VpcId": stage.network.vpc, "ServiceName": service("s3"), "VpcEndpointType": "Gateway",
        "RouteTableIds": [stage.network.route_table],
    });
    let made = performs(&stage, "create_vpc_endpoint", &parameters);
    let endpoint = text_at(made.outcome.as_ref().unwrap(), "/VpcEndpoint/VpcEndpointId").to_owned();
    let after = stage.picture().unwrap();
    let record = record_of(&mut stage, &made.record);
    let finding = only_finding(&record);
    assert_eq!(
        (&finding["class"], &finding["severity"], &finding["cause"]),
        (&json!("gateway-not-routed"), &json!("medium"), &json!("this_event")),
        "{finding:#}"
    );
    assert_eq!(
        finding["evidence"][0]["part"],
        json!(table),
        "the table that lacks it, and no other"
    );
    assert_eq!(finding["evidence"].as_array().unwrap().len(), 1);
    let text = text(&stage);
    let change = format!("aws ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --add-route-table-ids {table}");
    for said in [
        change.as_str(),
        "aws_vpc_endpoint_route_table_association",
        "add to RouteTableIds:",
        "cuts the connections to the service that are open",
        "PlatformEngineer",
    ] {
        assert!(text.contains(said), "`{said}` in {text}");
    }
    assert_eq!(
        after.until(&stage.picture().unwrap()),
        before.until(&before),
        "nothing is changed"
    );
    let mended = modifies(&stage, &endpoint, &json!({"AddRouteTableIds": [table]}));
    assert_eq!(passed_by(RULE, &record_of(&mut stage, &mended)), "clean");
}

#[test]
fn a_gateway_endpoint_that_is_taken_from_a_private_subnets_table() {
    let mut stage = stage_to_tell();
    let (endpoint, table) = (stage.network.s3_endpoint.clone(), stage.network.route_table.clone());
    let taken = modifies(&stage, &endpoint, &json!({"RemoveRouteTableIds": [table]}));
    let record = record_of(&mut stage, &taken);
    assert_eq!(only_finding(&record)["cause"], "this_event", "{record:#}");
    assert!(text(&stage).contains(&format!("--add-route-table-ids {table}")));
}

#[test]
fn the_interface_endpoint_paid_for_where_the_free_gateway_would_do() {
    let mut stage = stage_to_tell();
    let (_, event) = makes(&stage, "dynamodb", &json!({"PrivateDnsEnabled": false}));
    let record = record_of(&mut stage, &event);
    let finding = only_finding(&record);
    assert_eq!(
        (&finding["class"], &finding["severity"]),
        (&json!("interface-instead-of-gateway"), &json!("info")),
        "{finding:#}"
    );
    let text = text(&stage);
    let gateway = format!("--service-name {} --vpc-endpoint-type Gateway", service("dynamodb"));
    for said in [
        "2 zones × 730 hours × 0.01 = 14.60 US dollars a month, and 0.01 for each GB",
        gateway.as_str(),
        stage.network.route_table.as_str(),
    ] {
        assert!(text.contains(said), "`{said}` in {text}");
    }
}

#[test]
fn an_interface_endpoint_of_s3_beside_the_gateway_is_the_way_in_from_outside() {
    let mut stage = stage_to_tell();
    let (_, event) = makes(&stage, "s3", &json!({"PrivateDnsEnabled": true}));
    assert_eq!(passed_by(RULE, &record_of(&mut stage, &event)), "clean");
    assert_silence(&stage);
}

#[test]
fn a_subnet_that_gets_a_table_without_the_gateway_endpoint() {
    let mut stage = stage_of_routes();
    let table = another_table(&stage);
    let [subnet, _] = stage.network.subnets.clone();
    let replaced = json!({"AssociationId": association(&stage, &subnet), "RouteTableId": table});
    let replaced = performs(&stage, "replace_route_table_association", &replaced).record;
    let record = record_of(&mut stage, &replaced);
    let finding = only_finding(&record);
    assert_eq!(finding["cause"], "this_event", "{finding:#}");
    assert_eq!(finding["resource"]["id"], json!(stage.network.s3_endpoint));
    let text = text(&stage);
    for said in [subnet.as_str(), table.as_str(), "PlatformEngineer"] {
        assert!(text.contains(said), "`{said}` in {text}");
    }
    let back = json!({"AssociationId": association(&stage, &subnet), "RouteTableId": stage.network.route_table});
    let back = performs(&stage, "replace_route_table_association", &back).record;
    assert_eq!(passed_by(RULE, &record_of(&mut stage, &back)), "clean");
    // By now the first call's doing is gone.
    assert_eq!(
        passed_by(RULE, &record_of(&mut stage, &replaced.aged(crate::scene::SETTLED))),
        "already_gone"
    );
}

#[test]
fn a_subnet_that_falls_to_the_main_table_is_found_and_nobody_is_named() {
    let mut stage = stage_of_routes();
    let [subnet, _] = stage.network.subnets.clone();
    let gone = json!({"AssociationId": association(&stage, &subnet)});
    let gone = performs(&stage, "disassociate_route_table", &gone).record;
    let record = record_of(&mut stage, &gone);
    let own = findings_of(RULE, &record).iter();
    let own: Vec<_> = own
        .filter(|finding| finding["resource"]["vpc"] == json!(stage.network.vpc))
        .collect();
    let [finding] = own.as_slice() else {
        panic!("{record:#}")
    };
    assert_eq!(finding["cause"], "standing");
    assert!(text_at(finding, "/evidence/0/says").contains(&subnet), "{finding:#}");
    let text = text(&stage);
    assert!(!text.contains("PlatformEngineer"), "{text}");
}

#[test]
fn a_new_subnet_is_served_by_the_main_table() {
    let mut stage = stage_of_routes();
    let made = performs(&stage, "create_subnet", &subnet(&stage));
    let id = text_at(made.outcome.as_ref().unwrap(), "/Subnet/SubnetId").to_owned();
    let record = record_of(&mut stage, &made.record);
    assert_eq!(only_finding(&record)["cause"], "this_event", "{record:#}");
    let associated = json!({"RouteTableId": stage.network.route_table, "SubnetId": id});
    let associated = performs(&stage, "associate_route_table", &associated).record;
    assert_eq!(passed_by(RULE, &record_of(&mut stage, &associated)), "clean");
}
