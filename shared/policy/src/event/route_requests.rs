//! From the calls about route tables, and the subnets that they serve, to a [`Call`].

use crate::event::requests::Exchange;
use crate::event::{Call, EventError};

impl Exchange<'_> {
    pub(super) fn associate_route_table(&self) -> Result<Call, EventError> {
        Ok(Call::AssociateRouteTable {
            route_table: self.request.member("routeTableId").required()?,
            subnet: self.request.member("subnetId").optional()?,
        })
    }

    pub(super) fn disassociate_route_table(&self) -> Result<Call, EventError> {
        Ok(Call::DisassociateRouteTable {
            association: self.request.member("associationId").required()?,
        })
    }

    pub(super) fn replace_route_table_association(&self) -> Result<Call, EventError> {
        Ok(Call::ReplaceRouteTableAssociation {
            association: self.request.member("associationId").required()?,
            route_table: self.request.member("routeTableId").required()?,
            made: self.response.member("newAssociationId").optional()?,
        })
    }

    pub(super) fn create_subnet(&self) -> Result<Call, EventError> {
        let made = self.response.member("subnet");
        let vpc = made.member("vpcId").optional()?;
        Ok(Call::CreateSubnet {
            subnet: self.outcome(&made.member("subnetId"))?,
            vpc: vpc.or(self.request.member("vpcId").optional()?),
        })
    }
}
