//! The project's README: what it shows can be done, and comes out as it says.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use guardrail_policy::rules;
use harness::delivery::envelope;
use harness::emulator::Emulator;
use harness::identity::Identity;
use harness::network::{PrivateVpc, open_egress};
use harness::operator::Operator;
use harness::places;
use tempfile::TempDir;

fn text_of(path: &str) -> String {
    fs::read_to_string(places::workspace().join(path)).unwrap()
}

/// The fenced blocks of a language.
fn blocks<'a>(page: &'a str, language: &'a str) -> impl Iterator<Item = &'a str> {
    let fences = page.split("\n```").collect::<Vec<_>>();
    let block = move |fence: &'a str| fence.strip_prefix(language)?.strip_prefix('\n');
    fences.into_iter().filter_map(block)
}

/// What somebody types, without what is said about it.
fn commands(page: &str) -> Vec<&str> {
    let lines = blocks(page, "console").flat_map(str::lines);
    let typed = lines.map(|line| {
        let command = line.strip_prefix("$ ");
        command.unwrap_or_else(|| panic!("`{line}` is no command: show what comes out in a block of its own"))
    });
    typed
        .map(|command| command.split("  #").next().unwrap().trim_end())
        .collect()
}

/// A target that `make help` lists, with variables that the Makefile knows.
fn is_made(makefile: &str, target: &str, variables: &[&str]) -> bool {
    let listed = |line: &str| line.starts_with(&format!("{target}:")) && line.contains("## ");
    let known = |variable: &&str| {
        let name = variable.split('=').next().unwrap();
        makefile
            .lines()
            .any(|line| line.split_whitespace().next() == Some(name) && line.contains(" ?="))
    };
    makefile.lines().any(listed) && variables.iter().all(known)
}

/// Somebody who reads the README, on a machine with AWS credentials, an event and a checkout.
struct Reader {
    folder: TempDir,
    operator: Operator,
    _emulator: Emulator,
}

impl Reader {
    /// Where somebody has opened a group of a private VPC, whose event is in `event.json`.
    fn sits_down() -> Self {
        let emulator = Emulator::start().unwrap();
        let owner = emulator
            .user(Identity::role_session("NetworkAdministrator", "set-up"))
            .unwrap();
        let network = PrivateVpc::build(&owner).unwrap();
        let opened = open_egress(&owner, &network.app_group, "0.0.0.0/0").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let event = envelope(&opened.record).to_string();
        fs::write(folder.path().join("event.json"), event).unwrap();
        let auditor = emulator.user(Identity::role_session("Auditor", "readme")).unwrap();
        let operator = Operator::new(auditor, emulator.endpoint(), BTreeMap::new()).unwrap();
        let operator = operator.in_folder(folder.path());
        Self {
            folder,
            operator,
            _emulator: emulator,
        }
    }

    fn types(&self, command: &str) {
        let words: Vec<_> = command.split_whitespace().collect();
        match words.as_slice() {
            ["make", target, variables @ ..] => {
                assert!(is_made(&text_of("Makefile"), target, variables), "{command}");
            }
            ["cargo", "build", "--release", "--package", "guardrail-cli"] => {
                places::binary("guardrail").unwrap();
            }
            ["cp", from, to] => {
                fs::copy(places::workspace().join(from), self.folder.path().join(to)).unwrap();
            }
            ["guardrail", arguments @ ..] => self.runs(arguments),
            _ => panic!("`{command}` is not understood here: teach this test to run it"),
        }
    }

    /// `guardrail`, which ends as it should in a place where one group is open.
    fn runs(&self, arguments: &[&str]) {
        let (status, says) = match arguments {
            ["check", ..] => (0, "policy.yaml"),
            ["explain", rule] => (0, *rule),
            ["scan" | "replay", ..] => (1, "open-egress"),
            others => panic!("`{others:?}` is not known here: say how it must end"),
        };
        let ran = self.operator.runs(arguments).unwrap();
        assert_eq!(ran.status, Some(status), "{arguments:?}: {ran:#?}");
        assert!(ran.stdout.contains(says), "{arguments:?}: {}", ran.stdout);
    }
}

