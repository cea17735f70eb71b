//! A PostgreSQL server of the tests' own: in a temporary folder, on a free port of this computer, ended with
//! the tests whatever becomes of them.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
    time::{Duration, Instant},
};

use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::sync::Mutex;

/// Longest wait for the server to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs the server until the standard input ends, which it does with the test process as well.
const RUN: &str = r#"
    exec 3<&0
    "$1/postgres" -D "$2/data" -p "$3" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$2" \
        -c fsync=off -c full_page_writes=off -c max_connections=200 >>"$2/log" 2>&1 3<&- &
    server=$!
    cat <&3 >/dev/null
    kill -INT $server
    wait $server
    [ "$4" = keep ] || rm -rf "$2"
"#;

/// A server. Dropping it ends it.
pub(crate) struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    /// The shell that ends the server when its standard input is closed.
    running: Option<Child>,
}

/// One server for all tests of this process. Each takes a database of its own.
static SHARED: LazyLock<Mutex<Option<Postgres>>> = LazyLock::new(Mutex::default);

/// The URL of a new, empty database on the server that the tests of this process share.
pub(crate) async fn new_database() -> String {
    let mut shared = SHARED.lock().await;
    if shared.is_none() {
        *shared = Some(Postgres::start(false).await);
    }
    shared.as_ref().unwrap().new_database().await
}

impl Postgres {
    /// A server of its own, for tests that stop and start it.
    #[allow(
        dead_code,
        reason = "the unit tests of the store share one server; those from outside restart theirs"
    )]
    pub(crate) async fn own() -> Self {
        Self::start(true).await
    }

    async fn start(keep: bool) -> Self {
        let programs = programs();
        let folder = tempfile::Builder::new().prefix("presente-postgres-").tempdir().unwrap().keep();
        if let Some(user) = other_user() {
            #[cfg(unix)]
            std::os::unix::fs::chown(&folder, Some(user), None).unwrap();
            #[cfg(not(unix))]
            panic!("user {user}: these tests need a Unix");
        }
        let made = as_other_user(&programs.join("initdb"))
            .args(["-A", "trust", "-U", "presente", "-E", "UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(folder.join("data"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { programs, folder, port, running: None };
        server.run(keep).await;
        server
    }

    async fn run(&mut self, keep: bool) {
        let shell = as_other_user(Path::new("/bin/sh"))
            .args(["-c", RUN, "sh"])
            .arg(&self.programs)
            .arg(&self.folder)
            .arg(self.port.to_string())
            .arg(if keep { "keep" } else { "remove" })
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        self.running = Some(shell);
        let start = Instant::now();
        while let Err(error) = PgConnection::connect(&self.url("postgres")).await {
            let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(start.elapsed() < PATIENCE, "PostgreSQL does not start ({error}): {log}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Stops the server; its data and its port stay.
    #[allow(dead_code, reason = "see `own`")]
    pub(crate) fn stop(&mut self) {
        if let Some(mut shell) = self.running.take() {
            drop(shell.stdin.take());
            shell.wait().unwrap();
        }
    }

    /// Starts it again after [`Self::stop`].
    #[allow(dead_code, reason = "see `own`")]
    pub(crate) async fn start_again(&mut self) {
        self.run(true).await;
    }

    /// The URL of a new, empty database.
    pub(crate) async fn new_database(&self) -> String {
        let name = format!("test_{:016x}", rand::random::<u64>());
        let mut connection = PgConnection::connect(&self.url("postgres")).await.unwrap();
        let create = format!("CREATE DATABASE {name}");
        connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(create))).await.unwrap();
        connection.close().await.unwrap();
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://presente@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut shell) = self.running.take() {
            drop(shell.stdin.take());
            let _ = shell.wait();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The folder of the newest PostgreSQL on this computer.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<_> = versions
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .chain(["/usr/bin".into(), "/usr/local/bin".into()])
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    // The newest version last, after what else there is.
    found.sort_by_key(|folder| (folder.starts_with("/usr/lib/postgresql"), folder.clone()));
    found.pop().expect("these tests need PostgreSQL: install the package `postgresql`")
}

/// The user as whom PostgreSQL runs when the tests run as root, which it refuses to do.
fn other_user() -> Option<u32> {
    let id = |arguments: &[&str]| -> Option<u32> {
        let answer = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8(answer.stdout).ok()?.trim().parse().ok()
    };
    (id(&["-u"]) == Some(0)).then(|| id(&["-u", "nobody"]).unwrap())
}

fn as_other_user(program: &Path) -> Command {
    if other_user().is_none() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "nobody", "--"]).arg(program).current_dir("/");
    command
}
