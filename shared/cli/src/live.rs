//! AWS as it is now, read with the caller's own credentials.

use std::collections::BTreeSet;

use anyhow::{Result, anyhow, bail};
use guardrail_aws::{Apis, Aws, Ec2, Timeouts};
use guardrail_policy::event::Event;
use guardrail_policy::facts::{Answered, Fact, GroupFilter, Question, SecurityGroup, Unreadable};
use guardrail_policy::id::{AccountId, Region};
use guardrail_runner::ports::Answer;

/// One account in one Region, as it is now.
pub(crate) struct Live {
    pub(crate) network: Apis<Ec2>,
    /// The account that the credentials read.
    pub(crate) account: AccountId,
    /// The Region that is read.
    pub(crate) region: Region,
}

impl Live {
    /// Connects as the environment says, in the Region that was asked for, and finds out which account that is: what
    /// another account does not show would pass for gone.
    ///
    /// # Errors
    /// When nothing can be read, or the account cannot be known.
    pub(crate) async fn connect(region: Option<&Region>) -> Result<Self> {
        let aws = Aws::connect_as(None, region, Timeouts::default()).await?;
        let (network, region) = (aws.apis(), aws.region().clone());
        let Some(account) = account(&network, &region).await? else {
            bail!(
                "the account that the credentials read has no VPC in {region}: choose the account and the Region of the events"
            );
        };
        Ok(Self {
            network,
            account,
            region,
        })
    }

    /// Why this is not where an event happened, if it is not, and the remedy.
    pub(crate) fn elsewhere(&self, event: &Event) -> Option<String> {
        let Self { account, region, .. } = self;
        if event.region != *region {
            return Some(format!(
                "AWS is read in {region}: replay the events of {0} with `--region {0}`",
                event.region
            ));
        }
        let is_here = event.account.as_ref() == Some(account);
        (!is_here)
            .then(|| format!("the credentials read account {account}: replay this event with those of its own account"))
    }
}

/// The account, by the owner of its default groups: every VPC has one, and it cannot be shared with another account. None
/// where the account has no VPC of its own in the Region.
///
/// # Errors
/// When nothing can be read.
pub(crate) async fn account(network: &impl Answer, region: &Region) -> Result<Option<AccountId>> {
    let filter = GroupFilter::Named("default".to_owned());
    let answers = network.answer(&BTreeSet::from([Question::Groups(filter)])).await;
    let groups: Vec<SecurityGroup> = match answers.into_iter().next() {
        Some(Answered::Groups(_, Fact::Is(groups))) => groups,
        Some(Answered::Groups(_, Fact::Unreadable(why))) => return Err(cannot_read(&why)),
        _ => Vec::new(),
    };
    let owners: BTreeSet<AccountId> = groups.into_iter().map(|group| group.owner).collect();
    if owners.len() > 1 {
        bail!("the credentials read the groups of several accounts in {region}: use those of one account");
    }
    Ok(owners.into_iter().next())
}

fn cannot_read(why: &Unreadable) -> anyhow::Error {
    let remedy = match why.code.as_str() {
        "NoCredentials" => "sign in, or choose a profile that has credentials (`AWS_PROFILE`)",
        "ExpiredToken" | "RequestExpired" => "sign in again",
        "UnauthorizedOperation" => "use credentials that may describe security groups",
        "ConnectionFailed" | "Timeout" => "check the network and the proxy",
        _ => "mend that, and try again",
    };
    anyhow!("AWS cannot be read: `{}` came to `{}`: {remedy}", why.action, why.code)
}
