//! VPC Block Public Access: AWS's own switch against internet gateways, by account and Region.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{BlockPublicAccessExclusionId, SubnetId, VpcId};

/// VPC Block Public Access of an account in a Region (API reference of `VpcBlockPublicAccessOptions`).
///
/// It holds for the VPCs that the account owns; those that others share with it follow their owner's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockPublicAccess {
    /// What is blocked, or is to be once the state says that it is done.
    pub mode: BlockMode,
    /// How far the mode is carried out; left out, it is.
    #[serde(default = "complete")]
    pub state: BlockState,
    /// Whether a declarative policy of the organisation sets the mode: the account cannot change it then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_organization: bool,
    /// What is excluded from it, by the exclusion that says so; also exclusions that are not in force any more.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub exclusions: BTreeMap<BlockPublicAccessExclusionId, Exclusion>,
}

fn complete() -> BlockState {
    BlockState::Complete
}

/// What is blocked, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockMode {
    /// Nothing.
    Off,
    /// What comes in; NAT gateways and egress-only internet gateways still let traffic out.
    BlockIngress,
    /// All traffic of internet gateways and egress-only internet gateways, in both directions.
    BlockBidirectional,
}

impl BlockMode {
    /// As the API calls it: `block-bidirectional`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::BlockIngress => "block-ingress",
            Self::BlockBidirectional => "block-bidirectional",
        }
    }
}

/// A text that is no mode that this version knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("that is no mode of VPC Block Public Access that is known: update vpc-guardrail")]
pub struct UnknownBlockMode;

impl FromStr for BlockMode {
    type Err = UnknownBlockMode;

    fn from_str(text: &str) -> Result<Self, UnknownBlockMode> {
        let modes = [Self::Off, Self::BlockIngress, Self::BlockBidirectional];
        modes
            .into_iter()
            .find(|mode| mode.as_str() == text)
            .ok_or(UnknownBlockMode)
    }
}

impl fmt::Display for BlockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far a mode is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockState {
    /// Nobody ever set a mode: `default-state`.
    Default,
    /// A mode is being set, which takes minutes: `update-in-progress`.
    InProgress,
    /// The mode holds: `update-complete`.
    Complete,
}

/// What one exclusion lets through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// What is excluded.
    pub of: Excluded,
    /// In which directions.
    pub mode: ExclusionMode,
    /// Whether it holds; left out, it does.
    #[serde(default = "in_force", skip_serializing_if = "is_in_force")]
    pub state: ExclusionState,
}

fn in_force() -> ExclusionState {
    ExclusionState::InForce
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_in_force(state: &ExclusionState) -> bool {
    *state == ExclusionState::InForce
}

/// What an exclusion is of: one VPC or one subnet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Excluded {
    /// A VPC, with all its subnets.
    Vpc(VpcId),
    /// A subnet.
    Subnet(SubnetId),
}

impl Excluded {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Vpc(vpc) => vpc.as_str(),
            Self::Subnet(subnet) => subnet.as_str(),
        }
    }
}

/// What an exclusion lets through, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExclusionMode {
    /// What goes out, and the replies to it.
    AllowEgress,
    /// All traffic.
    AllowBidirectional,
}

impl ExclusionMode {
    /// As the API calls it: `allow-egress`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AllowEgress => "allow-egress",
            Self::AllowBidirectional => "allow-bidirectional",
        }
    }
}

impl FromStr for ExclusionMode {
    type Err = UnknownBlockMode;

    fn from_str(text: &str) -> Result<Self, UnknownBlockMode> {
        let modes = [Self::AllowEgress, Self::AllowBidirectional];
        modes
            .into_iter()
            .find(|mode| mode.as_str() == text)
            .ok_or(UnknownBlockMode)
    }
}

impl fmt::Display for ExclusionMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether an exclusion holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExclusionState {
    /// It holds, or may: also one that is being made, changed, disabled or deleted.
    InForce,
    /// A declarative policy of the organisation, which allows no exclusions, has disabled it: `disable-complete`. What it
    /// still lets through is not documented, so it counts as holding.
    Disabled,
    /// It could not be made, or is deleted: AWS lists it for a while.
    Gone,
}

impl BlockPublicAccess {
    /// What an account has that never set it: nothing is blocked.
    #[must_use]
    pub fn never_set() -> Self {
        Self {
            mode: BlockMode::Off,
            state: BlockState::Default,
            by_organization: false,
            exclusions: BTreeMap::new(),
        }
    }

    /// Whether a route of a subnet to an internet gateway, or to an egress-only one, leads nowhere, in both directions.
    ///
    /// Only where all traffic is blocked, that is done, and nothing excludes the subnet or its VPC, in whatever
    /// direction (Amazon VPC user guide, "VPC BPA basics"). A route through a NAT gateway leads on by the gateway's
    /// own subnet: both must be blocked. It says nothing of a VPC that another account owns.
    #[must_use]
    pub fn blocks(&self, vpc: &VpcId, subnet: &SubnetId) -> bool {
        let blocks_all = self.mode == BlockMode::BlockBidirectional && self.state == BlockState::Complete;
        blocks_all && self.excluding(vpc, subnet).next().is_none()
    }

