//! Launches read before. A launch changes hardly ever, and its session says which version of it counts.

use std::num::NonZeroUsize;
use std::sync::Arc;

use cmi5::Launch;
use lru::LruCache;
use parking_lot::Mutex;
use storage::{FactKey, Tenant};

use super::{decode, keys, records};
use crate::{Error, Lrs};

const REMEMBERED_MAX: usize = 5_000;

type Versioned = (u64, Arc<Launch>);

/// Launches by tenant and session id.
pub struct Launches(Mutex<LruCache<(Tenant, String), Versioned>>);

impl Default for Launches {
    fn default() -> Self {
        let size = NonZeroUsize::new(REMEMBERED_MAX).expect("the constant is above 0");
        Self(Mutex::new(LruCache::new(size)))
    }
}

impl Launches {
    /// The launch of a session in the version that the session names, or a newer one: then the session has been read
    /// before it changed, and what is decided on it will be stale.
    pub(super) fn read(
        &self,
        lrs: &Lrs,
        tenant: Tenant,
        id: &str,
        version: u64,
    ) -> Result<Arc<Launch>, Error> {
        let place = (tenant, id.to_owned());
        if let Some((known, launch)) = self.0.lock().get(&place)
            && *known == version
        {
            return Ok(Arc::clone(launch));
        }
        let found = records(lrs, tenant, &[FactKey::Record(keys::launch(id))])?;
        let record = found
            .into_iter()
            .next()
            .flatten()
            .ok_or_else(|| Error::damaged("launch", id, "a session without its launch"))?;
        let launch: Arc<Launch> = Arc::new(decode(&record, "launch", id)?);
        let versioned = (record.version, Arc::clone(&launch));
        self.0.lock().put(place, versioned);
        Ok(launch)
    }
}
