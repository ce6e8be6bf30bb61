//! Inputs as publishers send them, whole and broken.

use std::io::{self, Read};

use proptest::prelude::*;

use super::*;

/// One line an item: `kind line document path text`, then the package; or what is wrong.
fn split(input: &[u8]) -> Vec<String> {
    describe(Splitter::new(input))
}

fn describe<R: Read>(splitter: Splitter<R>) -> Vec<String> {
    let position = |place: &Place| format!("{}:{}:{}", place.line, place.document, place.path);
    let describe = |item| match item {
        Ok(Piece {
            text,
            kind,
            place,
            package,
            encoding,
        }) => {
            let kind = match encoding {
                Encoding::Utf8 => format!("{kind:?}"),
                other => format!("{kind:?} {other:?}"),
            };
            let package = package.map(|package| format!(" in {package}")).unwrap_or_default();
            format!("{kind} {} {text}{package}", position(&place))
        }
        Err(SplitError::Io(error)) => format!("Io {error}"),
        Err(SplitError::Syntax { place, reason, text }) => format!("Syntax {} {reason}: {text}", position(&place)),
        Err(SplitError::Damaged { place, text_lossy }) => {
            format!("Damaged {} {text_lossy}", position(&place))
        }
        Err(SplitError::TooLarge { place, limit }) => {
            format!("TooLarge {} {limit}", position(&place))
        }
    };
    splitter.map(describe).collect()
}

/// A reader that gives one byte at a time: every value spans portions.
struct Drops<'b>(&'b [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = 1.min(self.0.len()).min(buffer.len());
        self.0.read(&mut buffer[..length])
    }
}

#[track_caller]
fn gives(input: &str, expected: &[&str]) {
    assert_eq!(split(input.as_bytes()), expected, "{input}");
    assert_eq!(
        describe(Splitter::new(Drops(input.as_bytes()))),
        expected,
        "{input} byte by byte"
    );
}

