//! One HTTP client for all services: one pool of connections, one TLS configuration, the root certificates read once.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ec2::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use tokio::sync::Mutex;
use tokio::time::Instant;

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

/// Sends requests no faster than at a pace, attempts after the first included.
#[derive(Debug)]
struct PacedClient {
    inner: SharedHttpClient,
    pace: Arc<Pace>,
}

/// When the next request may be sent.
#[derive(Debug)]
struct Pace {
    every: Duration,
    next: Mutex<Instant>,
}

#[derive(Debug)]
struct PacedConnector {
    inner: SharedHttpConnector,
    pace: Arc<Pace>,
}

/// The same client, with so long between the starts of two requests.
pub(crate) fn paced(inner: SharedHttpClient, every: Duration) -> SharedHttpClient {
    let pace = Arc::new(Pace {
        every,
        next: Mutex::new(Instant::now()),
    });
    SharedHttpClient::new(PacedClient { inner, pace })
}

impl HttpClient for PacedClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(PacedConnector {
            inner: self.inner.http_connector(settings, components),
            pace: Arc::clone(&self.pace),
        })
    }
}

impl HttpConnector for PacedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (inner, pace) = (self.inner.clone(), Arc::clone(&self.pace));
        HttpConnectorFuture::new(async move {
            pace.turn().await;
            inner.call(request).await
        })
    }
}

impl Pace {
    /// Waits for its turn: requests go out in the order in which they came.
    async fn turn(&self) {
        let mut next = self.next.lock().await;
        let turn = (*next).max(Instant::now());
        *next = turn + self.every;
        drop(next);
        tokio::time::sleep_until(turn).await;
    }
}
