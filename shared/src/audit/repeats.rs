//! Acts that anybody can make happen, gathered so that nobody fills the disk with them.
//!
//! The first of a kind is written soon; the same again within the hour is counted, and told by one row at its
//! end. Kinds are bounded too: what comes beyond is told by one number.

use super::{Act, Sort};
use crate::ordered::OrderedMap;

/// Kinds of what anybody can make happen that are told apart within one hour.
pub const MOST_BY_ANYBODY: usize = 200;

/// Kinds of downloads that are told apart within one hour. Only those with an account make them, and an office opens many.
pub const MOST_DOWNLOADS: usize = 2_000;

/// How long repeats are gathered.
pub const WINDOW_MS: u64 = 60 * 60 * 1000;

/// What has come within the hour.
#[derive(Debug)]
pub struct Repeats {
    /// Kinds that are told apart.
    most: usize,
    /// As what the others are told, and what there are too many of.
    others: (Sort, &'static str),
    began_at: u64,
    /// Each kind, and how often it came again.
    kinds: OrderedMap<Act, u64>,
    due: Vec<Act>,
    beyond: u64,
}

impl Repeats {
    /// Of what anybody can make happen: wrong sign-ins, and what is refused.
    pub fn by_anybody() -> Self {
        Self::new(MOST_BY_ANYBODY, (Sort::Refusal, "names and addresses"))
    }

    /// Of downloads.
    pub fn of_downloads() -> Self {
        Self::new(MOST_DOWNLOADS, (Sort::Export, "attachments"))
    }

    fn new(most: usize, others: (Sort, &'static str)) -> Self {
        Self { most, others, began_at: 0, kinds: OrderedMap::new(), due: Vec::new(), beyond: 0 }
    }

    /// Something happened.
    pub fn note(&mut self, act: Act) {
        let kind = Act { at: 0, ..act.clone() };
        if let Some(again) = self.kinds.get_mut(&kind) {
            *again += 1;
        } else if self.kinds.len() < self.most {
            self.kinds.insert(kind, 0);
            self.due.push(act);
        } else {
            self.beyond += 1;
        }
    }

    /// What is to be written now, once; at the end of the hour with what came again.
    pub fn take(&mut self, now: u64) -> Vec<Act> {
        let is_over = now.abs_diff(self.began_at) >= WINDOW_MS;
        if is_over { self.take_all(now) } else { std::mem::take(&mut self.due) }
    }

    /// What is to be written where nothing more will come.
    pub fn take_all(&mut self, now: u64) -> Vec<Act> {
        self.began_at = now;
        let mut acts = std::mem::take(&mut self.due);
        for (kind, again) in std::mem::take(&mut self.kinds) {
            if again > 0 {
                let detail = format!("{} ({again} times more within the hour)", kind.detail);
                acts.push(Act { at: now, detail: detail.trim_start().to_owned(), ..kind });
            }
        }
        let beyond = std::mem::take(&mut self.beyond);
        if beyond > 0 {
            let (sort, what) = self.others;
            let detail = format!("{beyond} more within the hour, of too many {what} to list");
            acts.push(Act::new(now, sort).saying(detail));
        }
        acts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(at: u64, address: &str) -> Act {
        Act::new(at, Sort::SignInRefused).of(&"ani".parse().unwrap()).from(address)
    }

    #[test]
    fn first_is_written_at_once_and_repeats_by_one_row_at_the_end_of_the_hour() {
        let mut repeats = Repeats::by_anybody();
        repeats.take(WINDOW_MS);
        for at in 0..50 {
            repeats.note(wrong(WINDOW_MS + at, "127.0.0.1"));
        }
        assert_eq!(repeats.take(WINDOW_MS + 60), [wrong(WINDOW_MS, "127.0.0.1")]);
        assert_eq!(repeats.take(WINDOW_MS + 61), []);
        let told = repeats.take(2 * WINDOW_MS);
        assert_eq!(told, [wrong(2 * WINDOW_MS, "127.0.0.1").saying("(49 times more within the hour)")]);
        assert_eq!(repeats.take(3 * WINDOW_MS), []);
    }

    #[test]
    fn rows_of_an_hour_are_bounded_whatever_comes() {
        let mut repeats = Repeats::by_anybody();
        repeats.take(WINDOW_MS);
        let mut written = 0;
        for n in 0..10_000 {
            repeats.note(wrong(WINDOW_MS + n, &format!("127.0.{}.{}", n / 250, n % 250)));
            written += repeats.take(WINDOW_MS + n).len();
        }
        assert_eq!(written, MOST_BY_ANYBODY);
        let told = repeats.take(2 * WINDOW_MS);
        assert_eq!(told.len(), 1);
        assert!(told[0].detail.starts_with("9800 more"), "{told:?}");
    }
}
