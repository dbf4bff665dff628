//! The connection to AWS: configuration from the environment, made once.

use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{AppName, BehaviorVersion, ConfigLoader, SdkConfig};
use guardrail_policy::functions::Linked;
use guardrail_policy::id::{IdError, Region, SecurityGroupId};

use crate::act::AtMostOnce;
use crate::answer::Ec2;
use crate::apis::Apis;
use crate::ledger::{Conflicts, Ledger};
use crate::marker::Marker;
use crate::only::Only;
use crate::parameters::Parameters;
use crate::tell::Sns;
use crate::timeouts::Timeouts;
use crate::topic::Topic;
use crate::whole::WholeReplies;
use crate::{function, http};

/// What CloudTrail shows of us in `userAgent`, beside the SDK's own words: `app/vpc-guardrail`.
const APP_NAME: &str = "vpc-guardrail";

/// AWS, as the environment of the process says it is to be reached.
///
/// Made once, in `main`: it reads the environment, the profile files and the root certificates, and opens no
/// connection. Region, endpoint (`AWS_ENDPOINT_URL`, also per service), credentials and proxies are the SDK's own
/// settings. All clients share one pool of connections.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
    region: Region,
    timeouts: Timeouts,
}

/// The environment does not say enough to reach AWS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// No Region is configured.
    #[error("no AWS Region is configured: set `AWS_REGION`")]
    NoRegion,
    /// The configured Region is none.
    #[error("the configured AWS Region cannot be used: {0}")]
    Region(#[from] IdError),
}

fn of_sdk(region: &Region) -> aws_config::Region {
    aws_config::Region::new(region.to_string())
}

/// The name under which CloudTrail shows us.
pub(crate) fn app_name() -> Option<AppName> {
    AppName::new(APP_NAME).ok()
}

impl Aws {
    /// Takes everything from the environment.
    ///
    /// With `AWS_REGION` set nothing is sent anywhere; without it and without a profile the SDK asks the instance
    /// metadata service.
    ///
    /// # Errors
    /// [`ConnectError`] when no Region is configured, or something that is none. Credentials are not looked for yet.
    pub async fn connect(timeouts: Timeouts) -> Result<Self, ConnectError> {
        Self::load(aws_config::defaults(BehaviorVersion::v2026_01_12()), timeouts).await
    }

