//! The command line: what there is to say, and what each word does.

mod audit;
mod backup;
mod check;
mod convert;
mod device;
mod export;
mod feed;
mod link;
mod logging;
mod name;
mod operator;
mod restore;
mod scratch;
mod serve;
mod setting_text;
mod status;
mod user;

use std::fs::Metadata;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use shared::audit::Act;

use crate::clock::Clock;
use crate::config::{self, ConfigError, DatabaseUrl, Settings, Wishes};
use crate::data_folder::{DataFolder, DataFolderError};
use crate::demo::build::BuildError;
use crate::hindrance::{address_remedy, remedy};
use crate::password::PasswordError;
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::upkeep;
use crate::store::{Sharing, Store, StoreError};

/// Joins the devices of an office when there is a link.
///
/// Simpul's relay: officers write trip reports, agreement records and action plans on devices that are
/// offline most of the day; the relay keeps what they wrote and joins it. Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "simpul", version, args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArguments,
}

const AFTER_HELP: &str = "\
A setting is taken from the command line, or else from the environment (SIMPUL_DATA, SIMPUL_DATABASE,
SIMPUL_SITE, SIMPUL_ADDRESS, SIMPUL_PORT or PORT, SIMPUL_ORIGIN, SIMPUL_LOG, ...), or else from simpul.toml
in the data folder, or else it has its default.

To begin:
  simpul --demo                      look at it, with made-up people and records
  simpul feed add kab-sleman --name \"Kabupaten Sleman\"
  simpul user add sri --name \"Sri Wahyuni\" --position \"Analis Kerja Sama\" --feed kab-sleman --role writer
  simpul serve --address 0.0.0.0 --origin https://simpul.example.go.id

To keep it: simpul status, simpul backup FILE, simpul check; server/OPERATING.md tells the rest.";

const ORIGIN_HELP: &str =
    "The address that people type, such as https://simpul.example.go.id, where a proxy stands before it";

const DATABASE_HELP: &str = "A PostgreSQL database, such as postgres://simpul@localhost/simpul, which several \
    relays may share; a password in it belongs into SIMPUL_DATABASE or the file [default: SQLite in the data folder]";

/// How often long work says how far it is.
const PROGRESS_EVERY: std::time::Duration = std::time::Duration::from_secs(2);

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the app and join the devices (the default)
    Serve(ServeArguments),
    /// Keep the people who may sign in
    User(user::UserArguments),
    /// Keep the feeds: one per region, one for the nation
    Feed(feed::FeedArguments),
    /// Name the devices, and take nothing from one any more
    Device(device::DeviceArguments),
    /// Say what the store holds
    Status(status::StatusArguments),
    /// Copy the store into a file while the relay runs
    Backup(backup::BackupArguments),
    /// Put a backup in the place of the store, while the relay stands still
    Restore(restore::RestoreArguments),
    /// List what the audit log says, or verify it
    Audit(audit::AuditArguments),
    /// Look for damage in the store; exit code 2 where some is left
    Check(check::CheckArguments),
    /// Write every document into a folder, for other programs
    Export(export::ExportArguments),
    /// Read a trip report from a Markdown file and write it as JSON or Markdown
    Convert(convert::ConvertArguments),
}

/// Where the data and the configuration lie.
#[derive(Clone, Debug, Default, Args)]
struct Place {
    /// The data folder; only `serve`, `feed add` and `restore` make one where there is none [default: ./data]
    #[arg(long, value_name = "FOLDER", global = true)]
    data: Option<PathBuf>,
    /// The configuration file [default: simpul.toml in the data folder]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// A PostgreSQL database
    #[arg(long, value_name = "URL", global = true, help = DATABASE_HELP)]
    database: Option<DatabaseUrl>,
}

impl Place {
    fn settings(&self, wishes: Wishes) -> Result<Settings, ConfigError> {
        config::refuse_unknown(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))?;
        let flags = Wishes { data: self.data.clone(), database: self.database.clone(), ..wishes };
        Settings::load(flags, self.config.as_deref(), &|name| std::env::var(name).ok())
    }
}

