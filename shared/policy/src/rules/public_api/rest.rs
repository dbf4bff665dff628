//! REST APIs: public ones, and private ones that let any endpoint in.

use super::{SERVICE, Told, advice, evidence, host, rest_api};
use crate::case::Case;
use crate::endpoint_policy::{Doors, Policy};
use crate::facts::{ApiReach, Facts, Question, RestApi, Stop, Unknown, both};
use crate::finding::{Cause, Evidence, Finding, Severity};
use crate::plan::Treatment;
use crate::rules::api::Ways;
use crate::rules::{Judgement, PassedBecause, managed_by};
use crate::settings::RuleName;

/// What may be wrong with a REST API.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wrong {
    /// It answers on the internet.
    Public,
    /// It is private, and whoever has an endpoint may call it, by this policy.
    AnyEndpoint(Policy),
}

pub(super) fn judge(case: &Case<'_>, facts: &Facts, told: Told<'_>) -> Result<Judgement, Stop> {
    let passed = |why| Ok(Judgement::passed(rest_api(told.api, told.name), why));
    if !case.settings.scope.selects_account(case.account) {
        return passed(PassedBecause::NotSelected);
    }
    let (api, endpoints) = match both(facts.rest_api(told.api), facts.service_endpoints(&SERVICE.to_owned())) {
        Err(Stop::Unknown { why: Unknown::Gone, .. }) => return passed(PassedBecause::AlreadyGone),
        read => read?,
    };
    let Some(wrong) = wrong_with(api) else {
        if !(told.opened || told.open_policy) {
            return passed(PassedBecause::Clean);
        }
        // The call says that it opened it, and what is read may be what was there before.
        facts.settled(Question::RestApi(api.id.clone()))?;
        return passed(PassedBecause::AlreadyGone);
    };
    let scene = Scene { case, api, told, ways: Ways { service: SERVICE, endpoints } };
    Ok(Judgement { findings: vec![scene.finding(&wrong)], passed: Vec::new() })
}

/// A private API without a policy, or with one that nobody can read, answers nobody that is known of.
fn wrong_with(api: &RestApi) -> Option<Wrong> {
    if api.reach != ApiReach::Private {
        return Some(Wrong::Public);
    }
    let policy = Policy::of_api(api.policy.as_deref()?);
    (policy.doors() == Doors::AnyEndpoint).then_some(Wrong::AnyEndpoint(policy))
}

/// A REST API with something wrong.
struct Scene<'a> {
    case: &'a Case<'a>,
    api: &'a RestApi,
    told: Told<'a>,
    ways: Ways<'a>,
}

impl Scene<'_> {
    fn finding(&self, wrong: &Wrong) -> Finding {
        let (class, summary, own) = match wrong {
            Wrong::Public => ("public-rest-api", "a REST API answers on the internet", self.told.opened),
            Wrong::AnyEndpoint(_) => (
                "any-endpoint",
                "a private REST API lets any endpoint in, those of other accounts too",
                self.told.policy,
            ),
        };
        Finding {
            rule: RuleName::PublicApi,
            class: class.to_owned(),
            severity: Severity::High,
            cause: if own { Cause::ThisEvent } else { Cause::Standing },
            resource: rest_api(&self.api.id, Some(&self.api.name)),
            summary: summary.to_owned(),
            evidence: self.evidence(wrong),
            context: self.context(wrong),
            treatment: self.treatment(wrong),
            advice: match wrong {
                Wrong::Public => advice::made_private(&self.case.event.region, self.api, self.ways),
                Wrong::AnyEndpoint(_) => advice::narrowed(self.api, self.ways),
            },
        }
    }

    fn evidence(&self, wrong: &Wrong) -> Vec<Evidence> {
        let mut all = vec![evidence("endpointConfiguration.types", self.api.reach.to_string())];
        match wrong {
            Wrong::AnyEndpoint(policy) => all.push(evidence("policy", policy.to_string())),
            Wrong::Public if self.api.default_url_off => {
                all.push(evidence("disableExecuteApiEndpoint", "true: only custom domain names lead to it".to_owned()));
            }
            Wrong::Public => {
                all.push(evidence("URL", format!("https://{}.{}", self.api.id, host(&self.case.event.region))));
            }
        }
        all
    }

    fn context(&self, wrong: &Wrong) -> Vec<String> {
        let mut context = vec![self.ways.in_words()];
        if *wrong == Wrong::Public {
            context.push("made private it keeps its id, and cuts off everybody who calls it from the internet".to_owned());
            context.push("custom domain names of the public kind do not lead to a private API: take their mappings away first, or AWS may refuse the change".to_owned());
        }
        if self.api.changing {
            context.push("a change of it is under way, or has failed: AWS refuses another until its apiStatus is AVAILABLE".to_owned());
        }
        context
    }

    fn treatment(&self, wrong: &Wrong) -> Treatment {
        let why = match wrong {
            Wrong::Public => {
                "a private API answers only whom its resource policy lets in, and only once it is deployed, which publishes whatever else was changed; so it is made private by people who know its callers and stages, in the order below"
            }
            Wrong::AnyEndpoint(_) => {
                "which endpoints may call it is for its owner to say, and a policy is in force only once the API is deployed, which publishes whatever else was changed"
            }
        };
        Treatment::Told(match managed_by(self.case, &self.api.tags) {
            Some(service) => format!("{service} manages the API, and {why}"),
            None => why.to_owned(),
        })
    }
}
