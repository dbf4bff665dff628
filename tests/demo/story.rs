//! The story: what people and tools do to a private VPC on an ordinary day.

use harness::identity::Identity;
use harness::network::{authorize_egress, https_to, open_egress, precise_group, switch_private_dns};

use crate::page::Page;
use crate::theatre::{Heard, Theatre};

/// Plays what happens to security groups.
pub(crate) fn of_groups(theatre: &mut Theatre, page: &mut Page) -> anyhow::Result<()> {
    page.act(1, "Somebody opens egress to the world, and it is taken back")?;
    opened_to_the_world(theatre, page)?;
    page.act(
        2,
        "It was needed after all: one command undoes the revert, and another the undo",
    )?;
    undone(theatre, page)?;
    page.act(3, "Somebody opens it in two halves")?;
    opened_in_halves(theatre, page)?;
    page.act(4, "Somebody allows the data centre, as the policy does")?;
    allowed(theatre, page)?;
    page.act(5, "A call that AWS refuses")?;
    refused(theatre, page)?;
    page.act(6, "Terraform makes a group")?;
    terraform(theatre, page)?;
    page.act(7, "The role for incidents opens egress, which is told and left alone")?;
    withheld(theatre, page)
}

/// Plays what happens to endpoints.
pub(crate) fn of_endpoints(theatre: &mut Theatre, page: &mut Page) -> anyhow::Result<()> {
    page.act(
        8,
        "Somebody switches the registry's private DNS off, and images could not be pulled",
    )?;
    let [_, registry] = theatre.stage.network.ecr_endpoints.clone();
    theatre.scene(page, "private DNS of ecr.dkr off", Heard::OneMessage, |person, _| {
        switch_private_dns(person, &registry, false)
    })?;
    theatre.expect_private_dns(&registry)
}

fn opened_to_the_world(theatre: &mut Theatre, page: &mut Page) -> anyhow::Result<()> {
    theatre.scene(page, "all traffic to 0.0.0.0/0", Heard::OneMessage, |person, group| {
        open_egress(person, group, "0.0.0.0/0")
    })?;
    theatre.expect_closed("0.0.0.0/0")
}

fn undone(theatre: &mut Theatre, page: &mut Page) -> anyhow::Result<()> {
    let revert = theatre.last_record()?.to_owned();
    let undo = theatre.overrule(page, &["undo", &revert])?;
    anyhow::ensure!(
        theatre.expect_closed("0.0.0.0/0").is_err(),
        "what was undone is still closed"
    );
    theatre.overrule(page, &["undo", &undo])?;
    theatre.expect_closed("0.0.0.0/0")
}

fn opened_in_halves(theatre: &mut Theatre, page: &mut Page) -> anyhow::Result<()> {
    for half in ["0.0.0.0/1", "128.0.0.0/1"] {
        theatre.scene(
            page,
            &format!("tcp/443 to {half}"),
            Heard::OneMessage,
            |person, group| authorize_egress(person, group, &https_to(&[half])),
        )?;
        theatre.expect_closed(half)?;
    }
    Ok(())
}

fn withheld(theatre: &mut Theatre, page: &mut Page) -> anyhow::Result<()> {
    theatre.scene_in_an_incident(page, "all traffic to 0.0.0.0/0", Heard::OneMessage, |person, group| {
        open_egress(person, group, "0.0.0.0/0")
    })?;
    anyhow::ensure!(
        theatre.expect_closed("0.0.0.0/0").is_err(),
        "what is only reported was taken back"
    );
    Ok(())
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
    let network = &theatre.stage.network;
    let terraform = theatre.stage.emulator.user(Identity::terraform("Deployment"))?;
    let made = precise_group(
        &terraform,
        &network.vpc,
        "worker",
        &network.endpoint_group,
        &network.s3_list,
    )?;
    let calls = [
        (
            "the group `worker`, which AWS opens to 0.0.0.0/0 by itself",
            made.created,
        ),
        ("that default rule", made.closed),
        ("tcp/443 to the endpoints and to S3", made.permitted),
    ];
    theatre.late_scene(page, &calls, Heard::Nothing)
}
