//! An actor: a task that owns its state, and a handle that sends it messages.
//!
//! ```text
//! balance 70
//! refused: 70 is less than 100
//! the actor ended with 70
//! ```

use sinew::sync::{mpsc, oneshot};

#[derive(Debug)]
enum Message {
    Deposit(u32),
    Withdraw(u32, oneshot::Sender<Result<u32, u32>>),
}

/// Owns the balance; nobody else touches it, so there is no lock.
async fn run(mut inbox: mpsc::Receiver<Message>) -> u32 {
    let mut balance = 0;
    // Ends when all handles are gone.
    while let Some(message) = inbox.recv().await {
        match message {
            Message::Deposit(amount) => balance += amount,
            Message::Withdraw(amount, reply) => {
                let result = match amount <= balance {
                    true => {
                        balance -= amount;
                        Ok(balance)
                    }
                    false => Err(balance),
                };
                // An error means that the one who asked has gone.
                let _ = reply.send(result);
            }
        }
    }
    balance
}

#[derive(Clone)]
struct Account(mpsc::Sender<Message>);

impl Account {
    async fn deposit(&self, amount: u32) {
        self.0
            .send(Message::Deposit(amount))
            .await
            .expect("the actor runs");
    }

    async fn withdraw(&self, amount: u32) -> Result<u32, u32> {
        let (reply, answer) = oneshot::channel();
        let asked = self.0.send(Message::Withdraw(amount, reply)).await;
        asked.expect("the actor runs");
        answer.await.expect("the actor answers")
    }
}

#[sinew::main]
async fn main() {
    // The bound is back-pressure: who sends too much waits.
    let (sender, inbox) = mpsc::channel(16);
    let actor = sinew::spawn(run(inbox));
    let account = Account(sender);
    account.deposit(100).await;
    for amount in [30, 100] {
        match account.withdraw(amount).await {
            Ok(balance) => println!("balance {balance}"),
            Err(balance) => println!("refused: {balance} is less than {amount}"),
        }
    }
    drop(account);
    println!(
        "the actor ended with {}",
        actor.await.expect("it does not panic")
    );
}
