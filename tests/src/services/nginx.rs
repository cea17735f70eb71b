//! nginx as `packaging/nginx.conf` has it, before nodes of a test.

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::{at_some_port, free_port, program, ready};
use crate::{
    faults::{Authority, Certificate},
    process::{Process, Signal},
    wait::{PATIENCE, until},
};

/// How it says that it serves.
const READY: &str = "start worker process ";

/// What is told apart from the example: everything else is nginx's, and must not be in its log or its folders.
const AROUND: &str = "daemon off;
worker_processes 1;
pid FOLDER/nginx.pid;
error_log stderr notice;
events { worker_connections 4096; }
http {
    access_log off;
    client_body_temp_path FOLDER/body;
    proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi;
    uwsgi_temp_path FOLDER/uwsgi;
    scgi_temp_path FOLDER/scgi;
    include FOLDER/presente.conf;
}
";

/// A running nginx with TLS by an authority of its own.
#[derive(Debug)]
pub struct Nginx {
    process: Process,
    ports: Ports,
    folder: TempDir,
    authority: Authority,
}

#[derive(Debug, Clone, Copy)]
struct Ports {
    tls: u16,
    plain: u16,
}

impl Nginx {
    /// Starts one before `nodes` and waits until it serves.
    ///
    /// # Errors
    /// When nginx is not installed, does not start, or the example is no longer what this expects.
    pub async fn start(nodes: &[SocketAddr]) -> Result<Self> {
        let folder = TempDir::with_prefix("presente-nginx-")?;
        // Its workers are somebody else's when we are root.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let authority = Authority::create(folder.path())?;
        authority.certify("localhost", Certificate::Good)?;
        let place = folder.path().to_str().context("a temporary folder without a readable name")?;
        fs::write(folder.path().join("nginx.conf"), AROUND.replace("FOLDER", place))?;
        let ((process, plain), tls) = at_some_port(async |tls| {
            let ports = Ports { tls, plain: free_port()? };
            write_site(folder.path(), ports, nodes)?;
            Ok((launch(folder.path()).await?, ports.plain))
        })
        .await?;
        Ok(Self { process, ports: Ports { tls, plain }, folder, authority })
    }

    /// `https://localhost:PORT`
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.ports.tls)
    }

    /// Where it sends everybody to [`url`](Self::url) from.
    #[must_use]
    pub fn plain_url(&self) -> String {
        format!("http://localhost:{}", self.ports.plain)
    }

    /// The file of the authority that clients have to trust.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.authority.file()
    }

    /// What it logs.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.stderr().text()
    }

    /// Stands before other nodes from now on; sockets that are open stay where they are.
    ///
    /// # Errors
    /// When it does not take the new list.
    pub async fn stand_before(&mut self, nodes: &[SocketAddr]) -> Result<()> {
        write_site(self.folder.path(), self.ports, nodes)?;
        let seen = self.process.stderr().all().len();
        self.process.signal(Signal::Reload)?;
        until("nginx to take the new nodes", PATIENCE, async || {
            let said = self.process.stderr().since(seen);
            if let Some(refusal) = said.iter().find(|line| line.contains("[emerg]")) {
                return Some(Err(anyhow::anyhow!("nginx refuses: {refusal}")));
            }
            let new = said.iter().any(|line| line.contains(READY));
            // The old worker accepts until it says so.
            let old_is_leaving = said.iter().any(|line| line.contains("gracefully shutting down"));
            (new && old_is_leaving).then_some(Ok(()))
        })
        .await?
    }
}

async fn launch(folder: &Path) -> Result<Process> {
    let mut command = Command::new(program("nginx"));
    command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf"));
    // Before it has read where to log to.
    command.args(["-e", "stderr"]);
    let mut process = Process::start("nginx", &mut command)?;
    let said = process.stderr().clone();
    ready("nginx", &mut process, &said, READY).await?;
    Ok(process)
}

/// The example with the test's addresses and certificate.
fn write_site(folder: &Path, ports: Ports, nodes: &[SocketAddr]) -> Result<()> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/nginx.conf");
    let example =
        fs::read_to_string(&example).with_context(|| format!("{} cannot be read", example.display()))?;
    let site = site(&example, folder, ports, nodes)?;
    Ok(fs::write(folder.join("presente.conf"), site)?)
}

/// Changes what the example says is to be changed, and nothing else.
fn site(example: &str, folder: &Path, ports: Ports, nodes: &[SocketAddr]) -> Result<String> {
    let file = |name: &str| folder.join(name).display().to_string();
    let changes = [
        ("listen 80;", format!("listen 127.0.0.1:{};", ports.plain)),
        ("listen 443 ssl;", format!("listen 127.0.0.1:{} ssl;", ports.tls)),
        // Of this machine alone, and not every machine has IPv6.
        ("listen [::]:80;", String::new()),
        ("listen [::]:443 ssl;", String::new()),
        ("/etc/letsencrypt/live/presence.example.org/fullchain.pem", file("certificate.pem")),
        ("/etc/letsencrypt/live/presence.example.org/privkey.pem", file("key.pem")),
    ];
    let mut site = example.to_owned();
    for (old, new) in changes {
        ensure!(site.matches(old).count() == 1, "packaging/nginx.conf has {old:?} not exactly once");
        site = site.replace(old, &new);
    }
    let is_node = |line: &&str| line.trim_start().starts_with("server 127.0.0.1:");
    let node = site.lines().find(is_node).context("packaging/nginx.conf has no node")?;
    let address = node.split_whitespace().nth(1).context("a node without an address")?;
    let all = nodes.iter().map(|it| node.replace(address, &it.to_string()));
    let (before, from) = site.split_once(node).context("a node that was there is gone")?;
    let after = from.lines().skip(1).filter(|line| !is_node(line)).map(str::to_owned);
    Ok(before.lines().map(str::to_owned).chain(all).chain(after).map(|line| line + "\n").collect())
}
