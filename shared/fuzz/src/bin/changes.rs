//! The target `chunk_target` for libFuzzer; without it, replays the files that are named.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz::chunk_target::run(bytes);
});

#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    for path in std::env::args_os().skip(1) {
        let came = fuzz::chunk_target::run(&std::fs::read(&path)?);
        println!("{}: {came:?}", path.display());
    }
    Ok(())
}
