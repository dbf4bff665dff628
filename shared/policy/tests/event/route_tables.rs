//! The calls about route tables and subnets: which of them they name.

use serde_json::{Value, json};

use crate::fixtures::{call, changed, event};

const TABLE: &str = "rtb-0a1b2c3d4e5f60001";
const SUBNET: &str = "subnet-0a1b2c3d4e5f60001";
const VPC: &str = "vpc-0a1b2c3d4e5f60001";

#[test]
fn a_table_is_associated_with_a_subnet_or_with_a_gateway() {
    assert_eq!(
        call("associate-route-table"),
        json!({ "action": "AssociateRouteTable", "route_table": TABLE, "subnet": SUBNET })
    );
    assert_eq!(
        call("associate-route-table-gateway"),
        json!({ "action": "AssociateRouteTable", "route_table": TABLE })
    );
}

#[test]
fn a_table_that_is_taken_away_is_known_by_the_association_alone() {
    assert_eq!(
        call("disassociate-route-table"),
        json!({ "action": "DisassociateRouteTable", "association": "rtbassoc-0a1b2c3d4e5f60001" })
    );
}

#[test]
fn a_table_that_takes_anothers_place_has_a_new_association() {
    let told = json!({
        "action": "ReplaceRouteTableAssociation",
        "association": "rtbassoc-0a1b2c3d4e5f60001",
        "route_table": TABLE,
        "made": "rtbassoc-0a1b2c3d4e5f60002",
    });
    assert_eq!(call("replace-route-table-association"), told);
    let without = changed("replace-route-table-association", |record| {
        record["responseElements"] = json!({ "omitted": true });
    });
    assert_eq!(json!(without.unwrap().call)["made"], Value::Null);
}

#[test]
fn a_new_subnet_is_told_from_the_response_in_either_dialect() {
    let told = json!({ "action": "CreateSubnet", "subnet": "subnet-0a1b2c3d4e5f60003", "vpc": VPC });
    assert_eq!(call("create-subnet"), told);
    let wrapped = changed("create-subnet", |record| {
        record["requestParameters"] = json!({ "CreateSubnetRequest": { "VpcId": VPC, "CidrBlock": "10.0.3.0/24" } });
        let made = json!({ "subnetId": "subnet-0a1b2c3d4e5f60003", "vpcId": VPC, "ownerId": 111122223333_u64 });
        let xmlns = "http://ec2.amazonaws.com/doc/2016-11-15/";
        record["responseElements"] =
            json!({ "CreateSubnetResponse": { "xmlns": xmlns, "requestId": "1", "subnet": made } });
    });
    assert_eq!(json!(wrapped.unwrap().call), told);
}

#[test]
fn a_subnet_that_was_not_made_has_the_vpc_that_was_asked_for() {
    let failed = changed("create-subnet", |record| {
        record["errorCode"] = json!("Client.InvalidSubnet.Conflict");
        record["responseElements"] = Value::Null;
    });
    assert_eq!(
        json!(failed.unwrap().call),
        json!({ "action": "CreateSubnet", "vpc": VPC })
    );
}

#[test]
fn a_call_that_does_not_say_what_it_was_about_is_an_error() {
    for (name, member) in [
        ("associate-route-table", "routeTableId"),
        ("disassociate-route-table", "associationId"),
        ("replace-route-table-association", "associationId"),
        ("replace-route-table-association", "routeTableId"),
    ] {
        let error = changed(name, |record| record["requestParameters"][member] = Value::Null);
        assert!(error.unwrap_err().contains(member), "{name}");
    }
    let error = changed("create-subnet", |record| {
        record["responseElements"]["subnet"]["subnetId"] = Value::Null
    });
    assert!(error.unwrap_err().contains("subnet.subnetId"));
}

#[test]
fn a_call_is_known_by_the_ids_that_it_gives() {
    for (name, subjects) in [
        ("associate-route-table", vec![TABLE, SUBNET]),
        ("associate-route-table-gateway", vec![TABLE]),
        ("disassociate-route-table", vec!["rtbassoc-0a1b2c3d4e5f60001"]),
        (
            "replace-route-table-association",
            vec![TABLE, "rtbassoc-0a1b2c3d4e5f60001"],
        ),
        ("create-subnet", vec!["subnet-0a1b2c3d4e5f60003"]),
    ] {
        assert_eq!(event(name).call.subjects(), subjects, "{name}");
    }
}
