//! Parts of Windows paths.

/// What stands behind the last separator.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit(['\\', '/']).next().unwrap_or(path)
}

/// What stands before the last separator.
pub(super) fn directory(path: &str) -> Option<&str> {
    path.rsplit_once(['\\', '/']).map(|(directory, _)| directory)
}

/// What stands behind the last dot of the file name; none without a dot or with nothing behind it.
pub(crate) fn extension(path: &str) -> Option<&str> {
    let (_, extension) = file_name(path).rsplit_once('.')?;
    (!extension.is_empty()).then_some(extension)
}

/// The letter of the drive, if the path begins with one.
pub(super) fn drive(path: &str) -> Option<char> {
    let mut signs = path.chars();
    let letter = signs.next().filter(char::is_ascii_alphabetic)?;
    (signs.next() == Some(':')).then_some(letter)
}
