//! A PostgreSQL server of a test's own, to be stopped in the middle of something.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to start, recovery included.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server on a free port, with its data in a temporary folder.
pub struct PrivatePostgres {
    programs: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
    server: Option<Child>,
}

impl PrivatePostgres {
    /// Starts a server; says so where its programs are missing.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            println!("skipped: the programs of PostgreSQL (initdb, postgres) are not found");
            return None;
        };
        // The server may run as another account, which must be able to enter the folder.
        let folder = tempfile::tempdir_in("/tmp").expect("a temporary folder can be made");
        let data = folder.path().join("servers");
        fs::create_dir(&data).expect("the temporary folder can be written");
        if is_root() {
            run(Command::new("chmod").arg("711").arg(folder.path()));
            run(Command::new("chown").arg("postgres").arg(&data));
        }
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("there is a free port")
            .port();
        let mut server = Self {
            programs,
            folder,
            port,
            server: None,
        };
        let cluster = server.cluster();
        run(server.program("initdb").arg("--pgdata").arg(cluster).args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]));
        server.start_again();
        Some(server)
    }

    /// Starts it after it was stopped, and waits until it answers.
    pub fn start_again(&mut self) {
        let (cluster, data) = (self.cluster(), self.folder.path().join("servers"));
        let mut command = self.program("postgres");
        command
            .arg("-D")
            .arg(cluster)
            .args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1", "-k"])
            .arg(data);
        let server = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.server = Some(server.expect("the server can be started"));
        let started = Instant::now();
        while !self.answers() {
            assert!(started.elapsed() < PATIENCE, "the server does not start");
            std::thread::yield_now();
        }
    }

    /// Stops it as a power cut would: nothing is finished, nothing is written any more.
    pub fn stop_immediately(&mut self) {
        if let Some(mut server) = self.server.take() {
            run(Command::new("kill").args(["-QUIT", &server.id().to_string()]));
            server.wait().expect("a child ends");
        }
    }

    /// Makes a database.
    pub fn create_database(&self, name: &str) {
        run(self
            .program("createdb")
            .args(["-h", "127.0.0.1", "-U", "postgres", "-p", &self.port.to_string(), name]));
    }

    /// The address of a database.
    pub fn url(&self, name: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    fn cluster(&self) -> PathBuf {
        self.folder.path().join("servers").join("cluster")
    }

    fn answers(&self) -> bool {
        let mut ready = self.program("pg_isready");
        ready.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        TcpStream::connect(("127.0.0.1", self.port)).is_ok() && ready.status().is_ok_and(|status| status.success())
    }

    /// One of its programs; PostgreSQL refuses to run as root, so root lends it another account.
    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        if !is_root() {
            return Command::new(path);
        }
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
            .arg(path)
            .current_dir(self.folder.path().join("servers"));
        command
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        self.stop_immediately();
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout == b"0\n")
}

/// The folder of the newest version's programs.
fn programs() -> Option<PathBuf> {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = installed
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort();
    let newest = versions.pop().map(|(_, folder)| folder);
    newest
        .or_else(on_path)
        .filter(|folder| is_program(&folder.join("initdb")))
}

fn on_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).find(|folder| is_program(&folder.join("initdb")))
}

fn is_program(path: &Path) -> bool {
    path.is_file()
}

fn run(command: &mut Command) {
    let output = command.output().expect("the program is there");
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
