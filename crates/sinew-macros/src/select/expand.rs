//! The code that a `select!` becomes.
//!
//! ```text
//! {
//!     enum Out<T0, T1> { B0(T0), B1(T1), Disabled }
//!     let mut enabled: u8 = …;            // one bit for each branch
//!     let output = {
//!         let future0 = …;                // keeps the temporaries of the expression
//!         let mut futures = pin!((into_future(future0), …));
//!         first(move |cx| …poll the enabled branches…).await
//!     };                                  // the futures are dropped here
//!     match output { Out::B0(pattern) => handler, …, Out::Disabled => otherwise }
//! }
//! ```
//!
//! The handlers stand outside of every closure and loop of ours, so that
//! `break`, `continue`, `return`, `?` and `.await` in them mean what the user
//! sees. Local names are hygienic; the enum is not, hence its long name.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Index;
use syn::spanned::Spanned;

use super::pattern::Look;
use super::{Branch, Select};

/// So many branches are tested one after the other; more are passed over in one go where
/// a lap has none of them.
const GROUP: usize = 8;

/// One branch with the names that it has in the written code.
struct Named<'a> {
    branch: &'a Branch,
    index: usize,
    variant: Ident,
    local: Ident,
    /// The bit of this branch in the mask.
    bit: Literal,
    look: Look,
}

impl Named<'_> {
    /// Whether the branch can be out of the race while the others go on.
    fn can_be_disabled(&self) -> bool {
        self.branch.condition.is_some() || self.look.pattern.is_some()
    }
}

/// Writes the code of one `select!`.
struct Writer<'a> {
    select: &'a Select,
    branches: Vec<Named<'a>>,
    /// The name of the enum of outputs.
    out: Ident,
    /// The span of what we write: that of the `macro_rules` which passed its
    /// `$crate`. One context for all lets the compiler blame the user's tokens
    /// where it would blame the whole macro if contexts were mixed.
    site: Span,
}

