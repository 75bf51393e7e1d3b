//! This relay over what the relay of a release stored.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use shared::change_check::snapshot::check_snapshot;
use shared::device::row::{DecisionRow, FeedRow};
use shared::ids::{ActorId, DocumentId, FeedId};
use shared::model::decision::State;
use shared::model::document::Document;
use shared::ordered::OrderedSet;
use tempfile::TempDir;

use crate::device::Device;
use crate::postgres::{self, Postgres};
use crate::relay::{Relay, token};
use crate::story::{ATTACHMENT, CITRAS, LINK, NEW_DEVICE, PASSWORD, PICTURE, device, region, user};
use crate::values::{AGREEMENT, PERSONAL, PLAN, REPORT, UNSENT};
use crate::{fixtures, gunzip, rows, simpul, simpul_with, values};

/// The data folder of the release's relay.
fn unpacked() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    copy(&fixtures().join("relay"), place.path());
    let packed = place.path().join("simpul.sqlite.gz");
    fs::write(place.path().join("simpul.sqlite"), gunzip(&fs::read(&packed).unwrap())).unwrap();
    fs::remove_file(packed).unwrap();
    place
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let (path, target) = entry.map(|entry| (entry.path(), to.join(entry.file_name()))).unwrap();
        if path.is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn relay_serves_what_the_release_kept_in_sqlite() {
    let place = unpacked();
    serves(place.path(), &[]);
}

#[test]
fn relay_serves_what_the_release_kept_in_postgresql() {
    let place = unpacked();
    fs::remove_file(place.path().join("simpul.sqlite")).unwrap();
    let url = Postgres::shared().new_database();
    postgres::run(&url, &fs::read_to_string(fixtures().join("relay/postgres.sql")).unwrap()).unwrap();
    serves(place.path(), &[("SIMPUL_DATABASE", &url)]);
}

fn serves(data: &Path, variables: &[(&str, &str)]) {
    let said = simpul_with(&["check"], data, variables);
    assert!(said.contains("no damage"), "{said}");
    let head = fs::read_to_string(data.join("audit-head.txt")).unwrap();
    let said = simpul_with(&["audit", "--verify", "--head", head.trim()], data, variables);
    assert!(said.contains("as they were written"), "{said}");

    let relay = Relay::start_with(data, variables);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut newcomer = Device::new(device(NEW_DEVICE), user("ani"));
    runtime.block_on(newcomer.be_level(&relay));
    assert_eq!(heads(&newcomer), [("kab-contoh", true), ("nasional", false)]);
    assert_holds(&newcomer, &[REPORT, AGREEMENT, PLAN, PERSONAL, values::discussion()]);
    assert!(newcomer.chunks().0 == 1, "the report comes as the snapshot of it");

    let rows = fs::read_to_string(fixtures().join("device.txt")).unwrap();
    let mut citras = Device::of_rows(device(CITRAS), user("citra"), rows::store_of(&rows));
    runtime.block_on(citras.be_level(&relay));
    runtime.block_on(newcomer.be_level(&relay));
    let all = [REPORT, AGREEMENT, PLAN, PERSONAL, UNSENT, values::discussion()];
    for device in [&newcomer, &citras] {
        assert_holds(device, &all);
        let report = rows::opened(device.tables()).into_iter().find(|open| open.document().id() == REPORT);
        let text = report.unwrap().document().all_text();
        assert!(text.contains(values::UNSENT_CONCLUSION), "{text}");
    }
    assert_eq!(newcomer.decisions().len(), 10, "one of them waited on Citra's device");

    plain_requests(&relay);
    drop(relay);
    let said = simpul_with(&["check"], data, variables);
    assert!(said.contains("no damage"), "{said}");
}

/// The feeds of a device, and whether they have entries.
fn heads(device: &Device) -> Vec<(&'static str, bool)> {
    let rows = device.tables().all::<FeedRow>();
    let names: [(&str, FeedId); 2] = ["kab-contoh", "nasional"].map(|name| (name, name.parse().unwrap()));
    let of = |feed: &FeedId| rows.iter().find(|row| row.feed == *feed).unwrap().cursor.0 > 0;
    names.iter().map(|(name, feed)| (*name, of(feed))).collect()
}

