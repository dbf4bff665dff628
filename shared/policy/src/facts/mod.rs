//! What must be known before judging: questions, their answers, and how sure an answer is.
//!
//! A rule never reads anything itself. It asks [`Facts`]; where the answer is not there yet it stops with
//! [`Stop::Need`], the runner answers all that was needed side by side, and the rule is asked again from the start.

mod api;
mod block_public_access;
mod endpoint;
mod gateway;
mod model;
mod network_path;
mod stop;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use api::{ApiReach, ApiReachError, GraphqlApi, HttpApi, RestApi, ServiceEndpoint, Visibility, VisibilityError};
pub use block_public_access::{
    BlockMode, BlockPublicAccess, BlockState, Excluded, Exclusion, ExclusionMode, ExclusionState,
};
pub use endpoint::{DnsAttribute, DnsServers, EndpointDetails, EndpointService, ServiceOffer, VpcDns};
pub use gateway::{Connectivity, EgressOnlyGateway, InternetGateway, NatGateway, NatGatewayState, NatPlace};
pub use model::{
    AddressFamily, Endpoint, EndpointKind, EndpointState, GroupFilter, InterfaceFilter, ListOwner, NetworkInterface,
    PrefixList, PublicAddress, Route, RouteDestination, RouteTable, RouteTableDetails, RouteTarget, SecurityGroup,
    SecurityGroupRule, Serves, Subnet, SubnetDetails, Tags, Vpc,
};
pub use network_path::{NetworkPath, PathEnd, PathKind, PathState};
pub use stop::{Stop, Unknown, all, both};

use crate::id::{
    GraphqlApiId, HttpApiId, NetworkPathId, PrefixListId, RestApiId, RouteTableId, SecurityGroupId, SubnetId,
    VpcEndpointId, VpcId,
};
use crate::ledger::{Abouts, Note};
use crate::network::Cidr;

/// An answer, and how sure it is. Only `Is` may ever lead to a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact<T> {
    /// AWS said so, completely.
    Is(T),
    /// AWS said that there is no such thing.
    Gone,
    /// AWS does not show it yet: so soon after the call that may be eventual consistency.
    NotYet,
    /// AWS did not say: denied, throttled, timed out, cut short, or not ours to read.
    Unreadable(Unreadable),
}

/// Why an answer could not be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// The IAM action that was tried: `ec2:DescribeVpcs`.
    pub action: String,
    /// AWS's error code, or `Timeout`, `ConnectionFailed`, `Truncated`.
    pub code: String,
}