#[derive(Clone, Debug, Default, Args)]
struct ServeArguments {
    /// The data folder; it is created where there is none [default: ./data]
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// The configuration file [default: simpul.toml in the data folder]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A PostgreSQL database
    #[arg(long, value_name = "URL", help = DATABASE_HELP)]
    database: Option<DatabaseUrl>,
    /// Show made-up people and records, in a data folder made for that, to this machine alone
    #[arg(long)]
    demo: bool,
    /// The address to listen on; 0.0.0.0 for every one [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    address: Option<IpAddr>,
    /// The port to listen on; 0 takes any free one [default: 8080]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// The folder with the bundled app [default: target/site]
    #[arg(long, value_name = "FOLDER")]
    site: Option<PathBuf>,
    /// The address that people type, where a proxy stands before the relay
    #[arg(long, value_name = "URL", help = ORIGIN_HELP)]
    origin: Option<String>,
    /// The certificate in PEM, with those that it hangs on: the relay speaks TLS itself
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// The certificate's private key in PEM
    #[arg(long, value_name = "FILE")]
    certificate_key: Option<PathBuf>,
}

impl ServeArguments {
    fn settings(&self) -> Result<Settings, ConfigError> {
        let wishes = Wishes {
            address: self.address,
            port: self.port,
            site: self.site.clone(),
            origin: self.origin.clone(),
            certificate: self.certificate.clone(),
            certificate_key: self.certificate_key.clone(),
            ..Wishes::default()
        };
        let place =
            Place { data: self.data.clone(), config: self.config.clone(), database: self.database.clone() };
        place.settings(wishes)
    }
}

