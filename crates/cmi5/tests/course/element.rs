//! A small tree of elements that can be changed and written.

use std::fmt::{self, Display};

pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
pub const TEXTS: &str = "<title><langstring/></title><description><langstring/></description>";

#[derive(Debug, Clone)]
pub struct Element {
    pub name: String,
    /// Values as they stand between double quotes.
    pub attributes: Vec<(String, String)>,
    pub content: Vec<Content>,
}

#[derive(Debug, Clone)]
pub enum Content {
    Element(Element),
    /// Any markup or text, as it is.
    Raw(String),
}

impl Element {
    pub fn new(name: &str, attributes: &[(&str, &str)], content: Vec<Content>) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            name: name.to_owned(),
            attributes: attributes.iter().map(owned).collect(),
            content,
        }
    }

    /// A valid course with one of everything.
    pub fn course() -> Self {
        let block = Self::node("block", "urn:b", vec![references(), Self::au(0)]);
        let outer = Self::node("block", "urn:bb", vec![block.inside(), Self::au(1)]);
        let mut objective = Self::new("objective", &[("id", "urn:o")], texts());
        objective.content.reverse();
        let objectives = Self::new("objectives", &[], vec![objective.inside(), foreign()]);
        let mut course = Self::new("course", &[("id", "urn:c")], texts());
        course.content.push(foreign());
        Self::new(
            "courseStructure",
            &[
                ("xmlns", cmi5::course::NAMESPACE),
                ("xmlns:c", cmi5::course::NAMESPACE),
                ("xmlns:x", "urn:x"),
                ("xmlns:i", XSI),
            ],
            vec![
                course.inside(),
                objectives.inside(),
                outer.inside(),
                Self::au(2),
                foreign(),
            ],
        )
    }

    fn au(n: usize) -> Content {
        let leaf = |name: &str, text: &str| {
            Self::new(name, &[], vec![Content::Raw(text.to_owned())]).inside()
        };
        let mut au = Self::node(
            "au",
            &format!("urn:a{n}"),
            vec![
                references(),
                leaf("url", "a.html"),
                leaf("launchParameters", "p"),
                leaf("entitlementKey", "k"),
                foreign(),
            ],
        );
        for (name, value) in [
            ("moveOn", "Passed"),
            ("masteryScore", "0.5"),
            ("launchMethod", "OwnWindow"),
            ("activityType", "urn:t"),
        ] {
            au.attributes.push((name.to_owned(), value.to_owned()));
        }
        au.inside()
    }

    /// A block or an AU.
    fn node(name: &str, id: &str, more: Vec<Content>) -> Self {
        let mut node = Self::new(name, &[("id", id)], texts());
        node.content.extend(more);
        node
    }

    pub fn inside(self) -> Content {
        Content::Element(self)
    }

    /// This element and all in it.
    pub fn count(&self) -> usize {
        1 + self.elements().map(Element::count).sum::<usize>()
    }

    fn elements(&self) -> impl Iterator<Item = &Element> {
        self.content.iter().filter_map(|content| match content {
            Content::Element(element) => Some(element),
            Content::Raw(_) => None,
        })
    }

    /// Changes the element with this number in document order, as what its parent holds at a place.
    pub fn change(&mut self, number: usize, change: &dyn Fn(&mut Vec<Content>, usize)) {
        let mut next = 1;
        self.descend(number, &mut next, change);
    }

    fn descend(
        &mut self,
        number: usize,
        next: &mut usize,
        change: &dyn Fn(&mut Vec<Content>, usize),
    ) {
        for at in 0..self.content.len() {
            if let Content::Element(element) = &mut self.content[at] {
                if *next == number {
                    *next += 1;
                    change(&mut self.content, at);
                    return;
                }
                *next += 1;
                element.descend(number, next, change);
                if *next > number {
                    return;
                }
            }
        }
    }
}

fn texts() -> Vec<Content> {
    let text = |name: &str| {
        let string = Element::new(
            "langstring",
            &[("lang", "en")],
            vec![Content::Raw("T".to_owned())],
        );
        Element::new(name, &[], vec![string.inside()]).inside()
    };
    vec![text("title"), text("description")]
}

fn references() -> Content {
    let reference = Element::new("objective", &[("idref", "urn:o")], Vec::new());
    Element::new("objectives", &[], vec![reference.inside()]).inside()
}

fn foreign() -> Content {
    Element::new("x:f", &[("x:g", "1")], Vec::new()).inside()
}

impl Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.name)?;
        for (name, value) in &self.attributes {
            write!(f, " {name}=\"{value}\"")?;
        }
        write!(f, ">")?;
        for content in &self.content {
            match content {
                Content::Element(element) => write!(f, "{element}")?,
                Content::Raw(text) => f.write_str(text)?,
            }
        }
        write!(f, "</{}>", self.name)
    }
}
