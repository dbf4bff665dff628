//! The policy file: what must stay private, what is allowed, how far each rule may go, and what is excepted.
//!
//! [`parse`] checks the whole file when it is loaded and names everything that is wrong with it at once; nothing in
//! a [`Settings`] can turn out to be unreadable at the time of an event.

mod digest;
mod document;
mod exemptions;
mod file;
mod limits;
mod network;
mod node;
mod problem;
mod reading;
mod rule_name;
mod rule_options;
mod rules;
mod schema;
mod scope;
mod source;
mod suggest;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

pub use digest::Digest;
pub use document::PolicyDocument;
pub(crate) use exemptions::ends_in_days;
pub use exemptions::{ExemptResource, Exemption};
pub use file::parse;
pub use limits::{Limits, Price, Prices, Principals};
pub use network::{
    CentralEndpoints, ClientPair, ClientSelector, EndpointServiceName, RouteTarget, ServiceName, ServiceSelector,
};
pub use problem::{Note, Position, Problem, SettingsError};
pub use rule_name::{RuleName, UnknownRule};
pub use rules::{AccountSettings, Age, AgeError, Mode, Remedy, RuleSettings, UnknownMode};
pub use schema::schema;
pub use scope::{Scope, Selection, VpcSelector};

use crate::id::{AccountId, VpcId};
use crate::network::Cidr;

/// A policy file, read and checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Settings {
    /// Which file this is: what records and messages carry.
    #[schemars(skip)]
    pub digest: Digest,
    /// What must stay private.
    #[schemars(default)]
    pub scope: Scope,
    /// Where egress may go besides each VPC's own CIDRs.
    #[schemars(default)]
    pub allowed_destinations: Vec<Cidr>,
    /// Where routes may lead besides endpoints and the VPC itself.
    #[schemars(default)]
    pub allowed_route_targets: BTreeSet<RouteTarget>,
    /// The services for which every private VPC must have an endpoint.
    #[schemars(default)]
    pub required_endpoints: BTreeSet<ServiceName>,
    /// The endpoint services that are allowed besides AWS's own.
    #[schemars(default)]
    pub allowed_endpoint_services: BTreeSet<EndpointServiceName>,
    /// Endpoints in other VPCs that serve the private ones.
    #[schemars(default)]
    pub central_endpoints: Vec<CentralEndpoints>,
    /// Which clients must reach which services.
    #[schemars(default)]
    pub client_pairs: Vec<ClientPair>,
    /// How far rules may go that set no mode of their own.
    #[schemars(default)]
    pub mode: Mode,
    /// Settings of single rules.
    #[schemars(default, with = "schema::Rules")]
    pub rules: BTreeMap<RuleName, RuleSettings>,
    /// Exceptions, ended ones included.
    #[schemars(default)]
    pub exemptions: Vec<Exemption>,
    /// The brakes.
    #[schemars(default)]
    pub limits: Limits,
    /// Who is treated otherwise.
    #[schemars(default)]
    pub principals: Principals,
    /// Prices that go before the built-in ones.
    #[schemars(default)]
    pub prices: Prices,
    /// What single accounts have of their own.
    #[schemars(default)]
    pub accounts: BTreeMap<AccountId, AccountSettings>,
    /// What the author of the file should know though it is valid.
    #[serde(skip)]
    #[schemars(skip)]
    pub notes: Vec<Note>,
}

impl Settings {
    /// What holds where there is no policy file: nothing is selected or allowed, and rules tell. It is that of a file with
    /// nothing but its version.
    #[must_use]
    pub fn of_no_file() -> Self {
        Self {
            digest: Digest::of(b"version: 1\n"),
            scope: Scope::default(),
            allowed_destinations: Vec::new(),
            allowed_route_targets: BTreeSet::new(),
            required_endpoints: BTreeSet::new(),
            allowed_endpoint_services: BTreeSet::new(),
            central_endpoints: Vec::new(),
            client_pairs: Vec::new(),
            mode: Mode::default(),
            rules: BTreeMap::new(),
            exemptions: Vec::new(),
            limits: Limits::default(),
            principals: Principals::default(),
            prices: Prices::default(),
            accounts: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    /// How far a rule may go in an account, before the ceilings that are not in the file.
    ///
    /// The account's own word on the rule decides; without one, the lower of the account's mode and the rule's; with
    /// neither, the file's.
    #[must_use]
    pub fn mode_for(&self, rule: RuleName, account: &AccountId) -> Mode {
        let here = self.accounts.get(account);
        if let Some(mode) = here
            .and_then(|account| account.rules.get(&rule))
            .and_then(|settings| settings.mode)
        {
            return mode;
        }
        let rule_mode = self.rules.get(&rule).and_then(|settings| settings.mode);
        let account_mode = here.and_then(|account| account.mode);
        rule_mode.into_iter().chain(account_mode).min().unwrap_or(self.mode)
    }

    /// The settings of a rule in an account: the account's over the file's, with the mode in force.
    #[must_use]
    pub fn rule(&self, rule: RuleName, account: &AccountId) -> RuleSettings {
        let general = self.rules.get(&rule).cloned().unwrap_or_default();
        let own = self.accounts.get(account).and_then(|account| account.rules.get(&rule));
        let merged = match own {
            Some(own) => general.overlaid(own),
            None => general,
        };
        RuleSettings {
            mode: Some(self.mode_for(rule, account)),
            ..merged
        }
    }

    /// One option of a rule in an account: the account's over the file's; none where neither sets it.
    #[must_use]
    pub fn option<T>(
        &self,
        rule: RuleName,
        account: &AccountId,
        option: impl Fn(&RuleSettings) -> Option<T>,
    ) -> Option<T> {
        let own = self.accounts.get(account).and_then(|account| account.rules.get(&rule));
        own.and_then(&option)
            .or_else(|| self.rules.get(&rule).and_then(&option))
    }

    /// Whether a VPC, whose tags have been read, must stay private.
    #[must_use]
    pub fn selects_vpc(&self, account: &AccountId, vpc: &VpcId, tags: &BTreeMap<String, String>) -> bool {
        self.scope.selects_vpc(account, vpc, tags)
    }

    /// The exemption from a rule that holds at this time for any of these resources: of several, the one that ends last.
    #[must_use]
    pub fn exemption_for(&self, rule: RuleName, resources: &[&str], at: Timestamp) -> Option<&Exemption> {
        let holding = self
            .exemptions
            .iter()
            .filter(|exemption| exemption.rule == rule && exemption.holds_at(at));
        holding
            .filter(|exemption| resources.contains(&exemption.resource.as_str()))
            .max_by_key(|exemption| exemption.until)
    }

    /// What has changed with time: exemptions that have ended, end within 14 days, or reach further than allowed.
    #[must_use]
    pub fn review(&self, today: Date) -> Vec<Note> {
        let longest = self.limits.max_exemption_days;
        self.exemptions
            .iter()
            .filter_map(|exemption| exemption.review(today, longest))
            .collect()
    }
}

#[cfg(test)]
mod tests;
