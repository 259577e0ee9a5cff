//! What a disk holds for certain, what it may hold, and how a directory looks after a loss of power.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::Loss;
use super::recording::{Event, Inode, Place};
use crate::generate::Rng;

/// What a disk writes at once.
const PAGE: u64 = 4096;

type Names = BTreeMap<Inode, BTreeMap<String, Inode>>;

/// Names and lengths: `durable` is certain, `now` is what the process saw, `pending` leads from one to the other.
pub(super) struct Disk {
    root: Inode,
    durable: Names,
    now: Names,
    pending: Vec<Change>,
    changes: u64,
    /// Changes that were made when a sync of a directory began, by its token.
    begun: HashMap<u64, u64>,
    synced: HashMap<Inode, u64>,
}

/// One atomic change of names; a rename removes and makes.
#[derive(Debug, Clone)]
struct Change {
    number: u64,
    removed: Option<Place>,
    made: Option<(Place, Inode)>,
}

/// What was not there any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lost {
    pub bytes: u64,
    /// Changes of names that were undone.
    pub names: usize,
}

impl Disk {
    /// Everything that is there, as durable.
    pub(super) fn scan(root: &Path) -> io::Result<Disk> {
        let mut names = Names::new();
        let mut synced = HashMap::new();
        let mut directories = vec![root.to_owned()];
        while let Some(directory) = directories.pop() {
            let children = names.entry(fs::metadata(&directory)?.ino()).or_default();
            for entry in fs::read_dir(&directory)? {
                let entry = entry?;
                let status = entry.metadata()?;
                children.insert(
                    entry.file_name().to_string_lossy().into_owned(),
                    status.ino(),
                );
                if status.is_dir() {
                    directories.push(entry.path());
                } else {
                    synced.insert(status.ino(), status.len());
                }
            }
        }
        Ok(Disk {
            root: fs::metadata(root)?.ino(),
            durable: names.clone(),
            now: names,
            pending: Vec::new(),
            changes: 0,
            begun: HashMap::new(),
            synced,
        })
    }

    pub(super) fn apply(&mut self, event: Event) {
        match event {
            Event::Synced { inode, length } => {
                self.synced.insert(inode, length);
            }
            Event::Emptied { inode } => {
                self.synced.insert(inode, 0);
            }
            Event::DirectorySyncBegins { token } => {
                self.begun.insert(token, self.changes);
            }
            Event::DirectorySynced { directory, token } => self.sync_names(directory, token),
            Event::Made { place, inode } => {
                self.synced.entry(inode).or_insert(0);
                self.change(None, Some((place, inode)));
            }
            Event::Removed { place } => self.change(Some(place), None),
            Event::Renamed { from, to } => {
                // A file that was made unseen (by fopen) stays unseen under its new name.
                let inode = self
                    .now
                    .get(&from.0)
                    .and_then(|names| names.get(&from.1))
                    .copied();
                self.change(Some(from), inode.map(|inode| (to, inode)));
            }
        }
    }

    fn change(&mut self, removed: Option<Place>, made: Option<(Place, Inode)>) {
        let change = Change {
            number: self.changes,
            removed,
            made,
        };
        self.changes += 1;
        change.apply(&mut self.now);
        self.pending.push(change);
    }

    fn sync_names(&mut self, directory: Inode, token: u64) {
        let before = self.begun.remove(&token).unwrap_or(0);
        let durable = &mut self.durable;
        self.pending.retain(|change| {
            let now_durable = change.number < before && change.touches(directory);
            if now_durable {
                change.apply(durable);
            }
            !now_durable
        });
    }

