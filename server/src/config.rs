//! What an operator can set, and where it comes from: command line, environment, file, default, in this
//! order.
//!
//! Reading is pure: [`Settings::resolve`] is given the three sources, so that their order can be tested.
//! The environment's names are the file's in capitals behind `SIMPUL_`; `PORT` is read as well. A name that nobody knows
//! is an error, in the file as in the environment.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;
use shared::wire::RelayLimits;

use crate::blobs::BucketUrl;
use crate::certificate::CertificateFiles;
use crate::hindrance::remedy;

/// The configuration file's name inside the data folder.
pub const FILE_NAME: &str = "simpul.toml";

/// Everything that an operator can set, each in at most one place of this list.
///
/// The same list serves as the file's form and as what the command line and the environment give.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wishes {
    /// The data folder. Read from a file only when the file was named by `--config`.
    pub data: Option<PathBuf>,
    /// Where PostgreSQL keeps what else the data folder would; without it the store is SQLite there.
    pub database: Option<DatabaseUrl>,
    /// The folder with the bundled app.
    pub site: Option<PathBuf>,
    /// The address to listen on.
    pub address: Option<IpAddr>,
    /// The port to listen on; 0 takes any free one.
    pub port: Option<u16>,
    /// The address that people type, such as `https://simpul.example.go.id`.
    pub origin: Option<String>,
    /// The certificate's file in PEM, with those that it hangs on; with it the relay speaks TLS itself.
    pub certificate: Option<PathBuf>,
    /// The file of the certificate's private key in PEM.
    pub certificate_key: Option<PathBuf>,
    /// The address and port on which `/metrics` is told, such as `127.0.0.1:9464`; without it nowhere.
    pub metrics: Option<SocketAddr>,
    /// The proxies in front: what they say in `X-Forwarded-For` tells clients apart.
    pub proxies: Option<Vec<IpAddr>>,
    /// `text` or `json`.
    pub log_format: Option<LogFormat>,
    /// Which log lines are written, as `tracing` filters are: `info`, `simpul=debug,info`.
    pub log: Option<String>,
    /// Connections that may be open at once.
    pub connections: Option<u32>,
    /// Connections without a session that may be open from one address; by default a quarter of all.
    pub connections_per_address: Option<u32>,
    /// Connections of one person that may be open.
    pub connections_per_person: Option<u32>,
    /// Threads that hash passwords, each with 19 MiB while it does.
    pub password_threads: Option<u32>,
    /// Seconds that a request's head may take, that its body may not come on, and that a connection may be silent
    /// between requests.
    pub head_seconds: Option<u32>,
    /// Days that a session lasts without use.
    pub session_days: Option<u32>,
    /// Pushes that a connection may have unanswered.
    pub unacked_pushes: Option<u32>,
    /// Presence frames a second and connection.
    pub presence_per_second: Option<u32>,
    /// Documents that a feed may hold.
    pub feed_documents: Option<u64>,
    /// Bytes of changes that a feed may hold.
    pub feed_bytes: Option<u64>,
    /// The bucket of the attachments; without it they lie in the data folder.
    pub blobs: Option<BucketUrl>,
    /// Bytes that an attachment may have.
    pub blob_bytes: Option<u64>,
    /// Bytes of attachments that a feed may hold.
    pub feed_blob_bytes: Option<u64>,
    /// Requests a second and person, on average.
    pub requests_per_second: Option<u32>,
    /// Frames a second and WebSocket, on average.
    pub frames_per_second: Option<u32>,
}

/// The address of a database in PostgreSQL, such as `postgres://simpul@localhost/simpul`. It may hold a
/// password, so it shows itself nowhere.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The address, to connect with.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(hidden)")
    }
}

impl TryFrom<String> for DatabaseUrl {
    type Error = ConfigError;

    fn try_from(text: String) -> Result<Self, ConfigError> {
        let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
        if is_url { Ok(Self(text)) } else { Err(ConfigError::Database) }
    }
}

