//! How large the binaries are, and how large what is uploaded.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use harness::places;

use crate::page::{Page, Table, Target};
use crate::{NAIVE, OURS};

/// The most that the zip may have, in megabytes of a million bytes.
const ZIP: f64 = 4.0;

/// Packs the file `argv[1]` as `bootstrap` into the archive `argv[2]`.
const PACK: &str = "\
import sys, zipfile
with zipfile.ZipFile(sys.argv[2], 'w', zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    archive.write(sys.argv[1], 'bootstrap')
";

/// Packs both binaries as they would be uploaded.
pub(crate) fn measure(page: &mut Page) -> anyhow::Result<()> {
    let (ours, naive) = (Sizes::of(OURS)?, Sizes::of(NAIVE)?);
    page.heading("Size")?;
    page.paragraph("The zip holds the binary alone, as `bootstrap`, deflated at level 9.\n1 MB is a million bytes.\n")?;
    let mut table = Table::new(["", OURS, NAIVE, "target"]);
    let of = |bytes: f64| format!("{bytes:.2} MB");
    table.row(["binary".to_owned(), of(ours.binary), of(naive.binary), String::new()]);
    let met = page.judge("size of the zip", ours.zip, Target::at_most(ZIP, "MB"));
    table.row(["zip".to_owned(), of(ours.zip), of(naive.zip), met]);
    page.table(&table)?;
    Ok(())
}

/// How large the zip of a binary is, in megabytes.
pub(crate) fn zip_of(name: &str) -> anyhow::Result<f64> {
    Ok(Sizes::of(name)?.zip)
}

/// In megabytes.
struct Sizes {
    binary: f64,
    zip: f64,
}

impl Sizes {
    fn of(name: &str) -> anyhow::Result<Self> {
        let binary = places::binary(name)?;
        let folder = tempfile::tempdir().context("no temporary folder can be made")?;
        let archive = folder.path().join("function.zip");
        let status = Command::new(places::python()?)
            .args(["-c", PACK])
            .args([&binary, &archive])
            .status()
            .context("Python cannot be run")?;
        ensure!(status.success(), "packing `{name}` ended with {status}");
        Ok(Self {
            binary: megabytes(&binary)?,
            zip: megabytes(&archive)?,
        })
    }
}

fn megabytes(path: &Path) -> anyhow::Result<f64> {
    let bytes = fs::metadata(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    Ok(bytes.len() as f64 / 1e6)
}
