//! The calls by name: which there are, of which service, and the function that each wakes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::event::Call;
use crate::functions::FunctionName;

const APIGATEWAY: &str = "apigateway.amazonaws.com";
const APPSYNC: &str = "appsync.amazonaws.com";
const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";
const DYNAMODB: &str = "dynamodb.amazonaws.com";
const EC2: &str = "ec2.amazonaws.com";
const EVENTS: &str = "events.amazonaws.com";
const IAM: &str = "iam.amazonaws.com";
const KMS: &str = "kms.amazonaws.com";
const LAMBDA: &str = "lambda.amazonaws.com";
const SNS: &str = "sns.amazonaws.com";
const SQS: &str = "sqs.amazonaws.com";
const SSM: &str = "ssm.amazonaws.com";

/// The calls that are typed. One line each: its name is also CloudTrail's `eventName` (some of Lambda's end with the date of its
/// API), behind it stand the `eventSource` and the function that it wakes. Those behind `parts` are all a [`Call::Part`].
macro_rules! call_names {
    ($($name:ident $source:ident $function:ident;)+ => parts $($part:ident $part_source:ident;)+) => {
        /// The name of a typed call, apart from what it was about.
        ///
        /// Event names are not unique (`CreateRoute` is of EC2, API Gateway and App Mesh): a call is known by source and name.
        /// As text it is `ec2:CreateVpc`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum CallName {
            $(
                #[doc = concat!("`", stringify!($name), "`.")]
                $name,
            )+
            $(
                #[doc = concat!("`", stringify!($part), "`.")]
                $part,
            )+
        }

        impl CallName {
            /// Every typed call.
            pub const ALL: &[Self] = &[$(Self::$name,)+ $(Self::$part,)+];

            /// The calls about what the guardrail may be made of.
            pub const OF_PARTS: &[Self] = &[$(Self::$part),+];

            /// CloudTrail's `eventSource`: `ec2.amazonaws.com`.
            #[must_use]
            pub const fn source(self) -> &'static str {
                match self {
                    $(Self::$name => $source,)+
                    $(Self::$part => $part_source,)+
                }
            }

            /// The one function that the call may wake; whether it does depends on the rules that are linked into it.
            #[must_use]
            pub const fn function(self) -> FunctionName {
                match self {
                    $(Self::$name => FunctionName::$function,)+
                    $(Self::$part => FunctionName::Apis,)+
                }
            }

            /// CloudTrail's `eventName`: `CreateVpc`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                    $(Self::$part => stringify!($part),)+
                }
            }
        }

        /// The names of the calls about parts, as a pattern.
        macro_rules! part_names {
            () => { $(CallName::$part)|+ };
        }

        impl Call {
            /// Which typed call this is; none for [`Call::Scan`] and [`Call::Other`].
            #[must_use]
            pub const fn name(&self) -> Option<CallName> {
                match self {
                    $(Self::$name { .. } => Some(CallName::$name),)+
                    Self::Part(part) => Some(part.call),
                    Self::Scan { .. } | Self::Other { .. } => None,
                }
            }
        }
    };
}

