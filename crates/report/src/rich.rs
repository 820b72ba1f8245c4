//! For people: the text with underlines and arrows, drawn by ariadne.

use std::fmt;
use std::io;
use std::ops::Range;

use ariadne::{
    Cache, Color, Config, Fmt, IndexType, Label as Arrow, Report, ReportBuilder, ReportKind, Source,
};
use eqlc_diagnostics::{Diagnostic, Label, Severity, SourceMap};

use crate::excerpt::Excerpt;
use crate::fixes;
use crate::place::Place;
use crate::text;

/// Labels drawn for one diagnostic; ariadne takes time that grows with the square of their number.
const MAX_LABELS: usize = 40;

/// Stands for the name of a file in what ariadne writes. The place ariadne puts after it is that of the
/// excerpt, so both are replaced. The character cannot occur otherwise: [`text::visible`] removes it.
const NAME: char = '\u{1}';

/// Renders; see [`crate::Format::Rich`].
pub(crate) fn render(
    sources: &SourceMap,
    diagnostics: &[Diagnostic],
    color: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for (number, diagnostic) in diagnostics.iter().enumerate() {
        if number > 0 {
            out.write_all(b"\n")?;
        }
        let block = block(sources, diagnostic, color);
        for line in block.lines() {
            out.write_all(line.trim_end().as_bytes())?;
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}

/// A label that can be drawn.
struct Spot<'a> {
    place: Place,
    message: &'a str,
    primary: bool,
}

/// The labels of one file.
struct Group<'a> {
    spots: Vec<Spot<'a>>,
    excerpt: Excerpt,
    source: Source<String>,
}

fn block(sources: &SourceMap, diagnostic: &Diagnostic, color: bool) -> String {
    let (spots, hidden) = spots(sources, diagnostic);
    let paint = |name: &str, tone: Color| name.fg(Some(tone).filter(|_| color)).to_string();
    let (name, tone) = heading(diagnostic);
    let mut text = format!("{} {}\n", paint(&name, tone), text::one_line(&diagnostic.message));
    match groups(sources, spots) {
        Drawing::Excerpts(groups) => text.push_str(&draw(&groups, tone, color)),
        Drawing::Name(Some(place)) => text.push_str(&format!("   ╭─[ {} ]\n───╯\n", header(&place))),
        Drawing::Name(None) => {}
    }
    let mut say = |name: String, body: &str| {
        for (at, line) in text::lines(body).enumerate() {
            let start = if at == 0 { format!("   = {name}: ") } else { "     ".to_owned() };
            text.push_str(&start);
            text.push_str(&line);
            text.push('\n');
        }
    };
    if hidden > 0 {
        say(paint("note", Color::Cyan), &format!("{hidden} more places are not shown"));
    }
    diagnostic.notes.iter().for_each(|note| say(paint("note", Color::Cyan), note));
    diagnostic.help.iter().for_each(|help| say(paint("help", Color::Green), help));
    for fix in &diagnostic.fixes {
        let preview = fixes::preview(sources, fix);
        say(paint("help", Color::Green), &format!("{}\n{}", text::one_line(&fix.title), preview.join("\n")));
    }
    text
}

/// `error[E0001]:` and its colour.
fn heading(diagnostic: &Diagnostic) -> (String, Color) {
    let (word, tone) = match diagnostic.severity {
        Severity::Error => ("error", Color::Red),
        Severity::Warning => ("warning", Color::Yellow),
        Severity::Note => ("note", Color::Cyan),
    };
    (format!("{word}[{}]:", diagnostic.code), tone)
}

fn header(place: &Place) -> String {
    format!("{}:{}:{}", place.name, place.start.line, place.start.column)
}

/// The labels with a known place, the primary one first, and how many more there are.
fn spots<'a>(sources: &SourceMap, diagnostic: &'a Diagnostic) -> (Vec<Spot<'a>>, usize) {
    let spot = |label: &'a Label, primary| {
        let place = Place::of(sources, label.span)?;
        Some(Spot { place, message: label.message.as_str(), primary })
    };
    let primary = diagnostic.primary.iter().filter_map(|label| spot(label, true));
    let mut related = diagnostic.related.iter().filter_map(|label| spot(label, false));
    let spots: Vec<Spot<'a>> = primary.chain(related.by_ref().take(MAX_LABELS)).collect();
    (spots, related.count())
}

