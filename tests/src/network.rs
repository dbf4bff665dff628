//! Networks, built as users build them: through the AWS API.

use serde_json::{Value, json};

use crate::user::{Performed, User};
use crate::{Error, REGION, Result};

/// A private VPC with its ways to AWS: an S3 gateway endpoint on the subnets' route table, interface
/// endpoints for `ecr.api` and `ecr.dkr` in a group of their own, and a group for the application, on
/// a network interface, that reaches just those.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateVpc {
    /// The VPC, `10.20.0.0/16`, tagged `connectivity=private`.
    pub vpc: String,
    /// Its two subnets, in two zones.
    pub subnets: [String; 2],
    /// The route table of both subnets.
    pub route_table: String,
    /// The prefix list of S3 in this Region.
    pub s3_list: String,
    /// The S3 gateway endpoint.
    pub s3_endpoint: String,
    /// The group of the interface endpoints; it admits 443 from the VPC.
    pub endpoint_group: String,
    /// The interface endpoints of `ecr.api` and `ecr.dkr`, with private DNS.
    pub ecr_endpoints: [String; 2],
    /// The application's group.
    pub app_group: String,
    /// The application's network interface.
    pub app_interface: String,
}

impl PrivateVpc {
    /// Builds one in `owner`'s name.
    ///
    /// # Errors
    /// Where AWS refuses one of the calls.
    pub fn build(owner: &User) -> Result<Self> {
        let vpc = private_vpc(owner)?;
        let subnets = [
            subnet(owner, &vpc, "10.20.1.0/24", "a")?,
            subnet(owner, &vpc, "10.20.2.0/24", "b")?,
        ];
        let route_table = route_table(owner, &vpc, &subnets)?;
        let s3_endpoint = create(
            owner,
            "create_vpc_endpoint",
            &json!({
                "VpcId": vpc,
                "ServiceName": format!("com.amazonaws.{REGION}.s3"),
                "VpcEndpointType": "Gateway",
                "RouteTableIds": [route_table],
            }),
            "/VpcEndpoint/VpcEndpointId",
        )?;
        let s3_list = s3_prefix_list(owner)?;
        let endpoint_group = endpoint_group(owner, &vpc)?;
        let interface = |service| interface_endpoint(owner, &vpc, &subnets, &endpoint_group, service);
        let ecr_endpoints = [interface("ecr.api")?, interface("ecr.dkr")?];
        let app_group = precise_group(owner, &vpc, "app", &endpoint_group, &s3_list)?.group;
        let [first, _] = &subnets;
        let app_interface = network_interface(owner, first, &app_group)?;
        Ok(Self {
            vpc,
            subnets,
            route_table,
            s3_list,
            s3_endpoint,
            endpoint_group,
            ecr_endpoints,
            app_group,
            app_interface,
        })
    }
}

/// The guardrail's own group, as the template makes it.
///
/// # Errors
/// Where AWS refuses a call.
pub fn marker_group(owner: &User, vpc: &str) -> Result<String> {
    let group = create(
        owner,
        "create_security_group",
        &json!({"GroupName": "marker", "Description": "Shows that events come.", "VpcId": vpc}),
        "/GroupId",
    )?;
    let everywhere = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
    let nowhere = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "127.0.0.1/32", "Description": "vpc-guardrail was here"}]}]);
    let change = |permissions| json!({"GroupId": group, "IpPermissions": permissions});
    owner.call("ec2", "revoke_security_group_egress", &change(everywhere))?;
    owner.call("ec2", "authorize_security_group_egress", &change(nowhere))?;
    Ok(group)
}

fn private_vpc(owner: &User) -> Result<String> {
    let parameters = json!({
        "CidrBlock": "10.20.0.0/16",
        "TagSpecifications": [tags("vpc", &[("Name", "private"), ("connectivity", "private")])],
    });
    let vpc = create(owner, "create_vpc", &parameters, "/Vpc/VpcId")?;
    for attribute in ["EnableDnsSupport", "EnableDnsHostnames"] {
        let parameters = json!({"VpcId": vpc, attribute: {"Value": true}});
        owner.call("ec2", "modify_vpc_attribute", &parameters)?;
    }
    Ok(vpc)
}

