//! TLS between the relay and PostgreSQL.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedKey, IsCa, KeyPair, generate_simple_self_signed};
use shared::wire::{Bytes, RelayPresence};
use simpul::feed_tail::{FeedTails, News};
use simpul::rights::RightsWatch;
use simpul::store::postgres::PostgresStore;
use simpul::store::{Store, StoreError};
use tempfile::TempDir;

use crate::postgres::{Postgres, run};
use crate::world::*;

/// A server with a certificate for its address in numbers alone, and that certificate in a file.
struct Secured {
    server: Postgres,
    folder: TempDir,
}

impl Secured {
    fn new() -> Self {
        Self::with(generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap())
    }

    fn with(CertifiedKey { cert, signing_key }: CertifiedKey<KeyPair>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("root.pem"), cert.pem()).unwrap();
        let server = Postgres::with_certificate(&cert.pem(), &signing_key.serialize_pem());
        Self { server, folder }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }
}

/// What kept a relay from opening its store, with its causes.
fn refusal(url: &str) -> String {
    let Err(error) = PostgresStore::open(url, epoch(1)) else { panic!("it should not open") };
    simpul_causes(&error)
}

fn simpul_causes(error: &StoreError) -> String {
    let mut line = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}

/// Fails unless the relays' connections to this server are there, and all are encrypted.
fn assert_encrypted(url: &str) {
    run(
        url,
        "DO $$ BEGIN
             IF (SELECT count(*) = 0 OR NOT bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
                 WHERE a.application_name = 'simpul') THEN
                 RAISE EXCEPTION 'some connection is not encrypted, or there is none';
             END IF; END $$",
    )
    .unwrap();
}

#[test]
fn certificate_is_checked_as_the_address_says() {
    let secured = Secured::new();
    let url = secured.server.new_database();
    let root = secured.root();
    let trusted = format!("{url}?sslmode=verify-full&sslrootcert={}", root.display());
    let store = PostgresStore::open(&trusted, epoch(1)).unwrap();
    store.put_feed(&feed("kota"), "Kota").unwrap();
    assert_eq!(store.feeds().unwrap().len(), 1);
    assert_encrypted(&url);
    drop(store);

    let by_another_name = trusted.replace("127.0.0.1", "localhost");
    assert!(refusal(&by_another_name).contains("not valid for name"), "{}", refusal(&by_another_name));
    let other = secured.folder.path().join("other.pem");
    std::fs::write(&other, generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap().cert.pem())
        .unwrap();
    let untrusted = format!("{url}?sslmode=verify-full&sslrootcert={}", other.display());
    assert!(refusal(&untrusted).contains("certificate"), "{}", refusal(&untrusted));
    // Any certificate will do, but it must be there.
    let unverified = PostgresStore::open(&format!("{url}?sslmode=require"), epoch(1)).unwrap();
    assert_eq!(unverified.feeds().unwrap().len(), 1);
    assert_encrypted(&url);
    assert!(refusal(&format!("{url}?sslmode=verify-ca")).contains("say verify-full"));
}

/// As it is made by those who follow the first page that they find.
#[test]
fn authority_that_stands_for_the_server_itself_is_refused_with_what_to_do() {
    let signing_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let cert = params.self_signed(&signing_key).unwrap();
    let secured = Secured::with(CertifiedKey { cert, signing_key });
    let url = secured.server.new_database();
    let said = refusal(&format!("{url}?sslmode=verify-full&sslrootcert={}", secured.root().display()));
    assert!(said.contains("is that of an authority") && said.contains("CA:FALSE"), "{said}");
}

#[test]
fn server_without_tls_is_refused_where_tls_is_asked_for() {
    let url = Postgres::shared().new_database();
    assert!(refusal(&format!("{url}?sslmode=require")).contains("TLS"));
    assert!(PostgresStore::open(&format!("{url}?sslmode=prefer"), epoch(1)).is_ok());
    assert!(PostgresStore::open(&format!("{url}?sslmode=disable"), epoch(1)).is_ok());
}

#[test]
fn relays_hear_each_other_over_tls_too() {
    let secured = Secured::new();
    let url = secured.server.new_database();
    let url_with_tls = format!("{url}?sslmode=verify-full&sslrootcert={}", secured.root().display());
    let relays = [1, 2].map(|_| {
        let store = PostgresStore::open(&url_with_tls, epoch(1)).unwrap();
        let tails = Arc::new(FeedTails::default());
        store.watch(&tails, &RightsWatch::default());
        (store, tails)
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let listener = relays[1].1.listen(device(9), [feed("kota")]);
        let told = RelayPresence {
            feed: feed("kota"),
            doc: doc(1),
            user: user("ani"),
            device: device(1),
            state: Bytes::from(vec![1, 2, 3]),
        };
        // Until both are connected what is told is dropped: so it is told until it is heard.
        let heard = async {
            loop {
                relays[0].1.forward(&told);
                if let Ok(news) = tokio::time::timeout(Duration::from_millis(200), listener.news()).await {
                    return news;
                }
            }
        };
        let news = tokio::time::timeout(Duration::from_secs(20), heard).await.expect("it is heard");
        assert_eq!(news, [News::Presence(told)]);
    });
    assert_encrypted(&url);
}
