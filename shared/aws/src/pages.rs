//! Lists that come in pages.

use std::error::Error;
use std::time::Duration;

use aws_sdk_ec2::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use crate::failure::Failure;

/// One page of a list, and the token of the next one.
pub(crate) type Page<R> = (Option<Vec<R>>, Option<String>);

/// All pages of one list, which may take so long.
pub(crate) async fn all<R, E>(
    action: &'static str,
    limit: Duration,
    page: impl AsyncFn(Option<String>) -> Result<Page<R>, SdkError<E, HttpResponse>>,
) -> Result<Vec<R>, Failure>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let all = async {
        let mut items = Vec::new();
        let mut token = None;
        loop {
            let (more, next) = page(token.clone()).await.map_err(|error| Failure::of(action, &error))?;
            items.extend(more.unwrap_or_default());
            let next = next.filter(|next| !next.is_empty());
            if next.is_none() {
                return Ok(items);
            }
            // The SDK's own paginator takes a repeated token for the end, and half a list for all of it.
            if next == token {
                return Err(Failure::unreadable(action, "Truncated".to_owned()));
            }
            token = next;
        }
    };
    let in_time = tokio::time::timeout(limit, all).await;
    in_time.unwrap_or_else(|_| Err(Failure::unreadable(action, "Timeout".to_owned())))
}