fn subnet(owner: &User, vpc: &str, cidr: &str, zone: &str) -> Result<String> {
    let zone = format!("{REGION}{zone}");
    let parameters = json!({"VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone});
    create(owner, "create_subnet", &parameters, "/Subnet/SubnetId")
}

fn route_table(owner: &User, vpc: &str, subnets: &[String]) -> Result<String> {
    let table = create(
        owner,
        "create_route_table",
        &json!({"VpcId": vpc}),
        "/RouteTable/RouteTableId",
    )?;
    for subnet in subnets {
        let parameters = json!({"RouteTableId": table, "SubnetId": subnet});
        owner.call("ec2", "associate_route_table", &parameters)?;
    }
    Ok(table)
}

fn s3_prefix_list(owner: &User) -> Result<String> {
    let name = format!("com.amazonaws.{REGION}.s3");
    let parameters = json!({"Filters": [{"Name": "prefix-list-name", "Values": [name]}]});
    create(
        owner,
        "describe_managed_prefix_lists",
        &parameters,
        "/PrefixLists/0/PrefixListId",
    )
}

fn endpoint_group(owner: &User, vpc: &str) -> Result<String> {
    let group = security_group(owner, vpc, "endpoints")?;
    let https = json!([{
        "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
        "IpRanges": [{"CidrIp": "10.20.0.0/16"}],
    }]);
    let parameters = json!({"GroupId": group, "IpPermissions": https});
    owner.call("ec2", "authorize_security_group_ingress", &parameters)?;
    Ok(group)
}

fn interface_endpoint(owner: &User, vpc: &str, subnets: &[String], group: &str, service: &str) -> Result<String> {
    let parameters = json!({
        "VpcId": vpc,
        "ServiceName": format!("com.amazonaws.{REGION}.{service}"),
        "VpcEndpointType": "Interface",
        "SubnetIds": subnets,
        "SecurityGroupIds": [group],
        "PrivateDnsEnabled": true,
    });
    create(owner, "create_vpc_endpoint", &parameters, "/VpcEndpoint/VpcEndpointId")
}

/// Creates the group `name`; AWS gives it its silent default egress rule.
///
/// # Errors
/// Where AWS refuses the call.
pub fn security_group(owner: &User, vpc: &str, name: &str) -> Result<String> {
    create(owner, "create_security_group", &new_group(vpc, name), "/GroupId")
}

/// What `CreateSecurityGroup` is asked for the group `name`.
pub fn new_group(vpc: &str, name: &str) -> Value {
    json!({"GroupName": name, "Description": format!("for {name}"), "VpcId": vpc})
}

/// A new group as Terraform makes one: in three calls, between which it is open.
#[derive(Debug)]
pub struct NewGroup {
    /// The group.
    pub group: String,
    /// The call that created it, with AWS's silent default egress rule.
    pub created: Performed,
    /// The call that took the default rule away.
    pub closed: Performed,
    /// The call that added the precise rules.
    pub permitted: Performed,
}

/// Creates the group `name`, takes the default egress rule away, and lets it reach the endpoints alone.
///
/// # Errors
/// Where AWS refuses one of the calls.
pub fn precise_group(owner: &User, vpc: &str, name: &str, endpoint_group: &str, s3_list: &str) -> Result<NewGroup> {
    let created = owner.perform("ec2", "create_security_group", &new_group(vpc, name))?;
    let group = text(created.succeeded()?, "/GroupId")?;
    let closed = revoke_egress(owner, &group, &everything())?;
    closed.succeeded()?;
    let permitted = authorize_egress(owner, &group, &https_to_endpoints(endpoint_group, s3_list))?;
    permitted.succeeded()?;
    Ok(NewGroup {
        group,
        created,
        closed,
        permitted,
    })
}

/// Creates a network interface in `subnet` with `group`.
///
/// # Errors
/// Where AWS refuses the call.
pub fn network_interface(owner: &User, subnet: &str, group: &str) -> Result<String> {
    let parameters = json!({"SubnetId": subnet, "Groups": [group]});
    create(
        owner,
        "create_network_interface",
        &parameters,
        "/NetworkInterface/NetworkInterfaceId",
    )
}

/// The permission that AWS gives every new group: everything, to anywhere.
pub fn everything() -> Value {
    json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
}

/// Port 443 to the interface endpoints' group and to S3's list.
pub fn https_to_endpoints(endpoint_group: &str, s3_list: &str) -> Value {
    json!([{
        "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
        "UserIdGroupPairs": [{"GroupId": endpoint_group}],
        "PrefixListIds": [{"PrefixListId": s3_list}],
    }])
}

/// Port 443 to these IPv4 networks.
pub fn https_to(cidrs: &[&str]) -> Value {
    let ranges: Vec<Value> = cidrs.iter().map(|cidr| json!({"CidrIp": cidr})).collect();
    json!([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": ranges}])
}

/// Adds egress rules.
///
/// # Errors
/// Where the call left no record; a refusal is an outcome.
pub fn authorize_egress(user: &User, group: &str, permissions: &Value) -> Result<Performed> {
    let parameters = json!({"GroupId": group, "IpPermissions": permissions});
    user.perform("ec2", "authorize_security_group_egress", &parameters)
}

/// Takes egress rules away.
///
/// # Errors
/// As [`authorize_egress`].
pub fn revoke_egress(user: &User, group: &str, permissions: &Value) -> Result<Performed> {
    let parameters = json!({"GroupId": group, "IpPermissions": permissions});
    user.perform("ec2", "revoke_security_group_egress", &parameters)
}

/// Opens everything to `cidr`: the careless call.
///
/// # Errors
/// As [`authorize_egress`].
pub fn open_egress(user: &User, group: &str, cidr: &str) -> Result<Performed> {
    let permissions = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": cidr}]}]);
    authorize_egress(user, group, &permissions)
}

/// The egress rules of a group as the API tells them, in the order of their destinations.
///
/// # Errors
/// Where AWS refuses the call.
pub fn egress_rules(user: &User, group: &str) -> Result<Vec<Value>> {
    let parameters = json!({"Filters": [{"Name": "group-id", "Values": [group]}]});
    let answer = user.call("ec2", "describe_security_group_rules", &parameters)?;
    let rules = answer.get("SecurityGroupRules").and_then(Value::as_array).cloned();
    let mut rules = rules.ok_or_else(|| Error::shape("security group rules", &answer))?;
    rules.retain(|rule| rule.get("IsEgress") == Some(&Value::Bool(true)));
    rules.sort_by_key(destination);
    Ok(rules)
}

/// Where a rule of [`egress_rules`] leads: a network, a list or a group.
pub fn destination(rule: &Value) -> String {
    [
        "/CidrIpv4",
        "/CidrIpv6",
        "/PrefixListId",
        "/ReferencedGroupInfo/GroupId",
    ]
    .iter()
    .find_map(|pointer| rule.pointer(pointer).and_then(Value::as_str))
    .unwrap_or_default()
    .to_owned()
}

/// Whether an endpoint's service is found by its own name in the VPC.
///
/// # Errors
/// Where AWS refuses the call.
pub fn has_private_dns(user: &User, endpoint: &str) -> Result<bool> {
    let answer = user.call("ec2", "describe_vpc_endpoints", &json!({"VpcEndpointIds": [endpoint]}))?;
    Ok(answer.pointer("/VpcEndpoints/0/PrivateDnsEnabled") == Some(&Value::Bool(true)))
}

/// Switches private DNS of an endpoint in `user`'s name.
///
/// # Errors
/// Where the emulator does not answer.
pub fn switch_private_dns(user: &User, endpoint: &str, on: bool) -> Result<Performed> {
    let parameters = json!({"VpcEndpointId": endpoint, "PrivateDnsEnabled": on});
    user.perform("ec2", "modify_vpc_endpoint", &parameters)
}

fn tags(resource: &str, tags: &[(&str, &str)]) -> Value {
    let tags: Vec<Value> = tags
        .iter()
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect();
    json!({"ResourceType": resource, "Tags": tags})
}

/// Calls an EC2 operation and takes the id at `pointer` from the answer.
fn create(owner: &User, operation: &str, parameters: &Value, pointer: &str) -> Result<String> {
    text(&owner.call("ec2", operation, parameters)?, pointer)
}

fn text(answer: &Value, pointer: &str) -> Result<String> {
    let text = answer.pointer(pointer).and_then(Value::as_str);
    text.map(str::to_owned)
        .ok_or_else(|| Error::shape(format!("text at `{pointer}`"), answer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::Emulator;
    use crate::identity::Identity;

    fn owner() -> User {
        let emulator = Emulator::shared().unwrap();
        emulator
            .user(Identity::role_session("NetworkAdministrator", "set-up"))
            .unwrap()
    }

    #[test]
    fn the_private_vpc_reaches_its_endpoints_alone() {
        let owner = owner();
        let network = PrivateVpc::build(&owner).unwrap();
        let reached: Vec<_> = egress_rules(&owner, &network.app_group)
            .unwrap()
            .iter()
            .map(destination)
            .collect();
        let mut precise = vec![network.s3_list.clone(), network.endpoint_group.clone()];
        precise.sort();
        assert_eq!(reached, precise);
        let endpoints = json!({"Filters": [{"Name": "vpc-id", "Values": [network.vpc]}]});
        let endpoints = owner.call("ec2", "describe_vpc_endpoints", &endpoints).unwrap();
        let endpoints = endpoints["VpcEndpoints"].as_array().unwrap();
        let kind = |endpoint: &Value| endpoint["VpcEndpointType"].as_str().unwrap().to_owned();
        let mut kinds: Vec<_> = endpoints.iter().map(kind).collect();
        kinds.sort();
        assert_eq!(kinds, ["Gateway", "Interface", "Interface"]);
        assert!(endpoints.iter().all(|endpoint| endpoint["State"] == "available"));
    }

    #[test]
    fn a_careless_call_leaves_a_record_that_names_its_caller() {
        let owner = owner();
        let network = PrivateVpc::build(&owner).unwrap();
        let emulator = Emulator::shared().unwrap();
        let person = emulator
            .user(Identity::role_session("PlatformEngineer", "maintenance"))
            .unwrap();
        let opened = open_egress(&person, &network.app_group, "0.0.0.0/0").unwrap();
        assert!(opened.outcome.is_ok());
        let record = &opened.record;
        assert_eq!(record.event_name(), "AuthorizeSecurityGroupEgress");
        assert_eq!(record.error_code(), None);
        assert_eq!(record.text("/requestParameters/groupId"), network.app_group);
        let role = record.text("/userIdentity/sessionContext/sessionIssuer/userName");
        assert_eq!(role, "PlatformEngineer");
        assert_eq!(record.text("/awsRegion"), REGION);
        assert_eq!(record.text("/recipientAccountId"), crate::ACCOUNT);
        assert!(record.text("/userAgent").starts_with("aws-cli/"));
    }

    #[test]
    fn a_refused_call_leaves_a_record_too() {
        let owner = owner();
        let refused = open_egress(&owner, "sg-0123456789abcdef0", "0.0.0.0/0").unwrap();
        assert_eq!(refused.outcome.unwrap_err().code, "InvalidGroup.NotFound");
        assert_eq!(refused.record.error_code(), Some("Client.InvalidGroup.NotFound"));
        assert_eq!(refused.record.json()["responseElements"], Value::Null);
    }
}