/// Why a command did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The settings cannot be made out.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data folder cannot be used.
    #[error(transparent)]
    DataFolder(#[from] DataFolderError),
    /// The store cannot be opened, read or written.
    #[error("the store cannot do it")]
    Store(#[from] crate::store::StoreError),
    /// The password is not taken.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The two passwords that were typed differ.
    #[error("the two passwords differ; nothing was changed")]
    PasswordsDiffer,
    /// The terminal or the standard input cannot be read.
    #[error("the password cannot be read")]
    ReadPassword(#[source] std::io::Error),
    /// There is no such person.
    #[error("there is no user {0}; `simpul user list` names all")]
    NoSuchUser(shared::ids::UserId),
    /// There is such a person already.
    #[error("there is a user {0} already")]
    UserExists(shared::ids::UserId),
    /// There is no such office.
    #[error(
        "there is no office {0} in a feed of this person; `simpul feed show FEED` names its offices, `simpul feed set FEED offices` sets them"
    )]
    NoSuchOffice(String),
    /// A setting is not taken.
    #[error(transparent)]
    Setting(#[from] setting_text::SettingTextError),
    /// There is no such device.
    #[error("there is no device {0}; `simpul device list` names all")]
    NoSuchDevice(shared::ids::DeviceId),
    /// Nobody may sign in by a link of theirs.
    #[error("{0} is disabled, and a link would let nobody in: say `simpul user enable {0}` first")]
    Disabled(shared::ids::UserId),
    /// There is no such feed.
    #[error("there is no feed {0}; `simpul feed list` names all, `simpul feed add` adds one")]
    NoSuchFeed(shared::ids::FeedId),
    /// A demonstration listens on this machine alone.
    #[error("a demonstration listens on 127.0.0.1 only, since everybody knows its passwords")]
    DemonstrationAddress,
    /// A demonstration lives in its data folder.
    #[error(
        "a demonstration keeps its made-up people in the data folder, never in a database; leave out --database"
    )]
    DemonstrationDatabase,
    /// The address or port cannot be had.
    #[error("cannot listen on {address}: {}", address_remedy(.source, *.address, "--port (SIMPUL_PORT)"))]
    Listen {
        /// What was asked for.
        address: std::net::SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The demonstration cannot be built.
    #[error("the demonstration cannot be built")]
    Demonstration(#[from] BuildError),
    /// Serving failed.
    #[error("serving failed")]
    Serve(#[source] std::io::Error),
    /// The file cannot be read.
    #[error("{path} cannot be read{}", remedy(.source))]
    ReadFile {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is no report.
    #[error(transparent)]
    Import(#[from] shared::domain::report_text::ImportError),
    /// The command is for SQLite's file.
    #[error(
        "this command is for the store in the data folder; PostgreSQL's has tools of its own, such as pg_dump"
    )]
    IsPostgres,
    /// A store in PostgreSQL is only looked at.
    #[error(
        "a store in PostgreSQL is looked at, not repaired: restore it from a backup; the devices bring back what is newer"
    )]
    NotRepairedOnPostgres,
    /// There is nothing to work on.
    #[error(
        "there is no database {}; name the data folder with --data. `simpul feed add` begins one, and so does `simpul serve`",
        .0.display()
    )]
    NoDatabase(PathBuf),
    /// There is no such file.
    #[error("there is no backup {}", .0.display())]
    NoBackup(PathBuf),
    /// There is no data folder, and nothing is made by looking.
    #[error("there is no data folder {}; name the one with the backup's receipts.key with --data", .0.display())]
    NoDataFolder(PathBuf),
    /// Nothing is overwritten.
    #[error("{} exists already; name another, nothing was written", .0.display())]
    Exists(PathBuf),
    /// There is nothing to write into.
    #[error("there is no folder {}: make it first, or name another; nothing was written", .0.display())]
    NoFolder(PathBuf),
    /// Something cannot be written.
    #[error("{path} cannot be written{}", remedy(.source))]
    WriteFile {
        /// What.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The folder has no key for the backup's receipts.
    #[error(
        "there is no receipts' key {}: put the copy that was kept of it there first, or say --new-key; with \
         a new key, who wrote what the devices bring back is not proved any more", .0.display()
    )]
    NoKey(PathBuf),
    /// The folder has no key for the receipts of the store.
    #[error(
        "there is no receipts' key {}, and the store has receipts of one: put the copy that was kept of it there{}. {}", .0.display(),
        .1.or_copy("receipts.key"), lost_receipt_key(*.1)
    )]
    ReceiptKeyGone(PathBuf, Sharing),
    /// The folder has another key than that of the store's receipts.
    #[error("{}. {}", StoreError::OtherReceiptKey(*.0), lost_receipt_key(*.0))]
    OtherReceiptKey(Sharing),
    /// The folder has another key than that of the backup.
    #[error(
        "the receipts' key {} is another than that of the backup: put the copy that was kept of the backup's key there. Where \
         it is lost for good, say --new-key: the key in the folder holds from then on, and who wrote what is in the backup \
         is not proved any more", .0.display()
    )]
    OtherKeyThanBackup(PathBuf),
    /// The folder has no key to verify the audit log with.
    #[error("there is no audit log's key {}: put the copy that was kept of it there", .0.display())]
    NoAuditKey(PathBuf),
    /// The folder has no key for the store's audit log to go on with.
    #[error(
        "there is no audit log's key {}, and the store has an audit log: put the copy that was kept of it there{}. Where it is lost, say \
         `simpul audit --new-key`; what the audit log told until then is not proved any more", .0.display(), .1.or_copy("audit.key")
    )]
    AuditKeyGone(PathBuf, Sharing),
    /// The folder has another key than that of the store's audit log.
    #[error(
        "{}. Where it is lost for good, move audit.key away and say `simpul audit --new-key`; what the audit log told until then \
         is not proved any more", StoreError::OtherAuditKey(*.0)
    )]
    OtherAuditKey(Sharing),
    /// The audit log's key is there.
    #[error("the audit log has its key, {}: a new one would only take its proof away", .0.display())]
    AuditKeyThere(PathBuf),
    /// There is a key, and it is not the audit log's.
    #[error(
        "{} is another key than that of this audit log: put the copy that was kept of the log's own there. Where that is lost for \
         good, move this file away and say `simpul audit --new-key` again; what the audit log told until then is not proved any more", .0.display()
    )]
    OtherAuditKeyThere(PathBuf),
    /// The folder has no key for the backup's audit log to go on with.
    #[error(
        "there is no audit log's key {}: put the copy that was kept of it there first, or say --new-key; with \
         a new key, what the audit log told until now is not proved any more", .0.display()
    )]
    LostAuditKey(PathBuf),
    /// The folder has another key than that of the backup's audit log.
    #[error(
        "the audit log's key {} is another than that of the store: put the copy that was kept of the store's there. Where it is \
         lost for good, say --new-key: what the audit log told until now is not proved any more", .0.display()
    )]
    OtherAuditKeyThanBackup(PathBuf),
    /// The backup is damaged.
    #[error(
        "the backup is damaged in {0} places, nothing was changed: `simpul check --file` names them; take \
         another backup, or say --damaged to restore this one all the same"
    )]
    DamagedBackup(u64),
    /// The answer of whoever is asked cannot be read.
    #[error("the answer cannot be read")]
    ReadAnswer(#[source] std::io::Error),
    /// Nobody knows what people may do.
    #[error(
        "{why}: whoever was disabled or lost a role since the backup would have it again. Nothing was changed. Look at the \
         list; where everybody in it is to have these rights, say --accounts-as-in-backup\n{accounts}"
    )]
    AccountsUnknown {
        /// Why not.
        why: String,
        /// Who would have which rights.
        accounts: String,
    },
    /// The place of the attachments cannot be used.
    #[error("the attachments cannot be had")]
    Blobs(#[from] crate::blobs::BlobError),
    /// Attachments were left out.
    #[error(
        "the bytes of {0} attachments are not there, or are others; index.json names them, the others were written"
    )]
    BlobsNotExported(usize),
    /// Changes were left out.
    #[error(
        "{0} changes could not be read, and what builds on them; index.json names them and says why, \
         everything else was written"
    )]
    ChangesNotExported(usize),
    /// SQLite cannot read all of the backup.
    #[error(
        "the file is damaged and cannot be read as a whole, nothing was changed: `simpul check --file` names what is hit; take \
         another backup, or say --damaged to keep everything that can be read of this one"
    )]
    UnreadableBackup(#[source] crate::store::StoreError),
    /// What was named is no database at all.
    #[error(
        "{} is no SQLite database, so it is no backup of Simpul: name the file that `simpul backup` wrote. Nothing was changed. Where it is \
         one whose first page is damaged, say --damaged to keep everything that can be read of it", .0.display()
    )]
    NotABackup(PathBuf),
    /// Documents were left out.
    #[error(
        "{0} documents could not be put together; index.json names them, `simpul check` says why, the others were written"
    )]
    NotExported(usize),
    /// All documents were written, of a store that is damaged.
    #[error(
        "the store is damaged in {0} places, which index.json names; every document that it knows of was written. `simpul check` \
         says what helps"
    )]
    ExportedOfDamage(usize),
    /// The answer cannot be written.
    #[error("the output cannot be written")]
    Write(#[source] std::io::Error),
    /// A log filter that cannot be read.
    #[error("the log filter {filter:?} cannot be read; write it as info or simpul=debug,info")]
    LogFilter {
        /// What was given.
        filter: String,
        /// Why.
        #[source]
        source: tracing_subscriber::filter::ParseError,
    },
    /// The runtime cannot start.
    #[error("the runtime cannot start")]
    Runtime(#[source] std::io::Error),
}

/// Who may have the store of the settings.
fn sharing_of(settings: &Settings) -> Sharing {
    if settings.database.is_some() { Sharing::Shared } else { Sharing::Alone }
}

/// What one does whose receipts' key is lost for good.
fn lost_receipt_key(sharing: Sharing) -> &'static str {
    match sharing {
        Sharing::Alone => {
            "Where it is lost for good, say `simpul backup FILE` and then `simpul restore FILE --new-key`: who wrote what there is until \
                 then is not proved any more"
        }
        Sharing::Shared => {
            "Where it is lost for good, stop all relays, say `DELETE FROM receipt_keys` to the database, and start one without a \
                 receipts.key, which makes another; copy that to all: who wrote what there is until then is not proved any more, and `simpul \
                 check` names all of it"
        }
    }
}

