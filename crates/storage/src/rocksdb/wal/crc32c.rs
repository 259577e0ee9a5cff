//! CRC-32C as RocksDB's logs have it: over the type and the content of a record, and masked.

/// `TABLES[0]` is the usual table; the others are for eight bytes at a time.
static TABLES: [[u32; 256]; 8] = tables();

const POLYNOMIAL: u32 = 0x82f6_3b78;
const MASK: u32 = 0xa282_ead8;

pub(super) fn masked(kind: u8, content: &[u8]) -> u32 {
    let crc = !extend(extend(!0, &[kind]), content);
    crc.rotate_right(15).wrapping_add(MASK)
}

fn extend(mut crc: u32, bytes: &[u8]) -> u32 {
    let mut eights = bytes.chunks_exact(8);
    for eight in &mut eights {
        let mut next = 0;
        for (at, byte) in eight.iter().enumerate() {
            let mixed = if at < 4 {
                byte ^ crc.to_le_bytes()[at]
            } else {
                *byte
            };
            next ^= TABLES[7 - at][usize::from(mixed)];
        }
        crc = next;
    }
    for byte in eights.remainder() {
        let [low, ..] = crc.to_le_bytes();
        crc = TABLES[0][usize::from(low ^ byte)] ^ (crc >> 8);
    }
    crc
}

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ POLYNOMIAL
            } else {
                crc >> 1
            };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut byte = 0;
    while byte < 256 {
        let mut table = 1;
        while table < 8 {
            let before: u32 = tables[table - 1][byte];
            tables[table][byte] = tables[0][(before & 0xff) as usize] ^ (before >> 8);
            table += 1;
        }
        byte += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3720, B.4.
    #[test]
    fn it_is_crc_32c() {
        assert_eq!(!extend(!0, &[0; 32]), 0x8a91_36aa);
        let rising: Vec<u8> = (0..32).collect();
        assert_eq!(!extend(!0, &rising), 0x46dd_794e);
        assert_eq!(!extend(!0, b"123456789"), 0xe306_9283);
    }
}
