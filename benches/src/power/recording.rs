//! The preloaded library's log. Its lines are described in `preload/power_loss.c`.

use std::io;
use std::path::Path;

pub(super) type Inode = u64;

/// A name in a directory.
pub(super) type Place = (Inode, String);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    Synced { inode: Inode, length: u64 },
    Emptied { inode: Inode },
    DirectorySyncBegins { token: u64 },
    DirectorySynced { directory: Inode, token: u64 },
    Made { place: Place, inode: Inode },
    Removed { place: Place },
    Renamed { from: Place, to: Place },
}

/// All events; a last line that the kill cut short says nothing. A process that was killed before its first has no log.
pub(super) fn read(log: &Path) -> io::Result<Vec<Event>> {
    let text = match std::fs::read_to_string(log) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(parse).collect()
}

pub(super) fn parse(line: &str) -> io::Result<Event> {
    let fields: Vec<&str> = line.split('\t').collect();
    let number = |field: &str| -> io::Result<u64> { field.parse().map_err(|_| unknown(line)) };
    let place = |directory: &str, name: &str| -> io::Result<Place> {
        Ok((number(directory)?, name.to_owned()))
    };
    Ok(match fields.as_slice() {
        ["S", inode, length] => Event::Synced {
            inode: number(inode)?,
            length: number(length)?,
        },
        ["T", inode] => Event::Emptied {
            inode: number(inode)?,
        },
        ["B", _, token] => Event::DirectorySyncBegins {
            token: number(token)?,
        },
        ["D", directory, token] => Event::DirectorySynced {
            directory: number(directory)?,
            token: number(token)?,
        },
        ["C", directory, name, inode] => Event::Made {
            place: place(directory, name)?,
            inode: number(inode)?,
        },
        ["U", directory, name] => Event::Removed {
            place: place(directory, name)?,
        },
        ["R", directory, name, to_directory, to_name] => Event::Renamed {
            from: place(directory, name)?,
            to: place(to_directory, to_name)?,
        },
        _ => return Err(unknown(line)),
    })
}

fn unknown(line: &str) -> io::Error {
    io::Error::other(format!(
        "the recording has a line of no known kind: `{line}`"
    ))
}
