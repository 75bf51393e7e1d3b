//! `simpul serve`: opens the data folder, starts the writer, listens, and stops without losing anything.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use shared::audit::Head;
use shared::ids::EpochId;
use shared::sync::relay::entry::ReceiptKey;
use shared::sync::relay::writer::Rules;
use tracing::{info, warn};

use super::operator::operator;
use super::{CommandError, ServeArguments, logging, say, sharing_of};
use crate::config::Settings;
use crate::data_folder::{DataFolder, DataFolderError, Purpose};
use crate::demo;
use crate::random::random;
use crate::running::{Running, Storing};
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::SqliteStore;
use crate::store::{Sharing, Store, StoreError};

/// Threads that ask the store and check passwords. The library's own choice would be 512: when a thousand
/// devices come at once each would get its stack and heap, only to wait for one of the few readers.
const STORE_THREADS: usize = 16;

pub(super) fn run(arguments: ServeArguments) -> Result<(), CommandError> {
    let mut settings = arguments.settings()?;
    logging::begin(&settings)?;
    let purpose = if arguments.demo { Purpose::Demonstration } else { Purpose::Work };
    if arguments.demo {
        let wanted = arguments.address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        if wanted != IpAddr::V4(Ipv4Addr::LOCALHOST) {
            return Err(CommandError::DemonstrationAddress);
        }
        if arguments.database.is_some() {
            return Err(CommandError::DemonstrationDatabase);
        }
        // Whatever file or environment say: the passwords are known to everybody.
        settings.database = None;
        settings.blobs = None;
        settings.address = wanted;
        settings.origin = None;
        settings.certificate = None;
        settings.proxies = Vec::new();
    }
    let folder = DataFolder::open(&settings.data, purpose)?;
    // Relays over a database elsewhere may share the folder.
    let _lock = if settings.database.is_none() { Some(folder.lock()?) } else { None };
    if arguments.demo && !folder.is_demonstration_complete() {
        folder.clear_half_built_demonstration()?;
    }
    let store: Arc<dyn Store> = match &settings.database {
        None => Arc::new(SqliteStore::open_to_serve(&database_of(&folder)?, new_epoch())?),
        Some(url) => Arc::new(PostgresStore::open(url.reveal(), new_epoch())?),
    };
    // Both keys are looked at before one is made or anything is written: neither is ever replaced unawares.
    let sharing = sharing_of(&settings);
    require_audit_key(&*store, &folder, sharing)?;
    let key = receipt_key_in(&*store, &folder, sharing)?;
    store.trace_with(&folder.audit_key()?)?;
    let rules = Rules::new(key, settings.limits);

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(STORE_THREADS)
        .build()
        .map_err(CommandError::Runtime)?;
    let address = SocketAddr::new(settings.address, settings.port);
    runtime.block_on(async {
        // Before the store is filled: a port that is taken is told at once.
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .map_err(|source| CommandError::Listen { address, source })?;
        let storing = Storing::start(store, rules).map_err(CommandError::Serve)?;
        if arguments.demo && !folder.is_demonstration_complete() {
            info!("building the demonstration");
            demo::build::build(storing.store(), storing.writer())?;
            folder.mark_demonstration_complete()?;
        }
        let address = listener.local_addr().map_err(CommandError::Serve)?;
        let running = Running::start(settings.clone(), arguments.demo, storing, listener)
            .map_err(CommandError::Serve)?;
        // Before the address is told: who reads it may stop the relay at once.
        let stop = StopSignal::listen();
        greet(&settings, arguments.demo, address)?;
        stop.heard().await;
        info!("stopping: what waits is stored, connections are told to come back");
        running.stop().await.map_err(CommandError::Serve)?;
        info!("stopped");
        Ok(())
    })
}

/// Tells people where to look, and as whom.
fn greet(settings: &Settings, is_demonstration: bool, address: SocketAddr) -> Result<(), CommandError> {
    info!(port = address.port(), "serving on port {}", address.port());
    if !settings.site.join("index.html").is_file() {
        warn!(
            site = %settings.site.display(),
            "no app in {}: name the folder with the app's files with --site (SIMPUL_SITE)", settings.site.display()
        );
    }
    let reached = match (&settings.origin, address.ip()) {
        (Some(origin), _) => origin.clone(),
        (None, ip) if ip.is_loopback() || ip.is_unspecified() => settings.local_address(address.port()),
        (None, _) => settings.address_at(&address.to_string()),
    };
    if is_demonstration {
        say(&format!("{reached}\n{}", demo::accounts()))
    } else {
        say(&format!("{reached}\n"))
    }
}

