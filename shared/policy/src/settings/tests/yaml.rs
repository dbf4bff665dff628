//! What is refused before any key is looked at.

use insta::assert_snapshot;

use super::{BUILT, good, told, told_of};
use crate::settings::parse;

#[test]
fn a_file_that_says_nothing_is_told_what_to_begin_with() {
    assert_snapshot!(told_of(""), @r"
    error: the file says nothing
     --> policy.yaml:1:1
      |
    1 |
      | ^
      |
      = help: begin it with `version: 1` and, under `scope:`, what must stay private

    1 problem in policy.yaml
    ");
    for nothing in ["# a comment\n", "---\n", "~\n", "\u{feff}", "\n\n"] {
        assert!(
            told_of(nothing).starts_with("error: the file says nothing"),
            "{nothing:?}"
        );
    }
}

#[test]
fn a_file_that_is_no_mapping_is_refused() {
    assert_snapshot!(told_of("- version: 1\n"), @r"
    error: expected a mapping, found a list
     --> policy.yaml:1:1
      |
    1 | - version: 1
      | ^^^^^^^^^^^^
      |
      = help: write `{ key: value }`, or one line for each `key: value`

    1 problem in policy.yaml
    ");
    assert_snapshot!(told_of("version 1\n"), @r"
    error: expected a mapping, found a single value
     --> policy.yaml:1:1
      |
    1 | version 1
      | ^^^^^^^^^
      |
      = help: write `{ key: value }`, or one line for each `key: value`

    1 problem in policy.yaml
    ");
}

#[test]
fn the_version_must_be_there_and_be_one_that_can_be_read() {
    assert_snapshot!(told_of("mode: notify\n"), @r"
    error: the key `version` is missing
     --> policy.yaml:1:1
      |
    1 | mode: notify
      | ^^^^^^^^^^^^
      |
      = help: add `version: 1`

    1 problem in policy.yaml
    ");
    assert_snapshot!(told_of("version: 2\n"), @r"
    error: `2` is not a version of the policy file
     --> policy.yaml:1:10
      |
    1 | version: 2
      |          ^
      |
      = help: write `version: 1`, without quotes: it is the only one that this release reads

    1 problem in policy.yaml
    ");
    assert_snapshot!(told_of("version: \"1\"\n"), @r#"
    error: `"1"` is not a version of the policy file
     --> policy.yaml:1:10
      |
    1 | version: "1"
      |          ^^^
      |
      = help: write `version: 1`, without quotes: it is the only one that this release reads

    1 problem in policy.yaml
    "#);
}

#[test]
fn anchors_aliases_tags_and_merge_keys_are_refused_where_they_stand() {
    let text = "
mode: &m notify
rules:
  open-egress: { mode: *m, <<: { remedy: narrow } }
  private-dns: { mode: !!str notify, <<: *base }
";
    assert_snapshot!(told(text), @r"
    error: a YAML anchor is not allowed in a policy file
     --> policy.yaml:3:7
      |
    3 | mode: &m notify
      |       ^^
      |
      = help: remove it, and write each value out

    error: a YAML alias is not allowed in a policy file
     --> policy.yaml:5:24
      |
    5 |   open-egress: { mode: *m, <<: { remedy: narrow } }
      |                        ^^
      |
      = help: write the value out

    error: a YAML merge key is not allowed in a policy file
     --> policy.yaml:5:28
      |
    5 |   open-egress: { mode: *m, <<: { remedy: narrow } }
      |                            ^^
      |
      = help: write the keys out

    error: a YAML tag is not allowed in a policy file
     --> policy.yaml:6:24
      |
    6 |   private-dns: { mode: !!str notify, <<: *base }
      |                        ^^^^^
      |
      = help: remove it; write a text that begins with `!` in quotes

    error: a YAML merge key is not allowed in a policy file
     --> policy.yaml:6:38
      |
    6 |   private-dns: { mode: !!str notify, <<: *base }
      |                                      ^^
      |
      = help: write the keys out

    error: a YAML alias is not allowed in a policy file
     --> policy.yaml:6:42
      |
    6 |   private-dns: { mode: !!str notify, <<: *base }
      |                                          ^^^^^
      |
      = help: write the value out

    6 problems in policy.yaml
    ");
}

#[test]
fn a_bomb_of_aliases_is_refused_at_once_and_stays_small() {
    let mut bomb = String::from("version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let previous = format!("*a{}, ", level - 1).repeat(9);
        bomb.push_str(&format!("a{level}: &a{level} [{previous}]\n"));
    }
    let error = parse(bomb.as_bytes(), BUILT).unwrap_err();
    assert_eq!(error.problems().len(), 100);
    assert!(
        error
            .to_string()
            .ends_with("problems in policy file, 221 of them not shown"),
        "{error}"
    );
}

#[test]
fn doubled_keys_are_refused_at_any_depth() {
    let text = "
mode: notify
rules: { open-egress: { mode: observe, \"mode\": revert }, open-egress: {} }
mode: revert
";
    assert_snapshot!(told(text), @r#"
    error: the key `mode` is given twice
     --> policy.yaml:4:40
      |
    4 | rules: { open-egress: { mode: observe, "mode": revert }, open-egress: {} }
      |                                        ^^^^^^
      |
      = help: keep one of them; the first is in line 4

    error: the key `open-egress` is given twice
     --> policy.yaml:4:58
      |
    4 | rules: { open-egress: { mode: observe, "mode": revert }, open-egress: {} }
      |                                                          ^^^^^^^^^^^
      |
      = help: keep one of them; the first is in line 4

    error: the key `mode` is given twice
     --> policy.yaml:5:1
      |
    5 | mode: revert
      | ^^^^
      |
      = help: keep one of them; the first is in line 3

    3 problems in policy.yaml
    "#);
}

#[test]
fn directives_and_second_documents_are_refused() {
    assert_snapshot!(told_of("%YAML 1.2\n---\nversion: 1\n"), @r"
    error: a YAML directive is not allowed in a policy file
     --> policy.yaml:1:1
      |
    1 | %YAML 1.2
      | ^
      |
      = help: remove the line that begins with `%`

    1 problem in policy.yaml
    ");
    assert_snapshot!(told_of("---\nversion: 1\n---\nversion: 1\n"), @r"
    error: a second YAML document begins
     --> policy.yaml:3:1
      |
    3 | ---
      | ^^^
      |
      = help: keep one document in the file, and remove this `---`

    1 problem in policy.yaml
    ");
    good("---\nversion: 1\n...\n");
}

#[test]
fn nesting_is_bounded() {
    assert_snapshot!(told(&format!("mode: {}{}\n", "[".repeat(40), "]".repeat(40))), @r"
    error: more than 32 levels deep
     --> policy.yaml:2:39
      |
    2 | mode: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
      |                                       ^
      |
      = help: write it flatter

    1 problem in policy.yaml
    ");
    let deep: String = (0..40).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    assert!(
        told_of(&deep).contains("more than 32 levels deep"),
        "{}",
        told_of(&deep)
    );
}

#[test]
fn broken_yaml_is_told_where_it_breaks() {
    assert_snapshot!(told("scope:\n\tprivate_vpcs: []\n"), @r"
    error: a tab cannot indent YAML
     --> policy.yaml:3:1
      |
    3 |     private_vpcs: []
      | ^
      |
      = help: use spaces

    1 problem in policy.yaml
    ");
    assert_snapshot!(told("scope: { private_vpcs: [\n"), @r"
    error: not valid YAML: unclosed bracket '['
     --> policy.yaml:2:24
      |
    2 | scope: { private_vpcs: [
      |                        ^
      |
      = help: check the indentation, quotes and brackets here and just before

    1 problem in policy.yaml
    ");
    assert_snapshot!(told("mode: \"notify\n"), @r#"
    error: not valid YAML: unclosed quote
     --> policy.yaml:2:7
      |
    2 | mode: "notify
      |       ^
      |
      = help: check the indentation, quotes and brackets here and just before

    1 problem in policy.yaml
    "#);
    assert_snapshot!(told("  mode: notify\n"), @r"
    error: not valid YAML: mapping values are not allowed in this context
     --> policy.yaml:2:7
      |
    2 |   mode: notify
      |       ^
      |
      = help: check the indentation, quotes and brackets here and just before

    1 problem in policy.yaml
    ");
    assert_snapshot!(told("? [a, b]\n: c\n"), @r"
    error: a key must be a single value
     --> policy.yaml:2:3
      |
    2 | ? [a, b]
      |   ^^^^^^
      |
      = help: write it as `key: value`

    1 problem in policy.yaml
    ");
}
