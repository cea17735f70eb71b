//! Bytes from one connection to another: at once, in small segments, or not any more.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

use super::proxy::Connection;

/// How bytes are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segments {
    pub(super) size: usize,
    /// Between two of them, so that they are read one by one.
    pub(super) pause: Duration,
}

/// Passes everything both ways until both have ended. `first` was already read from the client.
pub(super) async fn forward(
    client: &mut TcpStream,
    mut server: TcpStream,
    first: &[u8],
    connection: &Connection,
) -> io::Result<()> {
    server.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let (from_client, to_client) = client.split();
    let (from_server, mut to_server) = server.split();
    write(&mut to_server, first, connection).await?;
    let mut scanner = connection.scanner_after(first);
    let up = copy(from_client, to_server, connection, |bytes| connection.note(scanner.feed(bytes)));
    let down = copy(from_server, to_client, connection, |_| ());
    tokio::try_join!(up, down).map(drop)
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    connection: &Connection,
    mut seen: impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer).await?;
        let bytes = buffer.get(..length).unwrap_or_default();
        connection.until_not_frozen().await;
        if bytes.is_empty() {
            return to.shutdown().await;
        }
        seen(bytes);
        write(&mut to, bytes, connection).await?;
    }
}

async fn write(to: &mut (impl AsyncWrite + Unpin), bytes: &[u8], connection: &Connection) -> io::Result<()> {
    let Some(Segments { size, pause }) = connection.segments() else {
        return to.write_all(bytes).await;
    };
    for segment in bytes.chunks(size) {
        to.write_all(segment).await?;
        to.flush().await?;
        match pause.is_zero() {
            true => tokio::task::yield_now().await,
            false => tokio::time::sleep(pause).await,
        }
    }
    Ok(())
}
