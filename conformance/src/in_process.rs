//! A server in this process, without a socket: requests go to its service, on a thread with a runtime of its own.

use std::fmt::Display;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::rt::{self, System};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, web};
use server::app::{Server, configure};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::transport::{Answer, Request};

type Call = (Request, mpsc::Sender<Result<Answer, String>>);

/// The way to a server in this process. Dropping it ends the server and waits for that: a store that another thread
/// closes while the process exits can abort it.
pub struct InProcess {
    /// None once it is being dropped.
    calls: Option<UnboundedSender<Call>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for InProcess {
    fn drop(&mut self) {
        self.calls = None;
        // A panic of that thread has failed the calls it was to answer.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl InProcess {
    #[must_use]
    pub fn start(server: Arc<Server>) -> Self {
        let (calls, mut received) = unbounded_channel::<Call>();
        let thread = thread::spawn(move || {
            System::new().block_on(async move {
                let data = web::Data::from(server);
                let app = App::new().configure(move |app| configure(app, data));
                let app = Rc::new(init_service(app).await);
                while let Some((request, reply)) = received.recv().await {
                    let app = Rc::clone(&app);
                    rt::spawn(async move {
                        let is_head = request.method == "HEAD";
                        let answer = match test_request(request) {
                            Ok(made) => answer(&*app, made.to_request(), is_head).await,
                            Err(error) => Err(error),
                        };
                        // Whoever asked may have gone.
                        drop(reply.send(answer));
                    });
                }
            });
        });
        Self {
            calls: Some(calls),
            thread: Some(thread),
        }
    }

    pub(crate) fn send(&self, request: &Request) -> Result<Answer, String> {
        let (reply, answer) = mpsc::channel();
        let ended = || "the server in this process has ended".to_owned();
        let calls = self.calls.as_ref().ok_or_else(ended)?;
        calls.send((request.clone(), reply)).map_err(|_| ended())?;
        answer.recv().map_err(|_| ended())?
    }
}

fn test_request(request: Request) -> Result<TestRequest, String> {
    let method = Method::from_bytes(request.method.as_bytes()).map_err(failed)?;
    let mut made = TestRequest::default().method(method).uri(&request.target);
    for (name, value) in request.headers {
        made = made.insert_header((name, value));
    }
    Ok(match request.body {
        Some(body) => made.set_payload(body),
        None => made,
    })
}

async fn answer<R, S, B>(app: &S, request: R, is_head: bool) -> Result<Answer, String>
where
    S: Service<R, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let answer = app.call(request).await.map_err(failed)?;
    let status = answer.status().as_u16();
    let headers = answer.headers().iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    let headers = headers.collect();
    let body = to_bytes(answer.into_body())
        .await
        .map_err(|_| failed("the body broke off"))?;
    Ok(Answer {
        status,
        headers,
        // The service leaves it to HTTP's encoder to send no body.
        body: if is_head { Vec::new() } else { body.to_vec() },
    })
}

fn failed(error: impl Display) -> String {
    format!("no answer: {error}")
}