/// Does what the command line says.
pub fn run(cli: Cli) -> ExitCode {
    let done = match cli.command {
        None => serve::run(cli.serve),
        Some(Command::Serve(arguments)) => serve::run(arguments),
        Some(Command::Status(arguments)) => status::run(&arguments),
        Some(Command::Backup(arguments)) => backup::run(&arguments),
        Some(Command::Restore(arguments)) => restore::run(&arguments),
        Some(Command::Audit(arguments)) => match audit::run(&arguments) {
            Ok(audit::Outcome::Sound) => Ok(()),
            Ok(audit::Outcome::Altered) => return ExitCode::from(2),
            Err(error) => Err(error),
        },
        Some(Command::Check(arguments)) => match check::run(&arguments) {
            Ok(check::Outcome::Sound) => Ok(()),
            Ok(check::Outcome::Damaged) => return ExitCode::from(2),
            Err(error) => Err(error),
        },
        Some(Command::Export(arguments)) => export::run(&arguments),
        Some(Command::User(arguments)) => user::run(arguments),
        Some(Command::Device(arguments)) => device::run(arguments),
        Some(Command::Feed(arguments)) => feed::run(arguments),
        Some(Command::Convert(arguments)) => convert::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Tells an error with its causes.
#[expect(clippy::print_stderr, reason = "a command speaks on its terminal")]
fn complain(error: &dyn std::error::Error) {
    eprintln!("simpul: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
}

/// Writes lines to the standard output. A reader that has gone away (`| head`) is no error.
fn say(text: &str) -> Result<(), CommandError> {
    use std::io::Write;
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(CommandError::Write(error)),
        _ => Ok(()),
    }
}

/// The database of the settings' data folder, which must be there: nothing is made by looking.
fn existing_database(place: &Place) -> Result<(DataFolder, PathBuf), CommandError> {
    let settings = place.settings(Wishes::default())?;
    if settings.database.is_some() {
        return Err(CommandError::IsPostgres);
    }
    // Before the folder is opened, which takes from others what they may do with it.
    let database = DataFolder::database_in(&settings.data);
    if DataFolder::awaits_restore(&settings.data) {
        // Also where there is one: its log may lie under another name.
        Err(DataFolderError::Restoring(settings.data).into())
    } else if is_file(&database)? {
        Ok((DataFolder::open_any(&settings.data)?, database))
    } else {
        Err(CommandError::NoDatabase(database))
    }
}

/// Whether there is such a file. That this user may not look is no answer.
fn is_file(path: &Path) -> Result<bool, CommandError> {
    Ok(metadata(path)?.is_some_and(|metadata| metadata.is_file()))
}

/// See [`is_file`].
fn is_folder(path: &Path) -> Result<bool, CommandError> {
    Ok(metadata(path)?.is_some_and(|metadata| metadata.is_dir()))
}

fn metadata(path: &Path) -> Result<Option<Metadata>, CommandError> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(source) => Err(CommandError::ReadFile { path: path.to_owned(), source }),
    }
}