call_names! {
    AuthorizeSecurityGroupEgress EC2 SecurityGroups;
    AuthorizeSecurityGroupIngress EC2 SecurityGroups;
    RevokeSecurityGroupEgress EC2 SecurityGroups;
    RevokeSecurityGroupIngress EC2 SecurityGroups;
    ModifySecurityGroupRules EC2 SecurityGroups;
    UpdateSecurityGroupRuleDescriptionsEgress EC2 SecurityGroups;
    CreateSecurityGroup EC2 SecurityGroups;
    CreateVpc EC2 SecurityGroups;
    CreateDefaultVpc EC2 SecurityGroups;
    ModifyManagedPrefixList EC2 SecurityGroups;
    RestoreManagedPrefixListVersion EC2 SecurityGroups;
    ModifyNetworkInterfaceAttribute EC2 SecurityGroups;
    CreateNetworkInterface EC2 SecurityGroups;
    ModifyInstanceAttribute EC2 SecurityGroups;
    CreateVpcEndpoint EC2 VpcEndpoints;
    ModifyVpcEndpoint EC2 VpcEndpoints;
    DeleteVpcEndpoints EC2 VpcEndpoints;
    ModifyVpcAttribute EC2 VpcEndpoints;
    AssociateDhcpOptions EC2 VpcEndpoints;
    AssociateRouteTable EC2 Routes;
    DisassociateRouteTable EC2 Routes;
    ReplaceRouteTableAssociation EC2 Routes;
    CreateSubnet EC2 Routes;
    ModifySubnetAttribute EC2 Routes;
    AssociateAddress EC2 Routes;
    ModifyVpcBlockPublicAccessOptions EC2 Routes;
    CreateVpcBlockPublicAccessExclusion EC2 Routes;
    ModifyVpcBlockPublicAccessExclusion EC2 Routes;
    CreateVpcPeeringConnection EC2 Routes;
    AcceptVpcPeeringConnection EC2 Routes;
    CreateTransitGatewayVpcAttachment EC2 Routes;
    CreateVpnConnection EC2 Routes;
    CreateRestApi APIGATEWAY Apis;
    ImportRestApi APIGATEWAY Apis;
    PutRestApi APIGATEWAY Apis;
    UpdateRestApi APIGATEWAY Apis;
    CreateApi APIGATEWAY Apis;
    ImportApi APIGATEWAY Apis;
    CreateGraphqlApi APPSYNC Apis;
    AttachInternetGateway EC2 Routes;
    CreateEgressOnlyInternetGateway EC2 Routes;
    CreateNatGateway EC2 Routes;
    CreateRoute EC2 Routes;
    ReplaceRoute EC2 Routes;
    CreateTags EC2 Apis;
    DeleteTags EC2 Apis;
    => parts
    StopLogging CLOUDTRAIL;
    DeleteTrail CLOUDTRAIL;
    UpdateTrail CLOUDTRAIL;
    PutEventSelectors CLOUDTRAIL;
    DisableRule EVENTS;
    DeleteRule EVENTS;
    PutRule EVENTS;
    PutTargets EVENTS;
    RemoveTargets EVENTS;
    DeleteFunction20150331 LAMBDA;
    UpdateFunctionCode20150331v2 LAMBDA;
    UpdateFunctionConfiguration20150331v2 LAMBDA;
    PutFunctionConcurrency20171031 LAMBDA;
    UpdateEventSourceMapping20150331 LAMBDA;
    DeleteEventSourceMapping20150331 LAMBDA;
    PurgeQueue SQS;
    SetQueueAttributes SQS;
    DeleteQueue SQS;
    SetTopicAttributes SNS;
    Unsubscribe SNS;
    DeleteTopic SNS;
    PutParameter SSM;
    DeleteParameter SSM;
    DeleteParameters SSM;
    DisableKey KMS;
    ScheduleKeyDeletion KMS;
    PutRolePolicy IAM;
    DeleteRolePolicy IAM;
    DetachRolePolicy IAM;
    UpdateTable DYNAMODB;
    DeleteTable DYNAMODB;
}

pub(super) use part_names;

/// A text that names no typed call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a call that vpc-guardrail knows: write it like `ec2:AuthorizeSecurityGroupEgress`")]
pub struct CallNameError(String);

impl CallName {
    /// The typed call of an `eventSource` and an `eventName`, if it is one.
    #[must_use]
    pub fn find(source: &str, name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|call| call.source() == source && call.name() == name)
    }

    /// The service's short name: `ec2`.
    #[must_use]
    pub fn service(self) -> &'static str {
        self.source().split('.').next().unwrap_or_default()
    }
}

impl fmt::Display for CallName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service(), self.name())
    }
}

impl FromStr for CallName {
    type Err = CallNameError;

    fn from_str(text: &str) -> Result<Self, CallNameError> {
        let found = Self::ALL.iter().find(|call| {
            text.split_once(':')
                .is_some_and(|(service, name)| call.service() == service && call.name() == name)
        });
        found
            .copied()
            .ok_or_else(|| CallNameError(text.chars().take(80).collect()))
    }
}

impl TryFrom<String> for CallName {
    type Error = CallNameError;

    fn try_from(text: String) -> Result<Self, CallNameError> {
        text.parse()
    }
}

impl From<CallName> for String {
    fn from(name: CallName) -> Self {
        name.to_string()
    }
}
