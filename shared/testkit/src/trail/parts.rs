//! Records of calls about what the guardrail is made of, and about the tags of VPCs.

use guardrail_policy::event::CallName;
use serde_json::{Value, json};

use super::TrailRecord;

const REQUEST: &str = "20000000-0000-4000-8000-000000000001";

impl TrailRecord {
    /// A call of any service, with the members of its request as they stand in the record. IAM's are recorded in `us-east-1`.
    #[must_use]
    pub fn called(call: CallName, request: Value, response: Value) -> Self {
        let mut record = Self::of(call.service(), call.name(), request, response);
        if call.service() == "iam" {
            record.0["awsRegion"] = json!("us-east-1");
        }
        record
    }

    /// A tag was taken from a VPC; without a value whatever its value was.
    #[must_use]
    pub fn delete_tag(vpc: &str, key: &str, value: Option<&str>) -> Self {
        let tag = match value {
            Some(value) => json!({ "key": key, "value": value }),
            None => json!({ "key": key }),
        };
        Self::called(CallName::DeleteTags, tagged(vpc, &tag), done())
    }

    /// A tag was set on a VPC.
    #[must_use]
    pub fn create_tag(vpc: &str, key: &str, value: &str) -> Self {
        let tag = json!({ "key": key, "value": value });
        Self::called(CallName::CreateTags, tagged(vpc, &tag), done())
    }
}

fn tagged(vpc: &str, tag: &Value) -> Value {
    json!({ "resourcesSet": { "items": [{ "resourceId": vpc }] }, "tagSet": { "items": [tag] } })
}

fn done() -> Value {
    json!({ "requestId": REQUEST, "_return": true })
}

#[cfg(test)]
mod tests {
    use guardrail_policy::event::{Call, parse};

    use super::*;
    use crate::network::VPC;

    #[test]
    fn every_record_is_read_as_the_call_that_it_tells_of() {
        let stopped = TrailRecord::called(CallName::StopLogging, json!({ "name": "main" }), Value::Null);
        for (record, name) in [
            (stopped, CallName::StopLogging),
            (TrailRecord::delete_tag(VPC, "a", None), CallName::DeleteTags),
            (TrailRecord::create_tag(VPC, "a", "b"), CallName::CreateTags),
        ] {
            let (_, event) = parse(&record.envelope()).unwrap();
            assert_eq!(event.call.name(), Some(name), "{:?}", record.json());
        }
    }

    #[test]
    fn a_tag_is_taken_from_the_vpc_that_is_named() {
        let (_, event) = parse(&TrailRecord::delete_tag(VPC, "a", Some("b")).bytes()).unwrap();
        let Call::DeleteTags(tags) = event.call else {
            panic!("another call")
        };
        assert_eq!((tags.vpcs.len(), tags.tags.len()), (1, 1));
    }
}
