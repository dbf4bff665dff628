//! Destinations, targets, services and endpoints with values that cannot be used.

use insta::assert_snapshot;

use super::told;

#[test]
fn destinations_are_blocks_in_canonical_form_that_leave_the_internet_out() {
    assert_snapshot!(told("allowed_destinations: [10.0.0.0/33, 10.1.2.3/8, 0.0.0.0/0, \"::/0\", 10.0.0.1]\n"), @r#"
    error: `10.0.0.0/33` is not a CIDR block
     --> policy.yaml:2:24
      |
    2 | allowed_destinations: [10.0.0.0/33, 10.1.2.3/8, 0.0.0.0/0, "::/0", 10.0.0.1]
      |                        ^^^^^^^^^^^
      |
      = help: write an address, a slash and a prefix length, like `10.0.0.0/8` or `fd00::/8`

    error: `10.1.2.3/8` has address bits beyond its prefix length
     --> policy.yaml:2:37
      |
    2 | allowed_destinations: [10.0.0.0/33, 10.1.2.3/8, 0.0.0.0/0, "::/0", 10.0.0.1]
      |                                     ^^^^^^^^^^
      |
      = help: write `10.0.0.0/8`, or the prefix length that is meant

    error: `0.0.0.0/0` is the whole internet, and would switch `open-egress` off
     --> policy.yaml:2:49
      |
    2 | allowed_destinations: [10.0.0.0/33, 10.1.2.3/8, 0.0.0.0/0, "::/0", 10.0.0.1]
      |                                                 ^^^^^^^^^
      |
      = help: list the private blocks only; to judge less, use `mode` or `scope`

    error: `::/0` is the whole internet, and would switch `open-egress` off
     --> policy.yaml:2:60
      |
    2 | allowed_destinations: [10.0.0.0/33, 10.1.2.3/8, 0.0.0.0/0, "::/0", 10.0.0.1]
      |                                                            ^^^^^^
      |
      = help: list the private blocks only; to judge less, use `mode` or `scope`

    error: `10.0.0.1` is not a CIDR block
     --> policy.yaml:2:68
      |
    2 | allowed_destinations: [10.0.0.0/33, 10.1.2.3/8, 0.0.0.0/0, "::/0", 10.0.0.1]
      |                                                                    ^^^^^^^^
      |
      = help: write an address, a slash and a prefix length, like `10.0.0.0/8` or `fd00::/8`

    5 problems in policy.yaml
    "#);
    assert_snapshot!(told("allowed_destinations: [0.0.0.0/1, 128.0.0.0/1]\n"), @r"
    error: these blocks together are the whole internet, and would switch `open-egress` off
     --> policy.yaml:2:23
      |
    2 | allowed_destinations: [0.0.0.0/1, 128.0.0.0/1]
      |                       ^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: list the private blocks only; to judge less, use `mode` or `scope`

    1 problem in policy.yaml
    ");
    assert_snapshot!(told("allowed_destinations:\n  - \"2000::/4\"\n  - \"3000::/4\"\n"), @r#"
    error: these blocks together are the whole internet, and would switch `open-egress` off
     --> policy.yaml:3:3
      |
    3 |   - "2000::/4"
      |   ^^^^^^^^^^^^
      |
      = help: list the private blocks only; to judge less, use `mode` or `scope`

    1 problem in policy.yaml
    "#);
}

#[test]
fn route_targets_are_ids_and_never_an_internet_gateway() {
    let text = "allowed_route_targets: [igw-0a1b2c3d4e5f67890, tgw-1, sg-0a1b2c3d4e5f67890, tgw-0a1b2c3d4e5f67890]\n";
    assert_snapshot!(told(text), @r"
    error: `igw-0a1b2c3d4e5f67890` is an internet gateway, which is never an allowed target
     --> policy.yaml:2:25
      |
    2 | allowed_route_targets: [igw-0a1b2c3d4e5f67890, tgw-1, sg-0a1b2c3d4e5f67890, tgw-0a1b2c3d4e5f67890]
      |                         ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write an exemption from `internet-path`, with its owner and end

    error: `tgw-1` is not the target of a route
     --> policy.yaml:2:48
      |
    2 | allowed_route_targets: [igw-0a1b2c3d4e5f67890, tgw-1, sg-0a1b2c3d4e5f67890, tgw-0a1b2c3d4e5f67890]
      |                                                ^^^^^
      |
      = help: write it like `tgw-0123456789abcdef0`

    error: `sg-0a1b2c3d4e5f67890` is not the target of a route
     --> policy.yaml:2:55
      |
    2 | allowed_route_targets: [igw-0a1b2c3d4e5f67890, tgw-1, sg-0a1b2c3d4e5f67890, tgw-0a1b2c3d4e5f67890]
      |                                                       ^^^^^^^^^^^^^^^^^^^^
      |
      = help: write it like `tgw-0123456789abcdef0`

    3 problems in policy.yaml
    ");
}

#[test]
fn required_endpoints_are_short_names() {
    assert_snapshot!(told("required_endpoints: [com.amazonaws.eu-west-1.ecr.api, S3, \"\"]\n"), @r#"
    error: `com.amazonaws.eu-west-1.ecr.api` is not the short name of an AWS service
     --> policy.yaml:2:22
      |
    2 | required_endpoints: [com.amazonaws.eu-west-1.ecr.api, S3, ""]
      |                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write `ecr.api`: each VPC's own Region is meant

    error: `S3` is not the short name of an AWS service
     --> policy.yaml:2:55
      |
    2 | required_endpoints: [com.amazonaws.eu-west-1.ecr.api, S3, ""]
      |                                                       ^^
      |
      = help: write it like `ecr.api`

    error: `""` is not the short name of an AWS service
     --> policy.yaml:2:59
      |
    2 | required_endpoints: [com.amazonaws.eu-west-1.ecr.api, S3, ""]
      |                                                           ^^
      |
      = help: write it like `ecr.api`

    3 problems in policy.yaml
    "#);
}

#[test]
fn allowed_endpoint_services_are_full_names_of_others_services() {
    let text = "allowed_endpoint_services: [s3, com.amazonaws.eu-west-1.s3, com.amazonaws.vpce.eu-west-1.vpce-svc-x, vpce-svc-0a1b2c3d4e5f67890]\n";
    assert_snapshot!(told(text), @r"
    error: `s3` is one of AWS's own services
     --> policy.yaml:2:29
      |
    2 | allowed_endpoint_services: [s3, com.amazonaws.eu-west-1.s3, com.amazonaws.vpce.eu-west-1.vpce-svc-x, vpce-svc-0a1b2c3d4e5f67890]
      |                             ^^
      |
      = help: remove it: AWS's own services are always allowed

    error: `com.amazonaws.eu-west-1.s3` is one of AWS's own services
     --> policy.yaml:2:33
      |
    2 | allowed_endpoint_services: [s3, com.amazonaws.eu-west-1.s3, com.amazonaws.vpce.eu-west-1.vpce-svc-x, vpce-svc-0a1b2c3d4e5f67890]
      |                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: remove it: AWS's own services are always allowed

    error: `com.amazonaws.vpce.eu-west-1.vpce-svc-x` is not the name of an endpoint service
     --> policy.yaml:2:61
      |
    2 | allowed_endpoint_services: [s3, com.amazonaws.eu-west-1.s3, com.amazonaws.vpce.eu-west-1.vpce-svc-x, vpce-svc-0a1b2c3d4e5f67890]
      |                                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write it like `com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`

    error: `vpce-svc-0a1b2c3d4e5f67890` is not the name of an endpoint service
     --> policy.yaml:2:102
      |
    2 | allowed_endpoint_services: [s3, com.amazonaws.eu-west-1.s3, com.amazonaws.vpce.eu-west-1.vpce-svc-x, vpce-svc-0a1b2c3d4e5f67890]
      |                                                                                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write it like `com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`

    4 problems in policy.yaml
    ");
}

#[test]
fn central_endpoints_and_client_pairs_need_all_their_keys() {
    let text = "
central_endpoints:
  - { vpc: vpc-0a1b2c3d4e5f67890, cidr: [10.0.0.0/24] }
client_pairs:
  - { client: { tag: { tier: app } }, services: s3 }
";
    assert_snapshot!(told(text), @r#"
    error: the key `account` is missing
     --> policy.yaml:4:5
      |
    4 |   - { vpc: vpc-0a1b2c3d4e5f67890, cidr: [10.0.0.0/24] }
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: add `account: "111122223333"`

    error: the key `cidrs` is missing
     --> policy.yaml:4:5
      |
    4 |   - { vpc: vpc-0a1b2c3d4e5f67890, cidr: [10.0.0.0/24] }
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: add `cidrs: [10.200.0.0/24]`

    error: the key `services` is missing
     --> policy.yaml:4:5
      |
    4 |   - { vpc: vpc-0a1b2c3d4e5f67890, cidr: [10.0.0.0/24] }
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: add `services: [sts, kms]`

    error: unknown key `cidr`
     --> policy.yaml:4:35
      |
    4 |   - { vpc: vpc-0a1b2c3d4e5f67890, cidr: [10.0.0.0/24] }
      |                                   ^^^^
      |
      = help: did you mean `cidrs`?

    error: the key `tags` is missing
     --> policy.yaml:6:15
      |
    6 |   - { client: { tag: { tier: app } }, services: s3 }
      |               ^^^^^^^^^^^^^^^^^^^^
      |
      = help: add `tags: { tier: app }`

    error: unknown key `tag`
     --> policy.yaml:6:17
      |
    6 |   - { client: { tag: { tier: app } }, services: s3 }
      |                 ^^^
      |
      = help: did you mean `tags`?

    error: expected a list, found a single value
     --> policy.yaml:6:49
      |
    6 |   - { client: { tag: { tier: app } }, services: s3 }
      |                                                 ^^
      |
      = help: write `[s3]`, or one line for each item that begins with `- `

    7 problems in policy.yaml
    "#);
}

#[test]
fn route_targets_may_be_whatever_a_private_route_leads_to() {
    for target in ["tgw", "pcx", "vgw", "eni", "i", "vpce", "nat", "lgw", "cagw"] {
        super::good(&format!(
            "version: 1\nallowed_route_targets: [{target}-0a1b2c3d4e5f67890]\n"
        ));
    }
    let core = "arn:aws:networkmanager::111122223333:core-network/core-network-0a1b2c3d4e5f67890";
    assert_eq!(
        super::good(&format!("version: 1\nallowed_route_targets: [{core}]\n"))
            .allowed_route_targets
            .len(),
        1
    );
}

#[test]
fn a_short_name_means_the_service_in_every_region_and_partition() {
    let required = super::good("version: 1\nrequired_endpoints: [s3, ecr.api]\n").required_endpoints;
    let is_required = |service| required.iter().any(|name| name.is_served_by(service));
    assert!(is_required("com.amazonaws.eu-west-1.s3") && is_required("com.amazonaws.us-gov-east-1.ecr.api"));
    assert!(is_required("cn.com.amazonaws.cn-north-1.ecr.api"));
    assert!(!is_required("com.amazonaws.eu-west-1.ecr.dkr") && !is_required("com.amazonaws.eu-west-1.s3express"));
    assert!(!is_required("com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f67890") && !is_required("s3"));
}
