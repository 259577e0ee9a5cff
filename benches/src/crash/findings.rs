//! What the harness must not find.

/// What must not be; each line says in which round and what.
#[derive(Debug, Default)]
pub struct Findings {
    /// Acknowledged and not there.
    pub lost: Vec<String>,
    /// Acknowledged writes in stores that did not open.
    pub lost_with_stores: usize,
    /// A part of an atomic write is there.
    pub half: Vec<String>,
    /// There, and not as it was sent.
    pub wrong: Vec<String>,
    /// Correct requests that were not answered well.
    pub refused: Vec<String>,
    /// Stores that did not open.
    pub unopened: Vec<String>,
    /// Servers that did not stop well, and what `tessera verify` found.
    pub unclean: Vec<String>,
}

impl Findings {
    pub fn is_clean(&self) -> bool {
        self.lists().iter().all(|(_, list)| list.is_empty()) && self.lost_with_stores == 0
    }

    pub fn count(&self) -> usize {
        self.lists().iter().map(|(_, list)| list.len()).sum()
    }

    /// The same, each line of what is named.
    pub(super) fn of(self, what: &str) -> Findings {
        let named = |lines: Vec<String>| -> Vec<String> {
            let lines = lines.into_iter();
            lines.map(|line| format!("{what}: {line}")).collect()
        };
        Findings {
            lost: named(self.lost),
            lost_with_stores: self.lost_with_stores,
            half: named(self.half),
            wrong: named(self.wrong),
            refused: named(self.refused),
            unopened: named(self.unopened),
            unclean: named(self.unclean),
        }
    }

    /// Lines that came after there were so many of each list.
    pub(super) fn since(&self, counts: [usize; 6]) -> impl Iterator<Item = String> {
        let lists = self.lists().into_iter().zip(counts);
        lists.flat_map(|((label, list), count)| {
            list.iter()
                .skip(count)
                .map(move |line| format!("{label}: {line}"))
        })
    }

    pub(super) fn counts(&self) -> [usize; 6] {
        self.lists().map(|(_, list)| list.len())
    }

    /// Whether anything that was acknowledged is missing.
    pub fn has_lost(&self) -> bool {
        !self.lost.is_empty() || self.lost_with_stores > 0
    }

    /// All lists with a name for each.
    pub fn lists(&self) -> [(&'static str, &[String]); 6] {
        [
            ("lost", &self.lost),
            ("half there", &self.half),
            ("wrong", &self.wrong),
            ("refused", &self.refused),
            ("not opened", &self.unopened),
            ("not clean", &self.unclean),
        ]
    }

    pub(super) fn extend(&mut self, other: Findings) {
        self.lost.extend(other.lost);
        self.lost_with_stores += other.lost_with_stores;
        self.half.extend(other.half);
        self.wrong.extend(other.wrong);
        self.refused.extend(other.refused);
        self.unopened.extend(other.unopened);
        self.unclean.extend(other.unclean);
    }
}