/// Declares each question with the type of its answer: one line per fact that rules may ask for.
macro_rules! facts {
    ($($(#[$doc:meta])* $field:ident: $variant:ident($key:ty) -> $value:ty;)+) => {
        /// Something that must be read from AWS.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Question {
            $($(#[$doc])* $variant($key),)+
        }

        /// A question with its answer.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Answered {
            $($(#[$doc])* $variant($key, Fact<$value>),)+
        }

        /// All that is known so far.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Facts {
            $(
                #[serde(with = "pairs", skip_serializing_if = "BTreeMap::is_empty")]
                $field: BTreeMap<$key, Fact<$value>>,
            )+
            /// Questions whose answer was contradictory and came out the same when it was asked again.
            #[serde(skip_serializing_if = "BTreeSet::is_empty")]
            settled: BTreeSet<Question>,
        }

        impl Facts {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// [`Stop::Need`] while it was not asked, [`Stop::Unknown`] when the answer is anything but `Is`.
                pub fn $field(&self, key: &$key) -> Result<&$value, Stop> {
                    Stop::unless_is(self.$field.get(key), || Question::$variant(key.clone()))
                }
            )+

            /// Takes in an answer; a later one replaces an earlier one. Returns whether it differs from what was known.
            pub fn insert(&mut self, answer: Answered) -> bool {
                match answer {
                    $(Answered::$variant(key, fact) => {
                        let known = self.$field.insert(key, fact.clone());
                        known.is_some_and(|known| known != fact)
                    })+
                }
            }

            /// Whether a question was answered, in any of the four ways.
            #[must_use]
            pub fn knows(&self, question: &Question) -> bool {
                match question {
                    $(Question::$variant(key) => self.$field.contains_key(key),)+
                }
            }

            /// What is known of a question, as an answer to it.
            #[must_use]
            pub fn answered(&self, question: &Question) -> Option<Answered> {
                match question {
                    $(Question::$variant(key) => {
                        self.$field.get(key).map(|fact| Answered::$variant(key.clone(), fact.clone()))
                    })+
                }
            }
        }

        impl Question {
            /// This question, answered with what is not an `Is`.
            #[must_use]
            pub fn without(&self, how: Missing) -> Answered {
                match self {
                    $(Self::$variant(key) => Answered::$variant(key.clone(), how.into()),)+
                }
            }
        }

        impl Answered {
            /// What was asked.
            #[must_use]
            pub fn question(&self) -> Question {
                match self {
                    $(Self::$variant(key, _) => Question::$variant(key.clone()),)+
                }
            }

            /// Why it is no answer, where that is so.
            #[must_use]
            pub fn unreadable(&self) -> Option<&Unreadable> {
                match self {
                    $(Self::$variant(_, Fact::Unreadable(why)) => Some(why),)+
                    _ => None,
                }
            }

            /// The same answer, with `Gone` taken as `NotYet`: what it means so soon after the call.
            #[must_use]
            pub fn not_yet_if_gone(self) -> Self {
                match self {
                    $(Self::$variant(key, Fact::Gone) => Self::$variant(key, Fact::NotYet),)+
                    other => other,
                }
            }
        }
    };
}

facts! {
    /// The security groups that match.
    groups: Groups(GroupFilter) -> Vec<SecurityGroup>;
    /// Every rule of a security group, in both directions.
    rules: Rules(SecurityGroupId) -> Vec<SecurityGroupRule>;
    /// A VPC.
    vpc: Vpc(VpcId) -> Vpc;
    /// The VPCs of the account.
    vpcs: Vpcs(Everywhere) -> Vec<Vpc>;
    /// The subnets of a VPC.
    subnets: Subnets(VpcId) -> Vec<Subnet>;
    /// A subnet by itself.
    subnet: Subnet(SubnetId) -> SubnetDetails;
    /// Whether Amazon's DNS server answers in a VPC.
    vpc_dns: VpcDns(VpcId) -> VpcDns;
    /// The DNS servers of a VPC's instances.
    dns_servers: DnsServers(VpcId) -> DnsServers;
    /// A VPC endpoint by itself.
    endpoint: Endpoint(VpcEndpointId) -> EndpointDetails;
    /// What is offered of a service, by its full name.
    endpoint_service: EndpointService(String) -> EndpointService;
    /// The endpoints of a VPC.
    endpoints: Endpoints(VpcId) -> Vec<Endpoint>;
    /// A route table by itself.
    route_table: RouteTable(RouteTableId) -> RouteTableDetails;
    /// The route tables of a VPC.
    route_tables: RouteTables(VpcId) -> Vec<RouteTable>;
    /// The internet gateways that are attached to a VPC: at most one.
    internet_gateways: InternetGateways(VpcId) -> Vec<InternetGateway>;
    /// The egress-only internet gateways of a VPC.
    egress_only_gateways: EgressOnlyGateways(VpcId) -> Vec<EgressOnlyGateway>;
    /// The NAT gateways of a VPC.
    nat_gateways: NatGateways(VpcId) -> Vec<NatGateway>;
    /// The network interfaces that match.
    interfaces: Interfaces(InterfaceFilter) -> Vec<NetworkInterface>;
    /// The managed prefix lists of the Region that the account can see: AWS's, its own, those shared with it.
    prefix_lists: PrefixLists(Everywhere) -> Vec<PrefixList>;
    /// The blocks that a managed prefix list holds now.
    entries: Entries(PrefixListId) -> BTreeSet<Cidr>;
    /// The endpoints of the account in the Region that lead to one of AWS's services, by its short name: `execute-api`.
    service_endpoints: ServiceEndpoints(String) -> Vec<ServiceEndpoint>;
    /// The REST APIs of the account in the Region.
    rest_apis: RestApis(Everywhere) -> Vec<RestApi>;
    /// A REST API.
    rest_api: RestApi(RestApiId) -> RestApi;
    /// The HTTP and WebSocket APIs of the account in the Region.
    http_apis: HttpApis(Everywhere) -> Vec<HttpApi>;
    /// An HTTP or WebSocket API.
    http_api: HttpApi(HttpApiId) -> HttpApi;
    /// The AppSync APIs of the account in the Region.
    graphql_apis: GraphqlApis(Everywhere) -> Vec<GraphqlApi>;
    /// An AppSync API.
    graphql_api: GraphqlApi(GraphqlApiId) -> GraphqlApi;
    /// VPC Block Public Access of the account in the Region.
    block_public_access: BlockPublicAccess(Everywhere) -> BlockPublicAccess;
    /// The paths to other networks of one kind, of the account in the Region; also those that AWS lists for a while
    /// after they are gone.
    network_paths: NetworkPaths(PathKind) -> BTreeMap<NetworkPathId, NetworkPath>;
    /// What the ledger remembers of principals and resources; it is asked of the ledger, not of the network.
    past: Past(Abouts) -> Vec<Note>;
}

/// The key of a question that needs none: it is about the whole Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Everywhere;

/// The answers that hold no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// There is no such thing.
    Gone,
    /// It could not be read.
    Unreadable(Unreadable),
}

impl<T> From<Missing> for Fact<T> {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Gone => Self::Gone,
            Missing::Unreadable(why) => Self::Unreadable(why),
        }
    }
}

impl Facts {
    /// Only what is known of these questions.
    #[must_use]
    pub fn only<'q>(&self, questions: impl IntoIterator<Item = &'q Question>) -> Self {
        let mut only = Self::default();
        for answered in questions.into_iter().filter_map(|question| self.answered(question)) {
            only.insert(answered);
        }
        only
    }

    /// Marks a question as asked twice with the same complete answer.
    pub fn settle(&mut self, question: Question) {
        self.settled.insert(question);
    }

    /// Stops until an answer that contradicts the event was asked again and came out the same.
    ///
    /// # Errors
    /// [`Stop::Settle`] until then.
    pub fn settled(&self, question: Question) -> Result<(), Stop> {
        if self.settled.contains(&question) {
            Ok(())
        } else {
            Err(Stop::Settle(BTreeSet::from([question])))
        }
    }
}

/// A map whose keys are no strings, as JSON keeps it: a list of pairs.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(super) fn deserialize<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<K, V>, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}
