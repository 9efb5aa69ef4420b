//! Cuts Markdown into blocks.

/// A block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Heading {
        level: usize,
        text: String,
    },
    Paragraph(String),
    List(Vec<String>),
    Table {
        head: Vec<String>,
        rows: Vec<Vec<String>>,
    },
}

/// The blocks of a text.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            blocks.push(None);
            continue;
        }
        let read = read(line);
        // A line goes on with the block before it, unless a blank one stands between.
        let is_continued = match (blocks.last_mut(), &read) {
            (Some(Some(block)), _) => go_on(block, &read),
            _ => false,
        };
        if !is_continued {
            blocks.push(read.into_block());
        }
    }
    blocks.into_iter().flatten().collect()
}

/// A line by itself.
enum Line {
    Heading(usize, String),
    Item(String),
    Cells(Vec<String>),
    /// The line under a table's head.
    Rule,
    Text(String),
}

impl Line {
    fn into_block(self) -> Option<Block> {
        Some(match self {
            Self::Heading(level, text) => Block::Heading { level, text },
            Self::Item(text) => Block::List(vec![text]),
            Self::Cells(head) => Block::Table {
                head,
                rows: Vec::new(),
            },
            Self::Rule => return None,
            Self::Text(text) => Block::Paragraph(text),
        })
    }
}

fn read(line: &str) -> Line {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    if (1..=6).contains(&level)
        && let Some(text) = line[level..].strip_prefix(' ')
    {
        return Line::Heading(level, text.trim().to_owned());
    }
    if let Some(item) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Line::Item(item.trim().to_owned());
    }
    let Some(inside) = line.strip_prefix('|') else {
        return Line::Text(line.to_owned());
    };
    let inside = inside.strip_suffix('|').unwrap_or(inside);
    if inside
        .chars()
        .all(|letter| matches!(letter, '-' | ':' | '|' | ' '))
        && inside.contains('-')
    {
        return Line::Rule;
    }
    Line::Cells(cells(inside))
}

/// The cells of a row. A bar behind a backslash is one of the text.
fn cells(row: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut letters = row.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&'|') => {
                letters.next();
                push(&mut cells, '|');
            }
            '|' => cells.push(String::new()),
            letter => push(&mut cells, letter),
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

fn push(cells: &mut [String], letter: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(letter);
    }
}

/// Adds a line to the block before it. Returns whether it belongs there.
fn go_on(block: &mut Block, line: &Line) -> bool {
    match (block, line) {
        (Block::Paragraph(text), Line::Text(more)) => {
            text.push(' ');
            text.push_str(more);
        }
        (Block::List(items), Line::Item(item)) => items.push(item.clone()),
        (Block::List(items), Line::Text(more)) => {
            if let Some(item) = items.last_mut() {
                item.push(' ');
                item.push_str(more);
            }
        }
        (Block::Table { rows, .. }, Line::Cells(row)) => rows.push(row.clone()),
        (Block::Table { .. }, Line::Rule) => {}
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_has_blocks_and_no_word_of_a_paragraph_is_lost(text in "[a-z |#*\\\\\n-]{0,60}|.{0,60}") {
            let _ = blocks(&text);
        }

        #[test]
        fn plain_words_stay_as_they_are(words in "[a-z]{1,6}( [a-z]{1,6}){0,6}") {
            prop_assert_eq!(blocks(&words), [Block::Paragraph(words.clone())]);
        }
    }

    #[test]
    fn a_report_has_headings_paragraphs_lists_and_tables() {
        let text = "# Title\n\nOne line\nand another.\n\n- first\n- second\n\n| a | b |\n|---|---|\n| 1 \\| 2 | 3 |\n";
        let words = |cells: &[&str]| {
            cells
                .iter()
                .map(|cell| (*cell).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            blocks(text),
            [
                Block::Heading {
                    level: 1,
                    text: "Title".to_owned()
                },
                Block::Paragraph("One line and another.".to_owned()),
                Block::List(words(&["first", "second"])),
                Block::Table {
                    head: words(&["a", "b"]),
                    rows: vec![words(&["1 | 2", "3"])],
                },
            ]
        );
    }
}
