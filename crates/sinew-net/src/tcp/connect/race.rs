//! Happy Eyeballs (RFC 8305): several addresses of one host, the first that
//! answers.
//!
//! The resolver has put the addresses into the order of RFC 6724. They are tried
//! with the families in turn (section 4), each when the one before has failed or
//! has not answered for a quarter of a second (section 5). Attempts go on until
//! one succeeds; the others are dropped, which closes their sockets.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use sinew_time::{Sleep, sleep};

use super::connect_addr;
use crate::addr;
use crate::provider::VirtualNet;
use crate::tcp::TcpStream;

/// The Connection Attempt Delay; the value that the RFC recommends.
const DELAY: Duration = Duration::from_millis(250);

type Attempt = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send + Sync>>;

/// A connection to the first of `addrs` that answers.
pub(super) async fn connect(
    addrs: Vec<SocketAddr>,
    net: Option<Arc<dyn VirtualNet>>,
    location: &'static Location<'static>,
) -> io::Result<TcpStream> {
    let mut race = Race {
        waiting: in_turn(addrs).into_iter(),
        running: Vec::new(),
        delay: None,
        last: None,
        start: Box::new(move |addr| {
            let net = net.clone();
            Box::pin(async move { connect_addr(addr, net.as_deref(), location).await })
        }),
    };
    poll_fn(|cx| race.poll(cx)).await
}

/// The addresses with their families in turn, beginning with that of the first;
/// within a family they keep their order.
fn in_turn(addrs: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let v6_first = addrs.first().is_some_and(SocketAddr::is_ipv6);
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for addr in addrs {
        if addr.is_ipv6() == v6_first {
            first.push(addr);
        } else {
            second.push(addr);
        }
    }
    let mut second = second.into_iter();
    let mut out = Vec::new();
    for addr in first {
        out.push(addr);
        out.extend(second.next());
    }
    out.extend(second);
    out
}

struct Race {
    waiting: std::vec::IntoIter<SocketAddr>,
    running: Vec<Attempt>,
    /// Until the next attempt. Absent when none is to come.
    delay: Option<Pin<Box<Sleep>>>,
    last: Option<io::Error>,
    start: Box<dyn Fn(SocketAddr) -> Attempt + Send + Sync>,
}

impl Race {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<TcpStream>> {
        loop {
            let before = self.running.len();
            if let Some(stream) = self.poll_running(cx) {
                return Poll::Ready(Ok(stream));
            }
            let failed = self.running.len() < before;
            let due = failed || self.running.is_empty() || self.is_overdue(cx);
            if due && self.start_next() {
                continue;
            }
            if self.running.is_empty() {
                let error = self.last.take();
                return Poll::Ready(Err(error.unwrap_or_else(addr::no_address)));
            }
            return Poll::Pending;
        }
    }

    /// Polls the attempts; drops those that have failed.
    fn poll_running(&mut self, cx: &mut Context<'_>) -> Option<TcpStream> {
        let mut at = 0;
        while at < self.running.len() {
            match self.running[at].as_mut().poll(cx) {
                Poll::Ready(Ok(stream)) => return Some(stream),
                Poll::Ready(Err(error)) => {
                    self.last = Some(error);
                    drop(self.running.remove(at));
                }
                Poll::Pending => at += 1,
            }
        }
        None
    }

    fn is_overdue(&mut self, cx: &mut Context<'_>) -> bool {
        let delay = self.delay.as_mut();
        delay.is_some_and(|delay| delay.as_mut().poll(cx).is_ready())
    }

    /// Starts the next attempt, if there is one.
    fn start_next(&mut self) -> bool {
        let Some(addr) = self.waiting.next() else {
            self.delay = None;
            return false;
        };
        self.running.push((self.start)(addr));
        let more = !self.waiting.as_slice().is_empty();
        self.delay = more.then(|| Box::pin(sleep(DELAY)));
        true
    }
}

#[cfg(test)]
mod tests;
