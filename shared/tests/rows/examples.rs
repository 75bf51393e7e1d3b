//! One example of each row, and of each form that it takes.

use shared::code::Code;
use shared::device::draft::DraftRow;
use shared::device::open_document::OpenDocument;
use shared::device::presence::PresenceState;
use shared::device::row::{
    Access, ChunkRow, DecisionRow, DeviceRow, DocumentRow, FeedRow, LostRole, NewerRow, Origin, OutboxRow,
    PersonRow, Place, PoisonRow, SetAsideReason, SetAsideRow, UnreadRow,
};
use shared::device::settings::SettingsRow;
use shared::ids::{
    ActorId, BlobHash, ChangeHash, DecisionId, DeviceId, DocumentId, EpochId, FeedId, ItemId, Receipt, Tag,
    UserId,
};
use shared::inclusion::Inclusion;
use shared::model::action_plan::{LINES, heading, line};
use shared::model::decision::{Event, State};
use shared::model::edit::Edit;
use shared::model::feed_settings::Picture;
use shared::model::field::Scalar;
use shared::model::kind::Kind;
use shared::model::search::SearchText;
use shared::model::summary::Summary;
use shared::role::Role;
use shared::wire::code::NackCode;
use shared::wire::{Author, Bytes, Cursor, Decision, Folded, FoldedProof, Folding};

fn doc() -> DocumentId {
    DocumentId::from_bytes([0xd0; 16])
}

fn device(byte: u8) -> DeviceId {
    DeviceId::from_bytes([byte; 16])
}

fn feed(name: &str) -> FeedId {
    name.parse().expect("it is a feed's id")
}

fn user(name: &str) -> UserId {
    name.parse().expect("it is a user's id")
}

fn hash(byte: u8) -> ChangeHash {
    ChangeHash::from_bytes([byte; 32])
}

fn origin() -> Origin {
    Origin {
        by: user("ayu"),
        device: device(0xde),
        at: 1_562_716_800_123,
        receipt: Receipt::from_bytes([0x4e; 16]),
        inclusion: None,
    }
}

fn place() -> Place {
    Place { feed: feed("kab-sleman"), seq: 70_000 }
}

fn decision(note: Option<&str>) -> Decision {
    Decision {
        decision: DecisionId::from_bytes([0xdc; 16]),
        event: Event::Return,
        heads: vec![hash(1), hash(2)],
        note: note.map(str::to_owned),
        made_at: 1_562_716_700_000,
    }
}

/// [`DeviceRow`]s by name.
pub fn devices() -> Vec<(&'static str, DeviceRow)> {
    let first = DeviceRow {
        user: user("ayu"),
        name: "Ayu Lestari".to_owned(),
        device: device(0xde),
        epoch: None,
        retired: false,
        revoked: false,
        former: vec![],
    };
    let retired = DeviceRow {
        epoch: Some(EpochId::from_bytes([0xe0; 16])),
        retired: true,
        former: vec![device(1), device(2)],
        ..first.clone()
    };
    let revoked = DeviceRow { retired: true, revoked: true, ..first.clone() };
    vec![("device", first), ("device-retired", retired), ("device-revoked", revoked)]
}

/// [`FeedRow`]s by name.
pub fn feeds() -> Vec<(&'static str, FeedRow)> {
    let whole = FeedRow {
        feed: feed("kab-sleman"),
        name: "Kabupaten Sleman".to_owned(),
        role: Role::Approver.into(),
        cursor: Cursor(70_000, Tag::from_bytes([0x7a; 8])),
        view: 3,
        healing_from: None,
        acked: None,
        trail: Vec::new(),
        folding: None,
        settings: None,
        newer_above: None,
        access: Access::Given,
        own_until: None,
    };
    let in_question = FeedRow { access: Access::InQuestion, ..whole.clone() };
    let leaving = FeedRow { access: Access::Leaving, ..whole.clone() };
    let removed = FeedRow { access: Access::Removed, cursor: Cursor::START, ..whole.clone() };
    let given_again = FeedRow { own_until: Some(70_000), ..removed.clone() };
    let given_again = FeedRow { access: Access::Given, ..given_again };
    let healing = FeedRow { role: Role::Admin.into(), healing_from: Some(12), ..whole.clone() };
    let acked = FeedRow {
        acked: Some(Cursor(70_002, Tag::from_bytes([0x7b; 8]))),
        trail: vec![Cursor(64_000, Tag::from_bytes([1; 8])), Cursor(69_990, Tag::from_bytes([2; 8]))],
        ..whole.clone()
    };
    let folding = FeedRow { folding: Some(Folding { after: 12, made: 1_562_716_800_123 }), ..whole.clone() };
    let set = FeedRow { settings: Some(1_562_716_800_124), ..whole.clone() };
    let newer = FeedRow {
        role: Code::from_text("inspector").expect("it is short"),
        newer_above: Some(12),
        ..whole.clone()
    };
    vec![
        ("feed-with-settings", set),
        ("feed", whole),
        ("feed-newer", newer),
        ("feed-in-question", in_question),
        ("feed-leaving", leaving),
        ("feed-removed", removed),
        ("feed-given-again", given_again),
        ("feed-healing", healing),
        ("feed-acked-above-cursor", acked),
        ("feed-read-with-snapshots", folding),
    ]
}

