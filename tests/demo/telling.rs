//! What a record of the function says, in words.

use serde_json::Value;

/// The verdict and why.
pub(crate) fn verdict(record: &Value) -> String {
    let reason = text(record, "/reason").replace('_', " ");
    let why = findings(record).into_iter().map(|finding| {
        let (severity, cause) = (text(finding, "/severity"), text(finding, "/cause").replace('_', " "));
        format!("{} ({severity}, {cause})", text(finding, "/summary"))
    });
    let why: Vec<_> = why
        .chain(record.get("error").and_then(Value::as_str).map(str::to_owned))
        .collect();
    if why.is_empty() {
        reason
    } else {
        format!("{reason}: {}", why.join("; "))
    }
}

/// The plan of each finding, line by line; nothing where there is none.
pub(crate) fn plans(record: &Value) -> Vec<String> {
    findings(record).into_iter().flat_map(plan).collect()
}

/// All findings of a record.
fn findings(record: &Value) -> Vec<&Value> {
    let verdicts = list(record, "/decision/verdicts");
    verdicts
        .iter()
        .flat_map(|verdict| list(verdict, "/outcome/known/findings"))
        .collect()
}

fn plan(finding: &Value) -> Vec<String> {
    let kinds = [
        ("/treatment/automatic", ""),
        ("/treatment/proposal", "proposed"),
        ("/treatment/withheld/plan", "withheld"),
    ];
    let found = kinds
        .iter()
        .find_map(|(pointer, kind)| Some((finding.pointer(pointer)?, kind)));
    let Some((plan, kind)) = found else { return Vec::new() };
    let remedy = format!("{} {kind}", text(plan, "/remedy"));
    let steps = list(plan, "/steps")
        .iter()
        .zip(1..)
        .map(|(step, number)| format!("{number}. {}", action(step)));
    [remedy.trim_end().to_owned()].into_iter().chain(steps).collect()
}

fn action(step: &Value) -> String {
    let authorize = step.pointer("/action/authorize_egress");
    let revoke = step.pointer("/action/revoke_egress");
    let (verb, action) = match (authorize, revoke) {
        (Some(action), _) => ("permit", action),
        (_, Some(action)) => ("take back", action),
        _ => return switch(step).unwrap_or_else(|| step.to_string()),
    };
    let permissions: Vec<_> = list(action, "/permissions").iter().map(permission).collect();
    format!("{verb} {}", permissions.join(", "))
}

fn switch(step: &Value) -> Option<String> {
    let action = step.pointer("/action/modify_vpc_endpoint")?;
    let on = action.get("private_dns")?.as_bool()?;
    Some(format!(
        "switch private DNS of {} {}",
        text(action, "/endpoint"),
        if on { "on" } else { "off" }
    ))
}

fn permission(permission: &Value) -> String {
    let peer = ["/peer/cidr", "/peer/prefix_list", "/peer/group/id"];
    let peer = peer
        .iter()
        .map(|pointer| text(permission, pointer))
        .find(|peer| !peer.is_empty());
    let traffic = match text(permission, "/protocol").as_str() {
        "-1" => "all traffic".to_owned(),
        protocol => match (permission.get("from"), permission.get("to")) {
            (Some(from), Some(to)) if from == to => format!("{protocol}/{from}"),
            (Some(from), Some(to)) => format!("{protocol}/{from}-{to}"),
            _ => protocol.to_owned(),
        },
    };
    format!("{traffic} to {}", peer.unwrap_or_default())
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