/// What there is to draw of the places of a diagnostic.
enum Drawing<'a> {
    /// Text, by file: that of the primary place first, then in the order of the related ones.
    Excerpts(Vec<Group<'a>>),
    /// No text to show (nothing in the file, or too far down in it): where it is.
    Name(Option<Place>),
}

fn groups<'a>(sources: &SourceMap, spots: Vec<Spot<'a>>) -> Drawing<'a> {
    let first = spots.first().map(|spot| spot.place.clone());
    let mut files: Vec<Vec<Spot<'a>>> = Vec::new();
    for spot in spots {
        let source = spot.place.span.source;
        let same = |file: &&mut Vec<Spot<'a>>| file.iter().any(|other| other.place.span.source == source);
        match files.iter_mut().find(same) {
            Some(file) => file.push(spot),
            None => files.push(vec![spot]),
        }
    }
    let mut groups = Vec::new();
    for spots in files {
        let Some(source) = spots.first().map(|spot| spot.place.span.source) else { continue };
        let spans: Vec<_> = spots.iter().map(|spot| spot.place.span).collect();
        let excerpt = Excerpt::new(sources, source, &spans).filter(|_| !sources.text(source).is_empty());
        let Some(excerpt) = excerpt else { continue };
        let source = Source::from(excerpt.text.clone());
        groups.push(Group { spots, excerpt, source });
    }
    // Where the file of the primary place has no text to show, arrows into others would mislead.
    let shows_first = groups.first().and_then(|group| group.spots.first()).map(|spot| spot.place.span);
    match first {
        Some(first) if shows_first == Some(first.span) => Drawing::Excerpts(groups),
        other => Drawing::Name(other),
    }
}

/// The labels with their text; `tone` colours the primary one.
fn draw(groups: &[Group<'_>], tone: Color, color: bool) -> String {
    // Characters, not bytes: in byte mode ariadne looks the header of a second file up by a character
    // number, which is wrong after any non-ASCII text and can hit the middle of a character.
    let config = Config::new().with_compact(false).with_color(color).with_index_type(IndexType::Char);
    let at =
        groups.first().and_then(|group| group.excerpt.labels.first()).map_or(0, |drawn| drawn.chars.start);
    let mut report: ReportBuilder<'_, (usize, Range<usize>)> =
        Report::build(ReportKind::Error, (0, at..at)).with_config(config);
    for (file, group) in groups.iter().enumerate() {
        let mut arrows: Vec<_> = group.excerpt.labels.iter().zip(&group.spots).collect();
        // In the order of lines, or ariadne repeats the file.
        arrows.sort_by_key(|(drawn, _)| (drawn.lines.1, drawn.chars.start));
        for (drawn, spot) in arrows {
            let arrow = Arrow::new((file, drawn.chars.clone())).with_color(if spot.primary {
                tone
            } else {
                Color::Blue
            });
            // A message always, if an empty one: ariadne does not even underline labels without.
            report = report.with_label(arrow.with_message(text::one_line(spot.message)));
        }
    }
    let mut out = Vec::new();
    // Writing to memory cannot fail.
    let _ = report.finish().write(Excerpts(groups), &mut out);
    let out = String::from_utf8_lossy(&out);
    // The first line is ariadne's heading, whose form is fixed; ours stands above it.
    name_files(out.split_once('\n').map_or("", |(_, drawing)| drawing), groups)
}

/// The excerpts of a diagnostic, by number.
struct Excerpts<'a>(&'a [Group<'a>]);

impl Cache<usize> for Excerpts<'_> {
    type Storage = String;

    fn fetch(&mut self, id: &usize) -> Result<&Source<String>, impl fmt::Debug> {
        self.0.get(*id).map(|group| &group.source).ok_or("no such excerpt")
    }

    fn display<'a>(&self, id: &'a usize) -> Option<impl fmt::Display + 'a> {
        Some(format!("{NAME}{id}{NAME}"))
    }
}

/// Puts names and places of files where ariadne wrote the number of an excerpt and a place in it.
fn name_files(text: &str, groups: &[Group<'_>]) -> String {
    let mut parts = text.split(NAME);
    let mut named = parts.next().unwrap_or("").to_owned();
    while let (Some(number), Some(rest)) = (parts.next(), parts.next()) {
        let group = number.parse().ok().and_then(|at: usize| groups.get(at));
        if let Some(spot) = group.and_then(|group| group.spots.first()) {
            named.push_str(&header(&spot.place));
        }
        named.push_str(rest.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit()));
    }
    named
}
