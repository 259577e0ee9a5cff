//! What is in the store before: statements for large pages, a large document, a large attachment; and the heads of
//! requests for them.

use std::error::Error;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use benches::client::{Body, Client};
use benches::process::Server;
use sha2::{Digest as _, Sha256};

pub const STATEMENTS: usize = 2_000;
pub const ATTACHMENT_BYTES: usize = 100 << 20;
const BOUNDARY: &str = "overload";
const ATTACHED: &str = "dddddddd-0000-4000-8000-000000000000";

pub struct Prepared {
    pub address: String,
    /// Host, credentials and version.
    pub headers: String,
    /// The parts before the content of an attachment of [`ATTACHMENT_BYTES`] zeros; its statement has no id.
    pub upload: String,
}

impl Prepared {
    pub fn page(&self) -> String {
        format!(
            "GET /xapi/statements?limit=1000 HTTP/1.1\r\n{}\r\n",
            self.headers
        )
    }

    pub fn attachment(&self) -> String {
        format!(
            "GET /xapi/statements?statementId={ATTACHED}&attachments=true HTTP/1.1\r\n{}\r\n",
            self.headers
        )
    }

    /// The head of a document's PUT, but for the length of its body.
    pub fn document(&self, n: usize) -> String {
        format!(
            "PUT /xapi/activities/state?activityId=http://example.com/a&stateId=bad-{n}&\
             agent=%7B%22mbox%22%3A%22mailto:a@example.com%22%7D HTTP/1.1\r\n{}\
             Content-Type: application/octet-stream\r\n",
            self.headers
        )
    }

    /// The head of an upload with its first parts; the content follows.
    pub fn upload(&self) -> String {
        format!(
            "POST /xapi/statements HTTP/1.1\r\n{}Content-Type: multipart/mixed; boundary={BOUNDARY}\r\n\
             Content-Length: {}\r\n\r\n{}",
            self.headers,
            self.upload.len() + ATTACHMENT_BYTES + tail().len(),
            self.upload,
        )
    }
}

pub fn prepare(server: &Server) -> Result<Prepared, Box<dyn Error>> {
    let endpoint = server.endpoint();
    let address = endpoint
        .url
        .trim_start_matches("http://")
        .trim_end_matches("/xapi")
        .to_owned();
    let token = STANDARD.encode(format!("{}:{}", endpoint.key, endpoint.secret));
    let content = vec![0; ATTACHMENT_BYTES];
    let sha2 = hex(&Sha256::digest(&content));
    let prepared = Prepared {
        headers: format!(
            "Host: {address}\r\nAuthorization: Basic {token}\r\nX-Experience-API-Version: 1.0.3\r\n"
        ),
        address,
        upload: parts("", &sha2),
    };
    let client = Client::new(&endpoint);
    for at in (0..STATEMENTS).step_by(500) {
        let batch: Vec<String> = (at..at + 500).map(|n| statement(n as u64)).collect();
        let batch = format!("[{}]", batch.join(","));
        let body = Body {
            content_type: "application/json",
            bytes: batch.as_bytes(),
        };
        accepted(client.post("/statements", &[], body)?.status)?;
    }
    let named = format!(r#""id":"{ATTACHED}","#);
    let whole = [parts(&named, &sha2).as_bytes(), &content, tail().as_bytes()].concat();
    let body = Body {
        content_type: &format!("multipart/mixed; boundary={BOUNDARY}"),
        bytes: &whole,
    };
    accepted(client.post("/statements", &[], body)?.status)?;
    Ok(prepared)
}

fn accepted(status: u16) -> Result<(), String> {
    match status {
        200 | 204 => Ok(()),
        status => Err(format!("the server answered {status} before any overload")),
    }
}

/// About 1.2 KB.
pub fn statement(n: u64) -> String {
    let words = "what a learner answered, at some length, ".repeat(20);
    format!(
        r#"{{"actor":{{"account":{{"homePage":"https://lms.example.com","name":"learner-{}"}}}},
        "verb":{{"id":"http://adlnet.gov/expapi/verbs/answered","display":{{"en":"answered"}}}},
        "object":{{"id":"http://example.com/activities/{}"}},"result":{{"response":"{n} {words}"}}}}"#,
        n % 100,
        n % 1_000,
    )
}

fn parts(id: &str, sha2: &str) -> String {
    format!(
        "--{BOUNDARY}\r\nContent-Type: application/json\r\n\r\n{{{id}\"actor\":{{\"mbox\":\"mailto:a@example.com\"}},\
         \"verb\":{{\"id\":\"http://example.com/attached\"}},\"object\":{{\"id\":\"http://example.com/a\"}},\
         \"attachments\":[{{\"usageType\":\"http://example.com/usage\",\"display\":{{\"en\":\"zeros\"}},\
         \"contentType\":\"application/octet-stream\",\"length\":{ATTACHMENT_BYTES},\"sha2\":\"{sha2}\"}}]}}\r\n\
         --{BOUNDARY}\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\
         X-Experience-API-Hash: {sha2}\r\n\r\n"
    )
}

fn tail() -> String {
    format!("\r\n--{BOUNDARY}--\r\n")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
