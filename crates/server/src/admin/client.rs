//! Asks a running server by its socket.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::{ANSWER_BYTES_MAX, Answer, Command};

/// How long anything may take that does not read the whole store.
const WAIT: Duration = Duration::from_secs(60);

/// `None`: no server listens there.
///
/// # Errors
/// A line that says why a server that is there was not reached or not understood.
pub fn ask(socket: &Path, command: &Command) -> Result<Option<Answer>, String> {
    let failed = |attempted: &str, error: &dyn std::fmt::Display| {
        format!(
            "the server at `{}` could not be {attempted}: {error}",
            socket.display()
        )
    };
    let mut stream = match UnixStream::connect(socket) {
        Ok(stream) => stream,
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::ConnectionRefused
            ) =>
        {
            return Ok(None);
        }
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return Err(failed("reached", &"only the user that runs it may ask it"));
        }
        Err(error) => return Err(failed("reached", &error)),
    };
    let answer_wait = match command {
        Command::Verify {} | Command::Backup { .. } => None,
        Command::KeyAdd { .. }
        | Command::KeyList {}
        | Command::KeyRevoke { .. }
        | Command::KeyRotate { .. }
        | Command::SessionShow { .. } => Some(WAIT),
    };
    stream
        .set_write_timeout(Some(WAIT))
        .and_then(|()| stream.set_read_timeout(answer_wait))
        .map_err(|error| failed("asked", &error))?;
    let mut line = serde_json::to_vec(command).expect("a command is texts and numbers");
    line.push(b'\n');
    stream
        .write_all(&line)
        .map_err(|error| failed("asked", &error))?;
    let mut answer = String::new();
    BufReader::new(stream)
        .take(ANSWER_BYTES_MAX)
        .read_line(&mut answer)
        .map_err(|error| failed("heard", &error))?;
    if answer.is_empty() {
        return Err(failed("heard", &"it closed the connection"));
    }
    serde_json::from_str(&answer)
        .map(Some)
        .map_err(|_| failed("understood", &"it is another version of tessera"))
}
