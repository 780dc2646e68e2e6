//! The annotated function, taken apart only as far as it has to be.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{AttrStyle, Attribute, Meta, Signature, Visibility, braced, token};

/// An async function whose body is kept as tokens.
///
/// Parsing the statements would cost time in every build, and the compiler
/// reports a mistake in them better than `syn` does.
pub(super) struct AsyncFn {
    attrs: Vec<Attribute>,
    vis: Visibility,
    pub(super) sig: Signature,
    brace: token::Brace,
    statements: TokenStream,
}

impl Parse for AsyncFn {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let sig = input.parse()?;
        let content;
        let brace = braced!(content in input);
        // Inner attributes speak of the function; in the new body they would
        // stand before a statement.
        attrs.extend(
            content
                .call(Attribute::parse_inner)?
                .into_iter()
                .map(|mut attr| {
                    attr.style = AttrStyle::Outer;
                    attr
                }),
        );
        Ok(AsyncFn {
            attrs,
            vis,
            sig,
            brace,
            statements: content.parse()?,
        })
    }
}

impl AsyncFn {
    /// An attribute that makes the function a test already.
    pub(super) fn test_attribute(&self) -> Option<&Attribute> {
        self.attrs.iter().find(|attr| {
            let Meta::Path(path) = &attr.meta else {
                return false;
            };
            let names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
            match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                ["test"] => path.leading_colon.is_none(),
                ["core" | "std", "prelude", _, "test"] => true,
                _ => false,
            }
        })
    }

    /// The body in its own braces.
    pub(super) fn body(&self) -> TokenStream {
        let mut tokens = TokenStream::new();
        self.brace
            .surround(&mut tokens, |inner| inner.extend(self.statements.clone()));
        tokens
    }

    /// The same function without `async`, with `attribute` after its own
    /// attributes and `body` between its braces.
    pub(super) fn into_sync(self, attribute: &TokenStream, body: &TokenStream) -> TokenStream {
        let AsyncFn {
            attrs,
            vis,
            mut sig,
            brace,
            ..
        } = self;
        sig.asyncness = None;
        let mut tokens = TokenStream::new();
        for attr in &attrs {
            attr.to_tokens(&mut tokens);
        }
        attribute.to_tokens(&mut tokens);
        vis.to_tokens(&mut tokens);
        sig.to_tokens(&mut tokens);
        brace.surround(&mut tokens, |inner| body.to_tokens(inner));
        tokens
    }
}

/// Whether the word `impl` occurs anywhere in these tokens.
pub(super) fn mentions_impl(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "impl",
        TokenTree::Group(group) => mentions_impl(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
