//! Writing outputs: whole or not at all.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use eqlc_diagnostics::Diagnostic;
use eqlc_diagnostics::codes::files;

/// Gives outputs their names below one folder, none twice.
#[derive(Debug)]
pub struct OutputFolder {
    root: PathBuf,
    taken: BTreeMap<PathBuf, String>,
}

impl OutputFolder {
    /// Outputs below `root`, which is made when the first is written.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf(), taken: BTreeMap::new() }
    }

    /// The path of an output: `<target>/<path of the rule>.<extension>`. Where an earlier rule has that name,
    /// as with `a.eql` and `a.toml`, the extension of the rule's file is kept in the name.
    ///
    /// # Errors
    /// That name is taken too; E3018.
    pub fn name(
        &mut self,
        target: &str,
        rule: &Path,
        nth: usize,
        extension: &str,
    ) -> Result<PathBuf, Box<Diagnostic>> {
        let suffix = if nth == 0 { String::new() } else { format!("-{}", nth + 1) };
        let stem = rule.file_stem().unwrap_or_default().to_string_lossy();
        let full = rule.file_name().unwrap_or_default().to_string_lossy();
        let rule_name = rule.display().to_string();
        for name in [&stem, &full] {
            let file = rule.with_file_name(format!("{name}{suffix}.{extension}"));
            let path = self.root.join(target).join(file);
            if !self.taken.contains_key(&path) {
                self.taken.insert(path.clone(), rule_name);
                return Ok(path);
            }
        }
        let message =
            format!("`{rule_name}` and another rule of that name lead to the same output of `{target}`");
        Err(Box::new(Diagnostic::error(files::OUTPUT_CLASH, message)))
    }
}

/// Writes a file through a temporary one beside it, so that readers see the old content or the new.
///
/// # Errors
/// The operating system refused; E3019.
pub fn write_whole(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Box<Diagnostic>> {
    try_write(path, content.as_ref()).map_err(|error| {
        let message = format!("`{}` cannot be written: {error}", path.display());
        Box::new(Diagnostic::error(files::UNWRITABLE, message))
    })
}

fn try_write(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    make_readable(&file)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Temporary files are private to their owner; outputs are as readable as any file the user makes.
#[cfg(unix)]
fn make_readable(file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &tempfile::NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_the_path_of_the_rule_and_never_clash() {
        let mut folder = OutputFolder::new(Path::new("out"));
        let mut name =
            |rule: &str| folder.name("sigma", Path::new(rule), 0, "yml").map_err(|error| error.code);
        assert_eq!(name("win/a.eql"), Ok(PathBuf::from("out/sigma/win/a.yml")));
        assert_eq!(name("win/a.toml"), Ok(PathBuf::from("out/sigma/win/a.toml.yml")));
        assert_eq!(name("win/a.toml"), Err(files::OUTPUT_CLASH));
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/x.txt");
        write_whole(&path, "one").unwrap();
        write_whole(&path, "two").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_refusal_names_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("file");
        std::fs::write(&blocked, "").unwrap();
        let error = write_whole(&blocked.join("x"), "y").unwrap_err();
        assert_eq!(error.code, files::UNWRITABLE);
    }
}
