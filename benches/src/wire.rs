//! HTTP/1.1 at its leanest, for measuring a server that shares the processors with its clients: a request is bytes
//! that were made before, an answer is its status and its body. No TLS, no redirects, no retries.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Body, Endpoint};

/// An endpoint as requests are made for it.
#[derive(Debug, Clone)]
pub struct Target {
    address: SocketAddr,
    host: String,
    /// Path of the endpoint, without a slash at its end.
    base: String,
    authorization: String,
}

impl Target {
    /// # Errors
    /// When the URL is not `http://host[:port][/path]`, or the host is not known.
    pub fn new(endpoint: &Endpoint) -> io::Result<Target> {
        let refused = || io::Error::other(format!("`{}` is not an http:// URL", endpoint.url));
        let rest = endpoint.url.strip_prefix("http://").ok_or_else(refused)?;
        let rest = rest.trim_end_matches('/');
        let (host, base) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let address = match host.rsplit_once(':') {
            Some((_, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                host.to_socket_addrs()
            }
            Some(_) | None => format!("{host}:80").to_socket_addrs(),
        };
        let credentials = format!("{}:{}", endpoint.key, endpoint.secret);
        Ok(Target {
            address: address?.next().ok_or_else(refused)?,
            host: host.to_owned(),
            base: base.to_owned(),
            authorization: format!("Basic {}", STANDARD.encode(credentials)),
        })
    }

    /// The same endpoint with another value of `Authorization`.
    #[must_use]
    pub fn with_authorization(&self, authorization: &str) -> Target {
        Target {
            authorization: authorization.to_owned(),
            ..self.clone()
        }
    }

    /// The bytes of a request; `path` begins with a slash and is below the endpoint.
    pub fn request(
        &self,
        method: &str,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Body<'_>>,
    ) -> Vec<u8> {
        let mut whole = format!("{}{path}", self.base);
        for (at, (name, value)) in query.iter().enumerate() {
            whole.push(if at == 0 { '?' } else { '&' });
            whole.extend([name, "="]);
            whole.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
        }
        self.request_for(method, &whole, body)
    }

    /// A path beside the endpoint: `/cmi5` is `/lrs/cmi5` for an endpoint `/lrs/xapi`.
    pub fn beside(&self, path: &str) -> String {
        let parent = self.base.rsplit_once('/').map_or("", |(parent, _)| parent);
        format!("{parent}{path}")
    }

    /// The bytes of a request for a path from the host's root, query included.
    pub fn request_for(&self, method: &str, path: &str, body: Option<Body<'_>>) -> Vec<u8> {
        let mut bytes = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nX-Experience-API-Version: 1.0.3\r\n",
            self.host, self.authorization
        )
        .into_bytes();
        if let Some(body) = body {
            let length = body.bytes.len();
            let kind = body.content_type;
            bytes.extend(format!("Content-Type: {kind}\r\nContent-Length: {length}\r\n").bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(body.map_or(&[][..], |body| body.bytes));
        bytes
    }

    /// # Errors
    /// When the connection is refused.
    pub async fn connect(&self) -> io::Result<Connection> {
        Ok(Connection {
            address: self.address,
            stream: connect(self.address).await?,
            received: vec![0; RECEIVED_BYTES],
            content: Vec::new(),
            closed: false,
        })
    }
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

const RECEIVED_BYTES: usize = 16 << 10;
const HEADERS_MAX: usize = 64;

/// One kept connection with one request at a time.
pub struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    received: Vec<u8>,
    /// A chunked body, put together.
    content: Vec<u8>,
    closed: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub status: u16,
    pub head: &'a [u8],
    pub body: &'a [u8],
    /// Of head and body, as they came.
    pub bytes: usize,
}

/// What the head of an answer says of the whole.
struct Head {
    length: usize,
    status: u16,
    body: Framing,
    closes: bool,
}

enum Framing {
    Length(usize),
    Chunked,
}

impl Connection {
    /// Sends a request and waits for the whole answer. After an error the connection is opened anew.
    ///
    /// # Errors
    /// When the connection breaks, or the answer is not HTTP/1.1.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        if self.closed {
            self.stream = connect(self.address).await?;
        }
        self.closed = true;
        self.stream.write_all(request).await?;
        let mut filled = 0;
        let head = loop {
            filled += self.receive(filled).await?;
            if let Some(head) = read_head(&self.received[..filled])? {
                break head;
            }
        };
        self.closed = head.closes;
        let body = match head.body {
            Framing::Length(length) => {
                let end = head.length + length;
                while filled < end {
                    filled += self.receive(filled).await?;
                }
                return Ok(Answer {
                    status: head.status,
                    head: &self.received[..head.length],
                    body: &self.received[head.length..end],
                    bytes: end,
                });
            }
            Framing::Chunked => loop {
                self.content.clear();
                if unchunk(&self.received[head.length..filled], &mut self.content)? {
                    break &self.content;
                }
                filled += self.receive(filled).await?;
            },
        };
        Ok(Answer {
            status: head.status,
            head: &self.received[..head.length],
            body,
            bytes: filled,
        })
    }

    /// More bytes behind those that are there.
    async fn receive(&mut self, filled: usize) -> io::Result<usize> {
        if filled == self.received.len() {
            self.received.resize(filled * 2, 0);
        }
        match self.stream.read(&mut self.received[filled..]).await? {
            0 => {
                self.closed = true;
                Err(io::Error::other("the server closed the connection"))
            }
            count => Ok(count),
        }
    }
}

fn read_head(bytes: &[u8]) -> io::Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut answer = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = answer.parse(bytes).map_err(io::Error::other)? else {
        return Ok(None);
    };
    let mut head = Head {
        length,
        status: answer.code.unwrap_or(0),
        body: Framing::Length(0),
        closes: false,
    };
    for header in answer.headers.iter() {
        let value = std::str::from_utf8(header.value).unwrap_or_default().trim();
        if header.name.eq_ignore_ascii_case("content-length") {
            head.body = Framing::Length(value.parse().map_err(io::Error::other)?);
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            head.body = Framing::Chunked;
        } else if header.name.eq_ignore_ascii_case("connection") {
            head.closes = value.eq_ignore_ascii_case("close");
        }
    }
    if head.status == 204 || head.status == 304 {
        head.body = Framing::Length(0);
    }
    Ok(Some(head))
}

/// Puts the chunks together; false when some are still to come.
fn unchunk(mut bytes: &[u8], content: &mut Vec<u8>) -> io::Result<bool> {
    loop {
        let parsed = httparse::parse_chunk_size(bytes)
            .map_err(|_| io::Error::other("the answer has a broken chunk"))?;
        let httparse::Status::Complete((start, size)) = parsed else {
            return Ok(false);
        };
        let size = usize::try_from(size).map_err(io::Error::other)?;
        let Some(end) = start.checked_add(size) else {
            return Err(io::Error::other("the answer has a chunk of no size"));
        };
        let (Some(chunk), Some(rest)) = (bytes.get(start..end), bytes.get(end + 2..)) else {
            return Ok(false);
        };
        if size == 0 {
            return Ok(true);
        }
        content.extend_from_slice(chunk);
        bytes = rest;
    }
}

#[cfg(test)]
mod tests;
