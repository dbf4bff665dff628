//! Whose rights are tested, as far as the environment says.

use std::env;

use guardrail_policy::id::Arn;

/// Whose rights are tested, and how to test those of the functions.
pub(super) fn in_words(own_roles: &[Arn]) -> String {
    let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    // In the order in which the SDK looks.
    let whose = if set("AWS_ACCESS_KEY_ID").is_some() {
        "the access key in AWS_ACCESS_KEY_ID".to_owned()
    } else if let Some(profile) = set("AWS_PROFILE") {
        format!("profile {profile}")
    } else if let Some(role) = set("AWS_ROLE_ARN") {
        format!("the role {role}")
    } else if set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").is_some() {
        "the container's role".to_owned()
    } else {
        "the default profile, or this machine's role".to_owned()
    };
    let functions = own_roles.iter().map(Arn::as_str).collect::<Vec<_>>().join(", ");
    let functions = if functions.is_empty() {
        String::new()
    } else {
        format!(" ({functions})")
    };
    format!(
        "Tested with your credentials ({whose}), not with the functions' roles{functions}: to test theirs, call it with their credentials."
    )
}
