//! A PostgreSQL server of the tests' own: in a temporary folder, on a free port, stopped with them.
//!
//! The programs are looked for in `$POSTGRES_BIN`, in Debian's folders and in the `PATH`; `.ci/setup
//! postgres` installs them. A server refuses to run as root, so as root it runs as `postgres` or `nobody`.
#![allow(dead_code, reason = "each test uses its part")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio_postgres::NoTls;

/// How long a server may take to answer, on a busy machine, after it was killed under load.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// Keeps a server running until its own standard input ends, which it does with the test, however that ends.
const KEEPER: &str = "\"$@\" </dev/null & server=$!; echo $server; cat >/dev/null; kill -QUIT $server; \
     wait $server; [ -z \"$REMOVE\" ] || rm -rf \"$REMOVE\"";

/// The files of a server that speaks TLS.
const CERTIFICATE: &str = "server.crt";
/// See [`CERTIFICATE`].
const KEY: &str = "server.key";

/// A server.
pub struct Postgres {
    folder: PathBuf,
    port: u16,
    keeper: Child,
    process: u32,
    databases: AtomicU32,
    /// Removes the folder, unless the keeper does.
    _folder: Option<tempfile::TempDir>,
}

impl Postgres {
    /// The server that all tests of this program share. It does not wait for the disk.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| {
            let folder = new_folder();
            let path = folder.keep();
            Self::start(path, None)
        })
    }

    /// A server of one's own, which may be killed. It waits for the disk as in real life.
    pub fn of_its_own() -> Self {
        let folder = new_folder();
        Self::start(folder.path().to_owned(), Some(folder))
    }

    /// A server of one's own that speaks TLS as well, with a certificate and its key in PEM.
    pub fn with_certificate(certificate: &str, key: &str) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let folder = new_folder();
        for (name, content) in [(CERTIFICATE, certificate), (KEY, key)] {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            if let Some((user, group)) = server_user() {
                std::os::unix::fs::chown(&path, Some(user), Some(group)).unwrap();
            }
        }
        Self::start(folder.path().to_owned(), Some(folder))
    }

    fn start(folder: PathBuf, owned: Option<tempfile::TempDir>) -> Self {
        let data = folder.join("data");
        let made = as_server("initdb")
            .args(["--auth=trust", "--username=simpul", "--encoding=UTF8", "--no-locale", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .expect("PostgreSQL is installed; `.ci/setup postgres` does it");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let (keeper, process) = keep(&folder, port, owned.is_none());
        let postgres = Self { folder, port, keeper, process, databases: AtomicU32::new(0), _folder: owned };
        postgres.wait_until_ready();
        postgres
    }

    /// Makes a new, empty database; gives its address.
    pub fn new_database(&self) -> String {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        run(&self.url("postgres"), &format!("CREATE DATABASE {name}")).unwrap();
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://simpul@127.0.0.1:{}/{database}", self.port)
    }

    /// `kill -9` of the server and of all its processes.
    pub fn kill(&self) {
        // Read before: afterwards they are nobody's children.
        let children = format!("/proc/{0}/task/{0}/children", self.process);
        let children = fs::read_to_string(children).unwrap_or_default();
        let mut all = vec![self.process.to_string()];
        all.extend(children.split_whitespace().map(str::to_owned));
        // Some may have ended by themselves.
        let _ = Command::new("kill").arg("-9").args(&all).stderr(Stdio::null()).status().unwrap();
        for process in all {
            wait_until(|| !Path::new("/proc").join(&process).exists());
        }
    }

    /// Starts it again after it was killed, on the same data and port, and waits until it answers.
    pub fn start_again(&mut self) {
        drop(self.keeper.stdin.take());
        self.keeper.wait().unwrap();
        (self.keeper, self.process) = keep(&self.folder, self.port, false);
        self.wait_until_ready();
    }

    fn wait_until_ready(&self) {
        wait_until(|| run(&self.url("postgres"), "SELECT 1").is_ok());
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// All of a database as statements that [`run`] runs in an empty one, of whatever version: without comments, without
/// the settings of the session that wrote it, and without what only psql understands.
pub fn dump(url: &str) -> String {
    let dumped = Command::new(programs().join("pg_dump"))
        .args(["--inserts", "--no-owner", "--no-privileges", url])
        .output()
        .expect("PostgreSQL is installed; `.ci/setup postgres` does it");
    assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
    let text = String::from_utf8(dumped.stdout).unwrap();
    let is_wanted =
        |line: &&str| !line.is_empty() && !["--", "\\", "SET "].iter().any(|start| line.starts_with(start));
    text.lines().filter(is_wanted).map(|line| format!("{line}\n")).collect()
}

/// Runs statements in a database.
pub fn run(url: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
    let run = async || {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        let carried = tokio::spawn(connection);
        client.batch_execute(sql).await?;
        drop(client);
        carried.await.unwrap()
    };
    // On a thread of its own: the caller may be on a runtime.
    std::thread::scope(|scope| {
        let running = scope.spawn(|| {
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run())
        });
        running.join().unwrap()
    })
}

/// Locks that somebody else holds.
pub struct Held {
    ask: std::sync::mpsc::Sender<Ask>,
    answer: std::sync::mpsc::Receiver<()>,
}

enum Ask {
    UntilOneWaits,
    LetGo,
}

impl Held {
    /// Waits until another connection to the database waits for a lock.
    pub fn until_one_waits(&self) {
        self.ask.send(Ask::UntilOneWaits).unwrap();
        self.answer.recv().unwrap();
    }

    /// Lets the locks go.
    pub fn let_go(&self) {
        self.ask.send(Ask::LetGo).unwrap();
        self.answer.recv().unwrap();
    }
}

/// Holds the locks of a statement meanwhile.
pub fn hold(url: &str, sql: &str, meanwhile: impl FnOnce(Held)) {
    let (ask, asked) = std::sync::mpsc::channel();
    let (to_answer, answer) = std::sync::mpsc::channel();
    let holding = async move || {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("BEGIN").await.unwrap();
        client.batch_execute(sql).await.unwrap();
        to_answer.send(()).unwrap();
        while let Ok(ask) = asked.recv() {
            match ask {
                Ask::UntilOneWaits => {
                    let waiting = "SELECT count(*) FROM pg_stat_activity
                         WHERE datname = current_database() AND wait_event_type = 'Lock'";
                    while client.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
                        tokio::task::yield_now().await;
                    }
                }
                Ask::LetGo => client.batch_execute("COMMIT").await.unwrap(),
            }
            to_answer.send(()).unwrap();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(move || {
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap()
                .block_on(holding());
        });
        answer.recv().unwrap();
        meanwhile(Held { ask, answer });
    });
}

fn keep(folder: &Path, port: u16, is_shared: bool) -> (Child, u32) {
    let data = folder.join("data");
    let mut command = unprivileged(Command::new("sh"));
    command.args(["-c", KEEPER, "sh"]).arg(programs().join("postgres")).arg("-D").arg(data);
    command.args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k", "", "-c", "max_connections=200"]);
    // After a kill one call brings all files to the disk, instead of one a file: seconds less on slow disks.
    command.args(["-c", "log_min_messages=fatal", "-c", "recovery_init_sync_method=syncfs"]);
    command.env("REMOVE", if is_shared { folder.as_os_str() } else { "".as_ref() });
    if folder.join(CERTIFICATE).exists() {
        let file = |name: &str| format!("{}", folder.join(name).display());
        command.args(["-c", "ssl=on", "-c", &format!("ssl_cert_file={}", file(CERTIFICATE))]);
        command.args(["-c", &format!("ssl_key_file={}", file(KEY))]);
    }
    if is_shared {
        command.args(["-c", "fsync=off", "-c", "full_page_writes=off"]);
    }
    let log = fs::File::create(folder.join("log")).unwrap();
    let mut keeper = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (keeper, line.trim().parse().unwrap())
}

fn new_folder() -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("simpul-postgres-").tempdir().unwrap();
    if let Some((user, group)) = server_user() {
        std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).unwrap();
    }
    folder
}

