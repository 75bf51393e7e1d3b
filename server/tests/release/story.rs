//! What happens in the office whose work becomes a release's fixtures: fixed people, ids, words and times.

use shared::audit::{Act, Sort};
use shared::cbor;
use shared::device::memory::MemoryTables;
use shared::device::row::{NewerRow, PoisonRow, SetAsideReason, SetAsideRow, Stored, UnreadRow};
use shared::device::table::{Key, MetaKey, Row, Table, Write};
use shared::ids::{ChangeHash, DeviceId, EpochId, FeedId, Receipt, UserId};
use shared::model::decision::{Event, FourEyes};
use shared::model::discussion::REMARKS;
use shared::model::edit::Edit;
use shared::model::feed_settings::{Office, Official, Period, Picture, Setting, TimeZone};
use shared::model::field::{FactValue, List, Record};
use shared::model::kind::Kind;
use shared::model::personal::{IDENTITIES, Identity};
use shared::model::trip_report::{self, TRAVELLERS, heading};
use shared::model::{action_plan, agreement, personal};
use shared::role::Role;
use shared::sync::relay::compaction::fold;
use shared::sync::settings::SetBy;
use shared::wire::code::NackCode;
use shared::wire::{Bytes, Entry};
use simpul::blobs::hash_of;
use simpul::password::PasswordDigest;
use simpul::store::Store;
use simpul::store::blob::Blob;
use simpul::store::person::{NewPassword, PasswordSetter, Person, SessionRow, TokenHash};

use crate::network::{Device, Relay, filled};
use crate::values::{self, AGREEMENT, NEWER, NUMBERS, PERSONAL, PLAN, REPORT, UNSENT, item};

/// Monday, 23 November 2026, eight o'clock in Jakarta.
pub const BEGAN_AT: u64 = 1_795_395_600_000;
/// The receipts' key.
pub const RECEIPT_KEY: [u8; 32] = [0x52; 32];
/// The audit log's key.
pub const AUDIT_KEY: [u8; 32] = [0x41; 32];
/// The password of whoever has one.
pub const PASSWORD: &str = "Perahu-Pagi-07";
/// Its digest.
pub const PASSWORD_DIGEST: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$uWUeAGfqDHIyxpTO4HjrjA$nBiSm7NKpt5wi0l1x7RYabwdhyidIfNAm1CL9z+GKbs";
/// An attachment of the report.
pub const ATTACHMENT: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
/// The picture of the letterhead.
pub const PICTURE: &[u8] =
    b"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"><path d=\"M0 0h8v8z\"/></svg>";

/// The first life of the store.
pub fn epoch() -> EpochId {
    EpochId::from_bytes([1; 16])
}

/// The region's feed.
pub fn region() -> FeedId {
    "kab-contoh".parse().unwrap()
}

/// The nation's feed.
pub fn nation() -> FeedId {
    "nasional".parse().unwrap()
}

pub fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

pub fn device(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 16])
}

/// The device of Citra, which still has work to send.
pub const CITRAS: u8 = 3;
/// What Citra's link was made of.
pub const LINK: &[u8] = b"citra's link";
/// A device of Ani's that was enrolled and never connected.
pub const NEW_DEVICE: u8 = 9;

/// Lets the office work over an empty store; gives the rows of Citra's device.
pub fn work(store: &dyn Store) -> MemoryTables {
    let relay = Relay::new(store, RECEIPT_KEY, BEGAN_AT);
    people(&relay);
    settings(&relay);
    let mut ani = Device::new(&relay, device(1), user("ani"), "Laptop kantor");
    let mut budi = Device::new(&relay, device(2), user("budi"), "Ponsel");
    let mut dewi = Device::new(&relay, device(4), user("dewi"), "Komputer lobi");
    records(&mut ani);
    ani.be_level();
    decisions(&mut ani, &mut budi);
    leaves(&relay, &mut dewi);
    store.begin_epoch(EpochId::from_bytes([2; 16])).unwrap();
    kept_beside(&relay);
    let mut citra = Device::new(&relay, device(CITRAS), user("citra"), "Tablet Citra");
    citra.be_level();
    citra.learn();
    for n in [CITRAS, NEW_DEVICE] {
        sign_in(&relay, n, if n == CITRAS { "citra" } else { "ani" });
    }
    traces(&relay);
    unsent(&mut citra);
    citra.tables
}

