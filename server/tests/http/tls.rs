//! TLS by the relay itself: browsers demand it everywhere but on localhost.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use shared::wire::{Frame, FromClient, FromRelay, SUBPROTOCOL};
use simpul::certificate::{Certificate, CertificateError, CertificateFiles};
use simpul::config::Wishes;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::world::{PASSWORD, World, hello};

const HOST: &str = "simpul.example";

/// A certificate of its own authority, in two files.
struct Issued {
    folder: TempDir,
    roots: RootCertStore,
}

impl Issued {
    fn new() -> Self {
        let mut issued = Self { folder: tempfile::tempdir().unwrap(), roots: RootCertStore::empty() };
        issued.issue();
        issued
    }

    /// Writes another one over it; both are trusted.
    fn issue(&mut self) {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed([HOST.to_owned()]).unwrap();
        std::fs::write(self.files().chain, cert.pem()).unwrap();
        std::fs::write(self.files().key, signing_key.serialize_pem()).unwrap();
        self.roots.add(cert.der().clone()).unwrap();
    }

    fn files(&self) -> CertificateFiles {
        let file = |name: &str| self.folder.path().join(name);
        CertificateFiles { chain: file("chain.pem"), key: file("key.pem") }
    }

    async fn world(&self) -> World {
        let CertificateFiles { chain, key } = self.files();
        let wishes = Wishes {
            certificate: Some(chain),
            certificate_key: Some(key),
            head_seconds: Some(1),
            ..Wishes::default()
        };
        World::start_with(wishes).await
    }

    async fn dial(&self, world: &World) -> TlsStream<TcpStream> {
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        let stream = TcpStream::connect(world.address).await.unwrap();
        let name = ServerName::try_from(HOST).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }

    /// One request over a connection of its own.
    async fn ask(&self, world: &World, request: &str) -> String {
        let mut stream = self.dial(world).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_sign_in_and_speak_over_tls_and_cookies_keep_to_it() {
    let issued = Issued::new();
    let world = issued.world().await;
    let sign_in = async |body: serde_json::Value| {
        let body = body.to_string();
        let request = format!(
            "POST /api/v1/session HTTP/1.1\r\nhost: {HOST}\r\norigin: https://{HOST}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = issued.ask(&world, &request).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), serde_json::from_str::<serde_json::Value>(body).unwrap())
    };
    let (head, _) =
        sign_in(json!({"username": "sri", "password": PASSWORD, "device_name": "peramban"})).await;
    let cookie = head.lines().find(|line| line.starts_with("set-cookie: ")).unwrap();
    assert!(cookie.contains("; Secure"), "{cookie}");

    let (_, session) =
        sign_in(json!({"username": "sri", "password": PASSWORD, "device_name": "uji", "want_token": true}))
            .await;
    let mut upgrade = format!("wss://{HOST}/api/v1/sync").into_client_request().unwrap();
    let bearer = format!("Bearer {}", session["token"].as_str().unwrap());
    upgrade.headers_mut().insert("authorization", bearer.parse().unwrap());
    upgrade.headers_mut().insert("sec-websocket-protocol", SUBPROTOCOL.parse().unwrap());
    let (mut socket, _) = client_async(upgrade, issued.dial(&world).await).await.unwrap();
    let hello = FromClient::Hello(hello(session["device"].as_str().unwrap().parse().unwrap()));
    socket.send(Message::Binary(hello.encode().into())).await.unwrap();
    let Message::Binary(answer) = socket.next().await.unwrap().unwrap() else { panic!("no frame") };
    assert!(matches!(FromRelay::decode(&answer).unwrap(), FromRelay::Welcome(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_no_tls_or_not_soon_is_closed_and_others_are_served() {
    let issued = Issued::new();
    let world = issued.world().await;
    let mut plain = TcpStream::connect(world.address).await.unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut silent = TcpStream::connect(world.address).await.unwrap();
    let request = format!("GET /healthz HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n");
    assert!(issued.ask(&world, &request).await.starts_with("HTTP/1.1 200 "));
    for stream in [&mut plain, &mut silent] {
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer));
        let _ = read.await.expect("it is closed soon");
        assert!(!String::from_utf8_lossy(&answer).contains("HTTP"), "{answer:?}");
    }
}

#[test]
fn certificate_is_renewed_from_its_files_and_the_old_one_goes_on_where_that_fails() {
    let mut issued = Issued::new();
    let certificate = Certificate::read(issued.files()).unwrap();
    assert!(!certificate.renew().unwrap());
    let old_key = std::fs::read(issued.files().key).unwrap();
    issued.issue();
    assert!(certificate.renew().unwrap());
    assert!(!certificate.renew().unwrap());

    // Half renewed: the key is still that of the certificate before.
    std::fs::write(issued.files().key, old_key).unwrap();
    assert!(matches!(certificate.renew(), Err(CertificateError::Mismatch(_))));
    std::fs::write(issued.files().chain, "no certificate").unwrap();
    assert!(matches!(certificate.renew(), Err(CertificateError::Form { .. })));
    std::fs::remove_file(issued.files().chain).unwrap();
    assert!(matches!(certificate.renew(), Err(CertificateError::Read { .. })));
    issued.issue();
    assert!(certificate.renew().unwrap());
}

#[test]
fn certificate_without_key_is_no_setting() {
    let half = Wishes { certificate: Some(PathBuf::from("chain.pem")), ..Wishes::default() };
    let settings = simpul::config::Settings::resolve(half, Wishes::default(), Wishes::default());
    assert!(settings.unwrap_err().to_string().contains("certificate_key"));
}