#[test]
fn every_command_of_the_readme_can_be_run_in_its_order() {
    let (page, reader) = (text_of("README.md"), Reader::sits_down());
    let commands = commands(&page);
    assert!(commands.len() >= 10, "{commands:?}");
    for command in commands {
        reader.types(command);
    }
    assert!(reader.folder.path().join("network.json").exists());
}

#[test]
fn the_policy_of_the_readme_can_be_used() {
    let (page, reader) = (text_of("README.md"), Reader::sits_down());
    for policy in blocks(&page, "yaml") {
        fs::write(reader.folder.path().join("policy.yaml"), policy).unwrap();
        reader.runs(&["check", "policy.yaml"]);
        reader.runs(&["scan", "--policy", "policy.yaml"]);
    }
    assert_eq!(blocks(&page, "yaml").count(), 1);
}

#[test]
fn what_the_readme_says_of_make_is_in_the_makefile() {
    let (page, makefile) = (text_of("README.md"), text_of("Makefile"));
    let targets: Vec<_> = page
        .split("`make ")
        .skip(1)
        .filter_map(|rest| rest.split('`').next())
        .collect();
    assert!(targets.len() >= 5, "{targets:?}");
    for target in targets {
        assert!(is_made(&makefile, target, &[]), "make {target}");
    }
}

#[test]
fn every_file_that_the_readme_points_to_is_there() {
    let page = text_of("README.md");
    let links = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let files: Vec<_> = links.filter(|link| !link.starts_with("https://")).collect();
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        let path = file.split('#').next().unwrap();
        assert!(places::workspace().join(path).exists(), "{file}");
    }
}

#[test]
fn the_readme_has_every_built_rule_with_its_page() {
    let page = text_of("README.md");
    let row = |name: &str| {
        let file = format!("shared/policy/src/rules/{}.md", name.replace('-', "_"));
        format!("| [`{name}`]({file}) | ")
    };
    let names = rules::BUILT_NAMES.iter().map(ToString::to_string);
    let missing: Vec<_> = names.filter(|name| !page.contains(&row(name))).collect();
    assert_eq!(missing, [""; 0], "one line each, in the table under \"What it finds\"");
}

/// A line without what is another one in every run: times and identifiers.
fn masked(line: &str) -> String {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let words = line.split_inclusive(|letter| !is_word(letter));
    let masked = words.map(|word| {
        let end = word.trim_start_matches(is_word);
        let body = word.strip_suffix(end).unwrap();
        let is_id = |(_, id): &(&str, &str)| id.len() > 8 && id.chars().all(|letter| letter.is_ascii_hexdigit());
        match body.rsplit_once('-').filter(is_id) {
            Some((kind, _)) => format!("{kind}-ID{end}"),
            None => format!(
                "{}{end}",
                body.split(|letter: char| letter.is_ascii_digit())
                    .collect::<Vec<_>>()
                    .join("")
            ),
        }
    });
    masked.collect()
}

#[test]
fn masking_leaves_the_words() {
    let line = "sgr-e27c147b2985d2eb4: judged 12 s later, at 2026-11-23, in eu-west-1";
    assert_eq!(masked(line), "sgr-ID: judged  s later, at --, in eu-west-");
}

#[test]
fn the_message_of_the_readme_is_what_the_demo_shows() {
    let page = text_of("README.md");
    let demo = Command::new(places::binary("demo").unwrap()).output().unwrap();
    let shown = String::from_utf8(demo.stdout).unwrap();
    assert!(demo.status.success(), "{shown}");
    let mut left = shown.lines().map(|line| masked(line.trim_start_matches([' ', '│'])));
    let message = blocks(&page, "text").next().unwrap();
    for line in message.lines().filter(|line| !line.is_empty() && *line != "[…]") {
        let wanted = masked(line.trim_start());
        assert!(
            left.any(|line| line == wanted),
            "`{line}` is not shown, or not in this place:\n{shown}"
        );
    }
}
