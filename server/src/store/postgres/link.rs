//! One connection to PostgreSQL: how it is set up, and questions that are sent together.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::DbError;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Connection, Row, SimpleQueryMessage, Socket, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::super::{Result, StoreError};
use super::tls::{self, TlsError};
use crate::http::causes;

/// What every connection asks of the server.
///
/// - A commit that was acked has survived, whatever the server's default is.
/// - A relay that stalls between two statements does not keep the feeds locked for the others, and none
///   waits for a lock, or for an answer, longer than a client waits for an ack.
/// - All statements here are lookups by key. A plan that was made while a table was small must not read
///   the whole of it once it is large.
const SETTINGS: &str = "-c synchronous_commit=on -c idle_in_transaction_session_timeout=5s -c lock_timeout=10s \
     -c statement_timeout=30s -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off \
     -c client_min_messages=warning";

/// The same, as the server tells them. What stands between the relay and the database, such as PgBouncer, may drop what a
/// connection asks for without a word.
const ASKED_FOR: [(&str, &str); 9] = [
    ("synchronous_commit", "on"),
    ("idle_in_transaction_session_timeout", "5s"),
    ("lock_timeout", "10s"),
    ("statement_timeout", "30s"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("jit", "off"),
    ("client_min_messages", "warning"),
];

/// How long a connection may take to come about.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// When a silent server counts as gone.
const GONE_AFTER: Duration = Duration::from_secs(10);

/// A value that a question hands over.
pub(super) type Value<'a> = &'a (dyn ToSql + Sync);

/// A statement with its values.
pub(super) struct Question<'a> {
    sql: &'static str,
    values: Vec<Value<'a>>,
}

impl<'a> Question<'a> {
    /// A statement with its values, in the order of their numbers.
    pub(super) fn new(sql: &'static str, values: &[Value<'a>]) -> Self {
        Self { sql, values: values.to_vec() }
    }
}

/// A connection.
pub(super) struct Link {
    client: Client,
    statements: Mutex<HashMap<&'static str, Statement>>,
}

/// The server and how to speak with it.
#[derive(Clone)]
pub(super) struct Server {
    config: Config,
    tls: MakeRustlsConnect,
}

/// What carries a connection.
pub(super) type Carrier = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

impl Server {
    /// What a URL asks for, with our own wishes.
    ///
    /// # Errors
    /// When it is no URL of PostgreSQL, or TLS as it asks for cannot be had.
    pub(super) fn of(url: &str) -> Result<Self> {
        let (url, wish) = tls::split(url)?;
        // The cause would repeat the URL's parts, and a password is one of them.
        let mut config: Config = url.parse().map_err(|_| StoreError::Address)?;
        let options =
            config.get_options().map_or_else(|| SETTINGS.to_owned(), |own| format!("{own} {SETTINGS}"));
        config.options(options).application_name("simpul").keepalives(true).keepalives_idle(GONE_AFTER);
        config.connect_timeout(CONNECT_WITHIN).tcp_user_timeout(GONE_AFTER).ssl_mode(wish.mode);
        Ok(Self { config, tls: tls::connector(&wish)? })
    }

    /// Connects; somebody has to carry the connection.
    pub(super) async fn connect(&self) -> Result<(Client, Carrier)> {
        self.config.connect(self.tls.clone()).await.map_err(|error| {
            let refused = error.as_db_error().map(DbError::message).unwrap_or_default();
            if refused.contains("unsupported startup parameter") {
                StoreError::SettingsRefused(error)
            } else if causes(&error).contains("CaUsedAsEndEntity") {
                TlsError::IsAuthority(error).into()
            } else {
                error.into()
            }
        })
    }

    /// Who the relay is there.
    fn role(&self) -> &str {
        self.config.get_user().unwrap_or("simpul")
    }

    /// Whether what goes there can be read on the way.
    pub(super) fn is_readable_on_the_way(&self) -> bool {
        let is_here = |host: &Host| match host {
            #[cfg(unix)]
            Host::Unix(_) => true,
            Host::Tcp(name) => {
                name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
            }
        };
        self.config.get_ssl_mode() == SslMode::Disable && !self.config.get_hosts().iter().all(is_here)
    }
}

