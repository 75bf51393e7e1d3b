//! Passwords: hashed with argon2id, compared in constant time, with equal work for people who do not exist.

pub mod rules;

use argon2::password_hash::{Output, PasswordHash, SaltString};
use argon2::{Algorithm, Argon2, Block, Params, Version};

pub use rules::{AllowedPassword, MOST_BYTES, Owner, PasswordError};

use crate::random::random;

/// Bytes of a salt.
const SALT_BYTES: usize = 16;
/// Bytes of a hash.
const HASH_BYTES: usize = 32;

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
    pub fn of(password: &AllowedPassword) -> Self {
        Self::of_in(&mut Workspace::default(), password)
    }

    /// The same in a buffer that is used again.
    pub fn of_in(workspace: &mut Workspace, password: &AllowedPassword) -> Self {
        let salt: [u8; SALT_BYTES] = random();
        let mut hash = [0; HASH_BYTES];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters())
            .hash_password_into_with_memory(
                password.as_str().as_bytes(),
                &salt,
                &mut hash,
                workspace.blocks(),
            )
            .expect("the parameters are valid");
        Self::written(&salt, &hash)
    }

    /// A digest in PHC form.
    fn written(salt: &[u8], hash: &[u8]) -> Self {
        let salt = SaltString::encode_b64(salt).expect("16 bytes are a salt");
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: (&parameters()).try_into().expect("the parameters can be written"),
            salt: Some(salt.as_salt()),
            hash: Some(Output::new(hash).expect("32 bytes are a hash")),
        };
        Self(hash.to_string())
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
        self.matches_in(&mut Workspace::default(), password)
    }

    /// The same in a buffer that is used again.
    pub fn matches_in(&self, workspace: &mut Workspace, password: &str) -> bool {
        // A stored digest that cannot be read fits no password.
        password.len() <= MOST_BYTES && self.fits(workspace, password).unwrap_or(false)
    }

    fn fits(&self, workspace: &mut Workspace, password: &str) -> Option<bool> {
        let stored = PasswordHash::new(&self.0).ok()?;
        let (expected, mut salt) = (stored.hash?, [0; 64]);
        let salt = stored.salt?.decode_b64(&mut salt).ok()?;
        let algorithm = Algorithm::try_from(stored.algorithm).ok()?;
        let version = Version::try_from(stored.version?).ok()?;
        let parameters = Params::try_from(&stored).ok()?;
        let mut hash = [0; Output::MAX_LENGTH];
        let hash = hash.get_mut(..expected.len())?;
        // One that asks for more than the buffer was not made here, and is an error of this call.
        Argon2::new(algorithm, version, parameters)
            .hash_password_into_with_memory(password.as_bytes(), salt, hash, workspace.blocks())
            .ok()?;
        // In constant time.
        Some(Output::new(hash).ok()? == expected)
    }

    /// A digest that fits no password anyone knows: checked in place of an unknown person's, so that an
    /// answer's time does not tell who exists.
    pub fn of_nobody() -> Self {
        Self::written(&random::<SALT_BYTES>(), &random::<HASH_BYTES>())
    }
}

/// The buffer that hashing takes: 19 MiB from the first use on.
#[derive(Default)]
pub struct Workspace(Vec<Block>);

impl std::fmt::Debug for Workspace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Workspace({} KiB)", self.0.len())
    }
}

impl Workspace {
    /// Whether it takes no memory.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives the memory back.
    pub fn give_back(&mut self) {
        self.0 = Vec::new();
    }

    fn blocks(&mut self) -> &mut [Block] {
        self.0.resize(parameters().block_count(), Block::default());
        &mut self.0
    }
}

/// 19 MiB, two passes, one lane: the least that OWASP's password storage sheet advises for argon2id.
fn parameters() -> Params {
    Params::new(19 * 1024, 2, 1, None).expect("the parameters are within argon2's bounds")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest_of(password: &str) -> PasswordDigest {
        PasswordDigest::of(&allowed(password))
    }

    fn allowed(password: &str) -> AllowedPassword {
        let user = "uji".parse().unwrap();
        AllowedPassword::new(password.to_owned(), Owner { user: &user, name: "" }).unwrap()
    }

    #[test]
    fn only_the_right_password_matches() {
        let digest = digest_of("Perahu-Pagi-07");
        let stored = PasswordDigest::from_stored(digest.as_str().to_owned());
        assert!(stored.matches("Perahu-Pagi-07"));
        assert!(!stored.matches("perahu-pagi-07"));
        assert!(!stored.matches(""));
    }

    #[test]
    fn one_buffer_serves_all_and_is_given_back() {
        let mut workspace = Workspace::default();
        let digests: Vec<_> = ["Perahu-Pagi-07", "Perahu-Pagi-08"]
            .map(|password| PasswordDigest::of_in(&mut workspace, &allowed(password)))
            .into();
        assert!(digests[0].matches_in(&mut workspace, "Perahu-Pagi-07"));
        assert!(digests[1].matches("Perahu-Pagi-08"), "a buffer that was used before makes no other hash");
        assert!(!digests[1].matches_in(&mut workspace, "Perahu-Pagi-07"));
        assert!(!workspace.is_empty());
        workspace.give_back();
        assert!(workspace.is_empty());
    }

    #[test]
    fn digest_that_another_program_made_is_read() {
        let foreign = "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$";
        assert!(!PasswordDigest::from_stored(foreign.to_owned()).matches("Perahu-Pagi-07"));
        // More memory than the buffer has.
        let large = PasswordDigest::of_nobody().as_str().replace("m=19456", "m=65536");
        assert!(!PasswordDigest::from_stored(large).matches("Perahu-Pagi-07"));
    }

    #[test]
    fn nobodys_digest_fits_nothing_and_has_the_parameters_of_all() {
        let (nobody, some) = (PasswordDigest::of_nobody(), digest_of("Perahu-Pagi-07"));
        let head = |digest: &PasswordDigest| digest.as_str().split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!((head(&nobody), nobody.as_str().len()), (head(&some), some.as_str().len()));
        assert!(!nobody.matches("Perahu-Pagi-07"));
    }

    #[test]
    fn same_password_is_stored_differently_each_time() {
        assert_ne!(digest_of("Perahu-Pagi-07"), digest_of("Perahu-Pagi-07"));
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
