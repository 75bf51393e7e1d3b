//! Passwords: hashed with argon2id, compared in constant time, with equal work for people who do not exist.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

/// Characters that a password has at least, as BSSN's web standard asks (regulation 4/2021).
pub const LEAST_CHARACTERS: usize = 12;
/// Bytes that a password has at most, so that nobody makes the relay hash megabytes.
pub const MOST_BYTES: usize = 1024;

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Shorter than [`LEAST_CHARACTERS`].
    #[error("a password needs at least {LEAST_CHARACTERS} characters")]
    TooShort,
    /// Longer than [`MOST_BYTES`].
    #[error("a password has at most {MOST_BYTES} bytes")]
    TooLong,
}

/// A password's hash in PHC form, with its salt and parameters, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordDigest(String);

impl std::fmt::Debug for PasswordDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordDigest(hidden)")
    }
}

impl PasswordDigest {
    /// Hashes a new password. Takes tens of milliseconds of one core and 19 MiB.
    ///
    /// # Errors
    /// When the password is too short or too long.
    pub fn of(password: &str) -> Result<Self, PasswordError> {
        if password.chars().count() < LEAST_CHARACTERS {
            return Err(PasswordError::TooShort);
        }
        if password.len() > MOST_BYTES {
            return Err(PasswordError::TooLong);
        }
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).expect("the system has random numbers");
        let salt = SaltString::encode_b64(&salt).expect("16 bytes are a salt");
        let hash = hasher().hash_password(password.as_bytes(), &salt).expect("the parameters are valid");
        Ok(Self(hash.to_string()))
    }

    /// The digest as the store keeps it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A digest as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Whether this is the password. Takes as long as hashing.
    pub fn matches(&self, password: &str) -> bool {
        if password.len() > MOST_BYTES {
            return false;
        }
        // A stored digest that cannot be read fits no password.
        let Ok(hash) = PasswordHash::new(&self.0) else { return false };
        hasher().verify_password(password.as_bytes(), &hash).is_ok()
    }

    /// A digest that fits no password anyone knows: checked in place of an unknown person's, so that an
    /// answer's time does not tell who exists.
    pub fn of_nobody() -> Self {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).expect("the system has random numbers");
        Self::of(&hex::encode(secret)).expect("64 characters are enough")
    }
}

/// Argon2id with 19 MiB, two passes, one lane: the least that OWASP's password storage sheet advises,
/// so that two at once fit on the smallest server.
fn hasher() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("the parameters are within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_matches() {
        let digest = PasswordDigest::of("Perahu-Pagi-07").unwrap();
        let stored = PasswordDigest::from_stored(digest.as_str().to_owned());
        assert!(stored.matches("Perahu-Pagi-07"));
        assert!(!stored.matches("perahu-pagi-07"));
        assert!(!stored.matches(""));
    }

    #[test]
    fn same_password_is_stored_differently_each_time() {
        assert_ne!(PasswordDigest::of("Perahu-Pagi-07"), PasswordDigest::of("Perahu-Pagi-07"));
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert_eq!(PasswordDigest::of("Pendek-07"), Err(PasswordError::TooShort));
        assert_eq!(PasswordDigest::of(&"p".repeat(MOST_BYTES + 1)), Err(PasswordError::TooLong));
    }

    #[test]
    fn unreadable_digest_matches_nothing() {
        assert!(!PasswordDigest::from_stored("plain".to_owned()).matches("plain"));
    }

    #[test]
    fn digest_hides_itself_in_logs() {
        assert_eq!(format!("{:?}", PasswordDigest::from_stored("x".to_owned())), "PasswordDigest(hidden)");
    }
}