fn people(relay: &Relay<'_>) {
    let store = relay.store;
    store.put_feed(&region(), "Kabupaten Contoh").unwrap();
    store.put_feed(&nation(), "Nasional").unwrap();
    for (name, full, position, role) in [
        ("ani", "Ani Lestari", "Analis Kerja Sama", Role::Writer),
        ("budi", "Budi Santosa", "Kepala Bagian Kerja Sama", Role::Approver),
        ("citra", "Citra Dewanti", "Analis Kerja Sama", Role::Writer),
        ("dewi", "Dewi Anggraini", "Pranata Komputer", Role::Admin),
    ] {
        let person = Person {
            user: user(name),
            name: full.to_owned(),
            position: position.to_owned(),
            office: Some("bks".to_owned()),
            password_digest: PASSWORD_DIGEST.to_owned(),
            is_disabled: false,
        };
        store.put_person(&person, relay.later()).unwrap();
        store.set_role(&user(name), &region(), Some(role), relay.later()).unwrap();
    }
    store.set_role(&user("ani"), &nation(), Some(Role::Reader), relay.later()).unwrap();
    let digest = PasswordDigest::from_stored(PASSWORD_DIGEST.to_owned());
    let of_somebody = NewPassword { digest: digest.clone(), setter: PasswordSetter::Somebody };
    store.set_password(&user("budi"), &of_somebody, None, relay.later()).unwrap();
    // A link that was used, one that was replaced, and one that may be used for ever.
    for link in [&b"used"[..], b"replaced", LINK] {
        store.put_link(&user("citra"), TokenHash::of(link), u64::MAX >> 2, relay.later()).unwrap();
        if link == b"used" {
            store.use_link(TokenHash::of(link), &digest, relay.later()).unwrap();
        }
    }
}

fn settings(relay: &Relay<'_>) {
    let text = str::to_owned;
    let all = [
        Setting::FourEyes(FourEyes::Required),
        Setting::IdleLock(Some(15)),
        Setting::TimeZone(TimeZone::Wita),
        Setting::Letterhead(vec![text("PEMERINTAH KABUPATEN CONTOH"), text("Jalan Merdeka 1")]),
        Setting::Picture(Picture {
            media_type: text("image/svg+xml"),
            hash: hash_of(PICTURE),
            bytes: PICTURE.to_vec().into(),
        }),
        Setting::Periods(vec![Period {
            id: text("2026"),
            name: text("Tahun 2026"),
            from: "2026-01-01".parse().unwrap(),
            to: "2026-12-31".parse().unwrap(),
        }]),
        Setting::Offices(vec![Office { id: text("bks"), name: text("Bagian Kerja Sama") }]),
        Setting::Officials(vec![Official {
            name: text("Budi Santosa, M.Si."),
            position: text("Kepala Bagian"),
            nip: text("197501012000011001"),
        }]),
    ];
    for setting in all {
        let by = user("dewi");
        relay
            .store
            .put_setting(&region(), setting.key(), &setting.value(), &SetBy::person(&by), relay.later())
            .unwrap();
    }
    // What a version to come sets, and what was set twice.
    let operator = SetBy::operator("root");
    relay.store.put_setting(&region(), "kelak", &[0xf6], &operator, relay.later()).unwrap();
    let zone = Setting::TimeZone(TimeZone::Wib);
    relay.store.put_setting(&region(), zone.key(), &zone.value(), &operator, relay.later()).unwrap();
}

fn added(list: List, number: u8, record: &impl Record) -> Vec<Edit> {
    let after = (number > 1).then(|| item(number - 1));
    let mut edits = vec![Edit::Add { list, item: item(number), after }];
    edits.extend(filled(record, |field| field.of(list, item(number))));
    edits
}

fn all_added(list: List, records: &[impl Record]) -> Vec<Edit> {
    (1..).zip(records).flat_map(|(number, record)| added(list, number, record)).collect()
}

