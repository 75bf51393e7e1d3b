//! Which passwords are taken: long enough, none of the commonest, and without their owner's name.
//!
//! A password has twelve characters at least, so a list of the commonest as they are (`123456`, `rahasia123`) would refuse
//! next to nothing. What people do is to lengthen one of them: `Rahasia-123456`, `P@ssw0rd2026!`, `qwertyuiop12`. So what
//! remains without digits and signs is looked up, also where signs stand for letters; and runs along the alphabet, the digits
//! or a keyboard, and what is the same over again, are refused by themselves. That is a page of code and words; a strength
//! meter such as zxcvbn would bring half a megabyte of English words to the relay, and no Indonesian ones.

use shared::ids::UserId;

/// Characters that a password has at least, as BSSN's web standard asks (regulation 4/2021).
pub const LEAST_CHARACTERS: usize = 12;
/// Bytes that a password has at most, so that nobody makes the relay hash megabytes.
pub const MOST_BYTES: usize = 1024;

/// Letters from which on a part of a name counts wherever it stands; a shorter one only by itself.
const NAME_LETTERS: usize = 4;
/// Letters of the shortest part of a name that counts.
const SHORT_NAME_LETTERS: usize = 3;
/// Steps that may be no run where the rest is.
const FREE_STEPS: usize = 2;

/// What passwords are commonly made of. From NordPass's yearly lists of the 200 commonest, of the world and of Indonesia (2023 to
/// 2025: password, admin, qwerty, iloveyou, dragon, monkey, bismillah, rahasia, sayang, indonesia, telkom …); and what is near at hand in an
/// office of a local government.
const COMMON: [&str; 83] = [
    "abc",
    "abcd",
    "admin",
    "administrator",
    "aku",
    "alhamdulillah",
    "anjing",
    "apa",
    "asdf",
    "asdfghjkl",
    "assalamualaikum",
    "bandung",
    "baseball",
    "bismillah",
    "bupati",
    "changeme",
    "cinta",
    "cintaku",
    "computer",
    "default",
    "desa",
    "dinas",
    "doraemon",
    "dragon",
    "football",
    "ganteng",
    "garuda",
    "gubernur",
    "guest",
    "guru",
    "hello",
    "iloveyou",
    "indonesia",
    "jakarta",
    "kab",
    "kabupaten",
    "kantor",
    "kata",
    "katasandi",
    "kerjasama",
    "komputer",
    "kota",
    "kucing",
    "letmein",
    "login",
    "master",
    "merdeka",
    "monkey",
    "naruto",
    "nusantara",
    "pancasila",
    "pass",
    "password",
    "pegawai",
    "pemda",
    "pemkab",
    "pemkot",
    "pemprov",
    "pns",
    "princess",
    "provinsi",
    "qwerty",
    "qwertyuiop",
    "rahasia",
    "root",
    "sandi",
    "sayang",
    "sayangku",
    "secret",
    "selamat",
    "selamatdatang",
    "selamatpagi",
    "semangat",
    "simpul",
    "sukses",
    "sunshine",
    "superman",
    "surabaya",
    "telkom",
    "test",
    "user",
    "walikota",
    "welcome",
];

/// What fingers run along.
const RUNS: [&str; 8] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "!@#$%^&*()",
];

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Shorter than [`LEAST_CHARACTERS`].
    #[error("a password needs at least {LEAST_CHARACTERS} characters")]
    TooShort,
    /// Longer than [`MOST_BYTES`].
    #[error("a password has at most {MOST_BYTES} bytes")]
    TooLong,
    /// One of the commonest, lengthened, or a run.
    #[error(
        "this password is among those that are tried first: a common word with digits, a row of keys, or the same over again; \
         take three or four words that do not belong together"
    )]
    Common,
    /// It has the owner's name in it.
    #[error("a password must not have the person's name or user name in it")]
    LikeName,
}

/// Whose password it is to be.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// The user name.
    pub user: &'a UserId,
    /// The name.
    pub name: &'a str,
}

/// A password that its owner may have. Only such a one is hashed.
#[derive(Clone, PartialEq, Eq)]
pub struct AllowedPassword(String);

impl std::fmt::Debug for AllowedPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AllowedPassword(hidden)")
    }
}

impl AllowedPassword {
    /// Looks whether a password is taken.
    ///
    /// # Errors
    /// Why it is not.
    pub fn new(password: String, owner: Owner<'_>) -> Result<Self, PasswordError> {
        if password.len() > MOST_BYTES {
            return Err(PasswordError::TooLong);
        }
        if password.chars().count() < LEAST_CHARACTERS {
            return Err(PasswordError::TooShort);
        }
        let small = password.to_lowercase();
        if is_run(&small) || is_repeated(&small) || is_common(&small) {
            return Err(PasswordError::Common);
        }
        if has_name(&small, owner) {
            return Err(PasswordError::LikeName);
        }
        Ok(Self(password))
    }

