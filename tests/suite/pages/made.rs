//! The calls that the examples make: what each does to the network, and the record of it.

use super::*;

/// The call that is made.
#[derive(Debug, Deserialize)]
pub(super) enum Made {
    AuthorizeSecurityGroupEgress(Vec<String>),
    /// The group had these rules until now.
    RevokeSecurityGroupEgress(Vec<String>),
    /// The endpoints' group had these rules until now.
    RevokeSecurityGroupIngress(Vec<String>),
    /// Ingress rules of a group.
    AuthorizeSecurityGroupIngress(BTreeMap<SecurityGroupId, Vec<String>>),
    /// A rule of the group becomes this one.
    ModifySecurityGroupRules([String; 1]),
    /// The group is made, and has these rules when it is looked at.
    CreateSecurityGroup(Vec<String>),
    ModifyManagedPrefixList(BTreeMap<PrefixListId, BTreeSet<Cidr>>),
    /// The group, with these rules, is attached to the interface.
    ModifyNetworkInterfaceAttribute(Vec<String>),
    /// An endpoint of the network has just been made.
    CreateVpcEndpoint(VpcEndpointId),
    /// The VPC, which has them in the network, is given these DHCP options.
    AssociateDhcpOptions(DhcpOptionsId),
    /// An endpoint is changed.
    ModifyVpcEndpoint(BTreeMap<VpcEndpointId, Changed>),
    /// Endpoints were deleted; one that the network still has is on its way out there.
    DeleteVpcEndpoints(Vec<VpcEndpointId>),
    /// An attribute of the VPC is set.
    ModifyVpcAttribute(BTreeMap<DnsAttribute, bool>),
    /// The VPC has just been made, as it is in the network.
    CreateVpc,
    /// A table has just been put in front of a subnet, as it is in the network.
    AssociateRouteTable(BTreeMap<RouteTableId, SubnetId>),
    /// A table has just taken another's place, by this association.
    ReplaceRouteTableAssociation(BTreeMap<RouteTableId, RouteTableAssociationId>),
    /// An association has just gone.
    DisassociateRouteTable(RouteTableAssociationId),
    /// A subnet of the network has just been made.
    CreateSubnet(SubnetId),
    /// An AppSync API of the network has just been made.
    CreateGraphqlApi(GraphqlApiId),
    /// A REST API of the network has just been made.
    CreateRestApi(RestApiId),
    /// A REST API has become what it is in the network by these patch operations.
    UpdateRestApi(BTreeMap<RestApiId, Value>),
    /// An HTTP API of the network has just been made.
    CreateApi(HttpApiId),
    /// A gateway of the network has just been attached to the VPC.
    AttachInternetGateway(InternetGatewayId),
    /// An egress-only gateway of the network has just been made.
    CreateEgressOnlyInternetGateway(EgressOnlyInternetGatewayId),
    /// A NAT gateway of the network has just been made.
    CreateNatGateway(NatGatewayId),
    /// A table gets a route, written `0.0.0.0/0 to igw-…`.
    CreateRoute(BTreeMap<RouteTableId, String>),
    /// A route of a table leads elsewhere from now on, written likewise.
    ReplaceRoute(BTreeMap<RouteTableId, String>),
    /// A call about something that may be a part of the guardrail.
    Part {
        call: CallName,
        request: Value,
        #[serde(default)]
        response: Value,
    },
    /// Tags were taken from the VPC, as it is in the network.
    DeleteTags(BTreeMap<String, String>),
    /// Tags were set on the VPC, as it is in the network.
    CreateTags(BTreeMap<String, String>),
    /// Whether what is launched in a subnet gets a public address is switched.
    ModifySubnetAttribute(BTreeMap<SubnetId, bool>),
    /// An interface has just been given its elastic address, as it is in the network, or was there.
    AssociateAddress(BTreeMap<NetworkInterfaceId, AddressAssociationId>),
    /// The mode of VPC Block Public Access has just been set.
    ModifyVpcBlockPublicAccessOptions(BlockMode),
    /// An exclusion has just been made, as it is in the network.
    CreateVpcBlockPublicAccessExclusion(BlockPublicAccessExclusionId),
    /// An exclusion has just been changed, as it is in the network.
    ModifyVpcBlockPublicAccessExclusion(BlockPublicAccessExclusionId),
    /// A path has just been made, as it is in the network.
    CreateVpcPeeringConnection(NetworkPathId),
    AcceptVpcPeeringConnection(NetworkPathId),
    CreateTransitGatewayVpcAttachment(NetworkPathId),
    CreateVpnConnection(NetworkPathId),
}