/// [`DocumentRow`]s by name.
pub fn documents() -> Vec<(&'static str, DocumentRow)> {
    let feeds = vec![feed("kab-sleman"), feed("nasional")];
    let own = DocumentRow { doc: doc(), kind: Kind::ActionPlan, home: feed("kab-sleman"), feeds };
    let gone = DocumentRow { kind: Kind::Agreement, feeds: vec![], ..own.clone() };
    vec![("document", own), ("document-in-no-feed", gone)]
}

/// [`ChunkRow`]s by name.
pub fn chunks() -> Vec<(&'static str, ChunkRow)> {
    let own = ChunkRow {
        bytes: Bytes::from(vec![0x85, 0x6f, 0x4a]),
        place: None,
        origin: None,
        proof: None,
        folded: None,
        unproven_since: None,
    };
    let acked = ChunkRow { place: Some(place()), ..own.clone() };
    let proven = ChunkRow { proof: Some(origin()), ..acked.clone() };
    let received = ChunkRow { origin: Some(origin()), ..acked.clone() };
    let folded = Folded {
        until: Cursor(40, Tag::from_bytes([0x7a; 8])),
        authors: vec![Author { by: user("budi"), device: device(2) }],
        proofs: vec![FoldedProof(0, 1_562_716_800_123, Some(Receipt::from_bytes([0x4f; 16])))],
        since: None,
        receipt: None,
    };
    let under_one = Folded {
        proofs: vec![FoldedProof(0, 0, None), FoldedProof(0, 333, None)],
        since: Some(1_562_716_800_123),
        receipt: Some(Receipt::from_bytes([0x51; 16])),
        ..folded.clone()
    };
    let snapshot = ChunkRow { folded: Some(folded), ..received.clone() };
    let snapshot_under_one = ChunkRow { folded: Some(under_one), ..received.clone() };
    let inclusion = Inclusion { index: 1, size: 2, path: vec![0x99; 32].into() };
    let unfolded =
        ChunkRow { origin: Some(Origin { inclusion: Some(inclusion), ..origin() }), ..received.clone() };
    vec![
        ("chunk-snapshot", snapshot),
        ("chunk-snapshot-under-one-receipt", snapshot_under_one),
        ("chunk-received-in-a-snapshot", unfolded),
        ("chunk", own),
        ("chunk-acked", acked),
        ("chunk-acked-with-proof", proven),
        (
            "chunk-that-waits-for-its-maker",
            ChunkRow { place: None, unproven_since: Some(1_562_716_800_123), ..received.clone() },
        ),
        ("chunk-received", received),
        (
            "chunk-long",
            ChunkRow {
                bytes: Bytes::from(vec![7; 300]),
                place: None,
                origin: None,
                proof: None,
                folded: None,
                unproven_since: None,
            },
        ),
    ]
}

/// [`OutboxRow`]s by name.
pub fn outbox() -> Vec<(&'static str, OutboxRow)> {
    let change = OutboxRow::Change { doc: doc(), hash: hash(1), actor: ActorId::new(device(0xde), 3) };
    let proven = OutboxRow::Decision {
        doc: doc(),
        feed: feed("kab-sleman"),
        decision: decision(None),
        proof: Some(origin()),
    };
    let decided = |note| OutboxRow::Decision {
        doc: doc(),
        feed: feed("kab-sleman"),
        decision: decision(note),
        proof: None,
    };
    vec![
        ("outbox-change", change),
        ("outbox-decision", decided(None)),
        ("outbox-decision-with-proof", proven),
        ("outbox-decision-with-note", decided(Some("Tanggal belum diisi"))),
    ]
}

