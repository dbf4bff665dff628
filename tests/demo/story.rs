//! The story: what people and tools do to a private VPC on an ordinary day.

use anyhow::Context as _;
use harness::identity::Identity;
use harness::network::{authorize_egress, everything, https_to, https_to_endpoints, open_egress, revoke_egress};
use harness::user::Performed;
use serde_json::json;

use crate::page::Page;
use crate::theatre::{Heard, Theatre};

/// Plays all of it.
pub(crate) fn tell(theatre: &mut Theatre, page: &mut Page) -> anyhow::Result<()> {
    page.act(1, "Somebody opens egress to the world")?;
    opened_to_the_world(theatre, page)?;
    page.act(2, "Somebody opens it in two halves")?;
    opened_in_halves(theatre, page)?;
    page.act(3, "Somebody allows the data centre, as the policy does")?;
    allowed(theatre, page)?;
    page.act(4, "A call that AWS refuses")?;
    refused(theatre, page)?;
    page.act(5, "Terraform makes a group")?;
    terraform(theatre, page)
}

fn opened_to_the_world(theatre: &mut Theatre, page: &mut Page) -> anyhow::Result<()> {
    theatre.scene(page, "all traffic to 0.0.0.0/0", Heard::OneMessage, |person, group| {
        open_egress(person, group, "0.0.0.0/0")
    })?;
    close_again(
        theatre,
        &json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]),
    )
}

fn opened_in_halves(theatre: &mut Theatre, page: &mut Page) -> anyhow::Result<()> {
    for half in ["0.0.0.0/1", "128.0.0.0/1"] {
        theatre.scene(
            page,
            &format!("tcp/443 to {half}"),
            Heard::OneMessage,
            |person, group| authorize_egress(person, group, &https_to(&[half])),
        )?;
    }
    close_again(theatre, &https_to(&["0.0.0.0/1", "128.0.0.0/1"]))
}

fn allowed(theatre: &mut Theatre, page: &mut Page) -> anyhow::Result<()> {
    theatre.scene(page, "tcp/443 to 10.99.0.0/16", Heard::Nothing, |person, group| {
        authorize_egress(person, group, &https_to(&["10.99.0.0/16"]))
    })
}

fn refused(theatre: &mut Theatre, page: &mut Page) -> anyhow::Result<()> {
    theatre.scene(
        page,
        "tcp/443 to 10.99.0.0/16, once more",
        Heard::Nothing,
        |person, group| authorize_egress(person, group, &https_to(&["10.99.0.0/16"])),
    )
}

fn terraform(theatre: &mut Theatre, page: &mut Page) -> anyhow::Result<()> {
    let network = theatre.stage.network.clone();
    let terraform = theatre.stage.emulator.user(Identity::terraform("Deployment"))?;
    let parameters = json!({"GroupName": "worker", "Description": "of the demo", "VpcId": network.vpc});
    let created = terraform.perform("ec2", "create_security_group", &parameters)?;
    let group = group_of(&created)?;
    let revoked = revoke_egress(&terraform, &group, &everything())?;
    let precise = https_to_endpoints(&network.endpoint_group, &network.s3_list);
    let authorized = authorize_egress(&terraform, &group, &precise)?;
    let calls = vec![
        ("the group `worker`, which AWS opens to 0.0.0.0/0 by itself", created),
        ("that default rule", revoked),
        ("tcp/443 to the endpoints and to S3", authorized),
    ];
    theatre.late_scene(page, &terraform, calls, Heard::Nothing)
}

fn group_of(created: &Performed) -> anyhow::Result<String> {
    let answer = created.outcome.as_ref().map_err(Clone::clone)?;
    let group = answer.get("GroupId").and_then(serde_json::Value::as_str);
    Ok(group.context("the new group has no id")?.to_owned())
}

/// Between two acts the owner puts the network back, unseen.
fn close_again(theatre: &Theatre, permissions: &serde_json::Value) -> anyhow::Result<()> {
    let stage = &theatre.stage;
    revoke_egress(&stage.owner, &stage.network.app_group, permissions)?.outcome?;
    Ok(())
}