/// What is changed about an endpoint.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Changed {
    /// Private DNS.
    PrivateDns(bool),
    /// A group is put on it.
    Group { group: SecurityGroupId },
    /// The policy; `null` sets it back to full access.
    Policy { policy: Option<String> },
    /// A gateway endpoint was taken from these tables, as it is in the network.
    RouteTables { removed: Vec<RouteTableId> },
}

/// The policy that AWS sets back to.
const FULL_ACCESS: &str = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// `tcp/443 to 10.0.0.0/8`, `udp/1024-2048 to pl-…`, `all traffic to sg-…`, `tcp/443 from sg-…`.
fn permission(text: &str) -> Permission {
    let (what, peer) = text
        .split_once(" to ")
        .or_else(|| text.split_once(" from "))
        .unwrap_or_else(|| panic!("`{text}` names no destination"));
    let peer = match peer {
        list if list.starts_with("pl-") => Peer::PrefixList(id(list)),
        group if group.starts_with("sg-") => Peer::Group {
            id: id(group),
            account: None,
        },
        block => Peer::Cidr(id(block)),
    };
    let traffic = match what.split_once('/') {
        None => Traffic::new(id::<Protocol>(what.trim_end_matches(" traffic")), None, None),
        Some((protocol, ports)) => {
            let (from, to) = ports.split_once('-').unwrap_or((ports, ports));
            Traffic {
                protocol: id(protocol),
                ports: Ports {
                    from: id(from),
                    to: id(to),
                },
            }
        }
    };
    Permission { traffic, peer }
}

/// Adds egress rules to the app's group, and returns them with the ids that they got.
pub(super) fn add(world: &mut World, rules: &[String]) -> Vec<(SecurityGroupRuleId, Permission)> {
    add_to(world, &id(APP_GROUP), Direction::Egress, rules)
}

fn add_to(
    world: &mut World,
    group: &SecurityGroupId,
    direction: Direction,
    rules: &[String],
) -> Vec<(SecurityGroupRuleId, Permission)> {
    let permissions: Vec<_> = rules.iter().map(|rule| permission(rule)).collect();
    if permissions.is_empty() {
        return Vec::new();
    }
    let ids = world.authorize(group, direction, &permissions).unwrap();
    ids.into_iter().zip(permissions).collect()
}

