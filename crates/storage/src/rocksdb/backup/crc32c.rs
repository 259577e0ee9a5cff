//! CRC-32C (Castagnoli), which RocksDB keeps of each file of a backup. Eight bytes a step, without special instructions.

const POLYNOMIAL: u32 = 0x82f6_3b78;

/// `TABLES[n][byte]`: what `byte` does to the sum when `n` more bytes follow it.
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = (sum >> 1) ^ if sum & 1 == 1 { POLYNOMIAL } else { 0 };
            bit += 1;
        }
        tables[0][byte] = sum;
        byte += 1;
    }
    let mut further = 1;
    while further < 8 {
        let mut byte = 0;
        while byte < 256 {
            let sum = tables[further - 1][byte];
            tables[further][byte] = (sum >> 8) ^ tables[0][(sum & 0xff) as usize];
            byte += 1;
        }
        further += 1;
    }
    tables
}

/// The sum of some bytes followed by `more`; `sum` is that of the bytes before, 0 for none.
pub(super) fn extend(sum: u32, more: &[u8]) -> u32 {
    let mut sum = !sum;
    let (words, rest) = more.as_chunks::<8>();
    for word in words {
        let mixed = u64::from_le_bytes(*word) ^ u64::from(sum);
        sum = mixed
            .to_le_bytes()
            .iter()
            .zip(TABLES.iter().rev())
            .fold(0, |sum, (&byte, table)| sum ^ table[usize::from(byte)]);
    }
    for &byte in rest {
        sum = (sum >> 8) ^ TABLES[0][usize::from(byte ^ sum.to_le_bytes()[0])];
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::extend;

    #[test]
    fn sums_are_those_of_rfc_3720() {
        assert_eq!(extend(0, b""), 0);
        assert_eq!(extend(0, b"123456789"), 0xe306_9283);
        assert_eq!(extend(0, &[0; 32]), 0x8a91_36aa);
        assert_eq!(extend(0, &[0xff; 32]), 0x62a8_ab43);
        let rising: Vec<u8> = (0..32).collect();
        assert_eq!(extend(0, &rising), 0x46dd_794e);
    }

    #[test]
    fn a_sum_goes_on_anywhere() {
        let bytes: Vec<u8> = (0..=255).collect();
        let whole = extend(0, &bytes);
        for at in 0..bytes.len() {
            let (first, second) = bytes.split_at(at);
            assert_eq!(extend(extend(0, first), second), whole, "cut at {at}");
        }
    }
}
