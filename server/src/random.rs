//! Randomness of the system, which nobody foresees.

/// So many random bytes.
///
/// # Panics
/// Where the system has none: nothing that the relay does would be safe then.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    bytes
}
