use super::*;

fn endpoint(url: &str) -> Endpoint {
    Endpoint {
        url: url.to_owned(),
        key: "key".to_owned(),
        secret: "secret".to_owned(),
    }
}

#[test]
fn a_request_is_written_whole() {
    let target = Target::new(&endpoint("http://127.0.0.1:8080/xapi/")).expect("it is a URL");
    let bytes = target.request("POST", "/a", &[("b", "c d")], Some(Body::json("{}")));
    assert_eq!(
        String::from_utf8_lossy(&bytes),
        "POST /xapi/a?b=c%20d HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAuthorization: Basic a2V5OnNlY3JldA==\r\n\
         X-Experience-API-Version: 1.0.3\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    );
    assert!(Target::new(&endpoint("https://127.0.0.1/")).is_err());
}

#[test]
fn a_chunked_body_is_put_together_once_all_is_there() {
    let whole = b"4\r\nwhol\r\n1\r\ne\r\n0\r\n\r\n";
    for end in 0..whole.len() {
        let done =
            unchunk(&whole[..end], &mut Vec::new()).expect("it is right as far as it is there");
        assert!(!done, "at {end}");
    }
    let mut content = Vec::new();
    assert!(unchunk(whole, &mut content).expect("it is right"));
    assert_eq!(content, b"whole");
    assert!(unchunk(b"x\r\n", &mut Vec::new()).is_err());
}

#[test]
fn a_head_says_how_long_the_body_is() {
    let read = |text: &str| read_head(text.as_bytes()).expect("it is HTTP");
    assert!(read("HTTP/1.1 200 OK\r\nContent-Le").is_none());
    let head = read("HTTP/1.1 404 Not Found\r\ncontent-length: 7\r\nConnection: close\r\n\r\n");
    let head = head.expect("it is whole");
    assert!(matches!(head.body, Framing::Length(7)));
    assert!(head.closes);
    assert_eq!(head.status, 404);
}
