//! From the calls about public addresses and VPC Block Public Access to a [`Call`].

use crate::event::exposure::{AddressUse, ExclusionChange, SubnetChange};
use crate::event::requests::Exchange;
use crate::event::{Call, EventError};
use crate::facts::Excluded;
use crate::id::{SubnetId, VpcId};

impl Exchange<'_> {
    pub(super) fn modify_subnet(&self) -> Result<Call, EventError> {
        let attribute = self.request.member("mapPublicIpOnLaunch");
        Ok(Call::ModifySubnetAttribute(SubnetChange {
            subnet: self.request.member("subnetId").required()?,
            public_addresses: attribute.scalar_or("value").optional_like("true or false", "true")?,
        }))
    }

    pub(super) fn associate_address(&self) -> Result<Call, EventError> {
        let used = AddressUse {
            association: self.response.member("associationId").optional()?,
            address: self.request.member("publicIp").lenient(),
            interface: self.request.member("networkInterfaceId").optional()?,
            instance: self.request.member("instanceId").optional()?,
        };
        let nowhere = used.interface.is_none() && used.instance.is_none();
        if nowhere && self.succeeded && !self.omitted {
            return Err(self.request.member("networkInterfaceId").missing());
        }
        Ok(Call::AssociateAddress(used))
    }

    /// A mode that is not known, AWS having added one, counts as not said: what holds is read anyway.
    pub(super) fn modify_block_public_access(&self) -> Call {
        let made = self.response.member("vpcBlockPublicAccessOptions");
        let said = |half: &crate::event::lenient::Node<'_>| half.member("internetGatewayBlockMode").lenient();
        Call::ModifyVpcBlockPublicAccessOptions {
            mode: said(&self.request).or_else(|| said(&made)),
        }
    }

    pub(super) fn create_exclusion(&self) -> Result<Call, EventError> {
        let made = self.response.member("vpcBlockPublicAccessExclusion");
        let exclusion = self.outcome(&made.member("exclusionId"))?;
        Ok(Call::CreateVpcBlockPublicAccessExclusion(ExclusionChange {
            exclusion,
            ..self.exclusion()?
        }))
    }

    pub(super) fn modify_exclusion(&self) -> Result<Call, EventError> {
        let exclusion = Some(self.request.member("exclusionId").required()?);
        Ok(Call::ModifyVpcBlockPublicAccessExclusion(ExclusionChange {
            exclusion,
            ..self.exclusion()?
        }))
    }

    /// What both calls say of an exclusion, without its id.
    fn exclusion(&self) -> Result<ExclusionChange, EventError> {
        let vpc: Option<VpcId> = self.request.member("vpcId").optional()?;
        let subnet: Option<SubnetId> = self.request.member("subnetId").optional()?;
        Ok(ExclusionChange {
            exclusion: None,
            of: subnet.map(Excluded::Subnet).or(vpc.map(Excluded::Vpc)),
            mode: self.request.member("internetGatewayExclusionMode").lenient(),
        })
    }
}