impl FromStr for DatabaseUrl {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        text.to_owned().try_into()
    }
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For eyes.
    #[default]
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// The settings that a relay runs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The data folder.
    pub data: PathBuf,
    /// The database in PostgreSQL; `None`: SQLite in the data folder.
    pub database: Option<DatabaseUrl>,
    /// The folder with the bundled app.
    pub site: PathBuf,
    /// The address to listen on.
    pub address: IpAddr,
    /// The port to listen on; 0 takes any free one.
    pub port: u16,
    /// The address that people type, without a final slash; `None`: whatever they typed.
    pub origin: Option<String>,
    /// The certificate with which it speaks TLS; `None`: plain HTTP.
    pub certificate: Option<CertificateFiles>,
    /// Where `/metrics` is told; `None`: nowhere.
    pub metrics: Option<SocketAddr>,
    /// The proxies in front, whose `X-Forwarded-For` is believed, and nobody else's.
    pub proxies: Vec<IpAddr>,
    /// The form of log lines.
    pub log_format: LogFormat,
    /// Which log lines are written.
    pub log: String,
    /// Connections that may be open at once.
    pub connections: u32,
    /// Connections without a session that may be open from one address.
    pub connections_per_address: u32,
    /// Connections of one person that may be open.
    pub connections_per_person: u32,
    /// Threads that hash passwords, each with 19 MiB while it does.
    pub password_threads: u32,
    /// Seconds that a request's head may take, that its body may not come on, and that a connection may be silent
    /// between requests.
    pub head_seconds: u32,
    /// Days that a session lasts without use.
    pub session_days: u32,
    /// What `welcome` tells of this relay's limits.
    pub limits: RelayLimits,
    /// The bucket of the attachments; `None`: the data folder.
    pub blobs: Option<BucketUrl>,
    /// Bytes that an attachment may have.
    pub blob_bytes: u64,
    /// Bytes of attachments that a feed may hold.
    pub feed_blob_bytes: u64,
    /// Requests a second and person, on average.
    pub requests_per_second: u32,
    /// Frames a second and WebSocket, on average.
    pub frames_per_second: u32,
}

/// Why the settings cannot be made out.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {path} cannot be read{}", remedy(.source))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("the configuration file {path} has a mistake")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Which, with its line.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// An environment variable holds what it cannot hold.
    #[error("the environment variable {name} cannot be {value:?}: {expected} is needed")]
    Variable {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// An environment variable of ours that nobody reads.
    #[error("there is no setting {name}: is {nearest} meant? Take it out of the environment, or spell it so")]
    UnknownVariable {
        /// The variable.
        name: String,
        /// The one whose name is nearest.
        nearest: &'static str,
    },
    /// A number of which nothing is left.
    #[error(
        "the setting {0} cannot be 0: the relay would serve nobody. Leave it out ({var}) for its default, or give a number from 1 on",
        var = variable_of(.0)
    )]
    Nothing(&'static str),
    /// More threads for passwords than any machine has use for.
    #[error(
        "the setting password_threads cannot be {0}: each takes 19 MiB and a core; give one from 1 to {MOST_PASSWORD_THREADS}"
    )]
    PasswordThreads(u32),
    /// The origin is no scheme with a host.
    #[error("the origin cannot be {0:?}: it is written as https://simpul.example.go.id, without a path")]
    Origin(String),
    /// The place of the attachments is none.
    #[error("the attachments cannot lie in {0:?}: the place is written as s3://bucket or s3://bucket/folder")]
    Blobs(String),
    /// A certificate without a key, or a key without a certificate.
    #[error(
        "a certificate and its key belong together: give both `certificate` and `certificate_key`, or none"
    )]
    HalfCertificate,
    /// The database is none that can be used. What was given is not repeated: it may hold a password.
    #[error("the database cannot be used: it is written as postgres://user:password@host/database")]
    Database,
}

/// Threads that check passwords at once.
const MOST_PASSWORD_THREADS: u32 = 16;

/// The variable that stands for a setting.
fn variable_of(setting: &str) -> String {
    format!("{PREFIX}{}", setting.to_uppercase())
}

/// What the names of our environment variables begin with.
const PREFIX: &str = "SIMPUL_";

