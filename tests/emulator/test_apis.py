"""APIs of API Gateway and AppSync: what their records say, and who may read them."""

from __future__ import annotations

import unittest
from typing import Any

from emulated import SOMEONE, EmulatedAws


class Apis(EmulatedAws):
    """An account without any API."""

    def told(self, service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The record that a call leaves."""
        self.call(operation, parameters, service)
        return self.last_record()

    def test_the_body_of_a_rest_api_is_in_a_wrapper_beside_what_the_path_says(self) -> None:
        asked = {"name": "orders", "endpointConfiguration": {"types": ["PRIVATE"]}}
        record = self.told("apigateway", "create_rest_api", asked)
        self.assertEqual((record["eventSource"], record["eventName"]), ("apigateway.amazonaws.com", "CreateRestApi"))
        self.assertEqual(record["requestParameters"], {"createRestApiInput": asked, "template": False})
        api_id = record["responseElements"]["id"]
        self.assertEqual(record["responseElements"]["endpointConfiguration"]["types"], ["PRIVATE"])
        patches = [{"op": "replace", "path": "/endpointConfiguration/types/PRIVATE", "value": "REGIONAL"}]
        record = self.told("apigateway", "update_rest_api", {"restApiId": api_id, "patchOperations": patches})
        body = {"patchOperations": patches}
        expected = {"restApiId": api_id, "updateRestApiInput": body, "template": False}
        self.assertEqual((record["eventName"], record["requestParameters"]), ("UpdateRestApi", expected))

    def test_http_and_graphql_apis_are_told_as_they_were_sent(self) -> None:
        record = self.told("apigatewayv2", "create_api", {"Name": "shop", "ProtocolType": "HTTP"})
        self.assertEqual((record["eventSource"], record["eventName"]), ("apigateway.amazonaws.com", "CreateApi"))
        self.assertEqual(record["requestParameters"], {"name": "shop", "protocolType": "HTTP"})
        self.assertEqual(record["responseElements"]["protocolType"], "HTTP")
        asked = {"name": "orders", "authenticationType": "API_KEY"}
        record = self.told("appsync", "create_graphql_api", asked)
        self.assertEqual((record["eventSource"], record["eventName"]), ("appsync.amazonaws.com", "CreateGraphqlApi"))
        self.assertEqual(record["requestParameters"], asked)
        self.assertEqual(record["responseElements"]["graphqlApi"]["visibility"], "GLOBAL")

    def test_reads_leave_no_record_and_take_a_right_named_after_the_method(self) -> None:
        api_id = self.call("create_rest_api", {"name": "orders"}, "apigateway")["id"]
        self.control("rights", {SOMEONE: ["appsync:GetGraphqlApi"]})
        with self.assertRaises(Exception) as refused:
            self.call("get_rest_api", {"restApiId": api_id}, "apigateway")
        self.assertEqual(refused.exception.code, "AccessDeniedException")
        self.control("rights", {SOMEONE: ["apigateway:GET"]})
        self.assertEqual(self.call("get_rest_api", {"restApiId": api_id}, "apigateway")["name"], "orders")
        self.assertEqual([record["eventName"] for record in self.records()], ["CreateRestApi"])


if __name__ == "__main__":
    unittest.main()