/// A device holds these records, and they and their decisions say what was written.
fn assert_holds(device: &Device, records: &[DocumentId]) {
    let opened = rows::opened(device.tables());
    let there: OrderedSet<DocumentId> = opened.iter().map(|open| open.document().id()).collect();
    assert_eq!(there, records.iter().copied().collect());
    for open in &opened {
        values::assert_is_as_written(open.document());
    }
    let report = opened.iter().find(|open| open.document().id() == REPORT).unwrap();
    assert_eq!(report.course().state, State::Approved);
    let remarks = device.tables().all::<DecisionRow>().into_iter().filter_map(|row| row.decision.note);
    assert!(remarks.into_iter().any(|note| note == values::REMARK));
}

/// A password, the directory, settings, a picture and an attachment of the release.
fn plain_requests(relay: &Relay) {
    let agent = ureq::Agent::new_with_defaults();
    let url = |path: &str| format!("http://{}/api/v1/{path}", relay.address);
    let bearer = format!("Bearer {}", hex::encode(token(device(NEW_DEVICE))));
    let get = |path: &str| {
        let answer = agent.get(url(path)).header("Authorization", &bearer).call().unwrap();
        answer.into_body().read_to_vec().unwrap()
    };
    let signing_in =
        json!({"username": "ani", "password": PASSWORD, "device_name": "baru", "want_token": true});
    let answer = agent.post(url("session")).send_json(signing_in).unwrap();
    let answer: Value = answer.into_body().read_json().unwrap();
    assert_eq!(answer["name"], "Ani Lestari");
    assert!(answer.get("password_due").is_none(), "her own");
    let of_budi =
        json!({"username": "budi", "password": PASSWORD, "device_name": "baru", "want_token": true});
    let answer: Value =
        agent.post(url("session")).send_json(of_budi).unwrap().into_body().read_json().unwrap();
    assert_eq!(answer["password_due"], true);
    let link = json!({"token": hex::encode(LINK)});
    let answer: Value = agent.post(url("link")).send_json(link).unwrap().into_body().read_json().unwrap();
    assert_eq!(answer["user"], "citra");
    let directory: Value = serde_json::from_slice(&get("directory?since=0")).unwrap();
    let people = directory["people"].as_array().unwrap().iter();
    let names: Vec<_> = people.map(|person| person["name"].as_str().unwrap()).collect();
    // Dewi has no role and no account any more, and keeps her name.
    assert_eq!(names, ["Ani Lestari", "Budi Santosa", "Citra Dewanti", "Dewi Anggraini"]);
    let settings = shared::device::settings::read_answer(&get("feeds/kab-contoh/settings?since=0")).unwrap();
    let mut row = shared::device::settings::SettingsRow::new(region());
    row.take_in(settings);
    values::assert_settings(&row);
    assert_eq!(get("feeds/kab-contoh/picture"), PICTURE);
    let attachment = simpul::blobs::hash_of(ATTACHMENT);
    assert_eq!(get(&format!("documents/{REPORT}/blobs/{attachment}")), ATTACHMENT);
}

#[test]
fn export_of_the_release_holds_what_an_export_of_its_store_holds_now() {
    let place = unpacked();
    let now = place.path().join("now");
    simpul(&["export", now.to_str().unwrap()], place.path());
    let index = |folder: &Path| -> Vec<Value> {
        let index: Value =
            serde_json::from_str(&fs::read_to_string(folder.join("index.json")).unwrap()).unwrap();
        index["documents"].as_array().unwrap().clone()
    };
    let (then, now_index) = (index(&fixtures().join("export")), index(&now));
    assert_eq!(then.len(), values::KINDS.len());
    assert_eq!(then.len(), now_index.len());
    for (then, of_now) in then.iter().zip(&now_index) {
        // Later versions may say more of a record, and not less.
        for (key, value) in then.as_object().unwrap() {
            assert_eq!(of_now.get(key), Some(value), "{key}");
        }
        let file = then["automerge"].as_str().unwrap();
        let bytes = fs::read(fixtures().join("export").join(file)).unwrap();
        let changes = check_snapshot(&bytes).unwrap().into_iter().map(|change| change.change);
        let id = then["document"].as_str().unwrap().parse().unwrap();
        let exported = Document::open(id, ActorId::from_bytes([0; 17]), changes).unwrap();
        values::assert_is_as_written(&exported);
    }
}