/// All of them.
const VARIABLES: [&str; 28] = [
    "SIMPUL_ADDRESS",
    "SIMPUL_BLOBS",
    "SIMPUL_BLOB_BYTES",
    "SIMPUL_CERTIFICATE",
    "SIMPUL_CERTIFICATE_KEY",
    "SIMPUL_CONFIG",
    "SIMPUL_CONNECTIONS",
    "SIMPUL_CONNECTIONS_PER_ADDRESS",
    "SIMPUL_CONNECTIONS_PER_PERSON",
    "SIMPUL_DATA",
    "SIMPUL_DATABASE",
    "SIMPUL_FEED_BLOB_BYTES",
    "SIMPUL_FEED_BYTES",
    "SIMPUL_FEED_DOCUMENTS",
    "SIMPUL_FRAMES_PER_SECOND",
    "SIMPUL_HEAD_SECONDS",
    "SIMPUL_LOG",
    "SIMPUL_LOG_FORMAT",
    "SIMPUL_METRICS",
    "SIMPUL_ORIGIN",
    "SIMPUL_PASSWORD_THREADS",
    "SIMPUL_PORT",
    "SIMPUL_PRESENCE_PER_SECOND",
    "SIMPUL_PROXIES",
    "SIMPUL_REQUESTS_PER_SECOND",
    "SIMPUL_SESSION_DAYS",
    "SIMPUL_SITE",
    "SIMPUL_UNACKED_PUSHES",
];

/// Refuses a variable of ours that nobody reads: a name that is misspelt would be ignored without a word.
///
/// # Errors
/// [`ConfigError::UnknownVariable`], with the name that is nearest.
pub fn refuse_unknown(names: impl Iterator<Item = String>) -> Result<(), ConfigError> {
    for name in names.filter(|name| name.starts_with(PREFIX)) {
        if !VARIABLES.contains(&name.as_str()) {
            let likeness = |known: &str| strsim::jaro_winkler(known, &name);
            let nearest =
                VARIABLES.into_iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
            let nearest = nearest.unwrap_or_default();
            return Err(ConfigError::UnknownVariable { name, nearest });
        }
    }
    Ok(())
}