fn records(ani: &mut Device<'_>) {
    ani.begin(REPORT, Kind::TripReport, &region(), filled(&values::report(), trip_report_field));
    ani.edit(REPORT, all_added(TRAVELLERS, &values::travellers()));
    let mut changed = vec![Edit::Move { list: TRAVELLERS, item: item(2), after: None }];
    changed.push(Edit::Remove { list: TRAVELLERS, item: item(3) });
    ani.edit(REPORT, changed);
    let mut edits = filled(&values::agreement(), |field| field.at_root());
    edits.extend(all_added(agreement::STAGES, &values::stages()));
    ani.begin(AGREEMENT, Kind::Agreement, &region(), edits);
    ani.begin(PLAN, Kind::ActionPlan, &region(), filled(&values::plan(), |field| field.at_root()));
    ani.edit(PLAN, all_added(action_plan::LINES, &values::lines()));
    ani.discuss(REPORT, &region(), added(REMARKS, 1, &values::remarks()[0]));
    let owner = personal::Owner { report: Some(REPORT) };
    let mut edits = filled(&owner, |field| field.at_root());
    edits.extend(added(IDENTITIES, 1, &Identity { nip: Some(values::NIP.to_owned()) }));
    ani.begin(PERSONAL, Kind::Personal, &region(), edits);
}

fn trip_report_field(field: shared::model::field::Field) -> shared::model::field::FieldRef {
    field.at_root()
}

fn numbered(number: &str) -> Vec<Edit> {
    vec![Edit::Set { field: heading::number.at_root(), value: number.to_owned().to_scalar() }]
}

/// The report is numbered by two at once, submitted, returned, submitted again, verified and approved; the agreement
/// is archived, and the plan's submission taken back.
fn decisions(ani: &mut Device<'_>, budi: &mut Device<'_>) {
    budi.be_level();
    ani.edit(REPORT, numbered(NUMBERS[0]));
    budi.edit(REPORT, numbered(NUMBERS[1]));
    budi.edit(values::discussion(), added(REMARKS, 2, &values::remarks()[1]));
    let steps = [
        (Event::Submit, None),
        (Event::Return, Some(values::REMARK)),
        (Event::Submit, None),
        (Event::Verify, None),
        (Event::Approve, Some("Setuju.")),
    ];
    for (id, (event, note)) in (1..).zip(steps) {
        ani.be_level();
        budi.be_level();
        if event == Event::Submit {
            ani.decide(REPORT, event, Role::Writer, note, id);
        } else {
            budi.decide(REPORT, event, Role::Approver, note, id);
        }
    }
    ani.decide(PLAN, Event::Submit, Role::Writer, None, 6);
    ani.decide(PLAN, Event::Withdraw, Role::Writer, None, 7);
    budi.decide(AGREEMENT, Event::Archive, Role::Approver, None, 8);
    budi.decide(AGREEMENT, Event::Reopen, Role::Approver, None, 9);
    ani.be_level();
    budi.be_level();
}

/// Dewi has written, and goes: her name stays.
fn leaves(relay: &Relay<'_>, dewi: &mut Device<'_>) {
    dewi.be_level();
    dewi.edit(PLAN, vec![Edit::Discard]);
    dewi.edit(PLAN, vec![Edit::Recover]);
    dewi.be_level();
    relay.store.revoke(dewi.id, relay.later()).unwrap();
    relay.store.set_role(&dewi.user, &region(), None, relay.later()).unwrap();
    relay.store.disable(&dewi.user, relay.later()).unwrap();
}

/// An attachment, a snapshot of the report, and a document that could not be folded.
fn kept_beside(relay: &Relay<'_>) {
    let store = relay.store;
    let blob = Blob {
        hash: hash_of(ATTACHMENT),
        size_bytes: ATTACHMENT.len() as u64,
        media_type: "application/pdf".to_owned(),
        by: user("ani"),
        device: device(1),
        at: relay.later(),
    };
    store.put_blob(REPORT, &blob, 1 << 30).unwrap().unwrap();
    let foldable = store.foldable(REPORT).unwrap().unwrap();
    let snapshot = fold(&foldable, &relay.rules.key, &mut || true).unwrap();
    assert_eq!(store.put_snapshots(&[snapshot], relay.later()).unwrap(), [true]);
    store.set_aside(AGREEMENT, 1, "it took too long", relay.later()).unwrap();
}

