//! The Regions of an account.

use guardrail_policy::facts::Unreadable;
use guardrail_policy::id::Region;

use crate::answer::Ec2;
use crate::failure::{Failure, Unparsable};
use crate::needs::DESCRIBE_REGIONS as ACTION;

impl Ec2 {
    /// The Regions that are switched on for the account, in the order of their names: those that need no opt-in, and
    /// those that were opted into (API reference of `DescribeRegions`: that is what it lists without `AllRegions`).
    ///
    /// # Errors
    /// Why AWS did not say.
    pub async fn regions(&self) -> Result<Vec<Region>, Unreadable> {
        let reply = self.reading().describe_regions().send().await;
        let reply = reply.map_err(|error| Failure::of(ACTION, &error));
        let regions = reply.and_then(|reply| {
            let names = reply
                .regions()
                .iter()
                .map(|region| region.region_name().unwrap_or_default().parse());
            let parsed: Result<Vec<Region>, _> = names.collect();
            parsed.map_err(|error| Failure::unparsable(ACTION, &Unparsable(format!("{error}"))))
        });
        let mut regions = regions.map_err(|failure| match failure {
            Failure::Unreadable(why) => why,
            Failure::Gone => Unreadable {
                action: ACTION.to_owned(),
                code: "NotFound".to_owned(),
            },
        })?;
        regions.sort_unstable();
        Ok(regions)
    }
}
