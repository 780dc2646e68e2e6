//! Sinks, what streams flow into: here frames, as lines over a pipe. `Framed` is both.
//!
//! ```text
//! echoed: HELLO
//! echoed: WORLD
//! ```

use sinew::futures::{SinkExt, StreamExt, TryStreamExt};
use sinew::io::codec::{Framed, LinesCodec, LinesCodecError};
use sinew::io::duplex;

#[sinew::main]
async fn main() -> Result<(), LinesCodecError> {
    let (client, server) = duplex(64);
    let mut client = Framed::new(client, LinesCodec::new());

    let echo = sinew::spawn(async move {
        let (sink, stream) = Framed::new(server, LinesCodec::new()).split();
        // `forward` ends the sink when the stream has ended.
        stream
            .map_ok(|line| line.to_uppercase())
            .forward(sink)
            .await
    });

    // `feed` only queues, `send` also waits until all has been flushed.
    client.feed("hello".to_string()).await?;
    client.send("world".to_string()).await?;
    for _ in 0..2 {
        let line = client.try_next().await?.expect("the echo runs");
        println!("echoed: {line}");
    }
    SinkExt::<String>::close(&mut client).await?;
    echo.await.expect("it does not panic")
}
