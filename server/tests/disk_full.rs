//! A disk that is full is a state: `/readyz` fails, clients are told `busy`, an attachment 503, nothing acked is lost,
//! and once there is room the relay goes on by itself.
//!
//! On a small tmpfs of its own, which needs the right to mount. Where that is lacking (most machines outside
//! of containers), nothing is tested, and the test says so.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "process/disk.rs"]
mod disk;
#[path = "process/log.rs"]
mod log;
#[path = "process/relay.rs"]
mod relay;

use std::io::Write;
use std::path::Path;

use disk::{DOC, SmallDisk, WRITER, Writer, feed, ready};
use relay::{Relay, device, hello, prepare, token};
use shared::wire::code::NackCode;
use simpul::blobs::hash_of;

/// Writes until there is no room.
fn fill(path: &Path) {
    let mut file = std::fs::File::create(path).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    while file.write_all(&[0]).is_ok() {}
}

#[test]
fn relay_on_a_full_disk_says_busy_loses_nothing_and_goes_on_once_there_is_room() {
    a_disk_fills_up(2, false);
}

#[test]
fn relay_whose_log_has_room_on_a_full_disk_fills_that_first_and_loses_nothing() {
    a_disk_fills_up(40, true);
}

/// The log of the database is laid out where the disk is large enough, and else begins at nothing.
#[expect(clippy::print_stdout, reason = "who runs the test is told that it tests nothing")]
fn a_disk_fills_up(size_mib: u32, is_laid_out: bool) {
    let folder = tempfile::tempdir().unwrap();
    let Some(_disk) = SmallDisk::tmpfs(folder.path(), size_mib) else {
        println!("not tested: this machine does not let the test mount a file system");
        return;
    };
    let (data, filler) = (folder.path().join("data"), folder.path().join("filler"));
    prepare(&data, 2, |_| feed());
    let relay = Relay::start(&data);
    assert_eq!(ready(&relay), 200);
    let log = std::fs::metadata(data.join("simpul.sqlite-wal")).unwrap();
    assert_eq!(log.len() > 16_000_000, is_laid_out);
    let attach = |method: &str, bytes: &[u8]| {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let url =
            format!("http://{}/api/v1/documents/{}/blobs/{}", relay.address, DOC.to_path(), hash_of(bytes));
        let bearer = format!("Bearer {}", hex::encode(token(device(WRITER))));
        let request = ureq::http::Request::builder().method(method).uri(url).header("authorization", bearer);
        let body = if method == "PUT" { bytes } else { &[] };
        let agent = ureq::Agent::new_with_config(config);
        agent.run(request.body(body).unwrap()).unwrap().status().as_u16()
    };
    let (kept, late) = (b"%PDF-1.7 kept".to_vec(), [b"%PDF-1.7".as_slice(), &[7; 20_000]].concat());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut writer = Writer::new();
    runtime.block_on(async {
        let mut socket = relay.connect(device(WRITER), hello(device(WRITER))).await;
        for _ in 0..20 {
            writer.push(&mut socket).await.unwrap();
        }
        assert_eq!(attach("PUT", &kept), 201);
        fill(&filler);
        // What room is left in the files is used up first.
        let refused = loop {
            if let Err(code) = writer.push(&mut socket).await {
                break code;
            }
            assert!(writer.acked.len() < 5_000, "the disk is full");
        };
        assert_eq!(refused, NackCode::Busy);
        // The question writes a page itself. In a log that was laid out it may find room for a few where a push did not,
        // until that is used up too.
        let most = if is_laid_out { 32 } else { 1 };
        let found_ready = (0..most).take_while(|_| ready(&relay) == 200).count();
        assert!(found_ready < most, "it is not ready");
        assert_eq!(ready(&relay), 503);
        assert_eq!((attach("PUT", &late), attach("GET", &late)), (503, 404));
        assert_eq!(attach("GET", &kept), 200, "what is there is read on");
        assert_eq!(writer.push(&mut socket).await, Err(NackCode::Busy), "it is still full");
        std::fs::remove_file(&filler).unwrap();
        writer.push(&mut socket).await.expect("there is room again");
        assert_eq!(ready(&relay), 200);
        assert_eq!((attach("PUT", &late), attach("GET", &late)), (201, 200));
        drop(socket);
        writer.assert_served_by(&relay).await;
    });
    drop(relay);
    let relay = Relay::start(&data);
    runtime.block_on(writer.assert_served_by(&relay));
}
