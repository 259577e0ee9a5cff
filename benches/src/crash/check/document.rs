//! Documents after the restart: as the last acknowledged write left them, or the one in flight.

use serde_json::Value;

use super::{Reader, Unread, parse, unexpected};
use crate::crash::document::Document;

impl Reader {
    /// Whether the document was ever written.
    pub(super) fn document(&mut self, document: &mut Document) -> bool {
        let content = match self.content(document) {
            Ok(content) => content,
            Err(Unread(why)) => {
                self.findings.refused.push(format!("{}: {why}", self.place));
                return true;
            }
        };
        let writes = document.writes_in(content.as_ref());
        let what = format!("{}: document {document:?}", self.place);
        match writes {
            None => self.findings.half.push(format!("{what} is garbled")),
            Some(n) if n < document.acknowledged => {
                self.findings.lost.push(format!("{what} has {n} writes"));
            }
            Some(n) => {
                self.in_flight_found += usize::from(n > document.acknowledged);
                document.acknowledged = n;
                document.sent = n;
            }
        }
        document.acknowledged > 0
    }

    fn content(&self, document: &Document) -> Result<Option<Value>, Unread> {
        let answer = self.get(document.resource.path(), &document.query())?;
        match answer.status {
            200 => parse(&answer).map(Some),
            404 => Ok(None),
            _ => Err(unexpected(&answer)),
        }
    }
}
