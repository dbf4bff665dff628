//! Where a scan looks: a snapshot, or AWS in one Region or in all of them.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use clap::{Args, ValueHint};
use guardrail_aws::{Apis, Aws, Ec2, Timeouts};
use guardrail_policy::facts::{Answered, Everywhere, Fact, Question};
use guardrail_policy::id::{AccountId, Region};
use guardrail_runner::ports::Answer as _;
use guardrail_world::World;

use super::Look;
use super::seen::{Here, Unjudged, in_words};
use crate::live;
use crate::output::Screen;
use crate::snapshot;

/// Which account and Regions, and with whose credentials.
#[derive(Debug, Args)]
pub(super) struct Places {
    /// The profile of your AWS configuration [default: as the environment says]
    #[arg(long, value_name = "NAME", conflicts_with = "world")]
    profile: Option<String>,
    /// The Region [default: as the environment and your AWS profile say]
    #[arg(long, value_name = "REGION", conflicts_with = "world")]
    region: Option<Region>,
    /// Looks at every Region that is switched on for the account, one after the other
    #[arg(long, conflicts_with_all = ["world", "region"])]
    all_regions: bool,
    /// Takes the network from a snapshot (JSON or YAML), and not from AWS
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    world: Option<PathBuf>,
}

impl Places {
    /// Looks at each place.
    ///
    /// # Errors
    /// When there is no place to look at, or nothing can be written any more.
    pub(super) async fn look(&self, look: &mut Look<'_>, file: Option<&Path>, screen: &mut Screen) -> Result<()> {
        if let Some(file) = &self.world {
            let world = snapshot::read(file)?;
            return look
                .at(&world, world.account.clone(), world.region.clone(), screen)
                .await;
        }
        let aws = Aws::connect_as(self.profile.as_deref(), self.region.as_ref(), Timeouts::patient()).await?;
        let regions = if self.all_regions {
            regions(&aws).await?
        } else {
            vec![aws.region().clone()]
        };
        let mut account = None;
        for region in regions {
            let aws = aws.in_region(&region);
            account = one(&aws, account, look, file, screen).await?;
        }
        Ok(())
    }
}

/// The Regions that are switched on.
async fn regions(aws: &Aws) -> Result<Vec<Region>> {
    let regions = aws.ec2().regions().await;
    regions.map_err(|why| {
        anyhow!(
            "the account's Regions cannot be listed: {}; or give one with `--region`",
            in_words(&why)
        )
    })
}

/// Looks at one Region; gives the account, which later Regions are of as well.
async fn one(
    aws: &Aws,
    known: Option<AccountId>,
    look: &mut Look<'_>,
    file: Option<&Path>,
    screen: &mut Screen,
) -> Result<Option<AccountId>> {
    let (network, region) = (aws.apis(), aws.region().clone());
    let here = Here {
        account: known.clone(),
        region: region.clone(),
        vpc: None,
    };
    let unread = |what: &str, why: String| Unjudged {
        rule: None,
        what: what.to_owned(),
        why,
        unreadable: None,
    };
    look.progress.enter(&region);
    let account = match live::account(&network, &region).await {
        Ok(account) => account.or(known.clone()),
        Err(error) => {
            look.unread(&here, unread("all that is there", error.to_string()), screen)?;
            return Ok(known);
        }
    };
    let Some(account) = account else {
        return unknown(&network, &here, look, screen).await.map(|()| None);
    };
    screen.remark(&format!("reading account {account} in {region}"));
    match file {
        None => look.at(&network, account.clone(), region, screen).await?,
        Some(file) => {
            let captured = World::capture(&network, account.clone(), region.clone()).await;
            snapshot::write(file, &captured.world)?;
            screen.remark(&format!("`{}` has the network", file.display()));
            for why in &captured.unread {
                look.unread(&here, Unjudged::unread("a part of the snapshot", why), screen)?;
            }
            look.at(&captured.world, account.clone(), region, screen).await?;
        }
    }
    Ok(Some(account))
}

/// Tells of a Region in which nothing says which account it is.
async fn unknown(network: &Apis<Ec2>, here: &Here, look: &mut Look<'_>, screen: &mut Screen) -> Result<()> {
    const REMEDY: &str = "scan also a Region where it owns one, with `--all-regions`";
    let unread = |what: &str, why: String| Unjudged {
        rule: None,
        what: what.to_owned(),
        why,
        unreadable: None,
    };
    if has_vpcs(network).await {
        let why = format!("the account owns none of the VPCs, and is not known: {REMEDY}");
        return look.unread(here, unread("all VPCs", why), screen);
    }
    screen.remark(&format!("{}: there is no VPC", here.region));
    match look.settings.scope.private_accounts.is_empty() {
        true => Ok(()),
        false => {
            let why =
                format!("the account has no VPC here, so that it is not known whether it must stay private: {REMEDY}");
            look.unread(here, unread("all APIs", why), screen)
        }
    }
}

/// Whether there is any VPC, as far as can be read.
async fn has_vpcs(network: &Apis<Ec2>) -> bool {
    let answers = network.answer(&[Question::Vpcs(Everywhere)].into()).await;
    !matches!(answers.as_slice(), [Answered::Vpcs(_, Fact::Is(vpcs))] if vpcs.is_empty())
}
