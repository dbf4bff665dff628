//! What private ways to AWS's services cost, as a formula with its assumptions: list prices, unless the policy file has others.

use std::fmt;

use crate::settings::{Price, Prices};

/// The hours of a month, as AWS's own calculator takes them.
const HOURS: u64 = 730;
/// Where and when the list prices were read: prices differ between Regions (London: 0.011 dollars an hour).
const LISTED: &str = "list prices of us-east-1, read in June 2026";
/// One interface endpoint in one zone, an hour (zacfukuda.com, 2026-06, of AWS's price page for `PrivateLink`).
const INTERFACE_HOUR: Price = Price::of_micro_usd(10_000);
/// One gigabyte through an interface endpoint, the first petabyte of a month (the same).
const INTERFACE_GB: Price = Price::of_micro_usd(10_000);

/// One NAT gateway, an hour (zacfukuda.com, 2026-06, of AWS's price page for VPC).
const NAT_HOUR: Price = Price::of_micro_usd(45_000);
/// One gigabyte through a NAT gateway (the same).
const NAT_GB: Price = Price::of_micro_usd(45_000);

/// What could take a NAT gateway's place.
#[derive(Debug, Clone)]
pub struct InPlaceOfNat<'a> {
    /// The services that need an interface endpoint, by short name: those that are required and not there.
    pub paid: Vec<&'a str>,
    /// Those for which the free gateway endpoint does.
    pub free: Vec<&'a str>,
    /// The zones that interface endpoints would stand in.
    pub zones: usize,
}

/// What NAT gateways cost, against the endpoints that could take their place. Which is cheaper turns on what goes
/// through them, and NAT carries what no endpoint does: it says neither.
#[must_use]
pub fn nat_gateways(prices: &Prices, gateways: usize, in_place: &InPlaceOfNat<'_>) -> String {
    let hour = prices.nat_gateway_hour.unwrap_or(NAT_HOUR);
    let gigabyte = prices.nat_gateway_gb.unwrap_or(NAT_GB);
    let source = source(&[
        prices.nat_gateway_hour,
        prices.nat_gateway_gb,
        prices.interface_endpoint_hour,
        prices.interface_endpoint_gb,
    ]);
    let gateways_of = if gateways == 1 { "gateway" } else { "gateways" };
    let month = month(hour, gateways);
    format!(
        "NAT: {gateways} {gateways_of} × {HOURS} hours × {hour} = {month} US dollars a month, and {gigabyte} for each GB; {}; NAT carries other traffic too, and a regional one is counted once ({source})",
        in_place.costs(prices)
    )
}

impl InPlaceOfNat<'_> {
    fn costs(&self, prices: &Prices) -> String {
        let hour = prices.interface_endpoint_hour.unwrap_or(INTERFACE_HOUR);
        let gigabyte = prices.interface_endpoint_gb.unwrap_or(INTERFACE_GB);
        let (count, zones) = (self.paid.len(), self.zones);
        let zones_of = if zones == 1 { "zone" } else { "zones" };
        let formula = |endpoints: usize| {
            let month = month(hour, endpoints.saturating_mul(zones));
            format!(
                "{zones} {zones_of} × {HOURS} hours × {hour} = {month} US dollars a month, and {gigabyte} for each GB"
            )
        };
        let free = match self.free.as_slice() {
            [] => String::new(),
            free => format!(", gateway endpoints of {} cost nothing", free.join(" and ")),
        };
        match count {
            0 => format!(
                "in its place: each interface endpoint, {}{free}; the policy file requires none that is not there",
                formula(1)
            ),
            1 => format!(
                "in its place: the interface endpoint of {}, {}{free}",
                self.paid.join(", "),
                formula(1)
            ),
            _ => format!(
                "in its place: {count} interface endpoints ({}) × {}{free}",
                self.paid.join(", "),
                formula(count)
            ),
        }
    }
}

