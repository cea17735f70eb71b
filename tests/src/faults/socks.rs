//! A SOCKS5 proxy (RFC 1928) without a password. It knows one server, and takes every name for it.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

const VERSION: u8 = 5;
const NO_PASSWORD: u8 = 0;
const CONNECT: u8 = 1;
const BY_IPV4: u8 = 1;
const BY_NAME: u8 = 3;
const BY_IPV6: u8 = 4;
/// Done; reached by 0.0.0.0:0, which nobody looks at.
const CONNECTED: [u8; 10] = [VERSION, 0, 0, BY_IPV4, 0, 0, 0, 0, 0, 0];

/// A listening proxy; it ends when it is dropped.
#[derive(Debug)]
pub struct SocksProxy {
    address: SocketAddr,
    passed: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl SocksProxy {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// No port could be had.
    pub async fn start(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let passed = Arc::new(AtomicUsize::new(0));
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, server, Arc::clone(&passed)));
        Ok(Self { address, passed, _tasks: tasks })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections it has let through.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.passed.load(Ordering::Relaxed)
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, passed: Arc<AtomicUsize>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let passed = Arc::clone(&passed);
        connections.spawn(async move {
            // A connection that breaks off concerns its two ends only.
            let _ = pass(client, server, &passed).await;
        });
    }
}

async fn pass(mut client: TcpStream, server: SocketAddr, passed: &AtomicUsize) -> io::Result<()> {
    let [_version, methods] = read_bytes(&mut client).await?;
    skip(&mut client, methods.into()).await?;
    client.write_all(&[VERSION, NO_PASSWORD]).await?;
    let [_version, command, _reserved, kind] = read_bytes(&mut client).await?;
    let address = match kind {
        BY_IPV4 => 4,
        BY_IPV6 => 16,
        BY_NAME => client.read_u8().await?.into(),
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    skip(&mut client, address + 2).await?;
    if command != CONNECT {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let mut server = TcpStream::connect(server).await?;
    passed.fetch_add(1, Ordering::Relaxed);
    client.write_all(&CONNECTED).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

async fn read_bytes<const N: usize>(from: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes).await?;
    Ok(bytes)
}

async fn skip(from: &mut TcpStream, length: usize) -> io::Result<()> {
    from.read_exact(&mut vec![0; length]).await.map(drop)
}