impl Link {
    /// Connects. To be called on the runtime that then carries the connection.
    pub(super) async fn open(server: &Server) -> Result<Self> {
        let (client, connection) = server.connect().await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to the database has ended");
            }
        });
        let link = Self::of(client);
        link.expect_settings(server.role()).await?;
        Ok(link)
    }

    /// The same for the first connection of a program: makes sure as well that a connection has a session of the database
    /// for itself. What stands between may give its sessions to others between two statements, and then what one sets, locks
    /// or listens to is another's.
    pub(super) async fn open_first(server: &Server) -> Result<Self> {
        let (one, other) = (Self::open(server).await?, Self::open(server).await?);
        let (first, again) = (one.process().await?, one.process().await?);
        if first != again || other.process().await? == first {
            return Err(StoreError::SessionShared);
        }
        Ok(one)
    }

    /// The server's process behind the connection, as it says at the moment.
    async fn process(&self) -> Result<Option<String>> {
        let answers = self.client.simple_query("SELECT pg_backend_pid()").await?;
        Ok(answers.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        }))
    }

    /// Asks whether what the connection was opened with holds.
    async fn expect_settings(&self, role: &str) -> Result<()> {
        // Not prepared: what stands between may mix up prepared statements, and is to be named first.
        let questions: String = ASKED_FOR.iter().map(|(name, _)| format!("SHOW {name};")).collect();
        let answers = self.client.simple_query(&questions).await?;
        let mut found = answers.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        let lost: Vec<_> = ASKED_FOR
            .into_iter()
            .filter(|(_, expected)| found.next() != Some(expected))
            .map(|(name, expected)| format!("ALTER ROLE \"{role}\" SET {name} = '{expected}';"))
            .collect();
        if lost.is_empty() { Ok(()) } else { Err(StoreError::SettingsLost(lost.join(" "))) }
    }

    /// The connection of a client that somebody carries.
    pub(super) fn of(client: Client) -> Self {
        Self { client, statements: Mutex::default() }
    }

    /// Whether it is gone.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Runs statements without values.
    pub(super) async fn run(&self, sql: &str) -> Result<()> {
        Ok(self.client.batch_execute(sql).await?)
    }

    /// Asks one question.
    pub(super) async fn query(&self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>> {
        let statement = self.statement(sql).await?;
        Ok(self.client.query(&statement, values).await?)
    }

    /// Runs one statement; gives how many rows it touched.
    pub(super) async fn execute(&self, sql: &'static str, values: &[Value<'_>]) -> Result<u64> {
        let statement = self.statement(sql).await?;
        Ok(self.client.execute(&statement, values).await?)
    }

    /// Sends all questions at once, and gives their answers in the same order: one round trip.
    ///
    /// They are carried out one after the other. In a transaction none is after one that failed; a `COMMIT`
    /// among them then rolls back, and the error of the first one that failed is given.
    pub(super) async fn pipeline(&self, questions: &[Question<'_>]) -> Result<Vec<Vec<Row>>> {
        let mut statements = Vec::with_capacity(questions.len());
        for question in questions {
            statements.push(self.statement(question.sql).await?);
        }
        let mut answers: Vec<Option<Vec<Row>>> = questions.iter().map(|_| None).collect();
        let mut waiting: Vec<Pin<Box<dyn Future<Output = _> + '_>>> = Vec::with_capacity(questions.len());
        for (question, statement) in questions.iter().zip(&statements) {
            waiting.push(Box::pin(self.client.query(statement, &question.values)));
        }
        // A question is sent when it is first polled: always from the first to the last.
        poll_fn(|context| {
            let mut is_ready = true;
            for (question, answer) in waiting.iter_mut().zip(&mut answers) {
                if answer.is_none() {
                    match question.as_mut().poll(context) {
                        Poll::Ready(Ok(rows)) => *answer = Some(rows),
                        Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                        Poll::Pending => is_ready = false,
                    }
                }
            }
            if is_ready { Poll::Ready(Ok(())) } else { Poll::Pending }
        })
        .await?;
        drop(waiting);
        Ok(answers.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// The prepared form of a statement; prepared at its first use.
    async fn statement(&self, sql: &'static str) -> Result<Statement> {
        let known = self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).insert(sql, statement.clone());
        Ok(statement)
    }
}

/// Whether an error says that the server or the way to it is gone, and not that it refuses.
pub(super) fn is_lost(error: &StoreError) -> bool {
    match error {
        StoreError::Postgres(error) => match error.code() {
            // Class 57: the server is shutting down, starting, or ended this connection. 53: it is full.
            // 25P03 and 25P04: it gave up waiting for this relay. 25006: it is a copy that only reads, and the
            // address may lead to the one that writes the next time.
            Some(code) => {
                let code = code.code();
                ["57P", "53", "58", "08"].iter().any(|class| code.starts_with(class))
                    || ["25P03", "25P04", "25006"].contains(&code)
            }
            None => true,
        },
        StoreError::Silent => true,
        _ => false,
    }
}
