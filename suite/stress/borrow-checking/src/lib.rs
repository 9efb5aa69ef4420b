//! Stresses **borrow checking**: liveness and region inference over large bodies.
//!
//! Functions hold hundreds of loans that are taken, kept across loops and branches, and given back;
//! each function has many basic blocks and many regions. Types are simple and nothing is generic,
//! so a change of this benchmark is a change of MIR building or of the borrow checker.

/// A node with several owned parts that can be lent out apart from each other.
#[derive(Default)]
pub struct Node {
    /// A name.
    pub name: String,
    /// Some numbers.
    pub numbers: Vec<u64>,
    /// The nodes below.
    pub children: Vec<Node>,
    /// A value that may be there.
    pub extra: Option<Box<Node>>,
}

/// Repeats statements that take loans, keep them over a loop, and end them in branches.
macro_rules! steps {
    ($node:ident $total:ident $($step:literal)*) => {
        $(
            let Node { name, numbers, children, extra } = &mut *$node;
            let first = numbers.first_mut();
            let mut longest: &mut String = name;
            for child in children.iter_mut() {
                if child.name.len() > longest.len() {
                    longest = &mut child.name;
                } else if child.numbers.len() > $step {
                    child.numbers.push($step);
                    continue;
                }
                if let Some(below) = child.extra.as_deref_mut() {
                    let numbers = &mut below.numbers;
                    numbers.retain(|number| *number != $step);
                    $total += numbers.len() as u64;
                }
            }
            match (first, extra.as_deref_mut()) {
                (Some(number), Some(below)) if *number > $step => {
                    std::mem::swap(number, below.numbers.first_mut().unwrap_or(&mut $total));
                }
                (Some(number), None) => {
                    *number += longest.len() as u64;
                    $total += *number;
                }
                (_, Some(below)) => {
                    longest.push_str(&below.name);
                    below.name.clear();
                }
                (None, None) => {
                    while let Some(last) = $node.numbers.pop() {
                        if last < $step {
                            break;
                        }
                        $total ^= last;
                    }
                }
            }
        )*
    };
}

macro_rules! functions {
    ($($name:ident)*) => {
        $(
            /// Walks over a tree and changes it.
            pub fn $name(node: &mut Node) -> u64 {
                let mut total = 0u64;
                steps!(node total 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20
                    21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40);
                total
            }
        )*
    };
}

functions!(spring summer autumn winter);
