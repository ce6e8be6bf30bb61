//! Apache Parquet: columns with their types, compressed, for analysis.
//!
//! Amounts are exact decimals of nineteen digits, four of them after the point; instants are microseconds in UTC. Rows are
//! held until a group of them is full, so that memory stays the same however long the file is.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::web::Bytes;
use entities::Amount;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as PhysicalType, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type as SchemaType, TypePtr};

use super::table::{Cell, Header, Row, Type};

/// Rows of a group at most.
const GROUP_ROWS: usize = 64 * 1024;
/// Bytes of text in a group at most.
const GROUP_BYTES: usize = 8 * 1024 * 1024;
/// Digits of an amount: as many as sixty-four bits need.
const AMOUNT_DIGITS: i32 = 19;
/// Bytes that hold so many digits.
const AMOUNT_BYTES: usize = 9;

/// Writes rows as groups of columns.
pub struct Encoder {
    columns: Vec<Header>,
    rows: Vec<Row>,
    bytes: usize,
    /// The file, once its first group was written.
    file: Option<SerializedFileWriter<Written>>,
    written: Written,
}

impl Encoder {
    /// For rows of these columns.
    pub fn new(columns: Vec<Header>) -> Self {
        Self {
            columns,
            rows: Vec::new(),
            bytes: 0,
            file: None,
            written: Written::default(),
        }
    }

    /// Takes these rows; what can be written of the file by now.
    pub fn write(&mut self, rows: Vec<Row>) -> Result<Bytes> {
        self.bytes += rows.iter().flatten().map(size).sum::<usize>();
        self.rows.extend(rows);
        if self.rows.len() >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
            self.group()?;
        }
        Ok(self.written.take())
    }

    /// The rest of the file.
    pub fn finish(mut self) -> Result<Bytes> {
        self.group()?;
        if let Some(file) = self.file.take() {
            file.close()?;
        }
        Ok(self.written.take())
    }

    fn group(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        let file = match self.file.take() {
            Some(file) => file,
            None => open(&self.columns, self.written.clone())?,
        };
        let file = self.file.insert(file);
        if rows.is_empty() {
            return Ok(());
        }
        let mut group = file.next_row_group()?;
        let mut place = 0;
        while let Some(mut column) = group.next_column()? {
            let cells = rows.iter().map(|row| &row[place]);
            write_column(&mut column, self.columns[place].kind, cells)?;
            column.close()?;
            place += 1;
        }
        group.close()?;
        Ok(())
    }
}

fn open(columns: &[Header], written: Written) -> Result<SerializedFileWriter<Written>> {
    let fields = columns.iter().map(field).collect::<Result<Vec<TypePtr>>>()?;
    let schema = SchemaType::group_type_builder("row").with_fields(fields).build()?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(concat!("tendergraph ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    SerializedFileWriter::new(written, Arc::new(schema), Arc::new(properties))
}

fn field(column: &Header) -> Result<TypePtr> {
    let (physical, logical) = match column.kind {
        Type::Text => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
        Type::Json => (PhysicalType::BYTE_ARRAY, Some(LogicalType::Json)),
        Type::Integer => (PhysicalType::INT64, None),
        Type::Instant => (
            PhysicalType::INT64,
            Some(LogicalType::timestamp(true, TimeUnit::MICROS)),
        ),
        Type::Amount => {
            let decimal = LogicalType::decimal(Amount::SCALE.cast_signed(), AMOUNT_DIGITS);
            (PhysicalType::FIXED_LEN_BYTE_ARRAY, Some(decimal))
        }
    };
    let mut builder = SchemaType::primitive_type_builder(column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical);
    if column.kind == Type::Amount {
        builder = builder
            .with_length(i32::try_from(AMOUNT_BYTES).unwrap_or(i32::MAX))
            .with_precision(AMOUNT_DIGITS)
            .with_scale(Amount::SCALE.cast_signed());
    }
    Ok(Arc::new(builder.build()?))
}

fn write_column<'c>(
    column: &mut SerializedColumnWriter<'_>,
    kind: Type,
    cells: impl Iterator<Item = &'c Cell>,
) -> Result<()> {
    match kind {
        Type::Text | Type::Json => write_values::<ByteArrayType>(column, cells, |cell| match cell {
            Cell::Text(text) => Some(ByteArray::from(text.as_str())),
            Cell::Json(document) => Some(ByteArray::from(&**document)),
            _ => None,
        }),
        Type::Integer | Type::Instant => write_values::<Int64Type>(column, cells, |cell| match cell {
            Cell::Integer(number) => Some(*number),
            Cell::Instant(instant) => Some(instant.timestamp_micros()),
            _ => None,
        }),
        Type::Amount => write_values::<FixedLenByteArrayType>(column, cells, |cell| match cell {
            Cell::Amount(amount) => Some(decimal(*amount)),
            _ => None,
        }),
    }
}

fn write_values<'c, T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    cells: impl Iterator<Item = &'c Cell>,
    value: impl Fn(&Cell) -> Option<T::T>,
) -> Result<()> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for cell in cells {
        let value = value(cell);
        levels.push(i16::from(value.is_some()));
        values.extend(value);
    }
    column.typed::<T>().write_batch(&values, Some(&levels), None)?;
    Ok(())
}

/// Whole ten-thousandths, most significant byte first.
fn decimal(amount: Amount) -> FixedLenByteArray {
    let number = i128::from(amount.ten_thousandths()).to_be_bytes();
    ByteArray::from(number[number.len() - AMOUNT_BYTES..].to_vec()).into()
}

fn size(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) => text.len(),
        Cell::Json(document) => document.len(),
        _ => 0,
    }
}

/// What was written and not yet taken.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> Bytes {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *bytes).into()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
