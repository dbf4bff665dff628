//! The Lambda functions: which rules are linked into each. The calls that wake it and the IAM actions that its role needs follow.

use std::collections::BTreeSet;
use std::fmt;

use crate::event::CallName;
use crate::rules::{self, Rule};

/// The name of a function, for which one family of resources is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FunctionName {
    /// `security-groups`: egress and ingress rules, prefix lists, attached groups.
    SecurityGroups,
    /// `vpc-endpoints`: endpoints, their policies and private DNS, and the DNS attributes of VPCs.
    VpcEndpoints,
    /// `routes`: ways to the internet and to other networks, route tables and their subnets, public addresses.
    Routes,
    /// `apis`: APIs that the internet can reach, and the guardrail's own parts.
    Apis,
    /// `sweep`: on a schedule, everything that is there.
    Sweep,
}

/// What a scan lists.
const LISTS: [&str; 5] = [
    "apigateway:GET",
    "appsync:ListGraphqlApis",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
];

/// What a scan need not read by itself, since its lists say all of it.
const LISTED: &str = "appsync:GetGraphqlApi";

/// One Lambda function.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: FunctionName,
    /// What it guards, in a few words.
    pub guards: &'static str,
    /// The rules that are linked into it.
    pub rules: &'static [&'static Rule],
    /// Calls that it hears of besides those that wake its rules.
    pub hears: &'static [CallName],
}

/// A function as a type: what its rules never call is known when it is compiled, so that it is not linked in.
pub trait Linked {
    /// The function.
    const FUNCTION: &'static Function;
}

/// The function `security-groups`.
#[derive(Debug, Clone, Copy)]
pub struct SecurityGroups;

/// The function `vpc-endpoints`.
#[derive(Debug, Clone, Copy)]
pub struct VpcEndpoints;

/// The function `routes`.
#[derive(Debug, Clone, Copy)]
pub struct Routes;

/// The function `apis`.
#[derive(Debug, Clone, Copy)]
pub struct Apis;

impl Linked for SecurityGroups {
    const FUNCTION: &'static Function = &SECURITY_GROUPS;
}

impl Linked for VpcEndpoints {
    const FUNCTION: &'static Function = &VPC_ENDPOINTS;
}

impl Linked for Routes {
    const FUNCTION: &'static Function = &ROUTES;
}

impl Linked for Apis {
    const FUNCTION: &'static Function = &APIS;
}

/// The function `security-groups`.
pub const SECURITY_GROUPS: Function = Function {
    name: FunctionName::SecurityGroups,
    guards: "egress and ingress rules, prefix lists, attached groups",
    rules: &[
        &rules::open_egress::RULE,
        &rules::private_path::RULE,
        &rules::endpoint_security_group::RULE,
        &rules::required_endpoints::RULE,
    ],
    // The sweep's edit of the marker group: that it comes shows that events do.
    hears: &[CallName::UpdateSecurityGroupRuleDescriptionsEgress],
};

/// The function `vpc-endpoints`.
pub const VPC_ENDPOINTS: Function = Function {
    name: FunctionName::VpcEndpoints,
    guards: "endpoints, their services, policies and private DNS, and the DNS attributes of VPCs",
    rules: &[
        &rules::private_dns::RULE,
        &rules::vpc_dns_attributes::RULE,
        &rules::endpoint_service::RULE,
        &rules::private_path::RULE,
        &rules::endpoint_policy::RULE,
        &rules::endpoint_security_group::RULE,
        &rules::gateway_route::RULE,
        &rules::required_endpoints::RULE,
    ],
    hears: &[],
};

/// The function `routes`.
pub const ROUTES: Function = Function {
    name: FunctionName::Routes,
    guards: "internet and NAT gateways, route tables and their subnets, public addresses, VPC Block Public Access, paths to other networks",
    rules: &[
        &rules::gateway_route::RULE,
        &rules::internet_path::RULE,
        &rules::public_address::RULE,
        &rules::block_public_access::RULE,
        &rules::new_network_path::RULE,
    ],
    hears: &[],
};

/// The function `apis`.
pub const APIS: Function = Function {
    name: FunctionName::Apis,
    guards: "APIs that the internet can reach, and the guardrail's own parts",
    rules: &[
        &rules::public_api::RULE,
        &rules::public_graphql_api::RULE,
        &rules::guardrail_tampered::RULE,
    ],
    hears: &[],
};

/// The function `sweep`, which no call wakes.
pub const SWEEP: Function = Function {
    name: FunctionName::Sweep,
    guards: "on a schedule, everything that is there, for what no event told",
    rules: rules::BUILT,
    hears: &[],
};

/// Every function of this version that calls wake.
pub const BUILT: &[&Function] = &[&SECURITY_GROUPS, &VPC_ENDPOINTS, &ROUTES, &APIS];

