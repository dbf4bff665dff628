//! `guardrail generate`: writes the files that follow from the rules, so that they never disagree with them.

mod catalogue;
mod function;
mod patterns;
mod statements;
mod template;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use clap::{Args, ValueHint};
use guardrail_policy::functions::BUILT;
use guardrail_policy::settings;

use crate::input;
use crate::output::Screen;
use crate::status::Status;

/// Writes the files that follow from the rules (for developers of vpc-guardrail)
///
/// They are the JSON Schema of the policy file, the catalogue of rules, the template, and each function's event patterns and
/// IAM statements.
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
    path: String,
    /// What it holds; the same for the same rules, always.
    content: String,
}

/// Every file that follows from the rules.
fn files() -> Result<Vec<Generated>> {
    let file = |path: &str, content| Generated {
        path: path.to_owned(),
        content,
    };
    let mut files = vec![
        file("infra/generated/policy.schema.json", settings::schema()),
        file("docs/rules.md", catalogue::catalogue()),
        file("infra/template.yaml", template::template()?),
    ];
    for function in BUILT {
        let path = format!("infra/generated/{}.json", function.name);
        files.push(file(&path, function::description(function)?));
    }
    Ok(files)
}

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
        for file in files()? {
            if read(&self.folder.join(&file.path))?.as_deref() != Some(file.content.as_bytes()) {
                stale.push(file);
            }
        }
        if self.check {
            return Ok(name_stale(screen, &stale));
        }
        for file in &stale {
            write(&self.folder.join(&file.path), &file.content)?;
            screen.line(format_args!("wrote {}", file.path));
        }
        if stale.is_empty() {
            screen.line("everything is as it should be");
        }
        Ok(Status::Clean)
    }
}

fn name_stale(screen: &mut Screen, stale: &[Generated]) -> Status {
    for Generated { path, .. } in stale {
        screen.line(format_args!(
            "{path} is not what the rules make it: run `make generate`"
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

/// A word with a capital letter.
fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
