//! The command, as a process: what it prints, what it refuses, how it stops.

#![expect(clippy::unwrap_used, reason = "what is unwrapped in a test is what the test expects")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::{Value, json};

/// The command, with no settings but those given.
fn simpul() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simpul"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SIMPUL") || name == "PORT") {
        command.env_remove(name);
    }
    command
}

fn run(words: &[&str], input: &str) -> Output {
    let mut command = simpul();
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that refuses at once does not read what it is given.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs a command that must succeed; gives what it printed.
fn done(words: &[&str], input: &str) -> String {
    let output = run(words, input);
    assert!(output.status.success(), "{words:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// Runs a command that must fail; gives what it said.
fn refused(words: &[&str], input: &str) -> String {
    let output = run(words, input);
    assert!(!output.status.success(), "{words:?}: {}", text(&output.stdout));
    text(&output.stderr)
}

/// A relay that serves, until it is dropped.
struct Serving {
    child: Child,
    url: String,
    output: BufReader<ChildStdout>,
}

impl Serving {
    fn start(words: &[&str]) -> Self {
        let mut command = simpul();
        command.args(words).args(["--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        output.read_line(&mut url).unwrap();
        Self { child, url: url.trim().to_owned(), output }
    }

    #[cfg(unix)]
    fn stop(mut self) -> (bool, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().success(), rest)
    }

    fn sign_in(&self, user: &str, password: &str) -> u16 {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let body = json!({"username": user, "password": password, "want_token": true});
        let agent = ureq::Agent::new_with_config(config);
        let answer = agent.post(format!("{}/api/v1/session", self.url)).send_json(body).unwrap();
        answer.status().as_u16()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn folder(place: &tempfile::TempDir, name: &str) -> String {
    place.path().join(name).to_str().unwrap().to_owned()
}

#[test]
fn help_explains_itself() {
    let help = done(&["--help"], "");
    for word in ["serve", "user", "feed", "convert", "--demo", "--data", "SIMPUL_DATA", "simpul.toml"] {
        assert!(help.contains(word), "{word}: {help}");
    }
    assert!(done(&["user", "add", "--help"], "").contains("password is asked for"));
}

#[test]
fn misspelt_option_is_not_taken_for_damage() {
    for words in [&["check", "--bogus"][..], &["audit", "--verfiy"], &["chek"]] {
        assert_eq!(run(words, "").status.code(), Some(64), "{words:?}");
    }
    assert_eq!(run(&["check", "--help"], "").status.code(), Some(0));
}

#[test]
fn people_are_added_listed_disabled_and_given_passwords() {
    let place = tempfile::tempdir().unwrap();
    let data = folder(&place, "data");
    let user = |words: &[&'static str]| [&["user", "--data", data.as_str()], words].concat();
    let add =
        user(&["add", "sri", "--name", "Sri W", "--position", "Analis", "--feed", "kab", "--role", "writer"]);
    assert!(refused(&add, "Perahu-Pagi-07\n").contains("there is no database"));
    done(&["feed", "add", "kota", "--name", "Kota", "--data", &data], "");
    assert!(refused(&add, "Perahu-Pagi-07\n").contains("no feed kab"));
    done(&["feed", "add", "kab", "--name", "Kabupaten", "--data", &data], "");
    assert_eq!(done(&["feed", "list", "--data", &data], ""), "kab\tKabupaten\nkota\tKota\n");
    assert!(refused(&add, "pendek\n").contains("at least 12 characters"));
    assert!(refused(&add, "Rahasia-123456\n").contains("tried first"));
    assert!(refused(&add, "perahu sri pagi\n").contains("person's name"));
    done(&add, "Perahu-Pagi-07\n");
    let before = done(&["audit", "--data", &data], "");
    assert!(refused(&add, "Perahu-Pagi-07\n").contains("already"));
    assert_eq!(done(&["audit", "--data", &data], ""), before, "nothing was changed");
    assert_eq!(done(&user(&["list"]), ""), "sri\tSri W\tAnalis\tkab=writer\n");
    done(&user(&["role", "sri", "--feed", "kab", "--role", "approver"]), "");
    done(&user(&["disable", "sri"]), "");
    assert_eq!(done(&user(&["list"]), ""), "sri\tSri W\tAnalis\tkab=approver,disabled\n");
    done(&user(&["enable", "sri"]), "");
    assert!(refused(&user(&["password", "sri"]), "qwertyuiop12\n").contains("tried first"));
    done(&user(&["password", "sri"]), "Layar-Senja-12\n");
    assert!(refused(&user(&["disable", "siapa"]), "").contains("no user siapa"));

    let serving = Serving::start(&["serve", "--data", &data]);
    assert_eq!(serving.sign_in("sri", "Perahu-Pagi-07"), 401);
    assert_eq!(serving.sign_in("sri", "Layar-Senja-12"), 200);
}

#[test]
fn what_changes_nothing_is_said_and_told_nowhere() {
    let place = tempfile::tempdir().unwrap();
    let data = folder(&place, "data");
    let on = |words: &[&'static str]| [words, &["--data", data.as_str()]].concat();
    done(&on(&["feed", "add", "kab", "--name", "Kabupaten"]), "");
    let add = on(&["user", "add", "sri", "--name", "Sri", "--feed", "kab", "--role", "reader", "--link"]);
    done(&add, "");
    let rows = || done(&on(&["audit"]), "").lines().count();
    let cases: [&[&str]; 7] = [
        &["feed", "add", "kab", "--name", "Kabupaten Uji"],
        &["feed", "set", "kab", "idle-lock", "15"],
        &["feed", "unset", "kab", "idle-lock"],
        &["user", "change", "sri", "--name", "Sri W"],
        &["user", "role", "sri", "--feed", "kab", "--role", "writer"],
        &["user", "disable", "sri"],
        &["user", "enable", "sri"],
    ];
    for words in cases {
        let before = rows();
        assert!(!done(&on(words), "").contains("nothing to change"), "{words:?}");
        assert_eq!(rows(), before + 1, "{words:?}");
        assert!(done(&on(words), "").contains("nothing to change"), "{words:?}");
        assert_eq!(rows(), before + 1, "{words:?}");
    }
    assert_eq!(done(&on(&["feed", "show", "kab", "--history"]), "").lines().count(), 2);
    assert!(
        refused(&on(&["user", "change", "sri"]), "").contains("--office"),
        "it says what there is to change"
    );
    assert!(refused(&on(&["feed", "unset", "kab", "idle-lok"]), "").contains("idle-lock"));
    done(&on(&["user", "disable", "sri"]), "");
    assert!(refused(&on(&["user", "link", "sri"]), "").contains("simpul user enable sri"));
}

#[test]
fn misspelt_variable_is_refused_with_the_name_that_is_meant() {
    let place = tempfile::tempdir().unwrap();
    let data = folder(&place, "data");
    let output = simpul().args(["status", "--data", &data]).env("SIMPUL_PROT", "1").output().unwrap();
    let said = text(&output.stderr);
    assert!(!output.status.success() && said.contains("is SIMPUL_PORT meant"), "{said}");
}

#[test]
fn link_is_shown_once_and_sets_a_password_also_after_the_relay_started_anew() {
    let place = tempfile::tempdir().unwrap();
    let data = folder(&place, "data");
    let user = |words: &[&'static str]| [&["user", "--data", data.as_str()], words].concat();
    done(&["feed", "add", "kab", "--name", "Kabupaten", "--data", &data], "");
    let add = ["add", "sri", "--name", "Sri", "--feed", "kab", "--role", "writer", "--link"];
    let token = |said: &str| {
        let address = said.lines().find(|line| line.contains("/tautan#")).unwrap().to_owned();
        assert!(address.starts_with("http://localhost:8080/tautan#"), "{said}");
        address.split_once('#').unwrap().1.to_owned()
    };
    let without_link = [&add[..add.len() - 1], &["--days", "2"]].concat();
    assert!(refused(&user(&without_link), "").contains("--link"), "days are those of a link");
    let first = token(&done(&user(&add), ""));
    let second = token(&done(&user(&["link", "sri", "--days", "1"]), ""));
    assert!(first.len() == 64 && first != second);
    assert!(refused(&user(&["link", "siapa"]), "").contains("no user siapa"));
    assert!(refused(&user(&["link", "sri", "--days", "0"]), "").contains("--days"));
    let audit = done(&["audit", "--data", &data], "");
    assert!(audit.contains("link to set a password made") && !audit.contains(&second), "{audit}");
    let set = |serving: &Serving, token: &str| {
        let body = json!({"token": token, "password": "Layar-Senja-12"});
        let agent =
            ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).build());
        let url = format!("{}/api/v1/link/password", serving.url);
        agent.post(url).send_json(body).unwrap().status().as_u16()
    };
    drop(Serving::start(&["serve", "--data", &data]));
    let serving = Serving::start(&["serve", "--data", &data]);
    assert_eq!(set(&serving, &first), 410, "the newer one took its place");
    assert_eq!(set(&serving, &second), 204);
    assert_eq!(set(&serving, &second), 410);
    assert_eq!(serving.sign_in("sri", "Layar-Senja-12"), 200);
}

#[test]
fn demonstration_prints_its_address_and_accounts_and_lets_them_in() {
    let place = tempfile::tempdir().unwrap();
    let data = folder(&place, "data");
    let mut serving = Serving::start(&["--demo", "--data", &data]);
    assert!(serving.url.starts_with("http://localhost:"), "{}", serving.url);
    for (user, feeds, role) in [
        ("sri", "kab-tanjung-simpul", "writer"),
        ("budi", "kab-tanjung-simpul", "writer"),
        ("ketut", "kab-tanjung-simpul", "approver"),
        ("dewi", "nasional,kab-tanjung-simpul", "reader"),
    ] {
        let mut line = String::new();
        serving.output.read_line(&mut line).unwrap();
        let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
        assert_eq!((columns[0], columns[2], columns[3]), (user, feeds, role));
        assert_eq!(serving.sign_in(user, columns[1]), 200, "{user}");
    }
    let about: Value =
        ureq::get(format!("{}/api/v1/about", serving.url)).call().unwrap().body_mut().read_json().unwrap();
    assert_eq!(about["demo"], true);
}

#[test]
fn demonstration_listens_to_this_machine_alone() {
    let place = tempfile::tempdir().unwrap();
    let data = folder(&place, "data");
    let said = refused(&["--demo", "--data", &data, "--address", "0.0.0.0"], "");
    assert!(said.contains("127.0.0.1 only"), "{said}");
    assert!(!Path::new(&data).exists(), "nothing was made");
}

#[test]
fn work_and_demonstration_do_not_share_a_folder() {
    let place = tempfile::tempdir().unwrap();
    let (work, demonstration) = (folder(&place, "work"), folder(&place, "demonstration"));
    done(&["feed", "add", "kab", "--name", "Kabupaten", "--data", &work], "");
    assert!(refused(&["--demo", "--data", &work], "").contains("no demonstration"));
    drop(Serving::start(&["--demo", "--data", &demonstration]));
    let said = refused(&["serve", "--data", &demonstration], "");
    assert!(said.contains("made for demonstration"), "{said}");
}

#[cfg(unix)]
#[test]
fn second_demonstration_is_the_first_again_and_a_half_built_one_is_built_anew() {
    let place = tempfile::tempdir().unwrap();
    let data = folder(&place, "data");
    let (succeeded, accounts) = Serving::start(&["--demo", "--data", &data]).stop();
    assert!(succeeded);
    std::fs::write(Path::new(&data).join("DEMONSTRATION"), "begun\n").unwrap();
    for _ in 0..2 {
        let serving = Serving::start(&["--demo", "--data", &data]);
        assert_eq!(serving.sign_in("sri", "Perahu-Pagi-07"), 200);
        assert_eq!(serving.stop(), (true, accounts.clone()));
    }
}

#[test]
fn port_that_is_taken_is_told() {
    let place = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let said = refused(&["serve", "--data", &folder(&place, "data"), "--port", &port], "");
    assert!(said.contains("another program uses the port") && said.contains("--port"), "{said}");
    let mut command = simpul();
    command.args(["serve", "--data", &folder(&place, "data"), "--port", "0"]);
    let output = command.env("SIMPUL_METRICS", format!("127.0.0.1:{port}")).output().unwrap();
    let said = text(&output.stderr);
    assert!(
        said.contains(&format!("127.0.0.1:{port} for /metrics")) && said.contains("SIMPUL_METRICS"),
        "{said}"
    );
}

#[test]
fn number_under_which_nobody_would_be_served_is_refused_with_the_reason() {
    let place = tempfile::tempdir().unwrap();
    let data = folder(&place, "data");
    for (name, value, words) in [
        ("SIMPUL_CONNECTIONS", "0", "the setting connections cannot be 0"),
        ("SIMPUL_CONNECTIONS_PER_PERSON", "0", "connections_per_person cannot be 0"),
        ("SIMPUL_UNACKED_PUSHES", "0", "unacked_pushes cannot be 0"),
        ("SIMPUL_FEED_DOCUMENTS", "0", "feed_documents cannot be 0"),
        ("SIMPUL_FEED_BYTES", "0", "feed_bytes cannot be 0"),
        ("SIMPUL_BLOB_BYTES", "0", "blob_bytes cannot be 0"),
        ("SIMPUL_FEED_BLOB_BYTES", "0", "feed_blob_bytes cannot be 0"),
        ("SIMPUL_PASSWORD_THREADS", "0", "password_threads cannot be 0"),
        ("SIMPUL_PASSWORD_THREADS", "17", "give one from 1 to 16"),
    ] {
        let output = simpul().args(["serve", "--data", &data]).env(name, value).output().unwrap();
        let said = text(&output.stderr);
        assert!(!output.status.success() && said.contains(words), "{name}={value}: {said}");
    }
    let said = refused(&["feed", "add", "kab", "--name", " ", "--data", &data], "");
    assert!(said.contains("give a name"), "{said}");
    assert!(!Path::new(&data).exists(), "nothing was made");
}

/// As in a service, a container and `cron`, where the environment names nobody, and where it names another.
#[cfg(unix)]
#[test]
fn operator_is_whom_the_system_knows_whatever_the_environment_says() {
    let place = tempfile::tempdir().unwrap();
    let data = folder(&place, "data");
    done(&["feed", "add", "kab", "--name", "Kabupaten", "--data", &data], "");
    let set_as = |name: Option<&str>, minutes: &str| {
        let mut command = simpul();
        command.env_remove("SUDO_USER");
        for variable in ["USER", "LOGNAME"] {
            match name {
                Some(name) => command.env(variable, name),
                None => command.env_remove(variable),
            };
        }
        let set =
            command.args(["feed", "set", "kab", "idle-lock", minutes, "--data", &data]).output().unwrap();
        assert!(set.status.success(), "{set:?}");
        let shown = done(&["feed", "show", "kab", "--data", &data], "");
        shown.split("\toperator:").nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
    };
    let nobody = set_as(None, "15");
    assert!(!nobody.is_empty());
    assert_eq!(set_as(Some("somebody-else"), "20"), nobody);
}

/// What belongs to another user is named, and what helps: it is not that there is none.
#[cfg(unix)]
#[test]
fn file_or_folder_that_this_user_may_not_use_is_named_with_what_helps() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    use std::os::unix::process::CommandExt;
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let backup = place.path().join("backup.sqlite");
    // Who may do everything is somebody else for this, with a program that they can reach.
    const NOBODY: u32 = 65_534;
    let is_root = std::fs::metadata(place.path()).unwrap().uid() == 0;
    let program = place.path().join("simpul");
    std::fs::copy(env!("CARGO_BIN_EXE_simpul"), &program).unwrap();
    let own = |path: &Path| {
        if is_root {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap()
        }
    };
    let allow = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let try_to = |words: &[&str]| {
        let mut command = Command::new(&program);
        if is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        let output = command.env_clear().args(words).arg("--data").arg(&data).output().unwrap();
        (output.status.success(), text(&[output.stdout, output.stderr].concat()))
    };
    allow(place.path(), 0o755);
    own(place.path());
    assert!(try_to(&["feed", "add", "kab", "--name", "Kabupaten"]).0);
    assert!(try_to(&["backup", backup.to_str().unwrap()]).0);
    let closed = place.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    allow(&closed, 0o555);
    let (into, file) = (closed.join("b.sqlite"), backup.to_str().unwrap());
    let (_, said) = try_to(&["backup", into.to_str().unwrap()]);
    assert!(said.contains("b.sqlite.partial cannot be written: this user may not"), "{said}");

    let all: [&[&str]; 8] = [
        &["status"],
        &["check"],
        &["user", "list"],
        &["feed", "set", "kab", "idle-lock", "15"],
        &["audit"],
        &["export", "x"],
        &["restore", file],
        &["serve", "--port", "0"],
    ];
    let refuses = |words: &[&str], when: &str| {
        let (is_done, said) = try_to(words);
        assert!(
            !is_done && said.contains("this user may not") && said.contains("chown"),
            "{when}, {words:?}: {said}"
        );
        assert!(!said.contains("there is no") && !said.contains("damaged"), "{when}, {words:?}: {said}");
    };
    allow(&data, 0o000);
    all.iter().for_each(|words| refuses(words, "folder"));
    allow(&data, 0o700);
    let store = data.join("simpul.sqlite");
    allow(&store, 0o000);
    for words in all.iter().filter(|words| words[0] != "restore") {
        refuses(words, "store");
    }
    allow(&store, 0o600);
    allow(&data, 0o500);
    for words in [&["restore", file, "--new-key"][..], &["serve", "--port", "0"]] {
        refuses(words, "folder that may only be read");
    }
    allow(&data, 0o700);
    allow(&backup, 0o000);
    let (_, said) = try_to(&["restore", file, "--new-key"]);
    assert!(said.contains("this user may not"), "{said}");
}

#[test]
fn report_is_converted_and_what_is_none_is_refused_in_words() {
    let report = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tests/fixtures/laporan.md");
    let report = report.to_str().unwrap();
    let json: Value = serde_json::from_str(&done(&["convert", report, "--to", "json"], "")).unwrap();
    assert_eq!(json["bases"][0]["number"], "005/1138/02");
    assert_eq!(json["attendance"], 61);
    let markdown = done(&["convert", report, "--to", "md"], "");
    let again: Value = serde_json::from_str(&done(&["convert", "-"], &markdown)).unwrap();
    assert_eq!(again, json, "writing and reading again gives the same report");
    assert!(refused(&["convert", "-"], "").contains("empty"));
    assert!(refused(&["convert", "-"], "nothing of the form").contains("none of the sections"));
    assert!(refused(&["convert", "/nowhere.md"], "").contains("cannot be read"));
}

#[test]
fn database_that_cannot_be_used_is_told_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let words = |url| ["serve", "--data", data.to_str().unwrap(), "--port", "0", "--database", url];
    // Nobody listens on port 1.
    let said = refused(&words("postgres://simpul:rahasia@127.0.0.1:1/simpul"), "");
    assert!(said.contains("cannot be reached") && !said.contains("rahasia"), "{said}");
    let said = refused(&words("postgres://simpul:rahasia@127.0.0.1:port/simpul"), "");
    assert!(said.contains("postgres://user@host/database") && !said.contains("rahasia"), "{said}");
}

#[test]
fn demonstration_is_not_put_into_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let words = ["--demo", "--data", data.to_str().unwrap(), "--database", "postgres://127.0.0.1:1/simpul"];
    let said = refused(&words, "");
    assert!(said.contains("leave out --database"), "{said}");
}

/// A command's words, on a data folder.
fn on<'a>(data: &'a str, command: &'a str, words: &[&'a str]) -> Vec<&'a str> {
    [&[command], words, &["--data", data]].concat()
}

/// A picture of one pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\
    \0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82";

#[test]
fn region_sets_what_it_decides_and_every_value_stays_traced() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    done(&on(data, "feed", &["add", "kab-sleman", "--name", "Kabupaten Sleman"]), "");
    let offices = r#"[{"id": "setda", "name": "Sekretariat Daerah"}]"#;
    done(&on(data, "feed", &["set", "kab-sleman", "offices", offices]), "");
    done(&on(data, "feed", &["set", "kab-sleman", "idle-lock", "15"]), "");
    done(&on(data, "feed", &["set", "kab-sleman", "idle-lock", "30"]), "");
    done(&on(data, "feed", &["unset", "kab-sleman", "idle-lock"]), "");
    let officials = folder.path().join("officials.json");
    std::fs::write(&officials, r#"[{"name": "Sri", "position": "Kepala", "nip": ""}]"#).unwrap();
    done(&on(data, "feed", &["set", "kab-sleman", "officials", &format!("@{}", officials.display())]), "");
    let picture = folder.path().join("lambang.png");
    std::fs::write(&picture, PNG).unwrap();
    done(&on(data, "feed", &["set", "kab-sleman", "picture", picture.to_str().unwrap()]), "");

    let shown = done(&on(data, "feed", &["show", "kab-sleman"]), "");
    let value = |key: &str| shown.lines().find_map(|line| line.strip_prefix(&format!("{key}\t"))).unwrap();
    assert!(value("offices").starts_with(r#"[{"id":"setda","name":"Sekretariat Daerah"}]"#), "{shown}");
    assert!(value("picture").starts_with("image/png "), "{shown}");
    assert!(value("officials").contains("\toperator:"), "{shown}");
    let history = done(&on(data, "feed", &["show", "kab-sleman", "--history"]), "");
    let locks: Vec<_> = history.lines().filter_map(|line| line.strip_prefix("idle-lock\t")).collect();
    let locks: Vec<_> = locks.iter().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(locks, ["15", "30", "off"], "{history}");

    let said = refused(&on(data, "feed", &["set", "kab-sleman", "time-zone", "UTC"]), "");
    assert!(said.contains("time-zone takes WIB, WITA or WIT"), "{said}");
    let said = refused(&on(data, "feed", &["set", "kab-bantul", "time-zone", "WIB"]), "");
    assert!(said.contains("there is no feed kab-bantul"), "{said}");
    let unsafe_picture = folder.path().join("lambang.svg");
    std::fs::write(&unsafe_picture, "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>").unwrap();
    let said =
        refused(&on(data, "feed", &["set", "kab-sleman", "picture", unsafe_picture.to_str().unwrap()]), "");
    assert!(said.contains("the element script"), "{said}");

    let add = ["add", "sri", "--name", "Sri", "--feed", "kab-sleman", "--role", "writer", "--office"];
    let said = refused(&on(data, "user", &[&add[..], &["bappeda"]].concat()), "Perahu-Pagi-07\n");
    assert!(said.contains("there is no office bappeda"), "{said}");
    done(&on(data, "user", &[&add[..], &["setda"]].concat()), "Perahu-Pagi-07\n");
    done(&on(data, "user", &["change", "sri", "--position", "Analis"]), "");
    let listed = done(&on(data, "user", &["list"]), "");
    assert_eq!(listed, "sri\tSri\tAnalis\tkab-sleman=writer\tsetda\n");
}
