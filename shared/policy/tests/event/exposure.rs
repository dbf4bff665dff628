//! The calls about public addresses, VPC Block Public Access and paths to other networks: what they say in either dialect.

use serde_json::{Value, json};

use crate::fixtures::{call, changed, event};

const SUBNET: &str = "subnet-0a1b2c3d4e5f60001";
const VPC: &str = "vpc-0a1b2c3d4e5f60001";
const EXCLUSION: &str = "vpcbpa-exclude-0a1b2c3d4e5f60001";

#[test]
fn of_a_subnets_attributes_only_that_of_public_addresses_is_told() {
    assert_eq!(
        call("modify-subnet-public-addresses"),
        json!({ "action": "ModifySubnetAttribute", "subnet": SUBNET, "public_addresses": true })
    );
    assert_eq!(
        call("modify-subnet-ipv6"),
        json!({ "action": "ModifySubnetAttribute", "subnet": SUBNET })
    );
    let off = changed("modify-subnet-public-addresses", |record| {
        record["requestParameters"]["mapPublicIpOnLaunch"]["value"] = json!(false);
    });
    assert_eq!(json!(off.unwrap().call)["public_addresses"], json!(false));
}

#[test]
fn an_address_is_given_to_an_interface_or_to_an_instance() {
    let association = "eipassoc-0a1b2c3d4e5f60001";
    assert_eq!(
        call("associate-address-interface"),
        json!({ "action": "AssociateAddress", "association": association, "interface": "eni-0a1b2c3d4e5f600a1" })
    );
    let told = json!({
        "action": "AssociateAddress",
        "association": association,
        "address": "203.0.113.7",
        "instance": "i-0a1b2c3d4e5f600a1",
    });
    assert_eq!(call("associate-address-instance"), told);
    let nowhere = changed("associate-address-interface", |record| {
        record["requestParameters"]["networkInterfaceId"] = Value::Null;
    });
    assert!(nowhere.unwrap_err().contains("networkInterfaceId"));
}

#[test]
fn the_mode_of_block_public_access_is_told_by_either_half_and_one_that_is_not_known_by_none() {
    let name = "modify-block-public-access-options";
    let told = json!({ "action": "ModifyVpcBlockPublicAccessOptions", "mode": "off" });
    assert_eq!(call(name), told);
    let omitted = changed(name, |record| record["requestParameters"] = json!({ "omitted": true }));
    assert_eq!(json!(omitted.unwrap().call), told);
    let unknown = changed(name, |record| {
        let request = &mut record["requestParameters"]["ModifyVpcBlockPublicAccessOptionsRequest"];
        request["InternetGatewayBlockMode"] = json!("block-tomorrow");
        record["responseElements"] = Value::Null;
    });
    assert_eq!(
        json!(unknown.unwrap().call),
        json!({ "action": "ModifyVpcBlockPublicAccessOptions" })
    );
}

#[test]
fn an_exclusion_is_of_a_vpc_or_of_a_subnet() {
    for (name, of, mode) in [
        (
            "create-block-public-access-exclusion-subnet",
            json!({ "subnet": SUBNET }),
            "allow-egress",
        ),
        (
            "create-block-public-access-exclusion-vpc",
            json!({ "vpc": VPC }),
            "allow-bidirectional",
        ),
    ] {
        let told =
            json!({ "action": "CreateVpcBlockPublicAccessExclusion", "exclusion": EXCLUSION, "of": of, "mode": mode });
        assert_eq!(call(name), told);
        let without = changed(name, |record| record["responseElements"] = Value::Null);
        assert!(without.unwrap_err().contains("exclusionId"));
    }
    let told = json!({
        "action": "ModifyVpcBlockPublicAccessExclusion",
        "exclusion": EXCLUSION,
        "mode": "allow-bidirectional",
    });
    assert_eq!(call("modify-block-public-access-exclusion"), told);
}

#[test]
fn a_peering_names_both_vpcs_in_the_response_and_the_acceptance_nowhere_else() {
    let peering = "pcx-0a1b2c3d4e5f60001";
    let peer = "vpc-0a1b2c3d4e5f60009";
    assert_eq!(
        call("create-peering"),
        json!({ "action": "CreateVpcPeeringConnection", "path": peering, "vpcs": [VPC, peer] })
    );
    assert_eq!(
        call("accept-peering"),
        json!({ "action": "AcceptVpcPeeringConnection", "path": peering, "vpcs": [peer, VPC] })
    );
    let failed = changed("create-peering", |record| {
        record["errorCode"] = json!("Client.VpcPeeringConnectionAlreadyExists");
        record["responseElements"] = Value::Null;
    });
    assert_eq!(
        json!(failed.unwrap().call),
        json!({ "action": "CreateVpcPeeringConnection", "vpcs": [VPC, peer] })
    );
    let omitted = changed("accept-peering", |record| {
        record["responseElements"] = json!({ "omitted": true });
    });
    assert_eq!(
        json!(omitted.unwrap().call),
        json!({ "action": "AcceptVpcPeeringConnection", "path": peering })
    );
}

#[test]
fn an_attachment_is_read_from_whatever_wrapper_stands_around_it() {
    let name = "create-transit-gateway-attachment";
    let told = json!({
        "action": "CreateTransitGatewayVpcAttachment",
        "path": "tgw-attach-0a1b2c3d4e5f60001",
        "vpcs": [VPC],
    });
    assert_eq!(call(name), told);
    let regular = changed(name, |record| {
        let request = record["requestParameters"]["CreateTGwVpcAttachReq"].take();
        record["requestParameters"] = json!({ "CreateTransitGatewayVpcAttachmentRequest": request });
        record["responseElements"]["CreateTransitGatewayVpcAttachmentResponse"]["transitGatewayVpcAttachment"]["vpcId"] =
            Value::Null;
    });
    assert_eq!(json!(regular.unwrap().call), told);
}

#[test]
fn of_a_vpn_connection_nothing_but_its_id_is_kept() {
    let vpn = "vpn-0a1b2c3d4e5f60001";
    let told = json!({ "action": "CreateVpnConnection", "path": vpn });
    assert_eq!(call("create-vpn-connection"), told);
    let with_keys = changed("create-vpn-connection", |record| {
        record["responseElements"]["vpnConnection"]["customerGatewayConfiguration"] =
            json!("<pre_shared_key>made-up</pre_shared_key>");
    });
    assert!(!format!("{:?}", with_keys.unwrap()).contains("made-up"));
}

#[test]
fn a_call_is_known_by_the_ids_that_it_gives() {
    for (name, subjects) in [
        ("modify-subnet-public-addresses", vec![SUBNET]),
        ("associate-address-interface", vec!["eni-0a1b2c3d4e5f600a1"]),
        ("associate-address-instance", vec!["i-0a1b2c3d4e5f600a1"]),
        ("modify-block-public-access-options", vec![]),
        ("create-block-public-access-exclusion-vpc", vec![EXCLUSION]),
        ("modify-block-public-access-exclusion", vec![EXCLUSION]),
        ("create-peering", vec!["pcx-0a1b2c3d4e5f60001"]),
        ("accept-peering", vec!["pcx-0a1b2c3d4e5f60001"]),
        (
            "create-transit-gateway-attachment",
            vec!["tgw-attach-0a1b2c3d4e5f60001"],
        ),
        ("create-vpn-connection", vec!["vpn-0a1b2c3d4e5f60001"]),
    ] {
        assert_eq!(event(name).call.subjects(), subjects, "{name}");
    }
}
