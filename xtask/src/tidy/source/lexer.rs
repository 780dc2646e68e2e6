//! Splits Rust text into code and comments, line by line.

use super::Line;

/// Where the scanner stands.
#[derive(Clone, Copy)]
enum State {
    Code,
    LineComment,
    /// With its depth: block comments nest.
    BlockComment(usize),
    Str,
    /// With the number of `#` that close it.
    RawStr(usize),
}

/// The lines of `text`, with `test` not yet known.
pub(super) fn split(text: &str) -> Vec<Line> {
    let mut scanner = Scanner {
        chars: text.chars().collect(),
        at: 0,
        state: State::Code,
        lines: Vec::new(),
        line: Line::default(),
    };
    while scanner.at < scanner.chars.len() {
        scanner.step();
    }
    if !text.is_empty() && !text.ends_with('\n') {
        scanner.end_line();
    }
    scanner.lines
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
    state: State,
    lines: Vec<Line>,
    line: Line,
}

impl Scanner {
    fn step(&mut self) {
        let c = self.chars[self.at];
        if c == '\n' {
            if let State::LineComment = self.state {
                self.state = State::Code;
            }
            self.end_line();
            self.at += 1;
            return;
        }
        match self.state {
            State::Code => self.in_code(c),
            State::LineComment => self.comment(1),
            State::BlockComment(depth) => self.in_block_comment(depth),
            State::Str => self.in_str(c),
            State::RawStr(hashes) => self.in_raw_str(c, hashes),
        }
    }

    fn in_code(&mut self, c: char) {
        match c {
            '/' if self.peek(1) == Some('/') => {
                self.state = State::LineComment;
                self.comment(2);
            }
            '/' if self.peek(1) == Some('*') => {
                self.state = State::BlockComment(1);
                self.comment(2);
            }
            '"' => {
                self.state = State::Str;
                self.code(1);
            }
            'r' if !self.after_identifier() || self.after_byte_prefix() => self.after_r(),
            '\'' => self.quote(),
            _ => self.code(1),
        }
    }

    /// At an `r` that may open a raw string or a raw identifier.
    fn after_r(&mut self) {
        let hashes = (1..).take_while(|&n| self.peek(n) == Some('#')).count();
        if self.peek(1 + hashes) == Some('"') {
            self.state = State::RawStr(hashes);
            self.code(2 + hashes);
        } else {
            self.code(1);
        }
    }

    /// At a `'`: a character literal or a lifetime.
    fn quote(&mut self) {
        let length = if self.peek(1) == Some('\\') {
            // The escaped character may itself be a quote, so look behind it.
            (3..).find(|&n| matches!(self.peek(n), Some('\'' | '\n') | None))
        } else {
            (self.peek(2) == Some('\'')).then_some(2)
        };
        self.code(1);
        if let Some(length) = length {
            self.line.literal = true;
            self.at += length - 1;
            if self.peek(0) == Some('\'') {
                self.code(1);
            }
        }
    }

    fn in_block_comment(&mut self, depth: usize) {
        match (self.chars[self.at], self.peek(1)) {
            ('/', Some('*')) => {
                self.state = State::BlockComment(depth + 1);
                self.comment(2);
            }
            ('*', Some('/')) => {
                self.state = match depth {
                    1 => State::Code,
                    _ => State::BlockComment(depth - 1),
                };
                self.comment(2);
            }
            _ => self.comment(1),
        }
    }

    fn in_str(&mut self, c: char) {
        match c {
            '"' => {
                self.state = State::Code;
                self.code(1);
            }
            '\\' if self.peek(1).is_some_and(|next| next != '\n') => self.literal(2),
            _ => self.literal(1),
        }
    }

    fn in_raw_str(&mut self, c: char, hashes: usize) {
        let closes = c == '"' && (1..=hashes).all(|n| self.peek(n) == Some('#'));
        if closes {
            self.state = State::Code;
            self.code(1 + hashes);
        } else {
            self.literal(1);
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn before(&self, back: usize) -> Option<char> {
        self.at.checked_sub(back).map(|at| self.chars[at])
    }

    fn after_identifier(&self) -> bool {
        self.before(1)
            .is_some_and(|c| c.is_alphanumeric() || c == '_')
    }

    /// After the `b` of `br"` or the `c` of `cr"`, and nothing longer.
    fn after_byte_prefix(&self) -> bool {
        let longer = self
            .before(2)
            .is_some_and(|c| c.is_alphanumeric() || c == '_');
        matches!(self.before(1), Some('b' | 'c')) && !longer
    }

    fn code(&mut self, count: usize) {
        let end = self.at + count;
        self.line.code.extend(&self.chars[self.at..end]);
        self.at = end;
    }

    fn comment(&mut self, count: usize) {
        let end = self.at + count;
        self.line.comment.extend(&self.chars[self.at..end]);
        self.at = end;
    }

    fn literal(&mut self, count: usize) {
        self.line.literal = true;
        self.at += count;
    }

    fn end_line(&mut self) {
        if matches!(self.state, State::Str | State::RawStr(_)) {
            self.line.literal = true;
        }
        self.lines.push(std::mem::take(&mut self.line));
    }
}
