//! Content codings: which a client takes, and packing.

use std::cell::RefCell;
use std::io::Write as _;

use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use actix_web::web::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Bytes from which on packing is worth its time: less fits into one packet of the network anyhow.
const WORTH_IT: usize = 1024;
/// Bytes from which on packing takes so long that others would wait: it is done beside.
const LONG: usize = 128 * 1024;
/// How hard to try. Everyone but the first gets the packed answer from the cache, yet the first one waits.
const ZSTD_LEVEL: i32 = 3;
const GZIP_LEVEL: u32 = 5;

/// How an answer is packed for its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    /// Not at all.
    Identity,
    /// What every client understands.
    Gzip,
    /// What newer clients do: smaller in a fraction of the time.
    Zstd,
}

impl Coding {
    /// The best coding that a client takes for a body of this length.
    #[must_use]
    pub fn accepted(headers: &HeaderMap) -> Self {
        let mut qualities = [None; 3];
        let [any, gzip, zstd] = &mut qualities;
        let values = headers.get_all(ACCEPT_ENCODING).filter_map(|value| value.to_str().ok());
        for entry in values.flat_map(|value| value.split(',')) {
            let (name, quality) = entry.split_once(';').unwrap_or((entry, ""));
            let quality = match quality.trim().split_once('=') {
                Some((_, quality)) => quality.trim().parse().unwrap_or(0.0),
                None => 1.0_f32,
            };
            match name.trim().to_ascii_lowercase().as_str() {
                "*" => *any = Some(quality),
                "gzip" | "x-gzip" => *gzip = Some(quality),
                "zstd" => *zstd = Some(quality),
                _ => {}
            }
        }
        let gzip = gzip.or(*any).unwrap_or(0.0);
        let zstd = zstd.or(*any).unwrap_or(0.0);
        match (gzip > 0.0, zstd > 0.0) {
            // Some clients say that they take both alike and then cannot unpack what is newer.
            (_, true) if zstd > gzip => Self::Zstd,
            (true, _) => Self::Gzip,
            _ => Self::Identity,
        }
    }

    /// Its name in `Content-Encoding`; none if nothing was done.
    #[must_use]
    pub fn header(self) -> Option<HeaderValue> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
            Self::Zstd => Some(HeaderValue::from_static("zstd")),
        }
    }

    /// What an answer's tag ends in: packed, it has other bytes.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Gzip => "-gzip",
            Self::Zstd => "-zstd",
        }
    }

    /// What is done with a body: what is short goes as it is.
    #[must_use]
    pub fn for_body(self, body: &[u8]) -> Self {
        if body.len() < WORTH_IT { Self::Identity } else { self }
    }

    /// Packs a body.
    pub async fn pack(self, body: Bytes) -> Bytes {
        if body.len() < LONG || self == Self::Identity {
            return self.pack_here(&body);
        }
        let long = body.clone();
        let packed = actix_web::web::block(move || self.pack_here(&long)).await;
        packed.unwrap_or_else(|_| self.pack_here(&body))
    }

    fn pack_here(self, body: &Bytes) -> Bytes {
        match self {
            Self::Identity => body.clone(),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::new(GZIP_LEVEL));
                let packed = encoder.write_all(body).and_then(|()| encoder.finish());
                packed.expect("a text in memory takes everything").into()
            }
            Self::Zstd => zstd(body),
        }
    }
}

fn zstd(body: &[u8]) -> Bytes {
    thread_local! {
        /// Making one takes longer than packing an answer with it.
        static COMPRESSOR: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
    }
    COMPRESSOR.with_borrow_mut(|compressor| {
        let compressor = compressor.get_or_insert_with(|| {
            zstd::bulk::Compressor::new(ZSTD_LEVEL).expect("there is memory for it, and the level exists")
        });
        compressor
            .compress(body)
            .expect("the space set aside is enough for any body")
            .into()
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn accepted(header: &'static str) -> Coding {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(header));
        Coding::accepted(&headers)
    }

    #[test]
    fn the_client_chooses() {
        assert_eq!(accepted("gzip, deflate, br, zstd"), Coding::Gzip);
        assert_eq!(accepted("gzip;q=0.9, zstd"), Coding::Zstd);
        assert_eq!(accepted("gzip, deflate, br"), Coding::Gzip);
        assert_eq!(accepted("GZip;q=0.8, zstd;q=0.5"), Coding::Gzip);
        assert_eq!(accepted("*"), Coding::Gzip);
        assert_eq!(accepted("*;q=0.5, gzip;q=0"), Coding::Zstd);
        assert_eq!(accepted("gzip;q=0, *;q=0"), Coding::Identity);
        assert_eq!(accepted("br, identity"), Coding::Identity);
        assert_eq!(accepted("gzip;q=much"), Coding::Identity);
        assert_eq!(Coding::accepted(&HeaderMap::new()), Coding::Identity);
    }

    #[tokio::test]
    async fn what_is_packed_can_be_unpacked() {
        let body = Bytes::from("Gemeente Dreumerdrecht, ".repeat(100));
        let gzip = Coding::Gzip.pack(body.clone()).await;
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&gzip[..])
            .read_to_end(&mut unpacked)
            .expect("it is gzip");
        assert_eq!(unpacked, body);
        for _ in 0..2 {
            let zstd = Coding::Zstd.pack(body.clone()).await;
            assert_eq!(zstd::decode_all(&zstd[..]).expect("it is zstd"), body);
        }
        assert_eq!(Coding::Zstd.for_body(&body), Coding::Zstd);
        assert_eq!(Coding::Zstd.for_body(&body[..100]), Coding::Identity);
    }
}
