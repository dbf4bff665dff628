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

/// What an interface endpoint costs with an interface in each of so many zones.
#[must_use]
pub fn interface_endpoint(prices: &Prices, zones: usize) -> String {
    let hour = prices.interface_endpoint_hour.unwrap_or(INTERFACE_HOUR);
    let gigabyte = prices.interface_endpoint_gb.unwrap_or(INTERFACE_GB);
    let own = [prices.interface_endpoint_hour, prices.interface_endpoint_gb];
    let source = match own {
        [Some(_), Some(_)] => "prices of the policy file".to_owned(),
        [None, None] => format!("{LISTED}; `prices` in the policy file goes before them"),
        _ => format!("prices of the policy file, and where it has none {LISTED}"),
    };
    let zones_of = if zones == 1 { "zone" } else { "zones" };
    let count = u64::try_from(zones).unwrap_or(u64::MAX);
    let month = Dollars(hour.micro_usd().saturating_mul(HOURS).saturating_mul(count));
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
