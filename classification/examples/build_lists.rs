//! Makes the files in `data/` from the official lists as CSV, plain or gzipped: a row for each code, a column `code`, a
//! column `check_digit` where the scheme has one, and a column for each language.
//!
//! ```sh
//! cargo run -p classification --example build_lists -- cpv-2008-labels.csv.gz nuts-labels.csv.gz
//! ```
//!
//! `codes.zst` has the codes in the order of the tree, and `LANGUAGE.zst` the labels in the same order, a line for each. A
//! language whose labels are the English ones throughout has no file; if all languages are alike, the one file is `mul`.

use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use classification::{Code, Scheme};

/// The slowest and smallest: lists are compressed once and read often.
const COMPRESSION_LEVEL: i32 = 22;

fn main() -> Result<()> {
    let paths: Vec<_> = std::env::args_os().skip(1).collect();
    ensure!(
        paths.len() == 2,
        "name two files: the list of CPV and the list of NUTS, as CSV"
    );
    for (scheme, folder, path) in [(Scheme::Cpv, "cpv", &paths[0]), (Scheme::Nuts, "nuts", &paths[1])] {
        let table = Table::read(scheme, Path::new(path)).with_context(|| path.to_string_lossy().into_owned())?;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(folder);
        table.write(&folder)?;
    }
    Ok(())
}

struct Table {
    /// Codes as the list writes them.
    codes: Vec<String>,
    /// Languages with their labels.
    labels: Vec<(String, Vec<String>)>,
}

impl Table {
    fn read(scheme: Scheme, path: &Path) -> Result<Self> {
        let bytes = fs::read(path)?;
        let mut text = String::new();
        if path.extension().is_some_and(|extension| extension == "gz") {
            flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text)?;
        } else {
            text = String::from_utf8(bytes)?;
        }
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headers = reader.headers()?.clone();
        let mut rows = Vec::new();
        for row in reader.records() {
            let row = row?;
            let code = Code::parse(scheme, &row[0]).with_context(|| format!("{:?} is no code", &row[0]))?;
            rows.push((code, row));
        }
        rows.sort_by_key(|(code, _)| *code);
        let check_digit = headers.iter().position(|name| name == "check_digit");
        let written = |row: &csv::StringRecord| match check_digit {
            Some(column) => format!("{}-{}", &row[0], &row[column]),
            None => row[0].to_owned(),
        };
        let column = |number: usize| rows.iter().map(|(_, row)| row[number].replace('\n', " ")).collect();
        let languages = headers.iter().enumerate().filter(|(_, name)| name.len() == 2);
        Ok(Self {
            codes: rows.iter().map(|(_, row)| written(row)).collect(),
            labels: languages
                .map(|(number, name)| (name.to_owned(), column(number)))
                .collect(),
        })
    }

    fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        write_lines(&folder.join("codes.zst"), &self.codes)?;
        let english = self.labels.iter().find(|(language, _)| language == "en");
        let (_, english) = english.context("there is no column for English")?;
        if self.labels.iter().all(|(_, labels)| labels == english) {
            return write_lines(&folder.join("mul.zst"), english);
        }
        for (language, labels) in &self.labels {
            if language == "en" || labels != english {
                write_lines(&folder.join(format!("{language}.zst")), labels)?;
            }
        }
        Ok(())
    }
}

fn write_lines(path: &Path, lines: &[String]) -> Result<()> {
    fs::write(path, zstd::encode_all(lines.join("\n").as_bytes(), COMPRESSION_LEVEL)?)?;
    println!("{}: {} lines", path.display(), lines.len());
    Ok(())
}
