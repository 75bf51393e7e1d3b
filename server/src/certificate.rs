//! The relay's certificate for TLS, read from two files and read again when they change.
//!
//! Whoever keeps it (certbot, an office's own authority) renews the files in place; nobody has to restart the relay. Where the
//! new files cannot be used, the old certificate goes on until they can.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// The files of a certificate, both in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate, and behind it those that it hangs on.
    pub chain: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("{} cannot be read: the relay's user must be able to", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{} holds no {expected} in PEM", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        expected: &'static str,
    },
    /// The two do not belong together, or are of a kind that nobody may use.
    #[error("certificate and key cannot be used together")]
    Mismatch(#[source] rustls::Error),
}

/// A certificate that can be shown.
pub struct Certificate {
    files: CertificateFiles,
    current: Mutex<Current>,
}

struct Current {
    chain: Vec<u8>,
    key: Vec<u8>,
    config: Arc<ServerConfig>,
}

impl Certificate {
    /// Reads the files.
    ///
    /// # Errors
    /// When they cannot be read or used.
    pub fn read(files: CertificateFiles) -> Result<Self, CertificateError> {
        let current = Current::read(&files)?;
        Ok(Self { files, current: Mutex::new(current) })
    }

    /// Reads the files again; true where they have changed and count from now on.
    ///
    /// # Errors
    /// When they cannot be read or used; the certificate is then as before.
    pub fn renew(&self) -> Result<bool, CertificateError> {
        let found = Current::read(&self.files)?;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = found.chain != current.chain || found.key != current.key;
        if is_new {
            *current = found;
        }
        Ok(is_new)
    }

    /// Speaks TLS with who comes now.
    pub fn acceptor(&self) -> TlsAcceptor {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&current.config))
    }
}

impl Current {
    fn read(files: &CertificateFiles) -> Result<Self, CertificateError> {
        let (chain, key) = (bytes_of(&files.chain)?, bytes_of(&files.key)?);
        let form = |path: &Path, expected| CertificateError::Form { path: path.to_owned(), expected };
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(&chain)
            .collect::<Result<_, _>>()
            .map_err(|_| form(&files.chain, "certificate"))?;
        if certificates.is_empty() {
            return Err(form(&files.chain, "certificate"));
        }
        let private = PrivateKeyDer::from_pem_slice(&key).map_err(|_| form(&files.key, "private key"))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates, private))
            .map_err(CertificateError::Mismatch)?;
        // WebSockets go over HTTP/1.1.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { chain, key, config: Arc::new(config) })
    }
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, CertificateError> {
    std::fs::read(path).map_err(|source| CertificateError::Read { path: path.to_owned(), source })
}
