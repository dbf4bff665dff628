//! Brakes, principals that are only reported, and prices.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use super::node::Node;
use super::reading::{Read, Reading};
use super::values::{number, principal};
use crate::id::Arn;
use crate::ordered;

/// The brakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, default)]
pub struct Limits {
    /// After so many reverts of one principal's changes in 24 hours, further ones are only told.
    #[schemars(range(min = 1, max = 1000))]
    pub reverts_per_principal_per_day: u32,
    /// After so many reverts on one resource in an hour, each further one waits longer than the one before.
    #[schemars(range(min = 1, max = 100))]
    pub attempts_per_resource_per_hour: u32,
    /// How many days ahead an exemption may end; `guardrail check` names longer ones.
    #[schemars(range(min = 1, max = 3650))]
    pub max_exemption_days: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            reverts_per_principal_per_day: 20,
            attempts_per_resource_per_hour: 5,
            max_exemption_days: 90,
        }
    }
}

/// Who is treated otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Principals {
    /// Roles and users whose changes are always told and never reverted, by exact ARN.
    #[schemars(default)]
    pub report_only: BTreeSet<Arn>,
}

/// Prices that go before the built-in table's; each in US dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Prices {
    /// One NAT gateway, an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat_gateway_hour: Option<Price>,
    /// One gigabyte through a NAT gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat_gateway_gb: Option<Price>,
    /// One interface endpoint in one Availability Zone, an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_endpoint_hour: Option<Price>,
    /// One gigabyte through an interface endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_endpoint_gb: Option<Price>,
}

/// An amount of US dollars, in whole millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "String")]
pub struct Price(u32);

impl Price {
    /// An amount in millionths of a US dollar.
    #[must_use]
    pub const fn of_micro_usd(amount: u32) -> Self {
        Self(amount)
    }

    /// The amount in millionths of a US dollar.
    #[must_use]
    pub fn micro_usd(self) -> u64 {
        self.0.into()
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl From<Price> for String {
    fn from(price: Price) -> Self {
        price.to_string()
    }
}

impl JsonSchema for Price {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Price".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "description": "US dollars, to the millionth", "minimum": 0, "maximum": 4000 })
    }
}

impl Read for Limits {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let default = Self::default();
        let mut keys = reading.mapping(node)?;
        let mut limit = |key, bounds, default| {
            keys.with(key, |node, reading| number(node, reading, bounds))
                .unwrap_or(default)
        };
        let limits = Self {
            reverts_per_principal_per_day: limit(
                "reverts_per_principal_per_day",
                1..=1000,
                default.reverts_per_principal_per_day,
            ),
            attempts_per_resource_per_hour: limit(
                "attempts_per_resource_per_hour",
                1..=100,
                default.attempts_per_resource_per_hour,
            ),
            max_exemption_days: limit("max_exemption_days", 1..=3650, default.max_exemption_days),
        };
        keys.finish();
        Some(limits)
    }
}

impl Read for Principals {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let mut keys = reading.mapping(node)?;
        let report_only = keys.with("report_only", |node, reading| {
            let items = reading.items(node)?;
            Some(ordered::set(items.iter().filter_map(|item| principal(item, reading))))
        });
        keys.finish();
        Some(Self {
            report_only: report_only.unwrap_or_default(),
        })
    }
}

impl Read for Prices {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let mut keys = reading.mapping(node)?;
        let prices = Self {
            nat_gateway_hour: keys.optional("nat_gateway_hour"),
            nat_gateway_gb: keys.optional("nat_gateway_gb"),
            interface_endpoint_hour: keys.optional("interface_endpoint_hour"),
            interface_endpoint_gb: keys.optional("interface_endpoint_gb"),
        };
        keys.finish();
        Some(prices)
    }
}

impl Read for Price {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        const WHAT: &str = "a price in US dollars";
        let (text, plain) = reading.scalar(node, WHAT, "0.045")?;
        let price = parse_price(text).filter(|_| plain);
        price.or_else(|| {
            reading.refuse(
                node,
                WHAT,
                "write digits and a point, like `0.045`, from 0 to 4000, without quotes",
            )
        })
    }
}

/// Up to four digits, and up to six after a point.
fn parse_price(text: &str) -> Option<Price> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole, 4) || !digits(fraction, 6) {
        return None;
    }
    let millionths: u32 = format!("{fraction:0<6}").parse().ok()?;
    let price = whole
        .parse::<u32>()
        .ok()?
        .checked_mul(1_000_000)?
        .checked_add(millionths)?;
    (price <= 4_000_000_000).then_some(Price(price))
}