/// [`DecisionRow`]s by name.
pub fn decisions() -> Vec<(&'static str, DecisionRow)> {
    let own = DecisionRow {
        doc: doc(),
        decision: decision(None),
        by: user("ayu"),
        place: None,
        origin: None,
        proof: None,
        unproven_since: None,
    };
    let received = DecisionRow {
        decision: decision(Some("é")),
        place: Some(place()),
        origin: Some(origin()),
        ..own.clone()
    };
    let proven = DecisionRow { place: Some(place()), proof: Some(origin()), ..own.clone() };
    let waits = DecisionRow { unproven_since: Some(1_562_716_800_000), ..received.clone() };
    vec![
        ("decision", own),
        ("decision-received", received),
        ("decision-acked-with-proof", proven),
        ("decision-unproven", waits),
    ]
}

/// [`PersonRow`]s by name.
pub fn people() -> Vec<(&'static str, PersonRow)> {
    let person = PersonRow {
        user: user("budi.s-1_2"),
        name: "Budi Santoso".to_owned(),
        position: "Kepala Seksi".to_owned(),
        devices: vec![device(1)],
        office: None,
    };
    let of_office = PersonRow { office: Some("setda.kerja-sama".to_owned()), ..person.clone() };
    vec![("person", person), ("person-of-an-office", of_office)]
}

/// [`SettingsRow`]s by name.
pub fn settings() -> Vec<(&'static str, SettingsRow)> {
    let values =
        [("kelak".to_owned(), vec![0xf6].into()), ("time-zone".to_owned(), b"\x63WIT".to_vec().into())];
    let bare = SettingsRow {
        feed: feed("kab-sleman"),
        number: 1_562_716_800_124,
        values: values.into(),
        picture: None,
    };
    let picture = Picture {
        media_type: "image/png".to_owned(),
        hash: BlobHash::from_bytes([0xb1; 32]),
        bytes: vec![1, 2, 3].into(),
    };
    let whole = SettingsRow { picture: Some(picture), ..bare.clone() };
    vec![("settings", bare), ("settings-with-picture", whole)]
}

/// [`PoisonRow`]s by name.
pub fn poison() -> Vec<(&'static str, PoisonRow)> {
    let applying = PoisonRow { doc: doc(), hashes: vec![hash(1), hash(2)], tries: 0 };
    let opening = PoisonRow { doc: doc(), hashes: vec![], tries: 0 };
    let found = PoisonRow { tries: 1, ..applying.clone() };
    vec![("poison", applying), ("poison-opening", opening), ("poison-found", found)]
}

/// [`NewerRow`]s by name.
pub fn newer() -> Vec<(&'static str, NewerRow)> {
    let entry = Bytes::from(vec![0xa1, 0x63, b's', b'e', b'q', 7]);
    vec![("newer", NewerRow { doc: doc(), feed: feed("kab-sleman"), seq: 7, entry })]
}

/// [`UnreadRow`]s by name.
pub fn unread() -> Vec<(&'static str, UnreadRow)> {
    let own = UnreadRow {
        doc: doc(),
        list: String::new(),
        item: None,
        field: "attendance".to_owned(),
        text: "60-70".to_owned(),
        over: "61".to_owned(),
    };
    let of_item = UnreadRow {
        list: "lines".to_owned(),
        item: Some(ItemId::from_bytes([0x17; 8])),
        field: "ceiling".to_owned(),
        ..own.clone()
    };
    vec![("unread", own), ("unread-of-item", of_item)]
}

/// [`DraftRow`]s by name: one of each sort of edit, and one of a change that is not known to be stored.
pub fn drafts() -> Vec<(&'static str, DraftRow)> {
    let actor = ActorId::new(device(0xde), 1);
    let mut document = OpenDocument::create(0, doc(), Kind::ActionPlan, feed("kab-sleman"), actor);
    document.flush(1_562_716_800_000);
    let made = document.draft().expect("it is not stored");
    let item = ItemId::from_bytes([7; 8]);
    let after = Some(item);
    let other = ItemId::from_bytes([8; 8]);
    let title = heading::title.at_root();
    let partner = heading::partner.at_root();
    let edits = [
        Edit::Rewrite { field: title, text: "Rencana".to_owned() },
        Edit::Splice { field: title, at: 7, delete: 0, insert: " aksi 👍".to_owned() },
        Edit::Set { field: partner, value: Scalar::Text("Kyoto".to_owned()) },
        Edit::Set { field: partner, value: Scalar::Empty },
        Edit::Add { list: LINES, item, after: None },
        Edit::Add { list: LINES, item: other, after },
        Edit::Set { field: line::target.of(LINES, item), value: Scalar::Integer(-12) },
        Edit::Set { field: line::quarter_1.of(LINES, item), value: Scalar::Flag(false) },
        Edit::Splice { field: line::activity.of(LINES, item), at: 0, delete: 0, insert: "a".to_owned() },
        Edit::Move { list: LINES, item: other, after: None },
        Edit::Remove { list: LINES, item: other },
        Edit::Restore { list: LINES, item: other },
        Edit::Discard,
        Edit::Recover,
    ];
    for edit in &edits {
        document.edit(1_562_716_800_123, edit).expect("it fits the document");
    }
    vec![("draft-made", made), ("draft", document.draft().expect("it was typed"))]
}

