//! What the tests of APIs share: a stage for their function, and calls that somebody makes.

use harness::emulator::Emulator;
use harness::stage::{Setting, Stage};
use harness::user::{Performed, User};
use serde_json::{Value, json};

use crate::endpoints::service;
use crate::reading::text_at;

/// A policy that guards the APIs of the account, and tells.
pub(crate) const POLICY: &str = "\
version: 1
scope:
  private_accounts: [\"111122223333\"]
mode: notify
";

/// A stage for the function `apis`, in an account of its own: the endpoints of every VPC matter to an API.
pub(crate) fn stage_of_apis() -> Stage {
    let emulator = Emulator::start().unwrap();
    Setting::of(POLICY).function("apis").set_on(emulator.into()).unwrap()
}

/// A person of the application's team makes a call that AWS takes.
pub(crate) fn performs(stage: &Stage, service: &str, operation: &str, parameters: &Value) -> Performed {
    let performed = stage.person().unwrap().perform(service, operation, parameters).unwrap();
    performed
        .outcome
        .as_ref()
        .unwrap_or_else(|error| panic!("{operation}: {error:?}"));
    performed
}

/// An API of each kind that the internet can reach, by their ids: REST, HTTP, AppSync.
pub(crate) fn makes_public_apis(owner: &User) -> [String; 3] {
    let make = |service: &str, operation: &str, parameters: Value, at: &str| {
        let made = owner.call(service, operation, &parameters).unwrap();
        text_at(&made, at).to_owned()
    };
    [
        make("apigateway", "create_rest_api", json!({"name": "orders"}), "/id"),
        make(
            "apigatewayv2",
            "create_api",
            json!({"Name": "shop", "ProtocolType": "HTTP"}),
            "/ApiId",
        ),
        make(
            "appsync",
            "create_graphql_api",
            json!({"name": "stock", "authenticationType": "API_KEY"}),
            "/graphqlApi/apiId",
        ),
    ]
}

/// An interface endpoint that somebody made before, unseen by the function.
pub(crate) fn makes_endpoint(stage: &Stage, short: &str) -> String {
    let parameters = json!({
        "VpcId": stage.network.vpc, "ServiceName": service(short), "VpcEndpointType": "Interface",
        "SubnetIds": stage.network.subnets, "PrivateDnsEnabled": false,
    });
    let made = stage.owner.call("ec2", "create_vpc_endpoint", &parameters).unwrap();
    text_at(&made, "/VpcEndpoint/VpcEndpointId").to_owned()
}
