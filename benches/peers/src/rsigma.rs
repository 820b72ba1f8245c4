//! What `rsigma backend convert -t TARGET -s --without-pipeline FOLDER` does: every rule below a folder is read and
//! converted, the queries go to standard output. The calls are those of that command, without its daemon's
//! dependencies; the allocator is that of the system, as there.
//!
//! ```sh
//! rsigma-convert postgres FOLDER
//! ```

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;

use rsigma_convert::Backend;
use rsigma_convert::backends::{fibratus::FibratusBackend, lynxdb::LynxDbBackend, postgres::PostgresBackend};

fn backend(target: &str) -> Option<Box<dyn Backend>> {
    let options = HashMap::new();
    Some(match target {
        "postgres" => Box::new(PostgresBackend::from_options(&options)),
        "lynxdb" => Box::new(LynxDbBackend::new()),
        "fibratus" => Box::new(FibratusBackend::from_options(&options)),
        _ => return None,
    })
}

fn run(target: &str, folder: &Path) -> Result<(), String> {
    let backend = backend(target).ok_or("the targets are postgres, lynxdb and fibratus")?;
    let collection = rsigma_parser::parse_sigma_directory(folder).map_err(|error| error.to_string())?;
    let rules = collection.rules.len() + collection.correlations.len();
    let output = rsigma_convert::convert_collection(backend.as_ref(), &collection, &[], "default")
        .map_err(|error| error.to_string())?;
    let converted = output.queries.len();
    for (title, error) in &output.errors {
        eprintln!("Warning: rule '{title}' skipped: {error}");
    }
    let queries = output.queries.into_iter().flat_map(|result| result.queries).collect();
    let text = backend.finalize_output(queries, "default").map_err(|error| error.to_string())?;
    println!("{text}");
    eprintln!("read {rules} rules, {} files refused, converted {converted}", collection.errors.len());
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [target, folder] = arguments.as_slice() else {
        eprintln!("usage: rsigma-convert TARGET FOLDER");
        return ExitCode::from(3);
    };
    match run(target, Path::new(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