/// The clock for what is stored: never behind what the store holds.
fn clock_of(store: &dyn Store) -> Result<Clock, CommandError> {
    let clock = Clock::default();
    clock.note_stored(store.latest_time()?);
    Ok(clock)
}

/// The store of the settings, which must be there.
fn existing_store(place: &Place) -> Result<Arc<dyn Store>, CommandError> {
    let settings = place.settings(Wishes::default())?;
    // Not of an older version either: it would be changed by opening it.
    match &settings.database {
        None => drop(upkeep::open_for_reading(&existing_database(place)?.1)?),
        Some(url) => PostgresStore::look(url.reveal())?,
    }
    serve::open_store_to_look(&settings)
}

/// The store of the settings, which must be there, to change something in it: what is changed is told in the audit log.
fn store_to_change(place: &Place) -> Result<Arc<dyn Store>, CommandError> {
    let settings = place.settings(Wishes::default())?;
    match &settings.database {
        None => drop(existing_database(place)?),
        // One of an older version takes the steps that it lacks.
        Some(url) => match PostgresStore::look(url.reveal()) {
            Ok(()) | Err(StoreError::Older { .. }) => {}
            Err(error) => return Err(error.into()),
        },
    }
    serve::open_store(&settings)
}

/// Tells in the audit log what a command does. Where that cannot be written the command goes on, and says so: a copy of
/// a store on a disk that takes nothing more is wanted most then.
#[expect(clippy::print_stderr, reason = "a command speaks on its terminal")]
fn trace(place: &Place, act: Act) {
    let tell = || -> Result<(), CommandError> {
        let store = existing_store(place)?;
        let settings = place.settings(Wishes::default())?;
        serve::trace_in(&*store, &settings)?;
        Ok(store.trace(vec![act])?)
    };
    if let Err(error) = tell() {
        eprintln!("simpul: the audit log does not tell of this: {}", crate::http::causes(&error));
    }
}

