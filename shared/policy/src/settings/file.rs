//! The file as a whole: its bytes, its top level, and what is noted about it.

use std::collections::BTreeMap;

use super::digest::Digest;
use super::network::read_destinations;
use super::node::{self, Node};
use super::problem::{Problem, SettingsError};
use super::reading::{Read, Reading};
use super::rule_name::RuleName;
use super::rule_options::{read_account, read_rules};
use super::source::Source;
use super::{AccountSettings, Settings};
use crate::id::AccountId;
use crate::ordered;

/// The largest policy file, in bytes.
pub(super) const LARGEST: usize = 256 * 1024;

/// The only version of the grammar so far.
pub(super) const VERSION: &str = "1";

/// Reads a policy file. `built` are the rules that this version has: what the file says of others is noted.
///
/// # Errors
/// All problems of the file at once: what is not YAML, unknown or doubled keys, and values that cannot be used.
pub fn parse(bytes: &[u8], built: &[RuleName]) -> Result<Settings, SettingsError> {
    let mut reading = Reading::new(Source::new(decode(bytes)?), built);
    let settings = match node::load(&mut reading) {
        Some(root) if root.is_empty() => nothing_said(&mut reading),
        Some(root) => read_settings(&root, Digest::of(bytes), &mut reading),
        None if reading.is_clean() => nothing_said(&mut reading),
        None => None,
    };
    let (settings, notes) = reading.finish(settings)?;
    Ok(Settings { notes, ..settings })
}

/// The text, without a byte order mark.
fn decode(bytes: &[u8]) -> Result<&str, SettingsError> {
    if bytes.len() > LARGEST {
        let message = format!("the file has {} bytes", bytes.len());
        return Err(unreadable(
            "",
            0,
            message,
            format!("a policy file has at most {LARGEST}: write less"),
        ));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let text = String::from_utf8_lossy(bytes);
            Err(unreadable(
                &text,
                error.valid_up_to(),
                "not UTF-8".to_owned(),
                "save the file as UTF-8".to_owned(),
            ))
        }
    }
}

fn unreadable(text: &str, offset: usize, message: String, remedy: String) -> SettingsError {
    let source = Source::new(text);
    let problem = Problem {
        at: source.position(offset),
        message,
        remedy,
        span: offset..offset + 1,
    };
    SettingsError::new(source, vec![problem], 0)
}

fn nothing_said(reading: &mut Reading<'_>) -> Option<Settings> {
    reading.problem(
        &(0..0),
        "the file says nothing",
        "begin it with `version: 1` and, under `scope:`, what must stay private",
    );
    None
}

fn read_settings(root: &Node, digest: Digest, reading: &mut Reading<'_>) -> Option<Settings> {
    let mut keys = reading.mapping(root)?;
    keys.required_with("version", "version: 1", read_version);
    let scope = keys.or_default("scope");
    let allowed_destinations = keys.with("allowed_destinations", read_destinations).unwrap_or_default();
    let allowed_route_targets = keys.or_default("allowed_route_targets");
    let required_endpoints = keys.or_default("required_endpoints");
    let allowed_endpoint_services = keys.or_default("allowed_endpoint_services");
    let central_endpoints = keys.or_default("central_endpoints");
    let client_pairs = keys.or_default("client_pairs");
    let mode = keys.or_default("mode");
    let rules = keys
        .with("rules", |node, reading| read_rules(node, reading, &BTreeMap::new()))
        .unwrap_or_default();
    let exemptions = keys.or_default("exemptions");
    let limits = keys.or_default("limits");
    let principals = keys.or_default("principals");
    let prices = keys.or_default("prices");
    let accounts = keys
        .with("accounts", |node, reading| read_accounts(node, reading, &rules))
        .unwrap_or_default();
    keys.finish();
    let settings = Settings {
        digest,
        scope,
        allowed_destinations,
        allowed_route_targets,
        required_endpoints,
        allowed_endpoint_services,
        central_endpoints,
        client_pairs,
        mode,
        rules,
        exemptions,
        limits,
        principals,
        prices,
        accounts,
        notes: Vec::new(),
    };
    note_empty_scope(&settings, root, reading);
    Some(settings)
}

fn read_version(node: &Node, reading: &mut Reading<'_>) -> Option<()> {
    let (text, plain) = reading.scalar(node, "the version of the grammar", VERSION)?;
    if text == VERSION && plain {
        return Some(());
    }
    let remedy = format!("write `version: {VERSION}`, without quotes: it is the only one that this release reads");
    reading.refuse(node, "a version of the policy file", &remedy)
}

fn read_accounts(
    node: &Node,
    reading: &mut Reading<'_>,
    rules: &BTreeMap<RuleName, super::RuleSettings>,
) -> Option<BTreeMap<AccountId, AccountSettings>> {
    let entries = reading.entries(node)?;
    let mut read = |(account, settings): &(Node, Node)| {
        let account = AccountId::read(account, reading);
        let settings = read_account(settings, reading, rules);
        Some((account?, settings?))
    };
    Some(ordered::map(entries.iter().filter_map(&mut read)))
}

/// A file that selects nothing is valid, and most likely not meant.
fn note_empty_scope(settings: &Settings, root: &Node, reading: &mut Reading<'_>) {
    if settings.scope.private_vpcs.is_empty() && settings.scope.private_accounts.is_empty() {
        let text = "nothing is selected, so nothing will be judged: name VPCs under `scope.private_vpcs`";
        reading.note(&root.span, text.to_owned());
    }
}
