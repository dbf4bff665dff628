//! `guardrail generate`.

use std::fs;
use std::path::Path;

use crate::folder::Folder;

/// A folder that passes for the project's.
fn project() -> Folder {
    let folder = Folder::new();
    folder.write("Cargo.toml", "[workspace]\n");
    folder
}

#[test]
fn what_it_writes_is_fresh_afterwards_and_the_same_every_time() {
    let folder = project();
    insta::assert_snapshot!(folder.run("generate").transcript(), @r"
    wrote infra/generated/policy.schema.json
    wrote docs/rules.md
    wrote infra/template.yaml
    wrote infra/generated/security-groups.json
    wrote infra/generated/vpc-endpoints.json
    wrote infra/generated/routes.json
    wrote infra/generated/apis.json
    --- exit status 0
    ");
    assert_eq!(folder.run("generate --check").transcript(), "--- exit status 0");
    let before = folder.read("docs/rules.md");
    assert_eq!(
        folder.run("generate .").transcript(),
        "everything is as it should be\n--- exit status 0"
    );
    assert_eq!(folder.read("docs/rules.md"), before);
}

#[test]
fn stale_and_missing_files_are_named_with_the_command_that_mends_them_and_stay_as_they_are() {
    let folder = project();
    folder.run("generate");
    folder.write("docs/rules.md", "# Rules\n");
    fs::remove_file(folder.path().join("infra/generated/policy.schema.json")).unwrap();
    insta::assert_snapshot!(folder.run("generate --check").transcript(), @r"
    infra/generated/policy.schema.json is not what the rules make it: run `make generate`
    docs/rules.md is not what the rules make it: run `make generate`
    --- exit status 1
    ");
    assert_eq!(folder.read("docs/rules.md"), b"# Rules\n");
}

#[test]
fn a_folder_that_is_not_the_projects_is_left_alone() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run("generate").transcript(), @r"
    --- standard error
    error: `.` is not the project's folder: give the one that holds `Cargo.toml`
    --- exit status 2
    ");
    assert!(!folder.path().join("docs").exists());
}

#[test]
fn the_schema_is_json_and_the_catalogue_links_to_pages_that_exist() {
    let folder = project();
    folder.run("generate");
    let schema: serde_json::Value = serde_json::from_slice(&folder.read("infra/generated/policy.schema.json")).unwrap();
    assert_eq!(schema["title"], "vpc-guardrail policy file");
    let catalogue = String::from_utf8(folder.read("docs/rules.md")).unwrap();
    let links: Vec<&str> = catalogue
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .collect();
    assert!(!links.is_empty(), "{catalogue}");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    for link in links {
        assert!(
            docs.parent().unwrap().join(link.trim_start_matches("../")).is_file(),
            "{link}"
        );
    }
}
