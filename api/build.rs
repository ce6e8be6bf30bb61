//! Makes sure that the folder of the built web pages exists, so that the crate compiles before they were ever built.

fn main() -> std::io::Result<()> {
    const PAGES: &str = "../web/dist";
    std::fs::create_dir_all(PAGES)?;
    println!("cargo::rerun-if-changed={PAGES}");
    Ok(())
}
