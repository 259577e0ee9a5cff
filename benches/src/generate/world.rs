//! One organisation: its LMS, its learners, its courses. Everything follows from the seed.

use uuid::Uuid;

use super::words::{FAMILY, FORMS, GIVEN, LANGUAGES, SENTENCES, SYLLABLES, TOPICS};
use super::{Rng, Style};

pub(super) struct World {
    /// Base URL of the LMS.
    pub lms: String,
    /// Name of the LMS's credential.
    pub key: String,
    /// Host of the content.
    pub content: String,
    pub courses: Vec<Course>,
    learners_seed: u64,
}

pub(super) struct Course {
    /// IRI that the publisher chose.
    pub publisher_id: String,
    /// IRI that the LMS made.
    pub lms_id: String,
    pub title: String,
    pub language: &'static str,
    pub style: Style,
    pub aus: Vec<Au>,
}

pub(super) struct Au {
    pub publisher_id: String,
    pub lms_id: String,
    pub title: String,
    pub description: &'static str,
    pub url: String,
    /// As it stands in the course structure.
    pub mastery_score: &'static str,
    pub move_on: &'static str,
}

pub(super) const LEARNERS: usize = 10_000;
const COURSES: usize = 40;

impl World {
    pub(super) fn new(rng: &mut Rng) -> World {
        let tld = rng.pick(&[
            "example.com",
            "example.org",
            "example.net",
            "lms.example",
            "edu.example",
        ]);
        let lms = format!("https://{}.{tld}", name(rng));
        let content = format!("https://{}.example.com/{}", name(rng), name(rng));
        let courses = (0..COURSES)
            .map(|_| Course::new(rng, &lms, &content))
            .collect();
        World {
            key: format!("{}-{}", name(rng), rng.below(90) + 10),
            lms,
            content,
            courses,
            learners_seed: rng.next_u64(),
        }
    }

    /// Account and full name of a learner; some write more than others.
    pub(super) fn learner(&self, rng: &mut Rng) -> Learner {
        let number = rng.below(LEARNERS).min(rng.below(LEARNERS));
        let mut own = Rng::new(self.learners_seed ^ number as u64);
        Learner {
            name: format!("{} {}", own.pick(GIVEN), own.pick(FAMILY)),
            account: match own.below(3) {
                0 => format!("{:06}", 100_000 + number),
                1 => own.uuid().to_string(),
                _ => format!("{}.{}", name(&mut own), number),
            },
        }
    }
}

pub(super) struct Learner {
    pub name: String,
    pub account: String,
}

impl Learner {
    /// The same for the same learner in the same course.
    pub(super) fn registration(&self, course: usize) -> Uuid {
        let hash = self.account.bytes().fold(course as u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Rng::new(hash).uuid()
    }
}

impl Course {
    fn new(rng: &mut Rng, lms: &str, content: &str) -> Course {
        let topic = rng.pick(TOPICS);
        let slug = topic.replace(' ', "-");
        let publisher_id = format!("{content}/courses/{slug}-{}", rng.below(1000));
        let aus = (0..3 + rng.below(8))
            .map(|n| Au::new(rng, lms, &publisher_id, topic, n))
            .collect();
        Course {
            lms_id: format!("{lms}/xapi/course/{}", rng.uuid()),
            title: format!("{} {topic}", rng.pick(FORMS)),
            language: rng.pick(LANGUAGES),
            style: rng.pick(&Style::ALL),
            publisher_id,
            aus,
        }
    }
}

impl Au {
    fn new(rng: &mut Rng, lms: &str, course: &str, topic: &str, n: usize) -> Au {
        Au {
            publisher_id: format!("{course}/au/{n}"),
            lms_id: format!("{lms}/xapi/au/{}", rng.uuid()),
            title: format!("{} {topic}, part {}", rng.pick(FORMS), n + 1),
            description: rng.pick(SENTENCES),
            url: format!("{course}/{n}/index.html"),
            mastery_score: rng.pick(&["0.8", "0.75", "0.9", "0.6", "1"]),
            move_on: rng.pick(&[
                "Passed",
                "Completed",
                "CompletedAndPassed",
                "CompletedOrPassed",
                "NotApplicable",
            ]),
        }
    }
}

/// A name that no list holds.
pub(super) fn name(rng: &mut Rng) -> String {
    (0..2 + rng.below(3)).map(|_| rng.pick(SYLLABLES)).collect()
}
