//! How requests reach a server: the same bytes in this process or over HTTP.

use crate::http::Http;
use crate::in_process::InProcess;

#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// Path and query, from the host on.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let same = |known: &&(String, String)| known.0.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .find(same)
            .map(|(_, value)| value.as_str())
    }
}

pub enum Transport {
    InProcess(InProcess),
    Http(Http),
}

impl Transport {
    /// # Errors
    /// When no answer comes.
    pub fn send(&self, request: &Request) -> Result<Answer, String> {
        match self {
            Transport::InProcess(server) => server.send(request),
            Transport::Http(client) => client.send(request),
        }
    }
}
