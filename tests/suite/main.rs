//! Black-box tests of vpc-guardrail: the real compiled functions against an emulated AWS on loopback.
//!
//! `flow_*` show what happens when everything works, `fault_*` what happens when AWS or the wire does
//! not, `infra_*` hold the deployed parts against the rules. `make test` builds the functions first.

#[cfg(test)]
mod apis;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod endpoints;
#[cfg(test)]
mod fault_calls;
#[cfg(test)]
mod fault_configuration;
#[cfg(test)]
mod fault_kill;
#[cfg(test)]
mod fault_wire;
#[cfg(test)]
mod fences;
#[cfg(test)]
mod flow_block_public_access;
#[cfg(test)]
mod flow_by_hand;
#[cfg(test)]
mod flow_endpoint_groups;
#[cfg(test)]
mod flow_endpoint_policy;
#[cfg(test)]
mod flow_endpoint_service;
#[cfg(test)]
mod flow_gateway_route;
#[cfg(test)]
mod flow_guardrail_tampered;
#[cfg(test)]
mod flow_internet_path;
#[cfg(test)]
mod flow_ledger;
#[cfg(test)]
mod flow_new_network_path;
#[cfg(test)]
mod flow_odd_events;
#[cfg(test)]
mod flow_private_dns;
#[cfg(test)]
mod flow_private_path;
#[cfg(test)]
mod flow_public_address;
#[cfg(test)]
mod flow_public_api;
#[cfg(test)]
mod flow_public_graphql_api;
#[cfg(test)]
mod flow_required_endpoints;
#[cfg(test)]
mod flow_revert;
#[cfg(test)]
mod flow_revert_brakes;
#[cfg(test)]
mod flow_revert_remedies;
#[cfg(test)]
mod flow_scan;
#[cfg(test)]
mod flow_security_groups;
#[cfg(test)]
mod flow_sweep;
#[cfg(test)]
mod flow_terraform;
#[cfg(test)]
mod flow_vpc_dns;
#[cfg(test)]
mod healthy;
#[cfg(test)]
mod infra_patterns;
#[cfg(test)]
mod infra_permissions;
#[cfg(test)]
mod infra_prevention;
#[cfg(test)]
mod law_acting;
#[cfg(test)]
mod law_bursts;
#[cfg(test)]
mod law_causes;
#[cfg(test)]
mod law_dead_letters;
#[cfg(test)]
mod law_delivery;
#[cfg(test)]
mod law_faults;
#[cfg(test)]
mod law_interleaving;
#[cfg(test)]
mod law_meddling;
#[cfg(test)]
mod law_meddling_switches;
#[cfg(test)]
mod law_plans;
#[cfg(test)]
mod law_policies;
#[cfg(test)]
mod law_private_path;
#[cfg(test)]
mod law_replay;
#[cfg(test)]
mod law_two_rules;
#[cfg(test)]
mod law_worlds;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod probes;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod revert;
#[cfg(test)]
mod scanned_endpoints;
#[cfg(test)]
mod scene;
