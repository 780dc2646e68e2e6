//! Async functions in traits: native, with a `Send` future, and behind `dyn`.
//!
//! ```text
//! native: 4 bytes of a file
//! send:   5 bytes of a socket, in a task
//! dyn:    4 bytes of a file
//! dyn:    5 bytes of a socket
//! ```

use std::future::Future;

use sinew::future::BoxFuture;

/// Native. A caller that knows only `S: Source` cannot spawn it: nothing says that
/// the future is `Send`.
trait Source {
    async fn len(&self) -> usize;
}

/// Written out, the method can promise `Send`. Implementations may still say
/// `async fn`.
trait SendSource {
    fn len(&self) -> impl Future<Output = usize> + Send;
}

/// Each implementation's future has another size, so behind `dyn` it is boxed.
trait DynSource {
    fn len<'a>(&'a self) -> BoxFuture<'a, usize>;
    fn name(&self) -> &'static str;
}

struct File;
struct Socket;

impl Source for File {
    async fn len(&self) -> usize {
        4
    }
}

impl SendSource for Socket {
    async fn len(&self) -> usize {
        5
    }
}

impl DynSource for File {
    fn len<'a>(&'a self) -> BoxFuture<'a, usize> {
        Box::pin(Source::len(self))
    }

    fn name(&self) -> &'static str {
        "file"
    }
}

impl DynSource for Socket {
    fn len<'a>(&'a self) -> BoxFuture<'a, usize> {
        Box::pin(SendSource::len(self))
    }

    fn name(&self) -> &'static str {
        "socket"
    }
}

async fn in_a_task<S: SendSource + Send + Sync + 'static>(source: S) -> usize {
    let task = sinew::spawn(async move { source.len().await });
    task.await.expect("it does not panic")
}

#[sinew::main]
async fn main() {
    println!("native: {} bytes of a file", Source::len(&File).await);
    println!(
        "send:   {} bytes of a socket, in a task",
        in_a_task(Socket).await
    );
    let sources: [Box<dyn DynSource>; 2] = [Box::new(File), Box::new(Socket)];
    for source in sources {
        println!(
            "dyn:    {} bytes of a {}",
            source.len().await,
            source.name()
        );
    }
}
