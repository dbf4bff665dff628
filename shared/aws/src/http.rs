//! One HTTP client for all services: one pool of connections, one TLS configuration, the root certificates read once.

use aws_sdk_ec2::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector};

use crate::timeouts::Timeouts;

/// Hands the same connector to every client.
///
/// The SDK's own client makes one TLS configuration, with every root certificate parsed again, for each service client
/// only to throw it away, and another one at the first request.
#[derive(Debug)]
struct OneConnector(SharedHttpConnector);

impl HttpClient for OneConnector {
    /// The settings are those of [`Timeouts`] for every client, and were given when the connector was made.
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        self.0.clone()
    }
}

/// Reads the root certificates and makes the connector; opens no connection.
///
/// Proxies are taken from the environment, as the SDK's own client does.
pub(crate) fn client(timeouts: &Timeouts) -> SharedHttpClient {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(timeouts.connect)
        .read_timeout(timeouts.read)
        .build();
    let connector = Connector::builder()
        .connector_settings(settings)
        .proxy_config(ProxyConfig::from_env())
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build();
    SharedHttpClient::new(OneConnector(SharedHttpConnector::new(connector)))
}