/// Looks up an environment variable.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Settings {
    /// The address under which somebody at this machine reaches the relay on a port.
    pub fn local_address(&self, port: u16) -> String {
        self.address_at(&format!("localhost:{port}"))
    }

    /// The address under which the relay is reached on a host and port.
    pub fn address_at(&self, host: &str) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{host}")
    }

    /// Reads the file and puts the sources together. `config` is the file that the command line names.
    ///
    /// # Errors
    /// When the file cannot be read or has a mistake, or a variable holds nonsense.
    pub fn load(flags: Wishes, config: Option<&Path>, variables: Variables<'_>) -> Result<Self, ConfigError> {
        let environment = Wishes::from_variables(variables)?;
        let named = config.map(Path::to_owned).or_else(|| variables("SIMPUL_CONFIG").map(PathBuf::from));
        let file = match named {
            Some(path) => Wishes::from_file(&path)?,
            None => {
                let data =
                    flags.data.clone().or_else(|| environment.data.clone()).unwrap_or_else(default_data);
                let path = data.join(FILE_NAME);
                let is_there =
                    path.try_exists().map_err(|source| ConfigError::Read { path: path.clone(), source })?;
                let wishes = if is_there { Wishes::from_file(&path)? } else { Wishes::default() };
                // A file inside a data folder cannot name another one.
                Wishes { data: None, ..wishes }
            }
        };
        Self::resolve(flags, environment, file)
    }

    /// Puts the sources together: the command line before the environment before the file.
    ///
    /// # Errors
    /// When the origin is none, or a certificate has no key.
    pub fn resolve(flags: Wishes, environment: Wishes, file: Wishes) -> Result<Self, ConfigError> {
        let wishes = flags.or(environment).or(file);
        wishes.refuse_nothing()?;
        let origin = wishes.origin.map(|text| checked_origin(&text)).transpose()?;
        let certificate = match (wishes.certificate, wishes.certificate_key) {
            (None, None) => None,
            (Some(chain), Some(key)) => Some(CertificateFiles { chain, key }),
            _ => return Err(ConfigError::HalfCertificate),
        };
        let limits = RelayLimits::default();
        // 20 KB each when idle: 200 MB.
        let connections = wishes.connections.unwrap_or(10_000);
        Ok(Self {
            data: wishes.data.unwrap_or_else(default_data),
            database: wishes.database,
            site: wishes.site.unwrap_or_else(|| PathBuf::from("target/site")),
            address: wishes.address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            port: wishes.port.unwrap_or(8080),
            origin,
            certificate,
            metrics: wishes.metrics,
            proxies: wishes.proxies.unwrap_or_default(),
            log_format: wishes.log_format.unwrap_or_default(),
            log: wishes.log.unwrap_or_else(|| "info".to_owned()),
            connections,
            // An office of 300 behind one address opens at most six for each browser before all have signed in; and one
            // client cannot take them all.
            connections_per_address: wishes.connections_per_address.unwrap_or((connections / 4).max(16)),
            // Some devices with some tabs, and room for those that are gone and not yet known to be.
            connections_per_person: wishes.connections_per_person.unwrap_or(100),
            password_threads: wishes.password_threads.unwrap_or(1),
            head_seconds: wishes.head_seconds.unwrap_or(30),
            session_days: wishes.session_days.unwrap_or(30),
            limits: RelayLimits {
                unacked_pushes: wishes.unacked_pushes.unwrap_or(limits.unacked_pushes),
                presence_per_second: wishes.presence_per_second.unwrap_or(limits.presence_per_second),
                feed_documents: wishes.feed_documents.unwrap_or(limits.feed_documents),
                feed_bytes: wishes.feed_bytes.unwrap_or(limits.feed_bytes),
            },
            blobs: wishes.blobs,
            // A photo of a telephone has up to 12 MiB, a scanned letter more.
            blob_bytes: wishes.blob_bytes.unwrap_or(25 << 20),
            feed_blob_bytes: wishes.feed_blob_bytes.unwrap_or(20 << 30),
            // Somebody who works makes a few a minute. Where WebSockets are blocked, each edit of somebody else is one.
            requests_per_second: wishes.requests_per_second.unwrap_or(50),
            // Typing makes at most seven a second; a device that comes back, some hundreds at once.
            frames_per_second: wishes.frames_per_second.unwrap_or(500),
        })
    }

    /// Whether people reach it over an encrypted connection.
    pub fn is_https(&self) -> bool {
        self.certificate.is_some()
            || self.origin.as_ref().is_some_and(|origin| origin.starts_with("https://"))
    }

    /// Whether cookies are kept to encrypted connections: everywhere but on a relay that only this
    /// machine can reach and that nobody put behind an `https` address.
    pub fn has_secure_cookies(&self) -> bool {
        self.is_https() || (self.origin.is_none() && !self.address.is_loopback())
    }
}

fn default_data() -> PathBuf {
    PathBuf::from("data")
}

fn checked_origin(text: &str) -> Result<String, ConfigError> {
    let error = || ConfigError::Origin(text.to_owned());
    let origin = text.trim_end_matches('/');
    let host =
        origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")).ok_or_else(error)?;
    let is_host = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c));
    if is_host { Ok(origin.to_ascii_lowercase()) } else { Err(error()) }
}

impl Wishes {
    /// What is wished here, or else there.
    fn or(self, other: Self) -> Self {
        Self {
            data: self.data.or(other.data),
            database: self.database.or(other.database),
            site: self.site.or(other.site),
            address: self.address.or(other.address),
            port: self.port.or(other.port),
            origin: self.origin.or(other.origin),
            certificate: self.certificate.or(other.certificate),
            certificate_key: self.certificate_key.or(other.certificate_key),
            metrics: self.metrics.or(other.metrics),
            proxies: self.proxies.or(other.proxies),
            log_format: self.log_format.or(other.log_format),
            log: self.log.or(other.log),
            connections: self.connections.or(other.connections),
            connections_per_address: self.connections_per_address.or(other.connections_per_address),
            connections_per_person: self.connections_per_person.or(other.connections_per_person),
            password_threads: self.password_threads.or(other.password_threads),
            head_seconds: self.head_seconds.or(other.head_seconds),
            session_days: self.session_days.or(other.session_days),
            unacked_pushes: self.unacked_pushes.or(other.unacked_pushes),
            presence_per_second: self.presence_per_second.or(other.presence_per_second),
            feed_documents: self.feed_documents.or(other.feed_documents),
            feed_bytes: self.feed_bytes.or(other.feed_bytes),
            blobs: self.blobs.or(other.blobs),
            blob_bytes: self.blob_bytes.or(other.blob_bytes),
            feed_blob_bytes: self.feed_blob_bytes.or(other.feed_blob_bytes),
            requests_per_second: self.requests_per_second.or(other.requests_per_second),
            frames_per_second: self.frames_per_second.or(other.frames_per_second),
        }
    }

