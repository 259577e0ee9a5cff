//! Names of entries: UTF-8 whether or not the entry says so, else code page 437, which is what the format began with.

/// The characters of the bytes 128 to 255.
const CODE_PAGE_437: &str = "\
ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// `None`: it says that it is UTF-8 and is not.
pub(super) fn decode(raw: &[u8], says_utf8: bool) -> Option<String> {
    match std::str::from_utf8(raw) {
        Ok(name) => Some(name.to_owned()),
        Err(_) if says_utf8 => None,
        Err(_) => Some(raw.iter().map(|byte| code_page_437(*byte)).collect()),
    }
}

fn code_page_437(byte: u8) -> char {
    match byte.checked_sub(128) {
        None => char::from(byte),
        Some(high) => CODE_PAGE_437
            .chars()
            .nth(usize::from(high))
            .unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_utf8_or_of_the_old_code_page() {
        assert_eq!(CODE_PAGE_437.chars().count(), 128);
        assert_eq!(decode("ü".as_bytes(), true).as_deref(), Some("ü"));
        assert_eq!(decode("ü".as_bytes(), false).as_deref(), Some("ü"));
        assert_eq!(
            decode(b"\x81\x9a\xe1.html", false).as_deref(),
            Some("üÜß.html")
        );
        assert_eq!(decode(b"\x81", true), None);
    }
}