    /// Rebuilds `root` beside itself from what lives there and under `keep`, then takes its place.
    pub(super) fn lose(
        mut self,
        root: &Path,
        keep: &Path,
        loss: Loss,
        rng: &mut Rng,
    ) -> io::Result<Lost> {
        let survivors = match loss {
            Loss::Exact => 0,
            Loss::Torn | Loss::Zeroed | Loss::Holed => rng.below(self.pending.len() + 1),
        };
        for change in &self.pending[..survivors] {
            change.apply(&mut self.durable);
        }
        let mut files = HashMap::new();
        find_files(root, &mut files)?;
        find_files(keep, &mut files)?;
        let after = root.with_extension("after-power-loss");
        let mut lost = Lost {
            bytes: 0,
            names: self.pending.len() - survivors,
        };
        self.build(self.root, &after, &files, loss, rng, &mut lost)?;
        fs::remove_dir_all(root)?;
        fs::rename(&after, root)?;
        Ok(lost)
    }

    fn build(
        &self,
        directory: Inode,
        at: &Path,
        files: &HashMap<Inode, PathBuf>,
        loss: Loss,
        rng: &mut Rng,
        lost: &mut Lost,
    ) -> io::Result<()> {
        fs::create_dir(at)?;
        for (name, inode) in self.durable.get(&directory).into_iter().flatten() {
            let to = at.join(name);
            // Neither a file nor a directory: a socket, of which nothing stays.
            if let Some(from) = files.get(inode) {
                fs::hard_link(from, &to)?;
                lost.bytes += cut(&to, self.synced.get(inode).copied().unwrap_or(0), loss, rng)?;
            } else if self.now.contains_key(inode) || self.durable.contains_key(inode) {
                self.build(*inode, &to, files, loss, rng, lost)?;
            }
        }
        Ok(())
    }
}

impl Change {
    fn touches(&self, directory: Inode) -> bool {
        let removed = self.removed.as_ref().map(|place| place.0);
        let made = self.made.as_ref().map(|(place, _)| place.0);
        removed == Some(directory) || made == Some(directory)
    }

    fn apply(&self, names: &mut Names) {
        if let Some((directory, name)) = &self.removed
            && let Some(children) = names.get_mut(directory)
        {
            children.remove(name);
        }
        if let Some(((directory, name), inode)) = &self.made {
            names
                .entry(*directory)
                .or_default()
                .insert(name.clone(), *inode);
        }
    }
}

fn find_files(directory: &Path, files: &mut HashMap<Inode, PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let status = entry.metadata()?;
        if status.is_dir() {
            find_files(&entry.path(), files)?;
        } else if status.is_file() {
            files.insert(status.ino(), entry.path());
        }
    }
    Ok(())
}

/// Takes the unsynced tail away, and says how many bytes of data were lost.
fn cut(file: &Path, synced: u64, loss: Loss, rng: &mut Rng) -> io::Result<u64> {
    let length = fs::metadata(file)?.len();
    let unsynced = length.saturating_sub(synced);
    if unsynced == 0 {
        return Ok(0);
    }
    let kept = match loss {
        Loss::Exact => 0,
        Loss::Torn | Loss::Zeroed | Loss::Holed => rng.below(unsynced as usize + 1) as u64,
    };
    let open: File = OpenOptions::new().write(true).open(file)?;
    open.set_len(synced + kept)?;
    Ok(match loss {
        Loss::Exact | Loss::Torn => unsynced - kept,
        Loss::Zeroed => {
            open.write_all_at(&vec![0; kept as usize], synced)?;
            unsynced
        }
        Loss::Holed => unsynced - kept + punch(&open, synced, synced + kept, rng)?,
    })
}

/// Zeros in one of three pages of this part of a file; answers how many bytes that is.
fn punch(file: &File, from: u64, to: u64, rng: &mut Rng) -> io::Result<u64> {
    let mut zeros = 0;
    let mut at = from;
    while at < to {
        let end = to.min((at / PAGE + 1) * PAGE);
        if rng.below(3) == 0 {
            file.write_all_at(&vec![0; (end - at) as usize], at)?;
            zeros += end - at;
        }
        at = end;
    }
    Ok(zeros)
}
