//! The hub as its users run it: the release build of `tendergraph`, with nothing set that is not said here.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The release binary.
#[derive(Clone, Debug)]
pub struct Hub {
    binary: PathBuf,
    folder: PathBuf,
}

impl Hub {
    /// Builds it from the same sources as this program. What it writes goes to `folder`.
    ///
    /// # Errors
    /// If it does not build.
    pub fn build(folder: &Path) -> Result<Self> {
        ensure!(
            !cfg!(debug_assertions),
            "only a release build can be measured: cargo run --release --package benches"
        );
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(["build", "--release", "--package", "tendergraph", "--bin", "tendergraph"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .context("cargo was not found")?;
        ensure!(status.success(), "the hub does not build");
        // Cargo puts both programs in the same folder.
        let binary = env::current_exe()?.with_file_name("tendergraph");
        ensure!(
            binary.exists(),
            "{} is not where it should have been built",
            binary.display()
        );
        Ok(Self {
            binary,
            folder: folder.to_owned(),
        })
    }

    /// The same hub, with a folder of this name in its own: there it has another index.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn within(&self, name: &str) -> Result<Self> {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self {
            binary: self.binary.clone(),
            folder,
        })
    }

    /// Where it runs, and where files may be put.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A command of the hub on this database.
    pub fn command(&self, database_url: &str) -> Command {
        let mut command = Command::new(&self.binary);
        // Neither the caller's settings nor an .env file count here.
        command
            .env_clear()
            .env("DATABASE_URL", database_url)
            .env("INDEX_PATH", self.folder.join("index"))
            .current_dir(&self.folder);
        command
    }

    /// What it says its version is.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn version(&self) -> Result<String> {
        said(Command::new(&self.binary).arg("--version"))
    }
}

/// The first line of what a command says.
///
/// # Errors
/// If it cannot be started.
pub fn said(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    Ok(String::from_utf8_lossy(&output.stdout)
        .lines()
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned())
}
