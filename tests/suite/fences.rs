//! The fences between the crates: who may depend on what, and what may be depended on at all.
//!
//! They read `cargo metadata`, so that a dependency cannot slip in by way of another package.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// What `cargo metadata` says, as far as it is needed.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    license: Option<String>,
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn metadata() -> Metadata {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let arguments = [
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--offline",
        "--all-features",
    ];
    let output = Command::new(cargo)
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

impl Metadata {
    fn name(&self, id: &str) -> &str {
        &self.packages.iter().find(|package| package.id == id).unwrap().name
    }

    /// The direct dependencies of each package by name; those of tests and build scripts only where `all` says so.
    fn edges(&self, all: bool) -> BTreeMap<&str, BTreeSet<&str>> {
        let wanted = |dependency: &&Dependency| all || dependency.dep_kinds.iter().any(|kind| kind.kind.is_none());
        let of = |node: &Node| {
            node.deps
                .iter()
                .filter(wanted)
                .map(|d| self.name(&d.pkg).to_owned())
                .collect::<Vec<_>>()
        };
        let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for node in &self.resolve.nodes {
            let names = of(node);
            let known = names
                .iter()
                .map(|name| self.packages.iter().find(|p| p.name == *name).unwrap().name.as_str());
            edges.entry(self.name(&node.id)).or_default().extend(known);
        }
        edges
    }

    /// Everything that a package is built from, itself left out.
    fn tree(&self, package: &str) -> BTreeSet<&str> {
        let edges = self.edges(false);
        let (mut seen, mut open) = (BTreeSet::new(), vec![package]);
        while let Some(name) = open.pop() {
            for next in &edges[name] {
                if seen.insert(*next) {
                    open.push(next);
                }
            }
        }
        seen
    }

    fn members(&self) -> impl Iterator<Item = &str> {
        self.workspace_members.iter().map(|id| self.name(id))
    }
}

/// The members of the workspace that depend directly on a package whose name starts so, for any purpose.
fn dependents<'m>(metadata: &'m Metadata, prefixes: &[&str]) -> BTreeSet<&'m str> {
    let edges = metadata.edges(true);
    let uses = |name: &&str| {
        edges[name]
            .iter()
            .any(|d| prefixes.iter().any(|prefix| d.starts_with(prefix)))
    };
    metadata.members().filter(uses).collect()
}

#[test]
fn only_the_aws_crate_names_an_aws_sdk() {
    let metadata = metadata();
    let found = dependents(
        &metadata,
        &[
            "aws-sdk-",
            "aws-config",
            "aws-smithy-",
            "aws-types",
            "aws-credential-types",
        ],
    );
    assert_eq!(found, BTreeSet::from(["guardrail-aws"]));
}

#[test]
fn only_the_lambda_crate_names_the_lambda_runtime() {
    let metadata = metadata();
    // The other one is what the benchmarks compare a function's start with: a runtime, clients, and nothing else.
    let expected = BTreeSet::from(["guardrail-lambda", "naive-function"]);
    assert_eq!(
        dependents(&metadata, &["lambda_runtime", "aws_lambda_events"]),
        expected
    );
}

#[test]
fn the_pure_crates_are_built_without_the_shells() {
    let metadata = metadata();
    for pure in ["guardrail-policy", "guardrail-runner", "guardrail-world"] {
        let tree = metadata.tree(pure);
        let shells = [
            "tokio",
            "hyper",
            "reqwest",
            "ureq",
            "lambda_runtime",
            "guardrail-aws",
            "guardrail-lambda",
        ];
        assert!(
            shells.iter().all(|shell| !tree.contains(shell)),
            "{pure} is built from {tree:?}"
        );
        assert!(
            tree.iter().all(|name| !name.starts_with("aws-")),
            "{pure} is built from {tree:?}"
        );
    }
}

#[test]
fn the_policy_core_is_built_from_just_the_crates_on_the_golden_list() {
    let metadata = metadata();
    let tree: String = metadata
        .tree("guardrail-policy")
        .iter()
        .map(|name| format!("{name}\n"))
        .collect();
    let path = root().join("tests/golden/policy-dependencies.txt");
    if std::env::var_os("GUARDRAIL_UPDATE").is_some() {
        std::fs::write(&path, &tree).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        tree, golden,
        "if the new dependency is meant, run the test again with GUARDRAIL_UPDATE=1"
    );
}

#[test]
fn every_dependency_comes_from_the_registry_under_a_permissive_licence() {
    let permissive = [
        "MIT",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "Unicode-3.0",
        "Zlib",
        "CC0-1.0",
        "0BSD",
        "Unlicense",
        "BSL-1.0",
        "MIT-0",
        "CDLA-Permissive-2.0",
        "OpenSSL",
    ];
    let allowed = |term: &str| permissive.contains(&term.trim_matches(['(', ')', ' ']).split(" WITH ").next().unwrap());
    // Of a choice (`OR`, in old manifests `/`) one must be permissive; of a combination (`AND`) all.
    let permissive = |licence: &str| {
        licence
            .replace('/', " OR ")
            .split(" OR ")
            .any(|choice| choice.split(" AND ").all(allowed))
            || licence.split(" AND ").all(|part| part.split(" OR ").any(allowed))
    };
    for package in metadata().packages {
        let Some(source) = package.source else { continue };
        assert!(source.starts_with("registry+"), "{} comes from {source}", package.name);
        let licence = package.license.unwrap_or_default();
        assert!(permissive(&licence), "{} is under `{licence}`", package.name);
    }
}

#[test]
fn no_source_file_is_longer_than_600_lines() {
    let mut open = vec![root().join("functions"), root().join("shared"), root().join("tests")];
    let mut seen = 0;
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "rs" || extension == "py")
            {
                let lines = std::fs::read_to_string(&path).unwrap().lines().count();
                assert!(lines <= 600, "{} has {lines} lines: split it", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 50, "only {seen} files were seen");
}
