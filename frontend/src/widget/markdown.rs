//! Reports in Markdown, as text to read: the headings, lists, tables and marks that our own reports
//! use. What is none of these stays as it is written; nothing becomes HTML that was not made here.

mod blocks;
mod inline;

use crate::prelude::*;

use blocks::{Block, blocks};
use inline::{Mark, marks};

/// A report.
pub(crate) fn markdown(text: &str) -> AnyView {
    let blocks: Vec<AnyView> = blocks(text).into_iter().map(block).collect();
    view! { <div class="report">{blocks}</div> }.into_any()
}

fn block(block: Block) -> AnyView {
    match block {
        // The page has the heading of the first level.
        Block::Heading { level: 0 | 1, text } => view! { <h2>{line(&text)}</h2> }.into_any(),
        Block::Heading { level: 2, text } => view! { <h3>{line(&text)}</h3> }.into_any(),
        Block::Heading { text, .. } => view! { <h4>{line(&text)}</h4> }.into_any(),
        Block::Paragraph(text) => view! { <p>{line(&text)}</p> }.into_any(),
        Block::List(items) => {
            let items: Vec<_> = items
                .iter()
                .map(|item| view! { <li>{line(item)}</li> })
                .collect();
            view! { <ul>{items}</ul> }.into_any()
        }
        Block::Table { head, rows } => table(&head, &rows),
    }
}

fn table(head: &[String], rows: &[Vec<String>]) -> AnyView {
    let head: Vec<_> = head
        .iter()
        .map(|cell| view! { <th scope="col">{line(cell)}</th> })
        .collect();
    let row = |cells: &Vec<String>| {
        let cells: Vec<_> = cells
            .iter()
            .map(|cell| view! { <td>{line(cell)}</td> })
            .collect();
        view! { <tr>{cells}</tr> }
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    view! {
        <div class="scroll-x" tabindex="0" role="group" aria-label="Table of the report">
            <table class="dense stacking">
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A line with its marks.
pub(crate) fn line(text: &str) -> Vec<AnyView> {
    marks(text)
        .into_iter()
        .map(|mark| match mark {
            Mark::Plain(text) => text.into_any(),
            Mark::Strong(text) => view! { <strong>{text}</strong> }.into_any(),
            Mark::Emphasis(text) => view! { <em>{text}</em> }.into_any(),
            Mark::Code(text) => view! { <code>{text}</code> }.into_any(),
            Mark::Link { text, address } => view! { <a href=address>{line(&text)}</a> }.into_any(),
        })
        .collect()
}
