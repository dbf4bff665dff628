//! Scope and accounts with values that cannot be used.

use insta::assert_snapshot;

use super::told;

#[test]
fn a_vpc_is_selected_by_tags_or_by_an_id_in_its_form() {
    let text = "
scope:
  private_vpcs:
    - tags: {}
    - tags: [connectivity]
    - id: vpc-O1b2c3d4e5f67890a
    - id: subnet-0a1b2c3d4e5f67890
";
    assert_snapshot!(told(text), @r"
    error: no tag is given, which would mean everything
     --> policy.yaml:5:13
      |
    5 |     - tags: {}
      |             ^
      |
      = help: name a tag, like `{ connectivity: private }`

    error: expected a mapping, found a list
     --> policy.yaml:6:13
      |
    6 |     - tags: [connectivity]
      |             ^^^^^^^^^^^^^^
      |
      = help: write `{ key: value }`, or one line for each `key: value`

    error: `vpc-O1b2c3d4e5f67890a` is not a VPC id
     --> policy.yaml:7:11
      |
    7 |     - id: vpc-O1b2c3d4e5f67890a
      |           ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write it like `vpc-0123456789abcdef0`

    error: `subnet-0a1b2c3d4e5f67890` is not a VPC id
     --> policy.yaml:8:11
      |
    8 |     - id: subnet-0a1b2c3d4e5f67890
      |           ^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write it like `vpc-0123456789abcdef0`

    4 problems in policy.yaml
    ");
}

#[test]
fn an_entry_selects_by_one_of_tags_id_and_account() {
    let text = "
scope:
  private_vpcs:
    - { id: vpc-0a1b2c3d4e5f67890, account: \"111122223333\" }
    - { tags: { a: b }, all_except: [vpc-0a1b2c3d4e5f67890] }
    -
";
    assert_snapshot!(told(text), @r#"
    error: an entry selects by one thing, and this one gives several
     --> policy.yaml:5:7
      |
    5 |     - { id: vpc-0a1b2c3d4e5f67890, account: "111122223333" }
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: keep one of `tags`, `id` and `account`; any entry may match

    error: `all_except` excepts VPCs of an account
     --> policy.yaml:6:37
      |
    6 |     - { tags: { a: b }, all_except: [vpc-0a1b2c3d4e5f67890] }
      |                                     ^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: give the `account` in the same entry

    error: nothing says which VPCs are meant
     --> policy.yaml:7:6
      |
    7 |     -
      |      ^
      |
      = help: write one of `tags`, `id` and `account`

    3 problems in policy.yaml
    "#);
}

#[test]
fn account_ids_have_twelve_digits_and_are_quoted_where_a_zero_could_be_lost() {
    let text = "scope: { private_accounts: [11122223333, 011122223333, 0x19E1B1A2D, \"1111-2222-3333\"] }\n";
    assert_snapshot!(told(text), @r#"
    error: `11122223333` is not an AWS account id
     --> policy.yaml:2:29
      |
    2 | scope: { private_accounts: [11122223333, 011122223333, 0x19E1B1A2D, "1111-2222-3333"] }
      |                             ^^^^^^^^^^^
      |
      = help: write twelve digits; if zeros were lost: `"011122223333"`

    error: `011122223333` without quotes is a number, which has no leading zero
     --> policy.yaml:2:42
      |
    2 | scope: { private_accounts: [11122223333, 011122223333, 0x19E1B1A2D, "1111-2222-3333"] }
      |                                          ^^^^^^^^^^^^
      |
      = help: quote it: `"011122223333"`

    error: `0x19E1B1A2D` is not an AWS account id
     --> policy.yaml:2:56
      |
    2 | scope: { private_accounts: [11122223333, 011122223333, 0x19E1B1A2D, "1111-2222-3333"] }
      |                                                        ^^^^^^^^^^^
      |
      = help: write its twelve digits in quotes, like `"111122223333"`

    error: `"1111-2222-3333"` is not an AWS account id
     --> policy.yaml:2:69
      |
    2 | scope: { private_accounts: [11122223333, 011122223333, 0x19E1B1A2D, "1111-2222-3333"] }
      |                                                                     ^^^^^^^^^^^^^^^^
      |
      = help: write its twelve digits in quotes, like `"111122223333"`

    4 problems in policy.yaml
    "#);
}

#[test]
fn subnets_are_a_list_of_subnet_ids() {
    assert_snapshot!(told("scope: { exclude_subnets: subnet-0a1b2c3d4e5f67890, private_vpc: [] }\n"), @r"
    error: expected a list, found a single value
     --> policy.yaml:2:27
      |
    2 | scope: { exclude_subnets: subnet-0a1b2c3d4e5f67890, private_vpc: [] }
      |                           ^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write `[subnet-0a1b2c3d4e5f67890]`, or one line for each item that begins with `- `

    error: unknown key `private_vpc`
     --> policy.yaml:2:53
      |
    2 | scope: { exclude_subnets: subnet-0a1b2c3d4e5f67890, private_vpc: [] }
      |                                                     ^^^^^^^^^^^
      |
      = help: did you mean `private_vpcs`?

    2 problems in policy.yaml
    ");
    assert_snapshot!(told("scope: { exclude_subnets: [subnet-1, sg-0a1b2c3d4e5f67890, [a]] }\n"), @r"
    error: `subnet-1` is not a subnet id
     --> policy.yaml:2:28
      |
    2 | scope: { exclude_subnets: [subnet-1, sg-0a1b2c3d4e5f67890, [a]] }
      |                            ^^^^^^^^
      |
      = help: 8 or 17 digits of 0-9 and a-f follow the hyphen, as in `subnet-0123456789abcdef0`

    error: `sg-0a1b2c3d4e5f67890` is not a subnet id
     --> policy.yaml:2:38
      |
    2 | scope: { exclude_subnets: [subnet-1, sg-0a1b2c3d4e5f67890, [a]] }
      |                                      ^^^^^^^^^^^^^^^^^^^^
      |
      = help: write it like `subnet-0123456789abcdef0`

    error: expected a subnet id, found a list
     --> policy.yaml:2:60
      |
    2 | scope: { exclude_subnets: [subnet-1, sg-0a1b2c3d4e5f67890, [a]] }
      |                                                            ^^^
      |
      = help: write a subnet id, like `subnet-0123456789abcdef0`

    3 problems in policy.yaml
    ");
}

#[test]
fn accounts_are_keyed_by_their_ids_and_have_a_mode_and_rules() {
    let text = "
accounts:
  prod: { mode: notify }
  \"111122223333\": { mod: notify, scope: {}, rules: { open-egres: {} } }
  444455556666: notify
";
    assert_snapshot!(told(text), @r#"
    error: `prod` is not an AWS account id
     --> policy.yaml:4:3
      |
    4 |   prod: { mode: notify }
      |   ^^^^
      |
      = help: write its twelve digits in quotes, like `"111122223333"`

    error: unknown key `mod`
     --> policy.yaml:5:21
      |
    5 |   "111122223333": { mod: notify, scope: {}, rules: { open-egres: {} } }
      |                     ^^^
      |
      = help: did you mean `mode`?

    error: unknown key `scope`
     --> policy.yaml:5:34
      |
    5 |   "111122223333": { mod: notify, scope: {}, rules: { open-egres: {} } }
      |                                  ^^^^^
      |
      = help: write `mode` or `rules`

    error: `open-egres` is not a rule
     --> policy.yaml:5:54
      |
    5 |   "111122223333": { mod: notify, scope: {}, rules: { open-egres: {} } }
      |                                                      ^^^^^^^^^^
      |
      = help: did you mean `open-egress`?

    error: expected a mapping, found a single value
     --> policy.yaml:6:17
      |
    6 |   444455556666: notify
      |                 ^^^^^^
      |
      = help: write `{ key: value }`, or one line for each `key: value`

    5 problems in policy.yaml
    "#);
}
