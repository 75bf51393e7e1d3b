//! A disk that cannot be written is a state: `/readyz` fails, clients are told `busy`, and nothing acked is
//! lost. Where it can be written again, the relay goes on by itself; where the kernel turned it read-only for good,
//! which is until it is mounted anew, the relay goes on once it was started on it again.
//!
//! On an ext4 of its own in a file, which needs the right to mount. Where that is lacking (most machines outside
//! of containers), nothing is tested, and the test says so.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "process/disk.rs"]
mod disk;
#[path = "process/log.rs"]
mod log;
#[path = "process/relay.rs"]
mod relay;

use disk::{SmallDisk, WRITER, Writer, feed, ready, set_immutable};
use relay::{Relay, device, hello, prepare};
use shared::wire::code::NackCode;

#[test]
fn relay_on_a_disk_that_turns_read_only_says_busy_loses_nothing_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let (image, at) = (folder.path().join("image"), folder.path().join("disk"));
    std::fs::create_dir(&at).unwrap();
    let Some(disk) = SmallDisk::ext4(&image, &at) else {
        println!("not tested: this machine does not let the test mount a file system");
        return;
    };
    let data = at.join("data");
    prepare(&data, 2, |_| feed());
    let mut relay = Relay::start(&data);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut writer = Writer::new();
    runtime.block_on(async {
        let mut socket = relay.connect(device(WRITER), hello(device(WRITER))).await;
        for _ in 0..20 {
            writer.push(&mut socket).await.unwrap();
        }
        assert_eq!(ready(&relay), 200);

        let files = ["simpul.sqlite", "simpul.sqlite-wal"].map(|name| data.join(name));
        assert!(std::fs::metadata(&files[1]).unwrap().len() > 16_000_000, "room is laid out for the log");
        assert!(set_immutable(&files, "+"), "ext4 knows files that nobody may write");
        for _ in 0..3 {
            assert_eq!(writer.push(&mut socket).await, Err(NackCode::Busy));
        }
        assert_eq!(ready(&relay), 503);
        assert!(set_immutable(&files, "-"));
        for _ in 0..20 {
            writer.push(&mut socket).await.expect("it goes on by itself");
        }
        assert_eq!(ready(&relay), 200);
        drop(socket);
        writer.assert_served_by(&relay).await;

        let mut socket = relay.connect(device(WRITER), hello(device(WRITER))).await;
        writer.push(&mut socket).await.unwrap();
        if !disk.break_down() {
            println!("not tested: this kernel breaks no disk on demand");
            return;
        }
        for _ in 0..3 {
            assert_eq!(writer.push(&mut socket).await, Err(NackCode::Busy));
        }
        assert_eq!(ready(&relay), 503);
        // What is on it can still be read.
        drop(socket);
        writer.assert_served_by(&relay).await;
    });
    relay.kill();
    drop(relay);
    drop(disk);
    let _disk = SmallDisk::ext4(&image, &at).expect("it was mounted before");
    let relay = Relay::start(&data);
    runtime.block_on(async {
        let mut socket = relay.connect(device(WRITER), hello(device(WRITER))).await;
        writer.push(&mut socket).await.expect("what waited is taken");
        assert_eq!(ready(&relay), 200);
        drop(socket);
        writer.assert_served_by(&relay).await;
    });
    drop(relay);
}