    /// The exclusions that let traffic of a subnet through, or may.
    pub fn excluding(
        &self,
        vpc: &VpcId,
        subnet: &SubnetId,
    ) -> impl Iterator<Item = (&BlockPublicAccessExclusionId, &Exclusion)> {
        let covers = move |of: &Excluded| match of {
            Excluded::Vpc(excluded) => excluded == vpc,
            Excluded::Subnet(excluded) => excluded == subnet,
        };
        let exclusions = self.exclusions.iter();
        exclusions.filter(move |(_, exclusion)| exclusion.state != ExclusionState::Gone && covers(&exclusion.of))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MODES: [BlockMode; 3] = [BlockMode::Off, BlockMode::BlockIngress, BlockMode::BlockBidirectional];
    const STATES: [BlockState; 3] = [BlockState::Default, BlockState::InProgress, BlockState::Complete];
    const EXCLUSION_STATES: [ExclusionState; 3] =
        [ExclusionState::InForce, ExclusionState::Disabled, ExclusionState::Gone];

    fn vpc(number: u8) -> VpcId {
        format!("vpc-{number}").parse().unwrap()
    }

    /// The subnets of a VPC have its number for their first digit.
    fn subnet(vpc: u8, number: u8) -> SubnetId {
        format!("subnet-{vpc}{number}").parse().unwrap()
    }

    fn exclusion() -> impl Strategy<Value = Exclusion> {
        let of = prop_oneof![
            (0u8..3).prop_map(|number| Excluded::Vpc(vpc(number))),
            (0u8..3, 0u8..3).prop_map(|(of, number)| Excluded::Subnet(subnet(of, number))),
        ];
        let mode = prop_oneof![
            Just(ExclusionMode::AllowEgress),
            Just(ExclusionMode::AllowBidirectional)
        ];
        let state = prop::sample::select(EXCLUSION_STATES.to_vec());
        (of, mode, state).prop_map(|(of, mode, state)| Exclusion { of, mode, state })
    }

    fn anything() -> impl Strategy<Value = BlockPublicAccess> {
        let (modes, states) = (
            prop::sample::select(MODES.to_vec()),
            prop::sample::select(STATES.to_vec()),
        );
        let exclusions = prop::collection::vec(exclusion(), 0..4);
        (modes, states, any::<bool>(), exclusions).prop_map(|(mode, state, by_organization, exclusions)| {
            let id = |number: usize| format!("vpcbpa-exclude-{number}").parse().unwrap();
            let exclusions = exclusions.into_iter().enumerate();
            BlockPublicAccess {
                mode,
                state,
                by_organization,
                exclusions: exclusions.map(|(number, exclusion)| (id(number), exclusion)).collect(),
            }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

        #[test]
        fn a_route_is_blocked_just_where_everything_is_done_and_nothing_excludes_it(
            found in anything(), of in 0u8..3, number in 0u8..3,
        ) {
            let holds = |exclusion: &Exclusion| match exclusion.state {
                ExclusionState::InForce | ExclusionState::Disabled => {
                    exclusion.of == Excluded::Vpc(vpc(of)) || exclusion.of == Excluded::Subnet(subnet(of, number))
                }
                ExclusionState::Gone => false,
            };
            let expected = matches!(
                (found.mode, found.state),
                (BlockMode::BlockBidirectional, BlockState::Complete)
            ) && !found.exclusions.values().any(holds);
            prop_assert_eq!(found.blocks(&vpc(of), &subnet(of, number)), expected);
        }

        #[test]
        fn a_further_exclusion_never_makes_a_route_blocked(found in anything(), more in exclusion(), of in 0u8..3, number in 0u8..3) {
            let mut wider = found.clone();
            wider.exclusions.insert("vpcbpa-exclude-9".parse().unwrap(), more);
            let (of, subnet) = (vpc(of), subnet(of, number));
            prop_assert!(found.blocks(&of, &subnet) || !wider.blocks(&of, &subnet));
        }
    }

    #[test]
    fn what_is_written_is_read_and_what_is_left_out_holds() {
        let text = r#"{"mode":"block-bidirectional","exclusions":{"vpcbpa-exclude-1":{"of":{"subnet":"subnet-10"},"mode":"allow-egress"}}}"#;
        let found: BlockPublicAccess = serde_json::from_str(text).unwrap();
        assert!(found.blocks(&vpc(1), &subnet(1, 1)) && !found.blocks(&vpc(1), &subnet(1, 0)));
        let written = serde_json::to_string(&found).unwrap();
        assert_eq!(serde_json::from_str::<BlockPublicAccess>(&written).unwrap(), found);
        assert!(!BlockPublicAccess::never_set().blocks(&vpc(1), &subnet(1, 1)));
    }
}
