//! Codecs against simple models, over readers and writers that cut, wait and fail.

mod errors;
mod framed;
mod properties;
