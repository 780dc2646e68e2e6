//! Asking whether a pattern matches, without taking the value.
//!
//! The output of a branch is looked at before it is moved to the handler. For
//! the look, a second pattern is made from the user's in which each binding is
//! a `_`: that one moves and borrows nothing, so it can be matched against the
//! output in place, and it is valid wherever the user's pattern is valid.
//!
//! A name alone is a binding or a constant, and only the compiler knows which.
//! Names that begin with a capital letter are taken for constants (`None`), the
//! others for bindings, as the compiler's naming lints demand. For each name
//! taken for a binding, [`Look::assertions`] has a statement that does not
//! compile if it is a constant after all, so that the guess is never silent.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::ext::IdentExt;
use syn::{FieldPat, Pat, PatWild, Token};

/// How to look at one output.
pub(super) struct Look {
    /// The pattern without bindings; `None` if it matches whatever comes.
    pub(super) pattern: Option<Pat>,
    /// Statements that compile if the guesses about names were right.
    pub(super) assertions: TokenStream,
    /// The pattern holds a macro and so could not be rewritten: the output must
    /// be matched by reference.
    pub(super) by_reference: bool,
    site: Span,
}

impl Look {
    /// `site` is the span of the code that is written.
    pub(super) fn new(site: Span, pattern: &Pat) -> Look {
        let mut look = Look {
            site,
            pattern: None,
            assertions: TokenStream::new(),
            by_reference: false,
        };
        let mut stripped = pattern.clone();
        look.strip(&mut stripped);
        if look.by_reference {
            look.pattern = Some(pattern.clone());
        } else if !matches!(stripped, Pat::Wild(_)) {
            look.pattern = Some(stripped);
        }
        look
    }

    /// Replaces the bindings in `pattern` by `_`.
    fn strip(&mut self, pattern: &mut Pat) {
        match pattern {
            Pat::Ident(binding) => {
                let may_be_constant = binding.by_ref.is_none()
                    && binding.mutability.is_none()
                    && binding.subpat.is_none();
                if may_be_constant && is_capital(&binding.ident) {
                    return;
                }
                if may_be_constant {
                    self.assert_binding(&binding.ident);
                }
                *pattern = match binding.subpat.take() {
                    Some((_, mut inner)) => {
                        self.strip(&mut inner);
                        *inner
                    }
                    None => wild(binding.ident.span()),
                };
            }
            Pat::Or(or) => or.cases.iter_mut().for_each(|case| self.strip(case)),
            Pat::Slice(slice) => slice.elems.iter_mut().for_each(|elem| self.strip(elem)),
            Pat::Tuple(tuple) => tuple.elems.iter_mut().for_each(|elem| self.strip(elem)),
            Pat::TupleStruct(tuple) => tuple.elems.iter_mut().for_each(|elem| self.strip(elem)),
            Pat::Struct(fields) => fields.fields.iter_mut().for_each(|field| self.field(field)),
            Pat::Reference(reference) => self.strip(&mut reference.pat),
            Pat::Paren(paren) => {
                self.strip(&mut paren.pat);
                if matches!(*paren.pat, Pat::Wild(_)) {
                    *pattern = (*paren.pat).clone();
                }
            }
            Pat::Macro(_) | Pat::Verbatim(_) => self.by_reference = true,
            // Constants, literals, ranges, `..` and `_` bind nothing.
            _ => {}
        }
    }

    fn field(&mut self, field: &mut FieldPat) {
        self.strip(&mut field.pat);
        if field.colon_token.is_none() && !matches!(*field.pat, Pat::Ident(_)) {
            // `Point { x }` becomes `Point { x: _ }`.
            field.colon_token = Some(Token![:](self.site));
        }
    }

    fn assert_binding(&mut self, name: &Ident) {
        // The position is the user's, for the error; the context is ours, so
        // that lints do not see a second binding of the user's.
        let site = self.site.located_at(name.span());
        let mut name = name.clone();
        name.set_span(site);
        self.assertions
            .extend(quote_spanned!(site=> let #name = ();));
    }
}

fn wild(span: Span) -> Pat {
    Pat::Wild(PatWild {
        attrs: Vec::new(),
        underscore_token: Token![_](span),
    })
}

/// Whether the name begins like that of a constant or a variant.
fn is_capital(name: &Ident) -> bool {
    name.unraw()
        .to_string()
        .chars()
        .next()
        .is_some_and(char::is_uppercase)
}
