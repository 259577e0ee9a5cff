//! From the bytes of a `cmi5.xml` to a structure, or to everything that is wrong with it.

use roxmltree::{Document, ParsingOptions};
use xapi::Violation;

use super::fault::{Fault, Found};
use super::structure::Structure;
use super::{Limits, bounds, decode, read, requirement, rules, validate};

/// Reads and judges a document. The warnings go with a structure that is accepted.
///
/// The schema judges the text as it is written; what it accepts is trimmed (13.1.0.0-1). A document type without
/// declarations is passed over and never fetched. Lost are comments, processing instructions and indentation outside
/// of foreign elements, markup and attributes of `launchParameters` and `entitlementKey` (a warning tells of markup),
/// and `xsi:` attributes of `url`, `objective` and what holds no extensions.
///
/// # Errors
///
/// Every fault at once, in document order, the package aside. Broken encoding, broken XML and broken limits of the
/// markup hide the faults behind them.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<(Structure, Vec<Fault>), Vec<Fault>> {
    let length = bounds::at_most(bytes.len(), limits.bytes_max, "bytes");
    length.map_err(|violation| vec![Fault::of_document(*violation, "", 0)])?;
    let text =
        decode::decode(bytes).map_err(|violation| vec![Fault::of_document(*violation, "", 0)])?;
    bounds::check(&text, limits)
        .map_err(|(at, violation)| vec![Fault::of_document(*violation, &text, at)])?;
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(&text, options)
        .map_err(|error| vec![not_well_formed(&error)])?;

    let mut faults = Found::new(limits.faults_max);
    let seen = validate::validate(&document, limits, &mut faults);
    rules::check(&seen, limits, &mut faults);
    if !faults.is_empty() {
        return Err(faults.finish(&text));
    }
    let mut warnings = Found::new(limits.faults_max);
    rules::warn(&seen, &mut warnings);
    Ok((
        read::structure(document.root_element()),
        warnings.finish(&text),
    ))
}

fn not_well_formed(error: &roxmltree::Error) -> Fault {
    let violation = Violation::new(requirement::SCHEMA, "", "well-formed XML", "broken XML");
    let at = error.pos();
    let position = super::Position {
        line: usize::try_from(at.row).unwrap_or(1),
        column: usize::try_from(at.col).unwrap_or(1),
    };
    Fault {
        violation: violation.with_detail(error.to_string()),
        position: Some(position),
    }
}
