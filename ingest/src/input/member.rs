//! The names of archive members: where they come from, and which are suspect.

/// Whether a name would lead out of the folder an archive is unpacked into. Nothing is unpacked here, but whoever made
/// such an archive meant no good.
pub(super) fn is_unsafe(name: &str) -> bool {
    let drive = name.as_bytes().get(1) == Some(&b':');
    let absolute = name.starts_with(['/', '\\']) || drive;
    absolute || name.contains('\0') || name.split(['/', '\\']).any(|step| step == "..")
}

/// Whether a file only serves somebody's desktop: macOS adds such files to archives and folders.
pub(super) fn is_litter(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    name.starts_with("__MACOSX/") || last.starts_with("._") || last == ".DS_Store"
}

/// The name of something inside something: `2024.tar/a.json`, or `a.json` in the outermost archive.
pub(super) fn inside(outer: &str, name: &str) -> String {
    if outer.is_empty() {
        name.to_owned()
    } else {
        format!("{outer}/{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_unsafe() {
        for name in [
            "/etc/passwd",
            "../a",
            "a/../../b",
            "a\\..\\b",
            "C:\\a",
            "\\\\host\\a",
            "a\0b",
        ] {
            assert!(is_unsafe(name), "{name}");
        }
        for name in ["a", "a/b.json", "a..b/c", "./a", "..a"] {
            assert!(!is_unsafe(name), "{name}");
        }
    }
}