    /// Refuses a number under which the relay would do nothing: it would be taken for another without a word.
    fn refuse_nothing(&self) -> Result<(), ConfigError> {
        let numbers: [(&str, Option<u64>); 13] = [
            ("connections", self.connections.map(u64::from)),
            ("connections_per_address", self.connections_per_address.map(u64::from)),
            ("connections_per_person", self.connections_per_person.map(u64::from)),
            ("password_threads", self.password_threads.map(u64::from)),
            ("head_seconds", self.head_seconds.map(u64::from)),
            ("session_days", self.session_days.map(u64::from)),
            ("requests_per_second", self.requests_per_second.map(u64::from)),
            ("frames_per_second", self.frames_per_second.map(u64::from)),
            ("unacked_pushes", self.unacked_pushes.map(|most| most as u64)),
            ("feed_documents", self.feed_documents),
            ("feed_bytes", self.feed_bytes),
            ("blob_bytes", self.blob_bytes),
            ("feed_blob_bytes", self.feed_blob_bytes),
        ];
        if let Some((setting, _)) = numbers.into_iter().find(|(_, number)| *number == Some(0)) {
            return Err(ConfigError::Nothing(setting));
        }
        match self.password_threads {
            Some(threads) if threads > MOST_PASSWORD_THREADS => Err(ConfigError::PasswordThreads(threads)),
            _ => Ok(()),
        }
    }

    fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        toml::from_str(&text)
            .map_err(|source| ConfigError::Parse { path: path.to_owned(), source: Box::new(source) })
    }

    fn from_variables(variables: Variables<'_>) -> Result<Self, ConfigError> {
        // An empty variable is one that was not set: shells and service files write it so.
        let variables = |name: &str| variables(name).filter(|value| !value.is_empty());
        let text = |name: &'static str| variables(name);
        Ok(Self {
            data: text("SIMPUL_DATA").map(PathBuf::from),
            database: text("SIMPUL_DATABASE").map(DatabaseUrl::try_from).transpose()?,
            site: text("SIMPUL_SITE").map(PathBuf::from),
            address: parsed(&variables, "SIMPUL_ADDRESS", "an IP address")?,
            port: match parsed(&variables, "SIMPUL_PORT", "a port")? {
                Some(port) => Some(port),
                None => parsed(&variables, "PORT", "a port")?,
            },
            origin: text("SIMPUL_ORIGIN"),
            certificate: text("SIMPUL_CERTIFICATE").map(PathBuf::from),
            certificate_key: text("SIMPUL_CERTIFICATE_KEY").map(PathBuf::from),
            metrics: parsed(&variables, "SIMPUL_METRICS", "an address and a port, such as 127.0.0.1:9464")?,
            proxies: addresses(&variables, "SIMPUL_PROXIES")?,
            log_format: match text("SIMPUL_LOG_FORMAT").as_deref() {
                None => None,
                Some("text") => Some(LogFormat::Text),
                Some("json") => Some(LogFormat::Json),
                Some(other) => {
                    return Err(ConfigError::Variable {
                        name: "SIMPUL_LOG_FORMAT",
                        value: other.to_owned(),
                        expected: "text or json",
                    });
                }
            },
            log: text("SIMPUL_LOG"),
            connections: parsed(&variables, "SIMPUL_CONNECTIONS", "a number")?,
            connections_per_address: parsed(&variables, "SIMPUL_CONNECTIONS_PER_ADDRESS", "a number")?,
            connections_per_person: parsed(&variables, "SIMPUL_CONNECTIONS_PER_PERSON", "a number")?,
            password_threads: parsed(&variables, "SIMPUL_PASSWORD_THREADS", "a number")?,
            head_seconds: parsed(&variables, "SIMPUL_HEAD_SECONDS", "a number of seconds")?,
            session_days: parsed(&variables, "SIMPUL_SESSION_DAYS", "a number of days")?,
            unacked_pushes: parsed(&variables, "SIMPUL_UNACKED_PUSHES", "a number")?,
            presence_per_second: parsed(&variables, "SIMPUL_PRESENCE_PER_SECOND", "a number")?,
            feed_documents: parsed(&variables, "SIMPUL_FEED_DOCUMENTS", "a number")?,
            feed_bytes: parsed(&variables, "SIMPUL_FEED_BYTES", "a number of bytes")?,
            blobs: text("SIMPUL_BLOBS").map(BucketUrl::try_from).transpose()?,
            blob_bytes: parsed(&variables, "SIMPUL_BLOB_BYTES", "a number of bytes")?,
            feed_blob_bytes: parsed(&variables, "SIMPUL_FEED_BLOB_BYTES", "a number of bytes")?,
            requests_per_second: parsed(&variables, "SIMPUL_REQUESTS_PER_SECOND", "a number")?,
            frames_per_second: parsed(&variables, "SIMPUL_FRAMES_PER_SECOND", "a number")?,
        })
    }
}

