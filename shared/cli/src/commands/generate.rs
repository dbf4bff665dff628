//! `guardrail generate`: writes the files that follow from the rules, so that they never disagree with them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use clap::{Args, ValueHint};
use guardrail_policy::rules::{self, Rule};
use guardrail_policy::settings::{self, RuleName};

use crate::input;
use crate::output::Screen;
use crate::status::Status;

/// Writes the files that follow from the rules (for developers of vpc-guardrail)
///
/// They are the JSON Schema of the policy file and the catalogue of rules.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 the files are as they should be, 1 with --check when some are not, 2 they could not be read or written."
)]
pub(crate) struct Arguments {
    /// The project's folder
    #[arg(value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
    /// Writes nothing, and names the files that are not as they should be
    #[arg(long)]
    check: bool,
}

/// A file that follows from the rules.
struct Generated {
    /// Where it stands in the project.
    path: &'static str,
    /// What it holds; the same for the same rules, always.
    content: fn() -> String,
}

/// Every file that follows from the rules: a line each.
const FILES: [Generated; 2] = [
    Generated {
        path: "infra/generated/policy.schema.json",
        content: settings::schema,
    },
    Generated {
        path: "docs/rules.md",
        content: catalogue,
    },
];

impl Arguments {
    /// Writes what is not as it should be, or names it.
    ///
    /// # Errors
    /// When the folder is not the project's, or a file cannot be read or written.
    pub(crate) fn run(self, screen: &mut Screen) -> Result<Status> {
        if !self.folder.join("Cargo.toml").is_file() {
            bail!(
                "`{}` is not the project's folder: give the one that holds `Cargo.toml`",
                self.folder.display()
            );
        }
        let mut stale = Vec::new();
        for file in FILES {
            let path = self.folder.join(file.path);
            let content = (file.content)();
            if read(&path)?.as_deref() != Some(content.as_bytes()) {
                stale.push((file.path, path, content));
            }
        }
        if self.check {
            return Ok(name_stale(
                screen,
                &stale.iter().map(|(name, ..)| *name).collect::<Vec<_>>(),
            ));
        }
        for (name, path, content) in &stale {
            write(path, content)?;
            screen.line(format_args!("wrote {name}"));
        }
        if stale.is_empty() {
            screen.line("everything is as it should be");
        }
        Ok(Status::Clean)
    }
}

fn name_stale(screen: &mut Screen, stale: &[&str]) -> Status {
    for name in stale {
        screen.line(format_args!(
            "{name} is not what the rules make it: run `make generate`"
        ));
    }
    if stale.is_empty() {
        Status::Clean
    } else {
        Status::Findings
    }
}

/// A file's bytes; none where there is no such file.
fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(anyhow!("`{}` {}", path.display(), input::unreadable(path, &error))),
    }
}

fn write(path: &Path, content: &str) -> Result<()> {
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    let written = folder.and_then(|()| fs::write(path, content));
    written.map_err(|error| {
        anyhow!(
            "`{}` cannot be written ({error}): check the folder and its rights",
            path.display()
        )
    })
}

/// The catalogue of rules, in Markdown.
fn catalogue() -> String {
    let rows: String = RuleName::ALL
        .iter()
        .filter_map(|name| rules::find(*name))
        .map(row)
        .collect();
    let unbuilt: Vec<&RuleName> = RuleName::ALL
        .iter()
        .filter(|name| rules::find(**name).is_none())
        .collect();
    let announced: String = unbuilt
        .iter()
        .map(|name| format!("* `{name}`: {}\n", name.finds()))
        .collect();
    let mut text = format!("{HEADING}\n{TITLES}\n|---|---|---|---|---|---|\n{rows}");
    if !unbuilt.is_empty() {
        text.push_str(&format!(
            "\n## Not in this version\n\nThe policy file may already speak of these.\n\n{announced}"
        ));
    }
    text
}

const HEADING: &str = "\
<!-- Made from the rules by `make generate`: change the rules, not this file. -->
# Rules

The severity is that of the worst finding.
What a rule changes, it changes in mode `revert` only.
";

const TITLES: &str = "| rule | severity | finds | woken by | reads with | changes with |";

fn row(rule: &'static Rule) -> String {
    let code = |texts: Vec<String>| {
        texts
            .iter()
            .map(|text| format!("`{text}`"))
            .collect::<Vec<_>>()
            .join("<br>")
    };
    let page = format!("../shared/policy/src/rules/{}.md", rule.name.as_str().replace('-', "_"));
    format!(
        "| [`{name}`]({page}) | {severity} | {title} | {woken} | {reads} | {writes} |\n",
        name = rule.name,
        severity = rule.severity,
        title = rule.title,
        woken = code(rule.woken_by.iter().map(ToString::to_string).collect()),
        reads = code(rule.reads.iter().map(ToString::to_string).collect()),
        writes = code(rule.writes.iter().map(ToString::to_string).collect()),
    )
}
