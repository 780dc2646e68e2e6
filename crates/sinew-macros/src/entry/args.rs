//! The arguments of the attributes and what they must satisfy.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Lit, Meta, MetaNameValue, Path, Token};

use super::Attribute;

/// The kinds of runtime.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavor {
    MultiThread,
    CurrentThread,
    Local,
}

impl Flavor {
    fn parse(lit: &Lit) -> syn::Result<Flavor> {
        match string(lit, "flavor")?.as_str() {
            "multi_thread" => Ok(Flavor::MultiThread),
            "current_thread" => Ok(Flavor::CurrentThread),
            "local" => Ok(Flavor::Local),
            "single_thread" => Err(syn::Error::new(
                lit.span(),
                "the single threaded runtime flavor is called `current_thread`",
            )),
            other => Err(syn::Error::new(
                lit.span(),
                format!(
                    "no such runtime flavor `{other}`, the flavors are `current_thread`, `local` and `multi_thread`"
                ),
            )),
        }
    }
}

/// What the runtime does when a task panics.
#[derive(Clone, Copy)]
pub(super) enum UnhandledPanic {
    Ignore,
    ShutdownRuntime,
}

impl UnhandledPanic {
    fn parse(lit: &Lit) -> syn::Result<UnhandledPanic> {
        match string(lit, "unhandled_panic")?.as_str() {
            "ignore" => Ok(UnhandledPanic::Ignore),
            "shutdown_runtime" => Ok(UnhandledPanic::ShutdownRuntime),
            other => Err(syn::Error::new(
                lit.span(),
                format!(
                    "no such policy `{other}`, `unhandled_panic` is `ignore` or `shutdown_runtime`"
                ),
            )),
        }
    }
}

/// A value and where it was written, for errors that only the whole shows.
type Spanned<T> = (T, Span);

/// The arguments of one attribute.
pub(super) struct Options {
    kind: Attribute,
    flavor: Option<Spanned<Flavor>>,
    worker_threads: Option<Spanned<usize>>,
    start_paused: Option<Spanned<bool>>,
    name: Option<Spanned<String>>,
    unhandled_panic: Option<Spanned<UnhandledPanic>>,
    timeout_millis: Option<Spanned<u64>>,
    krate: Option<Spanned<Path>>,
}

impl Options {
    pub(super) fn parse(kind: Attribute, input: ParseStream<'_>) -> syn::Result<Options> {
        let mut options = Options {
            kind,
            flavor: None,
            worker_threads: None,
            start_paused: None,
            name: None,
            unhandled_panic: None,
            timeout_millis: None,
            krate: None,
        };
        for arg in Punctuated::<Meta, Token![,]>::parse_terminated(input)? {
            options.set(&arg)?;
        }
        options.check()?;
        Ok(options)
    }

    pub(super) fn flavor(&self) -> Flavor {
        match (self.flavor, self.kind) {
            (Some((flavor, _)), _) => flavor,
            (None, Attribute::Main) => Flavor::MultiThread,
            (None, Attribute::Test) => Flavor::CurrentThread,
        }
    }

    pub(super) fn worker_threads(&self) -> Option<usize> {
        self.worker_threads.map(|(threads, _)| threads)
    }

    pub(super) fn start_paused(&self) -> Option<bool> {
        self.start_paused.map(|(paused, _)| paused)
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_ref().map(|(name, _)| name.as_str())
    }

    pub(super) fn unhandled_panic(&self) -> Option<UnhandledPanic> {
        self.unhandled_panic.map(|(policy, _)| policy)
    }

    pub(super) fn timeout_millis(&self) -> Option<u64> {
        self.timeout_millis.map(|(millis, _)| millis)
    }

    /// The path under which generated code finds the facade.
    pub(super) fn krate(&self) -> TokenStream {
        match &self.krate {
            Some((path, _)) => path.to_token_stream(),
            None => quote!(::sinew),
        }
    }

    fn set(&mut self, arg: &Meta) -> syn::Result<()> {
        let name = arg
            .path()
            .get_ident()
            .ok_or_else(|| syn::Error::new_spanned(arg.path(), "expected one identifier"))?
            .to_string();
        let Meta::NameValue(pair) = arg else {
            return Err(self.without_value(arg, &name));
        };
        match name.as_str() {
            "flavor" => once(&mut self.flavor, pair, &name, Flavor::parse),
            "worker_threads" => once(&mut self.worker_threads, pair, &name, worker_threads),
            "start_paused" => once(&mut self.start_paused, pair, &name, start_paused),
            "name" => once(&mut self.name, pair, &name, |lit| string(lit, "name")),
            "unhandled_panic" => once(
                &mut self.unhandled_panic,
                pair,
                &name,
                UnhandledPanic::parse,
            ),
            "crate" => once(&mut self.krate, pair, &name, krate),
            "timeout" if self.kind == Attribute::Test => {
                once(&mut self.timeout_millis, pair, &name, timeout)
            }
            _ => Err(self.unknown(arg, &name)),
        }
    }

