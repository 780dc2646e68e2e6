//! The figures of one kind of traffic, a line for each server.

use super::server::Sample;

/// What is known of one server.
pub(super) struct Row {
    pub(super) subject: &'static str,
    pub(super) samples: Vec<Sample>,
    pub(super) calls: Option<f64>,
    pub(super) instructions: Option<f64>,
}

impl Row {
    pub(super) fn new(subject: &'static str) -> Row {
        Row {
            subject,
            samples: Vec::new(),
            calls: None,
            instructions: None,
        }
    }

    /// The median over the rounds, of each figure for itself.
    fn median(&self, figure: impl Fn(&Sample) -> f64) -> f64 {
        let mut values: Vec<f64> = self.samples.iter().map(figure).collect();
        values.sort_unstable_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// The table as text.
pub(super) fn render(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<16}{:>11}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n",
        "server", "req/s", "p50 us", "p99 us", "p99.9 us", "cpu us", "calls", "instr"
    );
    for row in rows {
        let figures = [
            row.median(|s| s.p50),
            row.median(|s| s.p99),
            row.median(|s| s.p999),
            row.median(|s| s.cpu_per_request),
        ];
        text.push_str(&format!(
            "{:<16}{:>11.0}",
            row.subject,
            row.median(|s| s.per_second)
        ));
        for figure in figures {
            text.push_str(&format!("{figure:>10.1}"));
        }
        let shown = |figure: Option<f64>, digits: usize| {
            figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.digits$}"))
        };
        let (calls, instructions) = (shown(row.calls, 2), shown(row.instructions, 0));
        text.push_str(&format!("{calls:>10}{instructions:>10}\n"));
    }
    text
}

/// All tables as one, in Markdown.
pub(super) fn render_markdown(tables: &[(&str, Vec<Row>)]) -> String {
    let mut text =
        "| traffic | server | req/s | p50 µs | p99 µs | p99.9 µs | cpu µs | calls | instr |\n\
                    |---|---|---:|---:|---:|---:|---:|---:|---:|\n"
            .to_owned();
    for (traffic, rows) in tables {
        for (at, row) in rows.iter().enumerate() {
            let traffic = if at == 0 { *traffic } else { "" };
            let shown = |figure: Option<f64>, digits: usize| {
                figure.map_or_else(String::new, |figure| format!("{figure:.digits$}"))
            };
            text.push_str(&format!(
                "| {traffic} | {} | {:.0} | {:.1} | {:.1} | {:.1} | {:.2} | {} | {} |\n",
                row.subject,
                row.median(|s| s.per_second),
                row.median(|s| s.p50),
                row.median(|s| s.p99),
                row.median(|s| s.p999),
                row.median(|s| s.cpu_per_request),
                shown(row.calls, 2),
                shown(row.instructions, 0),
            ));
        }
    }
    text
}

#[cfg(test)]
mod tests;
