//! The Lambda Runtime API (version 2018-06-01), as the Lambda service offers it to one function
//! instance: hands out invocations and takes the answers.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc as blocking;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};

use crate::{ACCOUNT, Error, REGION, Result};

/// An event for the function.
#[derive(Debug)]
pub struct Pending {
    /// The id of the request.
    pub request_id: String,
    /// The event's bytes.
    pub payload: Vec<u8>,
    /// How long the function has from now on.
    pub time: Duration,
}

/// What the function instance did, and when.
#[derive(Debug)]
pub enum Happening {
    /// It asked for an event.
    Asked(Instant),
    /// It answered a request.
    Answered {
        /// Which.
        request_id: String,
        /// When the answer was complete.
        at: Instant,
        /// The answer's bytes, as a success or as an error.
        answer: std::result::Result<Vec<u8>, Vec<u8>>,
    },
    /// It reported that it could not start.
    InitFailed(Vec<u8>),
}

/// A running Runtime API on loopback; it stops when dropped.
pub struct RuntimeApi {
    address: SocketAddr,
    pending: mpsc::UnboundedSender<Pending>,
    happenings: blocking::Receiver<Happening>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl RuntimeApi {
    /// Starts one for the function called `function`.
    ///
    /// # Errors
    /// Where no loopback port can be had.
    pub fn start(function: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::io("start the Runtime API"))?;
        let listener = runtime
            .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .map_err(Error::io("bind a loopback port"))?;
        let address = listener.local_addr().map_err(Error::io("read the loopback port"))?;
        let (pending, queue) = mpsc::unbounded_channel();
        let (told, happenings) = blocking::channel();
        let (stop, stopped) = oneshot::channel();
        let router = router(Service::new(function, queue, told));
        let thread = thread::spawn(move || {
            runtime.block_on(async {
                // Dropping the runtime afterwards ends the connections, a waiting `next` among them.
                tokio::select! {
                    _served = axum::serve(listener, router) => {}
                    _stopped = stopped => {}
                }
            });
        });
        Ok(Self {
            address,
            pending,
            happenings,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// `host:port`, the form of `AWS_LAMBDA_RUNTIME_API`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Lets the function have an event when it next asks.
    pub fn offer(&self, pending: Pending) {
        let _server_gone = self.pending.send(pending);
    }

    /// The next thing that the function did, if it does anything within `time`.
    pub fn wait(&self, time: Duration) -> Option<Happening> {
        self.happenings.recv_timeout(time).ok()
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

struct Service {
    arn: String,
    pending: AsyncMutex<mpsc::UnboundedReceiver<Pending>>,
    told: blocking::Sender<Happening>,
    in_flight: Mutex<BTreeSet<String>>,
}

impl Service {
    fn new(function: &str, pending: mpsc::UnboundedReceiver<Pending>, told: blocking::Sender<Happening>) -> Arc<Self> {
        Arc::new(Self {
            arn: format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"),
            pending: AsyncMutex::new(pending),
            told,
            in_flight: Mutex::default(),
        })
    }

    fn in_flight(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answered(&self, request_id: String, answer: std::result::Result<Vec<u8>, Vec<u8>>) -> Response {
        let at = Instant::now();
        if !self.in_flight().remove(&request_id) {
            let refusal = json!({"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"});
            return (StatusCode::BAD_REQUEST, axum::Json(refusal)).into_response();
        }
        let _nobody_waits = self.told.send(Happening::Answered { request_id, at, answer });
        accepted()
    }
}

fn router(service: Arc<Service>) -> Router {
    let invocation = "/2018-06-01/runtime/invocation";
    Router::new()
        .route(&format!("{invocation}/next"), get(next))
        .route(&format!("{invocation}/{{id}}/response"), post(response))
        .route(&format!("{invocation}/{{id}}/error"), post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .layer(DefaultBodyLimit::disable())
        .with_state(service)
}

async fn next(State(service): State<Arc<Service>>) -> Response {
    let _nobody_waits = service.told.send(Happening::Asked(Instant::now()));
    let Some(pending) = service.pending.lock().await.recv().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    service.in_flight().insert(pending.request_id.clone());
    let deadline = SystemTime::now() + pending.time;
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let headers = [
        ("Content-Type", "application/json".to_owned()),
        ("Lambda-Runtime-Aws-Request-Id", pending.request_id),
        ("Lambda-Runtime-Deadline-Ms", deadline.to_string()),
        ("Lambda-Runtime-Invoked-Function-Arn", service.arn.clone()),
        (
            "Lambda-Runtime-Trace-Id",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".to_owned(),
        ),
    ];
    let headers: HeaderMap = headers
        .into_iter()
        .filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?)))
        .collect();
    (headers, pending.payload).into_response()
}

async fn response(State(service): State<Arc<Service>>, Path(id): Path<String>, body: Bytes) -> Response {
    service.answered(id, Ok(body.into()))
}

async fn error(State(service): State<Arc<Service>>, Path(id): Path<String>, body: Bytes) -> Response {
    service.answered(id, Err(body.into()))
}

async fn init_error(State(service): State<Arc<Service>>, body: Bytes) -> Response {
    let _nobody_waits = service.told.send(Happening::InitFailed(body.into()));
    accepted()
}

fn accepted() -> Response {
    let status: Value = json!({"status": "OK"});
    (StatusCode::ACCEPTED, axum::Json(status)).into_response()
}