    /// Its text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The letters alone; and the letters where the digits and signs within stand for some, or all of them.
fn readings(small: &str) -> [String; 3] {
    let letters = |text: &str| text.chars().filter(|letter| letter.is_alphabetic()).collect::<String>();
    let meant = |text: &str| letters(&text.chars().map(meant_by).collect::<String>());
    let within = small.trim_matches(|letter: char| !letter.is_alphabetic());
    [letters(small), meant(within), meant(small)]
}

/// The letter for which a digit or sign stands.
fn meant_by(letter: char) -> char {
    match letter {
        '@' | '4' => 'a',
        '3' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '$' | '5' => 's',
        '7' => 't',
        other => other,
    }
}

/// Whether it is made of at most two different common words and what is no letter.
fn is_common(small: &str) -> bool {
    readings(small).iter().any(|letters| !letters.is_empty() && is_made_of(letters, &[]))
}

fn is_made_of(letters: &str, used: &[&str]) -> bool {
    letters.is_empty()
        || COMMON.iter().any(|word| {
            let Some(rest) = letters.strip_prefix(word) else { return false };
            if used.contains(word) {
                return is_made_of(rest, used);
            }
            used.len() < 2 && is_made_of(rest, &[used, &[*word]].concat())
        })
}

/// Whether nearly every character follows the one before in a run, or is the same.
fn is_run(small: &str) -> bool {
    let letters: Vec<char> = small.chars().collect();
    let follows = |pair: &[char]| {
        pair[0] == pair[1]
            || RUNS.iter().any(|run| {
                let mut steps = run.chars().zip(run.chars().skip(1));
                steps.any(|(one, next)| pair == [one, next] || pair == [next, one])
            })
    };
    letters.windows(2).filter(|pair| !follows(pair)).count() <= FREE_STEPS
}

/// Whether it is something too short, over and over.
fn is_repeated(small: &str) -> bool {
    let letters: Vec<char> = small.chars().collect();
    (1..LEAST_CHARACTERS.min(letters.len() / 2 + 1))
        .any(|length| letters.iter().zip(letters.iter().skip(length)).all(|(one, next)| one == next))
}

fn has_name(small: &str, owner: Owner<'_>) -> bool {
    let readings = readings(small);
    let words: Vec<&str> = small.split(|letter: char| !letter.is_alphabetic()).collect();
    let names = format!("{} {}", owner.user, owner.name.to_lowercase());
    names.split(|letter: char| !letter.is_alphabetic()).any(|name| match name.chars().count() {
        0..SHORT_NAME_LETTERS => false,
        SHORT_NAME_LETTERS..NAME_LETTERS => words.contains(&name),
        _ => readings.iter().any(|letters| letters.contains(name)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(password: &str) -> Option<PasswordError> {
        let user = "sri.w".parse().unwrap();
        let owner = Owner { user: &user, name: "Sri Wahyuni, S.IP." };
        AllowedPassword::new(password.to_owned(), owner).err()
    }

    #[test]
    fn words_that_do_not_belong_together_are_taken() {
        for password in [
            "Perahu-Pagi-07",
            "Layar-Senja-12",
            "kuda hijau minum teh",
            "Indonesia punya 17 ribu pulau",
            "x8#Lq2!vRz0p",
            "srikaya matang manis",
            "Misrikan bebek 44",
        ] {
            assert_eq!(refusal(password), None, "{password}");
        }
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert_eq!(refusal("Pendek-07"), Some(PasswordError::TooShort));
        assert_eq!(refusal(&"p".repeat(MOST_BYTES + 1)), Some(PasswordError::TooLong));
        assert_eq!(refusal("áéíóúáéíóúx"), Some(PasswordError::TooShort), "characters count, not bytes");
    }

    #[test]
    fn common_words_are_refused_however_they_are_lengthened() {
        for password in [
            "Rahasia-123456",
            "rahasia123rahasia",
            "Indonesia2026!",
            "P@ssw0rd123456",
            "passwordpassword",
            "Admin#1234567890",
            "bismillah12345",
            "KataSandi-2026",
            "selamatdatang!",
            "pemkab-rahasia-1",
            "s1mpul-2026-2026",
            "Telkom12345678",
        ] {
            assert_eq!(refusal(password), Some(PasswordError::Common), "{password}");
        }
    }

    #[test]
    fn runs_and_what_is_the_same_over_again_are_refused() {
        for password in [
            "123456789012",
            "qwertyuiop12",
            "aaaabbbbcccc",
            "1q2w3e4r5t6y",
            "1qaz2wsx3edc",
            "abcdefghijkl",
            "098765432109",
            "abc123abc123",
            "perahuperahu",
            "            ",
        ] {
            assert_eq!(refusal(password), Some(PasswordError::Common), "{password}");
        }
    }

    #[test]
    fn owners_name_is_refused_whatever_stands_around_it() {
        for password in ["Wahyuni-Perahu-07", "perahu.w4hyun1.07", "sri-perahu-pagi", "Perahu Pagi SRI 07"] {
            assert_eq!(refusal(password), Some(PasswordError::LikeName), "{password}");
        }
    }

    #[test]
    fn hostile_passwords_are_looked_at_quickly() {
        let before = std::time::Instant::now();
        for letters in ["kab", "abcabcd", "passpassword", "a", "desadesa"] {
            let password: String = letters.chars().cycle().take(MOST_BYTES).collect();
            refusal(&password);
            refusal(&format!("{}x", &password[1..]));
        }
        assert!(before.elapsed() < std::time::Duration::from_secs(2), "{:?}", before.elapsed());
    }
}
