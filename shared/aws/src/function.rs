//! A function's way to AWS: what Lambda puts into the environment, and nothing that only people's machines have.

use std::env;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::identity::IdentityCache;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ec2::config::SharedHttpClient;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use crate::connect::app_name;
use crate::timeouts::Timeouts;

/// The configuration that a function's environment describes.
///
/// The SDK's own search also knows profile files, sign-on, roles to assume and the instance metadata service; a function
/// has none of them, and would be shipped with their code for nothing.
pub(crate) fn config(http_client: SharedHttpClient, timeouts: &Timeouts, behavior: BehaviorVersion) -> SdkConfig {
    let mut config = SdkConfig::builder()
        .behavior_version(behavior)
        .credentials_provider(credentials(http_client.clone()))
        .identity_cache(IdentityCache::lazy().build())
        .http_client(http_client)
        .timeout_config(timeouts.timeout_config())
        .retry_config(timeouts.retry_config())
        .service_config(Endpoints);
    config.set_region(
        variable("AWS_REGION")
            .or_else(|| variable("AWS_DEFAULT_REGION"))
            .map(Region::new),
    );
    config.set_app_name(app_name());
    config.set_use_fips(flag("AWS_USE_FIPS_ENDPOINT"));
    config.set_use_dual_stack(flag("AWS_USE_DUALSTACK_ENDPOINT"));
    let by_account = variable("AWS_ACCOUNT_ID_ENDPOINT_MODE").and_then(|mode| mode.parse().ok());
    config.set_account_id_endpoint_mode(by_account);
    config.build()
}

/// The keys in the environment, or those that Lambda hands out at an address: to a function that starts from a snapshot.
fn credentials(http_client: SharedHttpClient) -> SharedCredentialsProvider {
    let client = ProviderConfig::without_region().with_http_client(http_client);
    let at_an_address = EcsCredentialsProvider::builder().configure(&client).build();
    let keys = CredentialsProviderChain::first_try("Environment", EnvironmentVariableCredentialsProvider::new());
    SharedCredentialsProvider::new(keys.or_else("EcsContainer", at_an_address))
}

/// A service's settings: its own variable (`AWS_ENDPOINT_URL_EC2`), or the one for all services.
#[derive(Debug)]
struct Endpoints;

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        if flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == Some(true) {
            return None;
        }
        let service = key.service_id().to_uppercase().replace(' ', "_");
        variable(&format!("{}_{service}", key.env())).or_else(|| variable(key.env()))
    }
}

/// A variable of the environment, unless it is empty.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// A variable that says yes or no; any other word counts as none, as the SDK has it.
fn flag(name: &str) -> Option<bool> {
    variable(name)?.to_ascii_lowercase().parse().ok()
}