/// [`SetAsideRow`]s by name.
pub fn set_aside() -> Vec<(&'static str, SetAsideRow)> {
    let row = |reason| SetAsideRow {
        doc: doc(),
        hash: hash(1),
        bytes: Bytes::from(vec![1, 2, 3]),
        reason,
        at: 1_562_716_800_123,
    };
    let lost = LostRole {
        feed: Some(feed("kab-sleman")),
        kind: Some(Kind::TripReport.into()),
        title: "Kunjungan ke Baden".to_owned(),
    };
    let unknown = LostRole { feed: None, kind: None, title: String::new() };
    vec![
        (
            "set-aside-refused",
            row(SetAsideReason::Refused(NackCode::MissingDependencies, "2 are not there".to_owned())),
        ),
        ("set-aside-refused-unknown", row(SetAsideReason::Refused(NackCode::Unknown, String::new()))),
        ("set-aside-builds-on-refused", row(SetAsideReason::BuildsOnRefused(hash(2)))),
        ("set-aside-bad-change", row(SetAsideReason::BadChange("it ends too early".to_owned()))),
        ("set-aside-crashed", row(SetAsideReason::Crashed)),
        ("set-aside-retired-device", row(SetAsideReason::RetiredDevice)),
        ("set-aside-taken-over", row(SetAsideReason::TakenOver(hash(2)))),
        ("set-aside-orphaned", row(SetAsideReason::Orphaned(hash(2)))),
        ("set-aside-role-lost", row(SetAsideReason::RoleLost(lost))),
        ("set-aside-role-lost-unknown", row(SetAsideReason::RoleLost(unknown))),
    ]
}

/// [`Summary`]s by name.
pub fn summaries() -> Vec<(&'static str, Summary)> {
    let bare = Summary {
        doc: doc(),
        kind: Kind::TripReport,
        title: String::new(),
        number: None,
        partner: None,
        country: None,
        place: None,
        detail: None,
        category: None,
        activity: None,
        starts_on: None,
        ends_on: None,
        edited_at: 0,
        conflicts: 0,
        reviews: 0,
        discarded: false,
        text: Default::default(),
        offices: Default::default(),
        people: Default::default(),
        places: Default::default(),
        state: State::Draft,
        submitted_by: None,
        waits_since: None,
        note: None,
        discarded_by: None,
    };
    let full = Summary {
        kind: Kind::Personal,
        title: "Kerja sama «Yogyakarta» – Kyoto".to_owned(),
        number: Some("090/12".to_owned()),
        partner: Some("Kyoto".to_owned()),
        country: Some("JP".to_owned()),
        place: Some("Sleman".to_owned()),
        detail: Some("mou".to_owned()),
        category: Some("sister-city".to_owned()),
        activity: Some("active".to_owned()),
        starts_on: "2017-05-09".parse().ok(),
        ends_on: "2018".parse().ok(),
        edited_at: 1_562_716_800_123,
        conflicts: 24,
        reviews: 300,
        discarded: true,
        text: SearchText::of_text("Kerja sama Kyoto"),
        offices: ["Dinas Pariwisata".to_owned()].into_iter().collect(),
        people: ["Sri Wahyuni, S.IP.".to_owned()].into_iter().collect(),
        places: ["Kyoto".to_owned(), "Sleman".to_owned()].into_iter().collect(),
        state: State::Archived,
        submitted_by: Some(user("ayu")),
        ..bare.clone()
    };
    vec![("summary", bare), ("summary-full", full)]
}

/// [`PresenceState`]s by name.
pub fn presences() -> Vec<(&'static str, PresenceState)> {
    let somewhere = PresenceState {
        slot: 255,
        left: true,
        asks: false,
        list: "travellers".to_owned(),
        item: Some(ItemId::from_bytes([0x17; 8])),
        field: "name".to_owned(),
    };
    vec![("presence", PresenceState::default()), ("presence-in-field", somewhere)]
}
