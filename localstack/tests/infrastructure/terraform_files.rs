//! Reading the files of `infra/`.

use std::path::{Path, PathBuf};

use hcl::eval::{Context, Evaluate};
use hcl::{Block, Body, Expression};

/// A path below the checkout.
pub(crate) fn checkout(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The text of a file of the checkout.
pub(crate) fn text(path: &str) -> String {
    std::fs::read_to_string(checkout(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files of a folder of `infra/` as one, as Terraform reads them.
pub(crate) fn folder(path: &str) -> Body {
    let entries = std::fs::read_dir(checkout("infra").join(path)).unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    let terraform = files.filter(|path| path.extension().is_some_and(|found| found == "tf"));
    let texts: Vec<String> = terraform
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    hcl::parse(&texts.join("\n")).unwrap()
}

/// The one block of a kind with these labels.
pub(crate) fn block<'a>(body: &'a Body, kind: &str, labels: &[&str]) -> &'a Block {
    let found = body
        .blocks()
        .find(|block| block.identifier() == kind && label_texts(block) == labels);
    found.unwrap_or_else(|| panic!("there is no {kind} {labels:?}"))
}

/// All resources of a kind.
pub(crate) fn resources<'a>(body: &'a Body, kind: &'a str) -> impl Iterator<Item = &'a Block> {
    body.blocks()
        .filter(move |block| block.identifier() == "resource" && label_texts(block)[0] == kind)
}

/// The labels of a block.
pub(crate) fn label_texts(block: &Block) -> Vec<&str> {
    block.labels.iter().map(hcl::BlockLabel::as_str).collect()
}

/// An attribute that a block must have.
pub(crate) fn attribute<'a>(block: &'a Block, name: &str) -> &'a Expression {
    find_attribute(&block.body, name)
        .unwrap_or_else(|| panic!("{:?} has no {name}", label_texts(block)))
}

/// An attribute that a body may have.
pub(crate) fn find_attribute<'a>(body: &'a Body, name: &str) -> Option<&'a Expression> {
    let found = body.attributes().find(|attribute| attribute.key() == name);
    found.map(hcl::Attribute::expr)
}

/// An expression as it is written.
pub(crate) fn written(expression: &Expression) -> String {
    hcl::format::to_string(expression).unwrap()
}

/// What Terraform makes of an expression that looks at nothing else.
pub(crate) fn value(expression: &Expression) -> hcl::Value {
    expression.evaluate(&Context::new()).unwrap()
}

/// One of the `locals` that is written out, to be looked into.
pub(crate) fn local(body: &Body, name: &str) -> serde_json::Value {
    serde_json::to_value(local_value(body, name)).unwrap()
}

/// The same, to be given to other expressions.
pub(crate) fn local_value(body: &Body, name: &str) -> hcl::Value {
    let locals = body.blocks().filter(|block| block.identifier() == "locals");
    let found = locals
        .flat_map(|block| block.body.attributes())
        .find(|attribute| attribute.key() == name);
    value(
        found
            .unwrap_or_else(|| panic!("there is no local.{name}"))
            .expr(),
    )
}

/// What Terraform makes of an expression, given what it looks at: `var`, `each`, `local`.
pub(crate) fn evaluate(expression: &Expression, given: &[(&str, hcl::Value)]) -> hcl::Value {
    let mut context = Context::new();
    for (name, value) in given {
        context.declare_var(*name, value.clone());
    }
    expression.evaluate(&context).unwrap()
}