/// Makes the call on the network, and tells of it.
#[expect(clippy::too_many_lines, reason = "one arm for each call")]
pub(super) fn perform(world: &mut World, made: &Made) -> TrailRecord {
    let group = id::<SecurityGroupId>(APP_GROUP);
    match made {
        Made::AuthorizeSecurityGroupEgress(rules) => TrailRecord::authorize_egress(&group, &add(world, rules)),
        Made::RevokeSecurityGroupEgress(rules) => {
            let gone: Vec<_> = rules.iter().map(|rule| permission(rule)).collect();
            TrailRecord::revoke_egress(&group, &gone.iter().collect::<Vec<_>>())
        }
        Made::RevokeSecurityGroupIngress(rules) => {
            let gone: Vec<_> = rules.iter().map(|rule| permission(rule)).collect();
            TrailRecord::revoke_ingress(&id(ENDPOINT_GROUP), &gone.iter().collect::<Vec<_>>())
        }
        Made::DeleteVpcEndpoints(ids) => TrailRecord::delete_endpoints(ids),
        Made::AssociateDhcpOptions(options) => TrailRecord::associate_options(&id(VPC), options),
        Made::AuthorizeSecurityGroupIngress(groups) => {
            let (group, rules) = groups.first_key_value().unwrap();
            TrailRecord::authorize_ingress(group, &add_to(world, group, Direction::Ingress, rules))
        }
        Made::ModifySecurityGroupRules(rule) => TrailRecord::modify_rules(&group, &add(world, rule)),
        Made::CreateSecurityGroup(rules) => {
            add(world, rules);
            TrailRecord::create_group(&group, VPC, "app")
        }
        Made::ModifyManagedPrefixList(lists) => {
            let (list, entries) = lists.first_key_value().unwrap();
            world.set_entries(list, entries.clone()).unwrap();
            TrailRecord::modify_list(list, &entries.first().unwrap().to_string())
        }
        Made::ModifyNetworkInterfaceAttribute(rules) => {
            add(world, rules);
            TrailRecord::modify_interface(APP_INTERFACE, &[APP_GROUP])
        }
        Made::CreateVpcEndpoint(id) => {
            TrailRecord::create_endpoint(id, world.endpoints.as_ref().unwrap().get(id).unwrap())
        }
        Made::ModifyVpcEndpoint(changed) => {
            let (endpoint, changed) = changed.first_key_value().unwrap();
            change(world, endpoint, changed)
        }
        Made::Part {
            call,
            request,
            response,
        } => TrailRecord::called(*call, request.clone(), response.clone()),
        Made::DeleteTags(tags) => {
            let (key, value) = tags.first_key_value().unwrap();
            TrailRecord::delete_tag(VPC, key, Some(value))
        }
        Made::CreateTags(tags) => {
            let (key, value) = tags.first_key_value().unwrap();
            TrailRecord::create_tag(VPC, key, value)
        }
        Made::CreateVpc => TrailRecord::create_vpc(VPC, "10.0.0.0/16"),
        Made::AssociateRouteTable(associated) => {
            let (table, subnet) = associated.first_key_value().unwrap();
            TrailRecord::associate_table(table, subnet)
        }
        Made::ReplaceRouteTableAssociation(replaced) => {
            let (table, made) = replaced.first_key_value().unwrap();
            TrailRecord::replace_association(table, made)
        }
        Made::DisassociateRouteTable(association) => TrailRecord::disassociate_table(association),
        Made::CreateSubnet(subnet) => {
            TrailRecord::create_subnet(subnet, world.subnets.as_ref().unwrap().get(subnet).unwrap())
        }
        Made::CreateRestApi(api) => match world.rest_apis.as_ref().and_then(|apis| apis.get(api)) {
            Some(made) => TrailRecord::create_rest_api(api, made),
            None => TrailRecord::create_rest_api(api, &unread()),
        },
        Made::UpdateRestApi(changed) => {
            let (api, patches) = changed.first_key_value().unwrap();
            TrailRecord::update_rest_api(api, world.rest_apis.as_ref().unwrap().get(api).unwrap(), patches)
        }
        Made::CreateApi(api) => TrailRecord::create_http_api(api, world.http_apis.as_ref().unwrap().get(api).unwrap()),
        Made::CreateGraphqlApi(api) => {
            TrailRecord::create_graphql_api(api, world.graphql_apis.as_ref().unwrap().get(api).unwrap())
        }
        Made::AttachInternetGateway(gateway) => TrailRecord::attach_internet_gateway(gateway, &id(VPC)),
        Made::CreateEgressOnlyInternetGateway(gateway) => TrailRecord::create_egress_only_gateway(gateway, &id(VPC)),
        Made::CreateNatGateway(gateway) => {
            TrailRecord::create_nat_gateway(gateway, world.nat_gateways.as_ref().unwrap().get(gateway).unwrap())
        }
        Made::CreateRoute(routes) => {
            let (table, destination, target) = route(world, routes);
            TrailRecord::create_route(&table, &destination, &target)
        }
        Made::ReplaceRoute(routes) => {
            let (table, destination, target) = route(world, routes);
            TrailRecord::replace_route(&table, &destination, &target)
        }
        Made::ModifySubnetAttribute(switched) => {
            let (subnet, on) = switched.first_key_value().unwrap();
            if let Some(subnets) = &world.subnets
                && subnets.contains_key(subnet)
            {
                world.switch_public_addresses(subnet, *on).unwrap();
            }
            TrailRecord::switch_public_addresses(subnet, *on)
        }
        Made::AssociateAddress(given) => {
            let (interface, association) = given.first_key_value().unwrap();
            TrailRecord::associate_address(interface, association)
        }
        Made::ModifyVpcBlockPublicAccessOptions(mode) => TrailRecord::set_block_public_access(*mode),
        Made::CreateVpcBlockPublicAccessExclusion(id) => {
            let exclusion = exclusion(world, id);
            TrailRecord::create_exclusion(id, &exclusion.of, exclusion.mode)
        }
        Made::ModifyVpcBlockPublicAccessExclusion(id) => TrailRecord::modify_exclusion(id, exclusion(world, id).mode),
        Made::AcceptVpcPeeringConnection(id) => TrailRecord::accept_peering(id, path(world, id)),
        Made::CreateVpcPeeringConnection(id)
        | Made::CreateTransitGatewayVpcAttachment(id)
        | Made::CreateVpnConnection(id) => TrailRecord::create_path(id, path(world, id)),
        Made::ModifyVpcAttribute(switched) => {
            let (attribute, on) = switched.first_key_value().unwrap();
            world.switch_attribute(&id(VPC), *attribute, *on).unwrap();
            TrailRecord::switch_attribute(&id(VPC), *attribute, *on)
        }
    }
}

