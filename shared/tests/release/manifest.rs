//! The fixtures of a release stay as its build wrote them.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use shared::ordered::OrderedMap;

/// The hash of the list of files and hashes in the fixtures of 0.1. From the release on nothing changes it: what a later
/// version writes otherwise goes into fixtures of its own.
const OF_0_1: &str = "b517b101614395b257f749d09f97ee115b5b11d05505fbcbe29ee125c5a044f1";

fn hash_of(path: &Path) -> String {
    hex::encode(Sha256::digest(fs::read(path).unwrap()))
}

#[test]
fn fixtures_of_0_1_are_as_that_release_wrote_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/0.1");
    let list = folder.join("SHA256SUMS");
    assert_eq!(hash_of(&list), OF_0_1, "the list of the files has changed");
    let listed: OrderedMap<PathBuf, String> = fs::read_to_string(&list)
        .unwrap()
        .lines()
        .map(|line| line.split_once("  ").unwrap())
        .map(|(hash, name)| (folder.join(name), hash.to_owned()))
        .collect();
    let mut there = OrderedMap::new();
    look_at(&folder, &mut there);
    there.remove(&list);
    assert_eq!(there, listed);
}

fn look_at(folder: &Path, there: &mut OrderedMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            look_at(&path, there);
        } else {
            there.insert(path.clone(), hash_of(&path));
        }
    }
}
