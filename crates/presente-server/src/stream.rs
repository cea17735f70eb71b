//! A connection's bytes: read no faster than a client of ours would ever send, and written only to who reads.
//!
//! The limits of HTTP and of sockets count requests and events. This one holds whatever the bytes mean:
//! Engine.IO and WebSocket packets that no event comes of cost their sender its own time. And what is
//! written to somebody who does not read would otherwise wait, with its memory, for as long as the peer's
//! system keeps the connection.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use crate::limits::Place;

/// Bytes a second that are read in the long run.
const BYTES_PER_SECOND: u32 = 128 * 1024;
/// What may be read at once, as the time in which that much comes back: 1 MiB.
const BURST: Duration = Duration::from_secs(8);
/// How long nothing of what is to be written may be taken.
const STALL: Duration = Duration::from_secs(30);

/// A stream that is read at a bounded pace and fails when its reader stalls. It holds its place among the
/// connections for as long as it lives, upgraded to WebSocket or not.
#[derive(Debug)]
pub(crate) struct Paced<S> {
    inner: S,
    /// When everything that was read has been paid for.
    paid: Instant,
    /// Runs while nothing may be read.
    pause: Option<Pin<Box<Sleep>>>,
    /// Runs while nothing can be written.
    stall: Option<Pin<Box<Sleep>>>,
    _place: Place,
}

impl<S> Paced<S> {
    /// Around a stream that has just been opened.
    pub(crate) fn new(inner: S, place: Place) -> Self {
        Self { inner, paid: Instant::now(), pause: None, stall: None, _place: place }
    }

    /// What it is around.
    pub(crate) fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Bytes were read: who is far ahead of the pace pauses.
    fn pay(&mut self, bytes: usize) {
        let now = Instant::now();
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.paid = self.paid.max(now) + Duration::from_secs(1) * bytes / BYTES_PER_SECOND;
        if self.paid > now + BURST {
            self.pause = Some(Box::pin(sleep_until(self.paid - BURST)));
        }
    }

    /// Whether a write has made progress; fails when none has for too long.
    fn watch<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + STALL)));
        ready!(stall.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "nothing is read at the other end")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        self.pay(buf.filled().len().saturating_sub(before));
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;
    use crate::limits::Crowd;

    fn place() -> Place {
        Crowd::new(1, 1).enter(None).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_read_at_once_and_what_follows_at_the_pace() {
        let (mut client, server) = duplex(1 << 20);
        let mut server = Paced::new(server, place());
        let sending = tokio::spawn(async move {
            let chunk = vec![0; 1 << 20];
            for _ in 0..3 {
                client.write_all(&chunk).await.unwrap();
            }
            client
        });
        let start = Instant::now();
        let mut chunk = vec![0; 64 * 1024];
        for _ in 0..16 {
            server.read_exact(&mut chunk).await.unwrap();
        }
        assert!(start.elapsed() < Duration::from_secs(1), "1 MiB took {:?}", start.elapsed());
        for _ in 0..32 {
            server.read_exact(&mut chunk).await.unwrap();
        }
        let took = start.elapsed().as_secs();
        assert!((15..=17).contains(&took), "2 MiB more took {took} s");
        sending.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_read_is_given_up_and_who_reads_slowly_is_not() {
        let (mut client, server) = duplex(1024);
        let mut server = Paced::new(server, place());
        let reading = tokio::spawn(async move {
            let mut chunk = [0; 512];
            for _ in 0..10 {
                tokio::time::sleep(Duration::from_secs(20)).await;
                client.read_exact(&mut chunk).await.unwrap();
            }
            client
        });
        server.write_all(&[0; 5 * 1024]).await.unwrap();
        let _silent = reading.await.unwrap();
        let start = Instant::now();
        let error = server.write_all(&[0; 5 * 1024]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed().as_secs(), STALL.as_secs());
    }
}
