//! Rows of tables: how the commit writes them with their terms, and how one is read.

use super::Engine;
use super::group::Group;
use super::keys::{self, Family};
use super::values;
use crate::row::{Place, PutRow, Table};
use crate::{Error, Seq, Tenant, Term};

impl Engine {
    pub(crate) fn row(
        &self,
        tenant: Tenant,
        table: Table,
        seq: Seq,
    ) -> Result<Option<Vec<u8>>, Error> {
        let key = keys::row(tenant, table, seq);
        self.read(Family::Rows, &key, |bytes| {
            values::decode_row(bytes).map(|row| row.value.to_vec())
        })
    }
}

impl<'b> Group<'b> {
    pub(super) fn put_row(&mut self, tenant: Tenant, put: &'b PutRow) {
        let seq = match put.place {
            Place::Next => self.take_place(),
            Place::At(seq) => seq,
        };
        let gone = put.replaces.iter().filter(|term| !put.terms.contains(term));
        self.delete_row_terms(tenant, seq, gone.copied());
        let row_terms = self.engine.family(Family::RowTerms);
        // Those under which it stood before are there already.
        let new = put.terms.iter().filter(|term| !put.replaces.contains(term));
        for term in new {
            let key = keys::term(tenant, *term, seq);
            self.write.put_cf(row_terms, key, values::ROW_TERM);
        }
        let key = keys::row(tenant, put.table, seq);
        let rows = self.engine.family(Family::Rows);
        self.write.put_cf(rows, key, values::encode_row(put));
        self.overlay.rows.insert(key, Some(&put.terms));
    }

    pub(super) fn delete_row(
        &mut self,
        tenant: Tenant,
        table: Table,
        seq: Seq,
    ) -> Result<(), Error> {
        let key = keys::row(tenant, table, seq);
        let terms = match self.overlay.rows.get(&key) {
            Some(terms) => terms.map(<[Term]>::to_vec),
            None => self.engine.read(Family::Rows, &key, |bytes| {
                values::decode_row(bytes).map(|row| row.terms().collect())
            })?,
        };
        let Some(terms) = terms else { return Ok(()) };
        self.delete_row_terms(tenant, seq, terms);
        self.write.delete_cf(self.engine.family(Family::Rows), key);
        self.overlay.rows.insert(key, None);
        Ok(())
    }

    fn delete_row_terms(
        &mut self,
        tenant: Tenant,
        seq: Seq,
        terms: impl IntoIterator<Item = Term>,
    ) {
        let row_terms = self.engine.family(Family::RowTerms);
        for term in terms {
            self.write
                .delete_cf(row_terms, keys::term(tenant, term, seq));
        }
    }
}
