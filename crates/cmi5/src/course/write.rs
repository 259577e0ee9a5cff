//! Writes a structure as `cmi5.xml`: what the schema accepts and `parse` reads back as the same structure.

use std::collections::BTreeMap;

use super::NAMESPACE;
use super::foreign::XML_PREFIX;
use super::structure::{
    Au, Block, Extension, ForeignAttribute, Node, Objective, Objectives, References, Structure,
    Text,
};

/// The whole document, in UTF-8, without a byte order mark. Defaults are written out.
#[must_use]
pub fn write(structure: &Structure) -> String {
    let mut writer = Writer {
        xml: String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"),
        depth: 0,
    };
    let namespace = [("xmlns", NAMESPACE)];
    writer.open(
        "courseStructure",
        &namespace,
        &structure.extension.attributes,
    );
    let id = [("id", &*structure.id)];
    writer.open("course", &id, &structure.course_extension.attributes);
    writer.text("title", &structure.title);
    writer.text("description", &structure.description);
    writer.close("course", &structure.course_extension);
    if let Some(objectives) = &structure.objectives {
        writer.objectives(objectives);
    }
    writer.nodes(&structure.children);
    writer.close("courseStructure", &structure.extension);
    writer.xml
}

struct Writer {
    xml: String,
    depth: usize,
}

impl Writer {
    /// Recursion as deep as blocks nest.
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Au(au) => self.au(au),
                Node::Block(block) => self.block(block),
            }
        }
    }

    fn block(&mut self, block: &Block) {
        self.open("block", &[("id", &*block.id)], &block.extension.attributes);
        self.text("title", &block.title);
        self.text("description", &block.description);
        self.references(block.objectives.as_ref());
        self.nodes(&block.children);
        self.close("block", &block.extension);
    }

    fn au(&mut self, au: &Au) {
        let mut attributes = vec![
            ("id", &*au.id),
            ("launchMethod", au.launch_method.as_str()),
            ("moveOn", au.move_on.as_str()),
        ];
        attributes.extend(
            au.mastery_score
                .as_deref()
                .map(|score| ("masteryScore", score)),
        );
        attributes.extend(au.activity_type.as_deref().map(|iri| ("activityType", iri)));
        self.open("au", &attributes, &au.extension.attributes);
        self.text("title", &au.title);
        self.text("description", &au.description);
        self.references(au.objectives.as_ref());
        self.leaf("url", &[], &[], &au.url);
        if let Some(parameters) = &au.launch_parameters {
            self.leaf("launchParameters", &[], &[], parameters);
        }
        if let Some(key) = &au.entitlement_key {
            self.leaf("entitlementKey", &[], &[], key);
        }
        self.close("au", &au.extension);
    }

    fn objectives(&mut self, objectives: &Objectives) {
        self.open("objectives", &[], &objectives.extension.attributes);
        for Objective {
            id,
            title,
            description,
        } in &objectives.items
        {
            self.open("objective", &[("id", id)], &[]);
            self.text("title", title);
            self.text("description", description);
            self.close("objective", &Extension::default());
        }
        self.close("objectives", &objectives.extension);
    }

    fn references(&mut self, references: Option<&References>) {
        let Some(references) = references else {
            return;
        };
        self.open("objectives", &[], &references.extension.attributes);
        for id in &references.ids {
            self.leaf("objective", &[("idref", id)], &[], "");
        }
        if references.ids.is_empty() {
            self.leaf("objective", &[], &[], "");
        }
        self.close("objectives", &references.extension);
    }

    fn text(&mut self, name: &str, text: &Text) {
        self.open(name, &[], &text.extension.attributes);
        for string in &text.strings {
            let lang = [("lang", &*string.lang)];
            let own = if string.lang.is_empty() {
                &[]
            } else {
                &lang[..]
            };
            self.leaf("langstring", own, &string.attributes, &string.text);
        }
        self.close(name, &text.extension);
    }

    fn open(&mut self, name: &str, own: &[(&str, &str)], foreign: &[ForeignAttribute]) {
        self.tag(name, own, foreign);
        self.xml.push_str(">\n");
        self.depth += 1;
    }

    /// Elements of other namespaces come last everywhere.
    fn close(&mut self, name: &str, extension: &Extension) {
        for element in &extension.elements {
            self.indent();
            self.xml.push_str(element);
            self.xml.push('\n');
        }
        self.depth = self.depth.saturating_sub(1);
        self.indent();
        self.xml.push_str(&format!("</{name}>\n"));
    }

    fn leaf(&mut self, name: &str, own: &[(&str, &str)], foreign: &[ForeignAttribute], text: &str) {
        self.tag(name, own, foreign);
        if text.is_empty() {
            self.xml.push_str("/>\n");
        } else {
            let text = escape_text(text);
            self.xml.push_str(&format!(">{text}</{name}>\n"));
        }
    }

    fn tag(&mut self, name: &str, own: &[(&str, &str)], foreign: &[ForeignAttribute]) {
        self.indent();
        self.xml.push('<');
        self.xml.push_str(name);
        for (name, value) in own {
            self.attribute(name, value);
        }
        let prefixes: BTreeMap<&str, &str> = foreign
            .iter()
            .map(|attribute| (&*attribute.prefix, &*attribute.namespace))
            .filter(|(prefix, _)| *prefix != XML_PREFIX)
            .collect();
        for (prefix, namespace) in prefixes {
            self.attribute(&format!("xmlns:{prefix}"), namespace);
        }
        for attribute in foreign {
            let name = format!("{}:{}", attribute.prefix, attribute.name);
            self.attribute(&name, &attribute.value);
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        let value = escape_attribute(value);
        self.xml.push_str(&format!(" {name}=\"{value}\""));
    }

    fn indent(&mut self) {
        self.xml.extend(std::iter::repeat_n("  ", self.depth));
    }
}

/// A carriage return would be read as a line feed.
fn escape_text(text: &str) -> String {
    escape(text, |c| matches!(c, '\r'))
}

/// White space in attributes would be read as spaces.
pub(super) fn escape_attribute(value: &str) -> String {
    escape(value, |c| matches!(c, '\r' | '\n' | '\t'))
}

fn escape(text: &str, is_lost: fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars().filter(|c| is_xml(*c)) {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if is_lost(c) => escaped.push_str(&format!("&#{};", u32::from(c))),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Whether XML can hold the character at all. Nothing that `parse` read is anything else.
fn is_xml(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}
