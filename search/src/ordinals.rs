//! The values of one segment's tenders as numbers that lie side by side, to be counted as fast as memory is read.

use tantivy::DocId;
use tantivy::columnar::Column;

/// The ordinals of the values of each tender.
pub(crate) struct Ordinals {
    /// Where those of each tender begin, and where the last end; `None` if each has one place.
    starts: Option<Vec<u32>>,
    numbers: Numbers,
    /// How many values there are. In the one place of a tender without any stands this.
    values: usize,
}

/// Numbers, each in as many bytes as the greatest needs.
enum Numbers {
    Narrow(Vec<u8>),
    Wide(Vec<u32>),
}

impl Ordinals {
    /// Reads a column with so many values.
    pub fn read(column: &Column<u64>, values: usize) -> Self {
        let documents = 0..column.num_docs();
        // They are smaller than the number of values, which fits in memory.
        let ordinal = |ordinal: u64| u32::try_from(ordinal).unwrap_or(u32::MAX);
        if !column.get_cardinality().is_multivalue() {
            let none = values as u64;
            let only = |document| ordinal(column.first(document).unwrap_or(none));
            return Self {
                starts: None,
                numbers: Numbers::new(documents.map(only).collect()),
                values,
            };
        }
        let mut ordinals = Vec::new();
        let mut starts = vec![0];
        for document in documents {
            ordinals.extend(column.values_for_doc(document).map(ordinal));
            starts.push(u32::try_from(ordinals.len()).unwrap_or(u32::MAX));
        }
        Self {
            starts: Some(starts),
            numbers: Numbers::new(ordinals),
            values,
        }
    }

    /// How often each value is met in these tenders.
    pub fn count(&self, documents: &[DocId]) -> Vec<u32> {
        match &self.numbers {
            Numbers::Narrow(numbers) => self.count_in(numbers, documents),
            Numbers::Wide(numbers) => self.count_in(numbers, documents),
        }
    }

    fn count_in<N: Copy + Into<u32>>(&self, numbers: &[N], documents: &[DocId]) -> Vec<u32> {
        let mut counts = vec![0; self.values + 1];
        match &self.starts {
            None => {
                for &document in documents {
                    let number: u32 = numbers[document as usize].into();
                    counts[number as usize] += 1;
                }
            }
            Some(starts) => {
                for &document in documents {
                    let (start, end) = (starts[document as usize], starts[document as usize + 1]);
                    for &number in &numbers[start as usize..end as usize] {
                        let number: u32 = number.into();
                        counts[number as usize] += 1;
                    }
                }
            }
        }
        counts.truncate(self.values);
        counts
    }
}

impl Numbers {
    fn new(numbers: Vec<u32>) -> Self {
        let narrow: Result<Vec<u8>, _> = numbers.iter().map(|&number| u8::try_from(number)).collect();
        narrow.map_or(Self::Wide(numbers), Self::Narrow)
    }
}