    /// What the arguments must satisfy together.
    fn check(&self) -> syn::Result<()> {
        let attribute = self.kind.name();
        let workers = self.worker_threads.as_ref();
        if let Some((_, span)) = workers.filter(|_| self.flavor() != Flavor::MultiThread) {
            return Err(syn::Error::new(
                *span,
                format!(
                    "the `worker_threads` option requires the `multi_thread` runtime flavor, use `#[{attribute}(flavor = \"multi_thread\")]`"
                ),
            ));
        }
        Ok(())
    }

    fn known(&self) -> &'static str {
        match self.kind {
            Attribute::Main => {
                "`flavor`, `worker_threads`, `start_paused`, `name`, `unhandled_panic`, `crate`"
            }
            Attribute::Test => {
                "`flavor`, `worker_threads`, `start_paused`, `name`, `unhandled_panic`, `timeout`, `crate`"
            }
        }
    }

    fn unknown(&self, arg: &Meta, name: &str) -> syn::Error {
        let known = self.known();
        let message = if name == "timeout" {
            "`timeout` is an option of `#[sinew::test]` only, wrap the body in `sinew::time::timeout` instead".to_owned()
        } else {
            format!("unknown option `{name}`, expected one of: {known}")
        };
        syn::Error::new_spanned(arg, message)
    }

    fn without_value(&self, arg: &Meta, name: &str) -> syn::Error {
        let attribute = self.kind.name();
        let message = match name {
            "multi_thread" | "current_thread" | "local" => {
                format!("set the runtime flavor with `#[{attribute}(flavor = \"{name}\")]`")
            }
            "flavor" | "worker_threads" | "start_paused" | "name" | "unhandled_panic"
            | "timeout" | "crate" => {
                format!("the option `{name}` requires a value, as in `{name} = ...`")
            }
            _ => return self.unknown(arg, name),
        };
        syn::Error::new_spanned(arg, message)
    }
}

/// Puts the value of `pair` into `place`, unless one is there already.
fn once<T>(
    place: &mut Option<Spanned<T>>,
    pair: &MetaNameValue,
    name: &str,
    parse: fn(&Lit) -> syn::Result<T>,
) -> syn::Result<()> {
    let Expr::Lit(ExprLit { lit, .. }) = &pair.value else {
        return Err(syn::Error::new_spanned(
            &pair.value,
            format!("the value of `{name}` must be a literal"),
        ));
    };
    if place.is_some() {
        return Err(syn::Error::new_spanned(
            pair,
            format!("`{name}` is set more than once"),
        ));
    }
    *place = Some((parse(lit)?, lit.span()));
    Ok(())
}

fn wrong(lit: &Lit, name: &str, expected: &str) -> syn::Error {
    syn::Error::new(
        lit.span(),
        format!("failed to parse the value of `{name}` as {expected}"),
    )
}

fn string(lit: &Lit, name: &str) -> syn::Result<String> {
    match lit {
        Lit::Str(string) => Ok(string.value()),
        _ => Err(wrong(lit, name, "string")),
    }
}

fn worker_threads(lit: &Lit) -> syn::Result<usize> {
    let Lit::Int(int) = lit else {
        return Err(wrong(lit, "worker_threads", "integer"));
    };
    match int.base10_parse() {
        Ok(0) => Err(syn::Error::new(lit.span(), "`worker_threads` may not be 0")),
        Ok(threads) => Ok(threads),
        Err(error) => Err(wrong(lit, "worker_threads", &format!("integer: {error}"))),
    }
}

fn start_paused(lit: &Lit) -> syn::Result<bool> {
    match lit {
        Lit::Bool(bool) => Ok(bool.value),
        _ => Err(wrong(lit, "start_paused", "bool")),
    }
}

fn krate(lit: &Lit) -> syn::Result<Path> {
    let Lit::Str(string) = lit else {
        return Err(wrong(lit, "crate", "path"));
    };
    string
        .parse_with(Path::parse_mod_style)
        .map_err(|_| wrong(lit, "crate", &format!("path: \"{}\"", string.value())))
}

/// A whole number and one of the units `ms`, `s` and `m`, in milliseconds.
fn timeout(lit: &Lit) -> syn::Result<u64> {
    let text = string(lit, "timeout")?;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => {
            return Err(wrong(
                lit,
                "timeout",
                "duration: write a whole number and one of the units `ms`, `s` and `m`, as in \"5s\"",
            ));
        }
    };
    let millis = number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor));
    match millis {
        Some(0) => Err(syn::Error::new(lit.span(), "`timeout` may not be 0")),
        Some(millis) => Ok(millis),
        None if number.is_empty() => Err(wrong(lit, "timeout", "duration: the number is missing")),
        None => Err(wrong(lit, "timeout", "duration: the number is too large")),
    }
}