/// Where the prices in force are from, given those of the policy file.
fn source(own: &[Option<Price>]) -> String {
    match own.iter().flatten().count() {
        0 => format!("{LISTED}; `prices` in the policy file goes before them"),
        all if all == own.len() => "prices of the policy file".to_owned(),
        _ => format!("prices of the policy file, and where it has none {LISTED}"),
    }
}

/// What so many of a thing cost in a month.
fn month(hour: Price, count: usize) -> Dollars {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    Dollars(hour.micro_usd().saturating_mul(HOURS).saturating_mul(count))
}

/// What an interface endpoint costs with an interface in each of so many zones.
#[must_use]
pub fn interface_endpoint(prices: &Prices, zones: usize) -> String {
    let hour = prices.interface_endpoint_hour.unwrap_or(INTERFACE_HOUR);
    let gigabyte = prices.interface_endpoint_gb.unwrap_or(INTERFACE_GB);
    let source = source(&[prices.interface_endpoint_hour, prices.interface_endpoint_gb]);
    let zones_of = if zones == 1 { "zone" } else { "zones" };
    let month = month(hour, zones);
    format!(
        "{zones} {zones_of} × {HOURS} hours × {hour} = {month} US dollars a month, and {gigabyte} for each GB ({source})"
    )
}

/// Millionths of a US dollar, shown in cents, rounded.
struct Dollars(u64);

impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.0.saturating_add(5_000) / 10_000;
        write!(f, "{}.{:02}", cents / 100, cents % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_names_its_prices_and_where_they_are_from() {
        assert_eq!(
            interface_endpoint(&Prices::default(), 3),
            "3 zones × 730 hours × 0.01 = 21.90 US dollars a month, and 0.01 for each GB (list prices of us-east-1, read in June 2026; `prices` in the policy file goes before them)"
        );
    }

    #[test]
    fn nat_stands_against_what_would_take_its_place_and_neither_is_called_cheaper() {
        let two = InPlaceOfNat {
            paid: vec!["ecr.api", "ecr.dkr"],
            free: vec!["s3"],
            zones: 3,
        };
        assert_eq!(
            nat_gateways(&Prices::default(), 1, &two),
            "NAT: 1 gateway × 730 hours × 0.045 = 32.85 US dollars a month, and 0.045 for each GB; in its place: 2 interface endpoints (ecr.api, ecr.dkr) × 3 zones × 730 hours × 0.01 = 43.80 US dollars a month, and 0.01 for each GB, gateway endpoints of s3 cost nothing; NAT carries other traffic too, and a regional one is counted once (list prices of us-east-1, read in June 2026; `prices` in the policy file goes before them)"
        );
        let none = InPlaceOfNat {
            paid: vec![],
            free: vec![],
            zones: 1,
        };
        let own = Prices {
            nat_gateway_hour: Some(Price::of_micro_usd(50_000)),
            ..Prices::default()
        };
        let text = nat_gateways(&own, 2, &none);
        assert!(
            text.starts_with("NAT: 2 gateways × 730 hours × 0.05 = 73.00 US dollars"),
            "{text}"
        );
        assert!(
            text.contains("each interface endpoint, 1 zone × 730 hours × 0.01 = 7.30"),
            "{text}"
        );
        assert!(text.contains("and where it has none list prices"), "{text}");
    }

    #[test]
    fn prices_of_the_policy_file_go_before_the_list() {
        let london = Prices {
            interface_endpoint_hour: Some(Price::of_micro_usd(11_000)),
            ..Prices::default()
        };
        assert_eq!(
            interface_endpoint(&london, 1),
            "1 zone × 730 hours × 0.011 = 8.03 US dollars a month, and 0.01 for each GB (prices of the policy file, and where it has none list prices of us-east-1, read in June 2026)"
        );
        let both = Prices {
            interface_endpoint_gb: Some(Price::of_micro_usd(9_000)),
            ..london
        };
        assert!(
            interface_endpoint(&both, 2)
                .ends_with("16.06 US dollars a month, and 0.009 for each GB (prices of the policy file)")
        );
    }
}
