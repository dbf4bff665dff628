//! What the patterns of a policy stand for: `*` for any letters, `?` for one.

/// Whether a pattern matches every text.
pub(super) fn is_anything(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*')
}

/// Whether a pattern matches every action of every service.
pub(super) fn is_any_action(pattern: &str) -> bool {
    is_anything(pattern)
        || pattern
            .split_once(':')
            .is_some_and(|(service, action)| is_anything(service) && is_anything(action))
}

/// Whether a pattern matches whatever begins with this text: `s3:*` all that begins with `s3:`, and `s*` too.
pub(super) fn covers_all_that_begins_with(pattern: &str, beginning: &str) -> bool {
    let head = pattern.trim_end_matches('*');
    let parts = (0..=beginning.len()).filter_map(|length| beginning.get(..length));
    head.len() < pattern.len() && parts.into_iter().any(|part| matches(head, part))
}

/// Whether a pattern of actions may match any action of a service.
pub(super) fn may_be_of_service(pattern: &str, service: &str) -> bool {
    match pattern.split_once(':') {
        Some((of, _)) => matches(of, service),
        None => is_anything(pattern) || pattern.contains(['*', '?']),
    }
}

/// Whether a pattern matches a text: from the left, with the last star to fall back on.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut from, mut star) = (0, 0, None);
    while let Some(letter) = text.get(from) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(wanted) if wanted == letter || *wanted == b'?' => {
                at += 1;
                from += 1;
            }
            _ => match star {
                Some((position, taken)) => {
                    star = Some((position, taken + 1));
                    at = position + 1;
                    from = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_letters_and_a_question_mark_for_one() {
        for (pattern, text, is_match) in [
            ("", "", true),
            ("*", "", true),
            ("*", "anything", true),
            ("s3", "s3", true),
            ("s?", "s3", true),
            ("s?", "s", false),
            ("*s3*", "aws3:x", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("s3", "s3:", false),
        ] {
            assert_eq!(matches(pattern, text), is_match, "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_covers_a_service_where_it_leaves_none_of_its_actions_out() {
        for whole in ["*", "*:*", "s3:*", "s*", "s3:**", "?3:*", "**"] {
            assert!(covers_all_that_begins_with(whole, "s3:"), "{whole}");
        }
        for part in [
            "",
            "s3:Get*",
            "s3:*Object",
            "ecr:*",
            "s3",
            "s3:",
            "S3:*",
            "s3:?*",
            "s4*",
        ] {
            assert!(!covers_all_that_begins_with(part, "s3:"), "{part}");
        }
    }

    #[test]
    fn a_pattern_may_be_of_a_service_unless_it_names_another() {
        for (pattern, may_be) in [
            ("s3:GetObject", true),
            ("*:Get*", true),
            ("*", true),
            ("s*", true),
            ("iam:*", false),
            ("ec?:*", false),
        ] {
            assert_eq!(may_be_of_service(pattern, "s3"), may_be, "{pattern}");
        }
    }
}
