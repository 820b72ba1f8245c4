//! The arguments of a Windows command line.

/// Splits a command line as `CommandLineToArgvW` does. None for an empty one, to which the function gives
/// the name of the running program.
///
/// The program name comes first and knows quotes only. Behind it, white space separates; in quotes it does
/// not. `2n` backslashes before a quote are `n` backslashes and the quote counts, `2n+1` are `n` backslashes
/// and a literal quote; elsewhere a backslash is itself. Two quotes inside a quoted part are one quote.
pub(crate) fn arguments(command_line: &str) -> Option<Vec<String>> {
    if command_line.is_empty() {
        return None;
    }
    let mut rest = command_line.chars().peekable();
    let mut arguments = vec![program(&mut rest)];
    loop {
        while rest.next_if(|sign| is_blank(*sign)).is_some() {}
        if rest.peek().is_none() {
            return Some(arguments);
        }
        arguments.push(argument(&mut rest));
    }
}

type Rest<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn is_blank(sign: char) -> bool {
    matches!(sign, ' ' | '\t')
}

fn program(rest: &mut Rest<'_>) -> String {
    let quoted = rest.next_if_eq(&'"').is_some();
    let mut name = String::new();
    for sign in rest.by_ref() {
        if (quoted && sign == '"') || (!quoted && is_blank(sign)) {
            break;
        }
        name.push(sign);
    }
    name
}

fn argument(rest: &mut Rest<'_>) -> String {
    let mut argument = String::new();
    let mut in_quotes = false;
    while let Some(sign) = rest.next_if(|sign| in_quotes || !is_blank(*sign)) {
        match sign {
            '\\' => {
                let mut backslashes = 1_usize;
                while rest.next_if_eq(&'\\').is_some() {
                    backslashes = backslashes.saturating_add(1);
                }
                let before_quote = rest.peek() == Some(&'"');
                let kept = if before_quote { backslashes / 2 } else { backslashes };
                argument.extend(std::iter::repeat_n('\\', kept));
                if before_quote && backslashes % 2 == 1 {
                    rest.next();
                    argument.push('"');
                }
            }
            '"' if in_quotes && rest.next_if_eq(&'"').is_some() => argument.push('"'),
            '"' => in_quotes = !in_quotes,
            other => argument.push(other),
        }
    }
    argument
}

#[cfg(test)]
mod tests {
    use super::arguments;

    fn split(command_line: &str) -> Vec<String> {
        arguments(command_line).unwrap_or_default()
    }

    #[test]
    fn blanks_separate_unless_quoted() {
        assert_eq!(split(r"cmd.exe  /c	dir"), ["cmd.exe", "/c", "dir"]);
        assert_eq!(split(r#"cmd.exe "/c dir" x"#), ["cmd.exe", "/c dir", "x"]);
        assert_eq!(split(r#"cmd.exe a" b"c "#), ["cmd.exe", "a bc"]);
        assert_eq!(split(r#"cmd.exe "" x"#), ["cmd.exe", "", "x"]);
    }

    #[test]
    fn the_program_name_takes_backslashes_as_they_are() {
        assert_eq!(split(r#""C:\Program Files\a\" b"#), [r"C:\Program Files\a\", "b"]);
        assert_eq!(split(r"C:\a\b.exe"), [r"C:\a\b.exe"]);
        assert_eq!(split(" x"), ["", "x"]);
    }

    #[test]
    fn backslashes_before_a_quote_are_halved() {
        assert_eq!(split(r#"p a\\\"b"#), ["p", r#"a\"b"#]);
        assert_eq!(split(r#"p "a\\" b"#), ["p", r"a\", "b"]);
        assert_eq!(split(r#"p \"a b\""#), ["p", r#""a"#, r#"b""#]);
        assert_eq!(split(r"p a\\b"), ["p", r"a\\b"]);
    }

    #[test]
    fn two_quotes_inside_quotes_are_one() {
        assert_eq!(split(r#"p "a""b""#), ["p", r#"a"b"#]);
    }

    #[test]
    fn an_empty_command_line_has_no_arguments_of_its_own() {
        assert_eq!(arguments(""), None);
    }
}
