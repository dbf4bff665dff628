//! "Did you mean": the nearest of the words that are known.

/// The known word that was probably meant, if any is near enough: a slip for each four letters, hyphens and case free.
pub(super) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_ascii_lowercase().replace(['-', ' '], "_");
    let written = plain(written);
    let allowed = 1 + written.chars().count() / 4;
    let distances = known
        .into_iter()
        .map(|word| (strsim::osa_distance(&written, &plain(word)), word));
    distances
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// "did you mean" the nearest word, or else all of them.
pub(super) fn remedy(written: &str, known: &[&str]) -> String {
    if let Some(word) = nearest(written, known.iter().copied()) {
        return format!("did you mean `{word}`?");
    }
    any_of(known)
}

/// "write" one of all the words.
pub(super) fn any_of(known: &[&str]) -> String {
    let quoted: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => format!("write {last}"),
        Some((last, others)) => format!("write {} or {last}", others.join(", ")),
        None => "remove it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_and_nothing_where_none_is_near() {
        let known = ["mode", "rules", "private_vpcs", "exclude_subnets"];
        assert_eq!(nearest("modes", known), Some("mode"));
        assert_eq!(nearest("private-vpc", known), Some("private_vpcs"));
        assert_eq!(nearest("Rules", known), Some("rules"));
        assert_eq!(nearest("webhook", known), None);
        assert_eq!(remedy("x", &["tags", "id"]), "write `tags` or `id`");
    }
}