pub(super) fn select(select: &Select) -> TokenStream {
    let site = select.krate.span();
    if select.branches.is_empty() {
        let otherwise = &select.otherwise;
        return quote_spanned!(site=> { #otherwise });
    }
    let branches = select.branches.iter().enumerate();
    let writer = Writer {
        select,
        branches: branches.map(|(i, branch)| named(site, i, branch)).collect(),
        out: Ident::new("__SinewSelectOut", site),
        site,
    };
    let output_enum = writer.output_enum();
    let preconditions = writer.preconditions();
    let output = writer.output();
    let handlers = writer.handlers();
    quote_spanned! {site=> {
        #output_enum
        #preconditions
        #[allow(unused_mut, reason = "for `ref mut` bindings")]
        let mut output = #output;
        #handlers
    }}
}

fn named(site: Span, index: usize, branch: &Branch) -> Named<'_> {
    Named {
        branch,
        index,
        variant: format_ident!("B{}", index, span = site),
        local: format_ident!("future{}", index, span = site),
        bit: Literal::u64_unsuffixed(1 << index),
        look: Look::new(site, &branch.pattern),
    }
}

impl Writer<'_> {
    fn output_enum(&self) -> TokenStream {
        let Writer { out, site, .. } = self;
        let variants = self.branches.iter().map(|b| &b.variant);
        let types: Vec<Ident> = self
            .branches
            .iter()
            .map(|b| format_ident!("T{}", b.index, span = *site))
            .collect();
        quote_spanned! {*site=>
            #[allow(dead_code, reason = "a branch may never end, or never be disabled")]
            enum #out<#(#types),*> { #(#variants(#types),)* Disabled }
        }
    }

    /// Computes the mask of the branches that are polled.
    fn preconditions(&self) -> TokenStream {
        let mask = match self.branches.len() {
            0..=8 => quote!(u8),
            9..=16 => quote!(u16),
            17..=32 => quote!(u32),
            _ => quote!(u64),
        };
        let unconditional = self
            .branches
            .iter()
            .filter(|b| b.branch.condition.is_none())
            .fold(0u64, |mask, b| mask | 1 << b.index);
        let unconditional = Literal::u64_unsuffixed(unconditional);
        let conditional = self.branches.iter().filter_map(|b| {
            let condition = b.branch.condition.as_ref()?;
            let bit = &b.bit;
            Some(quote_spanned! {self.site=>
                let condition: bool = #condition;
                if condition {
                    enabled |= #bit;
                }
            })
        });
        quote_spanned! {self.site=>
            #[allow(unused_mut, unused_variables, reason = "whether it matters depends on the branches")]
            let mut enabled: #mask = #unconditional;
            #(#conditional)*
        }
    }

    /// The block that waits for the first branch.
    fn output(&self) -> TokenStream {
        let (out, krate) = (&self.out, &self.select.krate);
        let locals = self.branches.iter().map(|b| {
            let (local, future) = (&b.local, &b.branch.future);
            quote_spanned!(self.site=> let #local = #future;)
        });
        let into_futures = self.branches.iter().map(|b| {
            // The position is the user's, for the error when this is not a future.
            let at = self.site.located_at(b.branch.future.span());
            let (mut local, mut krate) = (b.local.clone(), krate.clone());
            local.set_span(at);
            krate.set_span(at);
            quote_spanned!(at=> #krate::__macro::IntoFuture::into_future(#local))
        });
        let count = Literal::usize_unsuffixed(self.branches.len());
        let (order, polls) = if self.select.biased || self.branches.len() == 1 {
            (None, self.polls_in_order())
        } else {
            let order = quote_spanned! {self.site=>
                let mut order = #krate::__macro::Random::<#count>::default();
            };
            (Some(order), self.polls_from_random())
        };
        quote_spanned! {self.site=> {
            #(#locals)*
            let mut futures = #krate::__macro::pin!((#(#into_futures,)*));
            #order
            #krate::__macro::first(move |cx| {
                let mut pending = false;
                #polls
                if pending {
                    #krate::__macro::Poll::Pending
                } else {
                    #krate::__macro::Poll::Ready(#out::Disabled)
                }
            })
            .await
        }}
    }

    /// Polls the branches as they are written.
    fn polls_in_order(&self) -> TokenStream {
        self.branches
            .iter()
            .map(|b| {
                let poll = self.poll(b);
                if b.can_be_disabled() {
                    let bit = &b.bit;
                    quote_spanned!(self.site=> if enabled & #bit != 0 { #poll })
                } else {
                    poll
                }
            })
            .collect()
    }

    /// Polls the enabled branches in a circle that begins anywhere: in one lap those from
    /// there on, in a second those in front.
    fn polls_from_random(&self) -> TokenStream {
        let groups = self.branches.chunks(GROUP).map(|group| {
            let branches = group.iter().map(|b| {
                let (poll, bit) = (self.poll(b), &b.bit);
                quote_spanned!(self.site=> if left & #bit != 0 { #poll })
            });
            if self.branches.len() <= GROUP {
                return quote_spanned!(self.site=> #(#branches)*);
            }
            let bits = group.iter().fold(0_u64, |bits, b| bits | 1 << b.index);
            let bits = Literal::u64_unsuffixed(bits);
            quote_spanned!(self.site=> if left & #bits != 0 { #(#branches)* })
        });
        quote_spanned! {self.site=>
            // The bits from the first branch on.
            let upper = !0 << order.start();
            let (mut left, mut rest) = (enabled & upper, enabled & !upper);
            loop {
                #(#groups)*
                if rest == 0 {
                    break;
                }
                left = rest;
                rest = 0;
            }
        }
    }

    /// Polls one branch; leaves the closure if it has an output that matches.
    fn poll(&self, b: &Named<'_>) -> TokenStream {
        let krate = &self.select.krate;
        let index = Index {
            index: b.index as u32,
            span: self.site,
        };
        let ready = self.ready(b);
        // The position is the user's, for the error when this is not a future.
        let at = self.site.located_at(b.branch.future.span());
        let mut krate_at = krate.clone();
        krate_at.set_span(at);
        let poll = quote_spanned!(at=> #krate_at::__macro::Future::poll(future, cx));
        // No `#[allow(unsafe_code)]` in what is written: it would not compile in
        // a crate that forbids unsafe code, where the lint passes over macros.
        // The arm that leaves is what lets the compiler settle an output that nothing
        // else gives a type.
        quote_spanned! {self.site=>
            #[allow(
                unreachable_code, unused_variables,
                reason = "a future may have an output that cannot exist"
            )]
            'branch: {
                // SAFETY: the closure goes from a pinned tuple to one field of it and
                // moves nothing. Nothing else reaches into the tuple, whose name is
                // hygienic, so each field stays where it is until it is dropped.
                let future = unsafe { futures.as_mut().map_unchecked_mut(|futures| &mut futures.#index) };
                let output = match #poll {
                    #krate::__macro::Poll::Ready(output) => output,
                    #krate::__macro::Poll::Pending => {
                        // Not `=`, which warns where the first branch cannot be disabled.
                        pending |= true;
                        break 'branch;
                    }
                };
                #ready
            }
        }
    }

    /// What happens with the output of one branch.
    fn ready(&self, b: &Named<'_>) -> TokenStream {
        let (krate, out, variant) = (&self.select.krate, &self.out, &b.variant);
        let give = quote_spanned! {self.site=>
            return #krate::__macro::Poll::Ready(#out::#variant(output));
        };
        let Some(pattern) = &b.look.pattern else {
            return give;
        };
        let (bit, assertions) = (&b.bit, &b.look.assertions);
        let by_reference = b.look.by_reference.then(|| quote_spanned!(self.site=> &));
        quote_spanned! {self.site=>
            if false {
                #assertions
            }
            enabled &= !#bit;
            #[allow(unused_variables, unreachable_patterns, reason = "only asks whether it matches")]
            let matches = match #by_reference output { #pattern => true, _ => false };
            if matches {
                #give
            }
        }
    }

    /// Gives the output to its handler.
    fn handlers(&self) -> TokenStream {
        let out = &self.out;
        let arms = self.branches.iter().map(|b| {
            let (variant, pattern, handler) = (&b.variant, &b.branch.pattern, &b.branch.handler);
            quote_spanned!(self.site=> #out::#variant(#pattern) => #handler,)
        });
        // A pattern that was asked before may not cover its type. One that
        // binds a whole output needs no such arm, and is refused without it if
        // the name turns out to be a constant.
        let asked = self.branches.iter().filter(|b| b.look.pattern.is_some());
        let unmatched = asked.map(|b| {
            let variant = &b.variant;
            quote_spanned! {self.site=>
                #[allow(unreachable_patterns, reason = "the pattern may cover its type")]
                #out::#variant(_) => ::core::unreachable!("the output was matched before"),
            }
        });
        let otherwise = match &self.select.otherwise {
            Some(otherwise) => quote!(#otherwise),
            None => quote_spanned! {self.site=>
                ::core::panic!("all branches are disabled and there is no else branch")
            },
        };
        quote_spanned! {self.site=>
            match output {
                #(#arms)*
                #(#unmatched)*
                #out::Disabled => #otherwise,
            }
        }
    }
}
