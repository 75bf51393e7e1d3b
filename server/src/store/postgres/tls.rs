//! TLS to the database: what `sslmode` and `sslrootcert` in its address ask for, as libpq names them.
//!
//! `verify-full` checks that the certificate is trusted and names the host of the address. `require` and `prefer` encrypt,
//! and believe whoever answers, which helps against who only listens. Without `sslmode` nothing is encrypted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Why TLS to the database cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A mode that is not known.
    #[error(
        "sslmode={0} is not taken: say verify-full, or require to encrypt without knowing whose server it is, or disable"
    )]
    Mode(String),
    /// The file of trusted certificates cannot be read.
    #[error("{} with the certificates to trust cannot be read: the relay's user must be able to", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file holds no certificates.
    #[error("{} holds no certificate in PEM that can be trusted", .0.display())]
    Roots(PathBuf),
    /// The server's certificate is one that signs others.
    #[error(
        "the database's certificate is that of an authority, and no server's: let the authority sign a certificate for the \
         server, or make one that is none (openssl: basicConstraints = CA:FALSE); name what is to be trusted with sslrootcert"
    )]
    IsAuthority(#[source] tokio_postgres::Error),
    /// TLS cannot be set up, or the system trusts nobody.
    #[error("TLS to the database cannot be set up: name the certificate to trust with sslrootcert")]
    Setup(#[source] rustls::Error),
}

/// What the address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) mode: SslMode,
    is_verified: bool,
    roots: Option<PathBuf>,
}

/// Takes the words on TLS out of an address; gives the rest of it.
///
/// # Errors
/// [`TlsError::Mode`] where the mode is not known.
pub(super) fn split(url: &str) -> Result<(String, Wish), TlsError> {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut mode, mut roots, mut others) = (None, None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value),
            Some(("sslrootcert", value)) => {
                roots = Some(PathBuf::from(&*percent_decode_str(value).decode_utf8_lossy()));
            }
            _ => others.push(pair),
        }
    }
    let (mode, is_verified) = match mode {
        None | Some("disable") => (SslMode::Disable, false),
        Some("prefer") => (SslMode::Prefer, false),
        // As libpq: whoever names a certificate wants it checked.
        Some("require") => (SslMode::Require, roots.is_some()),
        Some("verify-full") => (SslMode::Require, true),
        Some(other) => return Err(TlsError::Mode(other.chars().take(40).collect())),
    };
    let rest = if others.is_empty() { place.to_owned() } else { format!("{place}?{}", others.join("&")) };
    Ok((rest, Wish { mode, is_verified, roots }))
}

/// What makes a connection one with TLS, where the mode asks for it.
///
/// # Errors
/// When the certificates to trust cannot be had.
pub(super) fn connector(wish: &Wish) -> Result<MakeRustlsConnect, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Setup)?;
    let builder = match &wish.roots {
        _ if !wish.is_verified => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody(provider)))
        }
        Some(path) => builder.with_root_certificates(roots_in(path)?),
        None => builder.with_platform_verifier().map_err(TlsError::Setup)?,
    };
    Ok(MakeRustlsConnect::new(builder.with_no_client_auth()))
}

fn roots_in(path: &Path) -> Result<RootCertStore, TlsError> {
    let pem = std::fs::read(path).map_err(|source| TlsError::Read { path: path.to_owned(), source })?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let none = |_| TlsError::Roots(path.to_owned());
        roots.add(certificate.map_err(|_| TlsError::Roots(path.to_owned()))?).map_err(none)?;
    }
    if roots.is_empty() { Err(TlsError::Roots(path.to_owned())) } else { Ok(roots) }
}

/// Believes any certificate, as `sslmode=require` says; only that the server has its key is checked.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_taken_out_of_the_address() {
        let url = "postgres://simpul@db/simpul";
        for (query, rest, mode, is_verified, roots) in [
            ("", "", SslMode::Disable, false, None),
            ("?sslmode=disable", "", SslMode::Disable, false, None),
            ("?connect_timeout=3", "?connect_timeout=3", SslMode::Disable, false, None),
            ("?sslmode=prefer", "", SslMode::Prefer, false, None),
            ("?sslmode=require", "", SslMode::Require, false, None),
            ("?a=b&sslmode=verify-full&c=d", "?a=b&c=d", SslMode::Require, true, None),
            (
                "?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem",
                "",
                SslMode::Require,
                true,
                Some("/etc/ca.pem"),
            ),
            ("?sslmode=require&sslrootcert=/etc/ca.pem", "", SslMode::Require, true, Some("/etc/ca.pem")),
        ] {
            let (found, wish) = split(&format!("{url}{query}")).unwrap();
            let expected = Wish { mode, is_verified, roots: roots.map(PathBuf::from) };
            assert_eq!((found, wish), (format!("{url}{rest}"), expected), "{query}");
        }
        for unknown in ["verify-ca", "allow", "yes", ""] {
            let refused = split(&format!("{url}?sslmode={unknown}"));
            assert!(matches!(refused, Err(TlsError::Mode(mode)) if mode == unknown));
        }
    }

    #[test]
    fn certificates_that_cannot_be_trusted_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let wish =
            |path: &Path| Wish { mode: SslMode::Require, is_verified: true, roots: Some(path.to_owned()) };
        let nothing = folder.path().join("nothing.pem");
        assert!(matches!(connector(&wish(&nothing)), Err(TlsError::Read { .. })));
        let empty = folder.path().join("empty.pem");
        std::fs::write(&empty, "no certificate").unwrap();
        assert!(matches!(connector(&wish(&empty)), Err(TlsError::Roots(_))));
    }
}
