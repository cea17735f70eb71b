//! docs/CONFORMANCE.md: what stands between two markers is written by the run that found it out.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

/// Tests of one program run beside each other.
static WRITING: Mutex<()> = Mutex::new(());

/// Puts `text` between the markers `name`. It is the same from every run in which the same came out.
pub(super) fn write(name: &str, text: &str) {
    let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/CONFORMANCE.md");
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, between(&whole, name, text)).unwrap();
}

fn between(whole: &str, name: &str, text: &str) -> String {
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let (before, rest) = whole.split_once(&begin).expect("the first marker");
    let (_, after) = rest.split_once(&end).expect("the second marker");
    format!("{before}{begin}\n{}\n\n{end}{after}", text.trim())
}

#[test]
fn a_section_of_the_document_is_replaced_and_the_rest_stays() {
    let whole = "a\n<!-- x: begin -->\n\nold\n\n<!-- x: end -->\nb\n<!-- y: begin -->\n<!-- y: end -->";
    let new = between(whole, "x", "new\n");
    assert_eq!(new, "a\n<!-- x: begin -->\n\nnew\n\n<!-- x: end -->\nb\n<!-- y: begin -->\n<!-- y: end -->");
    assert_eq!(between(&new, "x", "new"), new);
}
