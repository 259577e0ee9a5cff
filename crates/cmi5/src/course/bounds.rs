//! Looks through the markup before it is parsed: depth, number of elements and attributes, document types. One pass
//! that remembers only the open elements, so that no document costs more than its length.
//!
//! Markup that is not well-formed ends the look silently: the parser sees it at the same place.

use xapi::Violation;

use super::requirement;
use super::{DEPTH_MAX, Limits};

/// The parser compares every name of an element with every namespace and attribute that it may be: so many times at
/// most, for all elements together. A document with 400,000 elements of 3 attributes and 5 namespaces needs 15 million.
const WORK_MAX: usize = 30_000_000;

/// The first bound that is broken, with its offset.
pub(super) fn check(text: &str, limits: &Limits) -> Result<(), (usize, Box<Violation>)> {
    let mut look = Look {
        text,
        limits,
        elements: 0,
        namespaces: Vec::new(),
        work: 0,
    };
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('<')) {
        let start = at + found;
        match look.markup(start).map_err(|violation| (start, violation))? {
            Some(end) => at = end,
            None => break,
        }
    }
    Ok(())
}

struct Look<'a> {
    text: &'a str,
    limits: &'a Limits,
    elements: usize,
    /// For each open element, how many namespaces are declared in it and around it.
    namespaces: Vec<usize>,
    work: usize,
}

impl Look<'_> {
    /// Where the markup that starts here ends; `None` when it does not.
    fn markup(&mut self, start: usize) -> Result<Option<usize>, Box<Violation>> {
        let rest = self.text.get(start..).unwrap_or_default();
        let until = |opening: usize, end: &str| {
            let found = rest.get(opening..)?.find(end)?;
            Some(start + opening + found + end.len())
        };
        if rest.starts_with("<!--") {
            Ok(until(4, "-->"))
        } else if rest.starts_with("<![CDATA[") {
            Ok(until(9, "]]>"))
        } else if rest.starts_with("<?") {
            Ok(until(2, "?>"))
        } else if rest.starts_with("</") {
            self.namespaces.pop();
            Ok(until(2, ">"))
        } else {
            let Some(tag) = Tag::read(rest) else {
                return Ok(None);
            };
            if rest.starts_with("<!") {
                self.document_type(&tag)?;
            } else {
                self.element(&tag)?;
            }
            Ok(Some(start + tag.length))
        }
    }

    /// A document type that is only named is nothing to us. Declarations inside could be entities, and are refused
    /// without being read.
    fn document_type(&self, tag: &Tag) -> Result<(), Box<Violation>> {
        if !tag.has_subset {
            return Ok(());
        }
        let violation = Violation::new(
            requirement::SCHEMA,
            "",
            "no declarations inside the document type",
            "`<!DOCTYPE … [`",
        );
        Err(Box::new(
            violation.with_detail("entities are never expanded"),
        ))
    }

    fn element(&mut self, tag: &Tag) -> Result<(), Box<Violation>> {
        self.elements += 1;
        let around = self.namespaces.last().copied().unwrap_or_default();
        let namespaces = around + tag.declarations;
        self.work += (1 + tag.attributes) * (1 + namespaces + tag.attributes);
        at_most(self.namespaces.len() + 1, DEPTH_MAX, "levels of elements")?;
        at_most(self.elements, self.limits.elements_max, "elements")?;
        let attributes_max = self.limits.attributes_max;
        at_most(tag.attributes, attributes_max, "attributes of an element")?;
        at_most(self.work, WORK_MAX, "attributes among namespaces")?;
        if !tag.is_empty {
            self.namespaces.push(namespaces);
        }
        Ok(())
    }
}

pub(super) fn at_most(count: usize, max: usize, what: &str) -> Result<(), Box<Violation>> {
    if count <= max {
        return Ok(());
    }
    let expected = format!("at most {max} {what}");
    Err(Box::new(Violation::new(
        requirement::LIMIT,
        "",
        expected,
        "more",
    )))
}

/// What lies between `<` and the `>` that no quotes hide.
struct Tag {
    length: usize,
    attributes: usize,
    /// Attributes that declare a namespace, or rather more.
    declarations: usize,
    /// `<a/>`
    is_empty: bool,
    /// There is a `[` outside quotes.
    has_subset: bool,
}

impl Tag {
    fn read(rest: &str) -> Option<Tag> {
        let (mut attributes, mut quote, mut before) = (0, None, b'<');
        for (at, byte) in rest.bytes().enumerate().skip(1) {
            match (quote, byte) {
                (Some(open), _) if open == byte => {
                    quote = None;
                    attributes += 1;
                }
                (Some(_), _) => {}
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'>' | b'[') => {
                    return Some(Tag {
                        length: at + 1,
                        attributes,
                        declarations: rest.get(..at)?.matches("xmlns").count(),
                        is_empty: before == b'/',
                        has_subset: byte == b'[',
                    });
                }
                (None, _) => {}
            }
            before = byte;
        }
        None
    }
}