impl FunctionName {
    /// As its package and its binary are called: `security-groups`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SecurityGroups => "security-groups",
            Self::VpcEndpoints => "vpc-endpoints",
            Self::Routes => "routes",
            Self::Apis => "apis",
            Self::Sweep => "sweep",
        }
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Function {
    /// The calls that wake it: those of its family that wake any of its rules, and what it hears besides.
    #[must_use]
    pub fn calls(&self) -> BTreeSet<CallName> {
        let of_rules = self.rules.iter().flat_map(|rule| self.calls_of(rule));
        of_rules.chain(self.hears.iter().copied()).collect()
    }

    /// The rules that one of its calls wakes.
    pub fn woken_by(&self, call: CallName) -> impl Iterator<Item = &'static Rule> {
        let rules = self.rules.iter().copied();
        rules.filter(move |rule| rule.woken_by.contains(&call))
    }

    /// The IAM actions that it reads with.
    #[must_use]
    pub fn reads(&self) -> BTreeSet<&'static str> {
        self.woken().flat_map(|rule| rule.reads).copied().collect()
    }

    /// Whether its rules call this IAM action, to read or to change.
    #[must_use]
    pub const fn may_call(&self, action: &str) -> bool {
        let mut rules = self.rules;
        while let [rule, others @ ..] = rules {
            if is_among(rule.reads, action) || is_among(rule.writes, action) {
                return true;
            }
            rules = others;
        }
        false
    }

    /// The IAM actions that it lists and judges everything with that its rules look at as it stands.
    #[must_use]
    pub fn scans(&self) -> BTreeSet<&'static str> {
        let rules = self.rules.iter().filter(|rule| !rule.scans.is_empty());
        let reads = rules.flat_map(|rule| rule.reads).copied();
        reads.filter(|action| *action != LISTED).chain(LISTS).collect()
    }

    /// The IAM actions that it changes the network with, in mode `revert` only.
    #[must_use]
    pub fn writes(&self) -> BTreeSet<&'static str> {
        self.woken().flat_map(|rule| rule.writes).copied().collect()
    }

    /// The rules that any of its calls wakes.
    fn woken(&self) -> impl Iterator<Item = &'static Rule> {
        let rules = self.rules.iter().copied();
        rules.filter(|rule| self.calls_of(rule).next().is_some())
    }

    fn calls_of(&self, rule: &'static Rule) -> impl Iterator<Item = CallName> {
        let calls = rule.woken_by.iter().copied();
        calls.filter(|call| call.function() == self.name)
    }
}

const fn is_among(mut actions: &[&str], sought: &str) -> bool {
    while let [action, others @ ..] = actions {
        if is_same(action.as_bytes(), sought.as_bytes()) {
            return true;
        }
        actions = others;
    }
    false
}

/// What `==` says of strings, which cannot be asked while compiling.
const fn is_same(mut one: &[u8], mut other: &[u8]) -> bool {
    while let ([first, one_rest @ ..], [second, other_rest @ ..]) = (one, other) {
        if *first != *second {
            return false;
        }
        (one, other) = (one_rest, other_rest);
    }
    one.is_empty() && other.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_hears_of_every_call_that_wakes_it() {
        for rule in rules::BUILT {
            for call in rule.woken_by {
                let function = BUILT.iter().find(|function| function.name == call.function());
                let rules: Vec<_> = function.unwrap().woken_by(*call).map(|rule| rule.name).collect();
                assert!(rules.contains(&rule.name), "{call} does not wake {}", rule.name);
            }
        }
    }

    #[test]
    fn every_rule_that_is_linked_in_is_built_and_woken() {
        for function in BUILT {
            for rule in function.rules {
                let name = rule.name;
                assert!(rules::BUILT_NAMES.contains(&name), "{name} is not built");
                assert!(
                    function.woken().any(|woken| woken.name == name),
                    "{name} in {}",
                    function.name
                );
            }
        }
    }

    #[test]
    fn what_a_function_may_call_is_what_its_rules_read_and_write_with() {
        for function in BUILT {
            let calls = function.reads().into_iter().chain(function.writes());
            let calls: BTreeSet<&str> = calls.collect();
            let all = rules::BUILT
                .iter()
                .flat_map(|rule| rule.reads.iter().chain(rule.writes));
            for action in all {
                assert_eq!(
                    function.may_call(action),
                    calls.contains(action),
                    "{action} by {}",
                    function.name
                );
            }
            assert!(!function.may_call("ec2:DescribeVpcsAndMore"));
            assert!(!function.may_call("ec2:Describe"));
        }
    }

    #[test]
    fn a_function_has_one_name_and_one_entry() {
        let names: BTreeSet<&str> = BUILT.iter().map(|function| function.name.as_str()).collect();
        assert_eq!(names.len(), BUILT.len());
    }
}
