//! What the standard library does not ask of the system: options of sockets, and how many files may be open.

use std::os::fd::RawFd;
use std::time::Duration;

/// Bytes that the system takes of an answer ahead of what the client has taken; more would only fill its memory.
const UNSENT_BYTES_MAX: libc::c_int = 128 * 1024;

/// Lets the system end a connection whose client acknowledges nothing, or takes nothing, for so long.
#[cfg(target_os = "linux")]
pub fn bound(socket: RawFd, stalled_max: Duration) {
    let millis = libc::c_int::try_from(stalled_max.as_millis()).unwrap_or(libc::c_int::MAX);
    set(socket, libc::TCP_USER_TIMEOUT, millis);
    set(socket, libc::TCP_NOTSENT_LOWAT, UNSENT_BYTES_MAX);
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn set(socket: RawFd, option: libc::c_int, value: libc::c_int) {
    // SAFETY: the value is an integer of the size that is told, and outlives the call.
    let outcome = unsafe {
        libc::setsockopt(
            socket,
            libc::IPPROTO_TCP,
            option,
            (&raw const value).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if outcome != 0 {
        let error = std::io::Error::last_os_error();
        tracing::debug!(option, %error, "an option of a socket was not set");
    }
}

#[cfg(not(target_os = "linux"))]
pub fn bound(_socket: RawFd, _stalled_max: Duration) {}

/// Ends a connection at once: what is not sent is dropped, and its owner's next call fails. It stays open as a file until
/// its owner closes it. A shutdown would not do: what still comes could be read for ever.
#[allow(unsafe_code)]
pub fn abort(socket: RawFd) {
    let nobody = libc::sockaddr {
        sa_family: libc::AF_UNSPEC as libc::sa_family_t,
        // SAFETY: all other fields are bytes.
        ..unsafe { std::mem::zeroed() }
    };
    // SAFETY: the address is of the size that is told, and outlives the call; the caller owns the socket.
    unsafe {
        libc::connect(
            socket,
            &raw const nobody,
            size_of::<libc::sockaddr>() as libc::socklen_t,
        );
    }
}

/// Raises the number of files that may be open to what the system allows at most; answers it. Shells start programs with
/// 1,024, which the store's files alone can need.
#[allow(unsafe_code)]
pub fn raise_open_files() -> u64 {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: both calls take a pointer to a structure of ours that outlives them.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) != 0 {
            return 0;
        }
        let before = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        if libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) != 0 {
            return before;
        }
    }
    limit.rlim_cur
}
