//! The ends of channels that block their thread, beside crossbeam's.

use std::thread;

use sinew_sync::{mpmc, mpsc};

use super::Row;

/// Values that each sender sends.
const VALUES: u64 = 10_000;
/// Room in the channels.
const ROOM: usize = 64;

/// Adds a row of threads that send and threads that receive: for each subject how
/// to make the ends, send, and receive. `$receivers` makes several ends from one.
macro_rules! threads {
    ($rows:ident, $name:literal, $senders:literal, |$rx:ident| $receivers:expr,
     $($subject:literal => $make:expr, |$tx:ident, $value:ident| $send:expr, |$from:ident| $recv:expr;)+) => {
        $($rows.push(Row {
            name: $name,
            subject: $subject,
            operations: $senders * VALUES,
            run: |(), runs| {
                for _ in 0..runs {
                    let (tx, $rx) = $make;
                    let receivers = $receivers;
                    thread::scope(|s| {
                        for _ in 0..$senders {
                            let $tx = tx.clone();
                            s.spawn(move || {
                                for $value in 0..VALUES {
                                    assert!($send.is_ok());
                                }
                            });
                        }
                        drop(tx);
                        for mut receiver in receivers {
                            s.spawn(move || {
                                let $from = &mut receiver;
                                while $recv {}
                            });
                        }
                    });
                }
            },
        });)+
    };
}

/// All rows. They need no host.
#[must_use]
pub fn rows() -> Vec<Row<()>> {
    let mut rows = Vec::new();
    one_receiver(&mut rows);
    threads!(rows, "mpmc_4_to_4", 4, |rx| [rx.clone(), rx.clone(), rx.clone(), rx],
        "sinew" => mpmc::channel(ROOM), |tx, value| tx.blocking_send(value), |rx| rx.blocking_recv().is_ok();
        "crossbeam" => crossbeam_channel::bounded(ROOM), |tx, value| tx.send(value), |rx| rx.recv().is_ok();
        "async-channel" => async_channel::bounded(ROOM), |tx, value| tx.send_blocking(value), |rx| rx.recv_blocking().is_ok();
        "flume" => flume::bounded(ROOM), |tx, value| tx.send(value), |rx| rx.recv().is_ok();
    );
    rows
}

fn one_receiver(rows: &mut Vec<Row<()>>) {
    threads!(rows, "bounded_1_to_1", 1, |rx| [rx],
        "sinew" => mpsc::channel(ROOM), |tx, value| tx.blocking_send(value), |rx| rx.blocking_recv().is_some();
        "tokio" => tokio::sync::mpsc::channel(ROOM), |tx, value| tx.blocking_send(value), |rx| rx.blocking_recv().is_some();
        "crossbeam" => crossbeam_channel::bounded(ROOM), |tx, value| tx.send(value), |rx| rx.recv().is_ok();
        "async-channel" => async_channel::bounded(ROOM), |tx, value| tx.send_blocking(value), |rx| rx.recv_blocking().is_ok();
        "flume" => flume::bounded(ROOM), |tx, value| tx.send(value), |rx| rx.recv().is_ok();
    );
    threads!(rows, "unbounded_4_to_1", 4, |rx| [rx],
        "sinew" => mpsc::unbounded_channel(), |tx, value| tx.send(value), |rx| rx.blocking_recv().is_some();
        "tokio" => tokio::sync::mpsc::unbounded_channel(), |tx, value| tx.send(value), |rx| rx.blocking_recv().is_some();
        "crossbeam" => crossbeam_channel::unbounded(), |tx, value| tx.send(value), |rx| rx.recv().is_ok();
        "async-channel" => async_channel::unbounded(), |tx, value| tx.send_blocking(value), |rx| rx.recv_blocking().is_ok();
        "flume" => flume::unbounded(), |tx, value| tx.send(value), |rx| rx.recv().is_ok();
    );
}
