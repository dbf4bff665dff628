//! VPC Block Public Access: its mode and its exclusions, each with a call of its own.

use aws_sdk_ec2::types::{
    InternetGatewayBlockMode, InternetGatewayExclusionMode, ManagedBy, VpcBlockPublicAccessExclusion as Raw,
    VpcBlockPublicAccessExclusionState, VpcBlockPublicAccessOptions as RawOptions, VpcBlockPublicAccessState,
};
use futures::future::join;
use guardrail_policy::facts::{
    Answered, BlockMode, BlockPublicAccess, BlockState, Everywhere, Excluded, Exclusion, ExclusionMode, ExclusionState,
    Fact,
};
use guardrail_policy::id::{Arn, BlockPublicAccessExclusionId};

use super::Ec2;
use super::parse::{missing, parsed, required};
use crate::failure::{Failure, Unparsable};
use crate::needs::{DESCRIBE_BLOCK_PUBLIC_ACCESS, DESCRIBE_EXCLUSIONS};

/// The most exclusions that a page holds (API model of `DescribeVpcBlockPublicAccessExclusions`).
const PAGE: i32 = 1000;

/// What is blocked, and what is excluded from it: one without the other is no answer.
pub(super) async fn read(ec2: &Ec2) -> Vec<Answered> {
    let found = match join(options(ec2), exclusions(ec2)).await {
        (Ok(options), Ok(exclusions)) => Fact::Is(BlockPublicAccess {
            exclusions: exclusions.into_iter().collect(),
            ..options
        }),
        (Err(failure), _) | (_, Err(failure)) => failure.into(),
    };
    vec![Answered::BlockPublicAccess(Everywhere, found)]
}

async fn options(ec2: &Ec2) -> Result<BlockPublicAccess, Failure> {
    let page = async |_: Option<String>| {
        let reply = ec2.client.describe_vpc_block_public_access_options().send().await?;
        Ok((reply.vpc_block_public_access_options.map(|found| vec![found]), None))
    };
    let found = ec2.pages(DESCRIBE_BLOCK_PUBLIC_ACCESS, page).await?;
    let options = found.first().ok_or_else(|| missing("vpcBlockPublicAccessOptions"));
    let options = options.and_then(parse_options);
    options.map_err(|what| Failure::unparsable(DESCRIBE_BLOCK_PUBLIC_ACCESS, &what))
}

async fn exclusions(ec2: &Ec2) -> Result<Vec<(BlockPublicAccessExclusionId, Exclusion)>, Failure> {
    let page = async |token: Option<String>| {
        let call = ec2.client.describe_vpc_block_public_access_exclusions();
        let reply = call.max_results(PAGE).set_next_token(token).send().await?;
        Ok((reply.vpc_block_public_access_exclusions, reply.next_token))
    };
    let found = ec2.pages(DESCRIBE_EXCLUSIONS, page).await?;
    let parsed: Result<_, _> = found.iter().map(parse_exclusion).collect();
    parsed.map_err(|what| Failure::unparsable(DESCRIBE_EXCLUSIONS, &what))
}

fn parse_options(raw: &RawOptions) -> Result<BlockPublicAccess, Unparsable> {
    let mode = raw.internet_gateway_block_mode();
    let state = raw.state().ok_or_else(|| missing("state"))?;
    Ok(BlockPublicAccess {
        mode: block_mode(mode.ok_or_else(|| missing("internetGatewayBlockMode"))?)?,
        state: match state {
            VpcBlockPublicAccessState::DefaultState => BlockState::Default,
            VpcBlockPublicAccessState::UpdateComplete => BlockState::Complete,
            // One that is not known is not complete.
            _ => BlockState::InProgress,
        },
        by_organization: raw.managed_by() == Some(&ManagedBy::DeclarativePolicy),
        exclusions: [].into(),
    })
}

fn block_mode(mode: &InternetGatewayBlockMode) -> Result<BlockMode, Unparsable> {
    match mode {
        InternetGatewayBlockMode::Off => Ok(BlockMode::Off),
        InternetGatewayBlockMode::BlockIngress => Ok(BlockMode::BlockIngress),
        InternetGatewayBlockMode::BlockBidirectional => Ok(BlockMode::BlockBidirectional),
        other => Err(Unparsable(format!("the mode `{}` is not known", other.as_str()))),
    }
}

fn parse_exclusion(raw: &Raw) -> Result<(BlockPublicAccessExclusionId, Exclusion), Unparsable> {
    let mode = raw.internet_gateway_exclusion_mode();
    let exclusion = Exclusion {
        of: excluded(&required("resourceArn", raw.resource_arn())?)?,
        mode: match mode.ok_or_else(|| missing("internetGatewayExclusionMode"))? {
            InternetGatewayExclusionMode::AllowEgress => ExclusionMode::AllowEgress,
            InternetGatewayExclusionMode::AllowBidirectional => ExclusionMode::AllowBidirectional,
            other => return Err(Unparsable(format!("the mode `{}` is not known", other.as_str()))),
        },
        state: exclusion_state(raw.state()),
    };
    Ok((required("exclusionId", raw.exclusion_id())?, exclusion))
}

/// The ARN is that of the VPC or the subnet, not of the exclusion.
fn excluded(arn: &Arn) -> Result<Excluded, Unparsable> {
    match arn.resource().split_once('/') {
        Some(("vpc", id)) => parsed("resourceArn", id).map(Excluded::Vpc),
        Some(("subnet", id)) => parsed("resourceArn", id).map(Excluded::Subnet),
        _ => Err(Unparsable(format!("`{arn}` is neither a VPC nor a subnet"))),
    }
}

/// Whatever does not say that it is over holds.
fn exclusion_state(state: Option<&VpcBlockPublicAccessExclusionState>) -> ExclusionState {
    match state {
        Some(VpcBlockPublicAccessExclusionState::CreateFailed | VpcBlockPublicAccessExclusionState::DeleteComplete) => {
            ExclusionState::Gone
        }
        Some(VpcBlockPublicAccessExclusionState::DisableComplete) => ExclusionState::Disabled,
        _ => ExclusionState::InForce,
    }
}