/// Opens the store of the settings to change something: what is changed is told in the audit log.
pub(super) fn open_store(settings: &Settings) -> Result<Arc<dyn Store>, CommandError> {
    let store = open_store_to_look(settings)?;
    trace_in(&*store, settings)?;
    Ok(store)
}

/// Lets the store tell in its audit log under the key in the data folder. Another key is never made in place of one that is lost:
/// the rows that there are would silently not be proved any more.
pub(super) fn trace_in(store: &dyn Store, settings: &Settings) -> Result<(), CommandError> {
    // A folder that was misspelt is not made.
    require_audit_key(store, &DataFolder::look(&settings.data), sharing_of(settings))?;
    store.trace_with(&DataFolder::open_any(&settings.data)?.audit_key()?)?;
    store.name_operator(operator());
    Ok(())
}

/// Refuses where the folder has not the key of the store's audit log.
fn require_audit_key(store: &dyn Store, folder: &DataFolder, sharing: Sharing) -> Result<(), CommandError> {
    let (mark, head) = (store.audit_key_mark()?, store.audit_head()?);
    match (folder.has_audit_key()?, mark) {
        (false, mark) if mark.is_some() || head != Head::START => {
            Err(CommandError::AuditKeyGone(folder.audit_key_file(), sharing))
        }
        (true, Some(mark)) if *folder.audit_key()?.mark() != mark => {
            Err(CommandError::OtherAuditKey(sharing))
        }
        _ => Ok(()),
    }
}

/// The key for the store's receipts, in the folder. Another one is never made in place of one that is lost.
fn receipt_key_in(
    store: &dyn Store,
    folder: &DataFolder,
    sharing: Sharing,
) -> Result<ReceiptKey, CommandError> {
    if !folder.has_receipt_key()? && store.receipt_key_mark()?.is_some() {
        return Err(CommandError::ReceiptKeyGone(folder.receipt_key_file(), sharing));
    }
    let key = ReceiptKey::new(folder.receipt_key()?);
    match store.agree_on_receipt_key(&key) {
        Err(StoreError::OtherReceiptKey(_)) => Err(CommandError::OtherReceiptKey(sharing)),
        agreed => Ok(agreed.map(|()| key)?),
    }
}

/// Opens the store of the settings: their database, or the one in their data folder, whatever its purpose.
pub(super) fn open_store_to_look(settings: &Settings) -> Result<Arc<dyn Store>, CommandError> {
    match &settings.database {
        None => {
            let folder = DataFolder::open_any(&settings.data)?;
            Ok(Arc::new(SqliteStore::open(&database_of(&folder)?, new_epoch())?))
        }
        Some(url) => Ok(Arc::new(PostgresStore::open(url.reveal(), new_epoch())?)),
    }
}

/// The file of the folder's database, which may be one that is yet to be begun.
fn database_of(folder: &DataFolder) -> Result<PathBuf, CommandError> {
    if DataFolder::awaits_restore(folder.path()) {
        // The store may lie under another name: an empty one must not be begun in its place.
        return Err(DataFolderError::Restoring(folder.path().to_owned()).into());
    }
    Ok(folder.database())
}

fn new_epoch() -> EpochId {
    EpochId::from_bytes(random())
}

/// Ctrl-c, and the signal with which services are stopped.
struct StopSignal {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl StopSignal {
    /// Listens from now on.
    fn listen() -> Self {
        #[cfg(unix)]
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        Self {
            #[cfg(unix)]
            terminate: terminate.expect("the runtime can listen to signals"),
        }
    }

    /// Waits for either.
    async fn heard(self) {
        #[cfg(unix)]
        {
            let mut terminate = self.terminate;
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        #[cfg(not(unix))]
        {
            // Without the signal there is nothing to wait for but the end of the process.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
