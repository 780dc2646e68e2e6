//! `#[main]` and `#[test]`: an async function becomes one that builds a runtime
//! and blocks on its body.

mod args;
mod item;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{ReturnType, Type};

use args::{Flavor, Options, UnhandledPanic};
use item::AsyncFn;

/// Which of the two attributes is expanded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attribute {
    Main,
    Test,
}

impl Attribute {
    fn name(self) -> &'static str {
        match self {
            Attribute::Main => "sinew::main",
            Attribute::Test => "sinew::test",
        }
    }
}

/// Expands the attribute `kind` with the arguments `args` on `item`.
pub(crate) fn expand(kind: Attribute, args: TokenStream, item: TokenStream) -> TokenStream {
    let function: AsyncFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        // The item stays, so that what refers to it does not fail as well.
        Err(error) => return with_error(item, &error),
    };
    match check(kind, args, &function) {
        Ok(options) => {
            let attribute = match kind {
                Attribute::Main => TokenStream::new(),
                Attribute::Test => quote!(#[::core::prelude::v1::test]),
            };
            let body = running(kind, &options, &function);
            function.into_sync(&attribute, &body)
        }
        Err(error) => {
            let body = not_running(&function);
            let function = function.into_sync(&quote!(#[allow(dead_code)]), &body);
            with_error(function, &error)
        }
    }
}

fn with_error(mut tokens: TokenStream, error: &syn::Error) -> TokenStream {
    tokens.extend(error.to_compile_error());
    tokens
}

fn check(kind: Attribute, args: TokenStream, function: &AsyncFn) -> syn::Result<Options> {
    if kind == Attribute::Main && function.sig.ident == "main" && !function.sig.inputs.is_empty() {
        return Err(syn::Error::new_spanned(
            &function.sig.inputs,
            "the main function cannot accept arguments",
        ));
    }
    if kind == Attribute::Test {
        if let Some(attribute) = function.test_attribute() {
            return Err(syn::Error::new_spanned(
                attribute,
                "second test attribute is supplied, consider removing it or changing the order of the attributes",
            ));
        }
    }
    if function.sig.asyncness.is_none() {
        return Err(syn::Error::new_spanned(
            function.sig.fn_token,
            "the `async` keyword is missing from the function declaration",
        ));
    }
    let parse = |input: syn::parse::ParseStream<'_>| Options::parse(kind, input);
    parse.parse2(args)
}

/// The future of the body, its output fixed to the return type of the function.
///
/// The statement that never runs is what fixes it: a mismatch is then reported
/// where it is, in the user's last expression or at the user's `?`, and not at
/// generated code. Types that cannot be written in a `let` are left to inference.
fn future(function: &AsyncFn) -> TokenStream {
    let body = function.body();
    let output = &function.sig.output;
    let keyword = match &function.sig.asyncness {
        // The user's keyword, because errors point at it.
        Some(keyword) => quote!(#keyword),
        None => quote!(async),
    };
    if !can_be_written(output) {
        return quote!(#keyword #body);
    }
    let ty = type_of(output);
    let declared = match output {
        ReturnType::Default => function.sig.ident.span(),
        ReturnType::Type(_, ty) => ty.span(),
    };
    let site = Span::mixed_site();
    let output = Ident::new("output", site.located_at(declared));
    let give = quote_spanned!(site.located_at(declared)=> return #output;);
    // The body keeps its braces, and with them its edition, which decides when
    // the temporaries of its last expression are dropped. As an `else` it does
    // not set off lints about needless braces or items after statements.
    quote_spanned! {site=>
        #keyword {
            if false {
                #[allow(unreachable_code, clippy::empty_loop, reason = "never runs")]
                let #output: #ty = loop {};
                #[allow(unreachable_code, reason = "never runs")]
                #give
            } else #body
        }
    }
}

/// The body of the function that runs the user's body on a runtime.
fn running(kind: Attribute, options: &Options, function: &AsyncFn) -> TokenStream {
    let site = Span::mixed_site();
    let future = future(function);
    let krate = options.krate();
    let runtime = runtime(options, &krate);
    let mut steps = quote_spanned!(site=> let body = #future;);
    if kind == Attribute::Test {
        // Erasing the future's type leaves one copy of `block_on` for each
        // return type instead of one for each test.
        let output = &function.sig.output;
        let erased = can_be_written(output).then(|| {
            let ty = type_of(output);
            quote_spanned! {site=>
                let body: ::core::pin::Pin<&mut dyn ::core::future::Future<Output = #ty>> = body;
            }
        });
        steps.extend(quote_spanned! {site=>
            let body = ::core::pin::pin!(body);
            #erased
        });
    }
    if let Some(millis) = options.timeout_millis() {
        steps.extend(quote_spanned! {site=>
            let body = #krate::__private::test_timeout(
                ::core::time::Duration::from_millis(#millis),
                body,
            );
        });
    }
    // The explicit `return` keeps lints about unit values in tail position quiet.
    quote_spanned! {site=>
        #steps
        #[allow(
            unreachable_code, clippy::expect_used, clippy::unwrap_in_result,
            clippy::needless_return, clippy::diverging_sub_expression,
            reason = "generated code"
        )]
        {
            return #runtime
                .expect("Failed building the Runtime")
                .block_on(body);
        }
    }
}

/// The body of a function whose attribute is in error: type-checked like the
/// real one, but without a runtime, so that there is one error and not several.
fn not_running(function: &AsyncFn) -> TokenStream {
    let future = future(function);
    quote_spanned! {Span::mixed_site()=>
        let _ = #future;
        ::core::unreachable!()
    }
}

/// The expression that builds the runtime.
fn runtime(options: &Options, krate: &TokenStream) -> TokenStream {
    let flavor = options.flavor();
    let new = match flavor {
        Flavor::MultiThread => quote!(new_multi_thread),
        Flavor::CurrentThread | Flavor::Local => quote!(new_current_thread),
    };
    let worker_threads = options
        .worker_threads()
        .map(|threads| quote!(.worker_threads(#threads)));
    let start_paused = options
        .start_paused()
        .map(|paused| quote!(.start_paused(#paused)));
    let name = options.name().map(|name| quote!(.name(#name)));
    let unhandled_panic = options.unhandled_panic().map(|policy| {
        let policy = match policy {
            UnhandledPanic::Ignore => quote!(Ignore),
            UnhandledPanic::ShutdownRuntime => quote!(ShutdownRuntime),
        };
        quote!(.unhandled_panic(#krate::runtime::UnhandledPanic::#policy))
    });
    let build = match flavor {
        Flavor::Local => quote!(build_local(::core::default::Default::default())),
        Flavor::MultiThread | Flavor::CurrentThread => quote!(build()),
    };
    quote! {
        #krate::runtime::Builder::#new()
            #worker_threads
            #start_paused
            #name
            #unhandled_panic
            .enable_all()
            .#build
    }
}

fn type_of(output: &ReturnType) -> TokenStream {
    match output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    }
}

/// Whether the type may stand in a `let` and as an associated type: not `!`,
/// and no `impl Trait` anywhere in it.
fn can_be_written(output: &ReturnType) -> bool {
    match output {
        ReturnType::Default => true,
        ReturnType::Type(_, ty) => {
            !matches!(**ty, Type::Never(_)) && !item::mentions_impl(ty.to_token_stream())
        }
    }
}
