//! Bodies whose type is not that of the function.

#[sinew_macros::main(crate = "crate::own")]
async fn value_without_return_type() {
    async {}.await;
    1 + 1
}

#[sinew_macros::main(crate = "crate::own")]
async fn question_mark_without_return_type() {
    let _: u32 = "1".parse()?;
}

#[sinew_macros::main(crate = "crate::own")]
async fn missing_value() -> Result<(), std::num::ParseIntError> {
    let _: u32 = "1".parse()?;
}

#[sinew_macros::main(crate = "crate::own")]
async fn wrong_value() -> Result<u32, std::num::ParseIntError> {
    if true {
        return "text";
    }
    "1".parse::<u32>()
}

mod own {
    pub mod runtime {
        pub struct Builder;
        impl Builder {
            pub fn new_multi_thread() -> Builder {
                Builder
            }
            pub fn new_current_thread() -> Builder {
                Builder
            }
            pub fn enable_all(&mut self) -> &mut Builder {
                self
            }
            pub fn build(&mut self) -> std::io::Result<Builder> {
                Ok(Builder)
            }
            pub fn block_on<F: Future>(&self, future: F) -> F::Output {
                sinew_core::block_on(future)
            }
        }
    }
}

fn main() {}
