//! From the calls about what the guardrail may be made of to a [`Call`].

use crate::event::lenient::Node;
use crate::event::part::{PartCall, PartChange, PartKind, TagCall, TagOfCall, Target};
use crate::event::requests::Exchange;
use crate::event::{Call, CallName, EventError};

/// What a request says besides what is changed.
const NAMES: [&str; 17] = [
    "name",
    "trailName",
    "rule",
    "eventBusName",
    "functionName",
    "fullyQualifiedArn",
    "uUID",
    "queueUrl",
    "topicArn",
    "keyId",
    "roleName",
    "tableName",
    "overwrite",
    "type",
    "tier",
    "publish",
    "dryRun",
];

impl Exchange<'_> {
    /// A call about one or several things that may be parts.
    pub(super) fn part_call(&self, call: CallName) -> Result<Call, EventError> {
        let targets = self.targets(call)?;
        let change = self.part_change(call);
        Ok(Call::Part(PartCall { call, targets, change }))
    }

    /// The VPCs among the resources of a call about tags, and the tags.
    pub(super) fn tag_call(&self) -> Result<TagCall, EventError> {
        let resources = self.request.any(&["resourcesSet", "resourceId", "resources"]);
        if resources.is_absent() {
            return Err(resources.missing());
        }
        let vpcs = resources
            .items()
            .iter()
            .filter_map(|item| item.scalar_or("resourceId").lenient())
            .collect();
        let tags = self.request.any(&["tagSet", "tag", "tags"]);
        let tags = tags.items().iter().map(tag).collect::<Result<_, _>>()?;
        Ok(TagCall { vpcs, tags })
    }

    fn targets(&self, call: CallName) -> Result<Vec<Target>, EventError> {
        let one = |kind, member: &str| Ok(vec![Target::named(kind, &self.text_of(member)?)]);
        match call.service() {
            "cloudtrail" if call == CallName::PutEventSelectors => one(PartKind::Trail, "trailName"),
            "cloudtrail" => one(PartKind::Trail, "name"),
            "events" => self.rule(call),
            "lambda" if is_mapping(call) => self.mapping(),
            "lambda" => Ok(vec![Target::function(&self.text_of("functionName")?)]),
            "sqs" => Ok(vec![Target::queue(&self.text_of("queueUrl")?)]),
            "sns" if call == CallName::Unsubscribe => one(PartKind::Topic, "subscriptionArn"),
            "sns" => one(PartKind::Topic, "topicArn"),
            "ssm" if call == CallName::DeleteParameters => self.parameters(),
            "ssm" => one(PartKind::Parameter, "name"),
            "kms" => one(PartKind::Key, "keyId"),
            "iam" => one(PartKind::Role, "roleName"),
            _ => one(PartKind::Table, "tableName"),
        }
    }

    fn text_of(&self, member: &str) -> Result<String, EventError> {
        let node = self.request.member(member);
        node.legible().ok_or_else(|| node.missing())
    }

    /// A rule, with its bus before it where that is not the default one.
    fn rule(&self, call: CallName) -> Result<Vec<Target>, EventError> {
        let targets = matches!(call, CallName::RemoveTargets | CallName::PutTargets);
        let name = self.text_of(if targets { "rule" } else { "name" })?;
        let bus = self.request.member("eventBusName").legible();
        let bus = bus.map(|bus| bus.rsplit('/').next().unwrap_or_default().to_owned());
        let name = match bus.filter(|bus| bus != "default") {
            Some(bus) => format!("{bus}/{name}"),
            None => name,
        };
        Ok(vec![Target::named(PartKind::Rule, &name)])
    }

    /// An event source mapping has an id that no configuration can know: the response says whose it is. One that was pointed
    /// at another function is still that of its queue.
    fn mapping(&self) -> Result<Vec<Target>, EventError> {
        let function = self.response.member("functionArn");
        let queue = self.response.member("eventSourceArn").legible();
        let named = self.request.member("functionName").legible();
        let functions = [function.legible(), named].into_iter().flatten();
        let mut targets: Vec<Target> = functions.map(|text| Target::function(&text)).collect();
        targets.extend(queue.map(|arn| Target::queue(&arn)));
        targets.dedup();
        if targets.is_empty() {
            return Err(function.missing());
        }
        Ok(targets)
    }

    fn parameters(&self) -> Result<Vec<Target>, EventError> {
        let names = self.request.member("names");
        let targets: Vec<Target> = names
            .items()
            .iter()
            .filter_map(Node::legible)
            .map(|name| Target::named(PartKind::Parameter, &name))
            .collect();
        if targets.is_empty() {
            return Err(names.missing());
        }
        Ok(targets)
    }

    fn part_change(&self, call: CallName) -> PartChange {
        let asked = |member: &str| self.request.member(member).text();
        match call {
            CallName::PutRule if asked("state").as_deref() == Some("DISABLED") => PartChange::TakenAway,
            CallName::UpdateEventSourceMapping20150331 => self.mapping_change(),
            CallName::PutFunctionConcurrency20171031
                if asked("reservedConcurrentExecutions").as_deref() == Some("0") =>
            {
                PartChange::TakenAway
            }
            CallName::UpdateFunctionCode20150331v2 if self.request.member("dryRun").is_true() => PartChange::Nothing,
            CallName::PutEventSelectors if !self.hears_of_changes() => PartChange::TakenAway,
            CallName::UpdateTrail
            | CallName::PutEventSelectors
            | CallName::PutRule
            | CallName::PutTargets
            | CallName::UpdateFunctionCode20150331v2
            | CallName::UpdateFunctionConfiguration20150331v2
            | CallName::PutFunctionConcurrency20171031
            | CallName::SetQueueAttributes
            | CallName::SetTopicAttributes
            | CallName::PutParameter
            | CallName::PutRolePolicy
            | CallName::UpdateTable => PartChange::Changed(self.respects()),
            _ => PartChange::TakenAway,
        }
    }

    fn mapping_change(&self) -> PartChange {
        let respects = self.respects();
        match self.request.member("enabled").text().as_deref() {
            Some("false") => PartChange::TakenAway,
            Some("true") if respects.len() == 1 => PartChange::SwitchedOn,
            _ => PartChange::Changed(respects),
        }
    }

    /// The names of what a request sets; of attributes, theirs.
    fn respects(&self) -> Vec<String> {
        let attributes = self.request.member("attributes");
        let attribute = self.request.member("attributeName").legible();
        let names = match attributes.is_absent() {
            true => self.request.keys(),
            false => attributes.keys(),
        };
        let is_name = |name: &String| NAMES.contains(&name.as_str());
        match attribute {
            Some(attribute) => vec![attribute],
            None => names.into_iter().filter(|name| !is_name(name)).collect(),
        }
    }

    /// Whether a trail with these selectors still writes down management events that change something: without them
    /// nothing reaches EventBridge.
    fn hears_of_changes(&self) -> bool {
        let plain = self.request.member("eventSelectors").items().iter().any(|selector| {
            let included = selector.member("includeManagementEvents");
            let reads_only = selector.member("readWriteType").text().as_deref() == Some("ReadOnly");
            (included.is_absent() || included.is_true()) && !reads_only
        });
        let advanced = self.request.member("advancedEventSelectors").items();
        plain || advanced.iter().any(is_of_changes)
    }
}

fn is_mapping(call: CallName) -> bool {
    matches!(
        call,
        CallName::UpdateEventSourceMapping20150331 | CallName::DeleteEventSourceMapping20150331
    )
}

/// Whether an advanced selector takes in management events, and not only those that read.
fn is_of_changes(selector: &Node<'_>) -> bool {
    let fields = selector.member("fieldSelectors").items();
    let says = |field: &str, value: &str| {
        let of_field = fields
            .iter()
            .filter(|selector| selector.member("field").text().as_deref() == Some(field));
        let mut values = of_field.flat_map(|selector| selector.member("equals").items());
        values.any(|text| text.text().as_deref() == Some(value))
    };
    says("eventCategory", "Management") && !says("readOnly", "true")
}

fn tag(node: &Node<'_>) -> Result<TagOfCall, EventError> {
    let key = node.member("key");
    Ok(TagOfCall {
        key: key.legible().ok_or_else(|| key.missing())?,
        value: node.member("value").legible(),
    })
}