/// IP addresses with commas between them.
fn addresses(
    variables: &dyn Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<Option<Vec<IpAddr>>, ConfigError> {
    let Some(value) = variables(name) else { return Ok(None) };
    let addresses = value.split(',').map(|address| address.trim().parse()).collect::<Result<_, _>>();
    let error = |_| ConfigError::Variable {
        name,
        value,
        expected: "a list of IP addresses with commas between them",
    };
    addresses.map(Some).map_err(error)
}

fn parsed<T: std::str::FromStr>(
    variables: &dyn Fn(&str) -> Option<String>,
    name: &'static str,
    expected: &'static str,
) -> Result<Option<T>, ConfigError> {
    match variables(name) {
        None => Ok(None),
        Some(value) => match value.parse() {
            Ok(parsed) => Ok(Some(parsed)),
            Err(_) => Err(ConfigError::Variable { name, value, expected }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_port(port: u16) -> Wishes {
        Wishes { port: Some(port), ..Wishes::default() }
    }

    #[test]
    fn command_line_goes_before_environment_before_file_before_default() {
        let port = |flags, environment, file| Settings::resolve(flags, environment, file).unwrap().port;
        let none = Wishes::default;
        assert_eq!(port(with_port(1), with_port(2), with_port(3)), 1);
        assert_eq!(port(none(), with_port(2), with_port(3)), 2);
        assert_eq!(port(none(), none(), with_port(3)), 3);
        assert_eq!(port(none(), none(), none()), 8080);
    }

    #[test]
    fn variable_that_nobody_reads_is_named_with_the_one_that_is_nearest() {
        let refuse = |names: &[&str]| refuse_unknown(names.iter().map(|name| (*name).to_owned()));
        assert!(refuse(&["SIMPUL_PORT", "PORT", "SIMPULA", "PATH"]).is_ok());
        for (wrong, nearest) in [
            ("SIMPUL_PROT", "SIMPUL_PORT"),
            ("SIMPUL_ORIGINS", "SIMPUL_ORIGIN"),
            ("SIMPUL_PROXY", "SIMPUL_PROXIES"),
        ] {
            let message = refuse(&["SIMPUL_DATA", wrong]).unwrap_err().to_string();
            assert!(message.contains(wrong) && message.contains(&format!("is {nearest} meant")), "{message}");
        }
    }

    #[test]
    fn variables_that_are_read_are_those_that_are_known() {
        let asked = std::cell::RefCell::new(std::collections::BTreeSet::new());
        let ask = |name: &str| {
            asked.borrow_mut().insert(name.to_owned());
            None
        };
        Settings::load(Wishes::default(), None, &ask).unwrap();
        let known = VARIABLES.into_iter().chain(["PORT"]).map(str::to_owned).collect();
        assert_eq!(asked.into_inner(), known);
    }

    #[test]
    fn simpul_port_goes_before_port() {
        let both = |name: &str| match name {
            "PORT" => Some("81".to_owned()),
            "SIMPUL_PORT" => Some("82".to_owned()),
            _ => None,
        };
        assert_eq!(Wishes::from_variables(&both).unwrap().port, Some(82));
        let only_port = |name: &str| (name == "PORT").then(|| "81".to_owned());
        assert_eq!(Wishes::from_variables(&only_port).unwrap().port, Some(81));
    }

    #[test]
    fn nonsense_in_a_variable_is_named_with_its_value() {
        let nonsense = |name: &str| (name == "PORT").then(|| "eighty".to_owned());
        let message = Wishes::from_variables(&nonsense).unwrap_err().to_string();
        assert!(message.contains("PORT") && message.contains("eighty"), "{message}");
    }

    #[test]
    fn proxies_are_addresses_in_the_file_and_in_the_environment() {
        let listed: Vec<IpAddr> = ["127.0.0.1", "::1"].map(|address| address.parse().unwrap()).into();
        let from = |value: &'static str| {
            Wishes::from_variables(&move |name| (name == "SIMPUL_PROXIES").then(|| value.to_owned()))
        };
        assert_eq!(from("127.0.0.1, ::1").unwrap().proxies.as_ref(), Some(&listed));
        let message = from("127.0.0.1, localhost").unwrap_err().to_string();
        assert!(message.contains("SIMPUL_PROXIES") && message.contains("localhost"), "{message}");
        let file: Wishes = toml::from_str("proxies = [\"127.0.0.1\", \"::1\"]").unwrap();
        assert_eq!(file.proxies, Some(listed));
    }

    #[test]
    fn file_in_the_data_folder_is_read_and_cannot_name_another_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), "data = \"/elsewhere\"\nport = 8181\n").unwrap();
        let flags = Wishes { data: Some(folder.path().to_owned()), ..Wishes::default() };
        let settings = Settings::load(flags, None, &|_| None).unwrap();
        assert_eq!((settings.data.as_path(), settings.port), (folder.path(), 8181));
    }

    #[test]
    fn misspelt_key_in_the_file_is_an_error_and_not_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.toml");
        std::fs::write(&path, "prot = 8181\n").unwrap();
        let error = Settings::load(Wishes::default(), Some(&path), &|_| None).unwrap_err();
        assert!(matches!(error, ConfigError::Parse { .. }), "{error}");
    }

    #[test]
    fn database_is_taken_from_the_environment_and_its_password_is_never_shown() {
        let url = "postgres://simpul:secret@db/simpul";
        let wishes = |value: &'static str| {
            Wishes::from_variables(&move |name| (name == "SIMPUL_DATABASE").then(|| value.to_owned()))
        };
        let taken = wishes(url).unwrap();
        assert_eq!(taken.database.as_ref().unwrap().reveal(), url);
        assert!(!format!("{taken:?}").contains("secret"));
        let error = wishes("mysql://simpul:secret@db/simpul").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
    }

    #[test]
    fn place_of_attachments_is_a_bucket_and_perhaps_a_folder_in_it() {
        for right in ["s3://simpul", "s3://simpul/lampiran/2026"] {
            assert!(right.parse::<BucketUrl>().is_ok(), "{right}");
        }
        for wrong in ["", "s3://", "/srv/blobs", "s3://a:b@c", "s3://a?region=b", "https://a/b"] {
            assert!(wrong.parse::<BucketUrl>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn origin_needs_a_scheme_and_a_host_and_nothing_more() {
        for wrong in ["simpul.example", "https://", "https://a/b", "ftp://a", "https://a b"] {
            assert!(checked_origin(wrong).is_err(), "{wrong}");
        }
        assert_eq!(checked_origin("https://Simpul.example/").unwrap(), "https://simpul.example");
    }

    #[test]
    fn cookies_are_secure_wherever_others_can_reach_the_relay() {
        let secure = |address: &str, origin: Option<&str>| {
            let wishes = Wishes {
                address: Some(address.parse().unwrap()),
                origin: origin.map(str::to_owned),
                ..Wishes::default()
            };
            Settings::resolve(wishes, Wishes::default(), Wishes::default()).unwrap().has_secure_cookies()
        };
        assert!(!secure("127.0.0.1", None));
        assert!(secure("127.0.0.1", Some("https://simpul.example")));
        assert!(secure("0.0.0.0", None));
        assert!(!secure("0.0.0.0", Some("http://simpul.local")));
    }
}
