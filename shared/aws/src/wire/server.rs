//! The loopback server: one closure says what it replies to each request, and it writes down what it was asked.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Form, FromRequest, Request as HttpRequest};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt};
use tokio::net::TcpListener;
use tokio::sync::Barrier;

/// What was asked.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// The API's name of the call, `DescribeVpcs`, or its method and path, `GET /restapis/a1b2c3d4e5`.
    pub(super) action: String,
    /// The form's fields, `Filter.1.Value.1` and the like, or what stands behind the path; empty for JSON.
    pub(super) fields: BTreeMap<String, String>,
    /// The body, as it was sent.
    pub(super) body: String,
    /// How many requests for the same action came before.
    pub(super) nth: usize,
    /// The connection, by the client's end of it.
    pub(super) peer: SocketAddr,
    /// The `Authorization` header.
    pub(super) authorization: String,
    /// The `User-Agent` headers, AWS's own included.
    pub(super) user_agent: String,
}

impl Request {
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// The values of the first filter.
    pub(super) fn filter_values(&self) -> Vec<&str> {
        let values = self
            .fields
            .iter()
            .filter(|(name, _)| name.starts_with("Filter.1.Value."));
        values.map(|(_, value)| value.as_str()).collect()
    }
}

/// What is replied.
#[derive(Clone)]
pub(super) enum Reply {
    /// 200, with this body.
    Fine(String),
    /// Another status, with this body.
    Status(u16, String),
    /// The first half of the body, and the connection is cut.
    Cut(String),
    /// The first half of the body, and then nothing, for ever.
    Stalled(String),
    /// Nothing, for ever.
    Held,
    /// 200, but not before as many requests as the barrier counts wait for their reply.
    Together(Arc<Barrier>, String),
}

/// A server that lives as long as its test.
pub(super) struct Server {
    url: String,
    log: Arc<Mutex<Vec<Request>>>,
}

type Script = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

impl Server {
    pub(super) async fn start(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let log = Arc::new(Mutex::new(Vec::new()));
        let script: Script = Arc::new(script);
        let written = Arc::clone(&log);
        let router = Router::new().fallback(
            move |ConnectInfo(peer): ConnectInfo<SocketAddr>, request: HttpRequest| {
                let (script, log) = (Arc::clone(&script), Arc::clone(&written));
                async move {
                    let request = read(request, peer, &log).await;
                    script(&request).send().await
                }
            },
        );
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { url, log }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// What was asked so far, in the order of arrival.
    pub(super) fn requests(&self) -> Vec<Request> {
        self.log.lock().unwrap().clone()
    }

    /// What was asked so far of one action.
    pub(super) fn requests_for(&self, action: &str) -> Vec<Request> {
        self.requests()
            .into_iter()
            .filter(|request| request.action == action)
            .collect()
    }
}

async fn read(request: HttpRequest, peer: SocketAddr, log: &Mutex<Vec<Request>>) -> Request {
    let headers = request.headers().clone();
    let line = format!("{} {}", request.method(), request.uri().path());
    let text = |name: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.collect::<Vec<_>>().join(" ")
    };
    let query = Bytes::from(request.uri().query().unwrap_or_default().to_owned());
    let bytes = Bytes::from_request(request, &()).await.unwrap();
    let fields = fields(if bytes.is_empty() { query } else { bytes.clone() }).await;
    // SSM speaks JSON and names the call in a header; the services of APIs name it by method and path.
    let target = text("x-amz-target").split('.').nth(1).map(str::to_owned);
    let action = fields.get("Action").cloned().or(target).unwrap_or(line);
    let mut log = log.lock().unwrap();
    let request = Request {
        nth: log.iter().filter(|earlier| earlier.action == action).count(),
        action,
        fields,
        body: String::from_utf8_lossy(&bytes).into_owned(),
        peer,
        authorization: text("authorization"),
        user_agent: format!("{} {}", text("user-agent"), text("x-amz-user-agent")),
    };
    log.push(request.clone());
    request
}

/// The fields of a form; none of anything else.
async fn fields(body: Bytes) -> BTreeMap<String, String> {
    let form = axum::http::Request::post("/").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let form = form.body(Body::from(body)).unwrap();
    Form::<BTreeMap<String, String>>::from_request(form, &())
        .await
        .map(|form| form.0)
        .unwrap_or_default()
}

impl Reply {
    async fn send(self) -> Response {
        match self {
            Self::Fine(body) => body.into_response(),
            Self::Status(status, body) => (StatusCode::from_u16(status).unwrap(), body).into_response(),
            Self::Cut(body) => {
                let cut = stream::once(async {
                    // The half that was written must be on its way before the end is.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    Err(io::Error::other("cut"))
                });
                let cut = stream::iter([Ok(half(body))]).chain(cut);
                Body::from_stream(cut).into_response()
            }
            Self::Stalled(body) => {
                let first = stream::iter([Ok::<_, io::Error>(half(body))]);
                Body::from_stream(first.chain(stream::pending())).into_response()
            }
            Self::Held => std::future::pending().await,
            Self::Together(barrier, body) => {
                barrier.wait().await;
                body.into_response()
            }
        }
    }
}

/// The first half of a text.
pub(super) fn half(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(text.len() / 2));
    text
}

/// EC2's XML: a reply to an action, with what goes between its tags.
pub(super) fn reply(action: &str, content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <requestId>0a1b2c3d-0000-4000-8000-0123456789ab</requestId>{content}</{action}Response>"
    )
}

/// EC2's XML: an error.
pub(super) fn error(status: u16, code: &str) -> Reply {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{code}</Code>\
         <Message>made up</Message></Error></Errors><RequestID>0a1b2c3d-0000-4000-8000-0123456789ab</RequestID></Response>"
    );
    Reply::Status(status, body)
}