    /// The same, with a profile and a Region that were asked for in the place of the environment's own.
    ///
    /// A profile that was asked for goes before keys in the environment, as it does with AWS's own command line.
    ///
    /// # Errors
    /// As [`Aws::connect`].
    pub async fn connect_as(
        profile: Option<&str>,
        region: Option<&Region>,
        timeouts: Timeouts,
    ) -> Result<Self, ConnectError> {
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12());
        if let Some(region) = region {
            loader = loader.region(of_sdk(region));
        }
        if let Some(profile) = profile {
            let config = ProviderConfig::default()
                .with_http_client(http::client(&timeouts))
                .with_region(region.map(of_sdk));
            let keys = ProfileFileCredentialsProvider::builder()
                .configure(&config)
                .profile_name(profile);
            loader = loader.profile_name(profile).credentials_provider(keys.build());
        }
        Self::load(loader, timeouts).await
    }

    /// The same credentials in another Region.
    #[must_use]
    pub fn in_region(&self, region: &Region) -> Self {
        let config = self.config.clone().into_builder().region(of_sdk(region)).build();
        Self {
            config,
            region: region.clone(),
            timeouts: self.timeouts,
        }
    }

    /// Takes from the environment what Lambda puts there: Region, keys or the address of keys, endpoints. Profile files,
    /// sign-on, roles to assume and the instance metadata service are not looked at, and nothing is sent anywhere.
    ///
    /// # Errors
    /// [`ConnectError`] when no Region is configured, or something that is none. Credentials are not looked for yet.
    pub fn of_function(timeouts: Timeouts) -> Result<Self, ConnectError> {
        let config = function::config(http::client(&timeouts), &timeouts, BehaviorVersion::v2026_01_12());
        Self::of(config, timeouts)
    }

    pub(crate) async fn load(loader: ConfigLoader, timeouts: Timeouts) -> Result<Self, ConnectError> {
        let loader = loader
            .http_client(http::client(&timeouts))
            .timeout_config(timeouts.timeout_config())
            .retry_config(timeouts.retry_config());
        let loader = match app_name() {
            Some(name) => loader.app_name(name),
            None => loader,
        };
        Self::of(loader.load().await, timeouts)
    }

    fn of(config: SdkConfig, timeouts: Timeouts) -> Result<Self, ConnectError> {
        let region = config.region().ok_or(ConnectError::NoRegion)?.as_ref().parse()?;
        Ok(Self {
            config,
            region,
            timeouts,
        })
    }

    /// The Region that is configured.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The reader and changer of networks. Make it once: it bounds how many calls run side by side.
    #[must_use]
    pub fn ec2(&self) -> Ec2 {
        let config = aws_sdk_ec2::config::Builder::from(&self.config);
        let reading = config.interceptor(WholeReplies::Xml);
        let writing = reading.clone().retry_classifier(AtMostOnce);
        let client = |config: aws_sdk_ec2::config::Builder| aws_sdk_ec2::Client::from_conf(config.build());
        Ec2::new(client(reading), client(writing), self.timeouts.operation)
    }

    /// The same, with the calls of one function's rules alone.
    #[must_use]
    pub fn ec2_of<F: Linked>(&self, _: F) -> Only<F> {
        Only::new(self.ec2())
    }

    /// The marker group, by its id.
    #[must_use]
    pub fn marker(&self, group: &SecurityGroupId) -> Marker {
        Marker::new(aws_sdk_ec2::Client::new(&self.config), group.clone())
    }

    /// The same connection, at a pace: so long between the starts of two requests, whatever they are. For whoever reads a
    /// whole account, and shares its allowance of requests with everybody else in it.
    #[must_use]
    pub fn paced(&self, every: Duration) -> Self {
        let mut paced = self.clone();
        if let Some(client) = self.config.http_client() {
            let config = self.config.clone().into_builder();
            paced.config = config.http_client(http::paced(client, every)).build();
        }
        paced
    }

    /// The reader of APIs and of networks, and the changer of networks. Make it once, and no [`Aws::ec2`] beside it.
    #[must_use]
    pub fn apis(&self) -> Apis<Ec2> {
        self.apis_beside(self.ec2())
    }

    /// The same, with the calls of one function's rules alone.
    #[must_use]
    pub fn apis_of<F: Linked>(&self, function: F) -> Apis<Only<F>> {
        self.apis_beside(self.ec2_of(function))
    }

    fn apis_beside<N>(&self, network: N) -> Apis<N> {
        let rest = aws_sdk_apigateway::config::Builder::from(&self.config).interceptor(WholeReplies::Json);
        let http = aws_sdk_apigatewayv2::config::Builder::from(&self.config).interceptor(WholeReplies::Json);
        let appsync = aws_sdk_appsync::config::Builder::from(&self.config).interceptor(WholeReplies::Json);
        Apis {
            network,
            rest: aws_sdk_apigateway::Client::from_conf(rest.build()),
            http: aws_sdk_apigatewayv2::Client::from_conf(http.build()),
            appsync: aws_sdk_appsync::Client::from_conf(appsync.build()),
            limit: self.timeouts.operation,
        }
    }

    /// The ledger in a `DynamoDB` table, by its name.
    #[must_use]
    pub fn ledger(&self, table: &str) -> Ledger {
        let config = aws_sdk_dynamodb::config::Builder::from(&self.config)
            .interceptor(WholeReplies::Json)
            .retry_classifier(Conflicts);
        let client = aws_sdk_dynamodb::Client::from_conf(config.build());
        Ledger::new(client, table, &self.timeouts)
    }

    /// The sender of notices to a topic, in the topic's own Region.
    #[must_use]
    pub fn sns(&self, topic: Topic) -> Sns {
        let region = aws_sdk_sns::config::Region::new(topic.region().to_string());
        let config = aws_sdk_sns::config::Builder::from(&self.config).region(region).build();
        Sns::new(aws_sdk_sns::Client::from_conf(config), topic)
    }

    /// The reader of parameters; functions without any never make it.
    #[must_use]
    pub fn parameters(&self) -> Parameters {
        Parameters::new(aws_sdk_ssm::Client::new(&self.config))
    }
}