fn as_server(program: &str) -> Command {
    unprivileged(Command::new(programs().join(program)))
}

fn unprivileged(mut command: Command) -> Command {
    if let Some((user, group)) = server_user() {
        command.uid(user).gid(group);
    }
    // A folder that it may read.
    command.current_dir("/").env("LC_ALL", "C");
    command
}

/// Who the server runs as, where the tests run as root.
fn server_user() -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let user = |name: &str| {
        let fields: Vec<_> = passwd
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>())
            .find(|fields| fields[0] == name)?;
        Some((fields[2].parse().unwrap(), fields[3].parse().unwrap()))
    };
    Some(user("postgres").or_else(|| user("nobody")).expect("there is an unprivileged user"))
}

/// The folder of the server's programs; the newest where there are several.
fn programs() -> PathBuf {
    if let Some(folder) = std::env::var_os("POSTGRES_BIN") {
        return folder.into();
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|version| Some((version.file_name().to_str()?.parse::<u32>().ok()?, version.path())))
        .map(|(number, path)| (number, path.join("bin")))
        .filter(|(_, path)| path.join("postgres").exists())
        .max();
    // Without a folder the programs are looked for in the PATH.
    newest.map(|(_, path)| path).unwrap_or_default()
}

/// A free port below those that connections go out from: one of these might take it while the server is down.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed) % 2_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Waits for what another process does.
fn wait_until(is_so: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < READY_WITHIN, "it takes too long");
        std::thread::sleep(Duration::from_millis(20));
    }
}
