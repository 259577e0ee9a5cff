//! Shapes of records that the store itself has to read.

/// A record that grows and never shrinks, whoever writes it in whatever order: what [`crate::Op::Touch`] keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Touched {
    /// The highest number with which it was touched.
    pub highest: u64,
    /// The highest place, or else time, at which it was touched: microseconds since 1970.
    pub at: u64,
}

impl Touched {
    /// The value of the record: 16 bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.highest.to_be_bytes());
        bytes[8..].copy_from_slice(&self.at.to_be_bytes());
        bytes
    }

    /// `None`: not the value of such a record.
    #[must_use]
    pub fn decode(value: &[u8]) -> Option<Touched> {
        let (highest, at) = value.split_first_chunk::<8>()?;
        Some(Touched {
            highest: u64::from_be_bytes(*highest),
            at: u64::from_be_bytes(at.try_into().ok()?),
        })
    }
}
