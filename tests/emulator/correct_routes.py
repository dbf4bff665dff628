"""Route tables as AWS has them.

What moto 5.2.5 gets wrong here, and this module puts right:

* A subnet that has a table of its own can be associated with another one: moto answers with the old association and
  changes nothing. AWS refuses it; the association is to be replaced.
"""

from __future__ import annotations

from typing import Any, Callable

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.responses.route_tables import RouteTables


def with_one_table(method: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    """AssociateRouteTable, which refuses a subnet that has another table of its own."""

    def answer(call: Any) -> ActionResult:
        table_id, subnet_id = call._get_param("RouteTableId"), call._get_param("SubnetId")
        tables = call.ec2_backend.route_tables.values()
        others = [table for table in tables if subnet_id and subnet_id in table._associations.values()]
        if any(table.id != table_id for table in others):
            raise EC2ClientError(
                "Resource.AlreadyAssociated",
                f"the specified association for route table {table_id} conflicts with an existing association",
            )
        return method(call)

    return answer


def apply() -> None:
    """Puts this in moto's place."""
    RouteTables.associate_route_table = with_one_table(RouteTables.associate_route_table)
