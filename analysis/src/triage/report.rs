//! The report of a week, as Markdown: a function of values alone, so that the page, the command line
//! and what is posted say the same.

mod sections;

use jiff::civil::Date;
use shared_types::api::TriageEntry;
use shared_types::comparison::Verdict;
use shared_types::triage::IsoWeek;
use shared_types::upkeep::FalseAlarmRate;
use shared_types::{ConfigurationId, Tier};

use crate::words::counted;

/// What a report is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedWeek {
    /// The week.
    pub week: IsoWeek,
    /// What was found in that week for the better or the worse, the last first.
    pub entries: Vec<TriageEntry>,
    /// What was found before and still waits for somebody, the last first.
    pub carried_over: Vec<TriageEntry>,
    /// The configurations with their tiers, gating ones first, and how often the A/A comparisons of
    /// each called noise a change.
    pub configurations: Vec<ReportedConfiguration>,
    /// Who decides where the policy cannot.
    pub decides: String,
    /// Where the page is, without a slash at its end, where that is known.
    pub page: Option<String>,
}

/// A configuration that is told of.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedConfiguration {
    /// Its id.
    pub id: ConfigurationId,
    /// Its tier by the policy.
    pub tier: Tier,
    /// Its false-alarm rates.
    pub false_alarms: Vec<FalseAlarmRate>,
}

/// The report.
pub fn markdown(reported: &ReportedWeek) -> String {
    let mut parts = vec![
        format!("# Performance triage, {}", title(reported.week)),
        summary(reported),
    ];
    parts.extend(sections::conflicts(reported));
    for configuration in &reported.configurations {
        parts.extend(sections::of_configuration(reported, configuration));
    }
    parts.extend(sections::carried_over(reported));
    parts.extend(sections::who_is_to_look(reported));
    parts.push(sections::trust(reported));
    format!("{}\n", parts.join("\n\n"))
}

/// As much of a report as one message holds, cut between two lines, and what to do for the rest.
pub fn shortened(markdown: &str, characters_max: usize, rest: &str) -> String {
    if markdown.chars().count() <= characters_max {
        return markdown.to_owned();
    }
    let end = format!("\n{rest}\n");
    let mut room = characters_max.saturating_sub(end.chars().count());
    let mut kept = String::new();
    for line in markdown.split_inclusive('\n') {
        let length = line.chars().count();
        if length > room {
            break;
        }
        room -= length;
        kept.push_str(line);
    }
    format!("{kept}{end}")
}

fn title(week: IsoWeek) -> String {
    let day = |date: Date| format!("{} {}", date.day(), MONTHS[(date.month() - 1) as usize]);
    let (monday, sunday) = (week.monday(), week.sunday());
    format!(
        "{week} ({} to {} {})",
        day(monday),
        day(sunday),
        sunday.year()
    )
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The week in two sentences.
fn summary(reported: &ReportedWeek) -> String {
    let worse = reported.entries.iter().filter(|entry| got_worse(entry));
    let worse: Vec<&TriageEntry> = worse.collect();
    let conflicts = worse.iter().filter(|entry| entry.conflict).count();
    let open = worse.iter().filter(|entry| entry.state.is_open()).count();
    if worse.is_empty() && reported.carried_over.is_empty() {
        return "Nothing got worse, and nothing from before waits for anybody.".to_owned();
    }
    let agreeing = |count: usize, one: &str, several: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {several}"),
    };
    format!(
        "{} made something worse under at least one configuration; {} for somebody, and {}. From \
         before, {} still.",
        counted(worse.len(), "change"),
        agreeing(open, "waits", "wait"),
        agreeing(conflicts, "is a conflict", "are conflicts"),
        agreeing(reported.carried_over.len(), "waits", "wait"),
    )
}

fn got_worse(entry: &TriageEntry) -> bool {
    entry
        .configurations
        .iter()
        .any(|one| matches!(one.verdict, Verdict::Regressed | Verdict::Mixed))
}

#[cfg(test)]
mod tests;