/// A REST API that the network does not show.
fn unread() -> RestApi {
    RestApi {
        name: "orders".to_owned(),
        reach: ApiReach::Regional,
        policy: None,
        default_url_off: false,
        changing: false,
        tags: Tags::new(),
    }
}

/// Puts a route into a table of the network, as far as its tables are known.
fn route(world: &mut World, routes: &BTreeMap<RouteTableId, String>) -> (RouteTableId, Destination, String) {
    let (table, route) = routes.first_key_value().unwrap();
    let (destination, target) = route.split_once(" to ").unwrap();
    let destination: Destination = id(destination);
    if let Some(found) = world.route_tables.as_mut().and_then(|tables| tables.get_mut(table)) {
        found.routes.insert(destination.clone(), target.to_owned().into());
    }
    (table.clone(), destination, target.to_owned())
}

fn exclusion<'w>(world: &'w World, id: &BlockPublicAccessExclusionId) -> &'w Exclusion {
    &world.block_public_access.as_ref().unwrap().exclusions[id]
}

fn path<'w>(world: &'w World, id: &NetworkPathId) -> &'w NetworkPath {
    world.network_paths.as_ref().unwrap().get(id).unwrap()
}

fn change(world: &mut World, endpoint: &VpcEndpointId, changed: &Changed) -> TrailRecord {
    match changed {
        Changed::PrivateDns(on) => {
            world.switch_private_dns(endpoint, *on).unwrap();
            TrailRecord::switch_private_dns(endpoint, *on)
        }
        Changed::Policy { policy } => {
            let set = Policy::new(policy.as_deref().unwrap_or(FULL_ACCESS));
            world.set_policy(endpoint, &set).unwrap();
            TrailRecord::set_policy(endpoint, policy.as_deref())
        }
        Changed::RouteTables { removed } => TrailRecord::route_gateway(endpoint, &[], removed),
        Changed::Group { group } => {
            let endpoints = world.endpoints.as_mut().unwrap();
            endpoints.get_mut(endpoint).unwrap().groups.insert(group.clone());
            TrailRecord::add_group(endpoint, group)
        }
    }
}