fn sign_in(relay: &Relay<'_>, number: u8, name: &str) {
    let store = relay.store;
    store.enrol(device(number), &user(name), "Perangkat", relay.later()).unwrap();
    let session = SessionRow { user: user(name), device: device(number), expires_at: u64::MAX >> 2 };
    store.open_session(TokenHash::of(&token(number)), &session).unwrap();
    store.put_device_secret(device(number), TokenHash::of(&[number; 32])).unwrap();
    store.note_seen(device(number), relay.later()).unwrap();
}

/// The token of a device's session, as the tests' devices have it.
fn token(number: u8) -> Vec<u8> {
    [number; 32].to_vec()
}

/// A row of every sort, besides what the store tells by itself.
fn traces(relay: &Relay<'_>) {
    let acts = Sort::ALL.map(|sort| {
        let act = Act::new(relay.later(), sort).of(&user("ani")).on(device(1)).in_feed(&region());
        act.from("192.0.2.7").saying(sort.as_str())
    });
    relay.store.trace(acts.to_vec()).unwrap();
}

/// What waits on Citra's device, what was set aside there, and what it cannot read.
fn unsent(citra: &mut Device<'_>) {
    let conclusion = heading::conclusion.at_root();
    let text = values::UNSENT_CONCLUSION.to_owned();
    citra.edit(REPORT, vec![Edit::Rewrite { field: conclusion, text }]);
    let title = trip_report::Heading { title: values::UNSENT_TITLE.to_owned(), ..Default::default() };
    citra.begin(UNSENT, Kind::TripReport, &region(), filled(&title, trip_report_field));
    citra.decide(PLAN, Event::Submit, Role::Writer, None, 10);
    citra.summarise_all_but(AGREEMENT);
    let bad = vec![0x85, 0x6f, 0x4a, 0x83];
    let set_aside = SetAsideRow {
        doc: PLAN,
        hash: ChangeHash::of_bytes(&bad),
        bytes: bad.into(),
        reason: SetAsideReason::Refused(NackCode::BadChange, "it ends too early".to_owned()),
        at: BEGAN_AT,
    };
    let newer = NewerRow { doc: NEWER, feed: region(), seq: 3, entry: entry_of_a_newer_kind() };
    let poison = PoisonRow { doc: AGREEMENT, hashes: Vec::new(), tries: 0 };
    let unread = UnreadRow {
        doc: REPORT,
        list: String::new(),
        item: None,
        field: "attendance".to_owned(),
        text: "60-70".to_owned(),
        over: "61".to_owned(),
    };
    for write in [set_aside.put(), newer.put(), poison.put(), unread.put()] {
        citra.tables.write(&write);
    }
    let leader = Row { table: Table::Meta, key: Key::meta(MetaKey::Leader), value: vec![7; 8] };
    citra.tables.write(&Write::Put(leader));
    let mut typing = citra.open(UNSENT);
    let text = values::DRAFTED_PURPOSE.to_owned();
    typing.edit(BEGAN_AT, &Edit::Rewrite { field: heading::purpose.at_root(), text }).unwrap();
    citra.tables.write(&typing.draft().unwrap().put());
}

/// An entry whose kind has as many letters as one that is known, in its place.
fn entry_of_a_newer_kind() -> Bytes {
    let entry = Entry {
        seq: 3,
        doc: NEWER,
        kind: Kind::TripReport,
        at: BEGAN_AT,
        by: user("ani"),
        device: device(1),
        receipt: Receipt::from_bytes([0x4e; 16]),
        change: Some(vec![1, 2, 3].into()),
        snapshot: None,
        folded: None,
        decision: None,
        removed: false,
        inclusion: None,
    };
    let (known, newer) = (Kind::TripReport.as_str().as_bytes(), b"peta-daerah");
    let mut bytes = cbor::to_bytes(&entry);
    let at = bytes.windows(known.len()).position(|part| part == known).expect("it says its kind");
    bytes[at..at + newer.len()].copy_from_slice(newer);
    bytes.into()
}