/// Tells how far long work is, now and then, on the terminal where there is one.
#[expect(clippy::print_stderr, reason = "a command speaks on its terminal")]
fn progress(what: &'static str) -> impl FnMut(u64, u64) {
    use std::io::IsTerminal;
    let is_watched = std::io::stderr().is_terminal();
    let mut told_at = std::time::Instant::now();
    move |done, total| {
        if is_watched && told_at.elapsed() >= PROGRESS_EVERY {
            told_at = std::time::Instant::now();
            eprintln!("{what}: {done} of {total}");
        }
    }
}

/// Makes a file's content and its name survive a power cut.
fn sync(path: &Path) -> std::io::Result<()> {
    std::fs::File::open(path)?.sync_all()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Where the attachments lie, for eyes.
fn blobs_place(settings: &Settings) -> String {
    match &settings.blobs {
        Some(bucket) => bucket.to_string(),
        None => settings.data.join(crate::blobs::FOLDER).display().to_string(),
    }
}

/// Bytes for eyes.
fn bytes(number: u64) -> String {
    let (mut value, mut unit) = (number as f64, "bytes");
    for larger in ["KiB", "MiB", "GiB", "TiB"] {
        if value < 1024.0 {
            break;
        }
        (value, unit) = (value / 1024.0, larger);
    }
    if unit == "bytes" { format!("{number} bytes") } else { format!("{value:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn without_a_command_it_serves_and_takes_the_flags_of_serving() {
        let cli =
            Cli::try_parse_from(["simpul", "--demo", "--port", "81", "--data", "d", "--site", "s"]).unwrap();
        assert!(cli.command.is_none() && cli.serve.demo);
        assert_eq!(cli.serve.settings().unwrap().port, 81);
        let cli = Cli::try_parse_from(["simpul", "serve", "--demo"]).unwrap();
        assert!(matches!(cli.command, Some(Command::Serve(ServeArguments { demo: true, .. }))));
    }

    #[test]
    fn password_is_no_argument() {
        let words = ["simpul", "user", "add", "sri", "--name", "Sri", "--feed", "f", "--role", "writer"];
        assert!(Cli::try_parse_from(words).is_ok());
        let with_password = words.iter().copied().chain(["--password", "x"]);
        assert!(Cli::try_parse_from(with_password).is_err());
    }

    #[test]
    fn help_names_every_command_and_how_to_begin() {
        let help = Cli::command().render_long_help().to_string();
        for word in [
            "serve",
            "user",
            "feed",
            "convert",
            "backup",
            "restore",
            "check",
            "audit",
            "export",
            "status",
            "--demo",
            "SIMPUL_DATA",
            "simpul.toml",
        ] {
            assert!(help.contains(word), "{word}");
        }
    }
}