#[test]
fn an_empty_input_has_no_pieces() {
    gives("", &[]);
    gives("\u{feff}", &[]);
    gives(" \r\n\t\n", &[]);
    gives("[]", &[]);
    gives(r#"{"releases":[]}"#, &[]);
}

#[test]
fn a_package_gives_its_elements_with_what_it_says_about_them() {
    gives(
        "{ \"uri\": \"u\",\n\"releases\": [ {\"ocid\": 1},\n {} ],\n\"version\": \"1.1\" }",
        &[
            r#"Release 2:0:releases/0 {"ocid": 1} in {"uri":"u","version":"1.1"}"#,
            r#"Release 3:0:releases/1 {} in {"uri":"u","version":"1.1"}"#,
        ],
    );
    gives(
        r#"{"packages":["p"],"records":[{"ocid":"a","releases":[]},7],"releases":[{}]}"#,
        &[
            r#"Record 1:0:records/0 {"ocid":"a","releases":[]} in {"packages":["p"]}"#,
            r#"Record 1:0:records/1 7 in {"packages":["p"]}"#,
            r#"Release 1:0:releases/0 {} in {"packages":["p"]}"#,
        ],
    );
}

#[test]
fn an_object_with_an_ocid_is_one_piece() {
    for text in [
        r#"{"ocid":"a","releases":[{}]}"#,
        r#"{"releases":[{}],"compiledRelease":{},"ocid":"a"}"#,
        r#"{"releases":"none"}"#,
        r#"{"tender":{"releases":[1]}}"#,
        r#""text""#,
        "null",
        "-1.5e3",
    ] {
        gives(text, &[&format!("Bare 1:0: {text}")]);
    }
}

#[test]
fn a_member_of_a_package_that_is_not_json_is_left_out() {
    gives(
        r#"{"a":01,"b":"\q","c":1.0,"releases":[1]}"#,
        &[r#"Release 1:0:releases/0 1 in {"c":1.0}"#],
    );
}

#[test]
fn a_top_level_array_gives_its_elements_and_those_of_packages_in_it() {
    gives(
        "[{\"ocid\":\"a\"},\n5,[0],{\"releases\":[{},{}]},\n{\"records\":[{}]}]",
        &[
            r#"Bare 1:0:0 {"ocid":"a"}"#,
            "Bare 2:0:1 5",
            "Bare 2:0:2 [0]",
            "Release 2:0:3/releases/0 {} in {}",
            "Release 2:0:3/releases/1 {} in {}",
            "Record 3:0:4/records/0 {} in {}",
        ],
    );
}

#[test]
fn documents_may_follow_each_other_with_and_without_white_space() {
    gives(
        "{\"ocid\":\"a\"}{\"ocid\":\"b\"}[1]\n2 3\r\n\u{feff}{\n\"releases\":[4]\n}",
        &[
            r#"Bare 1:0: {"ocid":"a"}"#,
            r#"Bare 1:1: {"ocid":"b"}"#,
            "Bare 1:2:0 1",
            "Bare 2:3: 2",
            "Bare 2:4: 3",
            "Release 4:5:releases/0 4 in {}",
        ],
    );
}

#[test]
fn each_line_may_be_a_document_or_a_package() {
    gives(
        "\u{feff}{\"ocid\":\"a\"}\r\n\r\n{\"releases\":[1,2]}\r\n{\"ocid\":\"b\"}",
        &[
            r#"Bare 1:0: {"ocid":"a"}"#,
            "Release 3:1:releases/0 1 in {}",
            "Release 3:1:releases/1 2 in {}",
            r#"Bare 4:2: {"ocid":"b"}"#,
        ],
    );
}

#[test]
fn a_broken_line_costs_that_line() {
    gives(
        "{\"a\":0}\n{\"\"a\":1}\n{\"a\":\"b\n{\"a\":[1\n{\"releases\":[1,2,}\n{\"a\":2}\n{",
        &[
            r#"Bare 1:0: {"a":0}"#,
            r#"Syntax 2:1: line 2: expected a colon after the key: {""a":1}"#,
            r#"Syntax 3:2: line 3: a line break inside a string: {"a":"b"#,
            "Syntax 4:3: line 5: the line ends before its value does: {\"a\":[1\n",
            "Release 5:4:releases/0 1 in {}",
            "Release 5:4:releases/1 2 in {}",
            "Syntax 5:4:releases/2 line 5: expected a value: }",
            r#"Bare 6:5: {"a":2}"#,
            "Syntax 7:6: line 7: the input ends before the value does: {",
        ],
    );
}

#[test]
fn a_broken_first_line_costs_that_line() {
    gives(
        "{\"\"a\":0}\n{\"a\":1}\n{\"\"a\":2}\n{\"a\":3}\n",
        &[
            "Syntax 1:0: line 1: expected a colon after the key: {\"\"a\":0}\n",
            r#"Bare 2:1: {"a":1}"#,
            r#"Syntax 3:2: line 3: expected a colon after the key: {""a":2}"#,
            r#"Bare 4:3: {"a":3}"#,
        ],
    );
}

#[test]
fn a_spaced_document_after_a_line_is_one_document() {
    gives(
        "{\"a\":1}\n{\n  \"b\": [\n    {}\n  ]\n}\n",
        &["Bare 1:0: {\"a\":1}", "Bare 2:1: {\n  \"b\": [\n    {}\n  ]\n}"],
    );
    // Broken, it is one error all the same.
    gives(
        "{\"a\":1}\n{\n  \"b\": 1\n  \"c\": 2,\n  \"d\": 3\n}\n{\"e\":1}",
        &[
            "Bare 1:0: {\"a\":1}",
            "Syntax 2:1: line 4: expected a comma or the closing bracket: {\n  \"b\": 1\n  \"c\": 2,",
            "Bare 7:2: {\"e\":1}",
        ],
    );
}

#[test]
fn a_missing_bracket_costs_the_document_from_there_on() {
    let broken = "{\n\"uri\":\"u\",\n\"releases\":[\n{\"id\":1},\n{\"id\":2,\"items\":[{\"id\":3}\n}\n]\n}\n";
    gives(
        broken,
        &[
            r#"Release 4:0:releases/0 {"id":1} in {"uri":"u"}"#,
            "Syntax 5:0:releases/1 line 6: expected a comma or the closing bracket: {\"id\":2,\"items\":[{\"id\":3}\n}\n]\n}\n",
        ],
    );
    let (first, second) = (
        split(broken.as_bytes()),
        split(format!("{broken}{{\"id\":4}}\n").as_bytes()),
    );
    assert_eq!(second[0], first[0]);
    assert_eq!(second[1], first[1]);
    assert_eq!(second[2..], [r#"Bare 9:1: {"id":4}"#]);
}

#[test]
fn a_truncated_input_keeps_what_came_before() {
    gives(
        r#"{"uri":"u","releases":[{"id":1},{"id":"#,
        &[
            r#"Release 1:0:releases/0 {"id":1} in {"uri":"u"}"#,
            r#"Syntax 1:0:releases/1 line 1: the input ends before the value does: {"id":"#,
        ],
    );
    gives(
        "[1,",
        &[
            "Bare 1:0:0 1",
            "Syntax 1:0:1 line 1: the input ends before the value does: ",
        ],
    );
    gives(
        r#"{"releases":[]"#,
        &["Syntax 1:0: line 1: the input ends before the value does: "],
    );
}

#[test]
fn one_broken_document_is_one_error() {
    // The elements stand on lines of their own, and a comma between two of them is missing.
    gives(
        "{\"releases\":[\n{\"id\":1}\n{\"id\":2},\n{\"id\":3}\n]\n}\n",
        &[
            r#"Release 2:0:releases/0 {"id":1} in {}"#,
            "Syntax 3:0:releases/1 line 3: expected a comma or the closing bracket: ",
            r#"Bare 3:1: {"id":2}"#,
        ],
    );
    let page = "<html>\n<style>\na { b: c }\n</style>\n".repeat(1000);
    assert_eq!(split(page.as_bytes()).len(), 1);
    let script = "function a() {\n}\n{ b }\n".repeat(1000);
    assert!(split(script.as_bytes()).len() <= 3);
}

#[test]
fn each_piece_has_the_encoding_that_its_bytes_show() {
    let input = b"{\"publisher\":\"\xE9\",\"releases\":[{\"a\":\"\xE9\x92\"},{\"a\":\"\xC3\xA9\"},{\"a\":\"\xC3\xA9\xE9\"},{\"a\":\"b\"}]}";
    assert_eq!(
        split(input),
        [
            "Release Windows1252 1:0:releases/0 {\"a\":\"é’\"} in {\"publisher\":\"é\"}",
            "Release 1:0:releases/1 {\"a\":\"é\"} in {\"publisher\":\"é\"}",
            "Damaged 1:0:releases/2 {\"a\":\"é\u{fffd}\"}",
            "Release 1:0:releases/3 {\"a\":\"b\"} in {\"publisher\":\"é\"}",
        ]
    );
}

#[test]
fn white_space_is_not_held_without_limit() {
    struct Blanks(u64);
    impl Read for Blanks {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(4096);
            self.0 += length as u64;
            buffer[..length].fill(b' ');
            Ok(length)
        }
    }
    for start in ["{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,"] {
        let mut blanks = Blanks(0);
        let mut splitter = Splitter::new(start.as_bytes().chain(&mut blanks).take(1 << 20));
        (splitter.piece_limit, splitter.look_ahead) = (10, 20);
        let first = splitter.next();
        assert!(
            matches!(first, Some(Err(SplitError::TooLarge { .. }))),
            "{start}: {first:?}"
        );
        drop(splitter);
        assert!(blanks.0 < 1 << 20, "{start}: {} bytes were read", blanks.0);
    }
}

#[test]
fn a_piece_beyond_the_limit_is_passed_over() {
    let with_limit = |input: &str| {
        let mut splitter = Splitter::new(Drops(input.as_bytes()));
        splitter.piece_limit = 10;
        describe(splitter)
    };
    assert_eq!(
        with_limit("[1234567890,12345678901,{\"a\":\"bcdefgh\"},2]\n"),
        [
            "Bare 1:0:0 1234567890",
            "TooLarge 1:0:1 10",
            "TooLarge 1:0:2 10",
            "Bare 1:0:3 2"
        ]
    );
    assert_eq!(
        with_limit("{\"a\":\"bcdefgh\"}\n{\"a\":\"bcdefgh\" 1}\n3"),
        [
            "TooLarge 1:0: 10",
            "TooLarge 2:1: 10",
            "Syntax 2:1: line 2: expected a comma or the closing bracket: 1}",
            "Bare 3:2: 3"
        ]
    );
}

#[test]
fn beyond_the_look_ahead_what_was_seen_decides() {
    let with_look_ahead = |input: &str| {
        let mut splitter = Splitter::new(Drops(input.as_bytes()));
        splitter.look_ahead = 30;
        describe(splitter)
    };
    let long = r#"{"uri":"u","releases":[{"id":1},{"id":2}],"version":"1.1","ocid":"a"}"#;
    assert_eq!(
        with_look_ahead(long),
        [
            r#"Release 1:0:releases/0 {"id":1} in {"uri":"u"}"#,
            r#"Release 1:0:releases/1 {"id":2} in {"uri":"u"}"#,
        ]
    );
    let record = r#"{"ocid":"a","releases":[{"id":1},{"id":2}],"version":"1.1"}"#;
    assert_eq!(with_look_ahead(record), [format!("Bare 1:0: {record}")]);
    let late = r#"{"uri":"a text of more than thirty bytes","releases":[3]}"#;
    assert_eq!(
        with_look_ahead(late),
        [r#"Release 1:0:releases/0 3 in {"uri":"a text of more than thirty bytes"}"#]
    );
    // White space is not gathered any further, either.
    let wide = format!(r#"{{"releases":[1{}],"uri":"u"}}"#, " ".repeat(10_000));
    let mut splitter = Splitter::new(Drops(wide.as_bytes()));
    splitter.look_ahead = 30;
    assert!(matches!(splitter.next(), Some(Ok(_))));
    assert!(splitter.input.window().len() < 1000);
}

#[test]
fn the_text_of_an_error_is_cut() {
    let input = format!("{{\"a\":\"{}\" 1}}", "é".repeat(100_000));
    let item = Splitter::new(input.as_bytes()).next();
    let Some(Err(SplitError::Syntax { text, .. })) = item else {
        panic!("{item:?}")
    };
    assert!((ERROR_TEXT - 1..=ERROR_TEXT).contains(&text.len()));
    assert!(input.starts_with(&text));
}

#[test]
fn a_read_error_ends_the_pieces() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }
    let input = b"[1,2,".chain(Failing);
    assert_eq!(
        describe(Splitter::new(input)),
        ["Bare 1:0:0 1", "Bare 1:0:1 2", "Io gone"]
    );
}

#[test]
fn hostile_nesting_is_an_error() {
    let input = "[1,".to_owned() + &"[".repeat(1_000_000);
    let items: Vec<_> = Splitter::new(input.as_bytes()).collect();
    assert!(matches!(items[..], [Ok(_), Err(SplitError::Syntax { .. })]));
}

/// Elements as compact JSON, and how they may be put together.
fn documents() -> impl Strategy<Value = Vec<(u8, Vec<String>)>> {
    let value = prop::sample::select(vec![
        r#"{"ocid":"a","releases":[{"x":1}]}"#,
        r#"{"id":"\"}]\\","a":[[],{}]}"#,
        "{}",
        "[[1],2]",
        r#""]}{[\\\"""#,
        "-1.5e3",
        "null",
    ]);
    let elements = prop::collection::vec(value.prop_map(str::to_owned), 1..4);
    prop::collection::vec((0_u8..4, elements), 1..5)
}

proptest! {
    #[test]
    fn every_element_comes_out_once_and_in_order(
        documents in documents(),
        separator in prop::sample::select(vec!["\n", "\r\n", "\n\n \t", " "]),
        space in prop::sample::select(vec!["", " ", "\n", "\r\n  "]),
    ) {
        let mut input = String::new();
        let mut expected = Vec::new();
        for (form, elements) in &documents {
            let list = elements.join(&format!("{space},{space}"));
            let first = &elements[0];
            let (text, count) = match form {
                0 => (format!("{{\"uri\":{space}\"u\",\"releases\"{space}:{space}[{space}{list}{space}]}}"), elements.len()),
                1 => (format!("{{{space}\"records\":[{list}],\"version\":{{\"a\":[1]}}{space}}}"), elements.len()),
                2 if !first.starts_with('[') => (first.clone(), 1),
                _ => (format!("[{space}{list}{space}]"), elements.len()),
            };
            input.push_str(&text);
            input.push_str(separator);
            expected.extend(&elements[..count]);
        }
        // A line that ends with an opening bracket of one document would be taken for a broken line of many.
        prop_assume!(!input.contains("\n{") || space != "\n");
        let pieces: Vec<Piece> = Splitter::new(Drops(input.as_bytes())).collect::<Result<_, _>>().map_err(|error| {
            TestCaseError::fail(format!("{error} in {input}"))
        })?;
        prop_assert_eq!(pieces.iter().map(|piece| &piece.text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn any_input_comes_to_an_end(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"", "\"ocid\":", "\"releases\":[", "\"records\":[", "1", "null", "\n", "\n{", "}\n", "\\", " ",
            "{\"a\":1}\n", "\u{feff}", "é",
        ]), 0..40),
        look_ahead in 1_usize..40,
        piece_limit in 1_usize..40,
    ) {
        let input = tokens.concat();
        let mut splitter = Splitter::new(Drops(input.as_bytes()));
        splitter.look_ahead = look_ahead;
        splitter.piece_limit = piece_limit;
        let count = splitter.by_ref().take(input.len() + 2).count();
        prop_assert!(count <= input.len() + 1);
        prop_assert!(splitter.next().is_none());
    }
}
