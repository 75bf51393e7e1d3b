//! The corpus as files for libFuzzer, and back.
//!
//! `corpus unpack TARGET FOLDER` writes seeds and corpus, one a file. `corpus pack TARGET FOLDER` prints the
//! corpus with what is in the folder, the smallest first, as long as there is room.

use std::path::Path;

use fuzz::seeds::{self, Seed};

/// Bytes of one target's corpus, so that the repository stays small; what has a name of its own is kept whatever it takes.
const ROOM_BYTES: usize = 60 << 10;

fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["unpack", target, folder] if seeds::TARGETS.contains(&target) => unpack(target, Path::new(folder)),
        ["pack", target, folder] if seeds::TARGETS.contains(&target) => pack(target, Path::new(folder)),
        _ => {
            eprintln!("usage: corpus unpack|pack {} FOLDER", seeds::TARGETS.join("|"));
            std::process::exit(2);
        }
    }
}

fn unpack(target: &str, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let all = seeds::of(target).into_iter().chain(seeds::corpus(target));
    for (place, (name, bytes)) in all.enumerate() {
        let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        std::fs::write(folder.join(format!("{place:04}-{name}")), bytes)?;
    }
    Ok(())
}

fn pack(target: &str, folder: &Path) -> std::io::Result<()> {
    let (mut kept, _): (Vec<Seed>, Vec<Seed>) =
        seeds::corpus(target).into_iter().partition(|(name, _)| !name.starts_with(FOUND));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        files.push(std::fs::read(entry?.path())?);
    }
    files.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    let mut room = ROOM_BYTES;
    for bytes in files {
        let Some(left) = room.checked_sub(bytes.len()) else { break };
        room = left;
        kept.push((format!("{FOUND}{}", kept.len()), bytes));
    }
    for (name, bytes) in kept {
        println!("{name} {}", hex::encode(bytes));
    }
    Ok(())
}

/// How the names begin of what was found and has none of its own.
const FOUND: &str = "found-";
