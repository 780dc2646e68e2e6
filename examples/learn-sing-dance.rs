//! The async book's primer: learn a song and sing it, and dance meanwhile.
//!
//! Run it: `cargo run -p examples --example learn-sing-dance`

use sinew::time::{Duration, sleep};

struct Song(&'static str);

async fn learn_song() -> Song {
    println!("learning a song");
    sleep(Duration::from_millis(60)).await;
    Song("la la la")
}

async fn sing_song(song: Song) {
    println!("singing: {}", song.0);
    sleep(Duration::from_millis(60)).await;
}

async fn dance() {
    for step in ["left", "right", "turn", "bow"] {
        println!("dancing: {step}");
        sleep(Duration::from_millis(25)).await;
    }
}

async fn learn_and_sing() {
    // The song must be learned before it can be sung. While this waits, the
    // dance goes on: `.await` gives way, where a blocking call would not.
    let song = learn_song().await;
    sing_song(song).await;
}

// `join!` awaits several futures at once, all in this one task. Whenever one of
// them waits, the others go on.
async fn perform() {
    sinew::join!(learn_and_sing(), dance());
}

// `block_on` runs a future from code that is not async.
fn main() {
    sinew::block_on(perform());
}

// On a clock that stands still while anything runs, times are exact: learning
// and singing take 120 ms, dancing takes 100 ms, both together no more than that.
#[cfg(test)]
#[sinew::test(start_paused = true)]
async fn the_dance_takes_no_extra_time() {
    let start = sinew::time::Instant::now();
    perform().await;
    assert_eq!(start.elapsed(), Duration::from_millis(120));
}
