//! The work of `select!`: parsing the branches and writing the code.
//!
//! The macro that users call is a `macro_rules` in `sinew-core`; it passes
//! `$crate`, by which the code written here finds what it needs even if the
//! user's crate depends on the facade alone.

mod expand;
mod pattern;

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Block, Expr, ExprBlock, Pat, Token, parenthesized, token};

/// As many bits as the largest mask of enabled branches has.
const MAX_BRANCHES: usize = 64;

mod keyword {
    syn::custom_keyword!(biased);
}

/// Expands `($crate) branches…`.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    match syn::parse2::<Select>(input) {
        Ok(select) => expand::select(&select),
        Err(error) => error.to_compile_error(),
    }
}

/// Everything between the braces of a `select!`.
struct Select {
    /// The `$crate` of the crate with the support code.
    krate: Ident,
    biased: bool,
    branches: Vec<Branch>,
    otherwise: Option<Expr>,
}

/// `pattern = future, if condition => handler`
struct Branch {
    pattern: Pat,
    future: Expr,
    condition: Option<Expr>,
    handler: Expr,
}

impl Parse for Select {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let krate;
        parenthesized!(krate in input);
        let mut select = Select {
            krate: krate.call(Ident::parse_any)?,
            biased: input.peek(keyword::biased) && input.peek2(Token![;]),
            branches: Vec::new(),
            otherwise: None,
        };
        if select.biased {
            input.parse::<keyword::biased>()?;
            input.parse::<Token![;]>()?;
        }
        if input.is_empty() {
            return Err(syn::Error::new(
                Span::call_site(),
                "select! requires at least one branch",
            ));
        }
        while !input.is_empty() {
            if input.peek(Token![else]) {
                select.otherwise = Some(otherwise(input)?);
            } else if select.branches.len() == MAX_BRANCHES {
                return Err(input.error("select! takes up to 64 branches"));
            } else {
                select.branches.push(input.parse()?);
            }
        }
        Ok(select)
    }
}

/// `else => handler`, which must be the end.
fn otherwise(input: ParseStream<'_>) -> syn::Result<Expr> {
    input.parse::<Token![else]>()?;
    input.parse::<Token![=>]>()?;
    let handler = input.parse()?;
    input.parse::<Option<Token![,]>>()?;
    if input.is_empty() {
        Ok(handler)
    } else {
        Err(input.error("`else` must be the last branch of select!"))
    }
}

impl Parse for Branch {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        if !input.peek(Token![=]) || input.peek(Token![=>]) {
            return Err(syn::Error::new(
                pattern.span(),
                "a branch of select! has the form `<pattern> = <async expression> => <handler>`",
            ));
        }
        input.parse::<Token![=]>()?;
        let future: Expr = input.parse()?;
        let comma: Option<Token![,]> = input.parse()?;
        let condition = match comma {
            Some(comma) => Some(precondition(comma, input)?),
            None => None,
        };
        if !input.peek(Token![=>]) {
            let last = condition.as_ref().unwrap_or(&future).span();
            let message = if condition.is_some() {
                "expected `=> <handler>` after the precondition"
            } else {
                "expected `=> <handler>` or `, if <precondition>` after the async expression"
            };
            return Err(error_after(last, input, message));
        }
        input.parse::<Token![=>]>()?;
        Ok(Branch {
            pattern,
            future,
            condition,
            handler: handler(input)?,
        })
    }
}

fn precondition(comma: Token![,], input: ParseStream<'_>) -> syn::Result<Expr> {
    if !input.peek(Token![if]) {
        let message = "expected a precondition, `if <expression>`, after the `,`";
        return Err(error_after(comma.span(), input, message));
    }
    input.parse::<Token![if]>()?;
    input.parse()
}

/// An error at the next token, or at the `last` one if there is no other.
fn error_after(last: Span, input: ParseStream<'_>, message: &str) -> syn::Error {
    if input.is_empty() {
        syn::Error::new(last, message)
    } else {
        input.error(message)
    }
}

/// A block, or an expression with a comma after it unless it is the last or
/// one that a match arm would take without a comma.
fn handler(input: ParseStream<'_>) -> syn::Result<Expr> {
    if input.peek(token::Brace) {
        let block = input.parse::<Block>()?;
        input.parse::<Option<Token![,]>>()?;
        return Ok(Expr::Block(ExprBlock {
            attrs: Vec::new(),
            label: None,
            block,
        }));
    }
    let handler = Expr::parse_with_earlier_boundary_rule(input)?;
    let ends_itself = matches!(
        handler,
        Expr::If(_)
            | Expr::Match(_)
            | Expr::Block(_)
            | Expr::Unsafe(_)
            | Expr::While(_)
            | Expr::Loop(_)
            | Expr::ForLoop(_)
    );
    let comma = input.parse::<Option<Token![,]>>()?;
    if comma.is_none() && !ends_itself && !input.is_empty() {
        return Err(input.error("expected `,` after the handler of the branch before"));
    }
    Ok(handler)
}
