//! `tessera config check`.

use crate::config::{Loaded, in_force};

pub(super) fn check(loaded: &Loaded) -> Result<(), String> {
    let file = match &loaded.file {
        Some(file) => format!("# file: {}\n", file.display()),
        None => "# no file\n".to_owned(),
    };
    super::print(&(file + &in_force(&loaded.config, |path| loaded.origin(path))))
}
