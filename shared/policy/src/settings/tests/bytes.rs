//! Encodings, sizes, positions, and bytes of every sort.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::{BUILT, good, told_of};
use crate::settings::parse;

#[test]
fn windows_line_ends_and_a_byte_order_mark_change_nothing_but_the_digest() {
    let unix = good("version: 1\nmode: observe\n");
    let windows = good("\u{feff}version: 1\r\nmode: observe\r\n");
    assert_ne!(unix.digest, windows.digest);
    assert_eq!(
        crate::settings::Settings {
            digest: unix.digest.clone(),
            ..windows
        },
        unix
    );
    assert_snapshot!(told_of("\u{feff}version: 1\r\nmode: revrt\r\n"), @r"
    error: `revrt` is not a mode
     --> policy.yaml:2:7
      |
    2 | mode: revrt
      |       ^^^^^
      |
      = help: did you mean `revert`?

    1 problem in policy.yaml
    ");
}

#[test]
fn what_is_not_utf_8_is_told_where_it_begins() {
    let error = parse(b"version: 1\nmode: caf\xe9\n", BUILT).unwrap_err();
    assert_snapshot!(error.display_with("policy.yaml"), @r"
    error: not UTF-8
     --> policy.yaml:2:10
      |
    2 | mode: caf�
      |          ^
      |
      = help: save the file as UTF-8

    1 problem in policy.yaml
    ");
    assert!(
        parse(&[0xff, 0xfe, b'v', 0], BUILT)
            .unwrap_err()
            .to_string()
            .starts_with("error: not UTF-8")
    );
}

#[test]
fn a_file_of_256_kib_is_read_and_one_byte_more_is_refused() {
    let mut text = String::from("version: 1\n#");
    text.push_str(&"x".repeat(256 * 1024 - text.len()));
    good(&text);
    text.push('x');
    assert_snapshot!(told_of(&text), @r"
    error: the file has 262145 bytes
     --> policy.yaml:1:1
      |
    1 |
      | ^
      |
      = help: a policy file has at most 262144: write less

    1 problem in policy.yaml
    ");
}

#[test]
fn the_position_of_every_problem_counts_characters() {
    let error = parse(
        "version: 1\n# größe\nscope: { private_vpcs: [{ tags: { größe: ß } }], x: 1 }\n".as_bytes(),
        BUILT,
    )
    .unwrap_err();
    let [problem] = error.problems() else { panic!("{error}") };
    assert_eq!(problem.at.to_string(), "3:50");
    assert_eq!(
        problem.to_string(),
        "unknown key `x`: write `private_vpcs`, `exclude_subnets` or `private_accounts`"
    );
}

/// Texts made of what policy files are made of, so that parsing gets further than into the first token.
fn nearly_yaml() -> impl Strategy<Value = String> {
    let words = [
        "version: 1\n",
        "scope",
        "private_vpcs",
        "tags",
        "id",
        "rules",
        "open-egress",
        "mode",
        "exemptions",
        "until",
        ": ",
        ":\n",
        "- ",
        "\n",
        "  ",
        "    ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "\"",
        "'",
        "|\n",
        ">",
        "&a ",
        "*a",
        "!t ",
        "<<",
        "#",
        "~",
        "10.0.0.0/8",
        "0.0.0.0/0",
        "é",
        "\t",
        "\r\n",
        "---\n",
        "...\n",
        "%",
        "?",
        "revert",
        "2027-01-31",
        "111122223333",
        "\u{feff}",
        "\u{0}",
        "\u{85}",
        "\u{2028}",
        "\r",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..60).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn any_bytes_give_settings_or_problems_with_a_place_and_never_a_panic(bytes: Vec<u8>) {
        check(&bytes)?;
    }

    #[test]
    fn any_text_like_yaml_gives_settings_or_problems_with_a_place_and_never_a_panic(text in nearly_yaml()) {
        check(text.as_bytes())?;
        check(format!("version: 1\n{text}").as_bytes())?;
    }
}

fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Err(error) = parse(bytes, BUILT) {
        prop_assert!(!error.problems().is_empty());
        prop_assert!(
            error
                .problems()
                .iter()
                .all(|problem| problem.at.line > 0 && problem.at.column > 0 && !problem.remedy.is_empty())
        );
        prop_assert!(error.display_with("p.yaml").to_string().contains("--> p.yaml:"));
    }
    Ok(())
}
